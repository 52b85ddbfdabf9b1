"""The first screen of a report, and what a decision record opens with."""

from app.charts import comparable
from app.headline import advised, headline
from app.installing.words import headline as headline_of_line
from app.report.context import Context, answer_line, given_options, open_questions, reasons
from app.report.document import Command, DecisionRecord, Line, OptionShown, Summary, Tone
from app.report.words import counted, joined, percent, sentence
from rules.explanation import share_words
from rules.recommendation import Contribution, Ranked, RuledOut

NEXT_STEPS = 3
REASONS = 3
DRIVERS = 6
FOR_AND_AGAINST = 3
WORTH_NAMING = 0.2


def summary_of(context: Context) -> Summary:
    recommendation = context.recommendation
    how_sure, tone, detail = robustness(context)
    return Summary(
        framework=advised(recommendation),
        what=headline(recommendation, context.names),
        how_sure=how_sure,
        sure_tone=tone,
        how_sure_detail=detail,
        evidence=_evidence(context),
        why=reasons(context)[:REASONS],
        next_steps=next_steps(context),
        install=install_line(context),
        review_by=recommendation.plan.review_by if recommendation.plan else None,
    )


def robustness(context: Context) -> tuple[str, Tone, str]:
    """In words, the tone of it, and how the words came about."""
    recommendation = context.recommendation
    verdict, leader = recommendation.verdict, context.leader
    if recommendation.screen.exit is not None:
        return (
            "Settled before any scoring: this follows from your answers alone.",
            "good",
            "The frameworks are ranked below all the same, in case you want one.",
        )
    if leader is None or verdict.top_share is None:
        return (
            "Every framework is ruled out by at least one requirement.",
            "bad",
            "The section “Ruled out, and why” names each requirement and its way out.",
        )
    name = context.name(leader.framework)
    words = f"Holds {share_words(verdict.top_share)}"
    if advised(recommendation) != leader.framework:
        words = f"{name} is among the best {share_words(verdict.top_share)}"
    if verdict.kind == "close":
        near = [
            f"{context.name(one.framework)} is among the best in {percent(one.top_share)} of them"
            for one in recommendation.ranking[1:3]
            if one.top_share >= WORTH_NAMING
        ]
        if near:
            words += f"; {joined(near)}"
    elif verdict.kind == "insufficient":
        words += ", but answers that can change it are missing"
    draws = recommendation.made.draws
    return (
        words + ".",
        "good" if verdict.kind == "clear" else "warn",
        f"In {percent(leader.top_share)} of {draws:,} what-ifs {name} is the best or within 0.02 "
        f"points of the best; in {percent(leader.first_rank_share)} it is strictly first.",
    )


def _evidence(context: Context) -> str:
    machine, recommendation = context.machine, context.recommendation
    stale = len(recommendation.knowledge.stale)
    facts = f"{counted(len(context.facts), 'dated statement')}"
    if stale:
        facts += f", {stale} of them due for a recheck"
    if not recommendation.ranking:
        return "Rests on your answers alone."
    if recommendation.screen.exit is not None:
        return "Rests on your answers; nothing had to be measured for it."
    if machine is None or machine.tier is None:
        return f"Not measured: rests on your answers and {facts}."
    valid = sum(len(panel) for panel in comparable(machine))
    if not valid:
        return (
            f"Rests on your answers and {facts}; no two times on your machine were steady enough "
            "to compare."
        )
    taken = counted(valid, "valid time")
    if context.machine_counted:
        return f"Rests on your answers, {facts} and {taken} on your machine."
    return f"Rests on your answers and {facts}; {taken} are shown, but did not count."


def next_steps(context: Context) -> tuple[Line, ...]:
    """What to do first; contradictions and missing answers before the plan's own steps."""
    recommendation = context.recommendation
    steps = [
        Line(strong="First settle a contradiction.", text=sentence(conflict.question), tone="warn")
        for conflict in recommendation.conflicts[:1]
    ]
    if recommendation.verdict.kind == "none":
        steps += _ways_out(context)
    if recommendation.verdict.kind == "insufficient":
        steps += [
            Line(strong="Answer first:", text=question) for question in open_questions(context)[:2]
        ]
    if recommendation.plan is not None:
        steps += [
            Line(strong=sentence(phase.title), text=sentence(phase.text))
            for phase in recommendation.plan.phases
        ]
    return tuple(steps[:NEXT_STEPS])


def _ways_out(context: Context) -> list[Line]:
    """Each fix that a ruled-out framework names, with why and for whom; the widest first."""
    ways: dict[str, list[RuledOut]] = {}
    for one in context.recommendation.ruled_out:
        if one.fix is not None:
            ways.setdefault(sentence(one.fix), []).append(one)
    lines = []
    for fix, entries in sorted(ways.items(), key=lambda way: -len(way[1])):
        whys = {sentence(one.reason) for one in entries}
        names = joined([context.name(one.framework) for one in entries])
        shared = f"{whys.pop()} " if len(whys) == 1 else ""
        lines.append(Line(strong=fix, text=f"{shared}This is about {names}."))
    return lines


def install_line(context: Context) -> Command | None:
    stack = context.recommendation.stack
    if stack is None or stack.install is None:
        return None
    notes = [stack.install.note]
    if context.installation is not None:
        # In front: what is cut on one page is the end.
        notes.insert(0, f"{headline_of_line(context.installation)}.")
    return Command(text=stack.install.command, note=" ".join(one for one in notes if one) or None)


def record_of(context: Context) -> DecisionRecord:
    recommendation = context.recommendation
    leader = context.leader
    weighted = sorted(leader.contributions, key=lambda one: -one.weight) if leader else []
    questions = {one.id: one.question for one in context.knowledge.criteria}
    ruled_out: dict[str, list[str]] = {}
    for one in recommendation.ruled_out:
        ruled_out.setdefault(one.framework, []).append(sentence(one.reason))
    return DecisionRecord(
        context=tuple(
            Line(strong=f"{question.topic}:", text=sentence(answer_line(context, question).text))
            for question in context.knowledge.questions
            if given_options(context, question)
        ),
        drivers=tuple(
            Line(
                strong=f"{context.name(one.criterion)} ({percent(one.weight)}).",
                text=questions.get(one.criterion, ""),
            )
            for one in weighted[:DRIVERS]
        ),
        options=(
            *(_option(context, one) for one in recommendation.ranking),
            *(
                OptionShown(framework=framework, outcome="ruled out", good=(), bad=tuple(reasons))
                for framework, reasons in ruled_out.items()
            ),
        ),
    )


def pulls(ranked: Ranked) -> tuple[list[Contribution], list[Contribution]]:
    """What moves its score most away from the middle of the scale: up, and down."""
    ordered = sorted(ranked.contributions, key=lambda one: -one.weight * (one.value - 0.5))
    good = [one for one in ordered[:FOR_AND_AGAINST] if one.value > 0.5 and one.weight > 0]
    bad = [
        one for one in ordered[: -FOR_AND_AGAINST - 1 : -1] if one.value < 0.5 and one.weight > 0
    ]
    return good, bad


def _option(context: Context, ranked: Ranked) -> OptionShown:
    good, bad = pulls(ranked)
    chosen = ranked.framework == advised(context.recommendation)

    def said(one: Contribution) -> str:
        return f"“{context.name(one.criterion)}”: {sentence(one.sentence)}"

    return OptionShown(
        framework=ranked.framework,
        outcome="chosen" if chosen else "ranked",
        good=tuple(map(said, good)),
        bad=(*map(said, bad), *map(sentence, ranked.warnings)),
    )
