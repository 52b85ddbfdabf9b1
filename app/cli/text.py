"""What the commands print for a person: a machine, a starter project; headings, lists, tables."""

import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.starter import Offer, Project
    from probes.results import FrameworkFinding, Machine, Measurement

WIDTH = 96
DELIVERED = (
    "Times of finished models in a runtime are shown beside the frameworks' own and count for none."
)


def machine_text(machine: "Machine") -> str:
    """Hardware, frameworks with their states, and what was measured."""
    hardware = machine.hardware
    accelerators = ", ".join(one.name for one in hardware.accelerators) or "no accelerator"
    uarch = f" ({hardware.cpu.microarchitecture})" if hardware.cpu.microarchitecture else ""
    lines = [
        heading("This machine"),
        f"{hardware.cpu.model}{uarch}, {hardware.cpu.usable_cores:g} usable cores, "
        f"{hardware.memory_bytes / 2**30:.0f} GiB, {accelerators}, {hardware.os_version}",
        *bullets(hardware.accelerator_notes),
        "",
        heading("Frameworks"),
    ]
    rows = [_finding_row(one) for one in machine.frameworks]
    lines += table((("", "version", "state", "where"), *rows)) if rows else ["none found"]
    if machine.runtimes:
        lines += ["", heading("Runtimes for finished models")]
        lines += table([_finding_row(one) for one in machine.runtimes])
    for one in machine.tried:
        if one.reason:
            fix = f" Way out: {one.fix}" if one.fix else ""
            lines += bullets([f"{one.framework}: {one.reason}{fix}"])
    tried = [
        (each.mode, each.capability.replace("_", " "), each.state.replace("_", " "), each.note)
        for one in machine.frameworks
        for each in one.capabilities
    ]
    if tried:
        lines += ["", heading("Tried on small examples"), *table(tried)]
    if machine.measurements:
        lines += ["", heading("Measured")]
        header = ("", "", "median", "95 % interval", "error", "")
        measured = [_measurement_row(one) for one in machine.measurements]
        lines += table((header, *measured), right={2, 3, 4})
        if any(one.delivers for one in machine.measurements):
            lines += bullets([DELIVERED])
    lines += bullets(machine.notes)
    return "\n".join(lines) + "\n"


def _finding_row(finding: "FrameworkFinding") -> tuple[str, ...]:
    devices = ", ".join(one.device for one in finding.devices if one.operation_ran)
    state = finding.state.replace("_", " ") + (f" on {devices}" if devices else "")
    return finding.framework, finding.version or "?", state, finding.python


def _measurement_row(one: "Measurement") -> tuple[str, ...]:
    median = "" if one.median_seconds is None else _seconds(one.median_seconds)
    interval = "" if one.ci95 is None else f"{_seconds(one.ci95[0])} to {_seconds(one.ci95[1])}"
    error = "" if one.equal_work is None else f"{one.equal_work.max_rel_err:.0e}"
    status: str = one.verdict.status
    if status != "valid" and one.verdict.reasons:
        status += f": {one.verdict.reasons[0]}"
    workload = one.workload + (", own settings" if one.track == "native_default" else "")
    return one.mode, workload, median, interval, error, status


def _seconds(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.2f} s"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.2f} ms"
    return f"{seconds * 1e6:.0f} us"


def starter_text(project: "Project", folder: Path) -> str:
    lines = [f"{len(project.files)} files written to {folder}", *bullets(project.notes)]
    lines += bullets([project.executed])
    return "\n".join(lines) + "\n"


def executed_table(offers: "Sequence[Offer]") -> str:
    """Every combination with what came of it, and how many of them have been executed."""
    combined = ("framework", "task", "variant", "target", "delivery", "tracker", "search", "size")
    rows: list[tuple[str, ...]] = [(*combined, "executed")]
    for one in offers:
        way = one.delivery or "none"
        told = one.reason if one.executed else f"no: {one.reason}"
        names = (one.framework, one.task, one.variant, one.target, way, one.tracker)
        rows.append((*names, one.search, one.size, told))
    executed = sum(one.executed for one in offers)
    return "\n".join([*table(rows), "", f"{executed} of {len(offers)} executed."]) + "\n"


def heading(text: str) -> str:
    return f"{text}\n{'-' * len(text)}"


def wrapped(text: str, begin: str = "") -> list[str]:
    """Lines of at most WIDTH; those after the first stand under its text. Addresses, words with a
    hyphen and a figure with its `%` stay whole."""
    lines = textwrap.wrap(
        text.replace(" %", "\xa0%"),
        WIDTH,
        initial_indent=begin,
        subsequent_indent=" " * len(begin),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace("\xa0%", " %") for line in lines]


def bullets(texts: Iterable[str]) -> list[str]:
    return [line for text in texts for line in wrapped(text, "- ")]


def numbered(texts: Iterable[str]) -> list[str]:
    return [line for at, text in enumerate(texts, start=1) for line in wrapped(text, f"{at}. ")]


def table(
    rows: Sequence[Sequence[str]], right: set[int] | frozenset[int] = frozenset()
) -> list[str]:
    """Columns as wide as their widest cell; those in `right` are aligned right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
