"""How a cost grows with a size: the exponent of a power law through three sizes, with its interval.

In each round all sizes are timed one after the other, so that whatever else the machine does hits
them alike; the line through the logarithms gives one exponent per round. A fixed share of the cost
makes the exponent smaller than it would be for endless sizes: the seconds stand beside it.
"""

import math
import statistics
import time
from collections.abc import Callable, Mapping

from budgets import number, record

ROUNDS = 9


def exponent(seconds: Mapping[int, float]) -> float:
    """Slope of the least-squares line of log seconds over log size."""
    sizes, times = zip(*((math.log(n), math.log(s)) for n, s in seconds.items()), strict=True)
    return statistics.linear_regression(sizes, times).slope


def timed(
    calls: Mapping[int, Callable[[], object]], rounds: int = ROUNDS
) -> list[dict[int, float]]:
    """Processor seconds of each size by round, after a call of each that does not count."""
    for call in calls.values():
        call()
    found = []
    for _ in range(rounds):
        spent = {}
        for size, call in calls.items():
            before = time.process_time()
            call()
            spent[size] = time.process_time() - before
        found.append(spent)
    return found


def record_growth(
    name: str, calls: Mapping[int, Callable[[], object]], rounds: int = ROUNDS
) -> None:
    """Measure and keep: one call for each size, all of them ready to be repeated."""
    keep_growth(name, timed(calls, rounds))


def keep_growth(name: str, rounds: list[dict[int, float]]) -> None:
    """Keep one row from seconds by size, round by round."""
    found = sorted(map(exponent, rounds))
    middle = {size: statistics.median(each[size] for each in rounds) for size in rounds[0]}
    steps = ", ".join(f"{size:,}: {number(one * 1e3)} ms" for size, one in middle.items())
    # The second and second last of nine hold the median with 96.1 % confidence, the ends of five
    # with 93.8 % (binomial).
    first, last = (found[1], found[-2]) if len(found) >= 9 else (found[0], found[-1])
    record(name, found, note=f"interval {first:.2f} to {last:.2f}; at size {steps}")
