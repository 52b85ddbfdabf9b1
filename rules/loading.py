"""Reads the knowledge base, users' packs and answers files; gives structs or one clear error.

Every `*.yaml` in a folder is a mapping from a list field of `Knowledge` to its entries; each file
of `frameworks/` is one framework. What a pack brings replaces entries of the same id, or adds.
"""

import functools
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec

from rules.errors import InputError, suggestion
from rules.model import Answers, Framework, Knowledge, Question, Record
from rules.yaml_reader import Document, Place, Plain, dotted, read_file

OWN = Path(__file__).resolve().parent / "knowledge"
ANSWERS_SCHEMA = "framework-advisor/answers/1"
IMPORTANCE = range(-2, 3)
MAX_FILES = 200

Read = TypeVar("Read")


@functools.cache
def _element_types() -> dict[str, type[Any]]:
    """List field of Knowledge -> the struct of its entries."""
    hints = get_type_hints(Knowledge)
    return {
        name: get_args(hint)[0]
        for name, hint in hints.items()
        if get_args(hint) and isinstance(get_args(hint)[0], type(Record))
    }


def load_knowledge(packs: Sequence[Path] = ()) -> Knowledge:
    """Our knowledge with the packs on top, checked. Raises InputError."""
    from rules.checking import check_references

    if not packs:
        return _own_knowledge()
    knowledge = functools.reduce(_overlay, packs, _own_knowledge())
    check_references(knowledge, str(packs[-1]))
    return knowledge


@functools.cache
def _own_knowledge() -> Knowledge:
    from rules.checking import check_references

    knowledge = _assemble(_read_folder(OWN), str(OWN))
    check_references(knowledge, str(OWN))
    return knowledge


def _read_folder(folder: Path) -> dict[str, Any]:
    """The folder's entries by field of Knowledge, `version` too where it stands."""
    if not folder.is_dir():
        raise InputError("is no folder of facts", str(folder))
    files = [*sorted(folder.glob("*.yaml")), *sorted(folder.glob("frameworks/*.yaml"))]
    if not files:
        raise InputError("holds no .yaml files", str(folder))
    if len(files) > MAX_FILES:
        raise InputError(f"holds more than {MAX_FILES} files", str(folder))
    inside = folder.resolve()
    fields: dict[str, Any] = {}
    for path in files:
        if not path.resolve().is_relative_to(inside):
            raise InputError("is a link that leads out of its folder", str(path))
        document = read_file(path)
        if path.parent.name == "frameworks" and path.parent != folder:
            framework = convert(document, document.content, (), Framework)
            if framework.id != path.stem:
                raise InputError(f"id: {framework.id!r} is not the file's name", str(path))
            fields.setdefault("frameworks", []).append(framework)
        else:
            _read_lists(document, fields)
    return fields


def _read_lists(document: Document, fields: dict[str, Any]) -> None:
    content = _mapping(document, document.content, ())
    for name, value in content.items():
        if name == "version":
            fields["version"] = convert(document, value, (name,), str)
            continue
        element = _element_types().get(name)
        if element is None:
            raise InputError(
                f"{name}: is no list of a knowledge base" + suggestion(name, _element_types()),
                document.file,
                document.line((name,)),
            )
        entries = convert(document, value, (name,), tuple[element, ...])  # type: ignore[valid-type]
        fields.setdefault(name, []).extend(entries)


def _assemble(fields: Mapping[str, Any], place: str) -> Knowledge:
    missing = [name for name in ("version", *_element_types()) if name not in fields]
    if missing:
        raise InputError(f"lacks {', '.join(missing)}", place)
    lists = {name: tuple(fields[name]) for name in _element_types()}
    # Frameworks have no order of their own: file order must not be able to matter.
    lists["frameworks"] = tuple(sorted(lists["frameworks"], key=lambda one: one.id))
    return Knowledge(version=fields["version"], hash=_hash(fields["version"], lists), **lists)


def _hash(version: str, lists: Mapping[str, Any]) -> str:
    content = {"version": version, **{name: lists[name] for name in sorted(lists)}}
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


