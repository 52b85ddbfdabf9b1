"""Runs a written starter project off the GUI thread and tells how it goes as signals."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal

if TYPE_CHECKING:
    from app.starter import Outcome


class StarterRun(QObject):
    """One run at a time.

    Signals: `printed(str)` a line, `ended(object)` an Outcome, `failed(str)` why it did not start.
    """

    printed = Signal(str)
    ended = Signal(object)
    failed = Signal(str)
    _finished = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: threading.Thread | None = None
        self._cancel = threading.Event()
        self._finished.connect(self._on_finished)
        application = QCoreApplication.instance()
        if application is not None:
            # The child process must not outlive the window.
            application.aboutToQuit.connect(self.stop_and_wait)

    def is_running(self) -> bool:
        return self._thread is not None

    def start(self, folder: Path, python: Path) -> None:
        if self._thread is not None:
            return
        self._cancel = cancel = threading.Event()

        def work() -> None:
            from app.starter import StarterError, run

            outcome: Outcome | None = None
            error: Exception | None = None
            try:
                outcome = run(folder, python, True, self.printed.emit, cancel)
            except (StarterError, OSError) as caught:
                error = caught
            self._finished.emit(outcome, error)

        self._thread = threading.Thread(target=work, name="starter", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; `ended` follows."""
        self._cancel.set()

    def stop_and_wait(self) -> None:
        self._cancel.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _on_finished(self, outcome: object, error: Exception | None) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if error is not None:
            self.failed.emit(str(error))
        else:
            self.ended.emit(outcome)
