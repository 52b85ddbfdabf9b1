"""Ratios of two commands, measured in turn in one run, so that a busy machine hits both."""

import json
import statistics
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

TABLE = Path(__file__).resolve().parents[2] / "build" / "ratios.json"


def seconds_of(command: Sequence[str], **options) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)
    return time.perf_counter() - start


@pytest.fixture
def command_ratios():
    """Times of one command over another's, in turn, after one warm-up each."""

    def _ratios(first, second, pairs: int, **options) -> list[float]:
        seconds_of(first, **options)
        seconds_of(second, **options)
        return [seconds_of(first, **options) / seconds_of(second, **options) for _ in range(pairs)]

    return _ratios


@pytest.fixture
def report_ratio():
    """Print one row of the budget table and keep it in build/ratios.json."""

    def _report(what: str, ratios: Sequence[float], budget: str) -> None:
        ordered = sorted(ratios)
        row = {
            "what": what,
            "median": statistics.median(ordered),
            "lowest": ordered[0],
            "highest": ordered[-1],
            "count": len(ordered),
            "budget": budget,
        }
        print(
            f"\n{what}: {row['median']:.2f} ({row['lowest']:.2f} to {row['highest']:.2f}, "
            f"n={row['count']}); budget {budget}"
        )
        TABLE.parent.mkdir(exist_ok=True)
        rows = json.loads(TABLE.read_text()) if TABLE.exists() else []
        rows = [one for one in rows if one["what"] != what] + [row]
        TABLE.write_text(json.dumps(rows, indent=1) + "\n")

    return _report
