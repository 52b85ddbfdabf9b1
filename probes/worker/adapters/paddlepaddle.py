"""PaddlePaddle: eager, and static (`paddle.jit.to_static` of forward and loss).

A step is the documented loop: forward and loss, `backward`, `SGD.step`, `clear_grad`. Images are in
channels-first layout, its default and the one that its convolutions are written for.
"""

from __future__ import annotations

from typing import Any, Callable, Sequence

from ..capabilities.paddlepaddle import CHECKS
from ..contract import STRICT, Device, Unsupported, nvidia_driver, nvidia_id, try_device
from ..networks.paddlepaddle import network_of
from ..reference import TRIAD_FACTOR
from ..workloads import parameters_of

PLACES = {
    "cpu": "cpu",
    "nvidia_gpu": "gpu:0",
    "old_nvidia_gpu": "gpu:0",
    "amd_gpu": "gpu:0",
    "intel_gpu": "xpu:0",
    "ascend": "npu:0",
}


class Adapter:
    def import_framework(self, backend: str | None) -> None:
        import paddle

        self._paddle = paddle

    def version(self) -> str:
        return str(self._paddle.__version__)

    def build(self) -> str | None:
        if self._paddle.is_compiled_with_cuda():
            return "cuda " + str(self._paddle.version.cuda())
        return "rocm" if self._paddle.is_compiled_with_rocm() else "cpu"

    def devices(self) -> list[Device]:
        paddle = self._paddle
        found = [try_device("cpu", True, True, lambda: self._try("cpu"))]
        built = bool(paddle.is_compiled_with_cuda())
        if built or nvidia_driver():
            device = "nvidia_gpu"
            if built and paddle.device.cuda.device_count():
                device = nvidia_id(*paddle.device.cuda.get_device_capability(0))
            found.append(
                try_device(
                    device,
                    nvidia_driver(),
                    built,
                    lambda: self._try("gpu:0"),
                    "this build has no CUDA; the one that has is called paddlepaddle-gpu",
                )
            )
        return found

    def _try(self, place: str) -> None:
        paddle = self._paddle
        paddle.device.set_device(place)
        try:
            value = (paddle.ones([1]) + 1.0).item()
        finally:
            paddle.device.set_device("cpu")
        if value != 2.0:
            raise ArithmeticError("1 + 1 gave {}".format(value))

    def threads(self) -> int | None:
        return int(self._flag("FLAGS_paddle_num_threads") or 0) or None

    def settings(self) -> dict[str, str]:
        paddle = self._paddle
        return {
            "onednn": str(bool(self._flag("FLAGS_use_onednn") or self._flag("FLAGS_use_mkldnn"))),
            "paddle_num_threads": str(self._flag("FLAGS_paddle_num_threads")),
            "cinn": str(paddle.is_compiled_with_cinn()),
            "image_layout": "channels_first",
        }

    def _flag(self, name: str) -> Any:
        try:
            return self._paddle.get_flags(name)[name]
        except (ValueError, KeyError):
            return None

    def set_track(self, track: str) -> None:
        # Paddle computes in IEEE float32 unless asked otherwise; what the environment asks for
        # counts in the native track only.
        if track == STRICT and self._paddle.is_compiled_with_cuda():
            for name in ("FLAGS_allow_tf32_cublas", "FLAGS_allow_tf32_cudnn"):
                if self._flag(name) is not None:
                    self._paddle.set_flags({name: False})

    def peak_device_bytes(self, device: str, *, start: bool) -> int | None:
        if not PLACES[device].startswith("gpu"):
            return None
        if start:
            self._paddle.device.cuda.reset_max_memory_allocated()
        return int(self._paddle.device.cuda.max_memory_allocated())

    def tried(self, device: str) -> tuple[Any, Any, dict[tuple[str, str], Any]]:
        return self._paddle, PLACES[device], CHECKS

    def prepare(self, workload: Any, variant: str, device: str) -> Task:
        if variant not in ("eager", "static"):
            raise Unsupported("PaddlePaddle has no mode " + variant)
        if device not in PLACES:
            raise Unsupported("PaddlePaddle has no device for " + device)
        return Task(self._paddle, workload, PLACES[device], variant == "static")


class Task:
    """One workload in one mode."""

    def __init__(self, paddle: Any, workload: Any, place: str, static: bool) -> None:
        self._paddle = paddle
        self._place = place
        self._workload = workload
        compiler: Callable[[Any], Any] = lambda function: function  # noqa: E731
        if static:
            compiler = paddle.jit.to_static
        paddle.device.set_device(place)
        network = network_of(paddle, workload)
        every = network.parameters() if network is not None else []
        unlearnt = getattr(network, "unlearnt", ())
        # A norm's running averages stand among the parameters, and are not learnt either.
        self._parameters: list[Any] = [
            one for one in every if one.name not in unlearnt and not one.stop_gradient
        ]
        self._layouts = [one.layout for one in parameters_of(workload)]
        if workload.trains:
            network.train()
            self._optimizer = paddle.optimizer.SGD(
                learning_rate=workload.learning_rate, parameters=self._parameters
            )
            cross_entropy = paddle.nn.functional.cross_entropy
            self._loss = compiler(with_loss(paddle, network, cross_entropy))
            self.step = self._train
        else:
            if workload.model == "product":
                function: Any = paddle.matmul
                if static:
                    function = lambda left, right: paddle.matmul(left, right)  # noqa: E731
            elif workload.model == "triad":
                function = lambda left, right: left + TRIAD_FACTOR * right  # noqa: E731
            else:
                network.eval()
                function = network
            self._function = compiler(function)
            self.step = self._compute

    def _train(self, inputs: Any) -> Any:
        loss = self._loss(*inputs)
        loss.backward()
        self._optimizer.step()
        self._optimizer.clear_grad()
        return loss

    def _compute(self, inputs: Any) -> Any:
        with self._paddle.no_grad():
            return self._function(*inputs)

    def load(self, parameters: Sequence[Any]) -> None:
        for own, given, layout in zip(self._parameters, parameters, self._layouts):
            own.set_value(given.T.copy() if layout == "dense" else given)

    def parameters(self) -> list[Any]:
        return [
            (own.numpy().T if layout == "dense" else own.numpy()).copy()
            for own, layout in zip(self._parameters, self._layouts)
        ]

    def parameter_count(self) -> int:
        return sum(int(value.size) for value in self._parameters if not value.stop_gradient)

    def place(self, arrays: tuple[Any, ...]) -> Any:
        self._paddle.device.set_device(self._place)
        tensors = [self._paddle.to_tensor(array) for array in arrays]
        labelled = bool(self._parameters) and not self._workload.trains
        return tuple(tensors[:1] if labelled else tensors)

    def wait(self, result: Any) -> None:
        if self._place != "cpu":
            self._paddle.device.synchronize()
        # On the processor an operation is over when it returns; the proof watches that.

    def numpy(self, result: Any) -> Any:
        return result.numpy()


def with_loss(paddle: Any, network: Any, cross_entropy: Any) -> Any:
    """A layer that gives the loss, so that one graph holds forward and loss."""
    Layer: Any = paddle.nn.Layer

    class Loss(Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, samples: Any, labels: Any) -> Any:
            return cross_entropy(self.network(samples), labels)

    return Loss()
