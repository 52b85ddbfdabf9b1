"""Tab goes through a window as it is read, also where parts of a page were made later than others.

Qt's own chain is the order in which widgets were made: a card that is filled anew when a result
arrives would come last, behind all that stands below it.
"""

from collections.abc import Iterator

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QTextEdit,
    QWidget,
)

# What lies in these is theirs.
_WHOLE = (QAbstractItemView, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit)


def move_focus(root: QWidget, forward: bool) -> bool:
    """Give the focus to what comes next in reading order, and bring it into sight."""
    stops = tab_stops(root)
    if not stops:
        return False
    here = QApplication.focusWidget()
    if here in stops:
        target = stops[(stops.index(here) + (1 if forward else -1)) % len(stops)]
    else:
        target = _nearest(root, here, stops, forward)
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    target.setFocus(reason)
    bring_into_sight(target)
    return True


def bring_into_sight(widget: QWidget) -> None:
    """Scroll whatever it lies in; Qt does so only for a focus that was in there before."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(widget)
        parent = parent.parentWidget()


def tab_stops(root: QWidget) -> list[QWidget]:
    """What Tab stops at, in reading order; of exclusive buttons the chosen one, else the first."""
    found: list[QWidget] = []
    groups: dict[QObject, int] = {}
    for widget in _in_reading_order(root):
        group = _exclusive_group(widget)
        # Qt takes this policy from all of a group but the one that was used last.
        policy = Qt.FocusPolicy.TabFocus if group is None else Qt.FocusPolicy.StrongFocus
        if not widget.focusPolicy() & policy or not widget.isEnabled():
            continue
        if group in groups:
            if isinstance(widget, QAbstractButton) and widget.isChecked():
                found[groups[group]] = widget
            continue
        if group is not None:
            groups[group] = len(found)
        found.append(widget)
    return found


def _exclusive_group(widget: QWidget) -> QObject | None:
    """Whose buttons the arrow keys go through, so that Tab stops at one of them."""
    if not isinstance(widget, QAbstractButton) or not widget.isCheckable():
        return None
    group = widget.group()
    if group is not None:
        return group if group.exclusive() else None
    return widget.parentWidget() if widget.autoExclusive() else None


def _nearest(root: QWidget, here: QWidget | None, stops: list[QWidget], forward: bool) -> QWidget:
    """From a place that is no stop itself, such as another button of a group."""
    everything = list(_in_reading_order(root))
    at = everything.index(here) if here in everything else -1
    places = [everything.index(one) for one in stops]
    if forward:
        return next((one for one, place in zip(stops, places, strict=True) if place > at), stops[0])
    before = [one for one, place in zip(stops, places, strict=True) if place < at]
    return before[-1] if before else stops[-1]


def _in_reading_order(widget: QWidget) -> Iterator[QWidget]:
    """The visible widgets below one, as their layouts place them."""
    if isinstance(widget, _WHOLE):
        return
    for child in _children(widget):
        if child.isVisible() and not child.isWindow():
            yield child
            yield from _in_reading_order(child)


def _children(widget: QWidget) -> list[QWidget]:
    if isinstance(widget, QScrollArea):
        inner = widget.widget()
        return [inner] if inner is not None else []
    if isinstance(widget, QStackedWidget):
        current = widget.currentWidget()
        return [current] if current is not None else []
    if isinstance(widget, QSplitter):
        parts = (widget.widget(at) for at in range(widget.count()))
        return [one for one in parts if one is not None]
    layout = widget.layout()
    placed = list(_placed(layout)) if layout is not None else []
    # `children()` would also wrap what is no widget, and Python make the enums of classes that are
    # used nowhere else: some 50 ms, once.
    direct = widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return placed + [one for one in direct if one not in placed]


def _placed(layout: QLayout) -> Iterator[QWidget]:
    for at in range(layout.count()):
        item = layout.itemAt(at)
        if item is None:
            continue
        if (child := item.widget()) is not None:
            yield child
        elif (inner := item.layout()) is not None:
            yield from _placed(inner)
