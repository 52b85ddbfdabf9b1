"""An install line as data: what it asks for and from where; nothing is run here. Pure."""

import re
import shlex
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from app.installing.results import LONGEST_TEXT, InstallError

BEGINNINGS = (
    ("pip", "install"),
    ("pip3", "install"),
    ("python", "-m", "pip", "install"),
    ("python3", "-m", "pip", "install"),
    ("py", "-m", "pip", "install"),
    ("uv", "pip", "install"),
)
INDEX, EXTRA_INDEX = ("-i", "--index-url"), ("--extra-index-url",)
FLAGS = {"-U": "upgrade", "--upgrade": "upgrade", "--pre": "pre"}
_SECRET = re.compile(r"(?<=//)[^/@\s]+@")
MOST_REQUIREMENTS = 100


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What a line asks for."""

    text: str
    """As it was given, without user names and passwords in addresses."""
    requirements: tuple[str, ...]
    index: str | None = None
    extra_indexes: tuple[str, ...] = ()
    upgrade: bool = False
    pre: bool = False
    added: tuple[str, ...] = ()
    """Asked for with it: what it is besides tells nothing of the build that the line brings."""

    @property
    def own_names(self) -> tuple[str, ...]:
        """Of the distributions that stand in the line, in the form that indexes use."""
        return tuple(canonicalize_name(Requirement(one).name) for one in self.requirements)

    @property
    def names(self) -> tuple[str, ...]:
        """Of all distributions asked for."""
        added = (canonicalize_name(Requirement(one).name) for one in self.added)
        return (*self.own_names, *added)

    def arguments(self) -> tuple[str, ...]:
        """For `pip install`."""
        found = [*self.requirements, *self.added]
        if self.index is not None:
            found += ["--index-url", self.index]
        for one in self.extra_indexes:
            found += ["--extra-index-url", one]
        if self.upgrade:
            found.append("--upgrade")
        if self.pre:
            found.append("--pre")
        return tuple(found)


def parse_line(text: str) -> Line:
    """Read `pip install ...`. Raises InstallError for anything but packages and their indexes.

    Addresses, folders, requirement files and version control are refused: a line may come from a
    stranger's facts, and what they name would be run here.
    """
    shown = without_secrets(text.strip())
    if len(text) > LONGEST_TEXT:
        raise InstallError("the install line is too long")
    if not shown or shown.startswith("#"):
        raise InstallError(f"{shown or 'an empty line'!r} is no line that can be run")
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise InstallError(f"{shown!r} is no line that can be run: {error}") from error
    if any(one in ("&&", "||", "|", ";", "&") for one in words):
        raise InstallError(f"{shown!r} is more than one command: verify them one by one")
    beginning = next((one for one in BEGINNINGS if tuple(words[: len(one)]) == one), None)
    if beginning is None:
        raise InstallError(f"{shown!r}: only lines that begin with `pip install` can be verified")
    line = _read(shown, iter(words[len(beginning) :]))
    if not line.requirements:
        raise InstallError(f"{shown!r} names no package")
    if len(line.requirements) > MOST_REQUIREMENTS:
        raise InstallError(f"{shown!r} names more than {MOST_REQUIREMENTS} packages")
    return line


def _read(shown: str, words: Iterator[str]) -> Line:
    requirements: list[str] = []
    indexes: list[str] = []
    extra: list[str] = []
    flags: set[str] = set()
    for word in words:
        option, _, value = word.partition("=")
        if word in FLAGS:
            flags.add(FLAGS[word])
        elif option in INDEX or option in EXTRA_INDEX:
            address = _address(shown, value or next(words, ""))
            (indexes if option in INDEX else extra).append(address)
        elif word.startswith("-"):
            raise InstallError(f"{shown!r}: {word!r} is an option that is not verified here")
        else:
            requirements.append(_requirement(shown, word))
    return Line(
        text=shown,
        requirements=tuple(requirements),
        index=indexes[-1] if indexes else None,
        extra_indexes=tuple(extra),
        upgrade="upgrade" in flags,
        pre="pre" in flags,
    )


def _address(shown: str, text: str) -> str:
    try:
        parts = urlsplit(text)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        fits = False
    if not fits or not text.isprintable():
        raise InstallError(f"{shown!r}: {without_secrets(text)!r} is no address of an index")
    return text


def _requirement(shown: str, word: str) -> str:
    try:
        requirement = Requirement(word)
    except InvalidRequirement as error:
        raise InstallError(
            f"{shown!r}: {without_secrets(word)!r} is no package with a version"
        ) from error
    if requirement.url is not None:
        raise InstallError(f"{shown!r}: {requirement.name} comes from an address, not an index")
    return word


def without_secrets(text: str) -> str:
    """Addresses without the user name and password that may stand in them."""
    return _SECRET.sub("", text)


def with_more(line: Line, packages: Iterable[str]) -> tuple[Line, ...]:
    """The line and packages beside it, to be installed one after another.

    In one go where the line names no index: two would let the second change what the first
    brought. An index of a maker has that maker's packages only, so it needs a second line.
    Raises InstallError for what is no package's name.
    """
    there = set(line.names)
    wanted = dict.fromkeys(packages)
    more = tuple(
        _requirement(one, one)
        for one in wanted
        if canonicalize_name(one.partition("[")[0]) not in there
    )
    if not more:
        return (line,)
    if line.index is None:
        return (msgspec.structs.replace(line, added=(*line.added, *more)),)
    return line, Line(text=f"pip install {' '.join(more)}", requirements=more)
