"""From raw rounds to what stands in the machine file: pure.

Flags rounds, takes medians and intervals of the others, gives each measurement its verdict, finds
the machine's measured limits, compares modes, and makes the fingerprint.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Literal, NamedTuple

import msgspec

from probes import statistics
from probes.messages import Measured, Prepared, equal_work
from probes.plan import FIRST_CALL, PlannedItem, purpose_of
from probes.results import (
    Comparison,
    Device,
    Environment,
    Hardware,
    Measurement,
    Round,
    Status,
    Verdict,
)
from probes.statistics import Around

CONTROL_FLOPS = 2.0 * 1024**3
"""Of the control product, 1024 x 1024 x 1024."""
SURE_ROUNDS = 2
"""Undisturbed rounds that a median needs before it counts."""


IDLE_THREADS_SHARE = 0.7
"""Of the thread plan that a large product should keep busy."""


MUCH_DISTURBED = 0.25


class RawRound(msgspec.Struct, frozen=True, kw_only=True):
    """A window as it came from the worker, with what was watched."""

    number: int
    values: tuple[float, ...]
    around: Around


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """The most memory over the windows of an item; None where nothing was told."""

    resident_bytes: int | None = None
    scope: Literal["item", "process"] | None = None
    device_bytes: int | None = None

    def and_window(self, window: Measured) -> "Memory":
        """With one more window. A disturbed one counts: others' work takes none of our memory."""
        resident, scope = window.peak_resident_bytes, window.peak_resident_scope
        if resident is None or scope is None:
            resident, scope = None, None
        elif self.scope == "process":
            scope = "process"
        return Memory(
            resident_bytes=_largest(self.resident_bytes, resident),
            scope=scope or self.scope,
            device_bytes=_largest(self.device_bytes, window.peak_device_bytes),
        )


def _largest(one: int | None, other: int | None) -> int | None:
    return max((value for value in (one, other) if value is not None), default=None)


