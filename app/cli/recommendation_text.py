"""The recommendation as a terminal shows it: what, how sure, why, what would change it, what next.

In the order of a lead who must defend the choice: what the reader decided or already has comes
before the reasons, the plan last.
"""

from collections.abc import Iterable, Sequence, Set
from typing import TYPE_CHECKING

from app.cli.text import bullets, heading, numbered, table, wrapped
from app.headline import headline, nearest_flips

if TYPE_CHECKING:
    from app.installing.results import Verification
    from rules.existing import Existing
    from rules.model import Knowledge
    from rules.recommendation import Part, Plan, Recommendation, Stack

OTHERS = 3
"""Losers whose reasons are told; the report has all of them."""
FLIPS = 4
"""Nobody gives one criterion as much as all the others together."""
ENDED = ("stalled", "retired")
EXITS = ("classical", "runtime")
EXIT_RANKINGS = {
    "classical": "If you want deep learning all the same",
    "runtime": "If you want to train all the same",
}
EFFORTS = {"none": "no effort", "small": "small effort", "medium": "medium effort",
           "large": "large effort"}  # fmt: skip
NEEDS = {
    "yes": "yes",
    "with_effort": "with effort",
    "hardly": "hardly",
    "no": "no",
    "unknown": "not known",
}


def recommendation_text(
    recommendation: "Recommendation",
    knowledge: "Knowledge",
    existing: "Existing | None" = None,
    disagreements: Sequence[str] = (),
    installation: "Verification | None" = None,
) -> str:
    """One or two screens. `existing` is what a file of requirements said, `disagreements` where
    the answers say something else, `installation` what a resolver said of the install line."""
    names = _names(knowledge)
    lines = [heading(headline(recommendation, names)), *wrapped(recommendation.verdict.reason)]
    if recommendation.conflicts:
        lines += ["", heading("Check your answers")]
        lines += bullets(f"{one.question} {one.reading}" for one in recommendation.conflicts)
    if existing is not None:
        lines += ["", *existing_text(existing, disagreements)]
    lines += _decided(recommendation, knowledge, names)
    if recommendation.why:
        lines += ["", heading("Why"), *bullets(recommendation.why)]
    lines += _ranking(recommendation, names)
    lines += _ruled_out(recommendation, knowledge, names)
    lines += _what_would_change(recommendation, knowledge)
    if recommendation.stack is not None:
        lines += _stack(recommendation.stack, knowledge, installation)
    if recommendation.plan is not None:
        told = {one.id for one in existing.ended} if existing is not None else set()
        lines += _plan(recommendation.plan, names, told)
    lines += ["", *wrapped(_made(recommendation))]
    return "\n".join(lines) + "\n"


def existing_text(existing: "Existing", disagreements: Sequence[str] = ()) -> list[str]:
    """What a file of requirements names, what of it has ended, and what was not understood."""
    lines = [heading(f"What {existing.file} says")]
    if not existing.frameworks and not existing.components:
        lines += wrapped("It names no framework and no library that this program knows.")
    for used in existing.frameworks:
        through = f", by way of {used.through}" if used.through else ""
        lines += bullets([f"{used.name}{through}: {used.requirement} ({used.where})"])
    for part in existing.ended:
        move = f" {part.move}" if part.move else ""
        instead = f" Instead: {part.successor}.{move}" if part.successor else move
        lines += bullets(
            [
                f"{part.name} is {part.lifecycle} ({part.requirement}, {part.where}): "
                f"{_sentence(part.text)}{instead} ({part.source}, {part.as_of})"
            ]
        )
    if existing.python:
        lines += bullets([f"It asks for Python {existing.python}."])
    lines += bullets(disagreements)
    lines += bullets(
        f"Not read: {one.text} ({one.where}) {one.reason}." for one in existing.unreadable
    )
    return lines


def _names(knowledge: "Knowledge") -> dict[str, str]:
    names: dict[str, str] = {one.id: one.name for one in knowledge.exits}
    names |= {one.id: one.name for one in knowledge.frameworks}
    names |= {one.id: one.name for one in knowledge.groups}
    names |= {one.id: one.name for one in knowledge.criteria}
    codes = (one for one in knowledge.questions if one.id == "existing_code")
    return {option.id: option.text for one in codes for option in one.options} | names


