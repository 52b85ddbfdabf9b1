"""Make a report out of a recommendation, the knowledge behind it and the machine file.

Pure: the same inputs give the same report. What is said is settled here; how it looks is not.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import app
from app.report.checksums import checksums
from app.report.context import Context, context_of
from app.report.decided import (
    conflicts_section,
    flips_section,
    lifecycle_section,
    ranking_section,
    ruled_out_section,
    sure_section,
    why_not_section,
    why_section,
)
from app.report.document import FrameworkShown, Report, Section, StarterRun
from app.report.given import answers_section, replay_section, sources_section
from app.report.measured import limits_section, measurements_section
from app.report.planned import plan_section
from app.report.redaction import redact_machine, redact_recommendation, redact_starter
from app.report.summary import record_of, summary_of
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
) -> Report:
    """The report; with `redact`, without host and user names, paths and device ids."""
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
        recommendation = redact_recommendation(recommendation, machine)
        machine = redact_machine(machine) if machine else None
        run = redact_starter(run) if run else None
    context = context_of(recommendation, knowledge, machine, run)
    sections = [section(context) for section in SECTIONS]
    return Report(
        title="Which deep-learning framework: a decision record",
        program_version=app.VERSION,
        redacted=redact,
        summary=summary_of(context),
        record=record_of(context),
        sections=tuple(section for section in sections if section is not None),
        names=context.names,
        recommendation=recommendation,
        machine=machine,
        machine_counted=context.machine_counted,
        starter=run,
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
        checksums=checksums(recommendation, machine, context.facts),
    )


SECTIONS: tuple[Callable[[Context], Section | None], ...] = (
    sure_section,
    why_section,
    ranking_section,
    why_not_section,
    ruled_out_section,
    lifecycle_section,
    conflicts_section,
    flips_section,
    plan_section,
    measurements_section,
    limits_section,
    answers_section,
    sources_section,
    replay_section,
)
