"""LiteRT (once TensorFlow Lite): finished models from a .tflite file, by its interpreter.

On the processor, with the XNNPACK delegate that the interpreter takes by itself. A call sets the
input, invokes and fetches the output, as its documentation does.
"""

from __future__ import annotations

from typing import Any, Sequence

from ..contract import Device, Unsupported, try_device
from ..delivery import Call, DeliveredTask, planned_threads, require_file, require_finished
from ..networks.litert import network_file, one_plus_one


class Adapter:
    def import_framework(self, backend: str | None) -> None:
        import ai_edge_litert.interpreter
        import ai_edge_litert.schema_py_generated
        import flatbuffers

        self._interpreter = ai_edge_litert.interpreter.Interpreter
        self._schema = ai_edge_litert.schema_py_generated
        self._flatbuffers = flatbuffers

    def version(self) -> str:
        # The module itself carries none.
        from importlib.metadata import version

        return version("ai-edge-litert")

    def build(self) -> str | None:
        return None

    def devices(self) -> list[Device]:
        return [try_device("cpu", True, True, self._try)]

    def _try(self) -> None:
        import numpy

        call = self.open_file(one_plus_one(self._schema, self._flatbuffers))
        value = float(call(numpy.ones(1, dtype=numpy.float32))[0])
        if value != 2.0:
            raise ArithmeticError("1 + 1 gave {}".format(value))

    def threads(self) -> int | None:
        return planned_threads()

    def settings(self) -> dict[str, str]:
        return {"delegate": "xnnpack", "image_layout": "channels_last"}

    def set_track(self, track: str) -> None:
        """A processor computes float32 in float32 on both tracks."""

    def open_file(self, file: bytes) -> Call:
        """An interpreter of a model with one input and one output."""
        interpreter = self._interpreter(model_content=file, num_threads=planned_threads())
        interpreter.allocate_tensors()
        given = interpreter.get_input_details()[0]["index"]
        result = interpreter.get_output_details()[0]["index"]

        def call(samples: Any) -> Any:
            interpreter.set_tensor(given, samples)
            interpreter.invoke()
            return interpreter.get_tensor(result)

        return call

    def prepare(self, workload: Any, variant: str, device: str) -> DeliveredTask:
        require_finished("LiteRT", workload)
        if variant:
            raise Unsupported("LiteRT has no mode " + variant)
        if device != "cpu":
            raise Unsupported("LiteRT is measured on the processor, not on " + device)

        def open_model(parameters: Sequence[Any]) -> Call:
            file = network_file(self._schema, self._flatbuffers, workload, parameters)
            return self.open_file(require_file(file, "LiteRT", workload))

        return DeliveredTask(open_model, channels_last=True)
