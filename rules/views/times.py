"""The base in time: what came out, ended or changed when; and how much each is used, with dates."""

import re

from rules.model import Component, Framework, Grade, Knowledge, Record
from rules.texts import say
from rules.views.sources import lasting_names

_MONTH = re.compile(r"\((\d{4}(?:-\d{2})?)\)\s*$")
"""The date that ends a release, as in `1.9.1 (2022-05)`."""
ENDED = ("stalled", "retired")


class Event(Record, frozen=True, kw_only=True, omit_defaults=False):
    date: str
    """`YYYY` or `YYYY-MM`."""
    kind: str
    """`release` the first one, `end` the last one, `change` something that old advice misses."""
    subject: str
    """Names, for people."""
    frameworks: tuple[str, ...]
    """Ids of those it is about; empty for a component that works with any."""
    text: str
    said: str
    """What old advice says of it, where that is something else; empty otherwise."""
    grade: Grade
    source: str
    as_of: str


class SharesSaid(Record, frozen=True, kw_only=True, omit_defaults=False):
    """Shares that an article printed: a claim without a source, and shown as that."""

    year: str
    article: str
    shares: dict[str, float]


class Evidence(Record, frozen=True, kw_only=True, omit_defaults=False):
    """A dated and sourced sign of use."""

    id: str
    name: str
    unit: str
    values: dict[str, float]
    """By framework id; empty where the sentence says it all."""
    text: str
    grade: Grade
    source: str
    as_of: str


class Trend(Record, frozen=True, kw_only=True, omit_defaults=False):
    said: tuple[SharesSaid, ...]
    evidence: tuple[Evidence, ...]


def timeline(knowledge: Knowledge) -> tuple[Event, ...]:
    """First releases, last ones of what has ended, and dated changes; the oldest first."""
    events: list[Event] = []
    for framework in knowledge.frameworks:
        events += _framework_events(knowledge, framework)
    for component in knowledge.components:
        events += _component_events(component)
    names = lasting_names(knowledge)
    events += [
        Event(
            date=claim.since,
            kind="change",
            subject=", ".join(names[one] for one in claim.frameworks) or say("Tools"),
            frameworks=claim.frameworks,
            text=claim.now,
            said=claim.said,
            grade=claim.grade,
            source=claim.source,
            as_of=claim.as_of,
        )
        for claim in knowledge.claims
        if claim.since is not None
    ]
    return tuple(sorted(events, key=lambda one: (one.date, one.subject.casefold(), one.kind)))


def _framework_events(knowledge: Knowledge, framework: Framework) -> list[Event]:
    origin, name = framework.profile.origin, framework.known_as or framework.name
    events = [
        Event(
            date=framework.first_release,
            kind="release",
            subject=name,
            frameworks=(framework.id,),
            text=say(
                "First release of {name}, by {maker}.",
                name=name,
                maker=framework.maker.rstrip("."),
            ),
            said=_said_otherwise(knowledge, framework),
            grade="official",
            source=origin.source if origin else framework.lifecycle_source,
            as_of=origin.as_of if origin else framework.lifecycle_as_of,
        )
    ]
    dated = _MONTH.search(framework.latest_release)
    if framework.lifecycle in ENDED and dated:
        events.append(
            Event(
                date=dated[1],
                kind="end",
                subject=name,
                frameworks=(framework.id,),
                text=say(
                    "Last release, {release}. {reason}",
                    release=framework.latest_release,
                    reason=framework.lifecycle_reason,
                ),
                said="",
                grade="official",
                source=framework.lifecycle_source,
                as_of=framework.lifecycle_as_of,
            )
        )
    return events


def _said_otherwise(knowledge: Knowledge, framework: Framework) -> str:
    """What the articles give that is not the year we know."""
    ours = framework.first_release[:4]
    said = {
        year: article.number
        for article in knowledge.articles
        if (year := article.first_releases.get(framework.id)) and year != ours
    }
    return "; ".join(
        say("article {number} says {year}", number=number, year=year)
        for year, number in said.items()
    )


def _component_events(component: Component) -> list[Event]:
    found = []
    for stated, kind, words in (
        (component.first_release, "release", "First release of {name}, {release}."),
        (component.last_release, "end", "Last release of {name}, {release}."),
    ):
        dated = _MONTH.search(stated.text) if stated else None
        if stated is None or dated is None:
            continue
        if kind == "end" and component.lifecycle not in ENDED:
            continue
        found.append(
            Event(
                date=dated[1],
                kind=kind,
                subject=component.name,
                frameworks=component.frameworks,
                text=say(words, name=component.name, release=stated.text),
                said="",
                grade="official",
                source=stated.source,
                as_of=stated.as_of,
            )
        )
    return found


def trend(knowledge: Knowledge) -> Trend:
    """Shares that were claimed, and beside them what can be shown with date and source."""
    articles = {one.id: one for one in knowledge.articles}
    return Trend(
        said=tuple(
            SharesSaid(
                year=one.year,
                article=say("Article {number}", number=articles[one.article].number),
                shares=one.shares,
            )
            for one in knowledge.share_claims
        ),
        evidence=tuple(
            Evidence(
                id=one.id,
                name=one.name,
                unit=one.unit,
                values=one.values,
                text=one.note,
                grade=one.grade,
                source=one.source,
                as_of=one.as_of,
            )
            for one in knowledge.signals
        ),
    )
