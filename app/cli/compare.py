"""`compare`: two reports, or two machine files, side by side."""

import argparse
import sys
from pathlib import Path

from app.cli.options import add_format, add_knowledge, write_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("first", type=Path, metavar="A.json", help="a report or a machine file")
    parser.add_argument("second", type=Path, metavar="B.json", help="one of the same kind")
    add_knowledge(parser)
    add_format(parser)


def run(args: argparse.Namespace) -> int:
    import rules
    from app.files import read_at_most
    from app.report import compare, from_json
    from probes.results import LARGEST_FILE_BYTES, decode_machine, is_machine_file

    paths = (args.first, args.second)
    data = [read_at_most(path, LARGEST_FILE_BYTES + 1) for path in paths]
    names = [str(path) for path in paths]
    found: compare.MachineComparison | compare.ReportComparison
    if all(map(is_machine_file, data)):
        machines = [decode_machine(*pair) for pair in zip(data, names, strict=True)]
        found = compare.compare_machines(*machines)
        lines = compare.machine_lines(found)
    else:
        # A machine file beside a report fails here, and the message says which of them it is.
        reports = [from_json(*pair) for pair in zip(data, names, strict=True)]
        knowledge = rules.load_knowledge(args.knowledge)
        found = compare.compare_reports(reports[0], reports[1], knowledge)
        lines = compare.report_lines(found)
    if args.format == "json":
        write_json(found)
    else:
        sys.stdout.write("\n".join(lines) + "\n")
    return 0
