"""PyTorch: eager, compiled by torch.compile, and delivered by AOTInductor.

A step is the documented loop: forward and loss, `zero_grad`, `backward`, `SGD.step`. Compiled is
forward and loss in one graph (backward follows from it); the optimizer stays as it is. Images are
in channels-last layout, which its documentation advises for convolutions. AOTInductor is for
finished models: `torch.export`, a package that a C++ compiler builds, and calls of that package.
"""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from typing import Any, Callable, ClassVar, Sequence

from ..capabilities.pytorch import CHECKS
from ..contract import (
    STRICT,
    Device,
    Unsupported,
    amd_driver,
    nvidia_driver,
    nvidia_id,
    try_device,
)
from ..delivery import require_finished
from ..networks.pytorch import network
from ..reference import TRIAD_FACTOR
from ..workloads import sample_shape, takes_images

PLACES = {
    "cpu": "cpu",
    "nvidia_gpu": "cuda",
    "old_nvidia_gpu": "cuda",
    "amd_gpu": "cuda",
    "intel_gpu": "xpu",
    "apple_silicon": "mps",
}


class Adapter:
    compile_caches: ClassVar[dict[str, tuple[str, ...]]] = {
        "compiled": ("TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR")
    }

    def import_framework(self, backend: str | None) -> None:
        import torch

        self._torch = torch
        self._defaults = (
            torch.backends.cuda.matmul.allow_tf32,
            torch.backends.cudnn.allow_tf32,
        )

    def version(self) -> str:
        return str(self._torch.__version__)

    def build(self) -> str | None:
        version = self._torch.version
        if version.cuda:
            return "cuda " + str(version.cuda)
        hip = getattr(version, "hip", None)
        return "rocm " + str(hip) if hip else "cpu"

    def devices(self) -> list[Device]:
        torch = self._torch
        found = [try_device("cpu", True, True, lambda: self._try("cpu"))]
        hip = bool(getattr(torch.version, "hip", None))
        driver = amd_driver() if hip else nvidia_driver()
        if torch.version.cuda or hip or driver:
            device = "amd_gpu" if hip else "nvidia_gpu"
            if not hip and torch.cuda.is_available():
                device = nvidia_id(*torch.cuda.get_device_capability(0))
            supported = bool(torch.version.cuda) or hip
            found.append(
                try_device(
                    device, driver, supported, lambda: self._try("cuda"), "this build has no CUDA"
                )
            )
        if platform.system() == "Darwin" and platform.machine() == "arm64":
            built = bool(torch.backends.mps.is_built())
            found.append(try_device("apple_silicon", True, built, lambda: self._try("mps")))
        if hasattr(torch, "xpu") and torch.xpu.is_available():
            found.append(try_device("intel_gpu", True, True, lambda: self._try("xpu")))
        return found

    def _try(self, place: str) -> None:
        value = (self._torch.ones(1, device=place) + 1.0).item()
        if value != 2.0:
            raise ArithmeticError("1 + 1 gave {}".format(value))

    def threads(self) -> int | None:
        return int(self._torch.get_num_threads())

    def settings(self) -> dict[str, str]:
        torch = self._torch
        return {
            "blas": "mkl" if torch.backends.mkl.is_available() else "other",
            "onednn": str(torch.backends.mkldnn.is_available()),
            "openmp": str(torch.backends.openmp.is_available()),
            "cpu_capability": str(torch.backends.cpu.get_cpu_capability()),
            "threads": str(torch.get_num_threads()),
            "interop_threads": str(torch.get_num_interop_threads()),
            "matmul_tf32": str(self._defaults[0]),
            "convolution_tf32": str(self._defaults[1]),
            "image_layout": "channels_last",
        }

    def set_track(self, track: str) -> None:
        torch = self._torch
        strict = track == STRICT
        torch.backends.cuda.matmul.allow_tf32 = False if strict else self._defaults[0]
        torch.backends.cudnn.allow_tf32 = False if strict else self._defaults[1]

    def peak_device_bytes(self, device: str, *, start: bool) -> int | None:
        place = PLACES.get(device)
        if place not in ("cuda", "xpu"):
            return None
        count = getattr(self._torch, place)
        if start:
            count.reset_peak_memory_stats()
        return int(count.max_memory_allocated())

    def tried(self, device: str) -> tuple[Any, Any, dict[tuple[str, str], Any]]:
        return self._torch, PLACES[device], CHECKS

    def prepare(self, workload: Any, variant: str, device: str) -> Task:
        torch = self._torch
        if device not in PLACES:
            raise Unsupported("PyTorch has no device for " + device)
        if variant == "aot_inductor":
            return self._delivered(workload, device)
        if variant not in ("eager", "compiled"):
            raise Unsupported("PyTorch has no mode " + variant)
        compiler: Callable[[Any], Any] = lambda function: function  # noqa: E731
        if variant == "compiled":
            if not hasattr(torch, "compile"):
                raise Unsupported("torch.compile came with PyTorch 2.0")
            if device == "cpu" and not has_compiler():
                raise Unsupported("torch.compile needs a C++ compiler here, and none is on PATH")
            compiler = torch.compile
        return Task(torch, workload, PLACES[device], compiler)

    def _delivered(self, workload: Any, device: str) -> AheadOfTime:
        require_finished("AOTInductor", workload)
        if workload.model == "resnet":
            # Seen with 2.13.0: "Constant not found", of a norm's bias and of its averages.
            raise Unsupported("AOTInductor's package does not take a batch norm's weights")
        if not hasattr(self._torch._inductor, "aoti_compile_and_package"):
            raise Unsupported("packages of AOTInductor came with PyTorch 2.6")
        if not has_compiler():
            raise Unsupported("AOTInductor needs a C++ compiler, and none is on PATH")
        return AheadOfTime(self._torch, workload, PLACES[device])


