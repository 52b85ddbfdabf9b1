"""What people argue about, tried in real workers; and the judges against wrong answers."""

import importlib.util
from types import SimpleNamespace

import numpy
import pytest

from probes.catalogue import load_catalogue
from probes.worker import capabilities, determinism, workloads
from probes.worker.capabilities import FAILS, IN_PART, WORKS

MODULES = {"pytorch": "torch", "paddlepaddle": "paddle"}
# As of the tested versions; a later one may do better, and this says when.
EXPECTED = {
    ("pytorch/compiled", "dynamic_control_flow"): IN_PART,
    ("pytorch/compiled", "variable_shapes"): WORKS,
    ("tensorflow/graph", "dynamic_control_flow"): WORKS,
    ("tensorflow/graph", "variable_shapes"): IN_PART,
    ("tensorflow/xla", "dynamic_control_flow"): WORKS,
    ("tensorflow/xla", "variable_shapes"): IN_PART,
    ("jax/jit", "dynamic_control_flow"): IN_PART,
    ("jax/jit", "variable_shapes"): IN_PART,
    ("jax/jit", "save_and_load"): IN_PART,
    ("paddlepaddle/static", "dynamic_control_flow"): WORKS,
    ("paddlepaddle/static", "variable_shapes"): IN_PART,
    # On a processor auto_cast says that it makes no effect.
    ("paddlepaddle/eager", "mixed_precision"): FAILS,
}
WORKERS = sorted(
    {
        (framework.id, mode.backend)
        for framework in load_catalogue().frameworks
        for mode in framework.modes
        if mode.checks
    },
    key=str,
)


@pytest.mark.frameworks
@pytest.mark.slow
@pytest.mark.parametrize(("framework", "backend"), WORKERS)
def test_each_capability_is_tried_and_comes_out_as_recorded(
    start_worker, framework, backend, tmp_path
):
    for name in filter(None, (framework, backend)):
        if importlib.util.find_spec(MODULES.get(name, name)) is None:
            pytest.skip(f"{name} is not installed")
    worker = start_worker(environment={"KERAS_HOME": str(tmp_path)}, cwd=tmp_path)
    more = {"backend": backend} if backend else {}
    assert worker.ask("import", framework=framework, **more)["type"] == "result"
    for mode in load_catalogue().framework(framework).modes:
        if mode.backend != backend:
            continue
        for capability in mode.checks:
            found = worker.ask("check", mode=mode.id, capability=capability, device="cpu")
            assert found["type"] == "result", found
            wanted = EXPECTED.get((mode.id, capability), WORKS)
            assert found["state"] == wanted, (mode.id, capability, found)
            assert 10 < len(found["note"]) < 200
    assert worker.close()[0] == 0
    assert list(tmp_path.glob("*.pt")) == []


@pytest.mark.frameworks
def test_an_unknown_capability_is_unsupported(start_worker):
    if importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed")
    worker = start_worker()
    worker.ask("import", framework="pytorch")
    reply = worker.ask("check", mode="pytorch/eager", capability="telepathy", device="cpu")
    assert (reply["type"], reply["kind"]) == ("error", "unsupported")


@pytest.mark.parametrize(
    ("seen", "state"), [(1.0, WORKS), (1.02, WORKS), (1.2, FAILS), (float("nan"), FAILS)]
)
def test_a_loss_in_half_precision_must_be_near_the_full_one(seen, state):
    assert capabilities.within(seen, 1.0).state == state


def test_a_compilation_for_each_length_is_a_price():
    assert capabilities.traced(7, "pad").state == IN_PART
    assert capabilities.traced(2, "pad")[:2] == (WORKS, "7 lengths took 2 compilations")


class Drifting:
    """An adapter whose training depends on how often it was asked, where told so."""

    def __init__(self, drift):
        self.drift, self.times = numpy.float32(drift), 0

    def prepare(self, workload, variant, device):
        self.weights = workloads.initial_parameters(workload)
        return SimpleNamespace(
            place=lambda arrays: arrays,
            load=self.load,
            step=lambda inputs: None,
            wait=lambda result: None,
            parameters=lambda: [
                one + numpy.float32(self.drift * self.times) for one in self.weights
            ],
        )

    def load(self, parameters):
        self.times += 1


def test_other_last_bits_in_a_second_training_are_seen():
    assert determinism.check(Drifting(0.0), "eager", "cpu").state == WORKS
    found = determinism.check(Drifting(1e-6), "eager", "cpu")
    assert found.state == IN_PART
    assert "other last bits" in found.note
