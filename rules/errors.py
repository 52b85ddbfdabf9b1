"""The one error for input that a person can mend, and the "did you mean" that goes with it."""

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """Bad input; the text names file, line and field, what is wrong and what to do."""

    def __init__(self, message: str, file: str, line: int | None = None) -> None:
        place = file if line is None else f"{file}:{line}"
        super().__init__(f"{place}: {_one_line(message)}")


LONGEST = 400


def _one_line(text: str) -> str:
    """A stranger's names are part of messages: no line breaks or escapes of theirs, no floods."""
    shown = "".join(each if each.isprintable() else " " for each in text[: LONGEST + 1])
    return shown if len(shown) <= LONGEST else shown[:LONGEST] + " ..."


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """`; did you mean X?` for the nearest known id, else the known ones if they are few."""
    names = sorted(known)
    near = difflib.get_close_matches(wrong, names, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    if 0 < len(names) <= 12:
        return "; known are " + ", ".join(names)
    return ""
