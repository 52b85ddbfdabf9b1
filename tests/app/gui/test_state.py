"""The session behind the pages: decisions follow answers, measuring holds them, a clean end."""

import json
import threading
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QThread

import app.advice
from app.kept import kept_sessions
from probes.results import MachineFileError, ProbeEvent, decode_machine
from rules.model import Answers

MACHINE = Path(__file__).resolve().parents[2] / "data" / "machine_quick.json"


def event(kind, done=0, **more):
    return ProbeEvent(kind=kind, done=done, total=2, **more)


@pytest.fixture
def measuring(monkeypatch):
    """A probe that does what the test tells it to, through the real State and its real thread."""

    class Measuring:
        def __init__(self):
            self.send = None
            self.started = threading.Event()
            self.may_end = threading.Event()
            self.was_cancelled = False
            self.error = None

        def measure(self, plan, on_event, cancel):
            self.send = on_event
            self.started.set()
            while not self.may_end.is_set() and not cancel.is_set():
                cancel.wait(0.005)
            self.was_cancelled = cancel.is_set()
            if self.error is not None:
                raise self.error
            return app.advice.look()

    measuring = Measuring()
    monkeypatch.setattr(app.advice, "prepare_probe", lambda *arguments, **more: "the plan")
    monkeypatch.setattr(app.advice, "measure", measuring.measure)
    return measuring


def test_without_an_answer_there_is_no_recommendation(loaded, settle):
    settle(loaded)
    assert loaded.recommendation is None
    assert loaded.settled is not None


def test_the_recommendation_follows_the_answers(loaded, qtbot, settle):
    with qtbot.waitSignal(loaded.recommendation_changed, timeout=30_000):
        loaded.set_answer("deployment", ("android",))
    assert loaded.recommendation.answers.answers["deployment"] == ("android",)
    loaded.start_anew()
    settle(loaded)
    assert loaded.recommendation is None


def test_of_many_answers_in_a_row_the_last_one_counts(loaded, qtbot, settle):
    for importance in (-2, -1, 1, 2, 1, 2):
        loaded.set_answer("work", "scratch")
        loaded.set_importance("people", importance)
    settle(loaded)
    assert loaded.recommendation.answers.importance == {"people": 2}


def test_moved_weights_are_told_from_those_that_the_answers_came_with(loaded, settle):
    loaded.set_answer("work", "scratch")
    settle(loaded)
    before = loaded.recommendation
    loaded.set_importance("people", 2)
    settle(loaded)
    assert loaded.importance_before == {}
    assert loaded.recommendation.answers.importance == {"people": 2}
    loaded.set_importance("people", 0)
    settle(loaded)
    assert loaded.recommendation == before


def test_repairing_answers_leaves_where_reset_goes_back_to(loaded, settle):
    loaded.set_answer("work", "scratch")
    loaded.set_importance("people", 2)
    loaded.set_several({"os": "linux", "training_hardware": "tpu"})
    settle(loaded)
    assert loaded.answers.answers == {
        "work": "scratch", "os": "linux", "training_hardware": "tpu",
    }  # fmt: skip
    assert loaded.answers.importance == {"people": 2}
    loaded.reset_importance()
    settle(loaded)
    assert loaded.answers.importance == {}
    assert loaded.answers.answers["training_hardware"] == "tpu"
    assert loaded.recommendation.answers == loaded.answers


def test_reset_goes_back_to_the_weights_that_a_file_came_with(loaded):
    loaded.set_answers(Answers(answers={"work": "scratch"}, importance={"ship": 1}))
    loaded.set_importance("people", -1)
    loaded.set_several({"os": "linux"})
    loaded.reset_importance()
    assert loaded.answers.importance == {"ship": 1}


def test_a_session_opened_again_knows_which_weights_had_been_moved(loaded, qtbot, settle, tmp_path):
    loaded.set_answers(Answers(answers={"work": "scratch"}, importance={"ship": 1}))
    loaded.set_importance("people", -1)
    with qtbot.waitSignal(loaded.file_saved):
        loaded.save_session(tmp_path / "mine.json")
    loaded.start_anew()
    with qtbot.waitSignal(loaded.file_opened):
        loaded.open_file(tmp_path / "mine.json")
    assert loaded.answers.importance == {"ship": 1, "people": -1}
    loaded.reset_importance()
    assert loaded.answers.importance == {"ship": 1}
    loaded.start_anew()
    loaded.bring_back()
    loaded.reset_importance()
    assert loaded.answers.importance == {"ship": 1}
    settle(loaded)


