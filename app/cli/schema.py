"""`schema`: the JSON Schema of a file format, from the very structs that read the files."""

import argparse
import sys

FORMATS = ("answers", "machine", "recommendation", "report", "knowledge", "session", "installation")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("format", choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))


def run(args: argparse.Namespace) -> int:
    import msgspec

    from app.installing.results import Verification
    from app.report import Report
    from app.sessions import Session
    from probes.results import Machine
    from rules.model import Answers
    from rules.packs import file_type
    from rules.recommendation import Recommendation

    given = (Answers, Machine, Recommendation, Report, file_type(), Session, Verification)
    schema = msgspec.json.schema(dict(zip(FORMATS, given, strict=True))[args.format])
    data = msgspec.json.format(msgspec.json.encode(schema), indent=1)
    sys.stdout.write(data.decode() + "\n")
    return 0
