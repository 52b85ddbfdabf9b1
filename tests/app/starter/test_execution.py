"""The generated projects, executed by the interpreter that runs the tests."""

import json
import os
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from app import starter
from app.starter import Request
from app.starter.catalogue import catalogue
from app.starter.execution import PageError, covering, execute, learned
from app.starter.running import run_script

PYTHON = Path(sys.executable)


def name(request: Request) -> str:
    parts = (
        request.framework,
        request.task,
        request.variant,
        request.target,
        request.delivery,
        request.tracker,
        request.size,
    )
    return "-".join(part for part in parts if part not in (None, "none"))


def require_installed(request: Request) -> None:
    installed = starter.installed_versions(PYTHON)
    versions = {key: value for key, value in installed.items() if key != "pytest"}
    project = starter.prepare(
        Request(
            framework=request.framework,
            task=request.task,
            target=request.target,
            delivery=request.delivery,
            tracker=request.tracker,
            size=request.size,
            variant=request.variant,
            versions=versions,
        )
    )
    missing = [line for line in project.requires if line.partition("==")[0] not in installed]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed here; the table of runs has it")


def check(request: Request) -> None:
    require_installed(request)
    try:
        run = execute(request, PYTHON, offline=True)
    except PageError as error:
        # Only the run that keeps the table may fetch what a page needs; tests use no network.
        pytest.skip(str(error))
    assert run.passed, run.detail
    assert learned(catalogue().tasks[request.task], run.metrics)


FIRST_TASK = next(iter(catalogue().tasks))
REQUESTS = list(covering(catalogue()))
FIRST_FRAMEWORK = REQUESTS[0].framework
FAST = [
    r
    for r in REQUESTS
    if r.task == FIRST_TASK and r.target == "none" == r.tracker == r.variant
    # The short form of one stands for the others': they are run with what takes long.
    if r.size == "project" or r.framework == FIRST_FRAMEWORK
]
# A loss that takes the model itself is another way through the templates: two short runs show it.
FAST += [
    r
    for r in REQUESTS
    if (r.framework, r.size) == (FIRST_FRAMEWORK, "short")
    and r.task in ("scientific", "generative", "reinforcement_learning")
]
# What needs no deep learning shares no training loop with the rest.
FAST += [r for r in REQUESTS if (r.framework, r.size) == ("classical", "short")]
SLOW = [request for request in REQUESTS if request not in FAST]


@pytest.mark.frameworks
@pytest.mark.parametrize("request_", FAST, ids=name)
def test_the_first_task_runs_in_every_framework_and_others_in_one(request_: Request) -> None:
    check(request_)


@pytest.mark.slow
@pytest.mark.frameworks
@pytest.mark.parametrize("request_", SLOW, ids=name)
def test_every_other_template_runs(request_: Request) -> None:
    check(request_)


SHORT = [r for r in REQUESTS if r.size == "short" and r.framework != "classical"]
FIRST_NOTEBOOK = next(r for r in SHORT if r.task == "tabular")
# A notebook is rendered from the template of the one file, which is run for every pair: another
# task with each framework shows that the cells hold together.
NOTEBOOKS = [
    [r for r in SHORT if r.framework == framework][number]
    for number, framework in enumerate(dict.fromkeys(r.framework for r in SHORT), 2)
]


