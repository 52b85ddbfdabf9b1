"""Our time of a step against another careful one, in one process, in pairs of alternating order.

For PyTorch the other is torch.utils.benchmark on a loop written by hand around the same module; for
the rest it is the mode's own step in blocks as torch.utils.benchmark chooses them: as many steps as
take a thousandth of the window, with one clock reading at each end.
Prints one row each: median of the paired ratios and its 95 % interval (by order statistics).
Nothing is asserted about time; the budget is an interval inside 0.97 to 1.03.

By hand: `python tests/benchmarks/test_fidelity.py MODE [WORKLOAD...]`.
"""

import gc
import importlib.util
import itertools
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from probes.catalogue import load_catalogue
from probes.hardware import detect_hardware, thread_count
from probes.plan import SETTINGS, TIERS
from probes.surroundings import worker_variables
from probes.worker import timing, workloads
from probes.worker.contract import Unsupported, load_adapter
from probes.worker.networks import pytorch as modules
from probes.worker.reference import TRIAD_FACTOR

PAIRS = 20
WINDOW_SECONDS = 0.2
BLOCK_SECONDS = WINDOW_SECONDS / 1000
STANDARD = TIERS.index("standard")
MODES = {
    mode.id: mode
    for framework in load_catalogue().frameworks
    for mode in framework.modes
    if TIERS.index(mode.tier) <= STANDARD
}
WORKLOADS = SETTINGS["standard"].workloads
HAND_WRITTEN = "pytorch/eager"
FOUND = "FIDELITY_ROWS"
"""The file to which rows are added for the table, in the environment of a mode's process."""
MODULES = {"pytorch": "torch", "paddlepaddle": "paddle", "litert": "ai_edge_litert"}


def prepared(mode, identifier):
    """A task in a mode with its inputs in place. Raises Unsupported."""
    framework, variant = mode.split("/")
    adapter = load_adapter(framework)
    adapter.import_framework(MODES[mode].backend)
    adapter.set_track("strict_fp32")
    workload = workloads.find(identifier)
    task = adapter.prepare(workload, variant, "cpu")
    if workloads.parameters_of(workload):
        task.load(workloads.initial_parameters(workload))
    placed = [task.place(entry.arrays()) for entry in workloads.input_sets(workload)]
    task.wait(task.step(placed[0]))
    return workload, task, placed


def ours(workload, task, placed):
    window = timing.measure(
        task.step, task.wait, placed, WINDOW_SECONDS, 3, keep_first=workload.trains
    )
    return statistics.median(window.values)


def blocks_of(workload, task, placed):
    """Gives a function: median seconds of a step over blocks, after as many discarded steps as ours
    take."""
    cycle = itertools.cycle(placed)

    def block(count):
        before = time.perf_counter()
        for _ in range(count):
            task.wait(task.step(next(cycle)))
        return time.perf_counter() - before

    block(timing.DISCARDED)
    count = max(1, math.ceil(BLOCK_SECONDS / (block(3) / 3)))

    def in_blocks():
        gc.collect(1)
        gc.disable()
        try:
            block(timing.DISCARDED)
            values, start = [], time.perf_counter()
            while time.perf_counter() - start < WINDOW_SECONDS or len(values) < 3:
                values.append(block(count) / count)
        finally:
            gc.enable()
        return statistics.median(values)

    return in_blocks


