"""A table that can be sorted, filtered and copied: plain rows of cells in a real item view."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import (
    QAction,
    QColor,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QIcon,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.gui.widgets.basic import plain_tooltip
from app.gui.widgets.marks import figures_font

Index = QModelIndex | QPersistentModelIndex
WIDEST_COLUMN = 280
LEAST_COLUMN = 72
"""Of words, in a table that is too narrow for all of them."""
LEAST_LAST_COLUMN = 120
TITLE_PIXELS = 12
TITLE_ROOM = 32
"""Beside a title, as the style sheet has it: padding and the arrow."""
SORT_ROLE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True)
class Cell:
    """What is read, and, where that is a number, what it is sorted by."""

    text: str
    number: float | None = None
    colour: str | None = None
    tooltip: str = ""
    icon: QIcon | None = None


@dataclass(frozen=True)
class Column:
    title: str
    figures: bool = False
    """Numbers: tabular figures, aligned right."""
    optional: bool = False
    """Left out while no row has anything in it: it would push others out of sight."""
    widest: int = WIDEST_COLUMN
    """In pixels, where the last column is the one to be read."""


class TableModel(QAbstractTableModel):
    """Rows of cells; changed only as a whole."""

    def __init__(self, columns: Sequence[Column], parent: QWidget) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._rows: tuple[tuple[Cell, ...], ...] = ()
        self._figures = figures_font(parent.font())

    def set_rows(self, rows: Sequence[Sequence[Cell]]) -> None:
        self.beginResetModel()
        self._rows = tuple(tuple(row) for row in rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        cell = self._rows[index.row()][index.column()]
        column = self._columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell.text
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tooltip(cell.tooltip or cell.text)
            case Qt.ItemDataRole.ForegroundRole if cell.colour:
                return QColor(cell.colour)
            case Qt.ItemDataRole.DecorationRole:
                return cell.icon
            case Qt.ItemDataRole.FontRole if column.figures:
                return self._figures
            case Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if column.figures else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
            case _ if role == SORT_ROLE:
                # A cell without a number sorts behind all that have one.
                if column.figures:
                    return float("inf") if cell.number is None else cell.number
                return cell.text.casefold()
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        if orientation == Qt.Orientation.Vertical:
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.figures else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class Table(QTableView):
    """A read-only view of rows: a click on a header sorts, Ctrl+C copies the chosen rows."""

    def __init__(self, name: str, columns: Sequence[Column], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._columns = tuple(columns)
        self._model = TableModel(columns, self)
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(self._model)
        self._proxy.setSortRole(SORT_ROLE)
        self._proxy.setFilterKeyColumn(-1)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setModel(self._proxy)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        # As far from the cell's edge as the header's text is.
        self.setStyleSheet("QTableView::item { padding: 0px 5px; }")
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._wanted: list[int] = []
        self._is_shared, self._is_sharing = True, False
        header.sectionResized.connect(self._on_section_resized)
        self._copy = QAction(self.tr("Copy"), self)
        self._copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self._copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._copy.triggered.connect(self._on_copy)
        self.addAction(self._copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def set_rows(self, rows: Sequence[Sequence[Cell]]) -> None:
        self._model.set_rows(rows)
        for at, one in enumerate(self._columns):
            if one.optional:
                self.setColumnHidden(at, not any(row[at].text for row in rows))
        self._wanted = [
            # A long path must not push the column that says what is wrong out of sight.
            min(max(self.sizeHintForColumn(at) + 12, self._title_width(one)), one.widest)
            for at, one in enumerate(self._columns)
        ]
        self._share_width()
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def _title_width(self, column: Column) -> int:
        """With the arrow of a sorted column; the header's own hint takes two lines for one."""
        font = QFont(self.font())
        font.setPixelSize(TITLE_PIXELS)
        font.setWeight(QFont.Weight.DemiBold)
        lines = map(QFontMetrics(font).horizontalAdvance, column.title.split("\n"))
        return max(lines) + TITLE_ROOM

    def _on_section_resized(self) -> None:
        # From here on the person says how wide columns are; Qt stretches the last one by itself.
        if QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton and not self._is_sharing:
            self._is_shared = False

    def _share_width(self) -> None:
        """What a narrow table lacks in width the columns of words give, which their tooltips tell
        whole: figures are worth nothing cut off, and nobody likes to scroll sideways."""
        if not self._is_shared or not self._wanted:
            return
        *shown, last = [at for at in range(len(self._columns)) if not self.isColumnHidden(at)]
        # The last one takes what the others leave.
        room = self.viewport().width() - min(self._wanted[last], LEAST_LAST_COLUMN)
        lacking = sum(self._wanted[at] for at in shown) - room
        least = {
            at: min(self._wanted[at], LEAST_COLUMN) for at in shown if not self._columns[at].figures
        }
        spare = sum(self._wanted[at] - width for at, width in least.items())
        part = min(1.0, max(0, lacking) / spare) if spare else 0.0
        self._is_sharing = True
        for at in shown:
            given = part * (self._wanted[at] - least.get(at, self._wanted[at]))
            self.setColumnWidth(at, self._wanted[at] - math.ceil(given))
        taken = sum(self.columnWidth(at) for at in shown)
        self.setColumnWidth(last, max(self.viewport().width() - taken, LEAST_COLUMN))
        self._is_sharing = False

    def set_filter(self, text: str) -> None:
        self._proxy.setFilterFixedString(text)

    def fit_height(self, most_rows: int) -> None:
        """Tall enough for its rows, up to a number of them."""
        row = self.verticalHeader().defaultSectionSize()
        rows = min(max(self._proxy.rowCount(), 1), most_rows)
        frame = 2 * self.frameWidth() + self.horizontalScrollBar().sizeHint().height()
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows * row + frame)

    def shown(self) -> list[list[str]]:
        """The texts as they stand on the screen, after sorting and filtering."""
        return [
            [
                str(self._proxy.index(row, column).data())
                for column in range(self._proxy.columnCount())
            ]
            for row in range(self._proxy.rowCount())
        ]

    def chosen(self) -> list[int]:
        """The selected rows, as numbers of what `set_rows` was given."""
        rows = self.selectionModel().selectedRows()
        return sorted(self._proxy.mapToSource(index).row() for index in rows)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # The view's own Copy takes the current cell alone.
        if event.matches(QKeySequence.StandardKey.Copy):
            self._on_copy()
        else:
            super().keyPressEvent(event)

    def _on_copy(self) -> None:
        rows = sorted({index.row() for index in self.selectedIndexes()})
        texts = self.shown()
        QGuiApplication.clipboard().setText("\n".join("\t".join(texts[row]) for row in rows))
