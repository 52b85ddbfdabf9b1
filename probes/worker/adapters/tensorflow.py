"""TensorFlow: eager, graph (`tf.function`) and XLA (`tf.function(jit_compile=True)`).

A step is the documented custom loop: forward and loss under a gradient tape, `assign_sub` on the
variables; as a graph all of it is one function. Images are in channels-last layout, the only one
that its convolutions have on a processor.
"""

from __future__ import annotations

import os
from typing import Any, Callable, Sequence

import numpy

from ..capabilities.tensorflow import CHECKS
from ..contract import STRICT, Device, Unsupported, nvidia_driver, nvidia_id, try_device
from ..networks.layouts import to_canonical, to_own
from ..networks.tensorflow import logits
from ..reference import TRIAD_FACTOR
from ..workloads import parameters_of, takes_images

PLACES = {"cpu": "/CPU:0", "nvidia_gpu": "/GPU:0", "old_nvidia_gpu": "/GPU:0", "amd_gpu": "/GPU:0"}
VARIANTS = ("eager", "graph", "xla")


class Adapter:
    def import_framework(self, backend: str | None) -> None:
        import tensorflow

        self._tf = tensorflow
        for gpu in tensorflow.config.list_physical_devices("GPU"):
            tensorflow.config.experimental.set_memory_growth(gpu, True)
        self._tf32 = bool(tensorflow.config.experimental.tensor_float_32_execution_enabled())

    def version(self) -> str:
        return str(self._tf.__version__)

    def build(self) -> str | None:
        information = self._tf.sysconfig.get_build_info()
        if information.get("is_cuda_build"):
            return "cuda " + str(information.get("cuda_version", ""))
        return "rocm" if information.get("is_rocm_build") else "cpu"

    def devices(self) -> list[Device]:
        tf = self._tf
        found = [try_device("cpu", True, True, lambda: self._try("CPU"))]
        built = bool(tf.test.is_built_with_cuda())
        gpus = tf.config.list_physical_devices("GPU")
        if built or nvidia_driver():
            device = "nvidia_gpu"
            if gpus:
                details = tf.config.experimental.get_device_details(gpus[0])
                device = nvidia_id(*details.get("compute_capability", (9, 0)))
            missing = "this build has no CUDA"
            found.append(
                try_device(device, nvidia_driver(), built, lambda: self._try("GPU"), missing)
            )
        return found

    def _try(self, kind: str) -> None:
        tf = self._tf
        if not tf.config.list_logical_devices(kind):
            raise RuntimeError("TensorFlow opened no {}; a CUDA library is missing".format(kind))
        with tf.device("/{}:0".format(kind)):
            value = tf.ones([1]) + 1.0
        # Placement is soft: an operation that a device cannot do moves to the processor silently.
        if kind not in value.device or float(value.numpy()[0]) != 2.0:
            raise ArithmeticError("1 + 1 gave {} on {}".format(value.numpy(), value.device))

    def threads(self) -> int | None:
        # Zero means that TensorFlow takes as many as it finds processors.
        return int(self._tf.config.threading.get_intra_op_parallelism_threads()) or None

    def settings(self) -> dict[str, str]:
        tf = self._tf
        return {
            "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default"),
            "intra_op_threads": str(tf.config.threading.get_intra_op_parallelism_threads()),
            "inter_op_threads": str(tf.config.threading.get_inter_op_parallelism_threads()),
            "tf32": str(self._tf32),
            "image_layout": "channels_last",
        }

    def set_track(self, track: str) -> None:
        enabled = False if track == STRICT else self._tf32
        self._tf.config.experimental.enable_tensor_float_32_execution(enabled)

    def peak_device_bytes(self, device: str, *, start: bool) -> int | None:
        if start:
            self._tf.config.experimental.reset_memory_stats("GPU:0")
        return int(self._tf.config.experimental.get_memory_info("GPU:0")["peak"])

    def tried(self, device: str) -> tuple[Any, Any, dict[tuple[str, str], Any]]:
        return self._tf, PLACES[device], CHECKS

    def prepare(self, workload: Any, variant: str, device: str) -> Task:
        if variant not in VARIANTS:
            raise Unsupported("TensorFlow has no mode " + variant)
        if device not in PLACES:
            raise Unsupported("TensorFlow has no device for " + device)
        return Task(self._tf, workload, PLACES[device], variant)


class Task:
    """One workload in one mode."""

    def __init__(self, tf: Any, workload: Any, place: str, variant: str) -> None:
        self._tf = tf
        self._place = place
        self._workload = workload
        self._on_gpu = "GPU" in place
        self._variables: list[Any] = []
        with tf.device(place):
            function = self._train_function() if workload.trains else self._output_function()
        if variant == "graph":
            function = tf.function(function)
        elif variant == "xla":
            function = tf.function(function, jit_compile=True)
        self._function = function

    def _train_function(self) -> Callable[..., Any]:
        tf, variables = self._tf, self._variables
        logits_of = logits(tf, self._workload, variables)
        rate = self._workload.learning_rate
        cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits

        def train(samples: Any, labels: Any) -> Any:
            with tf.GradientTape() as tape:
                losses = cross_entropy(labels=labels, logits=logits_of(samples))
                loss = tf.reduce_mean(losses)
            for variable, gradient in zip(variables, tape.gradient(loss, variables)):
                if isinstance(gradient, tf.IndexedSlices):
                    # Of a table only the rows that were looked up; its optimizers do the same.
                    moved = tf.IndexedSlices(rate * gradient.values, gradient.indices)
                    variable.scatter_sub(moved)
                else:
                    variable.assign_sub(rate * gradient)
            return loss

        return train

    def _output_function(self) -> Callable[..., Any]:
        tf = self._tf
        if self._workload.model == "product":
            return tf.matmul  # type: ignore[no-any-return]
        if self._workload.model == "triad":
            return lambda left, right: left + TRIAD_FACTOR * right
        return logits(tf, self._workload, self._variables)

    def load(self, parameters: Sequence[Any]) -> None:
        arrays = to_own(self._workload, parameters)
        if self._variables:
            for variable, array in zip(self._variables, arrays):
                variable.assign(array)
            return
        with self._tf.device(self._place):
            self._variables.extend(self._tf.Variable(array) for array in arrays)

    def parameters(self) -> list[Any]:
        return to_canonical(self._workload, [variable.numpy() for variable in self._variables])

    def parameter_count(self) -> int:
        return sum(int(numpy.prod(v.shape.as_list())) for v in self._variables if v.trainable)

    def place(self, arrays: tuple[Any, ...]) -> Any:
        first, *rest = arrays
        if takes_images(self._workload):
            first = first.transpose(0, 2, 3, 1)
        if parameters_of(self._workload) and not self._workload.trains:
            rest = []
        with self._tf.device(self._place):
            return tuple(self._tf.constant(array) for array in (first, *rest))

    def step(self, inputs: Any) -> Any:
        with self._tf.device(self._place):
            return self._function(*inputs)

    def wait(self, result: Any) -> None:
        if self._on_gpu:
            self._tf.test.experimental.sync_devices()
        # On the processor the runtime computes before it returns, eager and as a function; the
        # proof watches that it stays so.

    def numpy(self, result: Any) -> Any:
        return result.numpy()
