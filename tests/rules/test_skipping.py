"""A question that is skipped cannot matter: by enumeration on a small base, by trying on ours."""

import itertools
import random
from datetime import date

import msgspec
import pytest

from rules import decide, planning
from rules.conditions import options_of
from rules.model import (
    Answers,
    Capability,
    Conflict,
    Criterion,
    Exit,
    Fact,
    Framework,
    Gate,
    Group,
    Knowledge,
    Measurements,
    Option,
    Phase,
    Question,
    StackRule,
    Statement,
    WeightRule,
)
from rules.questionnaire import Flow, applicable, pointless, settled, to_ask
from rules.relevance import READ_BY_NAME, is_half_answered

TODAY = date(2026, 11, 21)
SOURCED = {"grade": "official", "source": "editorial", "as_of": "2026-11"}


def question(name, *options, stage="core", **more):
    return Question(
        id=name, stage=stage, text=name, help="", why="", topic=name,
        options=tuple(Option(id=one, text=one) for one in options), **more,
    )  # fmt: skip


def fact(framework, criterion, level, **when):
    name = ".".join((framework, criterion, *(f"{key}_{value}" for key, value in when.items())))
    return Fact(id=name, criterion=criterion, level=level, when=when, reason=name, **SOURCED)


def cannot(framework, **when):
    return Capability(
        id=f"{framework}.device", capability="device", state="none", when=when,
        reason="Cannot use it.", **SOURCED,
    )  # fmt: skip


def framework(name, *facts, capabilities=()):
    return Framework(
        id=name, name=name.upper(), maker="", first_release="", latest_release="", licence="",
        homepage="", summary="", lifecycle="active", lifecycle_reason="", lifecycle_source="",
        lifecycle_as_of="2026-11", best_at="", worst_at="", facts=facts, capabilities=capabilities,
    )  # fmt: skip


def small_base():
    """Everything that can read an answer, once: facts, weights, gates, an exit, a contradiction,
    the plan, a question asked only after another, and one that nothing reads."""
    levels = ("0", "1", "2", "3", "4")
    parts = dict(  # noqa: C408 - reads like the struct it becomes
        version="1", hash="small",
        frameworks=(
            framework("one", fact("one", "fit", 3), fact("one", "fit", 0, field="sound"),
                      fact("one", "ease", 1)),
            framework("other", fact("other", "fit", 2), fact("other", "ease", 4),
                      fact("other", "ease", 0, team="new"),
                      capabilities=(cannot("other", device="tpu"),)),
            framework("third", fact("third", "fit", 1), fact("third", "ease", 3),
                      capabilities=(cannot("third", device="tpu", system="windows"),)),
        ),
        questions=(
            question("work", "train", "run"),
            question("field", "sound", "image", multiple=True),
            question("team", "new", "old"),
            question("goal", "learn", "ship"),
            question("device", "gpu", "tpu", stage="machine"),
            question("system", "linux", "windows", stage="machine"),
            question("shade", "light", "dark", stage="later"),
        ),
        groups=(Group(id="g", name="g", weight=1),),
        criteria=tuple(
            Criterion(id=name, group="g", name=name, question="", weight=1, levels=levels,
                      over=over)
            for name, over in (("fit", "field"), ("ease", None))
        ),
        weight_rules=(
            WeightRule(id="w", when={"goal": "learn"}, target="ease", factor=3, reason=""),
        ),
        gates=(
            Gate(id="must_use", name="m", reason="m", kind="must_use"),
            Gate(id="exclude", name="e", reason="e", kind="exclude"),
            Gate(id="device", name="d", reason="d", kind="capability", capability="device"),
        ),
        conflicts=(
            Conflict(id="c", when={"device": "tpu", "system": "windows"}, severity="impossible",
                     question="?", reading="Linux", set={"system": "linux"}),
        ),
        exits=(Exit(id="runtime", name="A runtime", when={"work": "run"}, unless={"field": "sound"},
                    reason="r", facts=("s",)),),
        statements=(Statement(id="s", text="s", **SOURCED),),
        phases=(Phase(id="p", title="p", text="p", when={"goal": "ship", "work": "train"}),),
    )  # fmt: skip
    # Whatever else a base has is empty here.
    empty = {name: () for name in Knowledge.__struct_fields__ if name not in parts}
    return Knowledge(**parts, **empty)


