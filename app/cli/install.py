"""`install`: asks a resolver what an install line would bring, and sets an environment up."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.options import add_format, add_knowledge, write_json
from app.interrupts import cancelled_by_signals

if TYPE_CHECKING:
    from app.installing.choosing import Chosen
    from app.installing.creating import Created, Plan, Progress, Space
    from app.installing.results import Library, Verification
    from probes.results import Machine
    from rules.model import Knowledge
    from rules.recommendation import Recommendation

DONE, BAD_INPUT, IN_PART, CANCELLED = 0, 2, 3, 130
PLATFORMS = ("linux", "windows", "wsl2", "macos", "macos_arm", "macos_intel")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    ways = parser.add_subparsers(dest="way", metavar="verify|create", required=True)
    verify = ways.add_parser(
        "verify",
        help="ask pip whether a line resolves, and what it would bring; installs nothing",
        description="Ask pip whether an install line resolves, what it would bring and what it "
        "conflicts with. Nothing is installed, and no package is downloaded but small ones that "
        "do not tell otherwise what they need.",
    )
    _add_line(verify)
    verify.add_argument("--platform", choices=PLATFORMS, help="for another system (wheels only)")
    verify.add_argument(
        "--python-version", metavar="3.X", help="for another Python (default: this program's)"
    )
    verify.add_argument(
        "--device",
        metavar="ID",
        help="what must do the work: nvidia_gpu, amd_gpu, cpu ... (default: the answers', or what "
        "is here)",
    )
    verify.add_argument(
        "--timeout", type=float, default=180.0, metavar="S", help="seconds to wait (default: 180)"
    )
    verify.add_argument("--out", type=Path, metavar="FILE", help="write the result here, as JSON")
    add_format(verify)
    create = ways.add_parser(
        "create",
        help="make an environment, install, measure and run a starter project in it",
        description="Make a virtual environment in DIR, install the stack, measure it and run a "
        "starter project in it. Says first what it will download, and asks. If a step fails or you "
        "cancel, DIR is removed again; nothing else is touched but pip's cache of downloads.",
    )
    create.add_argument("folder", type=Path, metavar="DIR", help="a folder that is new or empty")
    _add_line(create)
    create.add_argument("--yes", action="store_true", help="do not ask; needed without a terminal")


def _add_line(parser: argparse.ArgumentParser) -> None:
    line = parser.add_mutually_exclusive_group(required=True)
    line.add_argument(
        "--answers", type=Path, metavar="FILE", help="the line that is recommended for these"
    )
    line.add_argument("--framework", metavar="F", help="the line of this framework")
    line.add_argument("--line", metavar='"pip install ..."', help="a line of your own")
    parser.add_argument(
        "--python",
        metavar="EXE",
        help="an interpreter: verify asks for its environment, create makes one from it",
    )
    parser.add_argument(
        "--framework-only",
        action="store_true",
        help="without the libraries that the stack puts beside the framework",
    )
    parser.add_argument(
        "--machine",
        type=Path,
        metavar="FILE",
        help="the machine file whose driver counts (default: this machine, where it is the one)",
    )
    add_knowledge(parser)


def run(args: argparse.Namespace) -> int:
    _tell_left_over(args)
    return run_verify(args) if args.way == "verify" else run_create(args)


def _tell_left_over(args: argparse.Namespace) -> None:
    from app.installing.leftovers import left_over

    for one in left_over():
        if args.way != "create" or Path(one.folder) != args.folder.absolute():
            _say(
                f"{one.folder} was left unfinished on {one.begun_utc}, when the program was ended; "
                "remove it, or give it to `install create` again"
            )


def chosen_line(args: argparse.Namespace) -> "Chosen":
    """The line and its target, from what was given; the machine is looked at where that counts."""
    import rules
    from app import advice
    from app.installing.asking import interpreter_version
    from app.installing.choosing import Chosen, of_framework, of_recommendation, with_driver
    from app.installing.targets import make_target

    platform = getattr(args, "platform", None)
    version = getattr(args, "python_version", None)
    device = getattr(args, "device", None)
    if args.python is not None:
        version = interpreter_version(args.python)
    machine = advice.load_machine(args.machine) if args.machine is not None else None
    knowledge = rules.load_knowledge(args.knowledge)
    if args.line is not None:
        here = machine or advice.look()
        target = make_target(platform, version, args.python, device)
        floors = knowledge.driver_floors
        return Chosen(line=args.line, target=with_driver(target, here), floors=floors)
    if args.answers is not None:
        answers = rules.load_answers(args.answers, knowledge)
        if machine is None and answers.answers.get("train_where") == "this_machine":
            machine = advice.look()
        recommendation = advice.advise(knowledge, answers, None, date.today())
        chosen = of_recommendation(
            recommendation,
            platform,
            version,
            args.python,
            device,
            machine,
            knowledge.driver_floors,
        )
    else:
        machine = machine or advice.look()
        facts = advice.machine_facts(machine)
        chosen = of_framework(
            knowledge, args.framework, facts, platform, version, args.python, device, machine
        )
    return chosen.framework_only() if args.framework_only else chosen


# verify


def run_verify(args: argparse.Namespace) -> int:
    from app.files import require_writable, write_atomically
    from app.installing.targets import target_words
    from app.installing.verifying import encode, verify_chosen

    if args.out is not None:
        require_writable(args.out)
    chosen = chosen_line(args)
    _say(f"asking pip for {target_words(chosen.target)}: {chosen.line}")
    with cancelled_by_signals() as cancel:
        found = verify_chosen(chosen, cancel, args.timeout)
    if args.out is not None:
        write_atomically(args.out, encode(found))
        _say(f"{args.out} written")
    if args.format == "json":
        write_json(found)
    if args.format == "text" or not (args.format or args.out):
        sys.stdout.write(verification_text(found))
    return verified_code(found)


def verify_recommended(
    recommendation: "Recommendation", knowledge: "Knowledge", machine: "Machine | None"
) -> "Verification | None":
    """What pip says of the recommended line and its stack, where the answers say that it will run;
    None, with a word on standard error, where there is no line to ask about."""
    from app.installing.choosing import of_recommendation
    from app.installing.results import InstallError
    from app.installing.targets import target_words
    from app.installing.verifying import verify_chosen

    try:
        chosen = of_recommendation(recommendation, machine=machine, floors=knowledge.driver_floors)
        _say(f"asking pip for {target_words(chosen.target)}: {chosen.line}")
        with cancelled_by_signals() as cancel:
            return verify_chosen(chosen, cancel)
    except InstallError as error:
        _say(f"not verified: {error}")
        return None


def verified_code(found: "Verification") -> int:
    """That a line does not resolve is a result; that it could not be asked is not."""
    if found.state == "cancelled":
        return CANCELLED
    return IN_PART if found.state == "not_verified" else DONE


def verification_text(found: "Verification") -> str:
    from app.cli.text import bullets, heading, table, wrapped
    from app.installing.words import facts, headline, megabytes

    lines = [heading(headline(found)), *wrapped(found.line, "    "), ""]
    lines += [*wrapped(found.summary), *bullets(facts(found))]
    if found.packages:
        rows = [
            (
                one.name,
                one.version,
                f"now {one.before}" if one.before else "",
                megabytes(one.bytes) if one.bytes is not None else "unknown",
            )
            for one in found.packages
        ]
        lines += ["", heading("Packages"), *table((("", "version", "", "size"), *rows), right={3})]
    return "\n".join(lines) + "\n"


# create


def run_create(args: argparse.Namespace) -> int:
    from app.installing.creating import create, prepare, require_space, what_it_brings
    from app.installing.results import InstallError
    from app.installing.words import RESOLVED

    chosen = chosen_line(args)
    plan = prepare(args.folder, chosen)
    if not args.yes and not sys.stdin.isatty():
        raise InstallError("there is no terminal to ask in: say --yes to go on without asking")
    _say("asking pip what will be installed")
    with cancelled_by_signals() as cancel:
        brings = what_it_brings(plan, cancel)
    if brings.state == "cancelled":
        return CANCELLED
    space = require_space(plan, brings)
    sys.stderr.write(_what_will_be_done(plan, brings, space))
    if brings.state not in RESOLVED:
        _say("nothing was made")
        return IN_PART
    if not args.yes and not _agreed():
        _say("nothing was made")
        return CANCELLED
    with cancelled_by_signals() as cancel:
        created = create(plan, _Printer().show, cancel, brings.known_bytes)
    return _ended(created)


def _what_will_be_done(plan: "Plan", brings: "Verification", space: "Space") -> str:
    from app.cli.text import bullets, wrapped
    from app.installing.builds import build_words
    from app.installing.creating import pip_cache, space_words
    from app.installing.words import RESOLVED, download_words

    lines = []
    if plan.unfinished_since is not None:
        lines += bullets(
            [
                f"{plan.folder} was left unfinished on {plan.unfinished_since}, when the program "
                "was ended; what it holds is removed first."
            ]
        )
    lines += [*wrapped(brings.summary), *bullets(brings.details)]
    if brings.state in RESOLVED:
        names = ", ".join(f"{one.name} {one.version}" for one in brings.packages if one.requested)
        lines += bullets(_stack_words(plan.chosen.libraries))
        lines += bullets(
            [
                f"Into {plan.folder}, and nowhere else: an environment of {plan.python} with "
                f"{names}, and what they need: {len(brings.packages)} packages.",
                f"To download: {download_words(brings)}. pip keeps the files in its own cache, "
                f"{pip_cache()}.",
                space_words(space),
                f"What it brings: {build_words(brings.build)}.",
            ]
        )
        after = ["a measurement of about a minute"]
        if plan.task is not None:
            after.append(f"a short run of the starter project {plan.task}")
        lines += bullets([f"Then {' and '.join(after)}, there."])
    return "\n".join(lines) + "\n"


def _stack_words(libraries: "Sequence[Library]") -> list[str]:
    """What each library of the stack is for, and how to do without."""
    from app.installing.words import LEFT_OUT

    beside = [one for one in libraries if one.package is not None]
    said = [f"With it {one.package}. {one.purpose}" for one in beside]
    if beside:
        said.append("Without these libraries: --framework-only.")
    return [
        *said,
        *(f"Not with it: {one.name}, {LEFT_OUT[one.left_out]}." for one in libraries
          if one.left_out is not None),
    ]  # fmt: skip


def _agreed() -> bool:
    sys.stderr.write("Go on? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


class _Printer:
    """Progress on standard error; downloads by whole tenths, not each of pip's thousand lines."""

    def __init__(self) -> None:
        self._told = -1

    def show(self, progress: "Progress") -> None:
        if progress.step == "install" and progress.share is not None:
            tenth = int(progress.share * 10)
            if tenth == self._told:
                return
            self._told = tenth
        share = f"{progress.share:4.0%} " if progress.share is not None else ""
        sys.stderr.write(f"[{progress.step}] {share}{progress.text}\n")
        sys.stderr.flush()


def _ended(created: "Created") -> int:
    for line in created.tail:
        sys.stderr.write(f"  {line}\n")
    if created.state in ("done", "in_part"):
        sys.stdout.write(f"{created.summary}\n")
    else:
        _say(created.summary)
    return {"done": DONE, "in_part": IN_PART, "failed": IN_PART, "cancelled": CANCELLED}[
        created.state
    ]


def _say(message: str) -> None:
    sys.stderr.write(f"framework-advisor: {message}\n")
    sys.stderr.flush()
