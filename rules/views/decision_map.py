"""The way from the questions to exits and gates as one picture, with the paths taken through it.

Generated from the same questions, exits and gates that decide; nothing of it is written down.
"""

from typing import Literal

from rules.conditions import UNKNOWN, options_of
from rules.gates import entries_for, ruled_out
from rules.model import Answers, Gate, Knowledge, Question, Record
from rules.questions import applicable
from rules.relevance import pointless
from rules.screen import as_read, conflicts, exit_taken

PathStep = Literal["said", "assumed"]
Standing = Literal["answered", "unknown", "open", "pointless", "not_asked"]
"""`pointless`: no answer could change anything any more; `not_asked`: its condition does not
hold."""


class MapOption(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One branch, as it stands with the other answers as they are."""

    id: str
    text: str
    chosen: bool
    rules_out: tuple[str, ...]
    """Framework ids that it would rule out, or has, beyond what the other answers do."""
    leads_to: str | None
    """The id of the exit that it takes, where the other answers alone would not."""


class MapQuestion(Record, frozen=True, kw_only=True, omit_defaults=False):
    id: str
    topic: str
    standing: Standing
    why: str
    """Why it need not be asked; empty where it is."""
    options: tuple[MapOption, ...]
    gates: tuple[str, ...]
    """Ids of the gates that can close by an answer to it."""
    exits: tuple[str, ...]
    """Ids of the exits that an answer to it can open or bar."""


class ArticlePath(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One leaf of an article's decision tree, as a way through our questions."""

    id: str
    leaf: str
    said: str
    steps: dict[str, tuple[str, ...]]
    """Question -> options."""
    assumed: frozenset[str]
    """Questions that the article does not ask but takes for granted."""


def decision_map(knowledge: Knowledge, answers: Answers) -> tuple[MapQuestion, ...]:
    """Every question in the order in which they are asked."""
    asked = {one.id for one in applicable(knowledge, answers)}
    skipped = pointless(knowledge, answers)
    ordered = sorted(knowledge.questions, key=lambda one: one.stage == "later")
    return tuple(_question(knowledge, answers, one, asked, skipped) for one in ordered)


def article_paths(knowledge: Knowledge) -> tuple[ArticlePath, ...]:
    """The leaves of the articles' decision tree, in the order of the base."""
    articles = {one.id: one for one in knowledge.articles}
    paths = []
    for one in knowledge.advice:
        if one.part != "tree":
            continue
        given = {**articles[one.article].assumes, **one.answers}
        paths.append(
            ArticlePath(
                id=one.id,
                leaf=one.leaf,
                said=one.said,
                steps={question: options_of(given, question) for question in given},
                assumed=frozenset(given) - frozenset(one.answers),
            )
        )
    return tuple(paths)


def nearest_path(paths: tuple[ArticlePath, ...], answers: Answers) -> ArticlePath | None:
    """The leaf that agrees with most answers in what the article asks; of equals the first."""
    return max(paths, key=lambda one: _agreement(one, answers), default=None)


def _agreement(path: ArticlePath, answers: Answers) -> int:
    agrees = 0
    for question, options in path.steps.items():
        chosen = options_of(answers.answers, question)
        if chosen and question not in path.assumed:
            agrees += 1 if set(chosen) & set(options) else -1
    return agrees


def _question(
    knowledge: Knowledge,
    answers: Answers,
    question: Question,
    asked: set[str],
    skipped: dict[str, str],
) -> MapQuestion:
    standing, why = _standing(knowledge, answers, question, asked, skipped)
    return MapQuestion(
        id=question.id,
        topic=question.topic,
        standing=standing,
        why=why,
        options=_options(knowledge, answers, question),
        gates=tuple(one.id for one in knowledge.gates if _can_close_by(one, question, knowledge)),
        exits=tuple(
            one.id
            for one in knowledge.exits
            if question.id in one.when or question.id in one.unless
        ),
    )


def _standing(
    knowledge: Knowledge,
    answers: Answers,
    question: Question,
    asked: set[str],
    skipped: dict[str, str],
) -> tuple[Standing, str]:
    value = answers.answers.get(question.id)
    if value == UNKNOWN:
        return "unknown", ""
    if value is not None:
        return "answered", ""
    if question.id not in asked:
        topics = {one.id: one.topic for one in knowledge.questions}
        return "not_asked", ", ".join(topics.get(one, one) for one in question.ask_when)
    if question.id in skipped:
        return "pointless", skipped[question.id]
    return "open", ""


def _options(knowledge: Knowledge, answers: Answers, question: Question) -> tuple[MapOption, ...]:
    others = {name: value for name, value in answers.answers.items() if name != question.id}
    read = as_read(others, conflicts(knowledge, others))
    before, exit_before = ruled_out(knowledge, answers, read), exit_taken(knowledge, read)
    chosen = options_of(answers.answers, question.id)
    found = []
    for option in question.options:
        given = {**others, question.id: (option.id,) if question.multiple else option.id}
        read = as_read(given, conflicts(knowledge, given))
        way_out = exit_taken(knowledge, read)
        found.append(
            MapOption(
                id=option.id,
                text=option.text,
                chosen=option.id in chosen,
                rules_out=tuple(sorted(set(ruled_out(knowledge, answers, read)) - set(before))),
                leads_to=way_out.id if way_out is not None and way_out != exit_before else None,
            )
        )
    return tuple(found)


def _can_close_by(gate: Gate, question: Question, knowledge: Knowledge) -> bool:
    if question.id in gate.when or question.id == gate.over:
        return True
    return any(
        entry.state == "none" and question.id in entry.when
        for framework in knowledge.frameworks
        for entry in entries_for(gate, framework, knowledge)
    )
