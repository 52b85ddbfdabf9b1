"""What the user tried and wrote on the way: neither counts for the decision, both are kept."""

from collections.abc import Iterator, Mapping

from app.report.context import Context, columns, option_text, paragraph
from app.report.document import Line, Section, Table
from app.report.words import joined, percent
from app.what_ifs import WhatIf
from rules.model import Answers

IMPORTANCE_WORDS = {
    -2: "much less (× 1/4)",
    -1: "less (× 1/2)",
    0: "default",
    1: "more (× 2)",
    2: "much more (× 4)",
}


def what_ifs_section(context: Context) -> Section | None:
    if not context.what_ifs:
        return None
    return Section(
        id="what-ifs",
        title="What-ifs that were tried",
        blocks=(
            paragraph(
                "Other answers, decided on with the same knowledge. They show how far the advice "
                "holds, and count for nothing in it."
            ),
            Table(
                caption="What was tried, and what came out",
                columns=columns("What if", "Changed answers", "Comes out", "#Among the best"),
                rows=tuple(_row(context, one) for one in context.what_ifs),
            ),
        ),
    )


def _row(context: Context, one: WhatIf) -> tuple[Line, ...]:
    verdict = context.recommendation.verdict
    same = one.framework == verdict.framework
    name = context.name(one.framework) if one.framework else "nothing is left"
    share = percent(one.top_share) if one.top_share is not None else "—"
    return (
        Line(text=one.label),
        Line(text="; ".join(changes(context, one.answers)) or "none"),
        Line(
            text=("as before: " if same else "") + (one.headline or f"{name} ({_KINDS[one.kind]})"),
            framework=one.framework,
            tone="plain" if same else "warn",
        ),
        Line(text=share),
    )


_KINDS = {
    "clear": "clear",
    "close": "close",
    "insufficient": "too few answers",
    "none": "no option",
}


def changes(context: Context, tried: Answers) -> list[str]:
    """What is other than in the decision's own answers, a phrase for each."""
    before = context.recommendation.answers
    found = [
        f"{_topic(context, question)}: {_options(context, question, tried.answers.get(question))}"
        for question in _differing(before.answers, tried.answers)
    ]
    found += [
        f"{context.name(target)} counts {IMPORTANCE_WORDS[tried.importance.get(target, 0)]}"
        for target in _differing(before.importance, tried.importance)
    ]
    if before.must_use != tried.must_use:
        wanted = joined([context.name(one) for one in tried.must_use])
        found.append(f"must use {wanted}" if wanted else "nothing has to be used")
    found += [
        f"{context.name(one)} {'left out' if one in tried.exclude else 'let in'}"
        for one in _differing(before.exclude, tried.exclude)
    ]
    if before.existing_components != tried.existing_components:
        used = joined([context.name(one) for one in tried.existing_components])
        found.append(f"components in use: {used or 'none'}")
    found += [
        f"{one} at level {tried.override[one].level}"
        if one in tried.override
        else f"{one} as it stands in the knowledge"
        for one in _differing(before.override, tried.override)
    ]
    return found


def _differing(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[str]:
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key):
            yield key


def _topic(context: Context, question_id: str) -> str:
    for question in context.knowledge.questions:
        if question.id == question_id:
            return question.topic
    return question_id


def _options(context: Context, question: str, value: str | tuple[str, ...] | None) -> str:
    chosen = (value,) if isinstance(value, str) else value or ()
    said = [option_text(context, question, one) for one in chosen if one != "unknown"]
    return ", ".join(said) or "open"


def notes_section(context: Context) -> Section | None:
    lines = [line.strip() for line in context.notes.splitlines()]
    if not any(lines):
        return None
    return Section(
        id="notes",
        title="Notes",
        blocks=(
            paragraph("Written by who decided; nothing of this went into the decision.", "muted"),
            *(paragraph(line) for line in lines if line),
        ),
    )
