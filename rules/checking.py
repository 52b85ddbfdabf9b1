"""Whether the parts of a knowledge base fit together, told entry by entry with file and line."""

import itertools
from collections.abc import Collection, Iterator
from datetime import date

import msgspec

from rules.checks.finding import Finding
from rules.checks.references import unknown_names
from rules.checks.statements import unsound
from rules.entries import shown
from rules.errors import InputError
from rules.model import Knowledge
from rules.packs import Base

__all__ = ["Checked", "Finding", "check", "findings", "mistakes", "with_more"]


MAX_UNKNOWN = 500
"""Unknown names that are told: each is compared with all that are known."""


class Checked(msgspec.Struct, frozen=True):
    """What a check found; messages name file and line, in the order of these."""

    mistakes: tuple[InputError, ...]
    due: tuple[InputError, ...]
    """Facts past their shelf life: told, and nobody's mistake."""
    is_complete: bool
    """False where mistakes, or sheer size, kept some checks from running."""


def findings(knowledge: Knowledge, unread: Collection[str] = ()) -> Iterator[Finding]:
    """What a decision would stumble over; checked on every loading."""
    yield from unknown_names(knowledge, unread)
    yield from unsound(knowledge)


def mistakes(base: Base) -> Iterator[InputError]:
    """What makes a base unfit for a decision: what cannot be read, then what does not fit."""
    yield from base.errors
    for finding in findings(base.knowledge, base.unread):
        yield located(base, finding)


def located(base: Base, finding: Finding) -> InputError:
    """The finding as a message with the file and line of its entry."""
    origin = base.origins.get(finding.key)
    message = f"{shown(finding.key)}: {finding.message}"
    if origin is None:
        return InputError(message, "knowledge")
    return InputError(message, origin.document.file, origin.line(finding.place))


def check(base: Base, today: date) -> Checked:
    """Every check there is. Ages are counted to `today`."""
    from rules.checks import conditions, effects

    knowledge = base.knowledge
    # With a file that could not be parsed, nobody can tell which names it would have brought.
    names = unknown_names(knowledge, base.unread) if base.is_whole else iter(())
    found = list(itertools.islice(names, MAX_UNKNOWN))
    found += unsound(knowledge)
    is_complete = base.is_whole and not base.errors and not found
    if is_complete:
        space = conditions.Space(knowledge)
        found += conditions.contradictions(knowledge, space)
        found += conditions.unreachable(knowledge, space)
        is_complete = not space.is_exhausted and len(knowledge.personas) <= effects.MAX_PERSONAS
        found += effects.options_without_effect(knowledge)
        found += effects.capabilities_without_effect(knowledge)
        found += effects.first_nowhere(knowledge, today)
    found += effects.told_twice(knowledge)
    found += effects.months_to_come(knowledge, today)
    found += effects.past_shelf_life(knowledge, today)
    told = [(located(base, one), one.is_mistake) for one in found]
    return Checked(
        _in_order([*base.errors, *(error for error, is_mistake in told if is_mistake)]),
        _in_order([error for error, is_mistake in told if not is_mistake]),
        is_complete,
    )


def with_more(checked: Checked, mistakes: Collection[InputError]) -> Checked:
    """The outcome with mistakes that stand outside of the knowledge."""
    every = _in_order([*checked.mistakes, *mistakes])
    return msgspec.structs.replace(checked, mistakes=every)


def _in_order(errors: list[InputError]) -> tuple[InputError, ...]:
    """By file and line, each once."""
    unique = {str(error): error for error in errors}
    return tuple(sorted(unique.values(), key=lambda one: (one.file, one.line or 0, one.message)))