class Task:
    """One workload; the step is chosen once, so that no branch is timed."""

    def __init__(
        self, torch: Any, workload: Any, place: str, compiler: Callable[[Any], Any]
    ) -> None:
        self._torch = torch
        self._place = place
        self._images = takes_images(workload)
        self._trains = workload.trains
        self._module = network(torch, workload)
        self._parameters: list[Any] = []
        if self._module is not None:
            self._module.to(place)
            if self._images:
                self._module.to(memory_format=torch.channels_last)
            self._parameters = [one for one in self._module.parameters() if one.requires_grad]
        if workload.trains:
            self._rate = workload.learning_rate
            self._module.train()
            self._optimizer = torch.optim.SGD(self._parameters, lr=workload.learning_rate)
            module, cross_entropy = self._module, torch.nn.functional.cross_entropy

            def loss_of(samples: Any, labels: Any) -> Any:
                return cross_entropy(module(samples), labels)

            self._loss = compiler(loss_of)
            self.step = self._train
        else:
            if workload.model == "product":
                function = torch.matmul
            elif workload.model == "triad":

                def function(left: Any, right: Any) -> Any:
                    return torch.add(left, right, alpha=TRIAD_FACTOR)
            else:
                function = self._module.eval()
            self._function = compiler(function)
            self.step = self._compute

    def _train(self, inputs: Any) -> Any:
        loss = self._loss(*inputs)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self._optimizer.step()
        return loss

    def _compute(self, inputs: Any) -> Any:
        with self._torch.inference_mode():
            return self._function(*inputs)

    def load(self, parameters: Sequence[Any]) -> None:
        torch = self._torch
        with torch.no_grad():
            for own, given in zip(self._parameters, parameters):
                own.copy_(torch.from_numpy(given))

    def parameters(self) -> list[Any]:
        return [value.detach().cpu().numpy().copy() for value in self._parameters]

    def parameter_count(self) -> int:
        return sum(int(value.numel()) for value in self._parameters if value.requires_grad)

    def place(self, arrays: tuple[Any, ...]) -> Any:
        torch = self._torch
        tensors = [torch.from_numpy(array).to(self._place) for array in arrays]
        if self._images:
            tensors[0] = tensors[0].to(memory_format=torch.channels_last)
        # Labels are for training only.
        return tuple(tensors if self._trains or self._module is None else tensors[:1])

    def wait(self, result: Any) -> None:
        if self._place == "cpu":
            return  # operations on the processor are over when they return
        getattr(self._torch, self._place).synchronize()

    def numpy(self, result: Any) -> Any:
        return result.detach().cpu().numpy()


class AheadOfTime(Task):
    """A model that was exported, compiled into a package and loaded from it."""

    def __init__(self, torch: Any, workload: Any, place: str) -> None:
        super().__init__(torch, workload, place, lambda function: function)
        named = self._module.named_parameters()
        self._names = [name for name, one in named if one.requires_grad]
        kind = torch.float32 if self._images else torch.int64
        samples = torch.zeros(workload.batch, *sample_shape(workload), device=place, dtype=kind)
        if self._images:
            samples = samples.to(memory_format=torch.channels_last)
        with torch.no_grad(), tempfile.TemporaryDirectory() as folder:
            program = torch.export.export(self._module, (samples,))
            path = torch._inductor.aoti_compile_and_package(
                program, package_path=os.path.join(folder, "model.pt2")
            )
            # It unpacks the file into a folder of its own.
            self._package = torch._inductor.aoti_load_package(path)
        self.step = self._deliver

    def load(self, parameters: Sequence[Any]) -> None:
        super().load(parameters)
        weights = {name: one.detach() for name, one in zip(self._names, self._parameters)}
        self._package.load_constants(weights, check_full_update=True)

    def _deliver(self, inputs: Any) -> Any:
        return self._package(*inputs)


def has_compiler() -> bool:
    """Whether there is a compiler for what torch.compile writes for a processor."""
    names = [os.environ.get("CXX", ""), "g++", "clang++", "cl", "icpx"]
    return any(shutil.which(name) for name in names if name)
