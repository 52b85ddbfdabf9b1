"""Full runs over several seeds: the first weights, the statistics, and what is said of them."""

import datetime
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from app import starter
from app.starter import Request, study
from app.starter.catalogue import TEMPLATES, catalogue
from app.starter.running import run_script

PYTHON = Path(sys.executable)
SHARED = [
    (task, framework)
    for task, how in study.comparisons().items()
    for framework, its_task in sorted(catalogue().pairs)
    if how.layers and its_task == task and study.can_share(framework, task)
]

OUTPUTS = """
import importlib
import numpy as np
for task, names, sizes in TASKS:
    model = importlib.import_module("model_" + task)
    from first_weights import set_weights
    arrays = np.load(task + ".npz")
    layers = [(arrays[f"kernel{n}"], arrays[f"bias{n}"]) for n in range(len(arrays.files) // 2)]
    make = next(getattr(model, name) for name in names if hasattr(model, name))
    made = make(*sizes, model.nnx.Rngs(0)) if hasattr(model, "nnx") else make(*sizes)
    set_weights(made, layers)
    outputs = model.predict(made, np.load(task + ".npy"))
    np.save(task + "_outputs.npy", outputs)
"""
INPUTS = {
    "image_classification": np.random.default_rng(0).random((3, 8, 8), np.float32),
    "scientific": np.linspace(0, 10, 9, dtype=np.float32)[:, None],
    "reinforcement_learning": np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32),
    "tabular": np.random.default_rng(0).normal(size=(5, 30)).astype(np.float32),
    "time_series": np.random.default_rng(0).normal(size=(2, 28)).astype(np.float32),
}


def relu(x: np.ndarray) -> np.ndarray:
    clipped: np.ndarray = np.maximum(x, 0)
    return clipped


