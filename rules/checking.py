"""Whether the parts of a knowledge base fit together, told entry by entry with file and line."""

from collections.abc import Collection, Iterator

from rules.checks.finding import Finding
from rules.checks.references import unknown_names
from rules.checks.statements import unsound
from rules.entries import shown
from rules.errors import InputError
from rules.model import Knowledge
from rules.packs import Base

__all__ = ["Finding", "findings", "mistakes"]


def findings(knowledge: Knowledge, unread: Collection[str] = ()) -> Iterator[Finding]:
    """What a decision would stumble over; checked on every loading."""
    yield from unknown_names(knowledge, unread)
    yield from unsound(knowledge)


def mistakes(base: Base) -> Iterator[InputError]:
    """What makes a base unfit for a decision: what cannot be read, then what does not fit."""
    yield from base.errors
    for finding in findings(base.knowledge, base.unread):
        yield located(base, finding)


def located(base: Base, finding: Finding) -> InputError:
    """The finding as a message with the file and line of its entry."""
    origin = base.origins.get(finding.key)
    message = f"{shown(finding.key)}: {finding.message}"
    if origin is None:
        return InputError(message, "knowledge")
    return InputError(message, origin.document.file, origin.line(finding.place))
