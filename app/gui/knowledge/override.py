"""Let a fact count as another level, with a reason, and see what that does to the ranking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from app.gui.widgets.basic import Button, Note, QuietButton, Text
from app.gui.widgets.disclosure import Disclosure
from app.gui.widgets.layouts import Flow

if TYPE_CHECKING:
    from app.gui.knowledge.words import Entry
    from app.gui.state import State
    from rules.recommendation import Recommendation


class OverridePart(QWidget):
    """Stands below a fact; follows the state, which it asks for every change."""

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._entry: Entry | None = None
        self._before: Recommendation | None = None
        """As it was when the last override was asked for; None where none has been."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.counts = Text(role="strong")
        self.counts.hide()
        column.addWidget(self.counts)
        self.part = Disclosure(self.tr("Let it count otherwise"))
        column.addWidget(self.part)
        self.level = QComboBox()
        self.level.setAccessibleName(self.tr("Level that it should count as"))
        self.level.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.level.setMinimumContentsLength(12)
        self.part.body.addWidget(self.level)
        self.reason = QLineEdit()
        self.reason.setMaxLength(300)
        self.reason.setPlaceholderText(self.tr("Why, for you"))
        self.reason.setAccessibleName(self.tr("Why it should count otherwise"))
        self.reason.returnPressed.connect(self._on_use)
        self.reason.textChanged.connect(lambda _: self._allow())
        self.part.body.addWidget(self.reason)
        buttons = Flow()
        self.use = Button(self.tr("Use this level"), icon_name="check")
        self.use.clicked.connect(self._on_use)
        buttons.addWidget(self.use)
        self.part.body.addLayout(buttons)
        self.part.body.addWidget(
            Note(self.tr("Level and reason stand in the session and in the report as yours."))
        )
        self.back = QuietButton(self.tr("Count it as the knowledge has it"), "refresh")
        self.back.align_with_text()
        self.back.clicked.connect(self._on_back)
        self.back.hide()
        column.addWidget(self.back)
        self.effect = Note()
        self.effect.hide()
        column.addWidget(self.effect)
        state.answers_changed.connect(self._show)
        state.recommendation_changed.connect(self._show_effect)

    def show_entry(self, entry: Entry | None) -> None:
        """Offer it for a fact; what has no level cannot count otherwise."""
        if self._entry is not None and entry is not None and entry.id == self._entry.id:
            self._entry = entry
            return
        self._entry = entry
        self._before = None
        self.effect.hide()
        self.part.open(False)
        self.reason.clear()
        self.setVisible(entry is not None and entry.level is not None)
        if entry is None or entry.level is None:
            return
        self.level.clear()
        for number, sentence in enumerate(entry.levels):
            self.level.addItem(
                self.tr("{level}: {sentence}").format(level=number, sentence=sentence), number
            )
        self._show()

    def _show(self) -> None:
        entry = self._entry
        if entry is None or entry.level is None:
            return
        own = self._state.answers.override.get(entry.id)
        self.counts.setVisible(own is not None)
        self.back.setVisible(own is not None)
        if own is not None:
            self.counts.setText(
                self.tr("For you it counts as level {level} of 4: {reason}").format(
                    level=own.level, reason=own.reason
                )
            )
        self.level.setCurrentIndex(own.level if own is not None else entry.level)
        self._allow()

    def _allow(self) -> None:
        self.use.setEnabled(bool(self.reason.text().strip()))

    def _on_use(self) -> None:
        if self._entry is None or not self.reason.text().strip():
            return
        self._before = self._state.recommendation
        self._state.set_override(self._entry.id, self.level.currentData(), self.reason.text())
        self._wait_for_effect()

    def _on_back(self) -> None:
        if self._entry is None:
            return
        self._before = self._state.recommendation
        self._state.clear_override(self._entry.id)
        self._wait_for_effect()

    def _wait_for_effect(self) -> None:
        self.effect.setText(
            self.tr("The ranking is worked out anew...")
            if self._before is not None
            else self.tr("It changes a ranking once the questions are answered.")
        )
        self.effect.show()

    def _show_effect(self) -> None:
        before, now = self._before, self._state.recommendation
        knowledge = self._state.knowledge
        if before is None or now is None or knowledge is None:
            return
        names = {one.id: one.name for one in knowledge.frameworks}
        self.effect.setText(effect_words(before, now, names))
        self.effect.show()


def effect_words(before: Recommendation, now: Recommendation, names: Mapping[str, str]) -> str:
    """What changed in the ranking: who is first, and each place and score that moved."""
    places = {one.framework: one for one in before.ranking}
    moved = []
    for one in now.ranking:
        old = places.get(one.framework)
        if old is None or (old.rank == one.rank and abs(old.score - one.score) < 0.0005):
            continue
        said = _tr("{name}: place {old} to {new}, score {before:.2f} to {now:.2f}")
        moved.append(
            said.format(
                name=names.get(one.framework, one.framework),
                old=old.rank,
                new=one.rank,
                before=old.score,
                now=one.score,
            )
        )
    if not moved:
        return _tr("It changes nothing in the ranking for these answers.")
    first = now.ranking[0].framework
    stays = bool(before.ranking) and before.ranking[0].framework == first
    lead = _tr("{name} stays first.") if stays else _tr("{name} is first now.")
    return "\n".join((lead.format(name=names.get(first, first)), *moved))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Knowledge", text)
