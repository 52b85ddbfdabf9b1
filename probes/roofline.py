"""Measured times against this machine's own limits, the roofline model: pure, off a machine file.

Williams, Waterman and Patterson 2009: no work runs faster than the lower of the peak rate of
computing and the peak rate of memory times the work's arithmetic intensity.
"""

from typing import Literal

import msgspec

from probes.results import Device, Machine, Measurement

Bound = Literal["computing", "memory"]


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """One valid measurement as a point below the roof."""

    measurement: Measurement
    intensity: float
    """Floating-point operations for each byte that must move at least."""
    flops_per_second: float
    share: float
    """Of the roof at this intensity."""
    bound: Bound
    """Which limit is the lower one here."""


class Roofline(msgspec.Struct, frozen=True, kw_only=True):
    """One device's measured limits, and what was reached below them."""

    device: Device
    flops_per_second: float
    bytes_per_second: float | None
    """None where no triad was measured: computing is then the only limit that is known."""
    reached: tuple[Reached, ...]

    def limit(self, intensity: float) -> float:
        """Operations per second at most, at this intensity."""
        if self.bytes_per_second is None:
            return self.flops_per_second
        return min(self.flops_per_second, self.bytes_per_second * intensity)


def rooflines(machine: Machine) -> tuple[Roofline, ...]:
    """One for each device with a measured limit of computing and work below it."""
    devices = dict.fromkeys(one.device for one in machine.measurements)
    found = (_roofline(machine, device) for device in devices)
    return tuple(one for one in found if one is not None and one.reached)


def _roofline(machine: Machine, device: Device) -> Roofline | None:
    valid = [
        one
        for one in machine.measurements
        if one.device == device and one.verdict.status == "valid" and one.track == "strict_fp32"
    ]
    flops = [machine.peak_flops_per_second] if device == "cpu" else []
    traffic = [machine.peak_bytes_per_second] if device == "cpu" else []
    for one in valid:
        # As for the processor: the quickest single one, since a limit is what was reached once.
        if one.purpose == "limit" and one.minimum_seconds and one.flops and one.bytes_moved:
            if one.flops < one.bytes_moved:
                traffic.append(one.bytes_moved / one.minimum_seconds)
            else:
                flops.append(one.flops / one.minimum_seconds)
    peak = max((one for one in flops if one is not None), default=None)
    if peak is None:
        return None
    roof = Roofline(
        device=device,
        flops_per_second=peak,
        bytes_per_second=max((one for one in traffic if one is not None), default=None),
        reached=(),
    )
    reached = [_reached(one, roof) for one in valid if one.purpose in ("training", "inference")]
    return msgspec.structs.replace(roof, reached=tuple(one for one in reached if one is not None))


def _reached(one: Measurement, roof: Roofline) -> Reached | None:
    if not (one.flops and one.bytes_moved and one.median_seconds):
        return None
    intensity = one.flops / one.bytes_moved
    rate = one.flops / one.median_seconds
    by_memory = roof.limit(intensity) < roof.flops_per_second
    return Reached(
        measurement=one,
        intensity=intensity,
        flops_per_second=rate,
        share=rate / roof.limit(intensity),
        bound="memory" if by_memory else "computing",
    )
