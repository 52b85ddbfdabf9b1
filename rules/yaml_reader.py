"""YAML as plain data with line numbers: one document, every scalar kept as the text it was.

Made for files from strangers: no anchors, aliases or tags, limits on size, depth and count, so that
nothing in a file can run, refer to itself or grow. Types come later, from the struct that is read.
"""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import msgspec
import yaml

from rules.errors import InputError

MAX_BYTES = 4_000_000
MAX_DEPTH = 20
MAX_NODES = 200_000
MAX_TEXT = 20_000
"""Characters of one text; the longest of ours has some hundreds."""
STEERING = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]")
"""Control characters and those that reverse the direction of writing: texts from files are printed,
and must not be able to hide or rewrite what stands beside them."""

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain] | None"
Place: TypeAlias = tuple[str | int, ...]
"""Keys and positions from the top of a document down to a value."""


class Document(msgspec.Struct, frozen=True):
    """A file's content, and for each path in it the line it stands on (from 1)."""

    file: str
    content: Plain
    lines: dict[Place, int]

    def __repr__(self) -> str:
        return f"Document({self.file!r})"

    def line(self, path: Place) -> int | None:
        """The line of a path, or of its nearest ancestor that is known."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def read_file(path: Path) -> Document:
    """Read and parse. Raises InputError when it cannot be read or is not what we accept; a pipe or
    a device among that, since opening one may wait for ever."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
            raise InputError(f"is {kind}, not a file", str(path))
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > MAX_BYTES:
                raise _too_large(str(path))
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", str(path)) from error
    return parse(data, str(path))


def _too_large(name: str) -> InputError:
    return InputError(f"is larger than {MAX_BYTES // 1_000_000} MB", name)


def parse(data: bytes, name: str) -> Document:
    """Parse one YAML document; `name` is said in errors."""
    if len(data) > MAX_BYTES:
        raise _too_large(name)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError("is not UTF-8 text", name, line) from None
    return _Walker(name).walk(text)


class _Walker:
    """Builds plain data from the C parser's events.

    The C parser segfaults at some ten thousand levels of nesting, so depth is checked as the events
    come, long before.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lines: dict[Place, int] = {}
        self._nodes = 0

    def walk(self, text: str) -> Document:
        content: Plain = None
        documents = 0
        events = yaml.parse(text, Loader=yaml.CSafeLoader)
        try:
            for event in events:
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        raise InputError("holds more than one document", self._name, _line(event))
                elif isinstance(event, yaml.NodeEvent):
                    content = self._node(event, events, ())
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark is not None else None
            raise InputError(f"is no valid YAML: {error.problem}", self._name, line) from None
        except yaml.reader.ReaderError as error:
            line = text.encode()[: error.position].count(b"\n") + 1
            what = f"the character U+{error.character:04X} is not allowed"
            raise InputError(f"is no valid YAML: {what}", self._name, line) from None
        except yaml.YAMLError as error:
            raise InputError(f"is no valid YAML: {error}", self._name) from None
        return Document(self._name, content, self._lines)

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], path: Place) -> Plain:
        line = _line(event)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise InputError(f"holds more than {MAX_NODES} entries", self._name, line)
        if len(path) > MAX_DEPTH:
            raise InputError(f"is nested deeper than {MAX_DEPTH} levels", self._name, line)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise InputError("uses an anchor or alias; write the value out", self._name, line)
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise InputError(f"uses the tag {tag}; leave it out", self._name, line)
        self._lines[path] = line
        if isinstance(event, yaml.ScalarEvent):
            self._check_text(event.value, "text", line)
            # The C parser's style of a plain scalar is "", not None as with the Python parser.
            empty = event.value in ("", "~", "null") and not event.style
            return None if empty else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        return self._mapping(events, path)

    def _check_text(self, text: str, what: str, line: int) -> None:
        if len(text) > MAX_TEXT:
            raise InputError(f"holds a {what} of more than {MAX_TEXT} characters", self._name, line)
        steering = STEERING.search(text)
        if steering is not None:
            code = f"U+{ord(steering[0]):04X}"
            message = f"holds the character {code}, which steers a terminal; leave it out"
            raise InputError(message, self._name, line)

    def _sequence(self, events: Iterator[yaml.Event], path: Place) -> list[Plain]:
        items: list[Plain] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._node(event, events, (*path, len(items))))
        return items

    def _mapping(self, events: Iterator[yaml.Event], path: Place) -> dict[str, Plain]:
        entries: dict[str, Plain] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag:
                raise InputError("has a key that is no plain text", self._name, _line(event))
            self._check_text(event.value, "name", _line(event))
            if event.value in entries:
                where = dotted((*path, event.value))
                raise InputError(f"{where}: stands here twice", self._name, _line(event))
            entries[event.value] = None
            key_path = (*path, event.value)
            self._lines[key_path] = _line(event)
            value = self._node(next(events), events, key_path)
            # The key's line, not the value's: that is where a person looks.
            self._lines[key_path] = _line(event)
            entries[event.value] = value
        return entries


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return mark.line + 1 if mark is not None else 1


def dotted(path: Place) -> str:
    """`answers.goal`, `facts[3].level`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
