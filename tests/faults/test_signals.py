"""Ctrl-C, SIGTERM, a closed terminal at any moment: exit 130, old files or new ones, nobody left.

The moments are drawn once, from a fixed seed; where they meet the work depends on the machine.
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
ROOT = Path(__file__).resolve().parents[2]
STUDENT = ROOT / "assets" / "examples" / "student.yaml"
MACHINE = ROOT / "tests" / "data" / "machine_quick.json"
SUFFIXES = (".html", ".pdf", ".md", ".json")
NUMBERS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
RECOMMEND = ("recommend", "--answers", STUDENT, "--machine", MACHINE, "--today", "2026-11-21")
CANCELLED = (130, -signal.SIGINT)
"""The same to a shell. Python ends by the second where the signal came in the midst of an `exec`
of the standard library (a named tuple's), whatever became of the exception."""
NO_PYTHON_YET = 1
"""Python's end where Ctrl-C comes before its `-m` has been read."""
PROBE = ("probe", "--frameworks", "jax", "--workloads", "mlp_train,inference_batch1")


def moments(count: int, longest: float, seed: str):
    """Pairs of a signal and the seconds before it; the first of each kind is for every run."""
    dice = random.Random(seed)
    drawn = []
    for number in range(count):
        one = NUMBERS[number % len(NUMBERS)], round(dice.uniform(0.0, longest), 3)
        name = f"{one[0].name} after {one[1]} s"
        drawn.append(pytest.param(*one, id=name, marks=[] if number == 0 else pytest.mark.slow))
    return drawn


def check(ended, number: int, had_handlers: bool, done: int = 0) -> bool:
    """Whether it was cancelled; it may also have been done before, or not have begun.

    Before its own handlers stand, Python's start is what the signal meets; after the last line
    of ours, Python's end. Neither holds anything of the user's.
    """
    before = () if had_handlers else (NO_PYTHON_YET,)
    assert ended.code in (*CANCELLED, done, -number, *before), (ended.code, ended.error)
    if ended.code == 130:
        assert "Traceback" not in ended.error, ended.error
        assert "Exception ignored" not in ended.error, ended.error
        if had_handlers:
            assert ended.error.count("cancelled") <= 1, ended.error
    return ended.code in CANCELLED


@pytest.mark.slow
@pytest.mark.parametrize(("number", "seconds"), moments(3, 1.5, "ask"))
def test_the_questionnaire_ends(number, seconds, fault, send_after):
    out = fault.folder / "answers.yaml"
    out.write_bytes(b"old")
    process = fault.start("ask", "--out", out)
    had = send_after(process, number, seconds)
    process.wait(60)
    ended = fault.end(process, None)
    check(ended, number, had)
    fault.keeps(out, b"old")
    fault.leaves_nothing_temporary()


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """What the reports are like when nobody interrupts."""
    folder = tmp_path_factory.mktemp("expected")
    outs = [word for suffix in SUFFIXES for word in ("--out", folder / f"report{suffix}")]
    subprocess.run(
        [sys.executable, "-m", "app", *map(str, (*RECOMMEND, *outs))],
        cwd=ROOT,
        env={**os.environ, "FRAMEWORK_ADVISOR_HOME": str(folder / "home")},
        capture_output=True,
        check=True,
    )
    return {suffix: (folder / f"report{suffix}").read_bytes() for suffix in SUFFIXES}


@pytest.mark.slow
@pytest.mark.parametrize(("number", "seconds"), moments(6, 5.0, "recommend"))
def test_reports_are_the_old_ones_or_the_new_ones(number, seconds, expected, fault, send_after):
    paths = [fault.folder / f"report{suffix}" for suffix in SUFFIXES]
    for path in paths:
        path.write_bytes(b"old")
    process = fault.start(*RECOMMEND, *[word for path in paths for word in ("--out", path)])
    had = send_after(process, number, seconds)
    ended = fault.end(process)
    check(ended, number, had)
    for path in paths:
        fault.keeps(path, b"old", expected[path.suffix])
    fault.leaves_nothing_temporary()


@pytest.mark.slow
@pytest.mark.parametrize(("number", "seconds"), moments(6, 1.5, "starter"))
def test_a_starter_is_there_whole_or_not_at_all(number, seconds, fault, send_after):
    process = fault.start("starter", "--framework", "jax", "--task", "tabular", "above/project")
    had = send_after(process, number, seconds)
    ended = fault.end(process)
    check(ended, number, had)
    project = fault.folder / "above" / "project"
    if project.exists():
        assert {"README.md", "train.py", "requirements.txt"} <= set(os.listdir(project))
        assert [one.name for one in project.parent.iterdir()] == ["project"]
    else:
        assert not project.parent.exists()


@pytest.mark.slow
@pytest.mark.parametrize(("number", "seconds"), moments(4, 3.0, "starter that runs"))
def test_a_starter_that_runs_ends_with_the_program(number, seconds, fault, send_after):
    """The interpreter is one that never ends by itself, and has a child."""
    python = fault.folder / "python"
    python.write_text(
        f'#!/bin/sh\n[ "$1" = -I ] && exec "{sys.executable}" "$@"\necho begun\nsleep 1000\n'
    )
    python.chmod(0o755)
    process = fault.start("starter", "--framework", "jax", "--task", "tabular", "--run",
                          "--python", python, "project")  # fmt: skip
    had = send_after(process, number, seconds)
    ended = fault.end(process)
    check(ended, number, had)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "seconds"), moments(9, 3.0, "probe"))
