"""Two controls of the machine itself, without any framework: a large product, small operations.

The first drifts with frequency and with others' load, the second with the wake-up of threads.
"""

from __future__ import annotations

import threading
import time

import numpy

from .workloads import CONTROL_SIZE

SMALL_OPERATIONS = 2000


class Controls:
    """The arrays of both controls, made once."""

    def __init__(self) -> None:
        random = numpy.random.RandomState(7)
        shape = (CONTROL_SIZE, CONTROL_SIZE)
        self._left = random.standard_normal(shape).astype(numpy.float32)
        self._right = random.standard_normal(shape).astype(numpy.float32)
        self._out = numpy.empty(shape, dtype=numpy.float32)
        self._small = [random.standard_normal(64).astype(numpy.float32) for _ in range(2)]
        self.product(1)
        self.small_operations(1)

    def product(self, repeats: int) -> list[float]:
        """Seconds of each of `repeats` float32 products."""
        values = []
        for _ in range(repeats):
            before = time.perf_counter()
            numpy.dot(self._left, self._right, out=self._out)
            values.append(time.perf_counter() - before)
        return values

    def small_operations(self, repeats: int) -> list[float]:
        """Seconds of each of `repeats` bursts of small operations, half of them on each thread."""
        values = []
        for _ in range(repeats):
            start, done = threading.Barrier(3), threading.Barrier(3)
            threads = [
                threading.Thread(target=self._burst, args=(array, start, done))
                for array in self._small
            ]
            for thread in threads:
                thread.start()
            start.wait()
            before = time.perf_counter()
            done.wait()
            values.append(time.perf_counter() - before)
            for thread in threads:
                thread.join()
        return values

    @staticmethod
    def _burst(array: numpy.ndarray, start: threading.Barrier, done: threading.Barrier) -> None:
        result = array
        start.wait()
        for _ in range(SMALL_OPERATIONS // 2):
            result = numpy.tanh(result + array)
        done.wait()
