"""`recommend`: the recommendation for an answers file, as text, JSON or reports."""

import argparse
import sys
from datetime import date
from pathlib import Path

from app.cli.options import TIERS, add_knowledge, iso_date, write_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--answers",
        type=Path,
        required=True,
        metavar="FILE",
        help="what `ask --out` wrote, or a file of your own",
    )
    machine = parser.add_mutually_exclusive_group()
    machine.add_argument("--machine", type=Path, metavar="FILE", help="what `probe --out` wrote")
    machine.add_argument(
        "--probe", choices=TIERS, metavar="T", help="measure here first: " + ", ".join(TIERS)
    )
    parser.add_argument(
        "--today", type=iso_date, metavar="YYYY-MM-DD", help="count the ages of facts to this day"
    )
    add_knowledge(parser)
    parser.add_argument(
        "--existing",
        type=Path,
        metavar="FILE",
        help="what the code there is asks for: a requirements.txt, pyproject.toml, setup.cfg or "
        "environment.yml; fills existing_code in and names what has ended",
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help="ask pip whether the install line resolves, over the network; see `install verify`",
    )
    parser.add_argument(
        "--format", choices=("text", "json"), help="print it (default: text, or nothing with --out)"
    )
    parser.add_argument(
        "--out",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="write a report, in the kind of the suffix: .html .pdf .md .json (what replays); "
        "may be repeated",
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

    import rules
    from app import advice, report
    from app.cli import probe
    from app.cli.install import verify_recommended
    from app.cli.keeping import keep_machine, keep_report
    from app.cli.recommendation_text import existing_text, recommendation_text
    from app.existing import read_existing
    from app.files import require_writable
    from rules.existing import Existing, prefill_existing

    for path in args.out:
        report.require_suffix(path)
        require_writable(path)
    knowledge = rules.load_knowledge(args.knowledge)
    answers = rules.load_answers(args.answers, knowledge)
    existing: Existing | None = None
    disagreements: tuple[str, ...] = ()
    if args.existing is not None:
        existing = read_existing(args.existing, knowledge)
        filled = prefill_existing(knowledge, answers, existing)
        answers, disagreements = filled.answers, filled.disagreements
    code = 0
    machine = None
    if args.machine is not None:
        machine = advice.load_machine(args.machine)
    elif args.probe is not None:
        first = rules.telling_workloads(knowledge, answers)
        machine = probe.run_plan(advice.prepare_probe(args.probe, first=first), keep_machine)
        code = probe.outcome(machine)
    recommendation = advice.advise(knowledge, answers, machine, args.today or date.today())
    installation = verify_recommended(recommendation, knowledge, machine) if args.verify else None
    if args.out:
        document = report.build(
            recommendation, knowledge, machine, redact=args.redact, installation=installation
        )
        for path in args.out:
            report.write(document, path, args.summary)
            sys.stderr.write(f"{path} written\n")
        keep_report(document)
    if args.format == "json":
        write_json(recommendation)
    if args.format == "text" or not (args.format or args.out):
        text = recommendation_text(recommendation, knowledge, existing, disagreements, installation)
        sys.stdout.write(text)
    elif existing is not None:
        print(*existing_text(existing, disagreements), sep="\n", file=sys.stderr)
    return code
