"""A session: answers and machine in one versioned file, and what any file opened here holds.

Plain JSON that a person can see, copy and send. Knows no Qt and paints nothing.
"""

import tempfile
from pathlib import Path

import msgspec

from app.files import write_atomically
from probes.results import Machine, decode_machine
from rules import InputError, dump_answers, load_answers
from rules.model import Answers, Knowledge

SCHEMA = "framework-advisor/session/1"
_FAMILY = "framework-advisor/session/"
LARGEST_BYTES = 64 * 2**20


class Session(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`answers` is the text of an answers document, so that one reader checks all of its ids."""

    schema: str = SCHEMA
    saved_utc: str
    answers: str
    machine: Machine | None = None


class Opened(msgspec.Struct, frozen=True):
    """What a file held; None where it says nothing about it."""

    answers: Answers | None
    machine: Machine | None
    is_session: bool


class SessionError(ValueError):
    """A session file that cannot be used; the text names the file and what to do."""


class _Schema(msgspec.Struct):
    schema: str = ""


def save_session(path: Path, answers: Answers, machine: Machine | None, saved_utc: str) -> None:
    """Raises OSError as the file system gives it, with nothing half-written left behind."""
    session = Session(saved_utc=saved_utc, answers=dump_answers(answers), machine=machine)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, msgspec.json.format(msgspec.json.encode(session), indent=1) + b"\n")


def open_file(path: Path, knowledge: Knowledge) -> Opened:
    """Read an answers document, a machine file or a session, whichever it is.

    Raises InputError, MachineFileError, SessionError or OSError, each with a text for people.
    """
    if path.stat().st_size > LARGEST_BYTES:
        raise SessionError(f"{path}: is too large to be answers, a machine file or a session")
    data = path.read_bytes()
    schema = _schema_of(data)
    if schema.startswith("framework-advisor/machine/"):
        return Opened(None, decode_machine(data, str(path)), False)
    if schema.startswith(_FAMILY):
        session = _decode_session(path, data, schema)
        return Opened(_answers_of(session, path, knowledge), session.machine, True)
    if schema and not schema.startswith("framework-advisor/answers/"):
        raise SessionError(
            f"{path}: this is a {schema} file; answers, a machine file or a session can be opened"
        )
    return Opened(load_answers(path, knowledge), None, False)


def _schema_of(data: bytes) -> str:
    """The schema that a JSON file names; empty for anything else, YAML answers included."""
    if not data.lstrip().startswith(b"{"):
        return ""
    try:
        return msgspec.json.decode(data, type=_Schema).schema
    except msgspec.MsgspecError:
        # Truncated files of ours still say what they were meant to be.
        for family in (_FAMILY, "framework-advisor/machine/"):
            if family.encode() in data[:400]:
                return family
        return ""


def _decode_session(path: Path, data: bytes, schema: str) -> Session:
    if schema not in (SCHEMA, _FAMILY):
        raise SessionError(
            f"{path}: {schema} was written by another version of this program, which reads "
            f"{SCHEMA}; open it there and save its answers as a file"
        )
    try:
        return msgspec.json.decode(data, type=Session)
    except msgspec.MsgspecError as error:
        raise SessionError(f"{path}: not a whole session file ({error})") from error


def _answers_of(session: Session, path: Path, knowledge: Knowledge) -> Answers:
    # The one reader of answers reads files, so it gets one.
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "answers.yaml"
        copy.write_text(session.answers, encoding="utf-8")
        try:
            return load_answers(copy, knowledge)
        except InputError as error:
            raise SessionError(str(error).replace(str(copy), f"{path}, answers")) from error
