"""JAX: `jax.jit` of a whole training step, weights and inputs as arguments.

The old weights are donated, as its documentation advises for an update. Images are in channels-last
layout (`NHWC`, `HWIO`), which XLA takes without a transposition on a processor.
"""

from __future__ import annotations

import os
from functools import partial
from typing import Any, Callable, ClassVar, Sequence

from ..capabilities.jax import CHECKS
from ..contract import STRICT, Device, Unsupported, nvidia_driver, nvidia_id, try_device
from ..networks.jax import averages_of, network
from ..networks.layouts import to_canonical, to_own
from ..reference import TRIAD_FACTOR
from ..workloads import parameters_of, takes_images

PLATFORMS = {
    "cpu": "cpu",
    "nvidia_gpu": "cuda",
    "old_nvidia_gpu": "cuda",
    "amd_gpu": "rocm",
    "tpu": "tpu",
}


class Adapter:
    compile_caches: ClassVar[dict[str, tuple[str, ...]]] = {"jit": ("JAX_COMPILATION_CACHE_DIR",)}

    def import_framework(self, backend: str | None) -> None:
        # Without this JAX takes most of a GPU's memory at its first operation, from all others too.
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
        import jax

        jax.devices()
        self._jax = jax
        self._precision = jax.config.jax_default_matmul_precision

    def version(self) -> str:
        return str(self._jax.__version__)

    def build(self) -> str | None:
        platform = self._jax.devices()[0].client.platform_version
        return str(platform).splitlines()[0] if platform else None

    def devices(self) -> list[Device]:
        found = [try_device("cpu", True, True, lambda: self._try("cpu"))]
        cuda = self._of_platform("cuda")
        if cuda or nvidia_driver():
            device = "nvidia_gpu"
            if cuda:
                major, _, minor = str(cuda[0].compute_capability).partition(".")
                device = nvidia_id(int(major), int(minor or 0))
            found.append(
                try_device(
                    device,
                    nvidia_driver(),
                    bool(cuda),
                    lambda: self._try("cuda"),
                    "no CUDA plug-in that works is installed beside jax",
                )
            )
        for platform, device in (("rocm", "amd_gpu"), ("tpu", "tpu")):
            if self._of_platform(platform):
                found.append(try_device(device, True, True, partial(self._try, platform)))
        return found

    def _of_platform(self, platform: str) -> list[Any]:
        try:
            return list(self._jax.devices(platform))
        except RuntimeError:
            return []

    def _try(self, platform: str) -> None:
        jax = self._jax
        one = jax.device_put(1.0, self._of_platform(platform)[0])
        value = float(jax.block_until_ready(one + 1.0))
        if value != 2.0:
            raise ArithmeticError("1 + 1 gave {}".format(value))

    def threads(self) -> int | None:
        return None  # XLA's pool follows the affinity mask and tells no one

    def settings(self) -> dict[str, str]:
        return {
            "matmul_precision": str(self._precision),
            "x64": str(self._jax.config.jax_enable_x64),
            "backend": str(self._jax.default_backend()),
            "image_layout": "channels_last",
        }

    def set_track(self, track: str) -> None:
        precision = "highest" if track == STRICT else self._precision
        self._jax.config.update("jax_default_matmul_precision", precision)

    def peak_device_bytes(self, device: str, *, start: bool) -> int | None:
        # Its allocator cannot begin anew: this is the peak of the process so far.
        stats = self._of_platform(PLATFORMS[device])[0].memory_stats() or {}
        return stats.get("peak_bytes_in_use")

    def tried(self, device: str) -> tuple[Any, Any, dict[tuple[str, str], Any]]:
        return self._jax, self._of_platform(PLATFORMS[device])[0], CHECKS

    def prepare(self, workload: Any, variant: str, device: str) -> Task:
        if variant != "jit":
            raise Unsupported("JAX has no mode " + variant)
        places = self._of_platform(PLATFORMS.get(device, ""))
        if device not in PLATFORMS or not places:
            raise Unsupported("JAX has no device for " + device)
        return Task(self._jax, workload, places[0])


class Task:
    """One workload, jitted."""

    def __init__(self, jax: Any, workload: Any, place: Any) -> None:
        self._jax = jax
        self._place = place
        self._workload = workload
        self._weights: list[Any] = []
        self._averages: list[Any] = []
        if workload.trains:
            self._function = jax.jit(self._train_function(), donate_argnums=(0, 1))
            self.step = self._train
        elif parameters_of(workload):
            model = network(jax, workload)
            self._function = jax.jit(lambda *given: model(*given)[0])
            self.step = self._infer
        else:
            self._function = jax.jit(self._output_function())
            self.step = self._compute

    def _train_function(self) -> Callable[..., Any]:
        jax, model = self._jax, network(self._jax, self._workload)
        rate = self._workload.learning_rate

        def loss_of(weights: Any, averages: Any, samples: Any, labels: Any) -> Any:
            logits, averages = model(weights, averages, samples)
            logarithms = jax.nn.log_softmax(logits)
            chosen = jax.numpy.take_along_axis(logarithms, labels[:, None], axis=1)
            return -chosen.mean(), averages

        def train(weights: Any, averages: Any, samples: Any, labels: Any) -> Any:
            taught = jax.value_and_grad(loss_of, has_aux=True)
            (loss, averages), gradients = taught(weights, averages, samples, labels)
            return [w - rate * g for w, g in zip(weights, gradients)], averages, loss

        return train

    def _output_function(self) -> Callable[..., Any]:
        if self._workload.model == "product":
            return self._jax.numpy.matmul  # type: ignore[no-any-return]
        return lambda left, right: left + TRIAD_FACTOR * right

    def load(self, parameters: Sequence[Any]) -> None:
        self._weights = [self._put(array) for array in to_own(self._workload, parameters)]
        self._averages = [self._put(one) for one in averages_of(self._jax, self._workload)]

    def parameters(self) -> list[Any]:
        return to_canonical(self._workload, [self.numpy(weight) for weight in self._weights])

    def parameter_count(self) -> int:
        return sum(int(weight.size) for weight in self._weights)

    def place(self, arrays: tuple[Any, ...]) -> Any:
        first, *rest = arrays
        if takes_images(self._workload):
            first = first.transpose(0, 2, 3, 1)
        if parameters_of(self._workload) and not self._workload.trains:
            rest = []
        # Labels and ids as 32 bits, the only whole numbers it has by default.
        return tuple(
            self._put(array.astype("int32") if array.dtype.kind == "i" else array)
            for array in (first, *rest)
        )

    def _put(self, array: Any) -> Any:
        return self._jax.block_until_ready(self._jax.device_put(array.copy(), self._place))

    def _train(self, inputs: Any) -> Any:
        self._weights, self._averages, loss = self._function(self._weights, self._averages, *inputs)
        return loss

    def _infer(self, inputs: Any) -> Any:
        return self._function(self._weights, self._averages, *inputs)

    def _compute(self, inputs: Any) -> Any:
        return self._function(*inputs)

    def wait(self, result: Any) -> None:
        # Asynchronous on the processor too. Weights and loss come out of one execution.
        result.block_until_ready()

    def numpy(self, result: Any) -> Any:
        return self._jax.device_get(result).copy()
