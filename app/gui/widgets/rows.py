"""Rows that follow a list: what is still wanted stays as it is, only what is new is made.

To make a card's rows anew with each answer costs more than the decision itself; it would also take
the keyboard's focus away from a row that has not changed.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from app.gui.widgets.basic import Text


class Row(NamedTuple):
    """What a row says, and how it is made; rows that say the same are taken for the same."""

    said: Hashable
    make: Callable[[], QWidget | QLayout]


def text_row(text: str, role: str = "body") -> Row:
    return Row((text, role), lambda: Text(text, role))


class Rows(QWidget):
    """One row below the other."""

    def __init__(self, spacing: int = 8, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(spacing)
        self._shown: list[tuple[Hashable, QWidget]] = []

    def show_rows(self, rows: Iterable[Row]) -> None:
        wanted = list(rows)
        if [row.said for row in wanted] == [said for said, _ in self._shown]:
            return
        there: dict[Hashable, list[QWidget]] = {}
        for said, widget in self._shown:
            there.setdefault(said, []).append(widget)
        self._shown = []
        for row in wanted:
            kept = there.get(row.said)
            self._shown.append((row.said, kept.pop(0) if kept else _widget(row.make())))
        for left in there.values():
            for widget in left:
                self._column.removeWidget(widget)
                widget.hide()
                widget.deleteLater()
        for place, (_, widget) in enumerate(self._shown):
            item = self._column.itemAt(place)
            if item is None or item.widget() is not widget:
                self._column.insertWidget(place, widget)

    def is_empty(self) -> bool:
        return not self._shown


def _widget(made: QWidget | QLayout) -> QWidget:
    if isinstance(made, QWidget):
        return made
    holder = QWidget()
    made.setContentsMargins(0, 0, 0, 0)
    holder.setLayout(made)
    return holder


class Bullets(QWidget):
    """Sentences with a dot before each; their labels are used again for whatever is said next."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._lines: list[tuple[QWidget, Text]] = []

    def show_sentences(self, sentences: Sequence[str]) -> None:
        while len(self._lines) < len(sentences):
            self._lines.append(self._line())
        for place, (line, text) in enumerate(self._lines):
            if place < len(sentences):
                text.setText(sentences[place])
            line.setVisible(place < len(sentences))

    def _line(self) -> tuple[QWidget, Text]:
        line, text = QWidget(self), Text()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(Text("•", "muted", wrap=False), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(text, 1)
        self._column.addWidget(line)
        return line, text
