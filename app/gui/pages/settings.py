"""What a person sets for the program as a whole: how it looks, whether it moves."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QButtonGroup, QCheckBox, QVBoxLayout, QWidget

from app.gui.state import State
from app.gui.widgets.basic import Card, Heading, Muted, Note, Text
from app.gui.widgets.layouts import ColumnGrid, ScrollColumn
from app.gui.widgets.tiles import SingleOption
from app.kept import kept_folder
from app.paths import config_folder, history_folder
from app.theme import Colours, Ground


class Page(QWidget):
    step_id = "settings"

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.tr("Settings")
        self._state = state
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scroll = ScrollColumn(widest=720)
        outer.addWidget(scroll)
        scroll.body.addWidget(Heading(self.title, level=1))
        scroll.body.addWidget(Muted(self.tr("Changes count at once and are kept.")))
        scroll.body.addWidget(self._look_card())
        scroll.body.addWidget(self._motion_card())
        scroll.body.addWidget(self._history_card())
        scroll.body.addWidget(self._folders_card())
        scroll.body.addStretch(1)
        state.settings_changed.connect(self._show)
        self._show()

    def initial_focus(self) -> QWidget:
        return self._themes[self._state.settings.theme]

    def _look_card(self) -> Card:
        card = Card(self.tr("Look"))
        self._themes: dict[Ground, SingleOption] = {
            "system": SingleOption(
                0, self.tr("As the system"), self.tr("Light where it does not say")
            ),
            "light": SingleOption(0, self.tr("Light"), ""),
            "dark": SingleOption(0, self.tr("Dark"), ""),
        }
        self._colours: dict[Colours, SingleOption] = {
            "system": SingleOption(
                0, self.tr("As the system"), self.tr("High contrast where it asks for it")
            ),
            "standard": SingleOption(0, self.tr("Standard"), ""),
            "contrast": SingleOption(
                0, self.tr("High contrast"), self.tr("Text of 7:1 and more, every line drawn")
            ),
            "vision": SingleOption(
                0,
                self.tr("Colour vision"),
                self.tr("Told apart with protanopia, deuteranopia and tritanopia too"),
            ),
        }
        card.body.addWidget(Text(self.tr("Light or dark"), "strong"))
        card.body.addLayout(self._choice(self._themes, "theme", most_columns=3))
        card.body.addWidget(Text(self.tr("Colours"), "strong"))
        card.body.addLayout(self._choice(self._colours, "colours", most_columns=2))
        note = self.tr("No colour stands alone: a word, a sign or a shape always says the same.")
        card.body.addWidget(Note(note))
        return card

    def _choice(
        self, options: Mapping[Any, SingleOption], setting: str, most_columns: int
    ) -> ColumnGrid:
        """Options of which one holds; pressing one sets it."""
        grid = ColumnGrid(column_width=180, most_columns=most_columns)
        group = QButtonGroup(self)
        for choice, option in options.items():
            option.clicked.connect(
                lambda _=False, choice=choice: self._state.change_settings(**{setting: choice})
            )
            group.addButton(option)
            grid.addWidget(option)
        return grid

    def _motion_card(self) -> Card:
        card = Card(self.tr("Motion"))
        self._motion = QCheckBox(self.tr("Show changes at once, without moving bars"))
        self._motion.setAccessibleName(self._motion.text())
        self._motion.clicked.connect(
            lambda on=False: self._state.change_settings(reduced_motion=bool(on))
        )
        card.body.addWidget(self._motion)
        card.body.addWidget(
            Note(
                self.tr(
                    "Also kinder to slow remote screens. Where the system asks for less motion and "
                    "Qt tells so, nothing moves either way."
                )
            )
        )
        return card

    def _history_card(self) -> Card:
        card = Card(self.tr("History"))
        self._history = QCheckBox(self.tr("Keep machine files and exported reports"))
        self._history.setAccessibleName(self._history.text())
        self._history.clicked.connect(
            lambda on=False: self._state.change_settings(keep_history=bool(on))
        )
        card.body.addWidget(self._history)
        card.body.addWidget(
            Note(
                self.tr(
                    "They show a workload over versions and which upgrade made it slower. Machine "
                    "files are kept whole, since they stay on this computer."
                )
            )
        )
        return card

    def _folders_card(self) -> Card:
        card = Card(self.tr("Where things are kept"))
        for name, folder in (
            (self.tr("Settings"), config_folder()),
            (self.tr("Running sessions"), kept_folder()),
            (self.tr("History"), history_folder()),
        ):
            card.body.addWidget(Text(name, "strong"))
            path = Note(str(folder))
            path.setTextInteractionFlags(path.textInteractionFlags().TextSelectableByMouse)
            card.body.addWidget(path)
        card.body.addWidget(Note(self.tr("Plain files that you can see, copy and delete.")))
        return card

    def _show(self) -> None:
        settings = self._state.settings
        self._themes[settings.theme].setChecked(True)
        self._colours[settings.colours].setChecked(True)
        self._motion.setChecked(settings.reduced_motion)
        self._history.setChecked(settings.keep_history)
