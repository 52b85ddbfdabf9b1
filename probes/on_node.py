"""What runs inside a cluster's workers: starts the bundle there, waits without blocking, ends it.

Sent by value, since nothing of this program is installed on a node: standard library, and psutil,
which dask.distributed brings. All functions are coroutines: a plain one would run on the worker's
event loop and stop its heartbeats for as long as it takes.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import uuid
from typing import Any

MARK = "ADVISOR_PROBE_ON_NODE"
"""Inherited by all that the bundle starts; what outlives it is found by it."""
FOLDER = "ADVISOR_PROBE_FOLDER"
"""Where the bundle unpacks itself: what one that had to be killed leaves goes with our folder."""
ATTRIBUTE = "framework_advisor_probes"
TAIL = 4_000
POLITE_SECONDS = 20.0
"""For a bundle to end its workers once its standard input is closed."""


async def describe(bundle: bytes, python: str | None, limit: float) -> dict[str, Any]:
    """Which machine this is, and which accelerators the drivers see."""
    told = await run_bundle("look", bundle, python, ["--list-accelerators"], limit, {})
    return {**told, "hostname": socket.gethostname(), "machine": machine_id()}


async def measure(
    token: str,
    bundle: bytes,
    python: str | None,
    arguments: list[str],
    limit: float,
    dask_worker: Any = None,
) -> dict[str, Any]:
    """Run the bundle; what it writes, how it ended, and the end of what it said."""
    running: dict[str, Any] = getattr(dask_worker, ATTRIBUTE, {})
    if dask_worker is not None:
        setattr(dask_worker, ATTRIBUTE, running)
    more = ["--out", "-", "--until-stdin-closes", *arguments]
    return await run_bundle(token, bundle, python, more, limit, running)


async def cancel(token: str, dask_worker: Any = None) -> bool:
    """Ask a running bundle to end: it keeps what is done."""
    process = getattr(dask_worker, ATTRIBUTE, {}).get(token)
    if process is None:
        return False
    close(process)
    return True


async def run_bundle(
    token: str,
    bundle: bytes,
    python: str | None,
    arguments: list[str],
    limit: float,
    running: dict[str, Any],
) -> dict[str, Any]:
    """One run in a folder of its own, in a session of its own; nothing of it is left.

    What keeps it from being started is told: an OSError would be read as a connection that broke.
    """
    try:
        return await _run_bundle(token, bundle, python, arguments, limit, running)
    except OSError as error:
        return {"how": "not_started", "code": None, "out": b"", "errors": str(error)}


async def _run_bundle(
    token: str,
    bundle: bytes,
    python: str | None,
    arguments: list[str],
    limit: float,
    running: dict[str, Any],
) -> dict[str, Any]:
    # Files and processes in threads: a slow disk would hold the heartbeats up too.
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="framework-advisor-node-")
    # Of this run alone: several workers can share a machine.
    mark = f"{token}-{uuid.uuid4().hex}"
    try:
        process = await asyncio.to_thread(start, folder, bundle, python, arguments, mark)
        running[token] = process
        try:
            how = await ended(process, limit)
        finally:
            running.pop(token, None)
            await asyncio.to_thread(end_all, process, mark)
        return {"how": how, "code": process.returncode, **await asyncio.to_thread(written, folder)}
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def start(
    folder: str, bundle: bytes, python: str | None, arguments: list[str], mark: str
) -> "subprocess.Popen[bytes]":
    """The bundle as a process that writes into the folder."""
    path = os.path.join(folder, "probe.pyz")
    with open(path, "wb") as file:
        file.write(bundle)
    with (
        open(os.path.join(folder, "out"), "wb") as out,
        open(os.path.join(folder, "err"), "wb") as err,
    ):
        return subprocess.Popen(
            [python or sys.executable, path, *arguments],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=err,
            cwd=folder,
            env={**environment(mark), FOLDER: folder},
            start_new_session=os.name == "posix",
        )


def written(folder: str) -> dict[str, Any]:
    """What the bundle gave, and the end of what it said."""
    with open(os.path.join(folder, "out"), "rb") as out:
        given = out.read()
    with open(os.path.join(folder, "err"), "rb") as err:
        said = err.read()[-TAIL:]
    return {"out": given, "errors": said.decode("utf-8", "replace")}


async def ended(process: Any, limit: float) -> str:
    """Wait in a thread, so that heartbeats go on. A run over its limit may still end politely."""
    for how, seconds in (("ended", limit), ("timed_out", POLITE_SECONDS)):
        try:
            await asyncio.to_thread(process.wait, seconds)
            return how
        except subprocess.TimeoutExpired:
            close(process)
    return "timed_out"


def close(process: Any) -> None:
    with contextlib.suppress(OSError):
        process.stdin.close()


def end_all(process: Any, mark: str) -> None:
    """Kill what is left: its process group, and what carries the mark outside of it."""
    close(process)
    if process.poll() is None:
        with contextlib.suppress(OSError):
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
        process.wait()
    import psutil

    for other in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if other.environ().get(MARK) == mark:
                other.kill()


def environment(mark: str) -> dict[str, str]:
    """The worker's, without what its nanny has set for tasks: one thread, and another allocator."""
    variables = dict(os.environ)
    for name, value in set_by_nanny().items():
        if variables.get(name) == str(value):
            del variables[name]
    variables[MARK] = mark
    return variables


def set_by_nanny() -> dict[str, Any]:
    import dask.config

    found: dict[str, Any] = {}
    for key in ("pre-spawn-environ", "environ"):
        found.update(dask.config.get("distributed.nanny." + key, None) or {})
    return found


def machine_id() -> str:
    """The same for all workers on one machine, whatever addresses they have."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return socket.gethostname()
