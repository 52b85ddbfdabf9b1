"""What can be chosen for a starter project, and whether that combination has been executed."""

from collections.abc import Mapping

import msgspec
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QVBoxLayout, QWidget

from app.gui.widgets.basic import Card, Note, Text, clear, plain_tooltip
from app.gui.widgets.disclosure import Disclosure
from app.gui.widgets.layouts import ColumnGrid
from app.gui.widgets.marks import draw_mark
from app.starter import Choice, Offer, Offers, Request, request_problem
from app.theme import Theme


class OptionsCard(Card):
    """Signals: `changed()` when another project is asked for."""

    changed = Signal()

    def __init__(self, theme: Theme, offers: Offers, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._theme = theme
        self._offers = offers
        self.chosen_by_hand = False
        self.set_title(self.tr("What to start with"))
        grid = ColumnGrid(column_width=220, spacing=12, most_columns=3)
        self.framework = self._combo(grid, self.tr("Framework"), offers.frameworks)
        self.task = self._combo(grid, self.tr("Task"), ())
        self.target = self._combo(grid, self.tr("Deliver to"), ())
        self.delivery = self._combo(grid, self.tr("Through"), ())
        self.tracker = self._combo(grid, self.tr("Track runs with"), ())
        self.search = self._combo(grid, self.tr("Search settings with"), ())
        self.extent = self._combo(grid, self.tr("Size"), offers.sizes)
        self.body.addLayout(grid)
        self.notebook = QCheckBox(self.tr("Add a notebook of it"))
        self.notebook.toggled.connect(self.changed)
        self.body.addWidget(self.notebook)
        self.summary = Text(role="muted")
        self.body.addWidget(self.summary)
        self.missing = Disclosure(self.tr("Targets that have no starter with this framework"))
        self._missing = QVBoxLayout()
        self._missing.setSpacing(4)
        self.missing.body.addLayout(self._missing)
        self.body.addWidget(self.missing)
        self.extent.setCurrentIndex(self.extent.findData("project"))
        self._mark_frameworks()
        self._follow()
        self.framework.activated.connect(self._on_framework_chosen)
        for combo in (self.framework, self.task, self.target, self.delivery, self.extent):
            combo.currentIndexChanged.connect(self._on_changed)
        self.tracker.currentIndexChanged.connect(self._on_changed)
        self.search.currentIndexChanged.connect(self.changed)

    def _combo(self, grid: ColumnGrid, label: str, choices: tuple[Choice, ...]) -> QComboBox:
        part = QWidget()
        lines = QVBoxLayout(part)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(4)
        name = QLabel(label)
        name.setProperty("role", "note")
        combo = QComboBox()
        combo.setAccessibleName(label)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(10)
        name.setBuddy(combo)
        lines.addWidget(name)
        lines.addWidget(combo)
        grid.addWidget(part)
        _fill(combo, choices)
        return combo

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._mark_frameworks()

    def name_frameworks(self, names: Mapping[str, str]) -> None:
        """Call each as the rest of the window does; one without a name there keeps its own."""
        for at in range(self.framework.count()):
            name = names.get(self.framework.itemData(at))
            if name is not None:
                self.framework.setItemText(at, name)

    def prefer(self, framework: str | None, target: str | None) -> None:
        """Follow the recommendation until the person has chosen something else."""
        if self.chosen_by_hand:
            return
        if framework is not None and (at := self.framework.findData(framework)) >= 0:
            self.framework.setCurrentIndex(at)
        if target is not None and (at := self.target.findData(target)) >= 0:
            self.target.setCurrentIndex(at)

    def request(self, versions: dict[str, str]) -> Request:
        return Request(
            framework=self.framework.currentData(),
            task=self.task.currentData(),
            target=self.target.currentData() or "none",
            delivery=self.delivery.currentData(),
            tracker=self.tracker.currentData() or "none",
            search=self.search.currentData() or "none",
            size=self.extent.currentData(),
            notebook=self.notebook.isChecked(),
            versions=versions,
        )

    def _on_framework_chosen(self) -> None:
        self.chosen_by_hand = True

    def _on_changed(self) -> None:
        self._follow()
        self.changed.emit()

    def _follow(self) -> None:
        """Offer in each field what goes with the fields before it."""
        framework = self.framework.currentData()
        offers = [one for one in self._offers.combinations if one.framework == framework]
        self._offer(self.task, self._offers.tasks, {one.task for one in offers})
        offers = [one for one in offers if one.task == self.task.currentData()]
        offers = [one for one in offers if one.size == self.extent.currentData()]
        self._offer(self.target, self._offers.targets, {one.target for one in offers})
        offers = [one for one in offers if one.target == self.target.currentData()]
        deliveries = tuple(dict.fromkeys(one.delivery for one in offers if one.delivery))
        ordered = sorted(
            (one for one in self._offers.deliveries if one.id in deliveries),
            key=lambda one: deliveries.index(one.id),
        )
        self._offer(self.delivery, tuple(ordered), set(deliveries))
        _part_of(self.delivery).setVisible(bool(deliveries))
        self._offer(self.tracker, self._offers.trackers, {one.tracker for one in offers})
        _part_of(self.tracker).setVisible(self.tracker.count() > 1)
        _part_of(self.target).setVisible(self.target.count() > 1)
        asked = msgspec.structs.replace(self.request({}), search="none")
        possible = {
            one.id
            for one in self._offers.searches
            if request_problem(msgspec.structs.replace(asked, search=one.id)) is None
        }
        self._offer(self.search, self._offers.searches, possible)
        _part_of(self.search).setVisible(self.search.count() > 1)
        self._tell(framework)

    def _offer(self, combo: QComboBox, choices: tuple[Choice, ...], ids: set[str]) -> None:
        kept = combo.currentData()
        combo.blockSignals(True)
        _fill(combo, tuple(one for one in choices if one.id in ids))
        if (at := combo.findData(kept)) >= 0:
            combo.setCurrentIndex(at)
        combo.blockSignals(False)

    def offer(self) -> Offer | None:
        """The chosen combination as it is offered."""
        wanted = (
            self.framework.currentData(),
            self.task.currentData(),
            self.target.currentData(),
            self.delivery.currentData(),
            self.tracker.currentData(),
            self.extent.currentData(),
        )
        for one in self._offers.combinations:
            here = (one.framework, one.task, one.target, one.delivery, one.tracker, one.size)
            if here == wanted:
                return one
        return None

    def _tell(self, framework: str) -> None:
        task = next((one for one in self._offers.tasks if one.id == self.task.currentData()), None)
        self.summary.setText(task.summary if task else "")
        clear(self._missing)
        targets = {one.id: one.name for one in self._offers.targets}
        shown = [self.target.itemData(at) for at in range(self.target.count())]
        reasons: dict[str, list[str]] = {}
        for target, reason in self._offers.unavailable.get(framework, {}).items():
            if target not in shown:
                reasons.setdefault(reason, []).append(targets.get(target, target))
        self.missing.setVisible(bool(reasons))
        for reason, names in reasons.items():
            self._missing.addWidget(
                Note(self.tr("{targets}: {reason}").format(targets=", ".join(names), reason=reason))
            )

    def _mark_frameworks(self) -> None:
        for at in range(self.framework.count()):
            picture = QPixmap(32, 32)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            draw_mark(painter, self._theme, self.framework.itemData(at), QPointF(16, 16), 12)
            painter.end()
            self.framework.setItemIcon(at, QIcon(picture))


def _fill(combo: QComboBox, choices: tuple[Choice, ...]) -> None:
    combo.clear()
    for choice in choices:
        combo.addItem(choice.name, choice.id)
        told = plain_tooltip(choice.summary)
        combo.setItemData(combo.count() - 1, told, Qt.ItemDataRole.ToolTipRole)


def _part_of(combo: QComboBox) -> QWidget:
    """The field with its label."""
    part = combo.parentWidget()
    assert part is not None
    return part
