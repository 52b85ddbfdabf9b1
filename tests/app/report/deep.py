"""A machine file as a deep probe of everything would fill it, for the limits of size and time.

Derived, not measured: each entry is one of the recorded quick probe with its times multiplied by a
fixed factor, so its figures mean nothing and its shape is right.
"""

import itertools
from pathlib import Path

from msgspec.structs import replace

from app.advice import load_machine
from probes.results import Comparison, FrameworkFinding, Machine, Measurement, Round

RECORDED = Path(__file__).resolve().parents[2] / "data" / "machine_quick.json"
ROUNDS = 20
SIZES = {
    # Derived workload -> the recorded one, and how much longer it takes.
    "mlp_train": ("mlp_train", 1.0),
    "cnn_train": ("cnn_train", 1.0),
    "lstm_train": ("mlp_train", 3.0),
    "transformer_train": ("cnn_train", 2.5),
    "inference_batch1": ("inference_batch1", 1.0),
    "inference_batch32": ("inference_batch1", 9.0),
    "first_call": ("first_call", 1.0),
    "matrix_product": ("matrix_product", 1.0),
}
MODES = {
    # Derived mode -> the recorded one, and how much slower it is.
    "mlx/compiled": ("jax/jit", 1.3),
    "mindspore/graph": ("paddlepaddle/eager", 1.1),
    "tinygrad/jit": ("jax/jit", 4.0),
    "pytorch/compiled": ("pytorch/eager", 0.8),
    "tensorflow/xla": ("tensorflow/graph", 0.9),
    "paddlepaddle/static": ("paddlepaddle/eager", 0.9),
    "onnxruntime/cpu": ("jax/jit", 0.7),
    "openvino/cpu": ("jax/jit", 0.6),
}
ADDED = ("mlx", "mindspore", "tinygrad")


def deep_machine() -> Machine:
    """Sixteen modes on eight workloads, twenty rounds each, all pairs compared."""
    quick = load_machine(RECORDED)
    measurements = tuple(_measurements(quick))
    return replace(
        quick,
        tier="deep",
        seconds=3600.0,
        measurements=measurements,
        frameworks=(*quick.frameworks, *(_finding(quick, name) for name in ADDED)),
        comparisons=tuple(_comparisons(measurements)),
    )


def _measurements(quick: Machine):
    recorded = {(one.mode, one.workload): one for one in quick.measurements}
    modes = {one.mode: (one.mode, 1.0) for one in quick.measurements if "/" in one.mode} | MODES
    for workload, (like, longer) in SIZES.items():
        for mode, (like_mode, slower) in modes.items():
            found = recorded.get((like_mode, like))
            if found is not None:
                yield _derived(found, mode, workload, longer * slower)


def _derived(one: Measurement, mode: str, workload: str, factor: float) -> Measurement:
    def times(values):
        return tuple(round(value * factor, 9) for value in values)

    rounds: tuple[Round, ...] = tuple(
        replace(entry, number=number, values=times(entry.values))
        for number, entry in zip(range(1, ROUNDS + 1), itertools.cycle(one.rounds), strict=False)
    )
    values = tuple(value for entry in rounds for value in entry.values)
    return replace(
        one,
        framework=mode.split("/")[0],
        mode=mode,
        workload=workload,
        rounds=rounds,
        values=values,
        count=max(one.count, len(values)),
        median_seconds=one.median_seconds and one.median_seconds * factor,
        minimum_seconds=one.minimum_seconds and one.minimum_seconds * factor,
        ci95=one.ci95 and times(one.ci95),
    )


def _finding(quick: Machine, framework: str) -> FrameworkFinding:
    return replace(
        next(one for one in quick.frameworks if one.framework == "jax"), framework=framework
    )


def _comparisons(measurements: tuple[Measurement, ...]):
    by_workload: dict[str, list[Measurement]] = {}
    for one in measurements:
        if one.median_seconds and one.purpose in ("training", "inference"):
            by_workload.setdefault(one.workload, []).append(one)
    for workload, entries in by_workload.items():
        for first, second in itertools.combinations(entries, 2):
            ratio = second.median_seconds / first.median_seconds
            yield Comparison(
                workload=workload,
                device=first.device,
                first=first.mode,
                second=second.mode,
                ratio=ratio,
                verdict="tie"
                if 0.9 < ratio < 1.1
                else "first_faster"
                if ratio > 1
                else "second_faster",
            )


def _called(ratio: float):
    if 0.9 < ratio < 1.1:
        return "tie"
    return "first_faster" if ratio > 1 else "second_faster"
