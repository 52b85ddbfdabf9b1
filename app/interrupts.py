"""Ctrl-C, SIGTERM and a terminal that was closed: how a command learns that it has to stop.

The standard library only, and little of it: every command waits for this.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP


def stop_signals() -> tuple[signal.Signals, ...]:
    """Those to handle. What the caller has had ignored stays so: `nohup` does that to SIGHUP, and
    a shell to the SIGINT of what it runs in the background. Empty outside of the main thread."""
    if threading.current_thread() is not threading.main_thread():
        return ()
    known = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    return tuple(one for one in known if signal.getsignal(one) is not signal.SIG_IGN)


@contextlib.contextmanager
def interrupted_by_signals() -> Iterator[Callable[[], bool]]:
    """Each of them raises KeyboardInterrupt, so that what was begun is cleared away on the way out.

    Gives what tells whether one came: an import on the way may have made another error of it.
    """
    came = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        came.set()
        raise KeyboardInterrupt

    with _handled(on_signal):
        yield came.is_set


@contextlib.contextmanager
def cancelled_by_signals() -> Iterator[threading.Event]:
    """An event that the first of them sets; the second ends at once, by KeyboardInterrupt."""
    cancel = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    with _handled(on_signal):
        yield cancel


@contextlib.contextmanager
def _handled(on_signal: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    terminals = [one for one in (1, 2) if os.isatty(one)]

    def on_any(number: int, frame: FrameType | None) -> None:
        if number == getattr(signal, "SIGHUP", None):
            _write_nowhere(terminals)
        on_signal(number, frame)

    before = {number: signal.signal(number, on_any) for number in stop_signals()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _write_nowhere(descriptors: list[int]) -> None:
    """A terminal that has gone takes no word more, and to fail on one would lose what is done."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for one in descriptors:
        os.dup2(nowhere, one)
    os.close(nowhere)
