"""Each task's data and metrics, which need no framework: built in, and a user's own."""

import importlib.util
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from app import starter
from app.starter import Request
from app.starter.catalogue import catalogue

TASKS = [name for name, task in catalogue().tasks.items() if task.variables["own_file"]]
"""Those with rows of data; an agent makes its own by playing."""
FRAMEWORK = next(iter(catalogue().frameworks))


def module(task: str, name: str, folder: Path) -> ModuleType:
    project = starter.prepare(Request(framework=FRAMEWORK, task=task))
    path = folder / f"{name}.py"
    path.write_text(project.files[f"{name}.py"], encoding="utf-8")
    spec = importlib.util.spec_from_file_location(f"starter_{task}_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.mark.parametrize("task", TASKS)
def test_the_built_in_data_is_the_same_each_time(task: str, tmp_path: Path) -> None:
    data = module(task, "data", tmp_path)
    whole, again, smoke = data.load_data(), data.load_data(), data.load_data(smoke=True)
    for split, same, few in zip(whole, again, smoke, strict=True):
        data.check(split.x, split.y)
        np.testing.assert_array_equal(split.x, same.x)
        np.testing.assert_array_equal(split.y, same.y)
        assert 0 < len(few.x) <= 256
    assert len(whole.train.x) > len(whole.validation.x) > 90


@pytest.mark.parametrize("task", TASKS)
def test_the_parts_share_no_sample(task: str, tmp_path: Path) -> None:
    train, validation, test = module(task, "data", tmp_path).load_data()
    rows = [{row.tobytes() for row in split.x} for split in (train, validation, test)]
    # Different texts may come down to the same words; nothing else may.
    allowed = 20 if task == "text_classification" else 0
    assert len(rows[0] & rows[1]) + len(rows[0] & rows[2]) + len(rows[1] & rows[2]) <= allowed


def own_image_classification(path: Path, x: np.ndarray, y: np.ndarray) -> None:
    np.savez(path, x=x, y=y)


def own_tabular(path: Path, x: np.ndarray, y: np.ndarray) -> None:
    table = np.column_stack([x.astype(np.float64), y])
    header = ",".join(f"column{number}" for number in range(table.shape[1]))
    np.savetxt(path, table, delimiter=",", header=header, comments="", fmt="%.9g")


def own_time_series(path: Path, x: np.ndarray, y: np.ndarray) -> None:
    np.savetxt(path, np.concatenate([x[:, 0], x[-1, 1:], y[-1]]), fmt="%.9g")


def own_text_classification(path: Path, x: np.ndarray, y: np.ndarray) -> None:
    path.write_text("".join(f"{label}\tthe text {label} of it\n" for label in y), encoding="utf-8")


def own_scientific(path: Path, x: np.ndarray, y: np.ndarray) -> None:
    table = np.column_stack([x, y])
    np.savetxt(path, table, delimiter=",", header="t,x", comments="", fmt="%.9g")


def own_generative(path: Path, x: np.ndarray, y: np.ndarray) -> None:
    np.savez(path, x=x)


@pytest.mark.parametrize("task", TASKS)
def test_own_data_comes_in_where_the_readme_says(task: str, tmp_path: Path) -> None:
    data = module(task, "data", tmp_path)
    built_in = data.load_data().train
    suffix = str(catalogue().tasks[task].variables["own_file"]).rpartition(".")[2]
    path = tmp_path / f"own.{suffix}"
    globals()[f"own_{task}"](path, built_in.x, built_in.y)
    own = data.load_data(path)
    for split in own:
        data.check(split.x, split.y)
    assert len(own.train.x) > 100
    inputs = data.load_inputs(path)
    data.check(inputs, np.zeros((len(inputs), *built_in.y.shape[1:]), built_in.y.dtype))


@pytest.mark.parametrize("task", TASKS)
def test_data_of_the_wrong_shape_is_refused_with_both_shapes(task: str, tmp_path: Path) -> None:
    data = module(task, "data", tmp_path)
    x, y = data.load_data(smoke=True).train
    with pytest.raises(ValueError, match=r"x must be \w+ of shape \(n, .*, not \w+ of \("):
        data.check(x[:, :-1], y)
    with pytest.raises(ValueError, match=r"y must be \w+ of shape .*, not \w+ of \("):
        data.check(x, y[:-1])


@pytest.mark.parametrize("task", TASKS)
def test_perfect_predictions_get_a_perfect_score(task: str, tmp_path: Path) -> None:
    y = module(task, "data", tmp_path).load_data(smoke=True).test.y
    metrics = module(task, "metrics", tmp_path)
    perfect = np.eye(y.max() + 1)[y] if y.ndim == 1 else y
    name = str(catalogue().tasks[task].variables["metric"])
    assert metrics.evaluate(perfect, y) == {name: 1.0 if name == "accuracy" else 0.0}
    assert len(metrics.describe(perfect, y).splitlines()) >= 3


def test_the_oscillator_obeys_its_equation_and_starts_at_rest(tmp_path: Path) -> None:
    data = module("scientific", "data", tmp_path)
    step = 1e-2
    times = np.arange(0, data.DURATION, step)[:, None]
    x = data.solution(times).astype(np.float64)
    assert x[0] == 1
    assert abs(x[1] - x[0]) / step < 0.03
    velocity = (x[2:] - x[:-2]) / (2 * step)
    acceleration = (x[2:] - 2 * x[1:-1] + x[:-2]) / step**2
    law = acceleration + data.DAMPING * velocity + data.STIFFNESS * x[1:-1]
    # float32 leaves about 1e-3 in a second difference of this step.
    assert np.abs(law).max() < 0.01


def test_measurements_carry_noise_and_the_test_part_is_the_closed_form(tmp_path: Path) -> None:
    data = module("scientific", "data", tmp_path)
    train, _, test = data.load_data()
    noise = train.y - data.solution(train.x)
    assert float(noise.std()) == pytest.approx(data.NOISE, rel=0.1)
    np.testing.assert_array_equal(test.y, data.solution(test.x))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["t,x"] + ["0.5,0.1"] * 150, "at least 200"),
        (["t,x,v"] + ["0.5,0.1,0.2"] * 250, "two columns"),
        (["t,x"] + ["12,0.1"] * 250, "x must lie in 0 to 10"),
        (["t,x"] + ["0.5,nan"] * 250, "not finite"),
    ],
)
def test_measurements_that_will_not_do_are_refused_with_the_reason(
    tmp_path: Path, lines: list[str], message: str
) -> None:
    data = module("scientific", "data", tmp_path)
    path = tmp_path / "own.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        data.load_data(path)


