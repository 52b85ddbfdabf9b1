"""A state and a window of its own for each test, and what can be wrong with a page's layout."""

from datetime import date
from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenuBar,
    QPlainTextEdit,
    QRadioButton,
    QScrollArea,
    QScrollBar,
    QSplitterHandle,
    QWidget,
)

import rules
from app.gui.collecting import Collecting, collect_if_due
from app.gui.pages.recommendation import Page as RecommendationPage
from app.gui.state import State
from app.gui.style import apply_theme
from app.gui.window import MainWindow
from app.theme import load_theme

TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def collected_as_in_the_program(qapp):
    """A failed test's traceback holds its window; the next test's threads must not collect it."""
    collecting = Collecting()
    yield
    collecting.stop()
    collect_if_due()


@pytest.fixture
def state(qtbot, qapp):
    """A fresh session without knowledge."""
    state = State(load_theme("light"), today=TODAY)
    apply_theme(qapp, state.theme)
    yield state
    state.shutdown()


@pytest.fixture(scope="session")
def real_knowledge():
    """Read once: it is frozen, and reading it takes longer than most tests."""
    return rules.load_knowledge()


@pytest.fixture
def loaded(state, qtbot, real_knowledge, monkeypatch):
    """A fresh session with the real knowledge."""
    monkeypatch.setattr(rules, "load_knowledge", lambda: real_knowledge)
    with qtbot.waitSignal(state.knowledge_loaded, timeout=120_000):
        state.load_knowledge()
    return state


@pytest.fixture
def window(state, qtbot):
    """The main window over a session without knowledge."""
    return _shown(state, qtbot)


@pytest.fixture
def loaded_window(loaded, qtbot):
    """The main window over a session with the real knowledge."""
    return _shown(loaded, qtbot)


def _shown(state, qtbot):
    window = MainWindow(state)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    return window


@pytest.fixture
def settle(qtbot, qapp):
    """Wait until nothing is decided or read any more and the results have been laid out."""

    def settle(state):
        # A result may start further work, and a layout may ask its parent for another one.
        for _ in range(6):
            qtbot.waitUntil(state.is_idle, timeout=120_000)
            qapp.processEvents()
            for page in qapp.allWidgets():
                # Out of sight it takes its time.
                if isinstance(page, RecommendationPage) and page.isVisible():
                    page.complete()

    return settle


@pytest.fixture
def layout_faults():
    """What is cut off, does not fit or lies over something else, as sentences; empty is right."""
    return _layout_faults


@pytest.fixture
def unnamed():
    """Interactive widgets that a screen reader has no name for."""
    return _unnamed


@pytest.fixture
def unreachable():
    """Interactive widgets that Tab never comes to."""
    return _unreachable


def _visible(root: QWidget, kind: type = QWidget) -> list[QWidget]:
    return [one for one in root.findChildren(kind) if one.isVisible() and not one.isWindow()]


def _inside(widget: QWidget, kinds: tuple[type, ...]) -> bool:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, kinds):
            return True
        parent = parent.parentWidget()
    return False


# What Qt lays out inside its own widgets is Qt's business.
_QT_OWN = (QAbstractItemView, QComboBox, QAbstractSpinBox, QLineEdit, QPlainTextEdit, QMenuBar)


def _layout_faults(root: QWidget) -> list[str]:
    faults = []
    for widget in _visible(root):
        if _inside(widget, _QT_OWN):
            continue
        faults += _cut_off(widget)
        if isinstance(widget, QScrollArea):
            faults += _out_of_reach(widget)
        if not isinstance(widget, (QAbstractScrollArea, QMenuBar, *_QT_OWN)):
            faults += _overlaps(widget)
    return faults


