"""`starter`: write a starter project and, when asked, run its smoke test."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.starter import Choice


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from app import starter

    offers = starter.offers()
    parser.add_argument(
        "--executed",
        action=_ShowExecuted,
        nargs=0,
        help="print which combinations have been executed, and why the others have not, and end",
    )
    parser.add_argument("--framework", required=True, metavar="F", help=_ids(offers.frameworks))
    parser.add_argument("--task", required=True, metavar="K", help=_ids(offers.tasks))
    parser.add_argument(
        "--target",
        default="none",
        metavar="D",
        help="where the model will run, adds export.py: " + _ids(offers.targets),
    )
    parser.add_argument(
        "--delivery",
        metavar="P",
        help="the way there; without it the target's usual one: " + _ids(offers.deliveries),
    )
    parser.add_argument(
        "--tracker",
        default="none",
        metavar="X",
        help="what records the runs: " + _ids(offers.trackers),
    )
    parser.add_argument(
        "--search",
        default="none",
        metavar="S",
        help="what searches for good settings: " + _ids(offers.searches),
    )
    parser.add_argument(
        "--size",
        choices=("short", "project"),
        default="project",
        help="one file, or a project with tests (default: project)",
    )
    parser.add_argument(
        "--variant",
        default="none",
        metavar="V",
        help="another way to write it: " + _ids(offers.variants),
    )
    parser.add_argument("--notebook", action="store_true", help="a notebook beside the scripts")
    parser.add_argument(
        "--run", action="store_true", help="run its smoke test here afterwards (train.py --smoke)"
    )
    parser.add_argument(
        "--python",
        type=Path,
        metavar="EXE",
        help="the interpreter to pin versions from and to run in (default: this program's)",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="write into a folder that is not empty"
    )
    parser.add_argument("folder", type=Path, metavar="OUTDIR", help="made where it is missing")


class _ShowExecuted(argparse.Action):
    """Prints the table and ends, as --help does: nothing else need be given."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from app import starter
        from app.cli.text import executed_table

        sys.stdout.write(
            executed_table(
                [
                    *starter.offers().combinations,
                    *starter.variant_offers(),
                    *starter.search_offers(),
                ]
            )
        )
        parser.exit()


def _ids(choices: "Sequence[Choice]") -> str:
    return ", ".join(one.id for one in choices)


def run(args: argparse.Namespace) -> int:
    from app import starter
    from app.cli.text import starter_text
    from app.interpreter import NONE_HERE, usual_interpreter

    usual = usual_interpreter()
    python = args.python or (Path(usual.path) if usual else None)
    request = starter.Request(
        framework=args.framework,
        task=args.task,
        target=args.target,
        delivery=args.delivery,
        tracker=args.tracker,
        search=args.search,
        size=args.size,
        notebook=args.notebook,
        variant=args.variant,
        versions=starter.installed_versions(python) if python else {},
    )
    project = starter.prepare(request)
    starter.write(project, args.folder, overwrite=args.overwrite)
    sys.stderr.write(starter_text(project, args.folder))
    if not args.run:
        sys.stderr.write(f"next: {args.folder / 'README.md'} says how to set it up and run it\n")
        return 0
    if python is None:
        sys.stderr.write(f"framework-advisor: written, but not run: {NONE_HERE}\n")
        return 3
    try:
        outcome = starter.run(args.folder, python, smoke=True, on_line=_print_line)
    except starter.StarterError as error:
        sys.stderr.write(f"framework-advisor: written, but not run: {error}\n")
        return 3
    sys.stderr.write(f"finished in {outcome.seconds:.1f} s with exit code {outcome.returncode}\n")
    return 0 if outcome.returncode == 0 else 3


def _print_line(line: str) -> None:
    sys.stderr.write(f"  {line.rstrip()}\n")
    sys.stderr.flush()
