"""The base as tables: frameworks side by side, needs against frameworks, components by purpose."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from rules.decision import GRADES, decide
from rules.gates import capabilities
from rules.model import (
    Answers,
    Fact,
    Framework,
    Grade,
    Knowledge,
    Lifecycle,
    Measurements,
    Persona,
    Record,
    StarRow,
    Stated,
)
from rules.recommendation import Contribution, Ranked
from rules.texts import say
from rules.views.sources import framework_names
from rules.weights import PERFORMANCE

STARS = 5
WIDE_STARS = 2.5
"""A range of more stars than this is no statement; the view marks it."""
DRAWS = 100
"""The tables show values and ranges, which come without draws."""
NOT_RECORDED = "Not recorded"


class Cell(Record, frozen=True, kw_only=True, omit_defaults=False):
    """What a table says of one framework, and what it rests on."""

    framework: str
    text: str
    grade: Grade | None
    """None where there is no statement."""
    source: str
    as_of: str


class Row(Record, frozen=True, kw_only=True, omit_defaults=False):
    subject: str
    title: str
    cells: tuple[Cell, ...]


class StarCell(Record, frozen=True, kw_only=True, omit_defaults=False):
    """Stars of one framework for one need: ours with what stands behind them, and an article's."""

    framework: str
    stars: float | None
    """1 to 5, to half a star; None where nothing is known."""
    low: float
    high: float
    is_wide: bool
    """The doubt is so wide that the stars say little."""
    said: int | None
    """What the article gave."""
    text: str
    """The levels' sentences and the facts' own."""
    grade: Grade
    facts: tuple[str, ...]


class StarTable(Record, frozen=True, kw_only=True, omit_defaults=False):
    rows: tuple["StarTableRow", ...]
    frameworks: tuple[str, ...]
    """Those that are left, the leader first."""
    ruled_out: tuple[str, ...]


class StarTableRow(Record, frozen=True, kw_only=True, omit_defaults=False):
    id: str
    title: str
    criteria: tuple[str, ...]
    article: str
    cells: tuple[StarCell, ...]


