"""Our time of a step against another careful one, in one process, in pairs of alternating order.

For PyTorch the other is torch.utils.benchmark on a step written by hand; for the rest it is the
mode's own step in blocks of known length, with one clock reading at each end. Prints one row each:
median of the paired ratios and its 95 % interval (by order statistics). Nothing is asserted about
time; the budget is an interval inside 0.97 to 1.03.
"""

import gc
import importlib.util
import itertools
import os
import statistics
import subprocess
import sys
import time

import pytest

from probes.worker import timing, workloads
from probes.worker.contract import load_adapter

PAIRS = 20
WINDOW_SECONDS = 0.2
WORKLOADS = ["mlp_train", "cnn_train", "matrix_product", "inference_batch1"]
MODES = [
    "tensorflow/eager",
    "tensorflow/graph",
    "tensorflow/xla",
    "jax/jit",
    "paddlepaddle/eager",
    "paddlepaddle/static",
]
HAND_WRITTEN = "pytorch/eager"
VARIABLES = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "GLOG_minloglevel": "2"}
MODULES = {"pytorch": "torch", "paddlepaddle": "paddle"}


def prepared(mode, identifier):
    """A task in a mode with its inputs in place, warmed up."""
    framework, variant = mode.split("/")
    adapter = load_adapter(framework)
    adapter.import_framework(None)
    adapter.set_track("strict_fp32")
    workload = workloads.find(identifier)
    task = adapter.prepare(workload, variant, "cpu")
    if workloads.parameters_of(workload):
        task.load(workloads.initial_parameters(workload))
    placed = [task.place(entry.arrays()) for entry in workloads.input_sets(workload)]
    return task, placed


def ours(task, placed):
    window = timing.measure(task.step, task.wait, placed, WINDOW_SECONDS, 3)
    return statistics.median(window.values)


def in_blocks(task, placed):
    """Median seconds of a step over blocks of some 20 milliseconds."""
    cycle = itertools.cycle(placed)

    def block(count):
        before = time.perf_counter()
        for _ in range(count):
            task.wait(task.step(next(cycle)))
        return time.perf_counter() - before

    gc.collect()
    gc.disable()
    try:
        block(timing.DISCARDED)
        count = max(1, round(0.02 / (block(3) / 3)))
        values, start = [], time.perf_counter()
        while time.perf_counter() - start < WINDOW_SECONDS:
            values.append(block(count) / count)
    finally:
        gc.enable()
    return statistics.median(values)


def torch_step(identifier):
    """The workload's step as one would write it by hand, on the same numbers."""
    import torch

    workload = workloads.find(identifier)
    sets = [
        tuple(torch.from_numpy(array) for array in entry.arrays())
        for entry in workloads.input_sets(workload)
    ]
    cycle = itertools.cycle(sets)
    if identifier == "matrix_product":

        @torch.inference_mode()
        def product():
            left, right = next(cycle)
            return left @ right

        return product
    weights = [
        torch.from_numpy(array).requires_grad_() for array in workloads.initial_parameters(workload)
    ]
    functional = torch.nn.functional
    if workload.model == "cnn":
        channels_last = torch.channels_last
        sets = [(images.to(memory_format=channels_last), labels) for images, labels in sets]
        cycle = itertools.cycle(sets)
        weights = [
            weight.detach().to(memory_format=channels_last).requires_grad_()
            if weight.ndim == 4
            else weight
            for weight in weights
        ]

    def logits(samples):
        if workload.model == "mlp":
            x = torch.relu(functional.linear(samples, *weights[:2]))
            x = torch.relu(functional.linear(x, *weights[2:4]))
            return functional.linear(x, *weights[4:])
        x = torch.relu(functional.conv2d(samples, *weights[0:2], padding=1))
        x = torch.relu(functional.conv2d(functional.avg_pool2d(x, 2), *weights[2:4], padding=1))
        x = x + torch.relu(functional.conv2d(x, *weights[4:6], padding=1))
        x = torch.relu(functional.conv2d(functional.avg_pool2d(x, 2), *weights[6:8], padding=1))
        x = x + torch.relu(functional.conv2d(x, *weights[8:10], padding=1))
        return functional.linear(x.mean(dim=(2, 3)), *weights[10:])

    if not workload.trains:

        @torch.inference_mode()
        def infer():
            return logits(next(cycle)[0])

        return infer
    optimizer = torch.optim.SGD(weights, lr=workload.learning_rate)

    def train():
        samples, labels = next(cycle)
        loss = functional.cross_entropy(logits(samples), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss

    return train


def paired(first, second):
    """Ratios first / second, each pair in the other order than the one before."""
    first(), second()
    ratios = []
    for number in range(PAIRS):
        if number % 2:
            below = second()
            ratios.append(first() / below)
        else:
            above = first()
            ratios.append(above / second())
    return sorted(ratios)


def show(what, ratios):
    # The 6th and 15th of 20 hold the median with 95.9 % confidence (binomial).
    low, high = ratios[5], ratios[-6]
    inside = "inside" if low >= 0.97 and high <= 1.03 else "OUTSIDE"
    print(
        f"\nfidelity {what}: {statistics.median(ratios):.3f} "
        f"(95 % {low:.3f} to {high:.3f}, n={len(ratios)}); {inside} 0.97 to 1.03"
    )


def against_torch_utils_benchmark(mode, identifier):
    import torch
    from torch.utils.benchmark import Timer

    task, placed = prepared(mode, identifier)
    timer = Timer(
        "step()", globals={"step": torch_step(identifier)}, num_threads=torch.get_num_threads()
    )

    def theirs():
        return timer.blocked_autorange(min_run_time=WINDOW_SECONDS).median

    return paired(lambda: ours(task, placed), theirs)


def against_blocks_of_steps(mode, identifier):
    task, placed = prepared(mode, identifier)
    return paired(lambda: ours(task, placed), lambda: in_blocks(task, placed))


@pytest.mark.parametrize("identifier", WORKLOADS)
@pytest.mark.parametrize("mode", [HAND_WRITTEN, *MODES])
def test_a_step_against_another_careful_loop(mode, identifier):
    """A process for each row: some frameworks crash in one that holds another already."""
    if importlib.util.find_spec(MODULES.get(mode.split("/")[0], mode.split("/")[0])) is None:
        pytest.skip(f"{mode} is not installed")
    subprocess.run([sys.executable, __file__, mode, identifier], check=True, env=VARIABLES)


if __name__ == "__main__":
    row = sys.argv[1:]
    compare = against_torch_utils_benchmark if row[0] == HAND_WRITTEN else against_blocks_of_steps
    show(" ".join(row), compare(*row))
