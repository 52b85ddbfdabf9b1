"""A framework that is only tried says so when somebody wants a time of it."""

import pytest

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
