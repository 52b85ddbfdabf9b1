"""What to measure, whether it can matter, and how the measuring goes."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QPlainTextEdit,
    QProgressBar,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.machine.words import about, status_word, workload_word
from app.gui.widgets.basic import Button, Card, Muted, Note, PrimaryButton, Text, clear
from app.gui.widgets.disclosure import Disclosure
from app.gui.widgets.layouts import Flow
from app.gui.widgets.progress import RUNNING, Item, ProgressGrid
from app.measured_words import reason_text
from app.theme import Theme
from probes.results import ProbeEvent, Tier

MOST_LOG_LINES = 2000


class MeasureCard(Card):
    """Tier and frameworks to choose, then progress in the same place.

    Signals: `start_wanted()`, `resume_wanted()`, `cancel_wanted()`, `choice_changed()`.
    """

    start_wanted = Signal()
    resume_wanted = Signal()
    cancel_wanted = Signal()
    choice_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._names: dict[str, str] = {}
        self._running = False
        self._chosen_by_hand = False
        """Whether the person has chosen workloads; until then they are the tier's."""
        self._missing: tuple[str, ...] = ()
        self.set_title(self.tr("Measure"))
        self.matters = Text()
        self.body.addWidget(self.matters)
        self._choices = QWidget()
        choices = QVBoxLayout(self._choices)
        choices.setContentsMargins(0, 8, 0, 0)
        choices.setSpacing(8)
        choices.addWidget(Text(self.tr("How thoroughly"), "strong"))
        self.quick = QRadioButton(self.tr("Quick: about a minute for five frameworks"))
        self.standard = QRadioButton(self.tr("Standard: about three minutes, narrower intervals"))
        self.quick.setChecked(True)
        tiers = QButtonGroup(self)
        self.deep = QRadioButton(self.tr("Deep: every way to run them, up to half an hour"))
        for button in (self.quick, self.standard, self.deep):
            tiers.addButton(button)
            choices.addWidget(button)
            button.toggled.connect(self._on_tier)
        choices.addWidget(Text(self.tr("Which frameworks"), "strong"))
        self._framework_row = Flow(spacing=16)
        choices.addLayout(self._framework_row)
        self.boxes: dict[str, QCheckBox] = {}
        self.workload_part = Disclosure(self.tr("Choose the workloads"))
        self._workload_row = Flow(spacing=16)
        self.workload_part.body.addLayout(self._workload_row)
        self.workload_boxes: dict[str, QCheckBox] = {}
        choices.addWidget(self.workload_part)
        self.plan = Muted()
        choices.addWidget(self.plan)
        self._refusals = QVBoxLayout()
        choices.addLayout(self._refusals)
        self.body.addWidget(self._choices)

        self._progress = QWidget()
        progress = QVBoxLayout(self._progress)
        progress.setContentsMargins(0, 8, 0, 0)
        progress.setSpacing(8)
        line = QHBoxLayout()
        self.now = Text(role="strong")
        self.left = Muted()
        self.left.setWordWrap(False)
        line.addWidget(self.now, 1)
        line.addWidget(self.left)
        progress.addLayout(line)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the measurement"))
        progress.addWidget(self.bar)
        self.grid = ProgressGrid(theme)
        self.grid.set_words(
            {
                name: status_word(name)
                for name in (
                    "waiting", "running", "valid", "invalid", "unstable", "failed",
                    "timed_out", "skipped", "cancelled",
                )
            }
        )  # fmt: skip
        progress.addWidget(self.grid)
        self._progress.setVisible(False)
        self.body.addWidget(self._progress)

        buttons = Flow()
        self.start = PrimaryButton(self.tr("Start measuring"), "play")
        self.start.clicked.connect(self.start_wanted)
        self.start.setEnabled(False)
        self.cancel = Button(self.tr("Cancel"), icon_name="stop")
        self.cancel.clicked.connect(self._on_cancel)
        self.cancel.setVisible(False)
        self.resume = Button(self.tr("Measure what is missing"), icon_name="play")
        self.resume.clicked.connect(self.resume_wanted)
        self.resume.setVisible(False)
        buttons.addWidget(self.start)
        buttons.addWidget(self.resume)
        buttons.addWidget(self.cancel)
        self.body.addLayout(buttons)
        self.ended = Note()
        self.ended.setVisible(False)
        self.body.addWidget(self.ended)

        self.log_part = Disclosure(self.tr("Log"))
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setTabChangesFocus(True)
        self.log.setMaximumBlockCount(MOST_LOG_LINES)
        self.log.setAccessibleName(self.tr("Log of the measurement"))
        self.log.setMinimumHeight(160)
        self.log_part.body.addWidget(self.log)
        self.log_part.setVisible(False)
        self.body.addWidget(self.log_part)

    def set_theme(self, theme: Theme) -> None:
        self.grid.set_theme(theme)

    # Choosing

    def set_frameworks(self, frameworks: dict[str, str]) -> None:
        """Ids and names of what is installed; all chosen, but for what was unticked before."""
        if list(self.boxes) == list(frameworks):
            return
        unticked = {name for name, box in self.boxes.items() if not box.isChecked()}
        clear(self._framework_row)  # type: ignore[arg-type]
        self.boxes = {}
        self._names = frameworks
        for framework, name in frameworks.items():
            box = QCheckBox(name)
            box.setChecked(framework not in unticked)
            box.toggled.connect(self.choice_changed)
            self._framework_row.addWidget(box)
            self.boxes[framework] = box
        self.allow()

    def tier(self) -> Tier:
        if self.deep.isChecked():
            return "deep"
        return "quick" if self.quick.isChecked() else "standard"

    def _on_tier(self, on: bool) -> None:
        if on:
            self._chosen_by_hand = False
            self.choice_changed.emit()

    def set_workloads(self, workloads: Sequence[str]) -> None:
        """What can be chosen by itself; the tier chooses until the person does."""
        if list(self.workload_boxes) == list(workloads):
            return
        clear(self._workload_row)  # type: ignore[arg-type]
        self.workload_boxes = {}
        for workload in workloads:
            box = QCheckBox(workload_word(workload))
            box.toggled.connect(self._on_workload)
            self._workload_row.addWidget(box)
            self.workload_boxes[workload] = box

    def _on_workload(self) -> None:
        self._chosen_by_hand = True
        self.choice_changed.emit()

    def workloads(self) -> list[str] | None:
        """Those chosen by hand; None for the tier's own."""
        if not self._chosen_by_hand:
            return None
        return [name for name, box in self.workload_boxes.items() if box.isChecked()]

    def set_missing(self, workloads: Sequence[str]) -> None:
        """What the last run did not come to the end of, to go on with."""
        self._missing = tuple(workloads)
        names = ", ".join(workload_word(one) for one in workloads)
        self.resume.setText(
            self.tr("Measure what is missing ({count})").format(count=len(workloads))
        )
        self.resume.setToolTip(names)
        self.resume.setVisible(bool(workloads) and not self._running)

    def frameworks(self) -> list[str] | None:
        """The chosen ones; None for all."""
        chosen = [name for name, box in self.boxes.items() if box.isChecked()]
        return None if len(chosen) == len(self.boxes) else chosen

    def set_matters(self, matters: bool, reason: str) -> None:
        self.matters.setText(reason)
        self.matters.set_role("body" if matters else "muted")

    def set_plan(self, plan: Any) -> None:
        """What `prepare_probe` would do: items, seconds and refusals."""
        self._items = tuple(plan.items)
        if not self._chosen_by_hand:
            planned = {one.workload for one in self._items}
            for name, box in self.workload_boxes.items():
                box.blockSignals(True)
                box.setChecked(name in planned)
                box.blockSignals(False)
        if not self._running:
            self.plan.setText(
                self.tr("{number} measurements, {time}. Other programs should be quiet.").format(
                    number=len(self._items), time=about(plan.estimated_seconds)
                )
            )
        clear(self._refusals)
        for refusal in plan.refusals:
            self._refusals.addWidget(Note(str(refusal)))

    _items: Sequence[Any] = ()

    # Running

    def begin(self, resumed: bool = False) -> None:
        """Show progress instead of the choices; resumed, only of what was missing."""
        self._running = True
        self.grid.set_items(
            self._item(one.framework, one.mode, one.workload)
            for one in self._items
            if not resumed or one.workload in self._missing
        )
        self.log.clear()
        self.bar.setRange(0, 0)
        self.now.setText(self.tr("Starting..."))
        self.left.setText("")
        self.ended.setVisible(False)
        self.cancel.setText(self.tr("Cancel"))
        self.cancel.setEnabled(True)
        self.cancel.setVisible(True)
        # Before what has the focus goes: Qt would look for the next place through the whole window.
        self.cancel.setFocus()
        self._choices.setVisible(False)
        self.bar.setVisible(True)
        self._progress.setVisible(True)
        self.log_part.setVisible(True)
        self.start.setVisible(False)
        self.resume.setVisible(False)

    def apply(self, event: ProbeEvent) -> None:
        if event.total:
            self.bar.setRange(0, event.total)
            self.bar.setValue(event.done)
        if event.seconds_left is not None and self.cancel.isEnabled():
            self.left.setText(self.tr("{time} left").format(time=about(event.seconds_left)))
        if event.message:
            self.log.appendPlainText(event.message)
        if self.cancel.isEnabled() and (now := self._now(event)):
            self.now.setText(now)
        if event.mode is None or event.workload is None:
            return
        self.grid.add(self._item(event.framework or "", event.mode, event.workload))
        if event.kind == "item_started":
            self.grid.set_status(event.mode, event.workload, RUNNING)
        elif event.kind == "item_done" and event.measurement is not None:
            verdict = event.measurement.verdict
            self.grid.set_status(
                event.mode,
                event.workload,
                verdict.status,
                "\n".join(map(reason_text, verdict.reasons)),
            )

    def _now(self, event: ProbeEvent) -> str:
        if event.kind == "framework_started" and event.framework is not None:
            return self.tr("Starting {framework}").format(
                framework=self._names.get(event.framework, event.framework)
            )
        if event.kind == "item_started" and event.mode is not None:
            item = self._item(event.framework or "", event.mode, event.workload or "")
            return self.tr("{mode}: {workload}").format(
                mode=item.mode_name, workload=item.workload_name
            )
        return ""

    def finish(self, cancelled: bool) -> None:
        self._running = False
        had_focus = self.cancel.hasFocus()
        self.grid.end("cancelled" if cancelled else "skipped")
        self.start.setText(self.tr("Measure again"))
        self.start.setVisible(True)
        self.allow()
        if had_focus:
            # Before that goes: Qt would look for the next place through the whole window.
            self.start.setFocus()
        self.cancel.setVisible(False)
        self._choices.setVisible(True)
        self.bar.setVisible(False)
        self.now.setText(
            self.tr("Cancelled. What was measured until then is kept below.")
            if cancelled
            else self.tr("Measured. The results are below.")
        )
        self.left.setText("")

    def _on_cancel(self) -> None:
        """Answers at once; the round that runs needs a moment to end."""
        self.cancel.setEnabled(False)
        self.cancel.setText(self.tr("Cancelling"))
        self.now.setText(self.tr("Ending the running measurement..."))
        self.left.setText("")
        self.grid.end("cancelled")
        self.cancel_wanted.emit()

    def allow(self) -> None:
        chosen = any(box.isChecked() for box in self.boxes.values())
        no_workload = self.workloads() == []
        self.start.setEnabled(chosen and not no_workload and not self._running)
        if not self.boxes:
            self.plan.setText(
                self.tr("No framework was found here: install one first, then look again.")
            )
        elif not chosen:
            self.plan.setText(self.tr("Choose at least one framework."))
        elif no_workload:
            self.plan.setText(self.tr("Choose at least one workload."))

    def _item(self, framework: str, mode: str, workload: str) -> Item:
        name, _, way = mode.partition("/")
        shown = self._names.get(name, name)
        return Item(
            framework or name,
            mode,
            self.tr("{framework}, {way}").format(framework=shown, way=way) if way else shown,
            workload,
            workload_word(workload),
        )
