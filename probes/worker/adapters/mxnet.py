"""MXNet (retired): Gluon, hybridized.

A step is the documented loop: forward and loss under `autograd.record`, `backward`, `Trainer.step`.
Its engine is asynchronous on the processor too. Images are channels-first, its default.
"""

from __future__ import annotations

import os
from typing import Any, Sequence

from ..contract import STRICT, Device, Unsupported, nvidia_driver, try_device
from ..reference import TRIAD_FACTOR


class Adapter:
    def import_framework(self, backend: str | None) -> None:
        import mxnet

        self._mx = mxnet

    def version(self) -> str:
        return str(self._mx.__version__)

    def build(self) -> str | None:
        return "cuda" if self._has("CUDA") else "cpu"

    def _has(self, feature: str) -> bool:
        return bool(self._mx.runtime.Features().is_enabled(feature))

    def devices(self) -> list[Device]:
        mx = self._mx
        found = [try_device("cpu", True, True, lambda: self._try(mx.cpu()))]
        driver = nvidia_driver()
        if self._has("CUDA") or driver:
            found.append(
                try_device(
                    "nvidia_gpu",
                    driver,
                    self._has("CUDA"),
                    lambda: self._try(mx.gpu()),
                    "this build has no CUDA",
                )
            )
        return found

    def _try(self, context: Any) -> None:
        value = float((self._mx.nd.ones((1,), ctx=context) + 1).asnumpy()[0])
        if value != 2.0:
            raise ArithmeticError("1 + 1 gave {}".format(value))

    def threads(self) -> int | None:
        return None

    def settings(self) -> dict[str, str]:
        names = ("MKLDNN", "OPENMP", "BLAS_OPEN", "BLAS_MKL", "CUDNN")
        return {
            **{name.lower(): str(self._has(name)) for name in names},
            "image_layout": "channels_first",
        }

    def set_track(self, track: str) -> None:
        if track == STRICT and self._has("CUDA"):
            os.environ["MXNET_CUDA_ALLOW_TENSOR_CORE"] = "0"

    def prepare(self, workload: Any, variant: str, device: str) -> Task:
        if variant != "gluon":
            raise Unsupported("MXNet has no mode " + variant)
        if device not in ("cpu", "nvidia_gpu", "old_nvidia_gpu"):
            raise Unsupported("MXNet has no device for " + device)
        if workload.model not in ("product", "triad", "mlp", "cnn"):
            raise Unsupported("for MXNet, which is retired, only the basic workloads are written")
        return Task(self._mx, workload, self._mx.cpu() if device == "cpu" else self._mx.gpu())


class Task:
    """One workload, hybridized where it has a network."""

    def __init__(self, mx: Any, workload: Any, context: Any) -> None:
        self._mx = mx
        self._workload = workload
        self._context = context
        self._parameters: list[Any] = []
        self.step = self._train if workload.trains else self._compute
        if workload.model == "product":
            self._function: Any = mx.nd.dot
        elif workload.model == "triad":
            self._function = lambda left, right: left + TRIAD_FACTOR * right
        else:
            self._function = network_of(mx, workload)
            self._function.initialize(ctx=context)
            self._function.hybridize(static_alloc=True, static_shape=True)
            self._parameters = list(self._function.collect_params().values())
        if workload.trains:
            self._loss = mx.gluon.loss.SoftmaxCrossEntropyLoss()
            self._loss.hybridize(static_alloc=True, static_shape=True)
            self._trainer = mx.gluon.Trainer(
                self._function.collect_params(), "sgd", {"learning_rate": workload.learning_rate}
            )

    def _train(self, inputs: Any) -> Any:
        samples, labels = inputs
        with self._mx.autograd.record():
            loss = self._loss(self._function(samples), labels).mean()
        loss.backward()
        self._trainer.step(1)
        return loss

    def _compute(self, inputs: Any) -> Any:
        return self._function(*inputs)

    def load(self, parameters: Sequence[Any]) -> None:
        for own, given in zip(self._parameters, parameters):
            own.set_data(self._mx.nd.array(given, ctx=self._context))
        self._mx.nd.waitall()

    def parameters(self) -> list[Any]:
        return [value.data(self._context).asnumpy() for value in self._parameters]

    def parameter_count(self) -> int:
        total = 0
        for value in self._parameters:
            count = 1
            for extent in value.shape:
                count *= extent
            total += count
        return total

    def place(self, arrays: tuple[Any, ...]) -> Any:
        network = self._workload.model in ("mlp", "cnn")
        kept = arrays[:1] if network and not self._workload.trains else arrays
        tensors = [self._mx.nd.array(a, ctx=self._context, dtype=a.dtype) for a in kept]
        self._mx.nd.waitall()
        return tuple(tensors)

    def wait(self, result: Any) -> None:
        self._mx.nd.waitall()

    def numpy(self, result: Any) -> Any:
        value = result.asnumpy()
        return value.reshape(()) if self._workload.trains else value


def network_of(mx: Any, workload: Any) -> Any:
    """The model as a user would write it."""
    nn = mx.gluon.nn
    width = workload.width
    if workload.model == "mlp":
        sequence = nn.HybridSequential()
        sequence.add(
            nn.Dense(width, activation="relu", in_units=784),
            nn.Dense(width, activation="relu", in_units=width),
            nn.Dense(10, in_units=width),
        )
        return sequence
    Block: Any = mx.gluon.HybridBlock

    class Network(Block):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            before = (3, width, 2 * width, 2 * width, 4 * width)
            after = (width, 2 * width, 2 * width, 4 * width, 4 * width)
            with self.name_scope():
                convolutions = [
                    nn.Conv2D(outputs, 3, padding=1, in_channels=inputs, activation="relu")
                    for inputs, outputs in zip(before, after)
                ]
                self.stem, self.second, self.third, self.fourth, self.fifth = convolutions
                self.halve = nn.AvgPool2D(2)
                self.head = nn.Dense(10, in_units=4 * width)

        def hybrid_forward(self, functions: Any, images: Any) -> Any:
            x = self.second(self.halve(self.stem(images)))
            x = x + self.third(x)
            x = self.fourth(self.halve(x))
            x = x + self.fifth(x)
            return self.head(functions.mean(x, axis=(2, 3)))

    return Network()
