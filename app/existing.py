"""Reads what a project asks for: requirements.txt, pyproject.toml, setup.cfg, environment.yml.

The files come from strangers: nothing in them is run, installed or fetched, an included file has
to lie in the folder of the first, and size, depth and counts have limits. What a name stands for
is `rules.existing`'s to say.
"""

import configparser
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from rules import InputError
from rules.existing import Existing, Listed, Requirement, Unreadable, recognise
from rules.model import Knowledge
from rules.texts import say
from rules.yaml_reader import Document, Plain
from rules.yaml_reader import parse as parse_yaml

MAX_BYTES = 512_000
"""Of one file. A requirements file of this size is none."""
MAX_LINE = 4_000
"""tomllib takes a time that grows with the square of a line's length."""
MAX_FILES = 50
MAX_REQUIREMENTS = 10_000
MAX_SPECIFIER = 500
SHOWN = 120
SUFFIXES = (".txt", ".in", ".toml", ".cfg", ".yml", ".yaml")


def read_existing(path: Path, knowledge: Knowledge) -> Existing:
    """What the requirements in a file say. Raises InputError with one clear message."""
    from app.advice import framework_distributions

    return recognise(knowledge, read_requirements(path), framework_distributions())


def names_requirements(path: Path) -> bool:
    """Whether a file to open is one of requirements, by its name alone.

    YAML is one where it is called an environment, as conda's own files are: answers are YAML too.
    """
    suffix = path.suffix.lower()
    if suffix in (".yml", ".yaml"):
        return "environment" in path.stem.lower() or "conda" in path.stem.lower()
    return suffix in SUFFIXES


def read_requirements(path: Path) -> Listed:
    """Read a file by its name; what is no other kind is taken for a requirements.txt."""
    return _Reader(path).read()


