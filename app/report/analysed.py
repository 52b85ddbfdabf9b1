"""What follows from the measurements: shares of the limits, memory, when compiling pays."""

from collections.abc import Sequence

from app.charts import (
    break_even_subject,
    by_workload,
    duration,
    is_of_the_process,
    peaks,
    rate,
    said_range,
    said_steps,
    three_digits,
)
from app.measured_words import subject_name, workload_name
from app.report.context import Context, columns, paragraph
from app.report.document import Chart, Line, Section, Table
from app.report.words import percent, size
from probes.break_even import BreakEven, break_evens
from probes.results import Machine, Measurement
from probes.roofline import Roofline, rooflines


def roofline_section(context: Context) -> Section | None:
    charts = roofline_charts(context.machine) if context.machine is not None else ()
    if not charts:
        return None
    said = paragraph(
        "No work runs faster than the lower of two limits: how fast this machine computes, and "
        "how fast its memory gives what there is to compute with, times the operations that "
        "the work does with each byte. Both limits are the best that was measured here, by any "
        "framework. What is far below its limit has overhead that a better way to run it could "
        "save; what is near it can only be helped by another machine."
    )
    return Section(id="roofline", title="Against this machine’s own limits", blocks=(said, *charts))


def roofline_charts(machine: Machine) -> tuple[Chart, ...]:
    """One for each device with measured limits."""
    return tuple(
        Chart(
            name="roofline",
            subject=roof.device,
            caption=f"Measured work under the limits of {roof.device}",
            alt=_roof_words(roof),
            table=_roof_table(roof),
        )
        for roof in rooflines(machine)
    )


def _limits_words(roof: Roofline) -> str:
    memory = (
        "that of memory was not measured (the standard tier measures it)"
        if roof.bytes_per_second is None
        else f"that of memory {rate(roof.bytes_per_second, 'B')}"
    )
    return f"The limit of computing is {rate(roof.flops_per_second, 'FLOP')}, {memory}."


def _roof_words(roof: Roofline) -> str:
    said = [_limits_words(roof)]
    for workload, several in by_workload(roof).items():
        best, worst = several[0], several[-1]
        words = (
            f"{workload_name(workload)}, {three_digits(best.intensity)} operations for each byte, "
            f"is bound by {best.bound}: {best.measurement.mode} reaches {percent(best.share)} of "
            "the limit"
        )
        if len(several) > 1:
            words += f", {worst.measurement.mode} least with {percent(worst.share)}"
        said.append(words + ".")
    return " ".join(said)


def _roof_table(roof: Roofline) -> Table:
    return Table(
        caption=f"Limits of {roof.device}: {_limits_words(roof)}",
        columns=columns(
            "Workload", "Mode", "#Operations per byte", "#Reached", "#Limit there", "#Share",
            "Bound by",
        ),
        rows=tuple(
            (
                Line(text=workload_name(workload)),
                Line(text=one.measurement.mode, framework=one.measurement.framework),
                Line(text=three_digits(one.intensity)),
                Line(text=rate(one.flops_per_second, "FLOP")),
                Line(text=rate(roof.limit(one.intensity), "FLOP")),
                Line(text=percent(one.share)),
                Line(text=one.bound),
            )
            for workload, several in by_workload(roof).items()
            for one in several
        ),
    )  # fmt: skip


def memory_section(context: Context) -> Section | None:
    machine = context.machine
    rows = peaks(machine) if machine is not None else []
    if machine is None or not rows:
        return None
    said = (
        "What the process of each mode held in memory: the framework after its import, and the "
        "most while steps were timed, with what was prepared in the same process beside it. "
        "Modes of one framework share a process."
    )
    if is_of_the_process(rows):
        said += (
            " Where the table says “so far”, the system cannot begin a peak anew: it counts all "
            "that the process did before, too, the check against the reference among it."
        )
    return Section(id="memory", title="Memory", blocks=(paragraph(said), *memory_charts(machine)))


