"""Finding environments, and what a probe costs beside importing, first calls and measuring."""

import os
import threading
import time
from pathlib import Path

import pytest

import probes
from probes import interpreters
from probes.environments import find_environments

BUDGET_SECONDS = 0.5
USEFUL = ("import", "build", "first_call", "warm_up", "measuring", "capabilities")
"""What a framework takes: to import it, to build a model, to compile, and the windows with the
steps that each of them discards. All else is ours: start, proofs, controls, checks, waits, end."""


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
            (site / f"package{package}-1.{number}.dist-info").mkdir()
        if number % 3 == 0:
            (site / "torch-2.13.0.dist-info").mkdir()


def test_finding_thirty_environments(tmp_path, monkeypatch, benchmark, report_ratio):
    monkeypatch.setattr(interpreters, "of_system", lambda: iter(()))
    lay_environments(tmp_path, 30)
    spent = []

    def _find():
        start = time.perf_counter()
        found = find_environments((), True, home=tmp_path, environ={"PATH": os.defpath})
        spent.append(time.perf_counter() - start)
        return found

    found = benchmark.pedantic(_find, rounds=10, warmup_rounds=1)
    assert sum(one.kind == "venv" for one in found) >= 30
    assert sum(bool(one.frameworks) for one in found) >= 10
    ratios = [seconds / BUDGET_SECONDS for seconds in spent]
    report_ratio("finding 30 environments, over 0.5 s", ratios, "at most 1")


@pytest.mark.frameworks
@pytest.mark.parametrize("tier", ["quick", "standard"])
def test_the_share_of_a_probe_that_measures_nothing(tier, report_ratio):
    plan = probes.make_plan(probes.detect_hardware(), probes.find_environments(), tier)
    if not plan.items:
        pytest.skip("no framework is installed in this environment")
    machine = probes.run(plan, lambda event: None, threading.Event())
    uses = machine.seconds_by_use
    beside = {use: seconds for use, seconds in uses.items() if use not in USEFUL}
    windows = sum(len(one.rounds) for one in machine.measurements)
    proofs = sum(one.equal_work is not None for one in machine.measurements)
    print(f"\n{tier}: {machine.seconds:.1f} s, {proofs} proofs, {windows} windows")
    for use, seconds in sorted(uses.items(), key=lambda one: one[1], reverse=True):
        kind = "beside" if use in beside else "useful"
        print(f"  {kind} {use}: {seconds:.2f} s, {seconds / machine.seconds:.1%}")
    spent = sum(beside.values())
    report_ratio(f"{tier} probe: overhead share", [spent / machine.seconds], "at most 0.10")
    report_ratio(f"{tier} probe: overhead over 5 s", [spent / 5.0], "at most 1")
