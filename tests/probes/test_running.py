"""A run with dummy workers: events, order of the turns, deadlines, groups, the lock."""

import json
import os
import threading

import msgspec
import pytest

from probes import findings, running, summary, turns, watching
from probes.lock import LockCancelled, lock_path, machine_lock
from probes.plan import PlannedImport, PlannedWorker
from probes.results import Device


@pytest.fixture
def events():
    return []


def test_events_tell_the_whole_run_in_order(dummy_plan, run_dummies, events):
    plan = dummy_plan({"alpha": {}, "omega": {}})
    machine = run_dummies(plan, events.append)
    assert {one.total for one in events} == {2 + 4}
    done = [one.done for one in events]
    assert done == sorted(done)
    assert (events[-1].kind, events[-1].done, events[-1].seconds_left) == ("finished", 6, 0.0)
    findings = [one.finding for one in events if one.kind == "framework_done"]
    assert tuple(findings) == machine.frameworks
    items = {(one.mode, one.workload) for one in events if one.kind == "item_done"}
    assert items == {(one.mode, one.workload) for one in machine.measurements}
    assert all(one.measurement for one in events if one.kind == "item_done")


def test_events_come_in_the_callers_own_thread(dummy_plan, run_dummies):
    threads = set()
    run_dummies(dummy_plan({"alpha": {}}), lambda event: threads.add(threading.current_thread()))
    assert threads == {threading.current_thread()}


def test_modes_take_turns_with_the_controls_between_them(
    dummy_plan, run_dummies, monkeypatch, brisk
):
    from probes.process import Worker

    asked = []
    ask = Worker.ask

    def _ask(self, do, *arguments, **more):
        if do in ("measure", "control", "small_operations"):
            asked.append(more.get("mode", do))
        return ask(self, do, *arguments, **more)

    monkeypatch.setattr(Worker, "ask", _ask)
    one_workload = msgspec.structs.replace(brisk, workloads=("mlp_train",))
    run_dummies(dummy_plan({"alpha": {}, "omega": {}}, one_workload))
    windows = ["alpha/eager", "omega/eager"] * 3
    expected = ["control", "small_operations"]
    for mode in windows:
        expected += [mode, "control", "small_operations"]
    assert asked == expected


def test_a_disturbed_round_is_measured_once_more(dummy_plan, run_dummies, monkeypatch, brisk):
    shares = iter([0.0, 0.0, 0.5, 0.0, 0.0])  # the import, three rounds, and one of them again
    monkeypatch.setattr(watching, "foreign_share", lambda *_: next(shares))
    one_workload = msgspec.structs.replace(brisk, workloads=("mlp_train",))
    (one,) = run_dummies(dummy_plan({"alpha": {}}, one_workload)).measurements
    assert [each.number for each in one.rounds] == [1, 2, 3, 2]
    assert [each.flagged for each in one.rounds] == [False, True, False, False]
    assert one.verdict.status == "valid"


def test_a_busy_machine_gives_no_time_that_counts(dummy_plan, run_dummies, monkeypatch):
    monkeypatch.setattr(watching, "foreign_share", lambda *_: 0.5)
    machine = run_dummies(dummy_plan({"alpha": {}}))
    assert {one.verdict.status for one in machine.measurements} == {"unstable"}
    # Retrying would take time and change nothing.
    assert {len(one.rounds) for one in machine.measurements} == {3}
    assert machine.comparisons == ()


def test_what_the_deadline_leaves_out_is_skipped(dummy_plan, run_dummies, brisk):
    machine = run_dummies(dummy_plan({"alpha": {}}, msgspec.structs.replace(brisk, deadline=0.0)))
    assert [one.verdict.status for one in machine.measurements] == ["skipped", "skipped"]
    assert "the 0 s of the quick tier were over" in machine.measurements[0].verdict.reasons[0]
    assert [one.state for one in machine.frameworks] == ["works"]
    assert not machine.cancelled


def test_where_memory_is_short_frameworks_take_turns_in_groups(dummy_plan, run_dummies):
    plan = dummy_plan({"alpha": {}, "omega": {}})
    small = msgspec.structs.replace(plan.hardware, available_memory_bytes=1 << 30)
    machine = run_dummies(msgspec.structs.replace(plan, hardware=small))
    assert {one.verdict.status for one in machine.measurements} == {"valid"}
    assert machine.comparisons == ()
    assert "measured in 2 groups" in machine.notes[0]


def test_frameworks_in_one_group_are_compared(dummy_plan, run_dummies):
    machine = run_dummies(dummy_plan({"alpha": {}, "omega": {}}))
    assert [(one.first, one.second, one.verdict) for one in machine.comparisons] == [
        ("alpha/eager", "omega/eager", "tie")
    ] * 2