def _decided(
    recommendation: "Recommendation", knowledge: "Knowledge", names: dict[str, str]
) -> list[str]:
    """What the reader set by hand: it is part of the outcome and has to be seen with it."""
    answers = recommendation.answers
    found = []
    if answers.must_use:
        found.append("Only " + _and(names[one] for one in answers.must_use) + " may be used.")
    for framework, reason in answers.exclude.items():
        found.append(f"{names[framework]} is excluded{f': {reason}' if reason else ''}.")
    facts = {fact.id: fact for one in knowledge.frameworks for fact in one.facts}
    for fact_id, change in answers.override.items():
        before = facts[fact_id].level
        found.append(
            f"The fact {fact_id} counts as level {change.level}, not {before}: {change.reason}"
        )
    moved = [f"{names[one]} {wish:+d}" for one, wish in answers.importance.items() if wish]
    if moved:
        found.append("Weights moved, from -2 to +2: " + ", ".join(moved) + ".")
    packs = [one for one in recommendation.knowledge.overridden if one not in answers.override]
    if packs:
        found.append("Replaced by your own facts: " + ", ".join(packs) + ".")
    return ["", heading("You decided"), *bullets(map(_sentence, found))] if found else []


def _ranking(recommendation: "Recommendation", names: dict[str, str]) -> list[str]:
    ranking = recommendation.ranking
    if not ranking:
        return []
    title = "Ranking"
    if recommendation.screen.exit is not None:
        title = EXIT_RANKINGS[recommendation.screen.exit]
    rows = [
        (
            f"{one.rank}",
            names.get(one.framework, one.framework),
            f"{one.score:.2f}",
            f"{one.low:.2f} to {one.high:.2f}",
            f"{one.top_share:.0%}",
        )
        for one in ranking
    ]
    header = ("", "", "score", "5 to 95 %", "among the best in")
    lines = ["", heading(title), *table((header, *rows), right={2, 3, 4})]
    lines += bullets(
        f"{names.get(one.framework)}: {text}" for one in ranking for text in one.warnings
    )
    if recommendation.screen.exit is None and recommendation.why_not:
        lines += ["", heading("Why not the others")]
        lines += bullets(one.sentence for one in recommendation.why_not[:OTHERS])
    return lines


def _ruled_out(
    recommendation: "Recommendation", knowledge: "Knowledge", names: dict[str, str]
) -> list[str]:
    """Those that could have been chosen one by one; those that ended in a line, unless in use."""
    if not recommendation.ruled_out:
        return []
    existing = recommendation.answers.answers.get("existing_code", ())
    ended = {one.id for one in knowledge.frameworks if one.lifecycle in ENDED}
    # What is said, and who it is said of: one reason may rule out many.
    told: dict[str, list[str]] = {}
    short = []
    for out in recommendation.ruled_out:
        if out.framework in ended and out.framework not in existing:
            short.append(names[out.framework])
            continue
        # Where something was chosen the plan says how to leave; the heir may be another one.
        moved = out.framework in ended and recommendation.verdict.framework is not None
        fix = f" Way out: {out.fix}" if out.fix and not moved else ""
        said = f"{_sentence(out.reason)}{fix} ({_origin(out.source, out.as_of)})"
        told.setdefault(said, []).append(names[out.framework])
    lines = [f"{_and(who)}: {said}" for said, who in told.items()]
    if short:
        lines.append(f"Stalled or retired, so never for new work: {_and(short)}.")
    return ["", heading("Ruled out"), *bullets(lines)]


def _what_would_change(recommendation: "Recommendation", knowledge: "Knowledge") -> list[str]:
    topics = {question.id: question.topic for question in knowledge.questions}
    still_open = [topics[name] for name, share in recommendation.open_questions.items() if share]
    lines = []
    if recommendation.screen.exit is None:
        within_reach = nearest_flips(recommendation)
        lines += bullets(one.sentence for one in within_reach[:FLIPS])
        if len(recommendation.ranking) > 1 and not within_reach:
            lines += bullets(
                ["No single weight does, short of half of everything on one criterion."]
            )
    if still_open:
        lines += bullets(["An answer to what is still open: " + ", ".join(still_open) + "."])
    return ["", heading("What would change it"), *lines] if lines else []


