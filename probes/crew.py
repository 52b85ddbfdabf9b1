"""The workers of a run: started with a private environment, counted, and ended together.

Keeps the book of what the run's time went to, and owns the control worker.
"""

import contextlib
import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from probes.catalogue import load_catalogue
from probes.messages import Control
from probes.process import Worker, WorkerLost, end_workers
from probes.surroundings import worker_variables

CONTROL_REPEATS = 2
"""The faster of them counts: one hiccup is no load, and what goes on slows both."""
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
        self.control_values: list[float] = []
        """One for each time."""
        self.fastest_control: float | None = None
        self.windows = 0
        self._folder = folder
        self._cancel = cancel
        self._program = program
        self._variables = worker_variables(catalogue, os.environ, threads, folder, os.pathsep)
        self._living: list[Worker] = []
        self._control: Worker | None = None

    def start(self, python: str, hello_limit: float) -> Worker:
        """A worker that has said hello. Raises WorkerLost, Cancelled."""
        with self.book.using("start"):
            worker = Worker(python, self._variables, self._folder, self._program)
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
        if self._control is None:
            frozen = getattr(sys, "frozen", False) or not sys.executable
            self._control = self.start(fallback_python if frozen else sys.executable, hello_limit)
        try:
            with self.book.using("control"):
                product, small = (
                    self._control.ask(
                        do, Control, CONTROL_LIMIT_SECONDS, self._cancel, repeats=CONTROL_REPEATS
                    ).values
                    for do in ("control", "small_operations")
                )
        except WorkerLost:
            # The next workload may try a fresh one.
            self.end([self._control], ask=False)
            self._control = None
            raise
        self.control_values.append(min(product))
        self.fastest_control = min(self.fastest_control or product[0], *product)
        return Controls(self.control_values[-1], min(small))

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
