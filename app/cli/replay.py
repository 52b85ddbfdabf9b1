"""`replay`: decide again from a report's own inputs, and say whether it comes out the same."""

import argparse
import sys
from pathlib import Path

from app.cli.options import add_knowledge


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("report", type=Path, metavar="REPORT.json")
    add_knowledge(parser)


def run(args: argparse.Namespace) -> int:
    import rules
    from app.report import from_json
    from app.report.replay import lines, replay

    report = from_json(args.report.read_bytes(), str(args.report))
    result = replay(report, rules.load_knowledge(args.knowledge))
    sys.stdout.write("\n".join(lines(result)) + "\n")
    return 0
