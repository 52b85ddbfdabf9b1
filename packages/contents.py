"""What a bundle is made of: the distributions that the program needs, and its own files.

Knows nothing of PyInstaller; `framework-advisor.spec` hands what is said here on to it.
"""

import importlib.metadata
import importlib.util
import re
import shutil
import tomllib
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import Distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
OURS = ("app", "rules", "probes")
CARRIED_AS_FILES = ("pip", "archspec", "pynvml")
"""pip runs under other interpreters; the other two go into the one file that measures elsewhere."""
NO_PLUGINS = (
    "platformthemes/libqgtk3",  # brings the build machine's GTK, which need not fit the user's
    *(f"platforms/libq{one}." for one in ("eglfs", "linuxfb", "minimalegl", "vkkhrdisplay", "vnc")),
    "egldeviceintegrations/",
    "generic/",
)
"""Of Qt: for screens without a window system."""
WITHOUT = (
    "PySide6.QtNetwork",
    "readline",
    "curses",
    "tkinter",
    "test",
    "idlelib",
    "lib2to3",
    "ensurepip",
    "turtledemo",
)
"""Of what is needed in itself: nothing of ours asks for it. GNU readline's licence is not ours."""


def normalised(name: str) -> str:
    """A distribution's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed() -> dict[str, Distribution]:
    """The distributions that the program and what it needs require here, by normalised name."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        waiting = [Requirement(one) for one in tomllib.load(file)["project"]["dependencies"]]
    found: dict[str, Distribution] = {}
    while waiting:
        requirement = waiting.pop()
        name = normalised(requirement.name)
        if name in found or not _applies(requirement):
            continue
        found[name] = importlib.metadata.distribution(name)
        waiting += [Requirement(one) for one in found[name].requires or ()]
    return dict(sorted(found.items()))


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def not_needed() -> list[str]:
    """Modules that are installed here and must stay out: frameworks, tools for development."""
    wanted = {*needed(), "framework-advisor", "pyinstaller"}
    others = [
        module
        for module, owners in importlib.metadata.packages_distributions().items()
        if not wanted & {normalised(owner) for owner in owners}
    ]
    return sorted([*others, *WITHOUT])


def files() -> Iterator[tuple[str, str]]:
    """Files that stay files, with their folder in the bundle: data, and what another interpreter
    runs, which are the worker, the runner of pip, and the sources of the one file that measures."""
    yield from _folder(ROOT / "assets", "assets")
    yield from _folder(ROOT / "rules" / "knowledge", "rules/knowledge")
    yield from _folder(ROOT / "probes", "probes")
    yield str(ROOT / "app" / "installing" / "pip_runner.py"), "app/installing"
    for name in CARRIED_AS_FILES:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        origin = Path(spec.origin)
        if origin.name == "__init__.py":
            yield from _folder(origin.parent, name)
        else:
            yield str(origin), "."


def _folder(source: Path, target: str) -> Iterator[tuple[str, str]]:
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        if path.is_file() and "__pycache__" not in inside.parts:
            yield str(path), (Path(target) / inside.parent).as_posix()


def write_desktop_files(folder: Path) -> None:
    """The entry in menus, its description and its icons, laid out as under `/usr/share`."""
    for name, place in (("desktop", "applications"), ("metainfo.xml", "metainfo")):
        _copy(ROOT / "packages" / f"framework-advisor.{name}", folder / place)
    for path in (ROOT / "assets" / "application").glob("framework-advisor*"):
        size = path.stem.rpartition("-")[2]
        fit = "scalable" if path.suffix == ".svg" else f"{size}x{size}"
        target = folder / "icons" / "hicolor" / fit / "apps"
        _copy(path, target, f"framework-advisor{path.suffix}")


def _copy(source: Path, folder: Path, name: str | None = None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, folder / (name or source.name))


def modules() -> list[str]:
    """Our own modules, of which a command is imported by name; without the worker's."""
    found = []
    for package in OURS:
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "worker" not in parts and "__pycache__" not in parts:
                found.append(".".join(parts).removesuffix(".__init__"))
    return sorted(found)


Entry = tuple[str, str, str]
"""Of PyInstaller's lists: the name in the bundle, the source, the kind."""


def kept(binaries: Iterable[Entry], needs: Callable[[str], Iterable[str]]) -> list[Entry]:
    """Without the plugins that are left out, nor the system's libraries that only they need.

    `needs` gives the names of the libraries that a binary loads, directly or not.
    """
    staying = [
        one for one in binaries if not any(f"plugins/{left}" in one[0] for left in NO_PLUGINS)
    ]
    wanted = {name for one in staying if not _of_system(one) for name in needs(one[1])}
    return [one for one in staying if not _of_system(one) or Path(one[0]).name in wanted]


def without_whereabouts(datas: Iterable[Entry]) -> list[Entry]:
    """Of our own metadata the version is read; the rest tells where this checkout lies."""
    ours = re.compile(r"framework_advisor-[^/\\]+\.dist-info")
    return [one for one in datas if not ours.match(one[0]) or Path(one[0]).name == "METADATA"]


def _of_system(entry: Entry) -> bool:
    name = Path(entry[0])
    return len(name.parts) == 1 and ".so" in name.name and not name.name.startswith("libpython")
