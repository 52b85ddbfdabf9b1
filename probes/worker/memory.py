"""How much memory this process holds, from the system's own books; standard library only.

The resident set counts what lies in memory at all: a framework's libraries, what is prepared, what
a step needs. None stands where a system does not tell.
"""

from __future__ import annotations

import sys
from typing import Callable, NamedTuple

STATUS = "/proc/self/status"
CLEAR_REFS = "/proc/self/clear_refs"
RESET_PEAK = "5"
"""Linux sets VmHWM back to VmRSS for it (Documentation/filesystems/proc.rst)."""
SLACK_BYTES = 4 << 20
"""Threads keep counts of their own for a while: right after a reset both differ by a little."""


class Held(NamedTuple):
    """Bytes now and at most."""

    resident: int | None
    peak: int | None


def held() -> Held:
    """What this process holds. Untried by us on Windows and macOS."""
    try:
        if sys.platform == "win32":
            return of_windows()
        if sys.platform == "darwin":
            return of_usage(1)
        with open(STATUS, encoding="ascii", errors="replace") as status:
            found = of_status(status.read())
        return found if found.peak is not None else of_usage(1024)
    except (OSError, ImportError, AttributeError, ValueError):
        return Held(None, None)


def of_status(text: str) -> Held:
    """From the lines of /proc/self/status, which are in KiB whatever their unit says."""
    found = {}
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        words = rest.split()
        if name in ("VmRSS", "VmHWM") and words and words[0].isdigit():
            found[name] = int(words[0]) * 1024
    return Held(found.get("VmRSS"), found.get("VmHWM"))


def of_usage(unit: int) -> Held:
    """The peak alone, from getrusage: in bytes on macOS, in KiB elsewhere."""
    import resource

    return Held(None, int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * unit or None)


def of_windows() -> Held:
    """The working set, from GetProcessMemoryInfo."""
    import ctypes

    class Counters(ctypes.Structure):
        """PROCESS_MEMORY_COUNTERS."""

        _fields_ = [
            ("cb", ctypes.c_uint32),
            ("PageFaultCount", ctypes.c_uint32),
            ("PeakWorkingSetSize", ctypes.c_size_t),
            ("WorkingSetSize", ctypes.c_size_t),
            ("QuotaPeakPagedPoolUsage", ctypes.c_size_t),
            ("QuotaPagedPoolUsage", ctypes.c_size_t),
            ("QuotaPeakNonPagedPoolUsage", ctypes.c_size_t),
            ("QuotaNonPagedPoolUsage", ctypes.c_size_t),
            ("PagefileUsage", ctypes.c_size_t),
            ("PeakPagefileUsage", ctypes.c_size_t),
        ]

    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    ask = kernel.K32GetProcessMemoryInfo
    ask.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32]
    counters = Counters(cb=ctypes.sizeof(Counters))
    if not ask(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.cb):
        return Held(None, None)
    return Held(int(counters.WorkingSetSize), int(counters.PeakWorkingSetSize))


def start_peak(now: Callable[[], Held] = held) -> bool:
    """Let the peak count from here on; False where it goes on from the start of the process.

    Some sandboxes take the request and do nothing, so that what comes of it is looked at.
    """
    try:
        with open(CLEAR_REFS, "w", encoding="ascii") as clear:
            clear.write(RESET_PEAK)
    except OSError:
        return False
    after = now()
    if after.peak is None or after.resident is None:
        return False
    return after.peak - after.resident <= SLACK_BYTES
