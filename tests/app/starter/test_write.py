"""A project reaches the disk whole, or the disk is as it was."""

import os
from pathlib import Path

import msgspec
import pytest

from app import starter
from app.starter import Project, StarterError


def everything(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_all_files_arrive_with_missing_folders_above(
    small_project: Project, tmp_path: Path
) -> None:
    folder = starter.write(small_project, tmp_path / "new" / "deep" / "project")
    assert everything(folder) == {"train.py", "tests", "tests/test_it.py", "requirements.txt"}
    assert (folder / "train.py").read_text() == small_project.files["train.py"]
    assert folder.stat().st_mode & 0o055 == 0o055 & ~os.umask(os.umask(0))
    assert everything(tmp_path / "new") == {"deep", "deep/project"} | {
        f"deep/project/{name}" for name in everything(folder)
    }


def test_an_empty_folder_is_taken(small_project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    starter.write(small_project, folder)
    assert (folder / "train.py").is_file()


def test_a_folder_in_use_is_left_alone(small_project: Project, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(StarterError, match="is not empty"):
        starter.write(small_project, tmp_path)
    assert everything(tmp_path) == {"thesis.tex"}


def test_overwriting_replaces_its_own_files_and_keeps_the_rest(
    small_project: Project, tmp_path: Path
) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    (tmp_path / "train.py").write_text("old")
    starter.write(small_project, tmp_path, overwrite=True)
    assert (tmp_path / "thesis.tex").read_text() == "mine"
    assert (tmp_path / "train.py").read_text() == small_project.files["train.py"]
    assert everything(tmp_path.parent) >= {tmp_path.name}
    assert not list(tmp_path.parent.glob(f".{tmp_path.name}.*"))


@pytest.mark.parametrize("name", ["../evil.py", "/tmp/evil.py", "a/../../evil.py", "C:\\evil", ""])
def test_a_path_that_leaves_the_folder_is_refused(
    small_project: Project, tmp_path: Path, name: str
) -> None:
    project = msgspec.structs.replace(small_project, files={**small_project.files, name: "x"})
    with pytest.raises(StarterError, match="would leave the project's folder"):
        starter.write(project, tmp_path / "project")
    assert everything(tmp_path) == set()


def test_a_link_that_leaves_the_folder_is_refused(small_project: Project, tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "project"
    outside.mkdir()
    folder.mkdir()
    (folder / "tests").symlink_to(outside)
    with pytest.raises(StarterError, match="a link that leaves"):
        starter.write(small_project, folder, overwrite=True)
    assert everything(outside) == set()
    assert everything(folder) == {"tests"}


def test_a_file_in_the_way_is_named(small_project: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StarterError, match="is a file; choose a folder"):
        starter.write(small_project, tmp_path / "file")
    with pytest.raises(StarterError, match="cannot be written"):
        starter.write(small_project, tmp_path / "file" / "project")
    assert everything(tmp_path) == {"file"}


def test_folders_made_on_the_way_to_one_that_cannot_be_are_taken_away(
    small_project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mkdir = Path.mkdir

    def refused(path: Path, *arguments: object, **options: object) -> None:
        if path.name == "inner":
            raise PermissionError(13, "Permission denied")
        mkdir(path, *arguments, **options)

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(StarterError, match="cannot be written: Permission denied"):
        starter.write(small_project, tmp_path / "outer" / "inner" / "project")
    assert everything(tmp_path) == set()


def test_a_folder_that_cannot_be_written_to_is_named_and_left_as_it_was(
    small_project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*arguments: object, **options: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("app.starter.writing.tempfile.mkdtemp", refused)
    with pytest.raises(StarterError, match=r"new/project: cannot be written: Permission denied\."):
        starter.write(small_project, tmp_path / "new" / "project")
    assert everything(tmp_path) == set()


def test_a_full_disk_leaves_nothing_behind(
    small_project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.starter.writing.os.fsync", full)
    with pytest.raises(StarterError, match="cannot be written: No space left on device"):
        starter.write(small_project, tmp_path / "new" / "project")
    assert everything(tmp_path) == set()
