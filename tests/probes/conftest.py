"""Machines, plans and workers for the tests of the probes; no framework is needed."""

import json
import os
import sys
import threading
from pathlib import Path

import psutil
import pytest

from probes import running, watching
from probes.plan import Plan, PlannedImport, PlannedItem, PlannedWorker, Settings
from probes.results import Cpu, EqualWork, Hardware, Machine, Measurement, Verdict

RUN, TOKEN = "DUMMY_RUN", str(os.getpid())
"""What this run's workers are known by: another run on the same machine is none of ours."""
DUMMY = Path(__file__).with_name("dummy_worker.py")

BRISK = Settings(
    deadline=120.0,
    workloads=("mlp_train", "inference_batch1"),
    rounds=3,
    window=0.01,
    shortest_window=0.01,
    longest_window=0.02,
    minimum_values=3,
    hello_limit=10.0,
    import_limit=0.7,
    prepare_limit=0.7,
    measure_grace=0.7,
    check_limit=0.7,
)


def make_hardware(**changes) -> Hardware:
    values = {
        "cpu": Cpu(
            model="Some CPU",
            microarchitecture="zen4",
            flags=("avx2",),
            physical_cores=2,
            logical_cores=4,
            usable_cores=4.0,
            quota_cores=None,
        ),
        "memory_bytes": 16 << 30,
        "available_memory_bytes": 12 << 30,
        "accelerators": (),
        "accelerator_notes": (),
        "os": "linux",
        "os_version": "Some Linux 1",
        "virtualised": None,
        "on_battery": None,
        "governor": None,
    }
    return Hardware(**{**values, **changes})


@pytest.fixture
def hardware() -> Hardware:
    return make_hardware()


@pytest.fixture(scope="session")
def timed():
    """Makes a valid measurement of a mode with its median and the reach of its interval."""

    def made(mode, median, spread=0.0, first=0.01, **changes) -> Measurement:
        values = {
            "framework": mode.partition("/")[0],
            "mode": mode,
            "workload": "mlp_train",
            "workload_version": "1",
            "purpose": "training",
            "device": "cpu",
            "python": "python",
            "median_seconds": median,
            "ci95": (median - spread, median + spread),
            "first_call_seconds": first,
            "equal_work": EqualWork(passed=True, max_rel_err=1e-6, tolerance=1e-4),
            "verdict": Verdict(status="valid"),
        }
        return Measurement(**{**values, **changes})

    return made


@pytest.fixture
def machine_of():
    """Makes a machine file of measurements."""

    def made(*measurements, comparisons=()) -> Machine:
        return Machine(
            run_id="1",
            started_utc="2026-11-21T09:00:00Z",
            finished_utc="2026-11-21T09:01:00Z",
            seconds=60.0,
            tier="deep",
            program_version="0.1.0",
            fingerprint="0",
            hardware=make_hardware(),
            environments=(),
            frameworks=(),
            measurements=measurements,
            comparisons=comparisons,
        )

    return made


@pytest.fixture
def brisk() -> Settings:
    """Limits of a second."""
    return BRISK


@pytest.fixture
def quiet_machine(monkeypatch):
    """Nobody else computes: what a busy machine does to rounds has tests of its own."""
    monkeypatch.setattr(watching, "foreign_share", lambda *_: 0.0)
    monkeypatch.setattr(running, "QUIET_PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(running, "QUIET_LOOK_SECONDS", 0.0)


@pytest.fixture
def dummy_plan(tmp_path, monkeypatch):
    """A plan for dummy workers by name, each with what it does at which step; `control` is what the
    control's worker does."""

    def _plan(behaviours: dict, settings: Settings = BRISK, control=None, **changes) -> Plan:
        under = os.path.basename(os.path.dirname(sys.executable))
        monkeypatch.setenv(RUN, TOKEN)
        monkeypatch.setenv("DUMMY_WORKERS", json.dumps({**behaviours, under: control or {}}))
        workers, items = [], []
        for name in behaviours:
            folder = tmp_path / "interpreters" / name
            folder.mkdir(parents=True, exist_ok=True)
            python = folder / "python"
            if not python.exists():
                python.symlink_to(os.path.realpath(sys.executable))
            imported = PlannedImport(framework=name, backend=None, distribution=name, version="1.0")
            workers.append(PlannedWorker(id=name, python=str(python), imports=(imported,)))
        for workload in settings.workloads:
            items += [
                PlannedItem(
                    framework=one.id,
                    mode=f"{one.id}/eager",
                    workload=workload,
                    device="cpu",
                    python=one.python,
                    worker=one.id,
                )
                for one in workers
            ]
        values = {
            "tier": "quick",
            "settings": settings,
            "hardware": make_hardware(),
            "environments": (),
            "workers": tuple(workers),
            "items": tuple(items),
            "derived": (),
            "unstarted": (),
            "threads": 2,
            "estimated_seconds": 10.0,
            "refusals": (),
        }
        return Plan(**{**values, **changes})

    return _plan


@pytest.fixture
def run_dummies(quiet_machine):
    """Run a plan with dummy workers; a process that is left behind fails the test."""

    def _run(plan: Plan, on_event=lambda event: None, cancel=None):
        return running.run(plan, on_event, cancel or threading.Event(), program=DUMMY)

    before = set(psutil.Process().children(recursive=True))
    yield _run
    assert not left_behind(before)


def left_behind(before: set) -> list[list[str]]:
    """Command lines of dummies and their children that still run, wherever they went."""
    left = set(psutil.Process().children(recursive=True)) - before
    for process in psutil.process_iter():
        try:
            if process.environ().get(RUN) == TOKEN and process.pid != os.getpid():
                left.add(process)
        except psutil.Error:
            continue
    lines = []
    for process in left:
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                lines.append(process.cmdline())
        except psutil.Error:
            continue
    return lines
