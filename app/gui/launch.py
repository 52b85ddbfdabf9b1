"""Starts the window: imports little before the first paint and leaves nothing behind."""

import argparse
import sys
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.gui.state import State
from app.gui.style import apply_theme
from app.gui.window import MainWindow, theme_name
from app.settings import Settings, SettingsError, load_settings
from app.theme import load_theme


def run_window(args: argparse.Namespace) -> int:
    """Show the window until it is closed; gives the exit status.

    With `exit_after_paint` it leaves once the start page has been painted, with `screenshots` it
    writes pictures of all pages to that folder and leaves.
    """
    # As an argument: `setStyle` would hand out a QStyle, whose dozens of enums cost a tenth of the
    # time to the first paint.
    application = QApplication.instance() or QApplication([*sys.argv[:1], "-style", "fusion"])
    assert isinstance(application, QApplication)
    application.setApplicationName("framework-advisor")
    application.setApplicationDisplayName("Framework Advisor")
    if args.screenshots is not None:
        from app.gui.screenshots import take

        return take(application, args.screenshots)
    problem = None
    try:
        settings = load_settings()
    except SettingsError as error:
        problem, settings = str(error), Settings()
    theme = load_theme(theme_name(settings))
    apply_theme(application, theme)
    state = State(theme, settings=settings)
    window = MainWindow(state)
    at_end: list[Callable[[], object]] = [state.shutdown]
    status = [0]

    def begin() -> None:
        """What waits for the first paint: knowledge, hardware, the file named on the command."""
        if args.exit_after_paint:
            application.exit()
            return
        from app.gui.errors import ErrorHook
        from app.gui.signals import close_on_signals

        hook = ErrorHook(window)
        hook.install()
        at_end.append(hook.remove)
        at_end.append(close_on_signals(window, status))
        if problem is not None:
            window.show_failure(problem)
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
