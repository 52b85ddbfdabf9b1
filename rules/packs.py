"""Folders of knowledge, ours and users': reads one, and lays one over another.

Every `*.yaml` in a folder is a mapping from a list of `Knowledge` to its entries; each file of its
`frameworks/` is one framework. `facts`, `capabilities` and `install` lists hold single ones for a
framework that is there already, so that a pack need not copy a framework to change one fact. What
cannot be read is collected, not raised, so that a check can name all of it.
"""

import functools
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from rules.decoding import convert, mapping
from rules.entries import NESTED, Key, element_types, install_key, key_of, shown
from rules.errors import InputError, suggestion
from rules.model import Capability, Fact, Framework, InstallLine, Knowledge
from rules.yaml_reader import MAX_BYTES, MAX_NODES, Document, Place, Plain, read_file

NEEDED_ALONE = ("frameworks", "questions", "groups", "criteria")
MAX_FILES = 200
MAX_FOLDER_BYTES = 16_000_000
MAX_RULES = 200
"""Entries of a list that every decision goes through, again and again; of ours none has fifty."""
RULES = (
    *("frameworks", "questions", "groups", "criteria", "weight_rules", "gates", "conflicts"),
    *("exits", "speed_scales"),
)


class FrameworkInstallLine(InstallLine, frozen=True, kw_only=True):
    """An install line that names its framework, for a pack's `install` list."""

    framework: str


SINGLES: dict[str, type[Any]] = {
    "facts": Fact,
    "capabilities": Capability,
    "install": FrameworkInstallLine,
}
"""Lists of a pack that go into frameworks which are there already."""


@functools.cache
def file_type() -> type[Any]:
    """What one file of a folder may hold; every list may be left out."""
    lists = [(name, tuple[one, ...], ()) for name, one in {**element_types(), **SINGLES}.items()]  # type: ignore[valid-type]
    return msgspec.defstruct(
        "KnowledgeFile",
        [("version", str | None, None), *lists],
        frozen=True,
        forbid_unknown_fields=True,
        kw_only=True,
        namespace={"__doc__": "One file of a folder of knowledge; `frameworks/ID.yaml` holds one "
                   "entry of `frameworks` by itself."},
    )  # fmt: skip


class Origin(msgspec.Struct, frozen=True):
    """Where an entry stands."""

    document: Document
    place: Place

    def line(self, field: Place = ()) -> int | None:
        return self.document.line((*self.place, *field))


class Folder(msgspec.Struct, frozen=True):
    """What one folder holds, and what of it could not be read."""

    name: str
    version: str | None
    lists: dict[str, dict[Key, Any]]
    """By list, then by identity, in the files' order; `SINGLES` too."""
    origins: dict[Key, Origin]
    errors: tuple[InputError, ...]
    unread: frozenset[str]
    """Ids that stand in what could not be decoded, so that nobody calls them unknown."""
    is_whole: bool
    """False where a file could not even be parsed, so that its ids are not known."""


class Base(msgspec.Struct, frozen=True):
    """A knowledge base, where its entries stand, and what of it could not be read."""

    knowledge: Knowledge
    origins: Mapping[Key, Origin]
    errors: tuple[InputError, ...]
    unread: frozenset[str]
    is_whole: bool


def read_folder(folder: Path) -> Folder:
    """Read all of it. Raises InputError where there is no folder to read."""
    return _Reader(folder).read()


