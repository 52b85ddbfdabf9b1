"""Executes generated projects, own tests included, and keeps the table that offers are labelled by.

    python -m app.starter.execution [--python EXE] [--task T] [--framework F] [--missing]
                                    [--deliveries]

What is executed covers both sizes of each framework and task with one tracker, another one for the
next task, and with the first task every delivery; the table names just what ran.
"""

import argparse
import math
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from app.files import write_atomically
from app.starter.catalogue import EXECUTED, NONE, Catalogue, Run, Task, catalogue, executed_runs
from app.starter.project import Project, Request, fingerprint, prepare, request_problem
from app.starter.running import installed_versions, run, run_script
from app.starter.writing import write

DIFFERENCE = re.compile(r"largest difference: (\S+)")
PASSED = re.compile(r"(\d+) passed")
Key = tuple[str, str, str | None, str, str]


def covering(known: Catalogue, deliveries: bool = False) -> Iterator[Request]:
    """The requests whose execution covers all templates.

    With `deliveries`, each task goes through every one of them, and not a framework's first alone.
    """
    trackers = [tracker for tracker in known.trackers if tracker != NONE]
    for row, (framework_id, framework) in enumerate(known.frameworks.items()):
        tasks = [task for task in known.tasks if (framework_id, task) in known.pairs]
        for column, task in enumerate(tasks):
            yield Request(framework=framework_id, task=task, size="short")
            yield Request(framework=framework_id, task=task)
            tracker = trackers[(row + column) % len(trackers)]
            yield Request(framework=framework_id, task=task, tracker=tracker)
            if column and not deliveries:
                continue
            seen = set()
            for target, ways in framework.targets.items():
                for delivery in ways:
                    if delivery not in seen:
                        seen.add(delivery)
                        yield Request(
                            framework=framework_id, task=task, target=target, delivery=delivery
                        )


def execute(request: Request, python: Path) -> Run:
    """Write the project to a temporary folder and run it: its tests, or the one file's smoke run.

    Raises StarterError when the interpreter lacks something that the project requires.
    """
    versions = installed_versions(python)
    project = prepare(msgspec.structs.replace(request, versions=versions))
    with tempfile.TemporaryDirectory(prefix="starter-") as temporary:
        folder = write(project, Path(temporary) / project.name)
        if request.size == "short":
            outcome = run(folder, python)
        else:
            # A bare pytest: what the user's environment adds to it is not the project's.
            outcome = run_script(
                folder,
                python,
                ["-m", "pytest", "-q", "-rP", "-p", "no:cacheprovider", "-p", "no:randomly"],
                whole_output=True,
            )
    text = "\n".join(outcome.tail)
    metrics = dict(outcome.metrics)
    if found := DIFFERENCE.search(text):
        metrics["export_difference"] = float(found.group(1))
    task, framework = catalogue().tasks[request.task], catalogue().frameworks[request.framework]
    passed = outcome.returncode == 0 and learned(task, metrics)
    return Run(
        framework=request.framework,
        task=request.task,
        target=request.target,
        delivery=project.request.delivery,
        tracker=request.tracker,
        size=request.size,
        fingerprint=fingerprint(project),
        passed=passed,
        detail=_detail(framework.detail or task.detail, text, metrics)
        if passed
        else outcome.tail[-1].strip(),
        python=python_version(python),
        versions={name: versions[name] for name in _names(project) if name in versions},
        seconds=round(outcome.seconds, 1),
        metrics=metrics,
    )


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


def key(run: Run) -> Key:
    return run.framework, run.task, run.delivery, run.tracker, run.size


def with_run(table: Iterable[Run], new: Run) -> list[Run]:
    """The table with one more run, in the place of an earlier one of the same combination."""
    runs = {key(run): run for run in table}
    runs[key(new)] = new
    return sorted(runs.values(), key=lambda run: [part or "" for part in key(run)])


def save(table: Iterable[Run]) -> None:
    text = msgspec.json.format(msgspec.json.encode(list(table)), indent=1)
    write_atomically(EXECUTED, text + b"\n")


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
    parser.add_argument("--missing", action="store_true", help="only what is new or has changed")
    parser.add_argument(
        "--deliveries", action="store_true", help="every task through every delivery"
    )
    arguments = parser.parse_args()
    versions = installed_versions(arguments.python)
    save(current(executed_runs()))
    done = {key(run): run.fingerprint for run in executed_runs() if run.passed}
    for request in covering(catalogue(), arguments.deliveries):
        if arguments.framework not in (None, request.framework):
            continue
        if arguments.task not in (None, request.task):
            continue
        project = prepare(msgspec.structs.replace(request, versions=versions))
        known = (
            request.framework,
            request.task,
            project.request.delivery,
            request.tracker,
            request.size,
        )
        if arguments.missing and done.get(known) == fingerprint(project):
            continue
        result = execute(request, arguments.python)
        save(with_run(executed_runs(), result))
        say(f"{'ok' if result.passed else 'FAILED'}  {known}  {result.detail}")


if __name__ == "__main__":
    main()
