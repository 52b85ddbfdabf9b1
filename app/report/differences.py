"""Where two plain documents differ, field by field; entries of a list are named by their id."""

from collections.abc import Iterator
from typing import Any

from app.report.document import Part
from app.report.words import one_line

_NAMES = ("framework", "criterion", "id", "component", "from_code", "title")
_MISSING = "(missing)"


class Difference(Part, frozen=True, kw_only=True):
    """One field with both values, as short texts."""

    field: str
    before: str
    after: str


def differences(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """Leaves that differ, in the order of `before`; what only one has is `(missing)` in the other.

    Takes what `msgspec.to_builtins` gives.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            yield from differences(
                before.get(key, _MISSING), after.get(key, _MISSING), f"{path}.{key}".lstrip(".")
            )
    elif _is_list(before) and _is_list(after) and not _all_plain((*before, *after)):
        yield from _in_lists(before, after, path)
    elif before != after and not (_is_list(before) and list(before) == list(after)):
        yield Difference(field=path, before=_short(before), after=_short(after))


def _in_lists(before: Any, after: Any, path: str) -> Iterator[Difference]:
    name = _naming(before, after)
    if name is None:
        for index in range(max(len(before), len(after))):
            yield from differences(
                before[index] if index < len(before) else _MISSING,
                after[index] if index < len(after) else _MISSING,
                f"{path}[{index}]",
            )
        return
    first = {entry[name]: entry for entry in before}
    second = {entry[name]: entry for entry in after}
    if list(first) != list(second) and set(first) == set(second):
        yield Difference(field=path, before=" > ".join(first), after=" > ".join(second))
    for key in dict.fromkeys((*first, *second)):
        yield from differences(
            first.get(key, _MISSING), second.get(key, _MISSING), f"{path}[{key}]"
        )


def _naming(before: Any, after: Any) -> str | None:
    """The key that names each entry of both lists, if one does."""
    entries = [*before, *after]
    if not entries or not all(isinstance(entry, dict) for entry in entries):
        return None
    for name in _NAMES:
        names = [[entry.get(name) for entry in entries] for entries in (before, after)]
        if all(
            all(isinstance(one, str) for one in found) and len(set(found)) == len(found)
            for found in names
        ):
            return name
    return None


def _all_plain(values: Any) -> bool:
    return not any(isinstance(value, dict | list | tuple) for value in values)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _short(value: Any) -> str:
    if isinstance(value, dict):
        value = next((value[name] for name in _NAMES if name in value), "…")
    if _is_list(value):
        value = ", ".join(str(entry) for entry in value) or "(empty)"
    text = "none" if value is None else str(value)
    return one_line(text, 120)
