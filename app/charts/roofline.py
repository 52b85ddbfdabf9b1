"""The roofline: what was reached, under this machine's own measured limits."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.charts.drawing import (
    NOTE_POINTS,
    WIDTH_INCHES,
    Names,
    drawing,
    fills_of,
    marks,
    marks_key,
    plain,
    row_note,
    settled,
    ticks,
)
from app.charts.numbers import percent, rate, three_digits
from app.measured_words import workload_name
from app.theme import Theme
from probes.results import Machine
from probes.roofline import Reached, Roofline, rooflines

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Figure

ROOF_INCHES = 3.0
LANE_INCHES = 0.11
MOST_STRIPS_INCHES = 5.4
"""However many workloads there are, the figure fits a page."""
LEAST_APART = 0.03
"""Of the width: marks and numbers nearer than this would cover each other."""
LEFT, RIGHT = 0.29, 0.88


def roofline_figure(
    machine: Machine, theme: Theme, names: Names, device: str = "cpu"
) -> "Figure | None":
    """Points at arithmetic intensity and rate under the roof; below it shares of the roof by
    workload. None where no limit, or no work of known size, was measured on the device."""
    roof = next((one for one in rooflines(machine) if one.device == device), None)
    if roof is None:
        return None
    workloads = by_workload(roof)
    fills = fills_of({one.measurement.mode for one in roof.reached})
    lanes = [_lanes([one.share for one in reached]) for reached in workloads.values()]
    with drawing():
        from matplotlib.figure import Figure as Figure

        heights = [0.26 + LANE_INCHES * (max(each) + 1) for each in lanes]
        scale = min(1.0, MOST_STRIPS_INCHES / sum(heights))
        heights = [scale * each for each in heights]
        key = 0.22 * math.ceil(len(fills) / 4) + 0.1
        height = ROOF_INCHES + 0.75 + sum(heights) + 0.5 + key + 0.1
        figure = Figure(figsize=(WIDTH_INCHES, height), facecolor="none")
        top = (height - 0.1 - ROOF_INCHES) / height
        axes = figure.add_axes((0.11, top, RIGHT - 0.11, ROOF_INCHES / height))
        _roof(axes, roof, workloads, fills, theme)
        strips = figure.add_axes((LEFT, (0.5 + key) / height, RIGHT - LEFT, sum(heights) / height))
        _strips(strips, workloads, lanes, heights, fills, theme)
        marks_key(figure, fills, 0.02 / height, key / height, theme)
        return settled(figure, theme)


def by_workload(roof: Roofline) -> dict[str, tuple[Reached, ...]]:
    """Best share first, workloads by their intensity."""
    ordered = sorted(roof.reached, key=lambda one: (one.intensity, one.measurement.workload))
    found: dict[str, list[Reached]] = {}
    for one in ordered:
        found.setdefault(one.measurement.workload, []).append(one)
    return {
        workload: tuple(sorted(several, key=lambda one: (-one.share, one.measurement.mode)))
        for workload, several in found.items()
    }


def _roof(
    axes: "Axes",
    roof: Roofline,
    workloads: Mapping[str, Sequence[Reached]],
    fills: Mapping[str, str],
    theme: Theme,
) -> None:
    tokens = theme.tokens
    _log_axes(axes, theme)
    at = [several[0].intensity for several in workloads.values()]
    ridge = None if roof.bytes_per_second is None else roof.flops_per_second / roof.bytes_per_second
    low = min([*at, *([] if ridge is None else [ridge])]) / 4
    high = max([*at, *([] if ridge is None else [ridge])]) * 4
    bottom = min(one.flops_per_second for one in roof.reached) / 4
    axes.set_xlim(low, high)
    axes.set_ylim(bottom, roof.flops_per_second * 2.6)
    corners = sorted({low, high} | ({ridge} if ridge is not None else set()))
    axes.plot(
        corners,
        [roof.limit(one) for one in corners],
        color=tokens.text,
        linewidth=1.6,
        zorder=2,
    )
    axes.annotate(
        f"computing: {rate(roof.flops_per_second, 'FLOP')}",
        (high, roof.flops_per_second),
        xytext=(-2, 4),
        textcoords="offset points",
        ha="right",
        color=tokens.text,
        fontsize=NOTE_POINTS,
    )
    memory = (
        "memory: not measured"
        if roof.bytes_per_second is None
        else f"memory: {rate(roof.bytes_per_second, 'B')}"
    )
    axes.annotate(
        memory,
        (low, roof.flops_per_second),
        xytext=(2, 4),
        textcoords="offset points",
        ha="left",
        color=tokens.text,
        fontsize=NOTE_POINTS,
    )
    for place, (number, several) in zip(
        _apart([_share(one, low, high) for one in at]),
        enumerate(workloads.values(), 1),
        strict=True,
    ):
        one = several[0]
        axes.plot(
            [one.intensity] * 2, [bottom, roof.limit(one.intensity)],
            color=tokens.line, linewidth=1, zorder=1,
        )  # fmt: skip
        # Where two workloads stand close their numbers step aside, and a line leads back.
        axes.annotate(
            str(number),
            (one.intensity, bottom),
            xytext=(place, 0.06),
            textcoords="axes fraction",
            ha="center",
            va="bottom",
            color=tokens.text,
            fontsize=NOTE_POINTS,
            arrowprops={"arrowstyle": "-", "color": tokens.strong_line, "linewidth": 0.8},
        )
    everything = [one for several in workloads.values() for one in several]
    _points(axes, [(one, one.intensity, one.flops_per_second) for one in everything], fills, theme)
    axes.set_xlabel("Arithmetic intensity: operations for each byte that must move; logarithmic")
    axes.set_ylabel("Operations per second; logarithmic", fontsize=NOTE_POINTS)


def _log_axes(axes: "Axes", theme: Theme) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator

    plain(axes, theme, y_axis=True)
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(base=10, numticks=12))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: rate(value, "").removesuffix("/s").replace(".00", ""))
    )
    axes.spines["left"].set_visible(True)
    axes.spines["left"].set_color(theme.tokens.strong_line)


def _strips(
    axes: "Axes",
    workloads: Mapping[str, Sequence[Reached]],
    lanes: Sequence[Sequence[int]],
    heights: Sequence[float],
    fills: Mapping[str, str],
    theme: Theme,
) -> None:
    """A row for each workload, in inches: its modes by their share of the roof."""
    plain(axes, theme)
    most = max(1.0, *(one.share for several in workloads.values() for one in several))
    axes.set_xlim(0, most)
    axes.set_ylim(sum(heights), 0)
    ticks(axes.xaxis, [0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    axes.set_xlabel("Efficiency: share of the roof at that intensity")
    top, points = 0.0, []
    rows = zip(workloads.items(), lanes, heights, strict=True)
    for number, ((workload, several), places, height) in enumerate(rows, 1):
        middle = top + height / 2
        axes.axhline(top, color=theme.tokens.line, linewidth=0.8, zorder=0)
        _strip_label(axes, middle, f"{number}  {workload_name(workload)}", several[0], theme)
        row_note(axes, middle, f"best {percent(several[0].share)}", theme)
        lane_height = min(LANE_INCHES, (height - 0.1) / (max(places) + 1))
        first = middle - lane_height * max(places) / 2
        points += [
            (one, one.share, first + lane * lane_height)
            for one, lane in zip(several, places, strict=True)
        ]
        top += height
    _points(axes, points, fills, theme, clip_on=False)


def _points(
    axes: "Axes",
    points: Sequence[tuple[Reached, float, float]],
    fills: Mapping[str, str],
    theme: Theme,
    **style: Any,
) -> None:
    """Each where x and y say, with the mark of its mode."""
    by_mode: dict[str, list[tuple[float, float]]] = {}
    for one, x, y in points:
        by_mode.setdefault(one.measurement.mode, []).append((x, y))
    for mode, places in by_mode.items():
        at_x, at_y = zip(*places, strict=True)
        framework = mode.partition("/")[0]
        marks(axes, at_x, at_y, framework, theme, fill=fills[mode], size=6, **style)


def _strip_label(axes: "Axes", y: float, text: str, one: Reached, theme: Theme) -> None:
    note = f"{three_digits(one.intensity)} op/byte, {one.bound}"
    for words, offset, colour, points in (
        (text, 1, theme.tokens.text, NOTE_POINTS + 0.5),
        (note, -1, theme.tokens.muted, NOTE_POINTS - 1.5),
    ):
        axes.annotate(
            words,
            (-0.02, y),
            xycoords=axes.get_yaxis_transform(),
            xytext=(0, offset),
            textcoords="offset points",
            ha="right",
            va="bottom" if offset > 0 else "top",
            color=colour,
            fontsize=points,
        )


def _lanes(shares: Sequence[float]) -> list[int]:
    """For values from the largest down: the first lane in which each has room."""
    last: list[float] = []
    found = []
    for share in shares:
        lane = next((at for at, one in enumerate(last) if one - share >= LEAST_APART), len(last))
        last[lane : lane + 1] = [share]
        found.append(lane)
    return found


def _share(value: float, low: float, high: float) -> float:
    return math.log(value / low) / math.log(high / low)


def _apart(places: Sequence[float]) -> list[float]:
    """Places in rising order, moved as far as it takes to stand apart."""
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + LEAST_APART) if found else place)
    return found
