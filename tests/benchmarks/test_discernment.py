"""Whether a real probe tells what differs, stays with what it said, and leaves out what a neighbour
disturbed. Prints the figures; nothing is asserted. Wants a machine with nothing else to do.

By hand: `python tests/benchmarks/test_discernment.py slowdown|repeated|neighbour [RUNS]`.
"""

import contextlib
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from budgets import record

import probes
from probes.plan import SETTINGS, PlannedItem
from probes.process import PROGRAM
from probes.running import run

SLOWED = Path(__file__).with_name("slowed_worker.py")
EATER = "while True: pass"


def planned(tier, **changes):
    return probes.make_plan(probes.detect_hardware(), probes.find_environments(), tier, **changes)


def measured(plan, program=PROGRAM):
    return run(plan, lambda event: None, threading.Event(), program)


def slowed_twin(framework, workload):
    """A plan of a framework's first mode and the same mode with its steps a quarter longer, each in
    a process of its own, as two frameworks would be."""
    plan = planned("standard", frameworks=[framework], workloads=[workload])
    worker = plan.workers[0]
    item = next(one for one in plan.items if one.device == "cpu")
    twin = msgspec.structs.replace(worker, id=worker.id + "-slowed")
    slowed: PlannedItem = msgspec.structs.replace(item, mode=f"{framework}/slowed", worker=twin.id)
    settings = msgspec.structs.replace(SETTINGS["standard"], deadline=20.0)
    return msgspec.structs.replace(
        plan, workers=(worker, twin), items=(item, slowed), checks=(), derived=(), settings=settings
    )


def slowdown(runs):
    """How often a slowdown by a quarter in one adapter is told."""
    told, ratios = Counter(), []
    plan = slowed_twin("pytorch", "mlp_train")
    for _ in range(runs):
        machine = measured(plan, SLOWED)
        verdicts = [one.verdict for one in machine.comparisons] or ["not compared"]
        ratios += [one.ratio for one in machine.comparisons]
        told.update(verdicts)
        flags = [each.flagged for one in machine.measurements for each in one.rounds]
        print(f"  {verdicts[0]}; {sum(flags)} of {len(flags)} rounds flagged", flush=True)
    record("slowdown_told", [100 * told["first_faster"] / runs], note=f"{runs} runs {dict(told)}")
    print(f"slowdown by 1.25: told in {told['first_faster']} of {runs} runs {dict(told)}")
    if ratios:
        print(f"  ratios {min(ratios):.2f} to {max(ratios):.2f}; budget: at least 19 of 20")


def repeated(runs):
    """Whether the order of a pair flips between runs, and how many far pairs are called."""
    orders, called, flags = {}, [], []
    for _ in range(runs):
        machine = measured(planned("quick", workloads=["mlp_train", "cnn_train"]))
        medians = {
            (one.workload, one.mode): one.median_seconds
            for one in machine.measurements
            if one.verdict.status == "valid"
        }
        flags += [each.flagged for one in machine.measurements for each in one.rounds]
        verdicts = {(one.workload, one.first, one.second): one for one in machine.comparisons}
        for pair, one in verdicts.items():
            if one.verdict != "tie":
                orders.setdefault(pair, set()).add(one.verdict)
        far = [
            one
            for (workload, first, second), one in verdicts.items()
            if max(one.ratio, 1 / one.ratio) >= 1.5
        ]
        if far:
            called.append(sum(one.verdict != "tie" for one in far) / len(far))
        print(f"  {len(medians)} valid, {len(verdicts)} pairs, {len(far)} far", flush=True)
    flipped = [pair for pair, seen in orders.items() if len(seen) > 1]
    print(
        f"{runs} runs: {len(orders)} pairs called at least once, {len(flipped)} flipped {flipped}"
    )
    record("orders_flipped", [len(flipped)], note=f"{runs} runs, {len(orders)} pairs {flipped}")
    record("far_called", [100 * min(called)] if called else [0.0], note=f"{runs} runs")
    print(f"  share called of pairs 1.5 apart, each run: {[round(one, 2) for one in called]}")
    print(f"  {sum(flags)} of {len(flags)} rounds flagged; budgets: 0 flipped, 0.9, 10 %")


@contextlib.contextmanager
def a_neighbour():
    """Another process that eats one core."""
    process = subprocess.Popen([sys.executable, "-c", EATER])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def neighbour(runs):
    """Beside a busy core: how many rounds are flagged, and whether what counts came out slow."""
    plan, slow = planned("quick", workloads=["mlp_train"]), []
    for _ in range(runs):
        calm = measured(plan)
        with a_neighbour():
            busy = measured(plan)
        usual = {one.mode: one.median_seconds for one in calm.measurements}
        flags = [each.flagged for one in busy.measurements for each in one.rounds]
        passed = [
            (one.mode, round(one.median_seconds / usual[one.mode], 2))
            for one in busy.measurements
            if one.verdict.status == "valid" and usual.get(one.mode)
        ]
        print(f"beside a busy core: {sum(flags)} of {len(flags)} rounds flagged")
        print(f"  counted all the same, over the calm time: {passed or 'none'}", flush=True)
        slow += [one for one in passed if one[1] > 1.1]
    record("neighbour_unflagged", [len(slow)], note=f"{runs} runs; {slow or 'none'}")


KINDS = {"slowdown": (slowdown, 20), "repeated": (repeated, 5), "neighbour": (neighbour, 1)}


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("kind", KINDS)
def test_discernment(kind):
    do, runs = KINDS[kind]
    print()
    do(runs)


if __name__ == "__main__":
    chosen, usual_runs = KINDS[sys.argv[1]]
    chosen(int(sys.argv[2]) if len(sys.argv) > 2 else usual_runs)
