"""What the drivers see: NVIDIA through NVML, the others by their device files.

Whether a framework's build supports a device, and whether an operation ran on it, is found by the
worker. Nothing here needs a framework, and a missing driver is a note, never an error.
"""

import platform
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from probes.results import Accelerator, Device

TURING = (7, 5)
"""Oldest compute capability that today's builds still carry."""

Found = tuple[list[Accelerator], list[str]]


def find_accelerators(root: Path) -> tuple[tuple[Accelerator, ...], tuple[str, ...]]:
    """All accelerators, and notes on why something could not be read."""
    accelerators: list[Accelerator] = []
    notes: list[str] = []
    finders: tuple[Callable[[], Found], ...] = (
        lambda: find_nvidia(root),
        lambda: find_amd(root),
        lambda: find_intel(root),
        find_apple,
        lambda: find_tpu(root),
        lambda: find_ascend(root),
    )
    for find in finders:
        found, said = find()
        accelerators += found
        notes += said
    return tuple(accelerators), tuple(notes)


def find_nvidia(root: Path, library: Any = None) -> Found:
    """NVIDIA devices through NVML. `library` replaces nvidia-ml-py in tests."""
    nodes = [root / "proc/driver/nvidia/version", root / "dev/nvidiactl", root / "dev/dxg"]
    driver_there = sys.platform == "win32" or any(node.exists() for node in nodes)
    if library is None:
        try:
            import pynvml

            # Lazily: most machines need it never.
            library = pynvml
        except ImportError:
            return [], ["NVIDIA: nvidia-ml-py is not installed"] if driver_there else []
    try:
        library.nvmlInit()
    except library.NVMLError as error:
        # Without a card there is no NVML either, and then there is nothing to say.
        return [], [f"NVIDIA: the driver does not answer ({error})"] if driver_there else []
    try:
        return read_nvml(library), []
    except library.NVMLError as error:
        return [], [f"NVIDIA: cannot be read ({error})"]
    finally:
        library.nvmlShutdown()


def read_nvml(library: Any) -> list[Accelerator]:
    """All devices that NVML lists; a field that it does not know is None."""
    driver = nvml_text(library, library.nvmlSystemGetDriverVersion)
    found = []
    for number in range(library.nvmlDeviceGetCount()):
        handle = library.nvmlDeviceGetHandleByIndex(number)
        capability = nvml_value(library, library.nvmlDeviceGetCudaComputeCapability, handle)
        memory = nvml_value(library, library.nvmlDeviceGetMemoryInfo, handle)
        old = capability is not None and tuple(capability) < TURING
        found.append(
            Accelerator(
                device="old_nvidia_gpu" if old else "nvidia_gpu",
                vendor="NVIDIA",
                name=nvml_text(library, library.nvmlDeviceGetName, handle) or "NVIDIA device",
                memory_bytes=None if memory is None else int(memory.total),
                driver=driver,
                compute_capability=None if capability is None else "{}.{}".format(*capability),
                identifier=f"cuda:{number}",
            )
        )
    return found


def nvml_value(library: Any, call: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return call(*arguments)
    except library.NVMLError:
        return None


def nvml_text(library: Any, call: Callable[..., Any], *arguments: Any) -> str | None:
    """Older releases of the binding give bytes."""
    value = nvml_value(library, call, *arguments)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def find_amd(root: Path) -> Found:
    """AMD compute devices by the nodes that the kernel's driver lists."""
    found: list[Accelerator] = []
    for node in entries(root / "sys/class/kfd/kfd/topology/nodes"):
        properties = dict(
            line.split(maxsplit=1) for line in lines(node / "properties") if len(line.split()) > 1
        )
        # Nodes without compute units are processors.
        if properties.get("simd_count", "0") == "0":
            continue
        name = next(iter(lines(node / "name")), "") or "AMD GPU"
        found.append(
            Accelerator(
                device="amd_gpu",
                vendor="AMD",
                name=name,
                memory_bytes=largest_bank(node),
                driver=next(iter(lines(root / "sys/module/amdgpu/version")), None),
                compute_capability=gfx_name(properties.get("gfx_target_version", "")),
                identifier=f"rocm:{len(found)}",
            )
        )
    if not found and (root / "dev/kfd").exists():
        return [], ["AMD: the driver is loaded, but lists no device that this user may read"]
    return found, []


def gfx_name(version: str) -> str | None:
    """`gfx1100` from 110000, as the compiler names it."""
    if not version.isdigit() or int(version) == 0:
        return None
    number = int(version)
    return f"gfx{number // 10000}{number // 100 % 100:x}{number % 100:x}"


def largest_bank(node: Path) -> int | None:
    sizes = [
        int(words[1])
        for bank in entries(node / "mem_banks")
        for words in map(str.split, lines(bank / "properties"))
        if len(words) == 2 and words[0] == "size_in_bytes" and words[1].isdigit()
    ]
    return max(sizes, default=None)


def find_intel(root: Path) -> Found:
    """Intel graphics by the driver behind a render node: `xe`, or `i915` for older ones."""
    found: list[Accelerator] = []
    for node in entries(root / "sys/class/drm"):
        if not node.name.startswith("renderD"):
            continue
        vendor = next(iter(lines(node / "device/vendor")), "")
        if vendor.lower() != "0x8086":
            continue
        driver = ""
        for line in lines(node / "device/uevent"):
            if line.startswith("DRIVER="):
                driver = line.partition("=")[2]
        found.append(
            Accelerator(
                device="intel_gpu",
                vendor="Intel",
                name=f"Intel graphics {next(iter(lines(node / 'device/device')), '')}".strip(),
                memory_bytes=None,
                driver=driver or None,
                compute_capability=None,
                identifier=f"xpu:{len(found)}",
            )
        )
    return found, []


def find_apple() -> Found:
    """The GPU of an Apple chip shares the memory of the machine: no size of its own."""
    if sys.platform != "darwin" or platform.machine() != "arm64":
        return [], []
    return [named("apple_silicon", "Apple", "Apple GPU", "mps:0")], []


def find_tpu(root: Path) -> Found:
    """TPUs by /dev/accel*, or by VFIO groups where the vendor is Google."""
    nodes = [node for node in entries(root / "dev") if node.name.startswith("accel")]
    if not nodes:
        vendors = [
            next(iter(lines(d / "vendor")), "") for d in entries(root / "sys/bus/pci/devices")
        ]
        if "0x1ae0" in vendors:
            nodes = [n for n in entries(root / "dev/vfio") if n.name.isdigit()]
    return [named("tpu", "Google", "TPU", f"tpu:{at}") for at in range(len(nodes))], []


def find_ascend(root: Path) -> Found:
    nodes = [
        node
        for node in entries(root / "dev")
        if node.name.startswith("davinci") and node.name[7:].isdigit()
    ]
    return [named("ascend", "Huawei", "Ascend NPU", f"npu:{at}") for at in range(len(nodes))], []


def named(device: Device, vendor: str, name: str, identifier: str) -> Accelerator:
    """A device of which only the presence is known."""
    return Accelerator(
        device=device,
        vendor=vendor,
        name=name,
        memory_bytes=None,
        driver=None,
        compute_capability=None,
        identifier=identifier,
    )


def entries(folder: Path) -> Iterable[Path]:
    """What lies in a folder, in order; nothing where it cannot be read."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def lines(path: Path) -> list[str]:
    """The lines of a small file; none where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