def torch_step(workload):
    """The workload's step as one would write it by hand, on the same module and numbers."""
    import torch

    sets = [
        tuple(torch.from_numpy(array) for array in entry.arrays())
        for entry in workloads.input_sets(workload)
    ]
    module = modules.network(torch, workload)
    if module is None:
        cycle = itertools.cycle(sets)

        @torch.inference_mode()
        def compute():
            left, right = next(cycle)
            if workload.model == "product":
                return left @ right
            return torch.add(left, right, alpha=TRIAD_FACTOR)

        return compute
    weights = [one for one in module.parameters() if one.requires_grad]
    with torch.no_grad():
        for own, given in zip(weights, workloads.initial_parameters(workload), strict=True):
            own.copy_(torch.from_numpy(given))
    if workload.model == "cnn":
        module = module.to(memory_format=torch.channels_last)
        sets = [(x.to(memory_format=torch.channels_last), labels) for x, labels in sets]
    cycle = itertools.cycle(sets)
    if not workload.trains:
        module.eval()

        @torch.inference_mode()
        def infer():
            return module(next(cycle)[0])

        return infer
    optimizer = torch.optim.SGD(weights, lr=workload.learning_rate)

    def train():
        samples, labels = next(cycle)
        loss = torch.nn.functional.cross_entropy(module(samples), labels)
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
    """One row for people and, when a test reads along, one for the table."""
    # The 6th and 15th of 20 hold the median with 95.9 % confidence (binomial).
    low, high = ratios[5], ratios[-6]
    is_inside = low >= 0.97 and high <= 1.03
    text = f"{what} {statistics.median(ratios):.3f} ({low:.3f} to {high:.3f})"
    print(
        f"fidelity {text}, n={len(ratios)}; {'inside' if is_inside else 'OUTSIDE'} 0.97 to 1.03",
        flush=True,
    )
    if FOUND in os.environ:
        with Path(os.environ[FOUND]).open("a", encoding="utf-8") as found:
            found.write(json.dumps([text, is_inside]) + "\n")


def against_torch_utils_benchmark(workload, task, placed):
    import torch
    from torch.utils.benchmark import Timer

    timer = Timer(
        "step()", globals={"step": torch_step(workload)}, num_threads=torch.get_num_threads()
    )

    def theirs():
        return timer.blocked_autorange(min_run_time=WINDOW_SECONDS).median

    return paired(lambda: ours(workload, task, placed), theirs)


def against_blocks_of_steps(workload, task, placed):
    return paired(lambda: ours(workload, task, placed), blocks_of(workload, task, placed))


def rows_of(mode, identifiers):
    """One row for each workload that the mode does."""
    compare = against_torch_utils_benchmark if mode == HAND_WRITTEN else against_blocks_of_steps
    for identifier in identifiers:
        try:
            made = prepared(mode, identifier)
        except Unsupported as reason:
            print(f"fidelity {mode} {identifier}: not done: {reason}", flush=True)
        else:
            show(f"{mode} {identifier}", compare(*made))


@pytest.fixture(scope="module")
def found(record, tmp_path_factory):
    """A file that every mode adds its rows to; at the end they are one row of the table."""
    file = tmp_path_factory.mktemp("fidelity") / "rows.jsonl"
    file.touch()
    yield file
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    if rows:
        outside = [text for text, is_inside in rows if not is_inside]
        note = f"{len(outside)} of {len(rows)} rows outside: {'; '.join(outside) or 'none'}"
        record("fidelity", [100 * (1 - len(outside) / len(rows))], note=note)


@pytest.mark.parametrize("mode", MODES)
def test_a_step_against_another_careful_loop(mode, tmp_path, found):
    """A process for each mode: some frameworks crash in one that holds another already."""
    needed = (mode.split("/")[0], *MODES[mode].needs)
    missing = [one for one in needed if importlib.util.find_spec(MODULES.get(one, one)) is None]
    if missing:
        pytest.skip(f"{mode}: {', '.join(missing)} is not installed")
    print()
    subprocess.run(
        [sys.executable, __file__, mode],
        check=True,
        env={**surroundings(tmp_path), FOUND: str(found)},
    )


def surroundings(folder):
    """What a worker finds around it: the thread plan, above all."""
    threads = thread_count(detect_hardware().cpu)
    return worker_variables(load_catalogue(), os.environ, threads, folder, os.pathsep)


if __name__ == "__main__":
    if "OMP_NUM_THREADS" not in os.environ:
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([sys.executable, *sys.argv], env=surroundings(Path(folder)))
        sys.exit(done.returncode)
    rows_of(sys.argv[1], sys.argv[2:] or WORKLOADS)
