"""`schema`: the JSON Schema of a file format, from the very structs that read the files."""

import argparse
import sys

FORMATS = ("answers", "machine", "recommendation", "report", "knowledge")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("format", choices=FORMATS)


def run(args: argparse.Namespace) -> int:
    import msgspec

    from app.report import Report
    from probes.results import Machine
    from rules.model import Answers
    from rules.packs import file_type
    from rules.recommendation import Recommendation

    types = dict(zip(FORMATS, (Answers, Machine, Recommendation, Report, file_type()), strict=True))
    schema = msgspec.json.schema(types[args.format])
    data = msgspec.json.format(msgspec.json.encode(schema), indent=1)
    sys.stdout.write(data.decode() + "\n")
    return 0
