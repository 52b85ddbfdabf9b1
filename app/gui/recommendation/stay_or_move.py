"""What to do with the code there is: stay or move, what moving gains and costs, what has ended."""

from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.gui.recommendation.cards import sourced_row
from app.gui.recommendation.words import Lookup
from app.gui.widgets.basic import Badge, Card, QuietButton, Text
from app.gui.widgets.rows import Row, Rows, text_row
from rules.recommendation import PlanMigration, PlanReplacement, Recommendation


class StayOrMoveCard(Card):
    """Shown where there is code already. Signals: `steps_wanted()`."""

    steps_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.rows = Rows(12)
        self.body.addWidget(self.rows)
        self.steps = QuietButton(self.tr("The steps, one by one"))
        self.steps.clicked.connect(self.steps_wanted)
        self.body.addWidget(self.steps, 0, Qt.AlignmentFlag.AlignLeft)

    def show_advice(self, recommendation: Recommendation, lookup: Lookup) -> None:
        plan = recommendation.plan
        if plan is None or not (plan.migration or plan.replacements):
            self.rows.show_rows(())
            self.hide()
            return
        stay = plan.stay
        moves = [one for one in plan.migration if one.effort != "none"]
        rows = []
        if stay is not None:
            self.set_title(self.tr("Stay with {name}").format(name=lookup.name(stay.framework)))
            rows.append(text_row(stay.text))
        elif recommendation.screen.exit is not None:
            self.set_title(self.tr("What becomes of the code you have"))
        elif moves:
            names = dict.fromkeys(lookup.name(one.to) for one in moves)
            self.set_title(self.tr("Move to {name}").format(name=", ".join(names)))
        else:
            self.set_title(self.tr("What you use today"))
        for move in moves:
            rows += self._move(move, recommendation, lookup)
        for part in plan.replacements:
            rows += self._replacement(part)
        self.rows.show_rows(rows)
        self.steps.setVisible(bool(plan.migration))
        self.show()

    def _move(
        self, move: PlanMigration, recommendation: Recommendation, lookup: Lookup
    ) -> Iterator[Row]:
        efforts = {
            "small": (self.tr("small effort"), "good"),
            "medium": (self.tr("medium effort"), "warn"),
            "large": (self.tr("large effort"), "bad"),
        }
        old, new = lookup.name(move.from_code), lookup.name(move.to)
        # An exit's name is a headline of its own.
        is_exit = recommendation.screen.exit is not None
        words = old if is_exit else self.tr("From {old} to {new}").format(old=old, new=new)
        yield _head(words, efforts.get(move.effort))
        yield text_row(move.text)
        for out in recommendation.ruled_out:
            if out.framework == move.from_code:
                fix = self.tr(" Way out: {fix}").format(fix=out.fix) if out.fix else ""
                text = self.tr("Why it cannot stay: {reason}").format(reason=out.reason) + fix
                if out.as_of:
                    yield sourced_row(text, out.source, out.as_of)
                else:
                    yield text_row(text)
        for other in recommendation.why_not:
            if other.framework == move.from_code:
                yield text_row(other.sentence)

    def _replacement(self, part: PlanReplacement) -> Iterator[Row]:
        states = {
            "stalled": (self.tr("stalled"), "warn"),
            "retired": (self.tr("retired"), "bad"),
        }
        words = (
            self.tr("Replace {old} by {new}").format(old=part.name, new=part.successor)
            if part.successor
            else self.tr("Replace {old}").format(old=part.name)
        )
        yield _head(words, states.get(part.lifecycle))
        text = f"{part.text} {part.move}" if part.move else part.text
        yield sourced_row(text, part.source, part.as_of, part.name)


def _head(words: str, badge: tuple[str, str] | None) -> Row:
    def make() -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Text(words, "strong"), 1)
        if badge is not None:
            row.addWidget(Badge(*badge), 0, Qt.AlignmentFlag.AlignTop)
        return row

    return Row((words, badge), make)
