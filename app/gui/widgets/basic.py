"""Cards, labels, badges, buttons and icons: the small parts that every page is made of."""

import functools
import re
from html import escape

from PySide6.QtCore import QByteArray, QEvent, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QIcon,
    QPainter,
    QPixmap,
    QPixmapCache,
    QResizeEvent,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.gui.style import token
from app.paths import ASSETS

READING_WIDTH = 720
ICON_ROOM = 4
"""Between a button's icon and its text, beyond what the style leaves."""

TRAILING = ("arrow-right", "external", "chevron-down", "chevron-up")
"""Icons that stand behind the word: they say where it leads."""


@functools.cache
def _drawing(name: str) -> str:
    return (ASSETS / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def pixmap(
    name: str, colour: QColor | str, size: int = 20, ratio: float = 2.0, room: int = 0
) -> QPixmap:
    """An icon of `assets/icons` in one colour; `ratio` is the screen's device pixel ratio.

    `room` pixels are left free at its right, below zero at its left.
    """
    ink = QColor(colour).name()
    key = f"{name} {ink} {size} {ratio} {room}"
    picture = QPixmap()
    if QPixmapCache.find(key, picture):
        return picture
    svg = _drawing(name).replace("currentColor", ink)
    side = round(size * ratio)
    picture = QPixmap(QSize(side + round(abs(room) * ratio), side))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(svg.encode())).render(
        painter, QRectF(picture.width() - side if room < 0 else 0, 0, side, side)
    )
    painter.end()
    picture.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, picture)
    return picture


def icon(name: str, colour: QColor | str, size: int = 20, room: int = 0) -> QIcon:
    """The same as a QIcon, crisp at 1x, 2x and 3x."""
    result = QIcon()
    for ratio in (1.0, 2.0, 3.0):
        result.addPixmap(pixmap(name, colour, size, ratio, room))
    return result


class Text(QLabel):
    """A label with one of the theme's roles: title, heading, strong, muted, note, good, warn, bad
    or body; wraps by itself and never reads its text as markup."""

    def __init__(
        self, text: str = "", role: str = "body", wrap: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._heights: dict[int, int] = {}
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setWordWrap(wrap)
        self.setText(text)

    def setText(self, text: str) -> None:
        self._heights.clear()
        super().setText(text)

    def changeEvent(self, event: QEvent) -> None:
        # Font, style or direction: whatever it is, the lines may break elsewhere.
        self._heights.clear()
        super().changeEvent(event)

    def heightForWidth(self, width: int) -> int:
        # Nested layouts ask again and again for the same few widths, and breaking lines is what a
        # page's layout goes into.
        height = self._heights.get(width)
        if height is None:
            # A layout asks with all the width it has, also where the label takes less of it.
            height = super().heightForWidth(min(width, self.maximumWidth()))
            self._heights[width] = height
        return height

    def setMaximumWidth(self, width: int) -> None:
        self._heights.clear()
        super().setMaximumWidth(width)

    def set_role(self, role: str) -> None:
        if self.property("role") != role:
            self.setProperty("role", role)
            restyle(self)

    def widest_word(self) -> int:
        """The least width in which no word is cut off; words may break at a zero-width space."""
        self.ensurePolished()
        words = self.text().replace("\u200b", " ").split()
        metrics = self.fontMetrics()
        return max((metrics.horizontalAdvance(word) for word in words), default=0) + 1


class PathText(Text):
    """Text with a path in it: a word that is longer than the line is shortened in its middle, where
    a path says least, and the tooltip has the whole."""

    LEAST_WIDTH = 120

    def __init__(self, text: str = "", role: str = "body", parent: QWidget | None = None) -> None:
        self._whole = ""
        super().__init__(text, role, parent=parent)

    def setText(self, text: str) -> None:
        self._whole = text
        self._fit()

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), self.LEAST_WIDTH), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _fit(self) -> None:
        metrics, room = self.fontMetrics(), self.contentsRect().width()
        middle = Qt.TextElideMode.ElideMiddle
        shown = "".join(
            metrics.elidedText(piece, middle, room) if piece.strip() else piece
            for piece in re.split(r"(\s+)", self._whole)
        )
        if shown != self.text():
            super().setText(shown)
        hidden = "" if shown == self._whole else self._whole
        if hidden != self.accessibleName():
            self.setAccessibleName(hidden)
            self.setToolTip(plain_tooltip(hidden))


class Heading(Text):
    """A card's or section's heading; `level` 1 is the page's title."""

    def __init__(self, text: str = "", level: int = 2, parent: QWidget | None = None) -> None:
        super().__init__(text, "title" if level == 1 else "heading", parent=parent)


class Muted(Text):
    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, "muted", parent=parent)


class Lead(Muted):
    """What a page is for, below its title: no wider than is readable."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setMaximumWidth(READING_WIDTH)


class Note(Text):
    """Small and muted: origins, dates, hints."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, "note", parent=parent)


