"""All questions with what was answered, in order; a click goes to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.gui.widgets.basic import Card, Icon, Note, Text, clear, plain_tooltip
from app.gui.widgets.tiles import Pressable, let_through

if TYPE_CHECKING:
    from app.gui.state import State
    from rules.model import Answers, Question


class AnswersCard(Card):
    """Follows the state; `question_chosen` carries the id of the question that was clicked."""

    question_chosen = Signal(str)

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("All questions"))
        self._state = state
        self._current = ""
        self._rows: dict[str, _Row] = {}
        self._from_machine: list[Question] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self.body.addLayout(self._list)
        state.answers_changed.connect(self._show)
        state.knowledge_loaded.connect(self._show)
        state.recommendation_changed.connect(self._show_what_was_read)
        self._show()

    def set_current(self, question_id: str) -> None:
        self._current = question_id
        for id_, row in self._rows.items():
            row.setChecked(id_ == question_id)

    def _show(self) -> None:
        knowledge = self._state.knowledge
        if knowledge is None:
            return
        from rules.questionnaire import applicable, pointless

        answers = self._state.answers
        questions = applicable(knowledge, answers)
        skipped = pointless(knowledge, answers)
        # Rows are made anew only when other questions apply: a row that has the focus keeps it.
        if list(self._rows) != [one.id for one in questions]:
            self._make_rows(questions)
        self._from_machine = [
            one
            for one in questions
            if one.stage == "machine" and one.id not in answers.answers and one.id not in skipped
        ]
        for question in questions:
            self._rows[question.id].set_answer(*said(question, answers, question.id in skipped))
            self._rows[question.id].setToolTip(plain_tooltip(skipped.get(question.id, "")))
        self.set_current(self._current)
        self._show_what_was_read()

    def _show_what_was_read(self) -> None:
        """What the last decision took from the machine, where nobody answered."""
        decided = self._state.recommendation
        for question in self._from_machine:
            if decided is None or decided.answers.answers.get(question.id, "unknown") == "unknown":
                continue
            mark, words = said(question, decided.answers)
            words = self.tr("{answer}, read from the machine").format(answer=words)
            self._rows[question.id].set_answer(mark, words)

    def _make_rows(self, questions: tuple[Question, ...]) -> None:
        clear(self._list)
        self._rows = {}
        stage = ""
        stages = {"later": self.tr("More, if you like"), "core": "", "machine": ""}
        for question in questions:
            if stages[question.stage] and question.stage != stage:
                self._list.addSpacing(8)
                self._list.addWidget(Note(stages[question.stage]))
            stage = question.stage
            row = _Row(question.topic)
            row.clicked.connect(lambda _=False, id_=question.id: self._on_clicked(id_))
            self._list.addWidget(row)
            self._rows[question.id] = row

    def _on_clicked(self, question_id: str) -> None:
        self.set_current(self._current)
        self.question_chosen.emit(question_id)


class _Row(Pressable):
    def __init__(self, topic: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "row")
        self.setCheckable(True)
        self._topic = topic
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 4, 6, 4)
        row.setSpacing(8)
        self._icon = Icon("circle", "muted", 18)
        self._answer = Note("")
        row.addWidget(self._icon)
        row.addWidget(Text(topic))
        row.addWidget(self._answer, 1)
        let_through(row)
        # A push button's own policy is never to be narrower than its longest answer on one line.
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def set_answer(self, mark: str, words: str) -> None:
        self._icon.set_icon(mark, "good" if mark == "check" else "muted")
        self._answer.setText(words)
        self.setAccessibleName(f"{self._topic}: {words}" if words else self._topic)


def said(question: Question, answers: Answers, is_skipped: bool = False) -> tuple[str, str]:
    """An icon's name and the answer in words."""
    value = answers.answers.get(question.id)
    if value is None and is_skipped:
        words = QCoreApplication.translate("AnswersCard", "cannot change anything any more")
        return "circle", words
    if value is None:
        return "circle", ""
    if value == "unknown":
        return "half", QCoreApplication.translate("AnswersCard", "don't know yet")
    chosen = (value,) if isinstance(value, str) else value
    texts = {one.id: one.text for one in question.options}
    return "check", ", ".join(texts.get(one, one) for one in chosen)
