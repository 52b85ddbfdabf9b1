"""Measured times as values of the criterion `performance`, on a fixed scale.

The scale is the logarithm of the time over this machine's own control product, so nobody's value
depends on who else was measured.
"""

import math

import msgspec

from rules.conditions import Given, options_of
from rules.model import Knowledge, MeasuredTime, Measurements, SpeedScale


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
    """What the measurements say; times on another class of device are kept but do not count."""
    scales = {scale.workload: scale for scale in knowledge.speed_scales}
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


def _speed(scale: SpeedScale, time: MeasuredTime) -> Speed:
    return Speed(
        workload=time.workload,
        value=_value(scale, time.median_seconds / time.control_seconds),
        low=_value(scale, time.high_seconds / time.control_seconds),
        high=_value(scale, time.low_seconds / time.control_seconds),
        seconds=time.median_seconds,
    )


def _value(scale: SpeedScale, ratio: float) -> float:
    span = math.log2(scale.worst_ratio / scale.best_ratio)
    return min(1.0, max(0.0, math.log2(scale.worst_ratio / ratio) / span))
