"""Environments and frameworks: a table, and the cause and the fix of whatever is wrong."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.gui.machine.words import device_word, kind_word, state_icon, state_word
from app.gui.recommendation.cards import copy_line
from app.gui.style import token
from app.gui.widgets.basic import Card, Icon, Muted, Note, Text, clear, icon
from app.gui.widgets.disclosure import Disclosure
from app.gui.widgets.table import Cell, Column, Table
from probes.results import DeviceFinding, Environment, FrameworkFinding, Machine
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
                Column(self.tr("Cause")),
                Column(self.tr("Environment")),
                Column(self.tr("Python")),
            ],
        )
        self.filter.textChanged.connect(self.table.set_filter)
        self.body.addWidget(self.table)
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
                Column(self.tr("Problem")),
            ],
        )
        self.environments.body.addWidget(self.environment_table)
        self.body.addWidget(self.environments)

    def show_machine(self, machine: Machine | None, knowledge: Knowledge | None) -> None:
        self.setVisible(machine is not None)
        if machine is None:
            return
        names = {one.id: one.name for one in knowledge.frameworks} if knowledge else {}
        rows = installed_frameworks(machine)
        clear(self._findings_place)
        for finding in machine.frameworks:
            if finding.state in TROUBLED:
                self._findings_place.addWidget(Finding(finding, names))
        self.table.set_rows([self._cells(row, names) for row in rows])
        self.table.fit_height(8)
        self.table.setVisible(bool(rows))
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


class Finding(QWidget):
    """One framework that is installed and does not do what it could: what, why, what to do."""

    def __init__(
        self, finding: FrameworkFinding, names: dict[str, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        icon_name, colour = state_icon(finding.state)
        row.addWidget(Icon(icon_name, colour), 0, Qt.AlignmentFlag.AlignTop)
        lines = QVBoxLayout()
        lines.setSpacing(4)
        row.addLayout(lines, 1)
        name = names.get(finding.framework, finding.framework)
        title = self.tr("{name} {version}: {state}").format(
            name=name, version=finding.version or "", state=state_word(finding.state)
        )
        lines.addWidget(Text(title, "strong"))
        if finding.reason:
            lines.addWidget(Text(finding.reason))
        for device in finding.devices:
            if told := self._device(device):
                lines.addWidget(Muted(told))
        if finding.fix:
            lines.addWidget(Text(self.tr("What to do: {fix}").format(fix=finding.fix)))
            lines.addLayout(
                copy_line(finding.fix, self.tr("What to do about {name}").format(name=name))
            ) if _is_command(finding.fix) else None
        lines.addWidget(Note(finding.python))
        if finding.detail:
            more = Disclosure(self.tr("What it printed"))
            text = Note(finding.detail)
            text.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            text.setAccessibleName(self.tr("What {name} printed").format(name=name))
            more.body.addWidget(text)
            lines.addWidget(more)

    def _device(self, one: DeviceFinding) -> str:
        """Where the chain from driver to a finished operation breaks, if it does."""
        device = device_word(one.device)
        if one.reason:
            return self.tr("{device}: {reason}").format(device=device, reason=one.reason)
        if one.driver_sees and one.build_supports is False:
            return self.tr(
                "{device}: the driver sees it, this build has no support for it."
            ).format(device=device)
        if one.driver_sees and one.build_supports and one.operation_ran is False:
            return self.tr("{device}: driver and build agree, but no operation ran on it.").format(
                device=device
            )
        return ""


def _is_command(text: str) -> bool:
    return text.startswith(("pip ", "python ", "conda ", "uv ", "export ", "set "))
