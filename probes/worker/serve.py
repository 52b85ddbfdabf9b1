"""The worker's loop: takes commands, keeps what is prepared, answers. See `protocol.py`.

numpy is imported with the first command that needs it: a framework's import is timed in a fresh
process, and an interpreter without numpy can still say so.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from . import memory
from .contract import (
    STRICT,
    Adapter,
    CountsDeviceMemory,
    Task,
    TriesCapabilities,
    Unsupported,
    load_adapter,
    one_line,
)
from .protocol import PROTOCOL, Channel

if TYPE_CHECKING:
    from .control import Controls
    from .reference import Expected
    from .workloads import Workload

OURS = ("app", "rules", "probes")
DETAIL_CHARACTERS = 4000
REST_LIMIT = 0.5
REST_STEP = 0.002
TICKS_STEP = 0.03
"""Where only the processor clock can tell: the system brings that of other threads up to date with
its ticks (4 ms on Linux, 16 ms on Windows), and within a shorter step spinning is not seen."""
RESTING_SHARE = 0.2
"""Of one core over a step; spinning takes all of it."""
THREADS = "/proc/self/task"


class Wrong(Exception):
    """The work is not proven equal, or no longer is."""


class Prepared(NamedTuple):
    """A task with its inputs in place and its proof done."""

    task: Task
    workload: Workload
    expected: Expected
    placed: list[Any]
    tolerance: float
    passed: bool


class Session:
    """What one worker process holds between commands."""

    def __init__(self) -> None:
        self._adapters: dict[str, Adapter] = {}
        self._prepared: dict[tuple[str, ...], Prepared] = {}
        self._expected: dict[tuple[str, str], Expected] = {}
        self._controls: Controls | None = None

    def import_framework(self, command: dict[str, Any]) -> dict[str, Any]:
        framework = text(command, "framework")
        adapter = load_adapter(framework)
        before = time.perf_counter()
        adapter.import_framework(command.get("backend"))
        import_seconds = time.perf_counter() - before
        # A framework brings half a million objects that live for ever; without this, collecting
        # garbage before each window costs 0.1 to 0.2 seconds.
        gc.collect()
        gc.freeze()
        self._adapters[framework] = adapter
        return {
            "import_seconds": import_seconds,
            "version": adapter.version(),
            "build": adapter.build(),
            "devices": [device._asdict() for device in adapter.devices()],
            "settings": adapter.settings(),
            "threads": adapter.threads(),
            "resident_bytes": memory.held().resident,
        }

    def prepare(self, command: dict[str, Any]) -> dict[str, Any]:
        from . import equal_work, workloads

        mode, device = text(command, "mode"), text(command, "device")
        track = command.get("track", STRICT)
        size = command.get("size") or ("cpu" if device == "cpu" else "gpu")
        try:
            workload = workloads.find(text(command, "workload"), size)
        except KeyError:
            raise Unsupported(
                "no workload {} of size {}".format(command.get("workload"), size)
            ) from None
        adapter, variant = self._adapter(mode)
        expected = self._reference(workload, size, command.get("reference"))
        inputs = [entry.arrays() for entry in workloads.input_sets(workload)]
        adapter.set_track(track)
        before = time.perf_counter()
        if workload.model == "pipeline":
            from . import pipelines

            task: Task = pipelines.prepare(adapter, mode.partition("/")[0], workload, device)
        else:
            task = adapter.prepare(workload, variant, device)
        # Placed after the task is ready: nothing that it compiled can know these numbers.
        placed = [task.place(arrays) for arrays in inputs]
        build_seconds = time.perf_counter() - before
        del inputs
        tolerance = equal_work.tolerance_of(track, device)
        proof, first_call_seconds = equal_work.prove(task, workload, expected, placed, tolerance)
        if workload.blocks:
            # Of a training step only the losses are asked for again, and what is kept here would
            # stand in the memory that the step is seen to need.
            expected = expected._replace(first_gradient=(), final_parameters=())
            self._expected = {}
        self._prepared[place_of(command)] = Prepared(
            task, workload, expected, placed, tolerance, proof.passed
        )
        return {
            "equal_work": proof._asdict(),
            "build_seconds": build_seconds,
            "first_call_seconds": first_call_seconds,
            "flops": workloads.flops(workload),
            "bytes_moved": workloads.bytes_moved(workload),
            "workload_version": workloads.version(workload),
            "purpose": workload.purpose,
        }

    def _reference(self, workload: Workload, size: str, given: Any) -> Expected:
        """What is right: from the file of the one that works it out for all, if there is one."""
        from . import reference

        key = (workload.id, size)
        if key not in self._expected:
            # Of a run's workloads one is at work: what the others need can be had again.
            self._expected = {key: reference.read(given) if given else reference.expected(workload)}
        return self._expected[key]

    def _proven(self, command: dict[str, Any]) -> Prepared:
        prepared = self._prepared.get(place_of(command))
        if prepared is None:
            raise Unsupported("measured before it was prepared")
        if not prepared.passed:
            raise Wrong("equal work is not proven")
        return prepared

    def measure(self, command: dict[str, Any]) -> dict[str, Any]:
        from . import equal_work, timing, workloads

        prepared = self._proven(command)
        adapter, _ = self._adapter(text(command, "mode"))
        adapter.set_track(command.get("track", STRICT))
        task, workload = prepared.task, prepared.workload
        if workloads.parameters_of(workload):
            # Each window trains from the same start: no window sees smaller numbers than another.
            task.load(workloads.initial_parameters(workload))
        device = text(command, "device")
        device_peak(adapter, device, start=True)
        scope = "item" if memory.start_peak() else "process"
        window = timing.measure(
            task.step,
            task.wait,
            prepared.placed,
            float(command["seconds"]),
            int(command["minimum_values"]),
            command.get("maximum_seconds"),
            keep_first=workload.trains,
        )
        # Before the check that follows: it needs memory of its own.
        peak, on_device = memory.held().peak, device_peak(adapter, device, start=False)
        fault = equal_work.fault_of_window(
            task, workload, prepared.expected, window, prepared.tolerance
        )
        if fault:
            raise Wrong(fault)
        return {
            "values": window.values,
            "cpu_seconds": window.cpu_seconds,
            "wall_seconds": window.wall_seconds,
            "warm_up_seconds": window.warm_up_seconds,
            "peak_resident_bytes": peak,
            "peak_resident_scope": None if peak is None else scope,
            "peak_device_bytes": on_device,
        }

    def prove_again(self, command: dict[str, Any]) -> dict[str, Any]:
        from . import equal_work

        prepared = self._proven(command)
        adapter, _ = self._adapter(text(command, "mode"))
        adapter.set_track(command.get("track", STRICT))
        fault = equal_work.still_right(
            prepared.task,
            prepared.workload,
            prepared.expected,
            prepared.placed,
            prepared.tolerance,
        )
        if fault:
            raise Wrong(fault)
        return {}

    def reference(self, command: dict[str, Any]) -> dict[str, Any]:
        from . import reference, workloads

        identifier, size = text(command, "workload"), text(command, "size")
        try:
            workload = workloads.find(identifier, size)
        except KeyError:
            raise Unsupported("no workload {} of size {}".format(identifier, size)) from None
        reference.write(text(command, "file"), reference.expected(workload))
        return {}

    def check(self, command: dict[str, Any]) -> dict[str, Any]:
        from . import capabilities, compile_cache, data_parallel, determinism

        capability, mode = text(command, "capability"), text(command, "mode")
        adapter, variant = self._adapter(mode)
        device = text(command, "device")
        adapter.set_track(STRICT)
        if capability == determinism.CAPABILITY:
            return determinism.check(adapter, variant, device)._asdict()
        if capability == data_parallel.CAPABILITY:
            framework = mode.partition("/")[0]
            return data_parallel.check(adapter, framework, variant, device)._asdict()
        if capability == compile_cache.CAPABILITY:
            return compile_cache.check(mode, device)._asdict()
        if not isinstance(adapter, TriesCapabilities):
            raise Unsupported("nothing of this is tried for this framework")
        framework, place, checks = adapter.tried(device)
        return capabilities.find(checks, capability, variant)(framework, place)._asdict()

    def control(self, command: dict[str, Any]) -> dict[str, Any]:
        return {"values": self._control().product(int(command.get("repeats", 1)))}

    def small_operations(self, command: dict[str, Any]) -> dict[str, Any]:
        return {"values": self._control().small_operations(int(command.get("repeats", 1)))}

    def drop(self, command: dict[str, Any]) -> dict[str, Any]:
        self._prepared.pop(place_of(command), None)
        return {}

    def _control(self) -> Controls:
        if self._controls is None:
            from .control import Controls

            self._controls = Controls()
        return self._controls

    def _adapter(self, mode: str) -> tuple[Adapter, str]:
        framework, _, variant = mode.partition("/")
        if framework not in self._adapters:
            raise Unsupported(framework + " is not imported here")
        return self._adapters[framework], variant


def text(command: dict[str, Any], name: str) -> str:
    value = command.get(name)
    if not isinstance(value, str):
        raise Unsupported("the command has no text for " + name)
    return value


def device_peak(adapter: Adapter, device: str, *, start: bool) -> int | None:
    """The framework's own count, where there is one; a count that fails spoils no measurement."""
    if device == "cpu" or not isinstance(adapter, CountsDeviceMemory):
        return None
    try:
        return int(adapter.peak_device_bytes(device, start=start) or 0) or None
    except Exception:  # noqa: BLE001 - whatever it is, the figure is not known
        return None


