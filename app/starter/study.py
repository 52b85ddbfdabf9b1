"""Full runs of the generated projects over several seeds, and how the frameworks compare in them.

    python -m app.starter.study           prints what has been run, as docs/full-runs.md has it
    python -m app.starter.study --run [--task T] [--framework F] [--seeds 5] [--start shared|own]
                                      [--python EXE]       runs what is missing; takes long

Every run of a task has the same split and the same budget. With the start `shared` the runs of one
seed begin with the same weights in every framework, where the shapes agree. What a run draws after
that (order of the samples, dropout) comes from the framework's own random numbers.
"""

import argparse
import datetime
import hashlib
import itertools
import math
import os
import platform
import statistics
import sys
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from app.files import write_atomically
from app.starter.catalogue import TEMPLATES, catalogue
from app.starter.errors import StarterError
from app.starter.execution import python_version
from app.starter.project import Project, Request, prepare
from app.starter.running import installed_versions, run_script
from app.starter.writing import write

STUDY = TEMPLATES / "study"
RUNS = TEMPLATES / "full_runs.json"
SEEDS = 5
FEWEST = 3
"""Runs for an interval: two that happen to agree to the last sample would look certain."""

Start = Literal["shared", "own"]

LEARNS = ("config.py", "model.py", "train.py", "learner.py", "replay.py", "metrics.py")
"""The files that an outcome rests on; the data's built-in part is the same for all frameworks."""

# Student's t for an interval of 95 %, by degrees of freedom (two-sided).
STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)


