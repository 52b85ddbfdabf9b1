"""Any frameworks side by side, for these answers: place, state, criteria and what was measured.

The rows are computed from the documents alone; the card makes them only when it is opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.charts import duration
from app.gui.machine.words import device_word, workload_word
from app.gui.recommendation.rows import mode_name
from app.gui.recommendation.words import (
    Lookup,
    badge_text,
    contribution_statements,
    grade_sentence,
    percent,
    tr,
)
from app.gui.widgets.basic import Button, Card, Line, Muted, Note, Text
from app.gui.widgets.disclosure import Disclosure
from app.gui.widgets.evidence import EvidenceBadge, Statement
from app.gui.widgets.layouts import Flow
from app.gui.widgets.marks import Mark
from app.theme import Theme
from probes.results import Machine
from rules.model import Framework, Grade
from rules.recommendation import Ranked, Recommendation, RuledOut

MOST = 4
AT_FIRST = 2
TITLES = 130
COLUMN = 120


@dataclass(frozen=True)
class SideCell:
    text: str
    """Empty where there is nothing to say of this framework."""
    badge: str = ""
    statements: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class SideRow:
    title: str
    cells: tuple[SideCell, ...]
    """In the order of the frameworks that were asked for."""


def side_by_side(
    recommendation: Recommendation,
    lookup: Lookup,
    machine: Machine | None,
    frameworks: Sequence[str],
) -> tuple[SideRow, ...]:
    """Place, life, each criterion and each measured time of these; ids that nothing has are left
    out."""
    known = [one for one in frameworks if one in lookup.frameworks]
    ranked = {one.framework: one for one in recommendation.ranking}
    out = {one.framework: one for one in reversed(recommendation.ruled_out)}
    lives = [lookup.frameworks[one] for one in known]
    rows = [
        SideRow(tr("For these answers"), tuple(_place(one, ranked, out, lookup) for one in known)),
        SideRow(tr("State"), tuple(_life(one, _state(one)) for one in lives)),
        SideRow(tr("Latest release"), tuple(_life(one, one.latest_release) for one in lives)),
    ]
    scored = [ranked[one] for one in known if one in ranked]
    for part in scored[0].contributions if scored else ():
        name = lookup.name(part.criterion)
        cells = tuple(_criterion(ranked.get(one), part.criterion, lookup) for one in known)
        rows.append(SideRow(name, cells))
    return (*rows, *_measured(machine, known, lookup))


def _place(
    framework: str, ranked: dict[str, Ranked], out: dict[str, RuledOut], lookup: Lookup
) -> SideCell:
    if framework in ranked:
        one = ranked[framework]
        return SideCell(
            tr("Place {rank}, score {score:.2f} ({low:.2f} to {high:.2f}); among the best in "
               "{share}").format(
                rank=one.rank,
                score=one.score,
                low=one.low,
                high=one.high,
                share=percent(one.top_share),
            )
        )  # fmt: skip
    gate = out.get(framework)
    if gate is None:
        return SideCell("")
    reason = tr("Ruled out: {reason}").format(reason=gate.reason)
    told = tr("Gate: {gate}").format(gate=lookup.name(gate.gate))
    badge = tr("source, {month}").format(month=gate.as_of) if gate.as_of else tr("your answers")
    return SideCell(reason, badge, (Statement(gate.reason, told, gate.source, gate.as_of),))


def _state(framework: Framework) -> str:
    word = {
        "active": tr("Active: {reason}"),
        "maintenance": tr("Maintained: {reason}"),
        "stalled": tr("Stalled: {reason}"),
        "retired": tr("Retired: {reason}"),
    }[framework.lifecycle]
    return word.format(reason=framework.lifecycle_reason)


def _life(framework: Framework, text: str) -> SideCell:
    statement = Statement(
        text,
        grade_sentence("official"),
        framework.lifecycle_source,
        framework.lifecycle_as_of,
    )
    return SideCell(text, badge_text("official", (statement,)), (statement,))


def _criterion(one: Ranked | None, criterion: str, lookup: Lookup) -> SideCell:
    if one is None:
        return SideCell(tr("Not scored: it is ruled out."))
    part = next(part for part in one.contributions if part.criterion == criterion)
    statements = contribution_statements(lookup, part)
    return SideCell(part.sentence, badge_text(part.grade, statements), statements)


def _measured(
    machine: Machine | None, frameworks: Sequence[str], lookup: Lookup
) -> tuple[SideRow, ...]:
    """A row per workload and device; the quickest valid mode speaks, and is named."""
    found: dict[tuple[str, str, str], dict[str, tuple[float, SideCell]]] = {}
    for one in machine.measurements if machine else ():
        seconds = one.median_seconds
        counts = one.verdict.status == "valid" and one.track == "strict_fp32"
        if not counts or seconds is None or one.framework not in frameworks:
            continue
        times = found.setdefault((one.workload, one.purpose, one.device), {})
        if one.framework not in times or seconds < times[one.framework][0]:
            low, high = one.ci95 or (seconds, seconds)
            text = tr("{time} ({mode})").format(
                time=duration(seconds), mode=mode_name(one.mode, lookup)
            )
            told = tr("Median of {count} windows, 95 % interval {low} to {high}.").format(
                count=one.count, low=duration(low), high=duration(high)
            )
            grade: Grade = "measured"
            statement = Statement(told, grade_sentence(grade), tr("the machine page"), "")
            cell = SideCell(text, badge_text(grade, (statement,)), (statement,))
            times[one.framework] = seconds, cell
    missing = (0.0, SideCell(tr("No valid time.")))
    return tuple(
        SideRow(
            tr("{workload} on the {device}").format(
                workload=workload_word(workload), device=device_word(device)
            ),
            tuple(times.get(one, missing)[1] for one in frameworks),
        )
        for (workload, _, device), times in found.items()
    )


class SideBySideCard(Card):
    """Choose up to four, ranked or ruled out; every cell opens where it comes from."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._theme = theme
        self.set_title(self.tr("Side by side"))
        self.more = Disclosure(self.tr("Compare any frameworks for these answers"))
        self.more.toggled.connect(lambda opened: self._show() if opened else None)
        self.body.addWidget(self.more)
        holder = QWidget()
        self._chooser = Flow(holder)
        self.more.body.addWidget(holder)
        self.hint = Muted(self.tr("Choose up to four."))
        self.more.body.addWidget(self.hint)
        self._place = QVBoxLayout()
        self.more.body.addLayout(self._place)
        self.buttons: dict[str, Button] = {}
        self._grid: QWidget | None = None
        self._rows: tuple[SideRow, ...] = ()
        self._advice: tuple[Recommendation, Lookup, Machine | None] | None = None

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for mark in self.findChildren(Mark):
            mark.set_theme(theme)

    def show_advice(
        self, recommendation: Recommendation, lookup: Lookup, machine: Machine | None
    ) -> None:
        self._advice = (recommendation, lookup, machine)
        ranked = [one.framework for one in recommendation.ranking]
        self.setVisible(bool(ranked))
        if self.more.button.isChecked():
            self._show()

    def chosen(self) -> list[str]:
        return [name for name, button in self.buttons.items() if button.isChecked()]

    def _show(self) -> None:
        if self._advice is None:
            return
        recommendation, lookup, machine = self._advice
        self._offer(recommendation, lookup)
        chosen = self.chosen()
        for button in self.buttons.values():
            button.setEnabled(button.isChecked() or len(chosen) < MOST)
        self.hint.setText(
            self.tr("Choose up to four.")
            if chosen
            else self.tr("Nothing is chosen. Choose up to four to compare them.")
        )
        rows = side_by_side(recommendation, lookup, machine, chosen)
        if rows == self._rows and self._grid is not None:
            return
        self._rows = rows
        if self._grid is not None:
            self._grid.hide()
            self._grid.deleteLater()
        self._grid = self._table(rows, chosen, lookup) if chosen else None
        if self._grid is not None:
            self._place.addWidget(self._grid)

    def _offer(self, recommendation: Recommendation, lookup: Lookup) -> None:
        ranked = [one.framework for one in recommendation.ranking]
        out = dict.fromkeys(one.framework for one in recommendation.ruled_out)
        for name in (*ranked, *out):
            if name not in self.buttons and name in lookup.frameworks:
                button = Button(lookup.name(name))
                button.setCheckable(True)
                button.setChecked(name in ranked[:AT_FIRST] and len(self.chosen()) < AT_FIRST)
                button.clicked.connect(self._show)
                self._chooser.addWidget(button)
                self.buttons[name] = button

    def _table(self, rows: Sequence[SideRow], chosen: Sequence[str], lookup: Lookup) -> QWidget:
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnMinimumWidth(0, TITLES)
        for number, name in enumerate(chosen, 1):
            grid.setColumnStretch(number, 1)
            grid.setColumnMinimumWidth(number, COLUMN)
            head = QHBoxLayout()
            head.setSpacing(8)
            head.addWidget(Mark(self._theme, name))
            head.addWidget(_even(Text(lookup.name(name), "heading")), 1)
            grid.addLayout(head, 0, number)
        for place, row in enumerate(rows):
            grid.addWidget(Line(), 2 * place + 1, 0, 1, len(chosen) + 1)
            title = Text(row.title, "strong")
            title.setFixedWidth(TITLES)
            grid.addWidget(title, 2 * place + 2, 0, Qt.AlignmentFlag.AlignTop)
            for number, (cell, name) in enumerate(zip(row.cells, chosen, strict=True), 1):
                about = tr("{name}: {subject}").format(name=lookup.name(name), subject=row.title)
                grid.addLayout(_cell(cell, about), 2 * place + 2, number)
        return table


def _cell(cell: SideCell, about: str) -> QVBoxLayout:
    lines = QVBoxLayout()
    lines.setSpacing(4)
    lines.addWidget(_even(Text(cell.text) if cell.text else Note(tr("Not recorded"))))
    if cell.statements:
        lines.addWidget(EvidenceBadge(cell.badge, about, cell.statements))
    lines.addStretch(1)
    return lines


def _even(label: Text) -> Text:
    """A label that takes the column's width instead of asking for one of its own."""
    policy = label.sizePolicy()
    policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
    label.setSizePolicy(policy)
    return label