def _overlay(knowledge: Knowledge, pack: Path) -> Knowledge:
    """The knowledge with one pack's entries added, or replacing those of the same id."""
    added = _read_folder(pack)
    lists: dict[str, Any] = {}
    overridden = list(knowledge.overridden)
    for name in _element_types():
        entries = {
            _key(entry, place): entry for place, entry in enumerate(getattr(knowledge, name))
        }
        for place, entry in enumerate(added.get(name, ()), start=len(entries)):
            key = _key(entry, place)
            if key in entries:
                overridden.append(str(key))
            entries[key] = entry
        lists[name] = list(entries.values())
    version = added.get("version", knowledge.version)
    assembled = _assemble({"version": version, **lists}, str(pack))
    return msgspec.structs.replace(assembled, overridden=tuple(sorted(set(overridden))))


def _key(entry: object, place: int) -> object:
    """What makes an entry the same: its id, or its place for what has none."""
    return getattr(entry, "id", place)


def load_answers(path: Path, knowledge: Knowledge) -> Answers:
    """Read and check an answers file. Raises InputError naming file, line, field, nearest id."""
    document = read_file(path)
    content = _mapping(document, document.content, ())
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


def convert(document: Document, content: Plain, place: Place, type_: type[Read]) -> Read:
    """Decode plain data into a struct. Raises InputError naming file, line and field."""
    try:
        return msgspec.convert(content, type_, strict=False)
    except msgspec.ValidationError as error:
        message, inner = _complaint(error, content, type_)
        full = (*place, *inner)
        field = f"{dotted(full)}: " if full else ""
        raise InputError(f"{field}{message}", document.file, document.line(full)) from None


def _complaint(error: Exception, content: Plain, type_: type[Any]) -> tuple[str, Place]:
    """What is wrong, in plain words, and where."""
    message, _, where = str(error).partition(" - at `")
    place, ends_in_mapping = _parse_place(where.rstrip("`"))
    if ends_in_mapping:
        # msgspec does not say under which key of a mapping; so the keys are tried one by one.
        for key in _at(content, place):
            try:
                msgspec.convert(_only(content, place, key), type_, strict=False)
            except msgspec.ValidationError as inner:
                message, _, where = str(inner).partition(" - at `")
                rest = where.rstrip("`").partition("[...]")[2]
                place = (*place, key, *_parse_place(rest)[0])
                break
    unknown = re.match(r"Object contains unknown field `([^`]+)`", message)
    if unknown:
        return "is no field here", (*place, unknown[1])
    for pattern, words in _IN_WORDS:
        message = pattern.sub(words, message)
    return message, place


_IN_WORDS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"`str \| array`", "`str` or `array`"),
        (r"`str`", "a text"),
        (r"`int`", "a whole number"),
        (r"`float`", "a number"),
        (r"`bool`", "true or false"),
        (r"`array`", "a list"),
        (r"`object`", "a mapping of names to values"),
        (r"`null`", "nothing"),
        (r"^Expected (.*), got (.*)$", r"is \2; it has to be \1"),
        (r"^Object missing required field `(\w+)`$", r"lacks `\1`"),
        (r"^Invalid enum value '?(.*?)'?$", r"\1 is none of the values it can have"),
    )
)


def _at(content: Plain, place: Place) -> list[str]:
    """The keys of the mapping at a place."""
    for part in place:
        content = content[part]  # type: ignore[index]
    return list(content) if isinstance(content, dict) else []


def _only(content: Plain, place: Place, key: str) -> Plain:
    """The content with one key left in the mapping at a place."""
    if not place:
        return {key: content[key]}  # type: ignore[index, call-overload]
    first, rest = place[0], place[1:]
    if isinstance(content, list):
        copy: Any = list(content)
    else:
        copy = dict(content)  # type: ignore[arg-type]
    copy[first] = _only(copy[first], rest, key)
    return copy  # type: ignore[no-any-return]


def _parse_place(text: str) -> tuple[Place, bool]:
    """`$.facts[3].level` -> ("facts", 3, "level"); true where it ends at some key, `[...]`."""
    place: list[str | int] = []
    for name, number in re.findall(r"\.(\w+)|\[(\d+|\.\.\.)\]", text):
        if number == "...":
            return tuple(place), True
        place.append(name or int(number))
    return tuple(place), False


def _mapping(document: Document, content: Plain, place: Place) -> dict[str, Plain]:
    if not isinstance(content, dict):
        raise InputError("is no mapping of names to values", document.file, document.line(place))
    return content