def with_memory(one: Measurement, memory: Memory, imported: int | None) -> Measurement:
    """The measurement with what its windows needed, and what the process held before any work."""
    return msgspec.structs.replace(
        one,
        peak_resident_bytes=memory.resident_bytes,
        peak_resident_scope=memory.scope,
        imported_resident_bytes=imported,
        peak_device_bytes=memory.device_bytes,
    )


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What this machine was seen to reach on one device."""

    flops_per_second: float | None
    bytes_per_second: float | None
    sure: bool
    """Whether a framework's own product was measured: the control's library alone can be half as
    fast as the best one here."""


def judged_rounds(
    raw: Sequence[RawRound], usual_control: float | None, usual_small: float | None
) -> tuple[Round, ...]:
    """The rounds of one mode and workload with their flags."""
    shares = [one.around.cpu_per_wall for one in raw if one.around.cpu_per_wall is not None]
    best = max(shares, default=None)
    return tuple(
        _round(
            one,
            statistics.disturbances(one.values, one.around, usual_control, usual_small, best),
        )
        for one in raw
    )


def _round(raw: RawRound, reasons: tuple[str, ...]) -> Round:
    return Round(
        number=raw.number,
        values=raw.values,
        control_before_seconds=raw.around.control_before,
        control_after_seconds=raw.around.control_after,
        small_operations_before_seconds=raw.around.small_before,
        small_operations_after_seconds=raw.around.small_after,
        foreign_cpu=raw.around.foreign_cpu,
        cpu_per_wall=raw.around.cpu_per_wall,
        flagged=bool(reasons),
        reasons=reasons,
    )


def usual_controls(rounds: Iterable[RawRound]) -> tuple[float | None, float | None]:
    """Medians of both controls over the rounds of one workload."""
    products: list[float] = []
    bursts: list[float] = []
    for one in rounds:
        products += (one.around.control_before, one.around.control_after)
        bursts += [
            value
            for value in (one.around.small_before, one.around.small_after)
            if value is not None
        ]
    return (
        statistics.median(products) if products else None,
        statistics.median(bursts) if bursts else None,
    )


def measurement(
    item: PlannedItem, prepared: Prepared, rounds: tuple[Round, ...], wanted_rounds: int
) -> Measurement:
    """A measurement from its rounds. Flagged ones never enter a median that counts."""
    proof = equal_work(prepared.equal_work, item.track, prepared.purpose)
    kept = [one.values for one in rounds if not one.flagged]
    status: Status = "valid"
    reasons: list[str] = []
    if not proof.passed:
        status, kept = "invalid", []
        reasons.append(f"not the same work: {proof.reason}")
    elif not rounds:
        status = "skipped"
    elif len(kept) < min(SURE_ROUNDS, wanted_rounds):
        status = "unstable"
        reasons.append(f"{len(kept)} of {len(rounds)} rounds were undisturbed")
        reasons += dict.fromkeys(reason for one in rounds for reason in one.reasons)
        kept = kept or [one.values for one in rounds]
    elif len(kept) < len(rounds):
        reasons.append(f"{len(rounds) - len(kept)} of {len(rounds)} rounds were left out")
        reasons += dict.fromkeys(reason for one in rounds for reason in one.reasons)
    flat = [value for values in kept for value in values]
    flagged = sum(statistics.outliers(flat)) if len(flat) >= 4 else 0
    if flagged:
        reasons.append(f"{flagged} of {len(flat)} single times lie far from the others; kept")
    return Measurement(
        framework=item.framework,
        mode=item.mode,
        workload=item.workload,
        workload_version=prepared.workload_version,
        purpose=prepared.purpose,
        device=item.device,
        python=item.python,
        track="native_default" if item.track == "native_default" else "strict_fp32",
        delivers=item.delivers,
        flops=prepared.flops,
        bytes_moved=prepared.bytes_moved,
        median_seconds=statistics.median_of_rounds(kept) if kept else None,
        ci95=statistics.bootstrap_interval(kept) if kept else None,
        minimum_seconds=min(flat) if flat else None,
        interquartile_range_seconds=statistics.interquartile_range(flat) if flat else None,
        percentiles=_percentiles(flat) if prepared.purpose == "inference" else {},
        count=len(flat),
        values=tuple(value for one in rounds for value in one.values),
        first_call_seconds=prepared.first_call_seconds,
        rounds=rounds,
        equal_work=proof,
        verdict=Verdict(status=status, reasons=tuple(reasons)),
    )


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    """What serving is judged by: a slow call in ten, and in a hundred."""
    found = {share: statistics.percentile(values, share) for share in (0.90, 0.99)}
    return {f"p{share * 100:.0f}": value for share, value in found.items() if value is not None}


def failed_later(
    item: PlannedItem, prepared: Prepared, rounds: tuple[Round, ...], status: Status, reason: str
) -> Measurement:
    """An item that failed after some rounds: they are kept to look at, and nothing counts."""
    return msgspec.structs.replace(
        measurement(item, prepared, rounds, len(rounds)),
        median_seconds=None,
        ci95=None,
        minimum_seconds=None,
        interquartile_range_seconds=None,
        percentiles={},
        count=0,
        verdict=Verdict(status=status, reasons=(reason,)),
    )


def thread_notes(measurements: Iterable[Measurement], threads: int) -> list[str]:
    """Modes that do not follow the thread plan, by the processor time of a large product."""
    notes = []
    for one in measurements:
        shares = [each.cpu_per_wall for each in one.rounds if each.cpu_per_wall is not None]
        if one.workload != "matrix_product" or one.device != "cpu" or not shares or threads < 2:
            continue
        best = max(shares)
        if not IDLE_THREADS_SHARE * threads <= best <= threads + 0.5:
            notes.append(f"{one.mode} used {best:.1f} cores where {threads} were planned.")
    return notes


def own_settings_notes(measurements: Sequence[Measurement]) -> list[str]:
    """What a framework's own settings change, where it is a tenth at least and sure."""
    planned = {
        (one.mode, one.workload, one.device, one.python): one
        for one in measurements
        if one.track == "strict_fp32" and one.verdict.status == "valid"
    }
    notes = []
    for own in measurements:
        ours = planned.get((own.mode, own.workload, own.device, own.python))
        if own.track != "native_default" or own.verdict.status != "valid" or ours is None:
            continue
        assert own.median_seconds is not None
        assert ours.median_seconds is not None
        ratio = own.median_seconds / ours.median_seconds
        if (
            own.ci95 is None
            or ours.ci95 is None
            or 1 / statistics.TIE_LIMIT < ratio < (statistics.TIE_LIMIT)
        ):
            continue
        if own.ci95[0] > ours.ci95[1] or own.ci95[1] < ours.ci95[0]:
            notes.append(
                f"With its own settings {own.mode} takes {ratio:.2f} times as long for "
                f"{own.workload} as with the thread plan ({_cores(own)} cores, not {_cores(ours)})."
            )
    return notes


