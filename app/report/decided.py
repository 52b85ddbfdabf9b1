"""The sections on the decision: how sure, why, the ranking, why not, what would change it."""

from collections.abc import Mapping

from app.charts import gains_over, signed
from app.headline import nearest_flips
from app.report.context import (
    GRADE_WORDS,
    Context,
    columns,
    framework_line,
    option_text,
    paragraph,
    reasons,
    source_line,
)
from app.report.document import Block, Bullets, Chart, Line, Section, Table
from app.report.summary import robustness
from app.report.words import counted, joined, percent, sentence
from rules.recommendation import Flip, Ranked, RuledOut

FLIPS = 5


def sure_section(context: Context) -> Section | None:
    recommendation = context.recommendation
    if not recommendation.ranking:
        return None
    summary, _, detail = robustness(context)
    made = recommendation.made
    opening = summary
    if recommendation.screen.exit is None:
        opening = sentence(recommendation.verdict.reason)
    blocks: list[Block] = [
        paragraph(f"{opening} {detail}"),
        paragraph(
            f"How this was found: {made.draws:,} times, every weight was halved to doubled at "
            "random and every level moved within what its evidence allows: little for official "
            "sources and measurements, more for judgement, and the whole range where nothing is "
            "known. Each time the ranking was made again. The shares below count these what-ifs; "
            "they are not the probability that the advice is right.",
            "muted",
        ),
    ]
    leader = recommendation.ranking[0]
    blocks.append(
        Chart(
            name="shares",
            caption="Share of the what-ifs in which each framework is among the best, and first",
            alt=f"{context.name(leader.framework)} is within 0.02 of the best in "
            f"{percent(leader.top_share)} of the what-ifs and first in "
            f"{percent(leader.first_rank_share)}; the table gives all of them.",
            table=Table(
                caption="Shares of the what-ifs",
                columns=columns("Framework", "#Among the best", "#Strictly first"),
                rows=tuple(
                    (
                        framework_line(context, one.framework),
                        Line(text=percent(one.top_share)),
                        Line(text=percent(one.first_rank_share)),
                    )
                    for one in recommendation.ranking
                ),
            ),
        )
    )
    return Section(id="sure", title="How sure this is", blocks=tuple(blocks))


def why_section(context: Context) -> Section | None:
    recommendation, leader = context.recommendation, context.leader
    blocks: list[Block] = []
    if recommendation.why or recommendation.screen.reason is not None:
        blocks.append(Bullets(items=reasons(context)))
    if leader is not None:
        blocks += _contributions(context, leader)
    if not blocks:
        return None
    return Section(id="why", title="Why", blocks=tuple(blocks))


def _contributions(context: Context, leader: Ranked) -> list[Block]:
    ranking = context.recommendation.ranking
    other = ranking[1] if len(ranking) > 1 else None
    gains = gains_over(leader, other)
    name = context.name(leader.framework)
    blocks: list[Block] = []
    if gains:
        ahead = [context.name(one) for one, gain in gains if gain > 0][:3]
        behind = [context.name(one) for one, gain in gains if gain < 0][:3]
        if other is None:
            caption = f"What makes up the points of {name}"
            alt = f"Most points come from {joined(ahead)}."
        else:
            rival = context.name(other.framework)
            caption = f"What puts {name} ahead of {rival}: weight times the difference in level"
            alt = f"{name} gains most on {joined(ahead) or 'nothing'}; " + (
                f"{rival} gains most on {joined(behind)}." if behind else f"{rival} on nothing."
            )
        blocks.append(
            Chart(
                name="contributions",
                caption=caption,
                alt=alt,
                table=Table(
                    caption=caption,
                    columns=columns("Criterion", "#Points"),
                    rows=tuple(
                        (Line(text=context.name(one)), Line(text=signed(gain)))
                        for one, gain in gains
                    ),
                ),
            )
        )
    blocks.append(
        Table(
            caption=f"All criteria for {name}: weight, value with its range, and what it rests on",
            columns=columns(
                "Criterion", "#Weight", "#Value", "#Range", "#Points", "What it means", "Evidence"
            ),
            rows=tuple(
                (
                    Line(text=context.name(one.criterion)),
                    Line(text=percent(one.weight)),
                    Line(text=f"{one.value:.2f}"),
                    Line(text=f"{one.low:.2f}–{one.high:.2f}"),
                    Line(text=f"{one.points:.3f}"),
                    Line(text=one.sentence),
                    Line(text=GRADE_WORDS[one.grade]),
                )
                for one in leader.contributions
            ),
            folded=True,
        )
    )
    return blocks


