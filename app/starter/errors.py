"""The one error a person can mend, and the help it gives with a mistyped name."""

import difflib
from collections.abc import Iterable


class StarterError(ValueError):
    """What is wrong with a request, a folder or an interpreter, in one message for a person."""


def unknown(kind: str, given: str, known: Iterable[str]) -> StarterError:
    """`pytroch` is no framework; did you mean `pytorch`?"""
    names = tuple(known)
    nearest = difflib.get_close_matches(given, names, n=1, cutoff=0.5)
    hint = f"did you mean {nearest[0]!r}?" if nearest else "choose from " + ", ".join(names) + "."
    return StarterError(f"{given!r} is no {kind} with a starter; {hint}")
