"""Runtimes of finished models do the same work as the frameworks, and a wrong file is found out."""

import importlib.util
import multiprocessing
import socket
from concurrent.futures import ProcessPoolExecutor

import numpy
import pytest

from probes.worker import delivery, equal_work, reference, workloads
from probes.worker.contract import Unsupported, load_adapter
from probes.worker.networks import litert, onnx, onnx_file

pytestmark = pytest.mark.frameworks

MODULES = {
    "onnxruntime": "onnxruntime",
    "openvino": "openvino",
    "litert": "ai_edge_litert",
}
WORKLOAD = workloads.find("inference_batch1")


@pytest.fixture(scope="module", params=sorted(MODULES))
def runtime(request):
    """The adapter of a runtime, imported into this process."""
    if importlib.util.find_spec(MODULES[request.param]) is None:
        pytest.skip(f"{request.param} is not installed")
    adapter = load_adapter(request.param)
    adapter.import_framework(None)
    adapter.set_track("strict_fp32")
    return adapter


@pytest.fixture(scope="module")
def expected():
    return reference.expected(WORKLOAD)


def proof_of(task, expected):
    placed = [task.place(entry.arrays()) for entry in workloads.input_sets(WORKLOAD)]
    return equal_work.prove(task, WORKLOAD, expected, placed, equal_work.TOLERANCE)[0]


def test_a_runtime_proves_equal_work_on_the_same_weights(runtime, expected):
    proof = proof_of(runtime.prepare(WORKLOAD, "", "cpu"), expected)
    assert proof.passed, proof.reason
    assert proof.max_rel_err < 2e-6
    assert proof.parameter_count == workloads.parameter_count(WORKLOAD)


def test_it_says_what_it_is_and_where_it_runs(runtime):
    assert runtime.version()[0].isdigit()
    (cpu,) = [one for one in runtime.devices() if one.device == "cpu"]
    assert cpu.operation_ran, cpu.reason
    assert runtime.settings()["image_layout"].startswith("channels_")


def test_it_takes_the_thread_plan_of_its_process(runtime, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert runtime.threads() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    assert runtime.threads() is None


@pytest.mark.parametrize("identifier", ["mlp_train", "cnn_train", "matrix_product", "triad"])
def test_what_is_no_inference_is_unsupported(runtime, identifier):
    with pytest.raises(Unsupported, match="runs finished models"):
        runtime.prepare(workloads.find(identifier), "", "cpu")


@pytest.mark.parametrize(("variant", "device"), [("eager", "cpu"), ("", "abacus"), ("", "tpu")])
def test_a_mode_or_device_that_is_not_there_is_unsupported(runtime, variant, device):
    with pytest.raises(Unsupported):
        runtime.prepare(WORKLOAD, variant, device)


def test_a_model_that_nobody_wrote_down_is_unsupported(runtime):
    task = runtime.prepare(WORKLOAD._replace(model="lstm"), "", "cpu")
    with pytest.raises(Unsupported, match="the lstm is not written down for"):
        task.load([numpy.zeros(1, numpy.float32)])


def transposed(array):
    return numpy.ascontiguousarray(numpy.swapaxes(array, -1, -2)) if array.ndim == 4 else array


def spoilt(number, change):
    """The weights with one of them changed."""
    weights = list(workloads.initial_parameters(WORKLOAD))
    weights[number] = change(weights[number]).astype(numpy.float32)
    return weights


WRONG_FILES = {
    "bias forgotten": lambda: spoilt(3, numpy.zeros_like),
    "transposed weight": lambda: spoilt(2, transposed),
    "weights of half precision": lambda: [
        one.astype(numpy.float16).astype(numpy.float32)
        for one in workloads.initial_parameters(WORKLOAD)
    ],
    "one weight off": lambda: spoilt(10, lambda one: one * 1.01),
    "channels in another order": lambda: spoilt(0, lambda one: one[:, ::-1]),
}


@pytest.mark.parametrize("fault", sorted(WRONG_FILES))
def test_a_file_with_other_weights_is_rejected(runtime, expected, fault):
    task = runtime.prepare(WORKLOAD, "", "cpu")
    weights = WRONG_FILES[fault]()
    load = task.load
    task.load = lambda parameters: load(weights)
    proof = proof_of(task, expected)
    assert not proof.passed
    assert "off by" in proof.reason


def test_a_model_that_keeps_its_first_answer_is_rejected(runtime, expected):
    task = runtime.prepare(WORKLOAD, "", "cpu")
    answers = []

    def step(inputs):
        answers.append(type(task).step(task, inputs))
        return answers[0]

    task.step = step
    assert "off by" in proof_of(task, expected).reason


def test_the_answers_of_another_type_are_rejected(runtime, expected):
    task = runtime.prepare(WORKLOAD, "", "cpu")
    task.numpy = lambda result: result.astype(numpy.float64)
    assert proof_of(task, expected).reason == "output in float64, not float32"


@pytest.mark.parametrize("operator", ["Relu", "Add", "AveragePool"])
def test_a_network_with_another_operator_is_rejected(expected, monkeypatch, operator):
    if importlib.util.find_spec("onnxruntime") is None:
        pytest.skip("onnxruntime is not installed")
    adapter = load_adapter("onnxruntime")
    adapter.import_framework(None)
    node = onnx_file.Graph.node

    def changed(graph, name, *inputs, **attributes):
        other = {"Relu": "Tanh", "Add": "Sub", "AveragePool": "MaxPool"}[operator]
        return node(graph, other if name == operator else name, *inputs, **attributes)

    monkeypatch.setattr(onnx_file.Graph, "node", changed)
    assert "off by" in proof_of(adapter.prepare(WORKLOAD, "", "cpu"), expected).reason


def test_the_same_weights_open_no_file_anew():
    opened = []

    def open_model(parameters):
        opened.append(parameters)
        return lambda samples: samples

    task = delivery.DeliveredTask(open_model, channels_last=False)
    weights = [numpy.ones((2, 3), numpy.float32), numpy.zeros(2, numpy.float32)]
    task.load(weights)
    task.load([one.copy() for one in weights])
    assert len(opened) == 1
    task.load([one + 1 for one in weights])
    task.load(weights[:1])
    assert len(opened) == 3


def test_without_weights_there_is_no_answer():
    task = delivery.DeliveredTask(lambda parameters: None, channels_last=False)
    with pytest.raises(Unsupported, match="none were loaded"):
        task.step(numpy.ones(1))


def test_the_onnx_file_is_what_its_own_checker_takes():
    checker = pytest.importorskip("onnx")
    file = onnx.network_file(WORKLOAD, workloads.initial_parameters(WORKLOAD))
    model = checker.load_from_string(file)
    checker.checker.check_model(model, full_check=True)
    (given,) = model.graph.input
    assert [one.dim_value for one in given.type.tensor_type.shape.dim] == [1, 3, 32, 32]
    kept = [checker.numpy_helper.to_array(one) for one in model.graph.initializer]
    for array, right in zip(kept, workloads.initial_parameters(WORKLOAD), strict=True):
        assert (array == right).all()


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, b"\x00"), (127, b"\x7f"), (300, b"\xac\x02"), (-1, b"\xff" * 9 + b"\x01")],
)
def test_whole_numbers_are_written_as_protocol_buffers_write_them(value, written):
    assert onnx_file.varint(value) == written