class _Reader:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._version: str | None = None
        self._lists: dict[str, dict[Key, Any]] = {}
        self._origins: dict[Key, Origin] = {}
        self._errors: list[InputError] = []
        self._unread: set[str] = set()
        self._nodes = 0
        self._is_whole = True

    def read(self) -> Folder:
        for path in _files(self._folder):
            try:
                document = self._document(path)
            except InputError as error:
                self._errors.append(error)
                self._unread.add(path.stem)
                self._is_whole = False
                continue
            try:
                if path.parent != self._folder:
                    self._framework_file(document, path)
                else:
                    self._list_file(document)
            except InputError as error:
                self._refuse(error, document.content)
        return Folder(
            str(self._folder),
            self._version,
            self._lists,
            self._origins,
            tuple(self._errors),
            frozenset(self._unread),
            self._is_whole,
        )

    def _document(self, path: Path) -> Document:
        try:
            is_inside = path.resolve().is_relative_to(self._folder.resolve())
        except (OSError, RuntimeError):  # a circle of links
            is_inside = False
        if not is_inside:
            raise InputError("is a link that leads out of its folder", str(path))
        document = read_file(path)
        self._nodes += len(document.lines)
        if self._nodes > MAX_NODES:
            message = f"brings the folder's files to more than {MAX_NODES} entries"
            raise InputError(message, str(path))
        return document

    def _framework_file(self, document: Document, path: Path) -> None:
        framework = convert(document, document.content, (), Framework)
        if framework.id != path.stem:
            raise InputError(
                f"id: {framework.id!r} is not the file's name", str(path), document.line(("id",))
            )
        self._add("frameworks", framework, document, ())

    def _list_file(self, document: Document) -> None:
        for name, value in mapping(document, document.content, ()).items():
            if name == "version":
                self._version = convert(document, value, (name,), str)
                continue
            type_ = element_types().get(name) or SINGLES.get(name)
            if type_ is None:
                known = {**element_types(), **SINGLES}
                error = InputError(
                    f"{name}: is no list of a knowledge base" + suggestion(name, known),
                    document.file,
                    document.line((name,)),
                )
                self._refuse(error, value)
                continue
            self._list(name, type_, value, document)

    def _list(self, name: str, type_: type[Any], value: Plain, document: Document) -> None:
        if not isinstance(value, list):
            try:
                convert(document, value, (name,), list)
            except InputError as error:
                self._refuse(error, value)
            return
        if name in RULES and len(value) > MAX_RULES:
            message = f"{name}: holds more than {MAX_RULES} entries"
            raise InputError(message, document.file, document.line((name,)))
        for number, content in enumerate(value):
            try:
                entry = convert(document, content, (name, number), type_)
            except InputError as error:
                self._refuse(error, content)
            else:
                self._add(name, entry, document, (name, number))

    def _add(self, name: str, entry: Any, document: Document, place: Place) -> None:
        is_line = isinstance(entry, FrameworkInstallLine)
        key = install_key(entry.framework, entry.when) if is_line else key_of(name, entry)
        if self._locate(key, document, place):
            self._lists.setdefault(name, {})[key] = entry
        if name == "frameworks":
            for key, inside in _nested(entry):
                self._locate(key, document, (*place, *inside))

    def _locate(self, key: Key, document: Document, place: Place) -> bool:
        """Remember where an entry stands; false, and a finding, where it stands already."""
        first = self._origins.setdefault(key, Origin(document, place))
        if first.document is document and first.place == place:
            return True
        line = first.line()
        at = first.document.file + ("" if line is None else f":{line}")
        self._errors.append(
            InputError(
                f"{shown(key)}: stands here twice, first in {at}",
                document.file,
                document.line(place),
            )
        )
        return False

    def _refuse(self, error: InputError, content: Plain) -> None:
        self._errors.append(error)
        self._unread |= set(_ids(content))


def _nested(framework: Framework) -> Iterator[tuple[Key, Place]]:
    for name in NESTED:
        for number, one in enumerate(getattr(framework, name)):
            is_line = name == "install"
            key = install_key(framework.id, one.when) if is_line else key_of(name, one)
            yield key, (name, number)


def _ids(content: Plain) -> Iterator[str]:
    """Every id in plain data."""
    if isinstance(content, list):
        for one in content:
            yield from _ids(one)
    elif isinstance(content, dict):
        name = content.get("id")
        if isinstance(name, str):
            yield name
        for one in content.values():
            yield from _ids(one)


def _files(folder: Path) -> list[Path]:
    """The folder's files in the order of their names, those of `frameworks/` last."""
    if not folder.is_dir():
        raise InputError("is no folder of facts", str(folder))
    files = [*_yaml_files(folder), *_yaml_files(folder / "frameworks")]
    if not files:
        raise InputError("holds no .yaml files", str(folder))
    if len(files) > MAX_FILES:
        raise InputError(f"holds more than {MAX_FILES} files", str(folder))
    if sum(min(_size(path), MAX_BYTES) for path in files) > MAX_FOLDER_BYTES:
        raise InputError(f"holds more than {MAX_FOLDER_BYTES // 1_000_000} MB", str(folder))
    return files


