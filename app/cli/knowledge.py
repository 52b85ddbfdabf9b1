"""`knowledge`: check a folder of facts, list what is known, show one entry."""

import argparse
import sys
from datetime import date
from typing import TYPE_CHECKING

from app.cli.options import add_knowledge, iso_date

if TYPE_CHECKING:
    from rules.model import Fact, Framework, Knowledge


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="check|list|show")
    check = actions.add_parser("check", help="read everything and name every mistake")
    check.add_argument("--today", type=iso_date, metavar="YYYY-MM-DD", help="for facts' ages")
    listing = actions.add_parser("list", help="the frameworks and components with their state")
    show = actions.add_parser("show", help="one framework, component, fact or criterion")
    show.add_argument("id")
    for one in (check, listing, show):
        add_knowledge(one)


def run(args: argparse.Namespace) -> int:
    import rules

    knowledge = rules.load_knowledge(args.knowledge)
    if args.action == "check":
        return _check(knowledge, args.today or date.today())
    sys.stdout.write(_listing(knowledge) if args.action == "list" else _shown(knowledge, args.id))
    return 0


def _check(knowledge: "Knowledge", today: date) -> int:
    """Loading has checked ids, months and double duty already; ages are told, not failed."""
    from rules.ages import months_past

    facts = [fact for framework in knowledge.frameworks for fact in framework.facts]
    due = [fact for fact in facts if months_past(fact.as_of, fact.shelf_life, today)]
    for fact in due:
        sys.stdout.write(f"{fact.id}: due for a recheck, as of {fact.as_of} ({fact.source})\n")
    sys.stdout.write(
        f"{len(knowledge.frameworks)} frameworks, {len(facts)} facts, "
        f"{len(knowledge.components)} components, {len(knowledge.personas)} personas: "
        f"no mistake found; {len(due)} facts due for a recheck\n"
    )
    return 0


def _listing(knowledge: "Knowledge") -> str:
    lines = [
        f"{one.id:14} {one.lifecycle:12} {one.latest_release:24} {one.name}"
        for one in knowledge.frameworks
    ]
    lines += [""]
    lines += [
        f"{one.id:24} {one.lifecycle:12} {one.kind:10} {one.name}" for one in knowledge.components
    ]
    return "\n".join(lines) + "\n"


def _shown(knowledge: "Knowledge", name: str) -> str:
    """Raises InputError for an id that nothing has."""
    import msgspec

    import rules
    from rules.errors import suggestion

    entries = {one.id: one for one in knowledge.components}
    facts = {fact.id: fact for framework in knowledge.frameworks for fact in framework.facts}
    for framework in knowledge.frameworks:
        if framework.id == name:
            return _framework(framework)
    if name in facts:
        return _fact(facts[name])
    if name in entries:
        return msgspec.json.format(msgspec.json.encode(entries[name]), indent=1).decode() + "\n"
    criterion_facts = [fact for fact in facts.values() if fact.criterion == name]
    if criterion_facts:
        return "".join(_fact(fact) for fact in criterion_facts)
    known = [*entries, *facts, *(one.id for one in knowledge.frameworks)]
    raise rules.InputError(f"{name!r} is nothing we know{suggestion(name, known)}", "knowledge")


def _framework(framework: "Framework") -> str:
    head = (
        f"{framework.name} ({framework.id}): {framework.lifecycle}, {framework.latest_release}\n"
        f"{framework.summary}\nBest at: {framework.best_at}\nWorst at: {framework.worst_at}\n\n"
    )
    return head + "".join(_fact(fact) for fact in framework.facts)


def _fact(fact: "Fact") -> str:
    when = f" when {fact.when}" if fact.when else ""
    return (
        f"{fact.id}: {fact.criterion} level {fact.level}{when}\n"
        f"  {fact.reason}\n  {fact.grade}, {fact.as_of}, {fact.source}\n"
    )
