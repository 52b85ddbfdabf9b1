"""What to do with the code there is: stay or move, what moving gains and costs, what has ended."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.gui.recommendation.cards import column, sourced
from app.gui.recommendation.words import Lookup
from app.gui.widgets.basic import Badge, Card, QuietButton, Text, clear
from rules.recommendation import PlanMigration, PlanReplacement, Recommendation


class StayOrMoveCard(Card):
    """Shown where there is code already. Signals: `steps_wanted()`."""

    steps_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._rows_widget, self._rows = column(12)
        self.body.addWidget(self._rows_widget)
        self.steps = QuietButton(self.tr("The steps, one by one"))
        self.steps.clicked.connect(self.steps_wanted)
        self.body.addWidget(self.steps, 0, Qt.AlignmentFlag.AlignLeft)

    def show_advice(self, recommendation: Recommendation, lookup: Lookup) -> None:
        clear(self._rows)
        plan = recommendation.plan
        if plan is None or not (plan.migration or plan.replacements):
            self.hide()
            return
        stay = plan.stay
        moves = [one for one in plan.migration if one.effort != "none"]
        if stay is not None:
            self.set_title(self.tr("Stay with {name}").format(name=lookup.name(stay.framework)))
            self._rows.addWidget(Text(stay.text))
        elif recommendation.screen.exit is not None:
            self.set_title(self.tr("What becomes of the code you have"))
        elif moves:
            names = dict.fromkeys(lookup.name(one.to) for one in moves)
            self.set_title(self.tr("Move to {name}").format(name=", ".join(names)))
        else:
            self.set_title(self.tr("What you use today"))
        for move in moves:
            self._show_move(move, recommendation, lookup)
        for part in plan.replacements:
            self._show_replacement(part)
        self.steps.setVisible(bool(plan.migration))
        self.show()

    def _show_move(
        self, move: PlanMigration, recommendation: Recommendation, lookup: Lookup
    ) -> None:
        efforts = {
            "small": (self.tr("small effort"), "good"),
            "medium": (self.tr("medium effort"), "warn"),
            "large": (self.tr("large effort"), "bad"),
        }
        row = QHBoxLayout()
        row.setSpacing(8)
        old, new = lookup.name(move.from_code), lookup.name(move.to)
        # An exit's name is a headline of its own.
        is_exit = recommendation.screen.exit is not None
        words = old if is_exit else self.tr("From {old} to {new}").format(old=old, new=new)
        row.addWidget(Text(words, "strong"), 1)
        if move.effort in efforts:
            row.addWidget(Badge(*efforts[move.effort]), 0, Qt.AlignmentFlag.AlignTop)
        self._rows.addLayout(row)
        self._rows.addWidget(Text(move.text))
        for out in recommendation.ruled_out:
            if out.framework == move.from_code:
                fix = self.tr(" Way out: {fix}").format(fix=out.fix) if out.fix else ""
                text = self.tr("Why it cannot stay: {reason}").format(reason=out.reason) + fix
                if out.as_of:
                    self._rows.addLayout(sourced(text, out.source, out.as_of))
                else:
                    self._rows.addWidget(Text(text))
        for other in recommendation.why_not:
            if other.framework == move.from_code:
                self._rows.addWidget(Text(other.sentence))

    def _show_replacement(self, part: PlanReplacement) -> None:
        states = {
            "stalled": (self.tr("stalled"), "warn"),
            "retired": (self.tr("retired"), "bad"),
        }
        row = QHBoxLayout()
        row.setSpacing(8)
        words = (
            self.tr("Replace {old} by {new}").format(old=part.name, new=part.successor)
            if part.successor
            else self.tr("Replace {old}").format(old=part.name)
        )
        row.addWidget(Text(words, "strong"), 1)
        if part.lifecycle in states:
            row.addWidget(Badge(*states[part.lifecycle]), 0, Qt.AlignmentFlag.AlignTop)
        self._rows.addLayout(row)
        text = f"{part.text} {part.move}" if part.move else part.text
        self._rows.addLayout(sourced(text, part.source, part.as_of, part.name))
