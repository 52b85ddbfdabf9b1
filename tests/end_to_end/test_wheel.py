"""The wheel carries knowledge and assets and works outside the checkout."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(ROOT)],
        check=True,
    )
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_holds_the_data_and_no_tests(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "assets/themes/tokens.toml",
        "assets/examples/student.yaml",
        "rules/knowledge/questions.yaml",
        "probes/frameworks.yaml",
        "probes/worker/__main__.py",
    } <= names
    assert not [name for name in names if name.startswith("tests/")]


@pytest.mark.slow
def test_recommends_when_installed_in_an_empty_environment(wheel, tmp_path):
    venv.create(tmp_path / "venv", with_pip=True)
    binaries = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run(
        [binaries / "python", "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel],
        check=True,
    )
    answers = tmp_path / "answers.yaml"
    answers.write_bytes((ROOT / "assets" / "examples" / "student.yaml").read_bytes())
    result = subprocess.run(
        [binaries / "framework-advisor", "recommend", "--answers", answers, "--format", "json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ""},
    )
    document = json.loads(result.stdout)
    assert document["schema"] == "framework-advisor/recommendation/1"
    assert document["verdict"]["framework"] is not None
