"""What was decided: scores, shares of the what-ifs, and what puts one ahead of another."""

from typing import TYPE_CHECKING

from app.charts.drawing import (
    NOTE_POINTS,
    Names,
    bar,
    drawing,
    framework_labels,
    marker_size,
    rows_figure,
    settled,
    shape_of,
    ticks,
    under,
    whisker,
)
from app.charts.numbers import percent, signed
from app.theme import Theme
from rules.recommendation import Ranked, Recommendation

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Figure

MOST_CRITERIA = 10
"""Of a contributions chart: what is smaller than these adds up to little, and the table has all."""


def ranking_figure(recommendation: Recommendation, theme: Theme, names: Names) -> "Figure":
    """Scores from zero, with the middle 90 % of the what-ifs as whiskers."""
    with drawing():
        ranking = recommendation.ranking
        figure, axes = rows_figure(len(ranking), theme)
        for row, one in enumerate(ranking):
            bar(axes, row, one.score, one.framework, theme)
            whisker(axes, row, one.low, one.high, theme)
            axes.text(1.03, row, f"{one.score:.2f}", va="center", color=theme.tokens.text)
        framework_labels(axes, [one.framework for one in ranking], theme, names)
        axes.set_xlim(0, 1)
        ticks(axes.xaxis, [0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
        axes.set_xlabel("Score, 0 to 1; whiskers hold 90 % of the what-ifs")
        return settled(figure, theme)


def shares_figure(recommendation: Recommendation, theme: Theme, names: Names) -> "Figure":
    """In which share of the what-ifs each framework is among the best, and first."""
    with drawing():
        ranking = recommendation.ranking
        # Room for the longest label, `over 99 % · first over 99 %`.
        figure, axes = rows_figure(len(ranking), theme, right=0.7)
        for row, one in enumerate(ranking):
            bar(axes, row, one.top_share, one.framework, theme, marked=False)
            axes.plot(
                [one.first_rank_share],
                [row],
                marker=shape_of(theme, one.framework),
                markersize=marker_size(theme, one.framework, 7),
                markerfacecolor=theme.tokens.surface,
                markeredgecolor=theme.tokens.text,
                linestyle="none",
                clip_on=False,
                zorder=4,
            )
            label = f"{percent(one.top_share)} · first {percent(one.first_rank_share)}"
            axes.text(1.03, row, label, va="center", color=theme.tokens.text)
        framework_labels(axes, [one.framework for one in ranking], theme, names)
        axes.set_xlim(0, 1)
        ticks(axes.xaxis, [0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
        axes.set_xlabel(
            "Share of the what-ifs: bar, within 0.02 of the best; hollow marker, strictly first"
        )
        return settled(figure, theme)


def contributions_figure(
    recommendation: Recommendation, theme: Theme, names: Names, against: str | None = None
) -> "Figure":
    """What puts the leader ahead of another (the runner-up unless said): `weight * (a - b)`.

    With one framework left, its own points. Raises ValueError with nothing ranked, or where
    `against` is not in the ranking.
    """
    leader, other = _pair(recommendation, against)
    gains = gains_over(leader, other)[:MOST_CRITERIA]
    with drawing():
        figure, axes = rows_figure(len(gains), theme, left=0.27, right=0.97)
        reach = max([abs(gain) for _, gain in gains] + [0.01]) * 1.3
        for row, (criterion, gain) in enumerate(gains):
            side = leader.framework if gain >= 0 or other is None else other.framework
            # Hollow for the other's: the two are told apart without colour, too.
            theirs = gain < 0 and other is not None
            colour = theme.colour(side)
            axes.barh(
                row, gain, height=0.5, facecolor="none" if theirs else colour, edgecolor=colour,
                linewidth=1.4, zorder=2,
            )  # fmt: skip
            axes.annotate(
                signed(gain),
                (gain, row),
                xytext=(8 if gain >= 0 else -8, 0),
                textcoords="offset points",
                va="center",
                ha="left" if gain >= 0 else "right",
                color=theme.tokens.text,
                fontsize=NOTE_POINTS,
            )
            axes.text(
                -0.02,
                row,
                names.get(criterion, criterion),
                transform=axes.get_yaxis_transform(),
                va="center",
                ha="right",
                color=theme.tokens.text,
            )
        axes.axvline(0, color=theme.tokens.strong_line, linewidth=1, zorder=1)
        has_loss = any(gain < 0 for _, gain in gains)
        axes.set_xlim(-reach if has_loss else 0, reach)
        first = names.get(leader.framework, leader.framework)
        if other is None:
            axes.set_xlabel(f"Points of {first}")
        else:
            second = names.get(other.framework, other.framework)
            under(axes, 1.0, "right", f"points for {first} →", theme)
            if has_loss:
                under(axes, 0.0, "left", f"← points for {second}", theme)
        return settled(figure, theme)


def gains_over(leader: Ranked, other: Ranked | None) -> list[tuple[str, float]]:
    """Criterion -> `weight * (a - b)`, largest effect first; what adds nothing is left out."""
    theirs = {one.criterion: one.points for one in other.contributions} if other else {}
    gains = [
        (one.criterion, one.points - theirs.get(one.criterion, 0.0)) for one in leader.contributions
    ]
    return sorted(
        (pair for pair in gains if abs(pair[1]) >= 5e-4), key=lambda pair: (-abs(pair[1]), pair[0])
    )


def _pair(recommendation: Recommendation, against: str | None) -> tuple[Ranked, Ranked | None]:
    ranking = recommendation.ranking
    if not ranking:
        raise ValueError("nothing is ranked: there are no contributions to draw")
    if against is None:
        return ranking[0], ranking[1] if len(ranking) > 1 else None
    for one in ranking[1:]:
        if one.framework == against:
            return ranking[0], one
    raise ValueError(f"{against} is not ranked below the leader")
