"""What the knowledge base, the answers and the measurements are, as frozen structs.

The files under `knowledge/` decode into these and into nothing else, so this module is the format's
definition. It knows nothing of how a decision is made, of probes or of a window.
"""

from typing import Literal

import msgspec

Level = Literal[0, 1, 2, 3, 4]
Grade = Literal["measured", "official", "reported", "judgement", "unknown"]
ShelfLife = Literal["version", "state", "lasting"]
"""How fast a fact ages: versions in 3 months, states in 12, the rest in 24."""
Lifecycle = Literal["active", "maintenance", "stalled", "retired"]
WheelState = Literal["current", "capped", "none"]
"""`capped`: the last release that works is under twelve months old; a warning, not a gate."""

Conditions = dict[str, str | tuple[str, ...]]
"""Question id -> option or options: all keys must match, several options mean any of them."""


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of all that is read from a file: immutable, and a key nobody knows is an error."""


class Source(Record, frozen=True, kw_only=True):
    """Where a statement comes from, and the month in which that was so."""

    source: str
    """An address, or package metadata as in `PyPI: torch 2.15.0`, or `editorial`."""
    as_of: str
    """Month, `YYYY-MM`."""


class Fact(Record, frozen=True, kw_only=True):
    """One sourced statement about one framework that sets the level of one criterion.

    Among a framework's facts for a criterion those apply whose `when` matches the answers; of these
    the most specific (most keys in `when`) count, and their mean is the value.
    """

    id: str
    """Unique in the whole base: `<framework>.<criterion>[.<word>]`."""
    criterion: str
    level: Level
    when: Conditions = {}
    grade: Grade
    """How well the fact itself is known."""
    step_grade: Grade = "judgement"
    """How well the step from the fact to the level is known. Shown; the half level of spread that
    every value has stands for it. Most steps are judgements: taken as the spread, they would leave
    no difference between what is sourced and what is not."""
    shelf_life: ShelfLife = "state"
    reason: str
    """One sentence for a person, in our own words; it can stand alone."""
    source: str
    as_of: str


class Capability(Record, frozen=True, kw_only=True):
    """One sourced statement on what a framework can do at all; gates read these, scores never.

    Of the capabilities of a kind those count whose `when` matches; the most specific wins. Where
    none matches, nothing is known: a gate never closes on that.
    """

    id: str
    """Unique in the whole base: `<framework>.<capability>.<word>`."""
    capability: str
    """`training_device` `platform` `python` `deployment` `work` or another that a gate names."""
    state: WheelState
    when: Conditions = {}
    grade: Grade
    shelf_life: ShelfLife = "state"
    reason: str
    source: str
    as_of: str
    fix: str | None = None
    """What a person can do about it (WSL2, another Python, a cloud machine)."""


class Derivation(Record, frozen=True, kw_only=True):
    """What rests on other frameworks and is computed from theirs, never copied.

    For a capability the best state among `from_frameworks` that the framework's own entries do not
    forbid; for a criterion the highest of their values.
    """

    capabilities: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    from_frameworks: tuple[str, ...]
    reason: str


class SpeakingModes(Record, frozen=True, kw_only=True):
    """The measured mode that speaks for a framework."""

    training: str | None = None
    inference: str | None = None


class InstallLine(Record, frozen=True, kw_only=True):
    """How to install it, where `when` matches; the most specific line wins."""

    when: Conditions = {}
    command: str
    note: str | None = None
    source: str
    as_of: str


class Stated(Source, frozen=True, kw_only=True):
    """A sourced sentence that no score reads: something to be told, and where it stands."""

    text: str


class Profile(Record, frozen=True, kw_only=True):
    """What a framework is like to work with, to be read and compared; no score comes from it.

    None means that no source was found that says it: shown as "not recorded".
    """

    origin: Stated | None = None
    """Who made it, and when it first came out."""
    execution: Stated | None = None
    """Execution model: eager, graph, lazy, and how it compiles."""
    differentiation: Stated | None = None
    """Automatic differentiation: tape or transformations, and which modes."""
    distributed: Stated | None = None
    """The interfaces for several devices and several machines."""
    mixed_precision: Stated | None = None
    languages: Stated | None = None
    """The languages it can be programmed in."""
    input_pipeline: Stated | None = None
    """How data comes to the model."""
    tracking: Stated | None = None
    """What it brings for experiment trackers."""
    adoption: Stated | None = None
    """Dated evidence of use, for the questions of help and hiring."""
    cost: Stated | None = None
    """What is known to cost money or effort beyond the hours of work."""


class Framework(Record, frozen=True, kw_only=True):
    """One file of `knowledge/frameworks/`; the file's name is the id."""

    id: str
    name: str
    known_as: str | None = None
    """Its name whatever the version, where `name` says one: for what was before that."""
    maker: str
    first_release: str
    latest_release: str
    licence: str
    homepage: str
    summary: str
    lifecycle: Lifecycle
    lifecycle_reason: str
    lifecycle_source: str
    lifecycle_as_of: str
    successor: str | None = None
    """Framework or component id to move to, where the state calls for it."""
    niche: str | None = None
    """Why it need not be first in any persona, for those with a small field."""
    best_at: str
    worst_at: str
    speaking_modes: SpeakingModes = SpeakingModes()
    profile: Profile = Profile()
    install: tuple[InstallLine, ...] = ()
    derived: tuple[Derivation, ...] = ()
    facts: tuple[Fact, ...] = ()
    capabilities: tuple[Capability, ...] = ()


