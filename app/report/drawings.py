"""The charts of a report, drawn from its own data; each is drawn once for all formats."""

from typing import TYPE_CHECKING

from app import charts
from app.report.document import Chart, Report
from app.theme import Theme, load_theme
from probes.results import Machine

if TYPE_CHECKING:
    from app.charts import Figure

Drawn = dict[tuple[str, str], str | None]
_last: list[tuple[Report, Drawn]] = []
"""The last report and its drawings: mostly the same one is written in several formats, and drawing
is most of the cost of each."""


def svg_of(report: Report, chart: Chart) -> str | None:
    """A stand-alone SVG in the light theme; None where there is nothing to draw."""
    # Looked up once: another thread may be at another report.
    last = _last[0] if _last else None
    if last is None or last[0] is not report:
        last = (report, {})
        _last[:] = [last]
    drawn = last[1]
    key = (chart.name, chart.subject)
    if key not in drawn:
        figure = figure_of(report, chart, load_theme("light"))
        drawn[key] = None if figure is None else charts.to_svg(figure)
    return drawn[key]


def figure_of(report: Report, chart: Chart, theme: Theme) -> "Figure | None":
    """Draw it from the report's own data; None where there is nothing to draw."""
    recommendation, names, machine = report.recommendation, report.names, report.machine
    name = chart.name
    if name == "ranking":
        return charts.ranking_figure(recommendation, theme, names)
    if name == "shares":
        return charts.shares_figure(recommendation, theme, names)
    if name == "contributions":
        return charts.contributions_figure(recommendation, theme, names)
    if name == "flips":
        return charts.flips_figure(recommendation, theme, names)
    if name == "lifecycle":
        return charts.lifecycle_figure(report.frameworks, recommendation.made.today, theme)
    return None if machine is None else machine_figure(machine, chart, theme, names)


def machine_figure(
    machine: Machine, chart: Chart, theme: Theme, names: charts.Names
) -> "Figure | None":
    """A chart of what was measured; None where there is nothing to draw."""
    name, subject = chart.name, chart.subject
    if name == "measurements":
        return charts.measurements_figure(machine, theme, names, subject or None)
    if name == "roofline":
        return charts.roofline_figure(machine, theme, names, subject or "cpu")
    if name == "memory":
        return charts.memory_figure(machine, theme, names)
    return charts.break_even_figure(machine, theme, names, subject or None)
