"""What a worker may say, decoded strictly: sizes, ranges, names and finiteness are checked here.

A worker runs a stranger's build in a stranger's interpreter; what it sends is data to be judged.
The protocol itself is described in `worker/protocol.py`.
"""

import re
from typing import Annotated, Literal, TypeVar

import msgspec

from probes.results import MOST_MEMORY_BYTES, Device, DeviceFinding, EqualWork

PROTOCOL = 1
LONGEST_LINE_BYTES = 16 * 1024 * 1024
"""A window has at most some hundred thousand values of 20 characters."""
MOST_VALUES = 500_000
LONGEST_SECONDS = 1e5
ALLOWED_ERROR = {"strict_fp32": 1e-4, "native_default": 2e-2}
"""What we accept as equal work, whatever tolerance the worker says it used."""

Text = Annotated[str, msgspec.Meta(max_length=2_000)]
Detail = Annotated[str, msgspec.Meta(max_length=20_000)]
Seconds = Annotated[float, msgspec.Meta(ge=0.0, le=LONGEST_SECONDS)]
StepSeconds = Annotated[float, msgspec.Meta(gt=0.0, le=LONGEST_SECONDS)]
Amount = Annotated[float, msgspec.Meta(ge=0.0, le=1e24)]
Magnitude = Annotated[float, msgspec.Meta(ge=0.0, le=1e300)]
Bytes = Annotated[int, msgspec.Meta(ge=1, le=MOST_MEMORY_BYTES)]
NotANumber = Literal["nan", "inf", "-inf"]
"""What wrong work comes to, spelled out: JSON has no number for it. It proves nothing."""
WORST_ERROR = 1e30
Loss = Annotated[float, msgspec.Meta(ge=-1e300, le=1e300)]
Losses = Annotated[tuple[Loss, ...], msgspec.Meta(max_length=1_000)]
Name = Annotated[str, msgspec.Meta(max_length=200)]


class ProtocolError(ValueError):
    """A worker said something that no worker says; the text tells what, in one line."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what comes from a worker; keys that we do not know are ignored, as a later one's."""


class Hello(Message, frozen=True, kw_only=True):
    protocol: int
    python: Annotated[str, msgspec.Meta(pattern=r"^\d+\.\d+\.\d+[a-z0-9+.]*$", max_length=40)]
    pid: int
    foreign_modules: Annotated[tuple[Name, ...], msgspec.Meta(max_length=20)]


class SaidDevice(Message, frozen=True, kw_only=True):
    device: Device
    driver_sees: bool | None
    build_supports: bool | None
    operation_ran: bool | None
    reason: Text | None = None


class Imported(Message, frozen=True, kw_only=True):
    import_seconds: Seconds
    version: Name
    build: Name | None = None
    devices: Annotated[tuple[SaidDevice, ...], msgspec.Meta(max_length=64)]
    settings: Annotated[dict[Name, Text], msgspec.Meta(max_length=100)] = {}
    threads: Annotated[int, msgspec.Meta(ge=0, le=100_000)] | None = None
    resident_bytes: Bytes | None = None


class SaidEqualWork(Message, frozen=True, kw_only=True):
    passed: bool
    max_rel_err: Magnitude | NotANumber
    tolerance: Magnitude
    losses: Losses = ()
    reference_losses: Losses = ()
    gradient_norm: Magnitude | NotANumber | None = None
    reference_gradient_norm: Magnitude | None = None
    parameter_count: Annotated[int, msgspec.Meta(ge=0, le=10**13)] | None = None
    reason: Text | None = None


class Prepared(Message, frozen=True, kw_only=True):
    equal_work: SaidEqualWork
    build_seconds: Seconds = 0.0
    """Of building the model and placing its inputs, before the first call."""
    first_call_seconds: Seconds
    flops: Amount | None = None
    bytes_moved: Amount | None = None
    workload_version: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z._-]{1,64}$")]
    purpose: Literal["training", "inference", "overhead", "limit"]


class Measured(Message, frozen=True, kw_only=True):
    values: Annotated[tuple[StepSeconds, ...], msgspec.Meta(min_length=1, max_length=MOST_VALUES)]
    cpu_seconds: Seconds
    wall_seconds: StepSeconds
    warm_up_seconds: Seconds = 0.0
    peak_resident_bytes: Bytes | None = None
    peak_resident_scope: Literal["item", "process"] | None = None
    peak_device_bytes: Bytes | None = None


