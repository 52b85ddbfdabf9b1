"""The one error for input that a person can mend, and the "did you mean" that goes with it."""

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """Bad input; the text names file, line and field, what is wrong and what to do."""

    def __init__(self, message: str, file: str, line: int | None = None) -> None:
        # A file's name is a stranger's text like any other.
        self.file = one_line(file, LONGEST_PATH)
        self.line = line
        self.message = one_line(message)
        place = self.file if line is None else f"{self.file}:{line}"
        super().__init__(f"{place}: {self.message}")


LONGEST = 400
LONGEST_PATH = 4096


def one_line(text: str, longest: int = LONGEST) -> str:
    """A stranger's names are part of messages: no line breaks or escapes of theirs, no floods."""
    shown = "".join(each if each.isprintable() else " " for each in text[: longest + 1])
    return shown if len(shown) <= longest else shown[:longest] + " ..."


LONGEST_ID = 100
"""Nobody means an id by what is longer; comparing it with each would take its time."""
MANY = 5_000
"""Nor is it compared with more than so many."""


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """`; did you mean X?` for the nearest known id, else the known ones if they are few."""
    names = sorted(known)
    if len(wrong) > LONGEST_ID or len(names) > MANY:
        return ""
    near = difflib.get_close_matches(wrong, names, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    if 0 < len(names) <= 12:
        return "; known are " + ", ".join(names)
    return ""
