"""The use case: answers and a machine in, advice out; the only place where rules meet probes.

Window and commands are front ends of the functions here. Nothing here paints, prints or asks.
"""

import os
import statistics
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

import msgspec

import probes
import rules
from app.files import read_at_most
from app.interpreter import is_bundle
from app.ways_out import with_ways_out
from probes.results import (
    LARGEST_FILE_BYTES,
    Environment,
    FrameworkFinding,
    Hardware,
    Machine,
    MachineFileError,
    Measurement,
    ProbeEvent,
    Tier,
    decode_machine,
)
from rules.model import Answers, Knowledge, MeasuredState, MeasuredTime, Measurements
from rules.questionnaire import prefill
from rules.recommendation import Ranked, Recommendation
from rules.texts import say

PERFORMANCE = "performance"
SUPPORTED_PYTHONS = tuple(f"3.{minor}" for minor in range(10, 16))


def advise(
    knowledge: Knowledge,
    answers: Answers,
    machine: Machine | None,
    today: date,
    draws: int = 10_000,
) -> Recommendation:
    """Decide, with the machine's facts filled in where the answers leave them to it."""
    if machine is None:
        return rules.decide(knowledge, answers, Measurements(), today, draws=draws)
    completed = prefill(knowledge, answers, machine_facts(machine))
    measurements = measurements_of(machine, knowledge)
    return rules.decide(knowledge, completed, measurements, today, draws=draws)


def measurements_of(machine: Machine, knowledge: Knowledge) -> Measurements:
    """What of a machine file may enter a decision: valid strict times of the modes that speak."""
    speaking = {
        (framework.id, mode)
        for framework in knowledge.frameworks
        for mode in (framework.speaking_modes.training, framework.speaking_modes.inference)
        if mode is not None
    }
    times: dict[tuple[str, str, str], MeasuredTime] = {}
    for measurement in machine.measurements:
        time = _measured_time(measurement)
        if time is None or (measurement.framework, measurement.mode) not in speaking:
            continue
        # Of several environments with the same framework the first listed counts: the one the
        # user started from, or named first.
        times.setdefault((time.framework, time.workload, time.device), time)
    return Measurements(
        times=tuple(times[key] for key in sorted(times)),
        states=tuple(_states(machine, knowledge)),
        # A machine that was only looked at has told nothing that could count.
        fingerprint=None if machine.tier is None else machine.fingerprint,
    )


def _measured_time(measurement: Measurement) -> MeasuredTime | None:
    purpose = measurement.purpose
    if (
        measurement.verdict.status != "valid"
        or measurement.track != "strict_fp32"
        or measurement.delivers
        or measurement.median_seconds is None
        or measurement.ci95 is None
        or not (purpose == "training" or purpose == "inference")
    ):
        return None
    controls = [
        seconds
        for one in measurement.rounds
        if not one.flagged
        for seconds in (one.control_before_seconds, one.control_after_seconds)
    ]
    if not controls:
        return None
    return MeasuredTime(
        framework=measurement.framework,
        mode=measurement.mode,
        workload=measurement.workload,
        purpose=purpose,
        device=measurement.device,
        median_seconds=measurement.median_seconds,
        low_seconds=measurement.ci95[0],
        high_seconds=measurement.ci95[1],
        control_seconds=statistics.median(controls),
    )


def _states(machine: Machine, knowledge: Knowledge) -> Iterable[MeasuredState]:
    """One state per framework: working anywhere on the machine is working."""
    for framework in knowledge.frameworks:
        findings = [one for one in machine.frameworks if one.framework == framework.id]
        if not findings:
            yield MeasuredState(framework=framework.id, status="not_installed")
        elif any(one.state in ("works", "falls_back_to_cpu") for one in findings):
            yield MeasuredState(framework=framework.id, status="works")
        elif broken := [one for one in findings if one.state == "broken"]:
            yield MeasuredState(framework=framework.id, status="broken", reason=broken[0].reason)


def machine_facts(machine: Machine) -> dict[str, str]:
    """The answers to the machine questions that this machine file gives."""
    facts = {"training_hardware": _training_hardware(machine.hardware)}
    if machine.hardware.os != "other":
        facts["os"] = machine.hardware.os
    version = _python_version(machine)
    if version is not None:
        facts["python_version"] = version
    return facts


def _training_hardware(hardware: Hardware) -> str:
    """The accelerator, else the processor."""
    return hardware.accelerators[0].device if hardware.accelerators else "cpu"


def _python_version(machine: Machine) -> str | None:
    """Of the environment that holds most frameworks; the first of equals."""
    known = [one for one in machine.environments if one.python_version is not None]
    if not known:
        return None
    best = max(known, key=lambda one: len(one.frameworks))
    assert best.python_version is not None
    short = ".".join(best.python_version.split(".")[:2])
    if short in SUPPORTED_PYTHONS:
        return short
    major, minor = (int(part) for part in short.split("."))
    return "older" if (major, minor) < (3, 10) else SUPPORTED_PYTHONS[-1]


