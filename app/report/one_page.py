"""What stands on the one-page form below the verdict: short by count and by length, so it fits.

Nothing is left out silently: where a list is cut, it says how much more the whole report has.
"""

from app.headline import nearest_flips
from app.report.context import Context, columns, framework_line, open_questions, reasons
from app.report.document import Block, Bullets, Command, Line, Paragraph, Section, Table
from app.report.summary import REASONS, install_line, next_steps, pulls
from app.report.words import counted, joined, percent, sentence, shortened
from rules.recommendation import Contribution, Ranked

DRIVERS = 5
OPTIONS = 6
RULED_OUT = 6
FLIPS = 3
REVIEWS = 3
REASON = 90
"""Signs of a sentence at most; what is longer is cut between words."""
CELL = 110
STEP = 170


def one_page_sections(context: Context) -> tuple[Section, ...]:
    made = (
        _why(context),
        _next(context),
        _options(context),
        _drivers(context),
        _flips(context),
        _ruled_out(context),
        _review(context),
        _check(context),
    )
    return tuple(section for section in made if section is not None)


def _why(context: Context) -> Section | None:
    items = tuple(
        Line(strong=one.strong, text=shortened(one.text, STEP))
        for one in reasons(context)[:REASONS]
    )
    if not items:
        return None
    return Section(id="one-why", title="Why", blocks=(Bullets(items=items),))


def _next(context: Context) -> Section | None:
    blocks: list[Block] = []
    steps = tuple(
        Line(strong=one.strong, text=shortened(one.text, STEP), tone=one.tone)
        for one in next_steps(context)
    )
    if steps:
        blocks.append(Bullets(items=steps, numbered=True))
    install = install_line(context)
    if install is not None:
        note = shortened(install.note, STEP) if install.note else None
        blocks.append(Command(text=shortened(install.text, STEP), note=note))
    if not blocks:
        return None
    return Section(id="one-next", title="What to do next", blocks=tuple(blocks))


def _drivers(context: Context) -> Section | None:
    leader = context.leader
    if leader is None:
        return None
    weighted = sorted(leader.contributions, key=lambda one: -one.weight)
    shown = [one for one in weighted[:DRIVERS] if one.weight > 0]
    items = [
        Line(strong=f"{percent(one.weight)}", text=context.name(one.criterion)) for one in shown
    ]
    rest = sum(one.weight > 0 for one in weighted) - len(shown)
    if rest > 0:
        left = 1 - sum(one.weight for one in shown)
        items.append(
            Line(strong=percent(left), text=f"{counted(rest, 'other', 'others')}", tone="muted")
        )
    return Section(
        id="one-drivers", title="What weighs most", blocks=(Bullets(items=tuple(items)),)
    )


def _options(context: Context) -> Section | None:
    ranking = context.recommendation.ranking
    if not ranking:
        return None
    blocks: list[Block] = [
        Table(
            caption="Options by score, and the share of the what-ifs in which each is among the "
            "best",
            columns=columns("Option", "#Score", "#Share", "For", "Against"),
            rows=tuple(_option(context, one) for one in ranking[:OPTIONS]),
        )
    ]
    left = ranking[OPTIONS:]
    if left:
        names = joined([context.name(one.framework) for one in left])
        blocks.append(Paragraph(line=Line(text=f"Behind these: {names}.", tone="muted")))
    exit_taken = context.recommendation.screen.exit is not None
    title = "The frameworks, if you want one all the same" if exit_taken else "The options"
    return Section(id="one-options", title=title, blocks=tuple(blocks))


def _option(context: Context, ranked: Ranked) -> tuple[Line, ...]:
    good, bad = pulls(ranked)

    def said(found: list[Contribution]) -> Line:
        if not found:
            return Line(text="nothing that weighs")
        one = found[0]
        return Line(text=shortened(f"{context.name(one.criterion)}: {one.sentence}", CELL))

    return (
        framework_line(context, ranked.framework),
        Line(text=f"{ranked.score:.2f}"),
        Line(text=percent(ranked.top_share)),
        said(good),
        said(bad),
    )


def _ruled_out(context: Context) -> Section | None:
    reasons: dict[str, str] = {}
    for one in context.recommendation.ruled_out:
        reasons.setdefault(one.framework, one.reason)
    if not reasons:
        return None
    shown = list(reasons.items())[:RULED_OUT]
    items = [
        Line(
            strong=f"{context.name(framework)}:",
            text=shortened(sentence(reason), REASON),
            framework=framework,
        )
        for framework, reason in shown
    ]
    left = [context.name(framework) for framework in list(reasons)[RULED_OUT:]]
    if left:
        items.append(Line(text=f"Also {joined(left)}; the whole report says why.", tone="muted"))
    return Section(id="one-ruled-out", title="Ruled out", blocks=(Bullets(items=tuple(items)),))


def _flips(context: Context) -> Section | None:
    recommendation = context.recommendation
    if recommendation.screen.exit is not None or not recommendation.ranking:
        return None
    items = [
        Line(text=shortened(sentence(one.sentence), CELL + REASON))
        for one in nearest_flips(recommendation)[:FLIPS]
    ]
    reachable = [one.draws_level_sentence for one in recommendation.why_not[:1]]
    items += [Line(text=shortened(one, CELL + REASON)) for one in reachable if one]
    items += [
        Line(strong="An answer that is missing:", text=shortened(question, REASON))
        for question in open_questions(context)[:1]
    ]
    if not items:
        items = [Line(text="No change of a single weight makes another framework first.")]
    return Section(
        id="one-flips", title="What would change it", blocks=(Bullets(items=tuple(items)),)
    )


def _review(context: Context) -> Section | None:
    plan = context.recommendation.plan
    if plan is None:
        return None
    return Section(
        id="one-review",
        title=f"Review by {plan.review_by}, or when",
        blocks=(
            Bullets(
                items=tuple(
                    Line(text=shortened(sentence(one), CELL)) for one in plan.review_when[:REVIEWS]
                )
            ),
        ),
    )


def _check(context: Context) -> Section:
    recommendation = context.recommendation
    used = recommendation.knowledge
    machine = recommendation.machine
    stale = f", {len(used.stale)} of them due for a recheck" if used.stale else ""
    rests_on = (
        f"Knowledge {used.version} (SHA-256 {used.hash[:12]}…), {len(context.facts)} dated "
        f"statements{stale}; "
        + (f"machine {machine[:12]}…" if machine else "no machine measured")
        + f"; decided on {recommendation.made.today}. The whole report lists every answer, weight, "
        "measurement and source."
    )
    return Section(
        id="one-check",
        title="How to check this",
        blocks=(
            Command(text="framework-advisor replay REPORT.json"),
            Paragraph(line=Line(text=rests_on, tone="muted")),
        ),
    )
