"""Short checksums of a report's inputs, by field, so that a replay can name one that was edited.

They find slips and plain edits. Who wants to deceive can compute them anew: what stands against
that is the replay itself, from knowledge and code that the reader trusts.
"""

import zlib
from collections.abc import Iterator
from typing import Any

import msgspec

from app.installing.results import Verification
from app.report.document import FactUsed
from app.what_ifs import WhatIf
from probes.results import Machine
from rules.recommendation import Recommendation

_DEPTH = {"machine.measurements", "machine.frameworks", "machine.environments"}
"""Lists whose entries are looked at field by field."""


def checksums(
    recommendation: Recommendation,
    machine: Machine | None,
    facts: tuple[FactUsed, ...],
    what_ifs: tuple[WhatIf, ...] = (),
    notes: str = "",
    installation: Verification | None = None,
) -> dict[str, str]:
    """Field -> checksum, of all that a replay reads, and of what it cannot make anew."""
    found = dict(_fields("answers", msgspec.to_builtins(recommendation.answers)))
    found |= dict(_fields("made", msgspec.to_builtins(recommendation.made)))
    found |= dict(_fields("knowledge", msgspec.to_builtins(recommendation.knowledge)))
    found |= {f"facts.{fact.id}": _sum(msgspec.to_builtins(fact)) for fact in facts}
    if machine is not None:
        found |= dict(_fields("machine", msgspec.to_builtins(machine)))
    found |= {
        f"what_ifs[{index}]": _sum(msgspec.to_builtins(one)) for index, one in enumerate(what_ifs)
    }
    if notes:
        found["notes"] = _sum(notes)
    if installation is not None:
        found["installation"] = _sum(msgspec.to_builtins(installation))
    return found


def _fields(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and path.count(".") < 3:
        for key, inner in value.items():
            yield from _fields(f"{path}.{key}", inner)
    elif isinstance(value, list | tuple) and path in _DEPTH:
        for index, entry in enumerate(value):
            for key, inner in entry.items():
                yield f"{path}[{index}].{key}", _sum(inner)
    else:
        yield path, _sum(value)


def _sum(value: Any) -> str:
    return f"{zlib.crc32(msgspec.json.encode(value, order='deterministic')):08x}"
