"""What-if draws: how often the ranking holds when facts and weights move within their doubt.

One draw per fact, shared by everything that rests on it; each fact, weight and open question has
its own random stream, named by its id, so that one more changes nobody else's draws.
"""

import functools
import hashlib
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec
import numpy as np
from numpy.typing import NDArray

from rules.ages import half_width
from rules.conditions import Given
from rules.evaluation import Evaluator, Parts, Selection
from rules.model import Fact, Framework, Knowledge
from rules.speed import Speed, Speeds
from rules.weights import PERFORMANCE, RawWeights, normalised

Draws = NDArray[np.float64]
WITHIN_OF_BEST = 0.02
WEIGHT_FACTOR = 2.0
"""Each weight is multiplied by a log-uniform factor between its inverse and this."""
KEPT_STREAMS = 300
"""Draws that the next decision finds made: some 150 with most questions answered, 80 kB each."""
MIDDLE = 0.5
"""Where a value stands of which nothing is known."""


class Value(msgspec.Struct, frozen=True):
    """One framework on one criterion: the value and its range, 0 to 1, and its draws."""

    value: float
    low: float
    high: float
    draws: Draws


class Shares(msgspec.Struct, frozen=True):
    """Per framework, in the order that was asked for."""

    top: tuple[float, ...]
    first: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


