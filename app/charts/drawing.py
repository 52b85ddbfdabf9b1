"""What all charts share: sizes, plain axes, bars, marks, labels, and bytes that never change.

Alone in importing matplotlib, and lazily, with its siblings. Colours come from a theme; nothing
here knows a window or a report.
"""

import functools
import io
import math
import re
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from app.theme import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure as Figure

WIDTH_INCHES = 7.5
ROW_INCHES = 0.36
NOTE_POINTS = 8.5
BODY_POINTS = 9.5
TITLE_INCHES = 0.3
AXIS_INCHES = 0.42
TICK_POINTS = 3.0
TICK_PAD_POINTS = 3.5
# matplotlib's own numbers for these markers.
TICK_LEFT, TICK_DOWN = 0, 3

SETTINGS: Any = {
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


@contextmanager
def drawing() -> Iterator[None]:
    import matplotlib

    with _drawing_lock, matplotlib.rc_context(SETTINGS), warnings.catch_warnings():
        # Only widths are taken from our font; whoever shows the text has its own glyphs.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def to_svg(figure: "Figure") -> str:
    """A stand-alone SVG, the same bytes each time; text is text, and nothing in it is fetched."""
    with drawing():
        buffer = io.BytesIO()
        metadata: dict[str, Any] = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(buffer, format="svg", metadata=metadata)
    return tidy_svg(buffer.getvalue())


def to_png(figure: "Figure", scale: float = 1.0) -> bytes:
    """Pixels at `scale` times 96 per inch, with a transparent ground."""
    with drawing():
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=96 * scale, metadata={"Software": None})
    return buffer.getvalue()


def rows_figure(
    count: int, theme: Theme, left: float = 0.21, right: float = 0.91
) -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure as Figure

    height = max(count, 1) * ROW_INCHES + 0.6
    figure = Figure(figsize=(WIDTH_INCHES, height), facecolor="none")
    axes = figure.add_axes((left, 0.52 / height, right - left, 1 - 0.6 / height))
    plain(axes, theme)
    axes.set_ylim(max(count, 1) - 0.5, -0.5)
    return figure, axes


def panels_figure(
    heights: Sequence[float], left: float, right: float
) -> "tuple[Figure, list[Axes]]":
    """A figure of panels below each other, in inches: above each its title, below it its axis."""
    from matplotlib.figure import Figure as Figure

    height = sum(heights) + len(heights) * (TITLE_INCHES + AXIS_INCHES) + 0.12
    figure = Figure(figsize=(WIDTH_INCHES, height), facecolor="none")
    above, panels = height, []
    for panel_height in heights:
        above -= TITLE_INCHES + panel_height
        box = (left, above / height, right - left, panel_height / height)
        panels.append(figure.add_axes(box))
        above -= AXIS_INCHES
    return figure, panels


def title(axes: "Axes", text: str, theme: Theme) -> None:
    # With its height given, the extents of all tick labels need not be found: a third of an axis.
    axes.set_title(
        text, loc="left", y=1.0, fontsize=BODY_POINTS, fontweight="bold", color=theme.tokens.text
    )


def under(axes: "Axes", x: float, side: str, text: str, theme: Theme, points: float = 20) -> None:
    """A note below the axis, at one of its ends or in its middle."""
    axes.annotate(
        text,
        (x, 0),
        xycoords="axes fraction",
        xytext=(0, -points),
        textcoords="offset points",
        ha=side,
        va="top",
        color=theme.tokens.muted,
        fontsize=NOTE_POINTS,
    )


def plain(axes: "Axes", theme: Theme, *, y_axis: bool = False) -> None:
    """Only what is read: an axis below with its grid, one at the left where it has figures.

    Limits, scales and ticks are set as ever; `settled` draws them.
    """
    tokens = theme.tokens
    axes.yaxis.set_visible(y_axis)
    axes.set_facecolor("none")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(tokens.strong_line)


def ticks(axis: "Axis", at: Sequence[float], words: Sequence[str]) -> None:
    """Where they stand and what each says."""
    from matplotlib.ticker import FixedFormatter, FixedLocator

    axis.set_major_locator(FixedLocator(at))
    axis.set_major_formatter(FixedFormatter(words))


def settled(figure: "Figure", theme: Theme) -> "Figure":
    """The figure with the axes that `plain` has made drawn as a few artists.

    A tick of matplotlib's is five artists, made, measured and placed one by one: half the time of
    a chart. Here all grid lines are one, all tick marks are one, and labels stand at fixed places.
    """
    for axes in figure.axes:
        if not axes.axison:
            continue
        _settle_below(axes, theme)
        if axes.yaxis.get_visible():
            _settle_left(axes, theme)
    return figure


