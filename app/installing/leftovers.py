"""What a killed run left: a mark in the folder that it made, a note of it among our data.

The mark tells what the folder is; the note only finds it again, and goes once there is no mark.
"""

import contextlib
import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import psutil

from app.files import read_at_most, write_atomically
from app.paths import data_folder

_T = TypeVar("_T")
MARK = ".framework-advisor-unfinished"
LARGEST_MARK_BYTES = 1_000
LARGEST_NOTE_BYTES = 10_000
Moment = Annotated[str, msgspec.Meta(max_length=40, pattern=r"^[0-9T:+.Z-]*$")]


class Mark(msgspec.Struct, frozen=True):
    """Of the run that makes the folder."""

    pid: Annotated[int, msgspec.Meta(ge=0)]
    started: float
    begun_utc: Moment

    def is_going(self) -> bool:
        """Whether that very process is still there; its number may have been given again."""
        with contextlib.suppress(psutil.Error, OverflowError):
            return abs(psutil.Process(self.pid).create_time() - self.started) < 2
        return False


class Leftover(msgspec.Struct, frozen=True):
    """A folder that a run did not come to the end of."""

    folder: Annotated[str, msgspec.Meta(max_length=4_000)]
    begun_utc: Moment


def begin(folder: Path) -> None:
    """Mark a folder that is there. Raises OSError where it cannot be written to."""
    mark = Mark(
        pid=os.getpid(),
        started=psutil.Process().create_time(),
        begun_utc=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    write_atomically(folder / MARK, msgspec.json.encode(mark))
    left = Leftover(str(folder), mark.begun_utc)
    # Without the note it is still named when the same folder is given again.
    with contextlib.suppress(OSError):
        _note(folder).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(_note(folder), msgspec.json.encode(left))


def end(folder: Path) -> None:
    """The folder is finished, or gone."""
    (folder / MARK).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        _note(folder).unlink(missing_ok=True)


def mark_of(folder: Path) -> Mark | None:
    """None where no run of ours is at work on the folder, or left it."""
    return _decoded(folder / MARK, LARGEST_MARK_BYTES, Mark)


def left_over() -> tuple[Leftover, ...]:
    """Folders that runs left behind which are no longer there; what is gone is forgotten."""
    try:
        notes = sorted(_note(Path()).parent.glob("*.json"))
    except OSError:
        return ()
    found = []
    for note in notes:
        left = _decoded(note, LARGEST_NOTE_BYTES, Leftover)
        mark = mark_of(Path(left.folder)) if left is not None else None
        if left is None or mark is None:
            with contextlib.suppress(OSError):
                note.unlink(missing_ok=True)
        elif not mark.is_going():
            found.append(left)
    return tuple(found)


def _note(folder: Path) -> Path:
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return data_folder() / "setting-up" / f"{name}.json"


def _decoded(path: Path, most_bytes: int, kind: type[_T]) -> _T | None:
    try:
        return msgspec.json.decode(read_at_most(path, most_bytes), type=kind)
    except (OSError, ValueError, RecursionError):  # msgspec's and Unicode's errors are ValueErrors
        return None
