"""A worker that dies or hangs at any step of the protocol: its own items only, and nobody left."""

import sys

import msgspec
import psutil
import pytest

from probes import crew
from probes.plan import PlannedCheck
from probes.results import decode_machine, encode_machine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="deaths by signals of Unix"),
]
STEPS = ("hello", "import", "prepare", "measure", "check", "drop", "quit")
DEATHS = ("leave", "segfault", "out_of_memory", "half_line_and_leave", "shut", "hang", "stubborn")
UNHARMED = {"check", "drop", "quit"}
"""Steps after the last measurement."""


LIMITS = {
    "hello": "hello_limit",
    "import": "import_limit",
    "prepare": "prepare_limit",
    "measure": "measure_grace",
    "check": "check_limit",
    "drop": "measure_grace",
}


def patient(settings, step):
    """Limits that no worker meets on a busy machine, but for the step at which some hang."""
    limits = {name: 3.0 if name == LIMITS.get(step) else 30.0 for name in LIMITS.values()}
    return msgspec.structs.replace(settings, **limits)


def left_of(record, before):
    left = set(psutil.Process().children(recursive=True)) - before
    record.left += [str(one) for one in left if one.is_running()]
    assert not record.left


@pytest.mark.parametrize("step", STEPS)
def test_beside_workers_that_die_in_every_way_the_others_times_stand(
    step, record, brisk, dummy_plan, run_dummies
):
    record.inject(len(DEATHS))
    before = set(psutil.Process().children(recursive=True))
    bad = {f"bad_{death}": {step: death} for death in DEATHS}
    names = ["alpha", *bad, "omega"]
    checks = tuple(
        PlannedCheck(
            framework=name,
            mode=f"{name}/eager",
            capability="variable_shapes",
            device="cpu",
            worker=name,
        )
        for name in names
    )
    settings = patient(brisk, step)
    plan = dummy_plan({"alpha": {}, **bad, "omega": {}}, settings, checks=checks)
    machine = run_dummies(plan)
    status = {
        name: [one.verdict.status for one in machine.measurements if one.framework == name]
        for name in names
    }
    for name in ("alpha", "omega"):
        if status[name] != ["valid", "valid"]:
            record.lost.append(f"times of {name} beside workers that die at {step}")
    assert not record.lost
    left_of(record, before)
    named = {"valid"} if step in UNHARMED else {"failed", "timed_out", "skipped"}
    for name in bad:
        assert set(status[name]) <= named, name
    found = {
        one.framework: [each.state for each in one.capabilities]
        for one in machine.frameworks
        if one.capabilities
    }
    assert found["alpha"] == found["omega"] == ["works"]
    if step == "check":
        assert [found[name] for name in bad] == [["fails"]] * len(bad)
    assert decode_machine(encode_machine(machine), "it") == machine


@pytest.mark.parametrize("step", ["hello", "control", "small_operations"])
@pytest.mark.parametrize("death", ["leave", "segfault", "hang"])
def test_without_a_control_the_run_ends_in_named_states(
    death, step, record, brisk, dummy_plan, run_dummies, monkeypatch
):
    """The control is measured by a worker of its own, which may die as well."""
    monkeypatch.setattr(crew, "CONTROL_LIMIT_SECONDS", 1.0)
    record.inject()
    before = set(psutil.Process().children(recursive=True))
    plan = dummy_plan({"alpha": {}}, patient(brisk, step), control={step: death})
    machine = run_dummies(plan)
    left_of(record, before)
    assert {one.verdict.status for one in machine.measurements} <= {
        "valid", "unstable", "failed", "timed_out", "skipped", "invalid",
    }  # fmt: skip
    assert decode_machine(encode_machine(machine), "it") == machine
