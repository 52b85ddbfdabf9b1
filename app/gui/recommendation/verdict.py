"""The first card: what, and how sure."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.gui.recommendation.words import (
    Lookup,
    how_made,
    how_sure,
    is_measured,
)
from app.gui.widgets.basic import (
    Badge,
    Button,
    Card,
    Heading,
    Muted,
    Note,
    Notice,
    PrimaryButton,
    QuietButton,
    Text,
)
from app.gui.widgets.disclosure import Disclosure
from app.gui.widgets.layouts import Flow
from app.gui.widgets.marks import Mark
from app.headline import advised, headline
from app.theme import Theme
from rules.recommendation import ConflictFound, Recommendation


class VerdictCard(Card):
    """Headline in words, the reason, how sure, and what the verdict rests on.

    Signals: `step_wanted(str)`.
    """

    step_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAccessibleName(self.tr("The recommendation"))
        self._badges = Flow()
        self._measured = Badge()
        self._facts = Badge()
        self._badges.addWidget(self._measured)
        self._badges.addWidget(self._facts)
        self.body.addLayout(self._badges)
        top = QHBoxLayout()
        top.setSpacing(12)
        self._mark = Mark(theme, "")
        top.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignVCenter)
        self.headline = Heading(level=1)
        top.addWidget(self.headline, 1)
        self.body.addLayout(top)
        self.reason = Text()
        self.body.addWidget(self.reason)
        self.sure = Text(role="strong")
        self.body.addWidget(self.sure)
        self.moved = Muted()
        self.body.addWidget(self.moved)
        self.made = Disclosure(self.tr("How sure, in figures, and how that was found out"))
        self._made_text = Muted()
        self.made.body.addWidget(self._made_text)
        self.body.addWidget(self.made)
        actions = Flow(spacing=8)
        self.starter = PrimaryButton(self.tr("Get starter code"), "starter")
        self.starter.clicked.connect(lambda: self.step_wanted.emit("starter"))
        self.measure = Button(self.tr("Measure on this machine"), icon_name="machine")
        self.measure.clicked.connect(lambda: self.step_wanted.emit("machine"))
        self.report = Button(self.tr("Write a report"), icon_name="report")
        self.report.clicked.connect(lambda: self.step_wanted.emit("report"))
        for button in (self.starter, self.measure, self.report):
            actions.addWidget(button)
        self.body.addLayout(actions)

    def set_theme(self, theme: Theme) -> None:
        self._mark.set_theme(theme)

    def show_advice(
        self,
        recommendation: Recommendation,
        lookup: Lookup,
        first: Recommendation | None,
        machine_file: str | None = None,
    ) -> None:
        """`first` is the verdict before measuring, where there was one; `machine_file` names the
        file that the times came from, if they were not taken here."""
        verdict = recommendation.verdict
        self.headline.setText(headline(recommendation, lookup.names))
        self.sure.setText(how_sure(recommendation))
        self.reason.setText(verdict.reason)
        self.reason.setVisible(verdict.reason != self.sure.text())
        measured = is_measured(recommendation)
        self.measure.setText(
            self.tr("Measure again")
            if measured and machine_file is None
            else self.tr("Measure on this machine")
        )
        if measured and machine_file is not None:
            told = self.tr("measured, in the file {name}").format(name=machine_file)
            self._measured.set_badge(told, "good")
        elif measured:
            self._measured.set_badge(self.tr("measured on this machine"), "good")
        else:
            self._measured.set_badge(self.tr("not measured"), "neutral")
        self._facts.set_badge(
            self.tr("facts of {version}, read on {today}").format(
                version=recommendation.knowledge.version, today=recommendation.made.today
            ),
            "neutral",
        )
        self.moved.setText(self._what_measuring_did(recommendation, lookup, first))
        self.moved.setVisible(bool(self.moved.text()))
        self._made_text.setText(how_made(recommendation))
        self.made.setVisible(bool(self._made_text.text()))
        chosen = advised(recommendation)
        has_mark = chosen is not None and chosen in lookup.frameworks
        if has_mark:
            self._mark.set_framework(chosen or "")
        self._mark.setVisible(has_mark)
        nothing_left = verdict.framework is None
        # Who has nothing to train has nothing to start from either.
        self.starter.setVisible(not nothing_left and recommendation.screen.exit != "runtime")
        self.measure.setVisible(not nothing_left and recommendation.screen.exit is None)

    def _what_measuring_did(
        self, recommendation: Recommendation, lookup: Lookup, first: Recommendation | None
    ) -> str:
        if not is_measured(recommendation) or first is None or first is recommendation:
            return ""
        before, now = first.verdict.framework, recommendation.verdict.framework
        if before is None or now is None:
            return ""
        if before == now:
            return self.tr("The first verdict, before measuring, was the same.")
        return self.tr("Before measuring it was {before}; the times moved it.").format(
            before=lookup.name(before)
        )


class ConflictNotice(Notice):
    """Answers that can hardly be true together, with the repair as one button.

    Signals: `repair_wanted(dict of answers)`, `questions_wanted()`.
    """

    repair_wanted = Signal(object)
    questions_wanted = Signal()

    def __init__(self, conflict: ConflictFound, parent: QWidget | None = None) -> None:
        super().__init__("warn", conflict.question, parent)
        reading = Note(self.tr("Until then: {reading}").format(reading=conflict.reading))
        self.body.insertWidget(self.body.count() - 1, reading)
        if conflict.set:
            repair = Button(self.tr("Yes, set it so"))
            repair.clicked.connect(lambda: self.repair_wanted.emit(dict(conflict.set)))
            self.buttons.insertWidget(0, repair)
        change = QuietButton(self.tr("Change my answers"))
        change.clicked.connect(self.questions_wanted)
        self.buttons.insertWidget(1, change)
