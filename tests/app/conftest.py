"""Machine files for charts and sections, grown from the recorded one."""

import random
from pathlib import Path

import msgspec
import pytest

from probes.results import Machine, Measurement, decode_machine

RECORDED = Path(__file__).parents[1] / "data" / "machine_quick.json"
MODES = (
    "pytorch/eager", "pytorch/compiled", "tensorflow/graph", "tensorflow/eager", "tensorflow/xla",
    "keras/jax", "keras/torch", "keras/tensorflow", "jax/jit", "paddlepaddle/eager",
    "paddlepaddle/static", "mindspore/graph", "mlx/lazy", "tinygrad/jit",
)  # fmt: skip
"""Of eight frameworks."""
WORKLOADS = ("mlp_train", "cnn_train", "inference_batch1", "lstm_train", "embedding_train")
MIB = 2**20


def recorded_machine() -> Machine:
    return decode_machine(RECORDED.read_bytes(), RECORDED.name)


def grown_machine(modes=MODES, workloads=WORKLOADS, status="valid") -> Machine:
    """The recorded machine with made-up times, memory and limits of these modes and workloads."""
    dice = random.Random(7)
    machine = recorded_machine()
    model = {one.workload: one for one in machine.measurements}
    intensity = {"lstm_train": (1.2e9, 4e6), "embedding_train": (5e6, 8e6)}
    found = []
    for workload in workloads:
        base = model.get(workload, model["mlp_train"])
        flops, moved = intensity.get(workload, (base.flops, base.bytes_moved))
        floor = max(flops / 2.1e11, moved / 2.5e10)
        for mode in modes:
            eager = mode.endswith("/eager")
            median = floor * (dice.uniform(6.0, 12.0) if eager else dice.uniform(1.2, 11.0))
            found.append(_changed(
                base, mode, median, dice,
                workload=workload, flops=flops, bytes_moved=moved, efficiency=floor / median,
                first_call_seconds=0.02 if eager else dice.uniform(0.2, 20.0), status=status,
            ))  # fmt: skip
    limits = [
        _changed(
            model["matrix_product"], "pytorch/eager", 2.0**31 / 2.1e11, dice,
            workload="matrix_product", status="valid",
        ),
        _changed(
            model["matrix_product"], "pytorch/eager", 0.008, dice, workload="triad", flops=3.3e7,
            bytes_moved=2e8, status="valid",
        ),
    ]  # fmt: skip
    return msgspec.structs.replace(
        machine,
        measurements=(*found, *limits),
        comparisons=(),
        peak_flops_per_second=2.1e11,
        peak_bytes_per_second=2.5e10,
    )


def _changed(base, mode, median, dice, *, status, **changes) -> Measurement:
    imported = (180 + 37 * MODES.index(mode)) * MIB
    return msgspec.structs.replace(
        base,
        framework=mode.partition("/")[0],
        mode=mode,
        median_seconds=median,
        minimum_seconds=median,
        ci95=(median * 0.97, median * 1.04),
        rounds=(),
        values=(),
        imported_resident_bytes=imported,
        peak_resident_bytes=imported + dice.randint(10, 900) * MIB,
        peak_resident_scope="item",
        verdict=msgspec.structs.replace(base.verdict, status=status, reasons=()),
        **changes,
    )


@pytest.fixture
def recorded() -> Machine:
    """As probed: five frameworks, no triad, no memory, no compiled mode of PyTorch."""
    return recorded_machine()


@pytest.fixture
def grown():
    """Makes a machine file of these modes and workloads."""
    return grown_machine
