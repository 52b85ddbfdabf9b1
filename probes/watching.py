"""How much of the machine others used while a worker was busy."""

import time
from typing import NamedTuple

import psutil

from probes.process import Worker

TICK_SECONDS = 0.01
"""The system counts processor time in ticks: a reading may be off by one for each core."""


class Moment(NamedTuple):
    """Clock and processor time so far, in seconds."""

    clock: float
    busy: float
    """Of the cores that this program may use, by anybody."""
    worker: float | None


def usable_core_numbers() -> tuple[int, ...] | None:
    """Cores that this program may run on; None where there is no such thing: all of them."""
    try:
        return tuple(psutil.Process().cpu_affinity())
    except (AttributeError, psutil.Error):
        return None


def now(worker: Worker, cores: tuple[int, ...] | None) -> Moment:
    """Read the clocks. Time stolen by a hypervisor counts as busy: it is lost as well."""
    times = psutil.cpu_times(percpu=True)
    chosen = times if cores is None else [times[core] for core in cores if core < len(times)]
    idle = ("idle", "iowait", "guest", "guest_nice")
    # Linux counts guests' time in user time already.
    busy = sum(value for one in chosen for name, value in one._asdict().items() if name not in idle)
    return Moment(time.monotonic(), busy, worker.cpu_seconds())


def foreign_share(before: Moment, after: Moment, usable_cores: float) -> float | None:
    """Share of the usable cores that went to anybody but the worker.

    What this program itself took counts too: it has nothing to do meanwhile. What a tick for each
    core could explain does not count: a quarter of a second has but 25 of them.
    """
    wall = after.clock - before.clock
    if before.worker is None or after.worker is None or wall <= 0 or usable_cores <= 0:
        return None
    others = (after.busy - before.busy) - (after.worker - before.worker)
    return max(0.0, others - TICK_SECONDS * usable_cores) / (wall * usable_cores)
