"""What several commands read from their arguments."""

import argparse
import sys
from datetime import date
from pathlib import Path


def iso_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write YYYY-MM-DD") from None


def comma_list(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def add_knowledge(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--knowledge",
        action="append",
        default=[],
        type=Path,
        metavar="DIR",
        help="a folder of your own facts, added to ours and overriding them; may be repeated",
    )


def add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), help="print it (default: text)")


def write_json(document: object) -> None:
    """To standard output, indented."""
    import msgspec

    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n")
    sys.stdout.buffer.flush()


def add_probe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--frameworks",
        type=comma_list,
        metavar="A,B",
        help="only these frameworks, by the ids that `knowledge list frameworks` shows",
    )
    parser.add_argument(
        "--python",
        action="append",
        default=[],
        type=Path,
        metavar="EXE",
        help="another interpreter to look into, beside this program's own; may be repeated",
    )
    parser.add_argument(
        "--all", action="store_true", help="every environment that is found on this machine"
    )


TIERS = ("quick", "standard", "deep")
