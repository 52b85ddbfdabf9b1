"""One question of the map: its topic, its options as chips, and what they can rule out or lead to.

Paints itself and knows where its chips are; the lines between questions are drawn behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QToolTip, QWidget

from app.gui.style import token
from app.gui.widgets.marks import notes_font

if TYPE_CHECKING:
    from rules.views import MapOption, MapQuestion

EDGE = 12
CHIP = 26
GAP = 8
LINE = 20
INSIDE = 10
MARK = 16
"""Room for a tick or a diamond before an option's text."""


class Words(NamedTuple):
    """Names for the ids that a map holds."""

    frameworks: Mapping[str, str]
    gates: Mapping[str, str]
    exits: Mapping[str, str]


class Chip(NamedTuple):
    """One option as it stands in the row."""

    id: str
    text: str
    effect: str
    """What it rules out or leads to, in a word or two."""
    details: str
    chosen: bool


class QuestionNode(QAbstractButton):
    """A click, Enter or Space opens the question; Up and Down go to the neighbours."""

    def __init__(
        self, number: int, question: MapQuestion, words: Words, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.question = question
        self._number = number
        self.chips = tuple(self._chip(one, words) for one in question.options)
        self._feeds = self._fed(words)
        self._article: tuple[str, ...] = ()
        self._article_assumes = False
        self._places: tuple[QRectF, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._tell()

    # Words

    def _chip(self, option: MapOption, words: Words) -> Chip:
        effects, details = [], []
        if option.leads_to is not None:
            name = words.exits.get(option.leads_to, option.leads_to)
            effects.append(f"\u2192 {name}")
            details.append(self.tr("Leads to: {name}").format(name=name))
        if option.rules_out:
            names = ", ".join(words.frameworks.get(one, one) for one in option.rules_out)
            effects.append(self.tr("{count} out").format(count=len(option.rules_out)))
            details.append(self.tr("Rules out {names}").format(names=names))
        return Chip(option.id, option.text, "  ".join(effects), ". ".join(details), option.chosen)

    def _fed(self, words: Words) -> str:
        exits = [words.exits.get(one, one) for one in self.question.exits]
        gates = [words.gates.get(one, one) for one in self.question.gates]
        parts = []
        if exits:
            parts.append(self.tr("Ways out: {names}").format(names=", ".join(exits)))
        if gates:
            parts.append(self.tr("Gates: {names}").format(names=", ".join(gates)))
        return " · ".join(parts)

    def standing(self) -> str:
        question = self.question
        return {
            "answered": "",
            "unknown": self.tr("don't know yet"),
            "open": self.tr("open"),
            "pointless": self.tr("cannot change anything any more"),
            "not_asked": self.tr("asked only for some answers to: {topics}").format(
                topics=question.why
            ),
        }[question.standing]

    def sentences(self) -> list[str]:
        """All that is drawn, as it would be read aloud."""
        chosen = [one.text for one in self.chips if one.chosen]
        told = [f"{self._number}. {self.question.topic}"]
        if chosen:
            told.append(self.tr("Your path: {options}").format(options=", ".join(chosen)))
        elif self.standing():
            told.append(self.standing())
        article = [one.text for one in self.chips if one.id in self._article]
        if article:
            words = (
                self.tr("The article takes for granted: {options}")
                if self._article_assumes
                else self.tr("The article's path: {options}")
            )
            told.append(words.format(options=", ".join(article)))
        told += [f"{one.text}: {one.details}" for one in self.chips if one.details]
        if self._feeds:
            told.append(self._feeds)
        return told

    def set_article(self, options: tuple[str, ...], assumed: bool) -> None:
        """Mark the options that an article's path takes here."""
        self._article, self._article_assumes = options, assumed
        self._tell()
        self._lay_out()
        self.update()

    def _tell(self) -> None:
        name, *rest = self.sentences()
        self.setAccessibleName(f"{name}: {rest[0]}" if rest else name)
        self.setAccessibleDescription(". ".join(rest[1:]))

    # Places

    def sizeHint(self) -> QSize:
        return QSize(600, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(320, self.height())

    def _arrange(self, width: int) -> tuple[QRectF, ...]:
        plain, strong = QFontMetricsF(self.font()), QFontMetricsF(self._strong_font())
        notes = QFontMetricsF(notes_font(self.font()))
        places = []
        left, top = float(EDGE), float(EDGE + LINE + 6)
        for chip in self.chips:
            marked = chip.chosen or chip.id in self._article
            metrics = strong if chip.chosen else plain
            wide = metrics.horizontalAdvance(chip.text) + 2 * INSIDE + (MARK if marked else 0) + 2
            if chip.effect:
                wide += notes.horizontalAdvance(chip.effect) + GAP
            wide = min(wide, width - 2 * EDGE)
            if left > EDGE and left + wide > width - EDGE:
                left, top = float(EDGE), top + CHIP + GAP
            places.append(QRectF(left, top, wide, CHIP))
            left += wide + GAP
        return tuple(places)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        self._places = self._arrange(self.width())
        bottom = max((one.bottom() for one in self._places), default=float(EDGE + LINE))
        # Fixed: what stands around it passes on no height that follows from a width.
        self.setFixedHeight(round(bottom) + EDGE + (LINE if self._feeds else 0))

    def chosen_place(self) -> QRectF | None:
        """Where the user's path goes through, in the coordinates of the parent."""
        return self._place_of(next((one.id for one in self.chips if one.chosen), None))

    def article_place(self) -> QRectF | None:
        return self._place_of(next(iter(self._article), None))

    def _place_of(self, option: str | None) -> QRectF | None:
        for chip, place in zip(self.chips, self._places, strict=False):
            if chip.id == option:
                return place.translated(QPointF(self.pos()))
        return None

    # Painting

    def _strong_font(self) -> QFont:
        font = QFont(self.font())
        font.setBold(True)
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        if self.hasFocus() or self.underMouse():
            name = "accent" if self.hasFocus() else "strong_line"
            painter.setPen(QPen(token(palette, name), 2 if self.hasFocus() else 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 10, 10)
        self._paint_head(painter)
        for chip, place in zip(self.chips, self._places, strict=False):
            self._paint_chip(painter, chip, place)
        if self._feeds:
            painter.setFont(notes_font(self.font()))
            painter.setPen(token(palette, "muted"))
            foot = QRectF(EDGE, self.height() - EDGE - 14, self.width() - 2 * EDGE, 18)
            self._write(painter, foot, self._feeds, over_lines=True)
        painter.end()

    def _paint_head(self, painter: QPainter) -> None:
        palette = self.palette()
        head = QRectF(EDGE, EDGE, self.width() - 2 * EDGE, LINE)
        asked = self.question.standing not in ("pointless", "not_asked")
        painter.setFont(self._strong_font())
        painter.setPen(token(palette, "text" if asked else "muted"))
        title = f"{self._number}. {self.question.topic}"
        self._write(painter, head, title, over_lines=True)
        used = QFontMetricsF(painter.font()).horizontalAdvance(title) + 12
        painter.setFont(notes_font(self.font()))
        painter.setPen(token(palette, "muted"))
        rest = head.adjusted(used, 0, 0, 0)
        self._write(painter, rest, self.standing(), over_lines=True)

    def _paint_chip(self, painter: QPainter, chip: Chip, place: QRectF) -> None:
        palette = self.palette()
        by_article = chip.id in self._article
        name = "accent" if chip.chosen else "strong_line" if by_article else "line"
        pen = QPen(token(palette, name), 2 if chip.chosen or by_article else 1)
        if by_article and not chip.chosen:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(token(palette, "accent_soft" if chip.chosen else "surface"))
        painter.drawRoundedRect(place.adjusted(1, 1, -1, -1), CHIP / 2, CHIP / 2)
        at = QPointF(place.left() + INSIDE + 5, place.center().y())
        self._paint_mark(painter, chip, at, by_article)
        font = self._strong_font() if chip.chosen else self.font()
        painter.setFont(font)
        painter.setPen(token(palette, "text"))
        left = place.left() + INSIDE + (MARK if chip.chosen or by_article else 0)
        self._write(painter, QRectF(left, place.top(), place.right() - left, CHIP), chip.text)
        if chip.effect:
            painter.setFont(notes_font(self.font()))
            painter.setPen(token(palette, "muted"))
            wide = QFontMetricsF(painter.font()).horizontalAdvance(chip.effect)
            start = place.right() - INSIDE - wide
            self._write(painter, QRectF(start, place.top(), wide + 4, CHIP), chip.effect)

    def _paint_mark(self, painter: QPainter, chip: Chip, at: QPointF, by_article: bool) -> None:
        """A tick for the user's path, a diamond for the article's: not by colour alone."""
        palette = self.palette()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if chip.chosen:
            painter.setPen(QPen(token(palette, "accent"), 2))
            tick = [at + QPointF(-4, 0), at + QPointF(-1, 3.5), at + QPointF(4.5, -4)]
            painter.drawPolyline(QPolygonF(tick))
        if by_article:
            # Beside the tick where both paths go the same way.
            centre = QPointF(at.x(), at.y() + (0 if not chip.chosen else -CHIP / 2 + 1))
            if not self._article_assumes:
                painter.setBrush(token(palette, "muted"))
            painter.setPen(QPen(token(palette, "muted"), 1.5))
            corners = [QPointF(0, -4.5), QPointF(4.5, 0), QPointF(0, 4.5), QPointF(-4.5, 0)]
            painter.drawPolygon(QPolygonF([centre + one for one in corners]))

    def _write(self, painter: QPainter, place: QRectF, text: str, over_lines: bool = False) -> None:
        metrics = QFontMetricsF(painter.font())
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        if over_lines and shown:
            behind = QRectF(
                place.left() - 3, place.top(), metrics.horizontalAdvance(shown) + 6, LINE
            )
            painter.fillRect(behind, token(self.palette(), "background"))
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)

    # Events

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            for chip, place in zip(self.chips, self._places, strict=False):
                if place.contains(QPointF(event.pos())):
                    QToolTip.showText(event.globalPos(), chip.details or chip.text, self)
                    return True
            QToolTip.showText(event.globalPos(), self._feeds, self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)
