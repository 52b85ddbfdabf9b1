"""Injects faults into the real program, and counts what became of it.

A test takes `fault`, runs the program through it, and states what a user gets. The counts go along
with each test's report, and are printed once all are there (`tests/conftest.py`).
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RUN = "FAULT_RUN"
"""Environment variable that all processes of a run inherit."""
LIMIT_SECONDS = 540


class Record:
    """What was injected in one test, and what it cost; goes along with the test's report."""

    def __init__(self) -> None:
        self.counts = {"injected": 0, "lost": [], "left": []}
        self.lost: list[str] = self.counts["lost"]
        self.left: list[str] = self.counts["left"]

    def inject(self, faults: int = 1) -> None:
        self.counts["injected"] += faults


class Ended(NamedTuple):
    """How a run of the program ended, with what it printed."""

    code: int
    out: bytes
    error: str


class Fault:
    """Runs the program in trouble."""

    def __init__(self, record: Record, folder: Path, home: Path) -> None:
        self.record = record
        self.folder = folder
        self.home = home
        self.temporary = folder / "temporary files"
        self.temporary.mkdir()
        self._mark = uuid.uuid4().hex

    def start(self, *arguments, through=(), at=None, program=None, injected=None, **environment):
        """The program as a process; `through` is what starts it, None as a value unsets, and
        `program` names a script of ours that starts it in another way."""
        self.record.inject()
        entries = (
            [str(ROOT)] if injected is None else [str(HERE / "injected" / injected), str(ROOT)]
        )
        variables = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(entries),
            "TMPDIR": str(self.temporary),
            RUN: self._mark,
            **environment,
        }
        how = [HERE / "injected" / f"{program}.py"] if program else ["-m", "app"]
        command = [*map(str, (*through, sys.executable, *how, *arguments))]
        return subprocess.Popen(
            command,
            cwd=at or self.folder,
            env={name: str(value) for name, value in variables.items() if value is not None},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def end(self, process, given=b"") -> Ended:
        """Wait for it; what it left running is counted, and ended."""
        try:
            return self.end_one(process, given)
        finally:
            self._count_processes()

    def end_one(self, process, given=b"") -> Ended:
        """Wait for one of several, which are looked at together with the last."""
        try:
            out, error = process.communicate(given, timeout=LIMIT_SECONDS)
        finally:
            process.kill()
        return Ended(process.returncode, out, error.decode("utf-8", "replace"))

    def run(self, *arguments, given=b"", **more) -> Ended:
        return self.end(self.start(*arguments, **more), given)

    def _count_processes(self) -> None:
        left = marked(self._mark)
        # The last of a group may be about to go: its end was asked for before the program's.
        left = psutil.wait_procs(left, timeout=2)[1]
        for one in left:
            with contextlib.suppress(psutil.Error):
                self.record.left.append(" ".join(one.cmdline())[:200])
                one.kill()
        assert not self.record.left

    def keeps(self, path: Path, *contents: bytes | None) -> None:
        """The file is one of these, whole; None for none at all."""
        now = path.read_bytes() if path.exists() else None
        if now not in contents:
            self.record.lost.append(str(path))
        assert now in contents, f"{path} is neither the old nor the new one"

    def leaves_nothing_temporary(self) -> None:
        left = [one.name for one in self.temporary.iterdir()]
        left += [str(one) for one in self.folder.rglob(".framework-advisor-*")]
        left += [str(one) for one in self.home.rglob(".framework-advisor-*")]
        assert not left


def marked(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(RUN) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


@pytest.fixture
def record(request) -> Record:
    record = Record()
    request.node.user_properties.append(("faults", record.counts))
    return record


@pytest.fixture
def fault(record, tmp_path, fresh_home) -> Fault:
    return Fault(record, tmp_path, fresh_home)


def one_message(ended: Ended, code: int = 2) -> str:
    """The message, having checked that there is one, and no traceback."""
    assert ended.code == code, ended.error
    assert "Traceback" not in ended.error, ended.error
    assert "Exception ignored" not in ended.error, ended.error
    lines = [one for one in ended.error.splitlines() if one.startswith("framework-advisor: ")]
    assert len(lines) == 1, ended.error
    return lines[0]


@pytest.fixture
def message():
    return one_message


def clean(ended: Ended, *codes: int) -> str:
    """Everything on standard error, having checked the exit code and that nothing crashed."""
    assert ended.code in codes, (ended.code, ended.error)
    assert "Traceback" not in ended.error, ended.error
    assert "Exception ignored" not in ended.error, ended.error
    return ended.error


@pytest.fixture
def calm():
    return clean


def _works(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@pytest.fixture(scope="session")
def mounted():
    """What runs a command with mounts of its own: give the lines of shell that make them. They go
    with the process."""
    space = ["unshare", "--mount", "--propagation", "private"]
    if not _works(*space, "mount", "-t", "tmpfs", "none", "/mnt"):
        space = ["unshare", "--user", "--map-root-user", "--mount", "--propagation", "private"]
    if not _works(*space, "mount", "-t", "tmpfs", "none", "/mnt"):
        pytest.skip("nothing can be mounted by this user (unshare and mount of util-linux)")
    return lambda *lines: [*space, "sh", "-ec", "\n".join([*lines, 'exec "$@"']), "sh"]


@pytest.fixture(scope="session")
def stranger():
    """What runs a command as a user whom the system does not know, without a root's rights."""
    command = ["unshare", "--user", "--map-user=54321", "--map-group=54321"]
    if not _works(*command, "true"):
        pytest.skip("no other user can be had (unshare of util-linux)")
    return command


@pytest.fixture(scope="session")
def limited():
    """What runs a command under limits of the shell: `-n 20`."""
    if shutil.which("sh") is None:
        pytest.skip("limits are set by a shell")
    return lambda limits: ["sh", "-ec", f'ulimit {limits}; exec "$@"', "sh"]


def catches(process: subprocess.Popen, number: int) -> bool:
    """Whether the process has a handler of its own for the signal (Linux tells)."""
    with contextlib.suppress(OSError, StopIteration):
        text = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        caught = next(line for line in text.splitlines() if line.startswith("SigCgt"))
        return bool(int(caught.split()[1], 16) >> (number - 1) & 1)
    return False


@pytest.fixture
def send_after():
    """Sends a signal after so many seconds; tells whether the program had handlers by then."""

    def send(process, number, seconds) -> bool:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        # SIGTERM: Python itself has one for SIGINT from its first moment on.
        had = catches(process, signal.SIGTERM)
        if process.poll() is None:
            process.send_signal(number)
        return had

    return send


def _of_the_probes():
    """The dummy workers and their plans, as the tests of the probes have them."""
    spec = importlib.util.spec_from_file_location(
        "dummies_of_the_probes", HERE.parent / "probes" / "conftest.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_dummies = _of_the_probes()
dummy_plan, run_dummies = _dummies.dummy_plan, _dummies.run_dummies
quiet_machine, brisk = _dummies.quiet_machine, _dummies.brisk
