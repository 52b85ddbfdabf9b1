"""A table with a card beside it, or below it where the width does not do for both."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHeaderView, QWidget

from app.gui.widgets.layouts import ScrollColumn
from app.gui.widgets.table import Table

WIDE = 860
BESIDE = 340
BELOW = 220


class Split(QWidget):
    """`main` takes what is left; `detail` scrolls by itself where it is longer than its room."""

    def __init__(self, main: QWidget, detail: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(16)
        self._row.addWidget(main, 1)
        self._scroll = ScrollColumn(margin=0)
        self._scroll.body.addWidget(detail)
        self._scroll.body.addStretch(1)
        self._row.addWidget(self._scroll)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = self.width() >= WIDE
        direction = QBoxLayout.Direction
        self._row.setDirection(direction.LeftToRight if is_wide else direction.TopToBottom)
        largest = 16_777_215
        self._scroll.setMinimumWidth(BESIDE if is_wide else 0)
        self._scroll.setMaximumSize(BESIDE if is_wide else largest, largest if is_wide else BELOW)


def hide_last(table: Table, fill: int) -> None:
    """Hide the last column, which holds what a row is known by; `fill` takes the width left."""
    header = table.horizontalHeader()
    table.setColumnHidden(header.count() - 1, True)
    header.setSectionResizeMode(fill, QHeaderView.ResizeMode.Stretch)
    header.setStretchLastSection(False)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