def test_without_items_frameworks_are_tried_and_nothing_counts_as_measured(dummy_plan, run_dummies):
    plan = msgspec.structs.replace(dummy_plan({"alpha": {}, "omega": {}}), items=())
    machine = run_dummies(plan)
    assert [one.state for one in machine.frameworks] == ["works", "works"]
    assert machine.measurements == ()
    assert machine.tier is None


def test_an_accelerator_that_is_not_used_is_a_fall_back(dummy_plan, run_dummies):
    from probes.results import Accelerator

    card = Accelerator(
        device="nvidia_gpu", vendor="NVIDIA", name="T4", memory_bytes=None, driver="580",
        compute_capability="7.5", identifier="cuda:0",
    )  # fmt: skip
    devices = [
        {"device": "cpu", "driver_sees": True, "build_supports": True, "operation_ran": True},
        {
            "device": "nvidia_gpu", "driver_sees": True, "build_supports": False,
            "operation_ran": None, "reason": "a CPU build",
        },
    ]  # fmt: skip
    said = "with " + json.dumps({"devices": devices})
    plan = dummy_plan({"alpha": {"import": said}})
    hardware = msgspec.structs.replace(plan.hardware, accelerators=(card,))
    device: Device = "nvidia_gpu"
    items = tuple(msgspec.structs.replace(one, device=device) for one in plan.items)
    machine = run_dummies(msgspec.structs.replace(plan, hardware=hardware, items=items))
    (finding,) = machine.frameworks
    assert (finding.state, finding.reason) == ("falls_back_to_cpu", "a CPU build")
    assert {one.verdict.status for one in machine.measurements} == {"skipped"}
    assert "it cannot use nvidia_gpu: a CPU build" in machine.measurements[0].verdict.reasons[0]


def test_a_crash_in_a_second_import_leaves_the_first_usable(dummy_plan, run_dummies, monkeypatch):
    """Two frameworks in one process, the second of which takes it down."""
    plan = dummy_plan({"alpha": {"import of beta": "segfault"}})
    (worker,) = plan.workers
    beta = PlannedImport(framework="beta", backend=None, distribution="beta", version="1.0")
    both = PlannedWorker(id=worker.id, python=worker.python, imports=(*worker.imports, beta))
    item = msgspec.structs.replace(plan.items[0], framework="beta", mode="beta/eager")
    plan = msgspec.structs.replace(plan, workers=(both,), items=(*plan.items, item))
    machine = run_dummies(plan)
    states = {one.framework: one.state for one in machine.frameworks}
    assert states == {"alpha": "works", "beta": "broken"}
    statuses = {(one.framework, one.workload): one.verdict.status for one in machine.measurements}
    assert statuses["alpha", "mlp_train"] == statuses["alpha", "inference_batch1"] == "valid"
    assert statuses["beta", "mlp_train"] == "skipped"


def test_a_worker_lost_with_one_workload_does_the_next(dummy_plan, run_dummies):
    machine = run_dummies(dummy_plan({"alpha": {"measure of mlp_train": "segfault"}}))
    statuses = {one.workload: one.verdict.status for one in machine.measurements}
    assert statuses == {"mlp_train": "failed", "inference_batch1": "valid"}


@pytest.mark.parametrize("behaviour", ["segfault", "text garbage", "error exception no numpy"])
def test_without_a_control_nothing_counts_and_it_says_why(dummy_plan, run_dummies, behaviour):
    machine = run_dummies(dummy_plan({"alpha": {}}, control={"control": behaviour}))
    assert {one.verdict.status for one in machine.measurements} == {"failed"}
    assert "the control cannot be measured" in machine.measurements[0].verdict.reasons[0]
    assert [one.state for one in machine.frameworks] == ["works"]


def test_two_programs_never_measure_at_once(dummy_plan, run_dummies, events):
    held = machine_lock(lock_path(), threading.Event().wait, lambda: None)
    held.__enter__()

    def _listener(event):
        events.append(event)
        if "waiting for it to finish" in event.message:
            held.__exit__(None, None, None)

    machine = run_dummies(dummy_plan({"alpha": {}}), _listener)
    assert "waiting for it to finish" in events[0].message
    assert {one.verdict.status for one in machine.measurements} == {"valid"}


def test_waiting_for_the_other_program_can_be_cancelled(dummy_plan, run_dummies):
    cancel = threading.Event()
    with machine_lock(lock_path(), cancel.wait, lambda: None):
        machine = run_dummies(dummy_plan({"alpha": {}}), lambda event: cancel.set(), cancel)
    assert machine.cancelled
    assert [one.state for one in machine.frameworks] == ["cancelled"]
    assert {one.verdict.status for one in machine.measurements} == {"cancelled"}