class Comparison(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a task's full runs are judged, as `tasks.toml` says."""

    baseline: str
    higher_is_better: bool
    digits: int
    """Decimals that are shown."""
    mark: float | None = None
    """What the mean of the runs must reach."""
    layers: tuple[tuple[int, ...], ...] = ()
    """Shapes of the kernels that every framework starts from; none when they do not agree."""
    explained: tuple[str, ...] = ()
    """Why frameworks differ by more than chance, and what to know of the figures."""


class FullRun(msgspec.Struct, frozen=True, kw_only=True):
    """One full run, as it ended."""

    framework: str
    task: str
    start: Start
    seed: int
    value: float
    """The task's metric on the test part."""
    metrics: dict[str, float]
    fingerprint: str
    """Of the training code, so that a run of older templates is noticed."""
    date: datetime.date
    python: str
    machine: str
    versions: dict[str, str]


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """What a simple method reaches on the same split."""

    task: str
    value: float
    date: datetime.date
    python: str
    versions: dict[str, str]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The file of everything that was run."""

    runs: tuple[FullRun, ...] = ()
    baselines: tuple[Baseline, ...] = ()


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The runs of one framework on one task from one start."""

    framework: str
    task: str
    start: Start
    seeds: int
    mean: float
    half_width: float | None
    """Of the mean's interval of 95 %, by Student's t; None below FEWEST runs."""
    least: float
    most: float


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """How far two frameworks are apart, seed by seed."""

    first: str
    second: str
    mean: float
    half_width: float

    @property
    def beyond_interval(self) -> bool:
        """Whether the interval of 95 % leaves zero out."""
        return abs(self.mean) > self.half_width


def comparisons() -> dict[str, Comparison]:
    """Task to how its full runs are judged."""
    data = tomllib.loads((STUDY / "tasks.toml").read_text(encoding="utf-8"))
    return msgspec.convert(data, dict[str, Comparison])


def record() -> Record:
    """All that has been run; empty before the first run."""
    return msgspec.json.decode(RUNS.read_bytes(), type=Record) if RUNS.is_file() else Record()


def interval(values: Sequence[float]) -> tuple[float, float | None]:
    """Mean and half the width of its interval of 95 % (Student's t); None below FEWEST values."""
    if len(values) < FEWEST:
        return statistics.fmean(values), None
    student = STUDENT[min(len(values) - 2, len(STUDENT) - 1)]
    return statistics.fmean(values), student * statistics.stdev(values) / math.sqrt(len(values))


def summaries(runs: Sequence[FullRun], task: str, start: Start) -> list[Summary]:
    """Each framework's runs of that task and start, in the order of the catalogue."""
    found = []
    for framework in catalogue().frameworks:
        values = [
            one.value
            for one in runs
            if (one.framework, one.task, one.start) == (framework, task, start)
        ]
        if values:
            mean, half_width = interval(values)
            found.append(
                Summary(
                    framework=framework,
                    task=task,
                    start=start,
                    seeds=len(values),
                    mean=mean,
                    half_width=half_width,
                    least=min(values),
                    most=max(values),
                )
            )
    return found


def differences(runs: Sequence[FullRun], task: str, start: Start) -> list[Difference]:
    """Each pair of frameworks with enough seeds in common, compared seed by seed."""
    by_framework: dict[str, dict[int, float]] = {}
    for one in runs:
        if (one.task, one.start) == (task, start):
            by_framework.setdefault(one.framework, {})[one.seed] = one.value
    found = []
    for first, second in itertools.combinations(sorted(by_framework), 2):
        mine, other = by_framework[first], by_framework[second]
        pairs = [mine[seed] - other[seed] for seed in sorted(mine.keys() & other.keys())]
        if len(pairs) >= FEWEST:
            mean, half_width = interval(pairs)
            assert half_width is not None
            found.append(Difference(first=first, second=second, mean=mean, half_width=half_width))
    return found


def first_weights(shapes: Sequence[Sequence[int]], seed: int) -> dict[str, np.ndarray]:
    """Kernel and bias of each layer, even between plus and minus 1 / sqrt(inputs).

    One rule for all frameworks and layers (LeCun et al., Efficient BackProp, 1998, 4.6, up to its
    factor); what they draw by themselves differs.
    """
    random = np.random.default_rng(seed)
    arrays = {}
    for number, shape in enumerate(shapes):
        bound = 1 / math.sqrt(math.prod(shape[:-1]))
        arrays[f"kernel{number}"] = random.uniform(-bound, bound, shape).astype(np.float32)
        arrays[f"bias{number}"] = random.uniform(-bound, bound, shape[-1:]).astype(np.float32)
    return arrays


def training_code(project: Project) -> str:
    """A fingerprint of the files that learn: how data of one's own is read changes no outcome."""
    text = "\0".join(project.files.get(name, "") for name in LEARNS)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def full_run(request: Request, start: Start, seed: int, python: Path) -> FullRun:
    """Write the project to a temporary folder and train it in full. Raises StarterError."""
    versions = installed_versions(python)
    project = prepare(msgspec.structs.replace(request, versions=versions))
    task = catalogue().tasks[request.task]
    names = [str(task.variables[key]) for key in ("model_name", "build_name")]
    with tempfile.TemporaryDirectory(prefix="starter-") as temporary:
        folder = _written(project, Path(temporary), STUDY / "full_run.py")
        arguments = ["-u", "full_run.py", str(seed)]
        if start == "shared":
            weights = first_weights(comparisons()[request.task].layers, seed)
            # numpy's types take every keyword for its own `allow_pickle`.
            np.savez(folder / "weights.npz", **weights)  # type: ignore[arg-type]
            own = TEMPLATES / "frameworks" / request.framework / "first_weights.py"
            (folder / own.name).write_bytes(own.read_bytes())
            arguments += ["weights.npz", *names]
        outcome = run_script(folder, python, arguments)
    metric = str(task.variables["metric"])
    if outcome.returncode != 0 or metric not in outcome.metrics:
        raise StarterError("\n".join((f"{project.name}, seed {seed}, failed:", *outcome.tail)))
    return FullRun(
        framework=request.framework,
        task=request.task,
        start=start,
        seed=seed,
        value=outcome.metrics[metric],
        metrics=outcome.metrics,
        fingerprint=training_code(project),
        date=datetime.datetime.now(datetime.UTC).date(),
        python=python_version(python),
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        versions=_installed(project, versions),
    )


def baseline(task: str, python: Path) -> Baseline:
    """What the task's simple method reaches, computed anew on the project's own data."""
    versions = installed_versions(python)
    framework = next(name for name, one in catalogue().pairs if one == task)
    project = prepare(Request(framework=framework, task=task, versions=versions))
    script = TEMPLATES / "tasks" / task / "baseline.py"
    with tempfile.TemporaryDirectory(prefix="starter-") as temporary:
        outcome = run_script(_written(project, Path(temporary), script), python, [script.name])
    metric = str(catalogue().tasks[task].variables["metric"])
    if outcome.returncode != 0 or metric not in outcome.metrics:
        raise StarterError("\n".join((f"the baseline of {task} failed:", *outcome.tail)))
    return Baseline(
        task=task,
        value=outcome.metrics[metric],
        date=datetime.datetime.now(datetime.UTC).date(),
        python=python_version(python),
        versions={
            name: versions[name]
            for name in ("numpy", *catalogue().tasks[task].requires)
            if name in versions
        },
    )


def _written(project: Project, temporary: Path, script: Path) -> Path:
    folder = write(project, temporary / project.name)
    (folder / script.name).write_bytes(script.read_bytes())
    return folder


def _installed(project: Project, versions: dict[str, str]) -> dict[str, str]:
    names = [line.partition("==")[0] for line in project.requires]
    return {name: versions[name] for name in names if name in versions and name != "pytest"}


def with_full_run(before: Record, new: FullRun) -> Record:
    """The record with one more run, in the place of an earlier one of the same kind."""

    def key(one: FullRun) -> tuple[str, str, str, int]:
        return one.task, one.framework, one.start, one.seed

    runs = {key(one): one for one in (*before.runs, new)}
    return msgspec.structs.replace(before, runs=tuple(runs[name] for name in sorted(runs)))


def save(new: Record) -> None:
    text = msgspec.json.format(msgspec.json.encode(new), indent=1)
    write_atomically(RUNS, text + b"\n")


def markdown(found: Record) -> str:
    """Every task's table with what the figures mean; what has not been run is named."""
    lines = [INTRODUCTION]
    for task, how in comparisons().items():
        lines += ["", f"## {catalogue().tasks[task].name}", "", *_task_lines(found, task, how)]
    return "\n".join(lines) + "\n"


INTRODUCTION = f"""# Full runs over several seeds

Written by `python -m app.starter.study` from `assets/starter/full_runs.json`, which holds every
single run with its date, versions and machine.

All runs of a task have the same split, the same most epochs or moves, the same batch size, the
same learning rate with the same schedule, and stop early by the same rule. *Same first weights*:
the runs of one seed start from the same numbers in every framework. *Own first weights*: each
framework draws its own, as the generated project does. The order of the samples and the dropout
always come from the framework's own random numbers. An interval is that of the mean at 95 %
(Student's t over the seeds); two frameworks are compared seed by seed. With five frameworks there
are ten pairs, of which chance alone lets one in twenty look different. Below {FEWEST} runs there
is no interval and no comparison. {SEEDS} seeds are meant; the tables say how many have been run."""


def _task_lines(found: Record, task: str, how: Comparison) -> list[str]:
    variables = catalogue().tasks[task].variables
    better = "more is better" if how.higher_is_better else "less is better"
    lines = [f"{str(variables['metric']).replace('_', ' ').capitalize()}: {better}."]
    simple = next((one for one in found.baselines if one.task == task), None)
    if simple is not None:
        lines += ["", f"Simple method ({how.baseline}): {simple.value:.{how.digits}f}."]
    if how.mark is not None:
        lines[-1] += f" The mark for the mean is {how.mark:g}."
    for start in ("shared", "own"):
        lines += _start_lines(found.runs, task, start, how, simple)
    ran = {one.framework for one in found.runs if one.task == task}
    offered = [name for name in catalogue().frameworks if (name, task) in catalogue().pairs]
    if missing := [catalogue().frameworks[name].name for name in offered if name not in ran]:
        lines += ["", f"Not run in full yet: {', '.join(missing)}."]
    return lines + [line for text in how.explained for line in ("", text)]


def _start_lines(
    runs: Sequence[FullRun], task: str, start: Start, how: Comparison, simple: Baseline | None
) -> list[str]:
    rows = summaries(runs, task, start)
    if not rows:
        return []
    kind = "Same" if start == "shared" else "Own"
    lines = [
        "",
        f"{kind} first weights:",
        "",
        "| framework | seeds | mean | interval | least | most | |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        figures = [row.mean, row.least, row.most]
        mean, least, most = (f"{one:.{how.digits}f}" for one in figures)
        width = "too few runs" if row.half_width is None else f"± {row.half_width:.{how.digits}f}"
        name = catalogue().frameworks[row.framework].name
        words = verdict(row, how, simple)
        lines.append(f"| {name} | {row.seeds} | {mean} | {width} | {least} | {most} | {words} |")
    compared = differences(runs, task, start)
    beyond = [one for one in compared if one.beyond_interval]
    pairs = [
        f"{catalogue().frameworks[one.first].name} and {catalogue().frameworks[one.second].name} "
        f"({one.mean:+.{how.digits}f} ± {one.half_width:.{how.digits}f})"
        for one in beyond
    ]
    if compared:
        said = f"Apart by more than the interval: {'; '.join(pairs)}." if pairs else NONE_APART
        lines += ["", said]
    return lines


NONE_APART = "No two that have enough seeds in common are apart by more than the interval."


def verdict(row: Summary, how: Comparison, simple: Baseline | None) -> str:
    """What the mean reaches, in words; empty where there is nothing to compare it with."""
    sign = 1 if how.higher_is_better else -1
    words = []
    if how.mark is not None:
        words.append("mark reached" if sign * (row.mean - how.mark) >= 0 else "mark missed")
    if simple is not None:
        ahead = sign * (row.mean - simple.value)
        if ahead <= 0:
            words.append("not better than the simple method")
        elif row.half_width is None or ahead > row.half_width:
            words.append("better than the simple method")
        else:
            words.append("better than the simple method, within the interval")
    return "; ".join(words)


def _run_missing(
    tasks: Sequence[str],
    frameworks: Sequence[str],
    start: Start,
    seeds: int,
    python: Path,
    say: Callable[[str], None],
) -> None:
    installed = installed_versions(python)
    for task in tasks:
        if task not in {one.task for one in record().baselines}:
            new = baseline(task, python)
            save(msgspec.structs.replace(record(), baselines=(*record().baselines, new)))
            say(f"{task}  simple method  {new.value:.4f}")
        # One seed in every framework before the next seed: stopped early, the tables are even.
        for seed, framework in itertools.product(range(seeds), frameworks):
            request = Request(framework=framework, task=task, versions=installed)
            if (framework, task) not in catalogue().pairs or _is_known(request, start, seed):
                continue
            if start == "shared" and not can_share(framework, task):
                continue
            run = full_run(request, start, seed, python)
            save(with_full_run(record(), run))
            say(f"{task}  {framework}  seed {seed}  {start}  {run.value:.4f}")


def can_share(framework: str, task: str) -> bool:
    """Whether a run can be given its first weights: the shapes agree, and somebody puts them in."""
    own = TEMPLATES / "frameworks" / framework / "first_weights.py"
    return bool(comparisons()[task].layers) and own.is_file()


def _is_known(request: Request, start: Start, seed: int) -> bool:
    code = training_code(prepare(request))
    wanted = (request.framework, request.task, start, seed, code)
    return wanted in {
        (one.framework, one.task, one.start, one.seed, one.fingerprint) for one in record().runs
    }


def main(say: Callable[[str], None] = print) -> None:
    parser = argparse.ArgumentParser(description="Full runs over several seeds, compared.")
    parser.add_argument("--run", action="store_true", help="run what is missing first; takes long")
    parser.add_argument("--task", action="append", choices=list(comparisons()))
    parser.add_argument("--framework", action="append", choices=list(catalogue().frameworks))
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--start", choices=("shared", "own"), default="shared")
    parser.add_argument("--python", type=Path, default=Path(sys.executable))
    given = parser.parse_args()
    if given.run:
        # The project runs in a folder of its own, where a relative path would mean another file.
        python = Path(os.path.abspath(given.python))
        tasks = given.task or list(comparisons())
        frameworks = given.framework or list(catalogue().frameworks)
        _run_missing(tasks, frameworks, given.start, given.seeds, python, say)
    sys.stdout.write(markdown(record()))


if __name__ == "__main__":
    main()
