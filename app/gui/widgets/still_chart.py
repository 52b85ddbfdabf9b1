"""Still charts that are drawn when they are first looked at, each with its figures as a table.

Knows no matplotlib: it is given pixels. Drawing takes 50 to 200 ms a chart and happens elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.gui.widgets.basic import Muted, Text, clear
from app.gui.widgets.disclosure import Disclosure
from app.gui.widgets.table import Cell, Column, Table
from app.theme import Theme

if TYPE_CHECKING:
    # The page comes up without what writes reports.
    from app.report.document import Chart

Draw = Callable[["Chart", Theme, float], bytes | None]
"""Off the GUI thread: a chart as a PNG in a theme, at so many pixels for each of the screen's."""
TABLE_ROWS = 8


class StillChart(QWidget):
    """A picture that is never larger than it was drawn, and shrinks with its page."""

    def __init__(self, alt: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = QPixmap()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(alt)

    def set_picture(self, png: bytes, ratio: float) -> None:
        self._picture = QPixmap()
        self._picture.loadFromData(png, "PNG")
        self._picture.setDevicePixelRatio(ratio)
        self.updateGeometry()
        self.update()

    def is_drawn(self) -> bool:
        return not self._picture.isNull()

    def sizeHint(self) -> QSize:
        return self._picture.deviceIndependentSize().toSize()

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        size = self._picture.deviceIndependentSize()
        if size.isEmpty():
            return 0
        return round(min(1.0, width / size.width()) * size.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.is_drawn():
            return
        whole = self._picture.deviceIndependentSize().toSize()
        shown = whole.scaled(
            QSize(min(self.width(), whole.width()), self.height()),
            Qt.AspectRatioMode.KeepAspectRatio,
        )
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(0, 0, shown.width(), shown.height(), self._picture)
        painter.end()


@dataclass(frozen=True)
class Drawn:
    """What came of a request: pictures in the order of the charts, or none where it must wait."""

    charts: tuple[Chart, ...]
    theme: Theme
    ratio: float
    pictures: tuple[bytes | None, ...] | None


class ChartFold(Disclosure):
    """Charts behind a button, each with its caption and table. Signals: `wanted()`."""

    wanted = Signal()

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._charts: tuple[Chart, ...] = ()
        self._pictures: list[StillChart] = []
        self._theme: Theme | None = None
        self.note = Muted()
        self.body.addWidget(self.note)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        self.body.addLayout(self._rows)
        self.toggled.connect(lambda _: self.ask())

    def set_charts(self, charts: Sequence[Chart]) -> None:
        """Take other charts; nothing is drawn before it is looked at."""
        if tuple(charts) != self._charts:
            self._charts = tuple(charts)
            self._theme = None
            clear(self._rows)
            self._pictures = []
        self.setVisible(bool(charts))
        self.ask()

    def forget(self) -> None:
        """What was drawn is in other colours than the window now is."""
        self._theme = None
        self.ask()

    def ask(self) -> None:
        if self.button.isChecked() and self._charts and self._theme is None:
            self.note.setText(self.tr("Being drawn..."))
            self.note.show()
            self.wanted.emit()

    def job(self, draw: Draw, theme: Theme, may_draw: Callable[[], bool]) -> Callable[[], Drawn]:
        """What to do off the GUI thread; `may_draw` is asked there, before each chart."""
        charts, ratio = self._charts, self.devicePixelRatioF()

        def drawn() -> Drawn:
            pictures = []
            for chart in charts:
                if not may_draw():
                    return Drawn(charts, theme, ratio, None)
                pictures.append(draw(chart, theme, ratio))
            return Drawn(charts, theme, ratio, tuple(pictures))

        return drawn

    def show_drawn(self, drawn: Drawn) -> None:
        if drawn.charts != self._charts:
            return  # others have been asked for since
        if drawn.pictures is None:
            self.wait()
            return
        self._theme = drawn.theme
        self.note.hide()
        if not self._pictures:
            self._build()
        for picture, png in zip(self._pictures, drawn.pictures, strict=True):
            picture.setVisible(png is not None)
            if png is not None:
                picture.set_picture(png, drawn.ratio)

    def wait(self) -> None:
        """While a round runs nothing is drawn: it would take time from what is measured."""
        self.note.setText(self.tr("Drawn when the measuring is over; nothing may disturb it."))
        self.note.show()

    def _build(self) -> None:
        for chart in self._charts:
            if len(self._charts) > 1:
                self._rows.addWidget(Text(chart.caption, "strong"))
            picture = StillChart(chart.alt)
            self._pictures.append(picture)
            self._rows.addWidget(picture)
            columns = [Column(one.title, one.numeric) for one in chart.table.columns]
            table = Table(chart.table.caption, columns)
            table.set_rows([[Cell(cell.text) for cell in row] for row in chart.table.rows])
            # Its cells are words with units: there is nothing in them to sort by.
            table.setSortingEnabled(False)
            table.fit_height(TABLE_ROWS)
            self._rows.addWidget(table)
