"""Runs off the GUI thread what asks a resolver or sets an environment up; tells it as signals."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal

if TYPE_CHECKING:
    from app.installing.choosing import Chosen
    from app.installing.creating import Plan


class InstallRun(QObject):
    """One job at a time.

    Signals: `verified(object)` a Verification; `planned(object, object)` a Plan and what it would
    bring; `progressed(object)` a Progress; `created(object)` a Created; `failed(str)` why nothing
    was begun. Each job ends with one of them.
    """

    verified = Signal(object)
    planned = Signal(object, object)
    progressed = Signal(object)
    created = Signal(object)
    failed = Signal(str)
    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: threading.Thread | None = None
        self._cancel = threading.Event()
        self._finished.connect(self._on_finished)
        application = QCoreApplication.instance()
        if application is not None:
            # No child process outlives the window, and what was half made is removed.
            application.aboutToQuit.connect(self.stop_and_wait)

    def is_running(self) -> bool:
        return self._thread is not None

    def verify(self, chosen: Chosen) -> None:
        def work() -> Callable[[], None]:
            from app.installing.verifying import verify_chosen

            found = verify_chosen(chosen, self._cancel)
            return lambda: self.verified.emit(found)

        self._start(work)

    def plan(self, folder: Path, chosen: Chosen) -> None:
        def work() -> Callable[[], None]:
            from app.installing.creating import prepare, require_space, what_it_brings

            plan = prepare(folder, chosen)
            brings = what_it_brings(plan, self._cancel)
            require_space(plan, brings)
            return lambda: self.planned.emit(plan, brings)

        self._start(work)

    def create(self, plan: Plan, known_bytes: int) -> None:
        def work() -> Callable[[], None]:
            from app.installing.creating import create

            created = create(plan, self.progressed.emit, self._cancel, known_bytes)
            return lambda: self.created.emit(created)

        self._start(work)

    def stop(self) -> None:
        """Ask it to end; what ends it follows."""
        self._cancel.set()

    def stop_and_wait(self) -> None:
        self._cancel.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _start(self, work: Callable[[], Callable[[], None]]) -> None:
        if self._thread is not None:
            return
        self._cancel = threading.Event()

        def run() -> None:
            try:
                tell = work()
            except (ValueError, OSError) as error:  # ours are ValueErrors with a text for people
                reason = str(error)

                def tell() -> None:
                    self.failed.emit(reason)

            self._finished.emit(tell)

        self._thread = threading.Thread(target=run, name="installing", daemon=True)
        self._thread.start()

    def _on_finished(self, tell: Callable[[], None]) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        tell()
