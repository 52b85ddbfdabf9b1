"""The sections to check a report by: answers and weights, and what it was made with."""

from datetime import date

import msgspec

import app
import rules
from app.advice import measurements_of
from app.headline import headline
from app.report.context import Context, answer_line, columns, paragraph, source_line
from app.report.document import Block, Bullets, Command, Line, Section, Subheading, Table
from app.report.tried import IMPORTANCE_WORDS
from app.report.words import counted, joined, percent, sentence
from rules.model import Measurements
from rules.recommendation import Recommendation


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
        *_moved(context),
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
    blocks += _house_rules(context)
    blocks += _replaced(context)
    return Section(id="answers", title="All answers and weights", blocks=tuple(blocks))


def _house_rules(context: Context) -> list[Block]:
    rules = [gate for gate in context.knowledge.gates if gate.kind == "house_rule"]
    if not rules:
        return []
    return [
        Table(
            caption="House rules: decided by somebody in the house, no fact of ours",
            columns=columns("Rule", "Owner", "Rules out", "Reason", "Source"),
            rows=tuple(
                (
                    Line(text=gate.name),
                    Line(text=gate.owner or "not named"),
                    Line(text=joined([context.name(one) for one in gate.frameworks])),
                    Line(text=sentence(gate.reason)),
                    source_line(gate.source or "not written down", gate.as_of),
                )
                for gate in rules
            ),
        )
    ]


def _replaced(context: Context) -> list[Block]:
    """What a pack or the answers put in the place of our own entries."""
    replaced = context.recommendation.knowledge.overridden
    if not replaced:
        return []
    by_answers = set(context.recommendation.answers.override)
    return [
        Subheading(text="Replaced entries of the knowledge"),
        Bullets(
            items=tuple(
                Line(
                    strong=f"{one}:",
                    text="by your answers." if one in by_answers else "by a pack of yours.",
                    tone="warn",
                )
                for one in replaced
            )
        ),
    ]


def _moved(context: Context) -> list[Block]:
    """How far the person's own hand is in it: nobody should take moved weights for the answers."""
    moved = {one: wish for one, wish in context.recommendation.answers.importance.items() if wish}
    if not moved:
        return []
    told = joined(
        [f"{context.name(one)} counts {IMPORTANCE_WORDS[wish]}" for one, wish in moved.items()]
    )
    return [
        paragraph(
            f"You moved {counted(len(moved), 'weight')} to get here: {told}. {_unmoved(context)}"
        )
    ]


def _unmoved(context: Context) -> str:
    """What it would be with the weights that the answers give."""
    decided, machine = context.recommendation, context.machine
    measurements = Measurements()
    if machine is not None and decided.machine is not None:
        measurements = measurements_of(machine, context.knowledge)
    other = rules.decide(
        context.knowledge,
        msgspec.structs.replace(decided.answers, importance={}),
        measurements,
        date.fromisoformat(decided.made.today),
        draws=decided.made.draws,
        seed=decided.made.seed,
    )
    before, now = _verdict(context, other), _verdict(context, decided)
    if before == now:
        return f"Without that it would be the same: {before}."
    return f"Without that it would be: {before}. With it: {now}."


def _verdict(context: Context, decided: Recommendation) -> str:
    share = decided.verdict.top_share
    line = headline(decided, context.names)
    return line if share is None else f"{line} (among the best in {percent(share)} of the what-ifs)"


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
        folded=True,
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
