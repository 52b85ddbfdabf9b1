"""A child process with its output line by line: watched, stoppable, never left behind.

The one way in which this program runs what is not a probe's worker: a starter project, a package
resolver, an installer. Knows nothing of what they are.
"""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import psutil

GRACE_SECONDS = 3.0
LONGEST_LINE = 4_000
# Ours or the shell's, not the child's: they would make it import from our environment, or not from
# the folder of its own script.
NOT_INHERITED = (
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSAFEPATH",
    "PYTHONSTARTUP",
    "PYTHONWARNINGS",
    "VIRTUAL_ENV",
)


class Ended(NamedTuple):
    """How a child ended."""

    returncode: int
    seconds: float
    lines: tuple[str, ...]
    """The last ones it printed, on both outputs."""
    stopped: Literal["cancelled", "timed_out"] | None
    """Why it was ended by us, if it was."""


def run_child(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    on_line: Callable[[str], None] = lambda line: None,
    cancel: threading.Event | None = None,
    limit_seconds: float | None = None,
    most_lines: int | None = None,
    tied: bool = False,
) -> Ended:
    """Run and wait; every line goes to `on_line` as it comes, the last `most_lines` are kept.

    With `tied` its standard input stays open and empty until we are gone, however we went: a child
    that reads it can end with us. No process of it is left behind. Raises OSError when it cannot
    be started.
    """
    stop = cancel or threading.Event()
    started = time.perf_counter()
    child = _start(command, folder, environment, tied)
    lines: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=_read, args=(child, lines), name="child-output", daemon=True)
    reader.start()
    kept: deque[str] = deque(maxlen=most_lines)
    stopped: Literal["cancelled", "timed_out"] | None = None
    try:
        while stopped is None:
            if stop.is_set():
                stopped = "cancelled"
                break
            if limit_seconds is not None and time.perf_counter() - started > limit_seconds:
                stopped = "timed_out"
                break
            try:
                line = lines.get(timeout=0.1)
            except queue.Empty:
                # A grandchild may hold the pipe open after the child itself has ended.
                if child.poll() is not None and lines.empty():
                    break
                continue
            if line is None:
                break
            kept.append(line)
            on_line(line)
        if stopped is None:
            # It may close its outputs and go on.
            stopped = _wait(child, stop, started, limit_seconds)
    finally:
        _end(child)
        # Something that left the group may keep the pipe open; it must not keep us waiting.
        reader.join(GRACE_SECONDS)
        if child.stdin is not None:
            child.stdin.close()
        if child.stdout is not None and not reader.is_alive():
            child.stdout.close()
    return Ended(child.returncode, time.perf_counter() - started, tuple(kept), stopped)


def child_environment() -> dict[str, str]:
    """The user's environment, less what would lead a child's Python to our packages."""
    kept = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return {**kept, "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}


def _start(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], tied: bool
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        list(command),
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.PIPE if tied else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # A group of its own, so that all of it can be ended; the flag is Windows's name for it.
        start_new_session=sys.platform != "win32",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def _read(child: "subprocess.Popen[bytes]", lines: "queue.Queue[str | None]") -> None:
    assert child.stdout is not None
    # A closed pipe while we read is the end like any other.
    with contextlib.suppress(OSError, ValueError):
        while piece := child.stdout.readline(LONGEST_LINE):
            lines.put(piece.decode("utf-8", "replace").rstrip("\r\n"))
    lines.put(None)


def _wait(
    child: "subprocess.Popen[bytes]",
    stop: threading.Event,
    started: float,
    limit_seconds: float | None,
) -> Literal["cancelled", "timed_out"] | None:
    while child.poll() is None:
        if stop.is_set():
            return "cancelled"
        if limit_seconds is not None and time.perf_counter() - started > limit_seconds:
            return "timed_out"
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(0.1)
    return None


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
