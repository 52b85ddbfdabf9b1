"""The workers of a run: started with a private environment, counted, and ended together.

Keeps the book of what the run's time went to, and owns the control worker.
"""

import contextlib
import math
import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from probes import statistics
from probes.catalogue import load_catalogue
from probes.interpreters import is_frozen
from probes.messages import Control, Done
from probes.process import Refused, Worker, WorkerLost, end_workers
from probes.surroundings import worker_variables

SLOW_CONTROL = 1.10
"""Times the run's median, beyond which a control is run once more and the faster of both counts:
one hiccup is no load, and what goes on slows both."""
CONTROL_LIMIT_SECONDS = 30.0


class Controls(NamedTuple):
    """The two controls beside a window, in seconds."""

    product: float
    small_operations: float


class Book:
    """Seconds by what they were used for; nested uses are taken off the outer one."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextlib.contextmanager
    def using(self, use: str) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[use] += time.monotonic() - start

    def move(self, source: str, target: str, seconds: float) -> None:
        """Part of a use that turned out to be another."""
        part = min(seconds, self.seconds[source])
        self.seconds[source] -= part
        self.seconds[target] += part


class Crew:
    """All workers of one run. `end_all` must be called, however the run goes."""

    def __init__(self, folder: Path, threads: int, cancel: threading.Event, program: Path) -> None:
        catalogue = load_catalogue()
        self.book = Book()
        self.windows = 0
        self._folder = folder
        self._cancel = cancel
        self._program = program
        self._variables = {
            own_settings: worker_variables(
                catalogue, os.environ, None if own_settings else threads, folder, os.pathsep
            )
            for own_settings in (False, True)
        }
        self._living: list[Worker] = []
        self._control: Worker | None = None
        self._controls: dict[str, list[float]] = defaultdict(list)
        """Seconds, one for each time, by what the worker is asked."""
        self._references: dict[tuple[str, str], str | None] = {}
        """Files by workload and size."""

    def start(self, python: str, hello_limit: float, *, own_settings: bool = False) -> Worker:
        """A worker that has said hello; with its framework's own settings, or with the thread plan.

        Raises WorkerLost, Cancelled.
        """
        with self.book.using("start"):
            variables = self._variables[own_settings]
            worker = Worker(python, variables, self._folder, self._program)
            self._living.append(worker)
            try:
                worker.hello(hello_limit, self._cancel)
            except WorkerLost:
                self.end([worker], ask=False)
                raise
            return worker

    def controls(self, fallback_python: str, hello_limit: float) -> Controls:
        """Run both controls in a worker of their own. Raises WorkerLost, Refused, Cancelled.

        It runs under this program's interpreter; a frozen program has none and takes the fallback.
        """
        try:
            worker = self._control_worker(fallback_python, hello_limit)
            with self.book.using("control"):
                product = self._quick_control(worker, "control")
                small = self._quick_control(worker, "small_operations")
        except WorkerLost:
            self._part_with_control()
            raise
        return Controls(product, small)

    def _quick_control(self, worker: Worker, do: str) -> float:
        """Seconds of one control; of the faster of two where the first is slow for this run."""
        before = self._controls[do]
        enough = SLOW_CONTROL * statistics.median(before) if before else math.inf
        taken: list[float] = []
        while not taken or (len(taken) < 2 and taken[0] > enough):
            said = worker.ask(do, Control, CONTROL_LIMIT_SECONDS, self._cancel, repeats=1)
            taken.append(min(said.values))
        before.append(min(taken))
        return min(taken)

    def reference(
        self, workload: str, size: str, fallback_python: str, hello_limit: float, limit: float
    ) -> str | None:
        """The file with what is right for a workload, worked out once for all workers, without any
        framework; None where that cannot be done: each then works it out for itself.

        Raises Cancelled.
        """
        if (workload, size) not in self._references:
            path = str(self._folder / f"{workload}-{size}.reference")
            self._references[workload, size] = None
            try:
                worker = self._control_worker(fallback_python, hello_limit)
                with self.book.using("proof"):
                    worker.ask(
                        "reference", Done, limit, self._cancel,
                        workload=workload, size=size, file=path,
                    )  # fmt: skip
                self._references[workload, size] = path
            except WorkerLost:
                self._part_with_control()
            except Refused:
                pass
        return self._references[workload, size]

    def _control_worker(self, fallback_python: str, hello_limit: float) -> Worker:
        if self._control is None:
            frozen = is_frozen() or not sys.executable
            self._control = self.start(fallback_python if frozen else sys.executable, hello_limit)
        return self._control

    def _part_with_control(self) -> None:
        """End it; the next workload may try a fresh one."""
        if self._control is not None:
            self.end([self._control], ask=False)
            self._control = None

    @property
    def control_values(self) -> list[float]:
        """Seconds of the control product, one for each time."""
        return self._controls["control"]

    def around_seconds(self, usual: float) -> float:
        """What a window costs beside its own length: controls and checks, as seen so far."""
        if not self.windows:
            return usual
        beside = sum(self.book.seconds[use] for use in ("control", "warm_up", "checks"))
        return beside / self.windows

    def end(self, workers: Iterable[Worker], ask: bool = True) -> None:
        """End some workers; `ask=False` for those that no longer listen."""
        gone = list(workers)
        with self.book.using("end"):
            end_workers(gone, ask)
        self._living = [one for one in self._living if one not in gone]

    def end_all(self) -> None:
        """End whatever lives; without asking when the user wants to be rid of it."""
        self.end(list(self._living), ask=not self._cancel.is_set())
