"""The one way this program writes a file, whole or not at all; and reads one from a stranger."""

import errno
import os
from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside the target, flush to disk, then replace; the old file stays until then.

    Raises OSError as the file system gives it, with nothing half-written left behind.
    """
    # Here and not above: it brings a dozen modules, and the first paint writes nothing.
    import tempfile

    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes the file private; give it what the user's umask gives a new file.
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def require_writable(path: Path) -> None:
    """Fail before a long job rather than after it. Raises OSError naming the path."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder, not a file", str(path))
    folder = path.parent
    if not folder.is_dir():
        raise FileNotFoundError(errno.ENOENT, "the folder does not exist", str(folder))
    if not os.access(folder, os.W_OK):
        raise PermissionError(errno.EACCES, "the folder is not writable", str(folder))


def read_at_most(path: Path, most_bytes: int) -> bytes:
    """The file's first bytes; give one more than a decoder takes, so that it can refuse the rest.

    A device or a pipe without an end costs no more than that. Raises OSError.
    """
    with path.open("rb") as file:
        return file.read(most_bytes)
