"""Start-up, as whole processes against the least such a process can do."""

import os
import sys
from pathlib import Path

import pytest

from app.settings import Settings, save_settings

ROOT = Path(__file__).resolve().parents[2]
ADVISOR = [sys.executable, "-m", "app"]
NOTHING = [sys.executable, "-c", "pass"]
BARE_WINDOW = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget


class Window(QWidget):
    def paintEvent(self, event):
        QTimer.singleShot(0, QApplication.quit)


application = QApplication([])
window = Window()
window.resize(1280, 800)
window.show()
application.exec()
"""


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """As for somebody who comes back: settings are there, and modules are compiled once."""
    monkeypatch.setenv("FRAMEWORK_ADVISOR_HOME", str(tmp_path))
    save_settings(Settings())
    found = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    found.pop("PYTHONDONTWRITEBYTECODE", None)
    return found


def test_help(record, command_ratios, environment):
    found = command_ratios([*ADVISOR, "--help"], NOTHING, pairs=20, cwd=ROOT, env=environment)
    record("help", found)


def test_first_paint(record, command_ratios, environment):
    painted = [*ADVISOR, "gui", "--exit-after-paint"]
    bare = [sys.executable, "-c", BARE_WINDOW]
    record("first_paint", command_ratios(painted, bare, pairs=15, cwd=ROOT, env=environment))


def test_commands_that_people_wait_for(record, command_seconds, environment):
    for name, words in (
        ("knowledge_check", ("knowledge", "check", "--today", "2026-11-21")),
        ("recommend", ("recommend", "--answers", "assets/examples/student.yaml")),
    ):
        seconds, ratios = command_seconds(
            [*ADVISOR, *words], NOTHING, pairs=5, cwd=ROOT, env=environment
        )
        record(name, seconds, ratios)