def memory_charts(machine: Machine) -> tuple[Chart, ...]:
    """One, where peaks are known."""
    rows = peaks(machine)
    if not rows:
        return ()
    least, most = rows[0][-1], rows[-1][-1]
    alt = f"{least.mode} needs least, {_held(least)} with {workload_name(least.workload)}"
    if len(rows) > 1:
        alt += f"; {most.mode} most, {_held(most)} with {workload_name(most.workload)}"
    return (
        Chart(
            name="memory",
            caption="Memory of the processor that each mode’s process held, least first",
            alt=f"{alt}.",
            table=_memory_table(rows),
        ),
    )


def _held(one: Measurement) -> str:
    return size(one.peak_resident_bytes or 0)


def _memory_table(rows: Sequence[Sequence[Measurement]]) -> Table:
    on_device = any(one.peak_device_bytes for row in rows for one in row)
    titles = ["Mode", "Workload", "#After the import", "#At most", "Counted"]
    if on_device:
        titles.append("#On the device (untried)")
    made = []
    for row in rows:
        for one in reversed(row):
            cells = [
                Line(text=one.mode, framework=one.framework),
                Line(text=subject_name(one.workload, one.device)),
                Line(
                    text=size(one.imported_resident_bytes) if one.imported_resident_bytes else "—"
                ),
                Line(text=_held(one)),
                Line(text="so far" if one.peak_resident_scope == "process" else "this work"),
            ]
            if on_device:
                cells.append(
                    Line(text=size(one.peak_device_bytes) if one.peak_device_bytes else "—")
                )
            made.append(tuple(cells))
    return Table(caption="Memory by mode and workload", columns=columns(*titles), rows=tuple(made))


def break_even_section(context: Context) -> Section | None:
    charts = break_even_charts(context.machine) if context.machine is not None else ()
    if not charts:
        return None
    said = paragraph(
        "A compiled mode takes longer for its first call and, where it pays, less for each "
        "step after it. Both have taken as long after 1 + (first call compiled − first call "
        "eager) ÷ (step eager − step compiled) steps. The range takes the worse ends of both "
        "steps’ 95 % intervals; first calls were timed once, with caches that began empty. Modes "
        "that tie are not settled."
    )
    return Section(id="break-even", title="When compiling pays", blocks=(said, *charts))


def break_even_charts(machine: Machine) -> tuple[Chart, ...]:
    """One for each workload and device with a compiled and an eager mode of a framework."""
    by_subject: dict[str, list[BreakEven]] = {}
    for one in break_evens(machine):
        by_subject.setdefault(break_even_subject(one), []).append(one)
    return tuple(
        Chart(
            name="break_even",
            subject=subject,
            caption=f"When compiling pays: {subject_name(pairs[0].workload, pairs[0].device)}",
            alt=" ".join(_break_even_words(one) for one in pairs),
            table=_break_even_table(pairs),
        )
        for subject, pairs in by_subject.items()
    )


def _break_even_words(one: BreakEven) -> str:
    if one.outcome == "never":
        return f"{one.compiled} never pays here: its steps are no faster than those of {one.eager}."
    if one.outcome == "unsettled":
        return f"Whether {one.compiled} pays is not settled: it would take {said_range(one)} steps."
    return (
        f"{one.compiled} pays against {one.eager} after {said_steps(one)}, range {said_range(one)}."
    )


def _break_even_table(pairs: Sequence[BreakEven]) -> Table:
    return Table(
        caption="First calls, steps and break-even: "
        + subject_name(pairs[0].workload, pairs[0].device),
        columns=columns(
            "Compiled", "Against", "#First call", "#First call, eager", "#Step", "#Step, eager",
            "#Pays after",
            "#Range",
        ),
        rows=tuple(
            (
                Line(text=one.compiled, framework=one.framework),
                Line(text=one.eager),
                Line(text=duration(one.compiled_first_seconds)),
                Line(text=duration(one.eager_first_seconds)),
                Line(text=duration(one.compiled_seconds)),
                Line(text=duration(one.eager_seconds)),
                Line(text=said_steps(one)),
                Line(text=said_range(one)),
            )
            for one in pairs
        ),
    )  # fmt: skip
