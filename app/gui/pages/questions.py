"""The questions, one at a time, with what they have settled so far beside them.

Which question comes next is decided by `rules.questionnaire`; this page shows and asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from app.gui.state import State
from app.gui.widgets.answers_card import AnswersCard
from app.gui.widgets.basic import (
    Button,
    Line,
    Muted,
    Note,
    Notice,
    PrimaryButton,
    QuietButton,
    clear,
)
from app.gui.widgets.confirm_card import ConfirmMachine, Known
from app.gui.widgets.layouts import ScrollColumn
from app.gui.widgets.question_view import UNKNOWN, QuestionView, Value
from app.gui.widgets.settled_card import SettledCard, framework_name

if TYPE_CHECKING:
    from app.gui.questions.map_view import MapView
    from rules.model import Question
    from rules.questionnaire import Flow
    from rules.recommendation import ConflictFound, RuledOut

WIDE = 960
"""From this width of the page on the side column stands beside the question."""
SIDE_WIDTH = 380
MARGIN = 28
WIDEST = 820
"""Of the question; what stands above and below it keeps to the same edges."""


class Page(QWidget):
    step_id = "questions"

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.tr("Questions")
        self._state = state
        self._flow: Flow | None = None
        self._asked_alone = ""
        """The machine question that was to be changed by hand, off the card."""
        self._view: QuestionView | ConfirmMachine | None = None
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self._build_main(), 1)
        across.addWidget(self._build_side())
        # Made when it is first asked for.
        self.map: MapView | None = None
        self._across = across
        back = QShortcut(QKeySequence("Alt+Left"), self)
        back.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        back.activated.connect(self.go_back)
        state.knowledge_loaded.connect(self._on_knowledge_loaded)
        state.answers_changed.connect(self._on_answers_changed)
        state.settled_changed.connect(self._on_settled_changed)
        state.machine_changed.connect(self._on_machine_changed)
        state.file_opened.connect(lambda _: self._begin())
        self._fold()
        if state.knowledge is not None:
            self._on_knowledge_loaded()

    def initial_focus(self) -> QWidget:
        if self.map is not None and not self.map.isHidden():
            return self.map.initial_focus()
        # On the card of machine answers Enter has to confirm, not to change the first of them.
        return self._view.initial_focus() if isinstance(self._view, QuestionView) else self._next

    # What stands where

    def _build_main(self) -> QWidget:
        main = QWidget()
        column = QVBoxLayout(main)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        top = QHBoxLayout()
        top.setContentsMargins(MARGIN, 20, MARGIN, 0)
        self._place = Note("")
        top.addWidget(self._place, 1)
        self.map_button = QuietButton(self.tr("Map"), "knowledge")
        self.map_button.setAccessibleName(self.tr("Map of the decision"))
        self.map_button.setToolTip(self.tr("Every question and where its answers lead"))
        self.map_button.clicked.connect(self.show_map)
        top.addWidget(self.map_button)
        self._side_button = QuietButton("", "panel")
        self._side_button.setCheckable(True)
        self._side_button.toggled.connect(lambda _: self._fold())
        top.addWidget(self._side_button)
        column.addLayout(top)
        self._top = top
        self._scroll = ScrollColumn(widest=WIDEST, margin=MARGIN)
        self._scroll.set_margins(top=12, bottom=20)
        self._conflicts = QVBoxLayout()
        self._conflicts.setSpacing(12)
        self._scroll.body.addLayout(self._conflicts)
        self._question_room = QVBoxLayout()
        self._scroll.body.addLayout(self._question_room)
        self._scroll.body.addStretch(1)
        self._waiting = Muted(self.tr("The knowledge is being read ..."))
        self._question_room.addWidget(self._waiting)
        column.addWidget(self._scroll, 1)
        column.addWidget(Line())
        self._bar = self._build_buttons()
        column.addLayout(self._bar)
        self._main = main
        return main

    def _build_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(MARGIN, 12, MARGIN, 16)
        row.setSpacing(12)
        self._back = Button(self.tr("Back"), icon_name="arrow-left")
        self._back.clicked.connect(self.go_back)
        self._unknown = Button(self.tr("I don't know yet"))
        self._unknown.clicked.connect(self._on_unknown)
        self._next = PrimaryButton(self.tr("Next"))
        self._next.clicked.connect(self.go_on)
        row.addWidget(self._back)
        row.addStretch(1)
        row.addWidget(self._unknown)
        row.addWidget(self._next)
        return row

    def _build_side(self) -> QWidget:
        side = ScrollColumn(widest=720, margin=16)
        self._settled = SettledCard(self._state)
        self._settled.question_chosen.connect(self.go_to)
        self._list = AnswersCard(self._state)
        self._list.question_chosen.connect(self.go_to)
        self._close_side = Button(self.tr("Back to the question"), icon_name="arrow-left")
        self._close_side.clicked.connect(lambda: self._side_button.setChecked(False))
        side.body.addWidget(self._close_side, 0, Qt.AlignmentFlag.AlignLeft)
        side.body.addWidget(self._settled)
        side.body.addWidget(self._list)
        side.body.addStretch(1)
        self._side = side
        return side

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        """Beside the question where there is room, in its place on request where there is none."""
        wide = self.width() >= max(WIDE, SIDE_WIDTH + self._bar_needs())
        mapped = self.map is not None and not self.map.isHidden()
        instead = self._side_button.isChecked() and not wide
        self._side_button.setVisible(not wide)
        self._side_button.setText(self._settled.summary())
        self._close_side.setVisible(instead)
        self._side.setVisible((wide or instead) and not mapped)
        self._main.setVisible(not instead and not mapped)
        edge = max(MARGIN, (self.width() - (SIDE_WIDTH if wide else 0) - WIDEST) // 2)
        self._top.setContentsMargins(edge, 20, edge, 0)
        self._bar.setContentsMargins(edge, 12, edge, 16)
        self._side.setMinimumWidth(SIDE_WIDTH if wide else 0)
        self._side.setMaximumWidth(SIDE_WIDTH if wide else 16_777_215)

    def _bar_needs(self) -> int:
        """The width of the buttons below the question with the longest text that they come to
        have: the side column must not come and go with it."""
        buttons = (self._back, self._unknown, self._next)
        for button in buttons:
            button.ensurePolished()
        metrics = self._next.fontMetrics()
        longest = max(map(metrics.horizontalAdvance, self._next_texts()))
        grows = longest - metrics.horizontalAdvance(self._next.text())
        room = 2 * MARGIN + 2 * self._bar.spacing()
        return room + grows + sum(one.sizeHint().width() for one in buttons)

    def _next_texts(self) -> tuple[str, str]:
        """On most questions, and on the one before the verdict."""
        return self.tr("Next"), self.tr("See the recommendation")

    # The map

    def show_map(self) -> None:
        """All questions as one drawing, in the place of the one that is asked."""
        if self.map is None:
            from app.gui.questions.map_view import MapView

            self.map = MapView(self._state)
            self.map.question_chosen.connect(self._on_map_question)
            self.map.closed.connect(self.close_map)
            self._across.addWidget(self.map, 1)
        self.map.show()
        self._fold()
        self.map.ask()
        self.map.back.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_map(self) -> None:
        """Back to the question."""
        if self.map is not None:
            self.map.hide()
        self._fold()
        self.initial_focus().setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_map_question(self, question_id: str) -> None:
        self.go_to(question_id)
        self.close_map()

    # Following the state

    def _on_knowledge_loaded(self) -> None:
        self._begin()

    def _begin(self) -> None:
        """At the first question without an answer; at the first of all where there is none."""
        from rules.questionnaire import Flow, applicable

        if (knowledge := self._state.knowledge) is None:
            return
        self._flow = Flow.start(knowledge, self._state.answers)
        if self._flow.position is None:
            first = applicable(knowledge, self._state.answers)[0]
            self._flow = msgspec.structs.replace(self._flow, position=first.id)
        self._show_question()

    def _on_answers_changed(self) -> None:
        """Answers came from here or from elsewhere: a file, a repair, another page."""
        if self._flow is None or self._flow.answers == self._state.answers:
            return
        from rules.questionnaire import applicable

        answers = self._state.answers
        asked = {one.id for one in applicable(self._flow.knowledge, answers)}
        if not answers.answers or self._flow.position not in asked:
            self._begin()
            return
        self._flow = msgspec.structs.replace(self._flow, answers=answers)
        if isinstance(self._view, QuestionView):
            self._show_value()
            self._ask_effects()
            self._show_place(self._question())
        else:
            self._show_question()

    def _on_machine_changed(self) -> None:
        if self._flow is not None and self._is_machine_question():
            self._show_question()

    def _on_settled_changed(self) -> None:
        self._side_button.setText(self._settled.summary())
        clear(self._conflicts)
        settled = self._state.settled
        for conflict in settled.conflicts if settled is not None else ():
            self._conflicts.addWidget(self._conflict_notice(conflict))

    def _conflict_notice(self, conflict: ConflictFound) -> Notice:
        kind = "bad" if conflict.severity == "impossible" else "warn"
        notice = Notice(kind, f"{conflict.question}\n{conflict.reading}")
        buttons: list[Button] = []
        if conflict.set:
            buttons.append(Button(self.tr("Take it that way")))
            buttons[0].clicked.connect(lambda: self._on_repair(conflict))
        for id_ in conflict.answers:
            change = QuietButton(self.tr("Change: {topic}").format(topic=self._topic(id_)))
            change.clicked.connect(lambda _=False, id_=id_: self.go_to(id_))
            buttons.append(change)
        for place, button in enumerate(buttons):
            notice.buttons.insertWidget(place, button)
        return notice

    def _on_repair(self, conflict: ConflictFound) -> None:
        self._state.set_several(conflict.set)

    def _topic(self, question_id: str) -> str:
        knowledge = self._state.knowledge
        for one in knowledge.questions if knowledge is not None else ():
            if one.id == question_id:
                return one.topic
        return question_id

    # The question

    def _show_question(self) -> None:
        assert self._flow is not None
        question = self._flow.question
        if question is None:
            return
        # The application's: a page remembers its own focus also while another page has it.
        focus = QApplication.focusWidget()
        had_focus = self._view is not None and focus is not None and self._view.isAncestorOf(focus)
        clear(self._question_room)
        known = self._known_here()
        if known:
            self._view = ConfirmMachine(known, self._state.machine_file)
            self._view.change_wanted.connect(self._on_change_wanted)
        else:
            assert self._state.knowledge is not None
            ordered = any(
                one.over == question.id and one.combine == "primary"
                for one in self._state.knowledge.criteria
            )
            self._view = QuestionView(question, ordered, self._state.knowledge)
            self._view.chosen.connect(self._on_chosen)
            # Queued: the next question takes the place of the option that was clicked.
            self._view.picked.connect(self._on_picked, Qt.ConnectionType.QueuedConnection)
            self._show_value()
            self._ask_effects()
        self._question_room.addWidget(self._view)
        self._scroll.verticalScrollBar().setValue(0)
        self._unknown.setVisible(not known)
        self._list.set_current(question.id)
        self._show_place(question)
        if had_focus or self.isVisible():
            self.initial_focus().setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_value(self) -> None:
        assert self._flow is not None
        assert self._flow.question is not None
        if isinstance(self._view, QuestionView):
            self._view.set_value(self._flow.answers.answers.get(self._flow.question.id, ()))

    def _show_place(self, question: Question) -> None:
        from rules.questionnaire import applicable

        assert self._flow is not None
        questions = applicable(self._flow.knowledge, self._flow.answers)
        stage = [one.id for one in questions if one.stage == question.stage]
        leads_to_verdict = self._leads_to_verdict()
        if question.stage == "core":
            place = self.tr("Question {number} of {total} · {topic}").format(
                number=stage.index(question.id) + 1, total=len(stage), topic=question.topic
            )
        elif question.stage == "machine":
            alone = isinstance(self._view, QuestionView)
            place = self.tr("The machine · {topic}") if alone else self.tr("The machine")
            place = place.format(topic=question.topic)
        else:
            place = self.tr("More, if you like · {topic}").format(topic=question.topic)
        if question.multiple:
            place = self.tr("{place} · several answers possible").format(place=place)
        elif isinstance(self._view, QuestionView) and not leads_to_verdict:
            place = self.tr("{place} · a click goes on").format(place=place)
        self._place.setText(place)
        self._back.setEnabled(bool(self._flow.history))
        self._next.setText(self._next_texts()[leads_to_verdict])

    def _question(self) -> Question:
        assert self._flow is not None
        assert self._flow.question is not None
        return self._flow.question

    def _after(self) -> Flow:
        """Where Next leads to from here, with what is shown as the answer."""
        assert self._flow is not None
        answers = dict(self._state.answers.answers)
        position = self._question().id
        for one in self._known_here():
            answers[one.question.id] = one.option
            position = one.question.id
        flow = msgspec.structs.replace(
            self._flow,
            answers=msgspec.structs.replace(self._state.answers, answers=answers),
            position=position,
        )
        return flow.answer(answers.get(position, UNKNOWN))

    def _leads_to_verdict(self) -> bool:
        """After the last core question, and at the end of all."""
        following = self._after().question
        return following is None or (
            following.stage == "later" and self._question().stage != "later"
        )

    # Effects of options

    def _ask_effects(self) -> None:
        if self._flow is None or self._flow.question is None:
            return
        knowledge, answers, today = self._flow.knowledge, self._flow.answers, self._state.today
        question_id = self._flow.question.id

        def effects() -> dict[str, tuple[RuledOut, ...]]:
            from rules.questionnaire import option_effects

            return dict(option_effects(knowledge, answers, question_id, today))

        def arrived(found: dict[str, tuple[RuledOut, ...]]) -> None:
            is_current = (
                self._flow is not None
                and self._flow.question is not None
                and self._flow.question.id == question_id
            )
            if is_current and isinstance(self._view, QuestionView):
                self._view.set_effects({id_: self._effect(out) for id_, out in found.items()})

        self._state.in_background("effects", effects, arrived)

    def _effect(self, ruled_out: tuple[RuledOut, ...]) -> tuple[str, str]:
        if not ruled_out:
            return "", ""
        names = [framework_name(self._state, one.framework) for one in ruled_out]
        line = self.tr("Rules out {names}").format(names=", ".join(names))
        details = "\n".join(
            f"{name}: {one.reason}" for name, one in zip(names, ruled_out, strict=True)
        )
        return line, details

    # Machine questions

    def _is_machine_question(self) -> bool:
        return (
            self._flow is not None
            and self._flow.question is not None
            and self._flow.question.stage == "machine"
        )

    def _known_here(self) -> list[Known]:
        """The machine questions that this machine can answer, where it is the one that trains."""
        machine = self._state.machine
        if machine is None or not self._is_machine_question() or self._asked_alone:
            return []
        from app.advice import machine_facts
        from rules.questionnaire import applicable, prefill

        assert self._flow is not None
        questions = [
            one
            for one in applicable(self._flow.knowledge, self._flow.answers)
            if one.stage == "machine"
        ]
        given = self._flow.answers
        others = {
            id_: value
            for id_, value in given.answers.items()
            if id_ not in {one.id for one in questions}
        }
        read = prefill(
            self._flow.knowledge,
            msgspec.structs.replace(given, answers=others),
            machine_facts(machine),
        ).answers
        if not all(one.id in read for one in questions):
            return []
        hardware = machine.hardware
        origins = {
            "training_hardware": ", ".join(one.name for one in hardware.accelerators)
            or hardware.cpu.model,
            "os": hardware.os_version,
            "python_version": next(
                (one.python for one in machine.environments if one.kind == "this"), ""
            ),
        }
        known = []
        for one in questions:
            value = given.answers.get(one.id, read[one.id])
            if not isinstance(value, str):
                return []
            from_here = value == read[one.id]
            known.append(Known(one, value, origins.get(one.id, "") if from_here else "", from_here))
        return known

    def _on_change_wanted(self, question_id: str) -> None:
        self._asked_alone = question_id
        self.go_to(question_id)

    # Moving

    def _on_chosen(self, value: Value) -> None:
        assert self._flow is not None
        assert self._flow.question is not None
        self._state.set_answer(self._flow.question.id, value)

    def _on_picked(self) -> None:
        """With its one answer a question is done; the verdict is asked for, not come upon."""
        if not self._leads_to_verdict():
            self.go_on()

    def _on_unknown(self) -> None:
        self._on_chosen(UNKNOWN)
        self.go_on()

    def go_on(self) -> None:
        """To the next question, or to the recommendation after the last core one."""
        if self._flow is None or self._flow.question is None:
            return
        leaves = self._leads_to_verdict()
        after = self._after()
        self._asked_alone = ""
        if after.position is None:
            after = msgspec.structs.replace(self._flow, answers=after.answers)
        self._flow = after
        for question_id, value in after.answers.answers.items():
            self._state.set_answer(question_id, value)
        self._show_question()
        if leaves:
            self._state.show_step.emit("recommendation")

    def go_back(self) -> None:
        """Exactly where one came from; over the card of machine questions as one."""
        if self._flow is None or not self._flow.history:
            return
        from_card = isinstance(self._view, ConfirmMachine)
        self._asked_alone = ""
        flow = self._flow.back()
        while from_card and flow.question is not None and flow.question.stage == "machine":
            if not flow.history:
                break
            flow = flow.back()
        # Back leads to the question before; what has been answered since stays answered.
        self._flow = msgspec.structs.replace(flow, answers=self._state.answers)
        self._show_question()

    def go_to(self, question_id: str) -> None:
        if self._flow is None:
            return
        if question_id != self._asked_alone:
            self._asked_alone = ""
        self._flow = self._flow.go_to(question_id)
        self._side_button.setChecked(False)
        self._show_question()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.map is not None and not self.map.isHidden():
            if event.key() == Qt.Key.Key_Escape:
                self.close_map()
            else:
                super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.go_on()
        else:
            super().keyPressEvent(event)
