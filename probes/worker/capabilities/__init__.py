"""What people argue about, tried on small examples: one file per framework, by its id.

Each gives `CHECKS`, from a capability and the mode's variant (or any, `*`) to a function of the
framework and a place of its own; the framework comes in as an argument and is imported elsewhere.
"""

from __future__ import annotations

from typing import Any, Callable, NamedTuple

from ..contract import Unsupported

WORKS, IN_PART, FAILS = "works", "in_part", "fails"
LENGTHS = range(2, 9)
"""Of a sequence or batch that a compiled function is called with, one after the other."""
HALF_TOLERANCE = 3e-2
"""Of a loss in bfloat16, which keeps eight bits: some per mille a number, a few times that here."""


class Check(NamedTuple):
    """`works`: as one would hope; `in_part`: right, at a price or by another way; `fails`."""

    state: str
    note: str
    max_rel_err: float | None = None
    """Of an output that was compared."""
    seconds: float | None = None
    """Of what a person would wait for."""


Function = Callable[[Any, Any], Check]


def find(checks: dict[tuple[str, str], Function], capability: str, variant: str) -> Function:
    """Raises Unsupported."""
    for key in ((capability, variant), (capability, "*")):
        if key in checks:
            return checks[key]
    raise Unsupported("{} is not tried in this mode".format(capability))


def within(seen: float, right: float) -> Check:
    """What a training step in bfloat16 gave, beside the same in float32."""
    error = abs(seen - right) / abs(right)
    words = "in bfloat16 the loss is within {:.2%} of float32".format(error)
    if error != error or error > HALF_TOLERANCE:
        return Check(FAILS, "in bfloat16 the loss is {:.4g}, in float32 {:.4g}".format(seen, right))
    return Check(WORKS, words)


def traced(times: int, remedy: str) -> Check:
    """How often a function was traced or compiled for all of the lengths."""
    count = len(LENGTHS)
    if times < count:
        return Check(WORKS, "{} lengths took {} compilations".format(count, times))
    return Check(IN_PART, "compiled anew for each of {} lengths; {}".format(count, remedy))
