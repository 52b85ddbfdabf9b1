"""ONNX Runtime: finished models from an ONNX file, by `InferenceSession.run`.

What is timed is a call from array to array, as a server makes it; on an accelerator that holds the
way there and back. Optimisation of the graph and the spinning of threads are left as they come.
Only the processor was tried by us.
"""

from __future__ import annotations

from typing import Any, Sequence

from ..contract import STRICT, Device, Unsupported, nvidia_driver, try_device
from ..delivery import Call, DeliveredTask, planned_threads, require_file, require_finished
from ..networks.onnx import network_file, one_plus_one

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "nvidia_gpu": "CUDAExecutionProvider",
    "old_nvidia_gpu": "CUDAExecutionProvider",
    "amd_gpu": "MIGraphXExecutionProvider",
}


class Adapter:
    def import_framework(self, backend: str | None) -> None:
        import onnxruntime

        self._runtime = onnxruntime
        self._strict = True

    def version(self) -> str:
        return str(self._runtime.__version__)

    def build(self) -> str | None:
        return str(self._runtime.get_device()).lower()

    def devices(self) -> list[Device]:
        built = self._runtime.get_available_providers()
        found = [try_device("cpu", True, True, lambda: self._try("cpu"))]
        cuda = PROVIDERS["nvidia_gpu"] in built
        if cuda or nvidia_driver():
            found.append(
                try_device(
                    "nvidia_gpu",
                    nvidia_driver(),
                    cuda,
                    lambda: self._try("nvidia_gpu"),
                    "this build has no CUDA: onnxruntime-gpu is a package of its own",
                )
            )
        if PROVIDERS["amd_gpu"] in built:
            found.append(try_device("amd_gpu", None, True, lambda: self._try("amd_gpu")))
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
        return {
            "providers": ", ".join(self._runtime.get_available_providers()),
            "graph_optimization": "all",
            "image_layout": "channels_first",
        }

    def set_track(self, track: str) -> None:
        self._strict = track == STRICT

    def open_file(self, file: bytes, device: str = "cpu") -> Call:
        """A session of a model with one input and one output."""
        options = self._runtime.SessionOptions()
        options.intra_op_num_threads = planned_threads() or 0
        options.log_severity_level = 3
        name = PROVIDERS[device]
        provider: Any = name
        if name == PROVIDERS["nvidia_gpu"] and self._strict:
            provider = (name, {"use_tf32": "0"})
        session = self._runtime.InferenceSession(file, options, providers=[provider])
        if name not in session.get_providers():
            # It falls back to the processor and says so in a log line only.
            raise RuntimeError(name + " was not taken; the session runs on the processor")
        given = session.get_inputs()[0].name
        return lambda samples: session.run(None, {given: samples})[0]

    def prepare(self, workload: Any, variant: str, device: str) -> DeliveredTask:
        require_finished("ONNX Runtime", workload)
        if variant:
            raise Unsupported("ONNX Runtime has no mode " + variant)
        if PROVIDERS.get(device) not in self._runtime.get_available_providers():
            raise Unsupported("this build of ONNX Runtime has nothing for " + device)

        def open_model(parameters: Sequence[Any]) -> Call:
            file = network_file(workload, parameters)
            return self.open_file(require_file(file, "ONNX Runtime", workload), device)

        return DeliveredTask(open_model, channels_last=False)
