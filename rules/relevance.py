"""Which open questions can still matter: what no answer can change any more need not be asked.

Judged by what reads an answer, not by trying answers: an entry of the knowledge counts where its
conditions can still come to hold, whatever the open questions will be answered, and where what it
feeds can still move the verdict, the gates or the plan. So a question that is skipped stays
without effect however the others are answered.
"""

import functools
import itertools
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

import msgspec

from rules.conditions import Given, options_of, wanted
from rules.gates import entries_for, questions_read, ruled_out_by
from rules.model import Answers, Conditions, Framework, Knowledge
from rules.texts import say

MEASURED_ON = "training_hardware"
Feeds: TypeAlias = Literal["exits", "gates", "scores", "plan"]
Possible: TypeAlias = Mapping[str, frozenset[str]]
"""Question -> the options that it may still be read as."""


class Reader(msgspec.Struct, frozen=True):
    """An entry that reads answers: under which conditions, for whom, and what it feeds."""

    when: tuple[tuple[str, frozenset[str]], ...]
    feeds: Feeds
    frameworks: frozenset[str] = frozenset()
    """Whom it concerns (exits included); empty means anybody."""
    gate: int = 0
    """With `gates`: the place of the gate in their order."""


def pointless(knowledge: Knowledge, answers: Answers) -> dict[str, str]:
    """Open question -> why no answer to it can change the verdict, the gates or the plan."""
    return dict(_pointless(knowledge, msgspec.json.encode(answers)))


@functools.lru_cache(maxsize=4)
def _pointless(knowledge: Knowledge, encoded: bytes) -> dict[str, str]:
    """Flow, list of questions and progress ask for the same answers, one after the other."""
    answers = msgspec.json.decode(encoded, type=Answers)
    outlook = Outlook(knowledge, answers)
    matters = outlook.relevant()
    open_questions = [
        one.id
        for one in knowledge.questions
        if not options_of(answers.answers, one.id) and one.id not in matters
    ]
    return {name: outlook.why_not() for name in open_questions}


def is_half_answered(knowledge: Knowledge, answers: Answers) -> bool:
    """Of the core questions whose answers can matter, or could if they were open again, at least
    half are answered."""
    core = [one.id for one in knowledge.questions if one.stage == "core"]
    open_ones = [name for name in core if not options_of(answers.answers, name)]
    if not open_ones:
        return True
    still_open = Outlook(knowledge, answers).relevant()
    missing = sum(name in still_open for name in open_ones)
    # Counted only as far as it takes: each look at a question opened again costs a millisecond.
    given = (
        name
        for name in core
        if name not in open_ones and name in Outlook(knowledge, _reopened(answers, name)).relevant()
    )
    return sum(1 for _ in itertools.islice(given, missing)) == missing


def _reopened(answers: Answers, question: str) -> Answers:
    given = {name: value for name, value in answers.answers.items() if name != question}
    return msgspec.structs.replace(answers, answers=given)


