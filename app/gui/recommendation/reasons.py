"""Why this one, and why not the others."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from app.gui.recommendation.cards import claim, column
from app.gui.recommendation.rows import differences
from app.gui.recommendation.words import Lookup, contribution_statements
from app.gui.widgets.basic import Badge, Card, Icon, Line, Muted, Note, Text, clear
from app.gui.widgets.contributions import DifferenceBars
from app.gui.widgets.disclosure import Disclosure
from app.gui.widgets.evidence import EvidenceBadge, Statement
from app.theme import Theme
from rules.recommendation import Contribution, Ranked, Recommendation, RuledOut


class WhyCard(Card):
    """The strongest reasons, then every criterion with its sentence and where that comes from."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("Why"))
        self._reasons, self._reason_rows = column()
        self.body.addWidget(self._reasons)
        self.all = Disclosure(self.tr("Criterion by criterion"))
        self._all_widget, self._all_rows = column(10)
        self.all.body.addWidget(self._all_widget)
        self.all.toggled.connect(self._on_opened)
        self.body.addWidget(self.all)
        self._shown: tuple[Ranked, Lookup] | None = None
        self._filled = False

    def show_advice(self, recommendation: Recommendation, lookup: Lookup) -> None:
        clear(self._reason_rows)
        leader = recommendation.ranking[0] if recommendation.ranking else None
        if recommendation.screen.exit is not None:
            # An exit rests on statements; the ranking after it is for another wish.
            leader = None
            self._show_exit(recommendation, lookup)
        else:
            for sentence in recommendation.why:
                self._show_reason(sentence, leader, lookup)
        self._shown = (leader, lookup) if leader else None
        self.all.setVisible(leader is not None)
        if leader is not None:
            self.all.set_text(
                self.tr("{name}, criterion by criterion").format(name=lookup.name(leader.framework))
            )
        self._filled = False
        if self.all.button.isChecked():
            self._fill()
        self.setVisible(bool(recommendation.why) or leader is not None)

    def _show_exit(self, recommendation: Recommendation, lookup: Lookup) -> None:
        known = [one for one in recommendation.screen.facts if one in lookup.statements]
        for fact in known:
            statement = lookup.statements[fact]
            self._reason_rows.addLayout(claim(statement.text, lookup.grades[fact], (statement,)))
        said = {lookup.statements[fact].text for fact in known}
        for sentence in recommendation.why:
            if sentence not in said:
                self._reason_rows.addWidget(Text(sentence))

    def _show_reason(self, sentence: str, leader: Ranked | None, lookup: Lookup) -> None:
        part = _behind(sentence, leader, lookup) if leader else None
        if part is None:
            self._reason_rows.addWidget(Text(sentence))
        else:
            self._reason_rows.addLayout(
                claim(sentence, part.grade, contribution_statements(lookup, part))
            )

    def _on_opened(self, opened: bool) -> None:
        if opened and not self._filled:
            self._fill()

    def _fill(self) -> None:
        """Only when it is opened: seventeen rows of widgets would slow every answer down."""
        clear(self._all_rows)
        self._filled = True
        if self._shown is None:
            return
        leader, lookup = self._shown
        for part in sorted(leader.contributions, key=lambda one: -one.weight):
            self._all_rows.addLayout(
                claim(
                    f"{lookup.name(part.criterion)}: {part.sentence}",
                    part.grade,
                    contribution_statements(lookup, part),
                    lookup.name(part.criterion),
                )
            )


def _behind(sentence: str, leader: Ranked, lookup: Lookup) -> Contribution | None:
    """The contribution that a reason was made from, found by the sentences it rests on."""
    for part in leader.contributions:
        reasons = [one.text for one in lookup.evidence(part.facts)]
        if any(text and text in sentence for text in (part.sentence, *reasons)):
            return part
    return None


