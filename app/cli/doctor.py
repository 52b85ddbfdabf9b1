"""`doctor`: what is here, what runs, what does not and why; nothing is timed."""

import argparse
import sys
from pathlib import Path

from app.cli.options import add_probe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_probe(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the findings as JSON")


def run(args: argparse.Namespace) -> int:
    from app import advice
    from app.cli import probe
    from app.cli.text import machine_text
    from app.files import require_writable, write_atomically
    from probes.results import encode_machine

    if args.out is not None:
        require_writable(args.out)
    # No workloads: each framework is imported and tried on each device, and that is all.
    plan = advice.prepare_probe("quick", args.frameworks, args.python, (), args.all)
    probe.require_interpreters(plan, args.python)
    machine = probe.run_plan(plan)
    if args.out is not None:
        write_atomically(args.out, encode_machine(machine))
    sys.stdout.write(machine_text(machine))
    return probe.outcome(machine)
