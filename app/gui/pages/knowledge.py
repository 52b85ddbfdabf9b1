"""What the advice rests on: facts with source, grade and month; frameworks and their state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.gui.knowledge.cards import FactCard, FrameworkCard
from app.gui.knowledge.compare import ComparePanel
from app.gui.knowledge.components import ComponentsPanel
from app.gui.knowledge.concepts import ConceptsPanel
from app.gui.knowledge.stars import StarsPanel
from app.gui.knowledge.then_now import ThenNowPanel
from app.gui.knowledge.timeline import TimelinePanel
from app.gui.knowledge.use import UsePanel
from app.gui.knowledge.words import (
    GRADES,
    Entry,
    by_state,
    entries,
    grade_words,
    is_due,
    months_old,
    set_items,
)
from app.gui.state import State
from app.gui.widgets.basic import Button, Heading, Muted, Note, QuietButton, Text
from app.gui.widgets.layouts import ColumnGrid, Flow, ScrollColumn
from app.gui.widgets.table import Cell, Column, Table

if TYPE_CHECKING:
    from rules.model import Knowledge

WIDE = 1000
ANY = ""
DUE, NEW, OLD = "due", "new", "old"
FIRST_PANEL = 3
"""The tab from which on each has a panel of its own."""


class Page(QWidget):
    step_id = "knowledge"

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.tr("Knowledge")
        self._state = state
        self._entries: dict[str, Entry] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 28, 28, 20)
        column.setSpacing(16)
        head = QHBoxLayout()
        head.addWidget(Heading(self.title, level=1), 1)
        self._version = Note("")
        self._version.setWordWrap(False)
        head.addWidget(self._version, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(head)
        self._lead = Muted(self.tr("The knowledge is being read ..."))
        column.addWidget(self._lead)
        column.addWidget(self._build_tabs())
        self._stack = QStackedWidget()
        self._stack.addWidget(self._build_facts())
        self._frameworks = ScrollColumn(widest=1400, margin=0)
        self._stack.addWidget(self._frameworks)
        self.components = ComponentsPanel(state)
        self._components = self.components.table
        self._stack.addWidget(self.components)
        self.compare = ComparePanel(state)
        self.stars = StarsPanel(state)
        self.timeline = TimelinePanel(state)
        self.use = UsePanel(state)
        self.then_and_now = ThenNowPanel(state)
        self.concepts = ConceptsPanel(state)
        self._panels = (
            self.compare,
            self.stars,
            self.timeline,
            self.use,
            self.then_and_now,
            self.concepts,
        )
        self._filled: set[int] = set()
        for panel in self._panels:
            self._stack.addWidget(panel)
        column.addWidget(self._stack, 1)
        state.knowledge_loaded.connect(self._fill)
        state.view_wanted.connect(self._on_view_wanted)
        state.answers_changed.connect(self._show_own)
        self._fill()

    def initial_focus(self) -> QWidget:
        return self.search

    # What stands where

    def _build_tabs(self) -> QWidget:
        holder = QWidget()
        row = Flow(holder, spacing=0, row_spacing=4)
        self.tabs = QButtonGroup(self)
        for number, text in enumerate(
            (
                self.tr("Facts"),
                self.tr("Frameworks"),
                self.tr("Components"),
                self.tr("Compare"),
                self.tr("Stars"),
                self.tr("Timeline"),
                self.tr("Use"),
                self.tr("Then and now"),
                self.tr("Concepts"),
            )
        ):
            button = Button(text, "quiet")
            button.setCheckable(True)
            button.setChecked(number == 0)
            self.tabs.addButton(button, number)
            row.addWidget(button)
        self.tabs.idClicked.connect(self._on_tab)
        return holder

    def _build_facts(self) -> QWidget:
        facts = QWidget()
        column = QVBoxLayout(facts)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        filters = QHBoxLayout()
        filters.setSpacing(8)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search facts"))
        self.search.setAccessibleName(self.tr("Search in all facts"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(130)
        self.search.textChanged.connect(self._on_search)
        filters.addWidget(self.search, 3)
        self.framework = self._filter(self.tr("Framework"), self.tr("All frameworks"))
        self.subject = self._filter(self.tr("Criterion"), self.tr("All criteria"))
        self.grade = self._filter(self.tr("Grade"), self.tr("All grades"))
        self.age = self._filter(self.tr("Age"), self.tr("Any age"))
        for text, kind in (
            (self.tr("Due for a recheck"), DUE),
            (self.tr("Half a year or newer"), NEW),
            (self.tr("Older than a year"), OLD),
        ):
            self.age.addItem(text, kind)
        # The longer words get more room in a small window.
        for box, share in ((self.framework, 4), (self.subject, 4), (self.grade, 3), (self.age, 3)):
            filters.addWidget(box, share)
        column.addLayout(filters)
        column.addLayout(self._build_own())
        self._split = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._split.setSpacing(16)
        self.table = Table(
            self.tr("Facts"),
            [
                Column(self.tr("Framework"), widest=118),
                Column(self.tr("About"), widest=150),
                Column(self.tr("Grade"), widest=92),
                Column(self.tr("As of"), widest=80),
                Column(self.tr("What is known")),
                Column("id"),
            ],
        )
        self.table.setColumnHidden(5, True)
        self.table.horizontalHeader().setSectionResizeMode(4, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setStretchLastSection(False)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # A thousand rows: their first screenful tells how wide the columns must be.
        self.table.horizontalHeader().setResizeContentsPrecision(30)
        self.table.selectionModel().currentRowChanged.connect(self._on_row_changed)
        self._split.addWidget(self.table, 1)
        self._detail = FactCard(self._state)
        # With its override open the card may be higher than what the window leaves it.
        self._detail_room = ScrollColumn(widest=1400, margin=0)
        self._detail_room.body.addWidget(self._detail, 1)
        self._split.addWidget(self._detail_room)
        column.addLayout(self._split, 1)
        return facts

    def _build_own(self) -> QHBoxLayout:
        """What counts otherwise for this person, with the way back."""
        row = QHBoxLayout()
        self.own = Text(role="strong", wrap=False)
        self.only_own = QCheckBox(self.tr("Show only these"))
        self.only_own.toggled.connect(lambda _: self._show_rows())
        self.reset = QuietButton(self.tr("Take all of them back"), "refresh")
        self.reset.clicked.connect(self._on_reset)
        row.addWidget(self.own)
        row.addWidget(self.only_own)
        row.addWidget(self.reset)
        row.addStretch(1)
        self._show_own()
        return row

    def _show_own(self) -> None:
        count = len(self._state.answers.override)
        for widget in (self.own, self.only_own, self.reset):
            widget.setVisible(count > 0)
        self.own.setText(self.tr("Facts that count otherwise for you: {count}").format(count=count))
        if not count:
            self.only_own.setChecked(False)
        elif self.only_own.isChecked():
            self._show_rows()

    def _on_reset(self) -> None:
        for fact_id in tuple(self._state.answers.override):
            self._state.clear_override(fact_id)

    def _filter(self, name: str, everything: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.addItem(everything, ANY)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(5)
        box.currentIndexChanged.connect(lambda _: self._show_rows())
        return box

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        direction = QBoxLayout.Direction
        self._split.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
        self._detail_room.setFixedWidth(340 if wide else self.width() - 56)
        # Below the table it has its share of the height; the table keeps some rows.
        self._detail_room.setMinimumHeight(0 if wide else 180)

    def show_tab(self, number: int) -> None:
        """Bring a tab to the front."""
        self.tabs.button(number).setChecked(True)
        self._on_tab(number)

    def show_concept(self, name: str) -> None:
        """Bring a concept to the front, by its id."""
        self.show_tab(FIRST_PANEL + self._panels.index(self.concepts))
        self.concepts.show_concept(name)

    def _on_view_wanted(self, name: str) -> None:
        if name == "then_and_now":
            self.show_tab(FIRST_PANEL + self._panels.index(self.then_and_now))
        else:
            self.show_concept(name)

    # Filling in

    def _on_tab(self, number: int) -> None:
        self._stack.setCurrentIndex(number)
        knowledge = self._state.knowledge
        if knowledge is None:
            return
        # Made when they are first looked at: all at once would hold up the page.
        if number == 1 and not self._frameworks.body.count():
            self._fill_frameworks(knowledge)
        elif number == 2 and not self._components.model().rowCount():
            self.components.fill(knowledge)
        elif number >= FIRST_PANEL and number not in self._filled:
            self._filled.add(number)
            self._panels[number - FIRST_PANEL].fill(knowledge)

    def _fill(self) -> None:
        knowledge = self._state.knowledge
        if knowledge is not None:
            self._state.in_background(
                "entries",
                lambda: entries(knowledge),
                lambda found: self._show_facts(knowledge, found),
            )

    def _show_facts(self, knowledge: Knowledge, found: list[Entry]) -> None:
        self._entries = {one.id: one for one in found}
        self._lead.setText(
            self.tr(
                "{facts} sourced statements on {frameworks} frameworks. A statement that is chosen "
                "says where it comes from and when it holds."
            ).format(facts=len(self._entries), frameworks=len(knowledge.frameworks))
        )
        self._version.setText(
            self.tr("Version {version} · {hash}").format(
                version=knowledge.version, hash=knowledge.hash[:12]
            )
        )
        subjects = sorted({one.subject for one in self._entries.values()})
        grades = [
            grade for grade in GRADES if any(one.grade == grade for one in self._entries.values())
        ]
        set_items(self.framework, [(one.name, one.id) for one in by_state(knowledge)])
        set_items(self.subject, [(one, one) for one in subjects])
        set_items(self.grade, [(grade_words(one), one) for one in grades])
        self._show_rows()
        if (tab := self.tabs.checkedId()) > 0:
            self._on_tab(tab)

    def _show_rows(self) -> None:
        wanted = (
            self.framework.currentData(),
            self.subject.currentData(),
            self.grade.currentData(),
        )
        shown = [
            one
            for one in self._entries.values()
            if all(
                want in (ANY, has)
                for want, has in zip(wanted, (one.framework, one.subject, one.grade), strict=True)
            )
            and self._has_age(one)
            and (not self.only_own.isChecked() or one.id in self._state.answers.override)
        ]
        self.table.set_rows(
            [
                (
                    Cell(one.framework_name),
                    Cell(one.subject),
                    Cell(grade_words(one.grade)),
                    Cell(one.as_of),
                    Cell(one.reason, tooltip=one.reason),
                    Cell(one.id),
                )
                for one in shown
            ]
        )
        self._choose_first()

    def _has_age(self, entry: Entry) -> bool:
        wanted, today = self.age.currentData(), self._state.today
        if wanted == DUE:
            return is_due(entry, today)
        if wanted == NEW:
            return months_old(entry, today) <= 6
        return wanted != OLD or months_old(entry, today) > 12

    def _choose_first(self) -> None:
        """The card beside the table always shows something of what the table shows."""
        if self.table.model().rowCount():
            self.table.selectRow(0)
        else:
            self._detail.show_nothing()

    def _on_search(self, text: str) -> None:
        self.table.set_filter(text)
        self._choose_first()

    def _on_row_changed(self) -> None:
        index = self.table.currentIndex()
        entry = self._entries.get(str(index.siblingAtColumn(5).data()))
        if entry is not None:
            self._detail.show_entry(entry)

    def _fill_frameworks(self, knowledge: Knowledge) -> None:
        grid = ColumnGrid(column_width=320, spacing=12, most_columns=3)
        holder = QWidget()
        holder.setLayout(grid)
        for one in by_state(knowledge):
            grid.addWidget(FrameworkCard(one))
        self._frameworks.body.addWidget(holder)
        self._frameworks.body.addStretch(1)
