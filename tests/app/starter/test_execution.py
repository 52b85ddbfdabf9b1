"""The generated projects, executed by the interpreter that runs the tests.

What is run is one project per framework and task, its own tests included, with a delivery and a
tracker of those that are installed here; every other combination stands in the table of runs, whose
fingerprints another test holds against the templates.
"""

import functools
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest

from app import starter
from app.starter import Request
from app.starter.catalogue import catalogue, code_target
from app.starter.execution import NPM_CACHE, PageError, execute, learned
from app.starter.running import Outcome, run_script

PYTHON = Path(sys.executable)
KNOWN = catalogue()
TASKS = list(KNOWN.tasks)
FRAMEWORKS = list(KNOWN.frameworks)
FIRST_FRAMEWORK, FIRST_TASK = FRAMEWORKS[0], TASKS[0]
PAIRS = [(f, task) for f in FRAMEWORKS for task in TASKS if (f, task) in KNOWN.pairs]
OFFERED = {f: [task for one, task in PAIRS if one == f] for f in FRAMEWORKS}
OFFERING = {task: [f for f in FRAMEWORKS if (f, task) in KNOWN.pairs] for task in TASKS}
VARIANTS = [
    Request(framework=f, task=variant.tasks[0], variant=name)
    for f, variants in KNOWN.variants.items()
    for name, variant in variants.items()
    if not variant.untried
]


def name(request: Request) -> str:
    return "-".join((request.framework, request.task, request.variant))


@functools.cache
def installed() -> dict[str, str]:
    return starter.installed_versions(PYTHON)


def missing(request: Request) -> list[str]:
    """What the project requires and this interpreter lacks."""
    versions = {key: value for key, value in installed().items() if key != "pytest"}
    project = starter.prepare(msgspec.structs.replace(request, versions=versions))
    return [line for line in project.requires if line.partition("==")[0] not in installed()]


def require_installed(request: Request) -> None:
    if absent := missing(request):
        pytest.skip(f"{', '.join(absent)} is not installed here; the table of runs has it")


def check(request: Request) -> None:
    require_installed(request)
    try:
        run = execute(request, PYTHON, offline=True)
    except PageError as error:
        # Only the run that keeps the table may fetch what a page needs; tests use no network.
        pytest.skip(str(error))
    assert run.passed, run.detail
    assert learned(KNOWN.tasks[request.task], run.metrics)


def written(request: Request, folder: Path) -> Path:
    return starter.write(
        starter.prepare(msgspec.structs.replace(request, versions=installed())), folder
    )


@pytest.mark.frameworks
@pytest.mark.parametrize("framework", FRAMEWORKS[:-1])
def test_the_first_task_runs_in_every_framework(framework: str) -> None:
    check(Request(framework=framework, task=FIRST_TASK))


def ways(framework: str, task: str) -> Iterator[Request]:
    """One request per delivery whose code differs, of those that can be run here."""
    seen = set()
    for target, deliveries in KNOWN.frameworks[framework].targets.items():
        for delivery in deliveries:
            code = code_target(KNOWN, target, delivery), delivery
            if code in seen or target in KNOWN.frameworks[framework].without.get(task, {}):
                continue
            seen.add(code)
            request = Request(framework=framework, task=task, target=target, delivery=delivery)
            # A page takes its packages from the cache that the table's runs have filled.
            page = any(path.startswith("web/") for path in starter.prepare(request).files)
            if not missing(request) and (not page or NPM_CACHE.is_dir()):
                yield request


def with_delivery_and_tracker(framework: str, task: str) -> Request:
    """In turn over the tasks, so that each framework meets every delivery and tracker of here."""
    turn = FRAMEWORKS.index(framework) + TASKS.index(task)
    plain = Request(framework=framework, task=task)
    deliveries = list(ways(framework, task)) or [plain]
    request = deliveries[turn % len(deliveries)]
    trackers = [one for one in KNOWN.trackers if one != "none"]
    here = [one for one in trackers if installed().keys() >= set(KNOWN.trackers[one].requires)]
    return msgspec.structs.replace(request, tracker=here[turn % len(here)] if here else "none")