def test_an_attribute_of_each_type_comes_back_as_it_was():
    checker = pytest.importorskip("onnx")
    graph = onnx_file.Graph(onnx.OPSET, onnx.IR_VERSION)
    shape = graph.weight(onnx_file.shape_of(1, -1))
    flat = graph.node("Reshape", "samples", shape)
    graph.node("Gemm", flat, flat, alpha=0.5, transA=-1, equation="a", pads=[1, -2])
    model = checker.load_from_string(graph.file("samples", (1, 4), flat, (1, 4)))
    found = {
        one.name: checker.helper.get_attribute_value(one) for one in model.graph.node[1].attribute
    }
    assert found == {"alpha": 0.5, "transA": -1, "equation": b"a", "pads": [1, -2]}
    assert checker.numpy_helper.to_array(model.graph.initializer[0]).tolist() == [1, -1]


def test_no_runtime_asks_the_network(runtime, monkeypatch):
    def refused(*_, **__):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "create_connection", refused)
    monkeypatch.setattr(socket.socket, "connect", refused)
    task = runtime.prepare(WORKLOAD, "", "cpu")
    task.load(workloads.initial_parameters(WORKLOAD))
    task.step(task.place(workloads.input_sets(WORKLOAD)[0].arrays()))


def test_a_litert_file_begins_as_such_files_do():
    if importlib.util.find_spec("ai_edge_litert") is None:
        pytest.skip("litert is not installed")
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    file = litert.one_plus_one(schema, flatbuffers)
    assert file[4:8] == b"TFL3"


def found_out_by_aot_inductor():
    """The wrong weights taken for right ones; whether right ones are, before and after."""
    expected = reference.expected(WORKLOAD)
    adapter = load_adapter("pytorch")
    adapter.import_framework(None)
    adapter.set_track("strict_fp32")
    with pytest.raises(Unsupported, match="runs finished models"):
        adapter.prepare(workloads.find("mlp_train"), "aot_inductor", "cpu")
    task = adapter.prepare(WORKLOAD, "aot_inductor", "cpu")
    right_before = proof_of(task, expected).passed
    load, missed = task.load, []
    for fault in sorted(WRONG_FILES):
        weights = WRONG_FILES[fault]()
        task.load = lambda parameters, weights=weights: load(weights)
        if proof_of(task, expected).passed:
            missed.append(fault)
    task.load = load
    return missed, right_before, proof_of(task, expected).passed


@pytest.mark.slow
def test_aot_inductor_proves_equal_work_and_takes_new_weights():
    """In a process of its own, as in a worker: this one may hold other frameworks by now."""
    if importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as processes:
        assert processes.submit(found_out_by_aot_inductor).result() == ([], True, True)
