"""Finding environments, and what a probe costs beside importing, first calls and measuring."""

import importlib.metadata
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import budgets
import pytest

from probes import interpreters
from probes.environments import find_environments
from probes.results import decode_machine

ROOT = Path(__file__).resolve().parents[2]
USEFUL = ("import", "build", "first_call", "warm_up", "measuring", "capabilities")
"""What a framework takes: to import it, to build a model, to compile, and the windows with the
steps that each of them discards. All else is ours: start, proofs, controls, checks, waits, end."""
WATCHED = """
import resource, runpy, sys
sys.argv[:1] = ["app"]
try:
    runpy.run_module("app", run_name="__main__")
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""
"""The command line, and at its end its peak resident memory in bytes, its workers' apart."""


def lay_environments(home: Path, count: int) -> None:
    """Virtual environments of 400 distributions each, every third with a framework."""
    base = home / "base" / "bin" / "python3.11"
    base.parent.mkdir(parents=True)
    base.touch()
    for number in range(count):
        folder = home / ".virtualenvs" / f"env{number}"
        site = folder / "lib" / "python3.11" / "site-packages"
        site.mkdir(parents=True)
        (folder / "pyvenv.cfg").write_text(f"home = {base.parent}\nversion = 3.11.7\n")
        (folder / "bin").mkdir()
        (folder / "bin" / "python").symlink_to(base)
        for package in range(400):
            (site / f"package{package}").mkdir()
            add_distribution(site, f"package{package}", f"1.{number}")
        if number % 3 == 0:
            add_distribution(site, "torch", "2.13.0")


def add_distribution(site: Path, name: str, version: str) -> None:
    metadata = site / f"{name}-{version}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


@pytest.fixture
def find(tmp_path, monkeypatch):
    """Finds a number of environments that are made for it."""
    monkeypatch.setattr(interpreters, "of_system", lambda: iter(()))

    def made(count):
        home = tmp_path / str(count)
        lay_environments(home, count)
        return lambda: find_environments((), True, home=home, environ={"PATH": os.defpath})

    return made


def by_importlib(home: Path) -> int:
    """The same question to the standard library: name and version of every distribution."""
    sites = [str(one) for one in home.glob(".virtualenvs/*/lib/*/site-packages")]
    found = importlib.metadata.distributions(path=sites)
    return sum((one.metadata["Name"], one.version) == ("torch", "2.13.0") for one in found)


def test_finding_thirty_environments(find, tmp_path, record):
    look = find(30)
    found = look()
    assert sum(one.kind == "venv" for one in found) >= 30
    assert sum(bool(one.frameworks) for one in found) >= 10
    seconds, ratios = [], []
    for round_ in range(10):
        before = time.perf_counter()
        look()
        seconds.append(time.perf_counter() - before)
        if round_ < 3:
            before = time.perf_counter()
            assert by_importlib(tmp_path / "30") == 10
            ratios.append(seconds[-1] / (time.perf_counter() - before))
    record("finding", seconds, ratios)


def test_growth_over_environments(find, record_growth):
    record_growth("growth_environments", {count: find(count) for count in (15, 30, 60)})


@pytest.mark.frameworks
def test_the_share_of_a_probe_that_measures_nothing(tmp_path, record):
    """Quick, on whatever frameworks this environment has; the standard one runs in the window."""
    out = tmp_path / "machine.json"
    command = [sys.executable, "-c", WATCHED, "probe", "--tier", "quick", "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True)
    assert done.returncode in (0, 3)  # a busy machine has it done in part
    machine = decode_machine(out.read_bytes(), out.name)
    if not machine.measurements:
        pytest.skip("no framework is installed in this environment")
    record_cost(machine)
    windows = [each.flagged for one in machine.measurements for each in one.rounds]
    record("probe_flagged", [100 * sum(windows) / len(windows)], note=f"of {len(windows)}")
    peak = json.loads(done.stdout.splitlines()[-1])
    record("probe_memory", [peak / 1e6])


def record_cost(machine) -> None:
    """Keep how long a probe took, and what of it was neither importing, compiling nor measuring."""
    uses = machine.seconds_by_use
    beside = {use: seconds for use, seconds in uses.items() if use not in USEFUL}
    proofs = sum(one.equal_work is not None for one in machine.measurements)
    said = ", ".join(
        f"{use} {uses[use]:.1f}{' (beside)' if use in beside else ''}"
        for use in sorted(uses, key=uses.get, reverse=True)
    )
    spent = sum(beside.values())
    name = f"probe_{machine.tier}"
    budgets.record(f"{name}_share", [100 * spent / machine.seconds])
    budgets.record(f"{name}_beside", [spent], note=f"{proofs} proofs; seconds by use: {said}")
    budgets.record(f"{name}_seconds", [machine.seconds])
