"""Each installed framework, in a real worker process, really does the same work in every mode."""

import importlib.util
import subprocess

import pytest

from probes.worker import workloads

pytestmark = pytest.mark.frameworks

# Framework, what must be installed beside it, backend, modes.
FRAMEWORKS = {
    "pytorch": ("torch", None, ["pytorch/eager"]),
    "tensorflow": (
        "tensorflow",
        None,
        ["tensorflow/eager", "tensorflow/graph", "tensorflow/xla"],
    ),
    "jax": ("jax", None, ["jax/jit"]),
    "paddlepaddle": ("paddle", None, ["paddlepaddle/eager", "paddlepaddle/static"]),
    "keras on jax": ("jax", "jax", ["keras/jax"]),
    "keras on torch": ("torch", "torch", ["keras/torch"]),
    "keras on tensorflow": ("tensorflow", "tensorflow", ["keras/tensorflow"]),
}
SHORT = sorted(
    identifier
    for (identifier, size), workload in workloads.WORKLOADS.items()
    if size == "cpu" and workload.model != "triad"
)
BASIC = ("mlp_train", "cnn_train", "inference_batch1", "matrix_product")
FURTHER = tuple(one for one in SHORT if one not in BASIC)


@pytest.mark.parametrize(
    "chosen", [BASIC, pytest.param(FURTHER, marks=pytest.mark.slow)], ids=["basic", "further"]
)
@pytest.mark.parametrize(
    "name",
    # The walk through the real window proves the others' modes as well; here they take long.
    [
        pytest.param(one, marks=[pytest.mark.slow] * (one not in ("pytorch", "jax")))
        for one in FRAMEWORKS
    ],
)
def test_every_mode_proves_equal_work_and_is_timed(start_worker, name, chosen, tmp_path):
    module, backend, modes = FRAMEWORKS[name]
    framework = name.split()[0]
    for needed in (module, framework if backend else module):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed")
    worker = start_worker(environment={"KERAS_HOME": str(tmp_path)}, cwd=tmp_path)
    found = worker.ask("import", framework=framework, backend=backend)
    assert found["type"] == "result", found
    assert found["import_seconds"] > 0
    assert found["version"]
    cpu = next(entry for entry in found["devices"] if entry["device"] == "cpu")
    assert cpu["operation_ran"] is True, cpu
    for mode in modes:
        for workload in chosen:
            parameters = {"mode": mode, "workload": workload, "device": "cpu"}
            prepared = worker.ask("prepare", track="strict_fp32", **parameters)
            limit = workloads.find(workload).purpose == "limit"
            no_loader = workload == "input_pipeline" and framework in ("jax", "keras")
            if (backend and limit) or no_loader:
                assert prepared["kind"] == "unsupported"
                continue
            assert prepared["type"] == "result", prepared
            proof = prepared["equal_work"]
            assert proof["passed"], (mode, workload, proof)
            assert proof["max_rel_err"] <= 1e-4
            window = {"seconds": 0.01, "minimum_values": 3, "maximum_seconds": 60.0}
            measured = worker.ask("measure", **window, **parameters)
            assert measured["type"] == "result", measured
            assert len(measured["values"]) >= 3
            assert all(value > 0 for value in measured["values"])
            assert sum(measured["values"]) <= measured["wall_seconds"]
            worker.ask("drop", **parameters)
    assert worker.close()[0] == 0


@pytest.mark.parametrize("variant", ["not a mode"])
@pytest.mark.parametrize(
    "name",
    [
        "jax",
        *(
            pytest.param(one, marks=pytest.mark.slow)
            for one in ("pytorch", "tensorflow", "paddlepaddle")
        ),
    ],
)
def test_a_mode_or_device_that_is_not_there_is_unsupported_not_a_crash(start_worker, name, variant):
    if importlib.util.find_spec(FRAMEWORKS[name][0]) is None:
        pytest.skip(f"{name} is not installed")
    worker = start_worker()
    worker.ask("import", framework=name)
    mode = FRAMEWORKS[name][2][0]
    for wrong in (
        {"mode": f"{name}/{variant}", "device": "cpu"},
        {"mode": mode, "device": "abacus"},
    ):
        reply = worker.ask("prepare", workload="mlp_train", size="cpu", **wrong)
        assert (reply["type"], reply["kind"]) == ("error", "unsupported"), reply


def test_a_mode_that_does_not_wait_is_rejected_though_its_numbers_are_right():
    # The real asynchronous dispatch of JAX, with the wait left out.
    if importlib.util.find_spec("jax") is None:
        pytest.skip("jax is not installed")
    from probes.worker import equal_work, reference
    from probes.worker.contract import load_adapter

    adapter = load_adapter("jax")
    adapter.import_framework(None)
    adapter.set_track("strict_fp32")
    workload = workloads.find("matrix_product")
    task = adapter.prepare(workload, "jit", "cpu")
    placed = [task.place(entry.arrays()) for entry in workloads.input_sets(workload)]
    expected = reference.expected(workload)
    assert equal_work.prove(task, workload, expected, placed, 1e-4)[0].passed
    task.wait = lambda result: None
    proof, _ = equal_work.prove(task, workload, expected, placed, 1e-4)
    assert proof.reason == "the wait returns before the step is over"
    assert proof.max_rel_err < 1e-5


@pytest.mark.slow
def test_mxnet_proves_equal_work_under_python_38(start_worker, python38, tmp_path):
    # Retired, and installable only there: the environment is made for this test.
    subprocess.run([python38, "-m", "venv", tmp_path / "environment"], check=True)
    python = tmp_path / "environment" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "numpy<1.24", "mxnet==1.9.1"]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"MXNet could not be installed: {done.stderr.strip().splitlines()[-1]}")
    worker = start_worker(python)
    assert worker.ask("import", framework="mxnet")["version"] == "1.9.1"
    for workload in BASIC:
        proof = worker.ask("prepare", mode="mxnet/gluon", workload=workload, device="cpu")
        assert proof["equal_work"]["passed"], proof
    for workload in FURTHER:
        refused = worker.ask("prepare", mode="mxnet/gluon", workload=workload, device="cpu")
        assert refused["kind"] == "unsupported"
