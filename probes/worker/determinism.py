"""Whether the same training gives the same weights, bit for bit, when it is done again.

Without any setting of a framework's for it: what a user gets who asked for nothing.
"""

from __future__ import annotations

from . import workloads
from .capabilities import IN_PART, WORKS, Check
from .contract import Adapter

CAPABILITY = "determinism"
WORKLOAD = "cnn_train"
RUNS = 3


def check(adapter: Adapter, variant: str, device: str) -> Check:
    """Train some steps from the same weights on the same inputs, several times."""
    workload = workloads.find(WORKLOAD, "cpu" if device == "cpu" else "gpu")
    task = adapter.prepare(workload, variant, device)
    placed = [task.place(entry.arrays()) for entry in workloads.input_sets(workload)]
    first = None
    for _ in range(RUNS):
        task.load(workloads.initial_parameters(workload))
        for number in range(workload.steps):
            task.wait(task.step(placed[number % len(placed)]))
        weights = [array.tobytes() for array in task.parameters()]
        if first is not None and weights != first:
            return Check(IN_PART, "training again from the same start gives other last bits")
        first = weights
    return Check(WORKS, "{} trainings from the same start are equal bit for bit".format(RUNS))
