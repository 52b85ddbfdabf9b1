"""Starts the window: imports little before the first paint and leaves nothing behind."""

import argparse
import gc
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from app.gui.collecting import Collecting
from app.gui.crash_log import CrashLog, take_crash
from app.gui.state import State
from app.gui.style import apply_theme
from app.gui.system_look import theme_name
from app.gui.window import MainWindow
from app.paths import ASSETS, config_folder
from app.settings import Settings, SettingsError, load_settings
from app.theme import load_theme

BAD_INPUT = 2


def take_turns_often() -> None:
    """With the default of five milliseconds, a page that is being drawn while the background counts
    would wait that long again and again: whenever Qt is entered or left."""
    sys.setswitchinterval(0.001)


def spare_the_collector() -> None:
    """The garbage collector need not walk the knowledge again and again, which stays to the end:
    that cost as much as a decision on it."""
    gc.freeze()


def show_icon(application: QApplication) -> None:
    icon = QIcon()
    for path in sorted((ASSETS / "application").glob("*.png")):
        icon.addFile(str(path))
    application.setWindowIcon(icon)


def run_window(args: argparse.Namespace, stopped: threading.Event | None = None) -> int:
    """Show the window until it is closed; gives the exit status.

    With `exit_after_paint` it leaves once the start page has been painted, with `screenshots` it
    writes pictures of all pages to that folder and leaves. `stopped` is set by a signal that comes
    before the window has handlers of its own.
    """
    config_folder()  # raises where there is no place for settings and sessions
    # As an argument: `setStyle` would hand out a QStyle, whose dozens of enums cost a tenth of the
    # time to the first paint.
    application = QApplication.instance() or QApplication([*sys.argv[:1], "-style", "fusion"])
    assert isinstance(application, QApplication)
    application.setApplicationName("framework-advisor")
    application.setApplicationDisplayName("Framework Advisor")
    application.setDesktopFileName("framework-advisor")  # by which Wayland finds the icon
    if os.environ.get("FRAMEWORK_ADVISOR_LANGUAGE"):
        from app.gui.translation import install

        install(application)
    if args.screenshots is not None:
        from app.gui.screenshots import take

        return take(application, args.screenshots)
    log = CrashLog()
    if not args.exit_after_paint:
        log.begin()
    problem = None
    try:
        settings = load_settings()
    except SettingsError as error:
        problem, settings = str(error), Settings()
    theme = load_theme(theme_name(settings))
    apply_theme(application, theme)
    take_turns_often()
    collecting = Collecting()
    state = State(theme, settings=settings)
    window = MainWindow(state)
    at_end: list[Callable[[], object]] = [state.shutdown, log.end, collecting.stop]
    status = [0]

    def begin() -> None:
        """What waits for the first paint: knowledge, hardware, the file named on the command."""
        if args.exit_after_paint:
            _leave_after(args.file, state, application)
            return
        show_icon(application)
        from app.gui.errors import ErrorHook
        from app.gui.signals import INTERRUPTED, close_on_signals
        from app.installing.leftovers import left_over

        hook = ErrorHook(window, log)
        hook.install()
        at_end.append(hook.remove)
        at_end.append(close_on_signals(window, window.leave, status))
        if stopped is not None and stopped.is_set():
            status[0] = INTERRUPTED
            application.exit()
            return
        if crash := take_crash():
            window.show_crash(crash)
        elif left := left_over():
            window.show_left_over([(one.folder, one.begun_utc) for one in left])
        if problem is not None:
            window.show_failure(problem)
        state.knowledge_loaded.connect(spare_the_collector)
        state.load_knowledge()
        state.look()
        if args.file is not None:
            window.open_path(args.file)

    # Queued: the page's paint event has been handled and the picture is on its way to the screen.
    window.first_painted.connect(begin, Qt.ConnectionType.QueuedConnection)
    window.show()
    try:
        code = application.exec()
    finally:
        for end in at_end:
            end()
    return status[0] or code


def _leave_after(file: Path | None, state: State, application: QApplication) -> None:
    """Leave at once, or when the file that was named has been opened or refused."""
    if file is None:
        application.exit()
        return

    def refused(message: str) -> None:
        sys.stderr.write(f"framework-advisor: {message}\n")
        application.exit(BAD_INPUT)

    state.failed.connect(refused)
    state.file_opened.connect(lambda _: application.exit())
    state.existing_read.connect(lambda *_: application.exit())
    state.load_knowledge()
    state.open_file(file)