def place_of(command: dict[str, Any]) -> tuple[str, ...]:
    """What a prepared task is kept under."""
    return (
        text(command, "mode"),
        text(command, "workload"),
        text(command, "device"),
        command.get("track", STRICT),
    )


def kind_of(error: BaseException, doing: str) -> str:
    """Which of the protocol's kinds an error is."""
    if isinstance(error, Unsupported):
        return "unsupported"
    if isinstance(error, Wrong):
        return "wrong"
    words = type(error).__name__ + " " + str(error)
    if isinstance(error, MemoryError) or any(
        sign in words for sign in ("OutOfMemory", "out of memory", "RESOURCE_EXHAUSTED")
    ):
        return "memory"
    return "import" if doing == "import" or isinstance(error, ImportError) else "exception"


def other_threads_run() -> bool | None:
    """Whether any thread of this process but the one that asks is on a core or waits for one; None
    where the system does not tell. A thread that spins, yielding or not, always is."""
    own = threading.get_native_id()
    try:
        for number in os.listdir(THREADS):
            if int(number) == own:
                continue
            try:
                with open(os.path.join(THREADS, number, "stat"), "rb") as stat:
                    # The name stands in brackets and may hold anything.
                    state = stat.read().rpartition(b")")[2].split()[0]
            except (FileNotFoundError, ProcessLookupError):
                continue
            if state == b"R":
                return True
    except (OSError, ValueError, IndexError):
        return None
    return False


