"""Make a report out of a recommendation, the knowledge behind it and the machine file.

Pure: the same inputs give the same report. What is said is settled here; how it looks is not.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import app
from app.installing.lines import without_secrets
from app.installing.results import Verification
from app.report.analysed import break_even_section, memory_section, roofline_section
from app.report.checksums import checksums
from app.report.context import Context, context_of
from app.report.decided import (
    conflicts_section,
    flips_section,
    lifecycle_section,
    ranking_section,
    ruled_out_section,
    sure_section,
    why_section,
)
from app.report.document import FrameworkShown, Report, Section, StarterRun
from app.report.given import answers_section, replay_section
from app.report.measured import limits_section, measurements_section
from app.report.one_page import one_page_sections
from app.report.options import drivers_section, options_section
from app.report.planned import plan_section
from app.report.redaction import (
    redact_installation,
    redact_machine,
    redact_notes,
    redact_recommendation,
    redact_starter,
    redact_what_if,
)
from app.report.sources import sources_section
from app.report.summary import record_of, summary_of
from app.report.then_and_now import then_and_now_section
from app.report.tried import notes_section, what_ifs_section
from app.what_ifs import WhatIf
from probes.results import Machine
from rules.model import Knowledge
from rules.recommendation import Recommendation


class StarterOutcome(Protocol):
    """What a run of the starter project gives."""

    @property
    def returncode(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def metrics(self) -> Mapping[str, float]: ...
    @property
    def versions(self) -> Mapping[str, str]: ...
    @property
    def tail(self) -> Sequence[str]: ...
    @property
    def cancelled(self) -> bool: ...


def build(
    recommendation: Recommendation,
    knowledge: Knowledge,
    machine: Machine | None = None,
    starter: StarterOutcome | None = None,
    redact: bool = False,
    what_ifs: Sequence[WhatIf] = (),
    notes: str = "",
    installation: Verification | None = None,
) -> Report:
    """The report; with `redact`, without host and user names, paths, device ids and notes.

    `what_ifs` are those that were tried, `notes` what the user wrote: both are shown and count for
    nothing. `installation` is left out where it was asked for another line than the one here.
    """
    installation = _of_this_line(installation, recommendation)
    tried = tuple(what_ifs)
    run = None
    if starter is not None:
        run = StarterRun(
            returncode=starter.returncode,
            seconds=starter.seconds,
            metrics=dict(starter.metrics),
            versions=dict(starter.versions),
            tail=tuple(starter.tail),
            cancelled=starter.cancelled,
        )
    if redact:
        tried = tuple(redact_what_if(one) for one in tried)
        notes = redact_notes(notes)
        recommendation = redact_recommendation(recommendation, machine)
        machine = redact_machine(machine) if machine else None
        run = redact_starter(run) if run else None
        installation = redact_installation(installation) if installation else None
    context = context_of(recommendation, knowledge, machine, run, tried, notes, installation)
    sections = [section(context) for section in SECTIONS]
    return Report(
        title="Which deep-learning framework: a decision record",
        program_version=app.VERSION,
        redacted=redact,
        summary=summary_of(context),
        record=record_of(context),
        sections=tuple(section for section in sections if section is not None),
        one_page=one_page_sections(context),
        names=context.names,
        recommendation=recommendation,
        machine=machine,
        machine_counted=context.machine_counted,
        starter=run,
        installation=installation,
        what_ifs=tried,
        notes=notes,
        facts=context.facts,
        frameworks=tuple(
            FrameworkShown(
                id=one.id,
                name=one.name,
                lifecycle=one.lifecycle,
                first_release=one.first_release,
                latest_release=one.latest_release,
                best_at=one.best_at,
                worst_at=one.worst_at,
            )
            for one in knowledge.frameworks
        ),
        checksums=checksums(recommendation, machine, context.facts, tried, notes, installation),
    )


def _of_this_line(
    installation: Verification | None, recommendation: Recommendation
) -> Verification | None:
    stack = recommendation.stack
    if installation is None or stack is None or stack.install is None:
        return None
    line = without_secrets(stack.install.command.strip())
    return installation if installation.line == line else None


# In the order in which a person who has to defend the choice is asked: is it sure, why, why not
# another, what would change it, what do we do; then what it rests on, for who checks.
SECTIONS: tuple[Callable[[Context], Section | None], ...] = (
    sure_section,
    conflicts_section,
    why_section,
    drivers_section,
    ranking_section,
    options_section,
    ruled_out_section,
    flips_section,
    what_ifs_section,
    plan_section,
    notes_section,
    then_and_now_section,
    measurements_section,
    roofline_section,
    memory_section,
    break_even_section,
    limits_section,
    lifecycle_section,
    answers_section,
    sources_section,
    replay_section,
)
