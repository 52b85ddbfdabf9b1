"""The still charts: what they draw is what the data say, legibly and the same every time."""

import hashlib
import itertools
import re
from xml.etree import ElementTree

import msgspec
import numpy
import pytest
from matplotlib.text import Text

from app import charts
from app.report.document import FrameworkShown
from app.theme import Theme, load_theme
from probes.results import (
    Cpu,
    EqualWork,
    Hardware,
    Machine,
    Measurement,
    Verdict,
)
from rules.model import Answers
from rules.recommendation import (
    SCHEMA,
    Contribution,
    Flip,
    KnowledgeUsed,
    Made,
    Ranked,
    Recommendation,
    Screen,
    WhyNot,
)
from rules.recommendation import Verdict as Decided


def lived(identifier: str, lifecycle: str, first: str, latest: str) -> FrameworkShown:
    return FrameworkShown(
        id=identifier,
        name=identifier.capitalize(),
        lifecycle=lifecycle,
        first_release=first,
        latest_release=latest,
        best_at="",
        worst_at="",
    )


LIVED = (
    lived("pytorch", "active", "2016", "2.15.0 (2026-10)"),
    lived("caffe", "retired", "2013", "1.0 (2017-04); Caffe2 0.5.0a0 (2018-07)"),
    lived("oneflow", "stalled", "2020", "0.9.0 on one index (2023-01), 1.0.0 (2024-03)"),
)
NAMES = {"pytorch": "PyTorch", "jax": "JAX", "ease": "Ease <of> $learning$", "speed": "Speed"}
PNG = b"\x89PNG\r\n\x1a\n"


def ranked(framework: str, rank: int, **values: float) -> Ranked:
    contributions = tuple(
        Contribution(
            criterion=criterion,
            group="people",
            weight=0.5,
            value=value,
            low=value,
            high=value,
            points=0.5 * value,
            grade="official",
            facts=(),
            sentence="So it is.",
        )
        for criterion, value in values.items()
    )
    score = sum(one.points for one in contributions)
    return Ranked(
        framework=framework,
        rank=rank,
        score=score,
        low=score - 0.1,
        high=score + 0.05,
        top_share=0.9 if rank == 1 else 0.3,
        first_rank_share=0.7 if rank == 1 else 0.3,
        contributions=contributions,
        warnings=(),
    )


def recommendation(*ranking: Ranked) -> Recommendation:
    return Recommendation(
        schema=SCHEMA,
        made=Made(today="2026-11-21", seed=1, draws=1000, versions={}),
        verdict=Decided(
            framework=ranking[0].framework if ranking else None,
            kind="clear" if ranking else "none",
            top_share=0.9 if ranking else None,
            reason="",
        ),
        screen=Screen(exit=None, reason=None, facts=()),
        ranking=ranking,
        ruled_out=(),
        conflicts=(),
        why=(),
        why_not=(),
        stack=None,
        plan=None,
        flips=(),
        open_questions={},
        answers=Answers(),
        knowledge=KnowledgeUsed(version="1", hash="0", overridden=(), stale=()),
        machine=None,
    )


TWO = recommendation(
    ranked("pytorch", 1, ease=0.5, speed=1.0), ranked("jax", 2, ease=0.75, speed=0.5)
)


def measured(mode: str, seconds: float | None, workload: str = "mlp_train", **more) -> Measurement:
    return Measurement(
        framework=mode.split("/")[0],
        mode=mode,
        workload=workload,
        workload_version="1",
        purpose=more.get("purpose", "training"),
        device="cpu",
        python="python",
        track=more.get("track", "strict_fp32"),
        median_seconds=seconds,
        ci95=(seconds * 0.95, seconds * 1.05) if seconds else None,
        equal_work=EqualWork(passed=True, max_rel_err=1e-6, tolerance=1e-4),
        verdict=Verdict(status=more.get("status", "valid")),
    )


def machine(*measurements: Measurement) -> Machine:
    return Machine(
        run_id="1",
        started_utc="2026-11-21T09:00:00Z",
        finished_utc="2026-11-21T09:01:00Z",
        seconds=60.0,
        tier="quick",
        program_version="0.1.0",
        fingerprint="0" * 64,
        hardware=Hardware(
            cpu=Cpu(
                model="A processor",
                microarchitecture=None,
                flags=(),
                physical_cores=None,
                logical_cores=2,
                usable_cores=2.0,
                quota_cores=None,
            ),
            memory_bytes=2**34,
            available_memory_bytes=2**33,
            accelerators=(),
            accelerator_notes=(),
            os="linux",
            os_version="6.1",
            virtualised=None,
            on_battery=None,
            governor=None,
        ),
        environments=(),
        frameworks=(),
        measurements=measurements,
    )


