"""Make a report out of a recommendation, the knowledge behind it and the machine file.

Pure: the same inputs give the same report. What is said is settled here; how it looks is not.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import app
from app.charts import comparable, duration, gains_over
from app.report.checksums import checksums
from app.report.document import (
    Block,
    Bullets,
    Chart,
    Column,
    Command,
    DecisionRecord,
    FactUsed,
    FrameworkShown,
    Line,
    OptionShown,
    Origin,
    Paragraph,
    Report,
    Section,
    StarterRun,
    Subheading,
    Summary,
    Table,
    Tone,
)
from app.report.redaction import redact_machine, redact_recommendation, redact_starter
from app.report.words import counted, holds_in, joined, percent, sentence, size
from probes.results import Machine, Measurement
from rules.model import Capability, Fact, Grade, Knowledge, Question, Statement
from rules.recommendation import Contribution, Part, Ranked, Recommendation, RuledOut

GRADE_WORDS: dict[Grade, str] = {
    "measured": "measured here",
    "official": "official",
    "reported": "reported",
    "judgement": "judgement",
    "unknown": "not known",
}
NEXT_STEPS = 3
REASONS = 3
DRIVERS = 6
FOR_AND_AGAINST = 3


class StarterOutcome(Protocol):
    """What a run of the starter project gives."""

    @property
    def returncode(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def metrics(self) -> Mapping[str, float]: ...
    @property
    def versions(self) -> Mapping[str, str]: ...
    @property
    def tail(self) -> str: ...


class _Context:
    """All that the sections are made of, looked up once."""

    def __init__(
        self,
        recommendation: Recommendation,
        knowledge: Knowledge,
        machine: Machine | None,
        starter: StarterRun | None,
    ) -> None:
        self.recommendation = recommendation
        self.knowledge = knowledge
        self.machine = machine
        self.machine_counted = machine is not None and recommendation.machine == machine.fingerprint
        self.starter = starter
        self.names = _names(knowledge)
        self.facts = _facts_used(recommendation, knowledge)

    def name(self, identifier: str) -> str:
        return self.names.get(identifier, identifier)

    @property
    def leader(self) -> Ranked | None:
        ranking = self.recommendation.ranking
        return ranking[0] if ranking else None


def build(
    recommendation: Recommendation,
    knowledge: Knowledge,
    machine: Machine | None = None,
    starter: StarterOutcome | None = None,
    redact: bool = False,
) -> Report:
    """The report; with `redact`, without host and user names, paths and device ids."""
    run = None
    if starter is not None:
        run = StarterRun(
            returncode=starter.returncode,
            seconds=starter.seconds,
            metrics=dict(starter.metrics),
            versions=dict(starter.versions),
            tail=starter.tail,
        )
    if redact:
        recommendation = redact_recommendation(recommendation, machine)
        machine = redact_machine(machine) if machine else None
        run = redact_starter(run) if run else None
    context = _Context(recommendation, knowledge, machine, run)
    sections = [section(context) for section in SECTIONS]
    return Report(
        title="Which deep-learning framework: a decision record",
        program_version=app.VERSION,
        redacted=redact,
        summary=_summary(context),
        record=_record(context),
        sections=tuple(section for section in sections if section is not None),
        names=context.names,
        recommendation=recommendation,
        machine=machine,
        machine_counted=context.machine_counted,
        starter=run,
        facts=context.facts,
        frameworks=tuple(
            FrameworkShown(
                id=one.id,
                name=one.name,
                lifecycle=one.lifecycle,
                first_release=one.first_release,
                latest_release=one.latest_release,
                best_at=one.best_at,
                worst_at=one.worst_at,
            )
            for one in knowledge.frameworks
        ),
        checksums=checksums(recommendation, machine, context.facts),
    )


# -- The first screen ----------------------------------------------------------------------------


def _summary(context: _Context) -> Summary:
    recommendation = context.recommendation
    verdict = recommendation.verdict
    how_sure, tone, detail = _how_sure(context)
    return Summary(
        framework=verdict.framework,
        what=_what(context),
        how_sure=how_sure,
        sure_tone=tone,
        how_sure_detail=detail,
        evidence=_evidence(context),
        why=tuple(sentence(reason) for reason in _reasons(context)[:REASONS]),
        next_steps=_next_steps(context),
        install=_install(context),
        review_by=recommendation.plan.review_by if recommendation.plan else None,
    )


def _what(context: _Context) -> str:
    verdict = context.recommendation.verdict
    if verdict.framework is None:
        return "No framework is left with these answers"
    name = context.name(verdict.framework)
    if context.recommendation.screen.exit is not None:
        return name
    if verdict.kind == "clear":
        return f"Choose {name}"
    if verdict.kind == "close":
        return f"{name}, but it is close"
    return f"{name} leads, but too little is known to decide"


def _how_sure(context: _Context) -> tuple[str, Tone, str]:
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
    words = f"Holds in {holds_in(verdict.top_share)} of our what-ifs"
    tone: Tone = {"clear": "good", "close": "warn"}.get(verdict.kind, "warn")  # type: ignore[assignment]
    if verdict.kind == "close":
        rivals = _rivals(context)
        if rivals:
            words += f"; {joined(rivals)} {'is' if len(rivals) == 1 else 'are'} about as good"
    elif verdict.kind == "insufficient":
        words += ", but answers that can change it are missing"
    draws = recommendation.made.draws
    return (
        words + ".",
        tone,
        f"In {percent(leader.top_share)} of {draws:,} what-ifs {name} is the best or within 0.02 "
        f"points of the best; in {percent(leader.first_rank_share)} it is strictly first.",
    )


def _rivals(context: _Context) -> list[str]:
    ranking = context.recommendation.ranking
    near = [one for one in ranking[1:] if one.top_share >= 0.3][:2]
    return [f"{context.name(one.framework)} ({percent(one.top_share)})" for one in near]


def _evidence(context: _Context) -> str:
    machine, recommendation = context.machine, context.recommendation
    stale = len(recommendation.knowledge.stale)
    facts = f"{counted(len(context.facts), 'dated statement')}"
    if stale:
        facts += f", {stale} of them due for a recheck"
    if machine is None or machine.tier is None:
        return f"Not measured: rests on your answers and {facts}."
    valid = [one for one in machine.measurements if one.verdict.status == "valid"]
    taken = f"{counted(len(valid), 'valid measurement')}"
    if context.machine_counted:
        return f"Rests on your answers, {facts} and {taken} on your machine."
    return f"Rests on your answers and {facts}; {taken} are shown, but did not count."


def _reasons(context: _Context) -> list[str]:
    recommendation = context.recommendation
    if recommendation.screen.reason is not None:
        return [recommendation.screen.reason]
    if recommendation.why:
        return list(recommendation.why)
    return [recommendation.verdict.reason]


def _next_steps(context: _Context) -> tuple[Line, ...]:
    recommendation = context.recommendation
    steps = [
        Line(strong="First settle a contradiction.", text=sentence(conflict.question), tone="warn")
        for conflict in recommendation.conflicts
    ]
    if recommendation.verdict.kind == "none":
        steps += [
            Line(strong=f"{context.name(one.framework)}:", text=sentence(one.fix))
            for one in recommendation.ruled_out
            if one.fix is not None
        ]
    if recommendation.verdict.kind == "insufficient":
        steps += [
            Line(strong="Answer first:", text=question) for question in _open_questions(context)[:2]
        ]
    if recommendation.plan is not None:
        steps += [
            Line(strong=sentence(phase.title), text=sentence(phase.text))
            for phase in recommendation.plan.phases
        ]
    return tuple(steps[:NEXT_STEPS])


def _install(context: _Context) -> Command | None:
    stack = context.recommendation.stack
    if stack is None or stack.install is None:
        return None
    return Command(text=stack.install.command, note=stack.install.note)


def _open_questions(context: _Context) -> list[str]:
    """Texts of the open questions that can change the winner, the strongest first."""
    questions = {question.id: question for question in context.knowledge.questions}
    ordered = sorted(
        context.recommendation.open_questions.items(), key=lambda pair: (-pair[1], pair[0])
    )
    return [
        questions[question].text if question in questions else question
        for question, share in ordered
        if share > 0
    ]


# -- The decision record -------------------------------------------------------------------------


def _record(context: _Context) -> DecisionRecord:
    recommendation = context.recommendation
    leader = context.leader
    weighted = sorted(leader.contributions, key=lambda one: -one.weight) if leader else []
    questions = {one.id: one.question for one in context.knowledge.criteria}
    ruled_out: dict[str, list[str]] = {}
    for one in recommendation.ruled_out:
        ruled_out.setdefault(one.framework, []).append(sentence(one.reason))
    return DecisionRecord(
        context=tuple(
            Line(strong=f"{question.topic}:", text=sentence(_answer_line(context, question).text))
            for question in context.knowledge.questions
            if question.id in recommendation.answers.answers
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


def _option(context: _Context, ranked: Ranked) -> OptionShown:
    """What moves its score most away from the middle of the scale, either way."""
    pulls = sorted(ranked.contributions, key=lambda one: -one.weight * (one.value - 0.5))
    chosen = ranked.framework == context.recommendation.verdict.framework

    def said(one: Contribution) -> str:
        return f"{context.name(one.criterion)}: {sentence(one.sentence)}"

    return OptionShown(
        framework=ranked.framework,
        outcome="chosen" if chosen else "ranked",
        good=tuple(said(one) for one in pulls[:FOR_AND_AGAINST] if one.value > 0.5),
        bad=tuple(said(one) for one in pulls[: -FOR_AND_AGAINST - 1 : -1] if one.value < 0.5)
        + tuple(sentence(warning) for warning in ranked.warnings),
    )


# -- Sections ------------------------------------------------------------------------------------


def _sure(context: _Context) -> Section | None:
    recommendation = context.recommendation
    if not recommendation.ranking:
        return None
    summary, _, detail = _how_sure(context)
    made = recommendation.made
    blocks: list[Block] = [
        _paragraph(recommendation.verdict.reason),
        _paragraph(
            f"How this was found: {made.draws:,} times, every weight was halved to doubled at "
            "random and every level moved within what its evidence allows: little for official "
            "sources and measurements, more for judgement, and the whole range where nothing is "
            "known. Each time the ranking was made again. The shares below count these what-ifs; "
            "they are not the probability that the advice is right.",
            "muted",
        ),
    ]
    if recommendation.screen.exit is None:
        blocks.insert(0, _paragraph(f"{summary} {detail}"))
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
                columns=_columns("Framework", "#Among the best", "#Strictly first"),
                rows=tuple(
                    (
                        _framework(context, one.framework),
                        Line(text=percent(one.top_share)),
                        Line(text=percent(one.first_rank_share)),
                    )
                    for one in recommendation.ranking
                ),
            ),
        )
    )
    return Section(id="sure", title="How sure this is", blocks=tuple(blocks))


def _why(context: _Context) -> Section | None:
    recommendation, leader = context.recommendation, context.leader
    blocks: list[Block] = []
    if recommendation.screen.reason is not None:
        blocks.append(_paragraph(recommendation.screen.reason))
        blocks.append(
            Bullets(
                items=tuple(
                    Line(text=one.text, origin=_origin(one))
                    for one in context.facts
                    if one.id in recommendation.screen.facts
                )
            )
        )
    if recommendation.why:
        blocks.append(Bullets(items=tuple(Line(text=sentence(one)) for one in recommendation.why)))
    if leader is not None:
        blocks += _contributions(context, leader)
    if not blocks:
        return None
    return Section(id="why", title="Why", blocks=tuple(blocks))


def _contributions(context: _Context, leader: Ranked) -> list[Block]:
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
                    columns=_columns("Criterion", "#Points"),
                    rows=tuple(
                        (Line(text=context.name(one)), Line(text=f"{gain:+.3f}"))
                        for one, gain in gains
                    ),
                ),
            )
        )
    blocks.append(
        Table(
            caption=f"All criteria for {name}: weight, value with its range, and what it rests on",
            columns=_columns(
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


def _ranking(context: _Context) -> Section | None:
    recommendation = context.recommendation
    if not recommendation.ranking:
        return None
    intro = "What is left after the requirements, by score. Ranges that overlap are near-ties."
    if recommendation.screen.exit is not None:
        intro = "If you want a deep-learning framework all the same. " + intro
    first = recommendation.ranking[0]
    blocks: list[Block] = [
        _paragraph(intro),
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
                columns=_columns("Framework", "#Rank", "#Score", "#90 % range", "#Behind"),
                rows=tuple(
                    (
                        _framework(context, one.framework),
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
    warnings = [
        Line(
            strong=f"{context.name(one.framework)}:",
            text=sentence(warning),
            framework=one.framework,
        )
        for one in recommendation.ranking
        for warning in one.warnings
    ]
    if warnings:
        blocks += [Subheading(text="Worth knowing"), Bullets(items=tuple(warnings))]
    blocks.append(_all_contributions(context))
    return Section(id="ranking", title="The ranking, with its doubt", blocks=tuple(blocks))


def _all_contributions(context: _Context) -> Table:
    ranking = context.recommendation.ranking
    criteria = [one.criterion for one in ranking[0].contributions]
    values = [{c.criterion: c for c in one.contributions} for one in ranking]
    return Table(
        caption="Points by criterion: weight times value; each column adds up to the score",
        columns=_columns(
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


def _why_not(context: _Context) -> Section | None:
    shown = {one.id: one for one in context.knowledge.frameworks}
    blocks: list[Block] = []
    for one in context.recommendation.why_not:
        lines = [Line(text=sentence(one.sentence))]
        if one.in_favour:
            names = joined([context.name(criterion) for criterion in one.in_favour])
            lines.append(Line(strong="In its favour:", text=sentence(names), tone="good"))
        if one.against:
            names = joined([context.name(criterion) for criterion in one.against])
            lines.append(Line(strong="Against it:", text=sentence(names), tone="bad"))
        if one.framework in shown:
            lines.append(
                Line(strong="Best at:", text=sentence(shown[one.framework].best_at), tone="muted")
            )
        blocks.append(Subheading(text=context.name(one.framework)))
        blocks.append(Bullets(items=tuple(lines)))
    if not blocks:
        return None
    return Section(id="why-not", title="Why not the others", blocks=tuple(blocks))


def _ruled_out(context: _Context) -> Section | None:
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
            _paragraph(
                "These cannot do what you require, or are no longer kept up. No score outweighs "
                "that, so they are not ranked."
            ),
            Table(
                caption="Frameworks ruled out",
                columns=_columns("Framework", "Reason", "Way out", "Source"),
                rows=tuple(
                    (
                        _framework(context, framework) if index == 0 else Line(text="also"),
                        Line(text=sentence(one.reason)),
                        Line(text=sentence(one.fix)) if one.fix else Line(text="none known"),
                        _source_line(one.source, one.as_of),
                    )
                    for framework, entries in by_framework.items()
                    for index, one in enumerate(entries)
                ),
            ),
        ),
    )


def _conflicts(context: _Context) -> Section | None:
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
                        f"Read until you say otherwise: {sentence(one.reading)}",
                        tone="warn",
                    )
                    for one in conflicts
                )
            ),
        ),
    )


def _flips(context: _Context) -> Section | None:
    recommendation = context.recommendation
    blocks: list[Block] = []
    if recommendation.flips:
        blocks += [
            Bullets(items=tuple(Line(text=sentence(one.sentence)) for one in recommendation.flips)),
            Table(
                caption="Weights at which another framework draws level, the rest in proportion",
                columns=_columns("Criterion", "#Weight today", "#Flips at", "Then first"),
                rows=tuple(
                    (
                        Line(text=context.name(one.criterion)),
                        Line(text=percent(one.weight)),
                        Line(text=percent(one.flips_at)),
                        _framework(context, one.challenger),
                    )
                    for one in recommendation.flips
                ),
                folded=True,
            ),
        ]
    elif recommendation.ranking and recommendation.screen.exit is None:
        blocks.append(_paragraph("No change of a single weight makes another framework first."))
    questions = {question.id: question for question in context.knowledge.questions}
    ordered = sorted(recommendation.open_questions.items(), key=lambda pair: (-pair[1], pair[0]))
    if ordered:
        blocks += [
            Table(
                caption="Questions left open: the share of their options that changes the winner",
                columns=_columns("Question", "#Changes the winner with"),
                rows=tuple(
                    (
                        Line(text=questions[one].text if one in questions else one),
                        Line(text=percent(share) + " of its options"),
                    )
                    for one, share in ordered
                ),
            )
        ]
    if not blocks:
        return None
    return Section(id="flips", title="What would change it", blocks=tuple(blocks))


def _plan(context: _Context) -> Section | None:
    stack, plan = context.recommendation.stack, context.recommendation.plan
    blocks: list[Block] = []
    if stack is not None:
        if stack.install is not None:
            install = stack.install
            blocks += [
                Subheading(text="Install"),
                Command(text=install.command, note=install.note),
                Paragraph(
                    line=Line(
                        text="Confirmed by a package resolver."
                        if install.verified
                        else "As the makers publish it; not tried on your machine by this program.",
                        tone="muted",
                        origin=Origin(source=install.source, as_of=install.as_of),
                    )
                ),
            ]
        rows = [
            row
            for title, parts in (
                ("Training", stack.training),
                ("Data", stack.data),
                ("Delivery", stack.delivery),
                ("Serving", stack.serving),
                ("Tracking", stack.tracking),
            )
            for row in _parts(context, title, parts)
        ]
        if rows:
            blocks += [
                Subheading(text="The stack"),
                Table(
                    caption="Parts of the stack",
                    columns=_columns("For", "Part", "How", "Packages", "Source"),
                    rows=tuple(rows),
                ),
            ]
    if plan is not None:
        if plan.phases:
            blocks += [
                Subheading(text="Steps"),
                Bullets(
                    items=tuple(
                        Line(strong=sentence(one.title), text=sentence(one.text))
                        for one in plan.phases
                    ),
                    numbered=True,
                ),
            ]
        for move in plan.migration:
            blocks += [
                Subheading(
                    text=f"Migration: {context.name(move.from_code)} to {context.name(move.to)}"
                ),
                Paragraph(
                    line=Line(
                        strong=f"Effort: {move.effort}.",
                        text=sentence(move.text),
                        origin=Origin(source=move.source, as_of=move.as_of),
                    )
                ),
                Bullets(
                    items=tuple(Line(text=sentence(one)) for one in move.first_steps),
                    numbered=True,
                ),
            ]
        if plan.risks:
            blocks += [
                Subheading(text="Risks to say aloud"),
                Bullets(
                    items=tuple(
                        Line(
                            text=sentence(one.text),
                            origin=Origin(source=one.source, as_of=one.as_of),
                        )
                        for one in plan.risks
                    )
                ),
            ]
        if plan.learning:
            blocks += [
                Subheading(text="Where to learn it"),
                Bullets(
                    items=tuple(
                        Line(
                            strong=f"{one.level.capitalize()}:",
                            text=f"{one.title} ({one.author}, {one.as_of})",
                            link=one.link,
                        )
                        for one in plan.learning
                    )
                ),
            ]
    blocks += _starter(context)
    if not blocks:
        return None
    return Section(id="plan", title="Stack and plan", blocks=tuple(blocks))


def _parts(context: _Context, title: str, parts: Iterable[Part]) -> Iterable[tuple[Line, ...]]:
    for one in parts:
        target = _option_text(context, "deployment", one.for_target) if one.for_target else None
        text = sentence(one.text)
        if one.warning:
            text += f" Mind: {sentence(one.warning)}"
        yield (
            Line(text=f"{title} ({target})" if target else title),
            Line(text=one.name),
            Line(text=text, tone="warn" if one.warning else "plain"),
            Line(text=", ".join(one.packages) or "—"),
            _source_line(one.source, one.as_of) if one.source else Line(text="editorial"),
        )


def _starter(context: _Context) -> list[Block]:
    run = context.starter
    if run is None:
        return []
    ended = "ended well" if run.returncode == 0 else f"ended with code {run.returncode}"
    blocks: list[Block] = [
        Subheading(text="The starter project, run here"),
        _paragraph(
            f"It {ended} after {duration(run.seconds)}.", "good" if run.returncode == 0 else "bad"
        ),
    ]
    rows = [(Line(text=key), Line(text=f"{value:g}")) for key, value in run.metrics.items()]
    rows += [(Line(text=key), Line(text=value)) for key, value in run.versions.items()]
    if rows:
        blocks.append(
            Table(
                caption="What it reported, and the versions it ran with",
                columns=_columns("Name", "#Value"),
                rows=tuple(rows),
            )
        )
    if run.tail and run.returncode != 0:
        blocks.append(Command(text=run.tail, note="The end of its output"))
    return blocks


def _measurements(context: _Context) -> Section | None:
    machine = context.machine
    if machine is None:
        return None
    blocks: list[Block] = [_hardware(machine)]
    if machine.frameworks:
        blocks.append(_findings(context, machine))
    panels = comparable(machine)
    if panels:
        count_note = (
            "They count towards the score, as far as they are of the class of device that you "
            "train on."
            if context.machine_counted
            else "They did not count towards the score."
        )
        blocks += [
            _paragraph(
                "Each mode did work proven equal to a float64 reference before any time counted; "
                "modes took turns, and each round was checked against a control product. "
                "Two modes differ only when every round agrees and the median differs by at "
                f"least 10 %; otherwise they tie. {count_note}"
            ),
            Chart(
                name="measurements",
                caption="Times as multiples of the best of each workload; the axis is logarithmic",
                alt=" ".join(_panel_words(panel) for panel in panels),
                table=_times(panels),
            ),
        ]
    if machine.comparisons:
        blocks.append(_comparisons(machine))
    if machine.measurements:
        blocks.append(_provenance(machine))
    return Section(id="measurements", title="Measured on this machine", blocks=tuple(blocks))


def _hardware(machine: Machine) -> Table:
    hardware = machine.hardware
    cpu = hardware.cpu
    rows = [
        ("Processor", cpu.model + (f" ({cpu.microarchitecture})" if cpu.microarchitecture else "")),
        ("Cores", f"{cpu.usable_cores:g} usable of {cpu.logical_cores} logical"),
        ("Vector units", ", ".join(cpu.flags) or "none that matter"),
        ("Memory", size(hardware.memory_bytes)),
    ]
    for one in hardware.accelerators:
        memory = f", {size(one.memory_bytes)}" if one.memory_bytes else ""
        driver = f", driver {one.driver}" if one.driver else ""
        rows.append(("Accelerator", f"{one.vendor} {one.name}{memory}{driver}"))
    if not hardware.accelerators:
        notes = "; ".join(hardware.accelerator_notes)
        rows.append(("Accelerator", "none found" + (f": {notes}" if notes else "")))
    rows += [
        ("System", f"{hardware.os} {hardware.os_version}"),
        ("Power", _power(machine)),
        ("Measured", _when(machine)),
        ("Fingerprint", machine.fingerprint),
    ]
    return Table(
        caption="The machine",
        columns=_columns("What", "Found"),
        rows=tuple((Line(text=key), Line(text=value)) for key, value in rows),
    )


def _power(machine: Machine) -> str:
    hardware = machine.hardware
    said = []
    if hardware.on_battery is not None:
        said.append("on battery" if hardware.on_battery else "on mains")
    if hardware.governor:
        said.append(f"governor {hardware.governor}")
    if hardware.virtualised:
        said.append("virtual machine or container")
    return ", ".join(said) or "not readable"


def _when(machine: Machine) -> str:
    if machine.tier is None:
        return f"nothing; looked at {machine.started_utc}"
    ended = ", cancelled before its end" if machine.cancelled else ""
    return f"{machine.started_utc}, tier {machine.tier}, {duration(machine.seconds)}{ended}"


STATE_WORDS: dict[str, tuple[str, Tone]] = {
    "found": ("found, not started", "muted"),
    "works": ("works", "good"),
    "broken": ("installed, does not work", "bad"),
    "falls_back_to_cpu": ("works, but not on the accelerator", "warn"),
    "timed_out": ("did not answer in time", "bad"),
    "cancelled": ("cancelled", "muted"),
}


def _findings(context: _Context, machine: Machine) -> Table:
    rows = []
    for one in machine.frameworks:
        state, tone = STATE_WORDS[one.state]
        said = " ".join(sentence(text) for text in (one.reason, one.fix) if text)
        rows.append(
            (
                _framework(context, one.framework),
                Line(text=one.version or "—"),
                Line(text=state, tone=tone),
                Line(text=said or "—"),
                Line(text=duration(one.import_seconds) if one.import_seconds else "—"),
                Line(text=str(one.threads) if one.threads else "—"),
                Line(text=one.python),
            )
        )
    return Table(
        caption="Frameworks found",
        columns=_columns(
            "Framework", "Version", "State", "Cause and fix", "#Import", "#Threads", "Interpreter"
        ),
        rows=tuple(rows),
    )


def _panel_words(panel: list[Measurement]) -> str:
    best, worst = panel[0], panel[-1]
    assert best.median_seconds
    assert worst.median_seconds
    return (
        f"{best.workload}: {best.mode} is fastest with {duration(best.median_seconds)}, "
        f"{worst.mode} slowest at {worst.median_seconds / best.median_seconds:.1f} times that."
    )


def _times(panels: list[list[Measurement]]) -> Table:
    rows = []
    for panel in panels:
        best = panel[0].median_seconds
        assert best
        for one in panel:
            assert one.median_seconds is not None
            rows.append(
                (
                    Line(text=one.workload),
                    Line(text=one.mode, framework=one.framework),
                    Line(text=duration(one.median_seconds)),
                    Line(text=_interval(one)),
                    Line(text=f"{one.median_seconds / best:.2f} ×"),
                    Line(text=percent(one.efficiency) if one.efficiency is not None else "—"),
                )
            )
    return Table(
        caption="Measured times by workload, fastest first",
        columns=_columns(
            "Workload", "Mode", "#Median", "#95 % interval", "#To best", "#Of this machine’s limit"
        ),
        rows=tuple(rows),
    )


def _interval(one: Measurement) -> str:
    return f"{duration(one.ci95[0])} – {duration(one.ci95[1])}" if one.ci95 else "—"


def _comparisons(machine: Machine) -> Table:
    words = {
        "first_faster": "{first} is faster",
        "second_faster": "{second} is faster",
        "tie": "tie",
    }
    return Table(
        caption="Pairs, called on rounds measured side by side",
        columns=_columns("Workload", "Pair", "#Ratio", "Verdict"),
        rows=tuple(
            (
                Line(text=f"{one.workload} on {one.device}"),
                Line(text=f"{one.first} and {one.second}"),
                Line(text=f"{one.ratio:.2f}"),
                Line(text=words[one.verdict].format(first=one.first, second=one.second)),
            )
            for one in machine.comparisons
        ),
        folded=True,
    )


STATUS_TONES: dict[str, Tone] = {
    "valid": "good",
    "unstable": "warn",
    "skipped": "muted",
    "cancelled": "muted",
}


def _provenance(machine: Machine) -> Table:
    versions = {(one.framework, one.python): one for one in machine.frameworks}
    rows = []
    for one in machine.measurements:
        finding = versions.get((one.framework, one.python))
        flagged = sum(1 for entry in one.rounds if entry.flagged)
        rows.append(
            (
                Line(text=f"{one.mode} · {one.workload}", framework=one.framework),
                Line(text=finding.version or "—" if finding else "—"),
                Line(text=one.device),
                Line(text=str(finding.threads) if finding and finding.threads else "—"),
                Line(text=one.track),
                Line(text=str(one.count)),
                Line(text=duration(one.median_seconds) if one.median_seconds else "—"),
                Line(text=_interval(one)),
                Line(text=f"{flagged} of {len(one.rounds)}"),
                Line(text=f"{one.equal_work.max_rel_err:.1e}" if one.equal_work else "—"),
                Line(
                    text=one.verdict.status.replace("_", " ")
                    + (f": {'; '.join(one.verdict.reasons)}" if one.verdict.reasons else ""),
                    tone=STATUS_TONES.get(one.verdict.status, "bad"),
                ),
            )
        )
    return Table(
        caption="How each was measured; the raw values stand in the JSON report",
        columns=_columns(
            "Mode and workload",
            "Version",
            "Device",
            "#Threads",
            "Track",
            "#n",
            "#Median",
            "#95 % interval",
            "#Rounds flagged",
            "#Error to reference",
            "Verdict",
        ),
        rows=tuple(rows),
        folded=True,
    )


def _limits(context: _Context) -> Section | None:
    machine, recommendation = context.machine, context.recommendation
    items = []
    if machine is None or machine.tier is None:
        items.append(
            Line(
                strong="Nothing was measured.",
                text="Speed counts with its full range of doubt for every framework. "
                "`framework-advisor probe` measures on your machine.",
            )
        )
    else:
        items += _not_measured(context, machine)
    if recommendation.knowledge.stale:
        items.append(
            Line(
                strong="Due for a recheck:",
                text=f"{counted(len(recommendation.knowledge.stale), 'statement')} past shelf "
                "life; each was given more doubt, and is marked in the sources.",
            )
        )
    if recommendation.knowledge.overridden:
        items.append(
            Line(
                strong="Overridden by you or a pack:",
                text=", ".join(recommendation.knowledge.overridden) + ".",
            )
        )
    items += [
        Line(
            strong="Judgement stays judgement.",
            text="Levels come from dated sources; the step from source to level is ours, and is "
            "given the doubt that this deserves. You can override any of them, with a reason.",
        ),
        Line(
            strong="Small workloads.",
            text="A probe takes minutes. It tells what this machine does with these versions, "
            "not how a week of training on a cluster will go.",
        ),
        Line(
            strong="Who measured.",
            text="This program, on the machine described above, started by its user. Nothing was "
            "sent anywhere, and no framework’s maker had a part in it.",
        ),
    ]
    return Section(
        id="limits",
        title="What was not measured, and other limits",
        blocks=(Bullets(items=tuple(items)),),
    )


def _not_measured(context: _Context, machine: Machine) -> list[Line]:
    items = []
    if not context.machine_counted:
        items.append(
            Line(
                strong="The measurements did not count.",
                text="They were taken on another class of device than the one you train on, or "
                "the decision was made without them.",
            )
        )
    left_out: dict[str, list[str]] = {}
    for one in machine.measurements:
        if one.verdict.status != "valid":
            left_out.setdefault(one.verdict.status.replace("_", " "), []).append(
                f"{one.mode} {one.workload}"
            )
    for status, entries in left_out.items():
        shown = ", ".join(entries[:6]) + (f" and {len(entries) - 6} more" if entries[6:] else "")
        items.append(Line(strong=f"{status.capitalize()}:", text=shown + "."))
    tried = {one.framework for one in machine.frameworks}
    absent = [
        context.name(one.framework)
        for one in context.recommendation.ranking
        if one.framework not in tried
    ]
    if absent:
        items.append(
            Line(
                strong="Not installed here, so not measured:",
                text=joined(absent) + ". That neither helped nor hurt.",
            )
        )
    items += [Line(strong="Note:", text=sentence(note)) for note in machine.notes]
    return items


def _answers(context: _Context) -> Section | None:
    answers = context.recommendation.answers
    questions = context.knowledge.questions
    known = {question.id for question in questions}
    rows = [
        (
            Line(text=question.topic),
            Line(text=question.text),
            _answer_line(context, question),
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
            columns=_columns("Topic", "Question", "Answer"),
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


def _answer_line(context: _Context, question: Question) -> Line:
    given = context.recommendation.answers.answers.get(question.id)
    chosen = () if given is None else (given,) if isinstance(given, str) else given
    if not chosen or chosen == ("unknown",):
        return Line(text="not answered: kept as doubt", tone="muted")
    return Line(text="; ".join(_option_text(context, question.id, one) for one in chosen))


IMPORTANCE_WORDS = {
    -2: "much less (× 1/4)",
    -1: "less (× 1/2)",
    0: "default",
    1: "more (× 2)",
    2: "much more (× 4)",
}


def _weights(context: _Context) -> Table:
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
        columns=_columns("Group or criterion", "#Weight", "Importance set by you"),
        rows=tuple(rows),
    )


def _sources(context: _Context) -> Section | None:
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
            _source_line(one.source, None),
        )
        for one in context.facts
    )
    return Section(
        id="sources",
        title="Sources",
        blocks=(
            _paragraph(
                "Every statement that this decision rests on, as it stood in the knowledge base. "
                "Grades, from strong to weak: measured here, official, reported, judgement, not "
                "known."
            ),
            Table(
                caption=f"{counted(len(rows), 'statement')} with grade, month and source",
                columns=_columns("About", "Criterion", "Statement", "Grade", "As of", "Source"),
                rows=rows,
                folded=True,
            ),
        ),
    )


def _replay(context: _Context) -> Section | None:
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
            columns=_columns("What", "Value"),
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
            _paragraph(f"Review by {plan.review_by}, or earlier when one of these happens:"),
            Bullets(items=tuple(Line(text=sentence(one)) for one in plan.review_when)),
        ]
    return Section(id="replay", title="Made with, replay and review", blocks=tuple(blocks))


SECTIONS: tuple[Callable[[_Context], Section | None], ...] = (
    _sure,
    _why,
    _ranking,
    _why_not,
    _ruled_out,
    _conflicts,
    _flips,
    _plan,
    _measurements,
    _limits,
    _answers,
    _sources,
    _replay,
)


# -- Small things --------------------------------------------------------------------------------


def _paragraph(text: str, tone: Tone = "plain") -> Paragraph:
    return Paragraph(line=Line(text=text, tone=tone))


def _columns(*titles: str) -> tuple[Column, ...]:
    """A `#` in front marks figures."""
    return tuple(Column(title=one.removeprefix("#"), numeric=one.startswith("#")) for one in titles)


def _framework(context: _Context, framework: str) -> Line:
    return Line(text=context.name(framework), framework=framework)


def _source_line(source: str, as_of: str | None) -> Line:
    link = source if source.startswith(("https://", "http://")) else None
    return Line(text=f"{source}, {as_of}" if as_of else source, link=link)


def _origin(fact: FactUsed) -> Origin:
    return Origin(source=fact.source, as_of=fact.as_of, grade=fact.grade)


def _flat(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _option_text(context: _Context, question_id: str, option_id: str) -> str:
    for question in context.knowledge.questions:
        if question.id == question_id:
            for option in question.options:
                if option.id == option_id:
                    return option.text
    return option_id


def _given(context: _Context, answers: Mapping[str, str | tuple[str, ...]]) -> str:
    topics = {question.id: question.topic for question in context.knowledge.questions}
    return "; ".join(
        f"{topics.get(question, question)}: "
        + ", ".join(
            _option_text(context, question, one)
            for one in ((value,) if isinstance(value, str) else value)
        )
        for question, value in answers.items()
    )


def _names(knowledge: Knowledge) -> dict[str, str]:
    names = {one.id: one.name for one in knowledge.components}
    names |= {one.id: one.name for one in knowledge.groups}
    names |= {one.id: one.name for one in knowledge.criteria}
    names |= {one.id: one.name for one in knowledge.exits}
    return names | {one.id: one.name for one in knowledge.frameworks}


def _facts_used(recommendation: Recommendation, knowledge: Knowledge) -> tuple[FactUsed, ...]:
    """In the order of the knowledge base, each once."""
    wanted = {
        fact
        for ranked in recommendation.ranking
        for contribution in ranked.contributions
        for fact in contribution.facts
    } | set(recommendation.screen.facts)
    stale = set(recommendation.knowledge.stale)
    overridden = set(recommendation.knowledge.overridden)

    def used(entry: Fact | Capability | Statement, about: str) -> FactUsed:
        return FactUsed(
            id=entry.id,
            about=about,
            criterion=entry.criterion if isinstance(entry, Fact) else None,
            level=entry.level if isinstance(entry, Fact) else None,
            grade=entry.grade,
            text=entry.text if isinstance(entry, Statement) else entry.reason,
            source=entry.source,
            as_of=entry.as_of,
            stale=entry.id in stale,
            overridden=entry.id in overridden,
        )

    entries: list[tuple[Fact | Capability | Statement, str]] = []
    for framework in knowledge.frameworks:
        entries += [(fact, framework.id) for fact in framework.facts]
        entries += [(capability, framework.id) for capability in framework.capabilities]
    entries += [(statement, "") for statement in knowledge.statements]
    return tuple(used(entry, about) for entry, about in entries if entry.id in wanted)
