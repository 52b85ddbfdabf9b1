"""Whether conditions hold for answers; knows nothing of what hangs on them."""

from collections.abc import Mapping

from rules.model import Conditions

UNKNOWN = "unknown"
Given = Mapping[str, str | tuple[str, ...]]
"""Question id -> option or options; a question that is absent or `unknown` is open."""


def options_of(given: Given, question: str) -> tuple[str, ...]:
    """The options that were chosen, in order; empty where the question is open."""
    value = given.get(question, ())
    if isinstance(value, str):
        return () if value == UNKNOWN else (value,)
    return value if UNKNOWN not in value else tuple(one for one in value if one != UNKNOWN)


def wanted(conditions: Conditions, question: str) -> tuple[str, ...]:
    value = conditions[question]
    return (value,) if isinstance(value, str) else value


def holds(conditions: Conditions, given: Given) -> bool:
    """All keys match; an open question matches nothing."""
    # Plain loops: this runs some ten thousand times in a decision.
    for question in conditions:
        allowed = wanted(conditions, question)
        for option in options_of(given, question):
            if option in allowed:
                break
        else:
            return False
    return True
