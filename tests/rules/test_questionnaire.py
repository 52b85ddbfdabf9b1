"""The questions as a person meets them: order, Back, what is skipped, filled in and settled."""

import itertools
import random
from datetime import date

import msgspec
import pytest

from rules import decide
from rules.conditions import wanted
from rules.loading import AnswersError
from rules.model import Answers, Measurements
from rules.questionnaire import (
    Flow,
    applicable,
    option_effects,
    pointless,
    prefill,
    repaired,
    settled,
)

TODAY = date(2026, 11, 21)
CORE = [
    "work", "domain", "goal", "lifetime", "existing_code", "train_where", "training_hardware",
    "os", "python_version", "training_scale", "deployment", "team_experience", "team_background",
]  # fmt: skip
LATER = ["data_size", "cloud", "constraints", "special_needs", "tracking"]


@pytest.fixture
def flow(knowledge):
    return Flow.start(knowledge, Answers())


def walk(flow, choose):
    """Answer until nothing is asked; the ids in the order they came."""
    asked = []
    while flow.question is not None:
        asked.append(flow.position)
        flow = flow.answer(choose(flow.question))
    return flow, asked


def first_option(question):
    return question.options[0].id


def test_core_questions_come_first_in_their_order_with_the_machines_after_where(flow):
    _, asked = walk(flow, lambda question: "unknown")
    assert asked == CORE + LATER


def test_the_first_verdict_is_due_when_the_core_is_done(flow):
    while not flow.core_done:
        assert flow.position in CORE
        flow = flow.answer(first_option(flow.question))
    assert flow.position in LATER
    assert not {name for name in LATER if name in flow.answers.answers}


def all_pairs(questions, generator):
    """Sets of answers in which any two answers to any two questions occur together, greedily."""
    options = {one.id: [*(option.id for option in one.options), "unknown"] for one in questions}
    missing = {  # in their order, for the same rows each time
        frozenset(((first, a), (second, b))): None
        for first, second in itertools.combinations(options, 2)
        for a in options[first]
        for b in options[second]
    }
    while missing:
        row = dict(next(iter(missing)))
        for name in generator.sample(list(options), len(options)):
            if name not in row:
                gains = {
                    option: sum(frozenset(((name, option), one)) in missing for one in row.items())
                    for option in options[name]
                }
                row[name] = max(gains, key=lambda option: (gains[option], generator.random()))
        for pair in itertools.combinations(row.items(), 2):
            missing.pop(frozenset(pair), None)
        yield row


def check_walk(flow, choose):
    """Walk to the end: the order is kept, nothing is asked twice, only what cannot matter is
    passed over, the first verdict comes once, and Back from each state is the state before."""
    order = CORE + LATER
    states, asked = [flow], []
    while flow.question is not None:
        asked.append(flow.position)
        assert (flow.question.stage == "later") == flow.core_done
        flow = flow.answer(choose(flow.question))
        states.append(flow)
    assert asked == [name for name in order if name in asked]
    passed_over = pointless(flow.knowledge, flow.answers)
    assert set(order) - set(asked) == set(passed_over) - set(asked)
    for before, after in itertools.pairwise(states):
        assert after.back() == before
    assert states[0].back() == states[0]
    return asked


def test_every_pair_of_answers_is_walked_and_back_is_exact_from_each_step(knowledge, flow):
    generator = random.Random(20261121)
    rows = list(all_pairs(knowledge.questions, generator))
    walks = [check_walk(flow, lambda question, row=row: row[question.id]) for row in rows]
    assert len(rows) > 200
    assert {len(one) for one in walks} > {len(CORE + LATER)}, "nothing was ever passed over"


def test_random_walks_with_detours_end_and_come_all_the_way_back(flow):
    """Going to any question in between, answering several options, changing earlier answers."""
    generator = random.Random(20261121)
    order = CORE + LATER
    for _ in range(60):
        states = [flow]
        while states[-1].question is not None and len(states) < 80:
            now = states[-1]
            if generator.random() < 0.2:
                states.append(now.go_to(generator.choice(order)))
                continue
            options = [one.id for one in now.question.options]
            value = generator.choice([*options, "unknown"])
            if now.question.multiple and generator.random() < 0.5:
                several = generator.sample([one for one in options if one != "none"], 2)
                value = tuple(several)
            states.append(now.answer(value))
        assert states[-1].position is None
        now = states[-1]
        for before in reversed(states[:-1]):
            now = now.back()
            assert now == before
        assert now == flow


def test_a_first_verdict_names_somebody_after_the_core_whatever_was_answered(knowledge, flow):
    generator = random.Random(5)
    for _ in range(12):
        now = flow
        while not now.core_done:
            now = now.answer(generator.choice([one.id for one in now.question.options]))
        result = decide(knowledge, now.answers, Measurements(), TODAY, draws=20)
        assert result.verdict.framework is not None or result.verdict.kind == "none"
        passed_over = set(pointless(knowledge, now.answers))
        assert set(result.open_questions) == set(LATER) | passed_over
        assert {result.open_questions[name] for name in passed_over} <= {0.0}


