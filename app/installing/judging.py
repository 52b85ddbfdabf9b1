"""From what pip said to what may be said of a line. Pure.

Nothing is taken for an answer by default. That pip ends well is not enough: it also does where the
index that the line names was never reached and another source had the package, where it answered
for another platform, where it took a pre-release for want of a release, and where the only build is
one for the processor.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from app.installing.asking import Answer
from app.installing.builds import DEVICES, WORDS, build_of, build_words
from app.installing.lines import Line, without_secrets
from app.installing.results import (
    LARGEST_BYTES,
    LONGEST_TEXT,
    MOST_PACKAGES,
    Build,
    Cause,
    Package,
    State,
    Target,
    Verification,
)
from app.installing.targets import marker_environment, target_words
from rules.texts import say

_T = TypeVar("_T")
MOST_DETAILS = 12
NEVER_THERE = ("401", "403", "404", "410")
"""What servers answer where there is no such index, or no such package in it."""
_FAILED = re.compile(r"^\s*Could not fetch URL (\S+): (.*) - skipping$")
_NOT_FOUND = re.compile(r"No matching distribution found for (\S.*)$")
_VERSIONS = re.compile(r"satisfies the requirement (.+?) \(from versions: (.*)\)")
_OTHER_PYTHON = re.compile(
    r"Ignored the following versions that require a different python.*: (.*)"
)
_YANKED = re.compile(r"Ignored the following yanked versions: (.*)")
_PASSED_OVER = re.compile(r"none of the wheel's tags .*?: (?:https?|file):\S*/([^/#\s]+\.whl)")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
_OFFLINE = re.compile(
    r"connection error|timed out|failed to resolve|proxy|ssl certificate|connection broken|refused",
    re.IGNORECASE,
)


class _Metadata(msgspec.Struct):
    name: str
    version: str
    requires_dist: tuple[str, ...] = ()


class _Download(msgspec.Struct):
    url: str


class _Installed(msgspec.Struct):
    metadata: _Metadata
    download_info: _Download
    requested: bool = False
    is_yanked: bool = False


class _Report(msgspec.Struct):
    """What is read of `pip install --report`, version 1; the rest is not looked at."""

    version: str
    install: tuple[_Installed, ...]
    environment: dict[str, str]


class _Refused(msgspec.Struct):
    file: str
    bytes: int | None = None


class _Notes(msgspec.Struct):
    pip: str | None = None
    sizes: dict[str, int | None] = {}
    refused: _Refused | None = None


class _There(msgspec.Struct):
    metadata: _Metadata


class _Inspection(msgspec.Struct):
    installed: tuple[_There, ...] = ()
    environment: dict[str, str] = {}


class _Said(msgspec.Struct, frozen=True):
    """A judgement before it is put together."""

    state: State
    summary: str
    cause: Cause | None = None
    details: tuple[str, ...] = ()


def judge(
    line: Line, target: Target, answer: Answer, asked_utc: str, framework: str | None = None
) -> Verification:
    """What the answer says of the line there; everything that is not understood is not verified."""
    notes = _decoded(answer.notes, _Notes) or _Notes()
    report = _decoded(answer.report, _Report) if answer.returncode == 0 else None
    packages = _packages(report, notes, answer) if report is not None else ()
    triples = (
        [
            (canonicalize_name(one.metadata.name), one.metadata.version, one.download_info.url)
            for one in report.install
        ]
        if report is not None
        else []
    )
    build = build_of(triples, line.own_names) if packages else None
    missing = _not_answered(answer, notes) or _sources_missing(line, answer)
    if missing is not None:
        # What other sources had is no answer for this line.
        packages, build = (), None
    said = missing or (
        _failed(line, target, answer)
        if report is None
        else _answered(line, target, answer, report, packages)
    )
    if said is None:
        said = _fitting(line, target, packages, build, _newer(line, answer, packages))
    return Verification(
        state=said.state,
        cause=said.cause,
        summary=_clean(said.summary),
        details=tuple(_clean(one) for one in said.details[:MOST_DETAILS]),
        line=line.text,
        framework=framework,
        target=target,
        resolver=f"pip {notes.pip}"[:40] if notes.pip else None,
        asked_utc=asked_utc,
        build=build,
        packages=packages,
    )


def unverified(
    line: str, target: Target, cause: Cause, reason: str, asked_utc: str, framework: str | None
) -> Verification:
    """Nothing could be asked."""
    return Verification(
        state="not_verified",
        cause=cause,
        summary=_clean(say("Not verified: {reason}", reason=reason)),
        line=without_secrets(line)[:LONGEST_TEXT],
        framework=framework,
        target=target,
        asked_utc=asked_utc,
    )


# Where there is no answer


def _not_answered(answer: Answer, notes: _Notes) -> _Said | None:
    if answer.stopped == "cancelled":
        return _Said("cancelled", say("Cancelled before there was an answer: not verified."))
    if answer.stopped == "timed_out":
        return _Said(
            "not_verified",
            say("Not verified: the resolver took too long. Try again, or give it more time."),
            "timed_out",
        )
    if notes.refused is not None:
        size = notes.refused.bytes
        return _Said(
            "not_verified",
            say(
                "Not verified: the index tells what {file} needs only to who downloads all "
                "{size} MB of it, and that was not done.",
                file=notes.refused.file,
                size=f"{size / 1e6:.0f}",
            )
            if size is not None and size >= 0
            else say(
                "Not verified: the index tells what {file} needs only to who downloads all of it, "
                "and that was not done.",
                file=notes.refused.file,
            ),
            "would_download",
        )
    return None


def _sources_missing(line: Line, answer: Answer) -> _Said | None:
    """The line's own sources: what they were not asked for, another source cannot answer."""
    gone, unreachable = [], []
    for address, reason in _failures(answer):
        index, _, page = address.rstrip("/").rpartition("/")
        if canonicalize_name(page) not in line.names:
            continue
        named = line.index or ""
        if line.index is not None and index != without_secrets(named).rstrip("/"):
            continue
        if any(reason.startswith(code) for code in NEVER_THERE):
            gone.append((index, page))
        else:
            unreachable.append(index)
    if unreachable:
        return _Said(
            "not_verified",
            say(
                "Not verified: {host} could not be reached. Try again when the network is there.",
                host=_host(unreachable[0]),
            ),
            "offline",
        )
    if gone and line.index is not None:
        index, page = gone[0]
        return _Said(
            "wrong_index",
            say(
                "The index that the line names, {index}, has no {package}: its address is wrong, "
                "or that build does not exist.",
                index=index,
                package=page,
            ),
        )
    return None


