"""Each installed framework, in a real worker process, really does the same work in every mode."""

import importlib.util
import os
import shutil

import pytest

from probes.worker import workloads

pytestmark = pytest.mark.frameworks

# Framework, what must be installed beside it, backend, modes.
FRAMEWORKS = {
    "pytorch": ("torch", None, ["pytorch/eager"]),
    "tensorflow": (
        "tensorflow",
        None,
        ["tensorflow/graph", "tensorflow/eager", "tensorflow/xla"],
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
    if size == "cpu" and workload.model != "triad" and not workload.blocks
)
BASIC = ("mlp_train", "cnn_train", "inference_batch1", "matrix_product")
FURTHER = tuple(one for one in SHORT if one not in BASIC)
# Keras' models are the same on each backend: what is written down is proven on the quickest.
ONCE = ("keras on jax", "keras on tensorflow")


@pytest.mark.parametrize(
    ("name", "chosen"),
    # The walk through the real window proves the others' modes as well; here they take long.
    [
        pytest.param(
            one,
            chosen,
            marks=[pytest.mark.slow] * (chosen == FURTHER or one not in ("pytorch", "jax")),
            id=f"{one} {name}",
        )
        for one in FRAMEWORKS
        for name, chosen in (("basic", BASIC), ("further", FURTHER))
        if chosen == BASIC or one not in ONCE
    ],
)
def test_every_mode_proves_equal_work_and_is_timed(start_worker, name, chosen, tmp_path):
    module, backend, modes = FRAMEWORKS[name]
    framework = name.split()[0]
    for needed in (module, framework if backend else module):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed")
    if chosen == FURTHER:
        # A mode is a way to run, and has shown with the basic ones that it does the same work.
        modes = modes[:1]
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


MODELS = ("transformer_train", "lstm_train", "embedding_train")
ASKED = "FRAMEWORK_ADVISOR_TEST_APART"
# What is not among the frameworks of this environment: an environment of its own, and in it which
# modes are measured. They bring half a gigabyte, and two of them compile each new step for minutes,
# so they are tried where somebody asks for it. (MXNet is tried with all other environments.)
APART = {
    "mlx": (
        "3.11",
        ("numpy", "mlx[cpu]==0.32.4"),
        ["mlx/eager", "mlx/compiled"],
        (*BASIC, *MODELS),
    ),
    "mindspore": (
        "3.11",
        ("numpy<2", "mindspore==2.10.0"),
        ["mindspore/graph", "mindspore/pynative"],
        BASIC,
    ),
    "tinygrad": ("3.11", ("numpy", "tinygrad==0.14.0"), ["tinygrad/jit"], BASIC),
}


@pytest.mark.slow
@pytest.mark.timeout(1800)  # MLX and tinygrad compile each new step for minutes
@pytest.mark.parametrize("framework", sorted(APART))
def test_a_framework_in_an_environment_of_its_own_proves_equal_work(
    start_worker, environment_with, framework, tmp_path
):
    version, packages, modes, written = APART[framework]
    if not os.environ.get(ASKED):
        pytest.skip(f"{framework} is installed and compiled for minutes only where {ASKED} is set")
    if framework == "tinygrad" and shutil.which("clang") is None:
        pytest.skip("tinygrad compiles with clang, and none is on PATH")
    worker = start_worker(environment_with(version, *packages) / "bin" / "python", cwd=tmp_path)
    found = worker.ask("import", framework=framework)
    assert found["type"] == "result", found
    assert packages[-1].endswith(found["version"])
    (cpu,) = [one for one in found["devices"] if one["device"] == "cpu"]
    assert cpu["operation_ran"], cpu
    for mode in modes:
        for workload in written:
            parameters = {"mode": mode, "workload": workload, "device": "cpu"}
            prepared = worker.ask("prepare", **parameters)
            assert prepared["type"] == "result", prepared
            assert prepared["equal_work"]["passed"], prepared
            window = {"seconds": 0.01, "minimum_values": 3, "maximum_seconds": 60.0}
            measured = worker.ask("measure", **window, **parameters)
            assert measured["type"] == "result", measured
            worker.ask("drop", **parameters)
        for workload in set(FURTHER) - set(written):
            refused = worker.ask("prepare", mode=mode, workload=workload, device="cpu")
            assert refused["kind"] == "unsupported"
    wrong = worker.ask("prepare", mode=f"{framework}/other", workload="mlp_train", device="cpu")
    assert wrong["kind"] == "unsupported"
