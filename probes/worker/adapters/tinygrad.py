"""tinygrad: a step under `TinyJit`, which replays the kernels of its second call.

A step is the documented loop: loss, `backward`, `SGD.step`. On a processor tinygrad compiles with
clang, which must be on PATH. Images are channels-first, its default. Tried by us on a processor.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from typing import Any, Sequence

from ..contract import Device, Unsupported, try_device
from ..networks.tinygrad import logits
from ..reference import TRIAD_FACTOR

BASIC = ("product", "triad", "mlp", "cnn")
NO_COMPILER = "on a processor it compiles with clang, and none is on PATH"


class Adapter:
    def import_framework(self, backend: str | None) -> None:
        import tinygrad
        import tinygrad.helpers
        import tinygrad.nn.optim

        self._tinygrad: Any = tinygrad

    def version(self) -> str:
        return str(importlib.metadata.version("tinygrad"))

    def build(self) -> str | None:
        return None  # it writes its kernels itself, for whatever is there

    def devices(self) -> list[Device]:
        return [try_device("cpu", True, True, self._try)]

    def _try(self) -> None:
        if not has_compiler():
            raise RuntimeError(NO_COMPILER)
        value = float((self._tinygrad.Tensor([1.0], device="CPU") + 1.0).numpy()[0])
        if value != 2.0:
            raise ArithmeticError("1 + 1 gave {}".format(value))

    def threads(self) -> int | None:
        return None

    def settings(self) -> dict[str, str]:
        return {"image_layout": "channels_first"}

    def set_track(self, track: str) -> None:
        """A processor computes float32 in float32 on both tracks."""

    def prepare(self, workload: Any, variant: str, device: str) -> Task:
        if variant != "jit":
            raise Unsupported("tinygrad has no mode " + variant)
        if device != "cpu":
            raise Unsupported("for tinygrad only the processor is written")
        if workload.model not in BASIC:
            raise Unsupported("for tinygrad only the basic workloads are written")
        if not has_compiler():
            raise Unsupported(NO_COMPILER)
        return Task(self._tinygrad, workload)


class Task:
    """One workload on the processor."""

    def __init__(self, tinygrad: Any, workload: Any) -> None:
        self._tinygrad = tinygrad
        self._workload = workload
        self._weights: list[Any] = []
        self._function: Any = None

    def _compiled(self) -> Any:
        """The step for the weights that are there; they are kept in place, so it is made once."""
        jit: Any = self._tinygrad.TinyJit
        if self._workload.model == "product":
            return jit(lambda left, right: (left @ right).realize())
        if self._workload.model == "triad":
            return jit(lambda left, right: (left + right * TRIAD_FACTOR).realize())
        model, weights = logits(self._workload), self._weights
        if not self._workload.trains:
            return jit(lambda samples: model(weights, samples).realize())
        optimizer = self._tinygrad.nn.optim.SGD(weights, lr=self._workload.learning_rate)

        def train(samples: Any, labels: Any) -> Any:
            optimizer.zero_grad()
            loss = model(weights, samples).sparse_categorical_crossentropy(labels)
            loss.backward()
            return loss.realize(*optimizer.schedule_step())

        context = self._tinygrad.helpers.Context

        def step(samples: Any, labels: Any) -> Any:
            with context(TRAINING=1):
                return train(samples, labels)

        return jit(step)

    def load(self, parameters: Sequence[Any]) -> None:
        if not self._weights:
            self._weights = [self._put(one) for one in parameters]
            return
        for own, given in zip(self._weights, parameters):
            own.assign(self._put(given)).realize()
        self._synchronize()

    def parameters(self) -> list[Any]:
        return [one.numpy().copy() for one in self._weights]

    def parameter_count(self) -> int:
        return sum(int(one.numel()) for one in self._weights)

    def place(self, arrays: tuple[Any, ...]) -> Any:
        network = self._workload.model in ("mlp", "cnn")
        kept = arrays[:1] if network and not self._workload.trains else arrays
        return tuple(
            self._put(one.astype("int32") if one.dtype.kind == "i" else one) for one in kept
        )

    def _put(self, array: Any) -> Any:
        return self._tinygrad.Tensor(array.copy(), device="CPU").contiguous().realize()

    def step(self, inputs: Any) -> Any:
        if self._function is None:
            self._function = self._compiled()
        result = self._function(*inputs)
        # A replay writes each loss where the one before was: it is read before the next.
        return result.numpy().copy() if self._workload.trains else result

    def _synchronize(self) -> None:
        self._tinygrad.Device["CPU"].synchronize()

    def wait(self, result: Any) -> None:
        self._synchronize()

    def numpy(self, result: Any) -> Any:
        return result if self._workload.trains else result.numpy()


def has_compiler() -> bool:
    """Whether there is what tinygrad hands its kernels to."""
    return shutil.which(os.environ.get("CC", "clang")) is not None
