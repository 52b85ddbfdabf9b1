"""The recommendation page: what, how sure, why, why not the others, what would change it, the
ranking and where it comes from, what was measured, what it costs, what to do next.

Shows the recommendation of the shared state and asks the state for changes; decides nothing.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.gui.recommendation.measured import MeasuredCard
from app.gui.recommendation.old_advice import OldAdviceCard
from app.gui.recommendation.plan import CostsCard, NextCard
from app.gui.recommendation.reasons import WhyCard, WhyNotCard
from app.gui.recommendation.scores import ContributionsCard, RankingCard
from app.gui.recommendation.side_by_side import SideBySideCard
from app.gui.recommendation.stay_or_move import StayOrMoveCard
from app.gui.recommendation.verdict import ConflictNotice, VerdictCard
from app.gui.recommendation.what_if import WhatIfCard
from app.gui.recommendation.words import Lookup, is_measured
from app.gui.state import State
from app.gui.widgets.basic import Card, Heading, Muted, PrimaryButton, QuietButton
from app.gui.widgets.layouts import ColumnGrid, Flow, ScrollColumn
from app.gui.widgets.rows import Row, Rows
from app.headline import headline
from rules.recommendation import ConflictFound, Recommendation
from rules.views import ThenAndNow, then_and_now_for

OUT_OF_SIGHT_MILLISECONDS = 80
"""After a change, what is out of sight waits this long: a slider that is dragged on pays for what
is seen, and for nothing else."""


class _Part(NamedTuple):
    card: QWidget
    show: Callable[[Recommendation, Lookup], None]


class Page(QWidget):
    step_id = "recommendation"

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.title = self.tr("Recommendation")
        self._lookup: Lookup | None = None
        self._stale = True
        self._told: dict[str, object] = {}
        """What each costly part shows now, so that only what changed is built anew."""
        self._due: list[_Part] = []
        """What still shows the recommendation before."""
        self._is_filled = False
        self._before = ""
        """The verdict without pretending, as one line."""
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._show_next)

        self._stack = QStackedWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._stack)
        self._stack.addWidget(self._make_empty())
        self._stack.addWidget(self._make_cards())

        state.knowledge_loaded.connect(self._on_knowledge_loaded)
        state.recommendation_changed.connect(self._on_changed)
        state.answers_changed.connect(self._on_answers_changed)
        state.machine_changed.connect(self._on_changed)
        state.what_ifs_changed.connect(self._on_changed)
        state.theme_changed.connect(self._on_theme_changed)
        if state.knowledge is not None:
            self._on_knowledge_loaded()

    def initial_focus(self) -> QWidget:
        if self._stack.currentIndex() == 0:
            return self.go_to_questions
        return self.verdict.starter if self.verdict.starter.isVisibleTo(self) else self.jumps[0]

    def refresh(self) -> None:
        self._show()

    # Made once

    def _make_empty(self) -> QWidget:
        column = ScrollColumn(widest=720)
        card = Card()
        self._empty_title = Heading(level=1)
        self._empty_text = Muted()
        self.go_to_questions = PrimaryButton(self.tr("Answer the questions"), "questions")
        self.go_to_questions.clicked.connect(lambda: self._state.show_step.emit("questions"))
        card.body.addWidget(self._empty_title)
        card.body.addWidget(self._empty_text)
        row = Flow()
        row.addWidget(self.go_to_questions)
        card.body.addLayout(row)
        column.body.addStretch(1)
        column.body.addWidget(card)
        column.body.addStretch(2)
        return column

    def _make_cards(self) -> QWidget:
        state, theme = self._state, self._state.theme
        self.verdict = VerdictCard(theme)
        self.stay_or_move = StayOrMoveCard()
        self.why = WhyCard()
        self.why_not = WhyNotCard(theme)
        self.what_if = WhatIfCard(theme)
        self.ranking = RankingCard(theme)
        self.contributions = ContributionsCard(theme)
        self.side_by_side = SideBySideCard(theme)
        self.measured = MeasuredCard(theme)
        self.costs = CostsCard()
        self.next = NextCard(theme)
        self.old_advice = OldAdviceCard()
        self.old_advice.hide()

        self.verdict.step_wanted.connect(state.show_step)
        self.measured.step_wanted.connect(state.show_step)
        self.next.step_wanted.connect(state.show_step)
        install = self.next.install
        install.verified.connect(state.set_installation)
        install.machine_wanted.connect(state.open_file)
        install.set_place(
            lambda: (state.machine, state.knowledge.driver_floors if state.knowledge else ())
        )
        install.show_found(state.installation)
        state.installation_changed.connect(lambda: install.show_found(state.installation))
        self.old_advice.all_wanted.connect(self._on_old_advice_wanted)
        self.stay_or_move.steps_wanted.connect(lambda: self._jump_to(self.costs))
        self.what_if.importance_changed.connect(state.set_importance)
        self.what_if.reset_wanted.connect(state.reset_importance)
        self.what_if.pretend.pretended.connect(self._on_pretended)
        self.what_if.pretend.back_wanted.connect(state.stop_pretending)
        self.what_if.pretend.taken_over.connect(self._on_taken_over)
        self.what_if.kept.keep_wanted.connect(state.keep_what_if)
        self.what_if.kept.renamed.connect(state.rename_what_if)
        self.what_if.kept.removed.connect(state.remove_what_if)
        self.what_if.kept.used.connect(state.use_what_if)
        self.ranking.framework_chosen.connect(self.why_not.choose)

        self.column = ScrollColumn()
        content = self.column.widget()
        assert content is not None
        self._content = content
        self.conflicts = Rows(12)
        self.conflicts.hide()
        self.column.body.addWidget(self.verdict)
        self.column.body.addWidget(self.conflicts)
        self.column.body.addWidget(self.stay_or_move)
        self.column.body.addWidget(self.why)
        self.column.body.addWidget(self.why_not)
        # Side by side where there is room: who moves a slider wants to see the ranking follow.
        beside = ColumnGrid(column_width=460, spacing=16, most_columns=2)
        beside.addWidget(self.what_if)
        beside.addWidget(self.ranking)
        self.column.body.addLayout(beside)
        for card in (
            self.contributions,
            self.side_by_side,
            self.measured,
            self.costs,
            self.next,
            self.old_advice,
        ):
            self.column.body.addWidget(card)
        self.column.body.addStretch(1)
        self.column.verticalScrollBar().valueChanged.connect(lambda _: self._show_in_sight())
        self._ranking_part = _Part(self.ranking, self._show_ranking)
        self._verdict_part = _Part(self.verdict, self._show_verdict)
        self._parts = (
            self._verdict_part,
            _Part(self.conflicts, self._show_conflicts),
            _Part(self.stay_or_move, self.stay_or_move.show_advice),
            _Part(self.why, self.why.show_advice),
            _Part(self.why_not, self.why_not.show_advice),
            _Part(self.what_if, self._show_what_if),
            self._ranking_part,
            _Part(self.contributions, self.contributions.show_advice),
            _Part(self.side_by_side, self._show_side_by_side),
            _Part(self.measured, self._show_measured),
            _Part(self.costs, self.costs.show_advice),
            _Part(self.next, self.next.show_advice),
            _Part(self.old_advice, self._show_old_advice),
        )

        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._make_jumps())
        self.column.set_margins(12, 28)
        layout.addWidget(self.column, 1)
        return page

    def _make_jumps(self) -> QWidget:
        """The parts of a long page at hand, by mouse and by keyboard."""
        bar = QWidget()
        bar.setAccessibleName(self.tr("Parts of this page"))
        outer = QVBoxLayout(bar)
        # Above the cards; what can be pressed begins a little before its text.
        self.column.centred.connect(
            lambda side: outer.setContentsMargins(side - 9, 16, side - 9, 4)
        )
        row = Flow(spacing=0)
        outer.addLayout(row)
        self.jumps: list[QuietButton] = []
        self._jump_targets: list[QWidget] = []
        for text, card in (
            (self.tr("Verdict"), self.verdict),
            (self.tr("Why"), self.why),
            (self.tr("Why not"), self.why_not),
            (self.tr("What if"), self.what_if),
            (self.tr("Ranking"), self.ranking),
            (self.tr("Scores"), self.contributions),
            (self.tr("Side by side"), self.side_by_side),
            (self.tr("Measured"), self.measured),
            (self.tr("Costs"), self.costs),
            (self.tr("Next steps"), self.next),
            (self.tr("Old advice"), self.old_advice),
        ):
            button = QuietButton(text)
            button.clicked.connect(lambda _=False, card=card: self._jump_to(card))
            row.addWidget(button)
            self.jumps.append(button)
            self._jump_targets.append(card)
        return bar

    def _jump_to(self, card: QWidget) -> None:
        # Only what has its content stands where it will stand.
        self.complete()
        layout = self._content.layout()
        assert layout is not None
        layout.activate()
        top = card.mapTo(self._content, card.rect().topLeft()).y()
        self.column.verticalScrollBar().setValue(max(0, top - 12))

    # Changes

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()
        if self._due:
            self._later.start(0)

    def _on_knowledge_loaded(self) -> None:
        knowledge = self._state.knowledge
        assert knowledge is not None
        self._lookup = Lookup.of(knowledge)
        self._told.clear()
        if not self.what_if.sliders:
            self.what_if.set_groups(knowledge.groups)
            self.what_if.pretend.set_knowledge(knowledge)
        self._on_changed()

    def _on_changed(self) -> None:
        self._stale = True
        if self.isVisible():
            self._show()

    def _on_answers_changed(self) -> None:
        # What is shown stays until the answers have been weighed.
        if self._state.recommendation is None:
            self._on_changed()

    def _on_theme_changed(self) -> None:
        theme = self._state.theme
        for card in (
            self.verdict,
            self.why_not,
            self.what_if,
            self.ranking,
            self.contributions,
            self.side_by_side,
            self.measured,
        ):
            card.set_theme(theme)
        self._told.clear()
        self._on_changed()

    def _on_pretended(self, question: str, answer: str | tuple[str, ...] | None) -> None:
        state = self._state
        if not state.pinned:
            so_far, lookup = state.recommendation, self._lookup
            self._before = headline(so_far, lookup.names) if so_far and lookup else ""
        state.pretend(question, answer)

    def _on_taken_over(self) -> None:
        self._state.take_over_pretended()
        self._on_changed()

    def _on_old_advice_wanted(self) -> None:
        self._state.show_step.emit("knowledge")
        self._state.view_wanted.emit("then_and_now")

    # Showing: what is in sight at once, the rest in slices when there is time

    def complete(self) -> None:
        """Show now what still waits for its turn."""
        while self._due:
            self._show_part(self._due[0])
        self._offer_jumps()

    def _show(self) -> None:
        if not self._stale:
            return
        self._stale = False
        if self._state.recommendation is None or self._lookup is None:
            self._due = []
            self._show_empty()
            return
        self._stack.setCurrentIndex(1)
        self._state.consider()
        is_first, self._is_filled = not self._is_filled, True
        self._due = list(self._parts)
        # What a slider moves comes first, and is on the screen before anything else is laid out.
        self._show_part(self._ranking_part)
        self.ranking.chart.repaint()
        self._show_part(self._verdict_part)
        if not is_first:
            self._show_in_sight()
        # Cards without content all lie in sight: they are filled one by one, from the top.
        self._later.start(0 if is_first else OUT_OF_SIGHT_MILLISECONDS)

    def _show_in_sight(self) -> None:
        shown = [part for part in self._due if not part.card.visibleRegion().isEmpty()]
        for part in shown:
            self._show_part(part)
        if shown:
            self._offer_jumps()

    def _show_next(self) -> None:
        """One slice of what is out of sight; a decision that is under way goes first."""
        if not self._due or not self.isVisible():
            return
        if self._state.is_weighing:
            self._later.start(OUT_OF_SIGHT_MILLISECONDS)
            return
        self._show_part(self._due[0])
        if self._due:
            self._later.start(0)
        else:
            self._offer_jumps()

    def _show_part(self, part: "_Part") -> None:
        recommendation, lookup = self._state.recommendation, self._lookup
        self._due.remove(part)
        if recommendation is not None and lookup is not None:
            part.show(recommendation, lookup)

    def _offer_jumps(self) -> None:
        for button, card in zip(self.jumps, self._jump_targets, strict=True):
            button.setVisible(card.isVisibleTo(self.column))

    def _show_verdict(self, recommendation: Recommendation, lookup: Lookup) -> None:
        state = self._state
        self.verdict.show_advice(recommendation, lookup, state.first_verdict, state.machine_file)

    def _show_ranking(self, recommendation: Recommendation, lookup: Lookup) -> None:
        animate = not self._state.reduced_motion
        self.ranking.show_advice(recommendation, lookup, animate=animate)

    def _show_what_if(self, recommendation: Recommendation, lookup: Lookup) -> None:
        self.what_if.show_advice(recommendation, lookup, self._state.importance_before)
        self.what_if.setVisible(bool(recommendation.ranking))
        self.what_if.pretend.show_answers(recommendation.answers, self._state.pinned, self._before)
        self.what_if.kept.suggest(self._state.what_if_label())
        self.what_if.kept.show_kept(self._state.what_ifs, lookup)

    def _show_side_by_side(self, recommendation: Recommendation, lookup: Lookup) -> None:
        self.side_by_side.show_advice(recommendation, lookup, self._state.machine)

    def _show_measured(self, recommendation: Recommendation, lookup: Lookup) -> None:
        machine = self._state.machine
        if self._is_news("measured", (machine, is_measured(recommendation))):
            self.measured.show_advice(recommendation, lookup, machine)

    def _show_old_advice(self, recommendation: Recommendation, lookup: Lookup) -> None:
        """Each leaf of old advice takes a decision of its own, so not here and now."""
        knowledge, answers, today = self._state.knowledge, self._state.answers, self._state.today
        assert knowledge is not None
        if not self._is_news("old advice", (answers.answers, answers.existing_components)):
            return

        def found(rows: tuple[ThenAndNow, ...]) -> None:
            self.old_advice.show_rows(rows, knowledge)
            self.old_advice.setVisible(bool(rows))
            self.jumps[-1].setVisible(bool(rows))

        self._state.in_background(
            "old advice", lambda: then_and_now_for(knowledge, answers, today), found
        )

    def _is_news(self, part: str, content: object) -> bool:
        if part in self._told and self._told[part] == content:
            return False
        self._told[part] = content
        return True

    def _show_conflicts(self, recommendation: Recommendation, lookup: Lookup) -> None:
        self.conflicts.show_rows(
            Row((one.question, one.reading), partial(self._conflict, one))
            for one in recommendation.conflicts
        )
        self.conflicts.setVisible(bool(recommendation.conflicts))

    def _conflict(self, conflict: ConflictFound) -> QWidget:
        notice = ConflictNotice(conflict)
        notice.repair_wanted.connect(self._state.set_several)
        notice.questions_wanted.connect(lambda: self._state.show_step.emit("questions"))
        return notice

    def _show_empty(self) -> None:
        self._stack.setCurrentIndex(0)
        answered = bool(self._state.answers.answers or self._state.answers.must_use)
        if answered:
            self._empty_title.setText(self.tr("Weighing your answers"))
            self._empty_text.setText(self.tr("The first verdict will be here in a moment."))
        else:
            self._empty_title.setText(self.tr("No answers yet"))
            self._empty_text.setText(
                self.tr(
                    "A recommendation needs to know what you want to do. Ten questions give a "
                    "first verdict; every one of them can stay open."
                )
            )
        self.go_to_questions.setVisible(not answered)
