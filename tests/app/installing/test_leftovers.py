"""A program that is killed while it sets up: no pip goes on, and what is left is named."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from app.cli.install import _tell_left_over
from app.installing import leftovers
from app.installing.choosing import Chosen
from app.installing.creating import prepare
from app.installing.leftovers import MARK, left_over
from app.installing.targets import make_target
from app.paths import data_folder

ROOT = Path(__file__).parents[3]
FAKE_PIP = "__version__ = '1'\nimport os, time\nprint('Downloading', os.getpid(), flush=True)\n"
PROGRAM = """
import sys
from pathlib import Path
from app.installing import asking
from app.installing.choosing import Chosen
from app.installing.creating import create, prepare
from app.installing.targets import make_target
asking.pip_folder = lambda: Path(sys.argv[1])
chosen = Chosen(line='pip install x', target=make_target())
create(prepare(Path(sys.argv[2]), chosen), lambda one: print(one.text, flush=True))
"""


@pytest.fixture
def killed(tmp_path):
    """A folder that a real run was making when it was killed, and the pip that it ran."""
    pip, folder = tmp_path / "fake" / "pip", tmp_path / "new"
    pip.mkdir(parents=True)
    (pip / "__init__.py").write_text(f"{FAKE_PIP}time.sleep(600)\n")
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(pip.parent), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with program:
        said = next(one for one in program.stdout if one.startswith("Downloading"))
        child = psutil.Process(int(said.split()[1]))
        program.kill()
    return folder, child


def test_no_pip_goes_on_and_what_is_left_is_named_until_it_is_gone(killed, capsys):
    folder, child = killed
    psutil.wait_procs([child], timeout=30)
    assert not child.is_running()
    assert (folder / ".venv").is_dir()
    (left,) = left_over()
    assert left.folder == str(folder)
    plan = prepare(folder, Chosen(line="pip install x", target=make_target()))
    assert plan.unfinished_since == left.begun_utc
    _tell_left_over(arguments(way="verify"))
    assert f"{folder} was left unfinished on {left.begun_utc}" in capsys.readouterr().err
    _tell_left_over(arguments(way="create", folder=folder))
    assert capsys.readouterr().err == ""
    shutil.rmtree(folder)
    assert left_over() == ()
    assert list((data_folder() / "setting-up").iterdir()) == []


def arguments(**given):
    return argparse.Namespace(**given)


def test_a_run_that_is_going_or_has_ended_left_nothing(tmp_path):
    leftovers.begin(tmp_path)
    assert left_over() == ()
    assert (tmp_path / MARK).is_file()
    leftovers.end(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert list((data_folder() / "setting-up").iterdir()) == []


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"folder": 1}', b"\xff", b"[" * 9_000, b" " * 20_000]
)
def test_a_note_that_is_none_is_forgotten(data):
    notes = data_folder() / "setting-up"
    notes.mkdir(parents=True)
    (notes / "a.json").write_bytes(data)
    assert left_over() == ()
    assert list(notes.iterdir()) == []


def test_where_no_note_can_be_kept_the_folder_is_still_marked(tmp_path):
    data_folder().mkdir(parents=True)
    (data_folder() / "setting-up").write_text("in the way")
    leftovers.begin(tmp_path)
    assert (tmp_path / MARK).is_file()
    assert left_over() == ()
    leftovers.end(tmp_path)
