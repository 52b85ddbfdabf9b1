"""What a run tells a person, line by line: the same from the program and from its bundle. Pure."""

from collections.abc import Iterator

from probes.results import Machine, ProbeEvent


def event_line(event: ProbeEvent) -> str | None:
    """One line of progress; None for what is too much to tell."""
    if event.kind == "item_started":
        return None
    left = "" if event.seconds_left is None else f", about {event.seconds_left:.0f} s left"
    share = f"[{event.done}/{event.total}{left}] " if event.total else ""
    return f"{share}{event.message}"


def missing(machine: Machine) -> Iterator[str]:
    """Measurements that were begun and failed.

    A framework that is broken is a finding, and what a deadline left out is skipped: both are done.
    """
    for one in machine.measurements:
        if one.verdict.status in ("failed", "timed_out"):
            reasons = "; ".join(one.verdict.reasons) or one.verdict.status
            yield f"{one.mode} {one.workload}: {reasons}"
