"""What came out, ended or changed when: lives drawn as lines, and every event in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.gui.knowledge.cards import FactCard
from app.gui.knowledge.split import Split, hide_last
from app.gui.knowledge.words import Entry, by_state, lifecycle_words
from app.gui.state import State
from app.gui.style import token
from app.gui.widgets.layouts import ScrollColumn
from app.gui.widgets.marks import draw_mark, notes_font
from app.gui.widgets.table import Cell, Column, Table
from app.theme import Theme

if TYPE_CHECKING:
    from rules.model import Knowledge
    from rules.views import Event

ANY = ""
ROW = 22
TABLE = 340
ENDED = ("stalled", "retired")


class Life(NamedTuple):
    framework: str
    name: str
    state: str
    """The lifecycle in words."""
    begin: float
    """Years, with months as fractions."""
    end: float | None
    """None for those that go on."""


class LifeLines(QWidget):
    """A line for each framework from its first release to its last, or to today."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lives: tuple[Life, ...] = ()
        self._today = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_lives(self, lives: tuple[Life, ...], today: float) -> None:
        self._lives = lives
        self._today = today
        self.setAccessibleName(
            "; ".join(
                self.tr("{name} from {begin}, {state}").format(
                    name=one.name, begin=int(one.begin), state=one.state
                )
                for one in lives
            )
        )
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(480, ROW * len(self._lives) + 26)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._lives:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = notes_font(self.font())
        painter.setFont(font)
        names = max(QFontMetricsF(font).horizontalAdvance(one.name) for one in self._lives) + 28
        first = int(min(one.begin for one in self._lives))
        room = QRectF(names, 0, self.width() - names - 70, ROW * len(self._lives))
        scale = room.width() / (self._today - first)
        self._paint_years(painter, room, first, scale)
        for number, life in enumerate(self._lives):
            self._paint_life(painter, life, number * ROW, room.left(), first, scale)
        painter.end()

    def _paint_years(self, painter: QPainter, room: QRectF, first: int, scale: float) -> None:
        palette = self.palette()
        step = 2 if scale >= 20 else 4
        for year in range(first + first % 2, int(self._today) + 1, step):
            x = room.left() + (year - first) * scale
            painter.setPen(QPen(token(palette, "line"), 1))
            painter.drawLine(QPointF(x, 0), QPointF(x, room.bottom()))
            painter.setPen(token(palette, "muted"))
            label = QRectF(x - 24, room.bottom() + 4, 48, 18)
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, str(year))

    def _paint_life(
        self, painter: QPainter, life: Life, top: float, left: float, first: int, scale: float
    ) -> None:
        palette = self.palette()
        middle = top + ROW / 2
        draw_mark(painter, self._theme, life.framework, QPointF(8, middle), 5)
        painter.setPen(token(palette, "text"))
        across = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(22, top, left - 24, ROW), across, life.name)
        begin = left + (life.begin - first) * scale
        end = left + ((life.end or self._today) - first) * scale
        # A life that goes on is a full line; one that has ended is thin and stops at a bar.
        colour = QColor(self._theme.colour(life.framework))
        painter.setPen(QPen(colour, 6 if life.end is None else 2, c=Qt.PenCapStyle.FlatCap))
        painter.drawLine(QPointF(begin, middle), QPointF(max(end, begin + 3), middle))
        if life.end is not None:
            painter.setPen(QPen(colour, 2))
            painter.drawLine(QPointF(end, middle - 6), QPointF(end, middle + 6))
            painter.setPen(token(palette, "muted"))
            painter.drawText(QRectF(end + 8, top, 70, ROW), across, life.state)