def test_the_lock_is_free_again_after_a_run(dummy_plan, run_dummies):
    run_dummies(dummy_plan({"alpha": {}}))
    with machine_lock(lock_path(), lambda seconds: True, lambda: None):
        pass


def test_a_lock_that_is_a_link_is_not_followed(tmp_path):
    (tmp_path / "lock").symlink_to(tmp_path / "target")
    with (
        pytest.raises(OSError, match="symbolic links"),
        machine_lock(tmp_path / "lock", lambda _: True, lambda: None),
    ):
        pass
    with (
        machine_lock(tmp_path / "other", lambda _: True, lambda: None),
        pytest.raises(LockCancelled),
        machine_lock(tmp_path / "other", lambda _: True, lambda: None),
    ):
        pass


def test_what_the_time_went_to_is_in_the_file(dummy_plan, run_dummies):
    machine = run_dummies(dummy_plan({"alpha": {}}))
    assert {"start", "import", "measuring", "control", "end"} <= set(machine.seconds_by_use)
    assert sum(machine.seconds_by_use.values()) <= machine.seconds


def test_a_version_is_told_beside_its_own_framework_and_not_the_backends():
    planned = PlannedImport(
        framework="keras", backend="jax", distribution="keras", version="3.15.1"
    )
    finding = findings.cancelled(planned, "python")
    assert running._said(planned, finding).startswith("keras 3.15.1 on jax cancelled")


def test_looking_starts_nothing(monkeypatch):
    monkeypatch.setattr(os, "fork", None)
    monkeypatch.setattr("subprocess.Popen", None)
    machine = running.look()
    assert machine.tier is None
    assert machine.measurements == ()
    assert all(one.state == "found" for one in machine.frameworks)
    installed = [one.framework for each in machine.environments for one in each.frameworks]
    assert [one.framework for one in machine.frameworks] == installed


@pytest.mark.parametrize(
    ("seconds_left", "expected"), [(1000.0, 0.5), (4.0, 0.3), (0.5, 0.2), (-5.0, 0.2)]
)
def test_windows_get_shorter_where_time_is_short(brisk, seconds_left, expected):
    settings = msgspec.structs.replace(brisk, rounds=2, window=0.5, shortest_window=0.2)
    found = turns.window_seconds(settings, seconds_left, turns=5, around_seconds=0.1)
    assert found == pytest.approx(expected)


def test_a_median_never_needs_more_rounds_than_a_tier_takes(brisk):
    assert brisk.rounds >= summary.SURE_ROUNDS


def memory_of(window):
    return "with " + json.dumps(window)


def test_the_most_memory_of_an_items_windows_stands_beside_what_the_import_took(
    dummy_plan, run_dummies, brisk
):
    behaviour = {
        "import": memory_of({"resident_bytes": 300}),
        "measure of mlp_train": memory_of(
            {
                "peak_resident_bytes": 500,
                "peak_resident_scope": "item",
                "peak_device_bytes": 70,
            }
        ),
        "measure of inference_batch1": memory_of(
            {"peak_resident_bytes": 600, "peak_resident_scope": "process"}
        ),
    }
    machine = run_dummies(dummy_plan({"alpha": behaviour}, derived=("import_time",)))
    told = {
        one.workload: (
            one.imported_resident_bytes,
            one.peak_resident_bytes,
            one.peak_resident_scope,
            one.peak_device_bytes,
        )
        for one in machine.measurements
    }
    assert told == {
        "mlp_train": (300, 500, "item", 70),
        "inference_batch1": (300, 600, "process", None),
        "import_time": (300, None, None, None),
    }


def test_a_worker_that_tells_no_memory_is_measured_all_the_same(dummy_plan, run_dummies):
    for one in run_dummies(dummy_plan({"alpha": {}})).measurements:
        assert (one.verdict.status, one.peak_resident_bytes) == ("valid", None)
        assert one.peak_resident_scope is one.imported_resident_bytes is None


@pytest.mark.parametrize("lie", [0, -1, 1 << 60, "much", 1.5])
def test_an_absurd_figure_of_memory_fails_the_item(dummy_plan, run_dummies, brisk, lie):
    behaviour = {"measure": memory_of({"peak_resident_bytes": lie})}
    one_workload = msgspec.structs.replace(brisk, workloads=("mlp_train",))
    (one,) = run_dummies(dummy_plan({"alpha": behaviour}, one_workload)).measurements
    assert (one.verdict.status, one.peak_resident_bytes) == ("failed", None)