def _failures(answer: Answer) -> Iterator[tuple[str, str]]:
    for text in answer.lines:
        if found := _FAILED.match(text):
            yield without_secrets(found[1]), found[2]


def _host(index: str) -> str:
    parts = index.split("/")
    return parts[2] if len(parts) > 2 and parts[2] else say("the index")


def _failed(line: Line, target: Target, answer: Answer) -> _Said:
    """pip found no way, and says why in words."""
    if answer.returncode == 0:
        return _Said(
            "not_verified",
            say("Not verified: pip's answer could not be read."),
            "not_understood",
            _errors(answer),
        )
    # A connection that broke on the way to a dependency looks like one that does not exist.
    if any(_OFFLINE.search(reason) for _, reason in _failures(answer)):
        return _Said(
            "not_verified",
            say(
                "Not verified: an index could not be reached. Try again when the network is there."
            ),
            "offline",
            _errors(answer),
        )
    text = "\n".join(answer.lines)
    caused = _causes(answer)
    if "have conflicting dependencies" in text or "ResolutionImpossible" in text:
        return _Said(
            "conflicts",
            say(
                "The packages of this line ask for versions that exclude each other, for {place}.",
                place=target_words(target),
            ),
            details=caused or _errors(answer),
        )
    missing = _NOT_FOUND.search(text)
    if missing is not None:
        return _not_found(missing[1].strip(), target, answer)
    if "requires a different Python" in text:
        return _Said(
            "no_wheel",
            say("A package of this line is not for Python {python}.", python=target.python_version),
            details=_errors(answer),
        )
    return _Said(
        "not_verified",
        say("Not verified: pip ended with an error that is not known here."),
        "not_understood",
        _errors(answer) or tuple(answer.lines[-3:]),
    )


