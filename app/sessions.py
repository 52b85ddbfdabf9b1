"""A session: answers, machine, what-ifs and notes in one versioned file; and what any file opened
here holds.

Plain JSON that a person can see, copy and send. Knows no Qt and paints nothing.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import msgspec

from app.files import read_at_most, told, write_atomically
from app.installing.results import Verification
from app.what_ifs import WhatIf
from probes.results import Machine, decode_machine
from rules import load_answers
from rules.errors import InputError, one_line
from rules.loading import AnswersError, check_answers
from rules.model import Answers, Knowledge
from rules.yaml_reader import parse

VERSION = 4
_FAMILY = "framework-advisor/session/"
SCHEMA = f"{_FAMILY}{VERSION}"
LARGEST_BYTES = 64 * 2**20
LARGEST_PART_BYTES = 4 * 2**20
"""Of answers, what-ifs and notes; the machine has its own limit."""
MOST_WHAT_IFS = 100
LONGEST_NOTES = 100_000


class Session(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person would miss: nothing that can be worked out from it."""

    schema: str = SCHEMA
    saved_utc: Annotated[str, msgspec.Meta(max_length=40)]
    answers: Answers
    machine: Machine | None = None
    installation: Verification | None = None
    """What a resolver said last of the install line."""
    what_ifs: Annotated[tuple[WhatIf, ...], msgspec.Meta(max_length=MOST_WHAT_IFS)] = ()
    notes: Annotated[str, msgspec.Meta(max_length=LONGEST_NOTES)] = ""
    importance_before: dict[str, int] | None = None
    """The wishes that the answers came with, before weights were moved by hand; None where none
    was moved."""


class Opened(msgspec.Struct, frozen=True):
    """What a file held; None where it says nothing about it. What-ifs and notes are a session's."""

    answers: Answers | None
    machine: Machine | None
    is_session: bool
    what_ifs: tuple[WhatIf, ...] = ()
    notes: str = ""
    installation: Verification | None = None
    importance_before: dict[str, int] | None = None


class SessionError(ValueError):
    """A session file that cannot be used; the text names the file and what to do."""


def save_session(path: Path, session: Session) -> None:
    """Raises OSError with a text for people, with nothing half-written left behind."""
    data = msgspec.json.format(msgspec.json.encode(session), indent=1) + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise told(error, path) from error
    write_atomically(path, data)


def open_file(path: Path, knowledge: Knowledge) -> Opened:
    """Read an answers document, a machine file or a session, whichever it is.

    Raises InputError, MachineFileError, SessionError or OSError, each with a text for people. The
    file itself is only read.
    """
    data = _read(path)
    schema = _schema_of(data)
    if schema.startswith("framework-advisor/machine/"):
        return Opened(None, decode_machine(data, str(path)), False)
    if schema.startswith(_FAMILY):
        session = decode_session(data, str(path), knowledge)
        return Opened(
            session.answers,
            session.machine,
            True,
            session.what_ifs,
            session.notes,
            session.installation,
            session.importance_before,
        )
    if schema.startswith("framework-advisor/report/"):
        return _of_report(data, str(path), knowledge)
    if schema and not schema.startswith("framework-advisor/answers/"):
        raise SessionError(
            f"{path}: this is a {one_line(schema)} file; answers, a machine file, a session or a "
            "report can be opened"
        )
    return Opened(load_answers(path, knowledge), None, False)


def _of_report(data: bytes, name: str, knowledge: Knowledge) -> Opened:
    """What a report was decided on: to go on from there. Raises ReportError or SessionError."""
    from app.report import from_json  # with all writers, which no other file needs

    report = from_json(data, name)
    return Opened(
        _checked(report.recommendation.answers, knowledge, name, "recommendation."),
        report.machine,
        False,
        _checked_what_ifs(report.what_ifs[:MOST_WHAT_IFS], knowledge, name),
        report.notes[:LONGEST_NOTES],
        report.installation,
    )


