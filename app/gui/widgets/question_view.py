"""One question with its option cards: shows, takes keys and clicks, and says what was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from app.gui.widgets.basic import Heading, Icon, Note, clear
from app.gui.widgets.concept_text import ConceptText
from app.gui.widgets.disclosure import Disclosure
from app.gui.widgets.layouts import ColumnGrid
from app.gui.widgets.tiles import MultipleOption, SingleOption

if TYPE_CHECKING:
    from rules.model import Knowledge, Question

Value = str | tuple[str, ...]
UNKNOWN = "unknown"
NONE = "none"


class QuestionView(QWidget):
    """Made anew for each question.

    Signals: `chosen(object)` with the answer, an option's id or a tuple of them in the order in
    which they were chosen (`()` when the last one was taken back); `picked()` when the mouse has
    given the one answer that a question takes, so that nothing is left to say here.
    """

    chosen = Signal(object)
    picked = Signal()

    def __init__(
        self,
        question: Question,
        first_counts_most: bool,
        knowledge: Knowledge | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._question = question
        self._first_counts_most = first_counts_most and question.multiple
        self._value: Value = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        heading = Heading(question.text, level=1)
        column.addWidget(heading)
        self.help = ConceptText(question.help, knowledge, "muted")
        column.addWidget(self.help)
        grid = ColumnGrid(column_width=290, most_columns=2)
        group = QButtonGroup(self)
        group.setExclusive(not question.multiple)
        self.options: dict[str, SingleOption | MultipleOption] = {}
        for number, option in enumerate(question.options, start=1):
            make = MultipleOption if question.multiple else SingleOption
            card = make(number, option.text, option.help)
            card.clicked.connect(lambda _=False, id_=option.id: self._on_clicked(id_))
            if isinstance(card, SingleOption):
                card.picked.connect(self.picked)
            group.addButton(card)
            grid.addWidget(card)
            self.options[option.id] = card
        self._group = group
        column.addLayout(grid)
        self.reasons = Disclosure(self.tr("Why an answer rules a framework out"))
        self._reasons = QVBoxLayout()
        self._reasons.setSpacing(4)
        self.reasons.body.addLayout(self._reasons)
        self.reasons.hide()
        column.addWidget(self.reasons)
        why = QHBoxLayout()
        why.setSpacing(8)
        why.addWidget(Icon("help", "muted", 18), 0, Qt.AlignmentFlag.AlignTop)
        asked = self.tr("Why this is asked: {why}").format(why=question.why)
        self.why = ConceptText(asked, knowledge, "note")
        why.addWidget(self.why, 1)
        column.addLayout(why)
        self.terms = _terms_of(question, knowledge)
        column.addWidget(self.terms)
        self.said_unknown = Note(
            self.tr("You said that you don't know yet; it counts as uncertainty in the result.")
        )
        self.said_unknown.hide()
        column.addWidget(self.said_unknown)

    def initial_focus(self) -> QWidget:
        for card in self.options.values():
            if card.isChecked():
                return card
        return next(iter(self.options.values()))

    def set_value(self, value: Value) -> None:
        """Show this answer as chosen; says nothing."""
        self._value = value
        chosen = (value,) if isinstance(value, str) else value
        # An exclusive group refuses to have nothing checked.
        self._group.setExclusive(False)
        for id_, card in self.options.items():
            card.setChecked(id_ in chosen)
        self._group.setExclusive(not self._question.multiple)
        self.said_unknown.setVisible(value == UNKNOWN)
        if self._first_counts_most:
            for id_, card in self.options.items():
                first = len(chosen) > 1 and chosen[0] == id_
                card.set_badge(self.tr("counts most") if first else "")

    def set_effects(self, effects: Mapping[str, tuple[str, str]]) -> None:
        """What each option would rule out: option id -> (one line, details)."""
        for id_, card in self.options.items():
            card.set_effect(*effects.get(id_, ("", "")))
        texts = {one.id: one.text for one in self._question.options}
        reasons = [f"{texts[id_]}\n{details}" for id_, (_, details) in effects.items() if details]
        clear(self._reasons)
        for one in reasons:
            self._reasons.addWidget(Note(one))
        self.reasons.setVisible(bool(reasons))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits choose; what is not ours goes on to the page."""
        number = event.key() - Qt.Key.Key_0
        cards = list(self.options.values())
        if 1 <= number <= min(9, len(cards)):
            card = cards[number - 1]
            card.setFocus(Qt.FocusReason.ShortcutFocusReason)
            card.click()
        else:
            super().keyPressEvent(event)

    def _on_clicked(self, option: str) -> None:
        if not self._question.multiple:
            value: Value = option
        else:
            chosen = () if isinstance(self._value, str) else self._value
            value = toggled(chosen, option)
        self.set_value(value)
        self.chosen.emit(value)


def _terms_of(question: Question, knowledge: Knowledge | None) -> ConceptText:
    """The terms in the options' texts, to be explained below: a card cannot hold a link."""
    from rules.views import concept_spans

    found: dict[str, str] = {}
    texts = [text for one in question.options for text in (one.text, one.help)]
    for text in texts:
        if knowledge is None:
            break
        for span in concept_spans(knowledge, text):
            found.setdefault(span.concept, text[span.start : span.end])
    label = ConceptText(role="note")
    if found:
        listed = QCoreApplication.translate("QuestionView", "Terms explained: {terms}")
        label.set_text(listed.format(terms=", ".join(found.values())), knowledge)
    if not found:
        label.hide()
    return label


def toggled(chosen: tuple[str, ...], option: str) -> tuple[str, ...]:
    """The options after a click on one; `none` and the others exclude each other."""
    if option in chosen:
        return tuple(one for one in chosen if one != option)
    if option == NONE:
        return (NONE,)
    return (*(one for one in chosen if one != NONE), option)
