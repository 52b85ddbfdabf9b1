"""What another choice changes in the files of a project. Pure."""

import difflib
from collections.abc import Mapping
from typing import Literal

Change = Literal["new", "changed", "gone"]


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, Change]:
    """File -> what became of it; those that stay as they are have no entry."""
    found: dict[str, Change] = {}
    for name in sorted({*before, *after}):
        if name not in before:
            found[name] = "new"
        elif name not in after:
            found[name] = "gone"
        elif before[name] != after[name]:
            found[name] = "changed"
    return found


def as_diff(name: str, before: str, after: str) -> str:
    """Both texts of a file as one, line by line: `-` was there, `+` is there now."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"before/{name}", f"now/{name}", lineterm=""
    )
    return "\n".join(lines)
