"""`recommend`: the recommendation for an answers file, as text, JSON or reports."""

import argparse
import sys
from datetime import date
from pathlib import Path

from app.cli.options import TIERS, add_knowledge, iso_date


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--answers", type=Path, required=True, metavar="FILE")
    machine = parser.add_mutually_exclusive_group()
    machine.add_argument("--machine", type=Path, metavar="FILE", help="a machine file to count")
    machine.add_argument("--probe", choices=TIERS, metavar="T", help="measure here first: "
                         + ", ".join(TIERS))  # fmt: skip
    parser.add_argument(
        "--today", type=iso_date, metavar="YYYY-MM-DD", help="count the ages of facts to this day"
    )
    add_knowledge(parser)
    parser.add_argument("--format", choices=("text", "json"), help="print it (default: text)")
    parser.add_argument(
        "--out",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="write a report; the suffix chooses the kind; may be repeated",
    )
    parser.add_argument(
        "--summary",
        action="store_true",
        help="reports on one page; JSON stays whole, since it is what replays",
    )
    parser.add_argument(
        "--redact",
        action="store_true",
        help="leave host names, paths and device ids out of reports",
    )


def run(args: argparse.Namespace) -> int:
    import msgspec

    import rules
    from app import advice, report
    from app.cli import probe
    from app.cli.text import recommendation_text
    from app.files import require_writable

    for path in args.out:
        report.require_suffix(path)
        require_writable(path)
    knowledge = rules.load_knowledge(args.knowledge)
    answers = rules.load_answers(args.answers, knowledge)
    code = 0
    machine = None
    if args.machine is not None:
        machine = advice.load_machine(args.machine)
    elif args.probe is not None:
        machine = probe.run_plan(advice.prepare_probe(args.probe))
        code = probe.outcome(machine)
    recommendation = advice.advise(knowledge, answers, machine, args.today or date.today())
    if args.out:
        document = report.build(recommendation, knowledge, machine, redact=args.redact)
        for path in args.out:
            report.write(document, path, args.summary)
    if args.format == "json":
        data = msgspec.json.format(msgspec.json.encode(recommendation), indent=1)
        sys.stdout.buffer.write(data + b"\n")
        sys.stdout.buffer.flush()
    elif args.format == "text" or not args.out:
        sys.stdout.write(recommendation_text(recommendation, knowledge))
    return code
