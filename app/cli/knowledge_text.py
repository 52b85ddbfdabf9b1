"""What `knowledge check`, `list` and `diff` print: one line for each thing, columns aligned."""

import os
import textwrap
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.text import WIDTH, table

if TYPE_CHECKING:
    from rules.checking import Checked
    from rules.difference import Difference, EntryChange, Outcome
    from rules.errors import InputError
    from rules.model import Knowledge

LISTS = (
    *("frameworks", "components", "facts", "capabilities", "gates", "questions", "criteria"),
    *("personas", "statements"),
)
MOST = 500
"""Findings that are printed; nobody reads more at once."""
SOURCED = ("facts", "capabilities", "statements")
"""Lists whose entries have a grade."""
AGEING = ("facts", "capabilities")
"""Lists whose entries have a shelf life."""


def check_text(
    checked: "Checked", knowledge: "Knowledge", notes: "Sequence[InputError]" = ()
) -> str:
    """`notes` are told and are no mistakes."""
    lines = [_located(one) for one in checked.mistakes[:MOST]]
    if len(checked.mistakes) > MOST:
        lines.append(f"and {_counted(len(checked.mistakes) - MOST, 'more mistake')}")
    lines += [_located(one) for one in (*notes, *checked.due)[:MOST]]
    facts = sum(len(framework.facts) for framework in knowledge.frameworks)
    summary = (
        f"{len(knowledge.frameworks)} frameworks, {facts} facts, "
        f"{len(knowledge.components)} components, {len(knowledge.personas)} personas: "
        f"{_counted(len(checked.mistakes), 'mistake') if checked.mistakes else 'no mistake'}, "
        f"{len(checked.due)} due for a recheck"
    )
    if not checked.is_complete:
        summary += (
            "\nContradictions, unreachable conditions and personas are checked once these "
            "mistakes are mended."
            if checked.mistakes
            else "\nThere is too much to check all of it: contradictions, unreachable conditions "
            "and personas were not looked for to the end."
        )
    return "\n".join((*lines, summary)) + "\n"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _located(error: "InputError") -> str:
    line = "" if error.line is None else f":{error.line}"
    return f"{near(error.file)}{line}: {error.message}"


def near(file: str) -> str:
    """A file's name as seen from where the user stands, if it is below."""
    here = os.getcwd() + os.sep
    return file.removeprefix(here)


def list_text(
    knowledge: "Knowledge",
    names: Sequence[str],
    today: date,
    *,
    stale: bool = False,
    grade: str | None = None,
    framework: str | None = None,
) -> str:
    """The lists one under the other, each entry a line; only what the filters leave."""
    from rules.errors import one_line

    blocks = []
    for name in names:
        rows = [
            [one_line(cell) for cell in _ROWS[name](entry, today)]
            for owner, entry in _entries(knowledge, name)
            if (framework is None or owner == framework)
            and (grade is None or entry.grade == grade)
            and (not stale or _due(entry, today))
        ]
        if rows:
            blocks.append("\n".join(table(rows)))
    return "\n\n".join(blocks) + "\n" if blocks else "nothing of the kind\n"


def _entries(knowledge: "Knowledge", name: str) -> Iterable[tuple[str | None, Any]]:
    """Framework (for what belongs to one) and entry."""
    if name in AGEING:
        return [(one.id, entry) for one in knowledge.frameworks for entry in getattr(one, name)]
    if name == "frameworks":
        return [(one.id, one) for one in knowledge.frameworks]
    return [(None, one) for one in getattr(knowledge, name)]


def _due(entry: Any, today: date) -> str:
    from rules.ages import months_past

    late = months_past(entry.as_of, entry.shelf_life, today)
    return f"due for {_counted(late, 'month')}" if late else ""


def _when(entry: Any) -> str:
    from rules.entries import conditions_text

    return conditions_text(entry.when) or "always"


_ROWS: dict[str, Callable[[Any, date], tuple[str, ...]]] = {
    "frameworks": lambda one, _: (one.id, one.lifecycle, one.latest_release, one.name),
    "components": lambda one, _: (one.id, one.lifecycle, one.kind, one.name),
    "facts": lambda one, today: (
        *(one.id, f"level {one.level}", one.grade, one.as_of, _due(one, today), _when(one)),
    ),
    "capabilities": lambda one, today: (
        *(one.id, one.state, one.grade, one.as_of, _due(one, today), _when(one)),
    ),
    "gates": lambda one, _: (one.id, one.kind, one.name, f"of {one.owner}" if one.owner else ""),
    "questions": lambda one, _: (
        *(one.id, one.stage, one.text, " ".join(option.id for option in one.options)),
    ),
    "criteria": lambda one, _: (one.id, one.group, f"{one.weight:g}", one.question),
    "personas": lambda one, _: (one.id, " or ".join(one.expect.winner) or "nobody", one.who),
    "statements": lambda one, _: (one.id, one.grade, one.as_of, one.text),
}


def diff_text(
    difference: "Difference",
    before: tuple[str, "Knowledge"],
    after: tuple[str, "Knowledge"],
) -> str:
    """Versions and hashes, then entries by list, then whose advice changes."""
    lines = table(
        [
            (mark, name, f"facts {knowledge.version}", f"hash {knowledge.hash[:12]}")
            for mark, (name, knowledge) in (("-", before), ("+", after))
        ]
    )
    if not difference.entries and not difference.reordered:
        return "\n".join([*lines, "", "They say the same."]) + "\n"
    listed = ""
    for one in difference.entries:
        if one.list != listed:
            listed = one.list
            lines += ["", listed]
        lines += _change_lines(one)
    for name in difference.reordered:
        lines += ["", f"The {name} stand in another order."]
    lines += ["", *_persona_lines(difference)]
    return "\n".join(lines) + "\n"


def _change_lines(one: "EntryChange") -> list[str]:
    from rules.errors import one_line

    mark = {"added": "+", "removed": "-", "changed": "~"}[one.how]
    gist = f": {one_line(one.gist, 200)}" if one.gist and one.gist not in one.name else ""
    # Install lines and risks are named by their list already; the heading says it.
    lines = [f"  {mark} {one.name.removeprefix(one.list + ': ')}{gist}"]
    for field in one.fields:
        before, after = (
            "nothing" if value is None else one_line(value, 200) or "nothing"
            for value in (field.before, field.after)
        )
        lines.append(f"      {field.field}: {before} -> {after}")
    if one.personas:
        indent = " " * 6
        text = f"bears on other advice for {', '.join(one.personas)}"
        lines += textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")
    return lines


def _persona_lines(difference: "Difference") -> list[str]:
    if not difference.personas:
        return [f"None of {difference.personas_compared} personas gets another advice."]
    changed = len(difference.personas)
    lines = [f"{changed} of {difference.personas_compared} personas get another advice:"]
    rows = [
        ("  " + one.id, f"{_outcome(one.before)} -> {_outcome(one.after)}")
        for one in difference.personas
    ]
    return lines + table(rows)


def _outcome(outcome: "Outcome") -> str:
    return f"{outcome.framework or 'nobody'} ({outcome.kind})"


def folder_name(folder: Path) -> str:
    from rules.errors import one_line

    return one_line(str(folder), 200)
