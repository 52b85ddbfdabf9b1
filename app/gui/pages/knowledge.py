"""What the advice rests on: facts with source, grade and month; frameworks and their state."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.gui.state import State
from app.gui.widgets.basic import (
    Badge,
    Button,
    Card,
    Heading,
    Icon,
    Muted,
    Note,
    QuietButton,
    Text,
)
from app.gui.widgets.layouts import ColumnGrid, ScrollColumn
from app.gui.widgets.table import Cell, Column, Table

if TYPE_CHECKING:
    from rules.model import Conditions, Framework, Knowledge

WIDE = 1000
LIFECYCLE_KINDS = {"active": "good", "maintenance": "neutral", "stalled": "warn", "retired": "bad"}
ANY = ""


class Entry(NamedTuple):
    """One sourced sentence of the base, as the table and the card beside it show it."""

    id: str
    framework: str
    """Id; empty for what belongs to none."""
    framework_name: str
    subject: str
    """Criterion or capability, in words."""
    worth: str
    """The level or state in words."""
    reason: str
    grade: str
    source: str
    as_of: str
    when: str
    """The answers for which it holds, in words; empty for all."""
    fix: str | None


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
        column.addLayout(self._build_tabs())
        self._stack = QStackedWidget()
        self._stack.addWidget(self._build_facts())
        self._frameworks = ScrollColumn(widest=1400, margin=0)
        self._stack.addWidget(self._frameworks)
        self._components = Table(
            self.tr("Components"),
            [
                Column(self.tr("Name")),
                Column(self.tr("Kind")),
                Column(self.tr("State")),
                Column(self.tr("As of")),
                Column(self.tr("What it is for")),
            ],
        )
        self._stack.addWidget(self._components)
        column.addWidget(self._stack, 1)
        state.knowledge_loaded.connect(self._fill)
        self._fill()

    def initial_focus(self) -> QWidget:
        return self.search

    # What stands where

    def _build_tabs(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.tabs = QButtonGroup(self)
        for number, text in enumerate(
            (self.tr("Facts"), self.tr("Frameworks"), self.tr("Components"))
        ):
            button = Button(text)
            button.setCheckable(True)
            button.setChecked(number == 0)
            self.tabs.addButton(button, number)
            row.addWidget(button)
        self.tabs.idClicked.connect(self._on_tab)
        row.addStretch(1)
        return row

    def _build_facts(self) -> QWidget:
        facts = QWidget()
        column = QVBoxLayout(facts)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        filters = QHBoxLayout()
        filters.setSpacing(8)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search in all facts"))
        self.search.setAccessibleName(self.tr("Search in all facts"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._on_search)
        filters.addWidget(self.search, 2)
        self.framework = self._filter(self.tr("Framework"), self.tr("All frameworks"))
        self.subject = self._filter(self.tr("Criterion"), self.tr("All criteria"))
        self.grade = self._filter(self.tr("Grade"), self.tr("All grades"))
        for box in (self.framework, self.subject, self.grade):
            filters.addWidget(box, 1)
        column.addLayout(filters)
        self._split = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._split.setSpacing(16)
        self.table = Table(
            self.tr("Facts"),
            [
                Column(self.tr("Framework")),
                Column(self.tr("About")),
                Column(self.tr("Grade")),
                Column(self.tr("As of")),
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
        self._detail = FactCard()
        self._split.addWidget(self._detail)
        column.addLayout(self._split, 1)
        return facts

    def _filter(self, name: str, everything: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.addItem(everything, ANY)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(12)
        box.currentIndexChanged.connect(lambda _: self._show_rows())
        return box

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        direction = QBoxLayout.Direction
        self._split.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
        self._detail.setFixedWidth(340) if wide else self._detail.setFixedWidth(self.width() - 56)

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
            self._fill_components(knowledge)

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
                "{facts} sourced statements on {frameworks} frameworks. Choose one to see where "
                "it comes from and when it holds."
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
        _set_items(self.framework, [(one.name, one.id) for one in by_state(knowledge)])
        _set_items(self.subject, [(one, one) for one in subjects])
        _set_items(self.grade, [(grade_words(one), one) for one in grades])
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
        for column, widest in enumerate((118, 150, 92, 80)):
            self.table.setColumnWidth(column, min(widest, self.table.columnWidth(column)))
        self._choose_first()

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

    def _fill_components(self, knowledge: Knowledge) -> None:
        self._components.set_rows(
            [
                (
                    Cell(one.name),
                    Cell(one.kind),
                    Cell(lifecycle_words(one.lifecycle)),
                    Cell(one.as_of),
                    Cell(one.summary, tooltip=one.source),
                )
                for one in knowledge.components
            ]
        )


class FactCard(Card):
    """One fact in full."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._badge = Badge("")
        self.header.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignTop)
        self._reason = Text("")
        self._worth = Muted("")
        self._when = Note("")
        self._fix = Note("")
        self._source = Note("")
        self._source.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (self._reason, self._worth, self._when, self._fix, self._source):
            self.body.addWidget(label)
        self.open = QuietButton(self.tr("Open the source"), "external")
        self.open.clicked.connect(self._on_open)
        self.body.addWidget(self.open, 0, Qt.AlignmentFlag.AlignLeft | ABSOLUTE)
        self.body.addStretch(1)
        self._address = ""
        self.show_nothing()

    def show_nothing(self) -> None:
        self.set_title(self.tr("Nothing found"))
        self._badge.hide()
        self.open.hide()
        self._reason.setText(self.tr("No fact matches. Search for less, or take a filter away."))
        for label in (self._worth, self._when, self._fix, self._source):
            label.hide()

    def show_entry(self, entry: Entry) -> None:
        name = entry.framework_name
        self.set_title(f"{name}: {entry.subject}" if entry.framework else entry.subject)
        self._badge.set_badge(grade_words(entry.grade), "neutral")
        self._badge.show()
        self._reason.setText(entry.reason)
        for label, text in (
            (self._worth, entry.worth),
            (self._when, self.tr("Holds for {when}").format(when=entry.when) if entry.when else ""),
            (self._fix, self.tr("Way out: {fix}").format(fix=entry.fix) if entry.fix else ""),
            (
                self._source,
                self.tr("{source}, as of {month}").format(
                    source=breakable(entry.source), month=entry.as_of
                ),
            ),
        ):
            label.setText(text)
            label.setVisible(bool(text))
        self._address = entry.source
        self.open.setVisible(entry.source.startswith(("http://", "https://")))

    def _on_open(self) -> None:
        QDesktopServices.openUrl(QUrl(self._address))


