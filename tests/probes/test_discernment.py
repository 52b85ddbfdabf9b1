"""What is told apart and what is not, on simulated clocks: fixed seeds, no process.

The noise is assumed, of the size that probes on two cores of a shared host show when it is calm:
calls scatter by 8 % with one in fifty three times as long, windows by 2 %, and all that is measured
in one round by 2 % together, the controls too. A neighbour that eats one of two cores slows a step
of two threads to about half its speed (OpenMP waits for its slowest thread) and the controls alike.
"""

import itertools

import msgspec
import numpy
import pytest

from probes import summary
from probes.messages import Prepared, SaidEqualWork
from probes.plan import SETTINGS, PlannedItem
from probes.statistics import Around
from probes.summary import RawRound

ROUNDS = SETTINGS["standard"].rounds
CONTROL_SECONDS, SMALL_SECONDS = 0.009, 0.0015
CALM = frozenset()


class Clock:
    """Gives rounds of modes with known true times."""

    def __init__(self, seed):
        self._random = numpy.random.RandomState(seed)

    def rounds(self, truth, busy=CALM):
        """Raw rounds by mode; in the rounds of `busy` a neighbour eats a core."""
        raw = {mode: [] for mode in truth}
        for number in range(1, ROUNDS + 1):
            drift = self._scatter(0.02)
            for mode, seconds in truth.items():
                raw[mode].append(self._window(number, seconds, drift, number in busy))
        return raw

    def _window(self, number, seconds, drift, busy):
        slower = drift * (self._random.uniform(1.4, 2.2) if busy else 1.0)
        count = max(10, int(0.3 / seconds))
        calls = numpy.exp(self._random.normal(0.0, 0.08, count))
        calls[self._random.uniform(size=count) < 0.02] *= 3.0
        values = seconds * slower * self._scatter(0.02) * calls
        controls = [CONTROL_SECONDS * slower * self._scatter(0.02) for _ in range(2)]
        small = [SMALL_SECONDS * slower * self._scatter(0.08) for _ in range(2)]
        return RawRound(
            number=number,
            values=tuple(values.tolist()),
            around=Around(
                *controls, *small,
                foreign_cpu=self._random.uniform(0.4, 0.5) if busy else 0.01,
                cpu_per_wall=1.1 if busy else 1.9,
            ),
        )  # fmt: skip

    def _scatter(self, share):
        return float(numpy.exp(self._random.normal(0.0, share)))


def measured(truth, seed, busy=CALM):
    """Measurements by mode, judged and summed up as a run does it."""
    raw = Clock(seed).rounds(truth, busy)
    control, small = summary.usual_controls(one for rounds in raw.values() for one in rounds)
    return {
        mode: summary.measurement(
            item(mode), prepared(), summary.judged_rounds(rounds, control, small), ROUNDS
        )
        for mode, rounds in raw.items()
    }


def item(mode):
    return PlannedItem(
        framework=mode.partition("/")[0], mode=mode, workload="mlp_train", device="cpu",
        python="python", worker="worker",
    )  # fmt: skip


def prepared():
    proof = SaidEqualWork(
        passed=True,
        max_rel_err=1e-6,
        tolerance=1e-4,
        losses=(2.0, 1.0),
        reference_losses=(2.0, 1.0),
    )
    return Prepared(
        equal_work=proof, first_call_seconds=0.1, workload_version="1", purpose="training"
    )


def calls(found):
    """Verdict for each pair of modes."""
    compared = summary.comparisons(list(found.values()), {})
    return {(one.first, one.second): one.verdict for one in compared}


def test_a_slowdown_by_a_quarter_is_told_in_at_least_19_of_20_runs():
    told = [
        calls(measured({"ours/eager": 0.005, "slowed/eager": 0.00625}, seed)) for seed in range(20)
    ]
    assert told.count({("ours/eager", "slowed/eager"): "first_faster"}) >= 19


def test_modes_that_are_alike_are_not_told_apart():
    told = [calls(measured({"one/eager": 0.005, "other/eager": 0.005}, seed)) for seed in range(40)]
    assert told == [{("one/eager", "other/eager"): "tie"}] * 40


TRUE_SECONDS = {
    f"mode{number}/eager": 0.002 * step
    for number, step in enumerate((1.0, 1.03, 1.2, 1.3, 1.6, 1.65, 2.6, 4.0, 4.4))
}


def test_over_five_runs_no_order_flips_and_what_lies_half_again_apart_is_told():
    runs = [calls(measured(TRUE_SECONDS, seed)) for seed in range(5)]
    far = [
        (one, other)
        for one, other in itertools.combinations(TRUE_SECONDS, 2)
        if TRUE_SECONDS[other] >= 1.5 * TRUE_SECONDS[one]
    ]
    assert len(far) > 10
    for told in runs:
        assert sum(told[pair] == "first_faster" for pair in far) >= 0.9 * len(far)
    for pair in itertools.combinations(TRUE_SECONDS, 2):
        # The modes stand in the order of their true times.
        assert {told[pair] for told in runs} <= {"first_faster", "tie"}


def test_on_an_idle_machine_few_rounds_are_flagged():
    flags = [
        each.flagged
        for seed in range(10)
        for one in measured(TRUE_SECONDS, seed).values()
        for each in one.rounds
    ]
    assert sum(flags) <= 0.10 * len(flags)


@pytest.mark.parametrize("busy", [{2}, {1, 4}], ids=["in one round", "in two rounds"])
def test_what_a_neighbour_disturbed_is_flagged_and_never_counts(busy):
    for seed in range(20):
        calm, found = measured(TRUE_SECONDS, seed), measured(TRUE_SECONDS, seed, busy)
        for mode, one in found.items():
            assert busy <= {each.number for each in one.rounds if each.flagged}
            assert one.verdict.status == "valid"
            assert one.median_seconds == pytest.approx(calm[mode].median_seconds, rel=0.15)
            assert one.median_seconds < 1.2 * TRUE_SECONDS[mode]


def test_with_a_neighbour_all_the_time_nothing_counts():
    for one in measured(TRUE_SECONDS, 1, set(range(1, ROUNDS + 1))).values():
        assert one.verdict.status == "unstable"
        assert all(each.flagged for each in one.rounds)


def test_a_disturbed_round_is_left_out_of_the_pair_as_well():
    found = measured({"ours/eager": 0.005, "slowed/eager": 0.00625}, 3)
    spoiled = found["ours/eager"].rounds[0]
    slow = msgspec.structs.replace(spoiled, flagged=True, values=(1.0,) * 10)
    rounds = (slow, *found["ours/eager"].rounds[1:])
    found["ours/eager"] = msgspec.structs.replace(found["ours/eager"], rounds=rounds)
    assert calls(found) == {("ours/eager", "slowed/eager"): "first_faster"}
