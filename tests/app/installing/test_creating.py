"""An environment is set up in one folder, or nothing of it is left; pip stands aside here."""

import os
import shutil
import sys
import threading
from pathlib import Path

import msgspec
import psutil
import pytest

from app import advice, starter
from app.installing import creating, verifying
from app.installing.choosing import Chosen
from app.installing.creating import (
    MARK,
    Progress,
    create,
    pip_cache,
    prepare,
    require_space,
    space_words,
)
from app.installing.results import InstallError, Package, Verification
from app.installing.targets import make_target
from app.processes import Ended
from probes.results import decode_machine

MACHINE = Path(__file__).parents[2] / "data" / "machine_quick.json"


def chosen(line="pip install jax flax optax", framework="jax", **target):
    return Chosen(line=line, framework=framework, target=make_target(**target))


@pytest.fixture
def steps(monkeypatch):
    """The steps after the empty environment, each as good as done; a test may replace one."""
    ran = []

    def run_pip(python, arguments, place, on_line=lambda line: None, cancel=None, limit=None):
        assert Path(python).exists()
        arguments = list(arguments)
        ran.append(arguments)
        (place / "unpacked").write_text("x")
        if arguments[0] == "freeze":
            on_line("jax==0.10.2")
        else:
            for line in ("Downloading a.whl (3 MB)", "Progress 1000000 of 2000000"):
                on_line(line)
        return Ended(0, 1.0, (), None)

    machine = decode_machine(MACHINE.read_bytes(), "machine")
    finding = next(one for one in machine.frameworks if one.framework == "jax")
    monkeypatch.setattr(creating, "run_pip", run_pip)
    monkeypatch.setattr(advice, "prepare_probe", lambda *a, **k: None)
    monkeypatch.setattr(
        advice,
        "measure",
        lambda *a: msgspec.structs.replace(
            machine, frameworks=(msgspec.structs.replace(finding, state="works"),)
        ),
    )
    monkeypatch.setattr(starter, "installed_versions", lambda python: {"jax": "0.10.2"})
    outcome = starter.Outcome(returncode=0, seconds=3.0, metrics={}, versions={}, tail=("well",))
    monkeypatch.setattr(starter, "run", lambda *a: outcome)
    return ran


def everything(folder: Path) -> set[str]:
    return {str(one.relative_to(folder)) for one in folder.rglob("*")}


def test_the_plan_says_what_is_installed_besides_and_makes_nothing(tmp_path):
    plan = prepare(tmp_path / "a" / "b", chosen())
    assert plan.task == "image_classification"
    assert set(plan.lines[0].names) >= {"jax", "flax", "optax", "numpy", "pip", "scikit-learn"}
    assert plan.python == sys.executable
    assert everything(tmp_path) == set()


def test_a_line_with_an_index_of_its_own_gets_a_second_one_for_the_rest(tmp_path):
    line = "pip install torch torchvision --index-url https://a.example/whl/cpu"
    first, second = prepare(tmp_path / "x", chosen(line, "pytorch")).lines
    assert first.index == "https://a.example/whl/cpu"
    assert second.index is None
    assert not set(second.names) & {"torch", "torchvision"}
    assert "pip" in second.names


@pytest.mark.parametrize("kind", ["file", "full", "link", "missing right"])
def test_a_folder_that_is_not_free_is_refused_and_left_alone(tmp_path, kind):
    folder = tmp_path / "mine"
    if kind == "file":
        folder.write_text("precious")
    elif kind == "full":
        folder.mkdir()
        (folder / "precious").write_text("precious")
    elif kind == "link":
        (tmp_path / "other").mkdir()
        folder.symlink_to(tmp_path / "other")
    else:
        if os.geteuid() == 0:
            pytest.skip("root may write anywhere")
        tmp_path.chmod(0o555)
    before = everything(tmp_path)
    with pytest.raises(InstallError, match="mine"):
        prepare(folder, chosen())
    assert everything(tmp_path) == before
    tmp_path.chmod(0o755)


def test_another_platform_cannot_be_set_up_here(tmp_path):
    with pytest.raises(InstallError, match=r"Python 3\.99"):
        prepare(tmp_path / "x", chosen(python_version="3.99"))


def test_all_that_is_made_lies_in_the_folder(tmp_path, steps):
    told: list[Progress] = []
    plan = prepare(tmp_path / "new" / "jax", chosen())
    created = create(plan, told.append, known_bytes=2_000_000)
    assert created.state == "done"
    assert {one.name for one in plan.folder.iterdir()} == {
        ".venv", "starter", "machine.json", "installed.txt", "install.log",
    }  # fmt: skip
    assert (plan.folder / "installed.txt").read_text() == "jax==0.10.2\n"
    assert (plan.folder / "starter" / "train.py").is_file()
    assert "Downloading a.whl" in (plan.folder / "install.log").read_text()
    assert "--only-binary=:all:" in steps[0]
    assert told[0].step == "environment"
    assert Progress("install", "downloaded 1 MB of 2 MB", 0.5) in told
    assert created.outcome.tail == ("well",)


