"""What an adapter gives: a framework imported and described, and workloads made ready in a mode.

An adapter owns all that is the framework's: how a step is written and compiled, where its numbers
live, how to wait for them. It owns neither clock nor reference: those who judge are not judged.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from typing import Any, Callable, ClassVar, NamedTuple, Protocol, Sequence, runtime_checkable

STRICT = "strict_fp32"
NATIVE = "native_default"


class Unsupported(Exception):
    """A mode, device or workload that this framework, version or build cannot do; says why."""


class Device(NamedTuple):
    """Three findings that can differ; the gap between them is advice."""

    device: str
    driver_sees: bool | None
    build_supports: bool | None
    operation_ran: bool | None
    reason: str | None


class Task(Protocol):
    """One workload made ready in one mode on one device.

    A step takes its inputs as an argument and never closes over data: a compiler would fold them.
    """

    def load(self, parameters: Sequence[Any]) -> None:
        """Set the weights: numpy arrays in the canonical order and layout."""

    def parameters(self) -> list[Any]:
        """The weights as they are now, as numpy arrays in the canonical order and layout."""

    def parameter_count(self) -> int:
        """Trainable numbers as the framework's own objects count them."""

    def place(self, arrays: tuple[Any, ...]) -> Any:
        """Bring one input set to the device in the form and layout that a step takes."""

    def step(self, inputs: Any) -> Any:
        """Start one step: train and give the loss, or compute and give the output."""

    def wait(self, result: Any) -> None:
        """Return when everything that the step set going is done."""

    def numpy(self, result: Any) -> Any:
        """The loss or the output as a numpy array of the type that the framework computed."""


class Adapter(Protocol):
    """A framework in this process."""

    def import_framework(self, backend: str | None) -> None:
        """Import it; what goes wrong here is a finding."""

    def version(self) -> str: ...

    def build(self) -> str | None:
        """What the build is for (`cpu`, `cuda 13.0` ...), where it says."""

    def devices(self) -> list[Device]: ...

    def threads(self) -> int | None:
        """Threads that one operation may use, where the framework says."""

    def settings(self) -> dict[str, str]:
        """What of build and configuration bears on speed, and the layouts chosen here."""

    def set_track(self, track: str) -> None:
        """Switch reduced precision (TF32, bfloat16) off, or leave it as the framework has it."""

    def prepare(self, workload: Any, variant: str, device: str) -> Task:
        """Make a workload ready in a mode (the part behind the slash); raises Unsupported."""


@runtime_checkable
class CountsDeviceMemory(Protocol):
    """What an adapter may have beside: the framework's own count of an accelerator's memory."""

    def peak_device_bytes(self, device: str, *, start: bool) -> int | None:
        """The most its allocator had given out; with `start`, it counts anew from here, if it
        can."""


@runtime_checkable
class TriesCapabilities(Protocol):
    """What an adapter may have beside: small trials of what people argue about."""

    def tried(self, device: str) -> tuple[Any, Any, dict[tuple[str, str], Any]]:
        """The framework, its own word for the device, and the `CHECKS` of `capabilities`."""


@runtime_checkable
class KeepsWhatItCompiled(Protocol):
    """What an adapter may have beside: folders that spare the next process its compiling."""

    compile_caches: ClassVar[dict[str, tuple[str, ...]]]
    """By the mode's part behind the slash: the variables that name such a folder."""


class Described:
    """An adapter's part for a framework that is imported and tried, but not timed."""

    def build(self) -> str | None:
        return None

    def threads(self) -> int | None:
        return None

    def settings(self) -> dict[str, str]:
        return {}

    def set_track(self, track: str) -> None:
        """Nothing is timed, so there is no track to be on."""

    def prepare(self, workload: Any, variant: str, device: str) -> Task:
        raise Unsupported("this framework is tried here, but not timed")


def load_adapter(framework: str) -> Adapter:
    """The adapter of a framework id, found by its file's name; raises Unsupported."""
    from . import adapters

    if framework not in {module.name for module in pkgutil.iter_modules(adapters.__path__)}:
        raise Unsupported("no adapter for " + framework)
    module = importlib.import_module(adapters.__name__ + "." + framework)
    adapter: Adapter = module.Adapter()
    return adapter


def try_device(
    device: str,
    driver_sees: bool | None,
    build_supports: bool,
    operation: Callable[[], Any],
    missing: str = "this build has no support for it",
) -> Device:
    """Run a one-element operation where the build supports the device, and say how it went."""
    if not build_supports:
        return Device(device, driver_sees, False, None, missing)
    if driver_sees is False:
        return Device(device, False, True, None, "no driver for it is loaded")
    try:
        operation()
    except Exception as error:  # noqa: BLE001 - whatever a framework raises is the finding
        return Device(device, driver_sees, True, False, one_line(error))
    return Device(device, driver_sees, True, True, None)


def one_line(error: BaseException) -> str:
    """The type and the first line of an error that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return type(error).__name__ + (": " + lines[0][:300] if lines else "")


def nvidia_driver() -> bool | None:
    """Whether a driver for NVIDIA devices is loaded; none where that cannot be told from files."""
    if os.name != "posix":
        return None
    return os.path.exists("/proc/driver/nvidia/version") or os.path.exists("/dev/dxg")


def amd_driver() -> bool | None:
    """Whether a driver for AMD compute devices is loaded."""
    return os.path.exists("/dev/kfd") if os.name == "posix" else None


def nvidia_id(major: int, minor: int) -> str:
    """The device id by compute capability: what is older than Turing is another class."""
    return "nvidia_gpu" if (major, minor) >= (7, 5) else "old_nvidia_gpu"
