"""The section that sets the advice of older guides beside what the rules say today."""

from collections.abc import Sequence
from datetime import date

from app.report.context import GRADE_WORDS, Context, columns, paragraph, source_line
from app.report.document import Block, Line, Section, Table
from app.report.published import published_table
from app.report.words import counted, sentence
from rules.views import ThenAndNow, then_and_now_for

MOST = 6
"""The most specific ones; the knowledge browser has all."""


def then_and_now_section(context: Context) -> Section | None:
    recommendation = context.recommendation
    told = then_and_now_for(
        context.knowledge, recommendation.answers, date.fromisoformat(recommendation.made.today)
    )
    published = published_table(context)
    measured = () if published is None else (published,)
    if not told:
        return _section(measured) if measured else None
    # Stable: what differs comes first, and the most specific of it before the rest.
    groups = _alike(sorted(told, key=lambda one: not one.differs))
    changed = sum(one.differs for one in told)
    left = ""
    if len(groups) > MOST:
        left = " What concerns you most is shown; the knowledge browser has all of it."
    return _section(
        (
            paragraph(
                f"{counted(len(told), 'piece')} of older advice "
                f"{'concerns' if len(told) == 1 else 'concern'} answers like yours; "
                f"{changed} of {'it' if len(told) == 1 else 'them'} no longer "
                f"{'holds' if changed == 1 else 'hold'} as it was given.{left} Today’s side is "
                "decided anew for each by the same rules as this report."
            ),
            Table(
                caption="Older advice on cases like yours, and today’s",
                columns=columns("About", "Then", "Today", "Because", "Grade", "Source"),
                rows=tuple(_row(group[0], len(group) - 1) for group in groups[:MOST]),
            ),
            *measured,
        )
    )


def _section(blocks: tuple[Block, ...]) -> Section:
    return Section(
        id="then-and-now", title="What older guides say, and what holds today", blocks=blocks
    )


def _alike(told: Sequence[ThenAndNow]) -> list[list[ThenAndNow]]:
    """What names the same then and now for the same reason, told once; the most specific first."""
    groups: dict[tuple[object, ...], list[ThenAndNow]] = {}
    for one in told:
        same = (one.then_frameworks, one.now, one.because[:1]) if one.kind == "advice" else one.id
        groups.setdefault((one.kind, same), []).append(one)
    return list(groups.values())


def _row(one: ThenAndNow, others: int) -> tuple[Line, ...]:
    about = sentence(one.leaf) if one.kind == "advice" else f"A claim, {one.leaf} today."
    if others:
        about += f" {counted(others, 'other piece', 'other pieces')} of advice said the same."
    return (
        Line(text=about),
        Line(text=f"{sentence(one.then)} {one.article}."),
        Line(text=sentence(one.now), tone="warn" if one.differs else "plain"),
        Line(text=sentence(one.because[0]) if one.because else "—"),
        Line(text=GRADE_WORDS[one.grade]),
        source_line(one.source, one.as_of),
    )
