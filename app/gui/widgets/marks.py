"""Framework marks: the theme's marker shapes as painter paths, and a small widget that shows one.

The shapes are matplotlib's by letter, and ours by a word, so that a framework looks alike in
widgets and in charts.
"""

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import Theme


def _regular(corners: int, turn: float = 0.0, inner: float | None = None) -> QPolygonF:
    """A regular polygon in the unit circle, or a star when `inner` is its inner radius."""
    steps = corners * 2 if inner is not None else corners
    points = []
    for step in range(steps):
        radius = inner if inner is not None and step % 2 else 1.0
        angle = math.radians(turn - 90) + 2 * math.pi * step / steps
        points.append(QPointF(radius * math.cos(angle), radius * math.sin(angle)))
    return QPolygonF(points)


def _cross(turn: float) -> QPolygonF:
    arm = 0.36
    corners = [
        (-arm, -1), (arm, -1), (arm, -arm), (1, -arm), (1, arm), (arm, arm),
        (arm, 1), (-arm, 1), (-arm, arm), (-1, arm), (-1, -arm), (-arm, -arm),
    ]  # fmt: skip
    cosine, sine = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    return QPolygonF([QPointF(x * cosine - y * sine, x * sine + y * cosine) for x, y in corners])


def _half_disc() -> QPolygonF:
    angles = [math.pi * (step / 16 - 0.5) for step in range(17)]
    return QPolygonF([QPointF(math.cos(one) - 0.4, math.sin(one)) for one in angles])


_POLYGONS = {
    "s": _regular(4, 45),
    "^": _regular(3),
    "v": _regular(3, 180),
    "<": _regular(3, -90),
    ">": _regular(3, 90),
    "D": _regular(4),
    "d": QPolygonF([QPointF(0, -1), QPointF(0.6, 0), QPointF(0, 1), QPointF(-0.6, 0)]),
    "p": _regular(5),
    "h": _regular(6),
    "*": _regular(5, inner=0.45),
    "P": _cross(0),
    "X": _cross(45),
    "star": _regular(4, inner=0.4),
    "half": _half_disc(),
    "bar": QPolygonF([QPointF(-1, -0.4), QPointF(1, -0.4), QPointF(1, 0.4), QPointF(-1, 0.4)]),
}


def marker_path(letter: str, centre: QPointF, radius: float) -> QPainterPath:
    """The marker's outline; a letter that has no polygon here is a disc."""
    path = QPainterPath()
    polygon = _POLYGONS.get(letter)
    if polygon is None:
        path.addEllipse(centre, radius * 0.9, radius * 0.9)
    else:
        path.addPolygon(polygon)
        path.closeSubpath()
        scaled = QPainterPath()
        for index in range(path.elementCount()):
            element = path.elementAt(index)
            point = QPointF(centre.x() + element.x * radius, centre.y() + element.y * radius)
            scaled.moveTo(point) if index == 0 else scaled.lineTo(point)
        scaled.closeSubpath()
        path = scaled
    return path


def draw_mark(
    painter: QPainter, theme: Theme, framework: str, centre: QPointF, radius: float = 6
) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.colour(framework)))
    painter.drawPath(marker_path(theme.marker(framework), centre, radius))
    painter.restore()


def notes_font(font: QFont) -> QFont:
    """The size of notes beside body text."""
    smaller = QFont(font)
    if font.pixelSize() > 0:
        smaller.setPixelSize(max(11, round(font.pixelSize() * 12 / 14)))
    else:
        smaller.setPointSizeF(font.pointSizeF() * 12 / 14)
    return smaller


def figures_font(font: QFont) -> QFont:
    """With tabular figures, so that numbers under each other can be compared."""
    tabular = QFont(font)
    tabular.setFeature(QFont.Tag("tnum"), 1)
    return tabular


class Mark(QWidget):
    """One framework's marker, beside its name."""

    def __init__(self, theme: Theme, framework: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._framework = framework
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def set_framework(self, framework: str) -> None:
        self._framework = framework
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(16, 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_mark(painter, self._theme, self._framework, QRectF(self.rect()).center(), 6)
        painter.end()
