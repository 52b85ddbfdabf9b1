"""The history in a window of its own: what was measured and reported here, and what changed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app import history
from app.charts import duration
from app.gui.machine.words import device_word, tier_word, workload_word
from app.gui.opening import open_own
from app.gui.state import State
from app.gui.tabbing import move_focus
from app.gui.widgets.basic import Button, Card, Heading, Muted, Note, Notice, Text, clear
from app.gui.widgets.intervals import IntervalChart, IntervalGroup, IntervalRow
from app.gui.widgets.layouts import Flow, ScrollColumn
from app.gui.widgets.table import Cell, Column, Table
from app.paths import history_folder
from app.trends import Point, Trend, other_hardware, regression_text, trends

if TYPE_CHECKING:
    from app.history import Entry, History

MOST_ROWS = 8


class HistoryDialog(QDialog):
    """Entries to open, compare and delete, and a workload over versions.

    Signals: `open_wanted(str path)`.
    """

    open_wanted = Signal(str)

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._entries: tuple[Entry, ...] = ()
        self._trends: tuple[Trend, ...] = ()
        self.setWindowTitle(self.tr("History"))
        self.resize(1000, 720)
        self.setMinimumSize(640, 420)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        column = ScrollColumn()
        outer.addWidget(column)
        column.body.addWidget(Heading(self.tr("What was measured and reported here"), level=1))
        self._where = Muted()
        column.body.addWidget(self._where)
        self.failure = Notice("bad")
        self.failure.hide()
        column.body.addWidget(self.failure)
        column.body.addWidget(self._make_entries())
        column.body.addWidget(self._make_trends())
        column.body.addStretch(1)
        state.history_changed.connect(self.refresh)
        state.failed.connect(self._on_failed)
        state.knowledge_loaded.connect(self.refresh)
        state.theme_changed.connect(lambda: self.chart.set_theme(state.theme))

    def refresh(self) -> None:
        """Read the folder, off the GUI thread, and show what is there."""
        self.failure.hide()
        self._state.in_background("history", history.read_history, self._on_read)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return move_focus(self, forward)

    # Made once

    def _make_entries(self) -> Card:
        card = Card(self.tr("Runs and reports"))
        columns = (
            Column(self.tr("When (UTC)")),
            Column(self.tr("Kind")),
            Column(self.tr("Verdict")),
            Column(self.tr("Versions")),
            Column(self.tr("Machine")),
        )
        self.table = Table(self.tr("Runs and reports"), columns)
        self.table.selectionModel().selectionChanged.connect(self._on_chosen)
        card.body.addWidget(self.table)
        self.nothing = Muted(
            self.tr(
                "Nothing is kept yet. What you measure on the machine page and the reports that "
                "you export are listed here, to open again and to compare."
            )
        )
        card.body.addWidget(self.nothing)
        self.left_out = Notice("warn")
        self.left_out.hide()
        card.body.addWidget(self.left_out)
        row = Flow()
        self.open_entry = Button(self.tr("Open"), icon_name="open")
        self.open_entry.setToolTip(self.tr("Take over its answers and its machine"))
        self.open_entry.clicked.connect(self._on_open)
        self.compare = Button(self.tr("Compare two"), icon_name="panel")
        self.compare.setToolTip(self.tr("Choose two of the same kind, with Ctrl"))
        self.compare.clicked.connect(self._on_compare)
        self.delete = Button(self.tr("Delete..."), icon_name="close")
        self.delete.clicked.connect(self._on_delete)
        self.folder = Button(self.tr("Show the folder"), icon_name="external")
        self.folder.clicked.connect(lambda: open_own(str(history_folder())))
        for button in (self.open_entry, self.compare, self.delete, self.folder):
            row.addWidget(button)
        card.body.addLayout(row)
        self.question = Notice("warn")
        self.really = Button(self.tr("Delete"), icon_name="close")
        self.really.clicked.connect(self._on_really)
        keep = Button(self.tr("Keep"))
        keep.clicked.connect(self.question.hide)
        self.question.buttons.insertWidget(0, self.really)
        self.question.buttons.insertWidget(1, keep)
        self.question.hide()
        card.body.addWidget(self.question)
        self.compared = QPlainTextEdit()
        self.compared.setReadOnly(True)
        self.compared.setTabChangesFocus(True)
        self.compared.setAccessibleName(self.tr("What differs between the two"))
        self.compared.setFixedHeight(220)
        self.compared.hide()
        card.body.addWidget(self.compared)
        return card

    def _make_trends(self) -> Card:
        self.trends_card = Card(self.tr("A workload over versions"))
        body = self.trends_card.body
        body.addWidget(
            Muted(
                self.tr(
                    "Medians with their 95 % intervals, relative to the fastest run of each mode. "
                    "Slower is said where no interval with the new version meets one before and "
                    "the median is at least 10 % higher, in seconds and in control products."
                )
            )
        )
        row = Flow()
        self.workload = self._chooser(row, self.tr("Workload"))
        self.framework = self._chooser(row, self.tr("Framework"))
        body.addLayout(row)
        self._slower = QVBoxLayout()
        body.addLayout(self._slower)
        self._hardware = Note()
        body.addWidget(self._hardware)
        self.chart = IntervalChart(self._state.theme)
        self.chart.setAccessibleName(self.tr("Measured times over versions"))
        body.addWidget(self.chart)
        self.trends_card.hide()
        return self.trends_card

    def _chooser(self, row: Flow, name: str) -> QComboBox:
        label = QLabel(name)
        chooser = QComboBox()
        chooser.setAccessibleName(name)
        chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        chooser.activated.connect(self._show_trends)
        label.setBuddy(chooser)
        # Both together, wherever the line breaks.
        pair = QWidget()
        both = QHBoxLayout(pair)
        both.setContentsMargins(0, 0, 0, 0)
        both.addWidget(label)
        both.addWidget(chooser)
        row.addWidget(pair)
        return chooser

    # Showing

    def _on_read(self, found: "History") -> None:
        self._entries = found.entries
        self._trends = trends(found.entries)
        folder = history_folder()
        self._where.setText(
            self.tr("Kept in {folder}; it stays on this computer.").format(folder=folder)
            if self._state.settings.keep_history
            else self.tr("Nothing new is kept, as the settings say. Folder: {folder}").format(
                folder=folder
            )
        )
        self.table.set_rows([self._row(one) for one in found.entries])
        self.table.fit_height(MOST_ROWS)
        self.table.setVisible(bool(found.entries))
        self.nothing.setVisible(not found.entries)
        for button in (self.open_entry, self.compare, self.delete):
            button.setVisible(bool(found.entries))
        self.left_out.setVisible(bool(found.left_out))
        if found.left_out:
            self.left_out.set_text(
                self.tr("Left out, because they cannot be read:")
                + "\n"
                + "\n".join(f"{one.file}: {one.problem}" for one in found.left_out)
            )
        self._on_chosen()
        self._fill(self.workload, sorted({one.workload for one in self._trends}), None)
        self._fill(
            self.framework, sorted({one.framework for one in self._trends}), self.tr("all of them")
        )
        self.trends_card.setVisible(bool(self._trends))
        self._show_trends()

    def _row(self, entry: "Entry") -> tuple[Cell, ...]:
        verdict = ""
        if entry.kind == "report":
            verdict = self._name(entry.verdict) if entry.verdict else self.tr("nothing is left")
            if entry.top_share is not None:
                verdict += f", {entry.top_share:.0%}"
        kind = self.tr("report") if entry.kind == "report" else self.tr("run")
        if entry.kind == "machine" and entry.tier is not None:
            kind = self.tr("run, {tier}").format(tier=tier_word(entry.tier))
        versions = ", ".join(
            f"{self._name(name)} {version}" for name, version in entry.frameworks.items()
        )
        when = entry.when.removesuffix("+00:00").replace("T", " ")
        return tuple(Cell(text) for text in (when, kind, verdict, versions, entry.machine))

    def _name(self, identifier: str) -> str:
        knowledge = self._state.knowledge
        if knowledge is None:
            return identifier
        names: dict[str, str] = {one.id: one.name for one in knowledge.exits}
        names |= {one.id: one.name for one in knowledge.frameworks}
        return names.get(identifier, identifier)

    def _fill(self, chooser: QComboBox, names: Sequence[str], everything: str | None) -> None:
        before = chooser.currentData()
        chooser.clear()
        if everything is not None:
            chooser.addItem(everything, None)
        for name in names:
            words = self._name(name) if everything is not None else workload_word(name)
            chooser.addItem(words, name)
        chooser.setCurrentIndex(max(chooser.findData(before), 0) if chooser.count() else -1)

    def _show_trends(self) -> None:
        workload, framework = self.workload.currentData(), self.framework.currentData()
        shown = [
            one
            for one in self._trends
            if one.workload == workload and framework in (None, one.framework)
        ]
        machines = other_hardware(shown)
        self._hardware.setText(
            self.tr("Of different hardware, whose times do not compare: {machines}").format(
                machines="; ".join(machines)
            )
        )
        self._hardware.setVisible(bool(machines))
        clear(self._slower)
        said = [
            regression_text(self._in_words(one), each)
            for one in self._trends
            if framework in (None, one.framework)
            for each in one.regressions
        ]
        for text in said[:MOST_ROWS]:
            self._slower.addWidget(Text(text, "bad"))
        if len(said) > MOST_ROWS:
            more = self.tr("{number} more are told by: framework-advisor history show")
            self._slower.addWidget(Note(more.format(number=len(said) - MOST_ROWS)))
        self.chart.set_groups(tuple(self._group(one, bool(machines)) for one in shown))

    def _in_words(self, trend: Trend) -> Trend:
        """With the names that people know its ids by."""
        framework, _, way = trend.mode.partition("/")
        name = self._name(framework)
        mode = self.tr("{framework}, {way}").format(framework=name, way=way) if way else name
        return msgspec.structs.replace(
            trend,
            mode=mode,
            workload=workload_word(trend.workload),
            device=device_word(trend.device),
        )

    def _group(self, trend: Trend, name_machine: bool) -> IntervalGroup:
        named = self._in_words(trend)
        title = f"{named.mode} · {named.workload} · {named.device}"
        if trend.track != "strict_fp32":
            title += " · " + self.tr("as the framework comes, without strict float32")
        if name_machine:
            title += f" · {trend.machine}"
        fastest = min(one.time.median_seconds for one in trend.points)
        return IntervalGroup(title, tuple(self._point(trend, one, fastest) for one in trend.points))

    def _point(self, trend: Trend, point: Point, fastest: float) -> IntervalRow:
        time = point.time
        text = duration(time.median_seconds)
        if any(point.version == one.after_version for one in trend.regressions):
            text = self.tr("slower: {time}").format(time=text)
        return IntervalRow(
            framework=trend.framework,
            name=f"{point.when[:10]}  {point.version}",
            ratio=time.median_seconds / fastest,
            low=time.low_seconds / fastest,
            high=time.high_seconds / fastest,
            text=text,
            level_with_best=False,
        )

    def _on_failed(self, text: str) -> None:
        self.failure.set_text(text)
        self.failure.show()

    # What one does with entries

    def _chosen(self) -> "list[Entry]":
        return [self._entries[row] for row in self.table.chosen()]

    def _on_chosen(self) -> None:
        chosen = self._chosen()
        self.open_entry.setEnabled(len(chosen) == 1 and self._state.knowledge is not None)
        self.compare.setEnabled(
            len(chosen) == 2
            and chosen[0].kind == chosen[1].kind
            and self._state.knowledge is not None
        )
        self.delete.setEnabled(bool(chosen))
        self.question.hide()

    def _on_open(self) -> None:
        (entry,) = self._chosen()
        self.open_wanted.emit(str(history_folder() / f"{entry.id}.json"))

    def _on_compare(self) -> None:
        # The older one first: what changed is read from then to now.
        second, first = sorted(self._chosen(), key=lambda one: one.when, reverse=True)
        knowledge = self._state.knowledge
        assert knowledge is not None

        def compared() -> str:
            from app.files import read_at_most
            from app.report import compare, from_json
            from probes.results import decode_machine

            paths = [history.path_of(one.id) for one in (first, second)]
            data = [read_at_most(path, history.LARGEST_BYTES + 1) for path in paths]
            if first.kind == "machine":
                machines = [
                    decode_machine(one, path.name) for one, path in zip(data, paths, strict=True)
                ]
                return "\n".join(compare.machine_lines(compare.compare_machines(*machines)))
            reports = [from_json(one, path.name) for one, path in zip(data, paths, strict=True)]
            found = compare.compare_reports(reports[0], reports[1], knowledge)
            return "\n".join(compare.report_lines(found))

        self._state.in_background("history-compare", compared, self._on_compared)

    def _on_compared(self, text: str) -> None:
        self.compared.setPlainText(text)
        self.compared.show()

    def _on_delete(self) -> None:
        chosen = self._chosen()
        self.question.set_text(
            self.tr("Delete 1 entry for good?")
            if len(chosen) == 1
            else self.tr("Delete {number} entries for good?").format(number=len(chosen))
        )
        self.question.show()
        self.really.setFocus()

    def _on_really(self) -> None:
        chosen = [one.id for one in self._chosen()]
        self.question.hide()

        def delete() -> None:
            for entry in chosen:
                history.delete(entry)

        self._state.in_background("history-delete", delete, lambda _: self.refresh())