class Checked(Message, frozen=True, kw_only=True):
    state: Literal["works", "in_part", "fails"]
    note: Text
    max_rel_err: Magnitude | None = None
    seconds: Seconds | None = None


class Control(Message, frozen=True, kw_only=True):
    values: Annotated[tuple[StepSeconds, ...], msgspec.Meta(min_length=1, max_length=10_000)]


class Done(Message, frozen=True, kw_only=True):
    """The answer to a command that gives nothing."""


class WorkerError(Message, frozen=True, kw_only=True):
    """The worker says that a command failed."""

    kind: Literal["import", "unsupported", "wrong", "exception", "memory"]
    message: Text
    detail: Detail | None = None


class _Head(msgspec.Struct, frozen=True):
    type: Literal["hello", "result", "error", "log", "progress"]
    id: int | None = None


Wanted = TypeVar("Wanted", bound=Message)


def head_of(line: bytes) -> _Head:
    """Type and number of a message. Raises ProtocolError."""
    return _decode(line, _Head)


def decode(line: bytes, wanted: type[Wanted]) -> Wanted:
    """A message as what was asked for. Raises ProtocolError."""
    return _decode(line, wanted)


Decoded = TypeVar("Decoded")


def _decode(line: bytes, wanted: type[Decoded]) -> Decoded:
    try:
        return msgspec.json.decode(line, type=wanted)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError(f"{one_line(str(error))} in {excerpt(line)}") from None


def excerpt(line: bytes) -> str:
    """The beginning of what came, fit to be shown."""
    return repr(printable(line[:80].decode("utf-8", "replace")))


def printable(text: str) -> str:
    """Without control characters and escape sequences: it goes to terminals, pages and reports."""
    text = re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]", "", text)
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)


def one_line(text: str, longest: int = 300) -> str:
    """The text on one line, cut with an ellipsis."""
    words = " ".join(printable(text).split())
    return words if len(words) <= longest else words[: longest - 1] + "…"


def device_finding(said: SaidDevice) -> DeviceFinding:
    return DeviceFinding(
        device=said.device,
        driver_sees=said.driver_sees,
        build_supports=said.build_supports,
        operation_ran=said.operation_ran,
        reason=None if said.reason is None else one_line(said.reason),
    )


def equal_work(said: SaidEqualWork, track: str, purpose: str) -> EqualWork:
    """The proof as we accept it: the worker's word counts only where its figures agree with it."""
    allowed = min(said.tolerance, ALLOWED_ERROR[track])
    error = WORST_ERROR if isinstance(said.max_rel_err, str) else said.max_rel_err
    faults = []
    if error > allowed:
        faults.append(f"relative error {error:.1e}, allowed {allowed:.0e}")
    if purpose == "training":
        faults += _training_faults(said, allowed)
    passed = said.passed and not faults
    reason = "; ".join(faults) or (None if passed else "equal work is not proven")
    if said.reason is not None:
        # The worker has seen more than it can send: its reason comes first.
        reason = one_line(said.reason)
    return EqualWork(
        passed=passed,
        max_rel_err=error,
        tolerance=allowed,
        losses=said.losses,
        reference_losses=said.reference_losses,
        gradient_norm=None if isinstance(said.gradient_norm, str) else said.gradient_norm,
        reference_gradient_norm=said.reference_gradient_norm,
        parameter_count=said.parameter_count,
        reason=reason,
    )


def _training_faults(said: SaidEqualWork, allowed: float) -> list[str]:
    """A training step is proven by a loss curve that is the reference's and falls."""
    if len(said.losses) < 2 or len(said.losses) != len(said.reference_losses):
        return [f"{len(said.losses)} losses for {len(said.reference_losses)} of the reference"]
    pairs = zip(said.losses, said.reference_losses, strict=True)
    if any(abs(loss - right) > allowed * max(abs(right), 1e-30) for loss, right in pairs):
        return ["the loss curve is not the reference's"]
    if said.losses[-1] >= said.losses[0]:
        return ["the loss does not fall"]
    return []
