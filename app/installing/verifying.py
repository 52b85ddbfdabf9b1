"""Verifies install lines: asks and judges. What window and commands call."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from app.installing.asking import LIMIT_SECONDS, ask
from app.installing.choosing import Chosen
from app.installing.drivers import checked_driver
from app.installing.judging import judge, unverified
from app.installing.lines import Line, parse_line, with_more
from app.installing.results import InstallError, Package, Target, Verification
from app.installing.words import RESOLVED, STATES
from rules.texts import say


def verify(
    text: str,
    target: Target,
    framework: str | None = None,
    cancel: threading.Event | None = None,
    limit_seconds: float = LIMIT_SECONDS,
    on_line: Callable[[str], None] = lambda line: None,
) -> Verification:
    """Whether the line resolves there, and what it would bring. Nothing is installed.

    Raises InstallError for a line that is none; whatever pip does wrong is "not verified".
    """
    return _verify(parse_line(text), target, framework, cancel, limit_seconds, on_line)


def verify_chosen(
    chosen: Chosen,
    cancel: threading.Event | None = None,
    limit_seconds: float = LIMIT_SECONDS,
    on_line: Callable[[str], None] = lambda line: None,
) -> Verification:
    """The same of a line with the libraries of its stack, and of the driver that the target has.

    Where the libraries are what does not resolve, the line alone is asked about too, and that is
    said; the state stays that of all of it.
    """
    line = parse_line(chosen.line)
    lines = with_more(line, chosen.packages)
    found = verify_lines(lines, chosen, cancel, limit_seconds, on_line)
    if len(lines[0].names) > len(line.names) and found.state not in (*RESOLVED, "cancelled"):
        alone = _verify(line, chosen.target, chosen.framework, cancel, limit_seconds, on_line)
        told = say(
            "Without the libraries of the stack, the line is: {state}.",
            state=say(STATES[alone.state]),
        )
        return msgspec.structs.replace(found, details=(told, *found.details)[:40])
    return found


def verify_lines(
    lines: Sequence[Line],
    chosen: Chosen,
    cancel: threading.Event | None = None,
    limit_seconds: float = LIMIT_SECONDS,
    on_line: Callable[[str], None] = lambda line: None,
) -> Verification:
    """What lines that are installed one after another bring together, as one; the first that does
    not resolve decides. What the first brings stays as it is when the next is asked about."""
    first, *others = lines
    target, framework = chosen.target, chosen.framework
    found = _verify(first, target, framework, cancel, limit_seconds, on_line)
    packages = {one.name: one for one in found.packages}
    for line in others if found.state in RESOLVED else ():
        # The build was judged with the first line; the second is not asked for a device.
        there = msgspec.structs.replace(target, device=None, driver=None)
        asked = _beside(line, first, tuple(packages.values()))
        more = _verify(asked, there, framework, cancel, limit_seconds, on_line)
        if more.state not in RESOLVED:
            found = msgspec.structs.replace(more, target=target, line=first.text)
            if more.state != "cancelled":
                told = say("The line itself resolves; what does not are the packages beside it.")
                found = msgspec.structs.replace(found, details=(told, *found.details)[:40])
            break
        for package in more.packages:
            packages.setdefault(package.name, package)
        found = msgspec.structs.replace(found, packages=tuple(packages.values()))
    return msgspec.structs.replace(checked_driver(found, chosen.floors), libraries=chosen.libraries)


def _beside(line: Line, first: Line, packages: Sequence[Package]) -> Line:
    """The second line as pip will see it once the first is installed."""
    pins = tuple(f"{one.name}=={one.version}" for one in packages if one.name not in line.names)
    indexes = (*first.extra_indexes, *((first.index,) if first.index else ()))
    return msgspec.structs.replace(line, added=pins, extra_indexes=indexes)


def _verify(
    line: Line,
    target: Target,
    framework: str | None,
    cancel: threading.Event | None,
    limit_seconds: float,
    on_line: Callable[[str], None],
) -> Verification:
    asked_utc = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        answer = ask(line, target, cancel, limit_seconds, on_line)
    except InstallError as error:
        return unverified(line.text, target, "no_resolver", str(error), asked_utc, framework)
    return judge(line, target, answer, asked_utc, framework)


def encode(verification: Verification) -> bytes:
    return msgspec.json.format(msgspec.json.encode(verification), indent=1) + b"\n"
