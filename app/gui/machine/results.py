"""Results and comparisons of a machine file as tables."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from app.gui.machine.words import (
    device_word,
    milliseconds,
    status_token,
    status_word,
    workload_word,
)
from app.gui.recommendation.rows import NEAR, measured_groups, mode_name
from app.gui.recommendation.words import Lookup
from app.gui.style import token
from app.gui.widgets.basic import Button, Card, Muted, Note, Text
from app.gui.widgets.disclosure import Disclosure
from app.gui.widgets.intervals import IntervalChart
from app.gui.widgets.layouts import Flow
from app.gui.widgets.still_chart import ChartFold
from app.gui.widgets.table import Cell, Column, Table
from app.measured_words import reason_text
from app.theme import Theme
from probes.results import Comparison, Machine, Measurement

if TYPE_CHECKING:
    from app.report.document import Chart

MachineCharts = dict[str, "Sequence[Chart]"]
"""By the names of the folds that show them."""


def machine_charts(machine: Machine) -> MachineCharts:
    """What there is to draw of a machine; not on the GUI thread, since it loads what writes
    reports."""
    from app.report.analysed import break_even_charts, memory_charts, roofline_charts

    return {
        "roofline": roofline_charts(machine),
        "memory": memory_charts(machine),
        "break_even": break_even_charts(machine),
    }


class ResultsCard(Card):
    """Signals: `save_wanted()`, `charts_wanted(ChartFold)`."""

    save_wanted = Signal()
    charts_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("Results"))
        self._lead = Muted()
        self.body.addWidget(self._lead)
        self._uncounted = Text()
        self.body.addWidget(self._uncounted)
        self.chart = IntervalChart(theme)
        self.body.addWidget(self.chart)
        self._legend = Note(
            self.tr(
                "Point: median time over the fastest one's; line: its 95 % interval; the scale is "
                "logarithmic. Not settled: the rounds do not agree, or too few were undisturbed."
            )
        )
        self.body.addWidget(self._legend)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter: framework, workload, verdict..."))
        self.filter.setAccessibleName(self.tr("Filter the table of results"))
        self.filter.setClearButtonEnabled(True)
        self.body.addWidget(self.filter)
        self.table = Table(
            self.tr("Measurements"),
            [
                Column(self.tr("Framework and mode")),
                Column(self.tr("Workload")),
                Column(self.tr("Verdict")),
                Column(self.tr("Median,\nms"), figures=True),
                Column(self.tr("95 % interval,\nms"), figures=True),
                Column(self.tr("Relative\nerror"), figures=True),
                Column(self.tr("First call,\nms"), figures=True),
                Column(self.tr("Device")),
                Column(self.tr("Reasons"), optional=True),
            ],
        )
        self.filter.textChanged.connect(self.table.set_filter)
        self.body.addWidget(self.table)
        self.comparisons = Disclosure(self.tr("Who is faster, by paired rounds"))
        self.comparison_table = Table(
            self.tr("Comparisons"),
            [
                Column(self.tr("Workload")),
                Column(self.tr("Device")),
                Column(self.tr("First")),
                Column(self.tr("Second")),
                Column(self.tr("Second\nover first"), figures=True),
                Column(self.tr("Verdict")),
            ],
        )
        self.comparisons.body.addWidget(self.comparison_table)
        self.body.addWidget(self.comparisons)
        self.folds = {
            "roofline": ChartFold(self.tr("Against this machine's own limits")),
            "memory": ChartFold(self.tr("Memory")),
            "break_even": ChartFold(self.tr("When compiling pays")),
        }
        for fold in self.folds.values():
            fold.wanted.connect(lambda fold=fold: self.charts_wanted.emit(fold))
            # Until it is known whether there is anything to draw.
            fold.hide()
            self.body.addWidget(fold)
        row = Flow()
        self.save = Button(self.tr("Save the machine file"), icon_name="save")
        self.save.clicked.connect(self.save_wanted)
        row.addWidget(self.save)
        self.body.addLayout(row)

    def set_theme(self, theme: Theme) -> None:
        self.chart.set_theme(theme)
        for fold in self.folds.values():
            fold.forget()

    def show_machine(self, machine: Machine | None, lookup: Lookup | None) -> None:
        self.setVisible(machine is not None and machine.tier is not None)
        if machine is None or machine.tier is None or lookup is None:
            return
        valid = sum(one.verdict.status == "valid" for one in machine.measurements)
        self._lead.setText(
            self.tr(
                "{valid} of {all} measurements gave a valid time; {seconds:.0f} s in all."
            ).format(valid=valid, all=len(machine.measurements), seconds=machine.seconds)
        )
        self._uncounted.setText(self._why_not_counted(machine))
        self._uncounted.setVisible(bool(self._uncounted.text()))
        groups = measured_groups(machine, lookup)
        self.chart.set_groups(groups)
        self.chart.setVisible(bool(groups))
        self._legend.setVisible(bool(groups))
        self.table.set_rows([self._cells(one, lookup) for one in machine.measurements])
        self.table.fit_height(10)
        self.comparison_table.set_rows(
            [self._comparison(one, lookup) for one in machine.comparisons]
        )
        self.comparison_table.fit_height(8)
        self.comparisons.setVisible(bool(machine.comparisons))

    def set_charts(self, charts: MachineCharts) -> None:
        for name, found in charts.items():
            self.folds[name].set_charts(found)

    def _why_not_counted(self, machine: Machine) -> str:
        """The most frequent reason for times that do not count, and what to do about it."""
        unstable = [one for one in machine.measurements if one.verdict.status == "unstable"]
        reasons = Counter(reason for one in unstable for reason in one.verdict.reasons)
        if not reasons:
            return ""
        reason = reason_text(reasons.most_common(1)[0][0]).rstrip(".")
        if len(unstable) == 1:
            return self.tr(
                "One time is unstable and does not count: {reason}. Close what else is running "
                "and measure again."
            ).format(reason=reason)
        return self.tr(
            "{number} times are unstable and do not count, most often because: {reason}. Close "
            "what else is running and measure again."
        ).format(number=len(unstable), reason=reason)

    def _cells(self, one: Measurement, lookup: Lookup) -> list[Cell]:
        # A time that is not valid counts for nothing and is not shown as if it did.
        counts = one.verdict.status == "valid"
        median = one.median_seconds if counts else None
        interval = one.ci95 if counts else None
        work = one.equal_work
        reasons = list(one.verdict.reasons)
        if work is not None and work.reason:
            reasons.append(work.reason)
        colour = token(self.palette(), status_token(one.verdict.status)).name()
        return [
            Cell(mode_name(one.mode, lookup)),
            Cell(workload_word(one.workload)),
            Cell(status_word(one.verdict.status), colour=colour),
            Cell("", None) if median is None else Cell(milliseconds(median), median),
            Cell("", None)
            if interval is None
            else Cell(f"{milliseconds(interval[0])} – {milliseconds(interval[1])}", interval[0]),
            Cell("", None) if work is None else Cell(f"{work.max_rel_err:.1e}", work.max_rel_err),
            Cell("", None)
            if one.first_call_seconds is None
            else Cell(milliseconds(one.first_call_seconds), one.first_call_seconds),
            Cell(device_word(one.device)),
            Cell("; ".join(map(reason_text, reasons))),
        ]

    def _comparison(self, one: Comparison, lookup: Lookup) -> list[Cell]:
        first, second = mode_name(one.first, lookup), mode_name(one.second, lookup)
        verdict = {
            "first_faster": self.tr("{name} is faster").format(name=first),
            "second_faster": self.tr("{name} is faster").format(name=second),
            "tie": self.tr("level") if 1 / NEAR < one.ratio < NEAR else self.tr("not settled"),
        }[one.verdict]
        return [
            Cell(workload_word(one.workload)),
            Cell(device_word(one.device)),
            Cell(first),
            Cell(second),
            Cell(f"{one.ratio:.2f}", one.ratio),
            Cell(verdict),
        ]
