"""`probe`: measure the frameworks that are installed, with progress on standard error."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from app.cli.options import TIERS, add_probe, comma_list

if TYPE_CHECKING:
    from probes import Plan
    from probes.results import Machine, ProbeEvent

DONE, BAD_INPUT, IN_PART, CANCELLED = 0, 2, 3, 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tier",
        choices=TIERS,
        default="quick",
        help="how long: about a minute, about three, or everything (default: quick)",
    )
    add_probe(parser)
    parser.add_argument(
        "--workloads",
        type=comma_list,
        metavar="W,..",
        help="only these workloads, such as mlp_train,cnn_train; an unknown one names all",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write the machine file here, as JSON, and print no table",
    )


def run(args: argparse.Namespace) -> int:
    from app import advice
    from app.cli.keeping import keep_machine
    from app.cli.text import machine_text
    from app.files import require_writable, write_atomically
    from probes.results import encode_machine

    if args.out is not None:
        require_writable(args.out)
    plan = advice.prepare_probe(args.tier, args.frameworks, args.python, args.workloads, args.all)
    require_interpreters(plan, args.python)
    machine = run_plan(plan)
    keep_machine(machine)
    if args.out is not None:
        write_atomically(args.out, encode_machine(machine))
        sys.stderr.write(f"{args.out} written\n")
    else:
        sys.stdout.write(machine_text(machine))
    here = {one.framework for one in machine.frameworks}
    absent = set(args.frameworks or ()) - here  # named on standard error before it began
    return outcome(machine) or (IN_PART if absent else DONE)


def require_interpreters(plan: "Plan", pythons: Sequence[Path]) -> None:
    """Raises ProbeRequestError for a named interpreter that is none; one found may be."""
    from probes.results import ProbeRequestError

    named = {os.path.abspath(one) for one in pythons}
    for one in plan.environments:
        if one.problem is not None and one.python in named:
            raise ProbeRequestError(f"{one.python}: {one.problem}")


def outcome(machine: "Machine") -> int:
    """The exit code for what was done; what is missing is said on standard error.

    A framework that is broken is a finding, and what a deadline left out is skipped: both are
    done. Only a measurement that was begun and failed makes it "done in part".
    """
    if machine.cancelled:
        sys.stderr.write("framework-advisor: cancelled; what was done is kept\n")
        return CANCELLED
    failed = [one for one in machine.measurements if one.verdict.status in ("failed", "timed_out")]
    for one in failed:
        reasons = "; ".join(one.verdict.reasons) or one.verdict.status
        sys.stderr.write(f"framework-advisor: missing: {one.mode} {one.workload}: {reasons}\n")
    return IN_PART if failed else DONE


def run_plan(plan: "Plan") -> "Machine":
    """Run a plan with progress on standard error; Ctrl-C and SIGTERM cancel and keep what is done.

    A second Ctrl-C ends at once.
    """
    from app import advice

    for refusal in plan.refusals:
        sys.stderr.write(f"{refusal}\n")
    cancel = threading.Event()

    def _on_signal(number: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    before = {number: signal.signal(number, _on_signal) for number in _stop_signals()}
    try:
        return advice.measure(plan, _print_event, cancel)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop_signals() -> tuple[signal.Signals, ...]:
    if threading.current_thread() is not threading.main_thread():
        return ()
    return (signal.SIGINT, signal.SIGTERM)


def _print_event(event: "ProbeEvent") -> None:
    if event.kind == "item_started":
        return
    left = "" if event.seconds_left is None else f", about {event.seconds_left:.0f} s left"
    share = f"[{event.done}/{event.total}{left}] " if event.total else ""
    sys.stderr.write(f"{share}{event.message}\n")
    sys.stderr.flush()
