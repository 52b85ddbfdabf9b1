"""The still charts of recommendation and report; alone in importing matplotlib, and lazily.

Each function gives a matplotlib `Figure` in the colours of a theme; `to_svg` and `to_png` turn one
into bytes that are the same every time. Nothing here knows a window or a report: names for people
come in as a mapping from id to name, and an id without one stands for itself.
"""

import io
import math
import re
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol
from xml.etree import ElementTree

from app.theme import Theme
from probes.results import Machine, Measurement
from rules.recommendation import Ranked, Recommendation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Figure

WIDTH_INCHES = 7.5
ROW_INCHES = 0.36
NOTE_POINTS = 8.5
BODY_POINTS = 9.5
MOST_CRITERIA = 10
"""Of a contributions chart: what is smaller than these adds up to little, and the table has all."""

_SETTINGS: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": BODY_POINTS,
    # Text stays text: a screen reader reads it, a search finds it, and it is a third of the size.
    "svg.fonttype": "none",
    "svg.hashsalt": "framework-advisor",
    # A dollar sign in a name is a dollar sign.
    "text.parse_math": False,
    "path.simplify": True,
}
# matplotlib's settings are one for the process, and charts are drawn off the window's thread.
_drawing_lock = threading.Lock()

Names = Mapping[str, str]


def ranking_figure(recommendation: Recommendation, theme: Theme, names: Names) -> "Figure":
    """Scores from zero, with the middle 90 % of the what-ifs as whiskers."""
    with _drawing():
        ranking = recommendation.ranking
        figure, axes = _rows_figure(len(ranking), theme)
        for row, one in enumerate(ranking):
            _bar(axes, row, one.score, one.framework, theme)
            _whisker(axes, row, one.low, one.high, theme)
            axes.text(1.03, row, f"{one.score:.2f}", va="center", color=theme.tokens.text)
        _framework_labels(axes, [one.framework for one in ranking], theme, names)
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
        axes.set_xlabel("Score, 0 to 1; whiskers hold 90 % of the what-ifs")
        return figure


def shares_figure(recommendation: Recommendation, theme: Theme, names: Names) -> "Figure":
    """In which share of the what-ifs each framework is among the best, and first."""
    with _drawing():
        ranking = recommendation.ranking
        figure, axes = _rows_figure(len(ranking), theme, right=0.76)
        for row, one in enumerate(ranking):
            _bar(axes, row, one.top_share, one.framework, theme, marked=False)
            axes.plot(
                [one.first_rank_share],
                [row],
                marker=theme.marker(one.framework),
                markersize=_size(theme, one.framework, 7),
                markerfacecolor=theme.tokens.surface,
                markeredgecolor=theme.tokens.text,
                linestyle="none",
                clip_on=False,
                zorder=4,
            )
            label = f"{percent(one.top_share)} · first {percent(one.first_rank_share)}"
            axes.text(1.03, row, label, va="center", color=theme.tokens.text)
        _framework_labels(axes, [one.framework for one in ranking], theme, names)
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
        axes.set_xlabel(
            "Share of the what-ifs: bar, within 0.02 of the best; hollow marker, strictly first"
        )
        return figure


def contributions_figure(
    recommendation: Recommendation, theme: Theme, names: Names, against: str | None = None
) -> "Figure":
    """What puts the leader ahead of another (the runner-up unless said): `weight * (a - b)`.

    With one framework left, its own points. Raises ValueError with nothing ranked, or where
    `against` is not in the ranking.
    """
    leader, other = _pair(recommendation, against)
    gains = gains_over(leader, other)[:MOST_CRITERIA]
    with _drawing():
        figure, axes = _rows_figure(len(gains), theme, left=0.27, right=0.97)
        reach = max([abs(gain) for _, gain in gains] + [0.01]) * 1.3
        for row, (criterion, gain) in enumerate(gains):
            side = leader.framework if gain >= 0 or other is None else other.framework
            axes.barh(row, gain, height=0.5, color=theme.colour(side), zorder=2)
            axes.annotate(
                signed(gain),
                (gain, row),
                xytext=(8 if gain >= 0 else -8, 0),
                textcoords="offset points",
                va="center",
                ha="left" if gain >= 0 else "right",
                color=theme.tokens.text,
                fontsize=NOTE_POINTS,
            )
            axes.text(
                -0.02,
                row,
                names.get(criterion, criterion),
                transform=axes.get_yaxis_transform(),
                va="center",
                ha="right",
                color=theme.tokens.text,
            )
        axes.axvline(0, color=theme.tokens.strong_line, linewidth=1, zorder=1)
        has_loss = any(gain < 0 for _, gain in gains)
        axes.set_xlim(-reach if has_loss else 0, reach)
        first = names.get(leader.framework, leader.framework)
        if other is None:
            axes.set_xlabel(f"Points of {first}")
        else:
            second = names.get(other.framework, other.framework)
            _under(axes, 1.0, "right", f"points for {first} →", theme)
            if has_loss:
                _under(axes, 0.0, "left", f"← points for {second}", theme)
        return figure


