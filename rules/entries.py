"""The entries of a knowledge base one by one, and what makes two of them the same.

A pack replaces the entry that has the same identity as its own, a difference is told by identity,
and a finding names its entry by it. Most entries have an id; the others are the same where the
fields agree that a person would name them by.
"""

import functools
from collections.abc import Iterator
from typing import Any, TypeAlias, get_args, get_type_hints

from rules.conditions import wanted
from rules.errors import one_line
from rules.model import Conditions, Knowledge, Record

Key: TypeAlias = tuple[str, ...]
"""The list that an entry stands in, then what identifies it there."""

IDENTITY = {
    "deliveries": ("framework", "target", "delivery"),
    "migrations": ("from_code", "to"),
    "risks": ("framework", "text"),
    "learning": ("framework", "level", "title"),
    "speed_scales": ("workload",),
    "code_signs": ("code", "framework"),
    "exit_installs": ("framework", "when"),
}
NESTED = ("facts", "capabilities", "install")
"""The lists inside a framework whose entries count one by one."""
_UNIQUE_ALONE = ("facts", "capabilities", "statements", "frameworks")
"""Lists whose ids say enough without the list's name."""


@functools.cache
def element_types() -> dict[str, type[Any]]:
    """List field of Knowledge -> the struct of its entries."""
    hints = get_type_hints(Knowledge)
    return {
        name: get_args(hint)[0]
        for name, hint in hints.items()
        if get_args(hint) and isinstance(get_args(hint)[0], type(Record))
    }


def key_of(name: str, entry: Any) -> Key:
    """The identity of an entry of the list `name`."""
    return (name, *(_text(getattr(entry, field)) for field in IDENTITY.get(name, ("id",))))


def _text(value: Any) -> str:
    return conditions_text(value) if isinstance(value, dict) else str(value)


def install_key(framework: str, when: Conditions) -> Key:
    """Two install lines of a framework are the same where their conditions are."""
    return ("install", framework, conditions_text(when))


def conditions_text(when: Conditions) -> str:
    """`goal: learn; os: linux or wsl2`: the same for the same conditions in any order."""
    parts = [f"{question}: {' or '.join(sorted(wanted(when, question)))}" for question in when]
    return "; ".join(sorted(parts))


def shown(key: Key) -> str:
    """How a person reads an identity: `pytorch.ease.general`, `gates: retired`."""
    name, *identity = key
    text = one_line(", ".join(part for part in identity if part), 100)
    return text if name in _UNIQUE_ALONE else f"{name}: {text}"


def entries(knowledge: Knowledge) -> Iterator[tuple[Key, Record]]:
    """Every entry; a framework's facts, capabilities and install lines after it."""
    for name in element_types():
        for entry in getattr(knowledge, name):
            yield key_of(name, entry), entry
            if name == "frameworks":
                yield from ((key_of("facts", one), one) for one in entry.facts)
                yield from ((key_of("capabilities", one), one) for one in entry.capabilities)
                yield from ((install_key(entry.id, one.when), one) for one in entry.install)
