"""A second window beside the first takes nothing from it: not the session, not the settings."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.kept import kept_sessions
from app.settings import load_settings

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def opened():
    return subprocess.Popen(
        [sys.executable, str(HERE / "one_of_two_windows.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
    )


def answer(window, line):
    window.stdin.write(f"{line}\n")
    window.stdin.flush()
    assert window.stdout.readline() == "kept\n"


@pytest.mark.timeout(240)
def test_two_windows_at_once_each_keep_their_session_and_share_the_settings(fresh_home):
    with ExitStack() as stack:
        first, second = windows = [stack.enter_context(opened()) for _ in range(2)]
        for window in windows:
            assert window.stdout.readline() == "open\n"
        answer(first, "goal learn dark")
        answer(second, "goal production system")
        for window in windows:
            window.stdin.close()
            assert window.wait() == 0
    kept = [json.loads(path.read_bytes())["answers"]["answers"] for path in kept_sessions()]
    assert sorted(one["goal"] for one in kept) == ["learn", "production"]
    settings = load_settings()
    assert settings.theme == "dark", "the second changed nothing of it"
    assert settings.geometry
