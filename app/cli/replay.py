"""`replay`: decide again from a report's own inputs, and say whether it comes out the same."""

import argparse
import sys
from pathlib import Path

from app.cli.options import add_format, add_knowledge, write_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "report", type=Path, metavar="REPORT.json", help="what `recommend --out` wrote"
    )
    add_knowledge(parser)
    add_format(parser)


def run(args: argparse.Namespace) -> int:
    import rules
    from app.files import read_at_most
    from app.report import LARGEST_BYTES, ReportError, from_json
    from app.report.replay import lines, replay

    report = from_json(read_at_most(args.report, LARGEST_BYTES + 1), str(args.report))
    try:
        result = replay(report, rules.load_knowledge(args.knowledge))
    except ReportError as error:
        raise ReportError(f"{args.report}: {error}") from error
    if args.format == "json":
        write_json(result)
    else:
        sys.stdout.write("\n".join(lines(result)) + "\n")
    return 0
