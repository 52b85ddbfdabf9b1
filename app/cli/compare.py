"""`compare`: two reports, or two machine files, side by side."""

import argparse
import sys
from pathlib import Path

from app.cli.options import add_knowledge


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("first", type=Path, metavar="A.json")
    parser.add_argument("second", type=Path, metavar="B.json")
    add_knowledge(parser)


def run(args: argparse.Namespace) -> int:
    import rules
    from app.report import compare, from_json
    from probes.results import decode_machine, is_machine_file

    data = [path.read_bytes() for path in (args.first, args.second)]
    names = [str(path) for path in (args.first, args.second)]
    if all(map(is_machine_file, data)):
        machines = [decode_machine(*pair) for pair in zip(data, names, strict=True)]
        lines = compare.machine_lines(compare.compare_machines(*machines))
    else:
        # A machine file beside a report fails here, and the message says which of them it is.
        reports = [from_json(*pair) for pair in zip(data, names, strict=True)]
        knowledge = rules.load_knowledge(args.knowledge)
        lines = compare.report_lines(compare.compare_reports(reports[0], reports[1], knowledge))
    sys.stdout.write("\n".join(lines) + "\n")
    return 0
