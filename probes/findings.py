"""What is said of a framework in an environment: from metadata, an import, or its failure. Pure."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from probes.causes import FIXES, cause_of
from probes.import_errors import condense
from probes.messages import Imported, WorkerError, device_finding, one_line
from probes.plan import PlannedImport, Unstarted
from probes.process import WorkerLost
from probes.results import (
    DeviceFinding,
    Environment,
    FrameworkFinding,
    FrameworkState,
    Hardware,
)

DETAIL_CHARACTERS = 4_000
ANOTHER_BUILD = "Install a build for it"
BEST_FIRST: tuple[FrameworkState, ...] = (
    "works", "falls_back_to_cpu", "timed_out", "broken", "cancelled", "found",
)  # fmt: skip


def found_only(environments: Iterable[Environment]) -> Iterator[FrameworkFinding]:
    """Findings of frameworks that nobody has tried."""
    for environment in environments:
        for one in environment.frameworks:
            yield FrameworkFinding(
                framework=one.framework,
                python=environment.python,
                version=one.version,
                state="found",
                reason=environment.problem,
            )


def not_started(one: Unstarted) -> FrameworkFinding:
    return FrameworkFinding(
        framework=one.framework,
        python=one.python,
        version=one.version,
        state="found",
        reason=one.reason,
        fix=one.fix,
    )


def of_import(
    planned: PlannedImport, python: str, said: Imported, hardware: Hardware
) -> FrameworkFinding:
    """A framework that was imported and tried on each device."""
    devices = tuple(device_finding(one) for one in said.devices)
    state: FrameworkState = "works"
    reason = fix = cause = None
    missed = list(unused_accelerators(devices, hardware))
    ran = [one.device for one in devices if one.operation_ran]
    if devices and not ran:
        state = "broken"
        reason = f"no operation ran: {devices[0].reason or 'no reason given'}"
    elif missed and ran == ["cpu"]:
        state = "falls_back_to_cpu"
        reason = missed[0].reason or f"this build does not use the {missed[0].device}"
        cause = cause_of(missed[0])
        fix = FIXES.get(cause, ANOTHER_BUILD) if cause else ANOTHER_BUILD
    build = f" {said.build}" if said.build else ""
    settings = dict(said.settings)
    if said.build:
        settings.setdefault("build", build.strip())
    return FrameworkFinding(
        framework=planned.framework,
        python=python,
        version=said.version,
        state=state,
        reason=reason,
        cause=cause,
        fix=fix,
        import_seconds=said.import_seconds,
        devices=devices,
        threads=said.threads,
        settings=settings,
    )


def unused_accelerators(
    devices: Sequence[DeviceFinding], hardware: Hardware
) -> Iterator[DeviceFinding]:
    """Accelerators that the drivers see and on which nothing ran."""
    there = {one.device for one in hardware.accelerators}
    for one in devices:
        if one.device != "cpu" and one.device in there and not one.operation_ran:
            yield one


def of_refusal(planned: PlannedImport, python: str, error: WorkerError) -> FrameworkFinding:
    """A framework that said why it cannot be imported, or that no adapter knows."""
    if error.kind == "unsupported":
        return FrameworkFinding(
            framework=planned.framework,
            python=python,
            version=planned.version,
            state="found",
            reason=one_line(error.message),
        )
    condensed = condense(error.message, error.detail, python, planned.distribution)
    return FrameworkFinding(
        framework=planned.framework,
        python=python,
        version=planned.version,
        state="broken",
        reason=condensed.cause,
        fix=condensed.fix,
        detail=None if error.detail is None else error.detail[-DETAIL_CHARACTERS:],
    )


def of_loss(planned: PlannedImport, python: str, lost: WorkerLost) -> FrameworkFinding:
    """A framework whose import hung, crashed or spoke nonsense."""
    words = one_line(lost.message)
    cause, fix = words, None
    if lost.how == "exited":
        # What the loader printed says more than the exit code.
        condensed = condense(words, lost.detail, python, planned.distribution)
        fix = condensed.fix
        if fix is not None:
            cause = condensed.cause
    return FrameworkFinding(
        framework=planned.framework,
        python=python,
        version=planned.version,
        state="timed_out" if lost.how == "timed_out" else "broken",
        reason=f"while importing: {cause}",
        fix=fix,
        detail=None if lost.detail is None else lost.detail[-DETAIL_CHARACTERS:],
    )


def cancelled(planned: PlannedImport, python: str) -> FrameworkFinding:
    return FrameworkFinding(
        framework=planned.framework,
        python=python,
        version=planned.version,
        state="cancelled",
        reason="stopped before it was tried",
    )


def merged(findings: Sequence[tuple[PlannedImport, FrameworkFinding]]) -> FrameworkFinding:
    """One finding for a framework that was tried on several backends: working on one is working."""
    # Where it was not the first import of its process, the import has no time of its own.
    ranked = sorted(
        findings,
        key=lambda pair: (BEST_FIRST.index(pair[1].state), pair[1].import_seconds is None),
    )
    tried = tuple(each for _, one in findings for each in one.capabilities)
    best = msgspec.structs.replace(ranked[0][1], capabilities=tried)
    others = [
        f"on {planned.backend}: {one.reason}"
        for planned, one in ranked[1:]
        if one.state not in ("works", "cancelled") and one.reason and planned.backend
    ]
    if best.state == "works" and others:
        worst = ranked[-1][1]
        return msgspec.structs.replace(
            best, reason="; ".join(others), fix=worst.fix, detail=worst.detail
        )
    return best
