"""What a machine file says, in words: hardware, states, times. Pure but for Qt's translation."""

from PySide6.QtCore import QCoreApplication

from app.measured_words import STATES, capability_name, workload_name
from probes.results import Accelerator, Environment, Hardware, Machine


def tr(text: str) -> str:
    return QCoreApplication.translate("machine", text)


def gibibytes(size: int) -> str:
    return tr("{size:.0f} GiB").format(size=size / 2**30)


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.3f}"


def about(seconds: float) -> str:
    """A duration as people say it."""
    if seconds < 90:
        return tr("about {seconds:.0f} s").format(seconds=max(1, seconds))
    return tr("about {minutes:.0f} min").format(minutes=seconds / 60)


def state_word(state: str) -> str:
    return {
        "found": tr("found, not tried"),
        "works": tr("works"),
        "broken": tr("cannot be used"),
        "falls_back_to_cpu": tr("runs on the processor only"),
        "timed_out": tr("gave no answer in time"),
        "cancelled": tr("cancelled"),
    }.get(state, state)


def state_icon(state: str) -> tuple[str, str]:
    """Icon and token of a framework's state."""
    return {
        "found": ("circle", "muted"),
        "works": ("good", "good"),
        "broken": ("bad", "bad"),
        "falls_back_to_cpu": ("warn", "warn"),
        "timed_out": ("clock", "warn"),
        "cancelled": ("stop", "muted"),
    }.get(state, ("help", "muted"))


def status_word(status: str) -> str:
    return {
        "waiting": tr("waiting"),
        "running": tr("running"),
        "valid": tr("valid"),
        "invalid": tr("invalid"),
        "unstable": tr("unstable"),
        "failed": tr("failed"),
        "timed_out": tr("timed out"),
        "skipped": tr("left out"),
        "cancelled": tr("cancelled"),
    }.get(status, status)


def tier_word(tier: str) -> str:
    return {
        "quick": tr("quick"),
        "standard": tr("standard"),
        "deep": tr("deep"),
    }.get(tier, tier)


def status_token(status: str) -> str:
    return {
        "valid": "good",
        "unstable": "warn",
        "timed_out": "warn",
        "invalid": "bad",
        "failed": "bad",
    }.get(status, "muted")


def workload_word(identifier: str) -> str:
    return tr(workload_name(identifier))


def capability_word(identifier: str) -> str:
    return tr(capability_name(identifier))


def capability_state(state: str) -> tuple[str, str, str]:
    """Icon, token and word of what came of trying something on a small example."""
    icon, token = {
        "works": ("good", "good"),
        "in_part": ("warn", "warn"),
        "fails": ("bad", "bad"),
    }.get(state, ("help", "muted"))
    return icon, token, tr(STATES.get(state, state))


def cause_word(cause: str | None) -> str:
    """Why a device is left idle, as a sentence; nothing where it is not known."""
    return {
        "cpu_build": tr("This build is made for the processor alone."),
        "no_driver": tr("The device has no driver that answers."),
        "driver_too_old": tr("The device's driver is too old for this build."),
        "architecture": tr("This build supports the maker's devices, but not one of this age."),
        "library_missing": tr("A library that the device needs is missing."),
        "out_of_memory": tr("The device's memory is taken by something else."),
    }.get(cause or "", "")


def is_command(fix: str) -> bool:
    """Whether a fix is a line to copy into a terminal, and not a sentence."""
    begins = ("pip ", "python ", "conda ", "uv ", "export ", "set ", "docker ")
    return fix.startswith(begins) or (fix.startswith('"') and " -m pip " in fix)


def kind_word(kind: str) -> str:
    return {
        "this": tr("this program's own"),
        "given": tr("named by you"),
        "venv": tr("virtual environment"),
        "conda": tr("conda"),
        "pyenv": tr("pyenv"),
        "uv": tr("uv"),
        "system": tr("system"),
        "path": tr("on the path"),
    }.get(kind, tr("other"))


def device_word(device: str) -> str:
    return {
        "cpu": tr("processor"),
        "nvidia_gpu": tr("NVIDIA GPU"),
        "old_nvidia_gpu": tr("older NVIDIA GPU"),
        "amd_gpu": tr("AMD GPU"),
        "intel_gpu": tr("Intel GPU"),
        "apple_silicon": tr("Apple GPU"),
        "tpu": tr("TPU"),
        "ascend": tr("Ascend NPU"),
    }.get(device, device)


def system_word(hardware: Hardware) -> str:
    name = {
        "linux": tr("Linux"),
        "windows": tr("Windows"),
        "wsl2": tr("Linux in WSL2"),
        "macos_arm": tr("macOS on Apple silicon"),
        "macos_intel": tr("macOS on Intel"),
    }.get(hardware.os, tr("another system"))
    return f"{name}, {hardware.os_version}" if hardware.os_version else name


def hardware_lines(hardware: Hardware) -> list[tuple[str, str]]:
    """What it is, and its value, one line each."""
    cpu = hardware.cpu
    cores = tr("{usable:g} usable of {logical}").format(
        usable=cpu.usable_cores, logical=cpu.logical_cores
    )
    if cpu.quota_cores is not None:
        cores = tr("{usable:g} usable of {logical}; a quota limits it").format(
            usable=cpu.usable_cores, logical=cpu.logical_cores
        )
    lines = [
        (tr("Processor"), cpu.model),
        (tr("Cores"), cores),
        (
            tr("Memory"),
            tr("{total}, {free} free").format(
                total=gibibytes(hardware.memory_bytes),
                free=gibibytes(hardware.available_memory_bytes),
            ),
        ),
        (
            tr("Accelerators"),
            "\n".join(accelerator_line(one) for one in hardware.accelerators)
            or tr("none that a driver shows"),
        ),
        (tr("System"), system_word(hardware)),
    ]
    instructions = [cpu.microarchitecture or "", " ".join(cpu.flags)]
    if any(instructions):
        lines.insert(1, (tr("Instructions"), ", ".join(one for one in instructions if one)))
    return lines


def accelerator_line(one: Accelerator) -> str:
    parts = [one.name]
    if one.memory_bytes:
        parts.append(gibibytes(one.memory_bytes))
    if one.driver:
        parts.append(tr("driver {version}").format(version=one.driver))
    if one.compute_capability:
        parts.append(tr("compute capability {number}").format(number=one.compute_capability))
    return ", ".join(parts)


def cautions(hardware: Hardware) -> list[str]:
    """What makes times on this machine less steady."""
    found = list(hardware.accelerator_notes)
    if hardware.on_battery:
        found.append(tr("It runs on battery: plug it in before you measure."))
    if hardware.virtualised:
        found.append(tr("It is a virtual machine: neighbours can disturb the times."))
    if hardware.governor and hardware.governor not in ("performance", "schedutil"):
        found.append(
            tr("The processor's governor is {name}: times can vary with it.").format(
                name=hardware.governor
            )
        )
    return found


def installed(machine: Machine) -> list[tuple[Environment, str]]:
    """Each environment with each framework in it."""
    return [
        (environment, one.framework)
        for environment in machine.environments
        for one in environment.frameworks
    ]