def gains_over(leader: Ranked, other: Ranked | None) -> list[tuple[str, float]]:
    """Criterion -> `weight * (a - b)`, largest effect first; what adds nothing is left out."""
    theirs = {one.criterion: one.points for one in other.contributions} if other else {}
    gains = [
        (one.criterion, one.points - theirs.get(one.criterion, 0.0)) for one in leader.contributions
    ]
    return sorted(
        (pair for pair in gains if abs(pair[1]) >= 5e-4), key=lambda pair: (-abs(pair[1]), pair[0])
    )


def measurements_figure(machine: Machine, theme: Theme, names: Names) -> "Figure | None":
    """Valid times as ratios to the best of each workload, with intervals; None without any."""
    panels = comparable(machine)
    if not panels:
        return None
    with _drawing():
        from matplotlib.figure import Figure as Figure
        from matplotlib.ticker import FixedLocator, NullLocator

        # Each panel: its title, its rows, the room for its axis; in inches from the bottom.
        title, row_height, axis = 0.3, 0.27, 0.42
        heights = [len(panel) * row_height for panel in panels]
        height = sum(heights) + len(panels) * (title + axis) + 0.12
        figure = Figure(figsize=(WIDTH_INCHES, height), facecolor="none")
        above = height
        # One scale for all panels, so that a long bar is a long time everywhere.
        worst = max(ratio for panel in panels for _, _, _, ratio in _ratios(panel))
        ticks = _ratio_ticks(worst)
        for panel, panel_height in zip(panels, heights, strict=True):
            above -= title + panel_height
            axes = figure.add_axes((0.23, above / height, 0.64, panel_height / height))
            above -= axis
            _plain(axes, theme)
            axes.set_xscale("log")
            axes.set_xlim(0.93, max(worst * 1.12, 2.2))
            axes.xaxis.set_major_locator(FixedLocator(ticks))
            axes.xaxis.set_minor_locator(NullLocator())
            axes.set_xticklabels([f"{tick:g} ×" for tick in ticks])
            axes.set_ylim(len(panel) - 0.5, -0.5)
            axes.axvline(1, color=theme.tokens.strong_line, linewidth=1, zorder=1)
            first = panel[0]
            axes.set_title(
                f"{first.workload} on {first.device}",
                loc="left",
                fontsize=BODY_POINTS,
                fontweight="bold",
                color=theme.tokens.text,
            )
            for row, (one, low, middle, high) in enumerate(_ratios(panel)):
                colour = theme.colour(one.framework)
                axes.plot([low, high], [row, row], color=theme.tokens.text, linewidth=1.4, zorder=2)
                axes.plot(
                    [middle],
                    [row],
                    marker=theme.marker(one.framework),
                    markersize=_size(theme, one.framework, 7),
                    color=colour,
                    markeredgecolor=theme.tokens.surface,
                    linestyle="none",
                    zorder=3,
                )
                axes.text(
                    -0.02,
                    row,
                    one.mode,
                    transform=axes.get_yaxis_transform(),
                    va="center",
                    ha="right",
                    color=theme.tokens.text,
                )
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
        return figure


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
    with _drawing():
        figure, axes = _rows_figure(len(spans), theme, right=0.70)
        for row, (one, first, latest) in enumerate(spans):
            colour = theme.colour(one.id)
            axes.plot([first, latest], [row, row], color=colour, linewidth=4, zorder=2)
            axes.plot(
                [latest],
                [row],
                marker=theme.marker(one.id),
                markersize=_size(theme, one.id, 8),
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
        _framework_labels(
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


def duration(seconds: float) -> str:
    """A time with three digits, in the unit that a person would take."""
    units = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))
    unit, size = next((pair for pair in units if seconds >= pair[1]), units[-1])
    value = seconds / size
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f} {unit}"


def to_svg(figure: "Figure") -> str:
    """A stand-alone SVG, the same bytes each time; text is text, and nothing in it is fetched."""
    with _drawing():
        buffer = io.BytesIO()
        metadata: dict[str, Any] = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(buffer, format="svg", metadata=metadata)
    return _tidy_svg(buffer.getvalue())


def to_png(figure: "Figure", scale: float = 1.0) -> bytes:
    """Pixels at `scale` times 96 per inch, with a transparent ground."""
    with _drawing():
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=96 * scale, metadata={"Software": None})
    return buffer.getvalue()


@contextmanager
def _drawing() -> Iterator[None]:
    import matplotlib

    with _drawing_lock, matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
        # Only widths are taken from our font; whoever shows the text has its own glyphs.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def _pair(recommendation: Recommendation, against: str | None) -> tuple[Ranked, Ranked | None]:
    ranking = recommendation.ranking
    if not ranking:
        raise ValueError("nothing is ranked: there are no contributions to draw")
    if against is None:
        return ranking[0], ranking[1] if len(ranking) > 1 else None
    for one in ranking[1:]:
        if one.framework == against:
            return ranking[0], one
    raise ValueError(f"{against} is not ranked below the leader")


