"""Start-up, as whole processes against the least such a process can do."""

import os
import sys
from pathlib import Path

from app.settings import Settings, save_settings

ROOT = Path(__file__).resolve().parents[2]
ADVISOR = [sys.executable, "-m", "app"]
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


def test_help(report_ratio, command_ratios):
    found = command_ratios(
        [*ADVISOR, "--help"], [sys.executable, "-c", "pass"], pairs=20, cwd=ROOT
    )  # fmt: skip
    report_ratio("--help over python -c pass", found, "at most 5")


def test_first_paint(report_ratio, command_ratios, tmp_path, monkeypatch):
    # As for somebody who comes back: settings are there, and modules are compiled once.
    monkeypatch.setenv("FRAMEWORK_ADVISOR_HOME", str(tmp_path))
    save_settings(Settings())
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    found = command_ratios(
        [*ADVISOR, "gui", "--exit-after-paint"],
        [sys.executable, "-c", BARE_WINDOW],
        pairs=15,
        cwd=ROOT,
        env=environment,
    )
    report_ratio("first paint over a bare window", found, "at most 2")
