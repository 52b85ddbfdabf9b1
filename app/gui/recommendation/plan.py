"""What it costs and can go wrong, and what to do next."""

from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from app.gui.opening import is_web_address, open_web_address
from app.gui.recommendation.cards import bullets, claim, sourced, sourced_row
from app.gui.recommendation.install import InstallPanel
from app.gui.recommendation.words import Lookup, grade_sentence, grade_word
from app.gui.widgets.basic import (
    READING_WIDTH,
    Badge,
    Card,
    Heading,
    Icon,
    Note,
    QuietButton,
    Text,
    plain_tooltip,
)
from app.gui.widgets.evidence import EvidenceBadge, Statement
from app.gui.widgets.rows import Row, Rows, text_row
from app.theme import Theme
from rules.recommendation import (
    Part,
    Plan,
    PlanMigration,
    PlanNeed,
    Recommendation,
    Resource,
    Stack,
)


class CostsCard(Card):
    """Migration, warnings and dated risks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("What it costs, and what can go wrong"))
        self.rows = Rows(12)
        self.body.addWidget(self.rows)

    def show_advice(self, recommendation: Recommendation, lookup: Lookup) -> None:
        self.rows.show_rows(self._told(recommendation, lookup))
        self.setVisible(recommendation.plan is not None)

    def _told(self, recommendation: Recommendation, lookup: Lookup) -> Iterator[Row]:
        plan = recommendation.plan
        leader = recommendation.ranking[0] if recommendation.ranking else None
        warnings = leader.warnings if leader and recommendation.screen.exit is None else ()
        for migration in plan.migration if plan else ():
            yield from self._migration(migration, lookup)
        for warning in warnings:
            yield Row(("warning", warning), partial(self._warning, warning, lookup))
        for risk in plan.risks if plan else ():
            yield sourced_row(risk.text, risk.source, risk.as_of, self.tr("A risk"))
        if plan is not None and not (plan.migration or warnings or plan.risks):
            yield text_row(
                self.tr("No code has to move, and no dated risk is known for your answers."),
                "muted",
            )

    def _warning(self, warning: str, lookup: Lookup) -> QLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        mark = Icon("warn", "warn", meaning=self.tr("Warning"))
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        grade, statements = lookup.behind(warning)
        row.addLayout(claim(warning, grade, statements, self.tr("A warning")), 1)
        return row

    def _migration(self, migration: PlanMigration, lookup: Lookup) -> Iterator[Row]:
        words = self.tr("From {old} to {new}").format(
            old=lookup.name(migration.from_code), new=lookup.name(migration.to)
        )
        yield Row((words, migration.effort), lambda: self._effort(words, migration))
        yield sourced_row(migration.text, migration.source, migration.as_of)
        for number, step in enumerate(migration.first_steps, 1):
            yield Row((number, step), partial(_step, number, step))

    def _effort(self, words: str, migration: PlanMigration) -> QLayout:
        efforts = {
            "none": (self.tr("no effort"), "good"),
            "small": (self.tr("small effort"), "good"),
            "medium": (self.tr("medium effort"), "warn"),
            "large": (self.tr("large effort"), "bad"),
        }
        head = QHBoxLayout()
        head.addWidget(Text(words, "strong"), 1)
        head.addWidget(Badge(*efforts[migration.effort]))
        return head


def _step(number: int, step: str) -> QLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(Text(f"{number}.", "muted", wrap=False), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(Text(step), 1)
    return row


class NextCard(Card):
    """Stack, install line, phases, learning, and when to look at this again.

    Signals: `step_wanted(str)`.
    """

    step_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("What to do next"))
        self.install = InstallPanel()
        self.body.addWidget(self.install)
        self.rows = Rows(12)
        self.body.addWidget(self.rows)

    def show_advice(self, recommendation: Recommendation, lookup: Lookup) -> None:
        self.install.show_advice(recommendation)
        stack, plan = recommendation.stack, recommendation.plan
        rows = [] if stack is None else list(self._stack(stack))
        rows += [] if plan is None else list(self._plan(plan))
        self.rows.show_rows(rows)
        self.setVisible(bool(rows) or (stack is not None and stack.install is not None))

    def _stack(self, stack: Stack) -> Iterator[Row]:
        for title, parts in (
            (self.tr("To train with"), stack.training),
            (self.tr("For the data"), stack.data),
            (self.tr("To deliver with"), stack.delivery),
            (self.tr("To serve with"), stack.serving),
            (self.tr("To track with"), stack.tracking),
        ):
            if parts:
                yield _heading(title)
            for part in parts:
                yield Row(part, partial(self._part, part))

    def _plan(self, plan: Plan) -> Iterator[Row]:
        if plan.needs:
            yield _heading(self.tr("Your special needs"))
        for need in plan.needs:
            yield from self._need(need)
        if plan.phases:
            yield Row("phases", self._phases_heading)
        for number, phase in enumerate(plan.phases, 1):
            yield text_row(f"{number}. {phase.title}", "strong")
            yield text_row(phase.text)
        if plan.learning:
            yield _heading(self.tr("To learn it"))
        for resource in plan.learning:
            yield Row(resource, partial(self._resource, resource))
        yield _heading(self.tr("Look again"))
        by = self.tr("By {day}, or when:") if plan.review_when else self.tr("By {day}.")
        yield text_row(by.format(day=plan.review_by))
        for when in plan.review_when:
            yield Row(("when", when), partial(bullets, (when,)))

    def _phases_heading(self) -> QLayout:
        title = self.tr("Step by step")
        statement = Statement(
            self.tr("The order and the wording of these steps are advice of ours."),
            grade_sentence("judgement"),
            self.tr("this program's knowledge; what the steps rest on has its sources above"),
            "",
        )
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(Heading(title), 1)
        row.addWidget(EvidenceBadge(grade_word("judgement"), title, (statement,)))
        return row

    def _need(self, need: PlanNeed) -> Iterator[Row]:
        yield Row((need.title, need.answer), lambda: self._answer(need))
        if need.source and need.as_of:
            yield sourced_row(need.text, need.source, need.as_of, need.title)
        else:
            yield text_row(need.text)
        if need.component:
            yield text_row(self.tr("With: {name}").format(name=need.component), "note")

    def _answer(self, need: PlanNeed) -> QLayout:
        answers = {
            "yes": (self.tr("yes"), "good"),
            "with_effort": (self.tr("with effort"), "warn"),
            "hardly": (self.tr("hardly"), "warn"),
            "no": (self.tr("no"), "bad"),
            "unknown": (self.tr("not known"), "neutral"),
        }
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Text(need.title, "strong"), 1)
        head.addWidget(Badge(*answers[need.answer]), 0, Qt.AlignmentFlag.AlignTop)
        return head

    def _part(self, part: Part) -> QVBoxLayout:
        lines = QVBoxLayout()
        lines.setSpacing(4)
        text = part.name
        if part.for_target:
            text = self.tr("{name}, for {target}").format(
                name=part.name, target=self.tr(part.for_target.replace("_", " "))
            )
        lines.addWidget(Text(text, "strong"))
        if part.source and part.as_of:
            lines.addLayout(sourced(part.text, part.source, part.as_of, part.name))
        else:
            lines.addWidget(Text(part.text))
        if part.packages:
            lines.addWidget(
                Note(self.tr("Packages: {names}").format(names=", ".join(part.packages)))
            )
        if part.warning:
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(
                Icon("warn", "warn", 18, self.tr("Warning")), 0, Qt.AlignmentFlag.AlignTop
            )
            if part.source and part.as_of:
                row.addLayout(sourced(part.warning, part.source, part.as_of, part.name), 1)
            else:
                row.addWidget(Text(part.warning), 1)
            lines.addLayout(row)
        return lines

    def _resource(self, resource: Resource) -> QHBoxLayout:
        row = QHBoxLayout()
        text = Text(
            self.tr("{title}, {author}").format(title=resource.title, author=resource.author)
        )
        text.setMaximumWidth(READING_WIDTH)
        row.addWidget(text, 1)
        follow = QuietButton(self.tr("Open"), "external")
        follow.setToolTip(plain_tooltip(resource.link))
        follow.setEnabled(is_web_address(resource.link))
        follow.setAccessibleName(self.tr("Open {title}").format(title=resource.title))
        follow.clicked.connect(lambda: open_web_address(resource.link))
        row.addWidget(follow, 0, Qt.AlignmentFlag.AlignTop)
        row.addStretch(0)
        return row


def _heading(text: str) -> Row:
    return Row(("heading", text), lambda: Heading(text))
