"""Two reports, or two machine files, side by side; and which change moved the ranking.

Pure: what moved it is found by deciding again with one change at a time, on knowledge that the
caller loaded.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec

from app.charts import duration
from app.report.differences import Difference, differences
from app.report.document import Part, Report
from app.report.replay import decide_again
from app.report.words import LONGEST_LINE, joined, one_line
from probes.results import Machine, Measurement
from rules.model import Knowledge
from rules.recommendation import Recommendation

LEAST_DIFFERENCE = 0.10
"""Two times differ when they are at least this far apart and their intervals do not meet."""


class Place(Part, frozen=True, kw_only=True):
    """Where a framework stands in each; None where it is not ranked."""

    framework: str
    name: str
    first_rank: int | None
    second_rank: int | None
    first_score: float | None
    second_score: float | None


class Step(Part, frozen=True, kw_only=True):
    """One change of the second report, made alone on the first: what it does to the ranking."""

    change: str
    moves_winner: bool
    moves_order: bool
    winner: str
    """Framework or exit, or `nobody`."""
    order: tuple[str, ...]
    """The ranking with this change alone."""


class ReportComparison(Part, frozen=True, kw_only=True):
    changed: tuple[Difference, ...]
    """Inputs that differ: answers, importance, knowledge, date, machine."""
    first_winner: str | None
    second_winner: str | None
    places: tuple[Place, ...]
    steps: tuple[Step, ...]
    statement: str


class TimeComparison(Part, frozen=True, kw_only=True):
    """One mode and workload on both."""

    mode: str
    workload: str
    device: str
    first_seconds: float
    second_seconds: float
    ratio: float
    """Second over first: below 1 the second is faster."""
    differs: bool


class Unpaired(Part, frozen=True, kw_only=True):
    """A mode and workload that at least one of them has no time of that counts."""

    mode: str
    workload: str
    device: str
    first: str
    """The time, or why there is none."""
    second: str


class MachineComparison(Part, frozen=True, kw_only=True):
    same_machine: bool
    """The same fingerprint: hardware and versions."""
    changed: tuple[Difference, ...]
    """Hardware, frameworks, components and the machine's own limits, where they differ."""
    times: tuple[TimeComparison, ...]
    unpaired: tuple[Unpaired, ...]
    """What cannot be compared: no valid time in one of them, or of another definition."""
    statement: str


def compare_reports(first: Report, second: Report, knowledge: Knowledge) -> ReportComparison:
    """Inputs and outcomes of both, and what each change does when made alone.

    Raises ReportError where a report's inputs cannot be decided on with this knowledge.
    """
    # A fact that only one of them rests on is a consequence of its answers, not a change.
    shared = {one.id for one in first.facts} & {one.id for one in second.facts}
    changed = tuple(differences(_inputs(first, shared), _inputs(second, shared)))
    winners = (first.recommendation.verdict.framework, second.recommendation.verdict.framework)
    steps = tuple(_steps(first, second, knowledge)) if changed else ()
    return ReportComparison(
        changed=changed,
        first_winner=winners[0],
        second_winner=winners[1],
        places=tuple(_places(first, second)),
        steps=steps,
        statement=_report_statement(first, second, bool(changed), steps),
    )


def compare_machines(first: Machine, second: Machine) -> MachineComparison:
    """Hardware, frameworks and times; only equal workloads on equal devices are compared."""
    changed = tuple(differences(*_described_alike(first, second)))
    ours, theirs = _valid_times(first), _valid_times(second)
    times = tuple(_time_comparison(ours[key], theirs[key]) for key in ours if key in theirs)
    same = first.fingerprint == second.fingerprint
    return MachineComparison(
        same_machine=same,
        changed=changed,
        times=times,
        unpaired=tuple(_unpaired(first, second, ours.keys() & theirs.keys())),
        statement=_machine_statement(same, times),
    )


def report_lines(comparison: ReportComparison) -> list[str]:
    """As plain lines for a terminal."""
    said = [comparison.statement, "", "Ranking, first -> second:"]
    for one in comparison.places:
        said.append(
            f"  {one.name}: {_place(one.first_rank, one.first_score)} -> "
            f"{_place(one.second_rank, one.second_score)}"
        )
    if comparison.changed:
        said += ["", "What differs between them:"]
        said += [f"  {one.field}: {one.before} -> {one.after}" for one in comparison.changed]
    if comparison.steps:
        names = {one.framework: one.name for one in comparison.places}
        said += ["", "Each change alone, made on the first:"]
        for step in comparison.steps:
            effect = (
                f"another winner ({names.get(step.winner, step.winner)})"
                if step.moves_winner
                else "another order"
                if step.moves_order
                else "the same order"
            )
            said.append(f"  {step.change}: {effect}")
    return _for_a_terminal(said)


