"""How figures and shares are said to a person; plain functions, no report and no format."""

from collections.abc import Sequence
from datetime import datetime

from app.charts import percent as percent
from app.charts import size as size

LONGEST_LINE = 500
"""Of what a terminal is told about a file from somebody else."""


def joined(parts: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """`1 mode`, `3 modes`."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def moment(utc: str) -> str:
    """`2026-11-21 09:00 UTC` of an ISO time in UTC; what is none stays as it is."""
    try:
        return f"{datetime.fromisoformat(utc):%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return utc


def sentence(text: str) -> str:
    """The text with a full stop, where it has none. Its first letter stays: it may be a name's."""
    text = text.strip()
    return text if not text or text[-1] in ".!?:…" else text + "."


def one_line(text: str, most: int = 300) -> str:
    """Text that a stranger may have written, for a message: printable, and of bounded length."""
    text = "".join(sign if sign.isprintable() else " " for sign in text)
    half = most // 2
    return text if len(text) <= most else f"{text[:half]} … {text[-half:]}"


def shortened(text: str, most: int) -> str:
    """The text on one line, cut between words where it is longer than `most` signs."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0][: most - 1].rstrip(",;:. ") + "…"