class Outlook:
    """What can still come of some answers, however the open questions are answered."""

    def __init__(self, knowledge: Knowledge, answers: Answers) -> None:
        self._knowledge = knowledge
        self._answers = answers
        self._given: Given = {
            name: options
            for name in answers.answers
            if (options := options_of(answers.answers, name))
        }
        self._possible, self._settled = self._readings()
        self._closing = {one.id: self._certain_gate(one) for one in knowledge.frameworks}
        self._left = frozenset(name for name, gate in self._closing.items() if gate is None)
        self._exits, self._exit_is_certain = self._ways_out()
        self._scored = not self._exit_is_certain and len(self._left) > 1
        self._chosen = frozenset() if not self._left else self._exits
        if not self._exit_is_certain:
            self._chosen |= self._left

    def relevant(self) -> frozenset[str]:
        """The open questions an answer to which can still change something."""
        read = {
            name
            for name, entries in _readers(self._knowledge).items()
            if any(map(self._counts, entries))
        }
        leads_to = self._leads_to()
        # What decides how another is read, asked or filled in matters with that other.
        while more := {name for target in read for name in leads_to[target]} - read:
            read |= more
        return frozenset(read - set(self._given))

    def why_not(self) -> str:
        """Why a question that is not relevant is not, for a person."""
        if not self._left:
            return say(
                "Nothing is left to choose from, and no answer to this brings anything back."
            )
        if self._exit_is_certain:
            name = next(one.name for one in self._knowledge.exits if one.id in self._exits)
            return say(
                "{name} is the advice, and no answer to this changes that or what to do next.",
                name=name,
            )
        if len(self._left) == 1:
            name = next(one.name for one in self._knowledge.frameworks if one.id in self._left)
            return say(
                "Only {name} can be left, and no answer to this changes that or what to do.",
                name=name,
            )
        return say("Nothing that still counts here depends on it.")

    # What is settled

    def _readings(self) -> tuple[Possible, frozenset[str]]:
        """What each question may be read as, and which are settled to be read as they stand."""
        possible = {
            question.id: frozenset(self._given.get(question.id, ()))
            or frozenset(option.id for option in question.options)
            for question in self._knowledge.questions
        }
        moved: dict[str, set[str]] = {}
        for conflict in self._knowledge.conflicts:
            if can_hold(conflict.when, possible):
                for name, option in conflict.set.items():
                    moved.setdefault(name, set()).add(option)
        settled = frozenset(self._given) - frozenset(moved)
        return {
            name: options | frozenset(moved.get(name, ())) for name, options in possible.items()
        }, settled

    def _must_hold(self, conditions: Conditions) -> bool:
        return all(
            name in self._settled and not self._possible[name].isdisjoint(wanted(conditions, name))
            for name in conditions
        )

    def _certain_gate(self, framework: Framework) -> int | None:
        """The first gate that closes on it whatever is still open; None where none does."""
        for place, gate in enumerate(self._knowledge.gates):
            if questions_read(gate, framework, self._knowledge) <= self._settled and ruled_out_by(
                gate, framework, self._knowledge, self._answers, self._given
            ):
                return place
        return None

    def _ways_out(self) -> tuple[frozenset[str], bool]:
        """The exits that may be taken, and whether there is exactly one and no way round it."""
        found = []
        for way_out in self._knowledge.exits:
            parts = [{name: way_out.unless[name]} for name in way_out.unless]
            if not can_hold(way_out.when, self._possible) or any(map(self._must_hold, parts)):
                continue
            found.append(way_out.id)
            if self._must_hold(way_out.when) and not any(
                can_hold(part, self._possible) for part in parts
            ):
                return frozenset(found), len(found) == 1
        return frozenset(found), False

    # What reads an answer

    def _counts(self, reader: Reader) -> bool:
        if reader.feeds == "exits":
            live = not self._exit_is_certain and bool(reader.frameworks & self._exits)
        elif reader.feeds == "scores":
            live = self._scored and (not reader.frameworks or bool(reader.frameworks & self._left))
        elif reader.feeds == "gates":
            live = any(
                (last := self._closing.get(name)) is None or reader.gate < last
                for name in reader.frameworks
            )
        else:
            live = not reader.frameworks or bool(reader.frameworks & self._chosen)
            live = live and bool(self._chosen)
        return live and all(
            not self._possible[name].isdisjoint(options) for name, options in reader.when
        )

    def _leads_to(self) -> dict[str, set[str]]:
        """Question -> those that decide whether it is asked, filled in or read otherwise."""
        found = {
            question.id: {*question.ask_when, *question.prefill_when}
            for question in self._knowledge.questions
        }
        for conflict in self._knowledge.conflicts:
            if can_hold(conflict.when, self._possible):
                for name in conflict.set:
                    found[name].update(conflict.when)
        return found


def can_hold(conditions: Conditions, possible: Possible) -> bool:
    """They would hold for some of the readings that are still possible."""
    return all(not possible[name].isdisjoint(wanted(conditions, name)) for name in conditions)


NOT_FOR_THE_PLAN = frozenset(
    {"weight_rules", "gates", "conflicts", "exits", "speed_scales", "articles", "advice", "claims"}
)
"""Entries with conditions that have a part of their own in a decision, or none."""
READ_BY_NAME = ("lifetime", "existing_code", "special_needs")
"""By the plan, for whatever is chosen. `deployment` and `team_experience` only where the base has
a path, or something to learn, for it."""


