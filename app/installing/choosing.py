"""Which line, for where: from answers, from a framework's name, or as it was typed.

Reads the knowledge and, for this machine, what a look at it says; asks no resolver.
"""

from collections.abc import Mapping

import msgspec

from app.installing.results import InstallError, Target
from app.installing.targets import NAMES, make_target, this_platform
from rules.model import Knowledge
from rules.planning import stack
from rules.recommendation import Recommendation

Answered = Mapping[str, str | tuple[str, ...]]


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """A line and where it is asked for."""

    line: str
    target: Target
    framework: str | None = None
    domain: str | None = None
    """The field that was answered first: it chooses the starter project."""


def of_recommendation(
    recommendation: Recommendation,
    platform_name: str | None = None,
    python_version: str | None = None,
    python: str | None = None,
    device: str | None = None,
) -> Chosen:
    """The line of the recommended stack, where the answers say it will run; what is given counts
    before them. Raises InstallError where there is no line."""
    framework = recommendation.verdict.framework
    install = recommendation.stack.install if recommendation.stack else None
    if framework is None or install is None:
        raise InstallError(
            "nothing is recommended that could be installed: see what rules the frameworks out"
            if framework is None
            else f"no install line is known for {framework} with these answers"
        )
    answers = recommendation.answers.answers
    domains = _options(answers, "domain")
    is_exit = recommendation.screen.exit is not None
    return Chosen(
        line=install.command,
        framework=framework,
        target=target_of(
            answers,
            platform_name,
            python_version,
            python,
            # What an exit leads to needs no accelerator.
            device or ("cpu" if is_exit else None),
        ),
        domain=domains[0] if domains else None,
    )


def of_framework(
    knowledge: Knowledge,
    framework: str,
    facts: Mapping[str, str],
    platform_name: str | None = None,
    python_version: str | None = None,
    python: str | None = None,
    device: str | None = None,
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
    install = stack(knowledge, framework, given).install
    if install is None:
        raise InstallError(f"no install line is known for {framework} on this device and system")
    target = make_target(platform_name, python_version, python, given.get("training_hardware"))
    return Chosen(line=install.command, framework=framework, target=target)


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
            "the answers say that Python is older than 3.10, not which it is: name it with "
            "--python-version"
        )
    return make_target(
        platform_name or system, python_version or version, python, device or hardware
    )


def _options(answers: Answered, question: str) -> tuple[str, ...]:
    value = answers.get(question, ())
    options = (value,) if isinstance(value, str) else value
    return tuple(one for one in options if one != "unknown")