class Sampler:
    """Draws for one decision: `count` of them, all from one seed."""

    def __init__(
        self, evaluator: Evaluator, speeds: Speeds, today: date, count: int, seed: int
    ) -> None:
        self._evaluator = evaluator
        self._speeds = speeds
        self._today = today
        self.count = count
        self._seed = seed
        self._fact_ends: dict[str, tuple[float, float]] = {}
        self._options: dict[str, NDArray[np.int64]] = {}
        self._values: dict[tuple[str, str], Value] = {}

    def value(self, framework: Framework, criterion: str, given: Given) -> Value:
        """Value of a framework on a criterion, with `given` the answers as read."""
        key = (framework.id, criterion)
        if key not in self._values:
            self._values[key] = self._value(framework, criterion, given)
        return self._values[key]

    def _value(self, framework: Framework, criterion: str, given: Given) -> Value:
        if criterion == PERFORMANCE:
            return self._measured(framework)
        bases = self._evaluator.derived_from(framework, criterion)
        if bases:
            values = [self.value(base, criterion, given) for base in bases]
            return Value(
                max(one.value for one in values),
                max(one.low for one in values),
                max(one.high for one in values),
                np.max([one.draws for one in values], axis=0),
            )
        selection = self._evaluator.select(
            framework,
            self._evaluator.criteria[criterion],
            given,
        )
        if selection.value is None:
            draws = self._uniform(f"nothing known: {framework.id}.{criterion}", 0.0, 1.0)
            return Value(MIDDLE, 0.0, 1.0, draws)
        low, high = self._range(selection)
        return Value(selection.value, low, high, self._draw(selection))

    def _range(self, selection: Selection) -> tuple[float, float]:
        """Lowest and highest value over all cases and spreads, kept on the scale."""
        ends = [
            self._case_ends(parts, selection.is_worst)
            for parts in selection.cases
            if any(facts for _, facts in parts)
        ]
        return max(0.0, min(low for low, _ in ends)), min(1.0, max(high for _, high in ends))

    def _case_ends(self, parts: Parts, is_worst: bool) -> tuple[float, float]:
        ends = []
        for _, facts in parts:
            if facts:
                lows, highs = zip(*map(self._ends, facts), strict=True)
                ends.append((sum(lows) / len(facts), sum(highs) / len(facts)))
        if is_worst:
            return min(low for low, _ in ends), min(high for _, high in ends)
        weights = [weight for weight, facts in parts if facts]
        total = sum(weights)
        return (
            sum(weight * low for weight, (low, _) in zip(weights, ends, strict=True)) / total,
            sum(weight * high for weight, (_, high) in zip(weights, ends, strict=True)) / total,
        )

    def _ends(self, fact: Fact) -> tuple[float, float]:
        """Around the level on both sides, beyond the scale too: cut off at its ends, the draws of
        the best levels would lie below them on average, and a score outside its own interval."""
        if fact.grade == "unknown":
            return 0.0, 1.0
        found = self._fact_ends.get(fact.id)
        if found is None:
            width = half_width(fact.grade, fact.as_of, fact.shelf_life, self._today)
            found = fact.level / 4 - width, fact.level / 4 + width
            self._fact_ends[fact.id] = found
        return found

    def _draw(self, selection: Selection) -> Draws:
        """In each draw the case that its answers to the open questions give.

        A case is drawn only as often as it comes up: with most questions open there are several
        times as many facts as can count at once, and drawing is what a decision's time goes into.
        """
        if len(selection.cases) == 1:
            return self._case(selection.cases[0], selection.is_worst, self.count)
        combination = np.zeros(self.count, dtype=np.int64)
        for name in selection.open_questions:
            combination *= len(self._evaluator.options[name])
            combination += self._option(name)
        case = np.array(selection.case_of, dtype=np.int16)[combination]
        often = np.bincount(case, minlength=len(selection.cases))
        draws = np.empty(self.count)
        draws[np.argsort(case, kind="stable")] = np.concatenate(
            [
                self._case(parts, selection.is_worst, int(count))
                for parts, count in zip(selection.cases, often, strict=True)
            ]
        )
        return draws

    def _case(self, parts: Parts, is_worst: bool, count: int) -> Draws:
        # A fact that several parts rest on is one draw for all of them.
        drawn = {fact.id: self._fact(fact, count) for _, facts in parts for fact in facts}
        means = [_mean([drawn[fact.id] for fact in facts]) for _, facts in parts if facts]
        if not means:
            return np.full(count, MIDDLE)
        if len(means) == 1:
            return means[0]
        if is_worst:
            return np.asarray(np.min(means, axis=0))
        weights = [weight for weight, facts in parts if facts]
        return np.asarray(np.average(means, axis=0, weights=weights))

    def _fact(self, fact: Fact, count: int) -> Draws:
        low, high = self._ends(fact)
        return self._uniform(f"fact {fact.id}", low, high, count)

    def _option(self, question: str) -> NDArray[np.int64]:
        """For each draw, which option an open question takes; the same for all frameworks."""
        if question not in self._options:
            count = len(self._evaluator.options[question])
            stream = _stream(self._seed, f"question {question}")
            self._options[question] = stream.integers(0, count, self.count)
        return self._options[question]

    def _measured(self, framework: Framework) -> Value:
        """Mean over the workloads that were measured; those this one lacks keep the full range."""
        shown = {speed.workload: speed for speed in self._speeds.by_framework.get(framework.id, ())}
        if not self._speeds.workloads:
            return Value(MIDDLE, 0.0, 1.0, np.full(self.count, MIDDLE))
        pieces = [
            self._speed_piece(framework.id, workload, shown.get(workload))
            for workload in self._speeds.workloads
        ]
        return Value(
            float(np.mean([one.value for one in pieces])),
            float(np.mean([one.low for one in pieces])),
            float(np.mean([one.high for one in pieces])),
            np.mean([one.draws for one in pieces], axis=0),
        )

    def _speed_piece(self, framework: str, workload: str, speed: Speed | None) -> Value:
        low, middle, high = (
            (0.0, MIDDLE, 1.0) if speed is None else (speed.low, speed.value, speed.high)
        )
        draws = self._uniform(f"speed {framework} {workload}", low, high)
        return Value(middle, low, high, draws)

    def weights(self, knowledge: Knowledge, raw: RawWeights) -> dict[str, Draws]:
        """Weight of each criterion in each draw; they sum to 1 in each."""
        inside: dict[str, dict[str, Draws]] = {}
        for criterion in knowledge.criteria:
            weight = raw.criteria[criterion.id]
            if weight > 0:
                factor = self._factor(f"weight of criterion {criterion.id}")
                inside.setdefault(criterion.group, {})[criterion.id] = weight * factor
        groups = {
            group: raw.groups[group] * self._factor(f"weight of group {group}") for group in inside
        }
        total = np.sum(list(groups.values()), axis=0)
        drawn = {}
        for group, members in inside.items():
            scale = groups[group] / (total * np.sum(list(members.values()), axis=0))
            drawn.update({name: weight * scale for name, weight in members.items()})
        return drawn

    def _factor(self, name: str) -> Draws:
        limit = float(np.log(WEIGHT_FACTOR))
        return np.exp(self._uniform(name, -limit, limit))

    def _uniform(self, name: str, low: float, high: float, count: int | None = None) -> Draws:
        count = self.count if count is None else count
        if low == high:
            return np.full(count, low)
        draws = _unit_draws(self._seed, name, count) * (high - low)
        # In place: a new array for each step would double the cost of a draw.
        draws += low
        return draws


