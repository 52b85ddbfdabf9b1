"""OpenVINO: finished models from an ONNX file, compiled for one device.

A call goes from array to array, as a server makes it, with the hint for the least delay. On a
processor with bfloat16 units OpenVINO computes in bfloat16 unless it is told not to: the strict
track tells it. Nothing of it is used that reports to its maker. Only the processor was tried by us.
"""

from __future__ import annotations

from typing import Any, Sequence

from ..contract import STRICT, Device, Unsupported, try_device
from ..delivery import Call, DeliveredTask, planned_threads, require_file, require_finished
from ..networks.onnx import network_file, one_plus_one

PLACES = {"cpu": "CPU", "intel_gpu": "GPU"}


class Adapter:
    def import_framework(self, backend: str | None) -> None:
        import openvino

        self._openvino = openvino
        self._core = openvino.Core()
        self._strict = True

    def version(self) -> str:
        # `2026.4.1-22982-e213a147257-releases/2026/4`
        return str(self._openvino.__version__).partition("-")[0]

    def build(self) -> str | None:
        return None

    def devices(self) -> list[Device]:
        found = [try_device("cpu", True, True, lambda: self._try("cpu"))]
        # Its plug-in for Intel's graphics comes with every build and lists what the driver shows.
        if any(name.startswith("GPU") for name in self._core.available_devices):
            found.append(try_device("intel_gpu", True, True, lambda: self._try("intel_gpu")))
        return found

    def _try(self, device: str) -> None:
        import numpy

        call = self.open_file(one_plus_one(), device)
        value = float(call(numpy.ones(1, dtype=numpy.float32))[0])
        if value != 2.0:
            raise ArithmeticError("1 + 1 gave {}".format(value))

    def threads(self) -> int | None:
        return planned_threads()

    def settings(self) -> dict[str, str]:
        capabilities = self._core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        return {
            "devices": ", ".join(self._core.available_devices),
            "cpu_capabilities": ", ".join(map(str, capabilities)),
            "performance_hint": "LATENCY",
            "image_layout": "channels_first",
        }

    def set_track(self, track: str) -> None:
        self._strict = track == STRICT

    def open_file(self, file: bytes, device: str = "cpu") -> Call:
        """A compiled model with one input and one output, from an ONNX file."""
        options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
        threads = planned_threads()
        if device == "cpu" and threads is not None:
            options["INFERENCE_NUM_THREADS"] = threads
        if self._strict:
            options["INFERENCE_PRECISION_HINT"] = "f32"
        compiled = self._core.compile_model(self._core.read_model(file), PLACES[device], options)
        return lambda samples: compiled([samples])[0]

    def prepare(self, workload: Any, variant: str, device: str) -> DeliveredTask:
        require_finished("OpenVINO", workload)
        if variant:
            raise Unsupported("OpenVINO has no mode " + variant)
        if device not in PLACES or not any(
            name.startswith(PLACES[device]) for name in self._core.available_devices
        ):
            raise Unsupported("OpenVINO sees no device for " + device)

        def open_model(parameters: Sequence[Any]) -> Call:
            file = network_file(workload, parameters)
            return self.open_file(require_file(file, "OpenVINO", workload), device)

        return DeliveredTask(open_model, channels_last=False)
