"""`probe`: measure the frameworks that are installed, with progress on standard error."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import probe_fleet
from app.cli.options import TIERS, add_probe, comma_list
from app.interrupts import cancelled_by_signals

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
        help="write the machine file here, as JSON, and print no table; with --cluster a folder",
    )
    probe_fleet.add_arguments(parser)
    parser.add_argument(
        "--make-bundle",
        type=Path,
        metavar="FILE",
        help="measure nothing; write one file that measures on any computer with Python 3.8 or "
        "newer and numpy: python3 probe.pyz --out machine.json",
    )


def run(args: argparse.Namespace) -> int:
    from app import advice
    from app.cli.keeping import keep_machine
    from app.cli.text import machine_text
    from app.files import require_writable, write_atomically
    from probes.results import encode_machine

    if args.make_bundle is not None:
        return _write_bundle(args.make_bundle)
    if args.cluster is not None:
        return probe_fleet.run(args)
    if args.out is not None:
        require_writable(args.out)
    plan = advice.prepare_probe(args.tier, args.frameworks, args.python, args.workloads, args.all)
    require_interpreters(plan, args.python)

    def keep(machine: "Machine") -> None:
        keep_machine(machine)
        if args.out is not None:
            write_atomically(args.out, encode_machine(machine))
            sys.stderr.write(f"{args.out} written\n")

    machine = run_plan(plan, keep)
    if args.format == "json":
        sys.stdout.buffer.write(encode_machine(machine))
        sys.stdout.buffer.flush()
    elif args.format == "text" or args.out is None:
        sys.stdout.write(machine_text(machine))
    here = {one.framework for one in machine.tried}
    absent = set(args.frameworks or ()) - here  # named on standard error before it began
    return outcome(machine) or (IN_PART if absent else DONE)


def _write_bundle(path: Path) -> int:
    from app.files import require_writable, write_atomically
    from probes.bundle import make_bundle

    require_writable(path)
    write_atomically(path, make_bundle())
    sys.stderr.write(f"{path} written; there: python3 {path.name} --out machine.json\n")
    return DONE


def require_interpreters(plan: "Plan", pythons: Sequence[Path]) -> None:
    """Raises ProbeRequestError for a named interpreter that is none; one found may be."""
    from probes.results import ProbeRequestError

    named = {os.path.abspath(one) for one in pythons}
    for one in plan.environments:
        if one.problem is not None and one.python in named:
            raise ProbeRequestError(f"{one.python}: {one.problem}")


def outcome(machine: "Machine") -> int:
    """The exit code for what was done; what is missing is said on standard error."""
    from probes.telling import missing

    if machine.cancelled:
        sys.stderr.write("framework-advisor: cancelled; what was done is kept\n")
        return CANCELLED
    failed = list(missing(machine))
    for line in failed:
        sys.stderr.write(f"framework-advisor: missing: {line}\n")
    return IN_PART if failed else DONE


def run_plan(plan: "Plan", keep: "Callable[[Machine], None] | None" = None) -> "Machine":
    """Run a plan with progress on standard error; Ctrl-C, SIGTERM and a closed terminal cancel
    and keep what is done; a second one ends at once. What is measured goes to `keep` before any of
    them can end the command.
    """
    from app import advice

    for refusal in plan.refusals:
        sys.stderr.write(f"{refusal}\n")
    with cancelled_by_signals() as cancel:
        machine = advice.measure(plan, _print_event, cancel)
        if keep is not None:
            keep(machine)
        return machine


def _print_event(event: "ProbeEvent") -> None:
    from probes.telling import event_line

    line = event_line(event)
    if line is not None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