def machine_lines(comparison: MachineComparison) -> list[str]:
    """As plain lines for a terminal."""
    said = [comparison.statement]
    if comparison.changed:
        said += ["", "What differs between them:"]
        said += [f"  {one.field}: {one.before} -> {one.after}" for one in comparison.changed]
    if comparison.times:
        said += ["", "Times, first -> second:"]
        for one in comparison.times:
            verdict = "differs" if one.differs else "no difference that holds"
            said.append(
                f"  {one.mode} {one.workload} on {one.device}: {duration(one.first_seconds)} -> "
                f"{duration(one.second_seconds)} ({one.ratio:.2f} x, {verdict})"
            )
    if comparison.unpaired:
        said += ["", "Without a time to compare, first | second:"]
        for other in comparison.unpaired:
            said.append(
                f"  {other.mode} {other.workload} on {other.device}: {other.first} | {other.second}"
            )
    return _for_a_terminal(said)


def _for_a_terminal(said: list[str]) -> list[str]:
    """Field names and values may come from a stranger's file."""
    return [one_line(line, LONGEST_LINE) for line in said]


# -- Reports -------------------------------------------------------------------------------------


def _inputs(report: Report, facts: set[str]) -> dict[str, object]:
    """What went into a decision, as plain data."""
    recommendation = report.recommendation
    return {
        "answers": msgspec.to_builtins(recommendation.answers),
        "made": {
            "today": recommendation.made.today,
            "draws": recommendation.made.draws,
            "seed": recommendation.made.seed,
        },
        "program_version": report.program_version,
        "knowledge": {
            "version": recommendation.knowledge.version,
            "hash": recommendation.knowledge.hash,
        },
        "facts": [
            {"id": one.id, "level": one.level, "grade": one.grade, "as_of": one.as_of}
            for one in report.facts
            if one.id in facts
        ],
        "machine": recommendation.machine,
    }


def _steps(first: Report, second: Report, knowledge: Knowledge) -> Iterator[Step]:
    """Each changed answer, then importance, limits, overrides, the date and the measurements."""
    answers, others = first.recommendation.answers, second.recommendation.answers
    base = decide_again(first, knowledge)

    def step(change: str, recommendation: Recommendation) -> Step:
        order = _order(recommendation)
        return Step(
            change=change,
            moves_winner=recommendation.verdict.framework != base.verdict.framework,
            moves_order=order != _order(base),
            winner=recommendation.verdict.framework or "nobody",
            order=order,
        )

    for question in dict.fromkeys((*answers.answers, *others.answers)):
        given = others.answers.get(question)
        if answers.answers.get(question) == given:
            continue
        changed = {key: value for key, value in answers.answers.items() if key != question}
        if given is not None:
            changed[question] = given
        yield step(
            f"answers.{question}",
            decide_again(first, knowledge, msgspec.structs.replace(answers, answers=changed)),
        )
    for field in ("importance", "must_use", "exclude", "existing_components", "override"):
        theirs = getattr(others, field)
        if getattr(answers, field) != theirs:
            yield step(
                f"answers.{field}",
                decide_again(first, knowledge, msgspec.structs.replace(answers, **{field: theirs})),
            )
    if first.recommendation.made.today != second.recommendation.made.today:
        yield step(
            "made.today", decide_again(first, knowledge, today=second.recommendation.made.today)
        )
    if first.recommendation.machine != second.recommendation.machine:
        yield step("machine", decide_again(first, knowledge, measured_by=second))
    if first.recommendation.knowledge.hash != second.recommendation.knowledge.hash:
        # Old knowledge is not at hand; what the second was decided with speaks through its report.
        yield Step(
            change="knowledge",
            moves_winner=base.verdict.framework != first.recommendation.verdict.framework,
            moves_order=_order(base) != _order(first.recommendation),
            winner=base.verdict.framework or "nobody",
            order=_order(base),
        )