def outcome(knowledge, answers, draws=8):
    result = decide(knowledge, answers, Measurements(), TODAY, draws=draws)
    told = (result.verdict, result.screen, result.ruled_out, result.stack, result.plan)
    return msgspec.json.encode(told)


def with_answer(answers, name, value):
    return msgspec.structs.replace(answers, answers={**answers.answers, name: value})


def values(question):
    options = [one.id for one in question.options]
    if not question.multiple:
        return options
    return [(one,) for one in options] + list(itertools.combinations(options, 2))


@pytest.mark.parametrize(
    "wishes",
    [{}, {"must_use": ("one",)}, {"must_use": ("third",)}, {"exclude": {"one": "no", "other": ""}}],
    ids=str,
)
def test_no_answer_to_a_skipped_question_matters_however_the_others_are_answered(wishes):
    """Over every state of a small base. From one state to all that follow it leads that what is
    skipped stays skipped when another question is answered."""
    base = small_base()
    choices = [[None, *values(one)] for one in base.questions]
    if wishes.get("exclude") or wishes.get("must_use"):
        choices = [
            some[:2] if name in ("team", "field") else some[:3]
            for name, some in zip((one.id for one in base.questions), choices, strict=True)
        ]
    names = [one.id for one in base.questions]
    skipped, told = {}, {}
    for state in itertools.product(*choices):
        given = {name: value for name, value in zip(names, state, strict=True) if value is not None}
        answers = Answers(answers=given, **wishes)
        skipped[state] = set(pointless(base, answers))
        told[state] = outcome(base, answers)
    seen = set()
    for state, names_skipped in skipped.items():
        for place, name in enumerate(names):
            for value in choices[place][1:] if state[place] is None else ():
                after = (*state[:place], value, *state[place + 1 :])
                if name in names_skipped:
                    assert told[after] == told[state], (state, name, value)
                    seen.add(name)
                assert names_skipped - {name} <= skipped[after], (state, name, value)
    # The base is not so small that nothing, or everything, is skipped.
    assert "shade" in seen
    assert any(None in state and not skipped[state] for state in told)
    if not wishes:
        assert {"team", "goal"} <= seen


def random_state(knowledge, generator):
    answers = {}
    for one in knowledge.questions:
        if generator.random() < 0.6:
            option = generator.choice(one.options).id
            answers[one.id] = (option,) if one.multiple else option
    wishes = generator.choice([{}, {}, {"must_use": (generator.choice(knowledge.frameworks).id,)}])
    return Answers(answers=answers, **wishes)


def test_no_answer_to_a_skipped_question_matters_in_our_base(knowledge):
    generator = random.Random(20261121)
    tried = set()
    for _ in range(150):
        answers = random_state(knowledge, generator)
        for name in pointless(knowledge, answers):
            before = outcome(knowledge, answers, draws=20)
            asked = next(one for one in knowledge.questions if one.id == name)
            option = generator.choice(asked.options).id
            value = (option,) if asked.multiple else option
            after = outcome(knowledge, with_answer(answers, name, value), draws=20)
            assert after == before, (answers, name, value)
            tried.add(name)
    assert "team_background" in tried


def test_what_the_plan_reads_without_conditions_is_known_to_the_skipping(knowledge, monkeypatch):
    """The plan's code reads these questions by name; any other it reads through `when`."""
    read = set()

    def spy(given, name):
        read.add(name)
        return options_of(given, name)

    monkeypatch.setattr(planning, "options_of", spy)
    generator = random.Random(1)
    for _ in range(20):
        decide(knowledge, random_state(knowledge, generator), Measurements(), TODAY, draws=2)
    assert read <= {*READ_BY_NAME, "deployment", "team_experience", "team_background"}


def test_after_an_exit_nobody_is_asked_for_what_only_ranks(knowledge):
    flow = Flow.start(knowledge, Answers()).answer("run_only")
    asked = []
    while flow.question is not None:
        asked.append(flow.position)
        flow = flow.answer("unknown")
    # The field still says which runtimes are told of.
    assert not {"training_scale", "team_background", "data_size"} & set(asked)
    assert "deployment" in asked
    reason = pointless(knowledge, flow.answers)["team_background"]
    assert reason.startswith("An inference runtime is the advice")


