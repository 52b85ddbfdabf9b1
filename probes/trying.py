"""Tries one capability in a worker that holds the framework; knows nothing of a run's order."""

import threading

import msgspec

from probes.messages import Checked, one_line
from probes.plan import PlannedCheck
from probes.process import Refused, Worker
from probes.results import CapabilityFinding, Device


def on_device(one: PlannedCheck, ran: set[Device]) -> PlannedCheck:
    """Where no operation ran on the device that was planned, the processor is what can be tried."""
    return one if one.device in ran else msgspec.structs.replace(one, device="cpu")


def try_capability(
    one: PlannedCheck, worker: Worker, limit: float, cancel: threading.Event
) -> CapabilityFinding | None:
    """None where this version or mode cannot be asked. Raises WorkerLost."""
    try:
        said = worker.ask(
            "check",
            Checked,
            limit,
            cancel,
            capability=one.capability,
            mode=one.mode,
            device=one.device,
        )
    except Refused as refused:
        if refused.error.kind == "unsupported":
            return None
        said = Checked(state="fails", note=refused.error.message)
    return finding(one, said)


def finding(one: PlannedCheck, said: Checked) -> CapabilityFinding:
    return CapabilityFinding(
        capability=one.capability,
        mode=one.mode,
        device=one.device,
        state=said.state,
        note=one_line(said.note),
        max_rel_err=said.max_rel_err,
        seconds=said.seconds,
    )
