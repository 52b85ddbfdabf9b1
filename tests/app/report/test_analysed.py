"""What follows from measurements: limits, memory and break-even in words and figures."""

import msgspec
import pytest

from app import charts
from app import report as reports
from app.report.document import Chart


@pytest.fixture
def sections(recommended, knowledge):
    """The sections of a report on a machine, by id."""

    def made(machine):
        return {one.id: one for one in reports.build(recommended(), knowledge, machine).sections}

    return made


def charts_of(section):
    return [block for block in section.blocks if isinstance(block, Chart)]


def cells(table):
    return [[cell.text for cell in row] for row in table.rows]


def test_shares_of_the_limits_stand_as_chart_words_and_table(sections, machine):
    (chart,) = charts_of(sections(machine)["roofline"])
    assert (chart.name, chart.subject) == ("roofline", "cpu")
    assert "computing is 800 GFLOP/s, that of memory 30.0 GB/s" in chart.alt
    assert "jax/jit reaches 57 % of the limit, keras/jax least with 24 %" in chart.alt
    assert cells(chart.table)[0] == [
        "MLP training", "jax/jit", "48.8", "456 GFLOP/s", "800 GFLOP/s", "57 %", "computing",
    ]  # fmt: skip
    assert len(chart.table.rows) == 8


def test_without_a_triad_the_limit_of_memory_is_said_to_be_missing(sections, recorded):
    (chart,) = charts_of(sections(recorded)["roofline"])
    assert "that of memory was not measured (the standard tier measures it)" in chart.alt


def test_memory_stands_with_what_the_import_took(sections, machine):
    (chart,) = charts_of(sections(machine)["memory"])
    assert chart.alt == (
        "jax/jit needs least, 340 MiB with MLP training; pytorch/compiled most, 900 MiB "
        "with MLP training."
    )
    assert cells(chart.table)[-1] == [
        "pytorch/compiled", "CNN training on cpu", "220 MiB", "900 MiB", "this work",
    ]  # fmt: skip


def test_a_peak_of_the_whole_process_is_called_that(sections, machine):
    one = msgspec.structs.replace(machine.measurements[0], peak_resident_scope="process")
    there = msgspec.structs.replace(machine, measurements=(one,))
    section = sections(there)["memory"]
    assert "so far" in section.blocks[0].line.text
    assert cells(charts_of(section)[0].table)[0][-1] == "so far"


def test_memory_of_an_accelerator_is_said_to_be_untried(sections, machine):
    one = msgspec.structs.replace(
        machine.measurements[0], device="nvidia_gpu", peak_device_bytes=3 * 2**30
    )
    there = msgspec.structs.replace(machine, measurements=(one,))
    (chart,) = charts_of(sections(there)["memory"])
    assert chart.table.columns[-1].title == "On the device (untried)"
    assert cells(chart.table)[0][-1] == "3.0 GiB"


def test_each_workload_says_when_compiling_pays(sections, machine):
    first, second = charts_of(sections(machine)["break-even"])
    assert [first.subject, second.subject] == ["mlp_train on cpu", "cnn_train on cpu"]
    assert first.alt == (
        "pytorch/compiled pays against pytorch/eager after 65,800 steps, range 56,400 to 79,000."
    )
    assert cells(first.table) == [
        [
            "pytorch/compiled", "pytorch/eager", "20.0 s", "250 ms", "1.10 ms", "1.40 ms",
            "65,800 steps", "56,400 to 79,000",
        ]
    ]  # fmt: skip


def test_a_compiled_mode_that_is_slower_never_pays(sections, machine):
    slow = [
        msgspec.structs.replace(one, median_seconds=0.01, ci95=(0.0099, 0.0101))
        if one.mode == "pytorch/compiled" and one.workload == "mlp_train"
        else one
        for one in machine.measurements
    ]
    there = msgspec.structs.replace(machine, measurements=tuple(slow))
    first, _ = charts_of(sections(there)["break-even"])
    assert first.alt.startswith("pytorch/compiled never pays here")
    assert cells(first.table)[0][-2:] == ["never here", "—"]


def test_what_nobody_measured_has_no_section(sections, recorded):
    nothing = msgspec.structs.replace(recorded, measurements=())
    assert not {"roofline", "memory", "break-even"} & set(sections(nothing))
    # Recorded before memory was, and with nothing valid on both sides of a compiled mode's panel.
    assert "memory" not in sections(recorded)


def test_each_measurement_tells_how_it_was_taken(sections, machine):
    tables = [
        block
        for block in sections(machine)["measurements"].blocks
        if getattr(block, "caption", "").startswith("How each was measured")
    ]
    titles = [column.title for column in tables[0].columns]
    first = dict(zip(titles, cells(tables[0])[0], strict=True))
    assert first == {
        "Mode and workload": "keras/jax · MLP training",
        "Version": "3.15.1",
        "Device": "cpu",
        "Threads": "2",
        "Track": "strict_fp32",
        "n": "3",
        "Median": "2.10 ms",
        "95 % interval": "2.06 ms – 2.14 ms",
        "Share of the limit": "24 % of computing",
        "Rounds flagged": "0 of 1",
        "Error to reference": "3.2e-06",
        "Verdict": "valid",
    }


def test_many_modes_and_workloads_have_a_chart_each_that_fits(sections, grown):
    made = sections(grown())
    assert len(charts_of(made["measurements"])) == 5
    assert [len(one.table.rows) for one in charts_of(made["measurements"])] == [14] * 5
    assert [len(one.table.rows) for one in charts_of(made["break-even"])] == [4] * 5
    assert len(charts_of(made["roofline"])[0].table.rows) == 70


def test_the_flip_points_are_drawn_with_their_table(sections, machine):
    (chart,) = charts_of(sections(machine)["flips"])
    assert chart.alt == (
        "The nearest is Fit to the domain: at 48 % instead of 30 %, PyTorch draws level. "
        "The table gives 1 such weight."
    )
    assert cells(chart.table) == [["Fit to the domain", "30 %", "48 %", "PyTorch"]]


def test_a_chart_is_drawn_once_for_all_formats_and_anew_for_another_report(
    recommended, knowledge, machine, monkeypatch
):
    pytest.importorskip("typst")
    drawn = []
    to_svg = charts.to_svg
    monkeypatch.setattr(charts, "to_svg", lambda figure: drawn.append(figure) or to_svg(figure))
    both = [reports.build(recommended(), knowledge, one) for one in (machine, None)]
    for report in both:
        before = len(drawn)
        page, _ = reports.to_html(report), reports.to_pdf(report)
        assert len(drawn) - before == page.count("<svg")
    assert page.count("<svg") == 5
