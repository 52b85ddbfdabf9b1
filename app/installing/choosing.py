"""Which line, for where: from answers, from a framework's name, or as it was typed.

Reads the knowledge and, for this machine, what a look at it says; asks no resolver.
"""

from collections.abc import Mapping

import msgspec

from app.installing.drivers import driver_of
from app.installing.results import InstallError, Library, Target
from app.installing.stack import libraries_of
from app.installing.targets import NAMES, make_target, this_platform
from probes.results import Machine
from rules.model import DriverFloor, Knowledge
from rules.planning import stack
from rules.recommendation import Recommendation
from rules.texts import say

Answered = Mapping[str, str | tuple[str, ...]]


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """A line and where it is asked for."""

    line: str
    target: Target
    framework: str | None = None
    domain: str | None = None
    """The field that was answered first: it chooses the starter project."""
    libraries: tuple[Library, ...] = ()
    """Of the stack, beside the framework."""
    floors: tuple[DriverFloor, ...] = ()
    """What the knowledge says of drivers."""

    @property
    def packages(self) -> tuple[str, ...]:
        """Of the libraries that go into the framework's environment."""
        return tuple(one.package for one in self.libraries if one.package is not None)

    def framework_only(self) -> "Chosen":
        return msgspec.structs.replace(self, libraries=())


def of_recommendation(
    recommendation: Recommendation,
    platform_name: str | None = None,
    python_version: str | None = None,
    python: str | None = None,
    device: str | None = None,
    machine: Machine | None = None,
    floors: tuple[DriverFloor, ...] = (),
) -> Chosen:
    """The line of the recommended stack, where the answers say it will run; what is given counts
    before them. `machine` is the one that the answers speak of, for its driver. Raises
    InstallError where there is no line."""
    framework = recommendation.verdict.framework
    install = recommendation.stack.install if recommendation.stack else None
    if framework is None or install is None:
        raise InstallError(
            say("nothing is recommended that could be installed: see what rules the frameworks out")
            if framework is None
            else say(
                "no install line is known for {framework} with these answers", framework=framework
            )
        )
    answers = recommendation.answers.answers
    domains = _options(answers, "domain")
    is_exit = recommendation.screen.exit is not None
    assert recommendation.stack is not None
    # What an exit leads to needs no accelerator.
    needed = device or ("cpu" if is_exit else None)
    target = target_of(answers, platform_name, python_version, python, needed)
    return Chosen(
        line=install.command,
        framework=framework,
        target=with_driver(target, machine),
        domain=domains[0] if domains else None,
        libraries=libraries_of(recommendation.stack),
        floors=floors,
    )


def of_framework(
    knowledge: Knowledge,
    framework: str,
    facts: Mapping[str, str],
    platform_name: str | None = None,
    python_version: str | None = None,
    python: str | None = None,
    device: str | None = None,
    machine: Machine | None = None,
) -> Chosen:
    """A framework's line; `facts` are this machine's, as answers. Raises InstallError."""
    known = [one.id for one in knowledge.frameworks]
    known += [one.framework for one in knowledge.exit_installs if one.framework not in known]
    if framework not in known:
        raise InstallError(f"{framework!r} is no framework; there are {', '.join(known)}")
    given = dict(facts)
    if platform_name is not None and NAMES.get(platform_name) != this_platform():
        # Another machine: its device is not known from this one.
        given = {"os": "macos_arm" if platform_name == "macos" else platform_name}
    if python_version is not None:
        given["python_version"] = ".".join(python_version.split(".")[:2])
    if device is not None:
        given["training_hardware"] = device
    parts = stack(knowledge, framework, given)
    if parts.install is None:
        raise InstallError(f"no install line is known for {framework} on this device and system")
    target = make_target(platform_name, python_version, python, given.get("training_hardware"))
    return Chosen(
        line=parts.install.command,
        framework=framework,
        target=with_driver(target, machine),
        libraries=libraries_of(parts),
        floors=knowledge.driver_floors,
    )


def with_driver(target: Target, machine: Machine | None) -> Target:
    """The target with the driver that the machine file names, where that machine is of its kind."""
    if machine is None or NAMES.get(machine.hardware.os) != target.platform:
        return target
    return msgspec.structs.replace(target, driver=driver_of(machine, target.device))


def target_of(
    answers: Answered,
    platform_name: str | None = None,
    python_version: str | None = None,
    python: str | None = None,
    device: str | None = None,
) -> Target:
    """Where the answers say that training runs; what they leave open is this machine's."""
    system = next(iter(_options(answers, "os")), None)
    version = next(iter(_options(answers, "python_version")), None)
    hardware = next(iter(_options(answers, "training_hardware")), None)
    if python is not None:
        system = version = None
    if python_version is None and version == "older":
        raise InstallError(
            say(
                "the answers say that Python is older than 3.10, not which it is: name it with "
                "--python-version"
            )
        )
    return make_target(
        platform_name or system, python_version or version, python, device or hardware
    )


def _options(answers: Answered, question: str) -> tuple[str, ...]:
    value = answers.get(question, ())
    options = (value,) if isinstance(value, str) else value
    return tuple(one for one in options if one != "unknown")
