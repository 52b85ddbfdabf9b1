"""Ctrl-C, SIGTERM and a closed terminal close the window as a click would and leave nothing.

Python runs its handlers only between its own instructions, of which Qt's event loop has none; the
wake-up socket makes the loop come round.
"""

import signal
import socket
from collections.abc import Callable
from types import FrameType

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QWidget

from app.interrupts import stop_signals

INTERRUPTED = 130


def close_on_signals(
    window: QWidget, leave: Callable[[], None], status: list[int]
) -> Callable[[], None]:
    """Install the handlers; a signal sets `status[0]` and calls `leave`, which closes the window
    without a question that nobody may be there to answer. Gives what puts the old handlers back."""
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    writing.setblocking(False)

    def on_signal(number: int, frame: FrameType | None) -> None:
        status[0] = INTERRUPTED

    def on_wake() -> None:
        reading.recv(64)
        if status[0]:
            leave()

    notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read, window)
    notifier.activated.connect(on_wake)
    before = {number: signal.signal(number, on_signal) for number in stop_signals()}
    wakeup = signal.set_wakeup_fd(writing.fileno())

    def restore() -> None:
        notifier.setEnabled(False)
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        reading.close()
        writing.close()

    return restore
