"""What weighs most, and the options one by one: what speaks for each, and what against it."""

from app.report.context import Context, columns, paragraph
from app.report.document import Block, Bullets, Line, Section, Subheading, Table, Tone
from app.report.summary import DRIVERS, pulls
from app.report.words import percent, sentence
from rules.conditions import holds
from rules.recommendation import Contribution, Ranked, WhyNot

NEAREST = 3
"""As many of those behind the leader are told in full; of the rest the strongest, either way."""
IN_FAVOUR = 2
AGAINST = 3


def drivers_section(context: Context) -> Section | None:
    leader = context.leader
    if leader is None:
        return None
    weighted = sorted(leader.contributions, key=lambda one: -one.weight)[:DRIVERS]
    questions = {one.id: one.question for one in context.knowledge.criteria}
    share = percent(sum(one.weight for one in weighted))
    return Section(
        id="drivers",
        title="What weighs most",
        blocks=(
            paragraph(
                f"These {len(weighted)} criteria hold {share} of all weight. All weights stand "
                "under “All answers and weights”."
            ),
            Table(
                caption="The criteria that weigh most, and what moved them from their default",
                columns=columns("Criterion", "#Weight", "What it asks", "Moved by"),
                rows=tuple(
                    (
                        Line(text=context.name(one.criterion)),
                        Line(text=percent(one.weight)),
                        Line(text=questions.get(one.criterion, "")),
                        Line(text=_moved_by(context, one) or "nothing: default"),
                    )
                    for one in weighted
                ),
            ),
        ),
    )


def _moved_by(context: Context, one: Contribution) -> str:
    """The rules that the answers fired for it and its group, and the user's importance."""
    recommendation = context.recommendation
    repairs = {key: value for found in recommendation.conflicts for key, value in found.set.items()}
    given = {**recommendation.answers.answers, **repairs}
    said = [
        f"× {rule.factor:g}: {sentence(rule.reason)}"
        for rule in context.knowledge.weight_rules
        if rule.target in (one.criterion, one.group) and holds(rule.when, given)
    ]
    importance = recommendation.answers.importance
    said += [
        f"× {2.0 ** importance[target]:g}: your importance for {context.name(target)}."
        for target in (one.group, one.criterion)
        if importance.get(target)
    ]
    return " ".join(said)


def options_section(context: Context) -> Section | None:
    recommendation = context.recommendation
    blocks: list[Block] = []
    if context.leader is not None:
        blocks += _leader(context, context.leader)
    ranked = {one.framework: one for one in recommendation.ranking}
    for index, one in enumerate(recommendation.why_not):
        blocks += _other(context, one, ranked.get(one.framework), in_full=index < NEAREST)
    if not blocks:
        return None
    return Section(id="options", title="The options, for and against", blocks=tuple(blocks))


def _leader(context: Context, leader: Ranked) -> list[Block]:
    good, bad = pulls(leader)
    lines = [_said(context, "For", one, "good") for one in good]
    lines += [_said(context, "Against", one, "bad") for one in bad]
    lines += _known(context, leader)
    first = "first" if context.recommendation.screen.exit is None else "first of the frameworks"
    return [
        Subheading(text=f"{context.name(leader.framework)}: {first}"),
        Bullets(items=tuple(lines)),
    ]


def _other(context: Context, one: WhyNot, ranked: Ranked | None, in_full: bool) -> list[Block]:
    lines = []
    if context.leader is not None and ranked is not None:
        pair = (ranked, context.leader)
        ahead = one.in_favour[: IN_FAVOUR if in_full else 1]
        behind = one.against[: AGAINST if in_full else 1]
        lines += _compared(context, *pair, ahead, "For: ahead on", "good")
        lines += _compared(context, *pair, behind, "Against: behind on", "bad")
        lines += _known(context, ranked)
    else:
        lines += [_best_at(context, one.framework)]
    if one.draws_level_sentence:
        lines.append(Line(strong="To draw level:", text=sentence(one.draws_level_sentence)))
    return [
        Subheading(text=context.name(one.framework)),
        paragraph(sentence(one.sentence)),
        Bullets(items=tuple(lines)),
    ]


def _said(context: Context, side: str, one: Contribution, tone: Tone) -> Line:
    return Line(
        strong=f"{side}: “{context.name(one.criterion)}”:", text=sentence(one.sentence), tone=tone
    )


def _known(context: Context, ranked: Ranked) -> list[Line]:
    """What to know of it apart from the score."""
    lines = [
        Line(strong="Worth knowing:", text=sentence(warning), tone="warn")
        for warning in ranked.warnings
    ]
    return [*lines, _best_at(context, ranked.framework)]


def _best_at(context: Context, framework: str) -> Line:
    for one in context.knowledge.frameworks:
        if one.id == framework:
            text = f"{sentence(one.best_at)} Weakest at: {sentence(one.worst_at)}"
            return Line(strong="Best at:", text=text)
    return Line(text=context.name(framework))


def _compared(
    context: Context,
    other: Ranked,
    leader: Ranked,
    criteria: tuple[str, ...],
    side: str,
    tone: Tone,
) -> list[Line]:
    """What both reach on some criteria, in the words of the scale."""
    theirs = {one.criterion: one.sentence for one in other.contributions}
    ours = {one.criterion: one.sentence for one in leader.contributions}
    name = context.name(leader.framework)
    return [
        Line(
            strong=f"{side} “{context.name(one)}”:",
            text=f"{sentence(theirs[one])} {name}: {sentence(ours[one])}",
            tone=tone,
        )
        for one in criteria
        if one in theirs and one in ours
    ]
