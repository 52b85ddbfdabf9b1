"""The use case: what of a machine enters a decision, and when measuring can matter."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from app import advice
from probes.results import decode_machine
from rules import load_answers, load_knowledge
from rules.model import Answers

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def knowledge():
    return load_knowledge()


@pytest.fixture(scope="module")
def machine():
    path = ROOT / "tests" / "data" / "machine_quick.json"
    return decode_machine(path.read_bytes(), str(path))


@pytest.fixture(scope="module")
def student(knowledge):
    return load_answers(ROOT / "assets" / "examples" / "student.yaml", knowledge)


def held(machine):
    """The recorded machine as if every measured row had held, for what depends on that."""
    valid = tuple(
        msgspec.structs.replace(
            one,
            verdict=msgspec.structs.replace(one.verdict, status="valid", reasons=()),
            rounds=tuple(msgspec.structs.replace(each, flagged=False) for each in one.rounds),
        )
        if one.verdict.status == "unstable"
        else one
        for one in machine.measurements
    )
    return msgspec.structs.replace(machine, measurements=valid)


def test_only_times_that_held_enter_a_decision(knowledge, machine):
    unstable = {
        (one.mode, one.workload) for one in machine.measurements if one.verdict.status != "valid"
    }
    entered = {(one.mode, one.workload) for one in advice.measurements_of(machine, knowledge).times}
    assert not entered & unstable


def test_only_the_modes_that_speak_for_a_framework_enter(knowledge, machine):
    times = advice.measurements_of(held(machine), knowledge).times
    assert times
    speaking = {
        mode
        for framework in knowledge.frameworks
        for mode in (framework.speaking_modes.training, framework.speaking_modes.inference)
    }
    assert {one.mode for one in times} <= speaking
    assert all(one.control_seconds > 0 for one in times)


def test_the_time_of_a_runtime_of_finished_models_is_nobodys(knowledge, machine):
    # Even where a pack lets a mode of delivery speak for a framework.
    whole = held(machine)
    before = advice.measurements_of(whole, knowledge).times
    spoken = next(one for one in before if one.workload == "inference_batch1")
    delivered = tuple(
        msgspec.structs.replace(one, delivers=True)
        if (one.mode, one.workload) == (spoken.mode, spoken.workload)
        else one
        for one in whole.measurements
    )
    now = advice.measurements_of(msgspec.structs.replace(whole, measurements=delivered), knowledge)
    assert set(before) - set(now.times) == {spoken}


def test_a_machine_that_was_only_looked_at_counts_as_not_measured(knowledge, machine):
    looked_at = msgspec.structs.replace(machine, tier=None, measurements=())
    assert advice.measurements_of(looked_at, knowledge).fingerprint is None


def test_measured_times_count_where_the_machine_is_the_one_that_trains(knowledge, machine, student):
    result = advice.advise(knowledge, student, held(machine), TODAY, draws=200)
    grades = {
        part.grade
        for one in result.ranking
        for part in one.contributions
        if part.criterion == "performance" and part.weight
    }
    assert "measured" in grades


def test_the_machine_fills_in_only_what_was_left_open(knowledge, machine):
    answers = Answers(answers={"train_where": "this_machine", "os": "windows"})
    result = advice.advise(knowledge, answers, machine, TODAY, draws=50)
    assert result.answers.answers["os"] == "windows"
    assert result.answers.answers["training_hardware"] == "cpu"
    elsewhere = Answers(answers={"train_where": "cloud"})
    result = advice.advise(knowledge, elsewhere, machine, TODAY, draws=50)
    assert "training_hardware" not in result.answers.answers


def test_measuring_matters_where_speed_could_close_the_gap(knowledge, student):
    matters, why = advice.measuring_matters(knowledge, student, TODAY)
    assert matters
    assert "PyTorch" in why


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"training_hardware": "tpu"}, "another class of device"),
        ({"work": "run_only"}, "way out"),
    ],
)
def test_measuring_is_said_not_to_matter_where_it_cannot(
    knowledge, student, machine, changes, expected
):
    answers = msgspec.structs.replace(student, answers={**student.answers, **changes})
    matters, why = advice.measuring_matters(knowledge, answers, TODAY, machine)
    assert not matters
    assert expected in why


def test_a_clear_lead_cannot_be_lost_to_speed(knowledge):
    answers = load_answers(ROOT / "assets" / "examples" / "startup-language-model.yaml", knowledge)
    assert not advice.measuring_matters(knowledge, answers, TODAY)[0]
