"""The same inputs give the same document in another process, locale, folder and hash seed."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "assets" / "examples" / "app-company-android.yaml"

PROGRAM = """
import contextlib, locale, sys
with contextlib.suppress(locale.Error):  # not every machine has every locale
    locale.setlocale(locale.LC_ALL, "")
from datetime import date
from pathlib import Path
import msgspec
from rules import decide, load_answers, load_knowledge
from rules.model import Measurements
packs = [Path(one) for one in sys.argv[2:]]
knowledge = load_knowledge(packs)
answers = load_answers(Path(sys.argv[1]), knowledge)
# Some years on, many facts are listed as past their shelf life.
documents = [
    decide(knowledge, answers, Measurements(), date(year, 11, 21), draws=2000)
    for year in (2026, 2029)
]
sys.stdout.buffer.write(msgspec.json.encode(documents))
"""


def documents(folder, *packs, program=PROGRAM, **environment):
    done = subprocess.run(
        [sys.executable, "-c", program, str(EXAMPLE), *map(str, packs)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        check=True,
        capture_output=True,
    )
    return done.stdout


@pytest.fixture(scope="module")
def reference():
    return documents(ROOT, PYTHONHASHSEED="0")


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "4242", "LC_ALL": "C", "LANG": "C"},
        {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8", "TZ": "Pacific/Kiritimati"},
        {"PYTHONUTF8": "0", "LC_ALL": "POSIX", "OMP_NUM_THREADS": "1"},
    ],
    ids=lambda one: " ".join(f"{name}={value}" for name, value in one.items()),
)
def test_the_same_bytes_wherever_it_runs(reference, tmp_path, environment):
    assert documents(tmp_path, **environment) == reference
    assert reference.startswith(b'[{"schema":"framework-advisor/recommendation/1"')


def test_the_same_bytes_when_files_have_other_names(reference, tmp_path):
    """A pack that repeats our own files in another order of names changes nothing but to say so."""
    own = ROOT / "rules" / "knowledge"
    (tmp_path / "frameworks").mkdir()
    for path in own.glob("frameworks/*.yaml"):
        (tmp_path / "frameworks" / path.name).write_bytes(path.read_bytes())
    for path in own.glob("*.yaml"):
        if path.stem in ("criteria", "gates", "questions", "conflicts"):
            (tmp_path / f"z_{path.stem[::-1]}.yaml").write_bytes(path.read_bytes())
    ours, theirs = json.loads(reference), json.loads(documents(ROOT, tmp_path))
    for one, other in zip(ours, theirs, strict=True):
        assert other["knowledge"].pop("overridden")
        assert one["knowledge"].pop("overridden") == []
    assert theirs == ours


SHUFFLED = """
import rules.loading
from pathlib import Path
rules.loading.OWN = Path(sys.argv.pop())
"""


def test_the_same_bytes_when_entries_stand_in_another_order(reference, tmp_path):
    """Facts, capabilities, components and statements are sets: where they stand in a file says
    nothing. (Where the first that matches is meant, as with delivery paths, order is content.)"""
    chance = random.Random(20261121)
    own = ROOT / "rules" / "knowledge"
    shuffled = 0
    for path in sorted(own.rglob("*.yaml")):
        content = yaml.load(path.read_text(), Loader=yaml.BaseLoader)
        for name in ("facts", "capabilities", "components", "statements"):
            if isinstance(content.get(name), list):
                chance.shuffle(content[name])
                shuffled += len(content[name])
        target = tmp_path / "knowledge" / path.relative_to(own)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=True))
    assert shuffled > 1000
    program = PROGRAM.replace("import msgspec\n", SHUFFLED + "import msgspec\n", 1)
    theirs = json.loads(documents(ROOT, tmp_path / "knowledge", program=program))
    ours = json.loads(reference)
    for one in (*ours, *theirs):
        del one["knowledge"]["hash"]
    assert theirs == ours