def measuring_matters(
    knowledge: Knowledge, answers: Answers, today: date, machine: Machine | None = None
) -> tuple[bool, str]:
    """Whether measuring on this machine can change the first place, and why, for a person."""
    wanted = answers.answers.get("training_hardware")
    if machine is not None and isinstance(wanted, str) and wanted != "unknown":
        here = _training_hardware(machine.hardware)
        if wanted != here:
            questions = {one.id: one for one in knowledge.questions}
            devices = {one.id: one.text for one in questions["training_hardware"].options}
            return False, say(
                "You train on another class of device ({wanted}) than this machine has ({here}): "
                "what is measured here is shown, but does not count.",
                wanted=devices.get(wanted, wanted),
                here=devices.get(here, here),
            )
    recommendation = rules.decide(knowledge, answers, Measurements(), today, draws=200)
    if recommendation.screen.exit is not None:
        return False, say("The way out does not rest on speed: measuring cannot change it.")
    if len(recommendation.ranking) < 2:
        return False, say("At most one framework is left: measuring cannot change that.")
    weight = rules.performance_weight(knowledge, answers)
    leader, *others = recommendation.ranking
    rivals = [one.framework for one in others if _gap(leader, one, weight) < weight]
    if not rivals:
        return False, say(
            "Even the best time for the others and the worst for the leader would not change the "
            "first place; measuring can only confirm it."
        )
    names = [one.name for one in knowledge.frameworks if one.id in rivals]
    return True, say(
        "Measuring can still change the first place: {names} could overtake.",
        names=", ".join(names),
    )


def _gap(leader: Ranked, other: Ranked, weight: float) -> float:
    """The leader's lead once speed counts with `weight`, before either has shown any.

    The weight comes out of the other criteria of its group, in proportion.
    """
    group = next(one.group for one in leader.contributions if one.criterion == PERFORMANCE)
    pairs = zip(leader.contributions, other.contributions, strict=True)
    inside = [(mine, theirs) for mine, theirs in pairs if mine.group == group]
    taken = weight / sum(mine.weight for mine, _ in inside)
    lead_inside = sum(mine.points - theirs.points for mine, theirs in inside)
    return leader.score - other.score - taken * lead_inside


def framework_distributions() -> dict[str, tuple[str, ...]]:
    """Framework id -> the distribution names under which it is installed."""
    from probes.catalogue import load_catalogue

    return {one.id: one.distributions for one in load_catalogue().frameworks}


def look(pythons: Sequence[Path] = (), everywhere: bool = False) -> Machine:
    """Hardware and installed frameworks from metadata; nothing found is executed."""
    return probes.look(pythons, everywhere)


def environments(pythons: Sequence[Path] = ()) -> tuple[Environment, ...]:
    """The environments that are looked into where nothing else is asked. Starts nothing."""
    return probes.find_environments(pythons)


def load_machine(path: Path) -> Machine:
    """Read a machine file. Raises MachineFileError with one clear message."""
    try:
        data = read_at_most(path, LARGEST_FILE_BYTES + 1)
    except OSError as error:
        raise MachineFileError(f"{path}: cannot be read: {error.strerror}") from error
    return decode_machine(data, str(path))


def prepare_probe(
    tier: Tier,
    frameworks: Sequence[str] | None = None,
    pythons: Sequence[Path] = (),
    workloads: Sequence[str] | None = None,
    everywhere: bool = False,
    first: Sequence[str] = (),
    elsewhere_only: bool = False,
) -> probes.Plan:
    """What a probe would do, and what it refuses to do and why. Nothing is started.

    `first`: the workloads that count for the answers, from `rules.telling_workloads`. With
    `elsewhere_only` the given interpreters alone, without this program's own environment.
    """
    found = probes.find_environments(pythons, everywhere)
    if elsewhere_only:
        given = {os.path.abspath(one) for one in pythons}
        found = tuple(one for one in found if one.python in given)
    plan = probes.make_plan(
        probes.detect_hardware(),
        found,
        tier,
        frameworks,
        workloads,
        first,
    )
    if is_bundle() and not (pythons or everywhere):
        return msgspec.structs.replace(plan, refusals=(_stand_in(found), *plan.refusals))
    return plan


def _stand_in(found: Sequence[Environment]) -> str:
    """What a bundle looks into, since it has no environment of its own."""
    if not found:
        return say(
            "This program lies in a bundle, which has no Python environment of its own, and there "
            "is no Python on PATH to look into. Search all environments (--all), or name one "
            "(--python)."
        )
    return say(
        "This program lies in a bundle, which has no Python environment of its own: it looks into "
        "{python}, the first on PATH. Search all environments (--all), or name another (--python).",
        python=found[0].python,
    )


def offered_workloads() -> tuple[str, ...]:
    """Every workload that can be chosen by itself, most telling first."""
    from probes.plan import SETTINGS

    return SETTINGS["deep"].workloads


def measure(
    plan: probes.Plan, on_event: Callable[[ProbeEvent], None], cancel: threading.Event
) -> Machine:
    """Run a probe; what is done when `cancel` is set stays in the machine file.

    Where an accelerator stays idle, the finding gets the line that mends it.
    """
    machine = probes.run(plan, on_event, cancel)
    # The knowledge is read only where there is something to mend.
    return with_ways_out(machine, rules.load_knowledge()) if troubled(machine) else machine


def troubled(machine: Machine) -> tuple[FrameworkFinding, ...]:
    """Frameworks that are installed and do not do what they could here."""
    return tuple(
        one
        for one in machine.frameworks
        if one.state in ("broken", "falls_back_to_cpu", "timed_out")
    )
