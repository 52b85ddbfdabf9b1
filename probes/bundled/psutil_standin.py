"""The few names of psutil that this package uses, read from /proc: for the bundle, on Linux.

psutil is compiled, so that a file which runs anywhere cannot carry it. Where the interpreter has
psutil itself, that is taken.
"""

from __future__ import annotations

import os
import signal
import time
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

STATUS_ZOMBIE = "zombie"
_TICK = 1.0 / os.sysconf("SC_CLK_TCK")
_LOOK_SECONDS = 0.02


class Error(Exception):
    """A process or a file that cannot be read."""


class NoSuchProcess(Error):
    """It has ended."""


class Memory(NamedTuple):
    """Bytes."""

    total: int
    available: int


class CpuTimes(NamedTuple):
    """Seconds since the start of the system, as /proc/stat counts them (proc(5))."""

    user: float
    nice: float
    system: float
    idle: float
    iowait: float
    irq: float
    softirq: float
    steal: float
    guest: float
    guest_nice: float


class ProcessTimes(NamedTuple):
    """Seconds."""

    user: float
    system: float
    children_user: float
    children_system: float


class Usage(NamedTuple):
    """Bytes."""

    rss: int


class Battery(NamedTuple):
    power_plugged: Optional[bool]


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError as error:
        raise NoSuchProcess(str(error)) from None
    except OSError as error:
        raise Error(str(error)) from None


def virtual_memory() -> Memory:
    """What the kernel says could be had without swapping; older ones do not say it."""
    sizes = {}
    for line in _read("/proc/meminfo").decode().splitlines():
        name, _, rest = line.partition(":")
        sizes[name] = int(rest.split()[0]) * 1024
    return Memory(sizes["MemTotal"], sizes.get("MemAvailable", sizes["MemFree"]))


def cpu_count(logical: bool = True) -> Optional[int]:
    """Cores, or threads of cores."""
    if logical:
        return os.cpu_count()
    siblings = set()
    folder = "/sys/devices/system/cpu"
    for name in os.listdir(folder):
        if name[3:].isdigit():
            for file in ("core_cpus_list", "thread_siblings_list"):
                try:
                    siblings.add(_read("{}/{}/topology/{}".format(folder, name, file)))
                    break
                except Error:
                    continue
    return len(siblings) or _cores_of_cpuinfo()


def _cores_of_cpuinfo() -> Optional[int]:
    cores: Dict[str, int] = {}
    package = "0"
    for line in _read("/proc/cpuinfo").decode("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "physical id":
            package = value.strip()
        elif name.strip() == "cpu cores":
            cores[package] = int(value)
    return sum(cores.values()) or None


def cpu_times(percpu: bool = False) -> Union[CpuTimes, List[CpuTimes]]:
    """Of all cores together, or of each."""
    lines = _read("/proc/stat").decode().splitlines()
    found = []
    for line in lines:
        words = line.split()
        if words and words[0].startswith("cpu"):
            ticks = [int(word) * _TICK for word in words[1:11]]
            found.append(CpuTimes(*(ticks + [0.0] * (10 - len(ticks)))))
    return found[1:] if percpu else found[0]


_last: List[CpuTimes] = []


def cpu_percent() -> float:
    """Of all cores since the last call."""
    now = cpu_times()
    assert isinstance(now, CpuTimes)
    before = _last.pop() if _last else now
    _last.append(now)
    # Guests' time is in user time already.
    passed = sum(now[:8]) - sum(before[:8])
    idle = (now.idle + now.iowait) - (before.idle + before.iowait)
    return 100.0 * max(0.0, passed - idle) / passed if passed > 0 else 0.0


def sensors_battery() -> Optional[Battery]:
    """None without a battery."""
    folder = "/sys/class/power_supply"
    try:
        names = os.listdir(folder)
    except OSError:
        return None
    if not any(name.upper().startswith("BAT") for name in names):
        return None
    for name in names:
        try:
            return Battery(_read("{}/{}/online".format(folder, name)).strip() == b"1")
        except Error:
            continue
    return Battery(None)


class Process:
    """One by its number; another that got the number later is told apart by its start."""

    def __init__(self, pid: Optional[int] = None) -> None:
        self.pid = os.getpid() if pid is None else pid
        self._started = self._stat()[19]

    def _stat(self) -> List[bytes]:
        """From the state on: the name before it may hold blanks and brackets."""
        return _read("/proc/{}/stat".format(self.pid)).rpartition(b")")[2].split()

    def cpu_times(self) -> ProcessTimes:
        return ProcessTimes(*(int(word) * _TICK for word in self._stat()[11:15]))

    def memory_info(self) -> Usage:
        pages = int(_read("/proc/{}/statm".format(self.pid)).split()[1])
        return Usage(pages * os.sysconf("SC_PAGE_SIZE"))

    def cpu_affinity(self) -> List[int]:
        return sorted(os.sched_getaffinity(self.pid))

    def environ(self) -> Dict[str, str]:
        entries = _read("/proc/{}/environ".format(self.pid)).decode("utf-8", "replace").split("\0")
        return {name: value for name, sign, value in (e.partition("=") for e in entries) if sign}

    def children(self, recursive: bool = False) -> List[Process]:
        found = [one for one in process_iter() if one.parent_number() == self.pid]
        if recursive:
            found += [below for one in list(found) for below in one.children(recursive=True)]
        return found

    def parent_number(self) -> Optional[int]:
        try:
            return int(self._stat()[1])
        except Error:
            return None

    def is_running(self) -> bool:
        try:
            return self._stat()[19] == self._started
        except Error:
            return False

    def status(self) -> str:
        return STATUS_ZOMBIE if self._stat()[0] == b"Z" else "running"

    def kill(self) -> None:
        try:
            os.kill(self.pid, signal.SIGKILL)
        except OSError as error:
            raise NoSuchProcess(str(error)) from None


def process_iter() -> Iterator[Process]:
    """Those that run now and can be read."""
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                yield Process(int(name))
            except Error:
                continue


def wait_procs(processes: Sequence[Any], timeout: float) -> Tuple[List[Any], List[Any]]:
    """Those that have ended by then, and those that have not."""
    end = time.monotonic() + timeout
    alive = list(processes)
    while alive and time.monotonic() < end:
        alive = [one for one in alive if _lives(one)]
        if alive:
            time.sleep(_LOOK_SECONDS)
    return [one for one in processes if one not in alive], alive


def _lives(process: Any) -> bool:
    try:
        return bool(process.is_running() and process.status() != STATUS_ZOMBIE)
    except Error:
        return False