def _not_found(wanted: str, target: Target, answer: Answer) -> _Said:
    wanted = wanted.partition(" (from ")[0]
    try:
        requirement = Requirement(wanted)
    except InvalidRequirement:
        return _Said(
            "not_verified", say("Not verified: pip's answer could not be read."), "not_understood"
        )
    name = canonicalize_name(requirement.name)
    others = _others(name, answer)
    fitting = sorted({one for one in others if requirement.specifier.contains(one[0], True)})
    offered = next(
        (found[2] for one in answer.lines if (found := _VERSIONS.search(one))), "none"
    ).strip()
    if fitting or (others and offered in ("", "none")):
        pythons = _pythons(fitting or others)
        return _Said(
            "no_wheel",
            say(
                "There is no wheel of {package} for {place}.",
                package=wanted,
                place=target_words(target),
            ),
            details=(say("Wheels of it were found for: {pythons}.", pythons=pythons),)
            if pythons
            else (),
        )
    if withdrawn := _withdrawn(requirement, answer):
        return _Said(
            "yanked",
            say(
                "{package}, which this line needs, was withdrawn by its makers after its release: "
                "ask for another version.",
                package=f"{requirement.name} {withdrawn}",
            ),
        )
    if other := _needs_other_python(requirement, answer):
        return _Said(
            "no_wheel",
            say(
                "There is no release of {package} for Python {python}.",
                package=wanted,
                python=target.python_version,
            ),
            details=(say("Python that its releases ask for: {python}.", python=other),),
        )
    if offered not in ("", "none"):
        newest = offered.split(",")[-1].strip()
        return _Said(
            "unknown_package",
            say(
                "{package} exists, but not as {wanted}; the newest that fits {place} is {newest}.",
                package=requirement.name,
                wanted=wanted,
                place=target_words(target),
                newest=newest,
            ),
        )
    failed = [address for address, _ in _failures(answer) if _page(address) == name]
    if failed:
        return _Said(
            "unknown_package",
            say("No index has a package with the name {name}.", name=requirement.name),
        )
    return _Said(
        "no_wheel",
        say(
            "There is no wheel of {package} for {place}; it may exist as source code only, which "
            "would have to be built.",
            package=wanted,
            place=target_words(target),
        ),
    )


def _page(address: str) -> str:
    return canonicalize_name(address.rstrip("/").rpartition("/")[2])


def _others(name: str, answer: Answer) -> set[tuple[Version, str, str]]:
    """Version, Python tag and platform tag of the wheels that fit another machine only."""
    found = set()
    for text in answer.lines:
        if (match := _PASSED_OVER.search(text)) is None:
            continue
        try:
            project, version, _, tags = parse_wheel_filename(match[1])
        except (InvalidWheelFilename, InvalidVersion):
            continue
        if project == name:
            found |= {(version, tag.interpreter, tag.platform) for tag in tags}
    return found


def _pythons(others: Sequence[tuple[Version, str, str]] | set[tuple[Version, str, str]]) -> str:
    """`Linux: 3.9 to 3.12` and the like, of the newest version among them."""
    newest = max(version for version, _, _ in others)
    systems: dict[str, set[int]] = {}
    for version, interpreter, platform in others:
        system = next(
            (words for part, words in _SYSTEMS if part in platform), platform.partition("_")[0]
        )
        if version == newest and (found := re.fullmatch(r"cp3(\d+)", interpreter)):
            systems.setdefault(system, set()).add(int(found[1]))
    return "; ".join(
        f"{system}, Python " + ", ".join(f"3.{minor}" for minor in sorted(minors))
        for system, minors in sorted(systems.items())
    )


_SYSTEMS = (
    ("linux", "Linux"),
    ("win_", "Windows"),
    ("win32", "Windows"),
    ("universal2", "macOS"),
    ("arm64", "macOS on Apple silicon"),
    ("macosx", "macOS on Intel"),
)


