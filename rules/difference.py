"""What differs between two knowledge bases, entry by entry, and whose advice that changes. Pure."""

import itertools
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import msgspec

from rules.checks.effects import MAX_PERSONAS, decided
from rules.entries import NESTED, Key, conditions_text, element_types, entries, shown
from rules.loading import AnswersError
from rules.model import Framework, Knowledge, Persona, Record
from rules.recommendation import Recommendation

_GIST = ("reason", "text", "said", "title", "name", "steps", "command", "summary", "source")
"""Fields that say in one line what an entry is, the best first."""


class FieldChange(msgspec.Struct, frozen=True):
    field: str
    before: str | None
    """None where the field was not there, or empty."""
    after: str | None


class EntryChange(msgspec.Struct, frozen=True):
    list: str
    """The list that the entry stands in."""
    name: str
    how: Literal["added", "removed", "changed"]
    gist: str
    """What the entry says, in one line; empty for a changed one."""
    fields: tuple[FieldChange, ...]
    """Of a changed entry."""
    personas: tuple[str, ...]
    """Personas whose outcome changes and rests on this entry."""


class Outcome(msgspec.Struct, frozen=True):
    framework: str | None
    kind: str


class PersonaChange(msgspec.Struct, frozen=True):
    id: str
    who: str
    before: Outcome
    after: Outcome


class Difference(msgspec.Struct, frozen=True):
    entries: tuple[EntryChange, ...]
    """By list, in the model's order, then by name."""
    reordered: tuple[str, ...]
    """Lists of which the common entries stand in another order."""
    personas: tuple[PersonaChange, ...]
    """Those whose first place or kind of verdict changes."""
    personas_compared: int


def difference(before: Knowledge, after: Knowledge, today: date) -> Difference:
    """What differs; both bases have to be sound. Personas are decided as of `today`."""
    old, new = dict(entries(before)), dict(entries(after))
    differing = [key for key in {**old, **new} if _fields(old.get(key)) != _fields(new.get(key))]
    personas, rests_on, compared = _personas(before, after, today, {key[-1] for key in differing})
    changes = [
        _change(key, old.get(key), new.get(key), rests_on.get(key[-1], ())) for key in differing
    ]
    order = list(element_types())
    places = {name: (order.index("frameworks"), number) for number, name in enumerate(NESTED)}
    places |= {name: (number, -1) for number, name in enumerate(order)}
    return Difference(
        tuple(sorted(changes, key=lambda one: (places[one.list], one.name))),
        tuple(name for name in order if _is_reordered(list(old), list(new), name)),
        personas,
        compared,
    )


def _change(
    key: Key, before: Record | None, after: Record | None, personas: tuple[str, ...]
) -> EntryChange:
    old, new = _fields(before), _fields(after)
    if before is None or after is None:
        fields = new if before is None else old
        gist = next((fields[name] for name in _GIST if fields.get(name)), "")
        how: Literal["added", "removed"] = "added" if before is None else "removed"
        return EntryChange(key[0], shown(key), how, gist, (), personas)
    changed = tuple(
        FieldChange(name, old.get(name) or None, new.get(name) or None)
        for name in dict.fromkeys((*old, *new))
        if old.get(name) != new.get(name)
    )
    return EntryChange(key[0], shown(key), "changed", "", changed, personas)


def _fields(entry: Record | None) -> dict[str, str]:
    """An entry as flat text: `expect.winner` -> `keras, pytorch`."""
    if entry is None:
        return {}
    found: dict[str, str] = {}
    for name in entry.__struct_fields__:
        if not (isinstance(entry, Framework) and name in NESTED):
            _flatten(name, getattr(entry, name), found)
    return found


def _flatten(name: str, value: Any, found: dict[str, str]) -> None:
    if isinstance(value, msgspec.Struct):
        for inner in value.__struct_fields__:
            _flatten(f"{name}.{inner}", getattr(value, inner), found)
    elif isinstance(value, Mapping):
        found[name] = conditions_text({key: _text(one) for key, one in value.items()})
    elif isinstance(value, tuple) and any(isinstance(one, msgspec.Struct) for one in value):
        for number, one in enumerate(value):
            _flatten(f"{name}.{getattr(one, 'id', number)}", one, found)
    elif value is not None:
        found[name] = _text(value)


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _is_reordered(old: list[Key], new: list[Key], name: str) -> bool:
    common = set(old) & set(new)
    return [key for key in old if key in common and key[0] == name] != [
        key for key in new if key in common and key[0] == name
    ]


def _personas(
    before: Knowledge, after: Knowledge, today: date, differing: set[str]
) -> tuple[tuple[PersonaChange, ...], dict[str, tuple[str, ...]], int]:
    """Whose outcome changes; entry -> those of them who rest on it; how many were compared."""
    if before.hash == after.hash:
        return (), {}, 0
    changes: list[PersonaChange] = []
    rests_on: dict[str, tuple[str, ...]] = {}
    compared = 0
    personas = {one.id: one for one in (*before.personas, *after.personas)}
    for persona in itertools.islice(personas.values(), MAX_PERSONAS):
        old, new = _result(before, persona, today), _result(after, persona, today)
        if old is None or new is None:
            continue
        compared += 1
        outcomes = _outcome(old), _outcome(new)
        if outcomes[0] == outcomes[1]:
            continue
        changes.append(PersonaChange(persona.id, persona.who, *outcomes))
        for name in sorted(differing & (_basis(old) | _basis(new) | _gated(old, new, differing))):
            rests_on[name] = (*rests_on.get(name, ()), persona.id)
    return tuple(sorted(changes, key=lambda one: one.id)), rests_on, compared


def _result(knowledge: Knowledge, persona: Persona, today: date) -> Recommendation | None:
    """None where the base lacks a question or option that the persona answers."""
    try:
        return decided(knowledge, persona, today)
    except AnswersError:
        return None


def _outcome(result: Recommendation) -> Outcome:
    return Outcome(result.verdict.framework, result.verdict.kind)


def _basis(result: Recommendation) -> set[str]:
    """Ids of the facts and gates that a result rests on."""
    found = {
        name
        for one in result.ranking
        for part in one.contributions
        if part.weight
        for name in part.facts
    }
    return found | {one.gate for one in result.ruled_out}


def _gated(old: Recommendation, new: Recommendation, differing: set[str]) -> set[str]:
    """Capabilities and frameworks that are ruled out in one of the two only."""
    moved = {one.framework for one in old.ruled_out} ^ {one.framework for one in new.ruled_out}
    return {name for name in differing if name.partition(".")[0] in moved}
