"""The questionnaire as a flow without a window: order, Back, prefill, and what still matters.

What no answer can change any more is skipped; it can still be answered by going there, and what
has been answered stays.
"""

from collections.abc import Mapping
from datetime import date

import msgspec

from rules.conditions import holds, options_of
from rules.evaluation import evaluator_for
from rules.gates import ruled_out
from rules.influence import influence
from rules.model import Answers, Knowledge, Measurements, Question
from rules.questions import applicable
from rules.recommendation import ConflictFound, RuledOut
from rules.relevance import pointless
from rules.screen import as_read, conflicts
from rules.speed import speeds

__all__ = [
    "Flow",
    "Settled",
    "applicable",
    "option_effects",
    "pointless",
    "prefill",
    "repaired",
    "settled",
    "to_ask",
]


class Flow(msgspec.Struct, frozen=True):
    """Where a person stands in the questions; every step gives a new one, so Back is exact."""

    knowledge: Knowledge
    answers: Answers
    position: str | None
    """Id of the question that is asked; None when all have been."""
    history: tuple[tuple[Answers, str | None], ...] = ()
    """What Back returns to, latest last."""

    @classmethod
    def start(cls, knowledge: Knowledge, answers: Answers) -> "Flow":
        """At the first question that has no answer."""
        return cls(knowledge, answers, _next_open(knowledge, answers, None))

    @property
    def question(self) -> Question | None:
        return next((one for one in self.knowledge.questions if one.id == self.position), None)

    @property
    def core_done(self) -> bool:
        """A first verdict is due: every core question has been answered, if only by `unknown`, or
        cannot change anything."""
        asked = to_ask(self.knowledge, self.answers)
        return all(one.id in self.answers.answers for one in asked if one.stage == "core")

    def answer(self, value: str | tuple[str, ...]) -> "Flow":
        """Answer the current question and go on to the next open one after it.

        Raises AnswersError for an unknown option; ValueError when no question is asked.
        """
        from rules.loading import check_answers

        if self.position is None:
            raise ValueError("there is no question to answer")
        given = {**self.answers.answers, self.position: value}
        answers = check_answers(
            msgspec.structs.replace(self.answers, answers=given), self.knowledge
        )
        return Flow(
            self.knowledge,
            answers,
            _next_open(self.knowledge, answers, self.position),
            (*self.history, (self.answers, self.position)),
        )

    def back(self) -> "Flow":
        """The state before the last step; at the beginning, the same."""
        if not self.history:
            return self
        answers, position = self.history[-1]
        return Flow(self.knowledge, answers, position, self.history[:-1])

    def go_to(self, question_id: str) -> "Flow":
        """To any question. Raises KeyError for one that does not exist."""
        if question_id not in {one.id for one in self.knowledge.questions}:
            raise KeyError(question_id)
        history = (*self.history, (self.answers, self.position))
        return Flow(self.knowledge, self.answers, question_id, history)


def to_ask(knowledge: Knowledge, answers: Answers) -> tuple[Question, ...]:
    """The questions that have been answered or that an answer to could still change something."""
    skipped = pointless(knowledge, answers)
    return tuple(
        one
        for one in applicable(knowledge, answers)
        if one.id in answers.answers or one.id not in skipped
    )


def _next_open(knowledge: Knowledge, answers: Answers, after: str | None) -> str | None:
    """The first question to ask without an answer behind `after`, else the first before it."""
    order = [one.id for one in applicable(knowledge, answers)]
    start = order.index(after) + 1 if after in order else 0
    asked = {one.id for one in to_ask(knowledge, answers)} - set(answers.answers)
    return next((name for name in (*order[start:], *order[:start]) if name in asked), None)


def repaired(answers: Answers, conflict: ConflictFound) -> Answers:
    """The answers with a contradiction repaired the way it is read."""
    return msgspec.structs.replace(answers, answers={**answers.answers, **conflict.set})


class Settled(msgspec.Struct, frozen=True):
    """What is certain by now."""

    ruled_out: tuple[RuledOut, ...]
    open_questions: dict[str, float]
    """Question without an answer -> share of its options that change the first place."""
    conflicts: tuple[ConflictFound, ...]
    pointless: dict[str, str] = {}
    """Question without an answer that no answer to can change anything -> why."""


def settled(knowledge: Knowledge, answers: Answers, today: date) -> Settled:
    """What the answers have settled so far; without draws, so it is quick."""
    found = conflicts(knowledge, answers.answers)
    given = as_read(answers.answers, found)
    closed = ruled_out(knowledge, answers, given)
    return Settled(
        ruled_out=tuple(closed[name] for name in sorted(closed)),
        open_questions=influence(
            evaluator_for(knowledge),
            answers,
            given,
            speeds(knowledge, Measurements(), given),
            applicable(knowledge, answers),
        ),
        conflicts=found,
        pointless=pointless(knowledge, answers),
    )


def option_effects(
    knowledge: Knowledge, answers: Answers, question_id: str, today: date
) -> dict[str, tuple[RuledOut, ...]]:
    """Option -> what choosing it would rule out beyond what the other answers do."""
    question = next(one for one in knowledge.questions if one.id == question_id)
    others = {name: value for name, value in answers.answers.items() if name != question_id}
    before = ruled_out(knowledge, answers, as_read(others, conflicts(knowledge, others)))
    effects = {}
    for option in question.options:
        with_it = {**others, question_id: (option.id,) if question.multiple else option.id}
        read = as_read(with_it, conflicts(knowledge, with_it))
        after = ruled_out(knowledge, answers, read)
        effects[option.id] = tuple(after[name] for name in sorted(after) if name not in before)
    return effects


def prefill(knowledge: Knowledge, answers: Answers, facts: Mapping[str, str]) -> Answers:
    """The answers with the machine's facts where a question allows it and is not answered."""
    given = dict(answers.answers)
    for question in knowledge.questions:
        value = facts.get(question.id)
        if (
            value is not None
            and question.prefill_when
            and question.id not in given
            and holds(question.prefill_when, given)
            and options_of({question.id: value}, question.id)
        ):
            given[question.id] = value
    return msgspec.structs.replace(answers, answers=given)
