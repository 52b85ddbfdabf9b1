"""A report as JSON, `framework-advisor/report/1`, and back; the form that replays."""

import msgspec

from app.report.document import SCHEMA, Report, ReportError
from app.report.words import one_line
from probes.results import MOST_ENTRIES, MachineFileError, decode_machine, encode_machine

LARGEST_BYTES = 64 * 2**20
"""Ten times what a deep probe of every framework fills."""


def to_json(report: Report) -> bytes:
    """Indented JSON, keys in the order of the structs."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"


class _Head(msgspec.Struct):
    schema: str


def from_json(data: bytes, name: str) -> Report:
    """Decode and check a report; `name` is said in the error.

    Raises ReportError for a truncated or foreign file, an unknown schema version, a wrong type or
    an absurd measurement.
    """
    if len(data) > LARGEST_BYTES:
        raise ReportError(
            f"{name}: larger than the {LARGEST_BYTES:,} bytes that a report has at most. "
            "Is this the right file?"
        )
    if data.count(b",") > MOST_ENTRIES:
        raise ReportError(
            f"{name}: holds more than the {MOST_ENTRIES:,} entries that a report has at most. "
            "Is this the right file?"
        )
    try:
        head = msgspec.json.decode(data, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReportError(
            f"{name}: not a report in JSON ({one_line(str(error))}). "
            "Give the .json that --out wrote."
        ) from error
    if head.schema != SCHEMA:
        raise ReportError(
            f"{name}: schema: {head.schema[:80]!r} is not {SCHEMA!r}, which this version reads."
        )
    try:
        report = msgspec.json.decode(data, type=Report)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReportError(f"{name}: damaged report: {one_line(str(error))}.") from error
    if report.machine is not None:
        try:
            decode_machine(encode_machine(report.machine), f"{name}: machine")
        except MachineFileError as error:
            raise ReportError(str(error)) from error
    return report
