"""Measured times as values of the criterion `performance`, on a fixed scale.

The scale is the logarithm of the time over this machine's own control product, so nobody's value
depends on who else was measured. Two times that differ by less than a tenth are a tie, so no
interval is narrower than that.
"""

import math

import msgspec

from rules.conditions import Given, holds, options_of
from rules.model import Answers, Knowledge, MeasuredTime, Measurements, SpeedScale
from rules.screen import as_read, conflicts

TIE_RATIO = 1.10
"""Times closer than this tie, however narrow their own intervals are."""


class Speed(msgspec.Struct, frozen=True):
    """One framework on one workload: value and the ends of its interval, 0 to 1."""

    workload: str
    value: float
    low: float
    high: float
    seconds: float


class Speeds(msgspec.Struct, frozen=True):
    """`workloads` are those that count for everybody; by framework, what it showed of them."""

    counts: bool
    """Measured on the class of device that the answers name."""
    workloads: tuple[str, ...]
    by_framework: dict[str, tuple[Speed, ...]]


def speeds(knowledge: Knowledge, measurements: Measurements, given: Given) -> Speeds:
    """What the measurements say of the work that the answers name; times on another class of
    device are kept but do not count."""
    scales = {one.workload: one for one in knowledge.speed_scales if holds(one.when, given)}
    device = options_of(given, "training_hardware")
    known = [time for time in measurements.times if time.workload in scales]
    here = [time for time in known if time.device in device]
    used = here or known
    by_framework: dict[str, list[Speed]] = {}
    for time in sorted(used, key=lambda one: (one.framework, one.workload, one.mode)):
        by_framework.setdefault(time.framework, []).append(_speed(scales[time.workload], time))
    return Speeds(
        counts=bool(here),
        workloads=tuple(sorted({time.workload for time in used})),
        by_framework={name: tuple(values) for name, values in by_framework.items()},
    )


def telling_workloads(knowledge: Knowledge, answers: Answers) -> tuple[str, ...]:
    """The workloads whose times can count for these answers, in the order of the base."""
    given = as_read(answers.answers, conflicts(knowledge, answers.answers))
    return tuple(one.workload for one in knowledge.speed_scales if holds(one.when, given))


def _speed(scale: SpeedScale, time: MeasuredTime) -> Speed:
    half = math.sqrt(TIE_RATIO)  # so that the intervals of two that tie overlap
    slowest = max(time.high_seconds, time.median_seconds * half)
    fastest = min(time.low_seconds, time.median_seconds / half)
    return Speed(
        workload=time.workload,
        value=_value(scale, time.median_seconds / time.control_seconds),
        low=_value(scale, slowest / time.control_seconds),
        high=_value(scale, fastest / time.control_seconds),
        seconds=time.median_seconds,
    )


def _value(scale: SpeedScale, ratio: float) -> float:
    span = math.log2(scale.worst_ratio / scale.best_ratio)
    return min(1.0, max(0.0, math.log2(scale.worst_ratio / ratio) / span))
