"""Why this one, and why not the others."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from app.gui.recommendation.cards import claim_row
from app.gui.recommendation.rows import differences
from app.gui.recommendation.words import Lookup, contribution_statements
from app.gui.widgets.basic import Badge, Card, Icon, Line, Note, Text
from app.gui.widgets.contributions import Difference, DifferenceBars
from app.gui.widgets.disclosure import Disclosure
from app.gui.widgets.evidence import EvidenceBadge, Statement
from app.gui.widgets.rows import Row, Rows, text_row
from app.theme import Theme
from rules.recommendation import Contribution, Ranked, Recommendation, RuledOut


class WhyCard(Card):
    """The strongest reasons, then every criterion with its sentence and where that comes from."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("Why"))
        self.reasons = Rows()
        self.body.addWidget(self.reasons)
        self.all = Disclosure(self.tr("Criterion by criterion"))
        self.criteria = Rows(10)
        self.all.body.addWidget(self.criteria)
        self.all.toggled.connect(lambda opened: self._fill() if opened else None)
        self.body.addWidget(self.all)
        self._shown: tuple[Ranked, Lookup] | None = None

    def show_advice(self, recommendation: Recommendation, lookup: Lookup) -> None:
        leader = recommendation.ranking[0] if recommendation.ranking else None
        if recommendation.screen.exit is not None:
            # An exit rests on statements; the ranking after it is for another wish.
            leader = None
            self.reasons.show_rows(self._exit_rows(recommendation, lookup))
        else:
            self.reasons.show_rows(_reason(one, leader, lookup) for one in recommendation.why)
        self._shown = (leader, lookup) if leader else None
        self.all.setVisible(leader is not None)
        if leader is not None:
            self.all.set_text(
                self.tr("{name}, criterion by criterion").format(name=lookup.name(leader.framework))
            )
        if self.all.button.isChecked():
            self._fill()
        self.setVisible(bool(recommendation.why) or leader is not None)

    def _exit_rows(self, recommendation: Recommendation, lookup: Lookup) -> list[Row]:
        known = [one for one in recommendation.screen.facts if one in lookup.statements]
        rows = []
        for fact in known:
            statement = lookup.statements[fact]
            rows.append(claim_row(statement.text, lookup.grades[fact], (statement,)))
        said = {lookup.statements[fact].text for fact in known}
        return rows + [text_row(one) for one in recommendation.why if one not in said]

    def _fill(self) -> None:
        """Only when it is opened: seventeen rows of widgets would slow every answer down."""
        if self._shown is None:
            return
        leader, lookup = self._shown
        self.criteria.show_rows(
            claim_row(
                f"{lookup.name(part.criterion)}: {part.sentence}",
                part.grade,
                contribution_statements(lookup, part),
                lookup.name(part.criterion),
            )
            for part in sorted(leader.contributions, key=lambda one: -one.weight)
        )


def _reason(sentence: str, leader: Ranked | None, lookup: Lookup) -> Row:
    part = _behind(sentence, leader, lookup) if leader else None
    if part is None:
        return text_row(sentence)
    return claim_row(sentence, part.grade, contribution_statements(lookup, part))


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
        self.answer = Rows()
        self.body.addWidget(self.answer)
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
        ranked = [one.framework for one in recommendation.ranking]
        if recommendation.screen.exit is None:
            ranked = ranked[1:]
        out = list(dict.fromkeys(one.framework for one in recommendation.ruled_out))
        self._offer(
            [(lookup.name(one), one) for one in ranked]
            + [(self.tr("{name} (ruled out)").format(name=lookup.name(one)), one) for one in out]
        )
        self.setVisible(bool(ranked or out))
        self._show_chosen()

    def _offer(self, choices: list[tuple[str, str]]) -> None:
        """Names and ids; who was chosen stays chosen."""
        there = [
            (self.choice.itemText(at), self.choice.itemData(at))
            for at in range(self.choice.count())
        ]
        if choices == there:
            return
        chosen = self.choice.currentData()
        self.choice.blockSignals(True)
        self.choice.clear()
        for name, framework in choices:
            self.choice.addItem(name, framework)
        if chosen is not None and (at := self.choice.findData(chosen)) >= 0:
            self.choice.setCurrentIndex(at)
        self.choice.blockSignals(False)

    def choose(self, framework: str) -> None:
        if (at := self.choice.findData(framework)) >= 0:
            self.choice.setCurrentIndex(at)

    def _show_chosen(self) -> None:
        framework = self.choice.currentData()
        if self._advice is None or framework is None:
            self.answer.show_rows(())
            self._show_difference(())
            return
        recommendation, lookup = self._advice
        gates = [one for one in recommendation.ruled_out if one.framework == framework]
        if gates:
            rows = []
            for number, gate in enumerate(gates):
                rows += [Row(("line", number), Line)] if number else []
                rows += self._gate_rows(gate, lookup)
            self.answer.show_rows(rows)
            self._show_difference(())
            return
        told = [one for one in recommendation.why_not if one.framework == framework]
        rows = [text_row(one.sentence) for one in told]
        # What would have to be otherwise: who asks why not, asks this next.
        rows += [
            text_row(one.draws_level_sentence, "strong") for one in told if one.draws_level_sentence
        ]
        leader = recommendation.ranking[0]
        if framework == leader.framework:
            first = self.tr(
                "It would be the first of the frameworks, if you want one all the same."
            )
            rows.append(text_row(first))
        self.answer.show_rows(rows)
        other = next(one for one in recommendation.ranking if one.framework == framework)
        found = differences(leader, other, lookup) if other is not leader else ()
        self.bars.set_rows(
            (leader.framework, lookup.name(leader.framework)),
            (other.framework, lookup.name(other.framework)),
            found,
        )
        self._show_difference(found)

    def _show_difference(self, found: tuple[Difference, ...]) -> None:
        self.bars.setVisible(bool(found))
        self._legend.setVisible(bool(found))

    def _gate_rows(self, gate: RuledOut, lookup: Lookup) -> list[Row]:
        name = self.tr("ruled out by: {gate}").format(gate=lookup.name(gate.gate))
        fix = (
            text_row(self.tr("What would help: {fix}").format(fix=gate.fix), "strong")
            if gate.fix
            else text_row(self.tr("There is no way around this."), "muted")
        )
        return [
            Row((gate, lookup.name(gate.gate)), lambda: self._gate(gate, lookup)),
            Row(name, lambda: Badge(name, "bad")),
            fix,
        ]

    def _gate(self, gate: RuledOut, lookup: Lookup) -> QHBoxLayout:
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
        badge = EvidenceBadge(text, gate.reason, (statement,))
        head.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
        return head
