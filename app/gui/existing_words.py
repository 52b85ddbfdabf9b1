"""What a file of requirements said, in the few sentences of a notice.

Pure functions; the only Qt here is its translation.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from rules.existing import EndedPart, Existing

OPEN_FILTER = "{name} (*.yaml *.yml *.json *.txt *.in *.toml *.cfg);;{all} (*)"
REQUIREMENTS_FILTER = "{name} (*.txt *.in *.toml *.cfg *.yml *.yaml)"
MOST_TOLD = 6
"""Ended parts in a notice; the plan has all of them."""


def tr(text: str) -> str:
    return QCoreApplication.translate("existing", text)


def summary(existing: "Existing", disagreements: Sequence[str] = ()) -> str:
    """A sentence a line: what was found, what of it has ended, what was not read."""
    lines = [_found(existing)]
    lines += [_ended(one) for one in existing.ended[:MOST_TOLD]]
    if len(existing.ended) > MOST_TOLD:
        more = tr("And {count} more that have ended; the plan names them.")
        lines.append(more.format(count=len(existing.ended) - MOST_TOLD))
    lines += disagreements
    if existing.unreadable:
        first = existing.unreadable[0]
        lines.append(
            tr("Not read: {text} ({where}), {reason}.").format(
                text=first.text, where=first.where, reason=first.reason
            )
            if len(existing.unreadable) == 1
            else tr("Not read: {count} lines, the first is {where}: {text}").format(
                count=len(existing.unreadable), where=first.where, text=first.text
            )
        )
    return "\n".join(lines)


def _found(existing: "Existing") -> str:
    if not existing.frameworks and not existing.components:
        return tr("{file} names no framework and no library that is known here.").format(
            file=existing.file
        )
    named = dict.fromkeys(
        tr("{framework} by way of {library}").format(framework=one.name, library=one.through)
        if one.through
        else one.requirement
        for one in existing.frameworks
    )
    if not named:
        return tr("{file} names no framework; known libraries in it: {count}.").format(
            file=existing.file, count=len(existing.components)
        )
    return tr("{file} asks for {requirements}; known libraries beside: {count}.").format(
        file=existing.file, requirements=", ".join(named), count=len(existing.components)
    )


def _ended(part: "EndedPart") -> str:
    words = {"stalled": tr("has stalled"), "retired": tr("has been retired")}
    state = words.get(part.lifecycle, part.lifecycle)
    if part.successor:
        return tr("{name} ({where}) {state}; instead: {successor}.").format(
            name=part.name, where=part.where, state=state, successor=part.successor
        )
    return tr("{name} ({where}) {state}.").format(name=part.name, where=part.where, state=state)