class WhyNotCard(Card):
    """Any other framework: how it compares with the first, or which gate ruled it out and why."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("Why not another?"))
        row = QHBoxLayout()
        label = QLabel(self.tr("Why not"))
        self.choice = QComboBox()
        self.choice.setAccessibleName(self.tr("Framework to ask about"))
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.choice.currentIndexChanged.connect(self._show_chosen)
        label.setBuddy(self.choice)
        row.addWidget(label)
        row.addWidget(self.choice)
        row.addStretch(1)
        self.body.addLayout(row)
        self._answer, self._answer_rows = column()
        self.body.addWidget(self._answer)
        self.bars = DifferenceBars(theme)
        self.body.addWidget(self.bars)
        self._legend = Note(
            self.tr(
                "Each bar is the weight of a criterion times the distance of the two there; "
                "the bars add up to the gap between their scores."
            )
        )
        self.body.addWidget(self._legend)
        self._advice: tuple[Recommendation, Lookup] | None = None

    def set_theme(self, theme: Theme) -> None:
        self.bars.set_theme(theme)

    def show_advice(self, recommendation: Recommendation, lookup: Lookup) -> None:
        self._advice = (recommendation, lookup)
        chosen = self.choice.currentData()
        ranked = [one.framework for one in recommendation.ranking]
        if recommendation.screen.exit is None:
            ranked = ranked[1:]
        out = list(dict.fromkeys(one.framework for one in recommendation.ruled_out))
        self.choice.blockSignals(True)
        self.choice.clear()
        for framework in ranked:
            self.choice.addItem(lookup.name(framework), framework)
        for framework in out:
            self.choice.addItem(
                self.tr("{name} (ruled out)").format(name=lookup.name(framework)), framework
            )
        if chosen is not None and (at := self.choice.findData(chosen)) >= 0:
            self.choice.setCurrentIndex(at)
        self.choice.blockSignals(False)
        self.setVisible(bool(ranked or out))
        self._show_chosen()

    def choose(self, framework: str) -> None:
        if (at := self.choice.findData(framework)) >= 0:
            self.choice.setCurrentIndex(at)

    def _show_chosen(self) -> None:
        clear(self._answer_rows)
        self.bars.hide()
        self._legend.hide()
        framework = self.choice.currentData()
        if self._advice is None or framework is None:
            return
        recommendation, lookup = self._advice
        gates = [one for one in recommendation.ruled_out if one.framework == framework]
        if gates:
            for number, gate in enumerate(gates):
                if number:
                    self._answer_rows.addWidget(Line())
                self._show_gate(gate, lookup)
            return
        for why_not in recommendation.why_not:
            if why_not.framework == framework:
                self._answer_rows.addWidget(Text(why_not.sentence))
        self._show_difference(recommendation, lookup, framework)

    def _show_gate(self, gate: RuledOut, lookup: Lookup) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Icon("ruled-out", "bad"), 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(Text(gate.reason), 1)
        statement = Statement(
            gate.reason,
            self.tr("Gate: {gate}").format(gate=lookup.name(gate.gate)),
            gate.source,
            gate.as_of,
        )
        text = (
            self.tr("source, {month}").format(month=gate.as_of)
            if gate.as_of
            else self.tr("your answers")
        )
        head.addWidget(EvidenceBadge(text, gate.reason, (statement,)), 0, Qt.AlignmentFlag.AlignTop)
        self._answer_rows.addLayout(head)
        self._answer_rows.addWidget(
            Badge(self.tr("ruled out by: {gate}").format(gate=lookup.name(gate.gate)), "bad")
        )
        if gate.fix:
            self._answer_rows.addWidget(
                Text(self.tr("What would help: {fix}").format(fix=gate.fix), "strong")
            )
        else:
            self._answer_rows.addWidget(Muted(self.tr("There is no way around this.")))

    def _show_difference(
        self, recommendation: Recommendation, lookup: Lookup, framework: str
    ) -> None:
        leader = recommendation.ranking[0]
        other = next(one for one in recommendation.ranking if one.framework == framework)
        if other is leader:
            self._answer_rows.addWidget(
                Text(
                    self.tr(
                        "It would be the first of the frameworks, if you want one all the same."
                    )
                )
            )
            return
        self.bars.set_rows(
            (leader.framework, lookup.name(leader.framework)),
            (other.framework, lookup.name(other.framework)),
            differences(leader, other, lookup),
        )
        self.bars.show()
        self._legend.show()
