"""When compiling pays: from first calls and medians, with an interval that promises too little."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.break_even import break_even, break_evens
from probes.results import Comparison, Verdict


@pytest.fixture
def eager(timed):
    return timed("alpha/eager", 0.020, 0.001, first=0.05)


def test_compiling_pays_where_both_have_taken_as_long(eager, timed):
    one = break_even(eager, timed("alpha/compiled", 0.010, 0.001, first=20.05), tied=False)
    assert one.outcome == "pays"
    assert one.steps == pytest.approx(2001)
    for n, side in ((one.steps, 0.0), (one.steps * 2, 1.0), (one.steps / 2, -1.0)):
        slow = one.eager_first_seconds + (n - 1) * one.eager_seconds
        quick = one.compiled_first_seconds + (n - 1) * one.compiled_seconds
        assert slow - quick == pytest.approx(side * abs(slow - quick))


def test_the_interval_takes_the_worst_ends_of_both(eager, timed):
    one = break_even(eager, timed("alpha/compiled", 0.010, 0.001, first=20.05), tied=False)
    assert one.low == pytest.approx(1 + 20 / 0.012)
    assert one.high == pytest.approx(1 + 20 / 0.008)


def test_a_compiled_step_that_is_slower_never_pays(eager, timed):
    one = break_even(eager, timed("alpha/compiled", 0.030, 0.001, first=20.0), tied=False)
    assert (one.outcome, one.steps, one.low, one.high) == ("never", None, None, None)


def test_where_the_intervals_overlap_no_number_of_steps_is_certain(eager, timed):
    one = break_even(eager, timed("alpha/compiled", 0.0195, 0.001, first=20.05), tied=False)
    assert (one.outcome, one.steps, one.high) == ("unsettled", None, None)
    assert one.low == pytest.approx(1 + 20 / 0.0025)


def test_a_first_call_that_is_no_longer_pays_from_the_first_step(eager, timed):
    one = break_even(eager, timed("alpha/compiled", 0.010, 0.001, first=0.02), tied=False)
    assert (one.steps, one.low, one.high) == (1.0, 1.0, 1.0)


def test_modes_that_tie_in_their_paired_rounds_are_not_settled(timed, machine_of):
    compiled = timed("alpha/graph", 0.0188, 0.00001, first=1.0)
    eager = timed("alpha/eager", 0.020, 0.00001)
    tie = Comparison(
        workload="mlp_train", device="cpu", first="alpha/graph", second="alpha/eager",
        ratio=1.06, verdict="tie",
    )  # fmt: skip
    (one,) = break_evens(machine_of(eager, compiled, comparisons=(tie,)))
    assert one.outcome == "unsettled"
    elsewhere = msgspec.structs.replace(tie, workload="cnn_train")
    (one,) = break_evens(machine_of(eager, compiled, comparisons=(elsewhere,)))
    assert one.outcome == "pays"


@pytest.mark.parametrize(
    "changes",
    [
        {"verdict": Verdict(status="unstable")},
        {"first_call_seconds": None},
        {"ci95": None},
        {"median_seconds": None, "verdict": Verdict(status="failed")},
        {"purpose": "limit"},
        {"device": "nvidia_gpu"},
        {"workload_version": "2"},
        {"python": "another"},
        {"track": "native_default"},
        {"mode": "omega/compiled", "framework": "omega"},
        {"mode": "alpha/aot_inductor"},
    ],
    ids=str,
)
def test_only_valid_times_of_the_same_work_are_set_against_each_other(
    eager, timed, machine_of, changes
):
    compiled = msgspec.structs.replace(timed("alpha/compiled", 0.010, first=20.0), **changes)
    assert break_evens(machine_of(eager, compiled)) == ()


def test_every_compiled_mode_and_workload_has_its_own(eager, timed, machine_of):
    found = break_evens(
        machine_of(
            timed("alpha/graph", 0.01),
            eager,
            timed("alpha/xla", 0.01),
            timed("alpha/eager", 0.02, workload="cnn_train"),
            timed("alpha/xla", 0.01, workload="cnn_train"),
            timed("beta/static", 0.01),
        )
    )
    assert [(one.compiled, one.workload) for one in found] == [
        ("alpha/graph", "mlp_train"),
        ("alpha/xla", "mlp_train"),
        ("alpha/xla", "cnn_train"),
    ]


SECONDS = st.floats(1e-6, 1e3)


@given(SECONDS, SECONDS, SECONDS, SECONDS, st.floats(0.0, 0.9))
def test_the_interval_holds_the_steps_and_nothing_is_below_one(timed, slow, fast, a, b, share):
    one = break_even(
        timed("alpha/eager", slow, slow * share, first=a),
        timed("alpha/compiled", fast, fast * share, first=b),
        tied=False,
    )
    assert (one.steps is None) == (one.outcome != "pays")
    if one.outcome == "pays":
        assert 1.0 <= one.low <= one.steps <= one.high
        assert one.compiled_seconds < one.eager_seconds
