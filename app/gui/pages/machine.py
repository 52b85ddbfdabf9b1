"""The machine page: hardware, frameworks with cause and fix, measuring, results.

Asks the shared state to look and to measure; decides and measures nothing itself.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.files import write_atomically
from app.gui.machine.frameworks import FrameworksCard, installed_frameworks
from app.gui.machine.hardware import HardwareCard
from app.gui.machine.machines import MachinesCard
from app.gui.machine.measuring import MeasureCard
from app.gui.machine.results import ResultsCard, machine_charts
from app.gui.recommendation.words import Lookup
from app.gui.state import State
from app.gui.widgets.basic import Button, Heading, Lead, Notice
from app.gui.widgets.layouts import Flow, ScrollColumn
from app.gui.widgets.still_chart import ChartFold
from app.theme import Theme
from probes.results import Machine, MachineFileError, encode_machine

if TYPE_CHECKING:
    from app.report.document import Chart


class Page(QWidget):
    step_id = "machine"

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.title = self.tr("Machine")
        self._lookup: Lookup | None = None
        self._stale = True
        self._later: list[Callable[[], None]] = []
        """The cards that still show what was before."""
        self._soon, self._rest = QTimer(self), QTimer(self)
        for timer, slot in ((self._soon, self._show), (self._rest, self._show_next)):
            timer.setSingleShot(True)
            timer.timeout.connect(slot)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.column = ScrollColumn()
        layout.addWidget(self.column)
        head = QHBoxLayout()
        head.addWidget(Heading(self.tr("What this machine is and can do"), level=1), 1)
        self.column.body.addLayout(head)
        self.column.body.addWidget(
            Lead(
                self.tr(
                    "Looking reads what lies on the disk and starts nothing. Measuring starts the "
                    "frameworks you choose, one at a time, and only when you say so."
                )
            )
        )
        actions = Flow()
        self.look_again = Button(self.tr("Look again"), icon_name="refresh")
        self.look_again.clicked.connect(self._on_look)
        self.everywhere = Button(self.tr("Search all environments"), icon_name="search")
        self._everywhere_tip = self.tr(
            "Virtual environments, conda, pyenv, uv and the system, not only this one"
        )
        self.everywhere.setToolTip(self._everywhere_tip)
        self.everywhere.clicked.connect(self._on_everywhere)
        self.open_file = Button(self.tr("Open a machine file"), icon_name="open")
        self.open_file.setToolTip(self.tr("Measured on another machine, such as a training server"))
        self.open_file.clicked.connect(self._on_open)
        for button in (self.look_again, self.everywhere, self.open_file):
            actions.addWidget(button)
        self.column.body.addLayout(actions)
        self.error = Notice("bad")
        self.error.setVisible(False)
        self.column.body.addWidget(self.error)

        self.hardware = HardwareCard()
        self.frameworks = FrameworksCard()
        self.measuring = MeasureCard(state.theme)
        self.results = ResultsCard(state.theme)
        self.machines = MachinesCard(state)
        for card in (self.hardware, self.frameworks, self.measuring, self.results, self.machines):
            self.column.body.addWidget(card)
        self.column.body.addStretch(1)

        self.measuring.start_wanted.connect(self._on_start)
        self.measuring.resume_wanted.connect(self._on_resume)
        self.measuring.cancel_wanted.connect(state.cancel_probe)
        self.measuring.choice_changed.connect(self._on_choice)
        self.results.save_wanted.connect(self._on_save)
        self.results.charts_wanted.connect(self._on_charts_wanted)
        state.probe_event.connect(self.measuring.apply)
        state.probe_finished.connect(self._on_probe_finished)
        state.machine_changed.connect(self._on_changed)
        state.knowledge_loaded.connect(self._on_changed)
        state.answers_changed.connect(self._on_answers_changed)
        state.theme_changed.connect(self._on_theme_changed)
        state.failed.connect(self._allow_looking)
        if state.probing:
            self.measuring.begin()

    def initial_focus(self) -> QWidget:
        return self.measuring.start if self.measuring.start.isEnabled() else self.look_again

    def refresh(self) -> None:
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    # Looking

    def _on_look(self) -> None:
        from app.advice import look

        self._look_in_background(look)

    def _on_everywhere(self) -> None:
        from app.advice import look

        self._look_in_background(lambda: look(everywhere=True))

    def _look_in_background(self, look: Callable[[], Machine]) -> None:
        self.error.setVisible(False)
        for button in (self.look_again, self.everywhere):
            button.setEnabled(False)
        self._state.in_background("look", look, self._state.set_machine)

    def _allow_looking(self) -> None:
        """Not after measuring: a look would take the place of what was measured."""
        machine = self._state.machine
        measured = machine is not None and machine.tier is not None
        measured_here = measured and self._state.machine_file is None
        for button, tip in ((self.look_again, ""), (self.everywhere, self._everywhere_tip)):
            button.setEnabled(not self._state.probing and not measured_here)
            kept = self.tr("A look would take the place of what was measured.")
            button.setToolTip(kept if measured_here else tip)

    def _on_open(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, self.tr("Open a machine file"), "", self.tr("Machine files (*.json)")
        )
        if name:
            self.open_machine_file(Path(name))

    def open_machine_file(self, path: Path) -> None:
        """Take a machine file; what is wrong with it is said in place."""
        from app.advice import load_machine

        self.error.setVisible(False)
        try:
            machine = load_machine(path)
        except MachineFileError as error:
            self._fail(str(error))
            return
        self._state.set_machine(machine, path.name)

    def _on_save(self) -> None:
        machine = self._state.machine
        if machine is None:
            return
        name, _ = QFileDialog.getSaveFileName(
            self,
            self.tr("Save the machine file"),
            "machine.json",
            self.tr("Machine files (*.json)"),
        )
        if not name:
            return
        self.error.setVisible(False)
        try:
            write_atomically(Path(name), encode_machine(machine))
        except OSError as error:
            self._fail(
                self.tr("{path} was not written: {reason}. Choose another folder.").format(
                    path=name, reason=error.strerror
                )
            )

    def _fail(self, message: str) -> None:
        self.error.set_text(message)
        self.error.setVisible(True)
        self.column.ensureWidgetVisible(self.error)

    def _on_charts_wanted(self, fold: ChartFold) -> None:
        machine, state = self._state.machine, self._state
        if machine is None:
            return
        if state.probing:
            fold.wait()
            return
        names = self._lookup.names if self._lookup else {}

        def draw(chart: "Chart", theme: Theme, ratio: float) -> bytes | None:
            from app.charts import to_png
            from app.report.drawings import machine_figure

            figure = machine_figure(machine, chart, theme, names)
            return None if figure is None else to_png(figure, ratio)

        job = fold.job(draw, state.theme, lambda: not state.probing)
        # One key for each: of those that wait, none may take another's place.
        state.in_background(f"charts {id(fold)}", job, fold.show_drawn)

    # Measuring

    def _on_start(self) -> None:
        self.error.setVisible(False)
        card = self.measuring
        card.begin()
        self._state.start_probe(card.tier(), card.frameworks(), (), card.workloads())

    def _on_resume(self) -> None:
        self.error.setVisible(False)
        self.measuring.begin(resumed=True)
        self._state.continue_probe()

    def _on_probe_finished(self) -> None:
        machine = self._state.machine
        self.measuring.finish(machine is not None and machine.cancelled)
        for fold in self.results.folds.values():
            fold.ask()
        self._on_changed()

    def _on_choice(self) -> None:
        self._plan()

    def _plan(self) -> None:
        """What would be done, found out off the GUI thread."""
        if self._state.probing or not self.measuring.boxes:
            return
        tier, frameworks = self.measuring.tier(), self.measuring.frameworks()
        workloads = self.measuring.workloads()
        self.measuring.allow()
        if frameworks == [] or workloads == []:
            return
        first = self._state.telling_workloads()

        def prepare() -> object:
            from app.advice import prepare_probe

            return prepare_probe(tier, frameworks, workloads=workloads, first=first)

        self._state.in_background("plan", prepare, self.measuring.set_plan)

    def _ask_whether_it_matters(self) -> None:
        knowledge, answers = self._state.knowledge, self._state.answers
        machine, today = self._state.machine, self._state.today
        if knowledge is None or not (answers.answers or answers.must_use):
            self.measuring.set_matters(
                True, self.tr("Answer the questions first to know whether measuring can matter.")
            )
            return

        def ask() -> tuple[bool, str]:
            from app.advice import measuring_matters

            return measuring_matters(knowledge, answers, today, machine)

        self._state.in_background("matters", ask, lambda told: self.measuring.set_matters(*told))

    # Showing

    def _on_answers_changed(self) -> None:
        if self.isVisible():
            self._ask_whether_it_matters()

    def _on_theme_changed(self) -> None:
        self.measuring.set_theme(self._state.theme)
        self.results.set_theme(self._state.theme)
        self._on_changed()

    def _on_changed(self) -> None:
        self._stale = True
        if self.isVisible():
            # Once for all that changed in one go, and when whoever told it has ended.
            self._soon.start()

    def _show(self) -> None:
        self._soon.stop()
        self._ask_whether_it_matters()
        if not self._stale:
            return
        self._stale = False
        state = self._state
        if state.machine is None and not state.looking:
            state.look()
        knowledge, machine = state.knowledge, state.machine
        if knowledge is not None:
            self._lookup = Lookup.of(knowledge)
        self._allow_looking()
        title = (
            self.tr("From the file {name}").format(name=state.machine_file)
            if state.machine_file
            else self.tr("This machine")
        )
        self.hardware.show_machine(machine, title)
        self._later = [
            partial(self.frameworks.show_machine, machine, knowledge, self._lookup),
            partial(self.results.show_machine, machine, self._lookup),
            self._show_measuring,
        ]
        self._rest.start()

    def _show_next(self) -> None:
        """One card for each turn of the event loop: all tables at once would hold it up."""
        if self._later:
            self._later.pop(0)()
        if self._later:
            self._rest.start()

    def _show_measuring(self) -> None:
        state = self._state
        machine = state.machine
        if machine is not None and machine.tier is not None:
            state.in_background(
                "machine charts", partial(machine_charts, machine), self.results.set_charts
            )
        if machine is not None and not state.probing:
            names = self._lookup.names if self._lookup else {}
            found = dict.fromkeys(one.framework for one in installed_frameworks(machine))
            from app.advice import offered_workloads
            from app.continuing import left_over

            self.measuring.set_frameworks({one: names.get(one, one) for one in found})
            self.measuring.set_workloads(offered_workloads())
            # What was measured elsewhere cannot be gone on with here.
            here = state.machine_file is None and machine.tier is not None
            self.measuring.set_missing(left_over(machine) if here else ())
            self._plan()
