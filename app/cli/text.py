"""What the commands print for a person: a recommendation, a machine, a starter project."""

import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.starter import Project
    from probes.results import FrameworkFinding, Machine, Measurement
    from rules.model import Knowledge
    from rules.recommendation import Recommendation

WIDTH = 96


def recommendation_text(recommendation: "Recommendation", knowledge: "Knowledge") -> str:
    """What, how sure, why, why not the others, what next; one screen or two."""
    names = {one.id: one.name for one in knowledge.frameworks}
    verdict = recommendation.verdict
    lines = [_heading(_verdict_title(recommendation, names)), *_wrapped(verdict.reason), ""]
    for conflict in recommendation.conflicts:
        lines += _wrapped(f"Your answers disagree: {conflict.question} {conflict.reading}")
    if recommendation.why:
        lines += ["", _heading("Why"), *_bullets(recommendation.why)]
    if recommendation.ranking:
        title = "Ranking" if verdict.kind != "none" else "What is left"
        if recommendation.screen.exit is not None:
            title = "If you want deep learning / training all the same"
        rows = [
            (
                f"{one.rank}",
                names.get(one.framework, one.framework),
                f"{one.score:.2f}",
                f"{one.low:.2f} to {one.high:.2f}",
                f"{one.top_share:.0%}",
            )
            for one in recommendation.ranking
        ]
        header = ("", "", "score", "5 to 95 %", "among the best in")
        lines += ["", _heading(title), *table((header, *rows), right={2, 3, 4})]
        for one in recommendation.ranking:
            lines += _bullets(f"{names.get(one.framework)}: {text}" for text in one.warnings)
    if recommendation.ruled_out:
        lines += ["", _heading("Ruled out")]
        for out in recommendation.ruled_out:
            fix = f" Way out: {out.fix}" if out.fix else ""
            name = names.get(out.framework, out.framework)
            lines += _bullets([f"{name}: {out.reason}{fix} ({out.source}, {out.as_of})"])
    if recommendation.flips:
        lines += ["", _heading("What would change it")]
        lines += _bullets(one.sentence for one in recommendation.flips[:5])
    lines += _next_text(recommendation)
    topics = {question.id: question.topic for question in knowledge.questions}
    still_open = [topics[name] for name, share in recommendation.open_questions.items() if share]
    if still_open:
        lines += ["", *_wrapped("Questions that could still change this: " + ", ".join(still_open))]
    counts = any(
        part.grade == "measured" for one in recommendation.ranking for part in one.contributions
    )
    measured = "with measurements that count here" if counts else "not measured"
    made, facts = recommendation.made, recommendation.knowledge.version
    lines += ["", f"{measured}; facts {facts}; {made.today}; {made.draws} what-ifs"]
    return "\n".join(lines) + "\n"


def _verdict_title(recommendation: "Recommendation", names: dict[str, str]) -> str:
    verdict = recommendation.verdict
    if verdict.framework is None:
        return "Nothing is left"
    name = names.get(verdict.framework, verdict.framework)
    if recommendation.screen.exit is not None:
        return {"classical": "Classical machine learning", "runtime": "An inference runtime"}[
            recommendation.screen.exit
        ]
    return {
        "clear": name,
        "close": f"{name}, but it is close",
        "insufficient": f"{name} so far; too little is known for a verdict",
        "none": name,
    }[verdict.kind]


def _next_text(recommendation: "Recommendation") -> list[str]:
    lines: list[str] = []
    stack, plan = recommendation.stack, recommendation.plan
    if stack is not None:
        parts = [*stack.training, *stack.data, *stack.delivery, *stack.serving, *stack.tracking]
        lines += ["", _heading("Stack")]
        lines += _bullets(
            f"{part.name}{f' for {part.for_target}' if part.for_target else ''}: {part.text}"
            + (f" Note: {part.warning}" if part.warning else "")
            for part in parts
        )
        if stack.install is not None:
            lines += ["", f"    {stack.install.command}"]
            if stack.install.note:
                lines += _wrapped(stack.install.note)
    if plan is not None:
        lines += ["", _heading("What next")]
        lines += _bullets(f"{one.title}: {one.text}" for one in plan.phases)
        lines += _bullets(
            f"Moving from {one.from_code} ({one.effort} effort): {one.text}"
            for one in plan.migration
        )
        lines += _bullets(f"Risk: {one.text} ({one.as_of})" for one in plan.risks)
        lines += _bullets([f"Look at this again by {plan.review_by}."])
    return lines


def machine_text(machine: "Machine") -> str:
    """Hardware, frameworks with their states, and what was measured."""
    hardware = machine.hardware
    accelerators = ", ".join(one.name for one in hardware.accelerators) or "no accelerator"
    uarch = f" ({hardware.cpu.microarchitecture})" if hardware.cpu.microarchitecture else ""
    lines = [
        _heading("This machine"),
        f"{hardware.cpu.model}{uarch}, {hardware.cpu.usable_cores:g} usable cores, "
        f"{hardware.memory_bytes / 2**30:.0f} GiB, {accelerators}, {hardware.os_version}",
        *_bullets(hardware.accelerator_notes),
        "",
        _heading("Frameworks"),
    ]
    rows = [_finding_row(one) for one in machine.frameworks]
    lines += table((("", "version", "state", "where"), *rows)) if rows else ["none found"]
    for one in machine.frameworks:
        if one.reason:
            fix = f" Way out: {one.fix}" if one.fix else ""
            lines += _bullets([f"{one.framework}: {one.reason}{fix}"])
    if machine.measurements:
        lines += ["", _heading("Measured")]
        header = ("", "", "median", "95 % interval", "error", "")
        measured = [_measurement_row(one) for one in machine.measurements]
        lines += table((header, *measured), right={2, 3, 4})
    lines += _bullets(machine.notes)
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
    return one.mode, one.workload, median, interval, error, status


def _seconds(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.2f} s"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.2f} ms"
    return f"{seconds * 1e6:.0f} us"


def starter_text(project: "Project", folder: Path) -> str:
    lines = [f"{len(project.files)} files written to {folder}", *_bullets(project.notes)]
    lines += _bullets([project.executed])
    return "\n".join(lines) + "\n"


def _heading(text: str) -> str:
    return f"{text}\n{'-' * len(text)}"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH)


def _bullets(texts: Iterable[str]) -> list[str]:
    lines: list[str] = []
    for text in texts:
        lines += textwrap.wrap(text, WIDTH, initial_indent="- ", subsequent_indent="  ")
    return lines


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
