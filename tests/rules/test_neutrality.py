"""The decision favours nobody: what must not matter does not, and what helps never hurts."""

import random

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import decide, load_knowledge
from rules.model import Answers, Measurements
from rules.relevance import pointless

KNOWLEDGE = load_knowledge()
QUICK = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@st.composite
def answer_sets(draw):
    """Any answers a person could give, open ones among them."""
    answers = {}
    for question in KNOWLEDGE.questions:
        options = [option.id for option in question.options]
        if question.multiple:
            chosen = draw(st.lists(st.sampled_from(options), max_size=2, unique=True))
            if "none" in chosen:
                chosen = ["none"]
            if chosen:
                answers[question.id] = tuple(chosen)
        elif draw(st.integers(0, 9)):
            answers[question.id] = draw(st.sampled_from(options))
    return Answers(answers=answers)


def from_conftest(answers, knowledge=KNOWLEDGE, draws=60):
    from datetime import date

    return decide(knowledge, answers, Measurements(), date(2026, 11, 21), draws=draws)


def order(recommendation):
    return [one.framework for one in recommendation.ranking]


def scores(recommendation):
    return {one.framework: one.score for one in recommendation.ranking}


@QUICK
@given(answer_sets(), st.sampled_from([framework.id for framework in KNOWLEDGE.frameworks]))
def test_hiding_one_reorders_nobody_else_and_changes_nobodys_values(answers, hidden):
    before = from_conftest(answers)
    after = from_conftest(msgspec.structs.replace(answers, exclude={hidden: "not wanted"}))
    assert order(after) == [name for name in order(before) if name != hidden]
    for name, score in scores(after).items():
        assert score == scores(before)[name]
    values = {one.framework: one.contributions for one in before.ranking}
    assert all(one.contributions == values[one.framework] for one in after.ranking)


@QUICK
@given(answer_sets(), st.sampled_from([framework.id for framework in KNOWLEDGE.frameworks]))
def test_a_clone_stands_beside_its_original_and_moves_nobody(answers, cloned):
    before = from_conftest(answers)
    original = next(one for one in KNOWLEDGE.frameworks if one.id == cloned)
    twin = msgspec.structs.replace(original, id=f"{cloned}_twin")
    after = from_conftest(
        answers,
        msgspec.structs.replace(KNOWLEDGE, frameworks=(*KNOWLEDGE.frameworks, twin)),
    )
    assert [name for name in order(after) if name != twin.id] == order(before)
    assert {name: score for name, score in scores(after).items() if name != twin.id} == scores(
        before
    )
    if cloned in scores(before):
        assert scores(after)[twin.id] == scores(before)[cloned]
        shares = {one.framework: one.top_share for one in after.ranking}
        assert shares[twin.id] == shares[cloned]
        assert shares[cloned] == next(
            one.top_share for one in before.ranking if one.framework == cloned
        )


@QUICK
@given(answer_sets(), st.randoms(use_true_random=False))
def test_the_order_of_frameworks_facts_and_options_changes_nothing(answers, shuffle: random.Random):
    def shuffled(items):
        items = list(items)
        shuffle.shuffle(items)
        return tuple(items)

    frameworks = [
        msgspec.structs.replace(
            one, facts=shuffled(one.facts), capabilities=shuffled(one.capabilities)
        )
        for one in KNOWLEDGE.frameworks
    ]
    questions = [
        msgspec.structs.replace(one, options=shuffled(one.options)) for one in KNOWLEDGE.questions
    ]
    mixed = msgspec.structs.replace(
        KNOWLEDGE,
        frameworks=tuple(sorted(frameworks, key=lambda one: one.id)),
        questions=tuple(questions),
    )
    before, after = from_conftest(answers), from_conftest(answers, mixed)
    assert order(after) == order(before)
    assert scores(after) == scores(before)
    assert after.ruled_out == before.ruled_out


@QUICK
@given(answer_sets(), st.data())
def test_raising_a_level_never_lowers_a_rank(answers, data):
    before = from_conftest(answers)
    if not before.ranking:
        return
    chosen = data.draw(st.sampled_from(before.ranking))
    used = [name for part in chosen.contributions for name in part.facts]
    if not used:
        return
    fact_id = data.draw(st.sampled_from(sorted(used)))
    frameworks = []
    for framework in KNOWLEDGE.frameworks:
        facts = tuple(
            msgspec.structs.replace(one, level=min(4, one.level + 1)) if one.id == fact_id else one
            for one in framework.facts
        )
        frameworks.append(msgspec.structs.replace(framework, facts=facts))
    after = from_conftest(answers, msgspec.structs.replace(KNOWLEDGE, frameworks=tuple(frameworks)))
    owner = fact_id.split(".")[0]
    rank = {one.framework: one.rank for one in before.ranking}
    assert next(one.rank for one in after.ranking if one.framework == owner) <= rank[owner]


