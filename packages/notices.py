"""Whose work lies in a bundle, and under which licence: one file, made from the bundle's own list.

Each file has an owner: an installed distribution, a package of the system, Python, or this program.
A file without one, and an owner without a licence text, end the build.
"""

import functools
import importlib.metadata
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution
from pathlib import Path
from typing import NamedTuple

from contents import ROOT, needed, normalised

FILE = "THIRD-PARTY-NOTICES.txt"
LICENCES = Path(__file__).resolve().parent / "licences"
COMMON = Path("/usr/share/common-licenses")
LICENCE_NAME = re.compile(r"(licen[cs]e|copying|notice|copyright)", re.IGNORECASE)
SYSTEM_LIBRARIES = re.compile(r"\.(so(\.\d+)*|dylib|dll)$")

QT = (
    "Qt for Python is used as unchanged libraries under the LGPL version 3. They lie as files of "
    "their own in the folder PySide6 and may be replaced by others of the same interface. What Qt "
    "contains of others: https://doc.qt.io/qt-6/licenses-used-in-qt.html"
)
WITHOUT_TEXT = {
    "pyside6-essentials": (QT, (LICENCES / "LGPL-3.0.txt", LICENCES / "GPL-3.0.txt")),
    "shiboken6": (QT, (LICENCES / "LGPL-3.0.txt", LICENCES / "GPL-3.0.txt")),
}
"""Distributions that bring no licence text in their wheels: what to say, and the texts."""


class NoticeError(Exception):
    """A file whose owner, or an owner whose licence, is not known."""


class Part(NamedTuple):
    """One owner's share of a bundle."""

    name: str
    version: str
    licence: str
    """As its owner names it; may be empty where only the text says so."""
    texts: tuple[str, ...]


def parts(sources: Iterable[str]) -> list[Part]:
    """Whose work the files are, by name. Raises NoticeError, which names all that is missing."""
    files = {Path(source) for source in sources}
    owners = {path: _owner(path) for path in files}
    libraries = [path for path, owner in owners.items() if owner == SYSTEM]
    packages = _system_packages(libraries)
    owners |= {path: f"system {packages[path]}" for path in libraries if path in packages}
    missing = [
        f"{path}: belongs to nothing that is known"
        for path, owner in sorted(owners.items())
        if owner in (SYSTEM, UNKNOWN)
    ]
    found = []
    # The loader that starts a bundle is PyInstaller's and among no list.
    for owner in {*owners.values(), "distribution pyinstaller", "python"} - {SYSTEM, UNKNOWN}:
        try:
            part = _part(owner)
        except NoticeError as error:
            missing.append(str(error))
        else:
            found += [part] if part is not None else []
    if missing:
        raise NoticeError("no notice for:\n" + "\n".join(missing))
    return sorted(found, key=lambda one: one.name.lower())


def write(found: Iterable[Part], folder: Path) -> None:
    """The notices and our own licence into a bundle's folder."""
    (folder / FILE).write_text(notices_text(found), encoding="utf-8")
    shutil.copy(ROOT / "LICENSE", folder / "LICENSE.txt")


def notices_text(found: Iterable[Part]) -> str:
    """One section for each owner; a text that stood before is named and not repeated."""
    listed = list(found)
    lines = ["Framework Advisor contains work of others, under the licences below.", ""]
    lines += [f"- {one.name} {one.version}: {one.licence or 'see its text'}" for one in listed]
    seen: dict[str, str] = {}
    for one in listed:
        lines += ["", "=" * 78, f"{one.name} {one.version}", one.licence, "=" * 78, ""]
        for text in one.texts:
            first = seen.setdefault(text, one.name)
            lines += [text if first == one.name else f"(the text stands under {first})", ""]
    return "\n".join(lines).rstrip() + "\n"


# Owners, as `distribution NAME`, `system PACKAGE`, `python`, `fonts`, `ours`

SYSTEM, UNKNOWN = "system", "unknown"


def _owner(source: Path) -> str:
    here = _below(source, ROOT)
    if here is not None and here.parts[0] != ".venv":
        return "fonts" if here.parts[:2] == ("assets", "fonts") else "ours"
    if (name := _by_file().get(source)) is not None:
        return f"distribution {name}"
    if source.suffix == ".pyc" or "PyInstaller" in source.parts or source.is_dir():
        return "distribution pyinstaller" if "PyInstaller" in source.parts else "python"
    for name in ("stdlib", "platstdlib"):
        library = Path(sysconfig.get_path(name))
        if _below(source, library) is not None and "site-packages" not in source.parts:
            return "python"
    if source.name.startswith(("libpython", "python3")) or source.name == "base_library.zip":
        return "python"
    if not source.is_absolute():  # the target of a link that lies beside it
        return "ours"
    return SYSTEM if SYSTEM_LIBRARIES.search(source.name) else UNKNOWN