class _Reader:
    """One file and what it includes; collects requirements, bounds and what it cannot read."""

    def __init__(self, path: Path) -> None:
        self._first = path
        self._folder = _resolved(path).parent
        self._open: list[Path] = []
        self._done: set[Path] = set()
        self._requirements: list[Requirement] = []
        self._constraints: dict[str, str] = {}
        self._unreadable: list[Unreadable] = []
        self._python: list[str] = []

    def read(self) -> Listed:
        if self._first.suffix.lower() not in (*SUFFIXES, ""):
            raise InputError(
                "is no kind of file that lists packages here; known are requirements.txt, "
                "pyproject.toml, setup.cfg and environment.yml",
                str(self._first),
            )
        self._file(self._first, is_constraint=False)
        if self._unreadable and not self._requirements:
            first = self._unreadable[0]
            raise InputError(
                f"lists no package that can be read; {first.where}, {first.text!r}, {first.reason}",
                str(self._first),
            )
        return Listed(
            file=_shown(self._first.name),
            requirements=tuple(map(self._constrained, self._requirements)),
            python=",".join(dict.fromkeys(self._python)),
            unreadable=tuple(self._unreadable),
        )

    def _constrained(self, requirement: Requirement) -> Requirement:
        """A constraint narrows what is asked for and asks for nothing itself."""
        bound = self._constraints.get(canonicalize_name(requirement.name), "")
        both = ",".join(one for one in (requirement.specifier, bound) if one)
        return Requirement(
            name=requirement.name,
            specifier=both,
            channel=requirement.channel,
            where=requirement.where,
        )

    def _file(self, path: Path, *, is_constraint: bool) -> None:
        real = _resolved(path)
        if real in self._open:
            raise InputError("includes itself, by way of other files or directly", str(path))
        if real in self._done:
            return
        if len(self._done) + len(self._open) >= MAX_FILES:
            raise InputError(f"more than {MAX_FILES} files are included", str(self._first))
        self._open.append(real)
        text = _text(path)
        kind = path.suffix.lower()
        if kind == ".toml":
            self._pyproject(path, text)
        elif kind == ".cfg":
            self._setup_cfg(path, text)
        elif kind in (".yml", ".yaml"):
            self._environment(path, text)
        else:
            self._lines(path, _logical_lines(text), is_constraint=is_constraint)
        self._done.add(self._open.pop())

    # One requirement

    def _add(self, text: str, where: str, *, is_constraint: bool = False) -> None:
        """A requirement as pip writes it."""
        text = text.strip()
        try:
            parsed = Parsed(text)
        except (InvalidRequirement, RecursionError):  # markers nest by recursion
            self._odd(text, where, is_constraint=is_constraint)
            return
        self._keep(parsed.name, str(parsed.specifier), where, is_constraint=is_constraint)

    def _odd(self, text: str, where: str, *, is_constraint: bool) -> None:
        """What is no plain requirement: an address or path that may still name a project."""
        egg = re.search(r"[#&]egg=([A-Za-z0-9][A-Za-z0-9._-]*)", text)
        wheel = text.split("#")[0].split("?")[0].rpartition("/")[2]
        if egg:
            self._keep(egg[1], "", where, is_constraint=is_constraint)
            return
        try:
            name, version, _, _ = parse_wheel_filename(wheel.replace("%2B", "+"))
        except InvalidWheelFilename:
            reason = (
                say("is a path; what is behind it is not read")
                if re.match(r"[./~]|file:|[A-Za-z]:[\\/]", text)
                else say("is no requirement that this program can read")
            )
            self._skip(where, text, reason)
        else:
            self._keep(name, f"=={version}", where, is_constraint=is_constraint)

    def _keep(
        self,
        name: str,
        specifier: str,
        where: str,
        *,
        channel: str = "",
        is_constraint: bool = False,
    ) -> None:
        if len(specifier) > MAX_SPECIFIER:
            self._skip(where, specifier, say("names too many versions to be read"))
            specifier = ""
        if is_constraint:
            self._constraints[canonicalize_name(name)] = specifier
            return
        if len(self._requirements) >= MAX_REQUIREMENTS:
            raise InputError(f"asks for more than {MAX_REQUIREMENTS} packages", str(self._first))
        self._requirements.append(
            Requirement(
                name=_shown(name), specifier=_shown(specifier), channel=channel, where=_shown(where)
            )
        )

    def _skip(self, where: str, text: str, reason: str) -> None:
        if len(self._unreadable) < MAX_REQUIREMENTS:
            shown = text if len(text) <= SHOWN else text[:SHOWN] + " ..."
            self._unreadable.append(
                Unreadable(where=_shown(where), text=_shown(shown), reason=reason)
            )

    # requirements.txt

    def _lines(
        self, path: Path, lines: Iterable[tuple[int, str]], *, is_constraint: bool = False
    ) -> None:
        for number, line in lines:
            where = f"{path.name}:{number}"
            option, value = _option(line)
            if option in ("-r", "--requirement", "-c", "--constraint"):
                of_constraints = option in ("-c", "--constraint")
                self._include(path, number, value, is_constraint=of_constraints or is_constraint)
            elif option in ("-e", "--editable"):
                self._odd(value, where, is_constraint=is_constraint)
            elif option is None:
                # Hashes and other options of a requirement stand behind it.
                self._add(re.split(r"\s--?[a-z]", line)[0], where, is_constraint=is_constraint)
            # Indexes and other options of pip say nothing of what is used.

    def _include(self, path: Path, line: int, name: str, *, is_constraint: bool) -> None:
        where = f"{path.name}:{line}"
        if re.match(r"[a-z+]+://", name):
            self._skip(where, name, say("lies elsewhere; nothing is fetched"))
            return
        target = path.parent / name
        if not _resolved(target).is_relative_to(self._folder):
            raise InputError(
                f"includes {name}, which lies outside of this file's folder; open that file itself",
                str(path),
                line,
            )
        self._file(target, is_constraint=is_constraint)

    # pyproject.toml

    def _pyproject(self, path: Path, text: str) -> None:
        content, places = _toml(path, text), _Places(path, text)
        project = _table(content, "project")
        self._bound(project.get("requires-python"))
        self._texts(path, places, project.get("dependencies"))
        for group in _table(project, "optional-dependencies").values():
            self._texts(path, places, group)
        for group in _table(content, "dependency-groups").values():
            self._texts(path, places, group)
        dynamic = project.get("dynamic")
        if isinstance(dynamic, list) and "dependencies" in dynamic:
            self._skip(
                path.name, "dynamic", say("leaves its dependencies to another file; open that")
            )
        tool = _table(content, "tool")
        self._texts(path, places, _table(tool, "uv").get("dev-dependencies"))
        poetry = _table(tool, "poetry")
        tables = [_table(poetry, "dependencies"), _table(poetry, "dev-dependencies")]
        groups = _table(poetry, "group")
        tables += [_table(_table(groups, name), "dependencies") for name in groups]
        for table in tables:
            self._poetry(places, table)

    def _texts(self, path: Path, places: "_Places", entries: object) -> None:
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, str):
                self._add(entry, places.of(entry))
            elif not (isinstance(entry, dict) and "include-group" in entry):
                self._skip(path.name, str(entry), say("is no text of a requirement"))

    def _poetry(self, places: "_Places", table: Mapping[str, Any]) -> None:
        for name, entry in table.items():
            where = places.of(f"{name} =")
            versions = entry if isinstance(entry, list) else [entry]
            for one in versions:
                version = one.get("version", "*") if isinstance(one, dict) else one
                if not isinstance(version, str) or len(version) > MAX_SPECIFIER:
                    self._skip(where, f"{name} = {one}", say("is no version that can be read"))
                    continue
                specifier = _from_poetry(version)
                if specifier is None:
                    self._skip(
                        where, f"{name} = {version}", say("names versions in an unknown way")
                    )
                if name == "python":
                    self._bound(specifier)
                else:
                    self._keep(name, specifier or "", where)

    def _bound(self, python: object) -> None:
        if isinstance(python, str) and python.strip():
            self._python.append(_shown(python.strip()[:MAX_SPECIFIER]))

    # setup.cfg

    def _setup_cfg(self, path: Path, text: str) -> None:
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read_string(text)
        except configparser.Error as error:
            message = str(error).splitlines()[0]
            raise InputError(f"is no valid setup.cfg: {message}", str(path)) from None
        self._bound(parser.get("options", "python_requires", fallback=""))
        places = _Places(path, text)
        blocks = [parser.get("options", "install_requires", fallback="")]
        if parser.has_section("options.extras_require"):
            blocks += [value for _, value in parser.items("options.extras_require")]
        for block in blocks:
            for line in block.splitlines():
                if line.strip():
                    self._add(line, places.of(line.strip()))

    # environment.yml

    def _environment(self, path: Path, text: str) -> None:
        document = parse_yaml(text.encode(), str(path))
        content = document.content
        if not isinstance(content, dict) or not isinstance(content.get("dependencies"), list):
            raise InputError("lists no dependencies, so it is no conda environment", str(path))
        channels = content.get("channels")
        first = channels[0] if isinstance(channels, list) and channels else ""
        entries = content["dependencies"]
        assert isinstance(entries, list)
        for place, entry in enumerate(entries):
            line = document.line(("dependencies", place))
            where = f"{path.name}:{line}"
            if isinstance(entry, str):
                self._conda(entry, where, first if isinstance(first, str) else "")
            elif isinstance(entry, dict) and isinstance(pip := entry.get("pip"), list):
                self._lines(path, _pip_lines(document, place, pip))
            else:
                self._skip(where, str(entry), say("is no package"))

    def _conda(self, text: str, where: str, channel: str) -> None:
        found = re.match(r"(?:([^\s:]+)::)?([A-Za-z0-9_][A-Za-z0-9_.-]*)\s*(.*)\Z", text.strip())
        if found is None:
            self._skip(where, text, say("is no package of conda"))
            return
        specifier = _from_conda(found[3])
        if specifier is None:
            self._skip(where, text, say("names versions in an unknown way"))
        if found[2] == "python":
            self._bound(specifier)
        else:
            # Without one of its own a package comes from the first channel that has it.
            own = (found[1] or channel).rpartition("/")[2]
            self._keep(found[2], specifier or "", where, channel=own)


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # a loop of links
        raise InputError(f"cannot be read: {error}", str(path)) from error


