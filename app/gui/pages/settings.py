"""What a person sets for the program as a whole: how it looks, whether it moves."""

from PySide6.QtWidgets import QButtonGroup, QCheckBox, QVBoxLayout, QWidget

from app.gui.state import State
from app.gui.widgets.basic import Card, Heading, Muted, Note, Text
from app.gui.widgets.layouts import ColumnGrid, ScrollColumn
from app.gui.widgets.tiles import SingleOption
from app.kept import kept_folder
from app.paths import config_folder, history_folder
from app.settings import ThemeChoice


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
        card = Card(self.tr("Theme"))
        choices: tuple[tuple[ThemeChoice, str, str], ...] = (
            ("system", self.tr("As the system"), self.tr("Light where it does not say")),
            ("light", self.tr("Light"), ""),
            ("dark", self.tr("Dark"), ""),
        )
        grid = ColumnGrid(column_width=180, most_columns=3)
        group = QButtonGroup(self)
        self._themes: dict[ThemeChoice, SingleOption] = {}
        for choice, text, about in choices:
            option = SingleOption(0, text, about)
            option.clicked.connect(
                lambda _=False, choice=choice: self._state.change_settings(theme=choice)
            )
            group.addButton(option)
            grid.addWidget(option)
            self._themes[choice] = option
        card.body.addLayout(grid)
        return card

    def _motion_card(self) -> Card:
        card = Card(self.tr("Motion"))
        self._motion = QCheckBox(self.tr("Show changes at once, without moving bars"))
        self._motion.setAccessibleName(self._motion.text())
        self._motion.clicked.connect(
            lambda on=False: self._state.change_settings(reduced_motion=bool(on))
        )
        card.body.addWidget(self._motion)
        card.body.addWidget(Note(self.tr("Also kinder to slow remote screens.")))
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
        self._motion.setChecked(settings.reduced_motion)
        self._history.setChecked(settings.keep_history)
