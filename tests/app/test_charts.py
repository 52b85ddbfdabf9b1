"""The still charts: what they draw is what the data say, legibly and the same every time."""

import hashlib
import re
from xml.etree import ElementTree

import pytest

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
    KnowledgeUsed,
    Made,
    Ranked,
    Recommendation,
    Screen,
)
from rules.recommendation import Verdict as Decided

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


def every_figure(theme: Theme):
    times = machine(measured("pytorch/eager", 0.002), measured("jax/jit", 0.001))
    return [
        charts.ranking_figure(TWO, theme, NAMES),
        charts.shares_figure(TWO, theme, NAMES),
        charts.contributions_figure(TWO, theme, NAMES),
        charts.measurements_figure(times, theme, NAMES),
    ]


def words(svg: str) -> list[str]:
    return [
        element.text or ""
        for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    ]


def test_each_chart_is_the_same_bytes_every_time_in_each_theme(theme):
    for first, second in zip(every_figure(theme), every_figure(theme), strict=True):
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


def test_only_the_theme_gives_colours(theme):
    allowed = {getattr(theme.tokens, role) for role in vars(theme.tokens)} | {
        theme.colour(framework) for framework in theme.frameworks
    }
    for figure in every_figure(theme):
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
