"""What is said about times: pure functions over plain numbers, in seconds or any other unit.

Medians and bootstrap over rounds and values, Tukey's fences, the stability of a round, the paired
comparison. Knows no process, no clock and no file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy

if TYPE_CHECKING:
    # The oldest numpy that the bundle meets has no types.
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float64]

RESAMPLES = 1000
SEED = 20_240_229
FOREIGN_CPU_LIMIT = 0.10
CONTROL_LIMIT = 0.10
SMALL_OPERATIONS_LIMIT = 0.35
"""Bursts of small operations wait for each other and scatter by a fifth on an idle machine."""
CPU_PER_WALL_LIMIT = 0.20
SPREAD_LIMIT = 0.25
"""torch.utils.benchmark calls an interquartile range of a quarter of the median environmental. Its
values are means of blocks of calls: so are these, see `block_means`."""
BLOCK_SECONDS = 0.01
TIE_LIMIT = 1.10
IMPOSSIBLE = 1.25
"""Share of the measured limit above which a time is an error of measurement. The limit is itself
measured, on one shape of product, and caches favour small ones: hence not 1."""


def median(values: Sequence[float]) -> float:
    """Raises ValueError without values."""
    if not values:
        raise ValueError("no values")
    return float(numpy.median(values))


def interquartile_range(values: Sequence[float]) -> float:
    """Linear interpolation between values, as numpy and scipy do by default."""
    low, high = numpy.percentile(values, (25, 75))
    return float(high - low)


def percentile(values: Sequence[float], share: float) -> float | None:
    """A percentile, or None where too few values stand behind it.

    The floors are those of MLPerf's early stopping at 99 % confidence (64 for p90, 662 for p99).
    """
    floors = {0.90: 64, 0.95: 130, 0.97: 219, 0.99: 662}
    if len(values) < floors.get(share, 1):
        return None
    return float(numpy.percentile(values, 100 * share))


def block_means(values: Sequence[float], seconds: float = BLOCK_SECONDS) -> tuple[float, ...]:
    """Means of neighbouring values, as many to a block as take about so many seconds.

    A call of half a millisecond has two or three usual times, by where its threads happen to wake
    up, and scatters by a third on an idle machine; what a neighbour takes away, a block shows.
    """
    size = max(1, round(seconds / median(values)))
    whole = len(values) - len(values) % size
    if whole == 0:
        return (float(numpy.mean(values)),)
    return tuple(numpy.mean(numpy.reshape(values[:whole], (-1, size)), axis=1).tolist())


def outliers(values: Sequence[float]) -> tuple[bool, ...]:
    """Beyond Tukey's outer fences, three interquartile ranges from the quartiles; kept, flagged."""
    low, high = numpy.percentile(values, (25, 75))
    reach = 3.0 * (high - low)
    return tuple(not low - reach <= value <= high + reach for value in values)


def median_of_rounds(rounds: Sequence[Sequence[float]]) -> float:
    """Median of the rounds' medians: a round counts once, however many values it has."""
    return median([median(one) for one in rounds])


def bootstrap_interval(
    rounds: Sequence[Sequence[float]], resamples: int = RESAMPLES, seed: int = SEED
) -> tuple[float, float]:
    """95 % percentile interval of the median of rounds' medians.

    Rounds are drawn, and in each drawn round its values (Davison & Hinkley 1997, 3.8): with values
    alone the interval would miss what differs from round to round. The same input gives the same
    interval.
    """
    random = numpy.random.Generator(numpy.random.PCG64(seed))
    medians = numpy.empty((resamples, len(rounds)))
    drawn = random.integers(0, len(rounds), size=medians.shape)
    for number, values in enumerate(rounds):
        places = drawn == number
        count = int(places.sum())
        if count:
            medians[places] = _resampled_medians(numpy.asarray(values, dtype=float), count, random)
    low, high = numpy.percentile(numpy.median(medians, axis=1), (2.5, 97.5))
    return float(low), float(high)


def _resampled_medians(values: Floats, count: int, random: numpy.random.Generator) -> Floats:
    """Medians of `count` resamples, drawn through the order statistics.

    A resample's median is the value at the middle of n sorted uniform draws; that place has a Beta
    distribution, so that one draw stands for n.
    """
    size = len(values)
    ordered: Floats = numpy.sort(values)
    if size % 2:
        places = random.beta((size + 1) / 2, (size + 1) / 2, size=count)
        middle: Floats = ordered[numpy.minimum((places * size).astype(int), size - 1)]
        return middle
    lower = random.beta(size / 2, size / 2 + 1, size=count)
    # The next order statistic, given this one.
    upper = 1.0 - (1.0 - lower) * random.random(count) ** (1.0 / (size / 2))
    first = ordered[numpy.minimum((lower * size).astype(int), size - 1)]
    second = ordered[numpy.minimum((upper * size).astype(int), size - 1)]
    halved: Floats = (first + second) / 2.0
    return halved


