"""Measured ratios on this machine, or why there are none."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.gui.recommendation.rows import measured_groups
from app.gui.recommendation.words import Lookup, is_measured
from app.gui.widgets.basic import Button, Card, Muted, Note
from app.gui.widgets.intervals import IntervalChart
from app.theme import Theme
from probes.results import Machine
from rules.recommendation import Recommendation


class MeasuredCard(Card):
    """Signals: `step_wanted(str)`."""

    step_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("Measured here"))
        self._lead = Muted()
        self.body.addWidget(self._lead)
        self.chart = IntervalChart(theme)
        self.body.addWidget(self.chart)
        self._legend = Note(
            self.tr(
                "Equal work, proven before any time counted. Point: median time over the fastest "
                "one's; line: its 95 % interval; the scale is logarithmic. Not settled: the rounds "
                "do not agree, or too few were undisturbed. What did not give a valid time is not "
                "drawn; the machine page says why."
            )
        )
        self.body.addWidget(self._legend)
        self.go = Button(self.tr("Open the machine page"), icon_name="machine")
        self.go.clicked.connect(lambda: self.step_wanted.emit("machine"))
        self.body.addWidget(self.go, 0, Qt.AlignmentFlag.AlignLeft)

    def set_theme(self, theme: Theme) -> None:
        self.chart.set_theme(theme)

    def show_advice(
        self, recommendation: Recommendation, lookup: Lookup, machine: Machine | None
    ) -> None:
        groups = measured_groups(machine, lookup) if machine else ()
        self.chart.set_groups(groups)
        self.chart.setVisible(bool(groups))
        self._legend.setVisible(bool(groups))
        if machine is not None and machine.tier is not None and not groups:
            text = self.tr(
                "It was measured, but no training or inference time held: the machine page says "
                "why. Speed keeps its full range of doubt in the scores."
            )
        elif not groups:
            text = self.tr(
                "Nothing has been measured on this machine, so speed has its full range of doubt "
                "in the scores: it neither helps nor hurts anybody."
            )
        elif is_measured(recommendation):
            text = self.tr("These times count in the scores.")
        else:
            text = self.tr(
                "These times are shown and do not count: your answers name another class of device."
            )
        self._lead.setText(text)
