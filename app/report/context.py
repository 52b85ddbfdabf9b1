"""What the sections of a report are made of, and the small pieces that all of them use."""

from dataclasses import dataclass

from app.installing.results import Verification
from app.report.document import Column, FactUsed, Line, Origin, Paragraph, StarterRun, Tone
from app.report.words import sentence
from app.what_ifs import WhatIf
from probes.results import Machine
from rules.model import Capability, Fact, Grade, Knowledge, Question, Statement
from rules.recommendation import Ranked, Recommendation

GRADE_WORDS: dict[Grade, str] = {
    "measured": "measured here",
    "official": "official",
    "reported": "reported",
    "judgement": "judgement",
    "unknown": "not known",
}


@dataclass(frozen=True)
class Context:
    """All that the sections are made of, looked up once."""

    recommendation: Recommendation
    knowledge: Knowledge
    machine: Machine | None
    machine_counted: bool
    """Whether the machine's measurements went into the decision."""
    starter: StarterRun | None
    names: dict[str, str]
    facts: tuple[FactUsed, ...]
    what_ifs: tuple[WhatIf, ...] = ()
    notes: str = ""
    installation: Verification | None = None

    def name(self, identifier: str) -> str:
        """For people; an id that nobody named stands for itself."""
        return self.names.get(identifier, identifier)

    @property
    def leader(self) -> Ranked | None:
        ranking = self.recommendation.ranking
        return ranking[0] if ranking else None


def context_of(
    recommendation: Recommendation,
    knowledge: Knowledge,
    machine: Machine | None,
    starter: StarterRun | None,
    what_ifs: tuple[WhatIf, ...] = (),
    notes: str = "",
    installation: Verification | None = None,
) -> Context:
    return Context(
        recommendation=recommendation,
        knowledge=knowledge,
        machine=machine,
        machine_counted=machine is not None and _is_measured(recommendation),
        starter=starter,
        names=_names(knowledge),
        facts=facts_used(recommendation, knowledge),
        what_ifs=what_ifs,
        notes=notes,
        installation=installation,
    )


def _is_measured(recommendation: Recommendation) -> bool:
    """Measurements moved the scores: a machine that was only looked at does not count, nor one
    whose times are of another class of device than the one that trains."""
    return any(
        one.grade == "measured" and one.weight > 0
        for ranked in recommendation.ranking
        for one in ranked.contributions
    )


def open_questions(context: Context) -> list[str]:
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


def given_options(context: Context, question: Question) -> tuple[str, ...]:
    """The options that were chosen; none where the question was left open."""
    given = context.recommendation.answers.answers.get(question.id, ())
    chosen = (given,) if isinstance(given, str) else given
    return () if chosen == ("unknown",) else chosen


def answer_line(context: Context, question: Question) -> Line:
    chosen = given_options(context, question)
    if not chosen:
        return Line(text="not answered: kept as doubt", tone="muted")
    return Line(text="; ".join(option_text(context, question.id, one) for one in chosen))


def reasons(context: Context) -> tuple[Line, ...]:
    """The strongest reasons for what is recommended; a criterion's name in front is stressed."""
    recommendation = context.recommendation
    screen = recommendation.screen
    if screen.reason is not None:
        facts = [one for one in context.facts if one.id in screen.facts]
        return (
            Line(text=sentence(screen.reason)),
            *(Line(text=sentence(one.text), origin=origin_of(one)) for one in facts),
        )
    texts = recommendation.why or (recommendation.verdict.reason,)
    criteria = {one.name for one in context.knowledge.criteria}
    lines = []
    for text in texts:
        criterion, found, rest = text.partition(": ")
        if found and criterion in criteria:
            lines.append(Line(strong=f"{criterion}:", text=sentence(rest)))
        else:
            lines.append(Line(text=sentence(text)))
    return tuple(lines)


def paragraph(text: str, tone: Tone = "plain") -> Paragraph:
    return Paragraph(line=Line(text=text, tone=tone))


def columns(*titles: str) -> tuple[Column, ...]:
    """A `#` in front marks figures."""
    return tuple(Column(title=one.removeprefix("#"), numeric=one.startswith("#")) for one in titles)


def framework_line(context: Context, framework: str) -> Line:
    return Line(text=context.name(framework), framework=framework)


def source_line(source: str, as_of: str | None) -> Line:
    link = source if source.startswith(("https://", "http://")) else None
    return Line(text=f"{source}, {as_of}" if as_of else source, link=link)


def option_text(context: Context, question_id: str, option_id: str) -> str:
    for question in context.knowledge.questions:
        if question.id == question_id:
            for option in question.options:
                if option.id == option_id:
                    return option.text
    return option_id


def _names(knowledge: Knowledge) -> dict[str, str]:
    names = {one.id: one.name for one in knowledge.components}
    names |= {one.id: one.name for one in knowledge.groups}
    names |= {one.id: one.name for one in knowledge.criteria}
    names |= {one.id: one.name for one in knowledge.exits}
    return names | {one.id: one.name for one in knowledge.frameworks}


def facts_used(recommendation: Recommendation, knowledge: Knowledge) -> tuple[FactUsed, ...]:
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


def origin_of(fact: FactUsed) -> Origin:
    return Origin(source=fact.source, as_of=fact.as_of, grade=fact.grade)
