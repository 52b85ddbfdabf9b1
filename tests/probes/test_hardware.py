"""Hardware from recorded files: cgroups of both versions, WSL, NVML, device files."""

from types import SimpleNamespace

import pytest

from probes import accelerators, hardware


def lay(root, files: dict[str, str]):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_this_machine_has_a_processor_and_memory():
    found = hardware.detect_hardware()
    assert found.cpu.model
    assert 0 < found.cpu.usable_cores <= found.cpu.logical_cores
    assert 0 < found.available_memory_bytes <= found.memory_bytes


QUOTAS = {
    "version 2": (
        {"proc/self/cgroup": "0::/box\n", "sys/fs/cgroup/box/cpu.max": "150000 100000"},
        1.5,
    ),
    "a parent's": (
        {
            "proc/self/cgroup": "0::/box/inner\n",
            "sys/fs/cgroup/box/cpu.max": "50000 100000",
            "sys/fs/cgroup/box/inner/cpu.max": "max 100000",
        },
        0.5,
    ),
    "version 1": (
        {
            "proc/self/cgroup": "4:cpu,cpuacct:/docker/abc\n",
            "sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us": "250000",
            "sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us": "100000",
        },
        2.5,
    ),
    "in a container the path lies outside": (
        {"proc/self/cgroup": "0::/../../other\n", "sys/fs/cgroup/cpu.max": "200000 100000"},
        2.0,
    ),
    "none": ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000"}, None),
    "none, version 1": (
        {
            "proc/self/cgroup": "4:cpu:/\n",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
        },
        None,
    ),
    "nothing can be read": ({}, None),
}


@pytest.mark.parametrize(("files", "quota"), QUOTAS.values(), ids=QUOTAS)
def test_cpu_quota(tmp_path, files, quota):
    assert hardware.cpu_quota(lay(tmp_path, files)) == quota


def test_memory_limit_of_a_control_group(tmp_path):
    files = {"proc/self/cgroup": "0::/box\n", "sys/fs/cgroup/box/memory.max": "1073741824"}
    assert hardware.memory_limit(lay(tmp_path, files)) == 1 << 30


def test_no_memory_limit_is_told_by_a_huge_number_in_version_1(tmp_path):
    files = {
        "proc/self/cgroup": "5:memory:/\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
    }
    assert hardware.memory_limit(lay(tmp_path, files)) is None


@pytest.mark.parametrize(
    ("logical", "affinity", "quota", "usable"),
    [(40, 8, None, 8.0), (8, 8, 1.5, 1.5), (4, None, None, 4.0)],
    ids=["affinity", "quota", "count"],
)
def test_usable_cores_are_the_least_of_count_affinity_and_quota(logical, affinity, quota, usable):
    assert hardware.usable_cores(logical, affinity, quota) == usable


@pytest.mark.parametrize(
    ("physical", "usable", "threads"), [(8, 16.0, 8), (8, 4.0, 4), (2, 0.5, 1), (None, 4.0, 4)]
)
def test_the_thread_plan_is_usable_physical_cores(hardware_of, physical, usable, threads):
    assert hardware.thread_count(hardware_of(physical, usable)) == threads


@pytest.fixture
def hardware_of(hardware):
    import msgspec

    def _cpu(physical, usable):
        return msgspec.structs.replace(
            hardware.cpu, physical_cores=physical, logical_cores=16 if physical else 4,
            usable_cores=usable,
        )  # fmt: skip

    return _cpu


@pytest.mark.parametrize(
    ("version", "wsl2"),
    [
        ("Linux version 5.15.153.1-microsoft-standard-WSL2 (root@x)", True),
        ("Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com)", False),
        ("Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)", False),
    ],
)
def test_wsl2_is_told_from_linux_and_from_wsl1(version, wsl2):
    assert hardware.is_wsl2(version) is wsl2


class NVMLError(Exception):
    pass


