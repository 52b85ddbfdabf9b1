"""What would change the winner, by brute force: weights and values are set to either side of what
the closed form says, and everything is decided anew."""

from datetime import date

import msgspec
import pytest

from rules import decide
from rules.model import Answers, Fact, Group, Measurements

TODAY = date(2026, 11, 21)
STEP = 0.002
"""To either side of a flip; shown figures are rounded to six digits."""
TEAMS = [
    "student",
    "tfx_bank",
    *(
        pytest.param(name, marks=pytest.mark.slow)
        for name in ("tpu_vision_team", "mac_local_llm", "caffe_leaver", "quantum_lab")
    ),
]


@pytest.fixture(scope="module", params=TEAMS)
def case(request, knowledge):
    (persona,) = [one for one in knowledge.personas if one.id == request.param]
    answers = Answers(answers=persona.answers)
    return answers, decide(knowledge, answers, Measurements(), TODAY, draws=2)


def weighing(knowledge, weights):
    """The base with exactly these weights: each criterion a group of its own, no weight rules."""
    return msgspec.structs.replace(
        knowledge,
        weight_rules=(),
        groups=tuple(
            Group(id=f"g_{name}", name=name, weight=weight) for name, weight in weights.items()
        ),
        criteria=tuple(
            msgspec.structs.replace(
                one, group=f"g_{one.id}", weight=float(weights[one.id] > 0), unless={}
            )
            for one in knowledge.criteria
        ),
    )


def places(result):
    return {one.framework: one.rank for one in result.ranking}


def test_at_each_flip_the_two_change_places_when_all_is_decided_anew(knowledge, case):
    answers, before = case
    weights = {part.criterion: part.weight for part in before.ranking[0].contributions}
    leader = before.ranking[0].framework
    again = decide(weighing(knowledge, weights), answers, Measurements(), TODAY, draws=2)
    assert [one.framework for one in again.ranking] == [one.framework for one in before.ranking]
    assert before.flips
    for flip in before.flips:
        ahead = {}
        for at in (flip.flips_at - STEP, flip.flips_at + STEP):
            if not 0 < at < 1:
                continue
            others = (1 - at) / (1 - weights[flip.criterion])
            moved = {name: weight * others for name, weight in weights.items()}
            moved[flip.criterion] = at
            place = places(
                decide(weighing(knowledge, moved), answers, Measurements(), TODAY, draws=2)
            )
            beyond = (at > flip.flips_at) == (flip.flips_at > flip.weight)
            ahead[beyond] = place[flip.challenger] < place[leader]
        assert ahead.get(True, True), flip
        assert not ahead.get(False, False), flip


def with_values(knowledge, framework, values):
    """The base in which one framework has these values on these criteria, whatever is answered."""

    def changed(one):
        if one.id != framework:
            return one
        kept = tuple(fact for fact in one.facts if fact.criterion not in values)
        set_ = tuple(
            Fact(
                id=f"{framework}.{name}.set", criterion=name, level=value * 4, grade="official",
                reason="Set.", source="editorial", as_of="2026-11",
            )
            for name, value in values.items()
        )  # fmt: skip
        derived = tuple(
            msgspec.structs.replace(
                each, criteria=tuple(name for name in each.criteria if name not in values)
            )
            for each in one.derived
        )
        return msgspec.structs.replace(one, facts=kept + set_, derived=derived)

    return msgspec.structs.replace(knowledge, frameworks=tuple(map(changed, knowledge.frameworks)))


def gap(knowledge, answers, leader, other):
    result = decide(knowledge, answers, Measurements(), TODAY, draws=2)
    scores = {one.framework: one.score for one in result.ranking}
    return scores[leader] - scores[other]


def test_each_loser_draws_level_just_where_it_says(knowledge, case):
    """By one value: a little less is not enough, a little more is. By several at the top of the
    scale: all of them are enough, and all but the one that gives least are not."""
    answers, before = case
    leader = before.ranking[0].framework
    for one in before.why_not:
        if one.draws_level_at is not None:
            (name,) = one.draws_level_by
            low, high = (
                gap(
                    with_values(knowledge, one.framework, {name: one.draws_level_at + step}),
                    answers,
                    leader,
                    one.framework,
                )
                for step in (-STEP, STEP)
            )
            assert low > 0 > high, one
            continue
        assert len(one.draws_level_by) > 1
        top = dict.fromkeys(one.draws_level_by, 1.0)
        reached = with_values(knowledge, one.framework, top)
        assert gap(reached, answers, leader, one.framework) <= 2e-6
        *most, least = one.draws_level_by
        nearly = with_values(knowledge, one.framework, dict.fromkeys(most, 1.0))
        assert gap(nearly, answers, leader, one.framework) > 0, least
