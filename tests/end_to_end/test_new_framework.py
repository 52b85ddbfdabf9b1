"""A framework is added to a copy of the program with the files that the README names alone."""

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import numpy
import pytest

from probes.results import decode_machine
from rules import load_knowledge

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SAID = """id: tinynet
name: tinynet
maker: the authors of this test
first_release: '2026'
latest_release: 0.1 (2026-11)
licence: MIT
homepage: https://example.org/tinynet
summary: A few layers over numpy.
lifecycle: active
lifecycle_reason: Released this month.
lifecycle_source: https://example.org/tinynet
lifecycle_as_of: 2026-11
niche: Made to show how a framework is added, and for nothing else.
best_at: Being read in one sitting.
worst_at: Everything else.
install:
  - {command: pip install tinynet, source: https://example.org/tinynet, as_of: 2026-11}
facts:
"""
FACT = """  - {{id: tinynet.{0}.general, criterion: {0}, level: 1, grade: judgement,
     reason: Of {0} it has what one file of numpy can have., source: editorial, as_of: 2026-11}}
"""
CAPABILITY = """  - {{id: tinynet.{0}.any, capability: {0}, state: {1}, grade: official,
     reason: Its page says so., source: https://example.org/tinynet, as_of: 2026-11}}
"""
STATES = {"deployment": "none, when: {deployment: [android, ios]}"}
"""Where it is delivered needs a way for each target; of the rest nothing is said."""
LEARNING = """
  - {framework: tinynet, level: beginner, title: The one file, author: its authors,
     link: https://example.org/tinynet, as_of: 2026-11}
"""
FOUND = "  - id: tinynet\n    distributions: [tinynet]\n"
ADAPTER = '''"""tinynet: imported and tried on one operation, not timed."""

from ..contract import Described, try_device


class Adapter(Described):
    def import_framework(self, backend):
        import tinynet

        self._tinynet = tinynet

    def version(self):
        return self._tinynet.__version__

    def devices(self):
        return [try_device("cpu", True, True, lambda: self._tinynet.relu(-1.0))]
'''
COLOURS = """
[frameworks.tinynet]
light = "#8f1f1f"
dark = "#ff8f8f"
contrast_light = "#7a0000"
contrast_dark = "#ffa3a3"
vision_light = "#3b0d0d"
vision_dark = "#ffd9d9"
marker = "H"
"""
PACKAGE = """import numpy
__version__ = "0.1"
def relu(x):
    return numpy.maximum(x, 0)
"""


def statements():
    knowledge = load_knowledge()
    capabilities = sorted({gate.capability for gate in knowledge.gates if gate.capability})
    return "".join(
        (
            SAID,
            *(FACT.format(one.id) for one in knowledge.criteria),
            "capabilities:\n",
            *(CAPABILITY.format(one, STATES.get(one, "current")) for one in capabilities),
        )
    )


def after(marker, text):
    return lambda before: before.replace(marker, marker + text, 1)


CHANGES = {
    "rules/knowledge/frameworks/tinynet.yaml": lambda _: statements(),
    "rules/knowledge/learning.yaml": after("learning:\n", LEARNING),
    "probes/frameworks.yaml": after("frameworks:\n", FOUND),
    "probes/worker/adapters/tinynet.py": lambda _: ADAPTER,
    "assets/themes/tokens.toml": lambda before: before + COLOURS,
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The program with tinynet added."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("app", "rules", "probes", "assets"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name, change in CHANGES.items():
        put(folder / name, change)
    return folder


def put(file, change):
    """Change a file, or make it; gives what undoes it."""
    before = file.read_text(encoding="utf-8") if file.exists() else None
    file.write_text(change(before), encoding="utf-8")
    if before is None:
        return file.unlink
    return lambda: file.write_text(before, encoding="utf-8")


def advisor(copy, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "app", *map(str, arguments)],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )


def checked(copy):
    done = advisor(copy, "knowledge", "check", "--today", "2026-11-21")
    return done.returncode, [line for line in done.stdout.splitlines() if "tinynet" in line]


def test_the_readme_names_these_files_and_no_other():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    entry = re.search(r"^- \*\*A framework\*\*:(.*?)^- \*\*", text, re.M | re.S)[1]
    needed = entry.split("For more:")[0]
    named = re.findall(r"`((?:rules|probes|assets|app|tests)/[\w./]+\.\w+)`", needed)
    assert named == [one.replace("tinynet", "ID") for one in CHANGES]


def test_nothing_is_missing_once_all_is_there(copy):
    assert checked(copy) == (0, [])


@pytest.mark.parametrize("name", CHANGES)
def test_each_place_that_is_missing_is_named(copy, name):
    file, whole = copy / name, (copy / name).read_text(encoding="utf-8")
    if "tinynet" in name:
        file.unlink()
    else:
        shutil.copy(ROOT / name, file)
    code, lines = checked(copy)
    file.write_text(whole, encoding="utf-8")
    assert code == 2
    assert any(line.startswith(name + ":") for line in lines), lines


def test_it_is_ranked_and_shown(copy):
    answers = ROOT / "assets" / "examples" / "student.yaml"
    done = advisor(copy, "recommend", "--answers", answers)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^\d+ +tinynet +0\.\d\d", done.stdout, re.M)


def test_it_is_found_and_run_where_it_is_installed(copy, tmp_path):
    venv.create(tmp_path / "venv", with_pip=False)
    site = next((tmp_path / "venv").glob("[Ll]ib*/**/site-packages"))
    (site / "tinynet.py").write_text(PACKAGE)
    (site / "numpy.pth").write_text(f"{Path(numpy.__file__).parents[1]}\n")
    (site / "tinynet-0.1.dist-info").mkdir()
    metadata = "Metadata-Version: 2.1\nName: tinynet\nVersion: 0.1\n"
    (site / "tinynet-0.1.dist-info" / "METADATA").write_text(metadata)
    python = next((tmp_path / "venv").glob("[Bb][Ii][Nn]/python*"))
    out = tmp_path / "machine.json"
    done = advisor(copy, "probe", "--frameworks", "tinynet", "--python", python, "--out", out)
    assert done.returncode == 0, done.stderr
    found = decode_machine(out.read_bytes(), out.name).frameworks
    assert ("tinynet", "0.1", "works") in [(one.framework, one.version, one.state) for one in found]
