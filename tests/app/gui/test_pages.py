"""What holds for every page, view and dialog, in every theme, at the smallest and at other sizes.

One window is walked through with everything in it: to make one for each case would cost minutes.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QWidget,
)

from app.gui.errors import ErrorDialog
from app.gui.history import HistoryDialog
from app.gui.screenshots import VIEWS
from app.gui.state import STEPS
from app.gui.tabbing import tab_stops
from app.gui.window import SMALLEST
from app.theme import THEMES, load_theme

SIZES = [SMALLEST, (1280, 800), (2560, 1440), (3840, 2160)]
TEXT = 4.5
LARGE_TEXT = 3.0
LARGE_PIXELS = 24
"""WCAG 2.2 calls text of 18 points large."""
LINES = 3.0
LONGEST_LINE = 120
"""Characters of body text on a line, at which a wide screen is still read with ease."""
ROLES = {
    QAbstractButton: (
        QAccessible.Role.Button,
        QAccessible.Role.CheckBox,
        QAccessible.Role.RadioButton,
        QAccessible.Role.ButtonMenu,
    ),
    QLineEdit: (QAccessible.Role.EditableText,),
    QComboBox: (QAccessible.Role.ComboBox,),
    QAbstractItemView: (
        QAccessible.Role.Table,
        QAccessible.Role.Tree,
        QAccessible.Role.List,
    ),
}


@pytest.fixture
def answer(loaded, settle):
    """Gives answers enough for a decision."""

    def answer():
        loaded.set_answer("work", "scratch")
        loaded.set_answer("domain", ("vision",))
        loaded.set_answer("goal", "production")
        settle(loaded)

    return answer


@pytest.fixture(params=["without answers", "with answers"])
def filled_window(request, loaded_window, loaded, answer, settle):
    """The window before anything was answered, and with a decision on it."""
    if request.param == "with answers":
        answer()
    settle(loaded)
    return loaded_window


@pytest.fixture
def places(loaded, settle, qtbot):
    """Every page, view of the knowledge browser and dialog of a window, one after the other."""

    def places(window) -> Iterator[tuple[str, QWidget]]:
        for step in STEPS:
            window.show_step(step)
            settle(loaded)
            yield step, window
        window.show_step("knowledge")
        for number, view in enumerate(VIEWS, start=1):
            window.page("knowledge").show_tab(number)
            settle(loaded)
            yield view, window
        window.show_history()
        settle(loaded)
        history = window.findChild(HistoryDialog)
        yield "history", history
        history.close()
        error = ErrorDialog("details", window)
        qtbot.addWidget(error)
        error.show()
        yield "error", error
        error.close()
        window.activateWindow()

    return places


@pytest.fixture
def pens(monkeypatch):
    """The colours in which widgets paint their own text."""
    seen: Counter[str] = Counter()
    draw = QPainter.drawText

    def record(painter, *args):
        seen[painter.pen().color().name()] += 1
        return draw(painter, *args)

    monkeypatch.setattr(QPainter, "drawText", record)
    return seen


def luminance(colour: QColor) -> float:
    """WCAG 2.2 relative luminance."""
    channels = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: QColor, second: QColor) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def ground_of(picture: QImage, area: QRect) -> QColor:
    """The colour that most of an area has."""
    step = max(1, area.width() // 24)
    colours = Counter(
        picture.pixel(x, y)
        for y in range(area.top(), area.bottom() + 1, 2)
        for x in range(area.left(), area.right() + 1, step)
    )
    return QColor(colours.most_common(1)[0][0])


def hard_to_read(root: QWidget) -> list[str]:
    """Texts whose colour is too near to what they stand on, as they are painted."""
    picture = root.grab().toImage()
    found = []
    for widget in root.findChildren(QWidget):
        if not isinstance(widget, QLabel | QAbstractButton | QLineEdit | QComboBox):
            continue
        text = widget.currentText() if isinstance(widget, QComboBox) else widget.text()
        shown = widget.visibleRegion().boundingRect()
        if not text.strip() or shown.height() < 8 or not widget.isEnabled():
            continue
        area = shown.translated(widget.mapTo(root, QPoint(0, 0))).intersected(picture.rect())
        if area.isEmpty():
            continue
        ink = widget.palette().color(widget.foregroundRole())
        is_large = widget.font().pixelSize() >= LARGE_PIXELS
        ratio = contrast(ink, ground_of(picture, area))
        if ratio < (LARGE_TEXT if is_large else TEXT):
            found.append(f"{type(widget).__name__} '{text[:40]}': {ratio:.1f}:1")
    return found


def focus_faults(root: QWidget) -> list[str]:
    """Stops of the Tab key that look the same, or nearly so, with the focus and without it."""
    found = []
    root.activateWindow()
    QApplication.processEvents()
    for widget in tab_stops(root):
        if widget.visibleRegion().isEmpty():
            continue
        root.setFocus()
        before = as_seen(widget, root)
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        after = as_seen(widget, root)
        if before.size() != after.size() or strongest_change(before, after) < LINES:
            name = widget.accessibleName() or getattr(widget, "text", str)()
            found.append(f"{type(widget).__name__} '{name[:40]}' does not show its focus")
    return found


def as_seen(widget: QWidget, root: QWidget) -> QImage:
    """With the ground that it stands on: by itself it would be painted on nothing, which is black
    to those who look at its colours."""
    return root.grab(QRect(widget.mapTo(root, QPoint(0, 0)), widget.size())).toImage()


def strongest_change(before: QImage, after: QImage) -> float:
    """The highest contrast between a pixel of one and the same pixel of the other, along the edges
    and through the middle, where a frame or a mark would be."""
    width, height = after.width(), after.height()
    across = range(0, width, 1)
    rows = {*range(min(4, height)), *range(max(0, height - 4), height), height // 2}
    pairs = {
        (before.pixel(x, y), after.pixel(x, y))
        for y in rows
        for x in across
        if before.pixel(x, y) != after.pixel(x, y)
    }
    return max((contrast(QColor(one), QColor(other)) for one, other in pairs), default=1.0)


def wrong_roles(root: QWidget) -> list[str]:
    """Widgets that a screen reader would call something else than what they are."""
    found = []
    for widget in tab_stops(root):
        for kind, roles in ROLES.items():
            if isinstance(widget, kind):
                role = QAccessible.queryAccessibleInterface(widget).role()
                if role not in roles:
                    found.append(f"{type(widget).__name__} '{widget.accessibleName()}': {role}")
                break
    return found


def long_lines(root: QWidget) -> list[str]:
    """Running text that is wider than anybody likes to read."""
    found = []
    for label in root.findChildren(QLabel):
        if label.isVisible() and label.wordWrap() and len(label.text()) > LONGEST_LINE:
            characters = label.width() / label.fontMetrics().averageCharWidth()
            if min(characters, len(label.text())) > 2 * LONGEST_LINE:
                found.append(f"'{label.text()[:40]}': {characters:.0f} characters")
    return found


def faults_at(
    places: Iterable[tuple[str, QWidget]], *checks: Callable[[QWidget], list[str]]
) -> list[str]:
    """What the checks find, by place."""
    found = [
        f"{place}: {fault}" for place, root in places for check in checks for fault in check(root)
    ]
    print(*found, sep="\n")
    return found


def test_every_page_keeps_the_contract(window):
    for step in STEPS:
        window.show_step(step)
        page = window.page(step)
        assert page.step_id == step
        assert page.title, step
        assert page.isAncestorOf(page.initial_focus()), step


def test_every_part_has_its_name_role_room_turn_contrast_and_focus(
    loaded_window, places, loaded, answer, pens, unnamed, unreachable, layout_faults
):
    """Read out rightly, reached by Tab, neither cut off nor covered in a small window and in a
    usual one; before anything was answered in light, and with a decision in the dark."""

    def at_both_sizes(root):
        found = []
        for size in SIZES[:2] if root is loaded_window else ():
            root.resize(*size)
            QApplication.processEvents()
            found += [f"{size}: {fault}" for fault in layout_faults(root)]
            assert (root.width(), root.height()) == size
        return found or layout_faults(root)

    parts = (unnamed, unreachable, wrong_roles, at_both_sizes)
    empty = itertools.islice(places(loaded_window), len(STEPS))
    assert faults_at(empty, *parts) == []
    answer()
    dark = load_theme("dark")
    loaded.set_theme(dark)
    pens.clear()
    assert faults_at(places(loaded_window), *parts, hard_to_read, focus_faults) == []
    assert pens
    assert_pens(pens, dark)


@pytest.mark.slow
def test_on_a_large_screen_lines_stay_readable(
    filled_window, places, layout_faults, loaded, settle
):
    def at_large_sizes(root):
        found = []
        for size in SIZES[2:] if root is filled_window else ():
            root.resize(*size)
            settle(loaded)
            found += [f"{size}: {one}" for one in (*layout_faults(root), *long_lines(root))]
        return found

    assert faults_at(places(filled_window), at_large_sizes) == []


@pytest.mark.slow
def test_text_can_be_read_and_the_focus_be_seen_in_every_theme(filled_window, places, loaded, pens):
    # Before anything was answered the browser and the dialogs are the same.
    most = len(STEPS) if loaded.recommendation is None else None
    for name in THEMES:
        theme = load_theme(name)
        loaded.set_theme(theme)
        pens.clear()
        shown = itertools.islice(places(filled_window), most)
        faults = faults_at(shown, hard_to_read, focus_faults)
        assert [f"{name}: {one}" for one in faults] == []
        assert_pens(pens, theme)
        # Before there is something to paint, no page need paint text by itself.
        assert pens or most is not None


def assert_pens(pens: Counter[str], theme) -> None:
    """Texts that widgets paint stand on one of the grounds, or on the accent in its own ink."""
    tokens = theme.tokens
    allowed = {
        QColor(getattr(tokens, name)).name()
        for name in ("text", "muted", "accent", "accent_text", "good", "warn", "bad")
    }
    assert set(pens) <= allowed


def test_a_page_follows_a_change_of_theme_while_it_is_shown(loaded_window, loaded, settle):
    grounds = {"dark": 18, "contrast_dark": 0, "light": 246}
    for step, (name, ground) in zip(STEPS, itertools.cycle(grounds.items())):
        loaded_window.show_step(step)
        settle(loaded)
        loaded.set_theme(load_theme(name))
        settle(loaded)
        picture = loaded_window.grab().toImage()
        corner = picture.pixelColor(picture.width() - 20, picture.height() - 4)
        assert corner.lightness() == pytest.approx(ground, abs=12), (step, name)
