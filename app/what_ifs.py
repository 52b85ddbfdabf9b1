"""A what-if that was tried: answers changed, and what came out; kept in sessions and reports.

Knows no window; what is shown of it is the business of pages and report.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

import msgspec

from app.advice import advise
from app.headline import headline
from probes.results import Machine
from rules.model import Answers, Knowledge
from rules.recommendation import Kind
from rules.texts import say

PRETENDED = ("training_hardware", "os", "deployment")
"""Questions that are worth another answer for a moment: what machine, and where it has to run."""
NOWHERE = "none"
LONGEST_LABEL = 200
LONGEST_HEADLINE = 300
_COUNTS = {
    -2: "{name} counts a quarter",
    -1: "{name} counts half",
    0: "{name} counts as answered",
    1: "{name} counts double",
    2: "{name} counts four times",
}


class WhatIf(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The answers as they were tried, and the verdict on them."""

    label: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_LABEL)]
    """What was changed, for a person: `Speed counts much more`."""
    answers: Answers
    framework: Annotated[str, msgspec.Meta(max_length=100)] | None
    kind: Kind
    top_share: Annotated[float, msgspec.Meta(ge=0, le=1)] | None
    headline: Annotated[str, msgspec.Meta(max_length=LONGEST_HEADLINE)] = ""
    """The verdict as one line, as it was told; empty in files of versions that kept none."""


def try_out(
    label: str, knowledge: Knowledge, answers: Answers, machine: Machine | None, today: date
) -> WhatIf:
    """Decide on changed answers and keep what came out."""
    recommendation = advise(knowledge, answers, machine, today)
    verdict = recommendation.verdict
    names: dict[str, str] = {one.id: one.name for one in knowledge.exits}
    names |= {one.id: one.name for one in knowledge.frameworks}
    return WhatIf(
        label=label,
        answers=answers,
        framework=verdict.framework,
        kind=verdict.kind,
        top_share=verdict.top_share,
        headline=headline(recommendation, names)[:LONGEST_HEADLINE],
    )


def label_of(knowledge: Knowledge, before: Answers, after: Answers) -> str:
    """What differs between the answers, in words: `Speed counts double; Targets: Android`."""
    changes = "; ".join(_changes(knowledge, before, after)) or say("The answers as given")
    return changes[:LONGEST_LABEL]


def _changes(knowledge: Knowledge, before: Answers, after: Answers) -> Iterator[str]:
    names = {one.id: one.name for one in knowledge.groups}
    names |= {one.id: one.name for one in knowledge.criteria}
    names |= {one.id: one.name for one in knowledge.frameworks}
    for target in dict.fromkeys((*before.importance, *after.importance)):
        wish = after.importance.get(target, 0)
        if wish != before.importance.get(target, 0):
            yield say(_COUNTS[wish], name=names.get(target, target))
    for question in knowledge.questions:
        given = after.answers.get(question.id)
        if given != before.answers.get(question.id):
            chosen = (given,) if isinstance(given, str) else given or ()
            texts = {option.id: option.text for option in question.options}
            said = ", ".join(texts.get(one, one) for one in chosen if one != "unknown")
            answer = said or say("not known")
            yield say("{question}: {answer}", question=question.topic, answer=answer)
    if before.must_use != after.must_use:
        said = ", ".join(names.get(one, one) for one in after.must_use)
        yield say("has to be {names}", names=said) if said else say("any framework")
    if before.exclude.keys() != after.exclude.keys():
        said = ", ".join(names.get(one, one) for one in after.exclude)
        yield say("without {names}", names=said) if said else say("without exclusions")


def with_option(given: str | tuple[str, ...] | None, option: str, wanted: bool) -> tuple[str, ...]:
    """The answer to a question of several options with one more, or one less.

    `none` excludes the others, and stands for what is left when the last one goes.
    """
    chosen = (given,) if isinstance(given, str) else given or ()
    left = tuple(one for one in chosen if one not in (option, NOWHERE, "unknown"))
    if wanted:
        left = (*left, option) if option != NOWHERE else ()
    return left or (NOWHERE,)