class Around(NamedTuple):
    """What was watched around and during a round."""

    control_before: float
    control_after: float
    small_before: float | None
    small_after: float | None
    foreign_cpu: float | None
    cpu_per_wall: float | None


def is_disturbed(foreign_cpu: float | None) -> bool:
    """Whether others used more of the processor than a measurement bears."""
    return foreign_cpu is not None and foreign_cpu > FOREIGN_CPU_LIMIT


def disturbances(
    values: Sequence[float],
    around: Around,
    usual_control: float | None = None,
    usual_small: float | None = None,
    best_cpu_per_wall: float | None = None,
) -> tuple[str, ...]:
    """Why a round is not to be trusted, in words; empty when nothing speaks against it.

    `usual_...` are the run's own medians of the controls, `best_cpu_per_wall` the best round of the
    same mode and workload. The spread alone misses contention: a busy neighbour slows every step
    alike.
    """
    reasons = []
    if around.foreign_cpu is not None and is_disturbed(around.foreign_cpu):
        reasons.append(f"other programs used {around.foreign_cpu:.0%} of the processor")
    reasons += _drift(
        "the control product", around.control_before, around.control_after, usual_control,
        CONTROL_LIMIT,
    )  # fmt: skip
    if around.small_before is not None and around.small_after is not None:
        reasons += _drift(
            "the control of small operations", around.small_before, around.small_after,
            usual_small, SMALL_OPERATIONS_LIMIT,
        )  # fmt: skip
    if (
        around.cpu_per_wall is not None
        and best_cpu_per_wall is not None
        and around.cpu_per_wall < (1.0 - CPU_PER_WALL_LIMIT) * best_cpu_per_wall
    ):
        reasons.append(
            f"it got {around.cpu_per_wall:.2f} cores, its best round {best_cpu_per_wall:.2f}"
        )
    means = block_means(values)
    spread = interquartile_range(means) / median(means)
    if len(means) >= 4 and spread > SPREAD_LIMIT:
        reasons.append(f"single times scatter by {spread:.0%} of their median")
    return tuple(reasons)


def _drift(what: str, before: float, after: float, usual: float | None, limit: float) -> list[str]:
    """Slower than usual before or after, or faster or slower after than before."""
    slowest = max(before, after)
    if usual is not None and slowest > (1.0 + limit) * usual:
        return [f"{what} took {slowest / usual - 1.0:.0%} longer than usual beside it"]
    if usual is None and slowest > (1.0 + limit) * min(before, after):
        return [f"{what} changed by {slowest / min(before, after) - 1.0:.0%} during it"]
    return []


PairVerdict = Literal["first_faster", "second_faster", "tie"]


def compare_rounds(first: Sequence[float], second: Sequence[float]) -> tuple[float, PairVerdict]:
    """Two modes by the medians of their paired rounds: ratio (second over first) and verdict.

    They differ when every round agrees in sign and the paired median differs by at least a tenth.
    One round alone cannot agree with another: it ties.
    """
    if len(first) != len(second) or not first:
        raise ValueError("rounds are compared in pairs")
    ratios = [b / a for a, b in zip(first, second, strict=True)]
    ratio = median(ratios)
    if len(ratios) < 2 or not (
        all(one > 1.0 for one in ratios) or all(one < 1.0 for one in ratios)
    ):
        return ratio, "tie"
    if ratio >= TIE_LIMIT:
        return ratio, "first_faster"
    return ratio, "second_faster" if 1.0 / ratio >= TIE_LIMIT else "tie"


def limit_seconds(
    flops: float | None,
    bytes_moved: float | None,
    peak_flops_per_second: float | None,
    peak_bytes_per_second: float | None,
) -> float | None:
    """The least time that this machine's measured limits allow (roofline, Williams et al. 2009)."""
    floors = [
        amount / peak
        for amount, peak in ((flops, peak_flops_per_second), (bytes_moved, peak_bytes_per_second))
        if amount is not None and peak is not None and peak > 0
    ]
    return max(floors, default=None)
