"""Executes generated projects, own tests included, and keeps the table that offers are labelled by.

    python -m app.starter.execution [--python EXE] [--task T] [--framework F] [--delivery P]
                                    [--missing] [--deliveries]

What is executed covers both sizes of each framework and task with one tracker, another one for the
next task; every delivery with each framework, and with each task; the table names just what ran.
"""

import argparse
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from app.files import write_atomically
from app.paths import ASSETS
from app.starter.catalogue import (
    EXECUTED,
    NONE,
    Catalogue,
    Run,
    Task,
    catalogue,
    distinct_ways,
    executed_runs,
    run_key,
)
from app.starter.errors import StarterError
from app.starter.executed_page import page
from app.starter.project import Project, Request, fingerprint, prepare, request_problem
from app.starter.running import installed_versions, run, run_script
from app.starter.writing import write

DIFFERENCE = re.compile(r"largest difference: (\d\S*)")
SKIPPED = re.compile(r"^\d+ passed, (\d+ skipped).*|^SKIPPED .*", re.MULTILINE)
PAGE = ASSETS.parent / "docs" / "executed.md"
NPM_CACHE = ASSETS.parent / "build" / "npm"
SEARCHED = "the best of {trials:.0f} short runs: loss {first_loss:.3g} to {last_loss:.3g}"
PASSED = re.compile(r"(\d+) passed")


class PageError(StarterError):
    """What a web page needs could not be fetched."""


def covering(known: Catalogue, deliveries: bool = False) -> Iterator[Request]:
    """The requests whose execution covers all templates.

    A framework's first task goes through every delivery; every other task through each delivery
    with one of the frameworks in turn, or with `deliveries` with all of them.
    """
    trackers = [tracker for tracker in known.trackers if tracker != NONE]
    for row, framework_id in enumerate(known.frameworks):
        tasks = [task for task in known.tasks if (framework_id, task) in known.pairs]
        for column, task in enumerate(tasks):
            yield Request(framework=framework_id, task=task, size="short")
            yield Request(framework=framework_id, task=task)
            tracker = trackers[(row + column) % len(trackers)]
            yield Request(framework=framework_id, task=task, tracker=tracker)
            for variant, one in known.variants[framework_id].items():
                if task in one.tasks[:1] and not one.untried:
                    yield Request(framework=framework_id, task=task, variant=variant)
            for target, delivery in distinct_ways(known, framework_id, task):
                if (
                    deliveries
                    or not column
                    or _has_turn(known, framework_id, task, target, delivery)
                ):
                    yield Request(
                        framework=framework_id, task=task, target=target, delivery=delivery
                    )


def searching(known: Catalogue) -> Iterator[Request]:
    """Every search for settings, once with each framework that has one."""
    first = next(iter(known.tasks))
    for framework_id, framework in known.frameworks.items():
        for name, search in known.searches.items():
            if name != NONE and not framework.no_search:
                tracker = search.tracker or NONE
                yield Request(framework=framework_id, task=first, tracker=tracker, search=name)


def _has_turn(known: Catalogue, framework: str, task: str, target: str, delivery: str) -> bool:
    """Whether it is this framework and this target that show that delivery with that task."""
    owners = [
        (one, place)
        for one in known.frameworks
        if (one, task) in known.pairs
        for place, way in distinct_ways(known, one, task)
        if way == delivery
    ]
    return owners[list(known.tasks).index(task) % len(owners)] == (framework, target)


def execute(request: Request, python: Path, offline: bool = False) -> Run:
    """Write the project to a temporary folder and run it: its tests, or the one file's smoke run.

    With `offline`, what a web page needs must have been fetched by an earlier run. Raises
    StarterError when the interpreter lacks something that the project requires, and PageError.
    """
    versions = installed_versions(python)
    project = prepare(msgspec.structs.replace(request, versions=versions))
    with tempfile.TemporaryDirectory(prefix="starter-") as temporary:
        folder = write(project, Path(temporary) / project.name)
        _fetch_page_packages(folder, offline)
        if request.size == "short":
            outcome = run(folder, python)
        else:
            # A bare pytest: what the user's environment adds to it is not the project's.
            outcome = run_script(
                folder,
                python,
                ["-m", "pytest", "-q", "-rPs", "-p", "no:cacheprovider", "-p", "no:randomly"]
                # Without its search the project is another line of the table.
                + (["tests/test_search.py"] if request.search != NONE else []),
                whole_output=True,
            )
    text = "\n".join(outcome.tail)
    metrics = dict(outcome.metrics)
    if found := DIFFERENCE.search(text):
        metrics["export_difference"] = float(found.group(1))
    task, framework = catalogue().tasks[request.task], catalogue().frameworks[request.framework]
    skipped = SKIPPED.search(text)
    # A test that was left out proves nothing: then the combination has not been executed.
    passed = outcome.returncode == 0 and skipped is None and learned(task, metrics)
    return Run(
        framework=request.framework,
        task=request.task,
        target=request.target,
        delivery=project.request.delivery,
        tracker=request.tracker,
        size=request.size,
        variant=request.variant,
        search=request.search,
        fingerprint=fingerprint(project),
        passed=passed,
        detail=_detail(
            SEARCHED if request.search != NONE else framework.detail or task.detail, text, metrics
        )
        if passed
        else (skipped.group(0) if skipped else outcome.tail[-1]).strip(),
        python=python_version(python),
        versions={name: versions[name] for name in _names(project) if name in versions},
        seconds=round(outcome.seconds, 1),
        metrics=metrics,
    )


