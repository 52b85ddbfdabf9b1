"""A written project runs as a child that can be watched and stopped."""

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import psutil
import pytest

from app import starter
from app.starter import Project, StarterError

PYTHON = Path(sys.executable)


def test_lines_come_as_printed_and_the_last_one_is_the_metrics(
    small_project: Project, tmp_path: Path
) -> None:
    folder = starter.write(small_project, tmp_path / "project")
    lines: list[str] = []
    outcome = starter.run(folder, PYTHON, on_line=lines.append)
    assert outcome.returncode == 0
    assert outcome.metrics == {"first_loss": 2.0, "last_loss": 1.0}
    assert outcome.versions == {"numpy": np.__version__}
    assert lines == list(outcome.tail) == ['{"first_loss": 2.0, "last_loss": 1.0}']
    assert not outcome.cancelled


@pytest.mark.parametrize(("smoke", "arguments"), [(True, "['--smoke']"), (False, "[]")])
def test_smoke_is_asked_for_by_argument(project_folder: Path, smoke: bool, arguments: str) -> None:
    (project_folder / "train.py").write_text("import sys\nprint(sys.argv[1:])\n")
    assert starter.run(project_folder, PYTHON, smoke=smoke).tail == (arguments,)


def test_a_crash_is_an_outcome_with_its_last_words(project_folder: Path) -> None:
    (project_folder / "train.py").write_text("raise SystemExit('the data is gone')\n")
    outcome = starter.run(project_folder, PYTHON)
    assert outcome.returncode == 1
    assert outcome.tail == ("the data is gone",)
    assert outcome.metrics == {}


def test_cancelling_ends_the_child_and_its_children(project_folder: Path) -> None:
    (project_folder / "train.py").write_text(
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    cancel = threading.Event()
    pids: list[int] = []

    def on_line(line: str) -> None:
        pids.append(int(line))
        cancel.set()

    outcome = starter.run(project_folder, PYTHON, on_line=on_line, cancel=cancel)
    assert outcome.cancelled
    assert outcome.returncode != 0
    _, alive = psutil.wait_procs(
        [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)], timeout=10
    )
    assert not alive
    assert threading.active_count() == 1 or not [
        thread for thread in threading.enumerate() if thread.name == "starter-output"
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_run_ends_with_the_program_that_started_it_even_when_that_is_killed(
    project_folder: Path,
) -> None:
    (project_folder / "train.py").write_text(
        "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)\n"
    )
    program = (
        "import sys; from pathlib import Path; from app import starter\n"
        "starter.run(Path(sys.argv[1]), Path(sys.executable), on_line=lambda line: "
        "print(line, flush=True))"
    )
    with subprocess.Popen(
        [PYTHON, "-c", program, project_folder], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        training = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert psutil.wait_procs([training], timeout=30)[1] == []


def test_an_error_in_the_listener_leaves_no_process(project_folder: Path) -> None:
    (project_folder / "train.py").write_text(
        "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)\n"
    )
    pids: list[int] = []

    def on_line(line: str) -> None:
        pids.append(int(line))
        raise RuntimeError("the page has gone")

    with pytest.raises(RuntimeError, match="the page has gone"):
        starter.run(project_folder, PYTHON, on_line=on_line)
    assert pids
    assert not psutil.pid_exists(pids[0])


def test_a_flood_and_garbage_are_survived(project_folder: Path) -> None:
    (project_folder / "train.py").write_text(
        "import sys\n"
        "sys.stdout.buffer.write(b'\\xff\\xfe' + b'x' * 100_000 + b'\\n')\n"
        "sys.stdout.flush()\n"
        "print('{\"broken\": ')\n"
        "print('[' * 100_000)\n"
    )
    outcome = starter.run(project_folder, PYTHON)
    assert outcome.returncode == 0
    assert outcome.metrics == {}
    assert max(map(len, outcome.tail)) <= 4_000


def test_a_missing_requirement_is_named_before_anything_starts(project_folder: Path) -> None:
    (project_folder / "requirements.txt").write_text("numpy==2.0.0\nno-such-framework==1.0\n")
    (project_folder / "train.py").write_text("open('started', 'w')\n")
    with pytest.raises(StarterError, match="has no no-such-framework; install"):
        starter.run(project_folder, PYTHON)
    assert not (project_folder / "started").exists()


def test_what_cannot_be_started_is_one_message(project_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(StarterError, match="holds no train"):
        starter.run(project_folder, PYTHON)
    (project_folder / "train.py").write_text("")
    with pytest.raises(StarterError, match="does not work as a Python interpreter"):
        starter.run(project_folder, tmp_path / "no-python")
    with pytest.raises(StarterError, match="does not work as a Python interpreter"):
        starter.run(project_folder, Path("/bin/false"))


def test_our_own_environment_does_not_leak_into_the_project(
    project_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/leaks")
    (project_folder / "train.py").write_text("import sys\nprint('/leaks' in sys.path)\n")
    assert starter.run(project_folder, PYTHON).tail == ("False",)


def test_the_versions_of_an_interpreter_are_those_it_has() -> None:
    versions = starter.installed_versions(PYTHON)
    assert versions["numpy"] == np.__version__
    assert "mindspore" not in versions
