"""The honest ways out, decided before any scoring and never by points; and contradictions."""

from rules.conditions import Given, holds, options_of
from rules.model import Exit, Knowledge
from rules.recommendation import ConflictFound


def exit_taken(knowledge: Knowledge, given: Given) -> Exit | None:
    """The first way out whose conditions hold."""
    for way_out in knowledge.exits:
        barred = way_out.unless and any(
            holds({question: way_out.unless[question]}, given) for question in way_out.unless
        )
        if holds(way_out.when, given) and not barred:
            return way_out
    return None


def conflicts(knowledge: Knowledge, given: Given) -> tuple[ConflictFound, ...]:
    """The contradictions among the answers as they were given."""
    return tuple(
        ConflictFound(
            id=conflict.id,
            answers={question: given[question] for question in sorted(conflict.when)},
            severity=conflict.severity,
            question=conflict.question,
            reading=conflict.reading,
            set=conflict.set,
        )
        for conflict in knowledge.conflicts
        if holds(conflict.when, given)
    )


def as_read(given: Given, found: tuple[ConflictFound, ...]) -> Given:
    """The answers with each contradiction's default reading; open questions are left out."""
    read = {question: value for question, value in given.items() if options_of(given, question)}
    for conflict in found:
        read.update(conflict.set)
    return read
