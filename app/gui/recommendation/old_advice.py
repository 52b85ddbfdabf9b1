"""What older guides advise for answers like these, and what holds of it today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.gui.knowledge.then_now import OUTCOME_KINDS, outcome_words
from app.gui.knowledge.words import statement, statement_of
from app.gui.recommendation.cards import claim, column
from app.gui.widgets.basic import Badge, Card, Muted, Note, QuietButton, Text, clear

if TYPE_CHECKING:
    from rules.model import Knowledge
    from rules.views import ThenAndNow

ABSOLUTE = Qt.AlignmentFlag.AlignAbsolute
MOST = 4
"""Many arrive with the old advice in mind; the browser has all of it."""


class OldAdviceCard(Card):
    """Hidden where no old advice concerns the answers. Signals: `all_wanted()`."""

    all_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("What older guides say"))
        self._lead = Muted("")
        self.body.addWidget(self._lead)
        self._rows_widget, self._rows = column(16)
        self.body.addWidget(self._rows_widget)
        self.all = QuietButton(self.tr("All old advice, then and now"), "arrow-right")
        self.all.clicked.connect(self.all_wanted)
        self.body.addWidget(self.all, 0, Qt.AlignmentFlag.AlignLeft | ABSOLUTE)

    def show_rows(self, rows: tuple[ThenAndNow, ...], knowledge: Knowledge) -> None:
        """`rows` as `then_and_now_for` gives them: what differs first."""
        clear(self._rows)
        differing = sum(one.differs for one in rows)
        self._lead.setText(
            self.tr(
                "{count} pieces of advice and claims of 2023 and 2024 concern answers like yours; "
                "{differing} of them no longer hold as they were given."
            ).format(count=len(rows), differing=differing)
        )
        for row in _apart(rows)[:MOST]:
            self._rows.addLayout(self._piece(row, knowledge))

    def _piece(self, row: ThenAndNow, knowledge: Knowledge) -> QVBoxLayout:
        from rules.views import sourced

        lines = QVBoxLayout()
        lines.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        title = row.leaf if row.kind == "advice" else self.tr("A claim of those years")
        badge = Badge(outcome_words(self, row), OUTCOME_KINDS[row.outcome])
        head.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(Text(title, "strong"), 1)
        lines.addLayout(head)
        lines.addWidget(Note(row.article))
        lines.addWidget(Text(self.tr("Then: {said}").format(said=row.then)))
        told = sourced(knowledge)
        reasons = tuple(statement_of(told[name]) for name in row.facts)
        if not reasons:
            reasons = (statement(row.now, row.grade, row.source, row.as_of),)
        because = f" {row.because[0]}" if row.because else ""
        now = self.tr("Now: {now}").format(now=f"{row.now}{because}")
        lines.addLayout(claim(now, row.grade, reasons, title))
        return lines


def _apart(rows: tuple[ThenAndNow, ...]) -> list[ThenAndNow]:
    """One of those that said the same and are answered the same, as several articles do."""
    found: dict[tuple[object, ...], ThenAndNow] = {}
    for row in rows:
        alike = row.id if row.kind == "claim" else (row.then_frameworks, row.now_frameworks)
        found.setdefault((alike, row.because[:1]), row)
    return list(found.values())
