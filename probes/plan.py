"""What a probe will do: pure, from what was found. Nothing is started here.

A tier is a deadline: the plan lists more than may fit, most telling first, and what the time does
not reach is skipped.
"""

import difflib
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from probes.catalogue import Catalogue, KnownFramework, Mode, load_catalogue
from probes.hardware import thread_count
from probes.results import (
    Capability,
    Device,
    Environment,
    Hardware,
    InstalledFramework,
    ProbeRequestError,
    Tier,
)

OLDEST_PYTHON = (3, 8)
TIERS: tuple[Tier, ...] = ("quick", "standard", "deep")
IMPORT_TIME, FIRST_CALL = "import_time", "first_call"
BASIC = ("mlp_train", "inference_batch1", "matrix_product", "cnn_train")
FURTHER = ("transformer_train", "lstm_train", "embedding_train")
KNOWN_NETWORKS = (
    "resnet50_train",
    "bert_base_train",
    "resnet50_inference",
    "bert_base_inference",
)
"""Whole networks that others publish times of; in the modes marked so, since one takes long."""
OWN_SETTINGS = "mlp_train"
"""What a framework does once more with its own settings."""
DERIVED = (IMPORT_TIME, FIRST_CALL)
"""Measured on the way, not as windows of their own."""
PIPELINE = "input_pipeline"
LIMITS = ("matrix_product", "triad", PIPELINE)
"""They find the machine's limits, or what a framework's loader gives: once for each framework, in
the modes marked so."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a tier means. All in seconds but the counts."""

    deadline: float
    """Nothing new is begun after it."""
    workloads: tuple[str, ...]
    """Most telling first."""
    rounds: int
    window: float
    """Longest planned length of a measuring window; less where time is short."""
    shortest_window: float
    longest_window: float
    """With slow steps, to reach the count of values."""
    own_settings: bool = False
    """Whether each framework is measured once more without the thread plan, after all else."""
    checks: bool = True
    """Whether capabilities are tried, after the workloads."""
    check_limit: float = 60.0
    minimum_values: int
    """In one window."""
    hello_limit: float = 30.0
    import_limit: float
    prepare_limit: float
    measure_grace: float = 30.0
    """Beyond a window's longest length: discarded steps and the check that the work is right."""


SETTINGS: dict[Tier, Settings] = {
    "quick": Settings(
        deadline=60.0,
        workloads=BASIC,
        rounds=3,
        window=0.3,
        shortest_window=0.15,
        longest_window=1.0,
        checks=False,
        minimum_values=7,
        import_limit=45.0,
        prepare_limit=30.0,
    ),
    "standard": Settings(
        deadline=180.0,
        workloads=(*BASIC, "triad", *FURTHER, PIPELINE),
        rounds=4,
        window=0.5,
        shortest_window=0.2,
        longest_window=1.5,
        minimum_values=10,
        import_limit=90.0,
        prepare_limit=60.0,
    ),
    "deep": Settings(
        deadline=1800.0,
        workloads=(*BASIC, "triad", *FURTHER, PIPELINE, *KNOWN_NETWORKS),
        rounds=6,
        window=1.5,
        shortest_window=0.5,
        longest_window=4.0,
        check_limit=240.0,
        own_settings=True,
        minimum_values=20,
        import_limit=180.0,
        prepare_limit=600.0,
    ),
}


def timed_workloads() -> frozenset[str]:
    """Workloads whose times count for frameworks; the others find the machine's own limits, or are
    shown beside what others publish."""
    return frozenset(
        one
        for settings in SETTINGS.values()
        for one in settings.workloads
        if one not in LIMITS and one not in KNOWN_NETWORKS
    )


USUAL_IMPORT_SECONDS = 3.0
USUAL_PREPARE_SECONDS = 0.7
USUAL_AROUND_SECONDS = 0.1
"""Controls beside each window."""