@pytest.fixture(params=["light", "dark"])
def theme(request) -> Theme:
    return load_theme(request.param)


FLIPPING = msgspec.structs.replace(
    TWO,
    flips=(
        Flip(criterion="speed", challenger="jax", weight=0.5, flips_at=0.2, sentence=""),
        Flip(criterion="ease", challenger="jax", weight=0.5, flips_at=0.4, sentence=""),
        Flip(criterion="speed", challenger="jax", weight=0.5, flips_at=0.55, sentence=""),
    ),
    why_not=(
        WhyNot(
            framework="jax",
            gap=0.125,
            against=("speed",),
            in_favour=("ease",),
            sentence="",
            draws_level_by=("speed",),
            draws_level_at=0.75,
        ),
    ),
)


def every_figure(theme: Theme, times: Machine):
    return [
        charts.ranking_figure(TWO, theme, NAMES),
        charts.shares_figure(TWO, theme, NAMES),
        charts.contributions_figure(TWO, theme, NAMES),
        charts.flips_figure(FLIPPING, theme, NAMES),
        charts.lifecycle_figure(LIVED, "2026-11-21", theme),
        charts.measurements_figure(times, theme, NAMES, "mlp_train on cpu"),
        charts.roofline_figure(times, theme, NAMES),
        charts.memory_figure(times, theme, NAMES),
        charts.break_even_figure(times, theme, NAMES, "mlp_train on cpu"),
    ]


def words(svg: str) -> list[str]:
    return [
        element.text or ""
        for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    ]


def test_each_chart_is_the_same_bytes_every_time_in_each_theme(theme, grown):
    both = every_figure(theme, grown()), every_figure(theme, grown())
    for first, second in zip(*both, strict=True):
        one, other = charts.to_svg(first), charts.to_svg(second)
        assert one == other
        assert len(one) < 60_000
        pixels = [hashlib.sha256(charts.to_png(each)).digest() for each in (first, second)]
        assert pixels[0] == pixels[1]
        assert charts.to_png(first).startswith(PNG)


def test_text_is_text_and_hostile_names_are_only_that(theme):
    figure = charts.contributions_figure(TWO, theme, NAMES)
    svg = charts.to_svg(figure)
    assert "Ease <of> $learning$" in words(svg)
    assert "Ease &lt;of&gt; $learning$" in svg


def test_only_the_theme_gives_colours(theme, grown):
    allowed = {getattr(theme.tokens, role) for role in vars(theme.tokens)} | {
        theme.colour(framework) for framework in theme.frameworks
    }
    for figure in every_figure(theme, grown()):
        assert set(re.findall(r"#[0-9a-f]{6}\b", charts.to_svg(figure))) <= allowed


def test_bars_start_at_zero_and_whiskers_reach_the_percentiles():
    axes = charts.ranking_figure(TWO, load_theme("light"), NAMES).axes[0]
    assert axes.get_xlim() == (0, 1)
    assert [bar.get_x() for bar in axes.patches] == [0, 0]
    assert [bar.get_width() for bar in axes.patches] == [0.75, 0.625]
    ends = [segment for bars in axes.collections for segment in bars.get_segments()]
    assert [[round(x, 6) for x, _ in segment] for segment in ends] == [[0.65, 0.8], [0.525, 0.675]]


def test_contributions_are_weight_times_difference_largest_first():
    axes = charts.contributions_figure(TWO, load_theme("light"), NAMES).axes[0]
    assert [round(bar.get_width(), 6) for bar in axes.patches] == [0.25, -0.125]
    shown = [text.get_text() for text in axes.texts]
    assert "+0.250" in shown
    assert "−0.125" in shown


def test_one_framework_left_shows_its_own_points():
    alone = recommendation(TWO.ranking[0])
    axes = charts.contributions_figure(alone, load_theme("light"), NAMES).axes[0]
    assert [bar.get_width() for bar in axes.patches] == [0.5, 0.25]
    assert axes.get_xlabel() == "Points of PyTorch"


def test_contributions_of_nobody_or_against_a_stranger_are_refused():
    with pytest.raises(ValueError, match="nothing is ranked"):
        charts.contributions_figure(recommendation(), load_theme("light"), NAMES)
    with pytest.raises(ValueError, match="mxnet is not ranked"):
        charts.contributions_figure(TWO, load_theme("light"), NAMES, against="mxnet")