def _yaml_files(folder: Path) -> list[Path]:
    found: list[Path] = []
    if not folder.is_dir():
        return found
    try:
        with os.scandir(folder) as listing:
            for entry in listing:
                if entry.name.endswith(".yml"):
                    raise InputError("would not be read: names end in .yaml", entry.path)
                if entry.name.endswith(".yaml"):
                    found.append(folder / entry.name)
                if len(found) > MAX_FILES:
                    break
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", str(folder)) from error
    return sorted(found)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # Reading it will say why.


def assembled(folder: Folder) -> Base:
    """The base that a folder is by itself; a list that it lacks is empty."""
    return overlaid(Base(_knowledge("", {}, ()), {}, (), frozenset(), True), folder)


def is_base(folder: Folder) -> bool:
    """Whether a folder can stand alone: it has a version, and all that a decision needs."""
    return folder.version is not None and all(map(folder.lists.get, NEEDED_ALONE))


def overlaid(base: Base, folder: Folder) -> Base:
    """The base with a folder's entries added, or replacing those of the same identity."""
    before, origins = base.knowledge, {**base.origins, **folder.origins}
    lists: dict[str, Sequence[Any]] = {}
    replaced: list[Key] = []
    for name in element_types():
        ours = {key_of(name, entry): entry for entry in getattr(before, name)}
        theirs = folder.lists.get(name, {})
        replaced += [key for key in theirs if key in ours]
        # The first path to a target is the one that is proposed, so a pack's come before ours.
        merged = {**theirs, **ours, **theirs} if name == "deliveries" else {**ours, **theirs}
        lists[name] = tuple(merged.values())
    frameworks, errors = _with_singles(lists["frameworks"], folder, replaced)
    lists["frameworks"] = frameworks
    version = folder.version if folder.version is not None else before.version
    names = {*before.overridden, *map(shown, replaced)}
    return Base(
        _knowledge(version, lists, tuple(sorted(names))),
        origins,
        (*base.errors, *folder.errors, *errors),
        base.unread | folder.unread,
        base.is_whole and folder.is_whole,
    )


def _with_singles(
    frameworks: Sequence[Framework], folder: Folder, replaced: list[Key]
) -> tuple[tuple[Framework, ...], list[InputError]]:
    """The frameworks with the folder's single facts, capabilities and install lines; what was
    replaced is added to `replaced`."""
    known = {framework.id: framework for framework in frameworks}
    errors = []
    for name in SINGLES:
        by_framework: dict[str, dict[Key, Any]] = {}
        for key, entry in folder.lists.get(name, {}).items():
            owner = entry.framework if name == "install" else entry.id.partition(".")[0]
            if owner in known:
                by_framework.setdefault(owner, {})[key] = entry
            elif owner not in folder.unread:
                origin = folder.origins[key]
                message = f"{shown(key)}: {owner!r} is no framework{suggestion(owner, known)}"
                errors.append(InputError(message, origin.document.file, origin.line()))
        for owner, theirs in by_framework.items():
            ours = _own(name, known[owner])
            replaced += [key for key in theirs if key in ours]
            plain = {key: _plain(entry) for key, entry in theirs.items()}
            # Of install lines that match as well the first is taken, so a pack's come first.
            merged = {**plain, **ours, **plain} if name == "install" else {**ours, **plain}
            known[owner] = msgspec.structs.replace(known[owner], **{name: tuple(merged.values())})
    return tuple(known.values()), errors


def _own(name: str, framework: Framework) -> dict[Key, Any]:
    if name == "install":
        return {install_key(framework.id, one.when): one for one in framework.install}
    return {key_of(name, one): one for one in getattr(framework, name)}


def _plain(entry: Any) -> Any:
    """An install line as a framework's file holds it."""
    if not isinstance(entry, FrameworkInstallLine):
        return entry
    return InstallLine(
        when=entry.when,
        command=entry.command,
        note=entry.note,
        source=entry.source,
        as_of=entry.as_of,
    )


def _knowledge(
    version: str, lists: Mapping[str, Sequence[Any]], overridden: tuple[str, ...]
) -> Knowledge:
    full = {name: tuple(lists.get(name, ())) for name in element_types()}
    # Frameworks have no order of their own: file order must not be able to matter.
    full["frameworks"] = tuple(sorted(full["frameworks"], key=lambda one: one.id))
    return Knowledge(version=version, hash=_hash(version, full), overridden=overridden, **full)


def _hash(version: str, lists: Mapping[str, Any]) -> str:
    content = {"version": version, **{name: lists[name] for name in sorted(lists)}}
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()
