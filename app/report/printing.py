"""Tables made ready for paper: what columns want, where long words may break, what is left out.

Here and not in Typst, which takes ten times as long over each cell.
"""

import re
from typing import Any

MOST_ROWS = 200
"""That are printed; the other formats have all."""
LONG_WORD = 20
_PLACES_TO_BREAK = re.compile(r"[/_.=-]")
_ZERO_WIDTH_SPACE = "\u200b"


def printed_table(table: dict[str, Any]) -> dict[str, Any]:
    """A table as the template reads it: `wants` for the columns, and `left`, the rows left out."""
    rows = table["rows"][:MOST_ROWS]
    columns = table["columns"]
    return table | {
        "wants": [
            _wanted(column, [row[index] for row in rows], len(columns))
            for index, column in enumerate(columns)
        ],
        "rows": [
            [
                cell if column["numeric"] else _breakable(cell)
                for column, cell in zip(columns, row, strict=True)
            ]
            for row in rows
        ],
        "left": len(table["rows"]) - len(rows),
    }


def _wanted(column: dict[str, Any], cells: list[dict[str, Any]], columns: int) -> dict[str, float]:
    """Widths in signs: no column gets less than its longest word, and what is left is shared by
    how much each usually holds."""
    texts = [
        cell["strong"] + cell["text"] + ("...." if cell["framework"] else "") for cell in cells
    ]
    lengths = [len(text) for text in texts]
    longest = max(len(column["title"]), 1, *lengths)
    if column["numeric"]:
        # A figure stays on one line.
        least = max([1, *lengths]) + 2
    else:
        words = [word for text in (column["title"], *texts) for word in text.split(" ")]
        most = 16 if columns > 3 else 66
        least = min(longest, most, max(1, *map(_unbroken, words))) + 1
    mean = sum(lengths) / max(1, len(lengths))
    return {"least": least, "longest": longest, "usual": max(least, min(longest, mean * 1.5))}


def _unbroken(word: str) -> int:
    """Of a word, how much has to stand on one line."""
    # In bytes: a Chinese sign is as wide as two or three Latin ones.
    if len(word) < LONG_WORD:
        return len(word.encode())
    return max(len(part.encode()) for part in _PLACES_TO_BREAK.split(word))


def _breakable(cell: dict[str, Any]) -> dict[str, Any]:
    """Long words (addresses, hashes, paths) may break inside a cell; dates and versions may not."""
    return cell | {"text": _with_breaks(cell["text"]), "strong": _with_breaks(cell["strong"])}


def _with_breaks(text: str) -> str:
    if len(text) < LONG_WORD:
        return text
    return " ".join(
        _PLACES_TO_BREAK.sub(lambda found: found[0] + _ZERO_WIDTH_SPACE, word)
        if len(word) >= LONG_WORD
        else word
        for word in text.split(" ")
    )
