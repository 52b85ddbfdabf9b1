"""What all runtimes share that run finished models: the weights are in the model's file.

Knows no runtime: an adapter says how a file is opened, and this makes a task of it.
"""

from __future__ import annotations

import os
from typing import Any, Callable, Sequence

import numpy

from .contract import Unsupported

Call = Callable[[Any], Any]
"""From samples to the model's output, over when it returns."""


class DeliveredTask:
    """A workload's model in a runtime, from arrays of this process to arrays of this process."""

    def __init__(self, open_model: Callable[[Sequence[Any]], Call], channels_last: bool) -> None:
        self._open_model = open_model
        self._channels_last = channels_last
        self._weights: tuple[Any, ...] = ()
        self._call: Call = never_loaded

    def load(self, parameters: Sequence[Any]) -> None:
        # Opening a file is a compilation in some runtimes: not again for what is there.
        if len(parameters) != len(self._weights) or not all(
            map(numpy.array_equal, parameters, self._weights)
        ):
            self._weights = tuple(numpy.array(one) for one in parameters)
            self._call = self._open_model(self._weights)

    def parameters(self) -> list[Any]:
        return [one.copy() for one in self._weights]

    def parameter_count(self) -> int:
        return sum(int(one.size) for one in self._weights)

    def place(self, arrays: tuple[Any, ...]) -> Any:
        # Labels are for training only.
        samples = arrays[0]
        if self._channels_last and samples.ndim == 4:
            samples = samples.transpose(0, 2, 3, 1)
        return numpy.ascontiguousarray(samples)

    def step(self, inputs: Any) -> Any:
        return self._call(inputs)

    def wait(self, result: Any) -> None:
        return  # the answer is an array of this process, as a server hands it on

    def numpy(self, result: Any) -> Any:
        return result


def never_loaded(samples: Any) -> Any:
    raise Unsupported("a runtime has no weights of its own; none were loaded")


def require_finished(name: str, workload: Any) -> None:
    """Raises Unsupported for what no runtime of finished models does."""
    if workload.purpose != "inference":
        raise Unsupported(name + " runs finished models: it neither trains nor computes else")


def require_file(file: bytes | None, name: str, workload: Any) -> bytes:
    """Raises Unsupported where nobody has written a model down for a runtime."""
    if file is None:
        raise Unsupported("the {} is not written down for {}".format(workload.model, name))
    return file


def planned_threads() -> int | None:
    """The thread plan of this process, which a runtime with a pool of its own must be told."""
    planned = os.environ.get("OMP_NUM_THREADS", "")
    return int(planned) if planned.isdigit() and int(planned) > 0 else None