def _withdrawn(requirement: Requirement, answer: Answer) -> str | None:
    for text in answer.lines:
        found = _YANKED.search(text)
        for each in found[1].split(",") if found else ():
            try:
                if requirement.specifier.contains(Version(each.strip()), True):
                    return each.strip()
            except InvalidVersion:
                continue
    return None


def _needs_other_python(requirement: Requirement, answer: Answer) -> str | None:
    for text in answer.lines:
        found = _OTHER_PYTHON.search(text)
        for each in found[1].split(";") if found else ():
            version, _, python = each.strip().partition(" Requires-Python ")
            try:
                if python and requirement.specifier.contains(Version(version), True):
                    return python
            except InvalidVersion:
                continue
    return None


def _causes(answer: Answer) -> tuple[str, ...]:
    """The lines below "The conflict is caused by", without repeats."""
    found: list[str] = []
    listening = False
    for text in answer.lines:
        if "The conflict is caused by" in text:
            listening = True
        elif listening and (not text.strip() or text.startswith(("To fix", "ERROR"))):
            if found:
                listening = False
        elif listening:
            found.append(text.strip())
    return tuple(dict.fromkeys(found))


def _errors(answer: Answer) -> tuple[str, ...]:
    return tuple(
        text.removeprefix("ERROR: ") for text in answer.lines if text.startswith("ERROR: ")
    )


# Where there is one


def _packages(report: _Report, notes: _Notes, answer: Answer) -> tuple[Package, ...]:
    """Empty where a name, a version or a size in it is none."""
    inspection = _decoded(answer.installed, _Inspection) or _Inspection()
    before = {
        canonicalize_name(one.metadata.name): one.metadata.version for one in inspection.installed
    }
    if len(report.install) > MOST_PACKAGES:
        return ()
    found = []
    for one in report.install:
        name, version = one.metadata.name, one.metadata.version
        size = notes.sizes.get(one.download_info.url)
        if _NAME.fullmatch(name) is None or not _is_version(version):
            return ()
        there = before.get(canonicalize_name(name))
        found.append(
            Package(
                name=name,
                version=version,
                requested=one.requested,
                bytes=size if size is not None and 0 < size <= LARGEST_BYTES else None,
                before=there if there is not None and _is_version(there) else None,
                yanked=one.is_yanked,
            )
        )
    return tuple(sorted(found, key=lambda one: (not one.requested, one.name.lower())))


def _is_version(text: str) -> bool:
    try:
        return len(text) <= 64 and bool(Version(text))
    except InvalidVersion:
        return False


def _answered(
    line: Line, target: Target, answer: Answer, report: _Report, packages: tuple[Package, ...]
) -> _Said | None:
    """What speaks against an answer that pip ended well with."""
    if report.version != "1" or len(packages) != len(report.install):
        return _Said(
            "not_verified", say("Not verified: pip's answer could not be read."), "not_understood"
        )
    if not packages and target.python is None:
        return _Said(
            "not_verified",
            say("Not verified: pip would install nothing at all, so it has not looked."),
            "not_understood",
        )
    wanted = marker_environment(target) if not target.is_this_machine else {}
    if any(report.environment.get(key) != value for key, value in wanted.items()):
        return _Said(
            "not_verified",
            say(
                "Not verified: pip answered for this machine and not for {place}.",
                place=target_words(target),
            ),
            "other_platform",
        )
    if broken := tuple(_broken(answer, report)):
        return _Said(
            "conflicts",
            say(
                "It would break what is installed there: install it into a new environment instead."
            ),
            details=broken,
        )
    if yanked := [one for one in packages if one.yanked]:
        names = ", ".join(f"{one.name} {one.version}" for one in yanked)
        return _Said(
            "yanked",
            say(
                "{packages} was withdrawn by its makers after its release: ask for another "
                "version.",
                packages=names,
            ),
            details=tuple(one for one in answer.lines if one.startswith("Reason for being yanked")),
        )
    if not line.pre and (early := [one for one in packages if _is_early(one, line)]):
        names = ", ".join(f"{one.name} {one.version}" for one in early)
        return _Said(
            "no_wheel",
            say(
                "There is no release for {place}: pip would take a version from before the "
                "release, {packages}.",
                place=target_words(target),
                packages=names,
            ),
        )
    return None


