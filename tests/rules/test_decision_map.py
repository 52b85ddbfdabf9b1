"""The map of the decision says what the rules say, and nothing of its own."""

from datetime import date

import msgspec
import pytest

from rules.model import Answers
from rules.questionnaire import option_effects
from rules.views import article_paths, decision_map, nearest_path

TODAY = date(2026, 11, 21)
GIVEN = {
    "work": "scratch",
    "domain": ("vision",),
    "goal": "unknown",
    "training_hardware": "nvidia_gpu",
    "os": "linux",
    "deployment": ("android", "server"),
}


@pytest.fixture(scope="module")
def answers():
    return Answers(answers=GIVEN)


def by_id(questions):
    return {one.id: one for one in questions}


def test_every_question_is_on_it_in_the_order_of_asking(knowledge, answers):
    ids = [one.id for one in decision_map(knowledge, answers)]
    assert sorted(ids) == sorted(one.id for one in knowledge.questions)
    stages = {one.id: one.stage for one in knowledge.questions}
    assert [stages[one] == "later" for one in ids] == sorted(stages[one] == "later" for one in ids)


def test_the_users_path_goes_through_what_was_answered(knowledge, answers):
    found = by_id(decision_map(knowledge, answers))
    for id_, value in GIVEN.items():
        chosen = tuple(one.id for one in found[id_].options if one.chosen)
        assert set(chosen) == (set() if value == "unknown" else {value} if id_ not in
                               ("domain", "deployment") else set(value))  # fmt: skip
    assert found["goal"].standing == "unknown"
    assert found["lifetime"].standing == "open"
    assert found["work"].standing == "answered"


def test_what_an_option_rules_out_is_what_the_question_page_says(knowledge, answers):
    for question in decision_map(knowledge, answers):
        effects = option_effects(knowledge, answers, question.id, TODAY)
        for option in question.options:
            assert set(option.rules_out) == {one.framework for one in effects[option.id]}


def test_the_ways_out_stand_at_the_answers_that_open_them(knowledge, answers):
    found = by_id(decision_map(knowledge, answers))
    to = {one.id: one.leads_to for one in found["work"].options}
    assert to == {"scratch": None, "fine_tune": None, "run_only": "runtime"}
    assert {one.id: one.leads_to for one in found["domain"].options}["tabular"] == "classical"
    assert found["domain"].exits == ("classical",)
    assert found["goal"].exits == ()


def test_a_gate_that_is_taken_out_of_the_rules_is_gone_from_the_map(knowledge, answers):
    assert by_id(decision_map(knowledge, answers))["deployment"].gates == ("deployment",)
    gates = tuple(one for one in knowledge.gates if one.id != "deployment")
    without = msgspec.structs.replace(knowledge, gates=gates)
    deployment = by_id(decision_map(without, answers))["deployment"]
    assert deployment.gates == ()
    assert not any(one.rules_out for one in deployment.options)


def test_a_question_that_cannot_matter_says_why(knowledge):
    found = decision_map(knowledge, Answers(answers={"work": "run_only"}))
    pointless = [one for one in found if one.standing == "pointless"]
    assert pointless
    assert all(one.why for one in pointless)


def test_an_articles_path_is_a_way_through_our_questions(knowledge):
    paths = article_paths(knowledge)
    options = {one.id: {option.id for option in one.options} for one in knowledge.questions}
    assert len(paths) == 9
    for path in paths:
        for question, steps in path.steps.items():
            assert set(steps) <= options[question]
        assert path.assumed <= set(path.steps)


@pytest.mark.parametrize(
    ("given", "leaf"),
    [
        ({"deployment": ("android",), "goal": "production"}, "tree.devices"),
        ({"domain": ("scientific",), "goal": "research"}, "tree.science"),
        ({"domain": ("reinforcement_learning",)}, "tree.reinforcement"),
    ],
)
def test_the_leaf_nearest_to_the_answers_is_found(knowledge, given, leaf):
    path = nearest_path(article_paths(knowledge), Answers(answers=given))
    assert path.id == f"advice.comparison.{leaf}"


def test_without_articles_there_is_no_path(knowledge):
    none = msgspec.structs.replace(knowledge, advice=())
    assert nearest_path(article_paths(none), Answers()) is None
