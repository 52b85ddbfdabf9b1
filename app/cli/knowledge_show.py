"""`knowledge show`: one entry, or one view of the whole base, as aligned text or as JSON."""

import argparse
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from app.cli.options import iso_date

if TYPE_CHECKING:
    from rules import views
    from rules.model import Claim, Concept, Fact, Framework, Knowledge

WIDTH = 96
COLUMNS = 3
"""More frameworks than this stand below one another, since columns would be too narrow."""
VIEWS = (
    "comparison",
    "matrix",
    "timeline",
    "trend",
    "ecosystem",
    "personas",
    "then-and-now",
    "concepts",
    "questions",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "id",
        help="a view (" + ", ".join(VIEWS) + "), or the id of anything that "
        "`knowledge list` names, of a concept or of a claim",
    )
    parser.add_argument(
        "frameworks", nargs="*", metavar="FRAMEWORK", help="for comparison and ecosystem: of these"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--today", type=iso_date, metavar="YYYY-MM-DD", help="for facts' ages")


def run(knowledge: "Knowledge", args: argparse.Namespace) -> int:
    """Raises InputError for an id that nothing has."""
    content = _content(knowledge, args.id, args.frameworks, args.today or date.today())
    if args.format == "json":
        import msgspec

        data = msgspec.json.format(msgspec.json.encode(content), indent=1)
        sys.stdout.write(data.decode() + "\n")
    else:
        sys.stdout.write("\n".join(_text(knowledge, args.id, content)) + "\n")
    return 0


def _content(knowledge: "Knowledge", name: str, frameworks: list[str], today: date) -> Any:
    """The view, or the entry, as structs."""
    from rules import views

    _check_frameworks(knowledge, name, frameworks)
    if name == "comparison":
        return views.comparison(knowledge, frameworks)
    if name == "ecosystem":
        return [
            part
            for part in views.ecosystem(knowledge)
            if not frameworks or set(frameworks) & set(part.frameworks)
        ]
    of_all: Mapping[str, Callable[[], Any]] = {
        "matrix": lambda: views.matrix(knowledge, today),
        "timeline": lambda: views.timeline(knowledge),
        "trend": lambda: views.trend(knowledge),
        "personas": lambda: views.personas(knowledge),
        "then-and-now": lambda: views.then_and_now(knowledge, today),
        "concepts": lambda: knowledge.concepts,
        "questions": lambda: knowledge.common_questions,
    }
    return of_all[name]() if name in of_all else _entry(knowledge, name, today)


def _check_frameworks(knowledge: "Knowledge", name: str, frameworks: list[str]) -> None:
    import rules
    from rules.errors import suggestion

    known = [one.id for one in knowledge.frameworks]
    if frameworks and name not in ("comparison", "ecosystem"):
        raise rules.InputError(
            f"{frameworks[0]!r}: only comparison and ecosystem take frameworks", "knowledge"
        )
    for one in frameworks:
        if one not in known:
            raise rules.InputError(f"{one!r} is no framework{suggestion(one, known)}", "knowledge")


def _entry(knowledge: "Knowledge", name: str, today: date) -> Any:
    import rules
    from rules import views
    from rules.errors import suggestion

    lists: tuple[tuple[Any, ...], ...] = (
        knowledge.frameworks,
        knowledge.components,
        knowledge.statements,
        knowledge.claims,
        knowledge.signals,
        knowledge.common_questions,
        knowledge.gates,
        knowledge.questions,
        knowledge.personas,
    )
    found = {entry.id: entry for entries in lists for entry in entries}
    for framework in knowledge.frameworks:
        found |= {fact.id: fact for fact in framework.facts}
        found |= {one.id: one for one in framework.capabilities}
    if name in found:
        return found[name]
    if any(leaf.id == name for leaf in knowledge.advice):
        return next(one for one in views.then_and_now(knowledge, today) if one.id == name)
    facts = [one for each in knowledge.frameworks for one in each.facts if one.criterion == name]
    if facts:
        return facts
    concept = views.concept(knowledge, name)
    if concept is not None:
        return concept
    known = [*VIEWS, *found, *(one.id for one in knowledge.concepts)]
    known += [one.id for one in knowledge.criteria]
    raise rules.InputError(f"{name!r} is nothing we know{suggestion(name, known)}", "knowledge")


def _text(knowledge: "Knowledge", name: str, content: Any) -> Iterable[str]:
    """Lines for a person."""
    from rules.model import Claim, CommonQuestion, Concept, Fact, Framework
    from rules.views import ThenAndNow

    by_view: Mapping[str, Callable[[Knowledge, Any], Iterable[str]]] = {
        "comparison": _comparison,
        "matrix": _matrix,
        "timeline": _timeline,
        "trend": _trend,
        "ecosystem": _ecosystem,
        "personas": _personas,
        "then-and-now": _then_and_now,
        "concepts": _concepts,
        "questions": _questions,
    }
    if name in by_view:
        return by_view[name](knowledge, content)
    if isinstance(content, Framework):
        return _framework(content)
    if isinstance(content, Fact):
        return _fact(content)
    if isinstance(content, list):
        return [line for fact in content for line in _fact(fact)]
    if isinstance(content, Concept):
        return _concept(knowledge, content)
    if isinstance(content, Claim):
        return _claim(content)
    if isinstance(content, ThenAndNow):
        return _then_and_now(knowledge, (content,))
    if isinstance(content, CommonQuestion):
        return _questions(knowledge, (content,))
    return _fields(content)


def _framework(framework: "Framework") -> list[str]:
    lines = [
        f"{framework.name} ({framework.id}): {framework.lifecycle}, {framework.latest_release}",
        *textwrap.wrap(framework.summary, WIDTH),
        *textwrap.wrap(f"Best at: {framework.best_at}", WIDTH, subsequent_indent="  "),
        *textwrap.wrap(f"Worst at: {framework.worst_at}", WIDTH, subsequent_indent="  "),
        "",
    ]
    return lines + [line for fact in framework.facts for line in _fact(fact)]


def _fields(entry: Any) -> Iterable[str]:
    """What an entry of any kind says, field by field; empty ones are left out."""
    import msgspec

    from app.cli.text import wrapped

    told = {name: value for name, value in msgspec.to_builtins(entry).items() if value}
    margin = " " * (max(map(len, told)) + 2)
    for name, value in told.items():
        for number, text in enumerate(_values(value)):
            begin = margin if number else name.ljust(len(margin))
            yield from wrapped(text, begin)


def _values(value: Any) -> list[str]:
    """A text for each entry of a list of entries; one for anything else."""
    if isinstance(value, list | tuple) and any(isinstance(one, dict) for one in value):
        return [text for one in value for text in _values(one)]
    if isinstance(value, list | tuple):
        return [", ".join(map(str, value))]
    if isinstance(value, dict):
        return ["; ".join(f"{key}: {', '.join(_values(one))}" for key, one in value.items() if one)]
    return [str(value)]


def _fact(fact: "Fact") -> list[str]:
    from rules.entries import conditions_text

    when = f" when {conditions_text(fact.when)}" if fact.when else ""
    return [
        *textwrap.wrap(
            f"{fact.id}: {fact.criterion} level {fact.level}{when}", WIDTH, subsequent_indent="  "
        ),
        *textwrap.wrap(fact.reason, WIDTH, initial_indent="  ", subsequent_indent="  "),
        f"  {fact.grade}, {fact.as_of}, {fact.source}",
    ]


def _comparison(knowledge: "Knowledge", rows: "tuple[views.Row, ...]") -> Iterable[str]:
    from rules.views import framework_names

    names = framework_names(knowledge)
    shown = [names[cell.framework] for cell in rows[0].cells]
    titles = max(len(row.title) for row in rows)
    if len(shown) <= COLUMNS:
        width = (WIDTH - titles) // len(shown) - 2
        yield from _columns("", shown, titles, width)
        yield "-" * WIDTH
        for row in rows:
            yield from _columns(row.title, [_told(cell) for cell in row.cells], titles, width)
        return
    names_width = max(map(len, shown))
    for row in rows:
        yield row.title
        for cell in row.cells:
            yield from _columns(
                f"  {names[cell.framework]}",
                [_told(cell)],
                names_width + 2,
                WIDTH - names_width - 4,
            )
        yield ""


def _told(cell: "views.Cell") -> str:
    return f"{cell.text} ({cell.grade}, {cell.as_of})" if cell.grade else cell.text


def _columns(title: str, texts: Iterable[str], first: int, width: int) -> Iterable[str]:
    """One row of a table whose cells are broken into lines."""
    cells = [textwrap.wrap(text, width) or [""] for text in texts]
    for number in range(max(map(len, cells))):
        parts = [title if number == 0 else ""]
        parts[0] = parts[0].ljust(first)
        parts += [(cell[number] if number < len(cell) else "").ljust(width) for cell in cells]
        yield "  ".join(parts).rstrip()


def _matrix(knowledge: "Knowledge", table: "views.StarTable") -> Iterable[str]:
    from app.cli.text import table as aligned
    from rules.views import framework_names

    names = framework_names(knowledge)
    header = ["", *(names[one] for one in table.frameworks)]
    rows = [[row.title, *(_star_words(cell) for cell in row.cells)] for row in table.rows]
    yield from aligned([header, *rows], right=frozenset(range(1, len(header))))
    yield ""
    yield from textwrap.wrap(
        "Stars 1 to 5 from the levels behind the ranking; in brackets what an article of 2024 "
        "gave. A question mark stands where the doubt is so wide that the stars say little, a "
        "dash where only a measurement on your machine tells.",
        WIDTH,
    )
    out = ", ".join(names[one] for one in table.ruled_out)
    yield from textwrap.wrap(f"Ruled out: {out}.", WIDTH) if out else ()
    for row in table.rows:
        yield ""
        yield row.title
        for cell in row.cells:
            yield from _bullet(f"{names[cell.framework]}: {cell.text} ({cell.grade})")


def _star_words(cell: "views.StarCell") -> str:
    ours = "-" if cell.stars is None else f"{cell.stars:g}{'?' if cell.is_wide else ''}"
    return ours if cell.said is None else f"{ours} ({cell.said})"


def _timeline(knowledge: "Knowledge", events: "tuple[views.Event, ...]") -> Iterable[str]:
    for event in events:
        said = f" (Old advice: {event.said})" if event.said else ""
        yield from _columns(
            f"{event.date:8} {event.kind:8}", [f"{event.subject}: {event.text}{said}"], 17, 77
        )


def _trend(knowledge: "Knowledge", trend: "views.Trend") -> Iterable[str]:
    from rules.views import lasting_names

    names = lasting_names(knowledge)
    yield "Shares of a market that were printed without a source:"
    for said in trend.said:
        shares = ", ".join(f"{names[one]} {share:g} %" for one, share in said.shares.items())
        yield f"  {said.year}  {shares} ({said.article})"
    yield ""
    yield "Signs of use that have a date and a source; none of them is a share:"
    for one in trend.evidence:
        yield ""
        yield f"  {one.name} ({one.unit}; {one.grade}, {one.as_of}, {one.source})"
        for name, value in one.values.items():
            yield f"    {names[name]:16} {value:>12,g}"
        yield from _bullet(one.text)


def _ecosystem(knowledge: "Knowledge", parts: "list[views.Part]") -> Iterable[str]:
    from rules.views import framework_names

    names = framework_names(knowledge)
    for group in (*(one.id for one in knowledge.frameworks), None):
        found = [one for one in parts if (group in one.frameworks if group else not one.frameworks)]
        if not found:
            continue
        yield names[group] if group else "With any framework"
        for one in found:
            more = f" Now: {one.successor}." if one.successor else ""
            cited = f" Articles {', '.join(map(str, one.articles))}." if one.articles else ""
            yield from _columns(
                f"  {one.name:28.28} {one.kind:9} {one.lifecycle:12}",
                [f"{one.summary}{more}{cited}"],
                53,
                WIDTH - 55,
            )
        yield ""


def _personas(knowledge: "Knowledge", rows: "tuple[views.PersonaRow, ...]") -> Iterable[str]:
    for row in rows:
        yield from textwrap.wrap(f"{row.id}: {row.who}", WIDTH, subsequent_indent="  ")
        winner = " or ".join(row.winner) or "nobody"
        kind = f" ({' or '.join(row.kind)})" if row.kind else ""
        yield from _bullet(f"{winner}{kind}. {row.reason}")


def _then_and_now(knowledge: "Knowledge", rows: "tuple[views.ThenAndNow, ...]") -> Iterable[str]:
    for row in rows:
        mark = {"holds": "=", "partly": "~", "changed": "!", "open": " "}[row.outcome]
        yield from textwrap.wrap(f"{mark} {row.article}: {row.leaf}", WIDTH, subsequent_indent="  ")
        yield from _bullet(f"Then: {row.then}")
        since = f" (since {row.since})" if row.since else ""
        yield from _bullet(f"Now: {row.now}{since}")
        for reason in row.because:
            yield from _bullet(f"Because: {reason}")
        yield f"    {row.grade}, {row.as_of}, {row.source}"
    if len(rows) > 1:
        yield ""
        yield "= still holds   ~ in part   ! changed"


def _concepts(knowledge: "Knowledge", concepts: "tuple[Concept, ...]") -> Iterable[str]:
    width = max(len(one.id) for one in concepts)
    for one in concepts:
        yield from _columns(one.id, [f"{one.name}: {one.text}"], width, WIDTH - width - 2)


def _concept(knowledge: "Knowledge", concept: "Concept") -> Iterable[str]:
    from rules.views import sourced

    names = {one.id: one.name for one in knowledge.concepts}
    names |= {one.id: one.name for one in knowledge.criteria}
    names |= {one.id: one.topic for one in knowledge.questions}
    told = sourced(knowledge)
    yield concept.name + (f" ({', '.join(concept.also)})" if concept.also else "")
    yield from textwrap.wrap(concept.text, WIDTH)
    yield ""
    yield from textwrap.wrap(f"For the choice: {concept.choice}", WIDTH)
    for title, ids in (
        ("Criteria", concept.criteria),
        ("Questions", concept.questions),
        ("See also", concept.related),
    ):
        if ids:
            yield from textwrap.wrap(f"{title}: {', '.join(names[one] for one in ids)}", WIDTH)
    for name in concept.facts:
        one = told[name]
        yield from _bullet(f"{one.text} ({one.grade}, {one.as_of}, {one.source})")


def _claim(claim: "Claim") -> Iterable[str]:
    yield from textwrap.wrap(f"Then: {claim.said}", WIDTH)
    yield from textwrap.wrap(f"Now: {claim.now}", WIDTH)
    since = f"since {claim.since}, " if claim.since else ""
    yield f"{claim.verdict}, {since}{claim.grade}, {claim.as_of}, {claim.source}"


def _questions(knowledge: "Knowledge", questions: Iterable[Any]) -> Iterable[str]:
    from rules.views import sourced

    told = sourced(knowledge)
    for one in questions:
        yield one.question
        yield from textwrap.wrap(one.answer, WIDTH, initial_indent="  ", subsequent_indent="  ")
        for name in one.facts:
            yield from _bullet(f"{told[name].text} ({told[name].as_of}, {told[name].source})")
        yield ""


def _bullet(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  - ", subsequent_indent="    ")
