"""What it costs and can go wrong, and what to do next."""

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.gui.recommendation.cards import bullets, column, copy_line, sourced
from app.gui.recommendation.words import Lookup
from app.gui.widgets.basic import (
    READING_WIDTH,
    Badge,
    Card,
    Heading,
    Icon,
    Muted,
    Note,
    QuietButton,
    Text,
    clear,
)
from app.theme import Theme
from rules.recommendation import Part, PlanMigration, PlanNeed, Recommendation, Resource


class CostsCard(Card):
    """Migration, warnings and dated risks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("What it costs, and what can go wrong"))
        self._rows_widget, self._rows = column(12)
        self.body.addWidget(self._rows_widget)

    def show_advice(self, recommendation: Recommendation, lookup: Lookup) -> None:
        clear(self._rows)
        plan = recommendation.plan
        migrations = plan.migration if plan else ()
        risks = plan.risks if plan else ()
        leader = recommendation.ranking[0] if recommendation.ranking else None
        warnings = leader.warnings if leader and recommendation.screen.exit is None else ()
        for migration in migrations:
            self._show_migration(migration, lookup)
        for warning in warnings:
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(
                Icon("warn", "warn", meaning=self.tr("Warning")), 0, Qt.AlignmentFlag.AlignTop
            )
            row.addWidget(Text(warning), 1)
            self._rows.addLayout(row)
        for risk in risks:
            self._rows.addLayout(sourced(risk.text, risk.source, risk.as_of, self.tr("A risk")))
        if plan is not None and not (migrations or warnings or risks):
            self._rows.addWidget(
                Muted(self.tr("No code has to move, and no dated risk is known for your answers."))
            )
        self.setVisible(plan is not None)

    def _show_migration(self, migration: PlanMigration, lookup: Lookup) -> None:
        efforts = {
            "none": (self.tr("no effort"), "good"),
            "small": (self.tr("small effort"), "good"),
            "medium": (self.tr("medium effort"), "warn"),
            "large": (self.tr("large effort"), "bad"),
        }
        head = QHBoxLayout()
        head.addWidget(
            Text(
                self.tr("From {old} to {new}").format(
                    old=lookup.name(migration.from_code), new=lookup.name(migration.to)
                ),
                "strong",
            ),
            1,
        )
        head.addWidget(Badge(*efforts[migration.effort]))
        self._rows.addLayout(head)
        self._rows.addLayout(sourced(migration.text, migration.source, migration.as_of))
        if migration.first_steps:
            self._rows.addLayout(bullets(migration.first_steps, numbered=True))


class NextCard(Card):
    """Stack, install line, phases, learning, and when to look at this again.

    Signals: `step_wanted(str)`.
    """

    step_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("What to do next"))
        self._rows_widget, self._rows = column(12)
        self.body.addWidget(self._rows_widget)

    def show_advice(self, recommendation: Recommendation, lookup: Lookup) -> None:
        clear(self._rows)
        stack, plan = recommendation.stack, recommendation.plan
        if stack is not None:
            if stack.install is not None:
                self._rows.addWidget(Heading(self.tr("Install")))
                self._rows.addLayout(copy_line(stack.install.command, self.tr("Install line")))
                notes = [stack.install.note or ""]
                if not stack.install.verified:
                    notes.append(self.tr("No resolver has tried this line yet."))
                notes.append(
                    self.tr("Source: {source}, {month}.").format(
                        source=stack.install.source, month=stack.install.as_of
                    )
                )
                self._rows.addWidget(Note(" ".join(note for note in notes if note)))
            for title, parts in (
                (self.tr("To train with"), stack.training),
                (self.tr("For the data"), stack.data),
                (self.tr("To deliver with"), stack.delivery),
                (self.tr("To serve with"), stack.serving),
                (self.tr("To track with"), stack.tracking),
            ):
                if parts:
                    self._rows.addWidget(Heading(title))
                    for part in parts:
                        self._rows.addLayout(self._part(part))
        if plan is not None:
            if plan.needs:
                self._rows.addWidget(Heading(self.tr("Your special needs")))
                for need in plan.needs:
                    self._show_need(need)
            if plan.phases:
                self._rows.addWidget(Heading(self.tr("Step by step")))
                for number, phase in enumerate(plan.phases, 1):
                    self._rows.addWidget(Text(f"{number}. {phase.title}", "strong"))
                    self._rows.addWidget(Text(phase.text))
            if plan.learning:
                self._rows.addWidget(Heading(self.tr("To learn it")))
                for resource in plan.learning:
                    self._rows.addLayout(self._resource(resource))
            self._rows.addWidget(Heading(self.tr("Look again")))
            self._rows.addWidget(
                Text(self.tr("By {day}, or when:").format(day=plan.review_by))
                if plan.review_when
                else Text(self.tr("By {day}.").format(day=plan.review_by))
            )
            self._rows.addLayout(bullets(plan.review_when))
        self.setVisible(stack is not None or plan is not None)

    def _show_need(self, need: PlanNeed) -> None:
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
        self._rows.addLayout(head)
        if need.source and need.as_of:
            self._rows.addLayout(sourced(need.text, need.source, need.as_of, need.title))
        else:
            self._rows.addWidget(Text(need.text))
        if need.component:
            self._rows.addWidget(Note(self.tr("With: {name}").format(name=need.component)))

    def _part(self, part: Part) -> QVBoxLayout:
        lines = QVBoxLayout()
        lines.setSpacing(4)
        text = part.name
        if part.for_target:
            text = self.tr("{name}, for {target}").format(
                name=part.name, target=part.for_target.replace("_", " ")
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
        follow.setToolTip(resource.link)
        follow.setAccessibleName(self.tr("Open {title}").format(title=resource.title))
        follow.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(resource.link)))
        row.addWidget(follow, 0, Qt.AlignmentFlag.AlignTop)
        row.addStretch(0)
        return row
