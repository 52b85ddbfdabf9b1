"""Puts a prepared project on disk: whole or not at all."""

import os
import shutil
import tempfile
from pathlib import Path, PurePosixPath

from app.starter.errors import StarterError
from app.starter.project import Project


def write(project: Project, folder: Path, overwrite: bool = False) -> Path:
    """Render beside the target, then rename; returns the folder's absolute path.

    A folder that holds anything is left alone unless `overwrite`; then the project's own files
    replace those of the same name and everything else stays. Raises StarterError.
    """
    folder = Path(os.path.abspath(folder))
    paths = {_inside(name): text for name, text in project.files.items()}
    if folder.exists() and not folder.is_dir():
        raise StarterError(f"{folder}: is a file; choose a folder.")
    try:
        occupied = folder.exists() and any(folder.iterdir())
        if occupied and not overwrite:
            raise StarterError(
                f"{folder}: is not empty; choose another folder, or overwrite its files "
                "(--overwrite)."
            )
        if occupied:
            _refuse_links(folder, paths)
        made: list[Path] = []
        try:
            _make_parents(folder.parent, made)
            _write_all(paths, folder, occupied)
        except BaseException:
            for parent in reversed(made):
                parent.rmdir()
            raise
    except OSError as error:
        raise StarterError(f"{folder}: cannot be written: {error.strerror or error}.") from error
    return folder


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or not path.parts:
        raise StarterError(f"{name!r} would leave the project's folder.")
    return path


def _refuse_links(folder: Path, paths: dict[PurePosixPath, str]) -> None:
    """A link inside an existing folder must not carry a file out of it."""
    root = folder.resolve()
    for path in paths:
        if not (folder / path).resolve().is_relative_to(root):
            raise StarterError(f"{folder / path}: is a link that leaves the project's folder.")


def _make_parents(parent: Path, made: list[Path]) -> None:
    """Make the missing folders above, and take down each that was made, the outermost first."""
    missing = []
    while not parent.exists():
        missing.append(parent)
        parent = parent.parent
    for one in reversed(missing):
        one.mkdir()
        made.append(one)


def _write_all(paths: dict[PurePosixPath, str], folder: Path, occupied: bool) -> None:
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        for path, text in paths.items():
            target = temporary / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        if occupied:
            for path in paths:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                os.replace(temporary / path, folder / path)
        else:
            # mkdtemp makes the folder private; give it what the user's umask gives a new one.
            umask = os.umask(0)
            os.umask(umask)
            temporary.chmod(0o777 & ~umask)
            if folder.exists():
                folder.rmdir()
            os.replace(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
