"""Environments and frameworks: a table, and the cause and the fix of whatever is wrong."""

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.gui.machine.tried import Finding
from app.gui.machine.words import kind_word, state_icon, state_word
from app.gui.recommendation.cards import column, copy_line
from app.gui.recommendation.words import Lookup
from app.gui.style import token
from app.gui.widgets.basic import Card, Muted, Note, Text, clear, icon
from app.gui.widgets.disclosure import Disclosure
from app.gui.widgets.table import Cell, Column, Table
from probes.results import Environment, FrameworkFinding, Machine
from rules.model import Knowledge

TROUBLED = ("broken", "falls_back_to_cpu", "timed_out")


@dataclass(frozen=True)
class Installed:
    framework: str
    version: str
    state: str
    python: str
    environment: Environment | None
    finding: FrameworkFinding | None


def installed_frameworks(machine: Machine) -> list[Installed]:
    """What lies in the environments, with what came of trying it where it was tried."""
    findings: dict[tuple[str, str], FrameworkFinding] = {}
    for one in machine.frameworks:
        # Tried in several ways, it works when it does in one; the others are told above the table.
        known = findings.setdefault((one.framework, one.python), one)
        if known.state != "works":
            findings[one.framework, one.python] = one
    rows = []
    for environment in machine.environments:
        for found in environment.frameworks:
            finding = findings.pop((found.framework, environment.python), None)
            rows.append(
                Installed(
                    found.framework,
                    (finding.version if finding else None) or found.version,
                    finding.state if finding else "found",
                    environment.python,
                    environment,
                    finding,
                )
            )
    rows += [
        Installed(one.framework, one.version or "", one.state, one.python, None, one)
        for one in findings.values()
    ]
    return rows


class FrameworksCard(Card):
    """Signals: `search_everywhere_wanted()`."""

    search_everywhere_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("Frameworks"))
        self._findings_place = QVBoxLayout()
        self._findings_place.setSpacing(12)
        self.body.addLayout(self._findings_place)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter: framework, state, folder..."))
        self.filter.setAccessibleName(self.tr("Filter the table of frameworks"))
        self.filter.setClearButtonEnabled(True)
        self.body.addWidget(self.filter)
        self.table = Table(
            self.tr("Installed frameworks"),
            [
                Column(self.tr("Framework")),
                Column(self.tr("Version")),
                Column(self.tr("State")),
                Column(self.tr("Cause"), optional=True),
                Column(self.tr("Environment")),
                Column(self.tr("Python")),
            ],
        )
        self.filter.textChanged.connect(self.table.set_filter)
        self.table.selectionModel().selectionChanged.connect(self._show_details)
        self.body.addWidget(self.table)
        self._details_room, self.details = column()
        self.details.setContentsMargins(0, 4, 0, 12)
        self.body.addWidget(self._details_room)
        self._rows: list[Installed] = []
        self._lookup: Lookup | None = None
        self._absent = Muted()
        self.body.addWidget(self._absent)
        self.install = Disclosure(self.tr("How to install them"))
        self._install_rows = QVBoxLayout()
        self.install.body.addLayout(self._install_rows)
        self.body.addWidget(self.install)
        self.environments = Disclosure(self.tr("All environments that were looked into"))
        self.environment_table = Table(
            self.tr("Environments"),
            [
                Column(self.tr("Interpreter")),
                Column(self.tr("Python")),
                Column(self.tr("Kind")),
                Column(self.tr("Frameworks"), figures=True),
                Column(self.tr("Problem"), optional=True),
            ],
        )
        self.environments.body.addWidget(self.environment_table)
        self.body.addWidget(self.environments)

    def show_machine(
        self, machine: Machine | None, knowledge: Knowledge | None, lookup: Lookup | None = None
    ) -> None:
        self.setVisible(machine is not None)
        if machine is None:
            return
        names = {one.id: one.name for one in knowledge.frameworks} if knowledge else {}
        self._lookup = lookup
        before = [(self._rows[at].framework, self._rows[at].python) for at in self.table.chosen()]
        self._rows = rows = installed_frameworks(machine)
        clear(self._findings_place)
        for finding in machine.frameworks:
            if finding.state in TROUBLED:
                self._findings_place.addWidget(Finding(finding, lookup))
        self.table.set_rows([self._cells(row, names) for row in rows])
        self.table.fit_height(8)
        self.table.setVisible(bool(rows))
        # What was chosen stays chosen: the page is also shown anew when a theme changes.
        same = (at for at, one in enumerate(rows) if (one.framework, one.python) in before)
        tried = (at for at, one in enumerate(rows) if one.finding is not None)
        first = next(same, next(tried, None))
        if first is None:
            self._show_details()
        else:
            self.table.selectRow(first)
        self.filter.setVisible(bool(rows))
        self.environment_table.set_rows(
            [
                [
                    Cell(one.python),
                    Cell(one.python_version or ""),
                    Cell(kind_word(one.kind)),
                    Cell(str(len(one.frameworks)), len(one.frameworks)),
                    Cell(one.problem or ""),
                ]
                for one in machine.environments
            ]
        )
        self.environment_table.fit_height(8)
        self._show_absent(rows, knowledge)

    def _show_details(self) -> None:
        """What is known of the chosen row beside the table's columns."""
        clear(self.details)
        self._details_room.setVisible(bool(self._rows))
        if not self._rows:
            return
        chosen = self.table.chosen()
        if not chosen or chosen[0] >= len(self._rows):
            self.details.addWidget(Note(self.tr("Choose a row to see what was found out.")))
            return
        row = self._rows[chosen[0]]
        if row.finding is None or row.finding.state == "found":
            told = self.tr(
                "Found on the disk and not started. Measuring starts it; from the standard tier on "
                "it is also tried on small examples: mixed precision, saving, changing sizes."
            )
            self.details.addWidget(Note(told))
        if row.finding is not None:
            self.details.addWidget(Finding(row.finding, self._lookup, tried=True))

    def _cells(self, row: Installed, names: dict[str, str]) -> list[Cell]:
        name, colour = state_icon(row.state)
        reason = (row.finding.reason if row.finding else None) or ""
        environment = row.environment
        return [
            Cell(names.get(row.framework, row.framework)),
            Cell(row.version),
            Cell(state_word(row.state), icon=icon(name, token(self.palette(), colour), 18)),
            Cell(reason),
            Cell(row.python),
            Cell((environment.python_version or "") if environment else ""),
        ]

    def _show_absent(self, rows: list[Installed], knowledge: Knowledge | None) -> None:
        present = {row.framework for row in rows}
        absent = [
            one
            for one in (knowledge.frameworks if knowledge else ())
            if one.id not in present and one.lifecycle in ("active", "maintenance")
        ]
        self._absent.setVisible(bool(absent))
        self._absent.setText(
            self.tr(
                "Not installed here: {names}. That neither helps nor hurts them; without a "
                "measurement they keep their full range of doubt."
            ).format(names=", ".join(one.name for one in absent))
        )
        clear(self._install_rows)
        for one in absent:
            plain = [line for line in one.install if not line.when]
            if plain:
                self._install_rows.addWidget(Text(one.name, "strong"))
                self._install_rows.addLayout(
                    copy_line(
                        plain[0].command,
                        self.tr("Install line of {name}").format(name=one.name),
                    )
                )
        self.install.setVisible(any(not line.when for one in absent for line in one.install))
