"""Statistics against scipy and numpy, and the properties a reader relies on."""

import numpy
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from probes import statistics
from probes.statistics import Around

seconds = st.floats(1e-6, 1e3)
some_values = st.lists(seconds, min_size=4, max_size=60)
calm = Around(0.010, 0.010, 0.005, 0.005, 0.0, 2.0)


@given(some_values)
def test_interquartile_range_is_scipys(values):
    assert statistics.interquartile_range(values) == pytest.approx(scipy.stats.iqr(values))


@given(some_values)
def test_percentiles_need_enough_values_behind_them(values):
    assert statistics.percentile(values, 0.5) == pytest.approx(numpy.median(values))
    assert statistics.percentile(values, 0.99) is None
    assert statistics.percentile([1.0] * 662, 0.99) == 1.0
    assert statistics.percentile(values * 17, 0.90) is not None


def test_a_round_counts_once_however_many_values_it_has():
    assert statistics.median_of_rounds([[1.0] * 1000, [2.0], [3.0]]) == 2.0


@pytest.mark.parametrize("count", [20, 21])
def test_the_interval_is_scipys_where_there_is_one_round(count):
    values = numpy.random.default_rng(3).lognormal(0.0, 0.2, count)
    low, high = statistics.bootstrap_interval([values], resamples=20_000)
    oracle = scipy.stats.bootstrap(
        (values,), numpy.median, n_resamples=20_000, method="percentile", rng=5
    ).confidence_interval
    width = oracle.high - oracle.low
    assert low == pytest.approx(oracle.low, abs=0.05 * width)
    assert high == pytest.approx(oracle.high, abs=0.05 * width)


def test_the_interval_holds_the_spread_between_rounds():
    inside = statistics.bootstrap_interval([[1.0, 1.01, 0.99] * 10] * 3)
    between = statistics.bootstrap_interval([[f, 1.01 * f, 0.99 * f] * 10 for f in (1.0, 1.2, 0.9)])
    assert inside[1] - inside[0] < 0.03
    assert between[1] - between[0] > 0.2


@given(st.lists(some_values, min_size=1, max_size=4))
def test_the_interval_is_repeatable_and_inside_the_values(rounds):
    low, high = statistics.bootstrap_interval(rounds)
    assert (low, high) == statistics.bootstrap_interval(rounds)
    flat = [value for values in rounds for value in values]
    assert min(flat) <= low <= high <= max(flat)


def test_outliers_are_flagged_beyond_the_outer_fences():
    values = [1.0, 1.1, 0.9, 1.05, 0.95, 1.0, 5.0]
    assert statistics.outliers(values) == (False,) * 6 + (True,)


def test_a_calm_round_is_not_disturbed():
    assert statistics.disturbances([1.0, 1.01, 0.99, 1.0], calm, 0.010, 0.005, 2.0) == ()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"foreign_cpu": 0.11}, "other programs used 11%"),
        ({"control_before": 0.0112}, "the control product took 12% longer"),
        ({"control_after": 0.0112}, "the control product took 12% longer"),
        ({"small_after": 0.007}, "the control of small operations took 40% longer"),
        ({"cpu_per_wall": 1.5}, "it got 1.50 cores, its best round 2.00"),
    ],
)
def test_each_disturbance_is_told_in_words(change, word):
    values = [1.0, 1.01, 0.99, 1.0]
    found = statistics.disturbances(values, calm._replace(**change), 0.010, 0.005, 2.0)
    assert len(found) == 1
    assert word in found[0]


def test_contention_is_seen_though_the_spread_is_small():
    """A busy neighbour slows every step alike: 5 % spread, half the cores."""
    values = [2.0, 2.02, 1.98, 2.0]
    assert statistics.disturbances(values, calm._replace(cpu_per_wall=1.0), 0.010, 0.005, 2.0)


def test_scattered_times_are_a_disturbance():
    (reason,) = statistics.disturbances([1.0, 1.6, 0.6, 1.0, 1.5], calm)
    assert "scatter" in reason


def test_modes_differ_when_all_rounds_agree_and_the_difference_is_a_tenth():
    assert statistics.compare_rounds([1.0, 1.1, 0.9], [1.3, 1.4, 1.2]) == (1.3, "first_faster")
    assert statistics.compare_rounds([1.3, 1.4, 1.2], [1.0, 1.1, 0.9])[1] == "second_faster"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([1.0, 1.0, 1.0], [1.09, 1.05, 1.08]),
        ([1.0, 1.0, 1.0], [1.5, 1.5, 0.99]),
        ([1.0], [3.0]),
    ],
    ids=["less than a tenth", "one round disagrees", "one round alone"],
)
def test_otherwise_they_tie(first, second):
    assert statistics.compare_rounds(first, second)[1] == "tie"


positive = st.lists(st.floats(0.01, 100.0), min_size=1, max_size=8)


@given(positive, st.data())
def test_swapping_the_two_swaps_the_verdict(first, data):
    second = data.draw(st.lists(st.floats(0.01, 100.0), min_size=len(first), max_size=len(first)))
    swapped = {"first_faster": "second_faster", "second_faster": "first_faster", "tie": "tie"}
    ratio, verdict = statistics.compare_rounds(first, second)
    back, other = statistics.compare_rounds(second, first)
    if len(first) % 2:
        assert back == pytest.approx(1.0 / ratio)
        assert other == swapped[verdict]


def test_the_limit_is_the_slower_of_computing_and_moving():
    assert statistics.limit_seconds(1e9, 1e6, 1e12, 1e10) == pytest.approx(1e-3)
    assert statistics.limit_seconds(1e9, 1e9, 1e12, 1e10) == pytest.approx(0.1)
    assert statistics.limit_seconds(1e9, 1e9, None, None) is None


def test_short_calls_that_take_one_of_two_usual_times_are_no_disturbance():
    """Calls of 0.4 or 0.6 ms in any order: by a third apart, and alike in blocks of 10 ms."""
    random = numpy.random.RandomState(1)
    values = random.choice([4e-4, 6e-4], size=600).tolist()
    assert statistics.interquartile_range(values) > 0.25 * statistics.median(values)
    assert statistics.disturbances(values, calm) == ()


def test_short_calls_that_were_slow_for_a_third_of_the_time_are_a_disturbance():
    values = [4e-4] * 400 + [8e-4] * 200
    (reason,) = statistics.disturbances(values, calm)
    assert "scatter" in reason


def test_block_means_keep_the_order_and_leave_no_block_unfilled():
    assert statistics.block_means([1.0, 2.0, 3.0], seconds=1.0) == (1.0, 2.0, 3.0)
    assert statistics.block_means([1.0, 3.0, 1.0, 3.0, 9.0], seconds=6.0) == (2.0, 2.0)
    assert statistics.block_means([1.0, 2.0], seconds=100.0) == (1.5,)