def _shown(text: str) -> str:
    """A stranger's text as it may stand in a terminal."""
    return "".join(each if each.isprintable() else " " for each in text)


def _text(path: Path) -> str:
    if path.exists() and not path.is_file():
        # A pipe would wait for ever.
        raise InputError("is no file", str(path))
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", str(path)) from error
    if len(data) > MAX_BYTES:
        raise InputError(f"is larger than {MAX_BYTES // 1000} kB: no list of packages", str(path))
    # Windows' editors and PowerShell's `pip freeze >` write these.
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        broken = data[: error.start].count(b"\n") + 1
        raise InputError("is not UTF-8 text", str(path), broken) from None
    for number, line in enumerate(text.splitlines(), start=1):
        if "\0" in line:
            raise InputError("is no text file", str(path), number)
        if len(line) > MAX_LINE:
            raise InputError(f"has a line of more than {MAX_LINE} characters", str(path), number)
    return text


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Number and text, with continued lines joined, without comments and empty lines."""
    begun, number = "", 0
    for at, line in enumerate([*text.splitlines(), ""], start=1):
        number = number if begun else at
        joined = (begun + line)[: 2 * MAX_LINE]
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            begun = joined.removesuffix("\\") + " "
            continue
        begun = ""
        # A `#` inside an address (`#egg=`) is no comment.
        plain = re.sub(r"(^|\s)#.*$", "", joined).strip()
        if plain:
            yield number, plain


def _option(line: str) -> tuple[str | None, str]:
    """`-r base.txt`, `-rbase.txt` and `--requirement=base.txt` -> option and value."""
    found = re.match(r"(--[a-z-]+|-[a-z])(?:\s*=\s*|\s*)(.*)\Z", line)
    return (found[1], found[2].strip()) if found else (None, line)


def _pip_lines(document: Document, place: int, entries: list[Plain]) -> Iterator[tuple[int, str]]:
    for inner, entry in enumerate(entries):
        line = document.line(("dependencies", place, "pip", inner)) or 1
        if isinstance(entry, str) and (plain := re.sub(r"(^|\s)#.*$", "", entry).strip()):
            yield line, plain


def _toml(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+)", str(error))
        line = int(found[1]) if found else None
        message = re.sub(r" \(at .*\)$", "", str(error))
        raise InputError(f"is no valid TOML: {message}", str(path), line) from None
    except RecursionError:
        raise InputError("is nested too deeply", str(path)) from None


def _table(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = content.get(name)
    return value if isinstance(value, dict) else {}


class _Places:
    """Where things stand in a file whose parser does not say: looked up, found in one pass."""

    def __init__(self, path: Path, text: str) -> None:
        self._file = path.name
        self._lines: dict[str, int] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            key = re.match(r"\s*[\"']?([\w.-]+)[\"']?\s*=", line)
            quoted = (one[1] or one[2] for one in re.finditer(_QUOTED, line))
            names = [f"{key[1]} ="] if key else []
            for name in (*names, *quoted, line.strip()):
                self._lines.setdefault(name, number)

    def of(self, entry: str) -> str:
        """File and line; the file alone for what is written in a way that was not looked for."""
        line = self._lines.get(entry)
        return f"{self._file}:{line}" if line else self._file


_QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'")


_VERSION = re.compile(r"\d+(\.\d+)*(\.\*)?([a-z]+\d*)?\Z")


def _from_poetry(version: str) -> str | None:
    """Poetry's version in PEP 440; None for what it has no words for (`||`)."""
    parts = []
    for part in version.replace(" ", "").split(","):
        if part in ("*", ""):
            continue
        sign, number = part[:1], part[1:]
        if sign in "^~" and part[:2] != "~=" and _VERSION.match(number):
            parts.append(_up_to_next(number, caret=sign == "^"))
        elif _VERSION.match(part):
            parts.append(f"=={part}")
        elif re.match(r"(~=|[<>=!]=|[<>])", part) and "|" not in part:
            parts.append(part)
        else:
            return None
    return ",".join(parts)