def ranking_section(context: Context) -> Section | None:
    recommendation = context.recommendation
    if not recommendation.ranking:
        return None
    intro = "What is left after the requirements, by score. Ranges that overlap are near-ties."
    if recommendation.screen.exit is not None:
        intro = "If you want a deep-learning framework all the same. " + intro
    first = recommendation.ranking[0]
    blocks: list[Block] = [
        paragraph(intro),
        Chart(
            name="ranking",
            caption="Scores from 0 to 1, with the range that holds 90 % of the what-ifs",
            alt="; ".join(
                f"{context.name(one.framework)} {one.score:.2f} ({one.low:.2f} to {one.high:.2f})"
                for one in recommendation.ranking
            )
            + ".",
            table=Table(
                caption="Ranking",
                columns=columns("Framework", "#Rank", "#Score", "#90 % range", "#Behind"),
                rows=tuple(
                    (
                        framework_line(context, one.framework),
                        Line(text=str(one.rank)),
                        Line(text=f"{one.score:.3f}"),
                        Line(text=f"{one.low:.2f}–{one.high:.2f}"),
                        Line(text=f"{first.score - one.score:.3f}"),
                    )
                    for one in recommendation.ranking
                ),
            ),
        ),
    ]
    blocks.append(_all_contributions(context))
    return Section(id="ranking", title="The ranking, with its doubt", blocks=tuple(blocks))


def _all_contributions(context: Context) -> Table:
    ranking = context.recommendation.ranking
    criteria = [one.criterion for one in ranking[0].contributions]
    values = [{c.criterion: c for c in one.contributions} for one in ranking]
    return Table(
        caption="Points by criterion: weight times value; each column adds up to the score",
        columns=columns(
            "Criterion", "#Weight", *(f"#{context.name(one.framework)}" for one in ranking)
        ),
        rows=tuple(
            (
                Line(text=context.name(criterion)),
                Line(text=percent(values[0][criterion].weight)),
                *(
                    Line(text=f"{one[criterion].points:.3f}" if criterion in one else "—")
                    for one in values
                ),
            )
            for criterion in criteria
        ),
        folded=True,
    )


def ruled_out_section(context: Context) -> Section | None:
    ruled_out = context.recommendation.ruled_out
    if not ruled_out:
        return None
    by_framework: dict[str, list[RuledOut]] = {}
    for one in ruled_out:
        by_framework.setdefault(one.framework, []).append(one)
    return Section(
        id="ruled-out",
        title="Ruled out, and why",
        blocks=(
            paragraph(
                "These cannot do what you require, or are no longer kept up. No score outweighs "
                "that, so they are not ranked."
            ),
            Table(
                caption="Frameworks ruled out",
                columns=columns("Framework", "Reason", "Way out", "Source"),
                rows=tuple(
                    (
                        framework_line(context, framework) if index == 0 else Line(text="also"),
                        Line(text=sentence(one.reason)),
                        Line(text=sentence(one.fix)) if one.fix else Line(text="none known"),
                        source_line(one.source, one.as_of),
                    )
                    for framework, entries in by_framework.items()
                    for index, one in enumerate(entries)
                ),
            ),
        ),
    )


def conflicts_section(context: Context) -> Section | None:
    conflicts = context.recommendation.conflicts
    if not conflicts:
        return None
    return Section(
        id="conflicts",
        title="Answers that contradict each other",
        blocks=(
            Bullets(
                items=tuple(
                    Line(
                        strong="Cannot both be true." if one.severity == "impossible" else "Odd.",
                        text=f"{_given(context, one.answers)}. {sentence(one.question)} "
                        f"For now: {sentence(one.reading)}",
                        tone="warn",
                    )
                    for one in conflicts
                )
            ),
        ),
    )


def _given(context: Context, answers: Mapping[str, str | tuple[str, ...]]) -> str:
    topics = {question.id: question.topic for question in context.knowledge.questions}
    return "; ".join(
        f"{topics.get(question, question)}: "
        + ", ".join(
            option_text(context, question, one)
            for one in ((value,) if isinstance(value, str) else value)
        )
        for question, value in answers.items()
    )


