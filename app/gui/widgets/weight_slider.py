"""A slider for how much something matters, with the pinned start and flip points drawn on it."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSlider, QWidget

from app.gui.widgets.marks import draw_mark
from app.theme import Theme

HANDLE = 18
MARKS = 18
"""Height of the lane above the groove that the marks stand in."""


@dataclass(frozen=True)
class FlipMark:
    framework: str
    position: float
    """On the slider's own scale."""


class WeightSlider(QSlider):
    """Whole steps from -2 to 2; the arrow keys move it, the wheel scrolls the page instead."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self._pin = 0
        self._flips: tuple[FlipMark, ...] = ()
        self.setRange(-2, 2)
        self.setPageStep(1)
        self.setMinimumWidth(140)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def set_pin(self, value: int) -> None:
        """Where it stood before it was moved by hand."""
        self._pin = value
        self.update()

    def set_flips(self, flips: tuple[FlipMark, ...]) -> None:
        self._flips = flips
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(180, 2 * MARKS + HANDLE)

    def minimumSizeHint(self) -> QSize:
        return QSize(140, 2 * MARKS + HANDLE)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        # Under the groove, so that the handle is never hidden by a mark.
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self._theme.tokens
        middle = self.height() / 2
        for step in range(self.minimum(), self.maximum() + 1):
            x = self._place(step)
            painter.setPen(QPen(QColor(tokens.strong_line), 1))
            painter.drawLine(QPointF(x, middle + 10), QPointF(x, middle + 14))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.muted))
        pin = self._place(self._pin)
        painter.drawRoundedRect(QRectF(pin - 2, middle + 10, 4, 9), 2, 2)
        for flip in self._flips:
            x = self._place(flip.position)
            painter.setPen(QPen(QColor(self._theme.colour(flip.framework)), 1.5))
            painter.drawLine(QPointF(x, middle - 12), QPointF(x, middle))
            draw_mark(painter, self._theme, flip.framework, QPointF(x, middle - 18), 5)
        painter.end()
        super().paintEvent(event)

    def _place(self, value: float) -> float:
        share = (value - self.minimum()) / (self.maximum() - self.minimum())
        return HANDLE / 2 + (self.width() - HANDLE) * share
