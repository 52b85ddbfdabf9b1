"""What rules a framework out before any scoring, and what is only a warning."""

import functools
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from rules.conditions import Given, holds, options_of
from rules.model import Answers, Capability, Framework, Gate, Knowledge
from rules.recommendation import RuledOut
from rules.texts import say

NOTHING_BROKEN: Mapping[str, str] = {}
BY_ANSWERS = "your answers"
"""The source of what the answers themselves rule out."""
_RANK = {"none": 0, "capped": 1, "current": 2}


def ruled_out(
    knowledge: Knowledge,
    answers: Answers,
    given: Given,
    broken: Mapping[str, str] = NOTHING_BROKEN,
    among: Iterable[Framework] | None = None,
) -> dict[str, RuledOut]:
    """Framework id -> the first gate that closes; those that pass have no entry.

    `given` are the answers as read, after contradictions have been given their default reading;
    `broken` are those that were tried on this machine and do not run, with what came of it;
    `among` narrows the question to some of the frameworks.
    """
    closed = {}
    for framework in knowledge.frameworks if among is None else among:
        for gate in knowledge.gates:
            found = ruled_out_by(gate, framework, knowledge, answers, given, broken)
            if found is not None:
                closed[framework.id] = found
                break
    return closed


def ruled_out_by(
    gate: Gate,
    framework: Framework,
    knowledge: Knowledge,
    answers: Answers,
    given: Given,
    broken: Mapping[str, str] = NOTHING_BROKEN,
) -> RuledOut | None:
    """What one gate says of one framework; None where it does not close."""
    found = _closes(gate, framework, knowledge, answers, given, broken)
    return None if found is None else _said_by_owner(gate, found)


def _closes(
    gate: Gate,
    framework: Framework,
    knowledge: Knowledge,
    answers: Answers,
    given: Given,
    broken: Mapping[str, str],
) -> RuledOut | None:
    if not holds(gate.when, given):
        return None
    if gate.kind == "lifecycle" and framework.lifecycle in gate.lifecycle:
        names = {one.id: one.name for one in knowledge.components}
        names |= {one.id: one.name for one in knowledge.frameworks}
        name = names.get(framework.successor or "")
        successor = say("Move to {name}.", name=name) if name else None
        return RuledOut(
            framework=framework.id,
            gate=gate.id,
            reason=framework.lifecycle_reason,
            source=framework.lifecycle_source,
            as_of=framework.lifecycle_as_of,
            fix=successor,
        )
    if gate.kind == "must_use" and answers.must_use and framework.id not in answers.must_use:
        fix = say("Take it into `must_use`, or empty that.")
        return _by_answers(gate, framework, gate.reason, fix)
    if gate.kind == "exclude" and framework.id in answers.exclude:
        return _by_answers(
            gate,
            framework,
            answers.exclude[framework.id] or gate.reason,
            say("Take it out of `exclude`."),
        )
    if gate.kind == "house_rule" and framework.id in gate.frameworks:
        return RuledOut(
            framework=framework.id,
            gate=gate.id,
            reason=gate.reason,
            source=gate.source or say("house rule of {owner}", owner=gate.owner),
            as_of=gate.as_of or "",
            fix=gate.fix or say("Ask {owner} for an exception.", owner=gate.owner),
        )
    if gate.kind == "broken_here" and framework.id in broken:
        return RuledOut(
            framework=framework.id,
            gate=gate.id,
            reason=say(
                "{reason} What came of trying it: {found}",
                reason=gate.reason,
                found=broken[framework.id],
            ),
            source=say("measured on this machine"),
            as_of="",
            fix=say("Bring in its packages from a machine with internet, or train elsewhere."),
        )
    if gate.kind == "capability":
        for entry in capabilities(gate, framework, knowledge, given):
            if entry.state == "none":
                return RuledOut(
                    framework=framework.id,
                    gate=gate.id,
                    reason=entry.reason or gate.reason,
                    source=entry.source,
                    as_of=entry.as_of,
                    fix=entry.fix,
                )
    return None


def _said_by_owner(gate: Gate, found: RuledOut) -> RuledOut:
    """Whose decision it is comes first, so that nobody takes a house rule for a fact of ours."""
    if gate.owner is None:
        return found
    said = gate.reason
    if gate.kind in ("lifecycle", "capability") and found.reason != said:
        said = f"{said} {found.reason}"
    return msgspec.structs.replace(
        found, reason=say("House rule of {owner}: {said}", owner=gate.owner, said=said)
    )


def _by_answers(gate: Gate, framework: Framework, reason: str, fix: str) -> RuledOut:
    return RuledOut(
        framework=framework.id,
        gate=gate.id,
        reason=reason,
        source=BY_ANSWERS,
        as_of="",
        fix=fix,
    )