def test_images_that_will_not_do_are_refused_with_the_reason(tmp_path: Path) -> None:
    data = module("generative", "data", tmp_path)
    path = tmp_path / "own.npz"
    np.savez(path, x=np.full((300, 8, 8), 255, np.float32))
    with pytest.raises(ValueError, match="x must lie in 0 to 1: divide bytes by 255"):
        data.load_data(path)
    np.savez(path, images=np.zeros((300, 8, 8), np.float32))
    with pytest.raises(ValueError, match="has no array x"):
        data.load_data(path)


def refused(call: Callable[[], object], path: Path, said: pytest.CaptureFixture[str]) -> str:
    """The one message with which the program ended."""
    with pytest.raises(SystemExit) as ended:
        call()
    assert ended.value.code == 2
    text = said.readouterr().err
    assert text.startswith(f"{path}: ")
    assert text.count("\n") == 1
    return text.removeprefix(f"{path}: ").rstrip()


def damaged_files(folder: Path, task: str) -> Iterator[tuple[Path, str]]:
    """Files that are no samples for that task, and what is to be said of each."""
    images = str(catalogue().tasks[task].variables["own_file"]).endswith(".npz")
    wrong = folder / "wrong.npz"
    np.savez(wrong, x=np.zeros((300, 5)), y=np.zeros(300, np.int64))
    yield wrong, "x must be float32 of shape" if images else "is no text in UTF-8"
    yield folder / "absent", "No such file or directory"
    yield folder, "Is a directory"
    if not images:
        return
    one = folder / "one.npy"
    np.save(one, np.zeros(3))
    yield one, "is no .npz file, as numpy.savez writes them"
    objects = folder / "objects.npz"
    np.savez(objects, x=np.array([{}], dtype=object))
    yield objects, "cannot be read: Object arrays cannot be loaded"
    broken = folder / "broken.npz"
    np.savez(broken, x=np.zeros((9, 8, 8), np.float32))
    content = bytearray(broken.read_bytes())
    content[60:120] = b"{" * 60
    broken.write_bytes(content)
    yield broken, "cannot be read: "
    none = folder / "none.npz"
    np.savez(none, x=np.zeros((0, 8, 8), np.float32), y=np.zeros(0, np.int64))
    yield none, "x holds no samples"