def _places(first: Report, second: Report) -> Iterator[Place]:
    names = first.names | second.names
    ours = {one.framework: one for one in first.recommendation.ranking}
    theirs = {one.framework: one for one in second.recommendation.ranking}
    for framework in dict.fromkeys((*theirs, *ours)):
        one, other = ours.get(framework), theirs.get(framework)
        yield Place(
            framework=framework,
            name=names.get(framework, framework),
            first_rank=one.rank if one else None,
            second_rank=other.rank if other else None,
            first_score=one.score if one else None,
            second_score=other.score if other else None,
        )


def _place(rank: int | None, score: float | None) -> str:
    return "not ranked" if rank is None or score is None else f"{rank}. ({score:.3f})"


def _order(recommendation: Recommendation) -> tuple[str, ...]:
    return tuple(one.framework for one in recommendation.ranking)


def _report_statement(first: Report, second: Report, changed: bool, steps: tuple[Step, ...]) -> str:
    before, after = first.recommendation, second.recommendation
    names = first.names | second.names
    winners = [
        names.get(one.verdict.framework or "", one.verdict.framework or "nothing")
        for one in (before, after)
    ]
    if not changed:
        return "Both reports rest on the same inputs."
    if before.verdict.framework == after.verdict.framework:
        start = f"Both recommend {winners[1]}"
        movers = [one.change for one in steps if one.moves_order]
        if _order(before) == _order(after):
            return f"{start}, in the same order."
        return f"{start}; what moved the order: {joined(movers) or _together()}."
    movers = [one.change for one in steps if one.moves_winner]
    moved = joined(movers) or _together()
    return f"The first recommends {winners[0]}, the second {winners[1]}; what moved it: {moved}."


def _together() -> str:
    return "no single change, only several together"


# -- Machines ------------------------------------------------------------------------------------


NOT_INSTALLED = "not installed"
ON_DISK = ("version", "build", "Python", "state")
ANOTHER = "of another definition of the workload"


