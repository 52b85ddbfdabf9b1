"""The exact line that brings an idle accelerator to work: findings joined with what is known.

Pure. A finding says what is wrong; the knowledge base says with which line, from which source, a
build for the device is installed, or that there is none on this system.
"""

from collections.abc import Iterator

import msgspec

from probes.results import FrameworkFinding, Hardware, Machine
from rules.gates import ruled_out
from rules.model import Answers, Knowledge
from rules.planning import stack

OTHER_BUILDS = (None, "cpu_build", "architecture")
"""Causes that another build of the framework mends."""


def with_ways_out(machine: Machine, knowledge: Knowledge) -> Machine:
    """The machine with a line to copy where a framework leaves an accelerator idle."""
    return msgspec.structs.replace(
        machine, frameworks=tuple(_mended(machine.hardware, knowledge, machine.frameworks))
    )


def _mended(
    hardware: Hardware, knowledge: Knowledge, findings: tuple[FrameworkFinding, ...]
) -> Iterator[FrameworkFinding]:
    for one in findings:
        fix = None
        if one.state == "falls_back_to_cpu" and one.cause in OTHER_BUILDS:
            fix = way_out(one, hardware, knowledge)
        yield one if fix is None else msgspec.structs.replace(one, fix=fix)


def way_out(finding: FrameworkFinding, hardware: Hardware, knowledge: Knowledge) -> str | None:
    """The command, or the reason why there is none; None where nothing is known."""
    given = {"training_hardware": hardware.accelerators[0].device, "os": hardware.os}
    framework = next((one for one in knowledge.frameworks if one.id == finding.framework), None)
    if framework is None:
        return None
    closed = ruled_out(knowledge, Answers(answers=dict(given)), given, among=(framework,))
    if framework.id in closed:
        out = closed[framework.id]
        return f"{out.reason} {out.fix}" if out.fix else out.reason
    install = stack(knowledge, framework.id, given).install
    if install is None:
        return None
    if not install.command.startswith("pip install "):
        return install.command
    wanted = install.command.removeprefix("pip install ")
    # What is there has the same name: without this, pip would call it satisfied and leave it.
    again = "" if "[" in wanted else "--force-reinstall "
    return f'"{finding.python}" -m pip install {again}{wanted}'
