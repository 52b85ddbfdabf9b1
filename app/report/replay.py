"""Recompute a report's decision from what its JSON holds, and say where the two differ.

Pure: the knowledge to replay with is loaded by the caller and trusted; the report is not.
"""

from datetime import date
from typing import Literal

import msgspec

import rules
from app import VERSION
from app.advice import measurements_of
from app.report.building import build
from app.report.checksums import checksums
from app.report.context import facts_used
from app.report.differences import Difference, differences
from app.report.document import Part, Report, ReportError
from app.report.words import LONGEST_LINE, counted, one_line
from rules.loading import AnswersError, check_answers
from rules.model import Answers, Knowledge, Measurements
from rules.recommendation import Recommendation

MOST_DRAWS = 100_000
"""Ten times what the program draws; more than that would only cost a reader memory."""

Cause = Literal["edited", "program", "knowledge", "fact", "result"]

CAUSE_WORDS: dict[Cause, str] = {
    "edited": "Edited after the report was written",
    "program": "Made by another version",
    "knowledge": "Other knowledge",
    "fact": "Facts that read differently today",
    "result": "Fields that come out differently",
}


class Found(Part, frozen=True, kw_only=True):
    """A difference, and what kind of thing it says."""

    cause: Cause
    difference: Difference


class Replay(Part, frozen=True, kw_only=True):
    """What came of it. `identical` is about every field of the recommendation."""

    identical: bool
    same_ranking: bool
    """The same frameworks in the same order, and the same verdict."""
    found: tuple[Found, ...]
    statement: str
    """One sentence for a person."""
    recommendation: Recommendation
    """As it comes out now."""


def replay(report: Report, knowledge: Knowledge) -> Replay:
    """Decide again on the report's own date, seed and draws, with the knowledge given.

    Raises ReportError where the report's inputs cannot be decided on.
    """
    before = report.recommendation
    after = decide_again(report, knowledge)
    edited = _edited(report)
    found = [
        # Texts follow from the inputs: after an edit of those, theirs would only hide it.
        *(edited or _texts(report, after, knowledge)),
        *_made_otherwise(report, knowledge),
        *(Found(cause="result", difference=one) for one in _results(before, after)),
    ]
    same_ranking = (
        _order(before) == _order(after)
        and before.verdict.framework == after.verdict.framework
        and before.verdict.kind == after.verdict.kind
    )
    identical = not any(one.cause == "result" for one in found)
    return Replay(
        identical=identical,
        same_ranking=same_ranking,
        found=tuple(found),
        statement=_statement(identical, same_ranking, found),
        recommendation=after,
    )


def lines(result: Replay, most: int = 12) -> list[str]:
    """The outcome as plain lines for a terminal: the statement, then the differences by cause."""
    said = [result.statement]
    for cause, words in CAUSE_WORDS.items():
        entries = [one.difference for one in result.found if one.cause == cause]
        if not entries:
            continue
        said += ["", f"{words}:"]
        said += [f"  {one.field}: {one.before} -> {one.after}" for one in entries[:most]]
        if len(entries) > most:
            said.append(f"  and {counted(len(entries) - most, 'more field')}")
    return [one_line(line, LONGEST_LINE) for line in said]


def measurements_in(report: Report, knowledge: Knowledge) -> Measurements:
    """What of the report's machine file went into its decision."""
    if report.machine is None or report.recommendation.machine is None:
        return Measurements()
    return measurements_of(report.machine, knowledge)


def decide_again(
    report: Report,
    knowledge: Knowledge,
    answers: Answers | None = None,
    today: str | None = None,
    measured_by: Report | None = None,
) -> Recommendation:
    """The report's decision with this knowledge; what is given replaces the report's own input.

    Raises ReportError where that cannot be decided on.
    """
    made = report.recommendation.made
    if not 1 <= made.draws <= MOST_DRAWS:
        raise ReportError(
            f"recommendation.made.draws: {made.draws} is outside 1 to {MOST_DRAWS:,}; "
            "this report cannot be replayed."
        )
    if not 0 <= made.seed < 2**63:
        raise ReportError(f"recommendation.made.seed: {made.seed} is not a seed.")
    day = today or made.today
    try:
        counted_to = date.fromisoformat(day)
    except ValueError as error:
        raise ReportError(
            f"recommendation.made.today: {day[:40]!r} is not a date (YYYY-MM-DD)."
        ) from error
    try:
        checked = check_answers(answers or report.recommendation.answers, knowledge)
    except AnswersError as error:
        raise ReportError(
            f"recommendation.answers: {one_line(str(error))}; "
            "this cannot be decided on with this knowledge."
        ) from error
    return rules.decide(
        knowledge,
        checked,
        measurements_in(measured_by or report, knowledge),
        counted_to,
        draws=made.draws,
        seed=made.seed,
    )


