"""Which environments are here and what their folders hold, by names on disk alone.

Nothing found is executed, and no module of an environment is read: starting an interpreter to ask
takes seconds, and `importlib.metadata` is a hundred times slower than listing a folder.
"""

import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from probes import interpreters
from probes.catalogue import Catalogue, KnownFramework, load_catalogue
from probes.interpreters import Candidate, is_folder, is_stub, scan
from probes.results import Environment, InstalledComponent, InstalledFramework

Result = TypeVar("Result")

PATIENCE_SECONDS = 2.0
"""For one place on disk: a network mount that is gone blocks for ever."""


def find_environments(
    pythons: Sequence[Path] = (),
    everywhere: bool = False,
    *,
    home: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> tuple[Environment, ...]:
    """This environment and the given ones; with `everywhere` all that the usual places hold.

    A frozen program has no environment of its own: the one that a shell would take stands in.
    The same environment found twice is listed once, as what it was found first. `home` and
    `environ` stand for the user's in tests.
    """
    home = _home() if home is None else home
    environ = os.environ if environ is None else environ
    sources: list[Callable[[], Iterable[Candidate]]] = [
        interpreters.this_one,
        lambda: interpreters.given(pythons),
        lambda: interpreters.of_shell(environ),
    ]
    if everywhere:
        sources += [
            lambda: interpreters.active(environ),
            lambda: interpreters.of_conda(home, environ),
            lambda: interpreters.of_pyenv(home, environ),
            lambda: interpreters.of_uv(home, environ),
            lambda: interpreters.of_other_tools(home, environ),
            lambda: interpreters.on_path(environ),
            interpreters.of_system,
            interpreters.of_registry,
        ]
    return tuple(_read_all(sources, Reader(load_catalogue(), home, environ)))


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        return Path("/nonexistent")  # as Debian writes it of users who have none


def _read_all(
    sources: Iterable[Callable[[], Iterable[Candidate]]], reader: "Reader"
) -> Iterator[Environment]:
    seen: set[tuple[str, str | None]] = set()
    for source in sources:
        # A source that hangs loses only what it would still have listed.
        candidates: list[Candidate] = []
        within(PATIENCE_SECONDS, partial(_list_into, candidates, source))
        for candidate in list(candidates):
            known = candidate.kind in ("this", "given")
            environment = within(PATIENCE_SECONDS, partial(reader.read, candidate, seen))
            if environment is None:
                environment = unreadable(candidate, f"did not answer in {PATIENCE_SECONDS:g} s")
            if isinstance(environment, Environment) and (known or is_environment(environment)):
                yield environment


def _list_into(found: list[Candidate], source: Callable[[], Iterable[Candidate]]) -> None:
    for candidate in source():
        found.append(candidate)


def is_environment(environment: Environment) -> bool:
    """Whether something that lay about is worth a line: it has a version or a problem with it."""
    return environment.python_version is not None


class Duplicate(NamedTuple):
    """Read before, under another name."""


class Place(NamedTuple):
    """Where an environment is: its interpreter, its folder, its version, its `pyvenv.cfg`."""

    python: Path
    prefix: Path
    version: str | None
    """`3.11` or longer."""
    settings: dict[str, str] | None
    """Of a virtual environment."""


class Reader:
    """Reads environments; lists each folder once, however many environments share it."""

    def __init__(self, catalogue: Catalogue, home: Path, environ: Mapping[str, str]) -> None:
        self._catalogue = catalogue
        self._home = home
        self._environ = environ
        self._listed: dict[Path, tuple[Found, ...]] = {}

    def read(
        self, candidate: Candidate, seen: set[tuple[str, str | None]]
    ) -> Environment | Duplicate:
        """One candidate; what was seen before is a duplicate, whatever it is called there."""
        python = interpreter_of(candidate.path)
        if python is None:
            return unreadable(candidate, "there is no interpreter")
        place = locate(python)
        key = (os.path.realpath(place.prefix), minor_version(place.version))
        if key in seen:
            return Duplicate()
        seen.add(key)
        found = self._found(place)
        problem = None
        if not os.path.exists(python):
            problem = f"its interpreter is gone: {os.path.realpath(python)}"
        elif place.version is None:
            problem = "no folder of Python modules belongs to it"
        kind = candidate.kind
        if kind in ("path", "system", "other") and place.settings is not None:
            kind = "venv"
        return Environment(
            python=str(python),
            python_version=place.version,
            kind=kind,
            frameworks=tuple(
                installed
                for known in self._catalogue.frameworks
                if (installed := installed_framework(known, found)) is not None
            ),
            components=tuple(installed_components(self._catalogue, found)),
            problem=problem,
        )

    def _found(self, place: Place) -> dict[str, "Found"]:
        """Distributions by normalised name; of several the one that comes first on the path."""
        found: dict[str, Found] = {}
        for folder in self._folders(place):
            for one in self._list(folder):
                found.setdefault(one.name, one)
        return found

    def _folders(self, place: Place) -> Iterator[Path]:
        """Folders with metadata in the order of the module path."""
        yield from site_folders(place.prefix, place.version)
        system_too = place.settings is None
        if place.settings is not None:
            system_too = place.settings.get("include-system-site-packages", "").lower() == "true"
        if not system_too or place.version is None:
            return
        yield from self._user_folders(place.version)
        if place.settings is not None and place.settings.get("home"):
            home = Path(place.settings["home"])
            base = home.parent if home.name in ("bin", "Scripts") else home
            yield from site_folders(base, place.version)

    def _user_folders(self, version: str) -> Iterator[Path]:
        minor = minor_version(version)
        base = self._environ.get("PYTHONUSERBASE")
        if sys.platform == "win32":
            roaming = Path(base or Path(self._environ.get("APPDATA") or self._home) / "Python")
            yield roaming / f"Python{(minor or '').replace('.', '')}" / "site-packages"
            return
        yield Path(base or self._home / ".local") / "lib" / f"python{minor}" / "site-packages"
        if sys.platform == "darwin" and not base:
            yield (
                self._home / "Library" / "Python" / f"{minor}" / "lib" / "python" / "site-packages"
            )

    def _list(self, folder: Path) -> tuple["Found", ...]:
        if folder not in self._listed:
            names = (entry.name for entry in scan(folder))
            found = (distribution(name, folder) for name in names)
            self._listed[folder] = tuple(one for one in found if one is not None)
        return self._listed[folder]


class Found(NamedTuple):
    """A distribution by the name of its metadata."""

    name: str
    version: str
    build: str | None
    folder: Path


def distribution(file_name: str, folder: Path) -> Found | None:
    """What an entry's name says: `torch-2.13.0+cpu.dist-info`, `Theano-1.0.5-py3.8.egg-info`, or
    in `conda-meta` `pytorch-2.1.0-py3.11_cuda12.1_0.json`."""
    stem, dot, ending = file_name.rpartition(".")
    if dot and ending in ("dist-info", "egg-info", "egg"):
        name, _, rest = stem.partition("-")
        version = rest.partition("-")[0]
        if not name or not version or name.startswith("~"):
            return None
        return Found(normalised(name), version, version.partition("+")[2] or None, folder)
    if dot and ending == "json" and folder.name == "conda-meta":
        parts = stem.rsplit("-", 2)
        if len(parts) == 3:
            tag = re.search(r"cuda[\d.]*|cpu|rocm[\d.]*", parts[2])
            return Found(normalised(parts[0]), parts[1], tag.group() if tag else None, folder)
    return None


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def installed_framework(
    known: KnownFramework, found: Mapping[str, Found]
) -> InstalledFramework | None:
    """The framework's first distribution that is there, with a build tag from it or its parts."""
    here = next((found[name] for name in known.distributions if name in found), None)
    if here is None:
        return None
    build = here.build
    if build is None and here.name != known.distributions[0] and "-" in here.name:
        # `paddlepaddle-gpu`, `tensorflow-cpu`: the name is the tag.
        build = here.name.partition("-")[2]
    for name in known.builds:
        if build is None and name in found:
            build = found[name].build or build_in_name(name)
    return InstalledFramework(
        framework=known.id,
        distribution=here.name,
        version=here.version,
        build=build,
        location=str(here.folder),
    )


def build_in_name(name: str) -> str | None:
    tag = re.search(r"cuda\d*|rocm\d*", name)
    return tag.group() if tag else None


def installed_components(
    catalogue: Catalogue, found: Mapping[str, Found]
) -> Iterator[InstalledComponent]:
    for component in catalogue.all_components():
        here = next((found[name] for name in component.distributions if name in found), None)
        if here is not None:
            yield InstalledComponent(
                component=component.id, distribution=here.name, version=here.version
            )


def unreadable(candidate: Candidate, problem: str) -> Environment:
    return Environment(
        python=str(candidate.path),
        python_version=None,
        kind=candidate.kind,
        frameworks=(),
        problem=problem,
    )


def interpreter_of(path: Path) -> Path | None:
    """The interpreter that a path means: itself, or the one of an environment or project folder.

    A dead link is still a name: the environment is then shown with its problem.
    """
    if not is_folder(path):
        return path if os.path.lexists(path) and not is_stub(path) else None
    for folder in (path, path / ".venv", path / "venv"):
        for relative in ("bin/python3", "bin/python", "python.exe", "Scripts/python.exe"):
            if os.path.lexists(folder / relative):
                return folder / relative
    return None


def locate(python: Path) -> Place:
    """The environment of an interpreter.

    Inside a virtual environment the interpreter is a link out of it, so the folder of the link
    counts there; elsewhere (`~/.local/bin/python3.12`) what it points to does.
    """
    folder = Path(os.path.realpath(python.parent))
    for prefix in (folder.parent, folder):
        settings = venv_settings(prefix / "pyvenv.cfg")
        if settings is not None:
            version = settings.get("version") or settings.get("version_info")
            return Place(
                python, prefix, clean_version(version) or library_version(prefix), settings
            )
    real = Path(os.path.realpath(python))
    prefix = real.parent if real.suffix == ".exe" else real.parent.parent
    named = re.fullmatch(r"python(\d+\.\d+)", real.name)
    version = conda_version(prefix) or library_version(prefix, named.group(1) if named else None)
    return Place(python, prefix, version, None)


def venv_settings(path: Path) -> dict[str, str] | None:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    pairs = (line.partition("=") for line in lines)
    return {name.strip().lower(): value.strip() for name, equals, value in pairs if equals}


def clean_version(text: str | None) -> str | None:
    match = re.match(r"\d+\.\d+(\.\d+)?", text or "")
    return match.group() if match else None


def minor_version(version: str | None) -> str | None:
    return None if version is None else ".".join(version.split(".")[:2])


def conda_version(prefix: Path) -> str | None:
    for entry in scan(prefix / "conda-meta"):
        match = re.fullmatch(r"python-(\d+\.\d+\.\d+)-.*\.json", entry.name)
        if match:
            return match.group(1)
    return None


def library_version(prefix: Path, wanted: str | None = None) -> str | None:
    """The version by the module folder under a prefix; of several, the one wanted or the newest."""
    versions = [
        match.group(1)
        for entry in scan(prefix / "lib")
        if (match := re.fullmatch(r"(?:python|pypy)(\d+\.\d+)", entry.name))
    ]
    if wanted is not None:
        versions = [version for version in versions if version == wanted]
    if versions:
        # pyenv and uv name the folder by the full version.
        full = re.search(r"(\d+\.\d+\.\d+)", prefix.name)
        newest = max(versions, key=lambda text: tuple(map(int, text.split("."))))
        return full.group(1) if full and full.group(1).startswith(newest + ".") else newest
    for entry in scan(prefix):
        windows = re.fullmatch(r"python(\d)(\d+)\.dll", entry.name)
        if windows:
            return f"{windows.group(1)}.{windows.group(2)}"
    return None


def site_folders(prefix: Path, version: str | None) -> Iterator[Path]:
    """Folders with metadata under a prefix, in the order of the module path; Debian's too."""
    minor = minor_version(version)
    if minor is not None:
        if prefix == Path("/usr"):
            yield Path("/usr/local/lib") / f"python{minor}" / "dist-packages"
        for library in ("lib", "lib64"):
            yield prefix / library / f"python{minor}" / "site-packages"
        yield prefix / "lib" / f"python{minor}" / "dist-packages"
        if minor.startswith("3"):
            yield prefix / "lib" / "python3" / "dist-packages"
    yield prefix / "Lib" / "site-packages"
    yield prefix / "conda-meta"


def within(seconds: float, work: Callable[[], Result]) -> Result | None:
    """The result of `work`, or None when it takes longer: the thread then stays behind, blocked."""
    results: list[Result] = []
    errors: list[BaseException] = []

    def _work() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    thread = threading.Thread(target=_work, daemon=True, name="look")
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    return results[0] if results else None
