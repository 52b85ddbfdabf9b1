"""The recommendation document, `framework-advisor/recommendation/1`: what a decision gives.

Plain frozen structs; whoever shows or writes a recommendation needs this module and no other.
All shares are of the draws, 0 to 1; all scores, values and weights are 0 to 1; six digits.
"""

from typing import Literal

from rules.model import Answers, Grade, Lifecycle, Record

SCHEMA = "framework-advisor/recommendation/1"
Kind = Literal["clear", "close", "insufficient", "none"]


class Made(Record, frozen=True, kw_only=True):
    today: str
    """ISO date that the ages of facts were counted to."""
    seed: int
    draws: int
    versions: dict[str, str]
    """Of this program and of numpy."""


class Verdict(Record, frozen=True, kw_only=True, omit_defaults=False):
    framework: str | None
    """A framework's id, an exit's, or None with kind `none`."""
    kind: Kind
    top_share: float | None
    """Share of the draws in which the leader is within 0.02 of the best; None with an exit."""
    reason: str
    """One or two sentences for a person: what, how sure, why."""


class Screen(Record, frozen=True, kw_only=True, omit_defaults=False):
    exit: Literal["classical", "runtime"] | None
    reason: str | None
    facts: tuple[str, ...]


class Contribution(Record, frozen=True, kw_only=True, omit_defaults=False):
    """What one criterion adds to one framework's score: `points = weight * value`."""

    criterion: str
    group: str
    weight: float
    value: float
    low: float
    high: float
    """The value's range, given the grades and ages of what it rests on."""
    points: float
    grade: Grade
    """Of the weakest fact it rests on."""
    facts: tuple[str, ...]
    sentence: str
    """The level's sentence or the measured figure, for a person."""


class Ranked(Record, frozen=True, kw_only=True, omit_defaults=False):
    framework: str
    rank: int
    score: float
    low: float
    high: float
    """5th and 95th percentile of the score over the draws."""
    top_share: float
    first_rank_share: float
    contributions: tuple[Contribution, ...]
    warnings: tuple[str, ...]
    """Capped wheels and other things to know that are no gate."""


class RuledOut(Record, frozen=True, kw_only=True, omit_defaults=False):
    framework: str
    gate: str
    reason: str
    source: str
    as_of: str
    fix: str | None


class ConflictFound(Record, frozen=True, kw_only=True, omit_defaults=False):
    id: str
    answers: dict[str, str | tuple[str, ...]]
    severity: Literal["impossible", "odd"]
    question: str
    reading: str
    set: dict[str, str]
    """The repair, as answers."""


class Part(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One part of the stack."""

    component: str
    name: str
    for_target: str | None
    """The deployment target it serves, if any."""
    text: str
    packages: tuple[str, ...]
    warning: str | None
    source: str | None
    as_of: str | None
    apart: bool = False
    """Its package pins others: it is not installed into the environment of the framework."""


class Install(Record, frozen=True, kw_only=True, omit_defaults=False):
    command: str
    note: str | None
    source: str
    as_of: str
    verified: bool
    """False until a resolver has been asked."""


class Stack(Record, frozen=True, kw_only=True, omit_defaults=False):
    training: tuple[Part, ...]
    data: tuple[Part, ...]
    delivery: tuple[Part, ...]
    serving: tuple[Part, ...]
    tracking: tuple[Part, ...]
    install: Install | None


class PlanPhase(Record, frozen=True, kw_only=True, omit_defaults=False):
    title: str
    text: str


class PlanMigration(Record, frozen=True, kw_only=True, omit_defaults=False):
    from_code: str
    to: str
    effort: Literal["none", "small", "medium", "large"]
    text: str
    first_steps: tuple[str, ...]
    source: str
    as_of: str


class PlanRisk(Record, frozen=True, kw_only=True, omit_defaults=False):
    text: str
    source: str
    as_of: str


class Resource(Record, frozen=True, kw_only=True, omit_defaults=False):
    level: str
    title: str
    author: str
    link: str
    as_of: str


class PlanStay(Record, frozen=True, kw_only=True, omit_defaults=False):
    """What the existing code is written with, where staying with it is the advice."""

    framework: str
    because: Literal["first", "level"]
    """It is first; or the first is ahead by less than the what-ifs can tell, and moving costs."""
    text: str


class PlanReplacement(Record, frozen=True, kw_only=True, omit_defaults=False):
    """A component in use that gets no work any more, and where to go."""

    component: str
    name: str
    lifecycle: Lifecycle
    text: str
    successor: str | None
    """Its name."""
    move: str | None
    source: str
    as_of: str


class PlanNeed(Record, frozen=True, kw_only=True, omit_defaults=False):
    """How what was chosen answers one special need."""

    need: str
    """A `special_needs` option."""
    title: str
    answer: Literal["yes", "with_effort", "hardly", "no", "unknown"]
    text: str
    component: str | None
    """Name of the part of the stack that does it, where it is one of its own."""
    source: str | None
    as_of: str | None


class Plan(Record, frozen=True, kw_only=True, omit_defaults=False):
    phases: tuple[PlanPhase, ...]
    migration: tuple[PlanMigration, ...]
    risks: tuple[PlanRisk, ...]
    learning: tuple[Resource, ...]
    review_by: str
    """ISO date."""
    review_when: tuple[str, ...]
    """The events that call for a review before that."""
    stay: PlanStay | None = None
    replacements: tuple[PlanReplacement, ...] = ()
    needs: tuple[PlanNeed, ...] = ()


class Flip(Record, frozen=True, kw_only=True, omit_defaults=False):
    """What would change the winner, in closed form."""

    criterion: str
    challenger: str
    weight: float
    """Today's normalised weight of the criterion."""
    flips_at: float
    """The weight at which the challenger draws level, the others keeping their proportions."""
    sentence: str


class WhyNot(Record, frozen=True, kw_only=True, omit_defaults=False):
    """Why the leader is ahead of another, from the arithmetic: sums of `w (a - b)`."""

    framework: str
    gap: float
    against: tuple[str, ...]
    """Criteria where the leader gains most, largest first."""
    in_favour: tuple[str, ...]
    """Criteria where this one is ahead of the leader, largest first."""
    sentence: str
    draws_level_by: tuple[str, ...] = ()
    """The fewest criteria in which it would have to improve to draw level with the leader."""
    draws_level_at: float | None = None
    """Where one criterion is enough: the value at which it does."""
    draws_level_sentence: str = ""


class KnowledgeUsed(Record, frozen=True, kw_only=True, omit_defaults=False):
    version: str
    hash: str
    overridden: tuple[str, ...]
    """Facts that a pack or the answers replaced."""
    stale: tuple[str, ...]
    """Facts past their shelf life that this decision rests on."""


class Recommendation(Record, frozen=True, kw_only=True, omit_defaults=False):
    schema: str
    made: Made
    verdict: Verdict
    screen: Screen
    ranking: tuple[Ranked, ...]
    ruled_out: tuple[RuledOut, ...]
    conflicts: tuple[ConflictFound, ...]
    why: tuple[str, ...]
    """The strongest reasons for the leader, sentences."""
    why_not: tuple[WhyNot, ...]
    stack: Stack | None
    plan: Plan | None
    flips: tuple[Flip, ...]
    open_questions: dict[str, float]
    """Each question without an answer -> share of its options that change the winner."""
    answers: Answers
    knowledge: KnowledgeUsed
    machine: str | None
    """Fingerprint of the machine file whose measurements counted, or None."""
