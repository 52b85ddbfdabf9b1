"""When compiling pays: the time that both have taken, over the steps."""

import math
import re
from typing import TYPE_CHECKING

from app.charts.drawing import (
    NOTE_POINTS,
    WIDTH_INCHES,
    Names,
    drawing,
    line,
    marks,
    plain,
    settled,
    title,
)
from app.charts.numbers import duration, steps
from app.theme import Theme
from probes.break_even import BreakEven, break_evens
from probes.results import Machine

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Figure

PANEL_INCHES = 1.55
CORNERS = 60
"""Of a line that is a curve on a logarithmic axis: nearer ones cannot be told apart."""
MARKED = 5
"""Marks on a line, so that two lines are told apart without colour."""


def break_even_figure(
    machine: Machine, theme: Theme, names: Names, subject: str | None = None
) -> "Figure | None":
    """A panel for each compiled mode and workload; None without a pair.

    `subject` is the one workload and device that is wanted, as `break_even_subject` says it.
    """
    pairs = [one for one in break_evens(machine) if subject in (None, break_even_subject(one))]
    if not pairs:
        return None
    with drawing():
        from matplotlib.figure import Figure as Figure

        rows = math.ceil(len(pairs) / 2)
        row = PANEL_INCHES + 0.75
        height = rows * row + 0.32
        figure = Figure(figsize=(WIDTH_INCHES, height), facecolor="none")
        for number, one in enumerate(pairs):
            left = 0.09 + 0.5 * (number % 2)
            bottom = height - (number // 2) * row - 0.32 - PANEL_INCHES
            axes = figure.add_axes((left, bottom / height, 0.385, PANEL_INCHES / height))
            _panel(axes, one, theme, with_workload=subject is None)
        figure.text(
            0.5, 0.06 / height,
            "Steps, logarithmic, and the time they take with the first call. "
            "Solid, filled: compiled; dashed, hollow: eager.",
            ha="center", va="bottom", color=theme.tokens.muted, fontsize=NOTE_POINTS,
        )  # fmt: skip
        return settled(figure, theme)


def break_even_subject(one: BreakEven) -> str:
    """`mlp_train on cpu`."""
    return f"{one.workload} on {one.device}"


def said_steps(one: BreakEven) -> str:
    """`412 steps`, or what stands in their place."""
    if one.outcome == "never":
        return "never here"
    if one.steps is None:
        return "not settled"
    return f"{steps(one.steps)} steps" if one.steps > 1 else "the first step"


def said_range(one: BreakEven) -> str:
    """`380 to 450`; nothing where it never pays."""
    if one.low is None:
        return "—"
    if one.high is None:
        return f"{steps(one.low)} or more"
    return f"{steps(one.low)} to {steps(one.high)}"


def _panel(axes: "Axes", one: BreakEven, theme: Theme, *, with_workload: bool) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator

    tokens = theme.tokens
    plain(axes, theme, y_axis=True)
    end = _end(one)
    axes.set_xscale("log")
    axes.set_xlim(1, end)
    axes.xaxis.set_major_locator(LogLocator(base=10, numticks=6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value)))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _time(value)))
    axes.yaxis.label.set_fontsize(NOTE_POINTS - 1)
    at = [end ** (place / CORNERS) for place in range(CORNERS + 1)]
    for first, median, style, fill in (
        (one.eager_first_seconds, one.eager_seconds, (0, (4, 2.5)), "none"),
        (one.compiled_first_seconds, one.compiled_seconds, "-", "full"),
    ):
        colour = theme.colour(one.framework)
        taken = [first + (n - 1) * median for n in at]
        line(axes, at, taken, color=colour, linestyle=style, linewidth=1.5, zorder=2)
        places = [round(CORNERS * (place + 0.5) / MARKED) for place in range(MARKED)]
        marks(
            axes,
            [at[place] for place in places],
            [taken[place] for place in places],
            one.framework,
            theme,
            fill=fill,
            size=5,
        )
    axes.set_ylim(0, 1.12 * max(_taken(one, end)))
    if one.steps is not None and one.low is not None and one.high is not None:
        axes.axvspan(max(one.low, 1), min(one.high, end), color=tokens.track, linewidth=0, zorder=0)
        axes.axvline(max(one.steps, 1), color=tokens.text, linewidth=1, zorder=1)
    name = f"{one.compiled}, {one.workload}" if with_workload else one.compiled
    title(axes, f"{name}: {said_steps(one)}", theme)


def _taken(one: BreakEven, n: float) -> tuple[float, float]:
    return (
        one.eager_first_seconds + (n - 1) * one.eager_seconds,
        one.compiled_first_seconds + (n - 1) * one.compiled_seconds,
    )


def _end(one: BreakEven) -> float:
    """A few times the crossing, or where first calls hardly count any more."""
    if one.steps is not None:
        return max(10.0, 3.0 * one.steps)
    first = max(one.eager_first_seconds, one.compiled_first_seconds)
    return max(10.0, 3.0 * first / min(one.eager_seconds, one.compiled_seconds))


def _time(seconds: float) -> str:
    return re.sub(r"\.0+ ", " ", duration(seconds)) if seconds > 0 else "0"


def _tick(value: float) -> str:
    return (
        f"{value / 1e6:g} M"
        if value >= 1e6
        else f"{value / 1e3:g} k"
        if value >= 1e3
        else f"{value:g}"
    )
