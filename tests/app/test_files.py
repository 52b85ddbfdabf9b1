"""A file is the old one or the new one, whole, whatever happens while it is written."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app.files import (
    TEMPORARY_PREFIX,
    _replace_when_free,
    require_writable,
    write_atomically,
)

ROOT = Path(__file__).resolve().parents[2]
OLD, NEW = b"old" * 1000, b"new" * 200_000
POSIX = pytest.mark.skipif(os.name == "nt", reason="what a POSIX file system has")


@pytest.mark.parametrize(
    "name", ["plain.json", "two words.json", "报告.json", 'o\'clock "now".json', "-x", "a" * 250]
)
def test_any_name_is_written_and_replaced(name, tmp_path):
    path = tmp_path / name
    write_atomically(path, OLD)
    assert path.read_bytes() == OLD
    write_atomically(path, NEW)
    assert path.read_bytes() == NEW
    assert os.listdir(tmp_path) == [name]


@POSIX
def test_a_new_file_has_the_permissions_of_the_umask_and_an_old_one_keeps_its_own(tmp_path):
    path = tmp_path / "file"
    before = os.umask(0o027)
    try:
        write_atomically(path, OLD)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o600)
    write_atomically(path, NEW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@POSIX
def test_a_link_is_followed_and_stays(tmp_path):
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "file"
    target.write_bytes(OLD)
    link = tmp_path / "link"
    link.symlink_to(target)
    write_atomically(link, NEW)
    assert link.is_symlink()
    assert target.read_bytes() == NEW
    assert os.listdir(tmp_path / "real") == ["file"]


@POSIX
@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda path: path.mkdir(), "is a folder, not a file"),
        (lambda path: path.symlink_to(path), "a link that leads back to itself"),
        (lambda path: path.symlink_to(path.parent / "nowhere" / "x"), "folder does not exist"),
        (lambda path: os.mkfifo(path), "a device or a pipe"),
    ],
    ids=["folder", "loop", "dangling", "pipe"],
)
def test_what_is_no_file_is_refused_before_and_while_writing(make, told, tmp_path):
    path = tmp_path / "target"
    make(path)
    before = path.lstat()
    for refused in (lambda: require_writable(path), lambda: write_atomically(path, NEW)):
        with pytest.raises(OSError, match=told) as caught:
            refused()
        assert caught.value.filename == str(path)
    assert (path.lstat().st_ino, path.lstat().st_mode) == (before.st_ino, before.st_mode)
    assert os.listdir(tmp_path) == ["target"]


@POSIX
def test_a_link_to_a_device_leaves_the_device(tmp_path):
    link = tmp_path / "link"
    link.symlink_to(os.devnull)
    with pytest.raises(OSError, match="a device"):
        write_atomically(link, NEW)
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


@pytest.mark.parametrize(
    ("name", "told"),
    [("missing/file", "the folder does not exist"), ("x" * 300, "the name is too long")],
)
def test_a_place_that_is_not_there_is_told_with_its_name(name, told, tmp_path):
    with pytest.raises(OSError, match=told) as caught:
        write_atomically(tmp_path / name, NEW)
    assert caught.value.filename == str(tmp_path / name)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("step", ["write", "fsync", "replace", "open"])
@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "can only be read"),
        (errno.EACCES, "not permitted"),
    ],
)
def test_where_the_disk_refuses_the_old_file_stays_and_the_reason_is_told(
    step, number, told, tmp_path, monkeypatch
):
    path = tmp_path / "file"
    path.write_bytes(OLD)

    def refuse(*arguments, **options):
        raise OSError(number, os.strerror(number))

    if step == "write":
        real = os.fdopen

        def fdopen(*arguments, **options):
            file = real(*arguments, **options)

            class Full:
                def __enter__(self):
                    return self

                def __exit__(self, *problem):
                    file.close()

                write = staticmethod(refuse)

            return Full()

        monkeypatch.setattr(os, "fdopen", fdopen)
    else:
        monkeypatch.setattr(os, step, refuse)
    with pytest.raises(OSError, match=told) as caught:
        write_atomically(path, NEW)
    monkeypatch.undo()
    assert caught.value.errno == number
    assert caught.value.filename == str(path)
    assert path.read_bytes() == OLD
    assert os.listdir(tmp_path) == ["file"]


@POSIX
def test_the_folder_is_flushed_after_the_name_has_changed_and_need_not_be_able_to(
    tmp_path, monkeypatch
):
    flushed = []
    real = os.fsync

    def fsync(descriptor):
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        flushed.append(("folder", (tmp_path / "file").read_bytes()) if is_folder else ("file", b""))
        if is_folder:
            raise OSError(errno.EINVAL, "no such thing here")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    write_atomically(tmp_path / "file", NEW)
    assert flushed == [("file", b""), ("folder", NEW)]


KILLED = """
import os, sys
from pathlib import Path
from app import files
point, path = sys.argv[1], Path(sys.argv[2])
def die(*_, **__):
    os._exit(9)
if point == "half":
    real = os.fdopen
    class Half:
        def __init__(self, *a): self.file = real(*a)
        def __enter__(self): return self
        def __exit__(self, *_): pass
        def write(self, data):
            self.file.write(data[: len(data) // 2]); self.file.flush(); die()
    os.fdopen = Half
elif point == "after":
    real = os.replace
    def then_die(*arguments):
        real(*arguments); die()
    os.replace = then_die
else:
    setattr(os, point, die)
files.write_atomically(path, b"new" * 200_000)
"""


@pytest.mark.parametrize("point", ["fdopen", "half", "fsync", "replace", "after"])
def test_killed_at_each_step_it_is_whole_and_the_next_write_clears_up(point, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(OLD)
    result = subprocess.run([sys.executable, "-c", KILLED, point, path], cwd=ROOT, check=False)
    assert result.returncode == 9
    assert path.read_bytes() == (NEW if point == "after" else OLD)
    write_atomically(tmp_path / "other", OLD)
    assert sorted(os.listdir(tmp_path)) == ["file", "other"]


@POSIX
def test_what_another_process_is_writing_is_not_cleared_away(tmp_path):
    import fcntl

    busy = tmp_path / f"{TEMPORARY_PREFIX}busy.tmp"
    stranger = tmp_path / ".framework-advisor-notes"
    stranger.write_bytes(OLD)
    with busy.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        write_atomically(tmp_path / "mine", NEW)
        assert busy.exists()
    write_atomically(tmp_path / "mine", NEW)
    assert sorted(os.listdir(tmp_path)) == [".framework-advisor-notes", "mine"]


def test_a_target_that_is_busy_for_a_moment_is_tried_again(tmp_path, monkeypatch):
    """As Windows refuses while a virus scanner reads the old file; played, not tried there."""
    new, target = tmp_path / "new", tmp_path / "target"
    new.write_bytes(NEW)
    real, refused = os.replace, []

    def replace(*arguments):
        if len(refused) < 3:
            refused.append(arguments)
            raise PermissionError(errno.EACCES, "the file is open in another program")
        real(*arguments)

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr("app.files.time.sleep", lambda _: None)
    _replace_when_free(str(new), str(target))
    assert target.read_bytes() == NEW
    refused.clear()
    monkeypatch.setattr("app.files._TRIES", 2)
    with pytest.raises(PermissionError):
        _replace_when_free(str(target), str(new))
