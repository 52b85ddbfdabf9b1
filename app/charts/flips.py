"""What would change the winner: weights and values at which another draws level."""

from typing import TYPE_CHECKING

from app.charts.drawing import (
    Names,
    drawing,
    mark,
    panels_figure,
    plain,
    row_label,
    row_note,
    settled,
    ticks,
    title,
)
from app.charts.numbers import percent
from app.headline import nearest_flips
from app.theme import Theme
from rules.recommendation import Flip, Recommendation, WhyNot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Figure

MOST_FLIPS = 10
"""Of the chart; the table beside it has all."""


def flips_figure(recommendation: Recommendation, theme: Theme, names: Names) -> "Figure | None":
    """Weights today and where another draws level; below, values that would do it by themselves.

    None where nothing of either kind would.
    """
    weights = nearest_flips(recommendation)[:MOST_FLIPS]
    values = [
        one for one in recommendation.why_not if _value_today(recommendation, one) is not None
    ]
    heights = [0.3 * len(rows) for rows in (weights, values) if rows]
    if not heights:
        return None
    with drawing():
        figure, panels = panels_figure(heights, 0.3, 0.72)
        if weights:
            _weights(panels[0], weights, theme, names)
        if values:
            _values(panels[-1], recommendation, values, theme, names)
        return settled(figure, theme)


def _weights(axes: "Axes", flips: list[Flip], theme: Theme, names: Names) -> None:
    _axis(axes, len(flips), theme)
    title(axes, "By one weight, the others in proportion", theme)
    ticks(axes.xaxis, [0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    axes.set_xlabel("Weight; bar: today, marker: where another draws level")
    for row, one in enumerate(flips):
        _move(axes, row, one.weight, one.flips_at, one.challenger, theme)
        row_label(axes, row, names.get(one.criterion, one.criterion), theme)
        challenger = names.get(one.challenger, one.challenger)
        note = f"{percent(one.weight)} → {percent(one.flips_at)}: {challenger}"
        row_note(axes, row, note, theme)


def _values(
    axes: "Axes", recommendation: Recommendation, rows: list[WhyNot], theme: Theme, names: Names
) -> None:
    _axis(axes, len(rows), theme)
    title(axes, "By one value, the weights as they are", theme)
    ticks(axes.xaxis, [0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    axes.set_xlabel("Value of the criterion, 0 to 1; bar: today, marker: where it draws level")
    for row, one in enumerate(rows):
        today = _value_today(recommendation, one)
        assert today is not None
        assert one.draws_level_at is not None
        _move(axes, row, today, one.draws_level_at, one.framework, theme)
        (criterion,) = one.draws_level_by
        row_label(axes, row, names.get(criterion, criterion), theme)
        name = names.get(one.framework, one.framework)
        row_note(axes, row, f"{today:.2f} → {one.draws_level_at:.2f}: {name}", theme)


def _axis(axes: "Axes", rows: int, theme: Theme) -> None:
    plain(axes, theme)
    axes.set_xlim(0, 1)
    axes.set_ylim(rows - 0.5, -0.5)


def _move(axes: "Axes", row: int, today: float, then: float, framework: str, theme: Theme) -> None:
    colour = theme.colour(framework)
    axes.plot([today, then], [row, row], color=colour, linewidth=1.6, zorder=2, clip_on=False)
    axes.plot(
        [today, today], [row - 0.28, row + 0.28], color=theme.tokens.text, linewidth=2, zorder=3,
        clip_on=False,
    )  # fmt: skip
    mark(axes, then, row, framework, theme, clip_on=False, zorder=4)


def _value_today(recommendation: Recommendation, one: WhyNot) -> float | None:
    """Of the one criterion that would be enough; None where it takes several, or none does."""
    if one.draws_level_at is None or len(one.draws_level_by) != 1:
        return None
    for ranked in recommendation.ranking:
        if ranked.framework == one.framework:
            for part in ranked.contributions:
                if part.criterion == one.draws_level_by[0]:
                    return part.value
    return None
