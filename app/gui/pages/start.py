"""The first page: begin, go on, open something, or try an example; and what this machine is."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from app.gui.existing_words import OPEN_FILTER, REQUIREMENTS_FILTER
from app.gui.state import State
from app.gui.widgets.basic import Card, Heading, Lead, clear
from app.gui.widgets.existing_card import ExistingCard
from app.gui.widgets.layouts import ColumnGrid, ScrollColumn
from app.gui.widgets.machine_card import MachineCard
from app.gui.widgets.tiles import Tile
from app.kept import kept_sessions
from app.paths import ASSETS, history_folder

EXISTING_CODE = "existing_code"
MOST_SHOWN = 4
MOST_EARLIER = 2


class Page(QWidget):
    step_id = "start"

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.tr("Start")
        self._state = state
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scroll = ScrollColumn()
        outer.addWidget(scroll)
        body = scroll.body
        body.addWidget(Heading(self.tr("Which framework fits your work?"), level=1))
        lead = Lead(
            self.tr(
                "Your answers, dated facts and measurements on your own machine lead to one "
                "recommendation, with its reasons and with how sure it is. Everything stays on "
                "this computer."
            )
        )
        body.addWidget(lead)
        body.addLayout(self._entries())
        # Made when it is asked for: the first paint need not wait for it.
        self.existing: ExistingCard | None = None
        self._existing_place = QVBoxLayout()
        body.addLayout(self._existing_place)
        lower = ColumnGrid(column_width=340, spacing=16, most_columns=2, fill=True)
        self._files_card = Card(self.tr("Go on"))
        self._files = QVBoxLayout()
        self._files.setSpacing(2)
        self._files_card.body.addLayout(self._files)
        self._files_card.body.addStretch(1)
        self._shown_files: tuple[object, ...] = ()
        lower.addWidget(MachineCard(state))
        lower.addWidget(self._files_card)
        body.addLayout(lower)
        body.addWidget(self._examples_card())
        body.addStretch(1)
        self._fill_files()
        state.knowledge_loaded.connect(self._fill_from_knowledge)
        state.settings_changed.connect(self._fill_files)
        if state.knowledge is not None:
            self._fill_from_knowledge()

    def initial_focus(self) -> QWidget:
        return self.new

    def refresh(self) -> None:
        self._fill_files()

    # Ways in

    def _entries(self) -> ColumnGrid:
        grid = ColumnGrid(column_width=230, most_columns=3)
        self.new = Tile(
            "questions",
            self.tr("New advice"),
            self.tr("About ten questions; “I don't know yet” is always an answer."),
        )
        self.new.clicked.connect(self._on_new)
        self.migrate = Tile(
            "migrate",
            self.tr("I already use one, what now?"),
            self.tr("Stay or move, where to and how: begin with the code you have."),
        )
        self.migrate.setCheckable(True)
        self.migrate.toggled.connect(self._on_migrate)
        self.open = Tile(
            "open",
            self.tr("Open a file"),
            self.tr("Answers, a session, another computer's machine file, or requirements."),
        )
        self.open.clicked.connect(self._on_open)
        for tile in (self.new, self.migrate, self.open):
            grid.addWidget(tile)
        return grid

    def _on_new(self) -> None:
        self._state.start_anew()
        self._state.show_step.emit("questions")

    def _on_open(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("Open answers, a session, a machine file or requirements"),
            "",
            OPEN_FILTER.format(name=self.tr("What can be opened"), all=self.tr("All files")),
        )
        if path:
            self._state.open_file(Path(path))

    # Existing code

    def _on_migrate(self, on: bool) -> None:
        if self.existing is None:
            self.existing = ExistingCard()
            self.existing.chosen.connect(self._on_existing)
            self.existing.file_wanted.connect(self._on_existing_file)
            self._existing_place.addWidget(self.existing)
            self._fill_existing()
        self.existing.setVisible(on)

    def _fill_existing(self) -> None:
        knowledge = self._state.knowledge
        if knowledge is not None and self.existing is not None:
            self.existing.set_options(
                [
                    (option.id, option.text)
                    for one in knowledge.questions
                    if one.id == EXISTING_CODE
                    for option in one.options
                    if option.id != "none"
                ]
            )

    def _on_existing(self, options: tuple[str, ...]) -> None:
        self._state.start_anew()
        self._state.set_answer(EXISTING_CODE, options)
        self.migrate.setChecked(False)
        self._state.show_step.emit("questions")

    def _on_existing_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("Open what your code asks for"),
            "",
            REQUIREMENTS_FILTER.format(name=self.tr("Requirements")),
        )
        if path:
            marked = self.existing.marked() if self.existing is not None else ()
            self._state.start_anew()
            if marked:
                self._state.set_answer(EXISTING_CODE, marked)
            self.migrate.setChecked(False)
            self._state.open_existing(Path(path))

    # Files

    def _fill_files(self) -> None:
        kept = self._kept()
        recent = [
            one
            for one in map(Path, self._state.settings.recent)
            if one not in [path for path, _ in kept] and one.exists()
        ][:MOST_SHOWN]
        has_history = history_folder().exists()
        shown = (*kept, *recent, has_history)
        # Shown or hidden only where that changes: making a card visible lays it out at once.
        if self._files_card.isHidden() != (not any(shown)):
            self._files_card.setVisible(self._files_card.isHidden())
        if self._shown_files == shown:
            return
        self._shown_files = shown
        clear(self._files)
        for number, (path, when) in enumerate(kept):
            title = self.tr("Continue where you left off") if number == 0 else self.tr("Earlier")
            about = self.tr("Kept on {date}").format(date=when)
            self._files.addWidget(self._row("clock", title, about, path))
        for path in recent:
            self._files.addWidget(self._row("report", path.name, str(path.parent), path))

        if has_history:
            history = Tile(
                "ranking",
                self.tr("History"),
                self.tr("What was measured and reported here, and what an upgrade changed"),
                role="row",
            )
            history.clicked.connect(self._state.history_wanted)
            self._files.addWidget(history)

    def _kept(self) -> list[tuple[Path, str]]:
        """Sessions of earlier runs that were kept without being asked, with their dates."""
        found: list[tuple[Path, str]] = []
        for path in kept_sessions():
            # The running one is where the person is already.
            if path != self._state.kept_path and len(found) <= MOST_EARLIER:
                # Another window may have taken it over since the folder was read.
                with suppress(FileNotFoundError):
                    written = datetime.fromtimestamp(path.stat().st_mtime)
                    found.append((path, written.strftime("%Y-%m-%d, %H:%M")))
        return found

    def _examples_card(self) -> Card:
        card = Card(self.tr("Or look at somebody else's question first"))
        self._examples = ColumnGrid(column_width=340, spacing=4, most_columns=2)
        card.body.addLayout(self._examples)
        return card

    def _fill_from_knowledge(self) -> None:
        """What can only be used once the knowledge is there, and the first paint need not have."""
        self._fill_existing()
        for path in examples():
            who, more = example_comment(path)
            self._examples.addWidget(self._row("questions", who, more, path))

    def _row(self, icon_name: str, title: str, text: str, path: Path) -> Tile:
        row = Tile(icon_name, title, text, role="row")
        row.clicked.connect(lambda: self._state.open_file(path))
        return row


def examples() -> list[Path]:
    return sorted((ASSETS / "examples").glob("*.yaml"))


def example_comment(path: Path) -> tuple[str, str]:
    """The comment at the top of an example, which says who it is: first sentence and the rest."""
    from rules.texts import say  # with all of the rules, which the first paint need not have

    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# ").rstrip())
    who, _, more = " ".join(lines).partition(". ")
    return say(who.removesuffix(".")), say(more)