class Part(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One component in the table of what there is around a framework."""

    id: str
    name: str
    kind: str
    frameworks: tuple[str, ...]
    """Empty: it works with any."""
    lifecycle: Lifecycle
    summary: str
    last_release: str
    successor: str
    """Name; empty where there is none."""
    articles: tuple[int, ...]
    """Numbers of the articles that name it."""
    purposes: tuple[str, ...]
    """What they name it for."""
    source: str
    as_of: str


class PersonaRow(Record, frozen=True, kw_only=True, omit_defaults=False):
    id: str
    who: str
    winner: tuple[str, ...]
    """Any of these, by name."""
    kind: tuple[str, ...]
    ruled_out: tuple[str, ...]
    reason: str


PROFILE_TITLES: Mapping[str, str] = {
    "origin": "Origin",
    "execution": "Execution",
    "differentiation": "Derivatives",
    "distributed": "Several devices",
    "mixed_precision": "Mixed precision",
    "languages": "Languages",
    "input_pipeline": "Input pipeline",
    "tracking": "Tracking",
    "adoption": "Evidence of use",
    "cost": "Cost",
}
CAPABILITY_TITLES: Mapping[str, tuple[str, str]] = {
    "training_device": ("Trains on", "training_hardware"),
    "platform": ("Systems", "os"),
    "python": ("Python", "python_version"),
    "deployment": ("Runs trained models on", "deployment"),
}
"""Capability -> title and the question whose options it is told for."""
GENERAL_TITLES: Mapping[str, str] = {
    "ease": "Ease of learning",
    "prototyping": "Trying things",
    "tooling": "Tools",
    "production": "Serving and pipelines",
    "community": "Help and hiring",
    "longevity": "Future",
    "stability": "Upgrades",
}


def comparison(knowledge: Knowledge, frameworks: Collection[str] = ()) -> tuple[Row, ...]:
    """Frameworks side by side, a row for each subject; without names all of them, those that are
    alive first. Raises KeyError for a name that nothing has."""
    by_id = {one.id: one for one in knowledge.frameworks}
    chosen = [by_id[name] for name in frameworks] or by_state(knowledge)
    rows = [
        Row(
            subject=subject,
            title=say(title),
            cells=tuple(_identity(one, subject) for one in chosen),
        )
        for subject, title in (
            ("maker", "Made by"),
            ("first_release", "First release"),
            ("latest_release", "Latest release"),
            ("lifecycle", "State"),
            ("licence", "Licence"),
        )
    ]
    rows += [
        Row(subject=name, title=say(title), cells=tuple(_profile(one, name) for one in chosen))
        for name, title in PROFILE_TITLES.items()
    ]
    rows += [
        Row(
            subject=name,
            title=say(title),
            cells=tuple(_can(knowledge, one, name, question) for one in chosen),
        )
        for name, (title, question) in CAPABILITY_TITLES.items()
    ]
    rows += [
        Row(subject=name, title=say(title), cells=tuple(_general(one, name) for one in chosen))
        for name, title in GENERAL_TITLES.items()
    ]
    rows += [
        Row(subject=name, title=say(title), cells=tuple(_identity(one, name) for one in chosen))
        for name, title in (("best_at", "Best at"), ("worst_at", "Worst at"))
    ]
    return tuple(row for row in rows if any(cell.grade for cell in row.cells))


def by_state(knowledge: Knowledge) -> list[Framework]:
    """Those that are alive first, then by name."""
    order = ("active", "maintenance", "stalled", "retired")
    return sorted(
        knowledge.frameworks, key=lambda one: (order.index(one.lifecycle), one.name.casefold())
    )


def _identity(framework: Framework, subject: str) -> Cell:
    text = getattr(framework, subject)
    if subject == "lifecycle":
        text = say(_LIFECYCLES[framework.lifecycle], reason=framework.lifecycle_reason)
    is_ours = subject in ("best_at", "worst_at")
    return Cell(
        framework=framework.id,
        text=text,
        grade="judgement" if is_ours else "official",
        source="editorial" if is_ours else framework.lifecycle_source,
        as_of=framework.lifecycle_as_of,
    )


def _stated(framework: Framework, stated: Stated) -> Cell:
    return Cell(
        framework=framework.id,
        text=stated.text,
        grade="official",
        source=stated.source,
        as_of=stated.as_of,
    )


def _profile(framework: Framework, name: str) -> Cell:
    stated: Stated | None = getattr(framework.profile, name)
    return _nothing(framework) if stated is None else _stated(framework, stated)


def _nothing(framework: Framework) -> Cell:
    return Cell(framework=framework.id, text=say(NOT_RECORDED), grade=None, source="", as_of="")


_LIFECYCLES: Mapping[Lifecycle, str] = {
    "active": "active: {reason}",
    "maintenance": "maintenance: {reason}",
    "stalled": "stalled: {reason}",
    "retired": "retired: {reason}",
}


def _can(knowledge: Knowledge, framework: Framework, name: str, question: str) -> Cell:
    """The options that the gate for this capability lets through, in words."""
    gate = next((one for one in knowledge.gates if one.capability == name), None)
    asked = next(one for one in knowledge.questions if one.id == question)
    if gate is None:
        return _nothing(framework)
    texts, used = [], []
    for option in asked.options:
        spoken = list(capabilities(gate, framework, knowledge, {question: option.id}))
        if spoken and all(one.state != "none" for one in spoken):
            capped = any(one.state == "capped" for one in spoken)
            last_only = say("{option} (last releases only)", option=option.text)
            texts.append(last_only if capped else option.text)
        used += spoken
    if not used:
        return _nothing(framework)
    worst = max(used, key=lambda one: GRADES.index(one.grade))
    newest = max(used, key=lambda one: one.as_of)
    return Cell(
        framework=framework.id,
        text="; ".join(texts) or say("None of those asked about"),
        grade=worst.grade,
        source=newest.source,
        as_of=newest.as_of,
    )


def _general(framework: Framework, criterion: str) -> Cell:
    """The fact that holds without conditions."""
    fact = next(
        (one for one in framework.facts if one.criterion == criterion and not one.when), None
    )
    if fact is None:
        return _nothing(framework)
    return Cell(
        framework=framework.id,
        text=fact.reason,
        grade=fact.grade,
        source=fact.source,
        as_of=fact.as_of,
    )


def matrix(knowledge: Knowledge, today: date, answers: Answers | None = None) -> StarTable:
    """Needs against frameworks in stars, from the levels behind the ranking for these answers;
    without answers for what the article that drew such a matrix takes for granted."""
    article = {one.id: one for one in knowledge.articles}
    if answers is None:
        first = article[knowledge.star_rows[0].article]
        answers = Answers(answers=first.assumes)
    decided = decide(knowledge, answers, Measurements(), today, draws=DRAWS)
    facts = {fact.id: fact for framework in knowledge.frameworks for fact in framework.facts}
    titles = {one.id: one.name for one in knowledge.criteria}
    return StarTable(
        rows=tuple(
            StarTableRow(
                id=row.id,
                title=row.name,
                criteria=row.criteria,
                article=article[row.article].title,
                cells=tuple(_stars(row, one, facts, titles) for one in decided.ranking),
            )
            for row in knowledge.star_rows
        ),
        frameworks=tuple(one.framework for one in decided.ranking),
        ruled_out=tuple(one.framework for one in decided.ruled_out),
    )


def _stars(
    row: StarRow, ranked: Ranked, facts: Mapping[str, Fact], titles: Mapping[str, str]
) -> StarCell:
    parts = [part for part in ranked.contributions if part.criterion in row.criteria]
    value, low, high = (
        _as_stars(sum(getattr(part, end) for part in parts) / len(parts))
        for end in ("value", "low", "high")
    )
    known = [part for part in parts if part.grade != "unknown"]
    is_measured = all(part.criterion != PERFORMANCE or part.grade == "measured" for part in parts)
    return StarCell(
        framework=ranked.framework,
        stars=value if known and is_measured else None,
        low=low,
        high=high,
        is_wide=high - low > WIDE_STARS,
        said=row.said.get(ranked.framework),
        text=" ".join(_behind(part, facts, titles) for part in parts),
        grade=max((part.grade for part in parts), key=GRADES.index),
        facts=tuple(name for part in parts for name in part.facts),
    )


def _as_stars(value: float) -> float:
    return round(2 * (1 + (STARS - 1) * value)) / 2


def _behind(part: Contribution, facts: Mapping[str, Fact], titles: Mapping[str, str]) -> str:
    told = " ".join(facts[name].reason for name in part.facts if name in facts)
    sentence = say("{about}: {told}", about=titles[part.criterion], told=part.sentence)
    return f"{sentence}. {told}".strip()


def ecosystem(knowledge: Knowledge, framework: str | None = None) -> tuple[Part, ...]:
    """The components, with the articles that name them; of one framework, or all."""
    names = framework_names(knowledge) | {one.id: one.name for one in knowledge.components}
    mentions = dict(_mentions(knowledge))
    return tuple(
        Part(
            id=one.id,
            name=one.name,
            kind=one.kind,
            frameworks=one.frameworks,
            lifecycle=one.lifecycle,
            summary=one.summary,
            last_release=one.last_release.text if one.last_release else "",
            successor=names[one.successor] if one.successor else "",
            articles=tuple(sorted({number for number, _ in mentions.get(one.id, ())})),
            purposes=tuple(dict.fromkeys(purpose for _, purpose in mentions.get(one.id, ()))),
            source=one.source,
            as_of=one.as_of,
        )
        for one in knowledge.components
        if framework is None or framework in one.frameworks
    )


def _mentions(knowledge: Knowledge) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Component -> number and purpose of each row of an article that names it."""
    numbers = {one.id: one.number for one in knowledge.articles}
    found: dict[str, list[tuple[int, str]]] = {}
    for row in knowledge.tool_rows:
        for components in row.named.values():
            for name in components:
                found.setdefault(name, []).append((numbers[row.article], row.purpose))
    yield from found.items()


def personas(knowledge: Knowledge) -> tuple[PersonaRow, ...]:
    """Whom the rules are held against, and what each of them must get."""
    names = framework_names(knowledge)
    return tuple(_persona(one, names) for one in knowledge.personas)


def _persona(persona: Persona, names: Mapping[str, str]) -> PersonaRow:
    return PersonaRow(
        id=persona.id,
        who=persona.who,
        winner=_named(persona.expect.winner, names),
        kind=persona.expect.kind,
        ruled_out=_named(persona.expect.ruled_out, names),
        reason=persona.reason,
    )


def _named(ids: Sequence[str], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(names[one] for one in ids)
