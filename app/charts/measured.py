"""Measured times as ratios to the best of each workload."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.charts.drawing import (
    Names,
    drawing,
    mark,
    panels_figure,
    plain,
    row_label,
    settled,
    strokes,
    ticks,
    title,
)
from app.charts.numbers import duration
from app.measured_words import subject_name
from app.theme import Theme
from probes.results import Machine, Measurement

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Figure


def measurements_figure(
    machine: Machine, theme: Theme, names: Names, subject: str | None = None
) -> "Figure | None":
    """Valid times as ratios to the best of each workload, with intervals; None without any.

    `subject` is the title of the one panel that is wanted; all have the same scale.
    """
    everything = comparable(machine)
    panels = [one for one in everything if subject in (None, panel_title(one))]
    if not panels:
        return None
    with drawing():
        figure, boxes = panels_figure([len(panel) * 0.27 for panel in panels], 0.23, 0.87)
        # One scale for all panels, so that a long bar is a long time everywhere.
        worst = max(ratio for panel in everything for _, _, _, ratio in _ratios(panel))
        steps = _ratio_ticks(worst)
        for panel, axes in zip(panels, boxes, strict=True):
            plain(axes, theme)
            axes.set_xscale("log")
            axes.set_xlim(0.93, max(worst * 1.12, 2.2))
            ticks(axes.xaxis, steps, [f"{step:g} ×" for step in steps])
            axes.set_ylim(len(panel) - 0.5, -0.5)
            axes.axvline(1, color=theme.tokens.strong_line, linewidth=1, zorder=1)
            if subject is None:
                title(axes, subject_name(panel[0].workload, panel[0].device), theme)
            rows = list(enumerate(_ratios(panel)))
            strokes(
                axes,
                ((low, row, high, row) for row, (_, low, _, high) in rows),
                color=theme.tokens.text,
                linewidth=1.4,
                zorder=2,
            )
            for row, (one, _, middle, _) in rows:
                mark(axes, middle, row, one.framework, theme)
                row_label(axes, row, one.mode, theme)
                assert one.median_seconds is not None
                axes.text(
                    1.02,
                    row,
                    duration(one.median_seconds),
                    transform=axes.get_yaxis_transform(),
                    va="center",
                    color=theme.tokens.muted,
                )
        axes.set_xlabel("Time as a multiple of the best, logarithmic; lines are 95 % intervals")
        return settled(figure, theme)


def comparable(machine: Machine) -> list[list[Measurement]]:
    """Valid strict measurements by workload and device, fastest first; limits are not compared."""
    panels: dict[tuple[str, str, str], dict[str, Measurement]] = {}
    for one in machine.measurements:
        if (
            one.verdict.status == "valid"
            and one.track == "strict_fp32"
            and one.purpose in ("training", "inference")
            and one.median_seconds is not None
            and one.median_seconds > 0
        ):
            key = (one.workload, one.workload_version, one.device)
            panels.setdefault(key, {}).setdefault(f"{one.mode} {one.python}", one)
    return [
        sorted(panel.values(), key=lambda one: (one.median_seconds or math.inf, one.mode))
        for panel in panels.values()
        if len(panel) > 1
    ]


def panel_title(panel: Sequence[Measurement]) -> str:
    """`mlp_train on cpu`: by which a chart asks for it; people read `subject_name`."""
    return f"{panel[0].workload} on {panel[0].device}"


def _ratios(panel: Sequence[Measurement]) -> list[tuple[Measurement, float, float, float]]:
    """Each with low, median and high as multiples of the panel's best median."""
    best = panel[0].median_seconds
    assert best is not None
    found = []
    for one in panel:
        assert one.median_seconds is not None
        low, high = one.ci95 or (one.median_seconds, one.median_seconds)
        found.append((one, low / best, one.median_seconds / best, high / best))
    return [(one, low, middle, high) for one, low, middle, high in found]


def _ratio_ticks(worst: float) -> list[float]:
    steps = [1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0]
    if worst > 20:
        steps = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0]
    return [step for step in steps if step <= max(worst * 1.12, 2.2)]
