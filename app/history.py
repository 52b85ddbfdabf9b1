"""What was measured and reported on this machine: a folder of machine files and reports.

The files are the history; the index beside them only saves reading them again and may be deleted
at any time. A file that cannot be read is named and left out.
"""

import contextlib
import hashlib
import os
import re
import statistics
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from app import VERSION
from app.files import read_at_most, told, write_atomically
from app.paths import history_folder
from app.settings import Settings
from probes.results import (
    Environment,
    Hardware,
    Machine,
    MachineFileError,
    Measurement,
    decode_machine,
    encode_machine,
)
from rules.errors import one_line
from rules.texts import say

INDEX = "index.json"
INDEX_SCHEMA = "framework-advisor/history-index/1"
KEEP_VARIABLE = "FRAMEWORK_ADVISOR_KEEP_HISTORY"
"""`0` in the environment keeps nothing, whatever the settings say."""
LARGEST_BYTES = 64 * 2**20
MOST_FILES = 10_000
_NAME = re.compile(r"(\d{8}T\d{6}Z)-(machine|report)-[0-9a-f]{12}\.json")

Kind = Literal["machine", "report"]


class Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all that stands in the index."""


class Time(Kept, frozen=True, kw_only=True):
    """A valid time of one mode and workload."""

    framework: str
    version: str
    """Of the framework and, for a mode that runs on another one, of that too."""
    python: str
    """Version of the interpreter; empty where it is not told."""
    mode: str
    workload: str
    workload_version: str
    device: str
    track: str
    median_seconds: float
    low_seconds: float
    high_seconds: float
    control_seconds: float | None
    """The control product beside it; None in files that do not tell."""


class Entry(Kept, frozen=True, kw_only=True):
    """What the list shows of a file, and what a trend needs of it."""

    id: str
    """The file's name without its suffix."""
    kind: Kind
    when: str
    """UTC, to the second: when it was measured, or when the report was kept."""
    program_version: str
    machine: str = ""
    """The hardware in words; empty for a report without a machine."""
    hardware: str = ""
    """The same for equal hardware, whatever is installed on it."""
    measured: str = ""
    """UTC: when the machine file was finished; a report may carry one of long before."""
    tier: str | None = None
    frameworks: dict[str, str] = {}
    """Framework -> version, or versions where several environments have it."""
    surroundings: dict[str, str] = {}
    """What else may make a time another one: system, driver, interpreter, this program."""
    verdict: str | None = None
    """Framework or exit that a report recommends; None for a machine, or where nothing is left."""
    verdict_kind: str | None = None
    top_share: float | None = None
    times: tuple[Time, ...] = ()


class LeftOut(Kept, frozen=True, kw_only=True):
    """A file in the folder that is no whole machine file or report of ours."""

    file: str
    problem: str


class History(Kept, frozen=True, kw_only=True):
    """All of the folder, newest first."""

    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]


class HistoryError(ValueError):
    """A wish that the history cannot fulfil; the text says what, where and what to do."""


# -- The folder ----------------------------------------------------------------------------------


def is_kept(settings: Settings) -> bool:
    """Whether runs and reports go into the history."""
    return settings.keep_history and os.environ.get(KEEP_VARIABLE) != "0"


def add_machine(machine: Machine) -> Path:
    """Keep a machine file; the same one again is the same file. Raises OSError for people."""
    when = _moment(machine.finished_utc) or datetime.now(UTC)
    return _add("machine", encode_machine(machine), when)


def add_report(data: bytes, now: datetime | None = None) -> Path:
    """Keep a report's JSON, as it was exported. Raises OSError for people."""
    return _add("report", data, now or datetime.now(UTC))


def _add(kind: Kind, data: bytes, when: datetime) -> Path:
    folder = history_folder()
    digest = hashlib.sha256(data).hexdigest()[:12]
    for old in folder.glob(f"*-{kind}-{digest}.json"):
        return old
    path = folder / f"{when.astimezone(UTC):%Y%m%dT%H%M%SZ}-{kind}-{digest}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise told(error, path) from error
    write_atomically(path, data)
    return path


def path_of(entry: str) -> Path:
    """The file of an entry. Raises HistoryError for anything that is none of the folder's."""
    path = history_folder() / f"{entry}.json"
    if path.name != f"{entry}.json" or path.name == INDEX or not path.is_file():
        raise HistoryError(
            f"{one_line(entry)!r} is not in the history; see: framework-advisor history list"
        )
    return path


def delete(entry: str) -> None:
    """Delete one file of the folder. Raises HistoryError or OSError."""
    path_of(entry).unlink()


def forget_all() -> tuple[int, list[str]]:
    """Delete every file that the program kept, damaged ones too, and the index.

    Gives how many, and the names of the files that are not the program's and stay. Raises OSError.
    """
    count, strangers = 0, []
    for name in _names(history_folder()):
        if _NAME.fullmatch(name):
            (history_folder() / name).unlink()
            count += 1
        else:
            strangers.append(name)
    (history_folder() / INDEX).unlink(missing_ok=True)
    return count, strangers