def _up_to_next(number: str, *, caret: bool) -> str:
    """`^1.2` is `>=1.2,<2` and `^0.3` is `>=0.3,<0.4`; `~1.2` is `>=1.2,<1.3`."""
    digits = [int(one) for one in re.findall(r"\d+", number)[:3]]
    kept = next((place for place, digit in enumerate(digits) if digit), len(digits) - 1)
    at = kept if caret else min(1, len(digits) - 1)
    top = [*digits[:at], digits[at] + 1]
    return f">={number},<{'.'.join(map(str, top))}"


def _from_conda(text: str) -> str | None:
    """Conda's version in PEP 440; None for what it has no words for (`|`)."""
    if text.startswith("["):
        inner = re.search(r"version\s*=\s*(?:'([^']*)'|\"([^\"]*)\"|([^,\]]*))", text)
        text = (inner[1] or inner[2] or inner[3] or "") if inner else ""
    text = text.partition("[")[0].strip()
    if "|" in text:
        return None
    parts = []
    for part in re.sub(r"([<>=!~,])\s+", r"\1", text).split(",") if text else ():
        # Behind the version may stand the build, after a blank or an `=`.
        found = re.match(r"(~=|[<>=!]=|[<>=])?([0-9][^\s=]*|\*)([\s=].*)?\Z", part.strip())
        if found is None:
            return None
        sign, number = found[1] or "==", found[2]
        if number == "*":
            continue
        if sign == "=":
            sign, number = "==", f"{number.removesuffix('.*').removesuffix('*')}.*"
        parts.append(f"{sign}{number}")
    return ",".join(parts)
