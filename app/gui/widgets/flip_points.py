"""Weights today, and where another framework draws level with the first, painted."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.gui.widgets.marks import draw_mark, figures_font, notes_font
from app.theme import Theme

ROW = 28
FOOT = 22
MOST_NAME_SHARE = 0.4
"""Of the width; a longer name is cut with an ellipsis."""


@dataclass(frozen=True)
class FlipRow:
    framework: str
    """Who draws level."""
    name: str
    """Of the criterion."""
    today: float
    then: float
    """Weights, 0 to 1."""
    text: str
    sentence: str


class FlipPoints(QWidget):
    """A row for each criterion, from its weight today to where it flips, on one scale."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: tuple[FlipRow, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Weights today, and where another draws level"))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def set_rows(self, rows: tuple[FlipRow, ...]) -> None:
        self._rows = rows
        self.setAccessibleDescription(" ".join(row.sentence for row in rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(420, ROW * len(self._rows) + FOOT)

    def minimumSizeHint(self) -> QSize:
        return QSize(280, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._rows:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self._theme.tokens
        note, figures = notes_font(self.font()), figures_font(notes_font(self.font()))
        metrics = QFontMetricsF(note)
        names = min(
            max(metrics.horizontalAdvance(row.name) for row in self._rows),
            self.width() * MOST_NAME_SHARE,
        )
        texts = max(QFontMetricsF(figures).horizontalAdvance(row.text) for row in self._rows)
        left, right = names + 16, self.width() - texts - 20

        def place(weight: float) -> float:
            return left + (right - left) * weight

        bottom = ROW * len(self._rows)
        painter.setFont(figures)
        for tick in (0.0, 0.5, 1.0):
            painter.setPen(QPen(QColor(tokens.line), 1))
            painter.drawLine(QPointF(place(tick), 2), QPointF(place(tick), bottom))
            painter.setPen(QColor(tokens.muted))
            painter.drawText(
                QRectF(place(tick) - 30, bottom, 60, FOOT),
                Qt.AlignmentFlag.AlignCenter,
                f"{tick:.0%}",
            )
        for number, row in enumerate(self._rows):
            top, middle = ROW * number, ROW * (number + 0.5)
            painter.setFont(note)
            painter.setPen(QColor(tokens.text))
            painter.drawText(
                QRectF(0, top, names, ROW),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                metrics.elidedText(row.name, Qt.TextElideMode.ElideRight, names),
            )
            painter.setPen(QPen(QColor(self._theme.colour(row.framework)), 2))
            painter.drawLine(QPointF(place(row.today), middle), QPointF(place(row.then), middle))
            painter.setPen(QPen(QColor(tokens.text), 2))
            today = place(row.today)
            painter.drawLine(QPointF(today, middle - 8), QPointF(today, middle + 8))
            draw_mark(painter, self._theme, row.framework, QPointF(place(row.then), middle), 6)
            painter.setFont(figures)
            painter.setPen(QColor(tokens.muted))
            painter.drawText(
                QRectF(right + 8, top, texts + 8, ROW), Qt.AlignmentFlag.AlignVCenter, row.text
            )
        painter.end()