def _fetch_page_packages(folder: Path, offline: bool) -> None:
    """`npm install` where a page asks for it, into a cache of the checkout's own."""
    page = folder / "web"
    if not (page / "package.json").is_file():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise PageError("npm is not installed, which fetches what the web page needs.")
    command = [npm, "install", "--no-audit", "--no-fund", "--cache", str(NPM_CACHE)]
    done = subprocess.run(
        [*command, *(["--offline"] if offline else [])],
        cwd=page,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise PageError(f"npm could not fetch what the web page needs: {done.stderr[-300:]}")


def learned(task: Task, metrics: dict[str, float]) -> bool:
    """Whether a smoke run's losses are what they must be."""
    first, last = metrics["first_loss"], metrics["last_loss"]
    if not task.loss_falls:
        return math.isfinite(first) and math.isfinite(last)
    return last < first


def python_version(python: Path) -> str:
    """As `3.11.7`; the interpreter has been seen to work before."""
    outcome = run_script(Path(tempfile.gettempdir()), python, ["-V"])
    return outcome.tail[-1].removeprefix("Python ")


def _names(project: Project) -> list[str]:
    return [line.partition("==")[0] for line in project.requires]


def _detail(template: str, text: str, metrics: dict[str, float]) -> str:
    words = template.format(**metrics)
    if tests := PASSED.search(text):
        words += f", its {tests.group(1)} own tests passed"
    if "export_difference" in metrics:
        words += f", the exported model differs by at most {metrics['export_difference']:.0e}"
    return words + "."


def with_run(table: Iterable[Run], new: Run) -> list[Run]:
    """The table with one more run, in the place of an earlier one of the same combination."""
    known = catalogue()
    runs = {run_key(run, known): run for run in table}
    runs[run_key(new, known)] = new
    return sorted(runs.values(), key=lambda run: [part or "" for part in run_key(run, known)])


def save(table: Iterable[Run]) -> None:
    """Keep the table, and its page in the documentation."""
    table = list(table)
    text = msgspec.json.format(msgspec.json.encode(table), indent=1)
    write_atomically(EXECUTED, text + b"\n")
    write_atomically(PAGE, page(table).encode())


def current(table: Iterable[Run]) -> list[Run]:
    """The table without what ran before its templates changed."""
    kept = []
    for one in table:
        request = Request(
            framework=one.framework,
            task=one.task,
            target=one.target,
            delivery=one.delivery,
            tracker=one.tracker,
            size=one.size,
            variant=one.variant,
            search=one.search,
            versions=one.versions,
        )
        if request_problem(request) is None and fingerprint(prepare(request)) == one.fingerprint:
            kept.append(one)
    return kept


def main(say: Callable[[str], None] = print) -> None:
    parser = argparse.ArgumentParser(description="Execute starter projects and keep the table.")
    parser.add_argument("--python", type=Path, default=Path(sys.executable))
    parser.add_argument("--framework")
    parser.add_argument("--task")
    parser.add_argument("--delivery")
    parser.add_argument("--missing", action="store_true", help="only what is new or has changed")
    parser.add_argument(
        "--deliveries", action="store_true", help="every task through every delivery"
    )
    arguments = parser.parse_args()
    # The project runs in a folder of its own, where a relative path would mean another file.
    python = Path(os.path.abspath(arguments.python))
    versions = installed_versions(python)
    before = executed_runs()
    kept = {one.fingerprint for one in current(before)}
    # Read again: another execution may have added to the table meanwhile.
    save(one for one in executed_runs() if one.fingerprint in kept or one not in before)
    done = {run_key(run, catalogue()): run.fingerprint for run in executed_runs() if run.passed}
    for request in (*covering(catalogue(), arguments.deliveries), *searching(catalogue())):
        if arguments.framework not in (None, request.framework):
            continue
        if arguments.task not in (None, request.task):
            continue
        project = prepare(msgspec.structs.replace(request, versions=versions))
        if arguments.delivery not in (None, project.request.delivery):
            continue
        known = run_key(project.request, catalogue())
        if arguments.missing and done.get(known) == fingerprint(project):
            continue
        if absent := [name for name in _names(project) if name not in versions]:
            say(f"left out  {known}  {python} has no {', '.join(absent)}")
            continue
        result = execute(request, python)
        save(with_run(executed_runs(), result))
        say(f"{'ok' if result.passed else 'FAILED'}  {known}  {result.detail}")


if __name__ == "__main__":
    main()