class DriverFloor(Source, frozen=True, kw_only=True):
    """The oldest driver that runs what was built with a version of an accelerator's platform."""

    id: str
    platform: Literal["cuda"]
    major: str
    """Of the platform's version: `13` stands for 13.0, 13.1 and so on."""
    oldest_driver: str
    """As in `580` or `525.60`."""


class ExitInstall(InstallLine, frozen=True, kw_only=True):
    """How to install what an exit leads to."""

    framework: str
    """The exit's id."""


class Option(Record, frozen=True, kw_only=True):
    id: str
    text: str
    help: str = ""


class Question(Record, frozen=True, kw_only=True):
    """One question; `unknown` is always an option besides those listed and is never listed."""

    id: str
    stage: Literal["core", "machine", "later"]
    text: str
    help: str
    why: str
    """Why it is asked: what the answer can change."""
    topic: str
    """One or two words above the question and in the list of questions."""
    multiple: bool = False
    ask_when: Conditions = {}
    prefill_when: Conditions = {}
    """The machine's facts may fill it in only where this holds."""
    options: tuple[Option, ...]


class Group(Record, frozen=True, kw_only=True):
    id: str
    name: str
    weight: float
    """Before importance, weight rules and normalisation."""


class Criterion(Record, frozen=True, kw_only=True):
    id: str
    group: str
    name: str
    phrase: str = ""
    """As it stands inside a sentence, as in "behind most in ..."; the name where it is left out."""
    question: str
    """What it asks of a framework, in one plain sentence."""
    weight: float
    """Inside its group, before importance, weight rules and normalisation."""
    levels: tuple[str, str, str, str, str]
    """The sentence a person sees for level 0 to 4."""
    over: str | None = None
    """The question with several options that it is valued for, option by option."""
    combine: Literal["mean", "worst", "primary"] = "mean"
    """How several options of `over` combine; `primary`: the first has half of the weight."""
    unless: Conditions = {}
    """Where this holds there is nothing to judge, so it weighs nothing."""


class WeightRule(Record, frozen=True, kw_only=True):
    """An answer that makes a group or criterion matter more or less."""

    id: str
    when: Conditions
    target: str
    """Group or criterion id."""
    factor: float
    reason: str


class Gate(Record, frozen=True, kw_only=True):
    """Rules a framework out before any scoring.

    With `capability`, it closes where that capability's state is `none` for the answers (for a
    question with several options, for any of them); with `lifecycle`, where the state is listed.
    `must_use` and `exclude` need no entry in a framework's file: they read the answers. A
    `house_rule` closes for the frameworks it lists: somebody in the user's house decided so.
    `broken_here` closes on what was tried on this machine and does not run.
    """

    id: str
    name: str
    reason: str
    """Said where the capability itself has no sentence."""
    kind: Literal["capability", "lifecycle", "must_use", "exclude", "house_rule", "broken_here"]
    capability: str | None = None
    over: str | None = None
    """The question with several options to look at one by one."""
    lifecycle: tuple[Lifecycle, ...] = ()
    when: Conditions = {}
    """Only where this holds (`existing_code` may soften a gate, say)."""
    frameworks: tuple[str, ...] = ()
    """Those that a house rule rules out."""
    owner: str | None = None
    """Who in the user's house decided this; said before the reason."""
    as_of: str | None = None
    """Month of a house rule, `YYYY-MM`."""
    source: str | None = None
    """Where a house rule is written down, if it is."""
    fix: str | None = None
    """The way out of a house rule; without one, its owner is named."""


