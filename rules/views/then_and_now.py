"""What older articles advised, and what the rules say today on the same answers.

The articles' side is data; ours is decided anew each time, so it cannot fall behind the rules.
"""

import functools
from collections.abc import Mapping
from datetime import date
from typing import Literal, NamedTuple

from rules.conditions import Given, holds
from rules.decision import RIVAL_TOP_SHARE, decide
from rules.model import (
    Advice,
    Answers,
    Article,
    Capability,
    Claim,
    Fact,
    Knowledge,
    Measurements,
    Record,
)
from rules.recommendation import Recommendation

DRAWS = 2_000
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
    source: str
    """Of the first reason, or of the claim."""
    as_of: str


class _Told(NamedTuple):
    text: str
    source: str
    as_of: str


def then_and_now(knowledge: Knowledge, today: date) -> tuple[ThenAndNow, ...]:
    """All leaves, then all claims, in the order of the base."""
    return _rows(knowledge, today)


def then_and_now_for(knowledge: Knowledge, answers: Answers, today: date) -> tuple[ThenAndNow, ...]:
    """Those that concern these answers, the most specific first.

    A leaf concerns them when all that it asks was answered so; a claim when what it is about was,
    or when the code that is there is of a framework it is about.
    """
    given = answers.answers
    by_id = {row.id: row for row in _rows(knowledge, today)}
    concerned = [(len(one.when), one.id) for one in knowledge.advice if _meets(one, given)]
    concerned += [(len(one.when), one.id) for one in knowledge.claims if _touches(one, given)]
    ordered = sorted(concerned, key=lambda one: -one[0])
    return tuple(by_id[name] for _, name in ordered)


def _meets(advice: Advice, given: Given) -> bool:
    return holds(advice.when, given)


def _touches(claim: Claim, given: Given) -> bool:
    return bool(claim.when) and holds(claim.when, given)


@functools.cache
def _rows(knowledge: Knowledge, today: date) -> tuple[ThenAndNow, ...]:
    """Kept, since it takes a decision for each leaf; a base is hashed by its identity."""
    articles = {article.id: article for article in knowledge.articles}
    told = _told(knowledge)
    names = {framework.id: framework.name for framework in knowledge.frameworks}
    names |= {one.id: one.name for one in knowledge.exits}
    leaves = [
        _leaf(knowledge, one, articles[one.article], told, names, today) for one in knowledge.advice
    ]
    return (*leaves, *(_claim(one, articles) for one in knowledge.claims))


def leaf_answers(advice: Advice, article: Article) -> Answers:
    """The answers of a leaf, completed by what its article takes for granted."""
    return Answers(answers={**article.assumes, **advice.answers})


def _leaf(
    knowledge: Knowledge,
    advice: Advice,
    article: Article,
    told: Mapping[str, _Told],
    names: Mapping[str, str],
    today: date,
) -> ThenAndNow:
    decided = decide(knowledge, leaf_answers(advice, article), Measurements(), today, draws=DRAWS)
    now = _first(decided)
    outcome = _outcome(advice.frameworks, now)
    reasons = [told[name] for name in advice.facts]
    return ThenAndNow(
        id=advice.id,
        kind="advice",
        article=f"{article.title} ({article.year})",
        leaf=advice.leaf,
        then=advice.said,
        then_frameworks=advice.frameworks,
        now=_in_words(outcome, advice.frameworks, now, names),
        now_frameworks=now,
        outcome=outcome,
        differs=outcome in ("partly", "changed"),
        because=tuple(one.text for one in reasons),
        facts=advice.facts,
        since=None,
        source=reasons[0].source if reasons else "editorial",
        as_of=reasons[0].as_of if reasons else f"{today:%Y-%m}",
    )


def _first(decided: Recommendation) -> tuple[str, ...]:
    """An exit, the leader, and those that can hardly be told apart from it."""
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
        return "Today the rules leave nothing for these answers."
    leader = names[now[0]]
    beside = _listed([names[one] for one in now[1:]])
    near = f", with {beside} hardly behind" if beside else ""
    if outcome == "open":
        return f"It named no framework. Today the rules put {leader} first{near}."
    if outcome == "changed":
        return f"Today the rules put {leader} first{near}."
    if outcome == "partly":
        fallen = _listed([names[one] for one in then if one not in now])
        return f"Today the rules put {leader} first{near}; {fallen} no longer stands beside it."
    return f"That still holds: today the rules put {leader} first{near}."


def _listed(words: list[str]) -> str:
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)


def _claim(claim: Claim, articles: Mapping[str, Article]) -> ThenAndNow:
    named = [articles[one] for one in claim.articles]
    return ThenAndNow(
        id=claim.id,
        kind="claim",
        article="; ".join(f"{one.title} ({one.year})" for one in named) or "Widely said",
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


def _told(knowledge: Knowledge) -> dict[str, _Told]:
    """Every sourced sentence of the base by its id."""
    found = {}
    for framework in knowledge.frameworks:
        entries: tuple[Fact | Capability, ...] = (*framework.facts, *framework.capabilities)
        for entry in entries:
            found[entry.id] = _Told(entry.reason, entry.source, entry.as_of)
    for statement in knowledge.statements:
        found[statement.id] = _Told(statement.text, statement.source, statement.as_of)
    for component in knowledge.components:
        found[component.id] = _Told(component.summary, component.source, component.as_of)
    return found


__all__ = ["ThenAndNow", "leaf_answers", "then_and_now", "then_and_now_for"]
