"""The hardware card."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from app.gui.machine.words import cautions, hardware_lines
from app.gui.widgets.basic import Card, Icon, Muted, Text, clear
from probes.results import Machine


class HardwareCard(Card):
    """Busy until the machine has been looked at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("Hardware"))
        self._busy = Muted(self.tr("Reading the hardware and what is installed..."))
        self.body.addWidget(self._busy)
        self._place = QHBoxLayout()
        self.body.addLayout(self._place)

    def show_machine(self, machine: Machine | None, name: str) -> None:
        self.set_title(name)
        self._busy.setVisible(machine is None)
        clear(self._place)
        if machine is None:
            return
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for line, (label, value) in enumerate(hardware_lines(machine.hardware)):
            name_label = Muted(label)
            name_label.setWordWrap(False)
            text = Text(value)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(name_label, line, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(text, line, 1)
        for line, caution in enumerate(cautions(machine.hardware), grid.rowCount()):
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(Icon("info", "muted", 18), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(Muted(caution), 1)
            grid.addLayout(row, line, 0, 1, 2)
        self._place.addWidget(table)
