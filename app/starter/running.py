"""Runs a written project in a chosen interpreter, as a child that can be stopped at any time."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import psutil

from app.starter.catalogue import catalogue
from app.starter.errors import StarterError

TAIL_LINES = 40
GRACE_SECONDS = 3.0
LONGEST_LINE = 4_000
# Ours or the shell's, not the project's: they would make the child import from our environment.
NOT_INHERITED = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONWARNINGS", "VIRTUAL_ENV")


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
    """The interpreter with these arguments in the project's folder, watched and stoppable."""
    stop = cancel or threading.Event()
    started = time.perf_counter()
    child = _start(folder, python, arguments)
    lines: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=_read, args=(child, lines), name="starter-output", daemon=True)
    reader.start()
    tail: deque[str] = deque(maxlen=None if whole_output else TAIL_LINES)
    metrics: dict[str, float] = {}
    cancelled = False
    try:
        while True:
            if stop.is_set():
                cancelled = True
                break
            try:
                line = lines.get(timeout=0.1)
            except queue.Empty:
                # A grandchild may hold the pipe open after the project itself has ended.
                if child.poll() is not None and lines.empty():
                    break
                continue
            if line is None:
                break
            tail.append(line)
            metrics = _metrics(line) or metrics
            on_line(line)
        if not cancelled:
            child.wait()
    finally:
        _end(child)
        # Something that left the group may keep the pipe open; it must not keep us waiting.
        reader.join(GRACE_SECONDS)
        if child.stdout is not None and not reader.is_alive():
            child.stdout.close()
    return Outcome(
        returncode=child.returncode,
        seconds=time.perf_counter() - started,
        metrics=metrics,
        versions=dict(versions or {}),
        tail=tuple(tail),
        cancelled=cancelled,
    )


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
            env=_environment(),
            timeout=60,
            check=True,
        )
        found: dict[str, str | None] = msgspec.json.decode(
            answer.stdout, type=dict[str, str | None]
        )
    except (OSError, subprocess.SubprocessError, msgspec.DecodeError) as error:
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


def _start(folder: Path, python: Path, arguments: list[str]) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            [os.fspath(python), *arguments],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A group of its own, so that all of it can be ended; the flag is Windows's name for it.
            start_new_session=sys.platform != "win32",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    except OSError as error:
        raise StarterError(f"{python}: cannot be started: {error.strerror or error}.") from error


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return {**kept, "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}


def _read(child: "subprocess.Popen[bytes]", lines: "queue.Queue[str | None]") -> None:
    assert child.stdout is not None
    # A closed pipe while we read is the end like any other.
    with contextlib.suppress(OSError, ValueError):
        while piece := child.stdout.readline(LONGEST_LINE):
            lines.put(piece.decode("utf-8", "replace").rstrip("\r\n"))
    lines.put(None)


def _metrics(line: str) -> dict[str, float] | None:
    if not line.startswith("{"):
        return None
    try:
        found = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        return None
    return {
        str(name): float(value)
        for name, value in found.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Ask, then force; children and whatever else is in its group included."""
    family = []
    with contextlib.suppress(psutil.NoSuchProcess):
        family = psutil.Process(child.pid).children(recursive=True)
    if child.poll() is None:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE_SECONDS)
    if child.poll() is None:
        child.kill()
    if sys.platform != "win32":
        # Its own session: the group has its process id even after it has gone.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    for one in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    child.wait()