def _below(path: Path, folder: Path) -> Path | None:
    return path.relative_to(folder) if path.is_relative_to(folder) else None


@functools.cache
def _by_file() -> dict[Path, str]:
    """Installed files and the distributions that brought them."""
    beside = ("framework-advisor", "pyinstaller")
    distributions = needed() | {one: importlib.metadata.distribution(one) for one in beside}
    return {
        Path(sysconfig.get_path("purelib"), file): name
        for name, each in distributions.items()
        for file in each.files or ()
    }


def _system_packages(libraries: Iterable[Path]) -> dict[Path, str]:
    """The Debian packages that libraries came with; asked for all at once, which takes a second."""
    if shutil.which("dpkg-query") is None:
        return {}
    # Debian lists files where they were before /lib became a link to /usr/lib.
    names = {
        other: library
        for library in libraries
        for path in (library, library.resolve())
        for other in (str(path), str(path).removeprefix("/usr"))
    }
    asked = subprocess.run(
        ["dpkg-query", "--search", *names], capture_output=True, text=True, check=False
    )
    found = {}
    for line in asked.stdout.splitlines():
        package, _, path = line.rpartition(": ")
        if path in names:
            found[names[path]] = package.partition(":")[0]
    return found


# Their licences


def _part(owner: str) -> Part | None:
    kind, _, name = owner.partition(" ")
    if kind == "ours":
        return None
    if kind == "fonts":
        fonts = ROOT / "assets" / "fonts" / "LICENSE.txt"
        return Part("Noto Sans and Noto Sans CJK SC, subsets", "", "OFL-1.1", (_text(fonts),))
    if kind == "python":
        licence = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
        version = ".".join(map(str, sys.version_info[:3]))
        return Part("Python", version, "PSF-2.0", (_text(licence),))
    return _of_system(name) if kind == "system" else _of_distribution(name)


def _of_distribution(name: str) -> Part | None:
    if name == "framework-advisor":
        return None
    found = importlib.metadata.distribution(name)
    more: tuple[str, ...] = ()
    texts = tuple(_licence_texts(found))
    if not texts and name in WITHOUT_TEXT:
        words, paths = WITHOUT_TEXT[name]
        more, texts = (words,), tuple(map(_text, paths))
    if not texts:
        raise NoticeError(f"{name} {found.version}: brings no licence text")
    return Part(found.metadata["Name"], found.version, licence_of(found), (*more, *texts))


def licence_of(found: Distribution) -> str:
    """What its metadata calls its licence, in one line; empty where they quote its text."""
    said = found.metadata.get("License-Expression") or found.metadata.get("License") or ""
    if said and "\n" not in said and len(said) < 120:
        return said
    marks = [
        one.rpartition(" :: ")[2]
        for one in found.metadata.get_all("Classifier") or ()
        if one.startswith("License ::")
    ]
    return ", ".join(marks)


def _licence_texts(found: Distribution) -> Iterator[str]:
    files = [one for one in found.files or () if one.parts[0].endswith(".dist-info")]
    for one in files:
        if "licenses" in one.parts[1:-1] or LICENCE_NAME.search(one.name):
            yield _text(Path(str(found.locate_file(one))))
    if not files or normalised(found.metadata["Name"]) != "nvidia-ml-py":
        return
    # Its licence is the comment at the head of its one module.
    module = _text(Path(str(found.locate_file("pynvml.py"))))
    head = module.partition("#####\n")[2].partition("#####\n")[0]
    if "Redistribution" in head:
        yield "\n".join(line.removeprefix("#").removeprefix(" ") for line in head.splitlines())


def _of_system(package: str) -> Part:
    document = Path("/usr/share/doc", package, "copyright")
    if not document.is_file():
        raise NoticeError(f"{package}: this system has no copyright file of it")
    text = _text(document)
    version = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Version}\n", package],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()[0]
    named = {one.rstrip(".") for one in re.findall(rf"{COMMON}/([\w.+-]+)", text)}
    common = [COMMON / one for one in sorted(named) if (COMMON / one).is_file()]
    licences = sorted({*re.findall(r"^License: *(\S.*)$", text, re.MULTILINE)})
    return Part(
        f"{package} (Debian)", version, ", ".join(licences)[:200], (text, *map(_text, common))
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace").strip()
