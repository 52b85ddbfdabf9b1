"""A fact, a question, a workload and a starter task are added as the README says, to a copy of the
program: the files that it names are enough, and `knowledge check` tells what is missing."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from probes.results import decode_machine

ROOT = Path(__file__).resolve().parents[2]

ANSWERS = """schema: framework-advisor/answers/1
answers: {work: scratch, domain: [vision], goal: learn, teaching: children}
"""
QUESTION = """
  - id: teaching
    stage: later
    topic: Whom it is taught to
    text: Who will learn with it?
    help: Those who read the code, not those who use the result.
    why: Children need words and errors that are easy to read.
    options:
      - {id: children, text: Children}
      - {id: adults, text: Adults}
"""
FACT = """
  - id: keras.ease.children
    criterion: ease
    when: {teaching: children}
    level: 4
    grade: judgement
    reason: Children read its model as a list of layers.
    source: editorial
    as_of: 2026-11
  - {id: keras.ease.adults, criterion: ease, when: {teaching: adults}, level: 4, grade: judgement,
     reason: Adults do so too., source: editorial, as_of: 2026-11}
"""
SCALE = """
  - workload: linear_train
    best_ratio: 0.001
    worst_ratio: 0.1
    reason: Its arithmetic is next to nothing; a call costs more.
"""
NETWORK = """

def linear(torch: Any, workload: Any) -> Any:
    return torch.nn.Sequential(torch.nn.Linear(MLP_INPUTS, CLASSES))
"""
TASK = "assets/starter/tasks/tabular"
MODEL = "assets/starter/frameworks/pytorch/model/tabular.py.j2"


def after(marker, text):
    def changed(before):
        assert before.count(marker) >= 1, marker
        return before.replace(marker, marker + text, 1)

    return changed


def chain(*changes):
    def changed(text):
        for change in changes:
            text = change(text)
        return text

    return changed


WORKLOAD = {
    "probes/worker/workloads.py": chain(
        after(
            "    for size, workload in (\n",
            '        ("cpu", trained("linear", 128, 0, 8, 41, 0.02)),\n',
        ),
        after(
            "    width = workload.width\n",
            '    if workload.model == "linear":\n'
            "        return layer((CLASSES, MLP_INPUTS), 1.0)\n",
        ),
        after('        "mlp": (MLP_INPUTS,),\n', '        "linear": (MLP_INPUTS,),\n'),
    ),
    "probes/worker/mathematics.py": after('    "mlp": mlp,\n', '    "linear": mlp,\n'),
    "probes/worker/networks/pytorch.py": chain(
        after('        "mlp": mlp,\n', '        "linear": linear,\n'), lambda text: text + NETWORK
    ),
    "probes/plan.py": after("FURTHER = (", '"linear_train", '),
    "rules/knowledge/performance.yaml": after("speed_scales:", SCALE),
    "app/measured_words.py": after("WORKLOADS = {\n", '    "linear_train": "Linear training",\n'),
}
CHANGES = {
    "rules/knowledge/questions.yaml": after("\nquestions:", QUESTION),
    "rules/knowledge/frameworks/keras.yaml": after("\nfacts:", FACT),
    **WORKLOAD,
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The program with all of it added."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("app", "rules", "probes", "assets"):
        shutil.copytree(ROOT / name, folder / name)
    for name, change in CHANGES.items():
        file = folder / name
        file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    task = folder / "assets/starter/tasks/wine"
    shutil.copytree(folder / TASK, task)
    described = re.sub(
        r'^name = ".*"', 'name = "Wines"', (task / "task.toml").read_text(), flags=re.M
    )
    (task / "task.toml").write_text(described)
    shutil.copy(folder / MODEL, folder / MODEL.replace("tabular", "wine"))
    return folder


def advisor(copy, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "app", *map(str, arguments)],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_was_added_has_no_mistake(copy):
    done = advisor(copy, "knowledge", "check", "--today", "2026-11-21")
    assert done.returncode == 0, done.stdout


def test_what_is_missing_of_it_is_named(copy):
    names = ("rules/knowledge/questions.yaml", "rules/knowledge/performance.yaml")
    whole = {name: (copy / name).read_text(encoding="utf-8") for name in names}
    for name in names:
        shutil.copy(ROOT / name, copy / name)
    done = advisor(copy, "knowledge", "check", "--today", "2026-11-21")
    for name, text in whole.items():
        (copy / name).write_text(text, encoding="utf-8")
    assert done.returncode == 2
    assert "keras.ease.children: when.teaching is no question" in done.stdout
    assert f"{names[1]}: no scale for linear_train" in done.stdout


def test_the_answer_and_its_fact_count(copy, tmp_path):
    (tmp_path / "answers.yaml").write_text(ANSWERS)
    done = advisor(copy, "recommend", "--answers", tmp_path / "answers.yaml", "--format", "json")
    assert done.returncode == 0, done.stderr
    ranking = json.loads(done.stdout)["ranking"]
    keras = next(one for one in ranking if one["framework"] == "keras")
    ease = next(one for one in keras["contributions"] if one["criterion"] == "ease")
    assert "keras.ease.children" in ease["facts"]
    assert "keras.ease.adults" not in ease["facts"]


def test_the_task_is_written_for_the_frameworks_that_have_a_model_for_it(copy, tmp_path):
    out = tmp_path / "wines"
    done = advisor(copy, "starter", "--framework", "pytorch", "--task", "wine", out)
    assert done.returncode == 0, done.stderr
    assert {"train.py", "model.py", "data.py", "README.md"} <= {one.name for one in out.iterdir()}
    for file in out.rglob("*.py"):
        compile(file.read_text(encoding="utf-8"), file, "exec")
    assert "not executed here" in (out / "README.md").read_text(encoding="utf-8").lower()
    done = advisor(copy, "starter", "--framework", "keras", "--task", "wine", tmp_path / "other")
    assert done.returncode == 2


@pytest.mark.slow
@pytest.mark.frameworks
def test_the_workload_is_measured_once_its_work_is_proven(copy, tmp_path):
    pytest.importorskip("torch")
    out = tmp_path / "machine.json"
    done = advisor(
        copy, "probe", "--frameworks", "pytorch", "--workloads", "linear_train", "--out", out
    )
    assert done.returncode == 0, done.stderr
    (found,) = decode_machine(out.read_bytes(), out.name).measurements
    assert (found.mode, found.workload) == ("pytorch/eager", "linear_train")
    assert found.equal_work.passed
    assert found.equal_work.parameter_count == 7850


def test_the_readme_names_these_files():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    entry = re.search(r"^- \*\*A workload\*\*:(.*?)^- \*\*", text, re.M | re.S)[1]
    named = re.findall(r"`((?:rules|probes|app)/[\w./]+)`", entry)
    folders = [one for one in named if one.endswith("/")]
    for name in WORKLOAD:
        assert name in named or any(name.startswith(one) for one in folders), name
    for name in ("assets/starter/tasks/", "assets/starter/frameworks/FRAMEWORK/model/"):
        assert name in text