def _is_early(package: Package, line: Line) -> bool:
    """A pre-release that the line does not ask for by version."""
    if not package.requested or not Version(package.version).is_prerelease:
        return False
    asked = [Requirement(one) for one in line.requirements]
    return not any(
        canonicalize_name(one.name) == canonicalize_name(package.name) and one.specifier.prereleases
        for one in asked
    )


def _broken(answer: Answer, report: _Report) -> Iterator[str]:
    """What is installed and would no longer get the version that it asks for."""
    inspection = _decoded(answer.installed, _Inspection)
    if inspection is None:
        return
    after = {canonicalize_name(one.metadata.name): one.metadata.version for one in report.install}
    for there in inspection.installed:
        if canonicalize_name(there.metadata.name) in after:
            continue
        for text in there.metadata.requires_dist:
            try:
                requirement = Requirement(text)
                given = {**inspection.environment, "extra": ""}
                holds = requirement.marker is None or requirement.marker.evaluate(given)
            except (InvalidRequirement, KeyError, ValueError):
                continue
            version = after.get(canonicalize_name(requirement.name))
            if version and holds and not requirement.specifier.contains(version, True):
                yield say(
                    "{package} asks for {wanted}, and would get {version}.",
                    package=f"{there.metadata.name} {there.metadata.version}",
                    wanted=f"{requirement.name}{requirement.specifier}",
                    version=version,
                )


def _newer(line: Line, answer: Answer, packages: Sequence[Package]) -> tuple[str, ...]:
    """Of what was asked for: releases that only fit another Python or platform."""
    found = []
    for one in packages:
        name = canonicalize_name(one.name)
        if not one.requested or name not in line.names:
            continue
        others = {
            other
            for other in _others(name, answer)
            if other[0] > Version(one.version) and not other[0].is_prerelease
        }
        if others:
            newest = max(version for version, _, _ in others)
            pythons = _pythons(others)
            package = f"{one.name} {newest}"
            found.append(
                say(
                    "{package} is newer, but has no wheel here; it has some for {pythons}.",
                    package=package,
                    pythons=pythons,
                )
                if pythons
                else say("{package} is newer, but has no wheel here.", package=package)
            )
    return tuple(found)


def _fitting(
    line: Line,
    target: Target,
    packages: Sequence[Package],
    build: Build | None,
    newer: tuple[str, ...],
) -> _Said:
    expected = DEVICES.get(target.device or "")
    accelerator = build.accelerator if build is not None else None
    if expected is not None and accelerator is not None and accelerator != expected:
        said = [
            say(
                "It resolves, but to the wrong build: {build}, where one for {accelerator} was "
                "expected. The accelerator would stay idle.",
                build=build_words(build),
                accelerator=WORDS[expected],
            )
        ]
        if target.platform == "windows" and line.index is None and accelerator == "cpu":
            said.append(say("On Windows the index that the line names decides that."))
        return _Said("cpu_only", " ".join(said), details=newer)
    details = list(newer)
    if target.device == "cpu" and accelerator not in (None, "cpu"):
        details.append(
            say(
                "It brings libraries for {accelerator} that a machine without such a device does "
                "not need.",
                accelerator=WORDS[accelerator],
            )
        )
    if not packages:
        there = say("All of it is there already, in {python}.", python=target.python)
        return _Said("verified", there)
    place, count = target_words(target), len(packages)
    return _Said(
        "verified",
        say("pip finds all of it for {place}: 1 package.", place=place)
        if count == 1
        else say("pip finds all of it for {place}: {count} packages.", place=place, count=count),
        details=tuple(details),
    )


def _clean(text: str) -> str:
    """A stranger's text in one line that steers no terminal and holds no password."""
    inert = "".join(sign if sign.isprintable() else " " for sign in without_secrets(text))
    return " ".join(inert.split())[:LONGEST_TEXT]


def _decoded(data: bytes | None, kind: type[_T]) -> _T | None:
    if data is None:
        return None
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
