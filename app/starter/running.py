"""Runs a written project in a chosen interpreter, as a child that can be stopped at any time."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from app.processes import child_environment, run_child
from app.starter.catalogue import catalogue
from app.starter.errors import StarterError

TAIL_LINES = 40
# Linux ends a process with its parent when it asks for that, and keeps to it through an exec. Asked
# between fork and exec it could deadlock in a program with threads; hence an interpreter first.
ENDS_WITH_US = """
import ctypes, os, signal, sys
ours, python, *arguments = sys.argv[1:]
try:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
except (AttributeError, OSError):
    pass
if os.getppid() != int(ours):
    sys.exit("the program that started this run has ended")
os.execv(python, [python, *arguments])
"""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a run ended, for the page and the report."""

    returncode: int
    seconds: float
    metrics: dict[str, float]
    """The project's last line; empty when it did not get that far."""
    versions: dict[str, str]
    """Of what requirements.txt names, as installed in the interpreter that ran."""
    tail: tuple[str, ...]
    """The last lines it printed."""
    cancelled: bool = False


def run(
    folder: Path,
    python: Path,
    smoke: bool = True,
    on_line: Callable[[str], None] = lambda line: None,
    cancel: threading.Event | None = None,
) -> Outcome:
    """Run `train.py` and wait; every line goes to `on_line` as it comes.

    No process of it is left behind, however it ends. Raises StarterError when it cannot start:
    no such interpreter, no project, or a requirement that is not installed there.
    """
    if not (folder / "train.py").is_file():
        raise StarterError(f"{folder}: holds no train.py; write the project first.")
    versions = _required_versions(folder, python)
    arguments = ["-u", "train.py", *(["--smoke"] if smoke else [])]
    return run_script(folder, python, arguments, on_line, cancel, versions)


def run_script(
    folder: Path,
    python: Path,
    arguments: list[str],
    on_line: Callable[[str], None] = lambda line: None,
    cancel: threading.Event | None = None,
    versions: Mapping[str, str] | None = None,
    whole_output: bool = False,
) -> Outcome:
    """The interpreter with these arguments in the project's folder, watched and stoppable.

    On Linux it ends with the thread that called this, even where that one is killed.
    """
    metrics: dict[str, float] = {}

    def on_each(line: str) -> None:
        nonlocal metrics
        metrics = _metrics(line) or metrics
        on_line(line)

    try:
        ended = run_child(
            _command(os.fspath(python), arguments),
            folder,
            child_environment(),
            on_each,
            cancel,
            most_lines=None if whole_output else TAIL_LINES,
        )
    except OSError as error:
        raise StarterError(f"{python}: cannot be started: {error.strerror or error}.") from error
    return Outcome(
        returncode=ended.returncode,
        seconds=ended.seconds,
        metrics=metrics,
        versions=dict(versions or {}),
        tail=ended.lines,
        cancelled=ended.stopped == "cancelled",
    )


def _command(python: str, arguments: list[str]) -> list[str]:
    if sys.platform != "linux":
        return [python, *arguments]
    return [python, "-I", "-S", "-c", ENDS_WITH_US, str(os.getpid()), python, *arguments]


def installed_versions(python: Path) -> dict[str, str]:
    """Which of the distributions that the templates name that interpreter has, and their versions.

    Starts the interpreter, so only at a person's request. Raises StarterError.
    """
    # -I: the answer must come from the interpreter's own environment, not from a folder at hand.
    question = (
        "import importlib.metadata as m, json, sys\n"
        "def version(name):\n"
        "    try: return m.version(name)\n"
        "    except m.PackageNotFoundError: return None\n"
        "print(json.dumps({name: version(name) for name in sys.argv[1:]}))"
    )
    known = catalogue()
    deliveries = [one for each in known.frameworks.values() for one in each.deliveries.values()]
    names = {*known.versions, *(name for one in deliveries for name in one.versions)}
    try:
        answer = subprocess.run(
            [os.fspath(python), "-I", "-c", question, *sorted(names)],
            capture_output=True,
            env=child_environment(),
            timeout=60,
            check=True,
        )
        found: dict[str, str | None] = msgspec.json.decode(
            answer.stdout, type=dict[str, str | None]
        )
    except (
        OSError,
        subprocess.SubprocessError,
        msgspec.DecodeError,
        UnicodeDecodeError,
        RecursionError,
    ) as error:
        raise StarterError(f"{python}: does not work as a Python interpreter: {error}") from error
    return {name: version for name, version in found.items() if version is not None}


def _required_versions(folder: Path, python: Path) -> dict[str, str]:
    """What of the project's requirements that interpreter has. Raises StarterError for a gap."""
    installed = installed_versions(python)
    names = [
        line.partition("==")[0].strip()
        for line in (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    # The project's own tests need pytest; training does not.
    missing = [name for name in names if name not in installed and name != "pytest"]
    if missing:
        raise StarterError(
            f"{python}: has no {', '.join(missing)}; install the project's requirements.txt there, "
            "or choose another interpreter."
        )
    return {name: installed[name] for name in names if name in installed}


def _metrics(line: str) -> dict[str, float] | None:
    if not line.startswith("{"):
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    figures = {name: _figure(value) for name, value in found.items()}
    return {name: figure for name, figure in figures.items() if figure is not None}


def _figure(value: object) -> float | None:
    """As a project prints it, `NaN` too, which is a finding."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:  # a whole number beyond all floats
        return None
