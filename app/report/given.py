"""The sections to check a report by: answers and weights, sources, what it was made with."""

import app
from app.report.context import GRADE_WORDS, Context, answer_line, columns, paragraph, source_line
from app.report.document import Block, Bullets, Command, Line, Section, Subheading, Table
from app.report.words import counted, joined, percent, sentence


def answers_section(context: Context) -> Section | None:
    answers = context.recommendation.answers
    questions = context.knowledge.questions
    known = {question.id for question in questions}
    rows = [
        (
            Line(text=question.topic),
            Line(text=question.text),
            answer_line(context, question),
        )
        for question in questions
    ]
    rows += [
        (Line(text=key), Line(text=key), Line(text=_flat(value)))
        for key, value in answers.answers.items()
        if key not in known
    ]
    blocks: list[Block] = [
        Table(
            caption="Every question, with what was answered; the rest are defaults not touched",
            columns=columns("Topic", "Question", "Answer"),
            rows=tuple(rows),
        ),
        _weights(context),
    ]
    extras = [
        ("Must use", joined([context.name(one) for one in answers.must_use])),
        *((f"Excluded: {context.name(one)}", reason) for one, reason in answers.exclude.items()),
        ("Components in use", joined([context.name(one) for one in answers.existing_components])),
        *(
            (f"Override: {one}", f"level {override.level}: {override.reason}")
            for one, override in answers.override.items()
        ),
    ]
    items = tuple(Line(strong=f"{key}.", text=sentence(text)) for key, text in extras if text)
    if items:
        blocks.append(Bullets(items=items))
    return Section(id="answers", title="All answers and weights", blocks=tuple(blocks))


IMPORTANCE_WORDS = {
    -2: "much less (× 1/4)",
    -1: "less (× 1/2)",
    0: "default",
    1: "more (× 2)",
    2: "much more (× 4)",
}


def _weights(context: Context) -> Table:
    importance = context.recommendation.answers.importance
    leader = context.leader
    weights = {one.criterion: one.weight for one in leader.contributions} if leader else {}
    rows = []
    for group in context.knowledge.groups:
        members = [one for one in context.knowledge.criteria if one.group == group.id]
        total = sum(weights.get(one.id, 0.0) for one in members)
        rows.append(
            (
                Line(text=group.name, strong=""),
                Line(text=percent(total) if weights else "—"),
                Line(text=IMPORTANCE_WORDS[importance.get(group.id, 0)]),
            )
        )
        rows += [
            (
                Line(text=f"– {one.name}"),
                Line(text=percent(weights[one.id]) if one.id in weights else "—"),
                Line(text=IMPORTANCE_WORDS[importance.get(one.id, 0)]),
            )
            for one in members
        ]
    return Table(
        caption="Weights as used, after your answers and importance",
        columns=columns("Group or criterion", "#Weight", "Importance set by you"),
        rows=tuple(rows),
    )


def sources_section(context: Context) -> Section | None:
    if not context.facts:
        return None
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
    return Section(
        id="sources",
        title="Sources",
        blocks=(
            paragraph(
                "Every statement that this decision rests on, as it stood in the knowledge base. "
                "Grades, from strong to weak: measured here, official, reported, judgement, not "
                "known."
            ),
            Table(
                caption=f"{counted(len(rows), 'statement')} with grade, month and source",
                columns=columns("About", "Criterion", "Statement", "Grade", "As of", "Source"),
                rows=rows,
                folded=True,
            ),
        ),
    )


def replay_section(context: Context) -> Section | None:
    recommendation = context.recommendation
    made, used = recommendation.made, recommendation.knowledge
    rows = [
        ("Decided on", made.today),
        ("Program", f"Framework Advisor {app.VERSION}"),
        *((f"Version of {name}", version) for name, version in made.versions.items()),
        ("Knowledge version", used.version),
        ("Knowledge hash (SHA-256)", used.hash),
        ("What-ifs", f"{made.draws:,}, seed {made.seed}"),
        ("Machine fingerprint", recommendation.machine or "none: decided without a machine"),
    ]
    blocks: list[Block] = [
        Table(
            caption="What this was made with",
            columns=columns("What", "Value"),
            rows=tuple((Line(text=key), Line(text=value)) for key, value in rows),
        ),
        Subheading(text="Check it"),
        Command(
            text="framework-advisor replay REPORT.json",
            note="Recomputes the ranking from the JSON form of this report, and states that it is "
            "the same or names every difference.",
        ),
    ]
    plan = recommendation.plan
    if plan is not None:
        blocks += [
            Subheading(text="Review"),
            paragraph(f"Review by {plan.review_by}, or earlier when one of these happens:"),
            Bullets(items=tuple(Line(text=sentence(one)) for one in plan.review_when)),
        ]
    return Section(id="replay", title="Made with, replay and review", blocks=tuple(blocks))


def _flat(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ", ".join(value)