class FrameworkCard(Card):
    """A framework's state, and what it is best and worst at."""

    def __init__(self, framework: Framework, parent: QWidget | None = None) -> None:
        super().__init__(framework.name, parent=parent)
        self.header.addWidget(
            Badge(lifecycle_words(framework.lifecycle), LIFECYCLE_KINDS[framework.lifecycle]),
            0,
            Qt.AlignmentFlag.AlignTop,
        )
        self.body.addWidget(Text(framework.summary))
        for mark, tone, text in (
            ("good", "good", framework.best_at),
            ("warn", "warn", framework.worst_at),
        ):
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(Icon(mark, tone, 18), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(Note(text), 1)
            self.body.addLayout(row)
        self.body.addStretch(1)
        self.body.addWidget(Note(framework.lifecycle_reason))
        self.body.addWidget(
            Note(
                self.tr("{maker} · {licence} · latest {release} · state as of {month}").format(
                    maker=framework.maker,
                    licence=framework.licence,
                    release=framework.latest_release,
                    month=framework.lifecycle_as_of,
                )
            )
        )


ABSOLUTE = Qt.AlignmentFlag.AlignAbsolute
GRADES = ("measured", "official", "reported", "judgement", "unknown")


def entries(knowledge: Knowledge) -> list[Entry]:
    """Every sourced sentence of the base, by framework and subject."""
    criteria = {one.id: one for one in knowledge.criteria}
    found = []
    for framework in by_state(knowledge):
        for fact in framework.facts:
            criterion = criteria[fact.criterion]
            found.append(
                Entry(
                    fact.id,
                    framework.id,
                    framework.name,
                    criterion.name,
                    _tr("Level {level} of 4: {sentence}").format(
                        level=fact.level, sentence=criterion.levels[fact.level]
                    ),
                    fact.reason,
                    fact.grade,
                    fact.source,
                    fact.as_of,
                    condition_words(knowledge, fact.when),
                    None,
                )
            )
        for one in framework.capabilities:
            found.append(
                Entry(
                    one.id,
                    framework.id,
                    framework.name,
                    one.capability.replace("_", " ").capitalize(),
                    capability_words(one.state),
                    one.reason,
                    one.grade,
                    one.source,
                    one.as_of,
                    condition_words(knowledge, one.when),
                    one.fix,
                )
            )
    for statement in knowledge.statements:
        found.append(
            Entry(
                statement.id,
                "",
                "",
                _tr("General"),
                "",
                statement.text,
                statement.grade,
                statement.source,
                statement.as_of,
                "",
                None,
            )
        )
    return found


def by_state(knowledge: Knowledge) -> list[Framework]:
    """Those that are alive first, then by name."""
    order = list(LIFECYCLE_KINDS)
    return sorted(
        knowledge.frameworks, key=lambda one: (order.index(one.lifecycle), one.name.casefold())
    )


def condition_words(knowledge: Knowledge, when: Conditions) -> str:
    """Topic and option texts instead of ids."""
    questions = {one.id: one for one in knowledge.questions}
    parts = []
    for key, value in when.items():
        question = questions.get(key)
        texts = {one.id: one.text for one in question.options} if question else {}
        chosen = (value,) if isinstance(value, str) else value
        topic = question.topic if question else key
        parts.append(f"{topic}: {', '.join(texts.get(one, one) for one in chosen)}")
    return "; ".join(parts)


def capability_words(state: str) -> str:
    return {
        "current": _tr("Works with current releases"),
        "capped": _tr("Works with an older release that is still under a year old"),
        "none": _tr("Does not work"),
    }.get(state, state)


def grade_words(grade: str) -> str:
    return {
        "measured": _tr("measured"),
        "official": _tr("official"),
        "reported": _tr("reported"),
        "judgement": _tr("judgement"),
        "unknown": _tr("unknown"),
    }.get(grade, grade)


def lifecycle_words(lifecycle: str) -> str:
    return {
        "active": _tr("active"),
        "maintenance": _tr("maintenance"),
        "stalled": _tr("stalled"),
        "retired": _tr("retired"),
    }.get(lifecycle, lifecycle)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Knowledge", text)


def breakable(address: str) -> str:
    """An address that a label may break at its slashes."""
    return address.replace("/", "/\u200b")


def _set_items(box: QComboBox, items: list[tuple[str, str]]) -> None:
    """All items behind the first, keeping what was chosen."""
    chosen = box.currentData()
    box.blockSignals(True)
    while box.count() > 1:
        box.removeItem(1)
    for text, value in items:
        box.addItem(text, value)
    box.setCurrentIndex(max(0, box.findData(chosen)))
    box.blockSignals(False)