def test_what_is_only_pretended_is_neither_kept_nor_saved_nor_a_change(
    loaded, settle, qtbot, tmp_path
):
    given = {"work": "scratch", "os": "linux"}
    loaded.set_answers(Answers(answers=given))
    path = tmp_path / "mine.json"
    with qtbot.waitSignal(loaded.file_saved, timeout=30_000):
        loaded.save_session(path)
    loaded.pretend("os", "windows")
    loaded.pretend("deployment", ("ios",))
    assert loaded.answers.answers == {**given, "os": "windows", "deployment": ("ios",)}
    assert loaded.pinned == {"os": "linux", "deployment": None}
    assert not loaded.is_modified
    with qtbot.waitSignal(loaded.file_saved, timeout=30_000):
        loaded.save_session(path)
    assert json.loads(path.read_bytes())["answers"]["answers"] == given
    settle(loaded)
    qtbot.waitUntil(lambda: bool(kept_sessions()))
    for kept in kept_sessions():
        assert json.loads(kept.read_bytes())["answers"]["answers"] == given
    loaded.stop_pretending()
    assert (loaded.answers.answers, loaded.pinned) == (given, {})


def test_what_was_pretended_can_be_taken_over_and_is_saved_then(loaded, qtbot, tmp_path):
    loaded.set_answer("os", "linux")
    loaded.pretend("os", "windows")
    loaded.take_over_pretended()
    assert loaded.pinned == {}
    loaded.stop_pretending()
    path = tmp_path / "mine.json"
    with qtbot.waitSignal(loaded.file_saved, timeout=30_000):
        loaded.save_session(path)
    assert json.loads(path.read_bytes())["answers"]["answers"] == {"os": "windows"}


def test_an_answer_given_while_pretending_is_an_answer(loaded):
    loaded.set_answer("os", "linux")
    loaded.pretend("os", "windows")
    loaded.pretend("training_hardware", "tpu")
    loaded.set_answer("os", "macos_arm")
    assert loaded.given.answers == {"os": "macos_arm"}
    loaded.pretend("training_hardware", None)
    assert loaded.pinned == {}


def test_a_session_put_away_while_pretending_comes_back_as_it_was_answered(loaded):
    loaded.set_answer("os", "linux")
    loaded.pretend("os", "windows")
    loaded.start_anew()
    assert (loaded.answers.answers, loaded.pinned) == ({}, {})
    loaded.bring_back()
    assert loaded.answers.answers == {"os": "linux"}


def test_events_of_a_probe_arrive_in_the_thread_of_the_window(loaded, measuring, qtbot, qapp):
    got = []
    loaded.probe_event.connect(lambda one: got.append((one.kind, QThread.currentThread())))
    with qtbot.waitSignal(loaded.probe_finished):
        loaded.start_probe("quick")
        assert measuring.started.wait(10)
        assert loaded.probing
        measuring.send(event("item_started"))
        measuring.send(event("item_done", 1))
        measuring.may_end.set()
    assert not loaded.probing
    assert got == [("item_started", qapp.thread()), ("item_done", qapp.thread())]
    assert loaded.machine is not None


def test_no_draws_are_made_while_an_item_is_measured(loaded, measuring, qtbot, settle):
    settle(loaded)
    loaded.start_probe("quick")
    assert measuring.started.wait(10)
    with qtbot.waitSignal(loaded.probe_event):
        measuring.send(event("item_started"))
    loaded.set_answer("work", "scratch")
    with qtbot.waitSignal(loaded.settled_changed):
        pass
    assert loaded.recommendation is None
    with qtbot.waitSignal(loaded.recommendation_changed, timeout=30_000):
        measuring.send(event("item_done", 1))
    measuring.may_end.set()
    qtbot.waitSignal(loaded.probe_finished).wait()


