"""What every benchmark gets: a row in the table of budgets, and two commands measured in turn."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import budgets
import growth


def part_of(path) -> str:
    return Path(path).stem.removeprefix("test_")


def pytest_collection_finish(session):
    if not session.config.option.collectonly:
        budgets.begin(sorted({part_of(item.path) for item in session.items}))


def pytest_collectreport(report):
    """A part that cannot even be read stands in the table as such."""
    if report.failed and report.nodeid.endswith(".py"):
        budgets.excuse(part_of(report.nodeid), "failures", "it cannot be imported")


def pytest_runtest_logreport(report):
    if report.failed or report.skipped:
        said = report.longrepr[2] if report.skipped else report.longreprtext.splitlines()[-1]
        file, name = report.nodeid.split("::", 1)
        kind = "skips" if report.skipped else "failures"
        budgets.excuse(part_of(file), kind, f"{name}: {said}")


@pytest.fixture(scope="session")
def record():
    """Keep a row of the table: its id, its values, and their ratios to what stands beside it."""
    return budgets.record


@pytest.fixture(scope="session")
def record_growth():
    """Keep how a cost grows with a size, as an exponent with its interval."""
    return growth.record_growth


@pytest.fixture(scope="session")
def keep_growth():
    """The same from seconds by size that another process measured, round by round."""
    return growth.keep_growth


def seconds_of(command: Sequence[str], **options) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)
    return time.perf_counter() - start


@pytest.fixture
def command_seconds():
    """Seconds of one command, and their ratios to another's, in turn, after one warm-up each."""

    def _seconds(first, second, pairs: int, **options) -> tuple[list[float], list[float]]:
        seconds_of(first, **options)
        seconds_of(second, **options)
        both = [(seconds_of(first, **options), seconds_of(second, **options)) for _ in range(pairs)]
        return [one for one, _ in both], [one / other for one, other in both]

    return _seconds


@pytest.fixture
def command_ratios(command_seconds):
    """Times of one command over another's, in turn."""
    return lambda *given, **options: command_seconds(*given, **options)[1]