def _settle_below(axes: "Axes", theme: Theme) -> None:
    tokens = theme.tokens
    shown = _shown_ticks(axes.xaxis)
    across = axes.get_xaxis_transform()
    grid = ((at, 0.0, at, 1.0) for at, _ in shown)
    strokes(axes, grid, transform=across, color=tokens.line, linewidth=0.8, zorder=0.5)
    line(
        axes, [at for at, _ in shown], [0.0] * len(shown), transform=across, color=tokens.muted,
        marker=TICK_DOWN, markersize=TICK_POINTS, markeredgewidth=0.8, linestyle="none",
        clip_on=False, zorder=0.5,
    )  # fmt: skip
    place, down, side = axes.get_xaxis_text1_transform(TICK_POINTS + TICK_PAD_POINTS)
    for at, words in shown:
        axes.text(
            at, 0, words, transform=place, va=down, ha=side, color=tokens.muted,
            fontsize=NOTE_POINTS,
        )  # fmt: skip
    if axes.get_xlabel():
        under(axes, 0.5, "center", axes.get_xlabel(), theme, points=19)
    axes.xaxis.set_visible(False)
    axes.xaxis.label.set_visible(False)


def _settle_left(axes: "Axes", theme: Theme) -> None:
    tokens = theme.tokens
    shown = _shown_ticks(axes.yaxis)
    along = axes.get_yaxis_transform()
    grid = ((0.0, at, 1.0, at) for at, _ in shown)
    strokes(axes, grid, transform=along, color=tokens.line, linewidth=0.8, zorder=0.5)
    if axes.spines["left"].get_visible():
        line(
            axes, [0.0] * len(shown), [at for at, _ in shown], transform=along, color=tokens.muted,
            marker=TICK_LEFT, markersize=TICK_POINTS, markeredgewidth=0.8, linestyle="none",
            clip_on=False, zorder=0.5,
        )  # fmt: skip
    place, middle, side = axes.get_yaxis_text1_transform(TICK_POINTS + TICK_PAD_POINTS)
    for at, words in shown:
        axes.text(
            0, at, words, transform=place, va=middle, ha=side, color=tokens.muted,
            fontsize=axes.yaxis.label.get_fontsize(),
        )  # fmt: skip
    if axes.get_ylabel():
        axes.annotate(
            axes.get_ylabel(), (0, 0.5), xycoords="axes fraction", xytext=(-41, 0),
            textcoords="offset points", ha="center", va="bottom", rotation=90,
            rotation_mode="anchor", color=tokens.muted, fontsize=NOTE_POINTS,
        )  # fmt: skip
    axes.yaxis.set_visible(False)
    axes.yaxis.label.set_visible(False)


def _shown_ticks(axis: "Axis") -> list[tuple[float, str]]:
    """Those inside the limits, with their words."""
    low, high = sorted(axis.get_view_interval())
    # Rounding may put the last one past the end.
    near = (high - low) * 1e-6
    at = [float(one) for one in axis.get_majorticklocs()]
    words = axis.get_major_formatter().format_ticks(at)
    pairs = zip(at, words, strict=True)
    return [(one, word) for one, word in pairs if low - near <= one <= high + near]


def bar(
    axes: "Axes", row: int, value: float, framework: str, theme: Theme, marked: bool = True
) -> None:
    colour = theme.colour(framework)
    axes.barh(row, value, height=0.3, color=colour, zorder=2)
    if marked:
        line(
            axes,
            [value],
            [row],
            marker=shape_of(theme, framework),
            markersize=marker_size(theme, framework, 8),
            color=colour,
            markeredgecolor=theme.tokens.surface,
            linestyle="none",
            clip_on=False,
            zorder=5,
        )


def line(axes: "Axes", x: Sequence[float], y: Sequence[float], **style: Any) -> None:
    """As `axes.plot`, for axes whose limits are set: three times as fast for a few points."""
    from matplotlib.lines import Line2D

    axes.add_artist(Line2D(x, y, **style))


def strokes(axes: "Axes", ends: Iterable[tuple[float, float, float, float]], **style: Any) -> None:
    """Straight lines from x, y to x, y, alike, as one path with gaps."""
    x: list[float] = []
    y: list[float] = []
    for from_x, from_y, to_x, to_y in ends:
        x += [from_x, to_x, math.nan]
        y += [from_y, to_y, math.nan]
    line(axes, x, y, **style)


