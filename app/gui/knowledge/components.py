"""What stands around the frameworks: libraries, delivery tools, servers and trackers, by state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from app.gui.knowledge.cards import FactCard
from app.gui.knowledge.split import Split, hide_last
from app.gui.knowledge.words import LIFECYCLE_KINDS, Entry, by_state, lifecycle_words
from app.gui.state import State
from app.gui.widgets.table import Cell, Column, Table

if TYPE_CHECKING:
    from rules.model import Knowledge
    from rules.views import Part

ANY = ""


class ComponentsPanel(QWidget):
    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: dict[str, Part] = {}
        self._names: dict[str, str] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        filters = QHBoxLayout()
        filters.setSpacing(8)
        self.framework = self._filter(self.tr("Framework"), self.tr("All frameworks"))
        self.kind = self._filter(self.tr("Kind"), self.tr("All kinds"))
        self.lifecycle = self._filter(self.tr("State"), self.tr("All states"))
        for box in (self.framework, self.kind, self.lifecycle):
            filters.addWidget(box)
        filters.addStretch(1)
        column.addLayout(filters)
        self.table = Table(
            self.tr("Components"),
            [
                Column(self.tr("Name"), widest=176),
                Column(self.tr("Kind"), widest=92),
                Column(self.tr("State"), widest=118),
                Column(self.tr("Last release"), widest=140),
                Column(self.tr("What it is for")),
                Column("id"),
            ],
        )
        hide_last(self.table, fill=4)
        self.table.selectionModel().currentRowChanged.connect(self._on_row_changed)
        self.detail = FactCard(state)
        column.addWidget(Split(self.table, self.detail), 1)

    def _filter(self, name: str, everything: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.addItem(everything, ANY)
        box.currentIndexChanged.connect(lambda _: self._show_rows())
        return box

    def fill(self, knowledge: Knowledge) -> None:
        from rules.views import ecosystem, framework_names

        self._names = framework_names(knowledge)
        self._parts = {one.id: one for one in ecosystem(knowledge)}
        kinds = dict.fromkeys(one.kind for one in self._parts.values())
        choices = (
            (self.framework, [(one.name, one.id) for one in by_state(knowledge)]),
            (self.kind, [(self._kind_words(one), one) for one in kinds]),
            (self.lifecycle, [(lifecycle_words(one), one) for one in LIFECYCLE_KINDS]),
        )
        for box, items in choices:
            box.blockSignals(True)
            for text, value in items:
                box.addItem(text, value)
            box.blockSignals(False)
        self._show_rows()

    def _kind_words(self, kind: str) -> str:
        return {
            "library": self.tr("library"),
            "delivery": self.tr("delivery"),
            "serving": self.tr("serving"),
            "tracker": self.tr("tracker"),
            "data": self.tr("data"),
            "classical": self.tr("classical learning"),
        }.get(kind, kind)

    def _show_rows(self) -> None:
        framework, kind, lifecycle = (
            box.currentData() for box in (self.framework, self.kind, self.lifecycle)
        )
        rows = [
            one
            for one in self._parts.values()
            if framework in (ANY, *one.frameworks)
            and kind in (ANY, one.kind)
            and lifecycle in (ANY, one.lifecycle)
        ]
        self.table.set_rows(
            [
                (
                    Cell(one.name),
                    Cell(self._kind_words(one.kind)),
                    Cell(lifecycle_words(one.lifecycle)),
                    Cell(one.last_release),
                    Cell(one.summary, tooltip=one.summary),
                    Cell(one.id),
                )
                for one in rows
            ]
        )
        if rows:
            self.table.selectRow(0)
        else:
            self.detail.show_nothing()

    def _on_row_changed(self) -> None:
        part = self._parts.get(str(self.table.currentIndex().siblingAtColumn(5).data()))
        if part is None:
            return
        works = ", ".join(self._names[one] for one in part.frameworks)
        worth = (
            self.tr("{state}; works with {names}").format(
                state=lifecycle_words(part.lifecycle), names=works
            )
            if works
            else self.tr("{state}; works with any framework").format(
                state=lifecycle_words(part.lifecycle)
            )
        )
        if part.articles:
            told = self.tr("{worth}. Older articles (number {numbers}) named it for: {purposes}")
            worth = told.format(
                worth=worth,
                numbers=", ".join(map(str, part.articles)),
                purposes=", ".join(part.purposes).lower(),
            )
        self.detail.show_entry(
            Entry(
                id=part.id,
                framework="",
                framework_name=part.name,
                subject=part.name,
                worth=worth,
                reason=part.summary,
                grade="official",
                source=part.source,
                as_of=part.as_of,
                when="",
                fix=part.successor or None,
            )
        )
