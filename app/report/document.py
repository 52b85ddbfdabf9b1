"""What a report is: one document, as frozen structs, that every writer turns into its format.

Text here is plain text; escaping, layout and colour are the writers' business. Nothing here knows
how a section comes about or how it is written.
"""

from typing import Literal

import msgspec

from app.installing.results import Verification
from app.what_ifs import WhatIf
from probes.results import Machine
from rules.model import Grade
from rules.recommendation import Recommendation

SCHEMA = "framework-advisor/report/1"

Tone = Literal["plain", "muted", "good", "warn", "bad"]
ChartName = Literal[
    "ranking",
    "shares",
    "contributions",
    "flips",
    "measurements",
    "roofline",
    "memory",
    "break_even",
    "lifecycle",
]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all that a report is made of."""


class Origin(Part, frozen=True, kw_only=True):
    """Where a statement comes from; shown small beside it."""

    source: str
    as_of: str
    grade: Grade | None = None


class Line(Part, frozen=True, kw_only=True):
    """A sentence, a list item or a table's cell."""

    text: str
    tone: Tone = "plain"
    strong: str = ""
    """Said before the text, and stressed."""
    link: str | None = None
    """An address for the text; the writers link http and https and nothing else."""
    origin: Origin | None = None
    framework: str | None = None
    """Whose colour and marker stand beside the text."""


class Paragraph(Part, frozen=True, kw_only=True, tag="paragraph"):
    line: Line


class Bullets(Part, frozen=True, kw_only=True, tag="bullets"):
    items: tuple[Line, ...]
    numbered: bool = False


class Subheading(Part, frozen=True, kw_only=True, tag="subheading"):
    text: str


class Command(Part, frozen=True, kw_only=True, tag="command"):
    """Something to copy and run."""

    text: str
    note: str | None = None


class Column(Part, frozen=True, kw_only=True):
    title: str
    numeric: bool = False


class Table(Part, frozen=True, kw_only=True, tag="table"):
    """The first cell of a row is its heading."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Line, ...], ...]
    folded: bool = False
    """Long, or for those who want to check: closed at first where a format can do that."""


class Chart(Part, frozen=True, kw_only=True, tag="chart"):
    """Drawn from the report's own recommendation and machine when it is written."""

    name: ChartName
    subject: str = ""
    """Of what: a workload or a device, where there is one chart for each."""
    caption: str
    alt: str
    """What it shows, in words, for who does not see it."""
    table: Table
    """The same figures; formats without pictures have only this."""


Block = Paragraph | Bullets | Subheading | Command | Table | Chart


class Section(Part, frozen=True, kw_only=True):
    id: str
    title: str
    blocks: tuple[Block, ...]


class Summary(Part, frozen=True, kw_only=True):
    """The first screen: what, how sure, why, what to do next."""

    framework: str | None
    what: str
    how_sure: str
    sure_tone: Tone
    how_sure_detail: str
    evidence: str
    """One line: measured here or not, how old."""
    why: tuple[Line, ...]
    next_steps: tuple[Line, ...]
    install: Command | None
    review_by: str | None


class OptionShown(Part, frozen=True, kw_only=True):
    """One of the options considered, with what speaks for and against it under these answers."""

    framework: str
    outcome: Literal["chosen", "ranked", "ruled out"]
    good: tuple[str, ...]
    bad: tuple[str, ...]


class DecisionRecord(Part, frozen=True, kw_only=True):
    """What a decision record opens with, before the details."""

    context: tuple[Line, ...]
    """The answers that were given."""
    drivers: tuple[Line, ...]
    """The criteria that weigh most."""
    options: tuple[OptionShown, ...]


class FactUsed(Part, frozen=True, kw_only=True):
    """A statement that the decision rests on, as it stood in the knowledge base."""

    id: str
    about: str
    """Framework id, or empty for a statement of its own."""
    criterion: str | None
    level: int | None
    grade: Grade
    text: str
    source: str
    as_of: str
    stale: bool = False
    overridden: bool = False


class FrameworkShown(Part, frozen=True, kw_only=True):
    """What a chart or a table says of a framework beside its score."""

    id: str
    name: str
    lifecycle: str
    first_release: str
    latest_release: str
    best_at: str
    worst_at: str


class StarterRun(Part, frozen=True, kw_only=True):
    """How the starter project ran, where it was run."""

    returncode: int
    seconds: float
    metrics: dict[str, float]
    versions: dict[str, str]
    tail: tuple[str, ...]
    cancelled: bool = False


class Report(Part, frozen=True, kw_only=True):
    """The document, and beside it all that redraws its charts and replays its decision."""

    schema: str = SCHEMA
    title: str
    program_version: str
    redacted: bool
    summary: Summary
    record: DecisionRecord
    sections: tuple[Section, ...]
    one_page: tuple[Section, ...] = ()
    """What stands below the summary where one page is asked for; short by count and by length."""
    names: dict[str, str]
    """Names for people of all ids that are shown."""
    recommendation: Recommendation
    machine: Machine | None
    machine_counted: bool
    """Whether the machine file went into the decision, or is only shown."""
    starter: StarterRun | None
    installation: Verification | None = None
    """What a package resolver said of this report's install line, and when."""
    what_ifs: tuple[WhatIf, ...] = ()
    """Those that were tried on the way, in their order."""
    notes: str = ""
    """What the user wrote on the decision, as it was written."""
    facts: tuple[FactUsed, ...]
    frameworks: tuple[FrameworkShown, ...]
    checksums: dict[str, str]
    """Of the inputs, by field; they find an edit that was not meant to be hidden."""


class ReportError(ValueError):
    """A report that cannot be written or read; the text says what, where and what to do."""
