"""This machine in a few lines: what it is and which frameworks lie on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QWidget

from app.gui.widgets.basic import Badge, Card, Muted, Note, QuietButton, Text
from app.gui.widgets.layouts import Flow

if TYPE_CHECKING:
    from app.gui.state import State
    from probes.results import Hardware, Machine


class MachineCard(Card):
    """Fills in by itself once the machine has been looked at; the room for it is there before."""

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("This machine"))
        self._state = state
        self._hardware = Text("")
        self._accelerators = Muted("")
        self.body.addWidget(self._hardware)
        self.body.addWidget(self._accelerators)
        holder = QWidget()
        self._frameworks = Flow(holder, spacing=6)
        self.body.addWidget(holder)
        self._note = Note("")
        self.body.addWidget(self._note)
        self.body.addStretch(1)
        more = QuietButton(self.tr("Machine and measurements"), "arrow-right")
        more.align_with_text()
        more.clicked.connect(lambda: state.show_step.emit("machine"))
        self.body.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute)
        state.machine_changed.connect(self._show)
        state.knowledge_loaded.connect(self._show)
        self._show()

    def _show(self) -> None:
        machine = self._state.machine
        while (item := self._frameworks.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if machine is None:
            self._hardware.setText(self.tr("Reading what this machine is ..."))
            self._accelerators.setText("")
            self._note.setText(
                self.tr("Only names and versions on disk are read; nothing found is started.")
            )
            return
        file = self._state.machine_file
        self.set_title(
            self.tr("From the file {name}").format(name=file) if file else self.tr("This machine")
        )
        self._hardware.setText(hardware_line(machine.hardware))
        self._accelerators.setText(accelerator_line(machine.hardware))
        found = self._found(machine)
        for name, version in found:
            self._frameworks.addWidget(Badge(f"{name} {version}", "neutral"))
        self._note.setText(self._state_of(machine, bool(found)))

    def _found(self, machine: Machine) -> list[tuple[str, str]]:
        """Name and newest version of each framework on the machine."""
        knowledge = self._state.knowledge
        names = (
            {one.id: one.known_as or one.name for one in knowledge.frameworks} if knowledge else {}
        )
        versions: dict[str, str] = {}
        for environment in machine.environments:
            for one in environment.frameworks:
                versions.setdefault(one.framework, one.version)
        return [(names.get(id_, id_), version) for id_, version in versions.items()]

    def _state_of(self, machine: Machine, any_found: bool) -> str:
        if machine.tier is not None:
            valid = sum(one.verdict.status == "valid" for one in machine.measurements)
            return self.tr("Measured: {count} valid times of {total}.").format(
                count=valid, total=len(machine.measurements)
            )
        if any_found:
            return self.tr("Found by name on disk, not started and not measured yet.")
        return self.tr("No framework found here. That is no obstacle: advice needs none.")


def hardware_line(hardware: Hardware) -> str:
    """Processor, cores and memory."""
    return _tr("{model} · {cores} usable cores · {memory} GiB memory").format(
        model=hardware.cpu.model,
        cores=f"{hardware.cpu.usable_cores:g}",
        memory=round(hardware.memory_bytes / 2**30),
    )


def accelerator_line(hardware: Hardware) -> str:
    if not hardware.accelerators:
        return _tr("No GPU or other accelerator that a driver sees")
    return " · ".join(one.name for one in hardware.accelerators)


def _tr(text: str) -> str:
    return QCoreApplication.translate("MachineCard", text)
