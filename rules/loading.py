"""Reads the knowledge base, users' packs and answers files; gives structs or one clear error."""

import functools
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from rules.decoding import convert, mapping
from rules.errors import InputError, suggestion
from rules.model import Answers, Knowledge, Question
from rules.packs import Base, assembled, is_base, overlaid, read_folder
from rules.yaml_reader import Place, Plain, dotted, read_file

OWN = Path(__file__).resolve().parent / "knowledge"
ANSWERS_SCHEMA = "framework-advisor/answers/1"
IMPORTANCE = range(-2, 3)


def load_knowledge(packs: Sequence[Path] = ()) -> Knowledge:
    """Our knowledge with the packs on top, checked. Raises InputError."""
    return _checked(load_base(packs)) if packs else _own_knowledge()


@functools.cache
def _own_knowledge() -> Knowledge:
    return _checked(_own_base())


def load_base(packs: Sequence[Path] = ()) -> Base:
    """Our knowledge with the packs on top as far as it can be read, unchecked; what cannot be read
    stands in its `errors`. Raises InputError where there is no folder to read."""
    return functools.reduce(overlaid, map(read_folder, packs), _own_base())


@functools.cache
def _own_base() -> Base:
    return assembled(read_folder(OWN))


def load_apart(folder: Path) -> tuple[Knowledge, bool]:
    """A folder that can stand alone by itself, any other laid over ours; and whether it stands
    alone. Raises InputError."""
    content = read_folder(folder)
    stands_alone = is_base(content)
    base = assembled(content) if stands_alone else overlaid(_own_base(), content)
    return _checked(base), stands_alone


def _checked(base: Base) -> Knowledge:
    """Raises InputError with the first mistake."""
    from rules.checking import mistakes

    for error in mistakes(base):
        raise error
    return base.knowledge


def load_answers(path: Path, knowledge: Knowledge) -> Answers:
    """Read and check an answers file. Raises InputError naming file, line, field, nearest id."""
    document = read_file(path)
    content = mapping(document, document.content, ())
    schema = content.get("schema")
    if schema != ANSWERS_SCHEMA:
        raise InputError(
            f"schema: is {schema!r}; this program reads {ANSWERS_SCHEMA}"
            if "schema" in content
            else f"schema: is missing; an answers file begins with `schema: {ANSWERS_SCHEMA}`",
            document.file,
            document.line(("schema",)),
        )
    for name in content:
        if name not in Answers.__struct_fields__:
            raise InputError(
                f"{name}: is no field of an answers file"
                + suggestion(name, Answers.__struct_fields__),
                document.file,
                document.line((name,)),
            )
    # An empty `answers:` is an honest beginning, and a question without an answer is open.
    filled: dict[str, Plain] = {name: one for name, one in content.items() if one is not None}
    given = filled.get("answers")
    if isinstance(given, dict):
        filled["answers"] = {name: one for name, one in given.items() if one is not None}
    answers = convert(document, filled, (), Answers)
    try:
        return check_answers(answers, knowledge)
    except AnswersError as error:
        place = document.line(error.place)
        raise InputError(str(error), document.file, place) from None


class AnswersError(ValueError):
    """Answers that name what does not exist; `place` is where in the document."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(f"{dotted(place)}: {message}")
        self.place = place


def check_answers(answers: Answers, knowledge: Knowledge) -> Answers:
    """Check every id and bring values into their canonical shape: a tuple for a question that
    takes several options, a single one elsewhere. Raises AnswersError."""
    questions = {question.id: question for question in knowledge.questions}
    checked = {}
    for name, value in answers.answers.items():
        question = questions.get(name)
        if question is None:
            raise AnswersError(("answers", name), "is no question" + suggestion(name, questions))
        checked[name] = _check_value(question, value)
    weighted = [group.id for group in knowledge.groups]
    weighted += [criterion.id for criterion in knowledge.criteria]
    for name, wish in answers.importance.items():
        _require(("importance", name), name, weighted, "no group or criterion")
        if wish not in IMPORTANCE:
            raise AnswersError(("importance", name), f"is {wish}; it goes from -2 to 2")
    frameworks = [framework.id for framework in knowledge.frameworks]
    for place, name in enumerate(answers.must_use):
        _require(("must_use", place), name, frameworks, "no framework")
    for name in answers.exclude:
        _require(("exclude", name), name, frameworks, "no framework")
    components = [component.id for component in knowledge.components]
    for place, name in enumerate(answers.existing_components):
        _require(("existing_components", place), name, components, "no component")
    facts = [fact.id for framework in knowledge.frameworks for fact in framework.facts]
    for name in answers.override:
        _require(("override", name), name, facts, "no fact")
    return msgspec.structs.replace(answers, answers=checked)


def _check_value(question: Question, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    place = ("answers", question.id)
    known = [option.id for option in question.options]
    chosen = (value,) if isinstance(value, str) else value
    if chosen in ((), ("unknown",)):
        return "unknown"
    for number, option in enumerate(chosen):
        where = place if isinstance(value, str) else (*place, number)
        _require(where, option, [*known, "unknown"], "no option")
    if not question.multiple:
        if len(chosen) > 1:
            raise AnswersError(place, f"takes one option; {len(chosen)} were given")
        return chosen[0]
    unique = tuple(dict.fromkeys(chosen))
    for alone in ("none", "unknown"):
        if alone in unique and len(unique) > 1:
            raise AnswersError(place, f"{alone!r} excludes every other option")
    return unique


def _require(place: Place, name: str, known: Iterable[str], what: str) -> None:
    if name not in (names := list(known)):
        raise AnswersError(place, f"{name!r} is {what}" + suggestion(name, names))


def dump_answers(answers: Answers) -> str:
    """The answers file's text, as `load_answers` reads it."""
    import yaml

    document = msgspec.to_builtins(answers)
    shown = {name: value for name, value in document.items() if value or name == "answers"}
    text: str = yaml.safe_dump(
        msgspec.to_builtins(shown), sort_keys=False, allow_unicode=True, default_flow_style=None
    )
    return text