class PlannedItem(msgspec.Struct, frozen=True, kw_only=True):
    """One mode with one workload on one device."""

    framework: str
    mode: str
    workload: str
    device: Device
    python: str
    worker: str
    track: str = "strict_fp32"
    delivers: bool = False
    """The mode runs finished models and nothing else."""


class PlannedCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One capability to be tried in one mode."""

    framework: str
    mode: str
    capability: Capability
    device: Device
    worker: str


class PlannedImport(msgspec.Struct, frozen=True, kw_only=True):
    framework: str
    backend: str | None
    distribution: str
    version: str


class PlannedWorker(msgspec.Struct, frozen=True, kw_only=True):
    """One process: an interpreter and what it imports, in order."""

    id: str
    python: str
    imports: tuple[PlannedImport, ...]

    own_settings: bool = False
    """Without the thread plan: the framework takes as many threads as it likes."""


class Unstarted(msgspec.Struct, frozen=True, kw_only=True):
    """A framework that is there and will not be started, with the reason."""

    framework: str
    python: str
    version: str
    reason: str
    fix: str | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What will be done, in order, and what will not and why."""

    tier: Tier
    settings: Settings
    hardware: Hardware
    environments: tuple[Environment, ...]
    workers: tuple[PlannedWorker, ...]
    items: tuple[PlannedItem, ...]
    checks: tuple[PlannedCheck, ...] = ()
    own_settings: tuple[PlannedWorker, ...] = ()
    """Workers without the thread plan, each with one item of the track `native_default`."""
    derived: tuple[str, ...]
    unstarted: tuple[Unstarted, ...]
    threads: int
    estimated_seconds: float
    refusals: tuple[str, ...]
    """For a person: what was asked for and will not be done."""


def make_plan(
    hardware: Hardware,
    environments: Sequence[Environment],
    tier: Tier,
    frameworks: Sequence[str] | None = None,
    workloads: Sequence[str] | None = None,
    first: Sequence[str] = (),
) -> Plan:
    """Plan a probe. `workloads` empty: frameworks are imported and tried, nothing is timed.

    `first` are workloads whose times matter most, in order: they are measured before the tier's
    others, so that a deadline takes from what tells less.

    Raises ProbeRequestError for a framework or workload that nobody knows.
    """
    catalogue = load_catalogue()
    settings = SETTINGS[tier]
    measurable = (*catalogue.frameworks, *catalogue.runtimes)
    known = [one.id for one in measurable]
    _require_known("framework", frameworks or (), known)
    offered = (*SETTINGS["deep"].workloads, *DERIVED)
    _require_known("workload", (*(workloads or ()), *first), offered)
    wanted_frameworks = set(known if frameworks is None else frameworks)
    wanted_workloads = (
        tuple(dict.fromkeys((*first, *settings.workloads, *DERIVED)))
        if workloads is None
        else tuple(workloads)
    )

    workers: dict[str, PlannedWorker] = {}
    items: list[PlannedItem] = []
    checks: list[PlannedCheck] = []
    unstarted: list[Unstarted] = []
    refusals = [f"{one.python}: {one.problem}" for one in environments if one.problem is not None]
    measured: dict[tuple[str, str, str | None], str] = {}
    for environment in environments:
        here = _installed(environment, catalogue)
        for framework in measurable:
            installed = here.get(framework.id)
            if installed is None or framework.id not in wanted_frameworks:
                continue
            modes = _modes(framework, tier, here)
            if framework in catalogue.runtimes and wanted_workloads and not modes:
                # Its process would take time and memory from those who are timed.
                continue
            reason, fix = _why_not(environment, framework, modes)
            build = (installed.framework, installed.version, installed.build)
            if reason is None and wanted_workloads and build in measured:
                reason = f"the same release is measured in {measured[build]}"
            if reason is not None:
                unstarted.append(_unstarted(environment, installed, reason, fix))
                continue
            measured[build] = environment.python
            for mode in modes or (None,):
                worker = _worker(environment, installed, mode)
                workers[worker.id] = _joined(workers.get(worker.id), worker)
                if mode is not None:
                    items += _items(environment, hardware, framework, mode, worker.id)
            if settings.checks and wanted_workloads:
                checks += _checks(framework, here, hardware, workers, environment, tier)
    items = [one for one in items if one.workload in wanted_workloads]
    items.sort(key=lambda one: wanted_workloads.index(one.workload))
    own_settings: dict[str, PlannedWorker] = {}
    if settings.own_settings:
        for item in [one for one in items if one.workload == OWN_SETTINGS]:
            worker = _with_own_settings(workers[item.worker], item)
            # The first of a framework's items is that of its first mode, on the first device.
            if worker.id not in own_settings:
                own_settings[worker.id] = worker
                items.append(
                    msgspec.structs.replace(item, worker=worker.id, track="native_default")
                )
    derived = tuple(one for one in DERIVED if one in wanted_workloads)
    refusals += [
        f"{identifier} is not installed in any environment that was looked at"
        for identifier in frameworks or ()
        if not any(identifier in _installed(one, catalogue) for one in environments)
    ]
    refusals += [
        f"{one.framework} {one.version} in {one.python}: {one.reason}" for one in unstarted
    ]
    return Plan(
        tier=tier,
        settings=settings,
        hardware=hardware,
        environments=tuple(environments),
        workers=tuple(workers.values()),
        items=tuple(items),
        checks=tuple(checks),
        own_settings=tuple(own_settings.values()),
        derived=derived,
        unstarted=tuple(unstarted),
        threads=thread_count(hardware.cpu),
        estimated_seconds=_estimated_seconds(
            len(workers) + len(own_settings), len(items), settings
        ),
        refusals=tuple(refusals),
    )


