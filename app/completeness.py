"""Whether each framework of the knowledge is also found, run and drawn: its places elsewhere.

Pure over what those places say; `knowledge check` prints what is missing. Knows no colours and runs
no probe.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

import yaml

from app.paths import ASSETS
from app.theme import MARK_TOKENS, drawn
from probes.catalogue import ADAPTERS, FILE, Catalogue, KnownFramework, adapter_ids, load_catalogue
from probes.plan import timed_workloads
from rules.checks.references import EXITS
from rules.errors import InputError, suggestion
from rules.loading import OWN
from rules.model import Framework
from rules.packs import Base

TOKENS = ASSETS / "themes" / "tokens.toml"
LIVE = ("active", "maintenance")


@dataclass(frozen=True)
class Program:
    """What the program has of frameworks beside the knowledge."""

    catalogue: Catalogue
    adapters: Set[str]
    drawn: Mapping[str, Set[str]]
    """Framework id -> which of its colours and marker are given."""
    timed: Set[str]
    """Workloads whose times may count for a framework."""


def this_program() -> Program:
    """Raises InputError where one of its files cannot be read."""
    try:
        catalogue = load_catalogue()
    except (ValueError, yaml.YAMLError) as error:
        raise InputError(str(error), str(FILE)) from error
    try:
        return Program(catalogue, adapter_ids(), drawn(), timed_workloads())
    except ValueError as error:
        raise InputError(str(error), str(TOKENS)) from error


def missing(base: Base, program: Program) -> Iterator[tuple[InputError, bool]]:
    """What a framework lacks, each with whether that is a mistake.

    One that a user's pack brings may do without what only this program's own files can give: it is
    then ranked, and neither measured nor drawn in a colour of its own.
    """
    known = {one.id: one for one in program.catalogue.frameworks}
    for framework in base.knowledge.frameworks:
        is_ours = _is_ours(base, framework)
        yield from ((error, is_ours) for error in _unsaid(base, framework))
        claims = set(_speaking(framework))
        entry = known.get(framework.id)
        if entry is None:
            message = f"no entry for {framework.id}: it is neither found nor measured"
            yield InputError(message, str(FILE)), is_ours or bool(claims)
        else:
            yield from ((error, True) for error in _unmeasured(base, framework, entry, program))
        yield from ((error, is_ours) for error in _undrawn(framework.id, program))
    yield from ((error, True) for error in _runtimes(program))
    yield from ((error, True) for error in _scales(base, program))
    if base.is_whole:
        ids = {one.id for one in base.knowledge.frameworks} | base.unread
        yield from ((error, True) for error in _without_knowledge(ids, program))


def _is_ours(base: Base, framework: Framework) -> bool:
    origin = base.origins.get(("frameworks", framework.id))
    return origin is None or Path(origin.document.file).is_relative_to(OWN)


def _unsaid(base: Base, framework: Framework) -> Iterator[InputError]:
    """What a live framework says nothing of, so that it counts as unknown or is never ruled out."""
    if framework.lifecycle not in LIVE or base.errors:  # it may stand in what cannot be read
        return
    knowledge, name = base.knowledge, framework.id
    general = {one.criterion for one in framework.facts if not one.when}
    gated = {one.capability for one in knowledge.gates if one.kind == "capability"}
    unsaid = {
        "fact without `when` for": {one.id for one in knowledge.criteria} - general,
        "capability for": {str(one) for one in gated}
        - {one.capability for one in framework.capabilities},
        "line under": set() if framework.install else {"install"},
    }
    for what, names in unsaid.items():
        if names:
            message = f"{name}: no {what} {', '.join(sorted(names))}"
            yield InputError(message, *_stands(base, framework))
    if name not in {one.framework for one in knowledge.learning}:
        yield InputError(f"nothing to learn {name} from", str(OWN / "learning.yaml"))


def _stands(base: Base, framework: Framework, field: str = "id") -> tuple[str, int | None]:
    """File and line of one of its fields."""
    origin = base.origins.get(("frameworks", framework.id))
    return ("knowledge", None) if origin is None else (origin.document.file, origin.line((field,)))


def _speaking(framework: Framework) -> Iterator[str]:
    modes = framework.speaking_modes
    return (one for one in (modes.training, modes.inference) if one is not None)


def _unmeasured(
    base: Base, framework: Framework, entry: KnownFramework, program: Program
) -> Iterator[InputError]:
    modes = [one.id for one in entry.modes if not one.delivers]
    file, line = _stands(base, framework, "speaking_modes")
    for mode in sorted(set(_speaking(framework)) - set(modes)):
        message = f"speaking_modes: {mode} is no mode of {framework.id} in {FILE.name}"
        yield InputError(message, file, line)
    if modes and not list(_speaking(framework)):
        message = f"{framework.id} has no speaking_modes: its times would count for nothing"
        yield InputError(message, file, line)
    if framework.id not in program.adapters and (modes or framework.lifecycle in LIVE):
        yield _no_adapter(framework.id)


def _no_adapter(identifier: str) -> InputError:
    return InputError(
        f"no such file: {identifier} is found and cannot be run", str(ADAPTERS / f"{identifier}.py")
    )


def _undrawn(identifier: str, program: Program) -> Iterator[InputError]:
    given = program.drawn.get(identifier)
    if given is None:
        message = f"no [frameworks.{identifier}]: it is drawn in grey, and like others without one"
        yield InputError(message, str(TOKENS))
    elif lacking := [one for one in MARK_TOKENS if one not in given]:
        message = f"[frameworks.{identifier}] lacks {', '.join(lacking)}"
        yield InputError(message, str(TOKENS))


def _runtimes(program: Program) -> Iterator[InputError]:
    for runtime in program.catalogue.runtimes:
        if runtime.id not in program.adapters:
            yield _no_adapter(runtime.id)
        yield from _undrawn(runtime.id, program)


def _scales(base: Base, program: Program) -> Iterator[InputError]:
    """Workloads whose times count for nothing, and scales of what nobody measures."""
    if base.errors:  # it may stand in what cannot be read
        return
    given = {one.workload for one in base.knowledge.speed_scales}
    for one in sorted(program.timed - given):
        message = f"no scale for {one}: its times would count for nothing"
        yield InputError(message, str(OWN / "performance.yaml"))
    for one in sorted(given - program.timed):
        origin = base.origins[("speed_scales", one)]
        message = f"{one} is no workload that is timed{suggestion(one, program.timed)}"
        yield InputError(message, origin.document.file, origin.line(("workload",)))


def _without_knowledge(ids: Set[str], program: Program) -> Iterator[InputError]:
    runtimes = {one.id for one in program.catalogue.runtimes}
    listed = {one.id for one in program.catalogue.frameworks}
    for one in sorted(listed - ids):
        file = OWN / "frameworks" / f"{one}.yaml"
        yield InputError(f"no such file: {one} is found, and nothing is known of it", str(file))
    for one in sorted(program.adapters - listed - runtimes - ids):
        yield InputError(f"no entry for {one}, which has an adapter", str(FILE))
    for one in sorted(program.drawn.keys() - listed - runtimes - ids - set(EXITS)):
        yield InputError(f"[frameworks.{one}] is the colour of nothing that is known", str(TOKENS))
