"""Layouts that follow the width they get: a grid of equal columns and a flow of small things."""

from itertools import pairwise

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLayout, QLayoutItem, QScrollArea, QVBoxLayout, QWidget


class _WidthFirst(QLayout):
    """What both have in common: a list of items and a height that follows from the width."""

    def __init__(self, parent: QWidget | None = None, spacing: int = 12) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._places: dict[int, list[QRect]] = {}
        self._smallest: QSize | None = None
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)

    def arrange(self, width: int) -> list[QRect]:
        """Where each visible item goes in this width, from 0, 0."""
        raise NotImplementedError

    def invalidate(self) -> None:
        # Whatever was worked out holds until something inside changes: layouts around this one
        # ask many times for the same width.
        self._places.clear()
        self._smallest = None
        super().invalidate()

    def _arranged(self, width: int) -> list[QRect]:
        places = self._places.get(width)
        if places is None:
            places = self._places[width] = self.arrange(width)
        return places

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return max((place.bottom() + 1 for place in self._arranged(width)), default=0)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        for item, place in zip(self._shown(), self._arranged(rect.width()), strict=True):
            item.setGeometry(place.translated(rect.topLeft()))

    def sizeHint(self) -> QSize:
        smallest = self.minimumSize()
        width = max(smallest.width(), self.geometry().width())
        return QSize(width, self.heightForWidth(width))

    def minimumSize(self) -> QSize:
        # Only a lower bound: the height that is needed follows from the width.
        if self._smallest is None:
            sizes = [item.minimumSize() for item in self._shown()]
            self._smallest = QSize(
                max((size.width() for size in sizes), default=0),
                max((size.height() for size in sizes), default=0),
            )
        return QSize(self._smallest)


class ColumnGrid(_WidthFirst):
    """Equal columns, as many as fit with at least `column_width` each; rows as high as needed."""

    def __init__(
        self,
        parent: QWidget | None = None,
        column_width: int = 280,
        spacing: int = 12,
        most_columns: int = 4,
        fill: bool = False,
    ) -> None:
        """With `fill`, fewer things than columns share the whole width."""
        super().__init__(parent, spacing)
        self._fill = fill
        self._column_width = column_width
        self._most_columns = most_columns

    def arrange(self, width: int) -> list[QRect]:
        gap = self.spacing()
        columns = max(1, min(self._most_columns, (width + gap) // (self._column_width + gap)))
        items = self._shown()
        if self._fill:
            columns = max(1, min(columns, len(items)))
        # Rounded edges instead of equal widths: the last column ends where the grid does.
        lefts = [(width + gap) * column // columns for column in range(columns + 1)]
        places: list[QRect] = []
        top = 0
        for start in range(0, len(items), columns):
            row = items[start : start + columns]
            spans = [(left, right - gap - left) for left, right in pairwise(lefts)]
            height = max(_height(item, each) for item, (_, each) in zip(row, spans, strict=False))
            places += [QRect(left, top, each, height) for left, each in spans[: len(row)]]
            top += height + gap
        return places


class Flow(_WidthFirst):
    """Things in reading order, wrapped to the next line where the width ends."""

    def __init__(
        self, parent: QWidget | None = None, spacing: int = 8, row_spacing: int | None = None
    ) -> None:
        super().__init__(parent, spacing)
        self._row_spacing = spacing if row_spacing is None else row_spacing

    def arrange(self, width: int) -> list[QRect]:
        gap = self.spacing()
        places: list[QRect] = []
        left = top = height = 0
        for item in self._shown():
            size = item.sizeHint()
            wide = min(size.width(), width)
            if left and left + wide > width:
                left, top, height = 0, top + height + self._row_spacing, 0
            places.append(QRect(left, top, wide, size.height()))
            left += wide + gap
            height = max(height, size.height())
        return places


def _height(item: QLayoutItem, width: int) -> int:
    height = item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
    return max(height, item.minimumSize().height() if not item.hasHeightForWidth() else 0)


class ScrollColumn(QScrollArea):
    """A page's body: scrolls up and down, never sideways, centred and no wider than is readable.

    Fill `body`. Signals: `centred(int)`, the room that is left at either side.
    """

    centred = Signal(int)

    def __init__(self, widest: int = 1120, margin: int = 28, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The bar alone would take the keyboard's focus to a thing that nobody sees.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._widest = widest
        self._side = margin
        self._ends = (margin, margin)
        outer = QWidget()
        outer.setProperty("role", "scroll")
        self.setWidget(outer)
        self.body = QVBoxLayout(outer)
        self.body.setSpacing(16)
        self._centre(self.width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._centre(event.size().width())

    def set_margins(self, top: int, bottom: int) -> None:
        self._ends = (top, bottom)
        self._centre(self.width())

    def _centre(self, width: int) -> None:
        side = max(self._side, (width - self._widest) // 2)
        top, bottom = self._ends
        self.body.setContentsMargins(side, top, side, bottom)
        self.centred.emit(side)