@QUICK
@given(answer_sets(), st.sampled_from([one.id for one in KNOWLEDGE.criteria]))
def test_splitting_a_criterion_in_its_group_changes_no_rank(answers, split):
    criteria, frameworks = [], []
    for one in KNOWLEDGE.criteria:
        if one.id == split:
            half = msgspec.structs.replace(one, weight=one.weight / 2)
            criteria += [half, msgspec.structs.replace(half, id=f"{split}_b")]
        else:
            criteria.append(one)
    for framework in KNOWLEDGE.frameworks:
        copies = tuple(
            msgspec.structs.replace(one, id=f"{one.id}.b", criterion=f"{split}_b")
            for one in framework.facts
            if one.criterion == split
        )
        frameworks.append(msgspec.structs.replace(framework, facts=framework.facts + copies))
    rules = [
        msgspec.structs.replace(rule, id=f"{rule.id}.b", target=f"{split}_b")
        for rule in KNOWLEDGE.weight_rules
        if rule.target == split
    ]
    base = msgspec.structs.replace(
        KNOWLEDGE,
        criteria=tuple(criteria),
        frameworks=tuple(frameworks),
        weight_rules=(*KNOWLEDGE.weight_rules, *rules),
    )
    if split == "performance":
        return  # Speed counts only by its own name, and weighs nothing here.
    before, after = from_conftest(answers), from_conftest(answers, base)
    assert order(after) == order(before)
    for name, score in scores(after).items():
        assert score == pytest.approx(scores(before)[name], abs=2e-6)


@QUICK
@given(answer_sets(), st.floats(0.01, 100))
def test_scaling_all_weights_changes_nothing(answers, factor):
    """Those of the groups, and inside each group those of its criteria."""

    def scaled(entries):
        return tuple(msgspec.structs.replace(one, weight=one.weight * factor) for one in entries)

    base = msgspec.structs.replace(
        KNOWLEDGE, groups=scaled(KNOWLEDGE.groups), criteria=scaled(KNOWLEDGE.criteria)
    )
    before, after = from_conftest(answers), from_conftest(answers, base)
    # Bits apart at most, which rounding to six digits can show as one in the last.
    for name, score in scores(after).items():
        assert score == pytest.approx(scores(before)[name], abs=2e-6)
    assert after.verdict.kind == before.verdict.kind
    shares = {one.framework: one.first_rank_share for one in before.ranking}
    assert {one.framework: one.first_rank_share for one in after.ranking} == shares


@QUICK
@given(answer_sets(), st.data())
def test_an_answer_to_a_question_that_cannot_matter_changes_nothing_that_is_advised(answers, data):
    skipped = sorted(pointless(KNOWLEDGE, answers))
    if not skipped:
        return
    name = data.draw(st.sampled_from(skipped))
    asked = next(one for one in KNOWLEDGE.questions if one.id == name)
    option = data.draw(st.sampled_from([one.id for one in asked.options]))
    given_too = {**answers.answers, name: (option,) if asked.multiple else option}
    before = from_conftest(answers)
    after = from_conftest(msgspec.structs.replace(answers, answers=given_too))
    for part in ("verdict", "screen", "ruled_out", "stack", "plan"):
        assert getattr(after, part) == getattr(before, part), (name, part)


def test_an_answer_that_nothing_reads_changes_nothing(advice):
    assert order(advice()) == order(advice(tracking="local"))
    assert scores(advice()) == scores(advice(tracking="local"))


def random_answers(generator: random.Random) -> dict:
    answers = {}
    for question in KNOWLEDGE.questions:
        option = generator.choice(question.options).id
        answers[question.id] = (option,) if question.multiple else option
    return answers


def test_every_live_framework_is_first_for_some_persona_or_is_a_named_niche():
    first = {name for persona in KNOWLEDGE.personas for name in persona.expect.winner}
    for framework in KNOWLEDGE.frameworks:
        if framework.lifecycle in ("active", "maintenance"):
            assert framework.id in first or framework.niche, framework.id


def test_the_ruled_out_are_never_ranked_and_nobody_is_dropped():
    generator = random.Random(7)
    for _ in range(60):
        result = from_conftest(Answers(answers=random_answers(generator)), draws=20)
        ranked = set(order(result))
        closed = {one.framework for one in result.ruled_out}
        assert not ranked & closed
        assert ranked | closed == {one.id for one in KNOWLEDGE.frameworks}
