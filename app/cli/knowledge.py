"""`knowledge`: check folders of facts, list what is known, show one entry, compare two versions."""

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import knowledge_show
from app.cli.knowledge_text import (
    AGEING,
    LISTS,
    SOURCED,
    check_text,
    diff_text,
    folder_name,
    list_text,
)
from app.cli.options import add_knowledge, iso_date

if TYPE_CHECKING:
    from rules.model import Knowledge

GRADES = ("measured", "official", "reported", "judgement", "unknown")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="check|list|show|diff")
    check = actions.add_parser(
        "check",
        help="read everything and name every mistake",
        description="Name every mistake with file and line, and what a framework lacks elsewhere "
        "in the program; exit 2 if there is one. Facts past their shelf life are told and are no "
        "mistake. Exit 3 where there is too much to check.",
    )
    listing = actions.add_parser(
        "list",
        help="what is known, one line for each",
        description="One line for each entry; by default the frameworks and components.",
    )
    listing.add_argument("what", nargs="*", metavar="WHAT", help=" ".join(LISTS))
    listing.add_argument("--framework", metavar="F", help="facts and capabilities of this one")
    listing.add_argument("--stale", action="store_true", help="only what is due for a recheck")
    listing.add_argument("--grade", choices=GRADES, help="only what is known so well")
    show = actions.add_parser("show", help="one entry, or a view of the whole base")
    knowledge_show.add_arguments(show)
    diff = actions.add_parser(
        "diff",
        help="what differs between two folders of facts",
        description="What differs between two folders, and whose advice that changes. A folder "
        "with a version, frameworks, questions, groups and criteria stands alone; any other is "
        "laid over our facts. With one folder, our facts are compared with it laid over them.",
    )
    diff.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    for one in (check, listing, show):
        add_knowledge(one)
    for one in (check, listing, diff):
        one.add_argument("--today", type=iso_date, metavar="YYYY-MM-DD", help="for facts' ages")


def run(args: argparse.Namespace) -> int:
    import rules

    if args.action == "check":
        return _check(args.knowledge, args.today or date.today())
    if args.action == "show":
        return knowledge_show.run(rules.load_knowledge(args.knowledge), args)
    if args.action == "diff":
        text = _difference(args.folders, args.today or date.today())
    else:
        text = _listing(rules.load_knowledge(args.knowledge), args)
    sys.stdout.write(text)
    return 0


def _check(packs: list[Path], today: date) -> int:
    from app.completeness import missing, this_program
    from rules.checking import check, with_more
    from rules.loading import load_base

    base = load_base(packs)
    lacking = list(missing(base, this_program()))
    mistakes = [error for error, is_mistake in lacking if is_mistake]
    notes = [error for error, is_mistake in lacking if not is_mistake]
    checked = with_more(check(base, today), mistakes)
    sys.stdout.write(check_text(checked, base.knowledge, notes))
    if checked.mistakes:
        return 2
    return 0 if checked.is_complete else 3


def _listing(knowledge: "Knowledge", args: argparse.Namespace) -> str:
    """Raises InputError for a list or framework that is none, or a filter that does not fit."""
    from rules.errors import InputError, suggestion

    ids = [one.id for one in knowledge.frameworks]
    if args.framework is not None and args.framework not in ids:
        message = f"{args.framework!r} is no framework{suggestion(args.framework, ids)}"
        raise InputError(message, "--framework")
    for name in args.what:
        if name not in LISTS:
            raise InputError(f"{name!r} is no list{suggestion(name, LISTS)}", "knowledge list")
    fitting = list(LISTS)
    for flag, is_given, lists in (
        ("--stale", args.stale, AGEING),
        ("--framework", args.framework, AGEING),
        ("--grade", args.grade, SOURCED),
    ):
        if is_given:
            fitting = [name for name in fitting if name in lists]
            if unfit := [name for name in args.what if name not in lists]:
                raise InputError(f"goes with {' and '.join(lists)}, not with {unfit[0]}", flag)
    default = ["frameworks", "components"] if len(fitting) == len(LISTS) else fitting
    return list_text(
        knowledge,
        args.what or default,
        args.today or date.today(),
        stale=args.stale,
        grade=args.grade,
        framework=args.framework,
    )


def _difference(folders: list[Path], today: date) -> str:
    import rules
    from rules.difference import difference
    from rules.errors import InputError

    if len(folders) > 2:
        message = f"compares one folder with ours, or two; {len(folders)} were given"
        raise InputError(message, "knowledge diff")
    sides = [_side(folder) for folder in folders]
    if len(sides) == 1:
        sides.insert(0, ("our facts", rules.load_knowledge()))
    before, after = sides
    return diff_text(difference(before[1], after[1], today), before, after)


def _side(folder: Path) -> tuple[str, "Knowledge"]:
    """A folder's facts and how to call them."""
    from rules.loading import load_apart

    knowledge, stands_alone = load_apart(folder)
    name = folder_name(folder)
    return name if stands_alone else f"our facts with {name}", knowledge
