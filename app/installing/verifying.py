"""Verifies an install line: asks and judges. The one function that window and commands call."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from app.installing.asking import LIMIT_SECONDS, ask
from app.installing.judging import judge, unverified
from app.installing.lines import parse_line
from app.installing.results import InstallError, Target, Verification


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
    line = parse_line(text)
    asked_utc = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        answer = ask(line, target, cancel, limit_seconds, on_line)
    except InstallError as error:
        return unverified(line.text, target, "no_resolver", str(error), asked_utc, framework)
    return judge(line, target, answer, asked_utc, framework)


def encode(verification: Verification) -> bytes:
    return msgspec.json.format(msgspec.json.encode(verification), indent=1) + b"\n"
