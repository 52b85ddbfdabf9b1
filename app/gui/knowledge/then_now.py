"""What older articles advised beside what the rules say today, and why it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QHeaderView, QVBoxLayout, QWidget

from app.gui.knowledge.split import Split, hide_last
from app.gui.knowledge.words import badge_words, statement, statement_of
from app.gui.state import State
from app.gui.widgets.basic import Badge, Card, Line, Muted, Note, Text, clear
from app.gui.widgets.concept_text import ConceptText
from app.gui.widgets.evidence import EvidenceBadge, Statement
from app.gui.widgets.table import Cell, Column, Table

if TYPE_CHECKING:
    from rules.model import Knowledge
    from rules.views import ThenAndNow

EVERYTHING, CHANGED, MINE = "everything", "changed", "mine"
OUTCOME_KINDS = {"holds": "good", "partly": "warn", "changed": "bad", "open": "neutral"}


class ThenNowPanel(QWidget):
    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._knowledge: Knowledge | None = None
        self._rows: dict[str, ThenAndNow] = {}
        self._mine: frozenset[str] = frozenset()
        self._names: dict[str, str] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self._lead = Muted(
            self.tr(
                "Four articles of 2023 and 2024, told in our words, and claims of those years. "
                "What the rules say today is decided anew for whom each was meant."
            )
        )
        column.addWidget(self._lead)
        filters = QHBoxLayout()
        filters.setSpacing(8)
        self.which = QComboBox()
        self.which.setAccessibleName(self.tr("Which advice"))
        self.which.addItem(self.tr("All advice and claims"), EVERYTHING)
        self.which.addItem(self.tr("Only what no longer holds"), CHANGED)
        self.which.addItem(self.tr("What concerns my answers"), MINE)
        self.kind = QComboBox()
        self.kind.setAccessibleName(self.tr("Advice or claims"))
        self.kind.addItem(self.tr("Advice and claims"), "")
        self.kind.addItem(self.tr("Advice alone"), "advice")
        self.kind.addItem(self.tr("Claims alone"), "claim")
        for box in (self.which, self.kind):
            box.currentIndexChanged.connect(lambda _: self._show_rows())
            filters.addWidget(box)
        self._count = Note("")
        filters.addWidget(self._count, 1)
        column.addLayout(filters)
        self.table = Table(
            self.tr("Then and now"),
            [
                Column(self.tr("Today"), widest=128),
                Column(self.tr("For whom, or what"), widest=240),
                Column(self.tr("Then")),
                Column(self.tr("Now")),
                Column("id"),
            ],
        )
        hide_last(self.table, fill=3)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.table.selectionModel().currentRowChanged.connect(self._on_row_changed)
        self.detail = ThenNowCard()
        column.addWidget(Split(self.table, self.detail), 1)
        state.answers_changed.connect(self._ask_mine)

    def fill(self, knowledge: Knowledge) -> None:
        from rules.views import framework_names

        self._knowledge = knowledge
        self._names = framework_names(knowledge)
        today = self._state.today

        def decide() -> tuple[ThenAndNow, ...]:
            from rules.views import then_and_now

            return then_and_now(knowledge, today)

        self._state.in_background("then and now", decide, self._on_decided)

    def _on_decided(self, rows: tuple[ThenAndNow, ...]) -> None:
        self._rows = {one.id: one for one in rows}
        self._ask_mine()
        self._show_rows()

    def _ask_mine(self) -> None:
        """Which rows concern the answers; decided already, so it is only a matter of looking."""
        from rules.views import then_and_now_for

        if self._knowledge is None or not self._rows:
            return
        mine = then_and_now_for(self._knowledge, self._state.answers, self._state.today)
        self._mine = frozenset(one.id for one in mine)
        if self.which.currentData() == MINE:
            self._show_rows()

    def _show_rows(self) -> None:
        which, kind = self.which.currentData(), self.kind.currentData()
        rows = [
            one
            for one in self._rows.values()
            if kind in ("", one.kind)
            and (which != CHANGED or one.differs)
            and (which != MINE or one.id in self._mine)
        ]
        self.table.set_rows(
            [
                (
                    Cell(self._outcome_words(one)),
                    Cell(self._subject(one), tooltip=one.article),
                    Cell(self._named(one.then_frameworks, one, one.then), tooltip=one.then),
                    Cell(self._named(one.now_frameworks, one, one.now), tooltip=one.now),
                    Cell(one.id),
                )
                for one in rows
            ]
        )
        differing = sum(one.differs for one in rows)
        self._count.setText(
            self.tr("{count} shown, of which {differing} no longer hold as they were said").format(
                count=len(rows), differing=differing
            )
        )
        if rows:
            self.table.selectRow(0)
        else:
            self.detail.show_nothing()

    def _subject(self, one: ThenAndNow) -> str:
        return one.leaf if one.kind == "advice" else self.tr("Claim")

    def _named(self, frameworks: tuple[str, ...], one: ThenAndNow, text: str) -> str:
        """Of advice the names alone, which a narrow column has room for; the card has it all."""
        if one.kind == "claim" or not frameworks:
            return text
        return ", ".join(self._names[name] for name in frameworks)

    def _outcome_words(self, one: ThenAndNow) -> str:
        return outcome_words(self, one)

    def _on_row_changed(self) -> None:
        row = self._rows.get(str(self.table.currentIndex().siblingAtColumn(4).data()))
        if row is not None and self._knowledge is not None:
            self.detail.show_row(row, self._knowledge)


def outcome_words(widget: QWidget, one: ThenAndNow) -> str:
    if one.kind == "claim":
        return {
            "wrong": widget.tr("not so"),
            "stale": widget.tr("out of date"),
            "unsupported": widget.tr("no source"),
            "partly": widget.tr("holds in part"),
            "holds": widget.tr("still holds"),
        }[one.leaf]
    return {
        "holds": widget.tr("still holds"),
        "partly": widget.tr("holds in part"),
        "changed": widget.tr("changed"),
        "open": widget.tr("named none"),
    }[one.outcome]


class ThenNowCard(Card):
    """One leaf or claim in full, each reason with its source."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._badge = Badge("")
        self.header.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignTop)
        self._room = QVBoxLayout()
        self._room.setSpacing(8)
        self.body.addLayout(self._room)
        self.show_nothing()

    def show_nothing(self) -> None:
        self.set_title(self.tr("Nothing to show"))
        self._badge.hide()
        clear(self._room)
        self._room.addWidget(
            Text(
                self.tr(
                    "No old advice concerns this choice. Answer more questions, or show all of it."
                )
            )
        )

    def show_row(self, row: ThenAndNow, knowledge: Knowledge) -> None:
        from rules.views import sourced

        self.set_title(row.leaf if row.kind == "advice" else self.tr("A claim of those years"))
        self._badge.set_badge(outcome_words(self, row), OUTCOME_KINDS[row.outcome])
        self._badge.show()
        clear(self._room)
        self._room.addWidget(Note(row.article))
        self._say(self.tr("Then"), row.then, knowledge)
        now = row.now
        if row.since:
            now = self.tr("{now} So since {since}.").format(now=row.now, since=row.since)
        self._say(self.tr("Now"), now, knowledge)
        if row.kind == "claim":
            told = statement(row.now, row.grade, row.source, row.as_of)
            self._badge_row(row, (told,))
            return
        sentences = sourced(knowledge)
        if row.facts:
            self._room.addWidget(Line())
            self._room.addWidget(Text(self.tr("Because"), "strong"))
        for name in row.facts:
            one = sentences[name]
            self._room.addWidget(ConceptText(one.text, knowledge))
            badge = EvidenceBadge(badge_words(one.grade, one.as_of), row.leaf, (statement_of(one),))
            self._room.addWidget(badge)

    def _say(self, title: str, text: str, knowledge: Knowledge) -> None:
        self._room.addWidget(Text(title, "strong"))
        self._room.addWidget(ConceptText(text, knowledge))

    def _badge_row(self, row: ThenAndNow, statements: tuple[Statement, ...]) -> None:
        self._room.addWidget(EvidenceBadge(badge_words(row.grade, row.as_of), row.then, statements))
