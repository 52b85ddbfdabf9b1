"""What the answers have settled so far: who is ruled out and why, and which questions still matter.

The ranking is one click away and closed at first, so that nobody answers towards a winner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.gui.widgets.basic import (
    Card,
    Icon,
    Line,
    Muted,
    Note,
    QuietButton,
    Text,
    clear,
    plain_tooltip,
)
from app.gui.widgets.ranking import RankingChart, RankingRow
from app.gui.widgets.tiles import Tile

if TYPE_CHECKING:
    from app.gui.state import State
    from rules.questionnaire import Settled
    from rules.recommendation import RuledOut

MOST_OPEN_SHOWN = 5


class SettledCard(Card):
    """Follows the state; `question_chosen` carries the id of an open question that was clicked."""

    question_chosen = Signal(str)

    def __init__(self, state: State, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("Settled so far"))
        self._state = state
        self._before: frozenset[str] | None = None
        self._leader: tuple[str | None, str | None] = (None, None)
        """Who was in front before the last answer, and who is now."""
        self.changed = Muted("")
        self.body.addWidget(self.changed)
        self._ruled_out = QVBoxLayout()
        self._ruled_out.setSpacing(8)
        self.body.addLayout(self._ruled_out)
        self.body.addWidget(Line())
        self._open = QVBoxLayout()
        self._open.setSpacing(2)
        self.body.addLayout(self._open)
        self.body.addWidget(Line())
        self.ranking_button = QuietButton(self.tr("Show the ranking so far"), "ranking")
        self.ranking_button.setCheckable(True)
        self.ranking_button.toggled.connect(self._on_ranking_toggled)
        self.body.addWidget(self.ranking_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.ranking = RankingChart(state.theme)
        self.ranking.hide()
        self.body.addWidget(self.ranking)
        self._ranking_note = Note("")
        self._ranking_note.hide()
        self.body.addWidget(self._ranking_note)
        state.settled_changed.connect(self._show)
        state.recommendation_changed.connect(self._on_recommendation_changed)
        state.theme_changed.connect(lambda: self.ranking.set_theme(state.theme))
        self._show()

    def summary(self) -> str:
        """One short phrase, for where there is no room for the card."""
        settled = self._state.settled
        if settled is None or not settled.ruled_out:
            return self.tr("Settled so far")
        return self.tr("Settled so far: {count} ruled out").format(count=len(settled.ruled_out))

    def _show(self) -> None:
        settled = self._state.settled
        clear(self._ruled_out)
        clear(self._open)
        if settled is None:
            self.changed.setText(self.tr("The knowledge is being read ..."))
            return
        self.changed.setText(self._what_changed(settled))
        self.changed.setVisible(bool(self.changed.text()))
        self._show_ruled_out(settled)
        self._show_open(settled)

    def _what_changed(self, settled: Settled) -> str:
        """What the last answer did to the list of those ruled out."""
        now = frozenset(one.framework for one in settled.ruled_out)
        before, self._before = self._before, now
        if not settled.ruled_out:
            return self.tr("Nothing is ruled out.")
        if before is None or now == before:
            return self.tr("The last answer ruled nobody out.") if before is not None else ""
        added, back = now - before, before - now
        if added and back:
            return self.tr("Last answer: rules out {added}; lets {back} back in.").format(
                added=self._names(added), back=self._names(back)
            )
        if added:
            return self.tr("Last answer: rules out {added}.").format(added=self._names(added))
        return self.tr("Last answer: lets {back} back in.").format(back=self._names(back))

    def _names(self, frameworks: frozenset[str]) -> str:
        return ", ".join(sorted(framework_name(self._state, one) for one in frameworks))

    def _show_ruled_out(self, settled: Settled) -> None:
        """One entry per gate: who, and the reason said once where it is the same for all."""
        knowledge = self._state.knowledge
        gates = {one.id: one.name for one in knowledge.gates} if knowledge else {}
        groups: dict[str, list[RuledOut]] = {}
        for one in settled.ruled_out:
            groups.setdefault(one.gate, []).append(one)
        for gate, members in groups.items():
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(Icon("ruled-out", "muted", 18), 0, Qt.AlignmentFlag.AlignTop)
            words = QVBoxLayout()
            words.setSpacing(2)
            words.addWidget(Text(", ".join(self._name(one) for one in members), "strong"))
            about = members[0].reason if len(members) == 1 else gates.get(gate, gate)
            words.addWidget(Note(about))
            row.addLayout(words, 1)
            holder = QWidget()
            holder.setLayout(row)
            row.setContentsMargins(0, 0, 0, 0)
            why = "\n".join(f"{self._name(one)}: {one.reason}" for one in members)
            holder.setToolTip(plain_tooltip(why))
            self._ruled_out.addWidget(holder)

    def _name(self, one: RuledOut) -> str:
        return framework_name(self._state, one.framework)

    def _show_open(self, settled: Settled) -> None:
        knowledge = self._state.knowledge
        topics = {one.id: one.topic for one in knowledge.questions} if knowledge else {}
        matter = sorted(
            ((share, id_) for id_, share in settled.open_questions.items() if share > 0),
            key=lambda one: (-one[0], one[1]),
        )
        if not matter:
            self._open.addWidget(
                Note(self.tr("No open question, asked alone, changes who is in front."))
            )
            return
        self._open.addWidget(Text(self.tr("Open questions that still matter"), "strong"))
        for share, id_ in matter[:MOST_OPEN_SHOWN]:
            row = Tile("circle", topics.get(id_, id_), how_much(share), role="row")
            row.clicked.connect(lambda _=False, id_=id_: self.question_chosen.emit(id_))
            self._open.addWidget(row)

    def _on_ranking_toggled(self, shown: bool) -> None:
        self.ranking_button.setText(
            self.tr("Hide the ranking") if shown else self.tr("Show the ranking so far")
        )
        self._show_ranking()

    def _on_recommendation_changed(self) -> None:
        recommendation = self._state.recommendation
        first = (
            recommendation.ranking[0].framework
            if recommendation and recommendation.ranking
            else None
        )
        self._leader = (self._leader[1], first)
        self._show_ranking()

    def _moved(self) -> str:
        """What the last answer did to the first place; said only where the ranking is shown."""
        before, now = self._leader
        if before is None or now is None:
            return ""
        if before == now:
            return self.tr("The last answer left {name} in front.").format(
                name=framework_name(self._state, now)
            )
        return self.tr("The last answer put {now} in front of {before}.").format(
            now=framework_name(self._state, now), before=framework_name(self._state, before)
        )

    def _show_ranking(self) -> None:
        recommendation = self._state.recommendation
        shown = self.ranking_button.isChecked()
        self.ranking.setVisible(shown and recommendation is not None)
        self._ranking_note.setVisible(shown)
        if not shown:
            return
        if recommendation is None:
            self._ranking_note.setText(self.tr("There is no ranking before the first answer."))
            return
        what = self.tr(
            "Bars are scores, lines the range they may lie in; not final before the end."
        )
        self._ranking_note.setText("\n".join(one for one in (self._moved(), what) if one))
        self.ranking.set_headers("", "")
        self.ranking.set_rows(
            tuple(
                RankingRow(
                    framework=one.framework,
                    name=framework_name(self._state, one.framework),
                    rank=str(one.rank),
                    score=one.score,
                    low=one.low,
                    high=one.high,
                    note="",
                    tied=False,
                )
                for one in recommendation.ranking
            ),
            animate=not self._state.reduced_motion,
        )


def framework_name(state: State, framework: str) -> str:
    """The name that people know a framework by; its id where the knowledge has none."""
    for one in state.knowledge.frameworks if state.knowledge else ():
        if one.id == framework:
            return one.name
    return framework


def how_much(share: float) -> str:
    """The share of a question's options that change the winner, in words and as a figure."""
    if share >= 0.6:
        words = _tr("most answers change the winner")
    elif share >= 0.3:
        words = _tr("half of the answers change the winner")
    else:
        words = _tr("a few answers change the winner")
    return f"{words} · {share:.0%}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("SettledCard", text)
