"""Whether two workers that each train on half of a batch do the same work, and how fast they are.

One file per framework, run in processes of its own; it takes the proof's steps of the MLP and then
some more for the time. On one processor there is nothing to win but what threads leave idle: twice
the speed is for two devices.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import socket
import statistics
import sys
import tempfile
import time
from typing import Any, Callable

from .. import apart, reference, timing, workloads
from ..capabilities import FAILS, IN_PART, WORKS, Check
from ..contract import Adapter, Unsupported
from ..equal_work import TOLERANCE, worst_of

CAPABILITY = "data_parallel"
WORKLOAD = "mlp_train"
WORKERS = 2
DISCARDED, TIMED = 5, 30
LIMIT_SECONDS = 100.0
ALONE_SECONDS = 0.5
COSTS = 0.95
"""Share of the speed of one process with all cores below which two are said to cost."""
UNSTEADY = 1.25
"""Times apart of the same step before and after beyond which nothing is said of speed."""


def check(adapter: Adapter, framework: str, variant: str, device: str) -> Check:
    """Train in two halves, hold the losses against the reference, and time both ways."""
    if framework not in {module.name for module in pkgutil.iter_modules(__path__)}:
        raise Unsupported("two workers are not tried for " + framework)
    if device != "cpu":
        raise Unsupported("two workers are tried on the processor only")
    how = _of(framework).HOW
    before = seconds_alone(adapter, variant)
    try:
        losses, together = in_two(framework)
    except apart.Failed as failed:
        return Check(FAILS, "{}: {}".format(how, failed))
    after = seconds_alone(adapter, variant)
    right = reference.expected(workloads.find(WORKLOAD)).losses
    return judged(how, losses, right, (before, after), together)


def _of(framework: str) -> Any:
    """A framework's file: how it is done (`HOW`), and in how many processes (`PROCESSES`)."""
    return importlib.import_module("." + framework, __name__)


def judged(
    how: str,
    losses: list[float],
    right: tuple[float, ...],
    alone: tuple[float, float],
    together: float,
) -> Check:
    """What losses and times say; `alone` before and after."""
    error = worst_of(abs(a - b) / abs(b) for a, b in zip(losses, right))
    if len(losses) != len(right) or error > TOLERANCE:
        return Check(FAILS, "{}: the loss curve is not that of one worker".format(how), error)
    if max(alone) > UNSTEADY * min(alone):
        words = "{}: the same loss curve; the machine was too busy to tell the speed"
        return Check(WORKS, words.format(how), error)
    speed = statistics.mean(alone) / together
    words = "{}: the same loss curve, at {:.2f} of the speed of one process with all cores"
    state = WORKS if speed >= COSTS else IN_PART
    return Check(state, words.format(how, speed), error, together)


def seconds_alone(adapter: Adapter, variant: str) -> float:
    """Seconds of a whole step in this process."""
    workload = workloads.find(WORKLOAD)
    task = adapter.prepare(workload, variant, "cpu")
    task.load(workloads.initial_parameters(workload))
    placed = [task.place(entry.arrays()) for entry in workloads.input_sets(workload)]
    window = timing.measure(task.step, task.wait, placed, ALONE_SECONDS, TIMED, 2 * ALONE_SECONDS)
    return statistics.median(window.values)


def in_two(framework: str) -> tuple[list[float], float]:
    """Losses and seconds of a step with two workers. Raises apart.Failed."""
    threads = int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or WORKERS)
    variables = {"JAX_NUM_CPU_DEVICES": str(WORKERS)}
    count = int(_of(framework).PROCESSES)
    if count > 1:
        share = str(max(1, threads // WORKERS))
        variables = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), share)
        if sys.platform == "linux":
            # The host's own name need not lead anywhere; both are on this machine.
            variables["GLOO_SOCKET_IFNAME"] = "lo"
    with tempfile.TemporaryDirectory() as folder:
        arguments = [[str(rank), folder] for rank in range(count)]
        said = apart.run("data_parallel." + framework, arguments, variables, LIMIT_SECONDS)
    curves = [[float(loss) for loss in one["losses"]] for one in said]
    return [statistics.mean(both) for both in zip(*curves)], max(one["seconds"] for one in said)


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def halves(workload: Any) -> list[list[tuple[Any, ...]]]:
    """The arrays of each input set, by worker."""
    half = workload.batch // WORKERS
    return [
        [
            tuple(array[rank * half : (rank + 1) * half] for array in entry.arrays())
            for entry in workloads.input_sets(workload)
        ]
        for rank in range(WORKERS)
    ]


def trained(step: Callable[[int], float], workload: Any) -> dict[str, Any]:
    """Take the steps: `step` takes the number of an input set and gives the loss."""
    losses = [step(number % workload.sets) for number in range(workload.steps)]
    seconds = []
    for number in range(DISCARDED + TIMED):
        before = time.perf_counter()
        step(number % workload.sets)
        seconds.append(time.perf_counter() - before)
    return {"losses": losses, "seconds": statistics.median(seconds[DISCARDED:])}