def test_the_ranking_follows_each_time_that_arrives(loaded, measuring, qtbot, settle):
    path = Path(__file__).resolve().parents[2] / "data" / "machine_quick.json"
    recorded = decode_machine(path.read_bytes(), path.name)
    loaded.set_machine(msgspec.structs.replace(recorded, tier=None, measurements=()))
    loaded.set_answer("domain", ("tabular",))
    loaded.set_answer("training_hardware", "cpu")
    settle(loaded)
    assert loaded.recommendation.machine is None
    loaded.start_probe("quick")
    assert measuring.started.wait(10)
    valid = [one for one in recorded.measurements if one.verdict.status == "valid"]
    with qtbot.waitSignal(loaded.recommendation_changed, timeout=30_000):
        measuring.send(event("item_done", 1, measurement=valid[0]))
    assert loaded.recommendation.machine == recorded.fingerprint
    # Nothing of it stays but what the probe gives in the end.
    assert loaded.machine.measurements == ()
    with qtbot.waitSignal(loaded.probe_finished):
        measuring.may_end.set()
    settle(loaded)
    assert loaded.recommendation.machine is None


def test_cancel_ends_the_probe_and_what_it_gave_is_taken(loaded, measuring, qtbot):
    loaded.start_probe("quick")
    assert measuring.started.wait(10)
    with qtbot.waitSignal(loaded.probe_finished):
        loaded.cancel_probe()
    assert measuring.was_cancelled
    assert loaded.machine is not None
    assert "probe" not in {one.name for one in threading.enumerate()}


def test_a_stopped_measurement_is_gone_on_with_and_both_parts_count(
    loaded, measuring, qtbot, settle, monkeypatch
):
    whole = decode_machine(MACHINE.read_bytes(), "")
    first, *_ = whole.measurements
    cancelled = msgspec.structs.replace(first.verdict, status="cancelled")
    stopped = msgspec.structs.replace(
        whole,
        cancelled=True,
        measurements=tuple(
            msgspec.structs.replace(one, verdict=cancelled)
            if one.workload == first.workload
            else one
            for one in whole.measurements
        ),
    )
    rest = msgspec.structs.replace(
        whole,
        measurements=tuple(one for one in whole.measurements if one.workload == first.workload),
    )
    asked = []
    monkeypatch.setattr(app.advice, "prepare_probe", lambda *choice, **more: asked.append(choice))
    monkeypatch.setattr(app.advice, "measure", lambda *arguments: rest)
    loaded.set_machine(stopped)
    with qtbot.waitSignal(loaded.probe_finished):
        loaded.continue_probe()
    assert asked[0][3] == (first.workload,)
    key = lambda one: (one.workload, one.mode, one.python)  # noqa: E731 - named for reading
    assert sorted(map(key, loaded.machine.measurements)) == sorted(map(key, whole.measurements))
    assert not [one for one in loaded.machine.measurements if one.verdict.status == "cancelled"]
    with qtbot.assertNotEmitted(loaded.probe_finished, wait=10):
        loaded.continue_probe()
    settle(loaded)


def test_closing_while_measuring_cancels_and_waits(loaded_window, loaded, measuring):
    loaded.start_probe("quick")
    assert measuring.started.wait(10)
    loaded_window.close()
    assert measuring.was_cancelled
    assert not {one.name for one in threading.enumerate()} & {"probe", "background"}


def test_a_probe_that_cannot_run_says_why(loaded, measuring, qtbot):
    measuring.error = MachineFileError("another probe is running on this machine")
    with qtbot.waitSignal(loaded.failed) as failed:
        loaded.start_probe("quick")
        measuring.may_end.set()
    assert "another probe" in failed.args[0]
    assert not loaded.probing


def test_a_mistake_of_ours_goes_to_the_hook_for_unexpected_errors(loaded, measuring, qtbot):
    measuring.error = KeyError("nobody expected this")
    with qtbot.captureExceptions() as caught, qtbot.waitSignal(loaded.probe_finished):
        loaded.start_probe("quick")
        measuring.may_end.set()
    assert [one[0] for one in caught] == [KeyError]


def test_looking_at_the_machine_reads_it_and_a_measured_one_is_not_replaced(loaded, qtbot):
    with qtbot.waitSignal(loaded.machine_changed, timeout=30_000):
        loaded.look()
    assert loaded.machine.tier is None
    assert loaded.machine.hardware.cpu.logical_cores >= 1
    first = loaded.machine
    with qtbot.waitSignal(loaded.machine_changed, timeout=30_000):
        loaded.look()
    assert loaded.machine is first
