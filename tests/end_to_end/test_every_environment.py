"""One look at a machine with frameworks in three environments: every state right, as text and JSON.

The two old environments are made for it, where their Pythons are; what is skipped says why.
"""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = {
    "pytorch": "torch",
    "tensorflow": "tensorflow",
    "keras": "keras",
    "jax": "jax",
    "paddlepaddle": "paddle",
    "onnxruntime": "onnxruntime",
    "openvino": "openvino",
    "litert": "ai_edge_litert",
}
OLD = ("numpy<1.22", "mxnet==1.9.1", "theano==1.0.5")
ONEFLOW = ("numpy<2.3", "oneflow==0.9.0")

# Most of it is pip, fetching what no other test needs.
pytestmark = [pytest.mark.slow, pytest.mark.frameworks, pytest.mark.timeout(1500)]


def in_home(home, name, environment):
    """Where virtualenvwrapper keeps environments, so that the search finds it by itself."""
    folder = home / ".virtualenvs" / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.symlink_to(environment, target_is_directory=True)
    return folder


def advisor(home, *arguments):
    """Run the program as somebody at home there, and give what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "app", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(home), "USERPROFILE": str(home)},
        timeout=560,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def states(machine, prefix):
    """State and reason by framework, of the environment in a folder."""
    real = os.path.realpath(prefix)
    return {
        one["framework"]: (one["state"], one.get("reason"))
        for one in (*machine["frameworks"], *machine["runtimes"])
        if os.path.realpath(Path(one["python"]).parent.parent) == real
    }


@pytest.fixture
def everywhere(tmp_path, environment_with):
    """A home with both old environments in it, and their folders."""
    old = in_home(tmp_path, "old", environment_with("3.8", *OLD))
    oneflow = in_home(tmp_path, "oneflow", environment_with("3.10", *ONEFLOW))
    return tmp_path, old, oneflow


def test_doctor_says_of_every_framework_in_every_environment_how_it_is(everywhere):
    home, old, oneflow = everywhere
    out = home / "doctor.json"
    text = advisor(home, "doctor", "--all", "--out", out)
    machine = json.loads(out.read_bytes())
    assert machine["measurements"] == []
    own = states(machine, sys.prefix)
    present = {name for name, module in HERE.items() if importlib.util.find_spec(module)}
    assert present <= set(own)
    fine = {"works", "falls_back_to_cpu"} if machine["hardware"]["accelerators"] else {"works"}
    assert {own[name][0] for name in present} <= fine
    assert states(machine, old) == {"mxnet": ("works", None), "theano": ("works", None)}
    (found,) = states(machine, oneflow).items()
    assert found == ("oneflow", ("broken", "NVIDIA's library cudnn 8 is missing"))
    lines = text.splitlines()
    for name, version, said in (
        ("mxnet", "1.9.1", "works on cpu"),
        ("theano", "1.0.5", "works on cpu"),
        ("oneflow", "0.9.0", "broken"),
    ):
        (row,) = [line for line in lines if line.startswith(name) and line.split()[1] == version]
        assert said in row
    assert "Install cudnn 8, or a build of oneflow for the processor alone" in " ".join(
        text.split()
    )


def test_probe_measures_what_works_in_every_environment_and_keeps_the_other_states(everywhere):
    home, old, oneflow = everywhere
    out = home / "machine.json"
    command = ("probe", "--all", "--tier", "standard", "--workloads", "mlp_train", "--out", out)
    advisor(home, *command, "--frameworks", "jax,mxnet,theano,oneflow")
    machine = json.loads(out.read_bytes())
    assert {name: state for name, (state, _) in states(machine, old).items()} == {
        "mxnet": "works",
        "theano": "works",
    }
    assert states(machine, oneflow)["oneflow"][0] == "broken"
    proven = {one["mode"]: one["equal_work"]["passed"] for one in machine["measurements"]}
    assert proven == {"jax/jit": True, "mxnet/gluon": True}