@pytest.mark.slow
@pytest.mark.frameworks
@pytest.mark.parametrize(("framework", "task"), PAIRS)
def test_every_task_runs_in_every_framework_down_to_delivery(framework: str, task: str) -> None:
    check(with_delivery_and_tracker(framework, task))


@pytest.mark.slow
@pytest.mark.frameworks
@pytest.mark.parametrize("request_", VARIANTS, ids=name)
def test_every_variant_runs(request_: Request) -> None:
    check(request_)


# Short files need their framework imported, and little else: one process takes several.
IN_TURN = """
import json, os, runpy, sys, traceback

for folder, *arguments in json.loads(sys.argv[1]):
    os.chdir(folder)
    sys.argv, sys.path[0] = arguments, folder
    code = 0
    try:
        runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as end:
        code = end.code or 0
    except Exception:
        traceback.print_exc()
        code = 1
    print(f"\\nended {code}", flush=True)
"""


def run_in_turn(folder: Path, calls: Sequence[tuple[Path, str, *tuple[str, ...]]]) -> list[Outcome]:
    """Each call (a folder, a script in it, arguments) in the same process, one after the other."""
    (folder / "in_turn.py").write_text(IN_TURN, encoding="utf-8")
    told = json.dumps([[os.fspath(place), *rest] for place, *rest in calls])
    whole = run_script(folder, PYTHON, ["in_turn.py", told], whole_output=True)
    assert whole.returncode == 0, whole.tail[-20:]
    outcomes, lines = [], []
    for line in whole.tail:
        if not line.startswith("ended "):
            lines.append(line)
            continue
        figures = [json.loads(one) for one in lines if one.startswith('{"')]
        outcomes.append(
            msgspec.structs.replace(
                whole,
                returncode=int(line.removeprefix("ended ")),
                tail=tuple(one for one in lines if one.strip()),
                metrics=figures[-1] if figures else {},
            )
        )
        lines = []
    assert len(outcomes) == len(calls)
    return outcomes


def cells(request: Request, folder: Path) -> Path:
    """The cells of a notebook one after the other in one namespace, as its kernel runs them."""
    project = starter.prepare(msgspec.structs.replace(request, notebook=True, versions=installed()))
    found = json.loads(project.files["notebook.ipynb"])["cells"]
    texts = ["".join(cell["source"]) for cell in found if cell["cell_type"] == "code"]
    assert sum("smoke = False" in text for text in texts) == 1
    script = "namespace = {'__name__': '__main__'}\n" + "".join(
        f"exec({text.replace('smoke = False', 'smoke = True')!r}, namespace)\n" for text in texts
    )
    folder.mkdir()
    (folder / "cells.py").write_text(script, encoding="utf-8")
    return folder


def check_short_files(framework: str, tasks: Sequence[str], notebook: str, folder: Path) -> None:
    requests = [Request(framework=framework, task=task, size="short") for task in tasks]
    for request in requests:
        require_installed(request)
    calls = [(written(one, folder / one.task), "train.py", "--smoke") for one in requests]
    shown = Request(framework=framework, task=notebook, size="short")
    outcomes = run_in_turn(folder, [*calls, (cells(shown, folder / "notebook"), "cells.py")])
    for request, outcome in zip([*requests, shown], outcomes, strict=True):
        assert outcome.returncode == 0, (request.task, outcome.tail[-20:])
        assert learned(KNOWN.tasks[request.task], outcome.metrics), request.task


# A loss that takes the model itself, and an agent that plays, are other ways through the templates.
@pytest.mark.frameworks
@pytest.mark.parametrize(
    ("framework", "tasks"),
    [
        (FIRST_FRAMEWORK, [FIRST_TASK, "scientific", "reinforcement_learning"]),
        ("classical", ["tabular"]),
    ],
)
def test_short_files_and_a_notebook_run(framework: str, tasks: list[str], tmp_path: Path) -> None:
    check_short_files(framework, tasks, "tabular", tmp_path)


