"""How each framework brings samples to a training step: its own loader over arrays in memory.

One pass over all samples is a step: each is taken by its number in an order drawn anew, changed as
`workloads.changed` says, and put into a batch. What comes out is held against every sample exactly
once. A framework's file builds its loader as its documentation does and takes the framework as an
argument; which one it is, its name says.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any, Sequence

import numpy

from ..contract import Adapter, TriesCapabilities, Unsupported
from ..reference import fingerprints


class LoaderTask:
    """One loader; `module` builds it and makes arrays of what it gives."""

    def __init__(self, module: Any, framework: Any, workload: Any) -> None:
        self._module = module
        self._framework = framework
        self._workload = workload

    def load(self, parameters: Sequence[Any]) -> None:
        """A loader learns nothing."""

    def parameters(self) -> list[Any]:
        return []

    def parameter_count(self) -> int:
        return 0

    def place(self, arrays: tuple[Any, ...]) -> Any:
        return self._module.loader(self._framework, *arrays, self._workload.batch)

    def step(self, inputs: Any) -> Any:
        # All that came is kept until it was looked at: some 25 MB.
        return list(inputs)

    def wait(self, result: Any) -> None:
        return  # a batch is there when the loader gives it

    def numpy(self, result: Any) -> Any:
        """For each sample its fingerprint, as often as it came."""
        came = numpy.zeros(self._workload.distinct)
        kinds = set()
        for batch in result:
            samples, numbers = self._module.arrays(batch)
            kinds.add(samples.dtype)
            numpy.add.at(came, numbers, fingerprints(samples))
        return came.astype(kinds.pop() if len(kinds) == 1 else float)


def prepare(adapter: Adapter, framework: str, workload: Any, device: str) -> LoaderTask:
    """The loader of a framework. Raises Unsupported where it has none of its own."""
    known = {module.name for module in pkgutil.iter_modules(__path__)}
    if framework not in known or not isinstance(adapter, TriesCapabilities):
        raise Unsupported(framework + " has no input pipeline of its own: another's is used")
    module = importlib.import_module(__name__ + "." + framework)
    return LoaderTask(module, adapter.tried(device)[0], workload)
