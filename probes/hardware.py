"""What this machine is: processor, memory, accelerators, operating system, power.

Every field is read on its own and is None, or has a note, where it cannot be read. Files come from
a root that tests replace. Nothing is started and no setting is changed.
"""

import math
import os
import platform
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import psutil

from probes.accelerators import find_accelerators
from probes.results import Cpu, Hardware

RELEVANT_FLAGS = (
    "sse4_2", "avx", "avx2", "fma", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16",
    "avx512_fp16", "avx_vnni", "amx_tile", "amx_bf16", "amx_int8", "neon", "asimd", "asimddp",
    "bf16", "i8mm", "sve", "sve2", "sme", "vsx",
)  # fmt: skip
"""What a linear-algebra library chooses its code by."""

OperatingSystem = Literal["linux", "windows", "wsl2", "macos_arm", "macos_intel", "other"]


def detect_hardware(root: Path = Path("/")) -> Hardware:
    """Read this machine. `root` stands for the file system's root."""
    accelerators, notes = find_accelerators(root)
    memory = psutil.virtual_memory()
    limit = memory_limit(root)
    total = memory.total if limit is None else min(memory.total, limit)
    return Hardware(
        cpu=detect_cpu(root),
        memory_bytes=total,
        available_memory_bytes=min(memory.available, total),
        accelerators=accelerators,
        accelerator_notes=notes,
        os=operating_system(root),
        os_version=os_version(root),
        virtualised=virtualised(root),
        on_battery=on_battery(),
        governor=read_text(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
    )


def detect_cpu(root: Path) -> Cpu:
    """Model, flags, and how many cores may be used."""
    information = first_processor(read_text(root / "proc/cpuinfo") or "")
    microarchitecture, flags = uarch_and_flags(information)
    logical = psutil.cpu_count() or os.cpu_count() or 1
    quota = cpu_quota(root)
    return Cpu(
        model=cpu_model(information),
        microarchitecture=microarchitecture,
        flags=flags,
        physical_cores=psutil.cpu_count(logical=False),
        logical_cores=logical,
        usable_cores=usable_cores(logical, affinity_count(), quota),
        quota_cores=quota,
    )


def usable_cores(logical: int, affinity: int | None, quota: float | None) -> float:
    """Least of count, affinity and quota: `os.cpu_count` knows neither of the latter two."""
    return min(value for value in (float(logical), affinity, quota) if value is not None)


def affinity_count() -> int | None:
    """Logical cores that this process may run on; macOS has no such thing."""
    if sys.platform in ("linux", "win32"):
        return len(psutil.Process().cpu_affinity() or ()) or None
    return None


def thread_count(cpu: Cpu) -> int:
    """The thread plan for everybody: usable physical cores, at least one."""
    physical = cpu.physical_cores or cpu.logical_cores
    return max(1, min(physical, math.floor(cpu.usable_cores)))


# Control groups


def cgroup_folders(root: Path, controller: str) -> list[Path]:
    """Folders that can hold a limit of this process, the nearest first; version 2, then 1.

    A limit of any parent holds too. In a container the path in /proc/self/cgroup may lie outside of
    what is mounted; the mount's top is then the container's own group.
    """
    top = root / "sys/fs/cgroup"
    folders: list[Path] = []
    for line in (read_text(root / "proc/self/cgroup") or "").splitlines():
        _, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        bases = []
        if not names:
            bases = [top, top / "unified"]
        elif controller in names.split(","):
            bases = [top / names, top / controller]
        for base in bases:
            place = base / path.lstrip("/")
            while place != base and base in place.parents:
                folders.append(place)
                place = place.parent
            folders.append(base)
    return folders or [top, top / controller]


def cpu_quota(root: Path) -> float | None:
    """The least processor quota of this process's control groups, in cores."""
    quotas = []
    for folder in cgroup_folders(root, "cpu"):
        words = (read_text(folder / "cpu.max") or "").split()
        if not words:
            words = [
                read_text(folder / "cpu.cfs_quota_us") or "",
                read_text(folder / "cpu.cfs_period_us") or "",
            ]
        if len(words) == 2 and all(word.isdigit() for word in words) and int(words[1]) > 0:
            quotas.append(int(words[0]) / int(words[1]))
    return min((quota for quota in quotas if quota > 0), default=None)


def memory_limit(root: Path) -> int | None:
    """The least memory limit of this process's control groups, in bytes."""
    limits = []
    for folder in cgroup_folders(root, "memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            text = read_text(folder / name) or ""
            # Version 1 says "no limit" with a number near the largest one.
            if text.isdigit() and 0 < int(text) < 1 << 60:
                limits.append(int(text))
    return min(limits, default=None)


# Processor


def first_processor(cpuinfo: str) -> dict[str, str]:
    """The first block of /proc/cpuinfo as names and values."""
    block: dict[str, str] = {}
    for line in cpuinfo.split("\n\n")[0].splitlines():
        name, colon, value = line.partition(":")
        if colon:
            block[name.strip()] = value.strip()
    return block


def cpu_model(information: Mapping[str, str]) -> str:
    """A name a person knows, by the operating system's own way."""
    name = information.get("model name") or information.get("Model") or ""
    if not name and sys.platform == "win32":
        name = registry_processor_name() or ""
    return " ".join((name or host_brand() or platform.processor() or platform.machine()).split())


def registry_processor_name() -> str | None:
    if sys.platform != "win32":
        return None
    import winreg

    place = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
            return str(winreg.QueryValueEx(key, "ProcessorNameString")[0])
    except OSError:
        return None


def host_brand() -> str | None:
    """archspec's brand string, which on macOS comes from sysctl."""
    try:
        import archspec.cpu

        return str(archspec.cpu.brand_string() or "") or None
    except Exception:  # noqa: BLE001 - a third party's guess about unknown hardware may fail anyhow
        return None


def uarch_and_flags(information: Mapping[str, str]) -> tuple[str | None, tuple[str, ...]]:
    """Microarchitecture by archspec, and the flags that matter for linear algebra."""
    flags = set((information.get("flags") or information.get("Features") or "").split())
    name: str | None = None
    try:
        import archspec.cpu

        host = archspec.cpu.host()
        name = str(host.name)
        flags |= {str(flag) for flag in host.features}
    except Exception:  # noqa: BLE001 - as above: unknown hardware is no failure of ours
        name = None
    return name, tuple(flag for flag in RELEVANT_FLAGS if flag in flags)


# Operating system and power


def operating_system(root: Path) -> OperatingSystem:
    if sys.platform == "win32":
        return "windows"
    if sys.platform == "darwin":
        return "macos_arm" if platform.machine() == "arm64" else "macos_intel"
    if sys.platform == "linux":
        return "wsl2" if is_wsl2(read_text(root / "proc/version") or "") else "linux"
    return "other"


def is_wsl2(version: str) -> bool:
    """Whether /proc/version speaks of WSL 2; WSL 1 says `Microsoft` and reaches no device."""
    return bool(re.search(r"microsoft-standard|WSL2", version))


def os_version(root: Path) -> str:
    """Name and release, without the host's name."""
    if sys.platform == "linux":
        for line in (read_text(root / "etc/os-release") or "").splitlines():
            if line.startswith("PRETTY_NAME="):
                return (
                    f"{line.partition('=')[2].strip().strip(chr(34))}, Linux {platform.release()}"
                )
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    return f"{platform.system()} {platform.release()} {platform.version()}"


def virtualised(root: Path) -> bool | None:
    """Whether this is a virtual machine; None where it cannot be told."""
    if sys.platform != "linux":
        return None
    if "hypervisor" in first_processor(read_text(root / "proc/cpuinfo") or "").get("flags", ""):
        return True
    vendor = read_text(root / "sys/class/dmi/id/sys_vendor")
    if vendor is None:
        return None
    return any(word in vendor for word in ("QEMU", "VMware", "innotek", "Xen", "Amazon EC2"))


def on_battery() -> bool | None:
    try:
        battery = psutil.sensors_battery()
    except (AttributeError, OSError, RuntimeError):
        return None
    return None if battery is None or battery.power_plugged is None else not battery.power_plugged


def read_text(path: Path) -> str | None:
    """A small file's text without blanks around it; None where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(1 << 20).decode("utf-8", "replace").strip()
    except OSError:
        return None
