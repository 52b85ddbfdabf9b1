"""The starter page: choose, look through the files, save them, run them here.

The project comes from `app.starter`; nothing is written before Save and nothing runs before Run.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.gui.starter.difference import Change, as_diff, changes
from app.gui.starter.loss_curve import LossCurve
from app.gui.starter.running import StarterRun
from app.gui.state import State
from app.gui.tabbing import bring_into_sight
from app.gui.widgets.basic import (
    Badge,
    Button,
    Card,
    Heading,
    Icon,
    Lead,
    Muted,
    Note,
    Notice,
    PrimaryButton,
    Text,
    clear,
)
from app.gui.widgets.code_view import CodeView
from app.gui.widgets.layouts import Flow, ScrollColumn
from app.paths import typed_path

if TYPE_CHECKING:
    from app.gui.starter.options import OptionsCard
    from app.starter import Outcome, Project
MOST_LOG_LINES = 5000
FILE = Qt.ItemDataRole.UserRole
"""An item's path in the project; a folder has none."""


class Page(QWidget):
    step_id = "starter"

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.title = self.tr("Starter code")
        self._project: Project | None = None
        self._before: Project | None = None
        """What was prepared before the last choice."""
        self._changes: dict[str, Change] = {}
        self._folder: Path | None = None
        self._stale = True
        self.run_process = StarterRun(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.column = ScrollColumn()
        layout.addWidget(self.column)
        body = self.column.body
        body.addWidget(Heading(self.tr("Code to start from"), level=1))
        body.addWidget(
            Lead(
                self.tr(
                    "A small project on real data that trains in seconds, with a clear place for "
                    "your own data. Nothing is written before you save it."
                )
            )
        )
        self._busy = Muted(self.tr("Reading what there is to choose from..."))
        body.addWidget(self._busy)
        self._options_place = QVBoxLayout()
        body.addLayout(self._options_place)
        self.options: OptionsCard | None = None
        self._cards = [self._make_files(), self._make_save(), self._make_run()]
        for card in self._cards:
            card.setVisible(False)
            body.addWidget(card)
        body.addStretch(1)

        self.run_process.printed.connect(self._on_printed)
        self.run_process.ended.connect(self._on_run_ended)
        self.run_process.failed.connect(self._on_run_failed)
        state.recommendation_changed.connect(self._on_changed)
        state.machine_changed.connect(self._on_changed)
        state.theme_changed.connect(self._on_theme_changed)

    def initial_focus(self) -> QWidget:
        return self.options.framework if self.options is not None else self

    def refresh(self) -> None:
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    # Made once

    def _make_files(self) -> Card:
        card = Card(self.tr("The files"))
        self.executed = Badge()
        card.header.addWidget(self.executed)
        self.problem = Notice("bad")
        self.problem.setVisible(False)
        card.body.addWidget(self.problem)
        self._notes = QVBoxLayout()
        self._notes.setSpacing(6)
        card.body.addLayout(self._notes)
        self.changed = Muted()
        card.body.addWidget(self.changed)
        self.only_changes = QCheckBox(self.tr("Show what the last choice changed, line by line"))
        self.only_changes.toggled.connect(lambda _: self._on_file_chosen(self.files.currentItem()))
        card.body.addWidget(self.only_changes)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        self.files: QTreeWidget = QTreeWidget()
        self.files.setHeaderHidden(True)
        self.files.setIndentation(14)
        self.files.setAccessibleName(self.tr("Files of the project"))
        self.files.setMinimumWidth(150)
        self.files.currentItemChanged.connect(self._on_file_chosen)
        self.code = CodeView(self._state.theme)
        splitter.addWidget(self.files)
        splitter.addWidget(self.code)
        splitter.setStretchFactor(0, 0)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([240, 650])
        splitter.setMinimumHeight(340)
        card.body.addWidget(splitter)
        return card

    def _make_save(self) -> Card:
        card = Card(self.tr("Save it"))
        row = QHBoxLayout()
        label = QLabel(self.tr("Folder"))
        self.folder = QLineEdit()
        self.folder.setAccessibleName(self.tr("Folder to save the project in"))
        self.folder.returnPressed.connect(self._on_save)
        label.setBuddy(self.folder)
        choose = Button(self.tr("Choose..."), icon_name="open")
        choose.setAccessibleName(self.tr("Choose the folder above the project"))
        choose.clicked.connect(self._on_choose)
        self.save = PrimaryButton(self.tr("Save"), "save")
        self.save.clicked.connect(self._on_save)
        row.addWidget(label)
        row.addWidget(self.folder, 1)
        row.addWidget(choose)
        row.addWidget(self.save)
        card.body.addLayout(row)
        self.save_error = Notice("bad")
        self.overwrite = Button(self.tr("Replace our files there"))
        self.overwrite.clicked.connect(lambda: self.write_to(typed_path(self.folder.text()), True))
        self.save_error.buttons.insertWidget(0, self.overwrite)
        self.save_error.setVisible(False)
        card.body.addWidget(self.save_error)
        self.saved = Text(role="good")
        self.saved.setVisible(False)
        card.body.addWidget(self.saved)
        return card

    def _make_run(self) -> Card:
        card = Card(self.tr("Run it here"))
        card.body.addWidget(
            Muted(
                self.tr(
                    "A short run (--smoke) in an interpreter that has the framework: it shows that "
                    "everything works here and ends by itself."
                )
            )
        )
        row = QHBoxLayout()
        label = QLabel(self.tr("Interpreter"))
        self.python = QComboBox()
        self.python.setAccessibleName(self.tr("Interpreter to run the project in"))
        self.python.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.python.setMinimumContentsLength(16)
        label.setBuddy(self.python)
        row.addWidget(label)
        row.addWidget(self.python, 1)
        card.body.addLayout(row)
        self._no_python = Note()
        card.body.addWidget(self._no_python)
        buttons = Flow()
        self.run = Button(self.tr("Run"), icon_name="play")
        self.run.clicked.connect(self._on_run)
        self.stop = Button(self.tr("Stop"), icon_name="stop")
        self.stop.clicked.connect(self._on_stop)
        self.stop.setEnabled(False)
        buttons.addWidget(self.run)
        buttons.addWidget(self.stop)
        card.body.addLayout(buttons)
        self.outcome = Text()
        self.outcome.setVisible(False)
        card.body.addWidget(self.outcome)
        self.curve = LossCurve()
        self.curve.setVisible(False)
        card.body.addWidget(self.curve)
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setTabChangesFocus(True)
        self.log.setMaximumBlockCount(MOST_LOG_LINES)
        self.log.setAccessibleName(self.tr("What the project prints"))
        self.log.setMinimumHeight(180)
        self.log.setVisible(False)
        card.body.addWidget(self.log)
        return card

    # Choosing

    def _on_changed(self) -> None:
        self._stale = True
        if self.isVisible():
            self._show()

    def _on_theme_changed(self) -> None:
        self.code.set_theme(self._state.theme)
        if self.options is not None:
            self.options.set_theme(self._state.theme)

    def _show(self) -> None:
        if self.options is None:
            self._make_options()
        if not self._stale or self.options is None:
            return
        self._stale = False
        recommendation = self._state.recommendation
        deployment = self._state.answers.answers.get("deployment")
        target = deployment[0] if isinstance(deployment, tuple) else deployment
        # An exit may have a starter too; a name that has none is passed over.
        leader = recommendation.verdict.framework if recommendation is not None else None
        self.options.blockSignals(True)
        self.options.prefer(leader, target)
        self.options.blockSignals(False)
        self._prepare()

    def _make_options(self) -> None:
        from app.gui.starter.options import OptionsCard
        from app.starter import offers

        self.options = OptionsCard(self._state.theme, offers())
        self._options_place.addWidget(self.options)
        if self._state.knowledge is not None:
            named = self._state.knowledge
            self.options.name_frameworks({one.id: one.name for one in named.frameworks})
        self.options.changed.connect(self._prepare)
        self._busy.setVisible(False)
        for card in self._cards:
            card.setVisible(True)

    def _prepare(self) -> None:
        """Render the chosen project anew and show the file that was open."""
        from app.starter import StarterError, prepare

        assert self.options is not None
        self._offer_pythons()
        before = self._project
        try:
            self._project = prepare(self.options.request(self._versions()))
            if before is not None and before.files != self._project.files:
                self._before = before
        except StarterError as error:
            self._project = None
            self.problem.set_text(str(error))
        self.problem.setVisible(self._project is None)
        self.save.setEnabled(self._project is not None)
        self.saved.setVisible(False)
        self.save_error.setVisible(False)
        self._folder = None
        self._allow_running()
        self._show_files()

    def _show_files(self) -> None:
        project = self._project
        before = self.files.currentItem()
        opened = before.data(0, FILE) if before is not None else "train.py"
        self.files.clear()
        clear(self._notes)
        if project is None:
            self.code.set_file("", "")
            self.executed.setVisible(False)
            return
        self._tell_changes()
        marks = {"new": self.tr("new"), "changed": self.tr("changed")}
        folders: dict[str, QTreeWidgetItem] = {}
        for name in sorted(project.files, key=_reading_order):
            folder, _, file = name.rpartition("/")
            mark = marks.get(self._changes.get(name, ""))
            item = QTreeWidgetItem([f"{file} · {mark}" if mark else file])
            item.setData(0, FILE, name)
            if folder and folder not in folders:
                folders[folder] = QTreeWidgetItem([folder])
                self.files.addTopLevelItem(folders[folder])
            if folder:
                folders[folder].addChild(item)
            else:
                self.files.addTopLevelItem(item)
            if name == opened or self.files.currentItem() is None:
                self.files.setCurrentItem(item)
        self.files.expandAll()
        self.executed.set_badge(
            self.tr("executed") if project.was_executed else self.tr("not executed here"),
            "good" if project.was_executed else "neutral",
        )
        self.executed.setVisible(True)
        self._notes.addWidget(Note(project.executed))
        for note in project.notes:
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(Icon("info", "muted", 18), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(Text(self.tr(note)), 1)
            self._notes.addLayout(row)
        if not self.folder.isModified():
            self.folder.setText(str(Path.cwd() / project.name))

    def _tell_changes(self) -> None:
        """Which files the last choice added, changed or took away."""
        before = self._before.files if self._before is not None else {}
        now = self._project.files if self._project is not None else {}
        self._changes = changes(before, now) if before else {}
        kinds = {
            "changed": self.tr("Changed by the last choice: {files}."),
            "new": self.tr("New: {files}."),
            "gone": self.tr("No longer needed: {files}."),
        }
        told = []
        for kind, words in kinds.items():
            names = [name for name, change in self._changes.items() if change == kind]
            if names:
                told.append(words.format(files=", ".join(names)))
        self.changed.setText(" ".join(told))
        self.changed.setVisible(bool(told))
        self.only_changes.setVisible(bool(told))

    def _on_file_chosen(self, item: QTreeWidgetItem | None) -> None:
        name = item.data(0, FILE) if item is not None else None
        if name is None or self._project is None:
            return
        text = self._project.files[name]
        if self._before is not None and self.only_changes.isChecked():
            diff = as_diff(name, self._before.files.get(name, ""), text)
            self.code.set_file(f"{name}.diff", diff or self.tr("It stays as it was."))
        else:
            self.code.set_file(name, text)

    # Saving

    def _on_choose(self) -> None:
        above = QFileDialog.getExistingDirectory(self, self.tr("Choose the folder above"))
        if above and self._project is not None:
            self.folder.setText(str(Path(above) / self._project.name))
            self.folder.setModified(True)

    def _on_save(self) -> None:
        if self._project is not None:
            self.write_to(typed_path(self.folder.text()), False)

    def write_to(self, folder: Path, overwrite: bool) -> None:
        """Write the project; a folder that holds something is asked about first."""
        from app.starter import StarterError, write

        assert self._project is not None
        self.saved.setVisible(False)
        try:
            written = write(self._project, folder, overwrite)
        except StarterError as error:
            self.save_error.set_text(str(error))
            # Offered only where it would help: in a folder that is there and not empty.
            self.overwrite.setVisible(folder.is_dir() and not overwrite)
            self.save_error.setVisible(True)
            return
        self.save_error.setVisible(False)
        self._folder = written
        self.saved.setText(
            self.tr("Saved {number} files in {folder}.").format(
                number=len(self._project.files), folder=written
            )
        )
        self.saved.setVisible(True)
        self._allow_running()

    # Running

    def _offer_pythons(self) -> None:
        """The interpreters whose environment holds the chosen framework."""
        assert self.options is not None
        kept = self.python.currentData()
        framework = self.options.framework.currentData()
        machine, knowledge = self._state.machine, self._state.knowledge
        # What is no deep learning is not looked for: any interpreter may have it, and Run says
        # what it lacks.
        anywhere = framework in {one.id for one in (knowledge.exits if knowledge else ())}
        self.python.clear()
        for environment in machine.environments if machine else ():
            if anywhere or any(one.framework == framework for one in environment.frameworks):
                self.python.addItem(environment.python, environment.python)
        if (at := self.python.findData(kept)) >= 0:
            self.python.setCurrentIndex(at)

    def _versions(self) -> dict[str, str]:
        """What the chosen environment has, so that the pins say what will run."""
        machine, python = self._state.machine, self.python.currentData()
        return {
            one.distribution: one.version
            for environment in (machine.environments if machine else ())
            if environment.python == python
            for one in environment.frameworks
        }

    def _allow_running(self) -> None:
        running = self.run_process.is_running()
        has_python = self.python.count() > 0
        if not has_python:
            self._no_python.setText(
                self.tr(
                    "No interpreter with this framework was found on this machine: save the "
                    "project and install its requirements.txt where you want to run it."
                )
            )
        self._no_python.setVisible(not has_python)
        is_saved = self._folder is not None
        self.run.setText(self.tr("Run") if is_saved else self.tr("Save and run"))
        self.run.setEnabled(self._project is not None and has_python and not running)
        self.stop.setEnabled(running)

    def _on_run(self) -> None:
        if self._folder is None:
            # It runs where it lies, so it is saved first; what speaks against that is said there.
            self._on_save()
        if self._folder is None:
            bring_into_sight(self.save_error)
            return
        self.log.clear()
        self.curve.clear()
        self.curve.setVisible(False)
        self.log.setVisible(True)
        self._say(self.tr("Running..."), "body")
        self.run_process.start(self._folder, Path(self.python.currentData()))
        self._allow_running()
        self.stop.setFocus()

    def _on_printed(self, line: str) -> None:
        self.log.appendPlainText(line)
        if self.curve.add_line(line):
            self.curve.setVisible(True)

    def _on_stop(self) -> None:
        self.stop.setEnabled(False)
        self._say(self.tr("Stopping..."), "body")
        self.run_process.stop()

    def _on_run_ended(self, outcome: "Outcome") -> None:
        self._state.starter_outcome = outcome
        if outcome.cancelled:
            self._say(self.tr("Stopped."), "muted")
        elif outcome.returncode == 0:
            figures = ", ".join(f"{name} {value:.3g}" for name, value in outcome.metrics.items())
            text = self.tr("It runs: done in {seconds:.0f} s. {figures}")
            self._say(text.format(seconds=outcome.seconds, figures=figures), "good")
        else:
            text = self.tr("It ended with exit status {status}; the last lines say why.")
            self._say(text.format(status=outcome.returncode), "bad")
        self._after_run()

    def _on_run_failed(self, message: str) -> None:
        self._say(message, "bad")
        self._after_run()

    def _after_run(self) -> None:
        had_focus = self.stop.hasFocus()
        self._allow_running()
        if had_focus:
            self.run.setFocus()

    def _say(self, text: str, role: str) -> None:
        self.outcome.setText(text)
        self.outcome.set_role(role)
        self.outcome.setVisible(True)


def _reading_order(name: str) -> tuple[int, str]:
    """As somebody reads a project: what it is, then how it trains, then the rest."""
    first = ("README.md", "train.py", "model.py", "data.py", "config.py")
    if name in first:
        return (first.index(name), name)
    return (len(first) + (not name.endswith(".py")) + name.startswith("."), name)