def test_only_valid_strict_times_of_work_are_compared_fastest_first():
    found = charts.comparable(
        machine(
            measured("pytorch/eager", 0.002),
            measured("jax/jit", 0.001),
            measured("keras/jax", 0.0005, status="unstable"),
            measured("tensorflow/graph", 0.0001, track="native_default"),
            measured("numpy/blas", 0.00001, purpose="limit"),
            measured("jax/jit", 0.1, workload="alone"),
            measured("tensorflow/eager", None, status="skipped"),
        )
    )
    assert [[one.mode for one in panel] for panel in found] == [["jax/jit", "pytorch/eager"]]


def test_the_axis_of_times_says_that_it_is_logarithmic_and_ratios_are_to_the_best():
    times = machine(measured("pytorch/eager", 0.003), measured("jax/jit", 0.001))
    figure = charts.measurements_figure(times, load_theme("light"), NAMES)
    assert figure is not None
    axes = figure.axes[0]
    assert axes.get_xscale() == "log"
    assert "logarithmic" in axes.get_xlabel()
    middles = [line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 1]
    assert middles == pytest.approx([1.0, 3.0])


def test_without_two_times_to_compare_there_is_no_chart():
    alone = machine(measured("jax/jit", 0.001))
    assert charts.measurements_figure(alone, load_theme("light"), NAMES) is None


def test_the_timeline_runs_from_first_to_latest_release_oldest_first():
    figure = charts.lifecycle_figure(
        [
            lived("pytorch", "active", "2016", "2.15.0 (2026-10)"),
            lived("theano", "retired", "2007-01", "1.0.5 (2020-07)"),
            lived("unreadable", "active", "long ago", "0.9"),
        ],
        "2026-11-21",
        load_theme("light"),
    )
    assert figure is not None
    axes = figure.axes[0]
    spans = [list(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) == 2]
    assert spans == [[2007.0, 2020.5], [2016.0, 2026.75]]
    assert "retired · 1.0.5 (2020-07)" in [text.get_text() for text in axes.texts]


def test_without_a_month_to_read_there_is_no_timeline():
    nobody = [lived("unreadable", "active", "long ago", "0.9")]
    assert charts.lifecycle_figure(nobody, "2026-11-21", load_theme("light")) is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (62.0, "62.0 s"),
        (1.0, "1.00 s"),
        (0.123456, "123 ms"),
        (0.00123, "1.23 ms"),
        (0.0000456, "45.6 µs"),
        (3e-9, "3.00 ns"),
    ],
)
def test_a_time_has_three_digits_and_a_unit(seconds, said):
    assert charts.duration(seconds) == said