def capabilities(
    gate: Gate, framework: Framework, knowledge: Knowledge, given: Given
) -> Iterator[Capability]:
    """The entries that speak for this gate: one, or one for each chosen option of `over`."""
    if gate.over is None:
        entry = _speaking(gate, framework, knowledge, given)
        if entry is not None:
            yield entry
        return
    for option in options_of(given, gate.over):
        entry = _speaking(gate, framework, knowledge, {**given, gate.over: option})
        if entry is not None:
            yield entry


def _speaking(
    gate: Gate, framework: Framework, knowledge: Knowledge, given: Given
) -> Capability | None:
    """The framework's own entry, else the best of those it rests on; None if nothing is known."""
    own = _own(gate, framework, knowledge, given)
    bases = _bases(gate.capability, framework, knowledge)
    if own is not None and (own.state == "none" or not bases):
        return own
    found = [entry for base in bases if (entry := _own(gate, base, knowledge, given)) is not None]
    # A base of which nothing is known may carry it, so nothing is known of what rests on it.
    if len(found) < len(bases):
        found = [entry for entry in found if entry.state != "none"]
    best = max(found, key=lambda entry: _RANK[entry.state], default=None)
    if own is not None and best is not None:
        return min(own, best, key=lambda entry: _RANK[entry.state])
    return best or own


@functools.lru_cache(maxsize=8)
def _index(knowledge: Knowledge) -> dict[tuple[str, str], tuple[Capability, ...]]:
    """Framework and capability -> its entries; looked up some thousand times in a decision."""
    found: dict[tuple[str, str], list[Capability]] = {}
    for framework in knowledge.frameworks:
        for entry in framework.capabilities:
            found.setdefault((framework.id, entry.capability), []).append(entry)
    return {key: tuple(entries) for key, entries in found.items()}


def _bases(
    capability: str | None, framework: Framework, knowledge: Knowledge
) -> tuple[Framework, ...]:
    """Those that it rests on for a capability."""
    names = {
        name
        for derivation in framework.derived
        if capability in derivation.capabilities
        for name in derivation.from_frameworks
    }
    return tuple(one for one in knowledge.frameworks if one.id in names) if names else ()


def entries_for(gate: Gate, framework: Framework, knowledge: Knowledge) -> Iterator[Capability]:
    """Every entry that may speak for this gate, its own and those of what it rests on."""
    if gate.capability is not None:
        for one in (framework, *_bases(gate.capability, framework, knowledge)):
            yield from _index(knowledge).get((one.id, gate.capability), ())


def questions_read(gate: Gate, framework: Framework, knowledge: Knowledge) -> frozenset[str]:
    """The questions on which it depends whether a gate closes on a framework."""
    over = {gate.over} if gate.over else set()
    entries = entries_for(gate, framework, knowledge)
    return frozenset(gate.when).union(over, *(entry.when for entry in entries))


def _own(gate: Gate, framework: Framework, knowledge: Knowledge, given: Given) -> Capability | None:
    """The most specific entry that matches; of equals the worst."""
    entries = _index(knowledge).get((framework.id, gate.capability or ""), ())
    return min(
        (entry for entry in entries if holds(entry.when, given)),
        key=lambda entry: (-len(entry.when), _RANK[entry.state]),
        default=None,
    )


def warnings(framework: Framework, knowledge: Knowledge, given: Given) -> tuple[str, ...]:
    """What works with a last release only, with its way out."""
    texts = []
    for gate in knowledge.gates:
        if gate.kind == "capability":
            for entry in capabilities(gate, framework, knowledge, given):
                if entry.state == "capped":
                    texts.append(f"{entry.reason} {entry.fix}" if entry.fix else entry.reason)
    return tuple(dict.fromkeys(texts))


def broken_note(framework: Framework, knowledge: Knowledge, given: Given, reason: str) -> str:
    """What to make of one that was tried on this machine and does not run, but is not ruled out.

    Nothing speaks against mending it where the knowledge has packages for the machine that trains.
    """
    tried = say(
        "It is installed on this machine and does not run: {reason}.", reason=reason.rstrip(".")
    )
    where = options_of(given, "train_where")
    if where and where[0] != "this_machine":
        return say("{tried} You train elsewhere, so that does not count against it.", tried=tried)
    entries = [
        entry
        for gate in knowledge.gates
        if gate.kind == "capability" and gate.over is None
        for entry in capabilities(gate, framework, knowledge, given)
    ]
    if not entries:
        return say("{tried} Whether installing it anew would mend that is not known.", tried=tried)
    return say(
        "{tried} There are packages for such a machine ({source}, {as_of}), so installing it anew "
        "into an environment of its own should mend it.",
        tried=tried,
        source=entries[0].source,
        as_of=entries[0].as_of,
    )
