"""The ranking with its doubt, and where the scores come from."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.gui.recommendation.rows import group_rows, ranking_rows
from app.gui.recommendation.words import Lookup
from app.gui.widgets.basic import Card, Muted, Note
from app.gui.widgets.contributions import GroupBars
from app.gui.widgets.disclosure import Disclosure
from app.gui.widgets.ranking import RankingChart
from app.gui.widgets.table import Cell, Column, Table
from app.theme import Theme
from rules.recommendation import Recommendation


class RankingCard(Card):
    """Signals: `framework_chosen(str)`."""

    framework_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._lead = Muted()
        self.body.addWidget(self._lead)
        self.chart = RankingChart(theme)
        self.chart.set_headers(self.tr("Score, with its interval"), self.tr("first or level in"))
        self.chart.framework_chosen.connect(self.framework_chosen)
        self.body.addWidget(self.chart)
        self.body.addWidget(
            Note(
                self.tr(
                    "The whisker holds nine of ten what-ifs. Frameworks joined by a bracket are "
                    "within 0.02 of each other: read them as "
                    "level. Choose one to see why it is where it is."
                )
            )
        )
        self.body.addStretch(1)

    def set_theme(self, theme: Theme) -> None:
        self.chart.set_theme(theme)

    def show_advice(self, recommendation: Recommendation, lookup: Lookup, *, animate: bool) -> None:
        leaves = recommendation.screen.exit
        titles = {
            "classical": self.tr("If you want deep learning all the same"),
            "runtime": self.tr("If you want to train all the same"),
        }
        self.set_title(titles[leaves] if leaves else self.tr("Ranking"))
        out = len({one.framework for one in recommendation.ruled_out})
        self._lead.setText(
            self.tr("{ranked} ranked, {out} ruled out and not ranked at all.").format(
                ranked=len(recommendation.ranking), out=out
            )
        )
        self.chart.set_rows(ranking_rows(recommendation, lookup), animate=animate)
        self.setVisible(bool(recommendation.ranking))


class ContributionsCard(Card):
    """Small bars by group; the table with every criterion is one click away."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("Where the scores come from"))
        self.body.addWidget(
            Muted(
                self.tr(
                    "The pale length is what a group can add at most (its weight), the coloured "
                    "one what it adds. All columns have the same scale."
                )
            )
        )
        self.bars = GroupBars(theme)
        self.body.addWidget(self.bars)
        self.more = Disclosure(self.tr("Show the table"))
        self._place = QVBoxLayout()
        self.more.body.addLayout(self._place)
        self.more.toggled.connect(lambda opened: self._fill() if opened else None)
        self.body.addWidget(self.more)
        self._table: Table | None = None
        self._order: tuple[str, ...] = ()
        self._shown: tuple[Recommendation, Lookup] | None = None

    def set_theme(self, theme: Theme) -> None:
        self.bars.set_theme(theme)

    def show_advice(self, recommendation: Recommendation, lookup: Lookup) -> None:
        columns, rows = group_rows(recommendation, lookup)
        self.bars.set_rows(columns, rows)
        self._shown = (recommendation, lookup)
        self.setVisible(bool(rows))
        if self.more.button.isChecked():
            self._fill()

    def _fill(self) -> None:
        if self._shown is None:
            return
        recommendation, lookup = self._shown
        order = tuple(one.framework for one in recommendation.ranking)
        if self._table is None or order != self._order:
            if self._table is not None:
                self._table.hide()
                self._table.deleteLater()
            self._order = order
            self._table = Table(
                self.tr("What each criterion adds to each score"),
                [
                    Column(self.tr("Criterion")),
                    Column(self.tr("Group")),
                    Column(self.tr("Weight"), figures=True),
                    *(Column(lookup.name(one), figures=True) for one in order),
                ],
            )
            self._place.addWidget(self._table)
        parts = [
            {part.criterion: part for part in one.contributions} for one in recommendation.ranking
        ]
        self._table.set_rows(
            [
                [
                    Cell(lookup.name(criterion)),
                    Cell(lookup.name(part.group)),
                    Cell(f"{part.weight:.3f}", part.weight),
                    *(
                        Cell(
                            f"{one[criterion].points:.3f}",
                            one[criterion].points,
                            tooltip=one[criterion].sentence,
                        )
                        for one in parts
                    ),
                ]
                for criterion, part in parts[0].items()
            ]
            if parts
            else []
        )
        self._table.fit_height(18)
