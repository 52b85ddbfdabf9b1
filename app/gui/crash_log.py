"""What a window that died told last, kept for the next start; nothing is sent anywhere.

Python's fault handler writes the stacks of all threads when the process dies of a signal. Each run
has a file of its own, named by its process, and takes it away when it ends as it should.
"""

import contextlib
import faulthandler
import os
import re
from pathlib import Path
from typing import TextIO

from app.paths import data_folder, without_home

LARGEST_BYTES = 200_000
_NAME = re.compile(r"(\d{1,10})\.txt")


def crash_folder() -> Path:
    return data_folder() / "crashes"


class CrashLog:
    """The file of this run; on a disk that takes none, there is none."""

    def __init__(self) -> None:
        self._file: TextIO | None = None

    def begin(self) -> None:
        """From here on a death by signal leaves its stacks behind."""
        with contextlib.suppress(OSError):
            crash_folder().mkdir(parents=True, exist_ok=True)
            path = crash_folder() / f"{os.getpid()}.txt"
            self._file = path.open("w", encoding="utf-8")
            faulthandler.enable(self._file)

    def note(self, details: str) -> None:
        """Keep an unexpected error that was shown: it may be what a crash comes from."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.write(details + "\n")
                self._file.flush()

    def end(self) -> None:
        """The run ends as it should: nothing has to be told."""
        if self._file is None:
            return
        faulthandler.disable()
        self._file.close()
        with contextlib.suppress(OSError):
            Path(self._file.name).unlink()
        self._file = None


def take_crash() -> str:
    """What the runs that died left behind, the last one first; it is then taken away.

    Empty where nothing was told: a process that is killed outright has no time to.
    """
    import psutil

    found: list[tuple[int, str]] = []
    with contextlib.suppress(OSError), os.scandir(crash_folder()) as entries:
        for entry in entries:
            name = _NAME.fullmatch(entry.name)
            if name is None or not entry.is_file(follow_symlinks=False):
                continue
            if int(name[1]) == os.getpid() or psutil.pid_exists(int(name[1])):
                continue  # another window that is open
            with contextlib.suppress(OSError):
                found.append((entry.stat().st_mtime_ns, _read(Path(entry.path))))
                Path(entry.path).unlink()
    return "\n".join(text for _, text in sorted(found, reverse=True) if text)


def _read(path: Path) -> str:
    with path.open("rb") as file:
        text = file.read(LARGEST_BYTES).decode("utf-8", "replace").strip()
    return without_home(text)