def _installed(environment: Environment, catalogue: Catalogue) -> dict[str, InstalledFramework]:
    """What an environment holds of all that can be measured: frameworks, and runtimes, which stand
    among its components."""
    runtimes = {one.id for one in catalogue.runtimes}
    found = {one.framework: one for one in environment.frameworks}
    for one in environment.components:
        if one.component in runtimes:
            found[one.component] = InstalledFramework(
                framework=one.component,
                distribution=one.distribution,
                version=one.version,
                build=None,
                location="",
            )
    return found


def _require_known(what: str, given: Sequence[str], known: Sequence[str]) -> None:
    for identifier in given:
        if identifier not in known:
            near = difflib.get_close_matches(identifier, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else "known are " + ", ".join(known)
            raise ProbeRequestError(f"no {what} has the id {identifier!r}; {hint}")


def _modes(
    framework: KnownFramework, tier: Tier, here: dict[str, InstalledFramework]
) -> tuple[Mode, ...]:
    """The modes that a tier measures and an environment can hold."""
    return tuple(
        mode
        for mode in framework.modes
        if TIERS.index(mode.tier) <= TIERS.index(tier) and all(need in here for need in mode.needs)
    )


def _why_not(
    environment: Environment, framework: KnownFramework, modes: tuple[Mode, ...]
) -> tuple[str | None, str | None]:
    """Why a framework cannot be started in an environment, and what would mend it."""
    if environment.problem is not None:
        return environment.problem, None
    version = environment.python_version
    if version is not None and tuple(map(int, version.split(".")[:2])) < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        return f"Python {version} is older than {oldest}, the oldest that can be measured in", None
    needs = sorted({need for mode in framework.modes for need in mode.needs})
    if needs and not modes:
        return (
            "none of the frameworks that it runs on lies beside it",
            f"Install one of: {', '.join(needs)}",
        )
    return None, None


def _unstarted(
    environment: Environment, installed: InstalledFramework, reason: str, fix: str | None
) -> Unstarted:
    return Unstarted(
        framework=installed.framework,
        python=environment.python,
        version=installed.version,
        reason=reason,
        fix=fix,
    )


def _worker(
    environment: Environment, installed: InstalledFramework, mode: Mode | None
) -> PlannedWorker:
    """The process of a mode; a framework without modes is only imported, in one of its own."""
    name = installed.framework if mode is None else mode.worker
    return PlannedWorker(
        id=f"{environment.python}#{name}",
        python=environment.python,
        imports=(
            PlannedImport(
                framework=installed.framework,
                backend=None if mode is None else mode.backend,
                distribution=installed.distribution,
                version=installed.version,
            ),
        ),
    )


def _with_own_settings(worker: PlannedWorker, item: PlannedItem) -> PlannedWorker:
    """A process for one framework alone, without the thread plan."""
    imports = tuple(one for one in worker.imports if one.framework == item.framework)
    identifier = f"{worker.python}#{item.framework}-own-settings"
    return PlannedWorker(
        id=identifier, python=worker.python, imports=imports[:1], own_settings=True
    )


def _joined(before: PlannedWorker | None, new: PlannedWorker) -> PlannedWorker:
    if before is None:
        return new
    added = tuple(one for one in new.imports if one not in before.imports)
    return msgspec.structs.replace(before, imports=before.imports + added)


def _items(
    environment: Environment,
    hardware: Hardware,
    framework: KnownFramework,
    mode: Mode,
    worker: str,
) -> Iterator[PlannedItem]:
    """What a mode is to do: on each kind of device that the drivers see, and on the processor."""
    devices: list[Device] = [*dict.fromkeys(one.device for one in hardware.accelerators), "cpu"]
    for workload in SETTINGS["deep"].workloads:
        if workload in LIMITS and not mode.limit:
            continue
        if workload in KNOWN_NETWORKS and not mode.known_networks:
            continue
        if mode.delivers and purpose_of(workload) != "inference":
            continue
        on: list[Device] = ["cpu"] if workload == PIPELINE else devices
        for device in on:
            yield PlannedItem(
                framework=framework.id,
                mode=mode.id,
                workload=workload,
                device=device,
                python=environment.python,
                worker=worker,
                delivers=mode.delivers,
            )


def purpose_of(workload: str) -> Literal["training", "inference", "overhead", "limit"]:
    """What a workload is for, by its id: here before any worker has said so."""
    if workload == PIPELINE:
        return "overhead"
    if workload.endswith("_train"):
        return "training"
    return "inference" if "inference" in workload else "limit"


def needed_bytes(workload: str) -> float:
    """Free memory that a mode takes for a workload and its proof, as seen here; what the small ones
    take is part of what an imported framework is counted with."""
    return {
        "resnet50_train": 1.5e9,
        "bert_base_train": 5e9,
        "resnet50_inference": 0.5e9,
        "bert_base_inference": 1.5e9,
    }.get(workload, 0.0)


def usual_check_seconds(capability: Capability) -> float:
    """How long trying a capability takes on a machine of two processors."""
    if capability.startswith("export"):
        return 3.0
    return {"data_parallel": 15.0, "compile_cache": 45.0}.get(capability, 1.0)


def _checks(
    framework: KnownFramework,
    here: dict[str, InstalledFramework],
    hardware: Hardware,
    workers: dict[str, PlannedWorker],
    environment: Environment,
    tier: Tier,
) -> Iterator[PlannedCheck]:
    """What is tried of a framework, on the device that would be used: in every mode, since a trial
    is short where a mode's measuring is not."""
    devices: list[Device] = [*(one.device for one in hardware.accelerators), "cpu"]
    for mode in framework.modes:
        worker = f"{environment.python}#{mode.worker}"
        if worker in workers and all(need in here for need in mode.needs):
            for capability in mode.checks + (mode.deep_checks if tier == "deep" else ()):
                yield PlannedCheck(
                    framework=framework.id,
                    mode=mode.id,
                    capability=capability,
                    device=devices[0],
                    worker=worker,
                )


def _estimated_seconds(workers: int, items: int, settings: Settings) -> float:
    one = USUAL_PREPARE_SECONDS + settings.rounds * (settings.window + USUAL_AROUND_SECONDS)
    return min(settings.deadline, workers * USUAL_IMPORT_SECONDS + items * one)
