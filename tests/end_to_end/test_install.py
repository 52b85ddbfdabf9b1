"""`install` as the real program with the real pip: what is asked, and an environment from nothing.

Needs a package index, as pip is configured to find one; without one the tests are skipped.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from probes.results import decode_machine

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def started(*arguments, cwd, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", "app", "install", *map(str, arguments)],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )


def verified(tmp_path, *arguments, **environment):
    process = started("verify", *arguments, "--format", "json", cwd=tmp_path, **environment)
    out, error = process.communicate()
    assert "Traceback" not in error
    found = json.loads(out)
    assert process.returncode == (3 if found["state"] == "not_verified" else 0)
    return found


@pytest.fixture(scope="module", autouse=True)
def an_index(tmp_path_factory):
    found = verified(tmp_path_factory.mktemp("index"), "--line", "pip install six")
    if found["state"] != "verified":
        pytest.skip(f"no package index can be asked: {found['summary']}")


@pytest.mark.parametrize(
    ("arguments", "state"),
    [
        (["--line", "pip install jax"], "verified"),
        (["--line", "pip install tensorflow==2.21.0", "--python-version", "3.14"], "no_wheel"),
        (["--line", "pip install jax==0.10.2 'numpy<2'"], "conflicts"),
        (["--line", "pip install deep-learning-framework-that-is-none"], "unknown_package"),
        (
            ["--line", "pip install torch==2.13.0", "--platform", "windows",
             "--python-version", "3.12", "--device", "nvidia_gpu"],
            "cpu_only",
        ),
        (["--line", "pip install torch --index-url https://index.invalid/cu130"], "not_verified"),
        (["--line", "pip install jaxlib==0.4.32"], "yanked"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_the_index_answers_as_it_did_when_it_was_recorded(tmp_path, arguments, state):
    found = verified(tmp_path, *arguments)
    assert found["state"] == state, found["summary"]
    assert list(tmp_path.iterdir()) == []


def test_without_a_network_the_line_is_not_verified(tmp_path):
    found = verified(
        tmp_path,
        "--framework",
        "jax",
        PIP_CONFIG_FILE=os.devnull,
        PIP_INDEX_URL="http://127.0.0.1:9/simple",
        PIP_EXTRA_INDEX_URL="",
        PIP_FIND_LINKS="",
    )
    assert (found["state"], found["cause"]) == ("not_verified", "offline")


def test_an_environment_for_jax_cancelled_half_way_and_then_completed(tmp_path):
    folder = tmp_path / "new" / "jax"
    process = started("create", folder, "--framework", "jax", "--yes", cwd=tmp_path)
    for line in process.stderr:
        if line.startswith("[install] ") and "Downloading" in line:
            break
    assert (folder / ".venv").is_dir()
    process.send_signal(signal.SIGINT)
    _, error = process.communicate()
    assert process.returncode == 130, error
    assert "was removed, and nothing else was touched" in error
    assert list(tmp_path.iterdir()) == []
    assert not [one for one in psutil.process_iter(["cmdline"]) if str(folder) in _words(one)]

    process = started("create", folder, "--framework", "jax", "--yes", cwd=tmp_path)
    out, error = process.communicate()
    assert process.returncode == 0, error
    assert "To download: " in error
    assert error.index("To download: ") < error.index("[environment]")
    assert "The starter project in starter ran" in out
    assert {one.name for one in folder.iterdir()} == {
        ".venv", "starter", "machine.json", "installed.txt", "install.log",
    }  # fmt: skip
    machine = decode_machine((folder / "machine.json").read_bytes(), "machine.json")
    assert [(one.framework, one.state) for one in machine.frameworks] == [("jax", "works")]
    assert machine.measurements
    assert str(folder) in machine.frameworks[0].python
    assert "jax==" in (folder / "installed.txt").read_text()


def _words(process):
    return " ".join(process.info["cmdline"] or ())
