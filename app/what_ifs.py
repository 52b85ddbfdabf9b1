"""A what-if that was tried: answers changed, and what came out; kept in sessions and reports.

Knows no window; what is shown of it is the business of pages and report.
"""

from datetime import date

import msgspec

from app.advice import advise
from probes.results import Machine
from rules.model import Answers, Knowledge
from rules.recommendation import Kind


class WhatIf(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The answers as they were tried, and the verdict on them."""

    label: str
    """What was changed, for a person: `Speed counts much more`."""
    answers: Answers
    framework: str | None
    kind: Kind
    top_share: float | None


def try_out(
    label: str, knowledge: Knowledge, answers: Answers, machine: Machine | None, today: date
) -> WhatIf:
    """Decide on changed answers and keep what came out."""
    verdict = advise(knowledge, answers, machine, today).verdict
    return WhatIf(
        label=label,
        answers=answers,
        framework=verdict.framework,
        kind=verdict.kind,
        top_share=verdict.top_share,
    )