def _cores(one: Measurement) -> str:
    shares = [each.cpu_per_wall for each in one.rounds if each.cpu_per_wall is not None]
    return f"{statistics.median(shares):.1f}" if shares else "?"


def without_times(item: PlannedItem, status: Status, reason: str) -> Measurement:
    """An item that was not measured, with its state and the reason: never a missing row."""
    return Measurement(
        framework=item.framework,
        mode=item.mode,
        workload=item.workload,
        workload_version="",
        purpose=purpose_of(item.workload),
        device=item.device,
        python=item.python,
        track="native_default" if item.track == "native_default" else "strict_fp32",
        delivers=item.delivers,
        verdict=Verdict(status=status, reasons=(reason,)),
    )


class Once(NamedTuple):
    """Something that a fresh process does once, and the share that others used meanwhile."""

    seconds: float
    foreign_cpu: float | None


def overhead(
    workload: str, framework: str, mode: str, python: str, seen: Sequence[Once], version: str
) -> Measurement:
    """Import time or first call: seconds once per process, without rounds.

    Disturbed ones are left out of the median; where all are, it counts for nothing.
    """
    calm = [one.seconds for one in seen if not statistics.is_disturbed(one.foreign_cpu)]
    values = calm or [one.seconds for one in seen]
    few = len(values) < 3
    reasons = [f"{len(values)} fresh process{'es' if len(values) > 1 else ''}"]
    if len(calm) < len(seen):
        reasons.append(f"{len(seen) - len(calm)} of {len(seen)} were disturbed by other programs")
    return Measurement(
        framework=framework,
        mode=mode,
        workload=workload,
        workload_version=version,
        purpose="overhead",
        device="cpu",
        python=python,
        median_seconds=statistics.median(values),
        ci95=None if few else statistics.bootstrap_interval([values]),
        minimum_seconds=min(values),
        interquartile_range_seconds=None if few else statistics.interquartile_range(values),
        count=len(values),
        values=tuple(one.seconds for one in seen),
        verdict=Verdict(status="valid" if calm else "unstable", reasons=tuple(reasons)),
    )


def disturbance_notes(measurements: Iterable[Measurement]) -> list[str]:
    """One line where much was disturbed, and what to do about it."""
    flags = [each.flagged for one in measurements for each in one.rounds]
    if not flags or sum(flags) <= MUCH_DISTURBED * len(flags):
        return []
    return [
        f"{sum(flags)} of {len(flags)} rounds were disturbed, most often by other programs: close "
        "what computes and measure again."
    ]


def first_calls(measurements: Iterable[Measurement]) -> list[Measurement]:
    """The first call of each mode: that of the first training step that it was asked for."""
    seen: dict[tuple[str, str, Device], Measurement] = {}
    for one in measurements:
        if one.track != "strict_fp32":
            continue
        if one.first_call_seconds and one.verdict.status != "invalid" and one.purpose == "training":
            seen.setdefault((one.python, one.mode, one.device), one)
    return [
        msgspec.structs.replace(
            overhead(
                FIRST_CALL,
                one.framework,
                one.mode,
                one.python,
                (Once(one.first_call_seconds or 0.0, None),),
                one.workload_version,
            ),
            device=one.device,
            verdict=_verdict_of_first_call(one),
        )
        for one in seen.values()
    ]


def _verdict_of_first_call(one: Measurement) -> Verdict:
    """Seen once, right before the windows: where others spoiled those, they spoiled it as well."""
    reason = f"of {one.workload}, one fresh process"
    if one.verdict.status == "unstable":
        return Verdict(status="unstable", reasons=(reason, *one.verdict.reasons))
    return Verdict(status="valid", reasons=(reason,))


