"""Which open questions still matter: how often their answers change the first place. No draws."""

from collections.abc import Mapping

from rules.conditions import Given, options_of
from rules.evaluation import Evaluator
from rules.gates import NOTHING_BROKEN, ruled_out
from rules.model import Answers, Exit, Framework, Question
from rules.recommendation import RuledOut
from rules.robustness import MIDDLE
from rules.screen import as_read, conflicts, exit_taken
from rules.speed import Speeds
from rules.weights import PERFORMANCE, normalised, raw_weights


class Standing:
    """The first place for some answers, and how one more answer would move it.

    Only what a question can touch is computed anew: values, gates, weights and exits each know the
    questions they read.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        answers: Answers,
        given: Given,
        speeds: Speeds,
        broken: Mapping[str, str] = NOTHING_BROKEN,
    ) -> None:
        self._evaluator = evaluator
        self._knowledge = evaluator.knowledge
        self._answers = answers
        self._given = given
        self._speeds = speeds
        self._broken = broken
        self._closed = ruled_out(self._knowledge, answers, given, broken)
        self._weights = self._weigh(given)
        self._values = {
            framework.id: {
                criterion.id: plain_value(evaluator, speeds, framework, criterion.id, given)
                for criterion in self._knowledge.criteria
            }
            for framework in self._knowledge.frameworks
        }
        self._scores = {name: self._score(values) for name, values in self._values.items()}
        self.winner = self._best(self._scores, self._closed, exit_taken(self._knowledge, given))

    def share_that_changes(self, question: Question) -> float:
        """Share of the options that bring another first place, an exit or nothing at all."""
        changed = 0
        knowledge = self._knowledge
        may_conflict = any(question.id in conflict.when for conflict in knowledge.conflicts)
        for option in question.options:
            value = (option.id,) if question.multiple else option.id
            given: Given = {**self._given, question.id: value}
            moved = {question.id}
            if may_conflict:
                # A contradiction is read as the decision would read it, which moves other answers.
                answers = {**self._answers.answers, question.id: value}
                given = as_read(answers, conflicts(knowledge, answers))
                moved |= {name for name in given if given[name] != self._given.get(name)}
            moves_weights = not moved.isdisjoint(self._evaluator.weight_questions)
            weights = self._weigh(given) if moves_weights else self._weights
            closed = self._closed_after(moved, given)
            scores = dict(self._scores)
            for framework in knowledge.frameworks:
                if framework.id in closed:
                    continue
                touched = self._evaluator.touched(framework, moved)
                if moves_weights or touched:
                    values = dict(self._values[framework.id])
                    for criterion in touched:
                        values[criterion] = plain_value(
                            self._evaluator, self._speeds, framework, criterion, given
                        )
                    scores[framework.id] = self._score(values, weights)
            changed += self._best(scores, closed, exit_taken(knowledge, given)) != self.winner
        return round(changed / len(question.options), 6)

    def _closed_after(self, moved: set[str], given: Given) -> Mapping[str, RuledOut]:
        """Who is ruled out once these answers have changed."""
        asked_again = [
            one
            for one in self._knowledge.frameworks
            if one.id in self._broken
            or not moved.isdisjoint(self._evaluator.gate_questions[one.id])
        ]
        if not asked_again:
            return self._closed
        names = {one.id for one in asked_again}
        unmoved = {name: one for name, one in self._closed.items() if name not in names}
        found = ruled_out(self._knowledge, self._answers, given, self._broken, among=asked_again)
        return {**unmoved, **found}

    def _weigh(self, given: Given) -> dict[str, float]:
        raw = raw_weights(
            self._knowledge, self._answers, given, performance_counts=self._speeds.counts
        )
        return normalised(self._knowledge, raw)

    def _score(
        self, values: Mapping[str, float], weights: Mapping[str, float] | None = None
    ) -> float:
        used = self._weights if weights is None else weights
        return sum(weight * values[name] for name, weight in used.items() if weight)

    def _best(
        self, scores: Mapping[str, float], closed: Mapping[str, object], way_out: Exit | None
    ) -> str | None:
        if way_out is not None:
            return way_out.id
        left = [(-round(score, 6), name) for name, score in scores.items() if name not in closed]
        return min(left)[1] if left else None


def plain_value(
    evaluator: Evaluator, speeds: Speeds, framework: Framework, criterion: str, given: Given
) -> float:
    """The value without spread; the middle where nothing is known."""
    if criterion == PERFORMANCE:
        shown = {one.workload: one.value for one in speeds.by_framework.get(framework.id, ())}
        values = [shown.get(workload, MIDDLE) for workload in speeds.workloads]
        return sum(values) / len(values) if values else MIDDLE
    bases = evaluator.derived_from(framework, criterion)
    if bases:
        return max(plain_value(evaluator, speeds, base, criterion, given) for base in bases)
    selection = evaluator.select(framework, evaluator.criteria[criterion], given)
    return MIDDLE if selection.value is None else selection.value


def influence(
    evaluator: Evaluator,
    answers: Answers,
    given: Given,
    speeds: Speeds,
    asked: tuple[Question, ...],
    broken: Mapping[str, str] = NOTHING_BROKEN,
) -> dict[str, float]:
    """Open question -> share of its options that change the first place (an exit counts as one)."""
    standing = Standing(evaluator, answers, given, speeds, broken)
    return {
        question.id: standing.share_that_changes(question)
        for question in asked
        if not options_of(given, question.id)
    }
