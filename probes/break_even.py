"""After how many steps a compiled mode has caught up with eager execution: pure.

Knows no framework: `eager` runs a step as it is written, and the other modes named here build it
before its first call.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec

from probes.results import Device, Machine, Measurement

EAGER = "eager"
COMPILED = ("compiled", "graph", "xla", "static")
"""The parts of a mode id behind the slash."""

Outcome = Literal["pays", "never", "unsettled"]


class BreakEven(msgspec.Struct, frozen=True, kw_only=True):
    """One compiled mode against its framework's eager one, on one workload and device.

    n steps take `first call + (n - 1) * median`, the first call being a step too. Both are level at

        n = 1 + (first call compiled - first call eager) / (median eager - median compiled)

    and at 1 where the compiled mode's first call is no longer. The interval is conservative: `low`
    takes the upper end of the eager median's 95 % interval with the lower end of the compiled
    one's, `high` the other way round. A first call is seen once in a process and has no interval.
    """

    framework: str
    workload: str
    device: Device
    python: str
    eager: str
    """Mode ids."""
    compiled: str
    eager_first_seconds: float
    compiled_first_seconds: float
    eager_seconds: float
    compiled_seconds: float
    outcome: Outcome
    """`never`: a compiled step is no faster anywhere in the intervals. `unsettled`: it is faster in
    part of them, or the paired rounds tie."""
    steps: float | None
    """Steps at which both are level; None unless it pays."""
    low: float | None
    """None where it never pays."""
    high: float | None
    """None where no number of steps is certain to be enough."""


def break_evens(machine: Machine) -> tuple[BreakEven, ...]:
    """All pairs that have valid times and first calls of the same work, in the file's order."""
    return tuple(_pairs(machine))


def _pairs(machine: Machine) -> Iterator[BreakEven]:
    eager = {_place(one): one for one in machine.measurements if _variant(one) == EAGER}
    ties = {
        frozenset((one.first, one.second)) | {one.workload, one.device}
        for one in machine.comparisons
        if one.verdict == "tie"
    }
    for one in machine.measurements:
        base = eager.get(_place(one))
        if base is None or _variant(one) not in COMPILED:
            continue
        tied = frozenset((base.mode, one.mode)) | {one.workload, one.device} in ties
        found = break_even(base, one, tied=tied)
        if found is not None:
            yield found


def _place(one: Measurement) -> tuple[str, ...]:
    """What two measurements must share to be of the same work."""
    return (
        one.framework, one.workload, one.workload_version, one.device, one.python, one.track,
    )  # fmt: skip


def _variant(one: Measurement) -> str:
    return one.mode.partition("/")[2]


def break_even(eager: Measurement, compiled: Measurement, *, tied: bool) -> BreakEven | None:
    """None where one of them has no valid time, no interval or no first call."""
    for one in (eager, compiled):
        if one.verdict.status != "valid" or one.purpose not in ("training", "inference"):
            return None
    times = (eager.median_seconds, compiled.median_seconds)
    firsts = (eager.first_call_seconds, compiled.first_call_seconds)
    intervals = (eager.ci95, compiled.ci95)
    if None in times or None in firsts or None in intervals:
        return None
    assert eager.median_seconds is not None
    assert compiled.median_seconds is not None
    assert eager.first_call_seconds is not None
    assert compiled.first_call_seconds is not None
    assert eager.ci95 is not None
    assert compiled.ci95 is not None
    extra = compiled.first_call_seconds - eager.first_call_seconds
    saved = eager.median_seconds - compiled.median_seconds
    most_saved = eager.ci95[1] - compiled.ci95[0]
    least_saved = eager.ci95[0] - compiled.ci95[1]
    outcome: Outcome = "unsettled"
    if most_saved <= 0.0:
        outcome = "never"
    elif least_saved > 0.0 and not tied:
        outcome = "pays"
    return BreakEven(
        framework=compiled.framework,
        workload=compiled.workload,
        device=compiled.device,
        python=compiled.python,
        eager=eager.mode,
        compiled=compiled.mode,
        eager_first_seconds=eager.first_call_seconds,
        compiled_first_seconds=compiled.first_call_seconds,
        eager_seconds=eager.median_seconds,
        compiled_seconds=compiled.median_seconds,
        outcome=outcome,
        steps=_level(extra, saved) if outcome == "pays" else None,
        low=None if outcome == "never" else _level(extra, most_saved),
        high=_level(extra, least_saved) if outcome == "pays" else None,
    )


def _level(extra: float, saved: float) -> float:
    return 1.0 + max(0.0, extra) / saved
