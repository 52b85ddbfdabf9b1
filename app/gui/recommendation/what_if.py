"""What would change it: a slider per group of criteria, flip points as sentences and marks."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from app.gui.recommendation.kept_what_ifs import KeptWhatIfs
from app.gui.recommendation.pretend import Pretend
from app.gui.recommendation.rows import GroupFlip, flip_rows, group_flips
from app.gui.recommendation.words import Lookup, moved_weights
from app.gui.widgets.basic import Button, Card, Muted, Note
from app.gui.widgets.disclosure import Disclosure
from app.gui.widgets.flip_points import FlipPoints
from app.gui.widgets.rows import Bullets
from app.gui.widgets.weight_slider import FlipMark, WeightSlider
from app.theme import Theme
from rules.model import Group
from rules.recommendation import Recommendation


class WhatIfCard(Card):
    """Signals: `importance_changed(str group, int)`, `reset_wanted()`."""

    importance_changed = Signal(str, int)
    reset_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._theme = theme
        self.set_title(self.tr("What would change it"))
        self.body.addWidget(Muted(self.tr("Say what matters more to you; the ranking follows.")))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self.body.addLayout(self._grid)
        self.sliders: dict[str, WeightSlider] = {}
        self._values: dict[str, QLabel] = {}
        row = QHBoxLayout()
        self.moved = Note()
        row.addWidget(self.moved, 1)
        self.reset = Button(self.tr("Reset"), icon_name="refresh")
        self.reset.setToolTip(self.tr("Back to the weights that your answers give"))
        self.reset.clicked.connect(self.reset_wanted)
        row.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(row)
        self._legend = Note(
            self.tr(
                "A framework's mark above a slider stands where it draws level with the first; "
                "the pin below is where your answers left it."
            )
        )
        self.body.addWidget(self._legend)
        self.flips = Disclosure(self.tr("Other ways to another result"))
        self._flip_sentences = Bullets()
        self.flip_points = FlipPoints(theme)
        self.flips.body.addWidget(self.flip_points)
        self.flips.body.addWidget(
            Note(
                self.tr(
                    "Weights of single criteria, the others in proportion. Bar: today; mark: where "
                    "that framework draws level with the first."
                )
            )
        )
        self.flips.body.addWidget(self._flip_sentences)
        self.body.addWidget(self.flips)
        self._nearest = Bullets()
        self.body.insertWidget(self.body.indexOf(self._legend), self._nearest)
        self.pretend = Pretend()
        self.body.addWidget(self.pretend)
        self.kept = KeptWhatIfs()
        self.body.addWidget(self.kept)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.flip_points.set_theme(theme)
        for slider in self.sliders.values():
            slider.set_theme(theme)

    def set_groups(self, groups: tuple[Group, ...]) -> None:
        """Make one slider per group, once the knowledge is there."""
        for line, group in enumerate(groups):
            label = QLabel(group.name)
            label.setTextFormat(Qt.TextFormat.PlainText)  # a pack may have named it
            slider = WeightSlider(self._theme)
            label.setBuddy(slider)
            slider.setAccessibleName(self.tr("How much {group} matters").format(group=group.name))
            value = QLabel()
            value.setProperty("role", "note")
            value.setMinimumWidth(
                max(value.fontMetrics().horizontalAdvance(word) for word in self._words())
            )
            slider.valueChanged.connect(
                lambda importance, group=group.id: self._on_moved(group, importance)
            )
            self._grid.addWidget(label, line, 0)
            self._grid.addWidget(slider, line, 1)
            self._grid.addWidget(value, line, 2)
            self.sliders[group.id] = slider
            self._values[group.id] = value
            self._say(group.id)

    def show_advice(
        self, recommendation: Recommendation, lookup: Lookup, before: Mapping[str, int]
    ) -> None:
        """`before` are the wishes before any weight was moved by hand."""
        importance = recommendation.answers.importance
        flips = group_flips(recommendation)
        for group, slider in self.sliders.items():
            slider.set_pin(before.get(group, 0))
            slider.set_flips(
                tuple(FlipMark(one.challenger, one.position) for one in flips if one.group == group)
            )
            # While a slider is being dragged it is ahead of what was decided.
            if not slider.isSliderDown():
                self.set_importance(group, importance.get(group, 0))
        moved = moved_weights(recommendation, before)
        if moved == 0:
            self.moved.setText(self.tr("No weight moved: these are your answers alone."))
        elif moved == 1:
            self.moved.setText(self.tr("You moved 1 weight to get here."))
        else:
            self.moved.setText(
                self.tr("You moved {number} weights to get here.").format(number=moved)
            )
        self.reset.setEnabled(moved > 0)
        self._nearest.show_sentences(self._in_words(flips, recommendation, lookup))
        rows = flip_rows(recommendation, lookup)
        self.flip_points.set_rows(rows)
        sentences = [row.sentence for row in rows]
        self._flip_sentences.show_sentences(sentences)
        self.flips.setVisible(bool(sentences))

    def set_importance(self, group: str, importance: int) -> None:
        """Put a slider somewhere without telling that it was moved."""
        slider = self.sliders[group]
        slider.blockSignals(True)
        slider.setValue(importance)
        slider.blockSignals(False)
        self._say(group)

    def _on_moved(self, group: str, importance: int) -> None:
        self._say(group)
        self.importance_changed.emit(group, importance)

    def _say(self, group: str) -> None:
        word = self._words()[self.sliders[group].value() + 2]
        self._values[group].setText(word)
        self.sliders[group].setAccessibleDescription(word)

    def _words(self) -> tuple[str, str, str, str, str]:
        return (
            self.tr("a quarter"),
            self.tr("half"),
            self.tr("as answered"),
            self.tr("double"),
            self.tr("four times"),
        )

    def _in_words(
        self, flips: tuple[GroupFlip, ...], recommendation: Recommendation, lookup: Lookup
    ) -> list[str]:
        if not recommendation.ranking:
            return []
        if not flips:
            return [
                self.tr(
                    "No single slider here puts another framework level with {name}: it stays "
                    "first whichever one you move."
                ).format(name=lookup.name(recommendation.ranking[0].framework))
            ]
        importance = recommendation.answers.importance
        nearest = sorted(flips, key=lambda one: abs(one.position - importance.get(one.group, 0)))
        sentences = []
        for one in nearest[:3]:
            factor = 2 ** (one.position - importance.get(one.group, 0))
            template = (
                self.tr("If “{group}” counted {factor:.1f} times as much, {name} would draw level.")
                if factor >= 1
                else self.tr(
                    "If “{group}” counted {factor:.0%} of what it does, {name} would draw level."
                )
            )
            sentences.append(
                template.format(
                    group=lookup.name(one.group), factor=factor, name=lookup.name(one.challenger)
                )
            )
        return sentences