@functools.lru_cache(maxsize=8)
def _readers(knowledge: Knowledge) -> dict[str, tuple[Reader, ...]]:
    """Question -> the entries that read it; those with fewest conditions first."""
    options = {
        question.id: frozenset(option.id for option in question.options)
        for question in knowledge.questions
    }
    found: dict[str, list[Reader]] = {}
    for reader in (
        *_score_readers(knowledge, options),
        *_gate_readers(knowledge, options),
        *_exit_readers(knowledge),
        *_plan_readers(knowledge, options),
    ):
        for name in {name for name, _ in reader.when}:
            found.setdefault(name, []).append(reader)
    return {name: tuple(sorted(one, key=lambda one: len(one.when))) for name, one in found.items()}


def _pairs(*conditions: Conditions) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((name, frozenset(wanted(one, name))) for one in conditions for name in one)


def _whatever(question: str, options: Possible) -> tuple[tuple[str, frozenset[str]], ...]:
    """Read whatever the answer is; a base need not have the question."""
    return ((question, options[question]),) if question in options else ()


def _score_readers(knowledge: Knowledge, options: Possible) -> Iterator[Reader]:
    for rule in knowledge.weight_rules:
        yield Reader(_pairs(rule.when), "scores")
    for criterion in knowledge.criteria:
        yield Reader(_pairs(criterion.unless), "scores")
    for framework in knowledge.frameworks:
        for fact in framework.facts:
            heirs = {
                one.id
                for one in knowledge.frameworks
                for derivation in one.derived
                if fact.criterion in derivation.criteria
                and framework.id in derivation.from_frameworks
            }
            yield Reader(_pairs(fact.when), "scores", frozenset({framework.id, *heirs}))
    for scale in knowledge.speed_scales:
        # Speed counts where it was measured on the device that trains, in work that is alike.
        yield Reader((*_whatever(MEASURED_ON, options), *_pairs(scale.when)), "scores")


def _gate_readers(knowledge: Knowledge, options: Possible) -> Iterator[Reader]:
    for framework in knowledge.frameworks:
        for place, gate in enumerate(knowledge.gates):
            over = _whatever(gate.over, options) if gate.over else ()
            for when in ({}, *(one.when for one in entries_for(gate, framework, knowledge))):
                yield Reader(
                    (*_pairs(gate.when, when), *over), "gates", frozenset({framework.id}), place
                )


def _exit_readers(knowledge: Knowledge) -> Iterator[Reader]:
    for way_out in knowledge.exits:
        who = frozenset({way_out.id})
        yield Reader(_pairs(way_out.when), "exits", who)
        for name in way_out.unless:
            yield Reader(_pairs(way_out.when, {name: way_out.unless[name]}), "exits", who)


def _plan_readers(knowledge: Knowledge, options: Possible) -> Iterator[Reader]:
    """Whatever has conditions and no other part, so that a new kind of entry is not forgotten."""
    everybody = frozenset(one.id for one in knowledge.frameworks)
    everybody |= frozenset(one.id for one in knowledge.exits)
    for field in knowledge.__struct_fields__:
        entries = getattr(knowledge, field)
        for entry in entries if isinstance(entries, tuple) else ():
            if field not in NOT_FOR_THE_PLAN and hasattr(entry, "when"):
                yield Reader(_pairs(entry.when), "plan", _named(entry, everybody))
    for framework in knowledge.frameworks:
        for line in framework.install:
            yield Reader(_pairs(line.when), "plan", frozenset({framework.id}))
    # What the plan reads by name.
    for path in knowledge.deliveries:
        yield Reader(_pairs({"deployment": path.target}), "plan", frozenset({path.framework}))
    frameworks = {one.id for one in knowledge.frameworks}
    for one in knowledge.learning:
        yield Reader(_whatever("team_experience", options), "plan", frozenset({one.framework}))
        if one.framework in frameworks:
            # Who is an expert elsewhere reads other things than who knows it.
            experts = (
                *_pairs({"team_experience": "expert"}),
                *_whatever("team_background", options),
            )
            yield Reader(experts, "plan", frozenset({one.framework}))
    for name in READ_BY_NAME:
        yield Reader(_whatever(name, options), "plan")


def _named(entry: object, everybody: frozenset[str]) -> frozenset[str]:
    """Those that an entry goes with; empty means any."""
    one = getattr(entry, "framework", None)
    named = frozenset({one} if one else getattr(entry, "frameworks", ()))
    not_with = frozenset(getattr(entry, "not_with", ()))
    return (named or everybody) - not_with if not_with else named
