"""The one way this program writes a file, whole or not at all; and reads one from a stranger.

What is written goes to a temporary file of ours in the same folder first. Should the program be
killed meanwhile, that file stays behind, and the next write into the folder removes it.
"""

import contextlib
import errno
import os
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

TEMPORARY_PREFIX = ".framework-advisor-"
TEMPORARY_SUFFIX = ".tmp"
_TRIES = 8
_STALE_SECONDS = 3600.0
_WORDS = {
    errno.ENOSPC: "the disk is full; free some space or choose another folder",
    errno.EDQUOT: "your share of the disk is used up; free some space or choose another folder",
    errno.EROFS: "the disk can only be read; choose another folder",
    errno.EACCES: "writing there is not permitted; choose another folder",
    errno.EPERM: "writing there is not permitted; choose another folder",
    errno.ENOENT: "the folder does not exist; make it, or choose another one",
    errno.ENOTDIR: "a part of the path is a file and not a folder; choose another folder",
    errno.EISDIR: "is a folder, not a file; add a file name",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.ELOOP: "is a link that leads back to itself; choose another file",
}


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside the target, flush to disk, then replace; the old file stays until then.

    A link is followed: the file that it names is replaced and the link stays. Raises OSError with
    the target's name and a text for people, with nothing half-written left behind.
    """
    try:
        target = _target(path)
        folder = os.path.dirname(target)
        _remove_stale(folder)
        descriptor, temporary = _open_temporary(folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                # An older file may be private; its successor is too.
                with contextlib.suppress(FileNotFoundError):
                    os.chmod(temporary, stat.S_IMODE(os.stat(target).st_mode))
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                if sys.platform != "win32":
                    # With the lock on it still held, so that nobody takes it for left behind.
                    os.replace(temporary, target)
            if sys.platform == "win32":
                _replace_when_free(temporary, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        _sync_folder(folder)
    except OSError as error:
        raise told(error, path) from error


def told(error: OSError, path: Path) -> OSError:
    """The same error with a text for people and the name that they know, not a temporary one."""
    words = _WORDS.get(error.errno or 0, error.strerror or str(error))
    return OSError(error.errno or errno.EIO, words, str(path))


def _target(path: Path) -> str:
    """The regular file to replace, links followed. Raises OSError for anything else."""
    target = os.path.realpath(path)
    try:
        mode = os.lstat(target).st_mode
    except FileNotFoundError:
        return target
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), target)
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), target)
    if not stat.S_ISREG(mode):
        # To replace a device would take it away from everybody.
        raise OSError(errno.EINVAL, "is a device or a pipe, not a file; add a file name", target)
    return target


def _open_temporary(folder: str) -> tuple[int, str]:
    """A new file with the permissions that the user's umask gives, locked while it is ours."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    flags |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOINHERIT", 0)
    for _ in range(_TRIES):
        name = f"{TEMPORARY_PREFIX}{os.urandom(8).hex()}{TEMPORARY_SUFFIX}"
        temporary = os.path.join(folder, name)
        descriptor = os.open(temporary, flags, 0o666)
        # Another writer that cleans up may have taken it between the two steps.
        if _lock(descriptor) and os.fstat(descriptor).st_nlink:
            return descriptor, temporary
        os.close(descriptor)
        with contextlib.suppress(OSError):
            os.unlink(temporary)
    raise OSError(errno.EBUSY, "another program removes what is written there; try again")


def _lock(descriptor: int) -> bool:
    """Lock as long as the process lives; True also where the file system knows no locks."""
    if sys.platform == "win32":
        return True  # a file that is open cannot be removed there
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


def _remove_stale(folder: str) -> None:
    """Take away what a killed process of ours left behind; what a living one writes stays."""
    for temporary in _temporaries(folder):
        with contextlib.suppress(OSError):
            if _is_stale(temporary):
                os.unlink(temporary)


def _temporaries(folder: str) -> Iterator[str]:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if name.startswith(TEMPORARY_PREFIX) and name.endswith(TEMPORARY_SUFFIX):
                yield entry.path


def _is_stale(temporary: str) -> bool:
    if sys.platform == "win32":
        return time.time() - os.stat(temporary).st_mtime > _STALE_SECONDS
    import fcntl

    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(temporary, flags)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(descriptor)
    return True


def _replace_when_free(temporary: str, target: str) -> None:
    """Windows refuses while a virus scanner or an indexer has the old file open for a moment."""
    for _ in range(_TRIES):
        with contextlib.suppress(PermissionError):
            os.replace(temporary, target)
            return
        time.sleep(0.05)
    os.replace(temporary, target)


def _sync_folder(folder: str) -> None:
    """Make the new name as lasting as the content, where the system lets a folder be flushed."""
    if sys.platform == "win32":
        return
    # The file has been replaced by now: a file system that refuses this has not failed to write.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def require_writable(path: Path) -> None:
    """Fail before a long job rather than after it. Raises OSError naming the path."""
    try:
        folder = os.path.dirname(_target(path))
        if not os.path.isdir(folder):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), folder)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), folder)
    except OSError as error:
        raise told(error, path) from error


def read_at_most(path: Path, most_bytes: int) -> bytes:
    """The file's first bytes; give one more than a decoder takes, so that it can refuse the rest.

    Raises OSError with the name and a text for people; for a pipe or a device too, since opening
    one may wait for ever.
    """
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "is a folder, not a file", str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "is a pipe or a device, not a file", str(path))
    with path.open("rb") as file:
        return file.read(most_bytes)
