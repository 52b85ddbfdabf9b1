"""Pretending: another machine, a target more or less, for a moment, with the answers pinned."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

from app.gui.widgets.basic import Button, Line, Muted, Note, QuietButton
from app.gui.widgets.layouts import Flow
from app.what_ifs import NOWHERE, PRETENDED, with_option
from rules.model import Answers, Knowledge

Given = str | tuple[str, ...] | None
"""An answer; None where there is none."""


class Choice(QComboBox):
    """The wheel scrolls the page; it must not change an answer in passing."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class Pretend(QWidget):
    """A choice for each question of one option, a button for each target.

    Signals: `pretended(str question, object answer)`, with None to take an answer back;
    `back_wanted()`; `taken_over()`.
    """

    pretended = Signal(str, object)
    back_wanted = Signal()
    taken_over = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pinned: Mapping[str, Given] = {}
        self._given: dict[str, Given] = {}
        self.choices: dict[str, Choice] = {}
        self.targets: dict[str, Button] = {}
        grid = self._grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        grid.setColumnStretch(1, 1)
        grid.addWidget(Line(), 0, 0, 1, 2)
        lead = Muted(self.tr("Or pretend for a moment; what you answered stays pinned."))
        grid.addWidget(lead, 1, 0, 1, 2)
        holder = QWidget()
        self._flow = Flow(holder)
        self.told = Note()
        self.back = Button(self.tr("Back to your answers"), icon_name="refresh")
        self.back.clicked.connect(self.back_wanted)
        self.take = QuietButton(self.tr("Take these as your answers"))
        self.take.clicked.connect(self.taken_over)
        self._ways = QWidget()
        ways = Flow(self._ways)
        ways.addWidget(self.back)
        ways.addWidget(self.take)
        rows = len(PRETENDED) + 2
        grid.addWidget(holder, rows, 0, 1, 2)
        grid.addWidget(self.told, rows + 1, 0, 1, 2)
        grid.addWidget(self._ways, rows + 2, 0, 1, 2)
        self.told.hide()
        self._ways.hide()

    def set_knowledge(self, knowledge: Knowledge) -> None:
        """Make a choice for each question that can be pretended, once the knowledge is there."""
        questions = {one.id: one for one in knowledge.questions}
        for line, name in enumerate(one for one in PRETENDED if one in questions):
            question = questions[name]
            if question.multiple:
                self._label(question.topic, line)
                for option in question.options:
                    if option.id != NOWHERE:
                        self._offer_target(name, option.id, option.text)
                continue
            choice = Choice()
            choice.setAccessibleName(self.tr("Pretend: {topic}").format(topic=question.topic))
            choice.addItem("", None)
            for option in question.options:
                choice.addItem(option.text, option.id)
            choice.activated.connect(lambda _, name=name: self._on_chosen(name))
            self._label(question.topic, line).setBuddy(choice)
            self._grid.addWidget(choice, line + 2, 1)
            self.choices[name] = choice

    def _label(self, topic: str, line: int) -> QLabel:
        label = QLabel(topic)
        self._grid.addWidget(label, line + 2, 0, Qt.AlignmentFlag.AlignVCenter)
        return label

    def _offer_target(self, question: str, option: str, text: str) -> None:
        button = Button(text)
        button.setCheckable(True)
        button.setAccessibleName(self.tr("Pretend, to run on: {target}").format(target=text))
        button.clicked.connect(lambda on: self._on_target(question, option, on))
        self._flow.addWidget(button)
        self.targets[option] = button

    def show_answers(self, answers: Answers, pinned: Mapping[str, Given], before: str) -> None:
        """`answers` as they are weighed now; `pinned` what the pretended ones were; `before` the
        verdict on those, as one line."""
        self._pinned = pinned
        self._given = {name: answers.answers.get(name) for name in PRETENDED}
        for name, choice in self.choices.items():
            now = self._given[name]
            start = pinned.get(name, now)
            at = choice.findData(start) if isinstance(start, str) else -1
            said = choice.itemText(at) if at > 0 else self.tr("left open")
            choice.setItemText(0, self.tr("As answered: {answer}").format(answer=said))
            found = choice.findData(now) if name in pinned and isinstance(now, str) else 0
            choice.setCurrentIndex(max(found, 0))
        chosen = self._given.get("deployment") or ()
        for option, button in self.targets.items():
            button.setChecked(option in chosen)
        self.told.setText(self.tr("Without pretending: {verdict}.").format(verdict=before))
        self.told.setVisible(bool(pinned and before))
        self._ways.setVisible(bool(pinned))

    def _on_chosen(self, question: str) -> None:
        wanted = self.choices[question].currentData()
        if wanted is not None:
            self.pretended.emit(question, wanted)
        elif question in self._pinned:
            self.pretended.emit(question, self._pinned[question])

    def _on_target(self, question: str, option: str, wanted: bool) -> None:
        self.pretended.emit(question, with_option(self._given.get(question), option, wanted))
