"""What a list of requirements says of the code there is: frameworks, libraries, and what has ended.

Pure: files are read elsewhere (`app.existing`), and the frameworks' distribution names come in.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from rules.conditions import options_of
from rules.model import Answers, CodeSign, Component, Framework, Knowledge, Lifecycle, Record
from rules.texts import listed, say

CODE = "existing_code"
PYTHON = "python_version"
ENDED: tuple[Lifecycle, ...] = ("stalled", "retired")
WRITTEN_WITH = ("library", "data")
"""Kinds of components that show what code is written with; what only delivers does not."""


class Requirement(Record, frozen=True, kw_only=True):
    """One distribution that is asked for."""

    name: str
    """As written; compared in its canonical form."""
    specifier: str = ""
    """Versions as PEP 440 has them; empty for any."""
    channel: str = ""
    """Of conda, where one is named."""
    where: str
    """File and line, for a person."""


class Unreadable(Record, frozen=True, kw_only=True):
    """What a file holds that was not understood, or not followed."""

    where: str
    text: str
    reason: str


class Listed(Record, frozen=True, kw_only=True):
    """All that was read from a file of requirements and those that it includes."""

    file: str
    requirements: tuple[Requirement, ...] = ()
    python: str = ""
    """Bounds on Python as PEP 440 has them; empty where none are named."""
    unreadable: tuple[Unreadable, ...] = ()


class UsedFramework(Record, frozen=True, kw_only=True):
    framework: str
    name: str
    code: str
    """The `existing_code` option that it stands for."""
    requirement: str
    """Name and versions as asked for."""
    where: str
    through: str | None = None
    """Name of the library that shows it, where the framework itself is not listed."""


class EndedPart(Record, frozen=True, kw_only=True):
    """A framework, a line of versions or a component that gets no work any more."""

    id: str
    name: str
    lifecycle: Lifecycle
    text: str
    successor: str | None
    """Its name."""
    move: str | None
    requirement: str
    where: str
    source: str
    as_of: str


class Existing(Record, frozen=True, kw_only=True):
    """What of the requirements this program knows."""

    file: str
    frameworks: tuple[UsedFramework, ...] = ()
    components: tuple[str, ...] = ()
    """Ids, in the order in which they are listed."""
    ended: tuple[EndedPart, ...] = ()
    python: str = ""
    unreadable: tuple[Unreadable, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The `existing_code` options, in order."""
        return tuple(dict.fromkeys(one.code for one in self.frameworks))


def recognise(
    knowledge: Knowledge, listed: Listed, distributions: Mapping[str, Sequence[str]]
) -> Existing:
    """The frameworks and components behind the requirements.

    `distributions`: framework id -> the names under which it is installed.
    """
    frameworks = {one.id: one for one in knowledge.frameworks}
    owners = {
        canonicalize_name(name): frameworks[identifier]
        for identifier, names in distributions.items()
        if identifier in frameworks
        for name in names
    }
    packages = {
        _canonical(package): component
        for component in knowledge.components
        for package in component.packages
    }
    used: dict[tuple[str, str], UsedFramework] = {}
    shown: dict[str, UsedFramework] = {}
    components: dict[str, Component] = {}
    ended: dict[str, EndedPart] = {}
    names = {one.id: one.name for one in knowledge.components}
    names |= {one.id: one.name for one in knowledge.frameworks}
    codes = _codes(knowledge)
    for requirement in listed.requirements:
        framework = owners.get(canonicalize_name(requirement.name))
        if framework is not None:
            sign = _sign(knowledge, framework, requirement.specifier)
            code = sign.code if sign else framework.id
            if code in codes:
                found = _used(framework, code, requirement)
                used.setdefault((framework.id, code), found)
            part = _ended_framework(framework, sign, requirement, names)
            if part is not None:
                ended.setdefault(part.id, part)
        for component in _components(requirement, packages):
            components.setdefault(component.id, component)
            if component.lifecycle in ENDED:
                ended.setdefault(component.id, _ended_component(component, requirement, names))
            base = _shows(component, frameworks)
            if base is not None and base.id in codes:
                shown.setdefault(base.id, _used(base, base.id, requirement, component.name))
    named = {framework for framework, _ in used}
    return Existing(
        file=listed.file,
        frameworks=(*used.values(), *(one for name, one in shown.items() if name not in named)),
        components=tuple(components),
        ended=tuple(ended.values()),
        python=listed.python,
        unreadable=listed.unreadable,
    )


def _codes(knowledge: Knowledge) -> frozenset[str]:
    return frozenset(
        option.id for one in knowledge.questions if one.id == CODE for option in one.options
    )


def _canonical(package: str) -> str:
    """Of a component's package; one that counts on one conda channel is `channel::name`."""
    channel, found, name = package.rpartition("::")
    return f"{channel}{found}{canonicalize_name(name)}"


def _components(requirement: Requirement, packages: Mapping[str, Component]) -> Iterable[Component]:
    name = canonicalize_name(requirement.name)
    keys = [name, f"{requirement.channel}::{name}"] if requirement.channel else [name]
    return [packages[key] for key in keys if key in packages]


