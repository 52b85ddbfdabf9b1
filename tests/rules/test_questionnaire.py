"""The questions as a person meets them: order, Back, what is skipped, filled in and settled."""

import random
from datetime import date

import msgspec
import pytest

from rules import decide
from rules.loading import AnswersError
from rules.model import Answers, Measurements
from rules.questionnaire import Flow, applicable, option_effects, prefill, settled

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


def test_every_path_ends_and_never_asks_twice(flow):
    generator = random.Random(20261121)
    for _ in range(40):
        _, asked = walk(
            flow,
            lambda question: generator.choice([*(one.id for one in question.options), "unknown"]),
        )
        assert len(asked) == len(set(asked))
        assert set(asked) <= set(CORE + LATER)


def test_back_is_exact_from_everywhere(flow):
    states = [flow]
    while states[-1].question is not None:
        states.append(states[-1].answer(first_option(states[-1].question)))
    states.append(states[-1].go_to("goal"))
    states.append(states[-1].answer("research"))
    for earlier, state in zip(reversed(states[:-1]), reversed(states), strict=False):
        assert state.back() == earlier
    assert flow.back() == flow


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