def come_to_rest(
    clock: Callable[[], float] = time.perf_counter,
    cpu_clock: Callable[[], float] = time.process_time,
    sleep: Callable[[float], None] = time.sleep,
    threads_run: Callable[[], bool | None] = other_threads_run,
) -> None:
    """Wait until our own idle threads have stopped spinning; at most REST_LIMIT seconds.

    After a parallel region the threads of libiomp5 spin for KMP_BLOCKTIME and those of OpenBLAS for
    100 ms, on a core that the next worker's window or the control then lacks: seen here as 25 % of
    foreign processor time, and as controls that took two or three times as long.
    """
    end = clock() + REST_LIMIT
    while clock() < end:
        running = threads_run()
        if running is False:
            return
        cpu, wall = cpu_clock(), clock()
        sleep(TICKS_STEP if running is None else REST_STEP)
        if running is None and cpu_clock() - cpu < RESTING_SHARE * (clock() - wall):
            return


def serve(channel: Channel) -> None:
    """Answer commands until told to quit or the other side is gone."""
    session = Session()
    actions: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
        "import": session.import_framework,
        "prepare": session.prepare,
        "measure": session.measure,
        "prove_again": session.prove_again,
        "reference": session.reference,
        "check": session.check,
        "control": session.control,
        "small_operations": session.small_operations,
        "drop": session.drop,
    }
    for command in channel.commands():
        doing, number = str(command.get("do")), command.get("id")
        if doing == "quit":
            return
        try:
            if doing not in actions:
                raise Unsupported("no command " + doing)
            try:
                result = actions[doing](command)
            finally:
                come_to_rest()
        except Exception as error:  # noqa: BLE001 - every failure is an answer
            channel.send(
                {
                    "type": "error",
                    "id": number,
                    "kind": kind_of(error, doing),
                    "message": one_line(error),
                    "detail": traceback.format_exc()[-DETAIL_CHARACTERS:],
                }
            )
        else:
            channel.send({**result, "type": "result", "id": number})


def main(arguments: list[str]) -> int:
    """Open the channel, say hello, serve."""
    parser = argparse.ArgumentParser(prog="worker")
    parser.add_argument("--fd", type=int, required=True)
    given = parser.parse_args(arguments).fd
    # A descriptor of our own: it may be standard output that was given, which is about to be
    # another, and grandchildren (compilers, for one) must not inherit it and hold it open.
    replies = os.dup(given)
    if given != 1:
        os.close(given)
    os.dup2(2, 1)
    channel = Channel(sys.stdin.buffer, replies)
    channel.send(
        {
            "type": "hello",
            "protocol": PROTOCOL,
            "python": platform.python_version(),
            "pid": os.getpid(),
            "foreign_modules": [name for name in OURS if name in sys.modules],
        }
    )
    try:
        serve(channel)
    except BrokenPipeError:
        return 0
    return 0
