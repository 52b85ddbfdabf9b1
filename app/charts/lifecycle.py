"""Where each framework stands: from its first release to its latest, and what came after."""

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from app.charts.drawing import (
    drawing,
    framework_labels,
    mark,
    row_note,
    rows_figure,
    settled,
    ticks,
)
from app.theme import Theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Figure


_DATE = re.compile(r"\b((?:19|20)\d\d)(?:-(\d\d))?(?:-\d\d)?\)?$")


class Lived(Protocol):
    """What a timeline takes of a framework."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def lifecycle(self) -> str: ...
    @property
    def first_release(self) -> str: ...
    @property
    def latest_release(self) -> str: ...


def lifecycle_figure(frameworks: Sequence[Lived], today: str, theme: Theme) -> "Figure | None":
    """From first to latest release of each; None where no two months can be read."""
    spans = [
        (one, first, latest)
        for one in frameworks
        if (first := _year(one.first_release)) and (latest := _year(one.latest_release))
    ]
    now = _year(today)
    if not spans or now is None:
        return None
    spans.sort(key=lambda span: (span[1], span[0].id))
    with drawing():
        figure, axes = rows_figure(len(spans), theme, right=0.70)
        for row, (one, first, latest) in enumerate(spans):
            colour = theme.colour(one.id)
            axes.plot([first, latest], [row, row], color=colour, linewidth=4, zorder=2)
            if one.lifecycle == "stalled":
                axes.plot([latest, now], [row, row], color=colour, linestyle=":", zorder=2)
            if one.lifecycle == "retired":
                axes.plot(
                    [latest], [row], marker="|", markersize=16, markeredgewidth=2,
                    color=theme.tokens.text, linestyle="none", clip_on=False, zorder=2,
                )  # fmt: skip
            mark(axes, latest, row, one.id, theme, size=8, clip_on=False)
            row_note(axes, row, f"{one.lifecycle} · {_short(one.latest_release)}", theme, 1.04)
        framework_labels(
            axes, [one.id for one, _, _ in spans], theme, {one.id: one.name for one, _, _ in spans}
        )
        start = math.floor(min(first for _, first, _ in spans))
        axes.set_xlim(start, now)
        years = [year for year in range(start, int(now) + 1) if year % 5 == 0]
        ticks(axes.xaxis, years, [str(year) for year in years])
        axes.set_xlabel("From the first release to the latest; bar: retired; dots: nothing since")
        return settled(figure, theme)


def _short(release: str) -> str:
    """The release, or its month alone where more is said of it than a row has room for."""
    found = _DATE.search(release)
    return (
        found[1] + (f"-{found[2]}" if found[2] else "") if found and len(release) > 18 else release
    )


def _year(text: str) -> float | None:
    """`2015-03`, `2015` or `1.9.1 (2022-05)` as a year with its fraction."""
    found = _DATE.search(text)
    if found is None:
        return None
    return int(found[1]) + (int(found[2]) - 1) / 12 if found[2] else float(found[1])
