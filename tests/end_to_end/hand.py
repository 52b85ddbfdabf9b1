"""A person's hand for tests of the real window: the X server's own mouse and keyboard.

Widgets are found by what a person sees (their accessible name), so that the hand knows where to
point; every click and key goes through xdotool and is counted.
"""

import queue
import subprocess
import time

from PySide6.QtCore import QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QMenu, QScrollArea, QWidget

PATIENCE = 60.0
MOST_TABS = 250
MOST_TURNS = 200
"""Of the wheel, to bring something into sight."""


class Hand(QObject):
    """Asks the window's thread and moves the X server's pointer and keys."""

    _asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._asked.connect(lambda job: job(), Qt.ConnectionType.QueuedConnection)
        self.clicks = 0
        self.presses = 0
        self.turns = 0

    def ask(self, function):
        """Call a function in the window's thread and give its result."""
        answers = queue.Queue()

        def job():
            try:
                answers.put((function(), None))
            except Exception as error:  # noqa: BLE001 - handed over to the asking thread
                answers.put((None, error))

        self._asked.emit(job)
        result, error = answers.get(timeout=PATIENCE)
        if error is not None:
            raise error
        return result

    def until(self, what, function, patience=PATIENCE):
        """Wait for a condition of the window; a walk cannot wait for signals it does not know."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            result = self.ask(function)
            if result:
                return result
            time.sleep(0.05)
        raise TimeoutError(f"waited in vain for: {what}; to be seen: {self.ask(visible_names)}")

    def xdotool(self, *words):
        subprocess.run(["xdotool", *map(str, words)], check=True)

    def begin(self):
        """Wait for the window, as somebody does who has just started it."""
        self.until("the window", lambda: QApplication.activeWindow() or window().isVisible())
        self.xdotool("search", "--sync", "--name", "Framework Advisor", "windowfocus")
        self.until("the knowledge", lambda: state().knowledge is not None)
        self.until("the machine card", lambda: state().machine is not None)

    # Mouse

    def click(self, name):
        """Turn the wheel until it is in sight, then click it."""
        self.until(f"a control named {name!r}", lambda: named(name))
        at = self._bring_into_sight(name)
        self.xdotool("mousemove", *at, "click", 1)
        self.clicks += 1

    def _bring_into_sight(self, name):
        before = None
        for _ in range(MOST_TURNS):
            found = self.until(f"a control named {name!r}", lambda: place_of(name))
            if found.seen and found == before:
                return found.x, found.y
            if not found.seen:
                self.xdotool("mousemove", *found.over, "click", found.wheel)
                self.turns += 1
            before = found
            time.sleep(0.03)
        raise TimeoutError(f"{name!r} does not come into sight by the wheel")

    def choose_from_menu(self, menu, entry):
        """Two clicks: the menu's name in the bar, then the entry."""
        bar = self.ask(lambda: action_place(window().menuBar(), menu))
        self.xdotool("mousemove", *bar, "click", 1)
        opened = self.until(f"the menu {menu!r}", lambda: open_menu_place(entry))
        self.xdotool("mousemove", *opened, "click", 1)
        self.clicks += 2

    # Keyboard

    def keys(self, *names):
        for name in names:
            self.xdotool("key", name)
            self.presses += 1

    def tab_to(self, name):
        """Go on with Tab until the focus stands there."""
        self.until(f"a control named {name!r}", lambda: named(name))
        for _ in range(MOST_TABS):
            if self.ask(lambda: has_focus(name)):
                return
            before = self.ask(QApplication.focusWidget)
            self.keys("Tab")
            self.until("the focus to move", lambda b=before: QApplication.focusWidget() is not b, 5)
        raise TimeoutError(f"Tab does not come to {name!r}")

    def type(self, text):
        self.xdotool("type", "--delay", 5, text)
        self.presses += len(text)


class Place:
    """Where something is, and how to bring it into sight."""

    def __init__(self, widget: QWidget) -> None:
        inside = QPoint(min(widget.width() // 2, 120), widget.height() // 2)
        at = widget.mapToGlobal(inside)
        self.x, self.y = at.x(), at.y()
        around = QRect(inside - QPoint(2, 2), inside + QPoint(2, 2))
        self.seen = widget.visibleRegion().contains(around)
        area = _scroll_area_around(widget)
        port = area.viewport() if area is not None else widget
        middle = port.mapToGlobal(QPoint(port.width() - 12, port.height() // 2))
        self.over = (middle.x(), middle.y())
        self.wheel = 5 if self.y > middle.y() else 4

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and (self.x, self.y) == (other.x, other.y)

    __hash__ = None


def _scroll_area_around(widget: QWidget) -> QScrollArea | None:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            return parent
        parent = parent.parentWidget()
    return None


def window():
    return next(one for one in QApplication.topLevelWidgets() if one.inherits("QMainWindow"))


def name_of(widget: QWidget) -> str:
    # Of a combo box Qt gives what is chosen in it, on Linux.
    if given := widget.accessibleName():
        return given
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface is not None else ""


def visible_widgets():
    return [one for one in window().findChildren(QWidget) if one.isVisible()]


def visible_names():
    return [name for one in visible_widgets() if (name := name_of(one))]


def named(name):
    """The enabled widget with this name, or whose name starts with it."""
    widgets = [
        one
        for one in visible_widgets()
        if one.isEnabled() and one.focusPolicy() != Qt.FocusPolicy.NoFocus
    ]
    exact = [one for one in widgets if name_of(one) == name]
    return next(iter(exact or [one for one in widgets if name_of(one).startswith(name)]), None)


def place_of(name):
    widget = named(name)
    return Place(widget) if widget is not None else None


def has_focus(name):
    widget = named(name)
    return widget is not None and QApplication.focusWidget() is widget


def action_place(bar, text):
    action = next(one for one in bar.actions() if one.text().replace("&", "") == text)
    middle = bar.mapToGlobal(bar.actionGeometry(action).center())
    return middle.x(), middle.y()


def open_menu_place(entry):
    menu = QApplication.activePopupWidget()
    return action_place(menu, entry) if isinstance(menu, QMenu) else None


def state():
    return window().state


def answered(question):
    return question in state().answers.answers


def asked():
    """Id of the question that stands there just now."""
    page = window().pages.get("questions")
    return page._flow.position if page is not None else None
