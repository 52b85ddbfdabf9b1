"""Plain data from a file into a struct, or one clear line on what is wrong with it and where."""

import re
from typing import Any, TypeVar

import msgspec

from rules.errors import InputError
from rules.yaml_reader import Document, Place, Plain, dotted

Read = TypeVar("Read")


def convert(document: Document, content: Plain, place: Place, type_: type[Read]) -> Read:
    """Decode plain data into a struct. Raises InputError naming file, line and field."""
    try:
        return msgspec.convert(content, type_, strict=False)
    except msgspec.ValidationError as error:
        message, inner = _complaint(error, content, type_)
        full = (*place, *inner)
        field = f"{dotted(full)}: " if full else ""
        raise InputError(f"{field}{message}", document.file, document.line(full)) from None


def _complaint(error: Exception, content: Plain, type_: type[Any]) -> tuple[str, Place]:
    """What is wrong, in plain words, and where."""
    message, _, where = str(error).partition(" - at `")
    place, ends_in_mapping = _parse_place(where.rstrip("`"))
    if ends_in_mapping:
        # msgspec does not say under which key of a mapping; so the keys are tried one by one.
        for key in _at(content, place):
            try:
                msgspec.convert(_only(content, place, key), type_, strict=False)
            except msgspec.ValidationError as inner:
                message, _, where = str(inner).partition(" - at `")
                rest = where.rstrip("`").partition("[...]")[2]
                place = (*place, key, *_parse_place(rest)[0])
                break
    unknown = re.match(r"Object contains unknown field `([^`]+)`", message)
    if unknown:
        return "is no field here", (*place, unknown[1])
    for pattern, words in _IN_WORDS:
        message = pattern.sub(words, message)
    return message, place


_IN_WORDS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"`str \| array`", "`str` or `array`"),
        (r"`str`", "a text"),
        (r"`int`", "a whole number"),
        (r"`float`", "a number"),
        (r"`bool`", "true or false"),
        (r"`array`", "a list"),
        (r"`object`", "a mapping of names to values"),
        (r"`null`", "nothing"),
        (r"^Expected (.*), got (.*)$", r"is \2; it has to be \1"),
        (r"^Object missing required field `(\w+)`$", r"lacks `\1`"),
        (r"^Number out of range$", "is a number out of range"),
        (r"^Invalid enum value '?(.*?)'?$", r"\1 is none of the values it can have"),
    )
)


def _at(content: Plain, place: Place) -> list[str]:
    """The keys of the mapping at a place."""
    for part in place:
        content = content[part]  # type: ignore[index]
    return list(content) if isinstance(content, dict) else []


def _only(content: Plain, place: Place, key: str) -> Plain:
    """The content with one key left in the mapping at a place."""
    if not place:
        return {key: content[key]}  # type: ignore[index, call-overload]
    first, rest = place[0], place[1:]
    if isinstance(content, list):
        copy: Any = list(content)
    else:
        copy = dict(content)  # type: ignore[arg-type]
    copy[first] = _only(copy[first], rest, key)
    return copy  # type: ignore[no-any-return]


def _parse_place(text: str) -> tuple[Place, bool]:
    """`$.facts[3].level` -> ("facts", 3, "level"); true where it ends at some key, `[...]`."""
    place: list[str | int] = []
    for name, number in re.findall(r"\.(\w+)|\[(\d+|\.\.\.)\]", text):
        if number == "...":
            return tuple(place), True
        place.append(name or int(number))
    return tuple(place), False


def mapping(document: Document, content: Plain, place: Place) -> dict[str, Plain]:
    """The content as a mapping. Raises InputError where it is none."""
    if not isinstance(content, dict):
        raise InputError("is no mapping of names to values", document.file, document.line(place))
    return content
