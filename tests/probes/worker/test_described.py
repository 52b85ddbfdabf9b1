"""A framework that is only tried says so when somebody wants a time of it."""

import pytest

from probes.worker import workloads
from probes.worker.adapters.tinygrad import NO_COMPILER
from probes.worker.contract import Unsupported, load_adapter


@pytest.mark.parametrize("framework", ["oneflow", "theano"])
def test_what_is_only_tried_is_not_timed(framework):
    adapter = load_adapter(framework)
    with pytest.raises(Unsupported, match="not timed"):
        adapter.prepare(None, "eager", "cpu")
    assert adapter.threads() is None
    assert adapter.settings() == {}


@pytest.mark.parametrize("framework", ["oneflow", "theano", "tinygrad", "mlx", "mindspore"])
def test_what_is_not_there_fails_at_its_import(framework):
    with pytest.raises(ImportError):
        load_adapter(framework).import_framework(None)


def test_without_its_compiler_a_framework_says_what_is_missing(monkeypatch):
    adapter = load_adapter("tinygrad")
    adapter._tinygrad = None
    monkeypatch.setenv("CC", "no-such-compiler")
    (cpu,) = adapter.devices()
    assert cpu.operation_ran is False
    assert cpu.reason == "RuntimeError: " + NO_COMPILER
    with pytest.raises(Unsupported, match="none is on PATH"):
        adapter.prepare(workloads.find("mlp_train"), "jit", "cpu")
