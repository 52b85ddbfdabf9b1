"""The worker's memory: what one item needs, told from what the process held before."""

import builtins
import io
import subprocess
import sys
from pathlib import Path

import pytest

from probes.worker import memory
from probes.worker.serve import device_peak

WORKER = Path(memory.__file__).parent

STATUS = "Name:\tpython\nVmPeak:\t  900 kB\nVmHWM:\t  300 kB\nVmRSS:\t  200 kB\nThreads:\t2\n"
TWO_ITEMS = f"""
import importlib.util, sys
spec = importlib.util.spec_from_file_location(
    "w", {str(WORKER / "__init__.py")!r}, submodule_search_locations=[{str(WORKER)!r}])
sys.modules["w"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["w"])
from w import memory
peaks = []
for size in (200, 20):
    own = memory.start_peak()
    work = bytearray(size << 20)
    del work
    peaks.append(memory.held().peak)
print(own, *(round(peak / 2**20) for peak in peaks))
"""


def test_resident_and_peak_are_read_in_bytes():
    assert memory.of_status(STATUS) == memory.Held(200 * 1024, 300 * 1024)
    assert memory.of_status("VmRSS:\tmany kB\n") == memory.Held(None, None)
    assert memory.of_status("") == memory.Held(None, None)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("old", [False, True], ids=["this Python", "Python 3.8"])
def test_each_item_has_its_own_peak_where_the_system_lets_it_begin_anew(old, request):
    python = request.getfixturevalue("python38") if old else sys.executable
    done = subprocess.run([python, "-c", TWO_ITEMS], capture_output=True, text=True, check=True)
    own, large, small = done.stdout.split()
    assert int(large) >= 200
    if own == "True":
        assert int(small) < 100
    else:
        assert int(small) >= int(large)


def test_a_system_that_refuses_or_ignores_the_request_keeps_the_peak_of_the_process(monkeypatch):
    def refuse(*_, **__):
        raise PermissionError

    monkeypatch.setattr(builtins, "open", refuse)
    assert memory.start_peak() is False
    monkeypatch.setattr(builtins, "open", lambda *_, **__: io.StringIO())
    assert memory.start_peak(lambda: memory.Held(100 << 20, 300 << 20)) is False
    assert memory.start_peak(lambda: memory.Held(None, 300 << 20)) is False
    assert memory.start_peak(lambda: memory.Held(100 << 20, 101 << 20)) is True


def test_macos_counts_its_peak_in_bytes_and_tells_no_resident_size(monkeypatch):
    resource = pytest.importorskip("resource")

    class Usage:
        ru_maxrss = 5_000_000

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(resource, "getrusage", lambda _: Usage)
    assert memory.held() == memory.Held(None, 5_000_000)


def test_a_system_that_tells_nothing_gives_no_figure(monkeypatch):
    monkeypatch.setattr(memory, "STATUS", "no such file")
    assert memory.held() == memory.Held(None, None)


class Counting:
    """An adapter as far as its count of device memory goes; no accelerator is here to try one."""

    def __init__(self, peak):
        self.peak = peak
        self.asked = []

    def peak_device_bytes(self, device, *, start):
        self.asked.append((device, start))
        if isinstance(self.peak, Exception):
            raise self.peak
        return self.peak


def test_a_framework_that_counts_its_accelerators_memory_is_asked_there_and_only_there():
    counting = Counting(4096)
    assert device_peak(counting, "nvidia_gpu", start=False) == 4096
    assert device_peak(counting, "cpu", start=False) is None
    assert counting.asked == [("nvidia_gpu", False)]


@pytest.mark.parametrize("peak", [None, 0, RuntimeError("no statistics here")])
def test_a_count_that_is_missing_or_fails_spoils_nothing(peak):
    assert device_peak(Counting(peak), "nvidia_gpu", start=True) is None
    assert device_peak(object(), "nvidia_gpu", start=True) is None
