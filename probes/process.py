"""A worker process: started, asked, ended. The one transport of this package.

Commands go to its standard input, replies come on a private descriptor; a thread drains each of
its outputs, so that no pipe ever fills and blocks it. Nothing here knows what is asked. However a
worker behaves, a call ends within its time limit, and `end_workers` leaves no process behind.
"""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
import psutil

from probes.messages import (
    LONGEST_LINE_BYTES,
    PROTOCOL,
    Hello,
    Message,
    ProtocolError,
    WorkerError,
    decode,
    excerpt,
    head_of,
    printable,
)

PROGRAM = Path(__file__).resolve().parent / "worker" / "__main__.py"
MARK = "FRAMEWORK_ADVISOR_WORKER"
"""Environment variable that a worker's children inherit: what left its group is found by it."""

ASK_SECONDS = 2.0
"""To end by itself once told to quit: some builds take a second to tear down their threads."""
TERMINATE_SECONDS = 1.0
KILL_SECONDS = 5.0
LOOK_SECONDS = 0.05
"""How often a wait looks whether it was cancelled; some microseconds each."""
STDERR_BYTES = 16 * 1024
LINE_OVERHEAD = 64
"""What a line costs here beside its bytes: a flood of empty ones is a flood too."""
PENDING_BYTES = 4 * LONGEST_LINE_BYTES

How = Literal["exited", "timed_out", "garbage"]


class WorkerLost(Exception):
    """The worker is of no further use: it ended, hung or spoke no protocol."""

    def __init__(self, how: How, message: str, detail: str | None = None) -> None:
        super().__init__(message)
        self.how: How = how
        self.message = message
        self.detail = detail


class Refused(Exception):
    """The worker is well, and says that it cannot do what was asked."""

    def __init__(self, error: WorkerError) -> None:
        super().__init__(error.message)
        self.error = error


class Cancelled(Exception):
    """The user asked to stop."""


Wanted = TypeVar("Wanted", bound=Message)


