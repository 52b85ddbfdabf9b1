"""A bundle has no Python that others can use: what stands in, and what is said without one."""

import os
import sys
from pathlib import Path

import pytest

from app import advice, interpreter
from app.__main__ import main
from app.installing.asking import usual_python
from app.installing.results import InstallError
from app.installing.targets import make_target
from app.interpreter import Interpreter, usual_interpreter


@pytest.fixture
def bundled(monkeypatch, tmp_path):
    """The program as it stands in a bundle, with these folders alone on PATH."""

    def bundled(*folders):
        monkeypatch.setattr(sys, "frozen", True, raising=False)
        monkeypatch.setattr(sys, "executable", str(tmp_path / "framework-advisor"))
        monkeypatch.setenv("PATH", os.pathsep.join(map(str, folders)))
        interpreter._of_shell.cache_clear()

    yield bundled
    interpreter._of_shell.cache_clear()


@pytest.fixture
def python(tmp_path):
    """An environment of Python 3.12 that is a trap: whoever starts it leaves a trace."""
    folder = tmp_path / "env"
    (folder / "bin").mkdir(parents=True)
    (folder / "lib/python3.12/site-packages/torch-2.13.0.dist-info").mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.12.4\n")
    path = folder / "bin" / "python3"
    path.write_text(f"#!/bin/sh\ntouch {folder}/started\n")
    path.chmod(0o755)
    return path


def test_as_a_package_the_program_takes_its_own():
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert usual_interpreter() == Interpreter(sys.executable, own)
    assert make_target().is_this_machine


def test_in_a_bundle_the_first_on_path_stands_in_and_is_not_started(bundled, python, tmp_path):
    stub = tmp_path / "shims" / "python3"
    stub.parent.mkdir()
    stub.write_text("#!/bin/sh\n")
    bundled(tmp_path / "nowhere", stub.parent, python.parent, Path(sys.prefix) / "bin")
    assert usual_interpreter() == Interpreter(str(python), "3.12")
    target = make_target()
    assert (target.python_version, target.python, target.is_this_machine) == ("3.12", None, True)
    (environment,) = advice.look().environments
    assert (environment.python, environment.kind) == (str(python), "venv")
    assert [one.framework for one in environment.frameworks] == ["pytorch"]
    assert not (python.parents[1] / "started").exists()


def test_what_stands_in_is_said_before_a_measurement(bundled, python):
    bundled(python.parent)
    first = advice.prepare_probe("quick").refusals[0]
    assert f"it looks into {python}, the first on PATH" in first
    # Who names one knows what is looked into; what stands in is looked into beside it.
    named = advice.prepare_probe("quick", pythons=[Path(sys.executable)])
    assert not [one for one in named.refusals if "bundle" in one]


def test_without_any_python_a_bundle_says_so_and_does_the_rest(bundled, tmp_path, capsys):
    bundled(tmp_path)
    assert usual_interpreter() is None
    assert not make_target().is_this_machine
    assert "no Python on PATH to look into" in advice.prepare_probe("quick").refusals[0]
    with pytest.raises(InstallError, match="none on PATH; name one with --python"):
        usual_python()
    project = tmp_path / "project"
    asked = ["starter", "--framework", "pytorch", "--task", "tabular", str(project)]
    assert main(asked) == 0
    assert (project / "train.py").exists()
    assert main([*asked, "--overwrite", "--run"]) == 3
    assert "written, but not run" in capsys.readouterr().err


def test_a_python_that_is_too_old_for_the_resolver_is_not_asked(bundled, python):
    settings = python.parents[1] / "pyvenv.cfg"
    settings.write_text(settings.read_text().replace("3.12.4", "3.9.2"))
    bundled(python.parent)
    with pytest.raises(InstallError, match=r"is Python 3\.9, and the resolver needs 3\.10"):
        usual_python()
