"""The cards beside the browser's tables: one fact in full, one framework's state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.gui.knowledge.override import OverridePart
from app.gui.knowledge.words import (
    LIFECYCLE_KINDS,
    Entry,
    badge_words,
    breakable,
    grade_words,
    is_due,
    lifecycle_words,
    statement,
)
from app.gui.opening import is_web_address, open_web_address
from app.gui.widgets.basic import Badge, Card, Icon, Muted, Note, QuietButton, Text
from app.gui.widgets.evidence import EvidenceBadge

if TYPE_CHECKING:
    from app.gui.state import State
    from rules.model import Framework

ABSOLUTE = Qt.AlignmentFlag.AlignAbsolute


class FactCard(Card):
    """One fact in full."""

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._today = state.today
        self._badge = Badge("")
        self.header.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignTop)
        self._reason = Text("")
        self._worth = Muted("")
        self._when = Note("")
        self._fix = Note("")
        self._source = Note("")
        self._due = Note("")
        self._source.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (
            self._reason,
            self._worth,
            self._when,
            self._fix,
            self._source,
            self._due,
        ):
            self.body.addWidget(label)
        self.open = QuietButton(self.tr("Open the source"), "external")
        self.open.clicked.connect(self._on_open)
        self.body.addWidget(self.open, 0, Qt.AlignmentFlag.AlignLeft | ABSOLUTE)
        self.override = OverridePart(state)
        self.body.addWidget(self.override)
        self.body.addStretch(1)
        self._address = ""
        self.show_nothing()

    def show_nothing(self) -> None:
        self.set_title(self.tr("Nothing found"))
        self._badge.hide()
        self.open.hide()
        self._reason.setText(self.tr("No fact matches. Search for less, or take a filter away."))
        self.override.show_entry(None)
        for label in (self._worth, self._when, self._fix, self._source, self._due):
            label.hide()

    def show_entry(self, entry: Entry) -> None:
        name = entry.framework_name
        self.set_title(f"{name}: {entry.subject}" if entry.framework else entry.subject)
        self._badge.set_badge(grade_words(entry.grade), "neutral")
        self._badge.show()
        self._reason.setText(entry.reason)
        for label, text in (
            (self._worth, entry.worth),
            (self._when, self.tr("Holds for {when}").format(when=entry.when) if entry.when else ""),
            (self._fix, self.tr("Way out: {fix}").format(fix=entry.fix) if entry.fix else ""),
            (
                self._source,
                self.tr("{source}, as of {month}").format(
                    source=breakable(entry.source), month=entry.as_of
                ),
            ),
            (
                self._due,
                self.tr("Past its shelf life: its doubt has grown, and it is due for a recheck.")
                if is_due(entry, self._today)
                else "",
            ),
        ):
            label.setText(text)
            label.setVisible(bool(text))
        self.override.show_entry(entry)
        self._address = entry.source
        self.open.setVisible(is_web_address(entry.source))

    def _on_open(self) -> None:
        open_web_address(self._address)


class FrameworkCard(Card):
    """A framework's state, and what it is best and worst at."""

    def __init__(self, framework: Framework, parent: QWidget | None = None) -> None:
        super().__init__(framework.name, parent=parent)
        self.header.addWidget(
            Badge(lifecycle_words(framework.lifecycle), LIFECYCLE_KINDS[framework.lifecycle]),
            0,
            Qt.AlignmentFlag.AlignTop,
        )
        self.body.addWidget(Text(framework.summary))
        for mark, tone, text in (
            ("good", "good", framework.best_at),
            ("warn", "warn", framework.worst_at),
        ):
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(Icon(mark, tone, 18), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(Note(text), 1)
            self.body.addLayout(row)
        self.body.addStretch(1)
        self.body.addWidget(Note(framework.lifecycle_reason))
        told = statement(
            framework.lifecycle_reason,
            "official",
            framework.lifecycle_source,
            framework.lifecycle_as_of,
        )
        self.body.addWidget(
            EvidenceBadge(
                badge_words("official", framework.lifecycle_as_of), framework.name, (told,)
            )
        )
        self.body.addWidget(
            Note(
                self.tr("{maker} · {licence} · latest {release} · state as of {month}").format(
                    maker=framework.maker,
                    licence=framework.licence,
                    release=framework.latest_release,
                    month=framework.lifecycle_as_of,
                )
            )
        )
