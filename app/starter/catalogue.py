"""What there is to choose from, read from the templates' folder, and what of it has been executed.

A framework is a folder with `framework.toml`, a task a folder with `task.toml`; the two are offered
together when the framework has a model and a short form for the task.
"""

import functools
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, Protocol, TypeVar

import msgspec

from app.paths import ASSETS
from rules.texts import say

TEMPLATES = ASSETS / "starter"
EXECUTED = TEMPLATES / "executed.json"
NONE = "none"
SIZES = ("short", "project")


RunKey = tuple[str, str, str, str, str | None, str, str, str]


class Choice(msgspec.Struct, frozen=True):
    """One thing to choose: an id, its name for people and one line about it."""

    id: str
    name: str
    summary: str


class Delivery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a framework's model gets to a target, as its `framework.toml` says."""

    requires: tuple[str, ...] = ()
    note: str = ""
    backend: str = ""
    """The backend of the framework that it needs."""
    versions: dict[str, str] = {}
    """What it cannot do without, in place of the tested or the installed version."""


class Backend(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of several ways to set a framework up, for instance the library it computes with."""

    requires: tuple[str, ...]
    variables: dict[str, str | list[str]]


class Framework(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A framework's `framework.toml`."""

    name: str
    summary: str
    order: int
    requires: tuple[str, ...]
    modules: tuple[str, ...] = ()
    targets: dict[str, tuple[str, ...]] = {}
    """Target to delivery ids, the preferred one first."""
    deliveries: dict[str, Delivery] = {}
    unavailable: dict[str, str] = {}
    """Target to the reason why there is no way to it."""
    without: dict[str, dict[str, str]] = {}
    """Task to the targets that it alone does not reach, each with the reason."""
    variables: dict[str, str] = {}
    detail: str = ""
    """What a smoke run tells, where it is not what its task says."""
    backends: dict[str, Backend] = {}
    """The first one that the environment at hand can run is taken."""
    no_search: str = ""
    """Why there is nothing to search settings for; empty where there is."""


class Variant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another way to write a framework's project, as the `variant.toml` of its folder says.

    The folder's templates take the place of the framework's, or come beside them.
    """

    name: str
    summary: str
    tasks: tuple[str, ...]
    requires: tuple[str, ...] = ()
    backend: str = ""
    detail: str = ""
    """What a smoke run tells, where it is not what its task says."""
    commands: tuple[str, ...] = ()
    """Lines for the README's list of what can be run."""
    note: str = ""
    untried: str = ""
    """Why it has not been executed by us; empty where it can be."""
    variables: dict[str, str | bool | int | float] = {}


class Task(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A task's `task.toml`."""

    name: str
    summary: str
    order: int
    requires: tuple[str, ...]
    modules: tuple[str, ...] | None = None
    """Modules of its own in place of those that frameworks bring for their training loop."""
    loss_falls: bool = True
    """Whether a smoke run must end with a lower loss; where targets move, a finite one will do."""
    detail: str = "training loss {first_loss:.3g} to {last_loss:.3g} in three epochs"
    """What a smoke run tells, from its metrics."""
    variables: dict[str, str | bool | int | float | list[str]]


class Target(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    summary: str
    note: str = ""
    """What to know of any delivery there."""
    no_starter: str = ""
    """Why there is no starter at all for this target."""


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    summary: str
    requires: tuple[str, ...] = ()


class Search(Named, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way to search for good settings."""

    tracker: str = ""
    """The tracker that it rests on; empty where any will do."""


class Space(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a search tries beside the learning rate, and what it judges by."""

    value: str
    """As the training loop logs it."""
    goal: Literal["minimize", "maximize"]
    length: str
    """The setting that says how long a run is."""
    choices: dict[str, tuple[int, ...]]


class Way(Named, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A delivery, whatever the framework."""

    model_file: str
    """What an export writes into the run's folder; TASK stands for the task's id."""
    serve_requires: tuple[str, ...] = ()
    """What a server of ours needs to load it; empty where a server of its own serves it."""
    exported_like: str = ""
    """The delivery whose export step writes its model too."""
    note: str = ""


class Serving(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The server that a project brings for what can be loaded in Python."""

    requires: tuple[str, ...]
    test_requires: tuple[str, ...]
    note: str


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """All of the templates' folder but the templates themselves."""

    frameworks: dict[str, Framework]
    tasks: dict[str, Task]
    targets: dict[str, Target]
    deliveries: dict[str, Way]
    trackers: dict[str, Named]
    searches: dict[str, Search]
    spaces: dict[str, Space]
    """Task to what a search tries there."""
    sizes: dict[str, Named]
    serving: Serving
    tolerance: dict[str, float]
    """Target, or `usual`, to how far an exported model's outputs may be off."""
    variants: dict[str, dict[str, Variant]]
    """Framework to the ids of its variants."""
    versions: dict[str, str]
    """Distribution to the version it was tested with."""
    pairs: frozenset[tuple[str, str]]
    """(framework, task) that have their templates."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table of executed combinations, as the run itself wrote it."""

    framework: str
    task: str
    target: str
    delivery: str | None
    tracker: str
    size: str
    fingerprint: str
    """Of the rendered code, so that a table older than its templates is noticed."""
    passed: bool
    detail: str
    python: str
    versions: dict[str, str]
    seconds: float
    metrics: dict[str, float]
    variant: str = NONE
    search: str = NONE


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One combination that can be written, and whether it has been executed."""

    framework: str
    task: str
    target: str
    delivery: str | None
    tracker: str
    size: str
    executed: bool
    reason: str
    """Where it was executed, or why it was not."""
    variant: str = NONE
    search: str = NONE


class Offers(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a page or a command shows to choose from."""

    frameworks: tuple[Choice, ...]
    tasks: tuple[Choice, ...]
    targets: tuple[Choice, ...]
    deliveries: tuple[Choice, ...]
    trackers: tuple[Choice, ...]
    searches: tuple[Choice, ...]
    sizes: tuple[Choice, ...]
    variants: tuple[Choice, ...]
    """Other ways to write some frameworks' projects; the names say of which."""
    combinations: tuple[Offer, ...]
    unavailable: dict[str, dict[str, str]]
    """Framework to target to the reason why that target cannot be chosen with it."""


TASKS = {
    "vision": "image_classification",
    "ocr": "image_classification",
    "language": "text_classification",
    "llm": "text_classification",
    "tabular": "tabular",
    "time_series": "time_series",
    "reinforcement_learning": "reinforcement_learning",
    "generative": "generative",
    "scientific": "scientific",
}
"""Field -> the starter task nearest to it."""

_T = TypeVar("_T")


def _read(path: Path, type_: type[_T]) -> _T:
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), type_)


@functools.cache
def catalogue() -> Catalogue:
    """Our own data, read once: it does not change while the program runs."""
    general = tomllib.loads((TEMPLATES / "catalogue.toml").read_text(encoding="utf-8"))
    frameworks = {
        path.parent.name: _read(path, Framework)
        for path in TEMPLATES.glob("frameworks/*/framework.toml")
    }
    tasks = {path.parent.name: _read(path, Task) for path in TEMPLATES.glob("tasks/*/task.toml")}
    return Catalogue(
        frameworks=dict(sorted(frameworks.items(), key=lambda item: item[1].order)),
        tasks=dict(sorted(tasks.items(), key=lambda item: item[1].order)),
        targets=msgspec.convert(general["targets"], dict[str, Target]),
        deliveries=msgspec.convert(general["deliveries"], dict[str, Way]),
        trackers=msgspec.convert(general["trackers"], dict[str, Named]),
        searches=msgspec.convert(general["searches"], dict[str, Search]),
        spaces={
            name: _read(own, Space)
            if (own := TEMPLATES / "tasks" / name / "space.toml").is_file()
            else msgspec.convert(general["space"], Space)
            for name in tasks
        },
        sizes=msgspec.convert(general["sizes"], dict[str, Named]),
        serving=msgspec.convert(general["serving"], Serving),
        tolerance=msgspec.convert(general["tolerance"], dict[str, float]),
        variants={
            name: {
                path.parent.name: _read(path, Variant)
                for path in sorted(
                    (TEMPLATES / "frameworks" / name / "variants").glob("*/variant.toml")
                )
            }
            for name in frameworks
        },
        versions=msgspec.convert(general["versions"], dict[str, str]),
        pairs=frozenset(
            (framework, task)
            for framework in frameworks
            for task in tasks
            if (TEMPLATES / "frameworks" / framework / "model" / f"{task}.py.j2").is_file()
        ),
    )


def combinations(known: Catalogue) -> Iterator[tuple[str, str, str, str | None, str, str]]:
    """Every (framework, task, target, delivery, tracker, size) that can be written."""
    for framework_id, framework in known.frameworks.items():
        for task in known.tasks:
            if (framework_id, task) not in known.pairs:
                continue
            yield framework_id, task, NONE, None, NONE, "short"
            ways: list[tuple[str, str | None]] = [(NONE, None)]
            beyond = framework.without.get(task, {})
            ways += [
                (target, way)
                for target, ids in framework.targets.items()
                if target not in beyond
                for way in ids
            ]
            for target, delivery in ways:
                for tracker in known.trackers:
                    yield framework_id, task, target, delivery, tracker, "project"


def executed_runs() -> tuple[Run, ...]:
    """The table of executed combinations; empty before its first run."""
    if not EXECUTED.is_file():
        return ()
    return msgspec.json.decode(EXECUTED.read_bytes(), type=tuple[Run, ...])


def offers() -> Offers:
    """All that can be chosen, each combination with whether it has been executed and where."""
    known = catalogue()
    runs = {run_key(run, known): run for run in executed_runs()}
    listed = []
    for framework, task, target, delivery, tracker, size in combinations(known):
        code = code_target(known, target, delivery)
        executed, reason = executed_label(
            runs.get((framework, task, NONE, code, delivery, tracker, size, NONE)),
            _missing(known, framework, task, delivery, tracker),
        )
        listed.append(
            Offer(
                framework=framework,
                task=task,
                target=target,
                delivery=delivery,
                tracker=tracker,
                size=size,
                executed=executed,
                reason=reason,
            )
        )
    return Offers(
        frameworks=tuple(
            Choice(id_, f.name, say(f.summary)) for id_, f in known.frameworks.items()
        ),
        tasks=tuple(
            Choice(id_, say(task.name), say(task.summary))
            for id_, task in known.tasks.items()
            if any(pair[1] == id_ for pair in known.pairs)
        ),
        targets=tuple(
            Choice(id_, say(target.name), say(target.no_starter or target.summary))
            for id_, target in known.targets.items()
        ),
        deliveries=_choices(known.deliveries),
        trackers=_choices(known.trackers),
        searches=_choices(known.searches),
        sizes=_choices(known.sizes),
        variants=_variant_choices(known),
        combinations=tuple(listed),
        unavailable={
            id_: {
                target: problem
                for target in known.targets
                if (problem := target_problem(known, id_, target)) is not None
            }
            for id_ in known.frameworks
        },
    )


def serves(known: Catalogue, target: str, delivery: str | None) -> bool:
    """Whether a project brings a server of its own."""
    return (
        delivery is not None
        and bool(known.deliveries[delivery].serve_requires)
        and (TEMPLATES / "targets" / target).is_dir()
    )


def code_target(known: Catalogue, target: str, delivery: str | None) -> str:
    """The target by which the code is known: several with one delivery may have the same code."""
    if serves(known, target, delivery):
        return target
    own = delivery is not None and (TEMPLATES / "deliveries" / delivery / target).is_dir()
    return target if own else NONE


def distinct_ways(known: Catalogue, framework: str, task: str) -> tuple[tuple[str, str], ...]:
    """Targets and deliveries for that task, one of those that have the same code."""
    beyond = known.frameworks[framework].without.get(task, {})
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for target, deliveries in known.frameworks[framework].targets.items():
        for delivery in deliveries if target not in beyond else ():
            found.setdefault((code_target(known, target, delivery), delivery), (target, delivery))
    return tuple(found.values())


class Combination(Protocol):
    """What a request, a run and an offer have in common."""

    @property
    def framework(self) -> str: ...
    @property
    def task(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def delivery(self) -> str | None: ...
    @property
    def tracker(self) -> str: ...
    @property
    def size(self) -> str: ...
    @property
    def variant(self) -> str: ...
    @property
    def search(self) -> str: ...


def run_key(one: Combination, known: Catalogue) -> RunKey:
    """By what a run is found; the delivery must have been filled in."""
    code = code_target(known, one.target, one.delivery)
    way = (one.delivery, one.tracker, one.size, one.search)
    return one.framework, one.task, one.variant, code, *way


def task_for(framework: str, domain: str | None) -> str | None:
    """The task nearest to a field that the framework has, else its first; None without any."""
    known = catalogue()
    offered = [task for task in known.tasks if (framework, task) in known.pairs]
    wanted = TASKS.get(domain or "")
    return wanted if wanted in offered else next(iter(offered), None)


def target_problem(known: Catalogue, framework_id: str, target: str) -> str | None:
    """Why a target cannot be had with a framework; None when it can."""
    if known.targets[target].no_starter:
        return say(known.targets[target].no_starter or "")
    framework = known.frameworks[framework_id]
    if target == NONE or target in framework.targets:
        return None
    reason = framework.unavailable.get(target, "no way to it has been prepared")
    return say(
        "{name} has no starter for {target}: {reason}.",
        name=framework.name,
        target=target,
        reason=say(reason),
    )


def executed_label(run: Run | None, missing: tuple[str, ...]) -> tuple[bool, str]:
    """Whether a combination counts as executed, and the words for it."""
    if run is None:
        if not missing:
            return False, say("Not executed here: this combination has not been run yet.")
        return False, say(
            "Not executed here: this combination has not been run yet; it needs {missing} beside "
            "the tested set.",
            missing=", ".join(missing),
        )
    detail = say(run.detail)
    if not run.passed:
        return False, say("Not executed here: {detail}", detail=detail)
    return True, say("Executed with Python {python}: {detail}", python=run.python, detail=detail)


def variant_offers() -> tuple[Offer, ...]:
    """Every other way to write a project, and whether it has been executed."""
    known = catalogue()
    runs = {run_key(run, known): run for run in executed_runs()}
    listed = []
    for framework, variants in known.variants.items():
        for name, variant in variants.items():
            for task in variant.tasks:
                run = runs.get((framework, task, name, NONE, None, NONE, "project", NONE))
                executed, reason = executed_label(run, variant.requires)
                if variant.untried:
                    reason = f"Not executed here: {variant.untried}"
                listed.append(
                    Offer(
                        framework=framework,
                        task=task,
                        target=NONE,
                        delivery=None,
                        tracker=NONE,
                        size="project",
                        executed=executed,
                        reason=reason,
                        variant=name,
                    )
                )
    return tuple(listed)


def search_offers() -> tuple[Offer, ...]:
    """Every search for settings with the tracker it needs, and whether it has been executed."""
    known = catalogue()
    runs = {run_key(run, known): run for run in executed_runs()}
    listed = []
    for framework, task in sorted(known.pairs):
        for name, search in known.searches.items():
            if name == NONE or known.frameworks[framework].no_search:
                continue
            tracker = search.tracker or NONE
            run = runs.get((framework, task, NONE, NONE, None, tracker, "project", name))
            executed, reason = executed_label(run, search.requires)
            listed.append(
                Offer(
                    framework=framework,
                    task=task,
                    target=NONE,
                    delivery=None,
                    tracker=tracker,
                    size="project",
                    executed=executed,
                    reason=reason,
                    search=name,
                )
            )
    return tuple(listed)


def _variant_choices(known: Catalogue) -> tuple[Choice, ...]:
    """Each id once, with the frameworks that have it."""
    found: dict[str, list[str]] = {}
    for framework, variants in known.variants.items():
        for name in variants:
            found.setdefault(name, []).append(framework)
    return tuple(
        Choice(
            name,
            f"{name.replace('_', ' ')} ({', '.join(owners)})",
            known.variants[owners[0]][name].summary,
        )
        for name, owners in found.items()
    )


def _missing(
    known: Catalogue, framework: str, task: str, delivery: str | None, tracker: str
) -> tuple[str, ...]:
    names = set(known.trackers[tracker].requires)
    if delivery is not None:
        names |= set(known.frameworks[framework].deliveries[delivery].requires)
    names -= set(known.frameworks[framework].requires) | set(known.tasks[task].requires)
    return tuple(sorted(names))


def _choices(named: Mapping[str, Named]) -> tuple[Choice, ...]:
    return tuple(Choice(name, say(one.name), say(one.summary)) for name, one in named.items())