class Conflict(Record, frozen=True, kw_only=True):
    """Answers that cannot, or hardly, be true together."""

    id: str
    when: Conditions
    severity: Literal["impossible", "odd"]
    question: str
    """The question to ask back."""
    reading: str
    """How the answers are read until it is repaired, in words."""
    set: dict[str, str] = {}
    """That reading as answers: what replaces what was given."""


class Exit(Record, frozen=True, kw_only=True):
    """An honest way out before any scoring; the first whose `when` holds is taken."""

    id: Literal["classical", "runtime"]
    name: str
    when: Conditions
    unless: Conditions = {}
    reason: str
    facts: tuple[str, ...]
    """Ids of the statements it rests on."""


class Statement(Record, frozen=True, kw_only=True):
    """A sourced statement that belongs to no single framework."""

    id: str
    when: Conditions = {}
    """An exit tells it where this holds; where none of its statements does, it tells them all."""
    text: str
    grade: Grade
    source: str
    as_of: str


class Component(Record, frozen=True, kw_only=True):
    """A library on top, a delivery tool or a tracker: part of a stack, never ranked."""

    id: str
    name: str
    kind: Literal["library", "delivery", "serving", "tracker", "data", "classical"]
    lifecycle: Lifecycle
    frameworks: tuple[str, ...] = ()
    """Those it works with; empty means any."""
    packages: tuple[str, ...] = ()
    """Distribution names, to be found in an environment or in requirements."""
    summary: str
    first_release: Stated | None = None
    """As in `0.1.0 (2020-04)`; None where no source says it."""
    last_release: Stated | None = None
    """The newest one, as in `0.18.0 (2024-04)`; None where there are no releases of its own, or no
    source says it."""
    also_known_as: tuple[str, ...] = ()
    """Other names that people search for: earlier ones, short ones, spellings."""
    successor: str | None = None
    move: str | None = None
    """How to move to the successor, where the state calls for it."""
    source: str
    as_of: str


class CodeSign(Source, frozen=True, kw_only=True):
    """What tells an `existing_code` option that is no framework by its name: old versions of one,
    as requirements pin them."""

    code: str
    """An `existing_code` option."""
    framework: str
    below: str
    """The requirement allows no version from this one on."""
    lifecycle: Lifecycle
    text: str
    """What is to be known of that line of versions, in one sentence."""
    successor: str
    """Framework or component id to move to."""
    move: str


class DeliveryPath(Record, frozen=True, kw_only=True):
    """One way from a framework to a deployment target; the first that matches is chosen."""

    framework: str
    target: str
    """A `deployment` option."""
    delivery: str
    """Component id of the runtime."""
    steps: str
    """What to do, in one sentence."""
    packages: tuple[str, ...] = ()
    warning: str | None = None
    grade: Grade
    source: str
    as_of: str


class StackRule(Record, frozen=True, kw_only=True):
    """The training library, tracker or serving part to propose with a framework or exit."""

    id: str
    frameworks: tuple[str, ...] = ()
    """Those it goes with (exits included); empty means any."""
    when: Conditions = {}
    part: Literal["training", "data", "tracking", "serving"]
    component: str
    reason: str
    apart: bool = False
    """Its package pins others: it is not installed into the environment of the framework."""


class Phase(Record, frozen=True, kw_only=True):
    """A step of the plan, shown where `when` matches."""

    id: str
    title: str
    text: str
    when: Conditions = {}
    frameworks: tuple[str, ...] = ()
    """Those it goes with (exits included); empty means any."""
    not_with: tuple[str, ...] = ()
    """Those it makes no sense with, exits mostly."""


class Migration(Record, frozen=True, kw_only=True):
    """From existing code to a framework or an exit; either end may be `any`."""

    from_code: str
    """An `existing_code` option, or `any`."""
    to: str
    effort: Literal["none", "small", "medium", "large"]
    text: str
    first_steps: tuple[str, ...]
    source: str
    as_of: str


class Risk(Record, frozen=True, kw_only=True):
    """A dated risk to say aloud, for a framework and answers."""

    framework: str
    when: Conditions = {}
    text: str
    source: str
    as_of: str
    component: str | None = None
    """Said only where this component is in use or in the stack."""


