"""A worker that dies or hangs at any step of the protocol: its own items only, and nobody left."""

import sys

import msgspec
import psutil
import pytest

from probes.results import decode_machine, encode_machine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="deaths by signals of Unix"),
]
STEPS = ("hello", "import", "prepare", "measure", "drop", "quit")
DEATHS = ("leave", "segfault", "out_of_memory", "hang", "stubborn", "half_line_and_leave", "shut")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("death", DEATHS)
def test_the_others_times_stand(step, death, record, brisk, dummy_plan, run_dummies):
    record.injected += 1
    before = set(psutil.Process().children(recursive=True))
    settings = msgspec.structs.replace(brisk, hello_limit=3.0)
    machine = run_dummies(dummy_plan({"alpha": {}, "bad": {step: death}, "omega": {}}, settings))
    for name in ("alpha", "omega"):
        valid = [one for one in machine.measurements if one.framework == name]
        if [one.verdict.status for one in valid] != ["valid", "valid"]:
            record.lost.append(f"times of {name} beside a worker with {death} at {step}")
    left = set(psutil.Process().children(recursive=True)) - before
    record.left += [str(one) for one in left if one.is_running()]
    assert not record.lost
    assert not record.left
    bad = [one.verdict.status for one in machine.measurements if one.framework == "bad"]
    expected = {"valid"} if step in ("drop", "quit") else {"failed", "timed_out", "skipped"}
    assert set(bad) <= expected
    assert decode_machine(encode_machine(machine), "it") == machine


@pytest.mark.parametrize("death", ["leave", "segfault", "hang"])
def test_without_a_control_the_run_ends_in_named_states(
    death, record, brisk, dummy_plan, run_dummies
):
    """The control is measured by a worker of its own, which may die as well."""
    record.injected += 1
    settings = msgspec.structs.replace(brisk, hello_limit=3.0)
    machine = run_dummies(dummy_plan({"alpha": {}}, settings, control={"control": death}))
    assert {one.verdict.status for one in machine.measurements} <= {
        "valid", "unstable", "failed", "timed_out", "skipped", "invalid",
    }  # fmt: skip
    assert decode_machine(encode_machine(machine), "it") == machine
