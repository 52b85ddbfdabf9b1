"""The verdict's one line: never other than what the plan says to do."""

from datetime import date

import msgspec
import pytest

from app.advice import advise
from app.headline import advised, headline
from app.report import build
from rules import load_knowledge
from rules.model import Answers
from rules.recommendation import (
    SCHEMA,
    Contribution,
    KnowledgeUsed,
    Made,
    Plan,
    PlanStay,
    Ranked,
    Recommendation,
    Screen,
    Verdict,
)

NAMES = {"pytorch": "PyTorch", "jax": "JAX", "runtime": "An inference runtime"}
TODAY = date(2026, 11, 21)


def ranked(framework, top_share, hardware_fit=1.0):
    fit = Contribution(
        criterion="hardware_fit", group="run", weight=1.0, value=hardware_fit, low=0.0, high=1.0,
        points=hardware_fit, grade="official", facts=(), sentence="So it is.",
    )  # fmt: skip
    return Ranked(
        framework=framework, rank=1, score=0.5, low=0.4, high=0.6, top_share=top_share,
        first_rank_share=top_share, contributions=(fit,), warnings=(),
    )  # fmt: skip


def decided(kind, *ranking, stay=None, leave=None):
    """`stay` is what the code is written with, where the plan says to stay with it."""
    leader = ranking[0].framework if ranking else None
    staying = None
    if stay is not None:
        staying = PlanStay(
            framework=stay, because="first" if stay == leader else "level", text="Stay."
        )
    plan = Plan(
        phases=(), migration=(), risks=(), learning=(), review_by="2027-11-21", review_when=(),
        stay=staying,
    )  # fmt: skip
    return Recommendation(
        schema=SCHEMA,
        made=Made(today="2026-11-21", seed=1, draws=1000, versions={}),
        verdict=Verdict(framework=leave or leader, kind=kind, top_share=0.5, reason=""),
        screen=Screen(exit=leave, reason=None, facts=()),
        ranking=ranking,
        ruled_out=(),
        conflicts=(),
        why=(),
        why_not=(),
        stack=None,
        plan=plan,
        flips=(),
        open_questions={},
        answers=Answers(),
        knowledge=KnowledgeUsed(version="1", hash="0", overridden=(), stale=()),
        machine=None,
    )


AHEAD, BEHIND = ranked("pytorch", 0.95), ranked("jax", 0.2)
LEADS, LEVEL = ranked("pytorch", 0.7), ranked("jax", 0.6)
WEAK = ranked("pytorch", 0.95, hardware_fit=0.25)
FRESH = [
    ("clear", (AHEAD, BEHIND), "Choose PyTorch"),
    ("close", (LEADS, LEVEL), "Too close to call: PyTorch or JAX"),
    ("close", (LEADS, BEHIND), "PyTorch, but it is close"),
    ("close", (WEAK, BEHIND), "PyTorch, but it has a weak point"),
    ("close", (AHEAD,), "PyTorch, the only one left"),
    ("insufficient", (LEADS, LEVEL), "Too early to say; so far PyTorch leads"),
    ("none", (), "No framework is left with these answers"),
]
STAYING = [
    ("clear", (AHEAD, BEHIND), "pytorch", "Stay with PyTorch"),
    ("close", (LEADS, LEVEL), "pytorch", "Stay with PyTorch; JAX is about level"),
    ("close", (LEADS, BEHIND), "pytorch", "Stay with PyTorch, but it is close"),
    ("close", (WEAK, BEHIND), "pytorch", "Stay with PyTorch, but it has a weak point"),
    ("close", (AHEAD,), "pytorch", "Stay with PyTorch, the only one left"),
    ("close", (LEADS, LEVEL), "jax",
     "Stay with JAX; PyTorch leads by too little to pay for the move"),
    ("insufficient", (LEADS, LEVEL), "pytorch",
     "Too early to say; until then stay with PyTorch"),
    ("insufficient", (LEADS, LEVEL), "jax", "Too early to say; until then stay with JAX"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "ranking", "line"), FRESH)
def test_who_starts_afresh_reads_what_to_choose_and_how_it_stands(kind, ranking, line):
    recommendation = decided(kind, *ranking)
    assert headline(recommendation, NAMES) == line
    assert advised(recommendation) == recommendation.verdict.framework


@pytest.mark.parametrize(("kind", "ranking", "stay", "line"), STAYING)
def test_who_should_stay_is_told_to_stay(kind, ranking, stay, line):
    recommendation = decided(kind, *ranking, stay=stay)
    assert headline(recommendation, NAMES) == line
    assert advised(recommendation) == stay


def test_a_way_out_says_what_is_not_needed_and_what_will_do():
    line = headline(decided("clear", AHEAD, leave="runtime"), NAMES)
    assert line == "Nothing has to be trained: an inference runtime will do"


def test_an_id_without_a_name_stands_for_itself():
    assert headline(decided("clear", AHEAD), {}) == "Choose pytorch"


@pytest.fixture(scope="module")
def knowledge():
    return load_knowledge()


def test_no_headline_of_a_persona_contradicts_its_plan(knowledge):
    names = {one.id: one.name for one in (*knowledge.frameworks, *knowledge.exits)}
    told_to_stay = 0
    for persona in knowledge.personas:
        given = Answers(answers=persona.answers)
        recommendation = advise(knowledge, given, None, TODAY, draws=100)
        line = headline(recommendation, names)
        first = recommendation.plan.phases[0].title if recommendation.plan else ""
        stays = first.startswith("Stay with ")
        assert (first.lower() in line.lower()) if stays else ("stay" not in line), persona.id
        told_to_stay += stays
    assert told_to_stay >= 10


def test_a_report_of_who_should_stay_chooses_what_there_is(knowledge):
    """Its mark, the option that is called chosen and the words of how sure are of the same one."""
    persona = next(one for one in knowledge.personas if one.id == "ascend_vision_stay")
    recommendation = advise(knowledge, Answers(answers=persona.answers), None, TODAY, draws=100)
    leader, other = recommendation.ranking[:2]
    assert recommendation.plan is not None
    plan = msgspec.structs.replace(
        recommendation.plan,
        stay=PlanStay(framework=other.framework, because="level", text="Stay for now."),
    )
    report = build(msgspec.structs.replace(recommendation, plan=plan), knowledge)
    name = report.names[other.framework]
    assert report.summary.framework == other.framework
    assert report.summary.what.startswith(f"Stay with {name}; ")
    chosen = [one.framework for one in report.record.options if one.outcome == "chosen"]
    assert chosen == [other.framework]
    assert report.summary.how_sure.startswith(f"{report.names[leader.framework]} is among the best")