def _names(folder: Path) -> list[str]:
    """Files of the folder but for the index and what begins with a dot; the newest name first."""
    try:
        with os.scandir(folder) as entries:
            names = [one.name for one in entries if one.name != INDEX]
    except FileNotFoundError:
        return []
    return sorted((name for name in names if not name.startswith(".")), reverse=True)


# -- Reading it ----------------------------------------------------------------------------------


class _Read(Kept, frozen=True, kw_only=True):
    """What was made of a file that had this size and time."""

    size: int
    modified_ns: int
    entry: Entry | None = None
    problem: str | None = None


class _Index(Kept, frozen=True, kw_only=True):
    schema: str = INDEX_SCHEMA
    program_version: str
    files: dict[str, _Read]


def read_history() -> History:
    """Every file of the folder, from the index where that is up to date. Raises OSError where the
    folder itself cannot be read."""
    folder = history_folder()
    known = _read_index(folder)
    names = _names(folder)
    found = {name: _look(folder, name, known) for name in names[:MOST_FILES]}
    if found != known:
        index = _Index(program_version=VERSION, files=found)
        # A folder that cannot be written is a history all the same.
        with contextlib.suppress(OSError):
            write_atomically(folder / INDEX, msgspec.json.encode(index))
    entries = [one.entry for one in found.values() if one.entry is not None]
    left_out = [
        LeftOut(file=name, problem=one.problem) for name, one in found.items() if one.problem
    ]
    if len(names) > MOST_FILES:
        problem = say(
            "{count} older files are beyond the {most} that are read",
            count=len(names) - MOST_FILES,
            most=MOST_FILES,
        )
        left_out.append(LeftOut(file="...", problem=problem))
    return History(
        entries=tuple(sorted(entries, key=lambda one: (one.when, one.id), reverse=True)),
        left_out=tuple(left_out),
    )


def _read_index(folder: Path) -> dict[str, _Read]:
    """What the index knows; nothing where it is damaged or another version's."""
    try:
        data = read_at_most(folder / INDEX, LARGEST_BYTES + 1)
        index = msgspec.json.decode(data, type=_Index)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
    ours = index.schema == INDEX_SCHEMA and index.program_version == VERSION
    return index.files if ours else {}


def _look(folder: Path, name: str, known: Mapping[str, _Read]) -> _Read:
    """Read a file, unless the index has what it was."""
    path = folder / name
    try:
        status = path.stat()
        before = known.get(name)
        if before and (before.size, before.modified_ns) == (status.st_size, status.st_mtime_ns):
            return before
        size, modified = status.st_size, status.st_mtime_ns
        if not path.is_file():
            return _Read(size=size, modified_ns=modified, problem=say("is a folder or a device"))
        if size > LARGEST_BYTES:
            return _Read(size=size, modified_ns=modified, problem=say("is larger than any of ours"))
        data = read_at_most(path, LARGEST_BYTES)
    except OSError as error:
        problem = say("cannot be read: {error}", error=error.strerror)
        return _Read(size=0, modified_ns=0, problem=problem)
    try:
        return _Read(size=size, modified_ns=modified, entry=entry_of(data, name))
    except (HistoryError, MachineFileError) as error:
        problem = str(error).removeprefix(f"{name}: ")
        return _Read(size=size, modified_ns=modified, problem=problem)


class _Schema(msgspec.Struct):
    schema: str


class _Made(msgspec.Struct):
    today: str


class _Verdict(msgspec.Struct):
    framework: str | None
    kind: str
    top_share: float | None


class _Recommendation(msgspec.Struct):
    made: _Made
    verdict: _Verdict


class _Report(msgspec.Struct):
    """Of a report what the list shows; the rest is for who opens it, reports of older versions
    too."""

    program_version: str
    recommendation: _Recommendation
    machine: msgspec.Raw = msgspec.Raw(b"null")


def entry_of(data: bytes, name: str) -> Entry:
    """What a machine file or a report says. Raises HistoryError or MachineFileError, naming it."""
    try:
        schema = msgspec.json.decode(data, type=_Schema).schema
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _fault(
            name, say("is no whole JSON file of ours ({error})", error=_said(error))
        ) from None
    family = schema.rpartition("/")[0]
    if family == "framework-advisor/machine":
        return _machine_entry(decode_machine(data, name), name)
    if family != "framework-advisor/report":
        kind = one_line(schema, 100)
        raise _fault(name, say("is another kind of file ({kind})", kind=kind))
    try:
        report = msgspec.json.decode(data, type=_Report)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _fault(name, say("is a damaged report ({error})", error=_said(error))) from None
    verdict = report.recommendation.verdict
    machine = None
    if bytes(report.machine) != b"null":
        machine = decode_machine(bytes(report.machine), name)
    named = _NAME.fullmatch(name)
    when = _moment(named[1] if named else report.recommendation.made.today)
    if when is None:
        raise _fault(name, say("is a damaged report (its date is none)"))
    entry = Entry(
        id=_id(name),
        kind="report",
        when=_text(when),
        program_version=one_line(report.program_version, 40),
        verdict=None if verdict.framework is None else one_line(verdict.framework, 100),
        verdict_kind=one_line(verdict.kind, 20),
        top_share=verdict.top_share,
    )
    return entry if machine is None else _with_machine(entry, machine)


