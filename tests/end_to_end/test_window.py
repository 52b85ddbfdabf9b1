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
FIVE = {"pytorch", "tensorflow", "keras", "jax", "paddlepaddle"}


@pytest.fixture
def display():
    """A screen of its own; the server chooses a free number and tells it."""
    missing = [name for name in ("Xvfb", "xdotool") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"no real window without {' and '.join(missing)}")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as numbers:
        number = numbers.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()


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
def test_from_the_first_question_to_an_exported_report(display, tmp_path):
    before = workers()
    report = tmp_path / "report.html"
    result = subprocess.run(
        [sys.executable, str(HERE / "window_walk.py"), str(report)],
        capture_output=True,
        text=True,
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
    assert set(seen["works"]) >= FIVE
    assert {mode.split("/")[0] for mode in seen["proven"]} >= FIVE
    text = report.read_text(encoding="utf-8")
    assert "<svg" in text
    assert "mlp_train" in text or "MLP" in text
    assert workers() <= before