def mark(
    axes: "Axes",
    x: float,
    y: float,
    framework: str,
    theme: Theme,
    *,
    size: float = 7,
    fill: str = "full",
    **more: Any,
) -> None:
    """A framework's marker in its colour; modes of one framework differ by `fill`."""
    marks(axes, [x], [y], framework, theme, size=size, fill=fill, **more)


def marks(
    axes: "Axes",
    x: Sequence[float],
    y: Sequence[float],
    framework: str,
    theme: Theme,
    *,
    size: float = 7,
    fill: str = "full",
    **more: Any,
) -> None:
    """Several that are alike cost as much as one."""
    colour, surface = theme.colour(framework), theme.tokens.surface
    line(
        axes,
        x,
        y,
        marker=shape_of(theme, framework),
        # A full mark loses the width of its border to the ground.
        markersize=marker_size(theme, framework, size + 0.7 if fill == "full" else size),
        fillstyle="full" if fill == "none" else fill,
        markerfacecolor=surface if fill == "none" else colour,
        markerfacecoloralt=surface,
        markeredgecolor=surface if fill == "full" else colour,
        markeredgewidth=1.0 if fill == "full" else 1.3,
        linestyle="none",
        **{"zorder": 3, **more},
    )


FILLS = ("full", "none", "left", "bottom", "right", "top")


def fills_of(modes: Iterable[str]) -> dict[str, str]:
    """How the marker of each mode is filled: not by colour alone are modes told apart."""
    seen: dict[str, list[str]] = {}
    for mode in sorted(modes):
        seen.setdefault(mode.partition("/")[0], []).append(mode)
    return {
        mode: FILLS[number % len(FILLS)]
        for several in seen.values()
        for number, mode in enumerate(several)
    }


def shape_of(theme: Theme, framework: str) -> Any:
    """A framework's marker as matplotlib takes it: its letter, or the outline of one of ours."""
    marker = theme.marker(framework)
    return _outlines().get(marker, marker)


@functools.cache
def _outlines() -> dict[str, Any]:
    from matplotlib.path import Path
    from matplotlib.transforms import Affine2D

    return {
        "star": Path.unit_regular_star(4, 0.4),
        "half": Path.wedge(-90, 90).transformed(Affine2D().translate(-0.4, 0)),
        "bar": Path([(-1, -0.4), (1, -0.4), (1, 0.4), (-1, 0.4), (-1, -0.4)], closed=True),
    }


_SIZES = {"*": 1.6, "P": 1.2, "X": 1.2, "star": 1.6, "half": 1.1, "bar": 1.2}


def marker_size(theme: Theme, framework: str, size: float) -> float:
    """Stars, crosses and pluses fill less of their box than the others: larger, they match."""
    return size * _SIZES.get(theme.marker(framework), 1.0)


def whisker(axes: "Axes", row: int, low: float, high: float, theme: Theme) -> None:
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


def framework_labels(axes: "Axes", frameworks: Sequence[str], theme: Theme, names: Names) -> None:
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


def row_label(axes: "Axes", row: float, text: str, theme: Theme) -> None:
    """A name at the left of a row."""
    axes.text(
        -0.02,
        row,
        text,
        transform=axes.get_yaxis_transform(),
        va="center",
        ha="right",
        color=theme.tokens.text,
    )


def row_note(axes: "Axes", row: float, text: str, theme: Theme, at: float = 1.02) -> None:
    """A figure at the right of a row."""
    axes.text(
        at,
        row,
        text,
        transform=axes.get_yaxis_transform(),
        va="center",
        color=theme.tokens.text,
        fontsize=NOTE_POINTS,
    )


_SVG = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"#([A-Za-z0-9_.-]+)")


def tidy_svg(data: bytes) -> str:
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


def marks_key(
    figure: "Figure", fills: Mapping[str, str], bottom: float, height: float, theme: Theme
) -> None:
    """Which mark is which mode, in four columns; places are shares of the figure."""
    axes = figure.add_axes((0.06, bottom, 0.92, height))
    axes.set_axis_off()
    rows = math.ceil(len(fills) / 4)
    axes.set_xlim(0, 4)
    axes.set_ylim(rows - 0.5, -0.5)
    for number, (mode, fill) in enumerate(fills.items()):
        column, row = divmod(number, rows)
        mark(axes, column + 0.03, row, mode.partition("/")[0], theme, fill=fill, size=6)
        axes.text(
            column + 0.08, row, mode, va="center", color=theme.tokens.text, fontsize=NOTE_POINTS
        )
