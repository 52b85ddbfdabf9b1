"""Whether the driver of the machine runs the build that a line would bring. Pure.

The floors are the knowledge base's: here is only how two versions are compared, and the words.
"""

from collections.abc import Sequence

import msgspec
from packaging.version import InvalidVersion, Version

from app.installing.builds import DEVICES, build_words
from app.installing.results import Build, Target, Verification
from probes.results import Machine
from rules.model import DriverFloor
from rules.texts import say


def driver_of(machine: Machine | None, device: str | None) -> str | None:
    """What the machine file names for a device of that kind; None where it names none."""
    if machine is None or device is None:
        return None
    found = (
        one.driver
        for one in machine.hardware.accelerators
        if one.driver and DEVICES.get(one.device) == DEVICES.get(device, "")
    )
    return next(found, None)


def checked_driver(found: Verification, floors: Sequence[DriverFloor]) -> Verification:
    """With what is to be said of the driver; a line that a driver cannot run is not verified."""
    if found.state != "verified" or not _counts(found.build, found.target):
        return found
    assert found.build is not None
    build, floor = build_words(found.build), _floor(found.build, floors)
    if floor is None:
        return _with(found, say("Which driver this {build} needs is not known here.", build=build))
    needed, there = floor.oldest_driver, found.target.driver
    source = say("Source: {source}, {month}.", source=floor.source, month=floor.as_of)
    driver, oldest = _version(there), _version(needed)
    if driver is None or oldest is None:
        sentence = say(
            "This {build} needs NVIDIA driver {needed} or newer; the driver of the machine is not "
            "known.",
            build=build,
            needed=needed,
        )
        return _with(found, sentence, source)
    if driver >= oldest:
        sentence = say(
            "This {build} needs NVIDIA driver {needed} or newer; there is {driver}.",
            build=build,
            needed=needed,
            driver=there,
        )
        return msgspec.structs.replace(found, details=(*found.details, sentence, source))
    return msgspec.structs.replace(
        found,
        state="driver_too_old",
        summary=say(
            "It resolves, but the driver is too old for this build: {build} needs NVIDIA driver "
            "{needed} or newer, and the machine has {driver}. Update the driver, or take a build "
            "for an older CUDA.",
            build=build,
            needed=needed,
            driver=there,
        ),
        details=(*found.details, source),
    )


def _counts(build: Build | None, target: Target) -> bool:
    """A processor that gets a CUDA build with its line needs no driver for it."""
    if build is None or build.accelerator != "cuda":
        return False
    return DEVICES.get(target.device or "") == "cuda"


def _floor(build: Build, floors: Sequence[DriverFloor]) -> DriverFloor | None:
    major = (build.version or "").split(".")[0]
    return next(
        (one for one in floors if (one.platform, one.major) == (build.accelerator, major)), None
    )


def _version(text: str | None) -> Version | None:
    try:
        return Version(text) if text is not None else None
    except InvalidVersion:
        return None


def _with(found: Verification, sentence: str, *details: str) -> Verification:
    return msgspec.structs.replace(
        found, summary=f"{found.summary} {sentence}", details=(*found.details, *details)
    )