class Badge(QLabel):
    """A word or two beside a claim; `kind` is neutral, accent, good, warn or bad."""

    def __init__(
        self, text: str = "", kind: str = "neutral", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("badge", kind)
        self.setText(text)
        self.setSizePolicy(self.sizePolicy().Policy.Maximum, self.sizePolicy().Policy.Maximum)

    def set_badge(self, text: str, kind: str) -> None:
        self.setText(text)
        if self.property("badge") != kind:
            self.setProperty("badge", kind)
            restyle(self)


class Icon(QLabel):
    """An icon in a token's colour, repainted when the theme changes.

    Without `meaning` it is decoration beside a word and hidden from screen readers.
    """

    def __init__(
        self,
        name: str,
        token_name: str = "muted",
        size: int = 20,
        meaning: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._token = token_name
        self._size = size
        self.setFixedSize(size, size)
        self.setAccessibleName(meaning)
        self.setToolTip(meaning)
        self._paint_again()

    def set_icon(self, name: str, token_name: str | None = None) -> None:
        self._name = name
        self._token = token_name or self._token
        self._paint_again()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._paint_again()

    def _paint_again(self) -> None:
        # The application's: a style sheet's `color` moves some roles of a label's own palette.
        colour = token(QGuiApplication.palette(), self._token)
        self.setPixmap(pixmap(self._name, colour, self._size, self.devicePixelRatioF() or 1.0))


class Button(QPushButton):
    """A push button; `icon_name` takes the text's colour and follows the theme.

    `role` is empty (plain), primary or quiet.
    """

    def __init__(
        self,
        text: str = "",
        role: str = "",
        icon_name: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self.setProperty("role", role)
        self._icon_name = icon_name
        # Enter presses the button that has the focus, as Space does.
        self.setAutoDefault(True)
        self._paint_icon()

    def set_icon(self, icon_name: str | None) -> None:
        self._icon_name = icon_name
        self._paint_icon()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.EnabledChange):
            self._paint_icon()

    def _paint_icon(self) -> None:
        if self._icon_name is None:
            return
        names = {"primary": "accent_text", "quiet": "accent"}
        name = names.get(self.property("role"), "text") if self.isEnabled() else "muted"
        # A style sheet has no word for the distance between icon and text.
        leads = self.layoutDirection() == Qt.LayoutDirection.LeftToRight
        room = 0 if not self.text() else ICON_ROOM if leads else -ICON_ROOM
        self.setIconSize(QSize(18 + abs(room), 18))
        self.setIcon(icon(self._icon_name, token(QGuiApplication.palette(), name), 18, room))


class PrimaryButton(Button):
    """The one thing to do next on a page."""

    def __init__(
        self, text: str = "", icon_name: str | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, "primary", icon_name, parent)


class QuietButton(Button):
    """A link-like action beside the main ones."""

    def __init__(
        self, text: str = "", icon_name: str | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, "quiet", icon_name, parent)
        if icon_name in TRAILING:
            self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
            self._paint_icon()

    def align_with_text(self) -> None:
        """Begin where the lines above it begin: in a card's column, not in a row of buttons."""
        trailing = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        # From right to left, a style sheet's left is the side of the icon.
        self.setProperty("lead", "icon" if trailing else "text")


class Card(QFrame):
    """A surface with a line around it; fill `body`. `header` takes badges beside the title."""

    def __init__(self, title: str = "", role: str = "card", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(16, 16, 16, 16)
        self.body.setSpacing(8)
        self.header = QHBoxLayout()
        self.header.setSpacing(8)
        self.title = Heading(title)
        # Only ever hidden here: what has no parent yet would open as a window when made visible.
        if not title:
            self.title.hide()
        self.header.addWidget(self.title, 1)
        self.body.addLayout(self.header)

    def set_title(self, title: str) -> None:
        self.title.setText(title)
        self.title.setVisible(bool(title))


class Notice(Card):
    """Something to know or to mend, in place: an icon, a sentence, what to do.

    `kind` is info, warn or bad. Put buttons into `buttons`.
    """

    def __init__(self, kind: str = "warn", text: str = "", parent: QWidget | None = None) -> None:
        super().__init__("", f"notice-{kind}", parent)
        row = QHBoxLayout()
        row.setSpacing(12)
        self.mark = Icon(kind, "accent" if kind == "info" else kind)
        row.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        self.text = PathText(text)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(self.text, 1)
        self.body.addLayout(row)
        self.buttons = QHBoxLayout()
        self.buttons.setContentsMargins(32, 0, 0, 0)
        self.buttons.addStretch(1)
        self.body.addLayout(self.buttons)

    def set_text(self, text: str) -> None:
        self.text.setText(text)


class Line(QFrame):
    """A thin line between parts of a card."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "line")
        self.setFixedHeight(1)


def plain_tooltip(text: str) -> str:
    """For `setToolTip`: Qt guesses what is markup, and a file's or a package's name is none."""
    return f'<p style="white-space: pre-wrap">{escape(text)}</p>' if "<" in text else text


def restyle(widget: QWidget) -> None:
    """Make the style sheet look again at a widget whose dynamic property changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def clear(layout: QVBoxLayout | QHBoxLayout) -> None:
    """Take everything out of a layout and let it go."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)  # type: ignore[arg-type]
            inner.deleteLater()
