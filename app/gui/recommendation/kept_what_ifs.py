"""What-ifs worth remembering: keep the one that is shown, and those that were kept."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.gui.recommendation.words import Lookup, percent
from app.gui.widgets.basic import Button, Line, QuietButton, Text, clear, plain_tooltip
from app.what_ifs import LONGEST_LABEL, WhatIf


class KeptWhatIfs(QWidget):
    """Signals: `keep_wanted(str label)`, `renamed(int, str label)`, `removed(int)`, `used(int)`."""

    keep_wanted = Signal(str)
    renamed = Signal(int, str)
    removed = Signal(int)
    used = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[WhatIf, ...] = ()
        self._lookup: Lookup | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(Line())
        row = QHBoxLayout()
        row.setSpacing(8)
        self.label = QLineEdit()
        self.label.setMaxLength(LONGEST_LABEL)
        self.label.setAccessibleName(self.tr("Name of this what-if"))
        self.label.setPlaceholderText(self.tr("Name of this what-if"))
        self.label.returnPressed.connect(self._on_keep)
        self.keep = Button(self.tr("Keep this what-if"), icon_name="plus")
        self.keep.setToolTip(
            self.tr("Remember these answers and what they lead to; it goes into the report")
        )
        self.keep.clicked.connect(self._on_keep)
        row.addWidget(self.label, 1)
        row.addWidget(self.keep)
        layout.addLayout(row)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(6)
        layout.addLayout(self._rows)
        self.lines: list[QLineEdit] = []

    def suggest(self, label: str) -> None:
        """A name for what is shown now, unless the person is typing one."""
        if not self.label.isModified() or not self.label.text():
            self.label.setText(label)
            self.label.setCursorPosition(0)

    def show_kept(self, what_ifs: Sequence[WhatIf], lookup: Lookup) -> None:
        before, self._shown = self._shown, tuple(what_ifs)
        is_same = lookup is self._lookup and _unnamed(before) == _unnamed(self._shown)
        self._lookup = lookup
        if is_same:
            # A field that was typed in keeps the keyboard.
            for line, one in zip(self.lines, self._shown, strict=True):
                if line.text() != one.label:
                    line.setText(one.label)
            return
        clear(self._rows)
        self.lines = []
        for number, one in enumerate(what_ifs):
            self._rows.addWidget(self._row(number, one, lookup))

    def _row(self, number: int, what_if: WhatIf, lookup: Lookup) -> QWidget:
        holder = QWidget()
        rows = QVBoxLayout(holder)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        line = QLineEdit(what_if.label)
        line.setMaxLength(LONGEST_LABEL)
        line.setCursorPosition(0)
        line.setToolTip(plain_tooltip(what_if.label))
        line.setAccessibleName(self.tr("Name of kept what-if {number}").format(number=number + 1))
        line.editingFinished.connect(lambda: self._on_renamed(number, line))
        self.lines.append(line)
        rows.addWidget(line)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Text(self.outcome(what_if, lookup), "muted"), 1)
        use = QuietButton(self.tr("Use these answers"))
        use.setAccessibleName(self.tr("Use the answers of: {name}").format(name=what_if.label))
        use.clicked.connect(lambda: self.used.emit(number))
        remove = QuietButton(self.tr("Remove"))
        remove.setAccessibleName(self.tr("Remove: {name}").format(name=what_if.label))
        remove.clicked.connect(lambda: self.removed.emit(number))
        row.addWidget(use, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(remove, 0, Qt.AlignmentFlag.AlignTop)
        rows.addLayout(row)
        return holder

    def outcome(self, what_if: WhatIf, lookup: Lookup) -> str:
        """What came out, in words."""
        # The kind alone does not tell a close race from a weak point: the headline does.
        said = what_if.headline or (
            lookup.name(what_if.framework)
            if what_if.framework is not None
            else self.tr("Nothing was left")
        )
        if what_if.top_share is None:
            return said
        return self.tr("{said}. Among the best in {share}").format(
            said=said, share=percent(what_if.top_share)
        )

    def _on_keep(self) -> None:
        self.keep_wanted.emit(self.label.text())
        self.label.setModified(False)

    def _on_renamed(self, number: int, line: QLineEdit) -> None:
        label = self._shown[number].label
        if not line.text().strip():
            line.setText(label)
        elif line.text() != label:
            self.renamed.emit(number, line.text())


def _unnamed(what_ifs: Sequence[WhatIf]) -> list[tuple[object, ...]]:
    return [(one.answers, one.framework, one.kind, one.top_share) for one in what_ifs]
