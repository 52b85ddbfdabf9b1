"""Python's garbage is collected between two events of the GUI thread, and nowhere else.

Left alone, Python collects in whichever thread makes the next object, in the middle of whatever
that is. A widget that is let go so dies in the background while Qt paints or styles all widgets, or
in a widget's own handler while Qt walks through a list of them: either ends the program.
"""

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MILLISECONDS = 500


class Collecting(QObject):
    """Takes Python's collector over until `stop`; make it in the GUI thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(collect_if_due)
        self._timer.start(EVERY_MILLISECONDS)

    def stop(self) -> None:
        self._timer.stop()
        gc.enable()


def collect_if_due() -> None:
    """What Python would have collected by now, by its own thresholds."""
    due = [
        generation
        for generation, (count, threshold) in enumerate(
            zip(gc.get_count(), gc.get_threshold(), strict=True)
        )
        if 0 < threshold < count
    ]
    # An older generation takes the younger ones with it.
    if due:
        gc.collect(due[-1])
