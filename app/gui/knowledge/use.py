"""Shares that were printed without a source, beside signs of use that have one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.gui.knowledge.words import badge_words, statement
from app.gui.state import State
from app.gui.widgets.basic import Badge, Card, Muted, Note, Text
from app.gui.widgets.evidence import EvidenceBadge
from app.gui.widgets.layouts import ScrollColumn
from app.gui.widgets.marks import Mark, figures_font

if TYPE_CHECKING:
    from rules.model import Knowledge
    from rules.views import Evidence, SharesSaid


class UsePanel(QWidget):
    """No trustworthy share of a market exists; so the two kinds of figures stand apart."""

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._names: dict[str, str] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._scroll = ScrollColumn(widest=1120, margin=0)
        column.addWidget(self._scroll)
        state.theme_changed.connect(self._on_theme_changed)

    def fill(self, knowledge: Knowledge) -> None:
        from rules.views import lasting_names, trend

        self._names = lasting_names(knowledge)
        told = trend(knowledge)
        self._scroll.body.addWidget(self._said(told.said))
        for one in told.evidence:
            self._scroll.body.addWidget(self._evidence(one))
        self._scroll.body.addStretch(1)

    def _said(self, said: tuple[SharesSaid, ...]) -> Card:
        card = Card(self.tr("Shares of a market, as an article printed them"))
        card.header.addWidget(Badge(self.tr("no source"), "warn"), 0, Qt.AlignmentFlag.AlignTop)
        card.body.addWidget(
            Muted(
                self.tr(
                    "No method and no source were given, and nobody has counted shares since. "
                    "They are shown because many have read them; nothing here rests on them."
                )
            )
        )
        for one in said:
            shares = ", ".join(
                self.tr("{name} {share} %").format(name=self._names[name], share=f"{share:g}")
                for name, share in one.shares.items()
            )
            row = QHBoxLayout()
            row.setSpacing(16)
            row.addWidget(Text(one.year, "strong", wrap=False))
            row.addWidget(Text(shares), 1)
            card.body.addLayout(row)
        return card

    def _evidence(self, one: Evidence) -> Card:
        card = Card(one.name)
        told = statement(one.text, one.grade, one.source, one.as_of)
        badge = EvidenceBadge(badge_words(one.grade, one.as_of), one.name, (told,))
        card.header.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
        card.body.addWidget(Note(one.unit))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(3, 1)
        for place, (name, value) in enumerate(one.values.items()):
            grid.addWidget(Mark(self._state.theme, name), place, 0)
            grid.addWidget(Text(self._names[name], wrap=False), place, 1)
            figure = Text(f"{value:,g}", wrap=False)
            figure.setFont(figures_font(figure.font()))
            grid.addWidget(figure, place, 2, Qt.AlignmentFlag.AlignRight)
        card.body.addLayout(grid)
        card.body.addWidget(Note(one.text))
        return card

    def _on_theme_changed(self) -> None:
        for mark in self.findChildren(Mark):
            mark.set_theme(self._state.theme)
