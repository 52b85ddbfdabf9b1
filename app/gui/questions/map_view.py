"""The map of the decision: every question with its branches, the user's path and an article's.

Drawn from what `rules.views` makes of the rules; the same is there as text.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QPlainTextEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.gui.questions.map_node import QuestionNode, Words
from app.gui.style import token
from app.gui.widgets.basic import Button, Card, Heading, Muted, Note, QuietButton, Text, clear
from app.gui.widgets.layouts import ScrollColumn

if TYPE_CHECKING:
    from app.gui.state import State
    from rules.model import Knowledge
    from rules.views import ArticlePath, MapQuestion

NOBODY = ""


class MapCanvas(QWidget):
    """The questions below each other, and the two paths as lines behind them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.nodes: list[QuestionNode] = []
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(18)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        dashed = QPen(token(palette, "strong_line"), 2, Qt.PenStyle.DashLine)
        self._draw_path(painter, [one.article_place() for one in self.nodes], dashed, 10)
        solid = QPen(token(palette, "accent"), 3)
        self._draw_path(painter, [one.chosen_place() for one in self.nodes], solid, 0)
        painter.end()

    def _draw_path(
        self, painter: QPainter, places: list[QRectF | None], pen: QPen, shift: float
    ) -> None:
        """Through the middle of one chip after the other; `shift` keeps two paths apart."""
        painter.setPen(pen)
        stops = [one for one in places if one is not None]
        for above, below in pairwise(stops):
            start = QPointF(above.center().x() + shift, above.center().y())
            end = QPointF(below.center().x() + shift, below.center().y())
            bend = (end.y() - start.y()) / 2
            path = QPainterPath(start)
            path.cubicTo(start + QPointF(0, bend), end - QPointF(0, bend), end)
            painter.drawPath(path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down go from question to question."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        at = next((number for number, one in enumerate(self.nodes) if one.hasFocus()), None)
        if step and at is not None:
            self.nodes[max(0, min(len(self.nodes) - 1, at + step))].setFocus(
                Qt.FocusReason.OtherFocusReason
            )
        else:
            super().keyPressEvent(event)


class MapView(QWidget):
    """Follows the state while it is shown.

    Signals: `question_chosen(str)` with a question's id, `closed()`.
    """

    question_chosen = Signal(str)
    closed = Signal()

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._paths: tuple[ArticlePath, ...] = ()
        self._chosen_by_hand = False
        self._questions: tuple[MapQuestion, ...] = ()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._scroll = ScrollColumn(widest=1040)
        outer.addWidget(self._scroll)
        body = self._scroll.body
        self.back = Button(self.tr("Back to the question"), icon_name="arrow-left")
        self.back.clicked.connect(self.closed)
        body.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        body.addWidget(Heading(self.tr("Map of the decision"), level=1))
        body.addWidget(
            Muted(
                self.tr(
                    "Every question with its answers, drawn from the rules. A note on an answer "
                    "says what it would rule out or lead to, as the other answers stand. Choose a "
                    "question to go there."
                )
            )
        )
        body.addWidget(self._build_legend())
        self._stack = QStackedWidget()
        body.addWidget(self._stack)
        self.canvas = MapCanvas()
        self._stack.addWidget(self.canvas)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(self.tr("The map as text"))
        self._stack.addWidget(self.text)
        body.addWidget(self._build_ends())
        body.addStretch(1)
        for signal in (state.answers_changed, state.machine_changed, state.knowledge_loaded):
            signal.connect(self.ask)
        state.recommendation_changed.connect(self._show_ends)

    def initial_focus(self) -> QWidget:
        chosen = [one for one in self.canvas.nodes if one.question.standing == "open"]
        return next(iter(chosen or self.canvas.nodes), self.back)

    def _build_legend(self) -> QWidget:
        holder = QWidget()
        lines = QVBoxLayout(holder)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(12)
        label = Text(self.tr("Compare with an article's path"))
        self.article = QComboBox()
        self.article.setAccessibleName(label.text())
        self.article.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.article.setMinimumContentsLength(16)
        self.article.activated.connect(self._on_article_chosen)
        label.setBuddy(self.article)
        self.as_text = QuietButton(self.tr("Show as text"))
        self.as_text.setCheckable(True)
        self.as_text.toggled.connect(self._on_as_text)
        row.addWidget(label)
        row.addWidget(self.article, 1)
        row.addWidget(self.as_text)
        lines.addLayout(row)
        lines.addWidget(
            Note(
                self.tr(
                    "Line and tick: your path. Dashes and diamond: the article's, hollow where "
                    "it takes the answer for granted."
                )
            )
        )
        return holder

    def _build_ends(self) -> Card:
        card = Card(self.tr("Where the paths end"))
        self._mine = Text()
        self._theirs = Muted()
        card.body.addWidget(self._mine)
        card.body.addWidget(self._theirs)
        self.see = QuietButton(self.tr("See the recommendation"), "arrow-right")
        self.see.align_with_text()
        self.see.clicked.connect(lambda: self._state.show_step.emit("recommendation"))
        card.body.addWidget(self.see, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    # Following the state

    def ask(self) -> None:
        """Have the map made anew, off the GUI thread."""
        knowledge, answers, machine = (
            self._state.knowledge,
            self._state.answers,
            self._state.machine,
        )
        if knowledge is None or not self.isVisible():
            return

        def make() -> tuple[MapQuestion, ...]:
            from app.advice import machine_facts
            from rules.questionnaire import prefill
            from rules.views import decision_map

            facts = machine_facts(machine) if machine is not None else {}
            return decision_map(knowledge, prefill(knowledge, answers, facts))

        self._state.in_background("map", make, lambda found: self._show(knowledge, found))

    def _show(self, knowledge: Knowledge, questions: tuple[MapQuestion, ...]) -> None:
        from rules.views import article_paths, framework_names, nearest_path

        if not self._paths:
            self._paths = article_paths(knowledge)
            self.article.addItem(self.tr("None"), NOBODY)
            for one in self._paths:
                self.article.addItem(one.leaf, one.id)
        if questions != self._questions:
            self._questions = questions
            words = Words(
                framework_names(knowledge),
                {one.id: one.name for one in knowledge.gates},
                {one.id: one.name for one in knowledge.exits},
            )
            self._make_nodes(words)
        if not self._chosen_by_hand:
            nearest = nearest_path(self._paths, self._state.answers)
            self.article.setCurrentIndex(self.article.findData(nearest.id if nearest else NOBODY))
        self._show_article()

    def _make_nodes(self, words: Words) -> None:
        had_focus = next((one.question.id for one in self.canvas.nodes if one.hasFocus()), None)
        clear(self.canvas.column)
        self.canvas.nodes = []
        for number, question in enumerate(self._questions, start=1):
            node = QuestionNode(number, question, words)
            node.clicked.connect(lambda _=False, id_=question.id: self.question_chosen.emit(id_))
            self.canvas.column.addWidget(node)
            self.canvas.nodes.append(node)
            if question.id == had_focus:
                node.setFocus(Qt.FocusReason.OtherFocusReason)

    def path(self) -> ArticlePath | None:
        """The article's path that is shown."""
        wanted = self.article.currentData()
        return next((one for one in self._paths if one.id == wanted), None)

    def _on_article_chosen(self) -> None:
        self._chosen_by_hand = True
        self._show_article()

    def _show_article(self) -> None:
        path = self.path()
        for node in self.canvas.nodes:
            id_ = node.question.id
            steps = path.steps.get(id_, ()) if path is not None else ()
            node.set_article(steps, path is not None and id_ in path.assumed)
        self.canvas.update()
        self._show_ends()

    def _show_ends(self) -> None:
        recommendation, knowledge = self._state.recommendation, self._state.knowledge
        path = self.path()
        if not self.isVisible() or knowledge is None:
            return
        self.see.setVisible(recommendation is not None)
        if recommendation is None:
            self._mine.setText(self.tr("Your path has no end yet: nothing is answered."))
        else:
            from app.headline import headline
            from rules.views import framework_names

            names = dict(framework_names(knowledge))
            names.update((one.id, one.name) for one in knowledge.exits)
            self._mine.setText(
                self.tr("Yours: {verdict}").format(verdict=headline(recommendation, names))
            )
        self._theirs.setVisible(path is not None)
        if path is not None:
            self._theirs.setText(
                self.tr("The article's, of 2023 or 2024, for “{leaf}”: {said}").format(
                    leaf=path.leaf, said=path.said
                )
            )
        self._write_text()

    def _write_text(self) -> None:
        parts = ["\n   ".join(node.sentences()) for node in self.canvas.nodes]
        parts.append(f"{self._mine.text()}\n{self._theirs.text()}".strip())
        self.text.setPlainText("\n\n".join(parts))

    def _on_as_text(self, on: bool) -> None:
        self.text.setMinimumHeight(480)
        self._stack.setCurrentWidget(self.text if on else self.canvas)
        self.as_text.setText(self.tr("Show as a drawing") if on else self.tr("Show as text"))
