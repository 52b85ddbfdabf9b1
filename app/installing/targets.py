"""The platforms a line can be asked for: their wheels' tags, and how markers read there. Pure."""

import platform
import sys

import msgspec

from app.installing.results import InstallError, PlatformId, Target
from app.interpreter import usual_interpreter
from rules.texts import say


class Platform(msgspec.Struct, frozen=True, kw_only=True):
    """One platform as wheels name it."""

    words: str
    tags: tuple[str, ...]
    """The newest system that is assumed; what fits an older one fits it too."""
    markers: dict[str, str]
    """Environment markers of PEP 508 that differ from platform to platform."""


PLATFORMS: dict[PlatformId, Platform] = {
    "linux": Platform(
        words="Linux on x86-64 with glibc 2.35 or newer (as Ubuntu 22.04, Debian 12)",
        # One tag for each glibc: a resolver that is told one takes it for the only one.
        tags=(
            *(f"manylinux_2_{minor}_x86_64" for minor in range(35, 4, -1)),
            "manylinux2014_x86_64",
            "manylinux2010_x86_64",
            "manylinux1_x86_64",
            "linux_x86_64",
        ),
        markers={
            "os_name": "posix",
            "sys_platform": "linux",
            "platform_system": "Linux",
            "platform_machine": "x86_64",
            "platform_release": "5.15.0",
            "platform_version": "1",
        },
    ),
    "windows": Platform(
        words="Windows on x86-64",
        tags=("win_amd64",),
        markers={
            "os_name": "nt",
            "sys_platform": "win32",
            "platform_system": "Windows",
            "platform_machine": "AMD64",
            "platform_release": "11",
            "platform_version": "10.0.22631",
        },
    ),
    "macos_arm": Platform(
        words="macOS 14 or newer on Apple silicon",
        tags=("macosx_14_0_arm64",),
        markers={
            "os_name": "posix",
            "sys_platform": "darwin",
            "platform_system": "Darwin",
            "platform_machine": "arm64",
            "platform_release": "23.0.0",
            "platform_version": "Darwin Kernel Version 23.0.0",
        },
    ),
    "macos_intel": Platform(
        words="macOS 14 or newer on an Intel processor",
        tags=("macosx_14_0_x86_64",),
        markers={
            "os_name": "posix",
            "sys_platform": "darwin",
            "platform_system": "Darwin",
            "platform_machine": "x86_64",
            "platform_release": "23.0.0",
            "platform_version": "Darwin Kernel Version 23.0.0",
        },
    ),
}

# The answers' systems and what people write -> the platform whose wheels are asked for.
NAMES: dict[str, PlatformId] = {
    "linux": "linux",
    "wsl2": "linux",
    "windows": "windows",
    "macos": "macos_arm",
    "macos_arm": "macos_arm",
    "macos_intel": "macos_intel",
}


def this_platform() -> PlatformId | None:
    """Where this program runs; None where no table speaks of it."""
    return _platform_of(sys.platform, platform.machine())


def _platform_of(system: str, machine: str) -> PlatformId | None:
    if system == "darwin":
        return "macos_arm" if machine == "arm64" else "macos_intel"
    if system == "win32":
        return "windows"
    return "linux" if system == "linux" else None


def this_python() -> str:
    """Of the interpreter that is taken where nobody names one; without any, this program's own."""
    usual = usual_interpreter()
    return usual.version if usual else f"{sys.version_info.major}.{sys.version_info.minor}"


def make_target(
    platform_name: str | None = None,
    python_version: str | None = None,
    python: str | None = None,
    device: str | None = None,
) -> Target:
    """Where a line is asked for; what is left out is this machine's. Raises InstallError."""
    here = this_platform()
    if platform_name is not None and platform_name not in NAMES:
        raise InstallError(f"{platform_name!r} is no platform; there are {', '.join(NAMES)}")
    there = here if platform_name is None else NAMES[platform_name]
    if there is None:
        raise InstallError("this platform is not known here; name one with --platform")
    if python is not None and there != here:
        raise InstallError("an interpreter of this machine cannot speak for another platform")
    version = python_version or this_python()
    try:
        return msgspec.convert(
            {
                "platform": there,
                "python_version": version,
                "python": python,
                "is_this_machine": there == here
                and (
                    python is not None
                    or (usual_interpreter() is not None and _short(version) == this_python())
                ),
                "device": device,
            },
            Target,
        )
    except msgspec.ValidationError as error:
        raise InstallError(f"{version!r} is no Python version; write 3.12, say") from error


def new_environment(target: Target) -> Target:
    """The same Python and platform, with nothing installed in it."""
    found = make_target(target.platform, target.python_version, None, target.device)
    return msgspec.structs.replace(found, driver=target.driver)


def _short(version: str) -> str:
    return ".".join(version.split(".")[:2])


def marker_environment(target: Target) -> dict[str, str]:
    """What environment markers are read with there, as far as it differs from here."""
    short = _short(target.python_version)
    full = target.python_version if target.python_version != short else f"{short}.0"
    found = {
        "python_version": short,
        "python_full_version": full,
        "implementation_version": full,
    }
    if target.platform != this_platform():
        found |= PLATFORMS[target.platform].markers
    return found


def resolver_arguments(target: Target) -> tuple[str, ...]:
    """For pip, where it is asked for somewhere else than where it runs."""
    if target.is_this_machine:
        return ()
    found = ["--python-version", target.python_version]
    if target.platform != this_platform():
        for tag in PLATFORMS[target.platform].tags:
            found += ["--platform", tag]
    return tuple(found)


def target_words(target: Target) -> str:
    """For people, to stand behind `for`."""
    version = target.python_version
    if target.python is not None:
        return say("Python {version} in {path}", version=version, path=target.python)
    if target.platform == this_platform():
        return say("a new environment of Python {version} on this machine", version=version)
    return say(
        "a new environment of Python {version} on {platform}",
        version=version,
        platform=say(PLATFORMS[target.platform].words),
    )