def nvml(devices: list[tuple[str, tuple[int, int] | None]], fails: bool = False):
    """As much of nvidia-ml-py as is called; a capability of None cannot be read."""

    def _init():
        if fails:
            raise NVMLError("Driver Not Loaded")

    def _capability(handle):
        capability = devices[handle][1]
        if capability is None:
            raise NVMLError("Not Supported")
        return capability

    return SimpleNamespace(
        NVMLError=NVMLError,
        nvmlInit=_init,
        nvmlShutdown=lambda: None,
        nvmlSystemGetDriverVersion=lambda: b"580.65.06",
        nvmlDeviceGetCount=lambda: len(devices),
        nvmlDeviceGetHandleByIndex=lambda number: number,
        nvmlDeviceGetName=lambda handle: devices[handle][0],
        nvmlDeviceGetMemoryInfo=lambda handle: SimpleNamespace(total=24 << 30),
        nvmlDeviceGetCudaComputeCapability=_capability,
    )


def test_nvidia_devices_are_sorted_by_what_builds_still_carry(tmp_path):
    found, notes = accelerators.find_nvidia(
        tmp_path,
        nvml([("NVIDIA H200", (9, 0)), ("Tesla V100", (7, 0)), ("T4", (7, 5)), ("X", None)]),
    )
    assert notes == []
    assert [one.device for one in found] == [
        "nvidia_gpu", "old_nvidia_gpu", "nvidia_gpu", "nvidia_gpu",
    ]  # fmt: skip
    assert [one.identifier for one in found] == ["cuda:0", "cuda:1", "cuda:2", "cuda:3"]
    assert found[0].driver == "580.65.06"
    assert found[0].compute_capability == "9.0"
    assert found[3].compute_capability is None


def test_a_driver_that_does_not_answer_is_a_note_and_no_driver_is_nothing(tmp_path):
    assert accelerators.find_nvidia(tmp_path, nvml([], fails=True)) == ([], [])
    lay(tmp_path, {"proc/driver/nvidia/version": "NVRM"})
    found, notes = accelerators.find_nvidia(tmp_path, nvml([], fails=True))
    assert found == []
    assert "Driver Not Loaded" in notes[0]


def test_amd_devices_from_the_kernels_list(tmp_path):
    node = "sys/class/kfd/kfd/topology/nodes"
    lay(
        tmp_path,
        {
            f"{node}/0/properties": "cpu_cores_count 16\nsimd_count 0\n",
            f"{node}/1/properties": "simd_count 192\ngfx_target_version 110000\n",
            f"{node}/1/name": "navi31\n",
            f"{node}/1/mem_banks/0/properties": "heap_type 1\nsize_in_bytes 25753026560\n",
            "dev/kfd": "",
        },
    )
    (found,), notes = accelerators.find_amd(tmp_path)
    assert (found.device, found.name, found.compute_capability) == ("amd_gpu", "navi31", "gfx1100")
    assert found.memory_bytes == 25753026560
    assert notes == []


def test_intel_tpu_and_ascend_by_their_device_files(tmp_path):
    lay(
        tmp_path,
        {
            "sys/class/drm/renderD128/device/vendor": "0x8086\n",
            "sys/class/drm/renderD128/device/device": "0x56a0\n",
            "sys/class/drm/renderD128/device/uevent": "DRIVER=xe\n",
            "sys/class/drm/renderD129/device/vendor": "0x10de\n",
            "dev/accel0": "",
            "dev/accel1": "",
            "dev/davinci0": "",
            "dev/davinci_manager": "",
        },
    )
    assert [one.driver for one in accelerators.find_intel(tmp_path)[0]] == ["xe"]
    assert [one.identifier for one in accelerators.find_tpu(tmp_path)[0]] == ["tpu:0", "tpu:1"]
    assert [one.device for one in accelerators.find_ascend(tmp_path)[0]] == ["ascend"]
