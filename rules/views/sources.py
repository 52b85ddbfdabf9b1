"""Where the sentences of the base come from, whatever kind of entry they stand in."""

import functools

from rules.model import (
    Capability,
    Claim,
    Component,
    Fact,
    Grade,
    Knowledge,
    Record,
    Signal,
    Statement,
)

_Entry = Fact | Capability | Statement | Claim | Signal | Component


class Sourced(Record, frozen=True, kw_only=True, omit_defaults=False):
    """A sentence with what it rests on, as every view shows it."""

    id: str
    text: str
    grade: Grade
    source: str
    as_of: str


@functools.cache
def sourced(knowledge: Knowledge) -> dict[str, Sourced]:
    """Every sourced sentence of the base by its id: facts, capabilities, statements, claims,
    signals and components."""
    found = {}
    for framework in knowledge.frameworks:
        entries: tuple[Fact | Capability, ...] = (*framework.facts, *framework.capabilities)
        for entry in entries:
            found[entry.id] = _sourced(entry.id, entry.reason, entry.grade, entry)
    for statement in knowledge.statements:
        found[statement.id] = _sourced(statement.id, statement.text, statement.grade, statement)
    for claim in knowledge.claims:
        found[claim.id] = _sourced(claim.id, claim.now, claim.grade, claim)
    for signal in knowledge.signals:
        found[signal.id] = _sourced(signal.id, signal.name, signal.grade, signal)
    for component in knowledge.components:
        # What a package's own metadata or project page says of itself.
        found[component.id] = _sourced(component.id, component.summary, "official", component)
    return found


def _sourced(name: str, text: str, grade: Grade, entry: _Entry) -> Sourced:
    return Sourced(
        id=name,
        text=text,
        grade=grade,
        source=entry.source,
        as_of=entry.as_of,
    )


def lasting_names(knowledge: Knowledge) -> dict[str, str]:
    """Names by id, without a version that what is told of may be older than."""
    return framework_names(knowledge) | {
        one.id: one.known_as for one in knowledge.frameworks if one.known_as
    }


def framework_names(knowledge: Knowledge) -> dict[str, str]:
    """Names of frameworks and exits by id."""
    names = {framework.id: framework.name for framework in knowledge.frameworks}
    return names | {one.id: one.name for one in knowledge.exits}
