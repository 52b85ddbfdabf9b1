"""Environments found from names on disk, in trees as the tools lay them."""

import os
import sys
import threading
from pathlib import Path

import pytest

from probes import environments, interpreters
from probes.environments import find_environments


@pytest.fixture(autouse=True)
def nothing_of_this_system(monkeypatch):
    """Only what a test lays out."""
    monkeypatch.setattr(interpreters, "of_system", lambda: iter(()))
    monkeypatch.setattr(interpreters, "CONDA_ROOTS", ("miniconda3",))
    monkeypatch.setattr(interpreters, "this_one", lambda: iter(()))


def touch(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def lay_python(prefix: Path, version: str = "3.11", *metadata: str) -> Path:
    """An installed interpreter with metadata of distributions."""
    python = touch(prefix / "bin" / f"python{version}")
    for name in ("python3", "python"):
        if not (prefix / "bin" / name).exists():
            (prefix / "bin" / name).symlink_to(python.name)
    site = prefix / "lib" / f"python{version}" / "site-packages"
    site.mkdir(parents=True)
    for name in metadata:
        (site / name).mkdir()
    return python


def lay_venv(
    folder: Path, base: Path, *metadata: str, version: str = "3.11.7", settings=""
) -> Path:
    """A virtual environment as venv makes it."""
    touch(folder / "pyvenv.cfg", f"home = {base.parent}\nversion = {version}\n{settings}")
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(base)
    site = folder / "lib" / f"python{'.'.join(version.split('.')[:2])}" / "site-packages"
    site.mkdir(parents=True)
    for name in metadata:
        (site / name).mkdir()
    return folder / "bin" / "python"


def find(home: Path, everywhere=True, pythons=(), **environ):
    return find_environments(pythons, everywhere, home=home, environ={"PATH": "", **environ})


def frameworks(environment):
    return {one.framework: (one.version, one.build) for one in environment.frameworks}


def test_frameworks_are_read_from_the_names_of_their_metadata(tmp_path):
    python = lay_python(
        tmp_path / "python",
        "3.11",
        "torch-2.13.0+cu130.dist-info",
        "tensorflow_cpu-2.21.0.dist-info",
        "jax-0.10.2.dist-info",
        "jaxlib-0.10.2.dist-info",
        "jax_cuda12_plugin-0.10.2.dist-info",
        "paddlepaddle_gpu-3.3.1.dist-info",
        "~orch-2.0.0.dist-info",
        "torchvision-0.28.0.dist-info",
        "torch_something_else-1.0.dist-info",
    )
    (found,) = find(tmp_path, everywhere=False, pythons=[python])
    assert frameworks(found) == {
        "pytorch": ("2.13.0+cu130", "cu130"),
        "tensorflow": ("2.21.0", "cpu"),
        "jax": ("0.10.2", "cuda12"),
        "paddlepaddle": ("3.3.1", "gpu"),
    }
    assert [(one.component, one.version) for one in found.components] == [("torchvision", "0.28.0")]
    assert found.kind == "given"
    assert found.python_version == "3.11"


def test_an_egg_info_alone_is_enough(tmp_path):
    python = lay_python(tmp_path / "python", "3.8", "Theano-1.0.5-py3.8.egg-info")
    (found,) = find(tmp_path, everywhere=False, pythons=[python])
    assert frameworks(found) == {"theano": ("1.0.5", None)}


def test_conda_packages_have_their_build_in_the_name(tmp_path):
    prefix = tmp_path / "miniconda3" / "envs" / "deep"
    lay_python(prefix, "3.11")
    touch(prefix / "conda-meta" / "pytorch-2.1.0-py3.11_cuda12.1_cudnn8.9.2_0.json")
    touch(prefix / "conda-meta" / "python-3.11.5-h955ad1f_0.json")
    (found,) = find(tmp_path)
    assert found.kind == "conda"
    assert found.python_version == "3.11.5"
    assert frameworks(found) == {"pytorch": ("2.1.0", "cuda12.1")}


def test_a_virtual_environment_shows_its_own_packages_alone(tmp_path):
    base = lay_python(tmp_path / "base", "3.11", "jax-0.9.0.dist-info")
    python = lay_venv(tmp_path / "env", base, "torch-2.13.0.dist-info")
    (found,) = find(tmp_path, everywhere=False, pythons=[python])
    assert frameworks(found) == {"pytorch": ("2.13.0", None)}
    assert found.python_version == "3.11.7"
    assert found.python == str(python)


def test_system_and_user_packages_count_where_the_environment_includes_them(tmp_path):
    base = lay_python(tmp_path / "base", "3.11", "jax-0.9.0.dist-info", "torch-1.0.dist-info")
    user = tmp_path / ".local" / "lib" / "python3.11" / "site-packages"
    (user / "keras-3.15.1.dist-info").mkdir(parents=True)
    python = lay_venv(
        tmp_path / "env", base, "torch-2.13.0.dist-info",
        settings="include-system-site-packages = true\n",
    )  # fmt: skip
    (found,) = find(tmp_path, everywhere=False, pythons=[python])
    assert {name: version for name, (version, _) in frameworks(found).items()} == {
        "jax": "0.9.0",
        "pytorch": "2.13.0",
        "keras": "3.15.1",
    }


def test_dist_packages_are_looked_into(tmp_path):
    python = lay_python(tmp_path / "python", "3.11")
    (tmp_path / "python/lib/python3/dist-packages/torch-2.6.0.dist-info").mkdir(parents=True)
    (found,) = find(tmp_path, everywhere=False, pythons=[python])
    assert frameworks(found) == {"pytorch": ("2.6.0", None)}


def test_the_usual_places_are_all_looked_into(tmp_path):
    base = lay_python(tmp_path / "base")
    lay_python(tmp_path / ".pyenv/versions/3.10.13", "3.10")
    lay_venv(tmp_path / ".pyenv/versions/3.10.13/envs/inner", base)
    lay_python(tmp_path / ".local/share/uv/python/cpython-3.12.1-linux", "3.12")
    lay_venv(tmp_path / ".local/share/pipx/venvs/tool", base)
    lay_venv(tmp_path / ".virtualenvs/wrapped", base)
    lay_venv(tmp_path / "active", base)
    listed = tmp_path / "far" / "listed"
    lay_python(listed, "3.9")
    touch(tmp_path / ".conda" / "environments.txt", f"{listed}\n/nowhere\n")
    lay_python(tmp_path / "miniconda3" / "envs" / "one", "3.11")
    lay_python(tmp_path / "onpath", "3.13")
    found = find(
        tmp_path,
        VIRTUAL_ENV=str(tmp_path / "active"),
        PATH=f"{tmp_path / 'onpath' / 'bin'}{os.pathsep}/nowhere",
    )
    assert {Path(one.python).parent.parent.name: one.kind for one in found} == {
        "active": "venv",
        "listed": "conda",
        "one": "conda",
        "3.10.13": "pyenv",
        "inner": "pyenv",
        "cpython-3.12.1-linux": "uv",
        "tool": "venv",
        "wrapped": "venv",
        "onpath": "path",
    }
    assert {one.python_version for one in found} >= {"3.10.13", "3.12.1", "3.13"}


def test_one_environment_under_many_names_is_listed_once(tmp_path):
    base = lay_python(tmp_path / "real", "3.12")
    (tmp_path / "other").symlink_to(tmp_path / "real")
    link = tmp_path / ".local" / "bin" / "python3.12"
    link.parent.mkdir(parents=True)
    link.symlink_to(base)
    given = [base, tmp_path / "other" / "bin" / "python3", link, tmp_path / "real"]
    found = find(tmp_path, pythons=given, PATH=str(link.parent))
    assert [one.python for one in found] == [str(base)]


def test_a_project_folder_means_its_virtual_environment(tmp_path):
    base = lay_python(tmp_path / "base")
    python = lay_venv(tmp_path / "project" / ".venv", base, "jax-0.10.2.dist-info")
    (found,) = find(tmp_path, everywhere=False, pythons=[tmp_path / "project"])
    assert found.python == str(python)
    assert frameworks(found) == {"jax": ("0.10.2", None)}


def test_a_dead_environment_is_shown_with_its_problem(tmp_path):
    base = lay_python(tmp_path / "base")
    lay_venv(tmp_path / ".virtualenvs" / "dead", base, "torch-2.0.0.dist-info")
    base.unlink()
    (found,) = find(tmp_path)
    assert "its interpreter is gone" in found.problem
    assert frameworks(found) == {"pytorch": ("2.0.0", None)}


def test_a_given_path_that_is_none_is_told(tmp_path):
    (found,) = find(tmp_path, everywhere=False, pythons=[tmp_path / "nothing"])
    assert found.problem == "there is no interpreter"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder_does_not_stop_it(tmp_path):
    locked = tmp_path / ".virtualenvs"
    locked.mkdir()
    locked.chmod(0)
    lay_python(tmp_path / ".pyenv/versions/3.10.13", "3.10")
    try:
        assert [one.kind for one in find(tmp_path)] == ["pyenv"]
    finally:
        locked.chmod(0o755)


def test_links_in_a_circle_do_not_stop_it(tmp_path):
    loop = tmp_path / ".virtualenvs"
    loop.mkdir()
    (loop / "round").symlink_to(loop / "round")
    (loop / "up").symlink_to(loop)
    lay_python(tmp_path / ".pyenv/versions/3.10.13", "3.10")
    assert [one.kind for one in find(tmp_path)] == ["pyenv"]


def test_a_place_that_hangs_loses_only_itself(tmp_path, monkeypatch):
    release = threading.Event()

    def _hangs(home, environ):
        lay_python(tmp_path / "seen")
        yield interpreters.Candidate(tmp_path / "seen", "conda")
        release.wait()

    monkeypatch.setattr(interpreters, "of_conda", _hangs)
    monkeypatch.setattr(environments, "PATIENCE_SECONDS", 0.3)
    lay_python(tmp_path / ".pyenv/versions/3.10.13", "3.10")
    try:
        assert [one.kind for one in find(tmp_path)] == ["conda", "pyenv"]
    finally:
        release.set()


def test_nothing_found_is_executed(tmp_path, monkeypatch):
    """An audit hook sees every process that is started and every module that is run."""
    trace = touch(tmp_path / "ran", "")
    python = lay_python(tmp_path / "python", "3.11", "torch-2.13.0.dist-info")
    python.write_text(f"#!/bin/sh\necho yes > {trace}\n")
    python.chmod(0o755)
    started = []
    watching = True

    def _audit(event, arguments):
        if watching and event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"):
            started.append(arguments)

    sys.addaudithook(_audit)
    assert find(tmp_path, pythons=[python])
    watching = False
    assert started == []
    assert trace.read_text() == ""


def test_windows_stubs_and_pyenv_shims_are_no_interpreters(tmp_path):
    touch(tmp_path / "apps" / "python.exe", "")
    touch(tmp_path / "shims" / "python3", "#!/bin/sh")
    path = os.pathsep.join([str(tmp_path / "apps"), str(tmp_path / "shims")])
    assert find(tmp_path, PATH=path) == ()