# A notebook is rendered from the template of the one file: another task with each framework shows
# that the cells hold together.
@pytest.mark.slow
@pytest.mark.frameworks
@pytest.mark.parametrize("framework", FRAMEWORKS[:-1])
def test_all_short_files_and_a_notebook_run(framework: str, tmp_path: Path) -> None:
    tasks = OFFERED[framework]
    notebook = tasks[(FRAMEWORKS.index(framework) + 2) % len(tasks)]
    check_short_files(framework, tasks, notebook, tmp_path)


@pytest.mark.slow
@pytest.mark.frameworks
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_data_that_will_not_do_is_one_message_and_leaves_nothing(
    framework: str, tmp_path: Path
) -> None:
    request = Request(framework=framework, task=OFFERED[framework][0])
    require_installed(request)
    folder = written(request, tmp_path / "project")
    wrong = tmp_path / "wrong.npz"
    np.savez(wrong, x=np.zeros((300, 5), dtype=np.float64), y=np.arange(300) % 2)
    before = {path.name for path in folder.iterdir()}
    calls = [
        (folder, "train.py", "--smoke", "--data", os.fspath(wrong)),
        (folder, "predict.py", "--data", os.fspath(wrong), "--folder", os.fspath(tmp_path)),
        (folder, "predict.py"),
    ]
    (tmp_path / "best").touch()
    *both, without_a_run = run_in_turn(tmp_path, calls)
    for outcome in both:
        assert outcome.returncode == 2, outcome.tail
        assert outcome.tail[-1].startswith(f"{wrong}: ")
    assert without_a_run.returncode == 2
    assert without_a_run.tail[-1] == "runs: holds no run; train.py makes one"
    assert not any("Traceback" in line for one in (*both, without_a_run) for line in one.tail)
    assert {path.name for path in folder.iterdir()} - {"__pycache__"} == before


@pytest.fixture(scope="module")
def mypy_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What all projects import is read once."""
    return tmp_path_factory.mktemp("mypy")


@pytest.mark.slow
@pytest.mark.frameworks
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_types_of_a_project_hold(framework: str, tmp_path: Path, mypy_cache: Path) -> None:
    request = Request(framework=framework, task=OFFERED[framework][0])
    require_installed(request)
    folder = written(request, tmp_path / "project")
    # Half of the frameworks come without types; what is wrong then cannot be seen.
    arguments = [
        "-m",
        "mypy",
        "--disable-error-code=import-untyped",
        "--cache-dir",
        f"{mypy_cache}",
    ]
    outcome = run_script(folder, PYTHON, [*arguments, "."])
    assert outcome.returncode == 0, outcome.tail


def full_run(framework: str, task: str, folder: Path) -> dict[str, float]:
    request = Request(framework=framework, task=task)
    require_installed(request)
    outcome = starter.run(written(request, folder), PYTHON, smoke=False)
    assert outcome.returncode == 0, outcome.tail
    return outcome.metrics


@pytest.mark.slow
@pytest.mark.frameworks
@pytest.mark.parametrize(
    "framework",
    [FIRST_FRAMEWORK]
    + [pytest.param(f, marks=pytest.mark.by_hand) for f in OFFERING[FIRST_TASK][1:]],
)
def test_a_full_run_names_97_of_100_digits_right(framework: str, tmp_path: Path) -> None:
    metrics = full_run(framework, FIRST_TASK, tmp_path / "project")
    assert metrics["accuracy"] >= 0.97


@pytest.mark.slow
@pytest.mark.by_hand
@pytest.mark.frameworks
@pytest.mark.parametrize("framework", OFFERING["scientific"])
def test_a_full_run_finds_the_oscillator_to_one_percent(framework: str, tmp_path: Path) -> None:
    metrics = full_run(framework, "scientific", tmp_path / "project")
    assert metrics["relative_error"] <= 0.01
    # What the data was made with.
    assert metrics["damping"] == pytest.approx(0.4, rel=0.05)
    assert metrics["stiffness"] == pytest.approx(4.0, rel=0.02)


@pytest.mark.slow
@pytest.mark.by_hand
@pytest.mark.frameworks
@pytest.mark.parametrize("framework", OFFERING["generative"])
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