@functools.lru_cache(maxsize=KEPT_STREAMS)
def _unit_draws(seed: int, name: str, count: int) -> Draws:
    """Between 0 and 1: they hang on the name alone, and who decides again on changed answers draws
    most of the same."""
    draws = _stream(seed, name).random(count)
    draws.flags.writeable = False
    return draws


def _stream(seed: int, name: str) -> np.random.Generator:
    digest = hashlib.blake2b(f"{seed} {name}".encode(), digest_size=16).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "little")))


def _mean(draws: Sequence[Draws]) -> Draws:
    return draws[0] if len(draws) == 1 else np.asarray(np.mean(draws, axis=0))


class Drawn(msgspec.Struct, frozen=True):
    """All what-ifs of one decision: what every share and interval is counted from."""

    weights: dict[str, float]
    """As they stand, by criterion; they sum to 1."""
    drawn_weights: dict[str, Draws]
    """Of the criteria that count, in each draw."""
    values: dict[str, dict[str, Value]]
    """By framework and criterion."""
    scores: dict[str, Draws]


def draw(
    sampler: Sampler,
    knowledge: Knowledge,
    frameworks: Sequence[Framework],
    raw: RawWeights,
    given: Given,
) -> Drawn:
    """Weights, values and scores of these frameworks in every draw."""
    drawn_weights = sampler.weights(knowledge, raw)
    values = {
        framework.id: {
            criterion.id: sampler.value(framework, criterion.id, given)
            for criterion in knowledge.criteria
        }
        for framework in frameworks
    }
    scores = {
        name: _scores(drawn_weights, by_criterion, sampler.count)
        for name, by_criterion in values.items()
    }
    return Drawn(normalised(knowledge, raw), drawn_weights, values, scores)


def _scores(weights: Mapping[str, Draws], values: Mapping[str, Value], count: int) -> Draws:
    """Summed in place, criterion by criterion: what is added is still at hand."""
    scores, points = np.zeros(count), np.empty(count)
    for criterion, weight in weights.items():
        scores += np.multiply(weight, values[criterion].draws, out=points)
    return scores


def shares(scores: Sequence[Draws]) -> Shares:
    """From the drawn scores of the frameworks that are left."""
    table = np.array(scores)
    best = table.max(axis=0)
    # An exact tie for the first place would count for both; draws are continuous, so there is none.
    first = np.bincount(table.argmax(axis=0), minlength=len(table)) / table.shape[1]
    low, high = np.percentile(table, [5, 95], axis=1)
    return Shares(
        top=tuple(float(share) for share in (table >= best - WITHIN_OF_BEST).mean(axis=1)),
        first=tuple(float(share) for share in first),
        low=tuple(float(one) for one in low),
        high=tuple(float(one) for one in high),
    )