def test_a_skipped_question_can_be_answered_by_going_there_and_the_answer_stays(knowledge):
    flow = Flow.start(knowledge, Answers(answers={"work": "run_only"}))
    flow = flow.go_to("team_background").answer(("jax",))
    assert flow.answers.answers["team_background"] == ("jax",)
    assert "team_background" in {one.id for one in to_ask(knowledge, flow.answers)}
    changed = flow.go_to("work").answer("scratch")
    assert changed.answers.answers["team_background"] == ("jax",)


def test_a_skipped_question_is_asked_again_when_it_matters_again(knowledge):
    answers = Answers(answers={"work": "run_only"})
    assert "team_background" in pointless(knowledge, answers)
    assert "team_background" not in pointless(knowledge, with_answer(answers, "work", "scratch"))
    assert {one.id for one in applicable(knowledge, answers)} > {
        one.id for one in to_ask(knowledge, answers)
    }


def test_a_first_verdict_waits_for_no_skipped_question(knowledge, ordinary):
    given = {**ordinary, "work": "run_only"}
    del given["team_background"]
    flow = Flow.start(knowledge, Answers(answers=given))
    assert flow.core_done
    assert flow.question.stage == "later"
    assert "team_background" in settled(knowledge, flow.answers, TODAY).pointless


def test_with_one_left_the_reason_names_it(knowledge):
    # What an expert knows already decides what there is to read; of others nobody asks it.
    answers = Answers(must_use=("jax",), answers={"team_experience": "beginner"})
    assert pointless(knowledge, answers)["team_background"].startswith("Only JAX can be left")
    experts = Answers(must_use=("jax",), answers={"team_experience": "expert"})
    assert "team_background" not in pointless(knowledge, experts)
    nothing = Answers(must_use=("theano",))
    assert set(pointless(knowledge, nothing).values()) == {
        "Nothing is left to choose from, and no answer to this brings anything back."
    }


def test_a_question_that_cannot_matter_is_not_missed_for_a_verdict():
    """Half of the core has to be answered; what nothing reads does not count."""
    base = small_base()
    idle = [question(f"idle{number}", "a", "b") for number in range(9)]
    base = msgspec.structs.replace(base, questions=(*base.questions, *idle))
    answers = Answers(answers={"work": "train", "field": ("image",), "team": "old", "goal": "ship"})
    assert is_half_answered(base, answers)
    assert not is_half_answered(base, Answers(answers={"work": "train"}))
    # Half is enough, and answering what nothing reads does not help.
    two = {"work": "train", "goal": "ship"}
    assert is_half_answered(base, Answers(answers=two))
    idly = Answers(answers={"work": "train", **{one.id: "a" for one in idle}})
    assert not is_half_answered(base, idly)
    assert decide(base, answers, Measurements(), TODAY, draws=50).verdict.kind != "insufficient"


def test_a_condition_on_asking_makes_the_other_question_matter():
    base = small_base()
    questions = tuple(
        msgspec.structs.replace(one, ask_when={"shade": "dark"}) if one.id == "team" else one
        for one in base.questions
    )
    asking = msgspec.structs.replace(base, questions=questions)
    assert "shade" in pointless(base, Answers())
    assert "shade" not in pointless(asking, Answers())


def test_a_stack_rule_for_somebody_else_makes_no_question_matter():
    base = small_base()
    rule = StackRule(
        id="r", frameworks=("one",), when={"shade": "dark"}, part="training", component="x",
        reason="",
    )  # fmt: skip
    ruled = msgspec.structs.replace(base, stack_rules=(rule,))
    assert "shade" not in pointless(ruled, Answers())
    assert "shade" in pointless(ruled, Answers(exclude={"one": "not wanted"}))


def test_a_question_whose_contradiction_sets_another_matters_with_that_other():
    base = small_base()
    reading = Conflict(
        id="d", when={"shade": "dark"}, severity="odd", question="?", reading="",
        set={"team": "new"},
    )  # fmt: skip
    contradicting = msgspec.structs.replace(base, conflicts=(*base.conflicts, reading))
    assert "shade" not in pointless(contradicting, Answers())
    # Nobody reads the team once a runtime is the advice, so nothing hangs on the shade then.
    ended = Answers(answers={"work": "run", "field": ("image",)})
    assert "shade" in pointless(contradicting, ended)
