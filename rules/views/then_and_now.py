"""What older articles advised, and what the rules say today on the same answers.

The articles' side is data; ours is decided anew each time, so it cannot fall behind the rules.
"""

import functools
from collections.abc import Mapping
from datetime import date
from typing import Literal

from rules.conditions import holds
from rules.decision import RIVAL_TOP_SHARE, decide
from rules.model import (
    Advice,
    Answers,
    Article,
    Claim,
    Component,
    Grade,
    Knowledge,
    Lifecycle,
    Measurements,
    Record,
    ToolRow,
)
from rules.texts import listed, say
from rules.views.sources import framework_names, sourced

DRAWS = 1_000
"""Enough to tell who is among the best; the shares themselves are not shown."""
Outcome = Literal["holds", "partly", "changed", "open"]
"""`partly`: the leader was named, others that were named have fallen behind; `open`: the article
named nobody."""


class ThenAndNow(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One piece of old advice, or one old claim, beside what holds today."""

    id: str
    kind: Literal["advice", "claim"]
    article: str
    """Title and year; for a claim of several articles all of them."""
    leaf: str
    """For whom the advice was, or the claim in a few words."""
    then: str
    then_frameworks: tuple[str, ...]
    """Framework ids, the preferred one first."""
    now: str
    now_frameworks: tuple[str, ...]
    """Ids, the leader first, then those that can hardly be told apart from it; an exit's id stands
    before them. Empty for a claim."""
    outcome: Outcome
    differs: bool
    because: tuple[str, ...]
    """Sentences, each sourced by an entry of the base; empty where nothing has to be explained."""
    facts: tuple[str, ...]
    """Their ids."""
    since: str | None
    grade: Grade
    """This and what follows: of the first reason, or of the claim."""
    source: str
    as_of: str


def then_and_now(knowledge: Knowledge, today: date) -> tuple[ThenAndNow, ...]:
    """All leaves, then the tables of tools, then all claims, in the order of the base."""
    leaves = [_leaf(knowledge, one, today) for one in knowledge.advice]
    tools = [_tools(knowledge, one) for one in knowledge.tool_rows]
    return (*leaves, *tools, *(_claim(knowledge, one) for one in knowledge.claims))


def then_and_now_for(knowledge: Knowledge, answers: Answers, today: date) -> tuple[ThenAndNow, ...]:
    """Those that concern these answers: first what has changed, then what holds in part; of each
    first advice, then claims, the most specific before the others.

    A leaf or a claim concerns them when all that it is about was answered so. A claim that is about
    nothing in particular concerns nobody here. A table of tools does when one of them is in use.
    """
    given = answers.answers
    told: list[Advice | Claim] = [*knowledge.advice, *knowledge.claims]
    concerned = [one for one in told if one.when and holds(one.when, given)]
    ordered = sorted(concerned, key=lambda one: -len(one.when))
    rows = [
        _leaf(knowledge, one, today) if isinstance(one, Advice) else _claim(knowledge, one)
        for one in ordered
    ]
    in_use = set(answers.existing_components)
    tools = [
        _tools(knowledge, one)
        for one in knowledge.tool_rows
        if any(in_use.intersection(names) for names in one.named.values())
    ]
    order = ("changed", "partly", "holds", "open")
    return tuple(
        sorted((*tools, *rows), key=lambda row: (order.index(row.outcome), row.kind == "claim"))
    )


def leaf_answers(advice: Advice, article: Article) -> Answers:
    """The answers of a leaf, completed by what its article takes for granted."""
    return Answers(answers={**article.assumes, **advice.answers})


def _leaf(knowledge: Knowledge, advice: Advice, today: date) -> ThenAndNow:
    article = _articles(knowledge)[advice.article]
    names = framework_names(knowledge)
    now = _decided(knowledge, advice.id, today)
    outcome = _outcome(advice.frameworks, now)
    told = sourced(knowledge)
    reasons = [told[name] for name in advice.facts if name in told]
    return ThenAndNow(
        id=advice.id,
        kind="advice",
        article=_cited(article),
        leaf=advice.leaf,
        then=advice.said,
        then_frameworks=advice.frameworks,
        now=_in_words(outcome, advice.frameworks, now, names),
        now_frameworks=now,
        outcome=outcome,
        differs=outcome in ("partly", "changed"),
        because=tuple(one.text for one in reasons),
        facts=tuple(one.id for one in reasons),
        since=None,
        grade=reasons[0].grade if reasons else "judgement",
        source=reasons[0].source if reasons else "editorial",
        as_of=reasons[0].as_of if reasons else f"{today:%Y-%m}",
    )


def _cited(article: Article) -> str:
    return say(
        "Article {number}, {year}: {title}",
        number=article.number,
        year=article.year,
        title=article.title,
    )


def _articles(knowledge: Knowledge) -> dict[str, Article]:
    return {article.id: article for article in knowledge.articles}


@functools.cache
def _decided(knowledge: Knowledge, leaf: str, today: date) -> tuple[str, ...]:
    """An exit, the leader, and those that can hardly be told apart from it.

    Kept, since it takes a decision; a base is hashed by its identity.
    """
    advice = next(one for one in knowledge.advice if one.id == leaf)
    answers = leaf_answers(advice, _articles(knowledge)[advice.article])
    decided = decide(knowledge, answers, Measurements(), today, draws=DRAWS)
    if not decided.ranking:
        return ()
    leader, *rest = decided.ranking
    near = [one.framework for one in rest if one.top_share > RIVAL_TOP_SHARE]
    way_out = [decided.screen.exit] if decided.screen.exit else []
    return (*way_out, leader.framework, *near)


def _outcome(then: tuple[str, ...], now: tuple[str, ...]) -> Outcome:
    if not then:
        return "open"
    if not now or now[0] not in then:
        return "changed"
    return "holds" if set(then) <= set(now) else "partly"


def _in_words(
    outcome: Outcome, then: tuple[str, ...], now: tuple[str, ...], names: Mapping[str, str]
) -> str:
    if not now:
        return say("Today the rules leave nothing for these answers.")
    leader = names[now[0]]
    beside = listed([names[one] for one in now[1:]])
    if outcome == "partly":
        fallen = [names[one] for one in then if one not in now]
        told = _PARTLY["several" if len(fallen) > 1 else "one", bool(beside)]
        return say(told, leader=leader, beside=beside, fallen=listed(fallen))
    return say(_OUTCOMES[outcome, bool(beside)], leader=leader, beside=beside)


# Whole sentences, by whether others are hardly behind: other languages put the parts elsewhere.
_OUTCOMES: Mapping[tuple[Outcome, bool], str] = {
    ("open", False): "It named no framework. Today the rules put {leader} first.",
    ("open", True): (
        "It named no framework. Today the rules put {leader} first, with {beside} hardly behind."
    ),
    ("changed", False): "Today the rules put {leader} first.",
    ("changed", True): "Today the rules put {leader} first, with {beside} hardly behind.",
    ("holds", False): "That still holds: today the rules put {leader} first.",
    ("holds", True): (
        "That still holds: today the rules put {leader} first, with {beside} hardly behind."
    ),
}
_PARTLY: Mapping[tuple[str, bool], str] = {
    ("one", False): ("Today the rules put {leader} first; {fallen} no longer stands beside it."),
    ("one", True): (
        "Today the rules put {leader} first, with {beside} hardly behind; {fallen} no longer "
        "stands beside it."
    ),
    ("several", False): ("Today the rules put {leader} first; {fallen} no longer stand beside it."),
    ("several", True): (
        "Today the rules put {leader} first, with {beside} hardly behind; {fallen} no longer "
        "stand beside it."
    ),
}


def _tools(knowledge: Knowledge, row: ToolRow) -> ThenAndNow:
    """A row of an article's table of tools; what became of each is read from its entry."""
    names = framework_names(knowledge) | {one.id: one.name for one in knowledge.components}
    components = {one.id: one for one in knowledge.components}
    named = [components[name] for group in row.named.values() for name in group]
    unique = list(dict.fromkeys(one.id for one in named))
    told = sourced(knowledge)
    ended = [name for name in unique if components[name].lifecycle != "active"]
    dead = [name for name in unique if components[name].lifecycle in ("stalled", "retired")]
    outcome: Outcome = "holds" if not ended else "changed" if len(dead) == len(unique) else "partly"
    first = told[(dead or ended or unique)[0]]
    return ThenAndNow(
        id=row.id,
        kind="advice",
        article=_cited(_articles(knowledge)[row.article]),
        leaf=say("Tools: {purpose}", purpose=row.purpose.lower()),
        then="; ".join(
            f"{names[framework]}: {listed([names[one] for one in group])}"
            for framework, group in row.named.items()
        )
        + ".",
        then_frameworks=tuple(row.named),
        now=" ".join(_state_of(components[name], names) for name in unique),
        now_frameworks=(),
        outcome=outcome,
        differs=bool(ended),
        because=tuple(told[name].text for name in ended),
        facts=tuple(ended),
        since=None,
        grade=first.grade,
        source=first.source,
        as_of=first.as_of,
    )


def _state_of(component: Component, names: Mapping[str, str]) -> str:
    alone, followed = _COMPONENT_STATES[component.lifecycle]
    if component.successor:
        return say(followed, name=component.name, successor=names[component.successor])
    return say(alone, name=component.name)


_COMPONENT_STATES: Mapping[Lifecycle, tuple[str, str]] = {
    "active": ("{name} is active.", "{name} is active; {successor} takes its place."),
    "maintenance": (
        "{name} is only maintained.",
        "{name} is only maintained; {successor} takes its place.",
    ),
    "stalled": ("{name} has stalled.", "{name} has stalled; {successor} takes its place."),
    "retired": ("{name} has ended.", "{name} has ended; {successor} takes its place."),
}


def _claim(knowledge: Knowledge, claim: Claim) -> ThenAndNow:
    articles = _articles(knowledge)
    cited = "; ".join(_cited(articles[one]) for one in claim.articles)
    return ThenAndNow(
        id=claim.id,
        kind="claim",
        article=cited or say("Widely said"),
        leaf=claim.verdict,
        then=claim.said,
        then_frameworks=claim.frameworks,
        now=claim.now,
        now_frameworks=(),
        outcome=_CLAIM_OUTCOMES[claim.verdict],
        differs=claim.verdict != "holds",
        because=(),
        facts=(),
        since=claim.since,
        grade=claim.grade,
        source=claim.source,
        as_of=claim.as_of,
    )


_CLAIM_OUTCOMES: Mapping[str, Outcome] = {
    "wrong": "changed",
    "stale": "changed",
    "unsupported": "changed",
    "partly": "partly",
    "holds": "holds",
}
