"""Keras on each of its backends, by Keras' own compiled step.

Training is `train_on_batch` and inference `predict_on_batch` of a compiled model, on tensors that
are on the device already: what `fit` and `predict` run inside, without their loop, callbacks and
data handling. A hand-written step per backend would measure the backend, which has its own modes;
what Keras adds on top is the point here. `jit_compile` is left at `auto`, as users leave it. Images
are channels-last, Keras' default.
"""

from __future__ import annotations

import contextlib
import os
from typing import Any, Sequence

import numpy

from ..capabilities.keras import CHECKS
from ..contract import Adapter as Contract
from ..contract import Device, Unsupported, load_adapter
from ..networks.keras import model_of, variables_of
from ..networks.layouts import to_canonical, to_own
from ..workloads import takes_images

OWN_ADAPTERS = {"torch": "pytorch", "tensorflow": "tensorflow", "jax": "jax"}


class Adapter:
    def import_framework(self, backend: str | None) -> None:
        if backend is not None:
            os.environ["KERAS_BACKEND"] = backend
        # Its file in the home folder is read, never written, by the import.
        import keras

        self._keras = keras
        self._backend = str(keras.backend.backend())
        self._below: Contract | None = None
        if self._backend in OWN_ADAPTERS:
            self._below = load_adapter(OWN_ADAPTERS[self._backend])
            self._below.import_framework(None)

    def version(self) -> str:
        return str(self._keras.__version__)

    def build(self) -> str | None:
        below = self._below
        return self._backend + (" " + below.version() if below is not None else "")

    def devices(self) -> list[Device]:
        return self._below.devices() if self._below is not None else []

    def threads(self) -> int | None:
        return self._below.threads() if self._below is not None else None

    def settings(self) -> dict[str, str]:
        keras = self._keras
        own = {
            "backend": self._backend,
            "floatx": str(keras.config.floatx()),
            "dtype_policy": str(keras.config.dtype_policy().name),
            "training_step": "train_on_batch",
            "image_layout": "channels_last",
        }
        return {**(self._below.settings() if self._below is not None else {}), **own}

    def set_track(self, track: str) -> None:
        if self._below is not None:
            self._below.set_track(track)

    def tried(self, device: str) -> tuple[Any, Any, dict[tuple[str, str], Any]]:
        # Keras takes an accelerator by itself where there is one.
        return self._keras, None, CHECKS

    def prepare(self, workload: Any, variant: str, device: str) -> Task:
        if variant != self._backend:
            raise Unsupported(
                "Keras runs on {} in this process, not on {}".format(self._backend, variant)
            )
        if workload.model in ("product", "triad"):
            raise Unsupported("a {} is the backend's own operation".format(workload.model))
        usable = {entry.device for entry in self.devices() if entry.operation_ran}
        if device not in usable:
            raise Unsupported("Keras on {} cannot use {}".format(variant, device))
        # Keras takes an accelerator by itself where there is one; only the processor must be asked
        # for then.
        scope = device == "cpu" and len(usable) > 1
        return Task(self._keras, workload, "cpu:0" if scope else None)


class Task:
    """One workload on Keras' backend."""

    def __init__(self, keras: Any, workload: Any, scope: str | None) -> None:
        self._keras = keras
        self._workload = workload
        self._scope = scope
        self._count = 0
        self._mean = 0.0
        with self._on_device():
            self._model = model_of(keras, workload)
            self._variables = variables_of(self._model, workload)
            if workload.trains:
                self._model.compile(
                    optimizer=keras.optimizers.SGD(workload.learning_rate),
                    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
                )
            else:
                self._model.compile()
        self._step = self._train if workload.trains else self._infer

    def _on_device(self) -> Any:
        if self._scope is None:
            return contextlib.nullcontext()
        return self._keras.device(self._scope)

    def load(self, parameters: Sequence[Any]) -> None:
        own = to_own(self._workload, parameters)
        for variable, array in zip(self._variables, own):
            # Attention's weights are told apart by head: (inputs, heads, width of a head).
            variable.assign(array.reshape(variable.shape))
        self._model.reset_metrics()
        self._count = 0
        self._mean = 0.0

    def parameters(self) -> list[Any]:
        to_numpy = self._keras.ops.convert_to_numpy
        arrays = [to_numpy(variable) for variable in self._variables]
        return [numpy.array(array) for array in to_canonical(self._workload, arrays)]

    def parameter_count(self) -> int:
        # Without the running averages of norms, which are not learnt.
        return sum(int(numpy.prod(one.shape)) for one in self._model.trainable_variables)

    def place(self, arrays: tuple[Any, ...]) -> Any:
        first, *rest = arrays
        if takes_images(self._workload):
            first = first.transpose(0, 2, 3, 1)
        if not self._workload.trains:
            rest = []
        with self._on_device():
            return tuple(
                self._keras.ops.convert_to_tensor(numpy.ascontiguousarray(array))
                for array in (first, *rest)
            )

    def step(self, inputs: Any) -> Any:
        with self._on_device():
            return self._step(inputs)

    def _train(self, inputs: Any) -> Any:
        before = self._mean, self._count
        self._mean = self._model.train_on_batch(*inputs)
        self._count += 1
        return (self._mean, *before)

    def _infer(self, inputs: Any) -> Any:
        return self._model.predict_on_batch(inputs[0])

    def wait(self, result: Any) -> None:
        # `train_on_batch` gives a plain number, `predict_on_batch` an array: both have waited.
        return

    def numpy(self, result: Any) -> Any:
        if not self._workload.trains:
            return numpy.asarray(self._keras.ops.convert_to_numpy(result))
        # Keras gives the mean since its metrics were reset. A fetched loss resets them, so that in
        # the proof it is the batch's own, and timed steps do nothing extra.
        mean, mean_before, count = result
        self._model.reset_metrics()
        self._count = 0
        self._mean = 0.0
        loss = (count + 1) * float(mean) - count * float(mean_before)
        return numpy.asarray(loss, dtype=numpy.float32)
