"""`starter`: write a starter project and, when asked, run its smoke test."""

import argparse
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--framework", required=True, metavar="F")
    parser.add_argument("--task", required=True, metavar="K")
    parser.add_argument("--target", default="none", metavar="D", help="a deployment option")
    parser.add_argument("--delivery", metavar="P", help="without it the target's usual one")
    parser.add_argument("--tracker", default="none", metavar="X")
    parser.add_argument("--size", choices=("short", "project"), default="project")
    parser.add_argument("--notebook", action="store_true", help="a notebook beside the scripts")
    parser.add_argument("--run", action="store_true", help="run its smoke test here afterwards")
    parser.add_argument(
        "--python",
        type=Path,
        metavar="EXE",
        help="the interpreter to pin versions from and to run in",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="write into a folder that is not empty"
    )
    parser.add_argument("folder", type=Path, metavar="OUTDIR")


def run(args: argparse.Namespace) -> int:
    from app import starter
    from app.cli.text import starter_text

    python = args.python or Path(sys.executable)
    request = starter.Request(
        framework=args.framework,
        task=args.task,
        target=args.target,
        delivery=args.delivery,
        tracker=args.tracker,
        size=args.size,
        notebook=args.notebook,
        versions=starter.installed_versions(python),
    )
    project = starter.prepare(request)
    starter.write(project, args.folder, overwrite=args.overwrite)
    sys.stderr.write(starter_text(project, args.folder))
    if not args.run:
        return 0
    outcome = starter.run(args.folder, python, smoke=True, on_line=_print_line)
    sys.stderr.write(f"finished in {outcome.seconds:.1f} s with exit code {outcome.returncode}\n")
    return 0 if outcome.returncode == 0 else 3


def _print_line(line: str) -> None:
    sys.stderr.write(f"  {line.rstrip()}\n")
    sys.stderr.flush()
