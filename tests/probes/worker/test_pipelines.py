"""A loader counts when every sample comes exactly once and changed as asked, in whatever order."""

from types import SimpleNamespace

import numpy
import pytest

from probes.worker import equal_work, pipelines, reference, workloads
from probes.worker.contract import Unsupported

WORKLOAD = workloads.find("input_pipeline")._replace(distinct=300)


def loading(fault=None):
    """A loader written in numpy, with at most one fault."""

    def loader(framework, samples, labels, batch):
        return Loader(samples, batch, fault)

    return SimpleNamespace(loader=loader, arrays=lambda batch: batch)


class Loader:
    def __init__(self, samples, batch, fault):
        self._samples, self._batch, self._fault = samples, batch, fault
        self._random = numpy.random.RandomState(1)

    def __iter__(self):
        order = self._random.permutation(len(self._samples))
        if self._fault == "the last batch left out":
            order = order[: len(order) // self._batch * self._batch]
        if self._fault == "one sample twice":
            order = numpy.append(order, order[0])
        if self._fault == "one sample in the place of another":
            order[0] = order[1]
        for start in range(0, len(order), self._batch):
            numbers = order[start : start + self._batch]
            yield numpy.stack([self._changed(one) for one in numbers]), numbers

    def _changed(self, number):
        if self._fault == "samples not changed":
            return self._samples[number]
        if self._fault == "none mirrored":
            return workloads.changed(self._samples[number], 0)
        sample = workloads.changed(self._samples[number], number)
        return sample.astype(numpy.float64) if self._fault == "float64" else sample


def proof_of(fault):
    task = pipelines.LoaderTask(loading(fault), None, WORKLOAD)
    placed = [task.place(entry.arrays()) for entry in workloads.input_sets(WORKLOAD)]
    expected = reference.expected(WORKLOAD)
    return equal_work.prove(task, WORKLOAD, expected, placed, equal_work.TOLERANCE)[0]


def test_every_sample_once_in_a_new_order_each_time_is_the_work():
    assert proof_of(None).passed


@pytest.mark.parametrize(
    "fault",
    [
        "the last batch left out",
        "one sample twice",
        "one sample in the place of another",
        "samples not changed",
        "none mirrored",
        "float64",
    ],
)
def test_anything_else_is_not(fault):
    proof = proof_of(fault)
    assert not proof.passed
    assert proof.reason


def test_every_other_sample_comes_mirrored():
    sample = numpy.arange(6, dtype=numpy.float32).reshape(1, 2, 3)
    numpy.testing.assert_array_equal(workloads.changed(sample, 2)[0, 0], [-0.125, 0.375, 0.875])
    numpy.testing.assert_array_equal(workloads.changed(sample, 3)[0, 0], [0.875, 0.375, -0.125])


@pytest.mark.parametrize("framework", ["jax", "keras", "serve"])
def test_a_framework_without_a_loader_says_so(framework):
    with pytest.raises(Unsupported, match="no input pipeline of its own"):
        pipelines.prepare(SimpleNamespace(), framework, WORKLOAD, "cpu")
