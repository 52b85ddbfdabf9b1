"""The section that lists every source: of what the decision rests on, and of all else that is said.

The same source stands once for each thing that it is used for.
"""

from collections.abc import Iterator

from app.report.context import GRADE_WORDS, Context, columns, paragraph, source_line
from app.report.document import Block, Line, Section, Table
from app.report.words import counted, sentence
from rules.model import Grade
from rules.recommendation import RuledOut


def sources_section(context: Context) -> Section | None:
    blocks: list[Block] = []
    if context.facts:
        blocks += [
            paragraph(
                "Every statement that this decision rests on, as it stood in the knowledge base. "
                "Grades, from strong to weak: measured here, official, reported, judgement, not "
                "known."
            ),
            _facts(context),
        ]
    others = tuple(_others(context))
    if others:
        blocks.append(
            Table(
                caption=f"{counted(len(others), 'source')} of requirements, plan and states; none "
                "of them moves a score",
                columns=columns("Used for", "Statement", "Grade", "As of", "Source"),
                rows=others,
                folded=True,
            )
        )
    if not blocks:
        return None
    return Section(id="sources", title="Sources", blocks=tuple(blocks))


def _facts(context: Context) -> Table:
    rows = tuple(
        (
            Line(text=context.name(one.about) if one.about else "general"),
            Line(text=context.name(one.criterion) if one.criterion else "—"),
            Line(text=one.text),
            Line(
                text=GRADE_WORDS[one.grade]
                + (", due for a recheck" if one.stale else "")
                + (", overridden" if one.overridden else ""),
                tone="warn" if one.stale or one.overridden else "plain",
            ),
            Line(text=one.as_of),
            source_line(one.source, None),
        )
        for one in context.facts
    )
    return Table(
        caption=f"{counted(len(rows), 'statement')} with grade, month and source",
        columns=columns("About", "Criterion", "Statement", "Grade", "As of", "Source"),
        rows=rows,
        folded=True,
    )


def _others(context: Context) -> Iterator[tuple[Line, ...]]:
    recommendation = context.recommendation
    for out in recommendation.ruled_out:
        grade = _grade_of(context, out)
        yield _row(
            f"Rules out {context.name(out.framework)}", out.reason, out.source, out.as_of, grade
        )
    stack, plan = recommendation.stack, recommendation.plan
    if stack is not None:
        if stack.install is not None:
            install = stack.install
            yield _row("Install line", install.command, install.source, install.as_of)
        for part in (
            *stack.training,
            *stack.data,
            *stack.delivery,
            *stack.serving,
            *stack.tracking,
        ):
            if part.source:
                yield _row(f"Stack: {part.name}", part.text, part.source, part.as_of)
    if plan is not None:
        for move in plan.migration:
            used = f"Migration to {context.name(move.to)}"
            yield _row(used, move.text, move.source, move.as_of)
        for gone in plan.replacements:
            yield _row(f"Replacing {gone.name}", gone.text, gone.source, gone.as_of)
        for need in plan.needs:
            if need.source:
                yield _row(f"Need: {need.title}", need.text, need.source, need.as_of)
        for risk in plan.risks:
            yield _row("Risk", risk.text, risk.source, risk.as_of)
    for one in context.knowledge.frameworks:
        yield _row(
            f"State of {one.name}",
            one.lifecycle_reason,
            one.lifecycle_source,
            one.lifecycle_as_of,
        )


def _row(
    used_for: str, text: str, source: str, as_of: str | None, grade: Grade | None = None
) -> tuple[Line, ...]:
    return (
        Line(text=used_for),
        Line(text=sentence(text)),
        Line(text=GRADE_WORDS[grade] if grade else "not graded"),
        Line(text=as_of or "—"),
        source_line(source, None),
    )


def _grade_of(context: Context, out: RuledOut) -> Grade | None:
    """Of the capability that closed the gate, where one did."""
    for framework in context.knowledge.frameworks:
        if framework.id == out.framework:
            for entry in framework.capabilities:
                if entry.source == out.source and entry.reason == out.reason:
                    return entry.grade
    return None
