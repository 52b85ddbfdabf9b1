"""Take out of a machine file and a recommendation what tells where and by whom they were made.

By what may stay, not by what must go: free text from a machine is removed whole, and names are kept
only in the narrow form that a maker's product, a version or one of our ids has.
"""

import re
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from app.installing.results import Verification
from app.report.document import StarterRun
from app.what_ifs import WhatIf
from probes.results import (
    Accelerator,
    Environment,
    FrameworkFinding,
    Hardware,
    Machine,
    Measurement,
)
from rules.recommendation import Recommendation

REMOVED = "(removed)"

_PRODUCT = re.compile(
    r"(intel|amd|apple|arm|ampere|qualcomm|nvidia|amazon|google|huawei|microsoft|ibm|hygon|"
    r"loongson|phytium|zhaoxin|neoverse|cortex)\b[\w ()®™.,+-]{0,80}",
    re.IGNORECASE,
)
_VERSION = re.compile(r"v?\d+(\.\d+){0,5}((a|b|rc|\.dev|\.post)\d+)?(\+(cpu|cu\d+|rocm[\d.]+))?")
_BUILD = re.compile(r"cpu|cu\d+|rocm[\d.]+|xpu")
_ID = re.compile(r"[a-z][a-z0-9_.-]{0,39}(/[a-z0-9_]{1,39})?")
_FLAG = re.compile(r"[a-z][a-z0-9_.]{1,24}")
_HEX = re.compile(r"(sha256:)?[0-9a-f]{8,64}")
_HEX_OR_VERSION = re.compile(rf"|{_HEX.pattern}|{_VERSION.pattern}")
_DEVICE = re.compile(r"(cuda|rocm|xpu|mps|tpu|npu|cpu):?\d{0,2}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)")
_SYSTEM = re.compile(
    r"(Debian|Ubuntu|Fedora|Red Hat|Rocky|AlmaLinux|Arch|openSUSE|SUSE|Alpine|Amazon|Linux Mint|"
    r"Windows|macOS)[\w ./()]{0,60}|[\d._-]{1,40}"
)
_SETTING = re.compile(
    r"True|False|None|default|\d{1,4}|AVX\w{0,10}|channels_(first|last)|b?float\d{1,2}|cpu|mkl|"
    r"openblas|eigen|(cuda|cudnn|rocm) [\d.]+|train_on_batch"
)
_OWN_WORDS = re.compile(
    r"other programs used \d+% of the processor|"
    r"the control (product|of small operations) took \d+% longer than usual beside it|"
    r"it got [\d.]+ cores, its best round [\d.]+|"
    r"single times scatter by \d+% of their median|"
    r"\d+ of \d+ rounds were (undisturbed|left out)|"
    r"\d+ of \d+ single times lie far from the others; kept|"
    r"the \d+ s of the (quick|standard|deep) tier were over|"
    r"(of [a-z0-9_]{1,40}, one|\d+) fresh process(es)?|"
    r"no driver for it is loaded"
)
"""What our own statistics say of a round: it tells why a time counts, and nothing of anybody."""
_SHORTEST_SECRET = 4
"""Shorter strings are not looked for in other texts: they would tear words apart."""

T = TypeVar("T", bound=msgspec.Struct)


def redact_machine(machine: Machine) -> Machine:
    """The machine file without paths, names, serial numbers and free text.

    Interpreters become `interpreter 1`, `interpreter 2` in order: what ran where stays told.
    """
    pythons = {name: f"interpreter {index}" for index, name in enumerate(_pythons(machine), 1)}
    return _replaced(
        machine,
        run_id=REMOVED,
        started_utc=_kept(_TIME, machine.started_utc),
        finished_utc=_kept(_TIME, machine.finished_utc),
        program_version=_kept(_VERSION, machine.program_version),
        fingerprint=_kept(_HEX, machine.fingerprint),
        hardware=_hardware(machine.hardware),
        environments=tuple(_environment(one, pythons) for one in machine.environments),
        frameworks=tuple(_finding(one, pythons) for one in machine.frameworks),
        runtimes=tuple(_finding(one, pythons) for one in machine.runtimes),
        measurements=tuple(_measurement(one, pythons) for one in machine.measurements),
        comparisons=tuple(
            _replaced(
                one,
                workload=_kept(_ID, one.workload),
                first=_kept(_ID, one.first),
                second=_kept(_ID, one.second),
            )
            for one in machine.comparisons
        ),
        notes=_own_words(machine.notes),
    )


def redact_recommendation(
    recommendation: Recommendation, machine: Machine | None
) -> Recommendation:
    """The recommendation without the user's own words and without what a machine file said.

    Reasons that the user wrote become `(removed)`, in the answers and wherever they are quoted.
    """
    answers = recommendation.answers
    secrets = {*answers.exclude.values(), *(one.reason for one in answers.override.values())}
    if machine is not None:
        secrets |= set(_removed_strings(machine))
    cleaned = _scrub(msgspec.to_builtins(recommendation), sorted(secrets, key=len, reverse=True))
    for reason in cleaned["answers"]["exclude"]:
        cleaned["answers"]["exclude"][reason] = REMOVED
    for override in cleaned["answers"]["override"].values():
        override["reason"] = REMOVED
    return msgspec.convert(cleaned, Recommendation)


def redact_what_if(one: WhatIf) -> WhatIf:
    """What was tried, without the user's own words for it."""
    answers = one.answers
    return _replaced(
        one,
        label=REMOVED,
        answers=_replaced(
            answers,
            exclude=dict.fromkeys(answers.exclude, REMOVED),
            override={
                name: _replaced(override, reason=REMOVED)
                for name, override in answers.override.items()
            },
        ),
    )


