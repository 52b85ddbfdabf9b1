"""Names that entries use for one another, and whether there is something of that name."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from rules.checks.finding import Finding
from rules.conditions import wanted
from rules.entries import Key, entries
from rules.errors import suggestion
from rules.model import Answers, Knowledge
from rules.yaml_reader import Place, dotted

EXITS = ("classical", "runtime")
CONDITIONS = ("when", "unless", "ask_when", "prefill_when", "set")
"""Fields that map questions to options of theirs."""
ANSWERS = ("answers", "assumes")
"""Fields that hold a person's answers, in the shape that a questionnaire gives."""
REFERENCES: dict[str, dict[str, str]] = {
    "facts": {"criterion": "criterion"},
    "frameworks": {
        "successor": "framework or component",
        "derived.from_frameworks": "framework",
        "derived.criteria": "criterion",
    },
    "criteria": {"group": "group", "over": "question"},
    "weight_rules": {"target": "group or criterion"},
    "gates": {"over": "question", "frameworks": "framework"},
    "exits": {"facts": "statement"},
    "components": {"frameworks": "framework", "successor": "framework or component"},
    "code_signs": {
        "code": "option of existing_code",
        "framework": "framework",
        "successor": "framework or component",
    },
    "deliveries": {
        "framework": "framework or exit",
        "target": "option of deployment",
        "delivery": "component",
    },
    "stack_rules": {"frameworks": "framework or exit", "component": "component"},
    "migrations": {
        "from_code": "option of existing_code or `any`",
        "to": "framework, exit or `any`",
    },
    "phases": {"frameworks": "framework or exit", "not_with": "framework or exit"},
    "risks": {"framework": "framework or exit", "component": "component"},
    "exit_installs": {"framework": "framework or exit"},
    "learning": {"framework": "framework or exit"},
    "advice": {
        "article": "article",
        "frameworks": "framework",
        "facts": "sourced entry",
    },
    "articles": {"first_releases": "framework"},
    "claims": {"articles": "article", "frameworks": "framework"},
    "star_rows": {"article": "article", "criteria": "criterion", "said": "framework"},
    "tool_rows": {"article": "article", "named": "framework", "named.*": "component"},
    "share_claims": {"article": "article", "shares": "framework"},
    "signals": {"values": "framework"},
    "concepts": {
        "criteria": "criterion",
        "questions": "question",
        "related": "concept",
        "facts": "sourced entry",
    },
    "common_questions": {"facts": "sourced entry", "concepts": "concept"},
    "personas": {
        "importance": "group or criterion",
        "must_use": "framework",
        "exclude": "framework",
        "expect.winner": "framework or exit",
        "expect.ruled_out": "framework",
    },
}
"""List -> field -> what it has to name; a dot leads into what the field holds, a star into the
values of a mapping, whose keys count otherwise."""


def unknown_names(knowledge: Knowledge, unread: Collection[str]) -> Iterator[Finding]:
    """Every name that nothing has. What could not be read may have those in `unread`."""
    known = _known(knowledge)
    questions = {
        question.id: [option.id for option in question.options] for question in knowledge.questions
    }
    for key, entry in entries(knowledge):
        for field, what in REFERENCES.get(key[0], {}).items():
            for place, name in _named(entry, field.split(".")):
                if name not in known[what] and name not in unread:
                    near = suggestion(name, known[what])
                    yield Finding(key, f"{dotted(place)}: {name!r} is no {what}{near}", place)
        for field in CONDITIONS:
            conditions = getattr(entry, field, None)
            if isinstance(conditions, dict):
                yield from _unknown_options(key, field, conditions, questions, unread)
        for field in ANSWERS:
            answers = getattr(entry, field, None)
            if isinstance(answers, dict):
                yield from _wrong_answers(key, field, answers, knowledge, unread)


def _known(knowledge: Knowledge) -> dict[str, Collection[str]]:
    """What there is, by the words that `REFERENCES` uses."""

    def ids(name: str) -> set[str]:
        return {one.id for one in getattr(knowledge, name)}

    options = {one.id: {option.id for option in one.options} for one in knowledge.questions}
    inside = {key[1] for key, _ in entries(knowledge) if key[0] in ("facts", "capabilities")}
    return {
        "framework": ids("frameworks"),
        "framework or exit": ids("frameworks") | set(EXITS),
        "framework or component": ids("frameworks") | ids("components"),
        "framework, exit or `any`": ids("frameworks") | {*EXITS, "any"},
        "component": ids("components"),
        "criterion": ids("criteria"),
        "group": ids("groups"),
        "group or criterion": ids("groups") | ids("criteria"),
        "question": set(options),
        "option of deployment": options.get("deployment", set()),
        "option of existing_code": options.get("existing_code", set()),
        "option of existing_code or `any`": {*options.get("existing_code", set()), "any"},
        "statement": ids("statements"),
        "sourced entry": inside
        | ids("statements")
        | ids("claims")
        | ids("signals")
        | ids("components"),
        "article": ids("articles"),
        "concept": ids("concepts"),
    }


def _named(value: Any, path: list[str], place: Place = ()) -> Iterator[tuple[Place, str]]:
    """The names at a path into an entry, each with its place."""
    if isinstance(value, tuple):
        for number, one in enumerate(value):
            yield from _named(one, path, (*place, number))
    elif path and path[0] == "*":
        for name, one in value.items():
            yield from _named(one, path[1:], (*place, name))
    elif path:
        yield from _named(getattr(value, path[0]), path[1:], (*place, path[0]))
    elif isinstance(value, Mapping):
        yield from (((*place, name), name) for name in value)
    elif value is not None:
        yield place, value


def _unknown_options(
    key: Key,
    field: str,
    conditions: dict[str, str | tuple[str, ...]],
    questions: Mapping[str, Collection[str]],
    unread: Collection[str],
) -> Iterator[Finding]:
    for name in conditions:
        place = (field, name)
        if name not in questions:
            if name not in unread:
                near = suggestion(name, questions)
                yield Finding(key, f"{dotted(place)} is no question{near}", place)
            continue
        if not wanted(conditions, name):
            yield Finding(key, f"{dotted(place)}: names no option, so it never holds", place)
        for option in wanted(conditions, name):
            if option not in questions[name]:
                near = suggestion(option, questions[name])
                yield Finding(key, f"{dotted(place)}: {option!r} is no option{near}", place)


def _wrong_answers(
    key: Key,
    field: str,
    answers: dict[str, str | tuple[str, ...]],
    knowledge: Knowledge,
    unread: Collection[str],
) -> Iterator[Finding]:
    """Question by question, so that one mistake does not hide the next."""
    from rules.loading import AnswersError, check_answers

    for name, value in answers.items():
        try:
            check_answers(Answers(answers={name: value}), knowledge)
        except AnswersError as error:
            if name not in unread:
                message = str(error).replace("answers", field, 1)
                yield Finding(key, message, (field, *error.place[1:]))