@pytest.mark.parametrize("task", TASKS)
def test_a_file_that_will_not_do_ends_training_and_predicting_with_one_message(
    task: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = module(task, "data", tmp_path)
    for path, message in damaged_files(tmp_path, task):
        assert refused(partial(data.read_inputs, path), path, capsys).startswith(message)
        assert refused(partial(data.read_data, path, True), path, capsys).startswith(message)


@pytest.mark.parametrize("task", TASKS)
def test_text_that_is_no_data_ends_training_with_one_message(
    task: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = module(task, "data", tmp_path)
    garbage = tmp_path / "garbage"
    for text in ("nothing,of\nuse", "", "\n\n", "a,b\n"):
        garbage.write_text(text, encoding="utf-8")
        refused(partial(data.read_data, garbage, True), garbage, capsys)


@pytest.mark.parametrize("task", TASKS)
def test_without_a_file_there_is_something_to_predict_for(task: str, tmp_path: Path) -> None:
    data = module(task, "data", tmp_path)
    np.testing.assert_array_equal(data.read_inputs(None), data.load_data().test.x)


@pytest.mark.parametrize("task", TASKS)
def test_a_run_keeps_samples_and_where_they_went_wrong(task: str, tmp_path: Path) -> None:
    y = module(task, "data", tmp_path).load_data(smoke=True).test.y
    outputs = np.eye(int(y.max()) + 1)[y] if y.dtype.kind == "i" else y + np.float32(0.5)
    tables = module(task, "metrics", tmp_path).tables(outputs, y)
    kind = "confusion_matrix" if y.dtype.kind == "i" else "residuals"
    assert set(tables) == {kind, "sample_predictions"}
    samples = tables["sample_predictions"]
    assert 1 <= len(samples) <= 14
    for row in tables[kind]:
        if kind == "confusion_matrix":
            true = row.pop("true")
            assert row.pop(f"predicted {true}") == (y == true).sum() > 0
            assert set(row.values()) == {0}
        else:
            # Half a unit above the truth everywhere: each way to put a residual says so.
            found = row.get("mean", row.get("residual", row.get("squared_error")))
            assert found == pytest.approx(0.25 if "squared_error" in row else -0.5, abs=1e-4)


def test_the_record_of_a_run_ends_with_its_tables(tmp_path: Path) -> None:
    tracker = module(TASKS[0], "tracking", tmp_path).Tracker(tmp_path, {"seed": 0})
    tracker.log(1, {"loss": 2.0, "gradient_norm": 0.5})
    tracker.finish({"accuracy": 1.0}, {"residuals": [{"day": 1, "mean": 0.5}]}, tmp_path / "best")
    lines = (tmp_path / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"settings": {"seed": "0"}},
        {"epoch": 1, "loss": 2.0, "gradient_norm": 0.5},
        {
            "finished": {"accuracy": 1.0},
            "tables": {"residuals": [{"day": 1, "mean": 0.5}]},
            "model": str(tmp_path / "best"),
        },
    ]
