"""One measuring program at a time on the whole machine: two would measure each other."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

LOOK_SECONDS = 0.2


class LockCancelled(Exception):
    """Stopped while waiting for the lock."""


def lock_path(environ: Mapping[str, str] = os.environ) -> Path:
    """The file that all programs on this machine lock; `FRAMEWORK_ADVISOR_HOME` moves it."""
    home = environ.get("FRAMEWORK_ADVISOR_HOME")
    if home:
        return Path(home) / "probe.lock"
    return Path(tempfile.gettempdir()) / "framework-advisor-probe.lock"


@contextlib.contextmanager
def machine_lock(
    path: Path, is_cancelled: Callable[[float], bool], on_wait: Callable[[], None]
) -> Iterator[None]:
    """Hold the lock. `on_wait` is called once where another program has it.

    `is_cancelled` waits up to the given seconds and tells whether to give up; then LockCancelled is
    raised. The system lets go of the lock when a program ends, however it ends.
    """
    descriptor = _open(path)
    try:
        waiting = False
        while not _try_lock(descriptor):
            if not waiting:
                waiting = True
                on_wait()
            if is_cancelled(LOOK_SECONDS):
                raise LockCancelled
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    """The lock file, made where there is none. Another user's is as good: nothing is written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        return os.open(path, os.O_RDONLY | flags)
    except FileNotFoundError:
        return os.open(path, os.O_RDWR | os.O_CREAT | flags, 0o644)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
