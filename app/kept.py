"""Where running sessions are kept without being asked: a file for each run of the window.

Each run writes its own, so that neither a second window nor a file of a newer version is ever
written over. Names and dates only; loads nothing that the first paint would wait for.
"""

import contextlib
import os
import re
from datetime import datetime
from pathlib import Path

from app.paths import data_folder

MOST_KEPT = 6
_NAME = re.compile(r"\d{8}T\d{6}-[0-9a-f]{6}\.json")


def kept_folder() -> Path:
    return data_folder() / "sessions"


def new_kept_path(now: datetime) -> Path:
    """A name that no other run has; nothing is written yet."""
    return kept_folder() / f"{now:%Y%m%dT%H%M%S}-{os.urandom(3).hex()}.json"


def kept_sessions() -> list[Path]:
    """The sessions that are kept, the one written last first."""
    found: list[tuple[int, Path]] = []
    with contextlib.suppress(OSError), os.scandir(kept_folder()) as entries:
        for entry in entries:
            if _NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                found.append((entry.stat().st_mtime_ns, Path(entry.path)))
    return [path for _, path in sorted(found, reverse=True)]


def let_old_ones_go() -> None:
    """Keep the last few; called once by each run, when it has kept its own."""
    for path in kept_sessions()[MOST_KEPT:]:
        with contextlib.suppress(OSError):
            path.unlink()


def remove_unchanged(path: Path, written_ns: int) -> None:
    """Remove a kept session whose content this run has taken over and kept, unless another window
    has gone on writing it since."""
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_mtime_ns == written_ns:
            path.unlink()
