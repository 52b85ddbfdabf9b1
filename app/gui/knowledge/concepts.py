"""What the terms mean, what they mean for the choice, and questions that people ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.gui.knowledge.words import badge_words, statement_of
from app.gui.state import State
from app.gui.widgets.basic import Card, Note, QuietButton, Text, clear
from app.gui.widgets.concept_text import ConceptText
from app.gui.widgets.evidence import EvidenceBadge
from app.gui.widgets.layouts import Flow, ScrollColumn

if TYPE_CHECKING:
    from rules.model import CommonQuestion, Concept, Knowledge

LIST = 300
ID = Qt.ItemDataRole.UserRole
SEARCHED = Qt.ItemDataRole.UserRole + 1


class ConceptsPanel(QWidget):
    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._knowledge: Knowledge | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        left = QVBoxLayout()
        left.setSpacing(8)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search concepts and questions"))
        self.search.setAccessibleName(self.tr("Search concepts and questions"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._on_search)
        left.addWidget(self.search)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Concepts and questions"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setWordWrap(True)
        self.list.setStyleSheet("QListView::item { padding: 3px 6px; }")
        self.list.currentItemChanged.connect(self._on_current)
        left.addWidget(self.list, 1)
        self._left = QWidget()
        self._left.setLayout(left)
        left.setContentsMargins(0, 0, 0, 0)
        self._left.setFixedWidth(LIST)
        row.addWidget(self._left)
        self._scroll = ScrollColumn(widest=760, margin=0)
        self.card = ConceptCard()
        self.card.wanted.connect(self.show_concept)
        self._scroll.body.addWidget(self.card)
        self._scroll.body.addStretch(1)
        row.addWidget(self._scroll, 1)

    def fill(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._add_head(self.tr("Concepts"))
        for one in sorted(knowledge.concepts, key=lambda one: one.name.casefold()):
            self._add(one.id, one.name, " ".join((one.name, *one.also, one.text)))
        self._add_head(self.tr("Questions people ask"))
        for asked in knowledge.common_questions:
            self._add(asked.id, asked.question, f"{asked.question} {asked.answer}")
        self.list.setCurrentRow(1)

    def show_concept(self, name: str) -> None:
        """Bring a concept, or a question people ask, to the front. Nothing for an unknown id."""
        self.search.clear()
        for number in range(self.list.count()):
            if self.list.item(number).data(ID) == name:
                self.list.setCurrentRow(number)
                self.list.scrollToItem(self.list.item(number))

    def _add_head(self, text: str) -> None:
        item = QListWidgetItem(text)
        font = item.font()
        font.setBold(True)
        item.setFont(font)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.addItem(item)

    def _add(self, name: str, text: str, searched: str) -> None:
        item = QListWidgetItem(text)
        item.setData(ID, name)
        item.setData(SEARCHED, searched.casefold())
        self.list.addItem(item)

    def _on_search(self, text: str) -> None:
        first = None
        for number in range(self.list.count()):
            item = self.list.item(number)
            searched = item.data(SEARCHED)
            is_shown = searched is None or text.casefold() in searched
            item.setHidden(not is_shown)
            if is_shown and searched is not None and first is None:
                first = number
        if first is None:
            self.card.show_nothing()
        else:
            self.list.setCurrentRow(first)
            self._on_current(self.list.item(first))

    def _on_current(self, item: QListWidgetItem | None) -> None:
        knowledge = self._knowledge
        if knowledge is None or item is None:
            return
        name = item.data(ID)
        concept = next((one for one in knowledge.concepts if one.id == name), None)
        if concept is not None:
            self.card.show_concept(concept, knowledge)
            return
        asked = next((one for one in knowledge.common_questions if one.id == name), None)
        if asked is not None:
            self.card.show_question(asked, knowledge)


class ConceptCard(Card):
    """One concept or one answered question. Signals: `wanted(str)` with another's id."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._room = QVBoxLayout()
        self._room.setSpacing(8)
        self.body.addLayout(self._room)
        self.show_nothing()

    def show_nothing(self) -> None:
        self.set_title(self.tr("Nothing found"))
        clear(self._room)
        self._room.addWidget(Text(self.tr("No concept and no question says this.")))

    def show_concept(self, concept: Concept, knowledge: Knowledge) -> None:
        self.set_title(concept.name)
        clear(self._room)
        if concept.also:
            also = self.tr("Also: {names}").format(names=", ".join(concept.also))
            self._room.addWidget(Note(also))
        self._say(concept.text, knowledge, concept.id)
        self._room.addWidget(Text(self.tr("For the choice"), "strong"))
        self._say(concept.choice, knowledge, concept.id)
        criteria = {one.id: one.name for one in knowledge.criteria}
        topics = {one.id: one.topic for one in knowledge.questions}
        for text, names in (
            (self.tr("Criteria: {names}"), [criteria[one] for one in concept.criteria]),
            (self.tr("Questions: {names}"), [topics[one] for one in concept.questions]),
        ):
            if names:
                self._room.addWidget(Note(text.format(names=", ".join(names))))
        self._links(self.tr("See also"), concept.related, knowledge)
        self._facts(concept.facts, knowledge, concept.name)

    def show_question(self, asked: CommonQuestion, knowledge: Knowledge) -> None:
        self.set_title(asked.question)
        clear(self._room)
        self._say(asked.answer, knowledge, "")
        self._links(self.tr("See also"), asked.concepts, knowledge)
        self._facts(asked.facts, knowledge, asked.question)

    def _say(self, text: str, knowledge: Knowledge, without: str) -> None:
        label = ConceptText(opens_popup=False)
        label.set_text(text, knowledge, without)
        # Queued: the card is filled anew while the label is still telling of its click.
        label.chosen.connect(self.wanted, Qt.ConnectionType.QueuedConnection)
        self._room.addWidget(label)

    def _links(self, title: str, ids: tuple[str, ...], knowledge: Knowledge) -> None:
        if not ids:
            return
        names = {one.id: one.name for one in knowledge.concepts}
        self._room.addWidget(Text(title, "strong"))
        holder = QWidget()
        flow = Flow(holder, spacing=4)
        for one in ids:
            button = QuietButton(names[one])
            button.clicked.connect(
                lambda _=False, name=one: self.wanted.emit(name), Qt.ConnectionType.QueuedConnection
            )
            flow.addWidget(button)
        self._room.addWidget(holder)

    def _facts(self, ids: tuple[str, ...], knowledge: Knowledge, claim: str) -> None:
        from rules.views import sourced

        told = sourced(knowledge)
        if ids:
            self._room.addWidget(Text(self.tr("What this rests on"), "strong"))
        for name in ids:
            one = told[name]
            self._room.addWidget(Text(one.text))
            badge = EvidenceBadge(badge_words(one.grade, one.as_of), claim, (statement_of(one),))
            self._room.addWidget(badge)
