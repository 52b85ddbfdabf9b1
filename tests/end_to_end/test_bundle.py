"""The bundle as a stranger runs it: on a Python 3.8 that has one retired framework, and beside the
tested ones. What it writes is read by every command as if the program had measured there."""

import json
import os
import subprocess
import sys

import pytest

import probes
from probes.results import decode_machine

pytestmark = [pytest.mark.slow, pytest.mark.frameworks, pytest.mark.timeout(1800)]
ANSWERS = "assets/examples/student.yaml"
WORKLOADS = "mlp_train,inference_batch1"


def run(*command, cwd=None, **environment):
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    path = tmp_path_factory.mktemp("bundle") / "probe.pyz"
    made = run(sys.executable, "-m", "app", "probe", "--make-bundle", path)
    assert made.returncode == 0, made.stderr
    return path


@pytest.fixture(scope="module")
def mxnet_on_38(environment_with):
    """A Python 3.8 with mxnet 1.9.1 and the numpy that it bears, from the package index."""
    return environment_with("3.8", "numpy<1.24", "mxnet==1.9.1") / "bin" / "python"


def measured(python, bundle, folder, *arguments):
    """The machine file that the bundle writes under an interpreter."""
    ended = run(python, bundle, *arguments, cwd=folder, FRAMEWORK_ADVISOR_HOME=str(folder))
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    path = folder / "machine.json"
    return path, decode_machine(path.read_bytes(), path.name)


def recommended(path):
    """What is recommended with the machine file."""
    ended = run(
        sys.executable, "-m", "app", "recommend", "--answers", ANSWERS, "--machine", path,
        "--format", "json",
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_a_python_38_with_mxnet_alone_is_measured_and_counts(bundle, mxnet_on_38, tmp_path):
    # The quick tier has no part for a retired framework.
    path, machine = measured(
        mxnet_on_38, bundle, tmp_path, "--tier", "standard", "--workloads", WORKLOADS
    )
    (finding,) = machine.frameworks
    assert (finding.framework, finding.version, finding.state) == ("mxnet", "1.9.1", "works")
    by_workload = {one.workload: one for one in machine.measurements if one.rounds}
    assert set(by_workload) == set(WORKLOADS.split(","))
    assert all(one.equal_work.passed for one in by_workload.values())
    assert machine.environments[0].python_version.startswith("3.8")
    # The hardware is the same whoever looks.
    here = probes.look().hardware
    assert (machine.hardware.cpu, machine.hardware.os) == (here.cpu, here.os)
    assert recommended(path)["machine"] == machine.fingerprint


def test_a_tested_framework_is_measured_as_the_program_does(bundle, tmp_path):
    arguments = ("--frameworks", "jax", "--workloads", WORKLOADS)
    path, machine = measured(sys.executable, bundle, tmp_path, *arguments)
    own = tmp_path / "own.json"
    ended = run(sys.executable, "-m", "app", "probe", *arguments, "--out", own)
    assert ended.returncode == 0, ended.stderr
    ours = decode_machine(own.read_bytes(), own.name)
    assert machine.fingerprint == ours.fingerprint
    assert machine.environments == ours.environments
    for one, other in zip(machine.measurements, ours.measurements, strict=True):
        assert (one.mode, one.workload, one.device) == (other.mode, other.workload, other.device)
        assert one.workload_version == other.workload_version
        assert one.equal_work.passed
        assert other.equal_work.passed
        assert one.equal_work.parameter_count == other.equal_work.parameter_count
        assert (one.flops, one.bytes_moved) == (other.flops, other.bytes_moved)
    recommendation = recommended(path)
    assert recommendation["machine"] == machine.fingerprint
    graded = {
        one["framework"]: each["grade"]
        for one in recommendation["ranking"]
        for each in one["contributions"]
        if each["criterion"] == "performance"
    }
    # On a busy machine a time may be unsteady, and then it does not count.
    for one in machine.measurements:
        if one.workload == "inference_batch1" and one.verdict.status == "valid":
            assert graded[one.framework] == "measured"
    compared = run(sys.executable, "-m", "app", "compare", path, own, "--format", "json")
    assert json.loads(compared.stdout)["same_machine"] is True
