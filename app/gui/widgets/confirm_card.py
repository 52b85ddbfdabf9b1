"""What this machine answers by itself, on one card to confirm or to change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.gui.widgets.basic import Badge, Button, Card, Heading, Line, Muted, Note, Text

if TYPE_CHECKING:
    from rules.model import Question


class Known(NamedTuple):
    """One machine question with its answer and where that comes from."""

    question: Question
    option: str
    origin: str
    is_from_machine: bool


class ConfirmMachine(QWidget):
    """Signals `change_wanted(str)` with the id of a question to be asked by itself."""

    change_wanted = Signal(str)

    def __init__(
        self, known: Sequence[Known], file: str | None = None, parent: QWidget | None = None
    ) -> None:
        """`file` names the machine file that they were read from, if it was not this machine."""
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(Heading(self.tr("Is this the machine that trains?"), level=1))
        if file is None:
            told = self.tr(
                "Read from this machine, nothing was started. Change what will be different, "
                "or go on."
            )
        else:
            told = self.tr(
                "Read from the machine file {name}. Change what will be different, or go on."
            ).format(name=file)
        self._read = self.tr("read here") if file is None else self.tr("from the file")
        column.addWidget(Muted(told))
        card = Card()
        for index, one in enumerate(known):
            if index:
                card.body.addWidget(Line())
            card.body.addLayout(self._row(one))
        column.addWidget(card)
        column.addWidget(
            Note(self.tr("Training elsewhere? Go back and say so; then nothing is filled in."))
        )

    def _row(self, one: Known) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Note(one.question.text))
        texts = {option.id: option.text for option in one.question.options}
        words.addWidget(Text(texts.get(one.option, one.option), "strong"))
        if one.origin:
            words.addWidget(Note(one.origin))
        row.addLayout(words, 1)
        kind = "accent" if one.is_from_machine else "neutral"
        origin = self._read if one.is_from_machine else self.tr("your answer")
        row.addWidget(Badge(origin, kind), 0, Qt.AlignmentFlag.AlignVCenter)
        change = Button(self.tr("Change"))
        change.setAccessibleName(self.tr("Change: {topic}").format(topic=one.question.topic))
        change.clicked.connect(lambda: self.change_wanted.emit(one.question.id))
        row.addWidget(change)
        return row
