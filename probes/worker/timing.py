"""The measuring window: single steps timed one by one, each waited for.

Knows nothing of frameworks: it gets functions and a clock. Judging the numbers (intervals,
stability, plausibility) is for the program that started the worker.
"""

from __future__ import annotations

import gc
import itertools
import time
from typing import Any, Callable, NamedTuple, Sequence

DISCARDED = 3
"""Steps before the window; a fixed number, since some programs never settle and a search for the
moment would give two modes different warm-ups (pyperf refuses it for the same reason)."""


class Window(NamedTuple):
    """Single times in order, with the processor and clock time of all together, in seconds."""

    values: list[float]
    cpu_seconds: float
    wall_seconds: float
    last: Any
    """The last step's result, and the place of its inputs in the cycle: to be looked at, so that
    the work cannot have been left out."""
    last_inputs: int
    warm_up_seconds: float
    """Of the steps that were discarded."""
    first: Any = None
    """The first discarded step's result, on the first inputs, where it was asked for."""


def measure(
    step: Callable[[Any], Any],
    wait: Callable[[Any], None],
    inputs: Sequence[Any],
    seconds: float,
    minimum_values: int,
    maximum_seconds: float | None = None,
    clock: Callable[[], float] = time.perf_counter,
    cpu_clock: Callable[[], float] = time.process_time,
    keep_first: bool = False,
) -> Window:
    """Time steps over cycled inputs until `seconds` have passed and `minimum_values` are there.

    `maximum_seconds` ends the window with fewer values (but one); without it, ten windows' length.
    """
    first = None
    longest = 10.0 * seconds if maximum_seconds is None else maximum_seconds
    cycle = itertools.cycle(range(len(inputs)))
    values: list[float] = []
    was_enabled = gc.isenabled()
    # Without the oldest generation: what a framework loads late (PyTorch half of itself, with the
    # first optimiser) takes 60 ms to go through, and no window of any length leaves garbage there.
    gc.collect(1)
    gc.disable()
    try:
        began = clock()
        for number in range(DISCARDED):
            result = step(inputs[next(cycle)])
            wait(result)
            if keep_first and number == 0:
                first = result
        cpu_start = cpu_clock()
        start = clock()
        while True:
            number = next(cycle)
            before = clock()
            result = step(inputs[number])
            wait(result)
            after = clock()
            values.append(after - before)
            passed = after - start
            if passed >= longest or (passed >= seconds and len(values) >= minimum_values):
                break
        cpu_seconds = cpu_clock() - cpu_start
    finally:
        if was_enabled:
            gc.enable()
    return Window(values, cpu_seconds, after - start, result, number, start - began, first)