class Learning(Record, frozen=True, kw_only=True):
    framework: str
    when: Conditions = {}
    """For whom it is; without conditions for all of that level."""
    level: Literal["beginner", "intermediate", "expert"]
    title: str
    author: str
    link: str
    as_of: str


class Article(Record, frozen=True, kw_only=True):
    """One of the older guides whose advice many arrive with; told in our words, never quoted."""

    id: str
    number: int
    title: str
    """A short title of ours."""
    year: str
    """As far as it can be told: `2024`, `2023 or 2024`."""
    assumes: dict[str, str | tuple[str, ...]]
    """Answers that it takes for granted; they complete those of its leaves."""
    first_releases: dict[str, str] = {}
    """Framework id -> the year it gives."""


class Advice(Record, frozen=True, kw_only=True):
    """One leaf of an article's guidance: for whom, and which framework it named.

    What the rules say today is computed from the answers and stored nowhere.
    """

    id: str
    article: str
    part: Literal["tree", "guide", "team", "hardware", "field", "strategy", "question"]
    leaf: str
    """For whom, in a few words."""
    said: str
    """What the article advised, in our words."""
    frameworks: tuple[str, ...] = ()
    """Those it named, the preferred one first; empty where it named none."""
    when: Conditions
    """The answers that it concerns."""
    answers: dict[str, str | tuple[str, ...]]
    """The leaf as answers to decide on; the article's `assumes` complete them."""
    facts: tuple[str, ...] = ()
    """Ids of the facts, capabilities and statements that changed the advice, or still carry it."""


class Claim(Record, frozen=True, kw_only=True):
    """A single statement of those years, and what is known of it today."""

    id: str
    articles: tuple[str, ...] = ()
    """Who made it; empty for what was said everywhere."""
    said: str
    now: str
    verdict: Literal["wrong", "stale", "unsupported", "partly", "holds"]
    since: str | None = None
    """Since when it is as it is now: a year, or a month `YYYY-MM`; None where that has no date."""
    when: Conditions = {}
    """The answers that it concerns; empty for what concerns everybody a little."""
    frameworks: tuple[str, ...] = ()
    """Those it is about."""
    grade: Grade
    source: str
    as_of: str


class StarRow(Record, frozen=True, kw_only=True):
    """One row of an article's matrix of needs: the stars it gave, and which criteria of ours ask
    the same."""

    id: str
    article: str
    name: str
    criteria: tuple[str, ...]
    said: dict[str, int]
    """Framework id -> stars, 1 to 5."""


class ToolRow(Record, frozen=True, kw_only=True):
    """One row of an article's table of tools."""

    id: str
    article: str
    purpose: str
    named: dict[str, tuple[str, ...]]
    """Framework id -> component ids."""


class ShareClaim(Record, frozen=True, kw_only=True):
    """Shares of a market that an article printed without a source: shown as just that."""

    id: str
    article: str
    year: str
    shares: dict[str, float]
    """Framework id -> percent."""


class Signal(Record, frozen=True, kw_only=True):
    """Dated evidence of use with a source; none of it is a share of a market, none is scored."""

    id: str
    name: str
    unit: str
    values: dict[str, float]
    """By framework id."""
    note: str
    """How far it can be trusted."""
    grade: Grade
    source: str
    as_of: str


class Concept(Record, frozen=True, kw_only=True):
    """What a person has to know to follow the questions and the reasons."""

    id: str
    name: str
    also: tuple[str, ...] = ()
    """Other names and forms by which texts speak of it."""
    text: str
    """Two to four sentences in our own words."""
    choice: str
    """What it means for the choice."""
    criteria: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    """Ids of other concepts."""
    facts: tuple[str, ...] = ()
    """Ids of the entries that its statements about frameworks rest on."""


class CommonQuestion(Record, frozen=True, kw_only=True):
    """A question that people ask, answered from entries of the base."""

    id: str
    question: str
    answer: str
    facts: tuple[str, ...]
    concepts: tuple[str, ...] = ()


class Expectation(Record, frozen=True, kw_only=True):
    """What a persona must get."""

    winner: tuple[str, ...]
    """The acceptable first places (or the exit's id); empty with kind `none`."""
    kind: tuple[Literal["clear", "close", "insufficient", "none"], ...] = ()
    """Empty means any."""
    ruled_out: tuple[str, ...] = ()
    """Frameworks that a gate must name."""