class TimelinePanel(QWidget):
    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._events: tuple[Event, ...] = ()
        self._names: dict[str, str] = {}
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scroll = ScrollColumn(widest=1600, margin=0)
        outer.addWidget(scroll)
        column = scroll.body
        column.setSpacing(12)
        self.lines = LifeLines(state.theme)
        column.addWidget(self.lines)
        filters = QHBoxLayout()
        filters.setSpacing(8)
        self.kind = self._filter(self.tr("What happened"), self.tr("Everything"))
        for kind in ("release", "end", "change"):
            self.kind.addItem(self._kind_words(kind), kind)
        self.framework = self._filter(self.tr("Framework"), self.tr("All frameworks"))
        filters.addWidget(self.kind)
        filters.addWidget(self.framework)
        filters.addStretch(1)
        column.addLayout(filters)
        self.table = Table(
            self.tr("Events"),
            [
                Column(self.tr("Date"), widest=84),
                Column(self.tr("Kind"), widest=128),
                Column(self.tr("About"), widest=170),
                Column(self.tr("What happened")),
                Column("number"),
            ],
        )
        hide_last(self.table, fill=3)
        self.table.selectionModel().currentRowChanged.connect(self._on_row_changed)
        self.detail = FactCard(state)
        split = Split(self.table, self.detail)
        split.setMinimumHeight(TABLE)
        column.addWidget(split, 1)
        state.theme_changed.connect(lambda: self.lines.set_theme(state.theme))

    def _filter(self, name: str, everything: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.addItem(everything, ANY)
        box.currentIndexChanged.connect(lambda _: self._show_rows())
        return box

    def fill(self, knowledge: Knowledge) -> None:
        from rules.views import framework_names, timeline

        self._names = framework_names(knowledge)
        self._events = timeline(knowledge)
        self.framework.blockSignals(True)
        for one in by_state(knowledge):
            self.framework.addItem(one.name, one.id)
        self.framework.blockSignals(False)
        today = self._state.today
        lives = [
            Life(
                one.id,
                one.name,
                lifecycle_words(one.lifecycle),
                years(one.first_release),
                _end(self._events, one.name) if one.lifecycle in ENDED else None,
            )
            for one in knowledge.frameworks
        ]
        self.lines.show_lives(
            tuple(sorted(lives, key=lambda one: one.begin)), today.year + today.month / 12
        )
        self._show_rows()

    def _kind_words(self, kind: str) -> str:
        return {
            "release": self.tr("First release"),
            "end": self.tr("Last release"),
            "change": self.tr("Change"),
        }[kind]

    def _show_rows(self) -> None:
        kind, framework = self.kind.currentData(), self.framework.currentData()
        rows = [
            (number, one)
            for number, one in enumerate(self._events)
            if kind in (ANY, one.kind) and (framework == ANY or framework in one.frameworks)
        ]
        self.table.set_rows(
            [
                (
                    Cell(one.date),
                    Cell(self._kind_words(one.kind)),
                    Cell(one.subject, tooltip=one.subject),
                    Cell(one.text, tooltip=one.text),
                    Cell(str(number)),
                )
                for number, one in rows
            ]
        )
        if rows:
            self.table.selectRow(0)
        else:
            self.detail.show_nothing()

    def _on_row_changed(self) -> None:
        number = self.table.currentIndex().siblingAtColumn(4).data()
        if number is None:
            return
        event = self._events[int(number)]
        said = self.tr("Old advice: {said}").format(said=event.said) if event.said else ""
        self.detail.show_entry(
            Entry(
                id=str(number),
                framework=event.frameworks[0] if event.frameworks else "",
                framework_name=event.subject,
                subject=event.date,
                worth=said,
                reason=event.text,
                grade=event.grade,
                source=event.source,
                as_of=event.as_of,
                when="",
                fix=None,
            )
        )


def years(month: str) -> float:
    """`2016` or `2016-07` as a number of years."""
    year, _, rest = month.partition("-")
    return int(year) + (int(rest) - 1) / 12 if rest else int(year)


def _end(events: tuple[Event, ...], name: str) -> float | None:
    """The framework's own last release, not that of something built on it."""
    ends = [one.date for one in events if one.kind == "end" and one.subject == name]
    return years(max(ends)) if ends else None
