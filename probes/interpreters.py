"""Where Python interpreters lie: the usual places of each tool that installs them.

Gives paths only. Nothing is started; a place that cannot be read gives nothing.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

Kind = Literal["this", "given", "venv", "conda", "pyenv", "uv", "system", "path", "other"]

INTERPRETER_NAME = re.compile(r"python(3(\.\d+)?)?(\.exe)?")
CONDA_ROOTS = ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", "miniconda")


class Candidate(NamedTuple):
    """A path that may be an interpreter, or the folder of an environment."""

    path: Path
    kind: Kind


def this_one() -> Iterator[Candidate]:
    """The interpreter that runs this program; a frozen program has none."""
    if sys.executable and not is_frozen():
        yield Candidate(Path(sys.executable), "this")


def is_frozen() -> bool:
    """Whether this program lies in a bundle, whose interpreter runs nothing else."""
    return bool(getattr(sys, "frozen", False))


def of_shell(environ: Mapping[str, str]) -> Iterator[Candidate]:
    """The interpreter that a shell would start, in place of a frozen program's own."""
    for folder in environ.get("PATH", "").split(os.pathsep) if is_frozen() else ():
        for name in ("python3", "python", "python.exe"):
            path = Path(folder, name)
            if folder and os.path.lexists(path) and not is_stub(path):
                yield Candidate(path, "path")
                return


def is_stub(path: Path) -> bool:
    """Windows puts empty files on PATH that open the store, and pyenv scripts that choose."""
    try:
        return os.path.getsize(path) == 0 or path.parent.name == "shims"
    except OSError:
        return False


def given(pythons: Sequence[Path]) -> Iterator[Candidate]:
    """Interpreters, environments or project folders that the user names."""
    for path in pythons:
        yield Candidate(Path(os.path.expanduser(path)).absolute(), "given")


def active(environ: Mapping[str, str]) -> Iterator[Candidate]:
    """Environments that are activated in the shell the program was started from."""
    if environ.get("VIRTUAL_ENV"):
        yield Candidate(Path(environ["VIRTUAL_ENV"]), "venv")
    if environ.get("CONDA_PREFIX"):
        yield Candidate(Path(environ["CONDA_PREFIX"]), "conda")


def on_path(environ: Mapping[str, str]) -> Iterator[Candidate]:
    """Interpreters on PATH by their names."""
    for folder in environ.get("PATH", "").split(os.pathsep):
        if folder:
            yield from interpreters_in(Path(folder), "path")


def of_system() -> Iterator[Candidate]:
    """Where the system and its package managers put theirs, on PATH or not."""
    for folder in ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"):
        yield from interpreters_in(Path(folder), "system")


def interpreters_in(folder: Path, kind: Kind) -> Iterator[Candidate]:
    for entry in scan(folder):
        if INTERPRETER_NAME.fullmatch(entry.name):
            yield Candidate(Path(entry.path), kind)


def of_conda(home: Path, environ: Mapping[str, str]) -> Iterator[Candidate]:
    """conda's own list of environments, and the folders where its relatives keep theirs."""
    try:
        listed = (home / ".conda" / "environments.txt").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        listed = []
    for line in listed:
        if line.strip():
            yield Candidate(Path(line.strip()), "conda")
    roots = [folder / name for folder in (home, Path("/opt")) for name in CONDA_ROOTS]
    roots += [Path("/opt/conda")]
    roots += [
        Path(environ[name]) for name in ("CONDA_ROOT", "MAMBA_ROOT_PREFIX") if name in environ
    ]
    if environ.get("CONDA_EXE"):
        roots.append(Path(environ["CONDA_EXE"]).parent.parent)
    for root in roots:
        if is_folder(root / "conda-meta"):
            yield Candidate(root, "conda")
        yield from folders_of(root / "envs", "conda")
    for folder in environ.get("CONDA_ENVS_PATH", "").split(os.pathsep):
        if folder:
            yield from folders_of(Path(folder), "conda")
    yield from folders_of(home / ".conda" / "envs", "conda")


def of_pyenv(home: Path, environ: Mapping[str, str]) -> Iterator[Candidate]:
    """pyenv's versions, and its virtual environments inside them."""
    root = Path(environ.get("PYENV_ROOT") or home / ".pyenv")
    for version in folders_of(root / "versions", "pyenv"):
        yield version
        yield from folders_of(version.path / "envs", "pyenv")


def of_uv(home: Path, environ: Mapping[str, str]) -> Iterator[Candidate]:
    """uv's interpreters and tools."""
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "uv"
    yield from folders_of(Path(environ.get("UV_PYTHON_INSTALL_DIR") or data / "python"), "uv")
    yield from folders_of(Path(environ.get("UV_TOOL_DIR") or data / "tools"), "uv")


def of_other_tools(home: Path, environ: Mapping[str, str]) -> Iterator[Candidate]:
    """pipx, virtualenvwrapper, pipenv, poetry: folders full of virtual environments."""
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    cache = Path(environ.get("XDG_CACHE_HOME") or home / ".cache")
    pipx = environ.get("PIPX_HOME")
    folders = [Path(pipx) / "venvs"] if pipx else [data / "pipx/venvs", home / ".local/pipx/venvs"]
    folders += [
        Path(environ.get("WORKON_HOME") or home / ".virtualenvs"),
        data / "virtualenvs",
        cache / "pypoetry" / "virtualenvs",
    ]
    for folder in folders:
        yield from folders_of(folder, "venv")


def of_registry() -> Iterator[Candidate]:
    """What the Windows registry lists (PEP 514)."""
    if sys.platform != "win32":
        return
    import winreg

    for hive in (winreg.HKEY_CURRENT_USER, winreg.HKEY_LOCAL_MACHINE):
        for view in (winreg.KEY_WOW64_64KEY, winreg.KEY_WOW64_32KEY):
            for company in registry_keys(hive, r"Software\Python", view):
                for tag in registry_keys(hive, rf"Software\Python\{company}", view):
                    place = rf"Software\Python\{company}\{tag}\InstallPath"
                    try:
                        with winreg.OpenKey(hive, place, 0, winreg.KEY_READ | view) as key:
                            path = winreg.QueryValueEx(key, "ExecutablePath")[0]
                    except OSError:
                        continue
                    yield Candidate(Path(str(path)), "system")


def registry_keys(hive: int, place: str, view: int) -> list[str]:
    """Names of the keys under a place; none where there is no such place."""
    if sys.platform != "win32":
        return []
    import winreg

    try:
        with winreg.OpenKey(hive, place, 0, winreg.KEY_READ | view) as key:
            return [winreg.EnumKey(key, number) for number in range(winreg.QueryInfoKey(key)[0])]
    except OSError:
        return []


def folders_of(folder: Path, kind: Kind) -> Iterator[Candidate]:
    """Each folder in a folder, as an environment."""
    for entry in scan(folder):
        if is_folder(Path(entry.path)):
            yield Candidate(Path(entry.path), kind)


def scan(folder: Path) -> Iterable[os.DirEntry[str]]:
    """A folder's entries by name; none where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False