class Persona(Record, frozen=True, kw_only=True):
    """A believable team, its answers, and the outcome that a reader would sign."""

    id: str
    who: str
    answers: dict[str, str | tuple[str, ...]]
    importance: dict[str, int] = {}
    must_use: tuple[str, ...] = ()
    exclude: dict[str, str] = {}
    expect: Expectation
    reason: str
    default_is_wrong: bool = False
    """True where "PyTorch unless it is ruled out" gives another answer."""


class Override(Record, frozen=True, kw_only=True):
    level: Level
    reason: str


class Answers(Record, frozen=True, kw_only=True, omit_defaults=False):
    """The answers document, `framework-advisor/answers/1`, after its ids have been checked."""

    schema: str = "framework-advisor/answers/1"
    answers: dict[str, str | tuple[str, ...]] = {}
    importance: dict[str, int] = {}
    must_use: tuple[str, ...] = ()
    exclude: dict[str, str] = {}
    existing_components: tuple[str, ...] = ()
    override: dict[str, Override] = {}


class SpeedScale(Record, frozen=True, kw_only=True):
    """The fixed scale of one workload: how a time, in units of this machine's own control product,
    becomes a value. `log2` between the two ends; nobody else's time enters."""

    workload: str
    best_ratio: float
    """Time over control product that is worth 1."""
    worst_ratio: float
    """Time over control product that is worth 0."""
    when: Conditions = {}
    """The work that its time tells something of; elsewhere it is shown and does not count."""
    reason: str


class MeasuredTime(Record, frozen=True, kw_only=True):
    """A valid time of the mode that speaks for a framework; seconds of one step or call."""

    framework: str
    mode: str
    workload: str
    purpose: Literal["training", "inference"]
    device: str
    """A `training_hardware` option: the class of device it ran on."""
    median_seconds: float
    low_seconds: float
    high_seconds: float
    control_seconds: float
    """The control product on the same machine in the same rounds: the scale's unit."""


class MeasuredState(Record, frozen=True, kw_only=True):
    """What came of trying a framework on this machine."""

    framework: str
    status: Literal["works", "broken", "not_installed"]
    reason: str | None = None


class Measurements(Record, frozen=True, kw_only=True):
    """What the use case hands to a decision; built by it from a machine file."""

    times: tuple[MeasuredTime, ...] = ()
    states: tuple[MeasuredState, ...] = ()
    fingerprint: str | None = None
    """Of the machine, as it stands in the machine file."""


class Knowledge(Record, frozen=True, kw_only=True, eq=False):
    """The whole base, decoded and checked; frameworks in the order of their ids.

    Compared and hashed by identity, so that what is computed from it once can be kept by it.
    """

    version: str
    hash: str
    """SHA-256 of the canonical content, hexadecimal: file order and comments do not move it."""
    frameworks: tuple[Framework, ...]
    questions: tuple[Question, ...]
    groups: tuple[Group, ...]
    criteria: tuple[Criterion, ...]
    weight_rules: tuple[WeightRule, ...]
    gates: tuple[Gate, ...]
    conflicts: tuple[Conflict, ...]
    exits: tuple[Exit, ...]
    statements: tuple[Statement, ...]
    components: tuple[Component, ...]
    deliveries: tuple[DeliveryPath, ...]
    stack_rules: tuple[StackRule, ...]
    phases: tuple[Phase, ...]
    migrations: tuple[Migration, ...]
    risks: tuple[Risk, ...]
    learning: tuple[Learning, ...]
    personas: tuple[Persona, ...]
    articles: tuple[Article, ...]
    advice: tuple[Advice, ...]
    claims: tuple[Claim, ...]
    star_rows: tuple[StarRow, ...]
    tool_rows: tuple[ToolRow, ...]
    share_claims: tuple[ShareClaim, ...]
    signals: tuple[Signal, ...]
    concepts: tuple[Concept, ...]
    common_questions: tuple[CommonQuestion, ...]
    speed_scales: tuple[SpeedScale, ...]
    code_signs: tuple[CodeSign, ...] = ()
    exit_installs: tuple[ExitInstall, ...] = ()
    driver_floors: tuple[DriverFloor, ...] = ()
    overridden: tuple[str, ...] = ()
    """Ids that a user's pack replaced."""