def _stack(
    stack: "Stack", knowledge: "Knowledge", installation: "Verification | None"
) -> list[str]:
    targets = {
        option.id: option.text
        for question in knowledge.questions
        if question.id == "deployment"
        for option in question.options
    }
    groups = (
        ("Training", stack.training),
        ("Data", stack.data),
        ("Delivery", stack.delivery),
        ("Serving", stack.serving),
        ("Tracking", stack.tracking),
    )
    parts = [_part(title, part, targets) for title, group in groups for part in group]
    lines = ["", heading("Stack"), *bullets(parts)] if parts else []
    if stack.install is not None:
        lines += ["", heading("Install"), f"    {stack.install.command}"]
        note = f"{stack.install.note} " if stack.install.note else ""
        lines += wrapped(f"{note}({_origin(stack.install.source, stack.install.as_of)})")
        lines += _installation(installation)
    return lines


def _installation(found: "Verification | None") -> list[str]:
    if found is None:
        return wrapped("Not verified: `framework-advisor install verify` asks whether it resolves.")
    from app.installing.words import facts
    from app.installing.words import headline as state

    return [*wrapped(f"{state(found)}: {found.summary}"), *bullets(facts(found))]


def _part(title: str, part: "Part", targets: dict[str, str]) -> str:
    target = f" ({targets.get(part.for_target, part.for_target)})" if part.for_target else ""
    # "Flower: Flower moves weights ..." says the name once too often.
    text = part.text if part.text.startswith(part.name) else f"{part.name}: {part.text}"
    warning = f" Mind: {part.warning}" if part.warning else ""
    return f"{title}{target}: {text}{warning}"


def _plan(plan: "Plan", names: dict[str, str], told: Set[str]) -> list[str]:
    """`told` are the components whose end has been told already."""
    lines: list[str] = []
    if plan.needs:
        lines += ["", heading("Your special needs")]
        for need in plan.needs:
            by = f" With: {need.component}." if need.component else ""
            origin = f" ({_origin(need.source, need.as_of)})" if need.source else ""
            lines += bullets([f"{need.title}: {NEEDS[need.answer]}. {need.text}{by}{origin}"])
    lines += ["", heading("What next")]
    lines += numbered(f"{one.title}: {one.text}" for one in plan.phases)
    for move in plan.migration:
        old, new = names.get(move.from_code, move.from_code), names.get(move.to, move.to)
        new = new[:1].lower() + new[1:] if move.to in EXITS else new
        if move.effort == "none":
            lines += ["", heading(f"First steps with the {old} code you have")]
        else:
            lines += ["", heading(f"Moving from {old} to {new}: {EFFORTS[move.effort]}")]
            lines += wrapped(move.text)
        lines += numbered(move.first_steps)
    replacements = [one for one in plan.replacements if one.component not in told]
    if replacements:
        lines += ["", heading("To replace")]
        for part in replacements:
            instead = f" Instead: {part.successor}." if part.successor else ""
            move_text = f" {part.move}" if part.move else ""
            lines += bullets(
                [
                    f"{part.name} is {part.lifecycle}: {_sentence(part.text)}{instead}{move_text} "
                    f"({_origin(part.source, part.as_of)})"
                ]
            )
    if plan.risks:
        lines += ["", heading("Risks")]
        lines += bullets(f"{one.text} ({_origin(one.source, one.as_of)})" for one in plan.risks)
    if plan.learning:
        lines += ["", heading("To learn it")]
        lines += bullets(
            f"{one.level.capitalize()}: {one.title}, {one.author}. {one.link}"
            for one in plan.learning
        )
    lines += ["", heading("Look again"), *wrapped(f"By {plan.review_by}, and before that when:")]
    lines += bullets(plan.review_when)
    return lines


def _made(recommendation: "Recommendation") -> str:
    counts = any(
        part.grade == "measured" for one in recommendation.ranking for part in one.contributions
    )
    if counts:
        measured = "With measurements that count here"
    elif recommendation.machine is not None:
        measured = "Measured, but no time counts for the ranking"
    else:
        measured = "Not measured"
    made, used = recommendation.made, recommendation.knowledge
    stale = f", {len(used.stale)} of them due for a recheck" if used.stale else ""
    return (
        f"{measured}; facts of version {used.version}{stale}; ages counted to {made.today}; "
        f"{made.draws:,} what-ifs."
    )


def _origin(source: str | None, as_of: str | None) -> str:
    return ", ".join(one for one in (source, as_of) if one)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _and(words: Iterable[str]) -> str:
    listed = list(words)
    if len(listed) < 2:
        return "".join(listed)
    return ", ".join(listed[:-1]) + " and " + listed[-1]
