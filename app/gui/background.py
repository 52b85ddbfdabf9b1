"""One thread for work that would hold up the window; knows nothing of what the work is."""

import sys
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Signal


class _Job(NamedTuple):
    key: str
    function: Callable[[], Any]
    then: Callable[[Any], None]
    must_run: bool


class Background(QObject):
    """Runs jobs one after another; of jobs that wait under the same key only the latest stays.

    Results arrive in the thread that this object lives in. `failed` carries the key and the
    exception.
    """

    failed = Signal(str, object)
    _job_done = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._change = threading.Condition()
        self._waiting: dict[str, _Job] = {}
        self._held: set[str] = set()
        self._stopping = False
        self._busy = False
        self._thread: threading.Thread | None = None
        self._job_done.connect(self._on_job_done)

    def submit(
        self,
        key: str,
        function: Callable[[], Any],
        then: Callable[[Any], None],
        must_run: bool = False,
    ) -> None:
        """Call `function` in the thread, then `then` with its result in this object's thread.

        With `must_run` it is done even when `stop` comes first (what has to reach the disk).
        """
        with self._change:
            if self._stopping:
                return
            self._waiting.pop(key, None)
            self._waiting[key] = _Job(key, function, then, must_run)
            self._change.notify_all()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="background", daemon=True)
            self._thread.start()

    def hold(self, key: str) -> None:
        """Let jobs under this key wait until `release`."""
        with self._change:
            self._held.add(key)

    def release(self, key: str) -> None:
        with self._change:
            self._held.discard(key)
            self._change.notify_all()

    def stop(self) -> None:
        """Forget what waits but for what must run, let that end, and join the thread."""
        with self._change:
            self._stopping = True
            self._waiting = {key: job for key, job in self._waiting.items() if job.must_run}
            self._held.clear()
            self._change.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def is_idle(self) -> bool:
        with self._change:
            return not self._busy and not self._waiting

    def _next(self) -> _Job | None:
        with self._change:
            self._busy = False
            while True:
                for key in self._waiting:
                    if key not in self._held:
                        self._busy = True
                        return self._waiting.pop(key)
                if self._stopping:
                    return None
                self._change.wait()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                result = job.function()
            except Exception as error:  # noqa: BLE001 - handed to the window, which shows or raises it
                self._deliver(self.failed, job.key, error)
                if self._stopping:
                    # The window is gone; a terminal is the only place left to say it.
                    sys.stderr.write(f"framework-advisor: {job.key}: {error}\n")
            else:
                self._deliver(self._job_done, job.then, result)

    def _deliver(self, signal: Any, *values: object) -> None:
        if not self._stopping:
            signal.emit(*values)

    def _on_job_done(self, then: Callable[[Any], None], result: object) -> None:
        if not self._stopping:
            then(result)