def test_a_probe_keeps_what_is_done(number, seconds, fault, send_after):
    from probes.results import decode_machine

    out = fault.folder / "machine.json"
    process = fault.start(*PROBE, "--out", out, program="dummies")
    had = send_after(process, number, seconds)
    ended = fault.end(process)
    check(ended, number, had)
    if out.exists():
        machine = decode_machine(out.read_bytes(), "it")
        assert machine.cancelled == (ended.code in CANCELLED)
    if "Importing" in ended.error:
        assert out.exists()
    fault.leaves_nothing_temporary()


@pytest.mark.slow
@pytest.mark.parametrize(("number", "seconds"), moments(3, 12.0, "install"))
def test_an_environment_is_there_whole_or_not_at_all(number, seconds, fault, send_after):
    """Without a package index it ends by itself, with nothing made: that is as good."""
    process = fault.start("install", "create", "new", "--line", "pip install six", "--yes")
    had = send_after(process, number, seconds)
    ended = fault.end(process)
    folder = fault.folder / "new"
    if ended.code not in (0, 3):
        check(ended, number, had)
        assert not folder.exists()
    elif folder.exists():
        assert (folder / "installed.txt").exists()
    fault.leaves_nothing_temporary()


@pytest.mark.parametrize(("number", "seconds"), moments(6, 4.0, "window"))
def test_a_window_closes(number, seconds, fault, send_after):
    process = fault.start("gui", QT_QPA_PLATFORM="offscreen")
    had = send_after(process, number, seconds)
    ended = fault.end(process)
    assert check(ended, number, had, done=-number) or not had, ended
    if had:
        assert "Traceback" not in ended.error
    crashes = fault.home / "data" / "crashes"
    assert not crashes.exists() or list(crashes.iterdir()) == []
    fault.leaves_nothing_temporary()


def test_what_nohup_ignores_stays_ignored(fault):
    """A second Python starts it, which has SIGHUP ignored as `nohup` does."""
    code = (
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    process = fault.start("ask", through=[sys.executable, "-c", code])
    time_is_up = time.monotonic() + 60
    while not _caught(process, signal.SIGTERM) and time.monotonic() < time_is_up:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    process.send_signal(signal.SIGHUP)
    ended = fault.end(process, b"q\n")
    assert ended.code == 0, ended.error
    assert ended.out.startswith(b"schema: framework-advisor/answers/1")


@pytest.mark.slow
def test_a_terminal_that_is_closed_ends_a_probe_which_keeps_what_is_done(fault, record):
    """A real terminal: what is written to it after its end fails."""
    import pty

    from probes.results import decode_machine

    out = fault.folder / "machine.json"
    record.inject()
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(fault.temporary),
                 "DUMMY_WORKERS": '{"bin": {"measure": "hang"}}'}  # fmt: skip
    program = Path(__file__).parent / "injected" / "dummies.py"
    command = [sys.executable, str(program), *PROBE, "--out", str(out)]
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(fault.folder)
        os.execve(sys.executable, command, variables)
    said = b""
    while b"works" not in said:
        said += os.read(terminal, 1000)
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 130
    assert decode_machine(out.read_bytes(), "it").cancelled
    fault.leaves_nothing_temporary()


def _caught(process, number) -> bool:
    text = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    caught = next(line for line in text.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)