class Worker:
    """One worker process. Ask it one thing at a time; end it with `end_workers`."""

    def __init__(
        self, python: str, environment: Mapping[str, str], folder: Path, program: Path = PROGRAM
    ) -> None:
        """Start it. Raises WorkerLost where the interpreter cannot be started."""
        self.mark = uuid.uuid4().hex
        self._number = 0
        self._inbox: queue.SimpleQueue[bytes | ProtocolError | None] = queue.SimpleQueue()
        self._pending = 0
        self._counting = threading.Lock()
        self._stderr = bytearray()
        read_end, write_end = os.pipe()
        try:
            self._process = subprocess.Popen(
                [python, "-X", "utf8", str(program), *_descriptor_arguments(write_end)],
                stdin=subprocess.PIPE,
                stdout=write_end if sys.platform == "win32" else subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={**environment, MARK: self.mark},
                cwd=folder,
                **_group_options(write_end),
            )
        except OSError as error:
            os.close(read_end)
            raise WorkerLost("exited", f"it cannot be started: {error.strerror}") from error
        finally:
            os.close(write_end)
        self._threads = (
            threading.Thread(target=self._read_replies, args=(read_end,), daemon=True),
            threading.Thread(target=self._read_stderr, daemon=True),
        )
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def hello(self, seconds: float, cancel: threading.Event) -> Hello:
        """Its first words. Raises WorkerLost, Cancelled."""
        line = self._next_line(time.monotonic() + seconds, seconds, cancel)
        try:
            if head_of(line).type != "hello":
                raise ProtocolError(f"no hello in {excerpt(line)}")
            hello = decode(line, Hello)
        except ProtocolError as error:
            raise self._garbage(error) from None
        if hello.protocol != PROTOCOL:
            raise self._garbage(ProtocolError(f"it speaks protocol {hello.protocol}"))
        if hello.foreign_modules:
            raise self._garbage(
                ProtocolError(
                    "modules of this program are loaded in it: " + ", ".join(hello.foreign_modules)
                )
            )
        return hello

    def ask(
        self, do: str, wanted: type[Wanted], limit: float, cancel: threading.Event, /, **more: Any
    ) -> Wanted:
        """Send a command and wait for its answer. Raises WorkerLost, Refused, Cancelled."""
        self._number += 1
        self._send({"id": self._number, "do": do, **more})
        deadline = time.monotonic() + limit
        while True:
            line = self._next_line(deadline, limit, cancel)
            try:
                head = head_of(line)
                if head.type in ("log", "progress"):
                    continue
                if head.type == "hello" or head.id != self._number:
                    raise ProtocolError(
                        f"not the answer to command {self._number}: {excerpt(line)}"
                    )
                if head.type == "error":
                    raise Refused(decode(line, WorkerError))
                return decode(line, wanted)
            except ProtocolError as error:
                raise self._garbage(error) from None

    def cpu_seconds(self) -> float | None:
        """Processor time that it and its ended children took so far."""
        try:
            return float(sum(psutil.Process(self.pid).cpu_times()[:4]))
        except psutil.Error:
            return None

    def stderr_tail(self) -> str | None:
        """The end of what it printed, fit to be shown."""
        return printable(bytes(self._stderr).decode("utf-8", "replace")).strip() or None

    def _send(self, command: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(msgspec.json.encode(command) + b"\n")
            self._process.stdin.flush()
        except (BrokenPipeError, OSError):
            raise self._ended() from None

    def _next_line(self, deadline: float, limit: float, cancel: threading.Event) -> bytes:
        seen_dead = 0
        while True:
            left = deadline - time.monotonic()
            try:
                line = self._inbox.get(timeout=max(0.0, min(LOOK_SECONDS, left)))
                arrived = True
            except queue.Empty:
                line, arrived = b"", False
            if cancel.is_set():
                raise Cancelled
            if line is None:
                raise self._ended()
            if isinstance(line, ProtocolError):
                raise self._garbage(line)
            if not arrived and self._process.poll() is not None:
                # A grandchild can hold the channel open. Twice: the last words may be on their way.
                seen_dead += 1
                if seen_dead > 1:
                    raise self._ended()
            if time.monotonic() > deadline:
                # A flood of small talk is no answer either.
                raise self._timed_out(limit)
            if arrived:
                with self._counting:
                    self._pending -= len(line) + LINE_OVERHEAD
                return line

    def _timed_out(self, seconds: float) -> WorkerLost:
        return WorkerLost("timed_out", f"no answer within {seconds:.0f} s", self.stderr_tail())

    def _garbage(self, error: ProtocolError) -> WorkerLost:
        words = f"it does not keep to the protocol: {error}"
        return WorkerLost("garbage", words, self.stderr_tail())

    def _ended(self) -> WorkerLost:
        """What became of a worker whose channel is closed."""
        try:
            code = self._process.wait(TERMINATE_SECONDS)
        except subprocess.TimeoutExpired:
            return self._garbage(ProtocolError("it closed its channel and went on"))
        self._threads[1].join(TERMINATE_SECONDS)
        return WorkerLost("exited", exit_reason(code), self.stderr_tail())

    def _read_replies(self, descriptor: int) -> None:
        """Cut what comes into lines. Too long a line, or more than anybody takes, is said once and
        all after it thrown away, so that the other side never blocks."""
        begun = bytearray()
        flooded = False
        with open(descriptor, "rb", buffering=0) as pipe:
            while chunk := pipe.read(1 << 16):
                if flooded:
                    continue
                begun += chunk
                if b"\n" in chunk:
                    *lines, last = bytes(begun).split(b"\n")
                    begun = bytearray(last)
                    with self._counting:
                        self._pending += sum(len(line) + LINE_OVERHEAD for line in lines)
                    for line in lines:
                        self._inbox.put(line)
                if len(begun) > LONGEST_LINE_BYTES or self._pending > PENDING_BYTES:
                    flooded = True
                    begun.clear()
                    self._inbox.put(ProtocolError("it floods its channel"))
        self._inbox.put(None)

    def _read_stderr(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as pipe:
            while chunk := os.read(pipe.fileno(), 1 << 16):
                self._stderr += chunk
                del self._stderr[:-STDERR_BYTES]

    # The ladder: each rung for all workers at once, so that many end as fast as one.

    def _ask_to_quit(self) -> None:
        with contextlib.suppress(WorkerLost):
            self._send({"id": self._number + 1, "do": "quit"})
        self._close_stdin()

    def _close_stdin(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def _signal_group(self, number: int) -> None:
        """A signal to the worker's whole process group; on Windows to its process tree."""
        if sys.platform == "win32":
            with contextlib.suppress(psutil.Error):
                for process in psutil.Process(self.pid).children(recursive=True):
                    with contextlib.suppress(psutil.Error):
                        process.kill()
            with contextlib.suppress(OSError):
                self._process.kill()
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def _wait(self, deadline: float) -> bool:
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        return True

    def _close(self) -> None:
        self._close_stdin()
        for thread in self._threads:
            thread.join(TERMINATE_SECONDS)


def end_workers(workers: Iterable[Worker], ask: bool = True) -> None:
    """End workers and all that they started: ask, terminate the groups, kill the groups.

    `ask=False` is for those that no longer listen. An interrupt on the way kills at once.
    """
    alive = list(workers)
    try:
        if ask:
            for worker in alive:
                worker._ask_to_quit()
            _wait_all(alive, ASK_SECONDS)
        for worker in alive:
            worker._signal_group(signal.SIGTERM)
        _wait_all(alive, TERMINATE_SECONDS)
    finally:
        for worker in alive:
            worker._signal_group(_KILL)
        _wait_all(alive, KILL_SECONDS)
        kill_marked({worker.mark for worker in alive})
        for worker in alive:
            worker._close()


def _wait_all(workers: Iterable[Worker], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    for worker in workers:
        worker._wait(deadline)


_KILL: int = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL


def kill_marked(marks: Collection[str]) -> None:
    """Kill what carries a worker's mark wherever it hid: a grandchild can leave its group."""
    for _ in range(3):
        found = marked_processes(marks)
        if not found:
            return
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(found, timeout=TERMINATE_SECONDS)


def marked_processes(marks: Collection[str]) -> list[psutil.Process]:
    """Running processes that inherited a worker's mark; those of other users cannot be read."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) in marks and process.pid != os.getpid():
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return [one for one in found if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def exit_reason(code: int) -> str:
    """An exit code in words."""
    if code >= 0:
        return f"it ended by itself with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    explained = {
        "SIGKILL": "killed from outside, as the system does when memory runs out (SIGKILL)",
        "SIGSEGV": "crashed (SIGSEGV, a wrong memory access)",
        "SIGILL": "crashed (SIGILL, an instruction that this processor does not have)",
        "SIGABRT": "gave up (SIGABRT)",
    }
    return f"it {explained.get(name, f'was ended by {name}')}"


def _descriptor_arguments(write_end: int) -> list[str]:
    # On Windows a descriptor's number means nothing to a child but for the standard three.
    return ["--fd", "1" if sys.platform == "win32" else str(write_end)]


def _group_options(write_end: int) -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True, "pass_fds": (write_end,)}
