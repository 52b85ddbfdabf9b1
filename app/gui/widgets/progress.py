"""How a round of measurements goes: a grid of what is waiting, running and done.

Modes down, workloads across; all of it stands from the start, so nothing jumps as results arrive.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.gui.widgets.basic import pixmap
from app.gui.widgets.marks import draw_mark, notes_font
from app.theme import Theme

ROW = 30
HEADER = 26
WAITING, RUNNING = "waiting", "running"

# Icon and token by status; waiting and running are painted.
_ICONS = {
    "valid": ("check", "good"),
    "unstable": ("warn", "warn"),
    "invalid": ("bad", "bad"),
    "failed": ("bad", "bad"),
    "timed_out": ("clock", "warn"),
    "skipped": ("minus", "muted"),
    "cancelled": ("stop", "muted"),
}


@dataclass(frozen=True)
class Item:
    framework: str
    mode: str
    mode_name: str
    workload: str
    workload_name: str


class ProgressGrid(QWidget):
    """Call `set_items` once, then `set_status` as things happen."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._modes: dict[str, Item] = {}
        self._workloads: dict[str, str] = {}
        self._status: dict[tuple[str, str], str] = {}
        self._words: dict[str, str] = {}
        self._notes: dict[tuple[str, str], str] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Progress by framework and workload"))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def set_words(self, words: dict[str, str]) -> None:
        """How each status is said."""
        self._words = words

    def set_items(self, items: Iterable[Item]) -> None:
        self._modes, self._workloads = {}, {}
        self._status, self._notes = {}, {}
        for item in items:
            self.add(item)
        self._describe()
        self.updateGeometry()
        self.update()

    def add(self, item: Item) -> None:
        """One more; only for what a plan did not name."""
        self._modes.setdefault(item.mode, item)
        self._workloads.setdefault(item.workload, item.workload_name)
        self._status.setdefault((item.mode, item.workload), WAITING)
        self.updateGeometry()

    def set_status(self, mode: str, workload: str, status: str, note: str = "") -> None:
        if (mode, workload) in self._status:
            self._status[mode, workload] = status
            self._notes[mode, workload] = note
            self._describe()
            self.update()

    def end(self, status: str, modes: Iterable[str] | None = None) -> None:
        """What still waits or runs, of these modes or of all, ends like this."""
        chosen = None if modes is None else set(modes)
        for key, now in self._status.items():
            if now in (WAITING, RUNNING) and (chosen is None or key[0] in chosen):
                self._status[key] = status
        self._describe()
        self.update()

    def status(self, mode: str, workload: str) -> str | None:
        return self._status.get((mode, workload))

    def is_empty(self) -> bool:
        return not self._status

    def _describe(self) -> None:
        self.setAccessibleDescription(
            "; ".join(
                f"{self._modes[mode].mode_name}, {self._workloads[workload]}: "
                f"{self._words.get(status, status)}"
                for (mode, workload), status in self._status.items()
            )
        )

    def sizeHint(self) -> QSize:
        return QSize(560, HEADER + ROW * len(self._modes) + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, self.sizeHint().height())

    def _name_width(self) -> float:
        metrics = QFontMetricsF(self.font())
        names = (metrics.horizontalAdvance(one.mode_name) for one in self._modes.values())
        return max(names, default=0.0) + 38

    def _cell(self, row: int, column: int) -> QRectF:
        left = self._name_width()
        width = (self.width() - left) / max(len(self._workloads), 1)
        return QRectF(left + column * width, HEADER + row * ROW, width, ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self._theme.tokens
        small = notes_font(self.font())
        painter.setFont(small)
        painter.setPen(QColor(tokens.muted))
        for column, name in enumerate(self._workloads.values()):
            box = self._cell(0, column)
            box.setRect(box.x(), 0, box.width() - 6, HEADER)
            painter.drawText(
                box,
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                QFontMetricsF(small).elidedText(name, Qt.TextElideMode.ElideRight, box.width()),
            )
        for row, (mode, item) in enumerate(self._modes.items()):
            top = HEADER + row * ROW
            painter.setPen(QPen(QColor(tokens.line), 1))
            painter.drawLine(QPointF(0, top), QPointF(self.width(), top))
            draw_mark(painter, self._theme, item.framework, QPointF(10, top + ROW / 2), 6)
            painter.setFont(self.font())
            painter.setPen(QColor(tokens.text))
            painter.drawText(
                QRectF(24, top, self._name_width(), ROW),
                Qt.AlignmentFlag.AlignVCenter,
                item.mode_name,
            )
            for column, workload in enumerate(self._workloads):
                status = self._status.get((mode, workload))
                if status is not None:
                    self._paint_status(painter, self._cell(row, column), status)
        painter.end()

    def _paint_status(self, painter: QPainter, cell: QRectF, status: str) -> None:
        tokens = self._theme.tokens
        centre = QPointF(cell.left() + 9, cell.center().y())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if status == WAITING:
            painter.setPen(QPen(QColor(tokens.strong_line), 1.5))
            painter.drawEllipse(centre, 5, 5)
        elif status == RUNNING:
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.setBrush(QColor(tokens.accent_soft))
            painter.drawEllipse(centre, 7, 7)
            painter.setBrush(QColor(tokens.accent))
            painter.drawEllipse(centre, 2.5, 2.5)
        else:
            name, colour = _ICONS.get(status, ("help", "muted"))
            picture = pixmap(name, getattr(tokens, colour), 18, self.devicePixelRatioF() or 1.0)
            painter.drawPixmap(QPointF(cell.left(), cell.center().y() - 9), picture)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._told(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def _told(self, at: QPointF) -> str:
        for row, (mode, item) in enumerate(self._modes.items()):
            for column, (workload, name) in enumerate(self._workloads.items()):
                status = self._status.get((mode, workload))
                if status is not None and self._cell(row, column).contains(at):
                    text = f"{item.mode_name}, {name}: {self._words.get(status, status)}"
                    note = self._notes.get((mode, workload))
                    return f"{text}\n{note}" if note else text
        return ""