def _shows(component: Component, frameworks: Mapping[str, Framework]) -> Framework | None:
    """The framework that code with this library is written with, if it can be one only.

    A library that lives on shows no framework that has ended: it has moved away from it.
    """
    if component.kind not in WRITTEN_WITH or len(component.frameworks) != 1:
        return None
    base = frameworks.get(component.frameworks[0])
    if base is None or (base.lifecycle in ENDED and component.lifecycle not in ENDED):
        return None
    return base


def _sign(knowledge: Knowledge, framework: Framework, specifier: str) -> CodeSign | None:
    """The line of old versions that the requirement keeps to."""
    for sign in knowledge.code_signs:
        if sign.framework == framework.id and _is_below(specifier, sign.below):
            return sign
    return None


def _is_below(specifier: str, bound: str) -> bool:
    """True where no version from the bound on is allowed, as far as the named versions tell.

    What is allowed changes only at versions that are named, so these are tried, what is just above
    them, and one far away.
    """
    if not specifier:
        return False
    try:
        allowed = SpecifierSet(specifier)
    except InvalidSpecifier:
        return False
    limit = Version(bound)
    tried = [limit, Version("99999")]
    for one in allowed:
        text = one.version.removesuffix(".*")
        try:
            tried += [Version(text), Version(f"{text}.0.0.1")]
        except InvalidVersion:
            continue  # an arbitrary `===` text, or a local version: itself only
    return not any(one >= limit and allowed.contains(one, prereleases=True) for one in tried)


def _used(
    framework: Framework, code: str, requirement: Requirement, through: str | None = None
) -> UsedFramework:
    return UsedFramework(
        framework=framework.id,
        name=framework.name,
        code=code,
        requirement=_text(requirement),
        where=requirement.where,
        through=through,
    )


def _text(requirement: Requirement) -> str:
    return f"{requirement.name}{requirement.specifier}"


def _ended_framework(
    framework: Framework,
    sign: CodeSign | None,
    requirement: Requirement,
    names: Mapping[str, str],
) -> EndedPart | None:
    if sign is not None and sign.lifecycle in ENDED:
        return EndedPart(
            id=sign.code,
            name=say("{name} below {version}", name=framework.name, version=sign.below),
            lifecycle=sign.lifecycle,
            text=sign.text,
            successor=names.get(sign.successor),
            move=sign.move,
            requirement=_text(requirement),
            where=requirement.where,
            source=sign.source,
            as_of=sign.as_of,
        )
    if framework.lifecycle not in ENDED:
        return None
    return EndedPart(
        id=framework.id,
        name=framework.name,
        lifecycle=framework.lifecycle,
        text=framework.lifecycle_reason,
        successor=names.get(framework.successor or ""),
        move=None,
        requirement=_text(requirement),
        where=requirement.where,
        source=framework.lifecycle_source,
        as_of=framework.lifecycle_as_of,
    )


def _ended_component(
    component: Component, requirement: Requirement, names: Mapping[str, str]
) -> EndedPart:
    return EndedPart(
        id=component.id,
        name=component.name,
        lifecycle=component.lifecycle,
        text=component.summary,
        successor=names.get(component.successor or ""),
        move=component.move,
        requirement=_text(requirement),
        where=requirement.where,
        source=component.source,
        as_of=component.as_of,
    )


class Prefilled(msgspec.Struct, frozen=True):
    """Answers with what the requirements add, and where the two disagree, sentence by sentence."""

    answers: Answers
    disagreements: tuple[str, ...]


def prefill_existing(knowledge: Knowledge, answers: Answers, existing: Existing) -> Prefilled:
    """Fill `existing_code` in where it is open, and add to `existing_components`.

    What the answers say stays as it is; what speaks against it is told.
    """
    told = []
    given = dict(answers.answers)
    stated = options_of(given, CODE)
    if existing.codes and not stated:
        given[CODE] = existing.codes
    elif extra := [code for code in existing.codes if code not in stated]:
        told.append(
            say(
                "existing_code: your answers say {stated}, and {file} names {found}; your answers "
                "count.",
                stated=_listed(knowledge, stated),
                file=existing.file,
                found=_listed(knowledge, extra),
            )
        )
    version = options_of(given, PYTHON)
    if version and existing.python and not _allows(existing.python, version[0]):
        told.append(
            say(
                "python_version: your answers say {stated}, and {file} asks for Python {found}; "
                "your answers count.",
                stated=version[0],
                file=existing.file,
                found=existing.python,
            )
        )
    components = tuple(dict.fromkeys((*answers.existing_components, *existing.components)))
    filled = msgspec.structs.replace(answers, answers=given, existing_components=components)
    return Prefilled(filled, tuple(told))


def _listed(knowledge: Knowledge, codes: Iterable[str]) -> str:
    texts = {
        option.id: option.text
        for one in knowledge.questions
        if one.id == CODE
        for option in one.options
    }
    return listed([texts.get(code, code) for code in codes])


def _allows(bounds: str, minor: str) -> bool:
    """Whether some release of a Python such as `3.11` lies in the bounds; True if unclear."""
    try:
        allowed = SpecifierSet(bounds)
        return any(allowed.contains(Version(f"{minor}.{patch}")) for patch in range(40))
    except (InvalidSpecifier, InvalidVersion):
        return True
