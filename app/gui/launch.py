"""Starts the window: imports little before the first paint and leaves nothing behind."""

import argparse
import signal
import socket
import sys
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier, Qt
from PySide6.QtWidgets import QApplication

from app.gui.errors import ErrorHook
from app.gui.state import State
from app.gui.style import apply_theme
from app.gui.window import MainWindow, theme_name
from app.settings import Settings, SettingsError, load_settings
from app.theme import load_theme

INTERRUPTED = 130


def run_window(args: argparse.Namespace) -> int:
    """Show the window until it is closed; gives the exit status.

    With `exit_after_paint` it leaves once the start page has been painted, with `screenshots` it
    writes pictures of all pages to that folder and leaves.
    """
    application = QApplication.instance() or QApplication(sys.argv[:1])
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
    hook = ErrorHook(window)
    hook.install()
    signals = _Signals(window)

    def begin() -> None:
        """What waits for the first paint: knowledge, hardware, the file named on the command."""
        if args.exit_after_paint:
            window.close()
            return
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
        status = application.exec()
    finally:
        state.shutdown()
        signals.close()
        hook.remove()
    return signals.status or status


class _Signals(QObject):
    """Ctrl-C and SIGTERM close the window as a click would.

    Python runs its handlers only between its own instructions, which Qt's event loop has none of;
    the wake-up socket makes the loop come round.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.status = 0
        self._window = window
        self._reading, self._writing = socket.socketpair()
        self._reading.setblocking(False)
        self._writing.setblocking(False)
        self._notifier = QSocketNotifier(self._reading.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_activated)
        self._before = {
            number: signal.signal(number, self._on_signal)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        self._wakeup = signal.set_wakeup_fd(self._writing.fileno())

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.status = INTERRUPTED

    def _on_activated(self) -> None:
        self._reading.recv(64)
        if self.status:
            self._window.close()

    def close(self) -> None:
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._reading.close()
        self._writing.close()
