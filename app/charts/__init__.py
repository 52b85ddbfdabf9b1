"""The still charts of recommendation and report, one module for each family.

Each function gives a matplotlib `Figure` in the colours of a theme; `to_svg` and `to_png` turn one
into bytes that are the same every time. Nothing here knows a window or a report: names for people
come in as a mapping from id to name, and an id without one stands for itself. What a colour tells,
a marker's shape or filling tells too.
"""

from typing import TYPE_CHECKING

from app.charts.decided import (
    contributions_figure,
    gains_over,
    ranking_figure,
    shares_figure,
)
from app.charts.drawing import Names, to_png, to_svg
from app.charts.lifecycle import Lived, lifecycle_figure
from app.charts.measured import comparable, measurements_figure, panel_title
from app.charts.numbers import duration, percent, rate, signed, size, steps

if TYPE_CHECKING:
    from app.charts.drawing import Figure as Figure

__all__ = [
    "Lived",
    "Names",
    "comparable",
    "contributions_figure",
    "duration",
    "gains_over",
    "lifecycle_figure",
    "measurements_figure",
    "panel_title",
    "percent",
    "ranking_figure",
    "rate",
    "shares_figure",
    "signed",
    "size",
    "steps",
    "to_png",
    "to_svg",
]
