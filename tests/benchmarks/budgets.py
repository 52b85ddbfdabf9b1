"""The table of budgets: what is promised (budgets.toml), what was measured, and whether it holds.

Each measuring process adds its rows to one file (build/budgets.json), so that a part that fails
takes no other's rows with it. `python tests/benchmarks/budgets.py` prints the table from that file;
it exits with 1 where a part failed, never because a budget is not met.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FILE = Path(os.environ.get("FRAMEWORK_ADVISOR_BUDGETS", ROOT / "build" / "budgets.json"))
SCHEMA = "framework-advisor/budgets/1"


@dataclass(frozen=True)
class Budget:
    """One line of what is promised."""

    id: str
    part: str
    """The file that measures it: tests/benchmarks/test_PART.py."""
    what: str
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    judged: str = "median"
    """What of several values is held against the budget: the median, the 95th percentile, or the
    highest."""
    oracle: str = ""
    """What stands beside it, measured in turn in the same run."""
    plan: str = ""
    """Why it is not met, and what is to be done, for as long as it is not."""

    def judged_value(self, values: Sequence[float]) -> float:
        ordered = sorted(values)
        if self.judged == "highest":
            return ordered[-1]
        if self.judged == "95th":
            return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        return statistics.median(ordered)

    def is_met(self, values: Sequence[float]) -> bool | None:
        """None where there is nothing to meet."""
        value = self.judged_value(values)
        if self.at_most is not None:
            return value <= self.at_most
        return None if self.at_least is None else value >= self.at_least

    @property
    def promise(self) -> str:
        if self.at_most is not None:
            return f"<= {number(self.at_most)}"
        return "" if self.at_least is None else f">= {number(self.at_least)}"


def number(value: float) -> str:
    """Three figures, without an exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def load_budgets() -> dict[str, Budget]:
    entries = tomllib.loads((HERE / "budgets.toml").read_text(encoding="utf-8"))["budget"]
    return {one["id"]: Budget(**one) for one in entries}


def read(path: Path | None = None) -> dict:
    path = path or FILE
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    return {"schema": SCHEMA, "rows": {}, "failures": {}, "skips": {}}


def _write(found: dict) -> None:
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def begin(parts: Sequence[str]) -> None:
    """Forget what these parts said before; the others' rows stay, with the time they are from."""
    found, budgets = read(), load_budgets()
    found["rows"] = {
        name: row
        for name, row in found["rows"].items()
        if name in budgets and budgets[name].part not in parts
    }
    for kind in ("failures", "skips"):
        found[kind] = {part: lines for part, lines in found[kind].items() if part not in parts}
    found["machine"] = f"{platform.platform()}, {os.cpu_count()} processors, Python {sys.version}"
    _write(found)


def record(
    name: str, values: Sequence[float], beside: Sequence[float] = (), note: str = ""
) -> None:
    """Keep one row and print it: values in the budget's unit, and ratios to its oracle."""
    budget = load_budgets()[name]
    row = {
        "values": [float(f"{one:.6g}") for one in values],
        "beside": [float(f"{one:.6g}") for one in beside],
        "note": note,
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
    }
    found = read()
    found["rows"][name] = row
    _write(found)
    print(f"\n{budget.what}: {spread(row['values'])} {budget.unit} (budget {budget.promise})")


def excuse(part: str, kind: str, reason: str) -> None:
    """Keep why something of a part has no row; `kind` is `failures` or `skips`."""
    found = read()
    found[kind].setdefault(part, []).append(reason)
    _write(found)


@cache
def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def spread(values: Sequence[float]) -> str:
    """Median, and from lowest to highest where there are several."""
    middle = number(statistics.median(values))
    if len(values) == 1:
        return middle
    return f"{middle} ({number(min(values))} to {number(max(values))}, n={len(values)})"


def table(found: dict, budgets: dict[str, Budget]) -> str:
    """All budgets, in the order of budgets.toml, with the reason below where one is not met."""
    rows, below = [("what", "measured", "unit", "budget", "", "beside its oracle")], []
    for name, budget in budgets.items():
        row = found["rows"].get(name)
        if row is None:
            rows.append((budget.what, "not measured", budget.unit, budget.promise, "?", ""))
            continue
        met = budget.is_met(row["values"])
        ratio = f"{spread(row['beside'])} x {budget.oracle}" if row["beside"] else budget.oracle
        measured = spread(row["values"])
        if budget.judged != "median" and len(row["values"]) > 1:
            measured += f", {budget.judged} {number(budget.judged_value(row['values']))}"
        verdict = {True: "met", False: "NOT MET", None: ""}[met]
        rows.append((budget.what, measured, budget.unit, budget.promise, verdict, ratio))
        if met is False:
            below.append(
                f"NOT MET: {budget.what}: {budget.plan or 'no reason is written down yet'}"
            )
        if row["note"]:
            below.append(f"{budget.what}: {row['note']}")
    widths = [max(len(row[place]) for row in rows) for place in range(5)]
    lines = [
        "  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[5]))
        for row in rows
    ]
    for kind, said in (("skips", "skipped"), ("failures", "FAILED")):
        below += [f"{said}: {part}: {one}" for part, whys in found[kind].items() for one in whys]
    return "\n".join([*(line.rstrip() for line in lines), "", *below, "", _summed(rows)])


def _summed(rows: Sequence[tuple[str, ...]]) -> str:
    said = [row[4] for row in rows]
    return (
        f"{said.count('met')} met, {said.count('NOT MET')} not met, {said.count('?')} not measured"
    )


def main() -> int:
    found = read()
    print(table(found, load_budgets()))
    times = sorted({row["measured"] for row in found["rows"].values()})
    if times:
        print(f"measured from {times[0]} to {times[-1]} on {found.get('machine', '?')}; {FILE}")
    return 1 if found["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
