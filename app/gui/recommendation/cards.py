"""What the cards share: how a claim with its badge is laid out, and a card that shows advice."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.gui.recommendation.words import badge_text, tr
from app.gui.widgets.basic import READING_WIDTH, Button, Text, plain_tooltip
from app.gui.widgets.evidence import EvidenceBadge, Statement
from app.gui.widgets.rows import Row
from rules.model import Grade


def claim(
    text: str,
    grade: Grade,
    statements: tuple[Statement, ...],
    about: str = "",
    role: str = "body",
) -> QHBoxLayout:
    """A sentence with the badge that opens what it rests on at its right."""
    row = QHBoxLayout()
    row.setSpacing(12)
    row.addWidget(_readable(text, role), 1, Qt.AlignmentFlag.AlignTop)
    if statements:
        badge = EvidenceBadge(badge_text(grade, statements), about or text, statements)
        row.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
    row.addStretch(0)
    return row


def claim_row(text: str, grade: Grade, statements: tuple[Statement, ...], about: str = "") -> Row:
    """The same as a row that stays while it says the same."""
    return Row(
        ("claim", text, grade, statements, about), lambda: claim(text, grade, statements, about)
    )


def _readable(text: str, role: str = "body") -> Text:
    label = Text(text, role)
    label.setMaximumWidth(READING_WIDTH)
    return label


def sourced(text: str, source: str, as_of: str, about: str = "") -> QHBoxLayout:
    """The same for a sentence that carries its one source itself."""
    grade: Grade = "judgement" if source == "editorial" else "official"
    statement = Statement(text, tr("As this source has it."), source, as_of)
    if grade == "judgement":
        statement = Statement(text, tr("Grade: judgement, no source settles it."), source, as_of)
        return claim(text, grade, (statement,), about)
    row = QHBoxLayout()
    row.setSpacing(12)
    row.addWidget(_readable(text), 1, Qt.AlignmentFlag.AlignTop)
    badge = EvidenceBadge(tr("source, {month}").format(month=as_of), about or text, (statement,))
    row.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
    row.addStretch(0)
    return row


def sourced_row(text: str, source: str, as_of: str, about: str = "") -> Row:
    """The same as a row that stays while it says the same."""
    return Row(("sourced", text, source, as_of, about), lambda: sourced(text, source, as_of, about))


def copy_line(command: str, name: str) -> QHBoxLayout:
    """A command in a field that cannot be edited, with a button that copies it."""
    row = QHBoxLayout()
    row.setSpacing(8)
    field = QLineEdit(command)
    field.setReadOnly(True)
    field.setCursorPosition(0)
    field.setAccessibleName(name)
    field.setToolTip(plain_tooltip(command))
    copy = Button(tr("Copy"), icon_name="copy")
    copy.setAccessibleName(tr("Copy: {command}").format(command=command))

    def copied() -> None:
        QGuiApplication.clipboard().setText(command)
        copy.setText(tr("Copied"))
        copy.set_icon("check")

    copy.clicked.connect(copied)
    row.addWidget(field, 1)
    row.addWidget(copy)
    return row


def column(spacing: int = 8) -> tuple[QWidget, QVBoxLayout]:
    """A plain widget with a column in it, to be filled anew each time."""
    widget = QWidget()
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    return widget, layout


def bullets(sentences: Iterable[str], numbered: bool = False) -> QVBoxLayout:
    rows = QVBoxLayout()
    rows.setSpacing(6)
    for number, sentence in enumerate(sentences, 1):
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(
            Text(f"{number}." if numbered else "•", "muted", wrap=False),
            0,
            Qt.AlignmentFlag.AlignTop,
        )
        row.addWidget(Text(sentence), 1)
        rows.addLayout(row)
    return rows