def test_repairing_a_contradiction_takes_one_step_and_gives_what_was_read(knowledge, ordinary):
    """For each contradiction of the base that says how it is read."""
    repairable = [one for one in knowledge.conflicts if one.set]
    assert len(repairable) >= 6
    for one in repairable:
        told = {name: wanted(one.when, name)[0] for name in one.when}
        answers = Answers(answers={**ordinary, **told})
        (found,) = [
            each for each in settled(knowledge, answers, TODAY).conflicts if each.id == one.id
        ]
        mended = repaired(answers, found)
        assert mended.answers == {**answers.answers, **one.set}
        assert one.id not in {each.id for each in settled(knowledge, mended, TODAY).conflicts}
        before, after = (
            decide(knowledge, each, Measurements(), TODAY, draws=20) for each in (answers, mended)
        )
        assert before.ranking == after.ranking
        assert before.ruled_out == after.ruled_out


def test_going_back_to_a_question_keeps_the_other_answers(flow):
    flow, _ = walk(flow, first_option)
    before = flow.answers.answers
    changed = flow.go_to("goal").answer("research")
    assert changed.answers.answers == {**before, "goal": "research"}
    assert changed.position is None


def test_a_wrong_answer_is_refused_and_nothing_moves(flow):
    with pytest.raises(AnswersError, match="did you mean 'scratch'"):
        flow.answer("scratsh")
    assert flow.position == "work"
    with pytest.raises(KeyError):
        flow.go_to("colour")
    finished, _ = walk(flow, first_option)
    with pytest.raises(ValueError, match="no question"):
        finished.answer("scratch")


def test_a_flow_resumes_where_answers_are_missing(knowledge, ordinary):
    given = {name: value for name, value in ordinary.items() if name not in ("goal", "os")}
    assert Flow.start(knowledge, Answers(answers=given)).position == "goal"


def test_a_question_is_asked_only_where_its_condition_holds(knowledge):
    questions = tuple(
        msgspec.structs.replace(one, ask_when={"work": ("scratch", "fine_tune")})
        if one.id == "training_scale"
        else one
        for one in knowledge.questions
    )
    base = msgspec.structs.replace(knowledge, questions=questions)

    def asked(work):
        return [one.id for one in applicable(base, Answers(answers={"work": work}))]

    assert "training_scale" in asked("scratch")
    assert "training_scale" not in asked("run_only")


FACTS = {"training_hardware": "nvidia_gpu", "os": "windows", "python_version": "3.12"}


def test_this_machines_facts_are_filled_in_and_never_over_an_answer(knowledge):
    answers = Answers(answers={"train_where": "this_machine", "os": "wsl2"})
    filled = prefill(knowledge, answers, FACTS).answers
    assert filled["training_hardware"] == "nvidia_gpu"
    assert filled["python_version"] == "3.12"
    assert filled["os"] == "wsl2"


@pytest.mark.parametrize("where", ["other_machine", "cloud", "unknown"])
def test_another_machines_facts_are_not_filled_in(knowledge, where):
    answers = Answers(answers={"train_where": where})
    assert prefill(knowledge, answers, FACTS) == answers


def test_what_the_probe_does_not_know_stays_open(knowledge):
    answers = Answers(answers={"train_where": "this_machine"})
    assert "os" not in prefill(knowledge, answers, {"os": "unknown"}).answers


def test_what_is_settled_is_what_the_decision_says(knowledge, ordinary):
    answers = Answers(answers={**ordinary, "os": "windows", "goal": "unknown"})
    quick = settled(knowledge, answers, TODAY)
    full = decide(knowledge, answers, Measurements(), TODAY, draws=20)
    assert quick.ruled_out == full.ruled_out
    assert quick.open_questions == full.open_questions
    assert quick.conflicts == full.conflicts


@pytest.mark.parametrize(
    ("question", "others"),
    [
        ("training_hardware", {}),
        ("training_hardware", {"os": "macos_arm", "domain": ("llm",), "deployment": ("none",)}),
        ("os", {"training_hardware": "tpu", "team_background": ("jax",)}),
        ("existing_code", {"domain": ("recommender",)}),
        ("work", {}),
    ],
)
def test_the_share_of_changing_options_is_what_trying_them_gives(
    knowledge, ordinary, question, others
):
    given = {name: value for name, value in {**ordinary, **others}.items() if name != question}
    share = settled(knowledge, Answers(answers=given), TODAY).open_questions[question]
    asked = next(one for one in knowledge.questions if one.id == question)

    def first(answers):
        verdict = decide(knowledge, Answers(answers=answers), Measurements(), TODAY, draws=5)
        return verdict.verdict.framework

    tried = [
        first({**given, question: (one.id,) if asked.multiple else one.id}) for one in asked.options
    ]
    changed = sum(one != first(given) for one in tried) / len(tried)
    assert share == pytest.approx(changed, abs=1e-6)


def test_a_plan_only_question_never_changes_the_winner(knowledge, ordinary):
    shares = settled(knowledge, Answers(answers=ordinary), TODAY).open_questions
    assert shares["tracking"] == 0


def test_an_option_says_beforehand_whom_it_would_rule_out(knowledge, ordinary):
    given = {**ordinary, "training_hardware": "nvidia_gpu"}
    effects = option_effects(knowledge, Answers(answers=given), "os", TODAY)
    assert set(effects) == {"linux", "windows", "wsl2", "macos_arm", "macos_intel"}
    assert {one.framework for one in effects["windows"]} >= {"tensorflow", "jax"}
    for option, gone in effects.items():
        after = settled(knowledge, Answers(answers={**given, "os": option}), TODAY).ruled_out
        assert set(gone) <= set(after)