def redact_installation(found: Verification) -> Verification:
    """Without the interpreter's path and without what pip quotes of what is installed there."""
    python = found.target.python
    if python is None:
        return _replaced(found, details=())
    return _replaced(
        found,
        target=_replaced(found.target, python=REMOVED),
        summary=found.summary.replace(python, REMOVED),
        details=(),
    )


def redact_notes(notes: str) -> str:
    return REMOVED if notes.strip() else ""


def redact_starter(run: StarterRun) -> StarterRun:
    return _replaced(
        run,
        metrics={key: value for key, value in run.metrics.items() if _ID.fullmatch(key)},
        versions={
            key: value
            for key, value in run.versions.items()
            if _ID.fullmatch(key) and _VERSION.fullmatch(value)
        },
        tail=tuple(REMOVED for _ in run.tail),
    )


def _hardware(hardware: Hardware) -> Hardware:
    cpu = hardware.cpu
    return _replaced(
        hardware,
        cpu=_replaced(
            cpu,
            model=_kept(_PRODUCT, cpu.model),
            microarchitecture=_kept(_ID, cpu.microarchitecture) if cpu.microarchitecture else None,
            flags=tuple(flag for flag in cpu.flags if _FLAG.fullmatch(flag)),
        ),
        accelerators=tuple(_accelerator(one) for one in hardware.accelerators),
        accelerator_notes=_own_words(hardware.accelerator_notes),
        os_version=_kept(_SYSTEM, hardware.os_version.partition(", ")[0]),
        governor=_kept(_ID, hardware.governor) if hardware.governor else None,
    )


def _accelerator(one: Accelerator) -> Accelerator:
    return _replaced(
        one,
        vendor=_kept(_PRODUCT, one.vendor),
        name=_kept(_PRODUCT, one.name),
        driver=_kept(_VERSION, one.driver) if one.driver else None,
        compute_capability=_kept(_VERSION, one.compute_capability)
        if one.compute_capability
        else None,
        identifier=_kept(_DEVICE, one.identifier),
    )


def _environment(one: Environment, pythons: dict[str, str]) -> Environment:
    return _replaced(
        one,
        python=pythons[one.python],
        python_version=_kept(_VERSION, one.python_version) if one.python_version else None,
        frameworks=tuple(
            _replaced(
                installed,
                framework=_kept(_ID, installed.framework),
                distribution=_kept(_ID, installed.distribution),
                version=_kept(_VERSION, installed.version),
                build=_kept(_BUILD, installed.build) if installed.build else None,
                location=REMOVED,
            )
            for installed in one.frameworks
        ),
        problem=REMOVED if one.problem else None,
    )


def _finding(one: FrameworkFinding, pythons: dict[str, str]) -> FrameworkFinding:
    return _replaced(
        one,
        framework=_kept(_ID, one.framework),
        python=pythons[one.python],
        version=_kept(_VERSION, one.version) if one.version else None,
        reason=REMOVED if one.reason else None,
        fix=REMOVED if one.fix else None,
        detail=REMOVED if one.detail else None,
        devices=tuple(
            _replaced(device, reason=_kept(_OWN_WORDS, device.reason) if device.reason else None)
            for device in one.devices
        ),
        capabilities=tuple(
            _replaced(tried, mode=_kept(_ID, tried.mode), note=REMOVED)
            for tried in one.capabilities
        ),
        settings={
            key: value
            for key, value in one.settings.items()
            if _ID.fullmatch(key) and _SETTING.fullmatch(value)
        },
    )


def _measurement(one: Measurement, pythons: dict[str, str]) -> Measurement:
    proof = one.equal_work
    return _replaced(
        one,
        framework=_kept(_ID, one.framework),
        mode=_kept(_ID, one.mode),
        workload=_kept(_ID, one.workload),
        workload_version=_kept(_HEX_OR_VERSION, one.workload_version),
        python=pythons[one.python],
        rounds=tuple(_replaced(entry, reasons=_own_words(entry.reasons)) for entry in one.rounds),
        equal_work=_replaced(proof, reason=REMOVED if proof.reason else None) if proof else None,
        verdict=_replaced(one.verdict, reasons=_own_words(one.verdict.reasons)),
    )


def _pythons(machine: Machine) -> list[str]:
    listed: list[Environment | FrameworkFinding | Measurement] = [
        *machine.environments,
        *machine.tried,
        *machine.measurements,
    ]
    return list(dict.fromkeys(one.python for one in listed))


def _kept(form: re.Pattern[str], text: str) -> str:
    return text if form.fullmatch(text) else REMOVED


def _own_words(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_kept(_OWN_WORDS, text) for text in texts)


def _removed_strings(machine: Machine) -> Iterator[str]:
    """What stands in the machine file and no longer in its redacted form."""
    kept = set(_strings(msgspec.to_builtins(redact_machine(machine))))
    for text in _strings(msgspec.to_builtins(machine)):
        if text not in kept and len(text) >= _SHORTEST_SECRET:
            yield text


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner)


def _scrub(value: Any, secrets: list[str]) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            if len(secret) >= _SHORTEST_SECRET:
                value = value.replace(secret, REMOVED)
        return value
    if isinstance(value, dict):
        return {key: _scrub(inner, secrets) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_scrub(inner, secrets) for inner in value]
    return value


def _replaced(struct: T, **changes: Any) -> T:
    return msgspec.structs.replace(struct, **changes)
