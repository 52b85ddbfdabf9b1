"""Where a text speaks of a concept, so that it can be explained in place."""

import functools
import re

from rules.model import Concept, Knowledge, Record


class Span(Record, frozen=True, kw_only=True, omit_defaults=False):
    """A term in a text: `text[start:end]` names the concept."""

    start: int
    end: int
    concept: str


def concept_spans(knowledge: Knowledge, text: str, *, once: bool = True) -> tuple[Span, ...]:
    """The terms in a text: whole words in any case, the longest first, none inside another.

    With `once` each concept is marked where it stands first, since a text full of links explains
    nothing.
    """
    pattern, concepts = _terms(knowledge)
    found: list[Span] = []
    for match in pattern.finditer(text):
        concept = concepts[match.group().casefold()]
        if once and any(one.concept == concept for one in found):
            continue
        found.append(Span(start=match.start(), end=match.end(), concept=concept))
    return tuple(found)


def concept(knowledge: Knowledge, name: str) -> Concept | None:
    """The concept of an id or of any of its names."""
    by_id = {one.id: one for one in knowledge.concepts}
    return by_id.get(name) or by_id.get(_terms(knowledge)[1].get(name.casefold(), ""))


@functools.cache
def _terms(knowledge: Knowledge) -> tuple[re.Pattern[str], dict[str, str]]:
    """One expression for all names, the longer before the shorter that it holds."""
    concepts = {
        term.casefold(): one.id for one in knowledge.concepts for term in (one.name, *one.also)
    }
    if not concepts:
        return re.compile(r"(?!)"), {}
    names = "|".join(re.escape(term) for term in sorted(concepts, key=lambda one: (-len(one), one)))
    # A hyphen or an underscore ties words together: `self-loss` is no loss.
    return re.compile(rf"(?<![\w-])(?:{names})(?![\w-])", re.IGNORECASE), concepts
