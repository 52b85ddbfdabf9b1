"""What every entry has to say for itself: its source and month, sound numbers, ids of its own."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from rules.checks.finding import Finding
from rules.entries import Key, entries
from rules.model import Knowledge
from rules.weights import PERFORMANCE
from rules.yaml_reader import Place, dotted

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])\Z")
_SOURCES = {"as_of": "source", "lifecycle_as_of": "lifecycle_source"}
"""Field of a month -> the field of the source that it belongs to."""

_NAMED_BY_REASONS = ("facts", "capabilities", "statements", "claims", "signals", "components")
_BY_ID = (
    "questions",
    "groups",
    "criteria",
    "weight_rules",
    "gates",
    "articles",
    "advice",
    "concepts",
    "common_questions",
)


def unsound(knowledge: Knowledge) -> Iterator[Finding]:
    yield from _ids(knowledge)
    yield from _sources(knowledge)
    yield from _numbers(knowledge)
    yield from _closed_on_judgement(knowledge)
    yield from _house_rules(knowledge)
    yield from _double_duty(knowledge)


def months(knowledge: Knowledge) -> Iterator[tuple[Key, Place, str]]:
    """Every month in the base, with the entry and the place where it stands."""
    for key, entry in entries(knowledge):
        for place, struct in _structs(entry, ()):
            for field in _SOURCES:
                month = getattr(struct, field, None)
                if isinstance(month, str):
                    yield key, (*place, field), month


def _structs(value: Any, place: Place) -> Iterator[tuple[Place, msgspec.Struct]]:
    """The struct and those inside it that are no entries of their own."""
    yield place, value
    for field in value.__struct_fields__:
        inner = getattr(value, field)
        if isinstance(inner, msgspec.Struct):
            yield from _structs(inner, (*place, field))


def _ids(knowledge: Knowledge) -> Iterator[Finding]:
    """What reasons can name shares one space of ids."""
    ids = Counter[str]()
    for key, _ in entries(knowledge):
        if key[0] in _NAMED_BY_REASONS:
            ids[key[1]] += 1
            if ids[key[1]] == 2:
                yield Finding(key, "this id stands twice")
    for framework in knowledge.frameworks:
        for name in ("facts", "capabilities"):
            for entry in getattr(framework, name):
                if not entry.id.startswith(f"{framework.id}."):
                    message = f"the id of what belongs to {framework.id} begins with {framework.id}"
                    yield Finding((name, entry.id), message, ("id",))
    for field in _BY_ID:
        counted = Counter(one.id for one in getattr(knowledge, field))
        for name, count in counted.items():
            if count > 1:
                yield Finding((field, name), "stands twice")


def _sources(knowledge: Knowledge) -> Iterator[Finding]:
    for key, place, month in months(knowledge):
        if not MONTH.match(month):
            yield Finding(key, f"{dotted(place)} is {month!r}; write YYYY-MM", place)
    for key, entry in entries(knowledge):
        for place, struct in _structs(entry, ()):
            for field in (*_SOURCES.values(), "link"):
                source = getattr(struct, field, None)
                if isinstance(source, str) and not source.strip():
                    yield Finding(key, f"{dotted((*place, field))} is empty", (*place, field))


def _numbers(knowledge: Knowledge) -> Iterator[Finding]:
    """A weight of nothing, or of no number, would leave a sum that cannot be shared out."""
    numbers: list[tuple[Key, str, float]] = []
    numbers += [(("groups", one.id), "weight", one.weight) for one in knowledge.groups]
    numbers += [(("criteria", one.id), "weight", one.weight) for one in knowledge.criteria]
    numbers += [(("weight_rules", one.id), "factor", one.factor) for one in knowledge.weight_rules]
    for scale in knowledge.speed_scales:
        key: Key = ("speed_scales", scale.workload)
        numbers += [(key, "best_ratio", scale.best_ratio), (key, "worst_ratio", scale.worst_ratio)]
        if scale.best_ratio >= scale.worst_ratio:
            yield Finding(key, "best_ratio is not below worst_ratio", ("best_ratio",))
    for key, field, number in numbers:
        if not (math.isfinite(number) and number > 0):
            message = f"{field} is {number}; it has to be a number above 0"
            yield Finding(key, message, (field,))


def _closed_on_judgement(knowledge: Knowledge) -> Iterator[Finding]:
    """A gate may close on what somebody reports, never on what we only think."""
    for framework in knowledge.frameworks:
        for entry in framework.capabilities:
            if entry.state == "none" and entry.grade in ("judgement", "unknown"):
                message = f"state none needs a source; its grade is {entry.grade}"
                yield Finding(("capabilities", entry.id), message, ("grade",))


def _house_rules(knowledge: Knowledge) -> Iterator[Finding]:
    """Nobody is ruled out by a house rule that names no owner."""
    for gate in knowledge.gates:
        if gate.kind != "house_rule":
            continue
        for field in ("frameworks", "owner", "as_of", "reason"):
            if not getattr(gate, field):
                yield Finding(("gates", gate.id), f"a house rule needs `{field}`")


def _double_duty(knowledge: Knowledge) -> Iterator[Finding]:
    """An answer may move a criterion's weight or select its facts, never both."""
    selecting: dict[str, set[str]] = {}
    for framework in knowledge.frameworks:
        for fact in framework.facts:
            selecting.setdefault(fact.criterion, set()).update(fact.when)
    for scale in knowledge.speed_scales:
        selecting.setdefault(PERFORMANCE, set()).update(scale.when)
    members = {
        group.id: {one.id for one in knowledge.criteria if one.group == group.id}
        for group in knowledge.groups
    }
    for rule in knowledge.weight_rules:
        for criterion in sorted(members.get(rule.target, {rule.target})):
            for question in sorted(set(rule.when) & selecting.get(criterion, set())):
                yield Finding(
                    ("weight_rules", rule.id),
                    f"{question} moves the weight of {criterion} and selects its facts; "
                    "it may do one of the two",
                    ("when", question),
                )
