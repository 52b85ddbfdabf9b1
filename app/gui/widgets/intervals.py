"""Measured times as points with intervals on one ratio scale, painted."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.gui.widgets.marks import draw_mark, figures_font, notes_font
from app.theme import Theme

ROW = 26
TITLE = 34
FOOT = 24


@dataclass(frozen=True)
class IntervalRow:
    framework: str
    name: str
    ratio: float
    """Its time over the fastest one's: 1 is the fastest, 2 takes twice as long."""
    low: float
    high: float
    text: str
    level_with_best: bool
    """The paired rounds call it a tie with the fastest."""


@dataclass(frozen=True)
class IntervalGroup:
    title: str
    rows: tuple[IntervalRow, ...]


class IntervalChart(QWidget):
    """Groups of rows under each other on one logarithmic scale, which it says."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._groups: tuple[IntervalGroup, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Measured times relative to the fastest"))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def set_groups(self, groups: tuple[IntervalGroup, ...]) -> None:
        self._groups = groups
        self.setAccessibleDescription(
            "; ".join(
                group.title + ": " + ", ".join(f"{row.name} {row.text}" for row in group.rows)
                for group in groups
            )
        )
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        rows = sum(len(group.rows) for group in self._groups)
        return QSize(560, TITLE * len(self._groups) + ROW * rows + FOOT + 8)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        rows = [row for group in self._groups for row in group.rows]
        if not rows:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self._theme.tokens
        note, figures = notes_font(self.font()), figures_font(notes_font(self.font()))
        names = max(QFontMetricsF(self.font()).horizontalAdvance(row.name) for row in rows)
        texts = max(QFontMetricsF(figures).horizontalAdvance(row.text) for row in rows)
        left, right = 26 + names + 16, self.width() - texts - 16
        smallest = min(0.9, min(row.low for row in rows))
        largest = max(2.0, max(row.high for row in rows) * 1.05)
        span = math.log(largest / smallest)

        def place(ratio: float) -> float:
            return left + (right - left) * math.log(ratio / smallest) / span

        ticks = _ticks(smallest, largest, (right - left) / 44)
        painter.setPen(QPen(QColor(tokens.line), 1))
        for tick in ticks:
            painter.drawLine(QPointF(place(tick), 4), QPointF(place(tick), self.height() - FOOT))
        top = 0.0
        for group in self._groups:
            painter.setFont(note)
            painter.setPen(QColor(tokens.muted))
            painter.fillRect(QRectF(0, top + 8, self.width(), 20), QColor(tokens.surface))
            painter.drawText(
                QRectF(0, top + 8, self.width(), 20),
                Qt.AlignmentFlag.AlignVCenter,
                QFontMetricsF(note).elidedText(
                    group.title, Qt.TextElideMode.ElideRight, self.width()
                ),
            )
            top += TITLE
            for row in group.rows:
                middle = top + ROW / 2
                painter.setFont(self.font())
                painter.setPen(QColor(tokens.text))
                painter.drawText(
                    QRectF(4, top, names + 8, ROW), Qt.AlignmentFlag.AlignVCenter, row.name
                )
                colour = QColor(self._theme.colour(row.framework))
                painter.setPen(QPen(colour, 2))
                low, high = place(row.low), place(row.high)
                painter.drawLine(QPointF(low, middle), QPointF(high, middle))
                for end in (low, high):
                    painter.drawLine(QPointF(end, middle - 4), QPointF(end, middle + 4))
                draw_mark(painter, self._theme, row.framework, QPointF(place(row.ratio), middle), 6)
                painter.setFont(figures)
                painter.setPen(QColor(tokens.muted))
                painter.drawText(
                    QRectF(self.width() - texts - 8, top, texts + 4, ROW),
                    Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                    row.text,
                )
                top += ROW
        painter.setFont(figures)
        painter.setPen(QColor(tokens.muted))
        for tick in ticks:
            painter.drawText(
                QRectF(place(tick) - 30, self.height() - FOOT, 60, 20),
                Qt.AlignmentFlag.AlignCenter,
                f"{tick:g}×",
            )
        painter.end()


def _ticks(low: float, high: float, most: float) -> list[float]:
    """Round ratios inside the scale, no more than `most` of them."""
    for steps in ((1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        ticks = [
            step * 10**power
            for power in range(-3, 7)
            for step in steps
            if low <= step * 10**power <= high
        ]
        if len(ticks) <= max(most, 2):
            return ticks
    return [1.0]
