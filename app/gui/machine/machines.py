"""The machines that are known in this window: which one counts, and what differs between two."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QWidget

from app.gui.machine.words import gibibytes, tr
from app.gui.state import State
from app.gui.widgets.basic import Button, Card, Muted, Notice
from app.gui.widgets.layouts import Flow
from app.gui.widgets.table import Cell, Column, Table
from probes.results import Machine, MachineFileError

COMPARED_HEIGHT = 260
MOST_ROWS = 8


@dataclass(frozen=True)
class Known:
    """A machine with where it was read; None: this computer."""

    machine: Machine
    file: str | None

    @property
    def place(self) -> tuple[str | None, str]:
        """One for each file and run; of this computer what was found last."""
        return (self.file, self.machine.run_id if self.file is not None else "")


class MachinesCard(Card):
    """Machine files beside this computer: several can be added at once, and one of all counts."""

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._state = state
        self._known: dict[tuple[str | None, str], Known] = {}
        self.set_title(self.tr("Machines to choose from"))
        self.body.addWidget(
            Muted(
                self.tr(
                    "Machine files of other computers, such as those that a probe of a cluster "
                    "writes, can be added here. The recommendation counts one of them."
                )
            )
        )
        columns = (
            Column(self.tr("Counts")),
            Column(self.tr("Machine")),
            Column(self.tr("Processor")),
            Column(self.tr("Accelerators"), optional=True),
            Column(self.tr("Memory")),
            Column(self.tr("Frameworks")),
            Column(self.tr("Measured (UTC)")),
        )
        self.table = Table(self.tr("Machines"), columns)
        self.table.selectionModel().selectionChanged.connect(self._on_chosen)
        self.body.addWidget(self.table)
        row = Flow()
        self.add = Button(self.tr("Add machine files..."), icon_name="open")
        self.add.clicked.connect(self._on_add)
        self.count = Button(self.tr("Let it count"), icon_name="good")
        self.count.setToolTip(self.tr("Decide with what was found and measured there"))
        self.count.clicked.connect(self._on_count)
        self.compare = Button(self.tr("Compare two"), icon_name="panel")
        self.compare.setToolTip(
            self.tr("Choose two with Ctrl, or one to hold against the one that counts")
        )
        self.compare.clicked.connect(self._on_compare)
        for button in (self.add, self.count, self.compare):
            row.addWidget(button)
        self.body.addLayout(row)
        self.error = Notice("bad")
        self.error.hide()
        self.body.addWidget(self.error)
        self.compared = QPlainTextEdit()
        self.compared.setReadOnly(True)
        self.compared.setTabChangesFocus(True)
        self.compared.setAccessibleName(self.tr("What differs between the two"))
        self.compared.setFixedHeight(COMPARED_HEIGHT)
        self.compared.hide()
        self.body.addWidget(self.compared)
        state.machine_changed.connect(self._on_machine_changed)
        state.knowledge_loaded.connect(self._show)
        self._on_machine_changed()

    def add_files(self, paths: Sequence[Path]) -> None:
        """Add machine files; those that cannot be read are named, and the others stay."""
        state = self._state

        def read() -> tuple[list[Known], list[str]]:
            from app.advice import load_machine

            found, problems = [], []
            for path in paths:
                try:
                    found.append(Known(load_machine(path), path.name))
                except MachineFileError as error:
                    problems.append(str(error))
            return found, problems

        self.error.hide()
        state.in_background("machine files", read, self._on_read)

    def _on_read(self, result: tuple[list[Known], list[str]]) -> None:
        found, problems = result
        for one in found:
            self._known[one.place] = one
        if problems:
            self.error.set_text("\n".join(problems))
            self.error.show()
        self._show()

    def _on_add(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(
            self, self.tr("Add machine files"), "", self.tr("Machine files (*.json)")
        )
        if names:
            self.add_files([Path(name) for name in names])

    # Showing

    def _on_machine_changed(self) -> None:
        machine = self._state.machine
        if machine is not None:
            one = Known(machine, self._state.machine_file)
            self._known[one.place] = one
        self._show()

    def _show(self) -> None:
        self.table.set_rows([self._row(one) for one in self._known.values()])
        self.table.fit_height(MOST_ROWS)
        several = len(self._known) > 1
        self.table.setVisible(several)
        self.count.setVisible(several)
        self.compare.setVisible(several)
        self._on_chosen()

    def _row(self, one: Known) -> tuple[Cell, ...]:
        machine = one.machine
        knowledge = self._state.knowledge
        names = {each.id: each.name for each in knowledge.frameworks} if knowledge else {}
        frameworks = dict.fromkeys(
            f"{names.get(each.framework, each.framework)} {each.version or '?'}"
            for each in machine.frameworks
        )
        measured = machine.finished_utc[:16].replace("T", " ")
        texts = (
            tr("counts") if self._counts(one) else "",
            one.file or tr("This computer"),
            machine.hardware.cpu.model,
            ", ".join(each.name for each in machine.hardware.accelerators),
            gibibytes(machine.hardware.memory_bytes),
            ", ".join(frameworks) or tr("none found"),
            measured if machine.tier is not None else tr("not measured"),
        )
        return tuple(Cell(text) for text in texts)

    def _counts(self, one: Known) -> bool:
        return one.machine is self._state.machine

    # Choosing

    def _chosen(self) -> list[Known]:
        known = list(self._known.values())
        return [known[row] for row in self.table.chosen()]

    def _on_chosen(self) -> None:
        chosen = self._chosen()
        here = not self._state.probing
        self.count.setEnabled(len(chosen) == 1 and not self._counts(chosen[0]) and here)
        self.compare.setEnabled(len(self._pair()) == 2)

    def _on_count(self) -> None:
        (one,) = self._chosen()
        self._state.set_machine(one.machine, one.file)

    def _pair(self) -> list[Known]:
        """Two that were chosen, or the one that counts with one other; the one that counts first,
        else the older."""
        chosen = self._chosen()
        if len(chosen) == 1:
            chosen += [one for one in self._known.values() if self._counts(one)]
        pair = {one.place: one for one in chosen}
        return sorted(
            pair.values(), key=lambda one: (not self._counts(one), one.machine.finished_utc)
        )

    def _on_compare(self) -> None:
        first, second = self._pair()

        def compared() -> str:
            from app.report.compare import compare_machines, machine_lines

            return "\n".join(machine_lines(compare_machines(first.machine, second.machine)))

        names = [one.file or tr("This computer") for one in (first, second)]
        heading = self.tr("{first} -> {second}").format(first=names[0], second=names[1])
        self._state.in_background(
            "machine-compare", compared, lambda text: self._on_compared(f"{heading}\n\n{text}")
        )

    def _on_compared(self, text: str) -> None:
        self.compared.setPlainText(text)
        self.compared.show()