def limits(
    measurements: Iterable[Measurement], fastest_control: float | None
) -> dict[Device, Limits]:
    """The best that any mode reached on each device; on the processor the control counts too."""
    flops: dict[Device, list[float]] = defaultdict(list)
    traffic: dict[Device, list[float]] = defaultdict(list)
    sure = set()
    if fastest_control is not None:
        flops["cpu"].append(CONTROL_FLOPS / fastest_control)
    for one in measurements:
        # The quickest single product, since a limit is what was reached once.
        if one.purpose != "limit" or one.verdict.status != "valid" or not one.minimum_seconds:
            continue
        if one.bytes_moved and one.flops and one.flops < one.bytes_moved:
            traffic[one.device].append(one.bytes_moved / one.minimum_seconds)
        elif one.flops:
            flops[one.device].append(one.flops / one.minimum_seconds)
            sure.add(one.device)
    return {
        device: Limits(
            flops_per_second=max(flops[device], default=None),
            bytes_per_second=max(traffic[device], default=None),
            sure=device in sure,
        )
        for device in {**flops, **traffic}
    }


def with_limits(one: Measurement, found: Mapping[Device, Limits]) -> Measurement:
    """The measurement with its efficiency; what is faster than the machine can be is invalid."""
    if one.median_seconds is None or one.device not in found or one.purpose == "overhead":
        return one
    here = found[one.device]
    least = statistics.limit_seconds(
        one.flops, one.bytes_moved, here.flops_per_second, here.bytes_per_second
    )
    if least is None:
        return one
    efficiency = least / one.median_seconds
    verdict = one.verdict
    if here.sure and verdict.status == "valid" and efficiency > statistics.IMPOSSIBLE:
        reason = f"{efficiency:.1f} times as fast as this machine's measured limit allows"
        verdict = Verdict(status="invalid", reasons=(reason, *verdict.reasons))
    return msgspec.structs.replace(one, efficiency=efficiency, verdict=verdict)


def comparisons(
    measurements: Sequence[Measurement], groups: Mapping[tuple[str, str], int]
) -> list[Comparison]:
    """All pairs of modes on one workload and device, by their paired rounds.

    `groups` says for (python, mode) which measurements took turns with each other: only those are
    paired.
    """
    by_work: dict[tuple[str, Device, str, str, int], list[Measurement]] = defaultdict(list)
    for one in measurements:
        # With its own settings a framework is measured by itself: there are no paired rounds.
        if one.verdict.status == "valid" and one.rounds and one.track == "strict_fp32":
            group = groups.get((one.python, one.mode), 0)
            key = (one.workload, one.device, one.workload_version, one.track, group)
            by_work[key].append(one)
    found = []
    for (workload, device, *_), members in by_work.items():
        for first, second in combinations(members, 2):
            if first.mode == second.mode:
                continue
            ours, theirs = _medians(first), _medians(second)
            paired = sorted(ours.keys() & theirs.keys())
            if not paired:
                continue
            ratio, verdict = statistics.compare_rounds(
                [ours[number] for number in paired], [theirs[number] for number in paired]
            )
            found.append(
                Comparison(
                    workload=workload,
                    device=device,
                    first=first.mode,
                    second=second.mode,
                    ratio=ratio,
                    verdict=verdict,
                )
            )
    return found


def _medians(one: Measurement) -> dict[int, float]:
    """Round medians by number, undisturbed ones only."""
    return {each.number: statistics.median(each.values) for each in one.rounds if not each.flagged}


def fingerprint(hardware: Hardware, environments: Iterable[Environment]) -> str:
    """Hash of hardware and versions, without names of people, hosts or paths."""
    builds = sorted(
        {
            (one.framework, one.version, one.build or "")
            for e in environments
            for one in e.frameworks
        }
    )
    described = (
        hardware.cpu.model,
        hardware.cpu.microarchitecture or "",
        hardware.cpu.flags,
        hardware.cpu.logical_cores,
        round(hardware.cpu.usable_cores, 2),
        # Firmware takes a little more or less of it at each start.
        round(hardware.memory_bytes / 2**30),
        tuple((one.name, one.compute_capability or "") for one in hardware.accelerators),
        hardware.os,
        builds,
    )
    return hashlib.sha256(msgspec.json.encode(described)).hexdigest()[:16]
