"""A workload over the versions of a framework and over time, and which upgrade made it slower.

Pure functions over the entries of a history; knows no file.
"""

import itertools
import statistics
from collections.abc import Iterable, Iterator, Sequence

from app.history import Entry, Kept, Time
from rules.texts import say

LEAST_SLOWDOWN = 0.10
"""As when two machine files are compared: less than this is no difference that holds."""


class Point(Kept, frozen=True, kw_only=True):
    """One run of a workload."""

    entry: str
    when: str
    version: str
    time: Time
    surroundings: dict[str, str]


class Regression(Kept, frozen=True, kw_only=True):
    """Slower after a change of version: every run with the new one, against every run before."""

    before_version: str
    after_version: str
    before_seconds: float
    after_seconds: float
    slowdown: float
    """After over before, the lesser of that in seconds and in control products; 1.25 is a quarter
    slower."""
    in_control_products: bool
    """Whether the control product of both is known, so that a slower machine is ruled out."""
    also_changed: tuple[str, ...]
    """What else differs between the two and may be the cause."""


class Trend(Kept, frozen=True, kw_only=True):
    """One mode and workload on equal hardware, in the order of time."""

    framework: str
    mode: str
    workload: str
    workload_version: str
    device: str
    track: str
    hardware: str
    machine: str
    points: tuple[Point, ...]
    regressions: tuple[Regression, ...]


def trends(
    entries: Iterable[Entry], workload: str | None = None, framework: str | None = None
) -> tuple[Trend, ...]:
    """Each mode and workload on equal hardware over time, with what an upgrade made slower."""
    found: dict[tuple[str, ...], list[Point]] = {}
    machines: dict[str, str] = {}
    seen = set()
    for entry in sorted(entries, key=lambda one: (one.measured, one.when, one.id)):
        machines[entry.hardware] = entry.machine
        for time in entry.times:
            if workload not in (None, time.workload) or framework not in (None, time.framework):
                continue
            kind = (
                time.framework, time.mode, time.workload, time.workload_version, time.device,
                time.track, entry.hardware,
            )  # fmt: skip
            # A report carries the machine file that it rests on: the same run is one point. It is
            # known by its moment and time, since a redacted report has no number of the run.
            interval = (time.low_seconds, time.median_seconds, time.high_seconds)
            if (run := (entry.measured, *interval, *kind)) in seen:
                continue
            seen.add(run)
            found.setdefault(kind, []).append(
                Point(
                    entry=entry.id,
                    when=entry.measured,
                    version=time.version,
                    time=time,
                    surroundings=entry.surroundings,
                )
            )
    return tuple(
        Trend(
            framework=kind[0],
            mode=kind[1],
            workload=kind[2],
            workload_version=kind[3],
            device=kind[4],
            track=kind[5],
            hardware=kind[6],
            machine=machines[kind[-1]],
            points=tuple(points),
            regressions=tuple(_regressions(points)),
        )
        for kind, points in sorted(found.items())
    )


def _regressions(points: Sequence[Point]) -> Iterator[Regression]:
    runs = [list(group) for _, group in itertools.groupby(points, key=lambda one: one.version)]
    for before, after in itertools.pairwise(runs):
        regression = _regression(before, after)
        if regression is not None:
            yield regression


def _regression(before: Sequence[Point], after: Sequence[Point]) -> Regression | None:
    """Slower in seconds and in control products, with intervals that nowhere meet.

    Seconds alone would blame the framework for a machine that runs slower today, control products
    alone for a NumPy that has become faster.
    """
    slowdown = _slowdown([_seconds(one) for one in before], [_seconds(one) for one in after])
    known = all(one.time.control_seconds for one in (*before, *after))
    if known:
        relative = _slowdown([_products(one) for one in before], [_products(one) for one in after])
        slowdown = None if slowdown is None or relative is None else min(slowdown, relative)
    if slowdown is None:
        return None
    return Regression(
        before_version=before[0].version,
        after_version=after[0].version,
        before_seconds=statistics.median(one.time.median_seconds for one in before),
        after_seconds=statistics.median(one.time.median_seconds for one in after),
        slowdown=round(slowdown, 6),
        in_control_products=known,
        also_changed=tuple(_also_changed(before[-1], after[0])),
    )


def _seconds(point: Point) -> tuple[float, float, float]:
    time = point.time
    return time.low_seconds, time.median_seconds, time.high_seconds


def _products(point: Point) -> tuple[float, float, float]:
    """The same in control products."""
    unit = point.time.control_seconds or 1.0
    low, median, high = _seconds(point)
    return low / unit, median / unit, high / unit


def _slowdown(
    before: Sequence[tuple[float, float, float]], after: Sequence[tuple[float, float, float]]
) -> float | None:
    """After over before; None where intervals meet or it is less than counts."""
    if min(low for low, _, _ in after) <= max(high for _, _, high in before):
        return None
    ratio = statistics.median(one for _, one, _ in after) / statistics.median(
        one for _, one, _ in before
    )
    return ratio if ratio >= 1 + LEAST_SLOWDOWN else None


def _also_changed(before: Point, after: Point) -> Iterator[str]:
    ours = {"Python": before.time.python, **before.surroundings}
    theirs = {"Python": after.time.python, **after.surroundings}
    for name in dict.fromkeys((*ours, *theirs)):
        old, new = ours.get(name), theirs.get(name)
        if old != new:
            unknown = say("not told")
            yield say("{name}: {old} -> {new}", name=name, old=old or unknown, new=new or unknown)


def regression_text(trend: Trend, regression: Regression) -> str:
    """One sentence, with both versions and what else may be the cause."""
    sentence = (
        "{mode} {workload} on {device} takes {ratio} times as long with {after} as with {before}"
        if regression.in_control_products
        else "{mode} {workload} on {device} takes {ratio} times as long with {after} as with "
        "{before} in seconds; the control product is not known"
    )
    said = say(
        sentence,
        mode=trend.mode,
        workload=trend.workload,
        device=trend.device,
        ratio=f"{regression.slowdown:.2f}",
        after=regression.after_version,
        before=regression.before_version,
    )
    if not regression.also_changed:
        return say("{sentence}.", sentence=said)
    changed = ", ".join(regression.also_changed)
    return say("{sentence}; changed as well: {changes}.", sentence=said, changes=changed)


def other_hardware(shown: Sequence[Trend]) -> tuple[str, ...]:
    """The machines in words, where the trends are of more than one: their times do not compare."""
    machines = dict.fromkeys((one.hardware, one.machine) for one in shown)
    return tuple(text for _, text in machines) if len(machines) > 1 else ()