def _read(path: Path) -> bytes:
    data = read_at_most(path, LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise SessionError(f"{path}: is too large to be answers, a machine file or a session")
    return data


class _Schema(msgspec.Struct):
    schema: str = ""


def _schema_of(data: bytes) -> str:
    """The schema that a JSON file names; empty for anything else, YAML answers included."""
    if not data.lstrip().startswith(b"{"):
        return ""
    try:
        return msgspec.json.decode(data, type=_Schema).schema
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        # Truncated files of ours still say what they were meant to be.
        for family in (_FAMILY, "framework-advisor/machine/", "framework-advisor/report/"):
            if family.encode() in data[:400]:
                return family
        return ""


class _Parts(msgspec.Struct, forbid_unknown_fields=True):
    """A session of any version, its parts not yet read: a stranger's file costs no more memory
    than its bytes until each part has passed its own limit."""

    schema: str
    saved_utc: msgspec.Raw = msgspec.Raw(b'""')
    answers: msgspec.Raw = msgspec.Raw(b"null")
    machine: msgspec.Raw = msgspec.Raw(b"null")
    what_ifs: msgspec.Raw = msgspec.Raw(b"[]")
    notes: msgspec.Raw = msgspec.Raw(b'""')
    installation: msgspec.Raw = msgspec.Raw(b"null")
    importance_before: msgspec.Raw = msgspec.Raw(b"null")


def decode_session(data: bytes, name: str, knowledge: Knowledge) -> Session:
    """Decode a session of this or an older version and check it; `name` is said in errors.

    Raises SessionError or, for its machine, MachineFileError.
    """
    try:
        # Before anything else is looked at: a newer version has parts that are unknown here.
        version = _version(msgspec.json.decode(data, type=_Schema).schema, name)
        parts = msgspec.json.decode(data, type=_Parts)
        content = {"saved_utc": _plain(parts, "saved_utc"), "answers": _plain(parts, "answers")}
        if version > 1:
            content |= {"what_ifs": _plain(parts, "what_ifs"), "notes": _plain(parts, "notes")}
        if version > 2:
            content |= {"installation": _plain(parts, "installation")}
        if version > 3:
            content |= {"importance_before": _plain(parts, "importance_before")}
        for step in range(version, VERSION):
            content = STEPS[step](content)
        session = msgspec.convert(content, Session)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SessionError(f"{name}: {_not_whole(error)}") from error
    except InputError as error:
        raise SessionError(f"{name}: answers: {error.message}") from error
    machine = None
    if bytes(parts.machine) != b"null":
        machine = decode_machine(bytes(parts.machine), f"{name}, machine")
    if session.importance_before is not None:
        before = msgspec.structs.replace(session.answers, importance=session.importance_before)
        _checked(before, knowledge, name, "importance_before, read as ")
    return msgspec.structs.replace(
        session,
        answers=_checked(session.answers, knowledge, name, ""),
        machine=machine,
        what_ifs=_checked_what_ifs(session.what_ifs, knowledge, name),
    )


def _version(schema: str, name: str) -> int:
    found = re.fullmatch(re.escape(_FAMILY) + r"([1-9]\d{0,3})", schema)
    if found is None:
        raise SessionError(f"{name}: schema: {one_line(schema)} is no session format of ours")
    version = int(found[1])
    if version > VERSION:
        raise SessionError(
            f"{name}: {schema} was written by a newer version of this program; this one reads "
            f"up to {SCHEMA}. Open it with the newer version; the file is left as it is"
        )
    return version


def _plain(parts: _Parts, field: str) -> Any:
    raw = getattr(parts, field)
    if len(raw) > LARGEST_PART_BYTES:
        raise msgspec.ValidationError(f"is larger than any session's - at `$.{field}`")
    return msgspec.json.decode(raw)


def _not_whole(error: Exception) -> str:
    reason = one_line(str(error)) if not isinstance(error, RecursionError) else "nested too deep"
    return (
        f"not a whole session file ({reason}); perhaps it was cut short or changed by hand: "
        "take another copy of it"
    )


def _checked(answers: Answers, knowledge: Knowledge, name: str, place: str) -> Answers:
    try:
        return check_answers(answers, knowledge)
    except AnswersError as error:
        raise SessionError(f"{name}: {place}{one_line(str(error))}") from error


def _checked_what_ifs(
    what_ifs: tuple[WhatIf, ...], knowledge: Knowledge, name: str
) -> tuple[WhatIf, ...]:
    return tuple(
        msgspec.structs.replace(
            one, answers=_checked(one.answers, knowledge, name, f"what_ifs[{number}].")
        )
        for number, one in enumerate(what_ifs)
    )


def _answers_as_data(content: dict[str, Any]) -> dict[str, Any]:
    """1 to 2: answers were the text of an answers file; what-ifs and notes came."""
    document = parse(msgspec.convert(content["answers"], str).encode(), "answers").content
    given = document if isinstance(document, dict) else {}
    answers = msgspec.convert(
        {field: value for field, value in given.items() if value is not None}, Answers, strict=False
    )
    return {**content, "answers": msgspec.to_builtins(answers), "what_ifs": [], "notes": ""}


def _without_installation(content: dict[str, Any]) -> dict[str, Any]:
    """2 to 3: what a resolver said of the install line came."""
    return {**content, "installation": None}


def _with_importance_before(content: dict[str, Any]) -> dict[str, Any]:
    """3 to 4: what the weights were before they were moved by hand came."""
    return {**content, "importance_before": None}


STEPS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    1: _answers_as_data,
    2: _without_installation,
    3: _with_importance_before,
}
"""Version -> what makes the next one out of a session's plain data. The machine is none of theirs:
its file has a version of its own."""
