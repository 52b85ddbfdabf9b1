"""A project that needs no framework, for the tests of writing and running."""

from pathlib import Path

import pytest

from app.starter import Project, Request


@pytest.fixture
def small_project() -> Project:
    return Project(
        name="small",
        request=Request(framework="none", task="none"),
        files={
            "train.py": 'print(\'{"first_loss": 2.0, "last_loss": 1.0}\')\n',
            "tests/test_it.py": "",
            "requirements.txt": "numpy==2.0.0\n",
        },
        requires=("numpy==2.0.0",),
        notes=(),
        executed="",
        was_executed=False,
    )


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    """A folder with requirements that this interpreter meets; tests add their own train.py."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "requirements.txt").write_text("numpy==2.0.0\npytest==9.0.0\n", encoding="utf-8")
    return folder
