"""A badge beside a claim that opens where the claim comes from: source, date and grade."""

import functools
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.gui.opening import is_web_address, open_web_address
from app.gui.style import token
from app.gui.widgets.basic import Card, Line, Note, QuietButton, Text
from app.gui.widgets.marks import notes_font


@dataclass(frozen=True)
class Statement:
    """One sourced sentence as the popup shows it, all in words."""

    text: str
    grade: str
    source: str
    as_of: str


class EvidencePopup(Card):
    """The statements behind a claim; Escape or a click beside it closes it."""

    def __init__(self, title: str, statements: tuple[Statement, ...], parent: QWidget) -> None:
        super().__init__(title, parent=parent)
        self.setWindowFlag(Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(self.tr("Evidence: {claim}").format(claim=title))
        self.setMinimumWidth(min(440, parent.window().width() - 32))
        for number, statement in enumerate(statements):
            if number:
                self.body.addWidget(Line())
            self.body.addLayout(self._lines(statement))

    def _lines(self, statement: Statement) -> QVBoxLayout:
        lines = QVBoxLayout()
        lines.setSpacing(4)
        lines.addWidget(Text(statement.text))
        lines.addWidget(Note(statement.grade))
        place = Note(
            self.tr("Source: {source}, as of {month}").format(
                source=statement.source, month=statement.as_of
            )
            if statement.as_of
            else self.tr("Source: {source}").format(source=statement.source)
        )
        place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        lines.addWidget(place)
        if is_web_address(statement.source):
            row = QHBoxLayout()
            follow = QuietButton(self.tr("Open the source"), "external")
            follow.clicked.connect(lambda: open_web_address(statement.source))
            copy = QuietButton(self.tr("Copy the address"), "copy")
            copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(statement.source))
            row.addWidget(follow)
            row.addWidget(copy)
            row.addStretch(1)
            lines.addLayout(row)
        return lines

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)


@functools.lru_cache(maxsize=256)
def _width(text: str, font: str) -> int:
    """Of a badge's text; layouts ask for it again and again."""
    described = QFont()
    described.fromString(font)
    return round(QFontMetricsF(notes_font(described)).horizontalAdvance(text))


class EvidenceBadge(QAbstractButton):
    """A small rounded button: `official, 2026-10`, `measured here`, `judgement`."""

    def __init__(
        self,
        text: str,
        claim: str,
        statements: tuple[Statement, ...],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setText(text)
        self._claim = claim
        self._statements = statements
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(self.tr("{badge}: where this comes from").format(badge=text))
        self.setToolTip(self.tr("Show where this comes from"))
        self.clicked.connect(self._on_clicked)

    def sizeHint(self) -> QSize:
        return QSize(_width(self.text(), self.font().toString()) + 20, 24)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        box = QRectF(self.rect()).adjusted(1, 2, -1, -2)
        line = "accent" if self.hasFocus() else "strong_line" if self.underMouse() else "line"
        painter.setPen(QPen(token(palette, line), 2 if self.hasFocus() else 1))
        painter.setBrush(token(palette, "accent_soft" if self.isDown() else "surface"))
        painter.drawRoundedRect(box, 10, 10)
        painter.setFont(notes_font(self.font()))
        painter.setPen(token(palette, "muted"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()

    def _on_clicked(self) -> None:
        show_below(EvidencePopup(self._claim, self._statements, self), self)


def show_below(popup: QWidget, anchor: QWidget) -> None:
    """Open a popup below what it belongs to, above it where there is no room."""
    popup.adjustSize()
    at = anchor.mapToGlobal(QPoint(0, anchor.height() + 4))
    room = anchor.screen().availableGeometry()
    at.setX(max(room.left(), min(at.x(), room.right() - popup.width())))
    if at.y() + popup.height() > room.bottom():
        at.setY(anchor.mapToGlobal(QPoint(0, 0)).y() - popup.height() - 4)
    popup.move(at)
    popup.show()
    popup.setFocus()
