"""How much memory each mode's process held: after the import, and at most while it worked."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.charts.drawing import (
    Names,
    drawing,
    mark,
    row_label,
    row_note,
    rows_figure,
    settled,
    ticks,
)
from app.charts.numbers import size
from app.measured_words import workload_name
from app.theme import Theme
from probes.results import Machine, Measurement

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Figure


def memory_figure(machine: Machine, theme: Theme, names: Names) -> "Figure | None":
    """A row for each mode, least first; None where no peak is known."""
    rows = peaks(machine)
    if not rows:
        return None
    several_devices = len({row[0].device for row in rows}) > 1
    with drawing():
        figure, axes = rows_figure(len(rows), theme, left=0.23, right=0.65)
        for number, row in enumerate(rows):
            most = row[-1]
            held, imported = _peak(most), most.imported_resident_bytes or 0
            colour = theme.colour(most.framework)
            start = min(imported, held)
            axes.barh(
                number, start, height=0.34, facecolor="none", edgecolor=colour, linewidth=1.3,
                zorder=2,
            )  # fmt: skip
            axes.barh(number, held - start, left=start, height=0.34, color=colour, zorder=2)
            for one in row:
                axes.plot(
                    [_peak(one)] * 2, [number - 0.3, number + 0.3],
                    color=theme.tokens.text, linewidth=1.1, zorder=3,
                )  # fmt: skip
            mark(axes, 0, number, most.framework, theme, clip_on=False, zorder=4)
            name = f"{most.mode}, {most.device}" if several_devices else most.mode
            row_label(axes, number, name, theme)
            row_note(axes, number, f"{size(held)}, {workload_name(most.workload)}", theme)
        reach = max(_peak(row[-1]) for row in rows)
        step = _step(reach)
        at = [step * number for number in range(int(reach / step) + 2)]
        axes.set_xlim(0, max(reach * 1.02, at[1]))
        ticks(axes.xaxis, at, [size(one) if one else "0" for one in at])
        axes.set_xlabel(
            "Hollow: held after the import; filled: to the most at work; ticks: each workload"
        )
        return settled(figure, theme)


def peaks(machine: Machine) -> list[list[Measurement]]:
    """By mode, least first, the workloads whose work was proven equal and whose peak is known.

    Others' work takes none of this memory, so that times that do not count do not matter here.
    """
    rows: dict[tuple[str, str, str], list[Measurement]] = {}
    for one in machine.measurements:
        if one.peak_resident_bytes and one.verdict.status in ("valid", "unstable"):
            rows.setdefault((one.mode, one.python, one.device), []).append(one)
    for row in rows.values():
        row.sort(key=lambda one: (_peak(one), one.workload))
    return sorted(rows.values(), key=lambda row: (_peak(row[-1]), row[-1].mode))


def _peak(one: Measurement) -> int:
    return one.peak_resident_bytes or 0


def _step(reach: float) -> float:
    """Between ticks: a power of two of bytes, so that three to five ticks have short names."""
    step = 2.0**20
    while reach / step > 4:
        step *= 2
    return step


def is_of_the_process(rows: Sequence[Sequence[Measurement]]) -> bool:
    """Whether a peak counts all that its process did before, too."""
    return any(one.peak_resident_scope == "process" for row in rows for one in row)
