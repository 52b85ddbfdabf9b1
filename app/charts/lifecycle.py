"""Where each framework stands: from its first release to its latest, and what came after."""

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from app.charts.drawing import NOTE_POINTS, drawing, framework_labels, marker_size, rows_figure
from app.theme import Theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Figure


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
            axes.plot(
                [latest],
                [row],
                marker=theme.marker(one.id),
                markersize=marker_size(theme, one.id, 8),
                color=colour,
                markeredgecolor=theme.tokens.surface,
                linestyle="none",
                clip_on=False,
                zorder=3,
            )
            axes.text(
                1.04,
                row,
                f"{one.lifecycle} · {one.latest_release}",
                transform=axes.get_yaxis_transform(),
                va="center",
                color=theme.tokens.text,
                fontsize=NOTE_POINTS,
            )
        framework_labels(
            axes, [one.id for one, _, _ in spans], theme, {one.id: one.name for one, _, _ in spans}
        )
        start = math.floor(min(first for _, first, _ in spans))
        axes.set_xlim(start, now)
        axes.set_xticks([year for year in range(start, int(now) + 1) if year % 5 == 0])
        axes.set_xlabel("From the first release to the latest one")
        return figure


def _year(text: str) -> float | None:
    """`2015-03`, `2015` or `1.9.1 (2022-05)` as a year with its fraction."""
    found = re.search(r"\b((?:19|20)\d\d)(?:-(\d\d))?(?:-\d\d)?\)?$", text)
    if found is None:
        return None
    return int(found[1]) + (int(found[2]) - 1) / 12 if found[2] else float(found[1])