def convolved(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Of `x` (n, height, width, channels), padded with zeros so that the size stays."""
    edges = [(0, 0), *((size // 2, size // 2) for size in kernel.shape[:-2]), (0, 0)]
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(x, edges), kernel.shape[:-2], axis=tuple(range(1, x.ndim - 1))
    )
    spatial = "hw"[: kernel.ndim - 2]
    summed: np.ndarray = np.einsum(f"n...c{spatial},{spatial}co->n...o", windows, kernel) + bias
    return summed


def outputs_in_numpy(task: str, weights: dict[str, np.ndarray]) -> np.ndarray:
    x = INPUTS[task].astype(np.float64)
    layers = [
        (weights[f"kernel{n}"].astype(np.float64), weights[f"bias{n}"])
        for n in range(len(weights) // 2)
    ]
    wave = np.sin if task == "scientific" else relu
    level = 0.0
    if task == "scientific":
        x = x - 5
    if task == "tabular":
        x = x / math.sqrt(1 + 1e-5)
    if task == "time_series":
        level = x.mean(axis=1, keepdims=True)
        x = (x - level)[..., None]
    if task == "image_classification":
        x = x[..., None]
    for number, (kernel, bias) in enumerate(layers):
        if kernel.ndim > 2 and kernel.shape[0] in (3, 5):
            x = relu(convolved(x, kernel, bias))
            if task == "image_classification" and number == 1:
                x = x.reshape(len(x), 4, 2, 4, 2, -1).max(axis=(2, 4))
            continue
        x = x.reshape(len(x), -1) @ kernel.reshape(-1, kernel.shape[-1]) + bias
        if number < len(layers) - 1:
            x = wave(x)
    return x + level


@pytest.mark.slow
@pytest.mark.frameworks
@pytest.mark.parametrize("framework", sorted({framework for _, framework in SHARED}))
def test_the_same_first_weights_are_the_same_function(framework: str, tmp_path: Path) -> None:
    """Held against numpy in float64, so that each framework is held against all others."""
    installed = starter.installed_versions(PYTHON)
    own = TEMPLATES / "frameworks" / framework / "first_weights.py"
    (tmp_path / own.name).write_bytes(own.read_bytes())
    tasks = {task: catalogue().tasks[task].variables for task, its in SHARED if its == framework}
    for task in tasks:
        project = starter.prepare(Request(framework=framework, task=task, versions=installed))
        if missing := [n for n in catalogue().frameworks[framework].requires if n not in installed]:
            pytest.skip(f"{', '.join(missing)} is not installed here")
        (tmp_path / f"model_{task}.py").write_text(project.files["model.py"], encoding="utf-8")
        weights = study.first_weights(study.comparisons()[task].layers, seed=3)
        np.savez(tmp_path / f"{task}.npz", **weights)  # type: ignore[arg-type]
        np.save(tmp_path / f"{task}.npy", INPUTS[task])
    wanted = [
        (task, (its["build_name"], its["model_name"]), (4, 2) if "reinf" in task else ())
        for task, its in tasks.items()
    ]
    script = OUTPUTS.replace("TASKS", repr(wanted))
    (tmp_path / "outputs.py").write_text(script, encoding="utf-8")
    outcome = run_script(tmp_path, PYTHON, ["outputs.py"])
    assert outcome.returncode == 0, outcome.tail
    for task in tasks:
        expected = outputs_in_numpy(task, dict(np.load(tmp_path / f"{task}.npz")))
        # Keras's batch normalisation divides by another small constant: 1e-3 for 1e-5.
        np.testing.assert_allclose(
            np.load(tmp_path / f"{task}_outputs.npy"),
            expected,
            atol=1e-3 if task == "tabular" else 1e-5,
            err_msg=task,
        )


def run_of(framework: str, seed: int, value: float, start: study.Start = "shared") -> study.FullRun:
    return study.FullRun(
        framework=framework,
        task="scientific",
        start=start,
        seed=seed,
        value=value,
        metrics={"relative_error": value},
        fingerprint="0" * 16,
        date=datetime.date(2026, 11, 21),
        python="3.11.7",
        machine="a machine",
        versions={},
    )


def test_the_interval_is_students_over_the_seeds() -> None:
    # By hand: mean 3, standard deviation sqrt(2.5), t = 2.776 with four degrees of freedom.
    mean, half_width = study.interval([1.0, 2.0, 3.0, 4.0, 5.0])
    assert mean == 3
    assert half_width == pytest.approx(2.776 * math.sqrt(2.5) / math.sqrt(5))
    assert study.interval([2.0, 2.0]) == (2.0, None)


@pytest.mark.parametrize("degrees", range(1, len(study.STUDENT) + 1))
def test_the_quantiles_are_those_of_students_distribution(degrees: int) -> None:
    x = np.linspace(0, study.STUDENT[degrees - 1], 20_001)
    density = (1 + x**2 / degrees) ** (-(degrees + 1) / 2)
    density *= math.gamma((degrees + 1) / 2) / math.sqrt(degrees * math.pi)
    assert np.trapezoid(density / math.gamma(degrees / 2), x) == pytest.approx(0.475, abs=2e-5)


def test_frameworks_are_compared_seed_by_seed() -> None:
    # The seeds differ much more than the frameworks do: only pairs show the difference.
    runs = [run_of("pytorch", seed, seed + 0.1) for seed in range(5)]
    runs += [run_of("jax", seed, seed + 0.01 * (seed % 2)) for seed in range(6)]
    (found,) = study.differences(runs, "scientific", "shared")
    assert (found.first, found.second) == ("jax", "pytorch")
    assert found.mean == pytest.approx(-0.096)
    assert found.beyond_interval
    assert study.differences(runs, "scientific", "own") == []
    assert not study.Difference(first="a", second="b", mean=0.1, half_width=0.2).beyond_interval


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((0.004, 0.005, 0.006), "mark reached; better than the simple method"),
        ((0.02, 0.03, 0.04), "mark missed; better than the simple method"),
        ((0.1, 1.0, 1.9), "mark missed; better than the simple method, within the interval"),
        ((2.0, 2.1, 2.2), "mark missed; not better than the simple method"),
    ],
)
def test_a_verdict_holds_the_mean_against_the_mark_and_the_simple_method(
    values: tuple[float, ...], words: str
) -> None:
    runs = [run_of("jax", seed, value) for seed, value in enumerate(values)]
    (row,) = study.summaries(runs, "scientific", "shared")
    simple = study.Baseline(
        task="scientific", value=1.01, date=datetime.date(2026, 11, 21), python="3.11", versions={}
    )
    assert study.verdict(row, study.comparisons()["scientific"], simple) == words


def test_a_run_takes_the_place_of_the_earlier_one_of_its_seed() -> None:
    record = study.with_full_run(study.Record(), run_of("jax", 0, 1.0))
    record = study.with_full_run(record, run_of("jax", 1, 2.0))
    record = study.with_full_run(record, run_of("jax", 0, 3.0))
    assert [(one.seed, one.value) for one in record.runs] == [(0, 3.0), (1, 2.0)]


def test_the_first_weights_are_the_same_for_a_seed_and_within_their_bounds() -> None:
    shapes = study.comparisons()["image_classification"].layers
    one, again, other = (study.first_weights(shapes, seed) for seed in (0, 0, 1))
    assert [one[f"kernel{number}"].shape for number in range(len(shapes))] == list(shapes)
    for name, values in one.items():
        np.testing.assert_array_equal(values, again[name])
        assert not np.array_equal(values, other[name])
    assert np.abs(one["kernel0"]).max() == pytest.approx(1 / 3, rel=0.02)
    assert np.abs(one["bias3"]).max() <= 1 / math.sqrt(128)


def test_the_page_names_what_was_not_run_and_every_task() -> None:
    page = study.markdown(study.Record(runs=(run_of("jax", 0, 0.005),)))
    assert page.count("\n## ") == len(catalogue().tasks)
    assert "| JAX | 1 | 0.0050 | too few runs | 0.0050 | 0.0050 | mark reached |" in page
    assert "Not run in full yet: PyTorch, TensorFlow, Keras, PaddlePaddle." in page


def test_the_page_in_docs_is_what_the_record_says() -> None:
    """Fails when runs were added: write it again with `python -m app.starter.study`."""
    page = Path(__file__).parents[3] / "docs" / "full-runs.md"
    assert page.read_text(encoding="utf-8") == study.markdown(study.record())