def _edited(report: Report) -> list[Found]:
    now = checksums(
        report.recommendation,
        report.machine,
        report.facts,
        report.what_ifs,
        report.notes,
        report.installation,
    )
    return [
        Found(
            cause="edited",
            difference=Difference(
                field=field,
                before=f"checksum {report.checksums.get(field, '(missing)')}",
                after=f"checksum {now.get(field, '(missing)')}",
            ),
        )
        for field in dict.fromkeys((*report.checksums, *now))
        if report.checksums.get(field) != now.get(field)
    ]


def _made_otherwise(report: Report, knowledge: Knowledge) -> list[Found]:
    found = []
    used = report.recommendation.knowledge
    if report.program_version != VERSION:
        found.append(_other("program", "program_version", report.program_version, VERSION))
    if used.version != knowledge.version:
        found.append(_other("knowledge", "knowledge.version", used.version, knowledge.version))
    if used.hash != knowledge.hash:
        found.append(_other("knowledge", "knowledge.hash", used.hash[:12], knowledge.hash[:12]))
    today = {one.id: one for one in facts_used(report.recommendation, knowledge)}
    for fact in report.facts:
        now = today.get(fact.id)
        if now is None:
            found.append(_other("fact", f"facts.{fact.id}", "here", "(missing)"))
        else:
            found += [
                Found(cause="fact", difference=one)
                for one in differences(
                    msgspec.to_builtins(fact), msgspec.to_builtins(now), f"facts.{fact.id}"
                )
            ]
    return found


def _texts(report: Report, decided: Recommendation, knowledge: Knowledge) -> list[Found]:
    """What the report says and its decision does not: told only with the knowledge it had."""
    same_program = report.program_version == VERSION
    if report.recommendation.knowledge.hash != knowledge.hash or not same_program:
        return []
    again = build(
        decided,
        knowledge,
        report.machine,
        report.starter,
        report.redacted,
        report.what_ifs,
        report.notes,
        report.installation,
    )
    parts = ("title", "summary", "record", "sections", "one_page", "names", "frameworks")
    shown, meant = (
        {part: msgspec.to_builtins(getattr(one, part)) for part in parts} for one in (report, again)
    )
    return [Found(cause="edited", difference=one) for one in differences(shown, meant)]


def _other(cause: Cause, field: str, before: str, after: str) -> Found:
    return Found(cause=cause, difference=Difference(field=field, before=before, after=after))


def _results(before: Recommendation, after: Recommendation) -> list[Difference]:
    """Field by field, but for the versions of what computed it: those are a cause, no result."""
    plain = [msgspec.to_builtins(one) for one in (before, after)]
    for one in plain:
        del one["made"]["versions"]
    return list(differences(plain[0], plain[1]))


def _order(recommendation: Recommendation) -> list[str]:
    return [one.framework for one in recommendation.ranking]


def _statement(identical: bool, same_ranking: bool, found: list[Found]) -> str:
    edited = [one for one in found if one.cause == "edited"]
    known = any(one.cause in ("knowledge", "fact") for one in found)
    if identical and not found:
        return "The same recommendation in every field."
    if edited:
        fields = ", ".join(one.difference.field for one in edited[:3])
        start = f"This report was edited after it was written ({fields}"
        start += f" and {len(edited) - 3} more). " if len(edited) > 3 else "). "
    else:
        start = ""
    if identical:
        return start + "The recommendation comes out the same in every field."
    outcome = (
        "The ranking and the verdict come out the same, other fields do not"
        if same_ranking
        else "The ranking or the verdict comes out differently"
    )
    if known:
        outcome += "; the knowledge is another one than the report was made with"
    elif not edited:
        outcome += (
            "; the inputs are as they were, so that the report’s result was edited or the "
            "program decides otherwise today"
        )
    return f"{start}{outcome}."
