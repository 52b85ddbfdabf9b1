"""Where scores come from: small bars per group side by side, and differences around a middle line.

Painted, and fed with plain rows; the same figures stand in a table beside them.
"""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.gui.widgets.marks import draw_mark, figures_font, notes_font
from app.theme import Theme

ROW = 28
HEADER = 44


@dataclass(frozen=True)
class GroupColumn:
    name: str
    weight: float
    """Its share of all weight, and so the most that it can add."""


@dataclass(frozen=True)
class GroupRow:
    framework: str
    name: str
    points: tuple[float, ...]
    """By column."""


class GroupBars(QWidget):
    """Frameworks down, groups across, one zero-based bar in each cell, one scale for all.

    The pale part of a bar is what the group could add at most, so that weight is seen too.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._columns: tuple[GroupColumn, ...] = ()
        self._rows: tuple[GroupRow, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("What each group of criteria adds to each score"))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def set_rows(self, columns: tuple[GroupColumn, ...], rows: tuple[GroupRow, ...]) -> None:
        self._columns, self._rows = columns, rows
        self.setAccessibleDescription(
            "; ".join(
                row.name
                + ": "
                + ", ".join(
                    f"{column.name} {points:.2f}"
                    for column, points in zip(columns, row.points, strict=True)
                )
                for row in rows
            )
        )
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(560, HEADER + ROW * len(self._rows) + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._columns or not self._rows:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self._theme.tokens
        body = QFontMetricsF(self.font())
        names = max(body.horizontalAdvance(row.name) for row in self._rows)
        left = 22 + names + 16
        gap = 14.0
        width = (self.width() - left - gap * (len(self._columns) - 1)) / len(self._columns)
        most = max(column.weight for column in self._columns) or 1.0
        painter.setFont(notes_font(self.font()))
        small = QFontMetricsF(notes_font(self.font()))
        for number, column in enumerate(self._columns):
            x = left + number * (width + gap)
            painter.setPen(QColor(tokens.text))
            painter.drawText(
                QRectF(x, 0, width + gap - 4, 18),
                Qt.AlignmentFlag.AlignLeft,
                small.elidedText(column.name, Qt.TextElideMode.ElideRight, width + gap - 4),
            )
            painter.setPen(QColor(tokens.muted))
            painter.drawText(
                QRectF(x, 18, width, 18), Qt.AlignmentFlag.AlignLeft, f"{column.weight:.0%}"
            )
        for index, row in enumerate(self._rows):
            top = HEADER + index * ROW
            draw_mark(painter, self._theme, row.framework, QPointF(8, top + ROW / 2), 6)
            painter.setFont(self.font())
            painter.setPen(QColor(tokens.text))
            painter.drawText(
                QRectF(22, top, names + 4, ROW), Qt.AlignmentFlag.AlignVCenter, row.name
            )
            painter.setPen(Qt.PenStyle.NoPen)
            for number, (column, points) in enumerate(zip(self._columns, row.points, strict=True)):
                x = left + number * (width + gap)
                middle = top + ROW / 2
                painter.setBrush(QColor(tokens.track))
                painter.drawRect(QRectF(x, middle - 5, width * column.weight / most, 10))
                painter.setBrush(QColor(self._theme.colour(row.framework)))
                painter.drawRect(QRectF(x, middle - 5, width * points / most, 10))
        painter.end()


@dataclass(frozen=True)
class Difference:
    name: str
    points: float
    """Above 0: the first is ahead."""
    tooltip: str = ""


class DifferenceBars(QWidget):
    """One bar per criterion to the side of whoever is ahead there; the sum is the gap."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._first = self._second = ("", "")
        self._rows: tuple[Difference, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def set_rows(
        self, first: tuple[str, str], second: tuple[str, str], rows: tuple[Difference, ...]
    ) -> None:
        """`first` and `second` are id and name of the two that are compared."""
        self._first, self._second, self._rows = first, second, rows
        self.setAccessibleName(
            self.tr("{first} against {second}, criterion by criterion").format(
                first=first[1], second=second[1]
            )
        )
        self.setAccessibleDescription("; ".join(f"{row.name} {row.points:+.3f}" for row in rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(560, 30 + 26 * len(self._rows))

    def minimumSizeHint(self) -> QSize:
        return QSize(320, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._rows:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self._theme.tokens
        note = notes_font(self.font())
        names = max(QFontMetricsF(self.font()).horizontalAdvance(row.name) for row in self._rows)
        names = min(names, self.width() * 0.4)
        figures = QFontMetricsF(figures_font(note)).horizontalAdvance("+0.000") + 8
        left, right = names + 16 + figures, self.width() - figures
        middle = (left + right) / 2
        half = (right - left) / 2 - 4
        most = max(max(abs(row.points) for row in self._rows), 1e-9)
        painter.setFont(note)
        for (framework, name), align, x in (
            (self._second, Qt.AlignmentFlag.AlignRight, left - figures),
            (self._first, Qt.AlignmentFlag.AlignLeft, middle),
        ):
            painter.setPen(QColor(tokens.muted))
            if align == Qt.AlignmentFlag.AlignRight:
                box = QRectF(x, 0, middle - x - 26, 22)
                mark = middle - 14
            else:
                box = QRectF(x + 26, 0, self.width() - x - 26, 22)
                mark = middle + 14
            metrics = QFontMetricsF(note)
            text = self.tr("{name} ahead").format(name=name)
            painter.drawText(
                box,
                align | Qt.AlignmentFlag.AlignVCenter,
                metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width()),
            )
            draw_mark(painter, self._theme, framework, QPointF(mark, 11), 5)
        painter.setPen(QPen(QColor(tokens.strong_line), 1))
        painter.drawLine(QPointF(middle, 26), QPointF(middle, self.height() - 2))
        body = QFontMetricsF(self.font())
        for index, row in enumerate(self._rows):
            top = 28 + index * 26
            painter.setFont(self.font())
            painter.setPen(QColor(tokens.text))
            painter.drawText(
                QRectF(0, top, names + 8, 26),
                Qt.AlignmentFlag.AlignVCenter,
                body.elidedText(row.name, Qt.TextElideMode.ElideRight, names + 8),
            )
            length = half * abs(row.points) / most
            ahead = self._first[0] if row.points > 0 else self._second[0]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.colour(ahead)))
            start = middle if row.points > 0 else middle - length
            painter.drawRect(QRectF(start, top + 8, length, 10))
            painter.setFont(figures_font(note))
            painter.setPen(QColor(tokens.muted))
            if row.points > 0:
                box = QRectF(start + length + 4, top, figures, 26)
                align = Qt.AlignmentFlag.AlignLeft
            else:
                box = QRectF(start - figures - 4, top, figures, 26)
                align = Qt.AlignmentFlag.AlignRight
            painter.drawText(box, align | Qt.AlignmentFlag.AlignVCenter, f"{abs(row.points):.3f}")
        painter.end()