def _said(error: Exception) -> str:
    deep = isinstance(error, RecursionError)
    return say("nested too deep") if deep else one_line(str(error), 200)


def _fault(name: str, problem: str) -> HistoryError:
    return HistoryError(f"{name}: {problem}")


def _id(name: str) -> str:
    return name.removesuffix(".json")


def _machine_entry(machine: Machine, name: str) -> Entry:
    entry = Entry(
        id=_id(name),
        kind="machine",
        when="",
        program_version=one_line(machine.program_version, 40),
    )
    entry = _with_machine(entry, machine)
    return msgspec.structs.replace(entry, when=entry.measured)


def _with_machine(entry: Entry, machine: Machine) -> Entry:
    measured = _moment(machine.finished_utc)
    if measured is None:
        raise _fault(f"{entry.id}.json", say("finished_utc of the machine is no date and time"))
    return msgspec.structs.replace(
        entry,
        machine=hardware_text(machine.hardware),
        hardware=hardware_id(machine.hardware),
        measured=_text(measured),
        tier=machine.tier,
        frameworks=_versions(machine),
        surroundings=_surroundings(machine),
        times=tuple(_times(machine)),
    )


def hardware_id(hardware: Hardware) -> str:
    """Hash of what can be touched: the same before and after an upgrade of any software.

    A machine's fingerprint holds the versions too, so that it differs after each upgrade.
    """
    described = (
        hardware.cpu.model,
        hardware.cpu.microarchitecture or "",
        hardware.cpu.logical_cores,
        round(hardware.cpu.usable_cores, 2),
        # Firmware takes a little more or less of it at each start.
        round(hardware.memory_bytes / 2**30),
        tuple((one.name, one.memory_bytes) for one in hardware.accelerators),
        hardware.os,
    )
    return hashlib.sha256(msgspec.json.encode(described)).hexdigest()[:16]


def hardware_text(hardware: Hardware) -> str:
    """The same for people."""
    parts = [
        one_line(hardware.cpu.model, 100),
        f"{hardware.cpu.usable_cores:g} cores",
        f"{hardware.memory_bytes / 2**30:.0f} GiB",
        *(one_line(one.name, 100) for one in hardware.accelerators),
        hardware.os,
    ]
    return ", ".join(parts)


def _versions(machine: Machine) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    pairs = [
        (one.framework, one.version) for each in machine.environments for one in each.frameworks
    ]
    for framework, version in pairs:
        versions = found.setdefault(framework, [])
        if version not in versions:
            versions.append(version)
    return {name: one_line(", ".join(versions), 100) for name, versions in sorted(found.items())}


def _surroundings(machine: Machine) -> dict[str, str]:
    """What may have changed between two runs beside the framework."""
    hardware = machine.hardware
    said = {
        "system": hardware.os_version,
        "governor": hardware.governor or "",
        "program": machine.program_version,
    }
    said |= {f"driver of {one.name}": one.driver or "" for one in hardware.accelerators}
    return {one_line(name, 120): one_line(value, 200) for name, value in said.items() if value}


def _times(machine: Machine) -> Iterator[Time]:
    environments = {one.python: one for one in machine.environments}
    tried = {(one.framework, one.python): one.version for one in machine.tried}
    seen = set()
    for one in machine.measurements:
        key = (one.mode, one.workload, one.workload_version, one.device, one.track)
        counts = one.verdict.status == "valid" and one.purpose != "overhead"
        # Of several environments the first listed counts, as in the decision.
        if not counts or one.median_seconds is None or one.ci95 is None or key in seen:
            continue
        seen.add(key)
        at = environments.get(one.python)
        yield Time(
            framework=one.framework,
            version=_version(
                one.mode,
                tried.get((one.framework, one.python)),
                one.framework,
                at,
            ),
            python=one_line((at.python_version if at else None) or "", 40),
            mode=one.mode,
            workload=one.workload,
            workload_version=one.workload_version,
            device=one.device,
            track=one.track,
            median_seconds=one.median_seconds,
            low_seconds=one.ci95[0],
            high_seconds=one.ci95[1],
            control_seconds=_control(one),
        )


def _control(measurement: Measurement) -> float | None:
    """Median of the control product in the rounds that count."""
    seconds = [
        each
        for one in measurement.rounds
        if not one.flagged
        for each in (one.control_before_seconds, one.control_after_seconds)
    ]
    return statistics.median(seconds) if seconds else None


def _version(mode: str, tried: str | None, framework: str, environment: Environment | None) -> str:
    """The framework's version and, where the mode names another one's package, that one's."""
    installed = environment.frameworks if environment else ()
    own = tried or next((one.version for one in installed if one.framework == framework), "unknown")
    below = mode.partition("/")[2]
    for one in installed:
        if one.distribution == below and one.framework != framework:
            return one_line(f"{own} on {one.distribution} {one.version}", 100)
    return one_line(own, 100)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
