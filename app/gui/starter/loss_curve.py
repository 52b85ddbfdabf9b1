"""The loss of a running project, point by point, read from the lines that it prints."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.gui.style import token
from app.gui.widgets.marks import notes_font

HEIGHT = 150
MOST_POINTS = 2000
_STEP = re.compile(r"^\s*(?:epoch|step)\s+(\d{1,9})\b", re.IGNORECASE)
_LOSS = re.compile(r"\b(validation loss|val_loss|loss)[ :=]+(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)")


class Point(NamedTuple):
    """One printed line."""

    step: int
    loss: float | None
    validation_loss: float | None


def point_of(line: str) -> Point | None:
    """What a line says of the loss; None for any other line."""
    step = _STEP.match(line)
    if step is None:
        return None
    values = {"loss": math.nan, "validation loss": math.nan}
    for name, value in _LOSS.findall(line):
        values["loss" if name == "loss" else "validation loss"] = float(value)
    loss, validation = (
        None if math.isnan(one) or math.isinf(one) else one for one in values.values()
    )
    if loss is None and validation is None:
        return None
    return Point(int(step[1]), loss, validation)


class LossCurve(QWidget):
    """Training and validation loss over epochs or steps; the axis begins at zero."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.points: list[Point] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._tell()

    def sizeHint(self) -> QSize:
        return QSize(360, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, HEIGHT)

    def clear(self) -> None:
        self.points.clear()
        self._tell()

    def add_line(self, line: str) -> bool:
        """Take a line that the project printed; True where it says something of the loss."""
        point = point_of(line)
        if point is None or len(self.points) >= MOST_POINTS:
            return False
        self.points.append(point)
        self._tell()
        return True

    def _tell(self) -> None:
        """The figures for who does not see the drawing."""
        training = [one.loss for one in self.points if one.loss is not None]
        if not training:
            self.setAccessibleName(self.tr("Loss: nothing is printed yet"))
        else:
            self.setAccessibleName(
                self.tr("Training loss, {count} values: first {first:.3g}, last {last:.3g}").format(
                    count=len(training), first=training[0], last=training[-1]
                )
            )
        self.setToolTip(self.accessibleName())
        self.update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(notes_font(self.font()))
        metrics = QFontMetricsF(painter.font())
        palette = self.palette()
        room = QRectF(self.rect()).adjusted(48, 8, -120, -22)
        lowest, highest = self._range()
        painter.setPen(QPen(token(palette, "line"), 1))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        painter.drawLine(room.bottomLeft(), room.topLeft())
        painter.setPen(token(palette, "muted"))
        for value, y in ((highest, room.top()), (lowest, room.bottom())):
            place = QRectF(0, y - 9, room.left() - 6, 18)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place, right, f"{value:.3g}")
        if self.points:
            first, last = str(self.points[0].step), str(self.points[-1].step)
            base = QRectF(room.left(), room.bottom() + 2, room.width(), 18)
            painter.drawText(base, Qt.AlignmentFlag.AlignLeft, first)
            if last != first:
                painter.drawText(base, Qt.AlignmentFlag.AlignRight, last)
        series = (
            ([(one.step, one.loss) for one in self.points], "accent", self.tr("training")),
            ([(one.step, one.validation_loss) for one in self.points], "warn",
             self.tr("validation")),
        )  # fmt: skip
        used: list[float] = []
        for values, colour, name in series:
            line = self._places([(x, y) for x, y in values if y is not None], room)
            if line:
                self._draw(painter, line, token(palette, colour), colour == "warn")
                y = line[-1].y()
                # Labels stand at the ends of their lines, one below the other where those meet.
                y = next((one + metrics.height() for one in used if abs(one - y) < 14), y)
                used.append(y)
                painter.setPen(token(palette, "text"))
                where = QRectF(room.right() + 10, y - 9, 110, 18)
                painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, name)
        painter.end()

    def _range(self) -> tuple[float, float]:
        values = [
            value
            for one in self.points
            for value in (one.loss, one.validation_loss)
            if value is not None
        ]
        lowest = min([0.0, *values])
        highest = max(values, default=1.0)
        return lowest, highest if highest > lowest else lowest + 1.0

    def _places(self, values: list[tuple[int, float]], room: QRectF) -> list[QPointF]:
        if not values:
            return []
        start, end = self.points[0].step, self.points[-1].step
        lowest, highest = self._range()
        wide, high = max(1, end - start), highest - lowest
        return [
            QPointF(
                room.left() + room.width() * (x - start) / wide,
                room.bottom() - room.height() * (y - lowest) / high,
            )
            for x, y in values
        ]

    def _draw(
        self, painter: QPainter, line: list[QPointF], colour: QColor, is_dashed: bool
    ) -> None:
        pen = QPen(colour, 2)
        if is_dashed:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(line))
        if len(line) <= 40:
            painter.setPen(QPen(colour, 1))
            painter.setBrush(colour)
            for point in line:
                painter.drawEllipse(point, 2.5, 2.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)
