"""Needs against frameworks in stars, ours beside those that an article gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QGridLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.gui.knowledge.words import grade_words, statement_of
from app.gui.recommendation.words import grade_sentence
from app.gui.state import State
from app.gui.style import token
from app.gui.widgets.basic import Line, Muted, Note, Text
from app.gui.widgets.evidence import EvidencePopup, Statement, show_below
from app.gui.widgets.layouts import ScrollColumn
from app.gui.widgets.marks import Mark, marker_path, notes_font

if TYPE_CHECKING:
    from rules.model import Answers, Knowledge
    from rules.views import StarCell, StarTable

STARS = 5
STEP = 12
RADIUS = 6


class StarButton(QAbstractButton):
    """Five stars, filled by half ones; below them what the article gave. Opens what stands behind.

    Where the doubt is wide the stars are hollow and a question mark stands beside them.
    """

    def __init__(
        self,
        title: str,
        cell: StarCell,
        statements: tuple[Statement, ...],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._title = title
        self._cell = cell
        self._statements = statements
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self._words())
        self.setToolTip(self._words())
        self.clicked.connect(self._on_clicked)

    def _words(self) -> str:
        cell = self._cell
        if cell.stars is None:
            ours = self.tr("{title}: not measured here").format(title=self._title)
        elif cell.is_wide:
            ours = self.tr("{title}: {stars} of 5 stars, with wide doubt").format(
                title=self._title, stars=f"{cell.stars:g}"
            )
        else:
            ours = self.tr("{title}: {stars} of 5 stars").format(
                title=self._title, stars=f"{cell.stars:g}"
            )
        if cell.said is None:
            return ours
        return self.tr("{ours}; the article gave {said}").format(ours=ours, said=cell.said)

    def _below(self) -> str:
        if self._cell.said is None:
            return ""
        return self.tr("then {stars}").format(stars=self._cell.said)

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(notes_font(self.font()))
        wide = metrics.horizontalAdvance(self._below())
        return QSize(round(max(STARS * STEP + 10, wide)) + 6, 48)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.hasFocus() or self.underMouse():
            line = "accent" if self.hasFocus() else "line"
            painter.setPen(QPen(token(palette, line), 2 if self.hasFocus() else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 6, 6)
        upper = QRectF(box.left() + 4, box.top() + 4, box.width() - 8, 18)
        if self._cell.stars is None:
            painter.setFont(notes_font(self.font()))
            painter.setPen(token(palette, "muted"))
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(upper, left, "\u2013")
        else:
            self._paint_stars(painter, upper)
        painter.setFont(notes_font(self.font()))
        painter.setPen(token(palette, "muted"))
        lower = QRectF(upper.left(), upper.bottom() + 2, upper.width(), 18)
        painter.drawText(
            lower, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._below()
        )
        painter.end()

    def _paint_stars(self, painter: QPainter, place: QRectF) -> None:
        palette = self.palette()
        stars = self._cell.stars or 0.0
        full = token(palette, "muted" if self._cell.is_wide else "accent")
        for number in range(STARS):
            centre = QPointF(place.left() + RADIUS + number * STEP, place.center().y())
            path = marker_path("*", centre, RADIUS)
            painter.setPen(QPen(token(palette, "strong_line"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(path)
            part = min(1.0, max(0.0, stars - number))
            if not part:
                continue
            painter.save()
            painter.setClipRect(
                QRectF(centre.x() - RADIUS, place.top(), 2 * RADIUS * part, place.height())
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(full)
            painter.drawPath(path)
            painter.restore()
        if self._cell.is_wide:
            painter.setPen(token(palette, "muted"))
            at = QRectF(place.left() + STARS * STEP + 1, place.top(), 10, place.height())
            painter.drawText(at, Qt.AlignmentFlag.AlignCenter, "?")

    def _on_clicked(self) -> None:
        show_below(EvidencePopup(self._title, self._statements, self), self)


class StarsPanel(QWidget):
    """The six needs of an article's matrix, for an ordinary team or for the answers given."""

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._knowledge: Knowledge | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(
            Muted(
                self.tr(
                    'Stars from the levels behind the ranking; "then" is what an article of 2024 '
                    "gave. Choose a cell to see what stands behind it. A question mark says that "
                    "the doubt is too wide for stars, a dash that only a measurement tells."
                )
            )
        )
        self.mine = QCheckBox(self.tr("For my answers instead of an ordinary team's"))
        self.mine.toggled.connect(self._ask)
        column.addWidget(self.mine)
        self._scroll = ScrollColumn(widest=1400, margin=0)
        # With every framework that is left it may not fit the narrowest window.
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        column.addWidget(self._scroll, 1)
        self._table: QWidget | None = None
        self._out = Note("")
        self._scroll.body.addWidget(self._out)
        self._scroll.body.addStretch(1)
        state.answers_changed.connect(self._on_answers_changed)
        state.theme_changed.connect(self._on_theme_changed)

    def fill(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._on_answers_changed()
        self._ask()

    def _on_answers_changed(self) -> None:
        if self._knowledge is None:
            return
        has_answers = bool(self._state.answers.answers)
        self.mine.setEnabled(has_answers)
        if not has_answers:
            self.mine.setChecked(False)
        elif self.mine.isChecked():
            self._ask()

    def _ask(self) -> None:
        knowledge = self._knowledge
        if knowledge is None:
            return
        today = self._state.today
        answers: Answers | None = self._state.answers if self.mine.isChecked() else None

        def decide() -> StarTable:
            from rules.views import matrix

            return matrix(knowledge, today, answers)

        self._state.in_background("stars", decide, lambda table: self._show(knowledge, table))

    def _show(self, knowledge: Knowledge, table: StarTable) -> None:
        from rules.views import framework_names

        names = framework_names(knowledge)
        if self._table is not None:
            self._table.hide()
            self._table.deleteLater()
        self._table = self._grid(knowledge, table, names)
        self._scroll.body.insertWidget(0, self._table)
        out = ", ".join(names[one] for one in table.ruled_out)
        self._out.setText(self.tr("Ruled out: {names}").format(names=out) if out else "")

    def _grid(self, knowledge: Knowledge, table: StarTable, names: dict[str, str]) -> QWidget:
        widget = QWidget()
        grid = QGridLayout(widget)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for number, name in enumerate(table.frameworks, start=1):
            grid.setColumnStretch(number, 1)
            head = QVBoxLayout()
            head.setSpacing(2)
            head.addWidget(Mark(self._state.theme, name), 0, Qt.AlignmentFlag.AlignLeft)
            label = Note(names[name])
            label.setWordWrap(False)
            head.addWidget(label)
            head.setContentsMargins(5, 0, 0, 0)
            grid.addLayout(head, 0, number)
        for place, row in enumerate(table.rows):
            grid.addWidget(Line(), 2 * place + 1, 0, 1, len(table.frameworks) + 1)
            title = Text(row.title, "strong")
            title.setMinimumWidth(max(96, title.widest_word()))
            grid.addWidget(title, 2 * place + 2, 0)
            for number, cell in enumerate(row.cells, start=1):
                button = StarButton(
                    f"{names[cell.framework]}: {row.title}", cell, _behind(knowledge, cell)
                )
                grid.addWidget(button, 2 * place + 2, number)
        return widget

    def _on_theme_changed(self) -> None:
        for mark in self.findChildren(Mark):
            mark.set_theme(self._state.theme)


def _behind(knowledge: Knowledge, cell: StarCell) -> tuple[Statement, ...]:
    """The levels' sentences, then each fact with its source."""
    from rules.views import sourced

    told = sourced(knowledge)
    facts = tuple(statement_of(told[name]) for name in cell.facts if name in told)
    if facts:
        return facts
    return (Statement(cell.text, grade_sentence(cell.grade), grade_words(cell.grade), ""),)