def test_with_its_own_settings_a_framework_is_measured_alone_and_compared_with_nobody(
    dummy_plan, run_dummies, brisk, monkeypatch
):
    from probes.process import Worker

    plans = {}
    begin = Worker.__init__

    def _begin(self, python, environment, *arguments):
        begin(self, python, environment, *arguments)
        plans.setdefault(python.rpartition("/interpreters/")[2], []).append(
            environment.get("OMP_NUM_THREADS")
        )

    monkeypatch.setattr(Worker, "__init__", _begin)
    plan = dummy_plan({"alpha": {}, "omega": {}})
    own = tuple(
        msgspec.structs.replace(one, id=one.id + "-own", own_settings=True) for one in plan.workers
    )
    items = tuple(
        msgspec.structs.replace(one, worker=one.worker + "-own", track="native_default")
        for one in plan.items
        if one.workload == "mlp_train"
    )
    events = []
    plan = msgspec.structs.replace(plan, items=(*plan.items, *items), own_settings=own)
    machine = run_dummies(plan, events.append)
    assert (events[-1].done, events[-1].total) == (4 + 6, 4 + 6)
    assert plans["alpha/python"] == plans["omega/python"] == ["2", None]
    tracks = {
        (one.mode, one.workload, one.track): one.verdict.status for one in machine.measurements
    }
    assert len(tracks) == 6
    assert set(tracks.values()) == {"valid"}
    assert len(machine.comparisons) == 2
    assert len(machine.frameworks) == 2


def test_own_settings_that_the_time_does_not_reach_are_skipped(dummy_plan, run_dummies, brisk):
    plan = dummy_plan({"alpha": {}}, msgspec.structs.replace(brisk, deadline=0.0))
    (worker,) = plan.workers
    own = msgspec.structs.replace(worker, id="own", own_settings=True)
    item = msgspec.structs.replace(plan.items[0], worker="own", track="native_default")
    events = []
    plan = msgspec.structs.replace(plan, items=(*plan.items, item), own_settings=(own,))
    machine = run_dummies(plan, events.append)
    assert {one.verdict.status for one in machine.measurements} == {"skipped"}
    assert (events[-1].done, events[-1].total) == (5, 5)


def test_a_step_that_no_longer_does_the_work_after_its_windows_spoils_them(
    dummy_plan, run_dummies, brisk
):
    behaviour = {"prove_again": "error wrong after the windows the step was off by 1.0e+00"}
    one_workload = msgspec.structs.replace(brisk, workloads=("mlp_train",))
    machine = run_dummies(dummy_plan({"alpha": behaviour, "omega": {}}, one_workload))
    found = {one.framework: one for one in machine.measurements}
    assert found["alpha"].verdict.status == "invalid"
    assert found["alpha"].median_seconds is None
    assert "not the same work: after the windows" in found["alpha"].verdict.reasons[0]
    assert found["omega"].verdict.status == "valid"


@pytest.mark.parametrize("behaviour", ["segfault", "text garbage", "hang"])
def test_a_worker_lost_in_its_last_proof_has_failed_and_the_others_go_on(
    dummy_plan, run_dummies, brisk, behaviour
):
    one_workload = msgspec.structs.replace(brisk, workloads=("mlp_train",))
    plan = dummy_plan({"alpha": {"prove_again": behaviour}, "omega": {}}, one_workload)
    found = {one.framework: one.verdict.status for one in run_dummies(plan).measurements}
    assert found == {"alpha": "timed_out" if behaviour == "hang" else "failed", "omega": "valid"}


def test_what_is_right_is_worked_out_once_for_all(dummy_plan, run_dummies, brisk, monkeypatch):
    from probes.process import Worker

    asked = []
    ask = Worker.ask

    def _ask(self, do, *arguments, **more):
        if do in ("reference", "prepare"):
            asked.append((do, more["workload"], more.get("file") or more.get("reference")))
        return ask(self, do, *arguments, **more)

    monkeypatch.setattr(Worker, "ask", _ask)
    run_dummies(dummy_plan({"alpha": {}, "omega": {}}))
    for workload in brisk.workloads:
        (first, *others) = [one for one in asked if one[1] == workload]
        assert first[0] == "reference"
        assert [one[0] for one in others] == ["prepare", "prepare"]
        assert {one[2] for one in others} == {first[2]}


def test_without_a_reference_for_all_each_worker_works_out_its_own(dummy_plan, run_dummies):
    control = {"reference": "error memory out of memory"}
    machine = run_dummies(dummy_plan({"alpha": {}}, control=control))
    assert {one.verdict.status for one in machine.measurements} == {"valid"}
