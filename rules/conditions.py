"""Whether conditions hold for answers; knows nothing of what hangs on them."""

from collections.abc import Mapping

from rules.model import Conditions

UNKNOWN = "unknown"
Given = Mapping[str, str | tuple[str, ...]]
"""Question id -> option or options; a question that is absent or `unknown` is open."""


def options_of(given: Given, question: str) -> tuple[str, ...]:
    """The options that were chosen, in order; empty where the question is open."""
    value = given.get(question, ())
    chosen = (value,) if isinstance(value, str) else value
    return tuple(option for option in chosen if option != UNKNOWN)


def wanted(conditions: Conditions, question: str) -> tuple[str, ...]:
    value = conditions[question]
    return (value,) if isinstance(value, str) else value


def holds(conditions: Conditions, given: Given) -> bool:
    """All keys match; an open question matches nothing."""
    return all(
        any(option in wanted(conditions, question) for option in options_of(given, question))
        for question in conditions
    )
