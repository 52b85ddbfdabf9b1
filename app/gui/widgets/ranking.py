"""The ranking as bars with whiskers, painted: it must follow a slider without a chart library.

Knows the theme and the rows it is given, nothing of recommendations.
"""

from dataclasses import dataclass

from PySide6.QtCore import (
    QEasingCurve,
    QEvent,
    QPointF,
    QRectF,
    QSize,
    Qt,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.gui.widgets.marks import draw_mark, figures_font, notes_font
from app.theme import Theme

ROW = 38
HEADER = 26
MOTION_MILLISECONDS = 150


@dataclass(frozen=True)
class RankingRow:
    framework: str
    name: str
    rank: str
    """As it is read: `1`, or `1-2` for two that are level."""
    score: float
    low: float
    high: float
    note: str
    """The right-hand column, a share in words or figures."""
    tied: bool
    """Level with its neighbours: drawn with one bracket."""
    tooltip: str = ""


class RankingChart(QWidget):
    """One line per framework: rank, marker, name, zero-based bar with its interval, note.

    Signals: `framework_chosen(str)` by click, Enter or the arrow keys.
    """

    framework_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: tuple[RankingRow, ...] = ()
        self._headers = ("", "")
        self._chosen: str | None = None
        self._from: dict[str, tuple[float, float]] = {}
        self._progress = 1.0
        self._names = 0.0
        self._animation = QVariantAnimation(self)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setDuration(MOTION_MILLISECONDS)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._on_step)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Ranking"))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def set_headers(self, score: str, note: str) -> None:
        self._headers = (score, note)
        self.update()

    def set_rows(self, rows: tuple[RankingRow, ...], *, animate: bool) -> None:
        """Show these rows; where something moved it moves there, unless motion is unwanted."""
        shown = {row.framework: self._place(index, row) for index, row in enumerate(self._rows)}
        changed = [(row.framework, row.score) for row in rows] != [
            (row.framework, row.score) for row in self._rows
        ]
        self._rows = rows
        self._from = shown
        if self._chosen not in {row.framework for row in rows}:
            self._chosen = None
        self.setAccessibleDescription(
            "; ".join(f"{row.rank}. {row.name} {row.score:.2f}, {row.note}" for row in rows)
        )
        self._animation.stop()
        if animate and changed and shown and self.isVisible():
            self._progress = 0.0
            self._animation.start()
        else:
            self._progress = 1.0
        self.updateGeometry()
        self.update()

    def choose(self, framework: str | None) -> None:
        self._chosen = framework
        self.update()

    def rows(self) -> tuple[RankingRow, ...]:
        return self._rows

    def sizeHint(self) -> QSize:
        return QSize(520, HEADER + ROW * len(self._rows) + 22)

    def minimumSizeHint(self) -> QSize:
        return QSize(300, self.sizeHint().height())

    def _on_step(self, value: float) -> None:
        self._progress = value
        self.update()

    def _place(self, index: int, row: RankingRow) -> tuple[float, float]:
        """Where a row stands (in rows) and its score, at this moment of a movement."""
        if self._progress >= 1.0 or row.framework not in self._from:
            return float(index), row.score
        at, score = self._from[row.framework]
        return (
            at + (index - at) * self._progress,
            score + (row.score - score) * self._progress,
        )

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self._theme.tokens
        body, note = QFontMetricsF(self.font()), QFontMetricsF(notes_font(self.font()))
        rank_width = max((body.horizontalAdvance(row.rank) for row in self._rows), default=0) + 12
        # Once for all rows: to measure text is a good part of painting it.
        self._names = max((body.horizontalAdvance(row.name) for row in self._rows), default=0)
        score_width = figures = QFontMetricsF(figures_font(self.font())).horizontalAdvance("0.00")
        note_width = (
            max(
                [note.horizontalAdvance(row.note) for row in self._rows]
                + [note.horizontalAdvance(self._headers[1])],
            )
            if self._rows
            else 0
        )
        left = rank_width + 22 + self._names + 12
        right = self.width() - 8 - note_width - 16 - score_width - 12
        track = QRectF(left, 0, max(right - left, 40), 8)

        painter.setFont(notes_font(self.font()))
        painter.setPen(QColor(tokens.muted))
        painter.drawText(
            QRectF(track.left(), 0, self.width() - note_width - 24 - track.left(), HEADER - 6),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom,
            note.elidedText(
                self._headers[0],
                Qt.TextElideMode.ElideRight,
                self.width() - note_width - 24 - track.left(),
            ),
        )
        painter.drawText(
            QRectF(self.width() - 8 - note_width, 0, note_width, HEADER - 6),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom,
            self._headers[1],
        )
        for index, row in enumerate(self._rows):
            at, score = self._place(index, row)
            self._paint_row(painter, row, HEADER + at * ROW, score, track, note_width, figures)
            painter.setFont(self.font())
            painter.setPen(QColor(tokens.muted))
            painter.drawText(
                QRectF(8, HEADER + at * ROW, rank_width, ROW),
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                row.rank,
            )
        self._paint_brackets(painter)
        self._paint_scale(painter, track)
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        painter.end()

    def _paint_row(
        self,
        painter: QPainter,
        row: RankingRow,
        top: float,
        score: float,
        track: QRectF,
        note_width: float,
        figures: float,
    ) -> None:
        tokens = self._theme.tokens
        if row.framework == self._chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.accent_soft))
            painter.drawRoundedRect(QRectF(2, top + 2, self.width() - 4, ROW - 4), 6, 6)
        middle = top + ROW / 2
        mark_at = track.left() - 12 - self._names - 8
        draw_mark(painter, self._theme, row.framework, QPointF(mark_at, middle), 6)
        painter.setFont(self.font())
        painter.setPen(QColor(tokens.text))
        centred = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(
            QRectF(track.left() - 12 - self._names + 4, top, self._names + 8, ROW),
            Qt.AlignmentFlag.AlignLeft | centred,
            row.name,
        )
        self._paint_bar(painter, row, score, track.translated(0, middle - 4))
        painter.setFont(figures_font(self.font()))
        painter.setPen(QColor(tokens.text))
        painter.drawText(
            QRectF(track.right() + 12, top, figures, ROW),
            Qt.AlignmentFlag.AlignRight | centred,
            f"{row.score:.2f}",
        )
        painter.setFont(figures_font(notes_font(self.font())))
        painter.setPen(QColor(tokens.muted))
        painter.drawText(
            QRectF(self.width() - 8 - note_width, top, note_width, ROW),
            Qt.AlignmentFlag.AlignRight | centred,
            row.note,
        )

    def _paint_bar(self, painter: QPainter, row: RankingRow, score: float, track: QRectF) -> None:
        tokens = self._theme.tokens
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.track))
        painter.drawRoundedRect(track, 4, 4)
        painter.setBrush(QColor(self._theme.colour(row.framework)))
        bar = QRectF(track)
        bar.setWidth(max(track.width() * score, 4))
        painter.drawRoundedRect(bar, 4, 4)
        # The whisker moves with its bar, so that a movement never shows a bar outside of it.
        shift = score - row.score
        low = track.left() + track.width() * max(0.0, row.low + shift)
        high = track.left() + track.width() * min(1.0, row.high + shift)
        middle = track.center().y()
        painter.setPen(QPen(QColor(tokens.text), 1.5))
        painter.drawLine(QPointF(low, middle), QPointF(high, middle))
        for end in (low, high):
            painter.drawLine(QPointF(end, middle - 6), QPointF(end, middle + 6))

    def _paint_brackets(self, painter: QPainter) -> None:
        """One line at the left edge along neighbours that are level."""
        if self._progress < 1.0:
            return
        painter.setPen(QPen(QColor(self._theme.tokens.strong_line), 2))
        start = 0
        while start < len(self._rows):
            end = start
            while (
                self._rows[start].tied
                and end + 1 < len(self._rows)
                and self._rows[end + 1].rank == self._rows[start].rank
            ):
                end += 1
            if end > start:
                top, bottom = HEADER + start * ROW + 9, HEADER + (end + 1) * ROW - 9
                painter.drawLine(QPointF(3, top), QPointF(3, bottom))
                painter.drawLine(QPointF(3, top), QPointF(6, top))
                painter.drawLine(QPointF(3, bottom), QPointF(6, bottom))
            start = end + 1

    def _paint_scale(self, painter: QPainter, track: QRectF) -> None:
        if not self._rows:
            return
        top = HEADER + ROW * len(self._rows)
        painter.setFont(figures_font(notes_font(self.font())))
        painter.setPen(QColor(self._theme.tokens.muted))
        for value, align in (
            (0.0, Qt.AlignmentFlag.AlignLeft),
            (0.5, Qt.AlignmentFlag.AlignHCenter),
            (1.0, Qt.AlignmentFlag.AlignRight),
        ):
            painter.drawText(
                QRectF(track.left(), top, track.width(), 18),
                align | Qt.AlignmentFlag.AlignTop,
                f"{value:g}",
            )

    # Choosing

    def _row_at(self, y: float) -> RankingRow | None:
        index = int((y - HEADER) // ROW)
        return self._rows[index] if 0 <= index < len(self._rows) else None

    def _choose_and_tell(self, row: RankingRow) -> None:
        self._chosen = row.framework
        self.update()
        self.framework_chosen.emit(row.framework)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position().y())
        if row is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose_and_tell(row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._row_at(event.position().y()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is None or not self._rows:
            super().keyPressEvent(event)
            return
        ids = [row.framework for row in self._rows]
        at = ids.index(self._chosen) + step if self._chosen in ids else (0 if step > 0 else -1)
        self._choose_and_tell(self._rows[min(max(at, 0), len(ids) - 1) if at >= 0 else 0])

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self._row_at(event.pos().y())
            QToolTip.showText(event.globalPos(), row.tooltip if row else "", self)
            return True
        return super().event(event)
