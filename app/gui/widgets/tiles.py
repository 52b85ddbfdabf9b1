"""Buttons with more in them than a word: tiles, rows, option cards."""

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLayout,
    QPushButton,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.gui.style import token
from app.gui.widgets.basic import Badge, Icon, Text, plain_tooltip


class Pressable(QPushButton):
    """A push button that holds a layout and is as large as that needs."""

    def sizeHint(self) -> QSize:
        return _content(self).sizeHint()

    def minimumSizeHint(self) -> QSize:
        return _content(self).minimumSize()


class Tile(Pressable):
    """An icon, what it does, and one sentence about it.

    `role` is `tile` for one that stands alone and `row` for one in a card's list.
    """

    def __init__(
        self,
        icon_name: str,
        title: str,
        text: str,
        role: str = "tile",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.setAutoDefault(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(*((16, 14, 16, 14) if role == "tile" else (10, 6, 10, 6)))
        row.setSpacing(14)
        self._icon = Icon(icon_name, "accent", 24 if role == "tile" else 20)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        self._about = Text(text, "note")
        if not text:
            self._about.hide()
        words.addWidget(Text(title, "strong" if role == "tile" else "body"))
        words.addWidget(self._about)
        words.addStretch(1)
        row.addLayout(words, 1)
        let_through(row)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def set_text(self, text: str) -> None:
        self._about.setText(text)
        self._about.setVisible(bool(text))
        self.setAccessibleDescription(text)


class _Face:
    """What stands on an option card, single or multiple: number, words, effect."""

    def __init__(self, owner: QCheckBox | QRadioButton, number: int, text: str, about: str) -> None:
        owner.setProperty("role", "option")
        owner.setAccessibleName(text)
        owner.setAccessibleDescription(about)
        owner.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._owner = owner
        self._about = about
        words = QVBoxLayout(owner)
        words.setContentsMargins(48, 12, 14, 12)
        words.setSpacing(2)
        words.addStretch(1)
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(Text(text, "strong"), 1)
        words.addLayout(first)
        if about:
            words.addWidget(Text(about, "note"))
        self.badge = Badge("", "accent")
        self.badge.hide()
        self.effect = QWidget()
        effect = QHBoxLayout(self.effect)
        effect.setContentsMargins(0, 0, 0, 0)
        effect.setSpacing(6)
        effect.addWidget(Icon("ruled-out", "warn", 14), 0, Qt.AlignmentFlag.AlignTop)
        self._effect_text = Text("", "note")
        effect.addWidget(self._effect_text, 1)
        self.effect.hide()
        words.addWidget(self.effect)
        words.addStretch(1)
        first.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignTop)
        if 0 < number < 10:
            key = Text(str(number), "note", wrap=False)
            first.addWidget(key, 0, Qt.AlignmentFlag.AlignTop)
        let_through(words)

    def set_effect(self, text: str, details: str) -> None:
        self._effect_text.setText(text)
        self.effect.setVisible(bool(text))
        self._owner.setToolTip(plain_tooltip(details))
        self._owner.setAccessibleDescription(" ".join(one for one in (self._about, text) if one))

    def set_badge(self, text: str) -> None:
        self.badge.setText(text)
        self.badge.setVisible(bool(text))

    def paint_mark(self, is_round: bool) -> None:
        """The box or circle on the left: a style sheet could not recolour an image of it."""
        owner = self._owner
        painter = QPainter(owner)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        checked = owner.isChecked()
        palette = owner.palette()
        box = QRectF(17, owner.height() / 2 - 9, 18, 18)
        painter.setPen(QPen(token(palette, "accent" if checked else "strong_line"), 1.5))
        painter.setBrush(token(palette, "accent" if checked else "raised"))
        if is_round:
            painter.drawEllipse(box)
        else:
            painter.drawRoundedRect(box, 5, 5)
        if checked:
            on_accent = token(palette, "accent_text")
            if is_round:
                painter.setBrush(on_accent)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.drawEllipse(box.center(), 3.5, 3.5)
            else:
                pen = QPen(on_accent, 2)
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)
                painter.setPen(pen)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                at = box.topLeft()
                painter.drawPolyline(
                    QPolygonF(
                        [at + QPointF(4.5, 9.5), at + QPointF(8, 13), at + QPointF(13.5, 5.5)]
                    )
                )
        painter.end()


class SingleOption(QRadioButton):
    """One of several answers of which one holds.

    Signals: `picked()` when the mouse has chosen it, which no key does.
    """

    picked = Signal()

    def __init__(
        self, number: int, text: str, about: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._face = _Face(self, number, text, about)

    def set_effect(self, text: str, details: str = "") -> None:
        self._face.set_effect(text, details)

    def set_badge(self, text: str) -> None:
        self._face.set_badge(text)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        on_it = self.isDown() and self.hitButton(event.position().toPoint())
        super().mouseReleaseEvent(event)
        if on_it and event.button() == Qt.MouseButton.LeftButton and self.isChecked():
            self.picked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self._face.paint_mark(is_round=True)

    def hitButton(self, position: QPoint) -> bool:
        return self.rect().contains(position)

    def sizeHint(self) -> QSize:
        return _content(self).sizeHint()

    def minimumSizeHint(self) -> QSize:
        return _content(self).minimumSize()


class MultipleOption(QCheckBox):
    """One of several answers that may hold together."""

    def __init__(
        self, number: int, text: str, about: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._face = _Face(self, number, text, about)

    def set_effect(self, text: str, details: str = "") -> None:
        self._face.set_effect(text, details)

    def set_badge(self, text: str) -> None:
        self._face.set_badge(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self._face.paint_mark(is_round=False)

    def hitButton(self, position: QPoint) -> bool:
        return self.rect().contains(position)

    def sizeHint(self) -> QSize:
        return _content(self).sizeHint()

    def minimumSizeHint(self) -> QSize:
        return _content(self).minimumSize()


def _content(widget: QWidget) -> QLayout:
    layout = widget.layout()
    assert layout is not None
    return layout


def let_through(layout: QLayout) -> None:
    """Clicks on what a button holds are clicks on the button."""
    for index in range(layout.count()):
        item = layout.itemAt(index)
        if item is None:
            continue
        if (widget := item.widget()) is not None:
            widget.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        elif (inner := item.layout()) is not None:
            let_through(inner)
