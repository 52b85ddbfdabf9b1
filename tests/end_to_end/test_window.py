"""The real window under Xvfb, by mouse and keyboard, from the first question to a report."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CHOSEN = {"pytorch", "jax"}


def workers():
    """Probe workers that run on this machine."""
    return {
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if any("probes/worker/__main__.py" in word for word in process.info["cmdline"] or ())
    }


@pytest.mark.window
@pytest.mark.frameworks
@pytest.mark.timeout(420)
@pytest.mark.parametrize(
    "by",
    [
        "both",
        pytest.param("keys", marks=pytest.mark.slow),
        pytest.param("mouse", marks=pytest.mark.slow),
    ],
)
def test_from_the_first_question_to_an_exported_report(by, display, tmp_path):
    before = workers()
    # The name that is offered, in the folder of the process: the mouse alone cannot type another.
    report = tmp_path / "framework-advisor-report.html"
    result = subprocess.run(
        [sys.executable, str(HERE / "window_walk.py"), str(report), "--by", by],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert result.stdout, result.stderr
    seen = json.loads(result.stdout.splitlines()[-1])
    assert "error" not in seen, seen["error"]
    assert seen["status"] == 0
    assert seen["first_verdict"] is not None
    assert seen["says_not_measured"]
    assert seen["tier"] == "quick"
    assert set(seen["works"]) == CHOSEN
    assert {mode.split("/")[0] for mode in seen["proven"]} == CHOSEN
    text = report.read_text(encoding="utf-8")
    assert "<svg" in text
    assert "mlp_train" in text or "MLP" in text
    assert workers() <= before
    if by == "keys":
        assert (seen["clicks"], seen["turns"]) == (0, 0)
    if by == "mouse":
        assert seen["presses"] == 0


@pytest.mark.slow
@pytest.mark.window
@pytest.mark.skipif(shutil.which("xrandr") is None, reason="no screen can be changed")
def test_a_screen_that_changes_while_answering_leaves_the_session_whole(display, tmp_path):
    result = subprocess.run(
        [sys.executable, str(HERE / "window_session.py"), "display"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": str(ROOT)},
        timeout=200,
        check=False,
    )
    assert result.stdout, result.stderr
    seen = json.loads(result.stdout.splitlines()[-1])
    assert "error" not in seen, seen["error"]
    assert seen["answers"] == {"work": "scratch", "domain": ["vision"], "goal": "research"}
    assert seen["status"] == 0
