"""The still charts of recommendation and report, one module for each family.

Each function gives a matplotlib `Figure` in the colours of a theme; `to_svg` and `to_png` turn one
into bytes that are the same every time. Nothing here knows a window or a report: names for people
come in as a mapping from id to name, and an id without one stands for itself. What a colour tells,
a marker's shape or filling tells too.
"""

from typing import TYPE_CHECKING

from app.charts.break_even import break_even_figure, break_even_subject, said_range, said_steps
from app.charts.decided import (
    contributions_figure,
    gains_over,
    ranking_figure,
    shares_figure,
)
from app.charts.drawing import Names, to_png, to_svg
from app.charts.flips import flips_figure
from app.charts.lifecycle import Lived, lifecycle_figure
from app.charts.measured import comparable, measurements_figure, panel_title
from app.charts.memory import is_of_the_process, memory_figure, peaks
from app.charts.numbers import duration, percent, rate, signed, size, steps, three_digits
from app.charts.roofline import by_workload, roofline_figure

if TYPE_CHECKING:
    from app.charts.drawing import Figure as Figure

__all__ = [
    "Lived",
    "Names",
    "break_even_figure",
    "break_even_subject",
    "by_workload",
    "comparable",
    "contributions_figure",
    "duration",
    "flips_figure",
    "gains_over",
    "is_of_the_process",
    "lifecycle_figure",
    "measurements_figure",
    "memory_figure",
    "panel_title",
    "peaks",
    "percent",
    "ranking_figure",
    "rate",
    "roofline_figure",
    "said_range",
    "said_steps",
    "shares_figure",
    "signed",
    "size",
    "steps",
    "three_digits",
    "to_png",
    "to_svg",
]
