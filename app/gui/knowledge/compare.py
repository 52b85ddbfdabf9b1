"""Frameworks side by side: what each is like, can do and is known for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.gui.knowledge.words import badge_words, breakable_words, by_state, statement
from app.gui.state import State
from app.gui.widgets.basic import Button, Line, Note, Text
from app.gui.widgets.evidence import EvidenceBadge
from app.gui.widgets.layouts import Flow, ScrollColumn
from app.gui.widgets.marks import Mark

if TYPE_CHECKING:
    from rules.model import Knowledge
    from rules.views import Cell, Row

MOST = 4
AT_FIRST = 3
TITLES = 120
COLUMN = 110


def _even(label: Text) -> Text:
    """A label that takes the column's width instead of asking for one of its own."""
    policy = label.sizePolicy()
    policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
    label.setSizePolicy(policy)
    label.setMinimumWidth(label.widest_word())
    return label


class ComparePanel(QWidget):
    """Choose up to four; every cell opens where it comes from."""

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._knowledge: Knowledge | None = None
        self.buttons: dict[str, Button] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        chooser = QWidget()
        self._chooser = Flow(chooser)
        column.addWidget(chooser)
        self._hint = Note(self.tr("Choose up to four frameworks."))
        column.addWidget(self._hint)
        self._scroll = ScrollColumn(widest=1400, margin=0)
        # A table may be wider than a small window: four frameworks, or a language of long words.
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        column.addWidget(self._scroll, 1)
        self._table: QWidget | None = None
        state.theme_changed.connect(self._on_theme_changed)

    def fill(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        chosen = self._first(knowledge)
        for framework in by_state(knowledge):
            button = Button(framework.name)
            button.setCheckable(True)
            button.setChecked(framework.id in chosen)
            button.clicked.connect(self._on_chosen)
            self._chooser.addWidget(button)
            self.buttons[framework.id] = button
        self._show()

    def chosen(self) -> list[str]:
        return [name for name, button in self.buttons.items() if button.isChecked()]

    def _first(self, knowledge: Knowledge) -> list[str]:
        """The leaders of the advice that there is, else the most widely comparable."""
        decided = self._state.recommendation
        if decided is not None and decided.ranking:
            return [one.framework for one in decided.ranking[:AT_FIRST]]
        named = [name for row in knowledge.star_rows for name in row.said]
        return list(dict.fromkeys(named))[:AT_FIRST]

    def _on_chosen(self) -> None:
        self._show()

    def _show(self) -> None:
        from rules.views import comparison

        chosen = self.chosen()
        for button in self.buttons.values():
            button.setEnabled(button.isChecked() or len(chosen) < MOST)
        if self._table is not None:
            self._table.hide()
            self._table.deleteLater()
            self._table = None
        self._hint.setText(
            self.tr("Choose up to four frameworks.")
            if chosen
            else self.tr("Nothing is chosen. Choose up to four frameworks to compare them.")
        )
        if self._knowledge is None or not chosen:
            return
        self._table = self._grid(comparison(self._knowledge, chosen), chosen)
        self._scroll.body.insertWidget(0, self._table)
        if self._scroll.body.count() == 1:
            self._scroll.body.addStretch(1)

    def _grid(self, rows: tuple[Row, ...], chosen: list[str]) -> QWidget:
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        for number, name in enumerate(chosen, start=1):
            grid.setColumnStretch(number, 1)
            grid.setColumnMinimumWidth(number, COLUMN)
            grid.addLayout(self._head(name), 0, number)
        place, widest = 1, TITLES
        for row in rows:
            grid.addWidget(Line(), place, 0, 1, len(chosen) + 1)
            title = _even(Text(row.title, "strong"))
            grid.addWidget(title, place + 1, 0, Qt.AlignmentFlag.AlignTop)
            for number, cell in enumerate(row.cells, start=1):
                grid.addLayout(self._cell(cell, row.title), place + 1, number)
            place += 2
            widest = max(widest, title.minimumWidth())
        grid.setColumnMinimumWidth(0, widest)
        return table

    def _head(self, name: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Mark(self._state.theme, name))
        row.addWidget(_even(Text(self.buttons[name].text(), "heading")), 1)
        return row

    def _cell(self, cell: Cell, title: str) -> QVBoxLayout:
        lines = QVBoxLayout()
        lines.setSpacing(4)
        if cell.grade is None:
            lines.addWidget(Note(self.tr("Not recorded")))
        else:
            lines.addWidget(_even(Text(breakable_words(cell.text))))
            claim = f"{self.buttons[cell.framework].text()}: {title}"
            told = statement(cell.text, cell.grade, cell.source, cell.as_of)
            lines.addWidget(EvidenceBadge(badge_words(cell.grade, cell.as_of), claim, (told,)))
        lines.addStretch(1)
        return lines

    def _on_theme_changed(self) -> None:
        for mark in self.findChildren(Mark):
            mark.set_theme(self._state.theme)