def flips_section(context: Context) -> Section | None:
    recommendation = context.recommendation
    flips = nearest_flips(recommendation)
    blocks: list[Block] = []
    if flips:
        blocks += [
            Bullets(items=tuple(Line(text=sentence(one.sentence)) for one in flips[:FLIPS])),
            Chart(
                name="flips",
                caption="Weights today, and where another framework draws level",
                alt=f"{_flip_words(context, flips[0])} The table gives "
                f"{counted(len(flips), 'such weight')}.",
                table=Table(
                    caption="Weights at which another draws level, the rest in proportion",
                    columns=columns("Criterion", "#Weight today", "#Flips at", "Then level"),
                    rows=tuple(
                        (
                            Line(text=context.name(one.criterion)),
                            Line(text=percent(one.weight)),
                            Line(text=percent(one.flips_at)),
                            framework_line(context, one.challenger),
                        )
                        for one in flips
                    ),
                ),
            ),
        ]
    elif recommendation.ranking and recommendation.screen.exit is None:
        blocks.append(
            paragraph(
                "No change of a single weight makes another framework first, short of half of "
                "everything on one criterion."
            )
        )
    blocks += _levels(context)
    blocks += _open(context)
    if not blocks:
        return None
    return Section(id="flips", title="What would change it", blocks=tuple(blocks))


def _flip_words(context: Context, nearest: Flip) -> str:
    return (
        f"The nearest is {context.name(nearest.criterion)}: at {percent(nearest.flips_at)} instead "
        f"of {percent(nearest.weight)}, {context.name(nearest.challenger)} draws level."
    )


def _levels(context: Context) -> list[Block]:
    """Flips by score instead of weight: what each loser would have to reach."""
    reachable = [one for one in context.recommendation.why_not if one.draws_level_by]
    leader = context.leader
    if not reachable or leader is None:
        return []
    return [
        Table(
            caption=f"What each option would have to reach to draw level with "
            f"{context.name(leader.framework)}, weights as they are",
            columns=columns("Framework", "#Points behind", "In", "What it takes"),
            rows=tuple(
                (
                    framework_line(context, one.framework),
                    Line(text=f"{one.gap:.3f}"),
                    Line(text=joined([context.name(by) for by in one.draws_level_by])),
                    Line(
                        text=f"value {one.draws_level_at:.2f} of 1"
                        if one.draws_level_at is not None
                        else "the top of the scale in each"
                    ),
                )
                for one in reachable
            ),
        )
    ]


def _open(context: Context) -> list[Block]:
    shares = context.recommendation.open_questions
    if not shares:
        return []
    texts = {question.id: question.text for question in context.knowledge.questions}
    ordered = sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))
    moving = [texts.get(one, one) for one, share in ordered if share > 0]
    return [
        paragraph(
            "Questions left open whose answer can still change the winner: " + " ".join(moving)
            if moving
            else "No answer to a question left open changes the winner."
        ),
        Table(
            caption="Questions left open: the share of their options that changes the winner",
            columns=columns("Question", "#Share of options"),
            rows=tuple(
                (Line(text=texts.get(one, one)), Line(text=percent(share)))
                for one, share in ordered
            ),
            folded=True,
        ),
    ]


def lifecycle_section(context: Context) -> Section | None:
    frameworks = context.knowledge.frameworks
    if not frameworks:
        return None
    retired = [one.name for one in frameworks if one.lifecycle in ("stalled", "retired")]
    alt = f"Stalled or retired: {joined(retired)}." if retired else "None is stalled or retired."
    return Section(
        id="lifecycle",
        title="Where each framework stands",
        blocks=(
            Chart(
                name="lifecycle",
                caption="From the first release of each framework to its latest",
                alt=f"{alt} The table gives the releases and the state of each.",
                table=Table(
                    caption="State and releases",
                    columns=columns(
                        "Framework", "State", "First release", "Latest release", "Why", "Source"
                    ),
                    rows=tuple(
                        (
                            framework_line(context, one.id),
                            Line(text=one.lifecycle),
                            Line(text=one.first_release),
                            Line(text=one.latest_release),
                            Line(text=one.lifecycle_reason),
                            source_line(one.lifecycle_source, one.lifecycle_as_of),
                        )
                        for one in frameworks
                    ),
                ),
            ),
        ),
    )
