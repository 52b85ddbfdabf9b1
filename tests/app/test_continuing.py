"""Going on with a stopped measurement: what is missing, and both runs as one."""

from pathlib import Path

import msgspec
import pytest

from app.advice import measurements_of
from app.continuing import continued, left_over, measured_frameworks
from probes.results import decode_machine
from rules import load_knowledge

DATA = Path(__file__).resolve().parents[1] / "data" / "machine_quick.json"


@pytest.fixture(scope="module")
def whole():
    return decode_machine(DATA.read_bytes(), DATA.name)


def without(machine, workload, status="cancelled"):
    """The same run, stopped before a workload."""

    def stopped(one):
        if one.workload != workload:
            return one
        return msgspec.structs.replace(
            one,
            median_seconds=None,
            ci95=None,
            values=(),
            rounds=(),
            verdict=msgspec.structs.replace(one.verdict, status=status),
        )

    return msgspec.structs.replace(
        machine,
        cancelled=True,
        measurements=tuple(stopped(one) for one in machine.measurements),
        comparisons=tuple(one for one in machine.comparisons if one.workload != workload),
    )


def only(machine, workload):
    """A second run that measured one workload."""
    return msgspec.structs.replace(
        machine,
        run_id="second",
        measurements=tuple(one for one in machine.measurements if one.workload == workload),
        comparisons=tuple(one for one in machine.comparisons if one.workload == workload),
    )


def test_a_run_that_came_to_its_end_leaves_nothing(whole):
    assert left_over(whole) == ()


@pytest.mark.parametrize("status", ["cancelled", "skipped"])
def test_what_was_stopped_or_ran_out_of_time_is_missing(whole, status):
    assert left_over(without(whole, "cnn_train", status)) == ("cnn_train",)


def test_what_cannot_run_is_not_missing(whole):
    stopped = without(whole, "cnn_train", "skipped")
    broken = tuple(msgspec.structs.replace(one, state="broken") for one in stopped.frameworks)
    assert left_over(msgspec.structs.replace(stopped, frameworks=broken)) == ()


def test_two_halves_give_the_decision_what_one_run_would(whole):
    stopped = without(whole, "cnn_train")
    both = continued(stopped, only(whole, "cnn_train"))
    knowledge = load_knowledge()
    assert measurements_of(both, knowledge).times == measurements_of(whole, knowledge).times
    assert measurements_of(stopped, knowledge).times != measurements_of(whole, knowledge).times
    assert {(one.workload, one.first, one.second) for one in both.comparisons} == {
        (one.workload, one.first, one.second) for one in whole.comparisons
    }
    assert left_over(both) == ()
    assert both.run_id == "second"
    assert not both.cancelled or whole.cancelled
    assert both.seconds == 2 * whole.seconds
    assert "Measured in two runs, workload by workload." in both.notes


def test_what_only_the_first_run_tried_stays_known(whole):
    first, *_ = whole.frameworks
    second = msgspec.structs.replace(
        only(whole, "cnn_train"),
        frameworks=(msgspec.structs.replace(first, state="cancelled", capabilities=()),),
    )
    both = {(one.framework, one.python): one for one in continued(whole, second).frameworks}
    assert both == {(one.framework, one.python): one for one in whole.frameworks}


def test_on_another_machine_the_second_run_alone_counts(whole):
    second = msgspec.structs.replace(only(whole, "cnn_train"), fingerprint="another")
    assert continued(whole, second) == second


def test_the_frameworks_of_the_first_run_are_those_to_go_on_with(whole):
    assert set(measured_frameworks(whole)) == {one.framework for one in whole.measurements}
