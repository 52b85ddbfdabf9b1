"""Writes a picture of every page and dialog in every theme, at 1x and 2x, for people to look at."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app.gui.history import HistoryDialog
from app.gui.state import STEPS, State
from app.gui.style import apply_theme
from app.gui.translation import write_untranslated
from app.gui.window import MainWindow
from app.interpreter import is_bundle
from app.paths import ASSETS
from app.settings import Settings
from app.theme import THEMES, ThemeName, load_theme

USUAL = (1280, 800)
OTHER_SIZES = {"-small": (1024, 640), "-whole": (1280, 3200)}
"""In light and dark only: the smallest window, and one so high that nothing has to be scrolled."""
PATIENCE_SECONDS = 60
VIEWS = (
    "frameworks",
    "components",
    "compare",
    "stars",
    "timeline",
    "use",
    "then-and-now",
    "concepts",
)
"""The browser's tabs from the second on, as files are named."""
README = (
    "questions-small-light-2x",
    "recommendation-small-light-2x",
    "knowledge-stars-small-dark-2x",
    "starter-small-dark-2x",
)
"""Those that the README shows; smaller copies of them go into `readme/`."""
PLAIN_THEMES: tuple[ThemeName, ...] = ("light", "dark")


def take(application: QApplication, folder: Path) -> int:
    """Write the pictures as `<step><-small>-<theme>-<scale>x.png`; gives the exit status."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        # The user's own settings and running session stay out of the pictures and untouched.
        os.environ["FRAMEWORK_ADVISOR_HOME"] = home
        scale = os.environ.get("QT_SCALE_FACTOR", "1")
        _take_at_this_scale(application, folder, scale)
    write_untranslated(application, folder)
    if scale != "1":
        _shrink_for_readme(folder)
        return 0
    # A scale belongs to a process: the other one takes its pictures in its own.
    ourselves = [sys.executable] if is_bundle() else [sys.executable, "-m", "app"]
    again = [*ourselves, "gui", "--screenshots", str(folder)]
    return subprocess.run(again, env={**os.environ, "QT_SCALE_FACTOR": "2"}, check=False).returncode


def _take_at_this_scale(application: QApplication, folder: Path, scale: str) -> None:
    state = State(load_theme("light"), settings=Settings(reduced_motion=True))
    apply_theme(application, state.theme)
    window = MainWindow(state)
    window.show()
    state.load_knowledge()
    state.look()
    state.open_file(ASSETS / "examples" / "student.yaml")
    _settle(state)
    window.clear_notices()
    questions = window.page("questions")
    questions.go_to("deployment")  # type: ignore[attr-defined]
    for name in THEMES:
        state.set_theme(load_theme(name))
        window.resize(*USUAL)
        _take_pages(window, state, folder, f"-{name}-{scale}x")
        _take_dialogs(window, state, folder, f"-{name}-{scale}x")
        for suffix, size in OTHER_SIZES.items() if name in PLAIN_THEMES else ():
            window.resize(*size)
            _take_pages(window, state, folder, f"{suffix}-{name}-{scale}x")
    window.close()


def _take_pages(window: MainWindow, state: State, folder: Path, ending: str) -> None:
    for step in STEPS:
        window.show_step(step)
        _settle(state)
        window.grab().save(str(folder / f"{step}{ending}.png"))
    window.show_step("questions")
    questions = window.page("questions")
    questions.show_map()  # type: ignore[attr-defined]
    _settle(state)
    window.grab().save(str(folder / f"questions-map{ending}.png"))
    questions.close_map()  # type: ignore[attr-defined]
    _take_views(window, state, folder, ending)


def _take_dialogs(window: MainWindow, state: State, folder: Path, ending: str) -> None:
    from app.gui.errors import ErrorDialog, details_of

    window.show_history()
    _settle(state)
    history = window.findChild(HistoryDialog)
    assert history is not None
    error = ErrorDialog(details_of(ValueError("an example of a mistake in the program")), window)
    error.show()
    for name, dialog in (("history", history), ("error", error)):
        _settle(state)
        dialog.grab().save(str(folder / f"dialog-{name}{ending}.png"))
        dialog.close()
    error.deleteLater()


def _take_views(window: MainWindow, state: State, folder: Path, ending: str) -> None:
    """The views of the knowledge browser behind its first one."""
    window.show_step("knowledge")
    page = window.page("knowledge")
    for number, name in enumerate(VIEWS, start=1):
        page.show_tab(number)  # type: ignore[attr-defined]
        _settle(state)
        window.grab().save(str(folder / f"knowledge-{name}{ending}.png"))
    page.show_tab(0)  # type: ignore[attr-defined]


def _shrink_for_readme(folder: Path) -> None:
    """With the 256 colours that it uses most, a picture takes a third of the room."""
    import numpy as np

    (folder / "readme").mkdir(exist_ok=True)
    for name in README:
        picture = QImage(str(folder / f"{name}.png")).convertToFormat(QImage.Format.Format_RGB32)
        pixels = np.frombuffer(picture.constBits(), dtype=np.uint32)
        colours, counts = np.unique(pixels, return_counts=True)
        most = colours[np.argsort(counts)[::-1][:256]]
        few = picture.convertToFormat(
            QImage.Format.Format_Indexed8,
            [int(colour) for colour in most],
            Qt.ImageConversionFlag.ThresholdDither,
        )
        short = name.partition("-small-")[0]
        few.save(str(folder / "readme" / f"{short}.png"), quality=0)


def _settle(state: State) -> None:
    """Let events and background work run until nothing is under way any more."""
    until = time.monotonic() + PATIENCE_SECONDS
    quiet = 0
    while quiet < 5 and time.monotonic() < until:
        loop = QEventLoop()
        QTimer.singleShot(30, loop.quit)
        loop.exec()
        quiet = quiet + 1 if state.is_idle() else 0
