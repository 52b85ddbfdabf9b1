"""Qt's libraries missing, Python without venv or pip, a clock that goes back, two at once."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from probes.results import decode_machine

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
INJECTED = Path(__file__).parent / "injected"
STUDENT = ROOT / "assets" / "examples" / "student.yaml"
MACHINE = ROOT / "tests" / "data" / "machine_quick.json"


def library(name: str) -> Path:
    """Where the system keeps it."""
    for folder in ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64"):
        if (Path(folder) / name).exists():
            return (Path(folder) / name).resolve()
    pytest.skip(f"no {name} here to take away")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="libraries of Linux")
@pytest.mark.parametrize(
    ("name", "package", "environment"),
    [
        ("libEGL.so.1", "libegl1", {"QT_QPA_PLATFORM": "offscreen"}),
        ("libfontconfig.so.1", "libfontconfig1", {"QT_QPA_PLATFORM": "offscreen"}),
        ("libxkbcommon.so.0", "libxkbcommon0", {"QT_QPA_PLATFORM": "offscreen"}),
        ("libxcb-cursor.so.0", "libxcb-cursor0", {"QT_QPA_PLATFORM": "xcb", "DISPLAY": ":77"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_library_that_qt_lacks_is_named_in_a_line_to_copy(
    name, package, environment, fault, mounted, message
):
    through = mounted(f"mount --bind /dev/null {shlex.quote(str(library(name)))}")
    said = message(fault.run("gui", "--exit-after-paint", through=through, **environment))
    assert said.endswith(f"run: sudo apt-get install -y {package}")


def test_an_environment_needs_no_venv_or_pip_of_its_own_python_or_says_what_is_missing(fault, calm):
    ended = fault.run(
        "install", "create", "new", "--line", "pip install six", "--yes", injected="no_venv"
    )
    error = calm(ended, 2, 3)
    assert error
    assert not (fault.folder / "new").exists()
    fault.leaves_nothing_temporary()


@pytest.mark.parametrize("target", ["run", "test"])
def test_make_says_in_one_line_that_venv_is_missing(target, record, tmp_path):
    record.inject()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "app").symlink_to(ROOT / "app")
    injected = INJECTED / "no_venv"
    done = subprocess.run(
        ["make", target, "FRAMEWORKS=none", f"PYTHON={sys.executable}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(injected)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    lines = [one for one in done.stderr.splitlines() if one.startswith("set-up: ")]
    assert len(lines) == 1, done.stderr
    assert "-venv" in lines[0]
    assert "Traceback" not in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_with_a_clock_that_goes_back_nothing_is_lost(fault, calm):
    """Two reports, of which the second is made before the first."""
    recommend = ("recommend", "--answers", STUDENT, "--machine", MACHINE, "--out")
    commands = [
        *(*recommend, "1.json", "then", "replay", "1.json", "then"),
        *(*recommend, "2.json", "then", "history", "list"),
    ]
    calm(fault.run(*commands, program="in_turn", injected="clock"), 0)
    for name in ("1.json", "2.json"):
        report = json.loads((fault.folder / name).read_bytes())
        assert report["schema"] == "framework-advisor/report/1"
    assert len(list((fault.home / "data" / "history").glob("*-report-*.json"))) >= 1
    calm(fault.run("gui", "--exit-after-paint", injected="clock"), 0)


def test_a_probe_under_a_clock_that_goes_back_measures(fault, calm):
    """The real worker too reads a clock: it is a real framework's."""
    ended = fault.run("probe", "--frameworks", "jax", "--workloads", "mlp_train", "--out", "m.json",
                      injected="clock")  # fmt: skip
    calm(ended, 0)
    machine = decode_machine((fault.folder / "m.json").read_bytes(), "m.json")
    assert machine.seconds > 0
    assert {one.verdict.status for one in machine.measurements} <= {"valid", "unstable", "skipped"}


def test_two_probes_take_turns_and_both_are_whole(fault, calm):
    arguments = ("probe", "--frameworks", "jax", "--workloads", "mlp_train", "--out")
    first = fault.start(*arguments, "first.json", program="dummies")
    second = fault.start(*arguments, "second.json", program="dummies")
    calm(fault.end_one(first), 0)
    calm(fault.end(second), 0)
    for name in ("first.json", "second.json"):
        machine = decode_machine((fault.folder / name).read_bytes(), name)
        assert machine.measurements
    fault.leaves_nothing_temporary()


@pytest.mark.skipif(sys.platform == "win32", reason="closed by a signal")
def test_two_windows_close_and_leave_nothing_of_each_other(fault, calm):
    windows = [fault.start("gui", QT_QPA_PLATFORM="offscreen") for _ in range(2)]
    crashes = fault.home / "data" / "crashes"
    end = time.monotonic() + 60
    while (not crashes.is_dir() or len(list(crashes.iterdir())) < 2) and time.monotonic() < end:
        time.sleep(0.05)
    for one in windows:
        one.send_signal(signal.SIGTERM)
    calm(fault.end_one(windows[0]), 130)
    calm(fault.end(windows[1]), 130)
    assert list(crashes.iterdir()) == []
    fault.leaves_nothing_temporary()
