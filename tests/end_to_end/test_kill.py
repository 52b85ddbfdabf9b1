"""Killed at any moment of writing, each file is the old one or the new one, whole."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.files import TEMPORARY_PREFIX, write_atomically
from app.history import read_history
from app.kept import kept_sessions
from app.paths import history_folder

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FILES = {
    "session": "my session.json",
    ".html": "report.html",
    ".pdf": "report.pdf",
    ".md": "report.md",
    ".json": "report.json",
}
KINDS = (*FILES, "settings", "history")
LONGEST_MILLISECONDS = 25.0


@pytest.fixture
def writer(tmp_path, fresh_home):
    """The program that writes and kills; gives what sends it a line and waits for its answer."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "kill_writer.py"), str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )

    def kill(kind, milliseconds):
        process.stdin.write(f"{kind} {milliseconds}\n")
        process.stdin.flush()
        assert process.stdout.readline() == "killed\n"

    try:
        assert process.stdout.readline() == "ready\n"
        yield kill
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def left_behind(folder):
    return [name for name in os.listdir(folder) if name.startswith(TEMPORARY_PREFIX)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the writers are forked")
@pytest.mark.parametrize(
    "times", [42, pytest.param(210, marks=pytest.mark.slow)], ids=["some", "many"]
)
def test_killed_while_writing_every_file_is_whole(times, writer, tmp_path, fresh_home):
    dice = random.Random(20261121)
    folders = (tmp_path, fresh_home / "config", history_folder())
    interrupted: set[str] = set()
    for number in range(times):
        kind = KINDS[number % len(KINDS)]
        writer(kind, dice.uniform(0, LONGEST_MILLISECONDS))
        whole = [path.read_bytes() for path in (tmp_path / "expected").glob(f"{kind}.*")]
        assert len(whole) == 2
        if kind == "history":
            kept = [one for one in history_folder().iterdir() if "-machine-" in one.name]
            assert all(one.read_bytes() in whole for one in kept)
        else:
            path = tmp_path / FILES[kind] if kind in FILES else folders[1] / "settings.json"
            assert path.read_bytes() in whole
        for folder in folders:
            assert len(left_behind(folder)) <= 1, "what a kill left is gone before the next"
            interrupted.update(left_behind(folder))
    assert len(interrupted) > times / 10, "the kills met the writing, and not the time between"
    found = read_history()
    assert found.left_out == ()
    assert len(found.entries) <= 2
    for folder in folders:
        write_atomically(folder / "the next one", b"")
        assert left_behind(folder) == []


def window_session(part, display):
    return subprocess.Popen(
        [sys.executable, str(HERE / "window_session.py"), part],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": str(ROOT)},
    )


def kept_answers():
    """What of the running session is on the disk by now."""
    return [json.loads(path.read_bytes())["answers"]["answers"] for path in kept_sessions()]


@pytest.mark.window
def test_a_window_that_is_killed_offers_its_session_at_the_next_start(display):
    given = {"work": "scratch", "domain": ["vision"]}
    with window_session("answer", display) as killed:
        try:
            assert killed.stdout.readline() == "answered\n"
            # Nothing tells another process that a file has come; the kill comes when it is there.
            end = time.monotonic() + 20
            while kept_answers() != [given] and time.monotonic() < end:
                time.sleep(0.01)
        finally:
            killed.kill()
    assert killed.returncode == -signal.SIGKILL
    assert kept_answers() == [given]
    with window_session("continue", display) as window:
        said = window.stdout.read()
    assert said, "the window ended without a word"
    seen = json.loads(said.splitlines()[-1])
    assert "error" not in seen, seen["error"]
    assert seen == {"status": 0, "answers": given}
