"""Two files of `make bench` beside each other: `python tests/benchmarks/compare.py A.json B.json`.

A row is called slower, faster, or otherwise changed only where the medians differ by a tenth and
the values of the two files do not overlap; single values are told and never called.
"""

import statistics
import sys
from pathlib import Path

from budgets import Budget, load_budgets, number, read

NOTICED = 1.1


def called(budget: Budget, first: list[float], second: list[float]) -> str:
    """What may be said of a row's two sets of values."""
    apart = max(first) < min(second) or max(second) < min(first)
    before, after = statistics.median(first), statistics.median(second)
    if len(first) < 3 or len(second) < 3 or not apart or not before or not after:
        return ""
    if max(after / before, before / after) < NOTICED:
        return ""
    better = (after < before) == (budget.at_least is None)
    return "better" if better else "WORSE"


def lines(first: dict, second: dict, budgets: dict[str, Budget]) -> list[str]:
    """One line for each row that either file has."""
    found = []
    for name, budget in budgets.items():
        before, after = (each["rows"].get(name) for each in (first, second))
        if before is None and after is None:
            continue
        if before is None or after is None:
            found.append(f"{budget.what}: only in the {'second' if before is None else 'first'}")
            continue
        middles = [statistics.median(each["values"]) for each in (before, after)]
        ratio = f"{middles[1] / middles[0]:.2f} x" if middles[0] else "-"
        verdicts = [budget.is_met(each["values"]) for each in (before, after)]
        turned = {(True, False): "NO LONGER MET", (False, True): "met now"}.get(tuple(verdicts), "")
        said = ", ".join(filter(None, (called(budget, before["values"], after["values"]), turned)))
        figures = f"{number(middles[0])} -> {number(middles[1])} {budget.unit}, {ratio}"
        found.append(f"{budget.what}: {figures}{'; ' * bool(said)}{said}")
    return found


def main(paths: list[str]) -> int:
    if len(paths) != 2 or not all(Path(one).is_file() for one in paths):
        print(__doc__, file=sys.stderr)
        return 2
    first, second = (read(Path(one)) for one in paths)
    print("\n".join(lines(first, second, load_budgets())))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