def run_cells(request: Request, folder: Path) -> None:
    """The cells one after the other in one namespace, as a notebook's kernel does."""
    require_installed(request)
    project = starter.prepare(msgspec.structs.replace(request, notebook=True))
    cells = json.loads(project.files["notebook.ipynb"])["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert sum("smoke = False" in text for text in texts) == 1
    script = "namespace = {'__name__': '__main__'}\n" + "".join(
        f"exec({text.replace('smoke = False', 'smoke = True')!r}, namespace)\n" for text in texts
    )
    (folder / "cells.py").write_text(script, encoding="utf-8")
    outcome = run_script(folder, PYTHON, ["cells.py"])
    assert outcome.returncode == 0, outcome.tail
    assert learned(catalogue().tasks[request.task], outcome.metrics)


@pytest.mark.frameworks
def test_the_cells_of_a_notebook_run_one_after_the_other(tmp_path: Path) -> None:
    run_cells(FIRST_NOTEBOOK, tmp_path)


@pytest.mark.slow
@pytest.mark.frameworks
@pytest.mark.parametrize("request_", NOTEBOOKS, ids=name)
def test_the_cells_of_each_frameworks_notebook_run_one_after_the_other(
    request_: Request, tmp_path: Path
) -> None:
    run_cells(request_, tmp_path)


PLAIN = [r for r in REQUESTS if r.size == "project" and r.target == "none" == r.tracker]
ONE_EACH = list({r.framework: r for r in reversed(PLAIN) if r.variant == "none"}.values())


@pytest.mark.slow
@pytest.mark.frameworks
@pytest.mark.parametrize("request_", ONE_EACH, ids=name)
def test_data_that_will_not_do_is_one_message_and_leaves_nothing(
    request_: Request, tmp_path: Path
) -> None:
    require_installed(request_)
    versions = starter.installed_versions(PYTHON)
    project = starter.prepare(msgspec.structs.replace(request_, versions=versions))
    folder = starter.write(project, tmp_path / "project")
    wrong = tmp_path / "wrong.npz"
    np.savez(wrong, x=np.zeros((300, 5), dtype=np.float64), y=np.arange(300) % 2)
    before = {path.name for path in folder.iterdir()}
    outcome = run_script(folder, PYTHON, ["train.py", "--smoke", "--data", str(wrong)])
    assert outcome.returncode == 2, outcome.tail
    assert outcome.tail[-1].startswith(f"{wrong}: ")
    assert not any("Traceback" in line for line in outcome.tail)
    assert {path.name for path in folder.iterdir()} - {"__pycache__"} == before


@pytest.mark.slow
@pytest.mark.frameworks
@pytest.mark.parametrize("request_", ONE_EACH, ids=name)
def test_the_types_of_a_project_hold(request_: Request, tmp_path: Path) -> None:
    require_installed(request_)
    versions = starter.installed_versions(PYTHON)
    project = starter.prepare(msgspec.structs.replace(request_, versions=versions))
    folder = starter.write(project, tmp_path / "project")
    # Half of the frameworks come without types; what is wrong then cannot be seen.
    arguments = ["-m", "mypy", "--disable-error-code=import-untyped", "--cache-dir", os.devnull]
    outcome = run_script(folder, PYTHON, [*arguments, "."])
    assert outcome.returncode == 0, outcome.tail


def offering(task: str) -> list[str]:
    """The frameworks that have the task."""
    return list(dict.fromkeys(one.framework for one in REQUESTS if one.task == task))


def full_run(framework: str, task: str, folder: Path) -> dict[str, float]:
    require_installed(Request(framework=framework, task=task))
    project = starter.prepare(
        Request(framework=framework, task=task, versions=starter.installed_versions(PYTHON))
    )
    outcome = starter.run(starter.write(project, folder), PYTHON, smoke=False)
    assert outcome.returncode == 0, outcome.tail
    return outcome.metrics


@pytest.mark.slow
@pytest.mark.frameworks
@pytest.mark.parametrize("framework", offering("image_classification"))
def test_a_full_run_names_97_of_100_digits_right(framework: str, tmp_path: Path) -> None:
    metrics = full_run(framework, "image_classification", tmp_path / "project")
    assert metrics["accuracy"] >= 0.97


@pytest.mark.slow
@pytest.mark.by_hand
@pytest.mark.frameworks
@pytest.mark.parametrize("framework", offering("scientific"))
def test_a_full_run_finds_the_oscillator_to_one_percent(framework: str, tmp_path: Path) -> None:
    metrics = full_run(framework, "scientific", tmp_path / "project")
    assert metrics["relative_error"] <= 0.01
    # What the data was made with.
    assert metrics["damping"] == pytest.approx(0.4, rel=0.05)
    assert metrics["stiffness"] == pytest.approx(4.0, rel=0.02)


@pytest.mark.slow
@pytest.mark.by_hand
@pytest.mark.frameworks
@pytest.mark.parametrize("framework", offering("generative"))
def test_a_full_run_reconstructs_twice_as_well_as_the_mean_image(
    framework: str, tmp_path: Path
) -> None:
    metrics = full_run(framework, "generative", tmp_path / "project")
    assert metrics["reconstruction_error"] <= 0.074 / 2


@pytest.mark.slow
@pytest.mark.by_hand
@pytest.mark.frameworks
@pytest.mark.parametrize("framework", ["pytorch", "jax"])
def test_a_full_run_keeps_the_pole_up_for_400_moves(framework: str, tmp_path: Path) -> None:
    metrics = full_run(framework, "reinforcement_learning", tmp_path / "project")
    assert metrics["median_return"] >= 400 > 100 > metrics["random_return"]


@pytest.mark.slow
@pytest.mark.frameworks
def test_without_deep_learning_a_full_run_names_97_of_100_rows_right(tmp_path: Path) -> None:
    metrics = full_run("classical", "tabular", tmp_path / "project")
    assert metrics["accuracy"] >= 0.97