def _cut_off(widget: QWidget) -> list[str]:
    found = []
    name = _name(widget)
    if isinstance(widget, QLabel) and widget.text() and widget.pixmap().isNull():
        room = widget.contentsRect()
        lines = widget.text().split("\n")
        words = [word for line in lines for word in line.replace("\u200b", " ").split(" ")]
        pieces = words if widget.wordWrap() else lines
        widest = max(widget.fontMetrics().horizontalAdvance(piece) for piece in pieces)
        if widest > room.width() + 1:
            found.append(f"{name}: needs {widest} px in width, has {room.width()}")
        needed = (
            widget.heightForWidth(widget.width())
            if widget.wordWrap()
            else widget.minimumSizeHint().height()
        )
        if needed > widget.height() + 1:
            found.append(f"{name}: needs {needed} px in height, has {widget.height()}")
    elif isinstance(widget, (QAbstractButton, QLineEdit, QComboBox)):
        needed = widget.minimumSizeHint()
        height = (
            widget.heightForWidth(widget.width()) if widget.hasHeightForWidth() else needed.height()
        )
        if isinstance(widget, QAbstractButton) and needed.width() > widget.width() + 1:
            found.append(f"{name}: needs {needed.width()} px in width, has {widget.width()}")
        if height > widget.height() + 1:
            found.append(f"{name}: needs {height} px in height, has {widget.height()}")
    parent = widget.parentWidget()
    # What stands in a scroll area may be larger than the part that is seen.
    if parent is not None and not isinstance(parent.parentWidget(), QAbstractScrollArea):
        room = parent.rect().adjusted(-1, -1, 1, 1)
        if not room.contains(widget.geometry()) and not isinstance(widget, QScrollBar):
            found.append(f"{name}: reaches out of its parent {_name(parent)}")
    return found


def _out_of_reach(area: QScrollArea) -> list[str]:
    """What stands beside the part that is seen, where nobody can scroll to."""
    inner, off = area.widget(), Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    if inner is None or area.horizontalScrollBarPolicy() != off:
        return []
    room = area.viewport().width()
    if inner.width() <= room + 1:
        return []
    return [f"{_name(inner)} in a scroll area: is {inner.width()} px wide, {room} are seen"]


def _overlaps(parent: QWidget) -> list[str]:
    children = [
        one
        for one in parent.children()
        if isinstance(one, QWidget)
        and one.isVisible()
        and not one.isWindow()
        and not isinstance(one, (QScrollBar, QSplitterHandle))
    ]
    return [
        f"{_name(first)} lies over {_name(second)}"
        for first, second in combinations(children, 2)
        if not _common(first.geometry(), second.geometry()).isEmpty()
    ]


def _common(first: QRect, second: QRect) -> QRect:
    return first.adjusted(1, 1, -1, -1).intersected(second.adjusted(1, 1, -1, -1))


def _name(widget: QWidget) -> str:
    words = widget.accessibleName()
    if not words and isinstance(widget, (QLabel, QAbstractButton)):
        words = widget.text()
    return f"{type(widget).__name__} '{words[:50]}'"


def _interactive(root: QWidget) -> list[QWidget]:
    return [
        one
        for one in _visible(root)
        if one.isEnabled()
        and one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not _inside(one, _QT_OWN)
    ]


def _unnamed(root: QWidget) -> list[str]:
    found = []
    for widget in _interactive(root):
        interface = QAccessible.queryAccessibleInterface(widget)
        if not interface.text(QAccessible.Text.Name).strip():
            at = widget.mapTo(root, QPoint(0, 0))
            found.append(f"{type(widget).__name__} at {at.x()}, {at.y()}")
    return found


def _unreachable(root: QWidget) -> list[str]:
    window = root.window()
    reached = set()
    widget = window
    while widget not in reached:
        reached.add(widget)
        widget = widget.nextInFocusChain()
    left = []
    for widget in _interactive(root):
        # One of a group of radio buttons stands for all; arrow keys go on from there.
        if widget not in reached and not isinstance(widget, QRadioButton):
            left.append(_name(widget))
    return left