def _described_alike(first: Machine, second: Machine) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both as plain data. What only one has is one line, not one for each of its parts."""
    ours, theirs = _described(first), _described(second)
    for part in ("frameworks", "components"):
        for key in sorted(ours[part].keys() ^ theirs[part].keys()):
            has, lacks = (ours, theirs) if key in ours[part] else (theirs, ours)
            has[part][key], lacks[part][key] = _in_short(has[part][key]), NOT_INSTALLED
    for key in ours["frameworks"].keys() & theirs["frameworks"].keys():
        pair = (ours["frameworks"], theirs["frameworks"])
        if any(isinstance(one[key], dict) and one[key]["state"] == "found" for one in pair):
            # What only a run could tell is no difference to a framework that was not started.
            for one in pair:
                one[key] = {name: one[key][name] for name in ON_DISK}
    return ours, theirs


def _described(machine: Machine) -> dict[str, Any]:
    hardware = msgspec.to_builtins(machine.hardware)
    del hardware["available_memory_bytes"]
    # A list of devices is compared place by place, and one more is a line of its own.
    hardware["accelerators"] = [
        ", ".join(str(value) for value in one.values() if value is not None)
        for one in hardware["accelerators"]
    ]
    return {
        "hardware": hardware,
        "control product": _time(machine.control_seconds),
        "computing limit": _rate(machine.peak_flops_per_second, "GFLOP/s"),
        "memory limit": _rate(machine.peak_bytes_per_second, "GB/s"),
        "frameworks": _frameworks(machine),
        "components": {
            one.component: one.version
            for environment in reversed(machine.environments)
            for one in environment.components
        },
        "tier": machine.tier,
        "program_version": machine.program_version,
    }


def _frameworks(machine: Machine) -> dict[str, Any]:
    """By framework; where several environments have one, numbered in the file's order. Paths are
    no difference: they are another on every machine."""
    pythons = {one.python: one.python_version for one in machine.environments}
    builds = {
        (environment.python, one.framework): one.build
        for environment in machine.environments
        for one in environment.frameworks
    }
    found: dict[str, Any] = {}
    for one in machine.frameworks:
        number = 2
        key = one.framework
        while key in found:
            key, number = f"{one.framework} ({number})", number + 1
        found[key] = {
            "version": one.version,
            "build": builds.get((one.python, one.framework)),
            "Python": pythons.get(one.python),
            "state": one.state,
            "reason": one.reason,
            "runs on": [each.device for each in one.devices if each.operation_ran],
            "threads": one.threads,
            "settings": dict(one.settings),
            "modes": sorted(
                {
                    each.mode
                    for each in machine.measurements
                    if each.python == one.python and each.framework == one.framework and each.rounds
                }
            ),
            "tried": {
                f"{each.mode} {each.capability} on {each.device}": each.state
                for each in one.capabilities
            },
        }
    return found


def _in_short(entry: Any) -> str:
    """A framework that the other machine has not: version, state and where it runs."""
    if not isinstance(entry, dict):
        return str(entry)
    runs_on = ", ".join(entry["runs on"])
    state = entry["state"].replace("_", " ") + (f" on {runs_on}" if runs_on else "")
    return f"{entry['version'] or '?'}, {state}"


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else duration(seconds)


def _rate(amount: float | None, unit: str) -> str | None:
    return None if amount is None else f"{amount / 1e9:.3g} {unit}"


def _unpaired(
    first: Machine, second: Machine, paired: AbstractSet[tuple[str, str, str, str]]
) -> Iterator[Unpaired]:
    """Each mode and workload of either that has no pair of valid times."""
    ours, theirs = _best(first), _best(second)
    done = {(mode, workload, device) for mode, workload, _, device in paired}
    for key in dict.fromkeys((*ours, *theirs)):
        if key not in done:
            mode, workload, device = key
            here = _told(ours.get(key), theirs.get(key))
            there = _told(theirs.get(key), ours.get(key))
            if here != there or here.endswith(ANOTHER):
                yield Unpaired(
                    mode=mode, workload=workload, device=device, first=here, second=there
                )


def _best(machine: Machine) -> dict[tuple[str, str, str], Measurement]:
    """Of several environments the one whose time counts, else the first."""
    found: dict[tuple[str, str, str], Measurement] = {}
    for one in machine.measurements:
        key = (one.mode, one.workload, one.device)
        if one.track == "strict_fp32" and (key not in found or _counts(one) > _counts(found[key])):
            found[key] = one
    return found


def _counts(one: Measurement) -> bool:
    return one.verdict.status == "valid" and bool(one.median_seconds)


def _told(one: Measurement | None, other: Measurement | None) -> str:
    """The time, or why there is none that counts."""
    if one is None:
        return "not measured"
    status = one.verdict.status.replace("_", " ")
    time = _time(one.median_seconds)
    if _counts(one):
        another = other is not None and _counts(other)
        return f"{time}, {ANOTHER}" if another else str(time)
    reason = f": {one.verdict.reasons[0]}" if one.verdict.reasons else ""
    return f"{time}, {status}{reason}" if time else f"{status}{reason}"


def _valid_times(machine: Machine) -> dict[tuple[str, str, str, str], Measurement]:
    found: dict[tuple[str, str, str, str], Measurement] = {}
    for one in machine.measurements:
        if _counts(one) and one.track == "strict_fp32":
            found.setdefault((one.mode, one.workload, one.workload_version, one.device), one)
    return found


def _time_comparison(first: Measurement, second: Measurement) -> TimeComparison:
    assert first.median_seconds
    assert second.median_seconds
    ratio = second.median_seconds / first.median_seconds
    low, high = first.ci95 or (first.median_seconds, first.median_seconds)
    other_low, other_high = second.ci95 or (second.median_seconds, second.median_seconds)
    apart = other_low > high or low > other_high
    return TimeComparison(
        mode=first.mode,
        workload=first.workload,
        device=first.device,
        first_seconds=first.median_seconds,
        second_seconds=second.median_seconds,
        ratio=round(ratio, 6),
        differs=apart and max(ratio, 1 / ratio) >= 1 + LEAST_DIFFERENCE,
    )


def _machine_statement(same: bool, times: tuple[TimeComparison, ...]) -> str:
    start = (
        "The same hardware and versions" if same else "Hardware or versions differ between the two"
    )
    if not times:
        return f"{start}; there is no time to compare."
    slower = sum(1 for one in times if one.differs and one.ratio > 1)
    faster = sum(1 for one in times if one.differs and one.ratio < 1)
    return (
        f"{start}; of {len(times)} times the second is faster in {faster}, slower in {slower}, "
        f"and no different in {len(times) - faster - slower}."
    )