def _rows_figure(
    count: int, theme: Theme, left: float = 0.21, right: float = 0.91
) -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure as Figure

    height = max(count, 1) * ROW_INCHES + 0.6
    figure = Figure(figsize=(WIDTH_INCHES, height), facecolor="none")
    axes = figure.add_axes((left, 0.52 / height, right - left, 1 - 0.6 / height))
    _plain(axes, theme)
    axes.set_ylim(max(count, 1) - 0.5, -0.5)
    return figure, axes


def _under(axes: "Axes", x: float, side: str, text: str, theme: Theme) -> None:
    """A note below the axis, at one of its ends."""
    axes.annotate(
        text,
        (x, 0),
        xycoords="axes fraction",
        xytext=(0, -20),
        textcoords="offset points",
        ha=side,
        va="top",
        color=theme.tokens.muted,
        fontsize=NOTE_POINTS,
    )


def _plain(axes: "Axes", theme: Theme) -> None:
    tokens = theme.tokens
    axes.set_facecolor("none")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(tokens.strong_line)
    axes.tick_params(axis="x", colors=tokens.muted, labelsize=NOTE_POINTS, length=3)
    axes.tick_params(axis="y", left=False, labelleft=False)
    axes.xaxis.label.set_color(tokens.muted)
    axes.xaxis.label.set_fontsize(NOTE_POINTS)
    axes.grid(axis="x", color=tokens.line, linewidth=0.8)
    axes.set_axisbelow(True)


def _bar(
    axes: "Axes", row: int, value: float, framework: str, theme: Theme, marked: bool = True
) -> None:
    colour = theme.colour(framework)
    axes.barh(row, value, height=0.3, color=colour, zorder=2)
    if marked:
        axes.plot(
            [value],
            [row],
            marker=theme.marker(framework),
            markersize=_size(theme, framework, 8),
            color=colour,
            markeredgecolor=theme.tokens.surface,
            linestyle="none",
            clip_on=False,
            zorder=5,
        )


def _size(theme: Theme, framework: str, size: float) -> float:
    """Stars, crosses and pluses fill less of their box than the others: larger, they match."""
    return size * {"*": 1.6, "P": 1.2, "X": 1.2}.get(theme.marker(framework), 1.0)


def _whisker(axes: "Axes", row: int, low: float, high: float, theme: Theme) -> None:
    axes.errorbar(
        [(low + high) / 2],
        [row],
        xerr=[[(high - low) / 2], [(high - low) / 2]],
        fmt="none",
        color=theme.tokens.text,
        ecolor=theme.tokens.text,
        elinewidth=1.2,
        capsize=3.5,
        zorder=4,
        clip_on=False,
    )


def _framework_labels(axes: "Axes", frameworks: Sequence[str], theme: Theme, names: Names) -> None:
    for row, framework in enumerate(frameworks):
        axes.text(
            -0.03,
            row,
            names.get(framework, framework),
            transform=axes.get_yaxis_transform(),
            va="center",
            ha="right",
            color=theme.tokens.text,
        )


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


def signed(points: float) -> str:
    """`+0.125`, with a true minus sign for what is lost."""
    return f"{points:+.3f}".replace("-", "−")


def percent(share: float) -> str:
    """A share as whole percent; what is not all and not nothing never looks like it."""
    rounded = round(share * 100)
    if rounded >= 100 and share < 1:
        return "over 99 %"
    if rounded <= 0 and share > 0:
        return "under 1 %"
    return f"{rounded} %"


_SVG = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"#([A-Za-z0-9_.-]+)")


def _tidy_svg(data: bytes) -> str:
    """Drop what nobody needs: metadata, unused ids, the page-wide style, the font's family list."""
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(data)
    elements = list(root.iter())
    used = {
        name
        for element in elements
        for key, value in element.attrib.items()
        if key in (_XLINK, "clip-path", "style")
        for name in _REFERENCE.findall(value)
    }
    _drop(root, lambda element: element.tag in (f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"))
    for element in root.iter():
        if element.attrib.get("id") not in used:
            element.attrib.pop("id", None)
        if _XLINK in element.attrib:
            element.attrib["href"] = element.attrib.pop(_XLINK)
        if "style" in element.attrib:
            element.attrib["style"] = re.sub(
                r"font-family: [^;]*", "font-family: sans-serif", element.attrib["style"]
            )
        if "d" in element.attrib:
            element.attrib["d"] = " ".join(element.attrib["d"].split())
        if "transform" in element.attrib and element.attrib["transform"].startswith("rotate(-0 "):
            del element.attrib["transform"]
        if element.tag != f"{{{_SVG}}}text":
            element.text = None
        element.tail = None
    root.attrib["stroke-linejoin"] = "round"
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=False)


def _drop(root: ElementTree.Element, unwanted: Callable[[ElementTree.Element], bool]) -> None:
    for parent in root.iter():
        for child in list(parent):
            if unwanted(child):
                parent.remove(child)
