"""MLX: a whole training step as one function of the weights, evaluated each step.

`eager` builds the graph of a step anew each time, `compiled` takes it from `mlx.core.compile`. MLX
computes when it is told to (`eval`), which each step does. Images are channels-last, its only
layout. On Linux its processor build was tried by us; Apple's GPU was not.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Sequence

import numpy

from ..contract import Device, Unsupported, nvidia_driver, try_device
from ..networks.mlx import logits, to_canonical, to_own
from ..reference import TRIAD_FACTOR

GPUS = ("apple_silicon", "nvidia_gpu", "old_nvidia_gpu")


class Adapter:
    def import_framework(self, backend: str | None) -> None:
        import mlx.core
        import mlx.nn

        self._mx = mlx.core
        self._nn = mlx.nn

    def version(self) -> str:
        return str(self._mx.__version__)

    def build(self) -> str | None:
        if self._metal():
            return "metal"
        return "cuda" if self._gpu() else "cpu"

    def _metal(self) -> bool:
        return bool(self._mx.metal.is_available())

    def _gpu(self) -> bool:
        is_available = getattr(self._mx, "is_available", None)
        return bool(is_available(self._mx.gpu)) if is_available else self._metal()

    def devices(self) -> list[Device]:
        found = [try_device("cpu", True, True, partial(self._try, self._mx.cpu))]
        if self._metal():
            run = partial(self._try, self._mx.gpu)
            found.append(try_device("apple_silicon", True, True, run))
        elif self._gpu() or nvidia_driver():
            found.append(
                try_device(
                    "nvidia_gpu",
                    nvidia_driver(),
                    self._gpu(),
                    partial(self._try, self._mx.gpu),
                    "this build has no CUDA: mlx[cuda] brings it",
                )
            )
        return found

    def _try(self, device: Any) -> None:
        with self._mx.stream(device):
            value = float((self._mx.ones(1) + 1.0).item())
        if value != 2.0:
            raise ArithmeticError("1 + 1 gave {}".format(value))

    def threads(self) -> int | None:
        return None  # it tells no one

    def settings(self) -> dict[str, str]:
        return {"image_layout": "channels_last"}

    def set_track(self, track: str) -> None:
        """A processor computes float32 in float32 on both tracks; of Apple's GPU we know no other
        way."""

    def prepare(self, workload: Any, variant: str, device: str) -> Task:
        if variant not in ("eager", "compiled"):
            raise Unsupported("MLX has no mode " + variant)
        if device != "cpu" and not (device in GPUS and self._gpu()):
            raise Unsupported("MLX has no device for " + device)
        place = self._mx.cpu if device == "cpu" else self._mx.gpu
        compiler = self._mx.compile if variant == "compiled" else lambda function: function
        return Task(self._mx, self._nn, workload, place, compiler)


class Task:
    """One workload; weights and inputs are arguments of what is compiled."""

    def __init__(
        self,
        mx: Any,
        nn: Any,
        workload: Any,
        place: Any,
        compiler: Callable[[Any], Any],
    ) -> None:
        self._mx = mx
        self._nn = nn
        self._place = place
        self._workload = workload
        self._weights: list[Any] = []
        if workload.trains:
            self._function = compiler(self._train_function())
            self.step = self._train
        elif workload.model == "product":
            self._function = compiler(mx.matmul)
            self.step = self._compute
        elif workload.model == "triad":
            self._function = compiler(lambda left, right: left + TRIAD_FACTOR * right)
            self.step = self._compute
        else:
            self._function = compiler(logits(mx, nn, workload))
            self.step = self._infer

    def _train_function(self) -> Callable[..., Any]:
        logits_of = logits(self._mx, self._nn, self._workload)
        rate = self._workload.learning_rate
        cross_entropy = self._nn.losses.cross_entropy

        def loss_of(weights: Any, samples: Any, labels: Any) -> Any:
            return cross_entropy(logits_of(weights, samples), labels, reduction="mean")

        with_gradients = self._mx.value_and_grad(loss_of)

        def train(weights: Any, samples: Any, labels: Any) -> Any:
            loss, gradients = with_gradients(weights, samples, labels)
            return [w - rate * g for w, g in zip(weights, gradients)], loss

        return train

    def load(self, parameters: Sequence[Any]) -> None:
        self._weights = [self._put(array) for array in to_own(self._workload, parameters)]

    def parameters(self) -> list[Any]:
        return to_canonical(self._workload, [self.numpy(weight) for weight in self._weights])

    def parameter_count(self) -> int:
        return sum(int(weight.size) for weight in self._weights)

    def place(self, arrays: tuple[Any, ...]) -> Any:
        first, *rest = arrays
        if self._workload.model == "cnn":
            first = first.transpose(0, 2, 3, 1)
        labelled = self._workload.trains or self._workload.model in ("product", "triad")
        return tuple(self._put(array) for array in (first, *(rest if labelled else ())))

    def _put(self, array: Any) -> Any:
        with self._mx.stream(self._place):
            placed = self._mx.array(array.copy())
            self._mx.eval(placed)
        return placed

    def _train(self, inputs: Any) -> Any:
        with self._mx.stream(self._place):
            self._weights, loss = self._function(self._weights, *inputs)
            self._mx.eval(self._weights, loss)
        return loss

    def _infer(self, inputs: Any) -> Any:
        with self._mx.stream(self._place):
            output = self._function(self._weights, *inputs)
            self._mx.eval(output)
        return output

    def _compute(self, inputs: Any) -> Any:
        with self._mx.stream(self._place):
            output = self._function(*inputs)
            self._mx.eval(output)
        return output

    def wait(self, result: Any) -> None:
        return  # `eval` returns when all of it is there

    def numpy(self, result: Any) -> Any:
        return numpy.array(result)
