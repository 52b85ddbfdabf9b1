"""Going on with a measurement that was stopped: what is missing, and both runs as one machine.

Pure. A workload is measured anew as a whole: its modes are compared on rounds that alternate, which
rounds of two runs do not. Times of different workloads stand beside each other as they are, since
each carries the control product of its own rounds.
"""

from itertools import chain

import msgspec

from probes.results import FrameworkFinding, Machine, Measurement

UNTRIED = ("cancelled", "found")


def left_over(machine: Machine) -> tuple[str, ...]:
    """The workloads that a run did not come to the end of, in the order in which it meant to."""
    works = {(one.framework, one.python) for one in machine.frameworks if one.state == "works"}
    return tuple(
        dict.fromkeys(
            one.workload
            for one in machine.measurements
            if one.purpose != "overhead" and one.track == "strict_fp32" and _is_missing(one, works)
        )
    )


def _is_missing(one: Measurement, works: set[tuple[str, str]]) -> bool:
    if one.verdict.status == "cancelled":
        return True
    # Of what works, only the end of the time leaves something out.
    return one.verdict.status == "skipped" and (one.framework, one.python) in works


def measured_frameworks(machine: Machine) -> tuple[str, ...]:
    """Those that a run was to measure."""
    return tuple(dict.fromkeys(one.framework for one in machine.measurements))


def continued(before: Machine, after: Machine) -> Machine:
    """Both runs as one: what the second measured takes the place of the same workloads.

    Where hardware or versions changed in between they are not one machine: the second alone counts.
    """
    if before.fingerprint != after.fingerprint:
        return after
    again = {one.workload for one in after.measurements}
    kept = [one for one in before.measurements if one.workload not in again]
    return msgspec.structs.replace(
        after,
        started_utc=before.started_utc,
        seconds=before.seconds + after.seconds,
        frameworks=_findings(before, after),
        measurements=(*kept, *after.measurements),
        comparisons=(
            *(one for one in before.comparisons if one.workload not in again),
            *after.comparisons,
        ),
        peak_flops_per_second=after.peak_flops_per_second or before.peak_flops_per_second,
        peak_bytes_per_second=after.peak_bytes_per_second or before.peak_bytes_per_second,
        seconds_by_use={
            use: before.seconds_by_use.get(use, 0.0) + after.seconds_by_use.get(use, 0.0)
            for use in chain(before.seconds_by_use, after.seconds_by_use)
        },
        notes=tuple(
            dict.fromkeys(
                (*before.notes, *after.notes, "Measured in two runs, workload by workload.")
            )
        ),
    )


def _findings(before: Machine, after: Machine) -> tuple[FrameworkFinding, ...]:
    """The second run's where it tried a framework; what was tried on small examples stays."""
    old = {(one.framework, one.python): one for one in before.frameworks}
    found = []
    for one in after.frameworks:
        earlier = old.pop((one.framework, one.python), None)
        if earlier is None:
            found.append(one)
        elif one.state in UNTRIED:
            found.append(earlier)
        else:
            capabilities = one.capabilities or earlier.capabilities
            found.append(msgspec.structs.replace(one, capabilities=capabilities))
    return (*found, *old.values())
