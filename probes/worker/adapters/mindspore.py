"""MindSpore: layers and an optimizer, step by step (`pynative`) or as one graph (`graph`, by jit).

A step is the documented loop: `value_and_grad` of the forward pass over the trainable parameters,
then the optimizer. Images are channels-first, its default. Tried by us on a processor under Linux;
for Ascend nothing was tried.
"""

from __future__ import annotations

import os
from typing import Any, Callable, Sequence

from ..contract import Device, Unsupported, try_device
from ..networks.mindspore import network_of
from ..reference import TRIAD_FACTOR

BASIC = ("product", "triad", "mlp", "cnn")
PLACES = {"cpu": "CPU", "ascend": "Ascend"}


class Adapter:
    def import_framework(self, backend: str | None) -> None:
        import mindspore

        self._ms = mindspore

    def version(self) -> str:
        return str(self._ms.__version__)

    def build(self) -> str | None:
        return None

    def devices(self) -> list[Device]:
        found = [try_device("cpu", True, True, lambda: self._try("cpu"))]
        if os.path.exists("/dev/davinci_manager"):
            found.append(try_device("ascend", True, True, lambda: self._try("ascend")))
        return found

    def _try(self, device: str) -> None:
        self._ms.set_device(PLACES[device])
        one = self._ms.ops.ones((1,), self._ms.float32)
        value = float((one + 1.0).asnumpy()[0])
        if value != 2.0:
            raise ArithmeticError("1 + 1 gave {}".format(value))

    def threads(self) -> int | None:
        return None  # it follows OMP_NUM_THREADS and tells no one

    def settings(self) -> dict[str, str]:
        return {"image_layout": "channels_first"}

    def set_track(self, track: str) -> None:
        """A processor computes float32 in float32 on both tracks."""

    def prepare(self, workload: Any, variant: str, device: str) -> Task:
        if variant not in ("pynative", "graph"):
            raise Unsupported("MindSpore has no mode " + variant)
        if device not in PLACES:
            raise Unsupported("MindSpore has no device for " + device)
        if workload.model not in BASIC:
            raise Unsupported("for MindSpore only the basic workloads are written")
        self._ms.set_device(PLACES[device])
        compiler = self._ms.jit if variant == "graph" else lambda function: function
        return Task(self._ms, workload, compiler)


class Task:
    """One workload; the step is chosen once, so that no branch is timed."""

    def __init__(self, ms: Any, workload: Any, compiler: Callable[[Any], Any]) -> None:
        self._ms = ms
        self._workload = workload
        self._parameters: list[Any] = []
        network = network_of(ms, workload)
        if network is not None:
            self._parameters = list(network.trainable_params())
        if workload.trains:
            network.set_train()
            optimizer = ms.nn.SGD(self._parameters, learning_rate=workload.learning_rate)
            cross_entropy = ms.ops.cross_entropy

            def loss_of(samples: Any, labels: Any) -> Any:
                return cross_entropy(network(samples), labels)

            with_gradients = ms.value_and_grad(loss_of, None, optimizer.parameters)

            def train(samples: Any, labels: Any) -> Any:
                loss, gradients = with_gradients(samples, labels)
                optimizer(gradients)
                return loss

            self._function = compiler(train)
        else:
            if network is not None:
                network.set_train(False)
            self._function = compiler(output_function(ms, workload, network))

    def load(self, parameters: Sequence[Any]) -> None:
        for own, given in zip(self._parameters, parameters):
            # In place: a graph goes on with the memory that it was compiled with.
            self._ms.ops.assign(own, self._ms.Tensor(given.copy()))

    def parameters(self) -> list[Any]:
        return [own.asnumpy().copy() for own in self._parameters]

    def parameter_count(self) -> int:
        return sum(int(own.size) for own in self._parameters)

    def place(self, arrays: tuple[Any, ...]) -> Any:
        labelled = self._workload.trains or not self._parameters
        kept = arrays if labelled else arrays[:1]
        # Labels as 32 bits, which is what its losses take.
        return tuple(
            self._ms.Tensor(one.astype("int32") if one.dtype.kind == "i" else one.copy())
            for one in kept
        )

    def step(self, inputs: Any) -> Any:
        result = self._function(*inputs)
        # A graph writes each loss where the one before was: it is read before the next.
        return result.asnumpy().copy() if self._workload.trains else result

    def wait(self, result: Any) -> None:
        # Operations go to another thread, in order, and its `synchronize` knows no processor:
        # what comes last has come when it can be read.
        last = self._parameters[-1] if self._workload.trains else result
        last.asnumpy()

    def numpy(self, result: Any) -> Any:
        return result if self._workload.trains else result.asnumpy()


def output_function(ms: Any, workload: Any, network: Any) -> Callable[..., Any]:
    """Written as functions with names: its compiler reads their source, and no lambda's."""

    def product(left: Any, right: Any) -> Any:
        return ms.ops.matmul(left, right)

    def triad(left: Any, right: Any) -> Any:
        return left + TRIAD_FACTOR * right

    def infer(samples: Any) -> Any:
        return network(samples)

    return {"product": product, "triad": triad}.get(workload.model, infer)