@pytest.mark.parametrize("existed", [False, True])
@pytest.mark.parametrize("step", ["environment", "install", "probe", "starter"])
@pytest.mark.parametrize("how", ["cancel", "fail"])
def test_whatever_step_ends_it_nothing_is_left(tmp_path, steps, monkeypatch, existed, step, how):
    folder = tmp_path / "new" / "jax"
    if existed:
        folder.mkdir(parents=True)
    plan = prepare(folder, chosen())
    cancel = threading.Event()

    def end(*given, **named):
        if how == "fail":
            raise OSError(28, "No space left on device", "/disk")
        cancel.set()
        return {"probe": lambda: None, "starter": lambda: None}.get(
            step, lambda: Ended(-15, 1.0, (), "cancelled")
        )()

    place = {
        "environment": (creating, "run_child"),
        "install": (creating, "run_pip"),
        "probe": (advice, "measure"),
        "starter": (starter, "run"),
    }[step]
    monkeypatch.setattr(*place, end)
    created = create(plan, cancel=cancel)
    assert created.state == ("failed" if how == "fail" else "cancelled")
    assert "removed" in created.summary
    assert ("disk is full" in created.summary) == (how == "fail")
    assert everything(tmp_path) == ({"new", "new/jax"} if existed else set())


def test_what_pip_said_last_is_told_when_it_fails(tmp_path, steps, monkeypatch):
    monkeypatch.setattr(
        creating, "run_pip", lambda *a, **k: Ended(1, 1.0, ("ERROR: no space",), None)
    )
    created = create(prepare(tmp_path / "x", chosen()))
    assert created.state == "failed"
    assert created.tail == ("ERROR: no space",)
    assert everything(tmp_path) == set()


def test_a_framework_that_does_not_work_once_installed_is_a_failure(tmp_path, steps, monkeypatch):
    machine = advice.measure()
    broken = msgspec.structs.replace(machine.frameworks[0], state="broken", reason="no AVX")
    monkeypatch.setattr(
        advice, "measure", lambda *a: msgspec.structs.replace(machine, frameworks=(broken,))
    )
    created = create(prepare(tmp_path / "x", chosen()))
    assert created.state == "failed"
    assert "jax was installed, but does not work: no AVX" in created.summary
    assert everything(tmp_path) == set()


def leave_unfinished(folder: Path, pid: int, started: float) -> None:
    (folder / ".venv" / "bin").mkdir(parents=True)
    mark = {"pid": pid, "started": started, "begun_utc": "2026-11-20T08:00:00+00:00"}
    (folder / MARK).write_bytes(msgspec.json.encode(mark))


def test_what_a_killed_run_left_is_named_and_replaced(tmp_path, steps):
    folder = tmp_path / "jax"
    leave_unfinished(folder, 2**22 + 1, 1.0)
    (folder / ".venv" / "half").write_text("x")
    plan = prepare(folder, chosen())
    assert plan.unfinished_since == "2026-11-20T08:00:00+00:00"
    assert (folder / ".venv" / "half").exists()
    assert create(plan).state == "done"
    assert not (folder / ".venv" / "half").exists()


def test_a_run_that_is_still_going_and_files_of_others_are_left_alone(tmp_path):
    going, mixed = tmp_path / "going", tmp_path / "mixed"
    leave_unfinished(going, os.getpid(), psutil.Process().create_time())
    with pytest.raises(InstallError, match="by another run"):
        prepare(going, chosen())
    leave_unfinished(mixed, 2**22 + 1, 1.0)
    (mixed / "thesis.tex").write_text("x")
    with pytest.raises(InstallError, match="thesis"):
        prepare(mixed, chosen())
    assert (mixed / "thesis.tex").exists()


def brings(size):
    package = Package(name="jax", version="1", requested=True, bytes=size)
    return Verification(
        state="verified", summary="", line="pip install jax", target=make_target(), asked_utc="",
        packages=(package,),
    )  # fmt: skip


def test_a_disk_that_is_too_full_is_told_before_anything_is_made(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(creating.shutil, "disk_usage", lambda path: usage._replace(free=5 * 10**9))
    plan = prepare(tmp_path / "new" / "jax", chosen())
    with pytest.raises(InstallError) as told:
        require_space(plan, brings(3 * 10**9))
    assert str(told.value) == (
        f"{plan.folder}: its disk has 5.0 GB free, and setting up needs at least 6.0 GB there, for "
        "a download of 3.0 GB and what it unpacks to; free some, or choose a folder on another disk"
    )
    assert everything(tmp_path) == set()
    space = require_space(plan, brings(10**9))
    assert space_words(space) == (
        "On the disk of the folder it needs 2.0 GB to 6.0 GB; 5.0 GB are free. That may not be "
        "enough."
    )
    assert space_words(require_space(plan, brings(5 * 10**8))).endswith("5.0 GB are free.")


def test_the_cache_that_is_named_is_pips(monkeypatch):
    monkeypatch.setenv("PIP_CACHE_DIR", "/somewhere")
    assert pip_cache() == "/somewhere"


def test_the_first_line_that_does_not_resolve_decides(tmp_path, monkeypatch):
    line = "pip install torch --index-url https://a.example/x"
    plan = prepare(tmp_path / "x", chosen(line, "pytorch"))
    states = iter(["verified", "no_wheel"])

    def ask(line, target, framework, cancel, limit, on_line):
        return Verification(
            state=next(states), summary=" ".join(line.names), line=line.text, target=target,
            asked_utc="",
        )  # fmt: skip

    monkeypatch.setattr(verifying, "_verify", ask)
    found = creating.what_it_brings(plan)
    assert found.state == "no_wheel"
    assert "numpy" in found.summary
