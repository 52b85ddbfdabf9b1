"""Which facts count for a framework and a criterion, and what value they give.

Selection is by answers only; spreads, draws and weights are others' business. What is open is not
guessed: a selection has a case for every way the open questions could still be answered.
"""

import functools
import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

import msgspec

from rules.conditions import Given, options_of, wanted
from rules.gates import questions_read
from rules.model import Criterion, Fact, Framework, Knowledge

MAX_CASES = 512
"""Combinations of open questions' options that one value may depend on."""


Parts: TypeAlias = tuple[tuple[float, tuple[Fact, ...]], ...]
"""One entry per chosen option of the criterion's `over` question: its weight, and the facts whose
mean is its value."""


class Selection(msgspec.Struct, frozen=True):
    """All that the facts say on one framework and criterion."""

    open_questions: tuple[str, ...]
    """The open questions that it depends on."""
    cases: tuple[Parts, ...]
    """The different ways it can come out."""
    case_of: tuple[int, ...]
    """Which case each combination of the open questions' options gives, the last question's
    options running fastest."""
    is_worst: bool
    """The parts combine by the worst, else by their weighted mean."""
    value: float | None
    """Without any spread, 0 to 1: the mean over the combinations. None without a fact."""
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
        self._depends: dict[tuple[str, str], frozenset[str]] = {}
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
        self.gate_questions = {
            framework.id: _gate_questions(framework, knowledge)
            for framework in knowledge.frameworks
        }
        """Framework -> the questions that can close a gate on it."""
        self.weight_questions = frozenset[str]().union(
            *(rule.when for rule in knowledge.weight_rules),
            *(criterion.unless for criterion in knowledge.criteria),
        )
        """The questions that move a weight."""
        self._touched: dict[tuple[str, ...], tuple[str, ...]] = {}
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
        cases: dict[object, Parts] = {}
        number: dict[object, int] = {}
        case_of = []
        for options in itertools.product(*(self.options[name] for name in open_questions)):
            assumed = {
                name: (option,) for name, option in zip(open_questions, options, strict=True)
            }
            parts = _parts(facts, criterion, {**known, **assumed})
            key = tuple(tuple(fact.id for fact in counting) for _, counting in parts)
            case_of.append(number.setdefault(key, len(cases)))
            cases.setdefault(key, parts)
        is_worst = criterion.combine == "worst"
        seen = {
            fact.id: fact for parts in cases.values() for _, counting in parts for fact in counting
        }
        return Selection(
            open_questions,
            tuple(cases.values()),
            tuple(case_of),
            is_worst,
            _central_value([_plain_value(parts, is_worst) for parts in cases.values()], case_of),
            tuple(seen.values()),
        )

    def asked(self, framework: Framework, criterion: str) -> frozenset[str]:
        """The questions that a value can depend on."""
        key = (framework.id, criterion)
        if key not in self._depends:
            bases = self.derived_from(framework, criterion)
            self._depends[key] = frozenset(self._asked[key]).union(
                *(self._asked[base.id, criterion] for base in bases)
            )
        return self._depends[key]

    def touched(self, framework: Framework, questions: Collection[str]) -> tuple[str, ...]:
        """The criteria on which a framework's value can depend on one of these questions."""
        key = (framework.id, *sorted(questions))
        if key not in self._touched:
            self._touched[key] = tuple(
                criterion.id
                for criterion in self.knowledge.criteria
                if not self.asked(framework, criterion.id).isdisjoint(questions)
            )
        return self._touched[key]

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


def _gate_questions(framework: Framework, knowledge: Knowledge) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for gate in knowledge.gates:
        if gate.kind == "lifecycle" and not gate.when and framework.lifecycle in gate.lifecycle:
            break  # ruled out whatever is answered
        if gate.kind != "broken_here":  # closes on what was measured alone
            found |= questions_read(gate, framework, knowledge)
    return found


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
) -> Parts:
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


def _plain_value(parts: Parts, is_worst: bool) -> float | None:
    """Of one case, from the levels alone; None where no fact counts."""
    values = [
        (weight, sum(fact.level for fact in facts) / (4 * len(facts)))
        for weight, facts in parts
        if facts
    ]
    if not values:
        return None
    if is_worst:
        return min(value for _, value in values)
    return sum(weight * value for weight, value in values) / sum(weight for weight, _ in values)


def _central_value(values: Sequence[float | None], case_of: Sequence[int]) -> float | None:
    known = [value for number in case_of if (value := values[number]) is not None]
    return sum(known) / len(known) if known else None