def overlaps(figure) -> list[str]:
    """Texts that cover each other or leave the figure."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    # Labels of ticks outside the axis are there and never drawn.
    hidden = {
        id(label)
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        if not axis.get_view_interval()[0] <= tick.get_loc() <= axis.get_view_interval()[1]
        for label in (tick.label1, tick.label2)
    }
    drawn = [
        (text.get_text(), text.get_window_extent(renderer))
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and id(text) not in hidden
    ]
    page = figure.bbox
    faults = [
        f"{text!r} leaves the figure"
        for text, box in drawn
        if box.x0 < page.x0 or box.x1 > page.x1 or box.y0 < page.y0 or box.y1 > page.y1
    ]
    for index, (text, box) in enumerate(drawn):
        for other, its in drawn[index + 1 :]:
            # Lines of one label may touch; a pixel is no overlap.
            across = min(box.x1, its.x1) - max(box.x0, its.x0)
            down = min(box.y1, its.y1) - max(box.y0, its.y0)
            if across > 1 and down > 2:
                faults.append(f"{text!r} covers {other!r}")
    return faults


@pytest.mark.parametrize("share", [0.0, 0.004, 0.33, 0.996, 1.0])
def test_shares_of_every_size_have_room_for_their_words(theme, share):
    leader = msgspec.structs.replace(TWO.ranking[0], top_share=share, first_rank_share=share)
    decided = msgspec.structs.replace(TWO, ranking=(leader, *TWO.ranking[1:]))
    assert overlaps(charts.shares_figure(decided, theme, NAMES)) == []


TWO_MODES = ("pytorch/eager", "pytorch/compiled", "jax/jit")


@pytest.mark.parametrize("case", ["eight frameworks", "two", "one", "recorded"])
def test_no_text_covers_another_or_is_cut_off(case, grown, recorded):
    times = {
        "eight frameworks": grown,
        "two": lambda: grown(TWO_MODES, ("mlp_train", "cnn_train")),
        "one": lambda: grown(("pytorch/eager",), ("mlp_train",)),
        "recorded": lambda: recorded,
    }[case]()
    for figure in every_figure(load_theme("light"), times):
        if figure is not None:
            assert overlaps(figure) == []


def test_every_figure_fits_a_page_however_much_was_measured(grown):
    many = grown(workloads=[f"workload_{number}" for number in range(14)])
    theme = load_theme("light")
    for figure in (
        charts.roofline_figure(many, theme, NAMES),
        charts.memory_figure(many, theme, NAMES),
        charts.break_even_figure(many, theme, NAMES, "workload_3 on cpu"),
        charts.measurements_figure(many, theme, NAMES, "workload_3 on cpu"),
    ):
        width, height = figure.get_size_inches()
        # A page of A4 less its margins, a heading and the caption.
        assert height / width < 1.45


def test_where_nothing_is_valid_there_are_no_times_to_draw_but_memory_there_is(grown):
    times, theme = grown(status="unstable"), load_theme("light")
    assert charts.roofline_figure(times, theme, NAMES) is None
    assert charts.break_even_figure(times, theme, NAMES) is None
    assert charts.measurements_figure(times, theme, NAMES) is None
    assert charts.memory_figure(times, theme, NAMES) is not None
    assert charts.memory_figure(grown(status="invalid"), theme, NAMES) is not None


def test_a_file_without_memory_has_no_chart_of_it(recorded):
    assert charts.memory_figure(recorded, load_theme("light"), NAMES) is None


def marked(axes) -> list[tuple[float, float]]:
    """Where the marks of frameworks stand; those of ticks are numbered markers."""
    return [
        place
        for line in axes.lines
        if line.get_marker() != "None" and not isinstance(line.get_marker(), int)
        for place in zip(line.get_xdata(), line.get_ydata(), strict=True)
    ]


def is_curve(line) -> bool:
    """And neither a straight line nor a grid, which has gaps."""
    return len(line.get_xdata()) > 2 and not numpy.isnan(line.get_xdata()).any()


def test_the_roof_has_its_corner_where_both_limits_meet(grown):
    figure = charts.roofline_figure(grown(), load_theme("light"), NAMES)
    roof = figure.axes[0].lines[0]
    corner = 2.1e11 / 2.5e10
    heights = dict(zip(roof.get_xdata(), roof.get_ydata(), strict=True))
    assert heights[corner] == pytest.approx(2.1e11)
    low, *_ = heights
    assert heights[low] == pytest.approx(2.5e10 * low)
    assert [figure.axes[0].get_xscale(), figure.axes[0].get_yscale()] == ["log", "log"]
    assert len(marked(figure.axes[0])) == 14 * 5
    shown = [text.get_text() for text in figure.axes[0].texts]
    assert {"computing: 210 GFLOP/s", "memory: 25.0 GB/s"} <= set(shown)


def test_an_efficiency_stands_at_its_share_of_the_roof():
    one = measured("pytorch/eager", 0.01)
    one = msgspec.structs.replace(one, flops=1e9, bytes_moved=1e6)
    times = msgspec.structs.replace(machine(one), peak_flops_per_second=2e11)
    figure = charts.roofline_figure(times, load_theme("light"), NAMES)
    assert [x for x, _ in marked(figure.axes[1])] == [0.5]
    assert "best 50 %" in [text.get_text() for text in figure.axes[1].texts]
    assert "memory: not measured" in [text.get_text() for text in figure.axes[0].texts]


def test_memory_is_drawn_from_zero_with_the_import_apart():
    held = msgspec.structs.replace(
        measured("pytorch/eager", 0.01),
        imported_resident_bytes=200 * 2**20,
        peak_resident_bytes=500 * 2**20,
        peak_resident_scope="item",
    )
    less = msgspec.structs.replace(held, workload="cnn_train", peak_resident_bytes=300 * 2**20)
    axes = charts.memory_figure(machine(held, less), load_theme("light"), NAMES).axes[0]
    assert axes.get_xlim()[0] == 0
    bars = [(bar.get_x() / 2**20, bar.get_width() / 2**20) for bar in axes.patches]
    assert bars == [(0, 200), (200, 300)]
    assert [bar.get_facecolor()[3] for bar in axes.patches] == [0, 1]
    assert "500 MiB, MLP training" in [text.get_text() for text in axes.texts]


def both_modes(first: float, compiled: float) -> Machine:
    eager = msgspec.structs.replace(measured("pytorch/eager", 0.02), first_call_seconds=0.02)
    quick = msgspec.structs.replace(
        measured("pytorch/compiled", compiled), first_call_seconds=first
    )
    return machine(eager, quick)


def test_the_crossing_stands_where_both_have_taken_as_long():
    figure = charts.break_even_figure(both_modes(20.02, 0.01), load_theme("light"), NAMES)
    (axes,) = figure.axes
    assert axes.get_xscale() == "log"
    assert axes.get_title(loc="left") == "pytorch/compiled, mlp_train: 2,000 steps"
    crossing = next(line for line in axes.lines if list(line.get_xdata()) == [2001, 2001])
    assert crossing.get_linestyle() == "-"
    curves = [line for line in axes.lines if line.get_marker() == "None" and is_curve(line)]
    assert [line.get_linestyle() for line in curves] == ["--", "-"]
    taken = [numpy.interp(2001, line.get_xdata(), line.get_ydata()) for line in curves]
    assert taken[0] == pytest.approx(taken[1], rel=0.01)


@pytest.mark.parametrize(
    ("first", "compiled", "said", "reach"),
    [
        (20.02, 0.01, "2,000 steps", "1,740 to 2,350"),
        (0.01, 0.01, "the first step", "1 to 1"),
        (20.0, 0.03, "never here", "—"),
        (20.02, 0.0196, "not settled", "8,400 or more"),
    ],
)
def test_a_break_even_is_said_with_its_interval(first, compiled, said, reach):
    from probes.break_even import break_evens

    (one,) = break_evens(both_modes(first, compiled))
    assert (charts.said_steps(one), charts.said_range(one)) == (said, reach)


def test_flip_points_run_from_todays_weight_to_where_another_draws_level():
    figure = charts.flips_figure(FLIPPING, load_theme("light"), NAMES)
    weights, values = figure.axes
    moves = [
        [float(x) for x in line.get_xdata()]
        for line in weights.lines
        if len(line.get_xdata()) == 2 and line.get_ydata()[0] == line.get_ydata()[1]
    ]
    assert moves == [[0.5, 0.4], [0.5, 0.2]], "beyond half is no change that anybody makes"
    assert "50 % → 20 %: JAX" in [text.get_text() for text in weights.texts]
    assert "0.50 → 0.75: JAX" in [text.get_text() for text in values.texts]
    assert charts.flips_figure(TWO, load_theme("light"), NAMES) is None


def test_a_long_release_is_told_by_its_month():
    figure = charts.lifecycle_figure(LIVED, "2026-11-21", load_theme("light"))
    shown = [text.get_text() for text in figure.axes[0].texts]
    assert {"retired · 2018-07", "stalled · 2024-03", "active · 2.15.0 (2026-10)"} <= set(shown)


# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
VISIONS = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "greys, as a printer gives": [[0.2126, 0.7152, 0.0722]] * 3,
}
INDISTINCT = 20.0
"""Distance in CIE Lab under which two small marks are easily taken for each other."""


def lab(colour: str, vision) -> numpy.ndarray:
    code = numpy.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = numpy.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    seen = numpy.clip(numpy.array(vision) @ linear, 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = (numpy.array(to_xyz) @ seen) / [0.9505, 1.0, 1.089]
    f = numpy.where(xyz > 0.008856, numpy.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return numpy.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", VISIONS)
def test_frameworks_whose_colours_look_alike_have_markers_of_their_own(theme, vision):
    ids = [one for one in theme.frameworks if one not in ("classical", "runtime")]
    alike = [
        (one, other)
        for one, other in itertools.combinations(ids, 2)
        if numpy.linalg.norm(
            lab(theme.colour(one), VISIONS[vision]) - lab(theme.colour(other), VISIONS[vision])
        )
        < INDISTINCT
    ]
    assert alike  # colour alone would not do
    for one, other in alike:
        assert theme.marker(one) != theme.marker(other)


def test_no_two_modes_have_the_same_mark(grown):
    figure = charts.roofline_figure(grown(), load_theme("light"), NAMES)
    key = figure.axes[2]
    marks = [
        (line.get_marker(), line.get_fillstyle(), line.get_markerfacecolor()) for line in key.lines
    ]
    assert len(set(marks)) == len(marks) == 14
