"""Which facts count for a framework and a criterion, and what value they give.

Selection is by answers only; spreads, draws and weights are others' business. What is open is not
guessed: `cases` names every option an open question could still take.
"""

import functools
import itertools
import math
from collections.abc import Mapping, Sequence

import msgspec

from rules.conditions import Given, options_of, wanted
from rules.model import Criterion, Fact, Framework, Knowledge

MAX_CASES = 512
"""Combinations of open questions' options that one value may depend on."""


class Case(msgspec.Struct, frozen=True):
    """One way the open questions could be answered, and the facts that then count.

    `parts` has one entry per chosen option of the criterion's `over` question: its weight, and the
    facts whose mean is its value.
    """

    options: tuple[int, ...]
    """Index of the option of each open question, in the order of `Selection.open_questions`."""
    parts: tuple[tuple[float, tuple[Fact, ...]], ...]


class Selection(msgspec.Struct, frozen=True):
    """All that the facts say on one framework and criterion."""

    open_questions: tuple[str, ...]
    cases: tuple[Case, ...]
    is_worst: bool
    """The parts combine by the worst, else by their weighted mean."""
    value: float | None
    """Without any spread, 0 to 1: the mean over the cases. None without a fact."""
    facts: tuple[Fact, ...]
    """Every fact that counts in some case, each once, in order."""


class Evaluator:
    """Selects facts for answers; remembers what it has selected, since answers recur.

    Made once per knowledge (`evaluator_for`); its memory is bounded by the options there are.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.frameworks = {framework.id: framework for framework in knowledge.frameworks}
        self.criteria = {criterion.id: criterion for criterion in knowledge.criteria}
        self._facts: dict[tuple[str, str], tuple[_Conditioned, ...]] = {}
        self._asked: dict[tuple[str, str], tuple[str, ...]] = {}
        for framework in knowledge.frameworks:
            for criterion in knowledge.criteria:
                facts = [one for one in framework.facts if one.criterion == criterion.id]
                self._facts[framework.id, criterion.id] = tuple(map(_conditioned, facts))
                self._asked[framework.id, criterion.id] = tuple(
                    sorted({name for fact in facts for name in fact.when})
                )
        # Only what everybody is asked can be open; what is asked on request counts as not so.
        self.options = {
            question.id: tuple(option.id for option in question.options)
            for question in knowledge.questions
            if question.stage != "later"
        }
        self.gate_questions = frozenset(
            question
            for framework in knowledge.frameworks
            for capability in framework.capabilities
            for question in capability.when
        ).union(*(gate.when for gate in knowledge.gates))
        """The questions that can close a gate."""
        self._selected: dict[tuple[object, ...], Selection] = {}

    def select(self, framework: Framework, criterion: Criterion, given: Given) -> Selection:
        """The facts of this framework for this criterion, for these answers."""
        asked = self._asked[framework.id, criterion.id]
        key = (framework.id, criterion.id, *(options_of(given, name) for name in asked))
        found = self._selected.get(key)
        if found is None:
            found = self._selected[key] = self._select(framework, criterion, given, asked)
        return found

    def _select(
        self, framework: Framework, criterion: Criterion, given: Given, asked: tuple[str, ...]
    ) -> Selection:
        facts = self._facts[framework.id, criterion.id]
        known = {name: options for name in asked if (options := options_of(given, name))}
        open_questions = tuple(name for name in asked if name in self.options and name not in known)
        while math.prod(len(self.options[name]) for name in open_questions) > MAX_CASES:
            open_questions = open_questions[:-1]
        cases = []
        for indices in itertools.product(
            *(range(len(self.options[name])) for name in open_questions)
        ):
            assumed = {
                name: (self.options[name][index],)
                for name, index in zip(open_questions, indices, strict=True)
            }
            cases.append(Case(indices, _parts(facts, criterion, {**known, **assumed})))
        is_worst = criterion.combine == "worst"
        seen = {fact.id: fact for case in cases for _, counting in case.parts for fact in counting}
        return Selection(
            open_questions,
            tuple(cases),
            is_worst,
            _central_value(cases, is_worst),
            tuple(seen.values()),
        )

    def asked(self, framework: Framework, criterion: str) -> frozenset[str]:
        """The questions that a value can depend on."""
        own = frozenset(self._asked[framework.id, criterion])
        return own.union(
            *(self._asked[one.id, criterion] for one in self.derived_from(framework, criterion))
        )

    def derived_from(self, framework: Framework, criterion: str) -> tuple[Framework, ...]:
        """Those whose best value is this framework's; empty where it has facts of its own."""
        return tuple(
            self.frameworks[name]
            for derivation in framework.derived
            if criterion in derivation.criteria
            for name in derivation.from_frameworks
            if name in self.frameworks
        )


@functools.lru_cache(maxsize=8)
def evaluator_for(knowledge: Knowledge) -> Evaluator:
    return Evaluator(knowledge)


class _Conditioned(msgspec.Struct, frozen=True):
    """A fact with its conditions in the shape that is quickest to check."""

    fact: Fact
    conditions: tuple[tuple[str, frozenset[str]], ...]

    def holds(self, given: Mapping[str, tuple[str, ...]]) -> bool:
        return not any(
            allowed.isdisjoint(given.get(question, ())) for question, allowed in self.conditions
        )


def _conditioned(fact: Fact) -> _Conditioned:
    return _Conditioned(
        fact, tuple((question, frozenset(wanted(fact.when, question))) for question in fact.when)
    )


def _parts(
    facts: tuple[_Conditioned, ...], criterion: Criterion, given: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[float, tuple[Fact, ...]], ...]:
    chosen = given.get(criterion.over, ()) if criterion.over else ()
    if criterion.over is None or len(chosen) < 2:
        return ((1.0, _most_specific(facts, given)),)
    return tuple(
        (weight, _most_specific(facts, {**given, criterion.over: (option,)}))
        for weight, option in zip(_part_weights(criterion, len(chosen)), chosen, strict=True)
    )


def _part_weights(criterion: Criterion, count: int) -> list[float]:
    """Of several chosen options; `primary` gives half to the first."""
    if criterion.combine == "primary":
        return [0.5] + [0.5 / (count - 1)] * (count - 1)
    return [1 / count] * count


def _most_specific(
    facts: tuple[_Conditioned, ...], given: Mapping[str, tuple[str, ...]]
) -> tuple[Fact, ...]:
    """Of the facts whose conditions hold, those with the most conditions."""
    holding = [one for one in facts if one.holds(given)]
    most = max((len(one.conditions) for one in holding), default=0)
    return tuple(one.fact for one in holding if len(one.conditions) == most)


def _central_value(cases: Sequence[Case], is_worst: bool) -> float | None:
    values = []
    for case in cases:
        parts = [
            (weight, sum(fact.level for fact in facts) / (4 * len(facts)))
            for weight, facts in case.parts
            if facts
        ]
        if not parts:
            continue
        if is_worst:
            values.append(min(value for _, value in parts))
        else:
            total = sum(weight for weight, _ in parts)
            values.append(sum(weight * value for weight, value in parts) / total)
    return sum(values) / len(values) if values else None
