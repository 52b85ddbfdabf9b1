"""`ask`: the questionnaire in the terminal; gives an answers file."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.options import add_knowledge

if TYPE_CHECKING:
    from rules.model import Answers, Knowledge, Question

HELP = "number(s) to choose, Enter for I don't know, b for back, ? for why, q to stop asking"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="write the answers file here (default: print it)"
    )
    parser.add_argument(
        "--everything", action="store_true", help="also what is asked after a first verdict"
    )
    add_knowledge(parser)


def run(args: argparse.Namespace) -> int:
    import rules
    from app import advice
    from app.files import require_writable, write_atomically

    if args.out is not None:
        require_writable(args.out)
    knowledge = rules.load_knowledge(args.knowledge)
    facts = advice.machine_facts(advice.look())
    answers = ask(knowledge, facts, everything=args.everything)
    text = rules.dump_answers(answers)
    if args.out is not None:
        write_atomically(args.out, text.encode())
        _write(f"{args.out} written; next: framework-advisor recommend --answers {args.out}\n")
    else:
        sys.stdout.write(text)
    return 0


def ask(
    knowledge: "Knowledge",
    machine_facts: dict[str, str],
    everything: bool = False,
    read: Callable[[str], str] | None = None,
) -> "Answers":
    """Walk through the questions; what the machine says is offered, and Enter takes it."""
    from rules.loading import AnswersError
    from rules.model import Answers
    from rules.questionnaire import Flow, prefill, to_ask

    flow = Flow.start(knowledge, Answers())
    _write(f"{HELP}\n")
    while (question := flow.question) is not None:
        if question.stage == "later" and not everything:
            break
        prefilled = prefill(knowledge, flow.answers, machine_facts).answers.get(question.id)
        asked = [
            one for one in to_ask(knowledge, flow.answers) if everything or one.stage != "later"
        ]
        place = f"{asked.index(question) + 1}/{len(asked)}" if question in asked else ""
        _show(question, place, prefilled, first_counts_most(knowledge, question))
        try:
            line = (read or _read)("> ").strip().lower()
        except EOFError:
            break
        if line == "q":
            break
        if line == "b":
            flow = flow.back()
        elif line == "?":
            _write(f"  {question.why}\n")
        elif line == "":
            flow = flow.answer(prefilled if prefilled is not None else "unknown")
        elif (chosen := _choice(question, line)) is None:
            _write(f"  {HELP}\n")
        else:
            try:
                flow = flow.answer(chosen)
            except AnswersError as error:  # options that exclude each other
                _write(f"  {error}\n")
    return prefill(knowledge, flow.answers, machine_facts)


def first_counts_most(knowledge: "Knowledge", question: "Question") -> bool:
    """Whether the order of the options that are chosen matters."""
    return any(one.over == question.id and one.combine == "primary" for one in knowledge.criteria)


def _show(question: "Question", place: str, prefilled: object, is_ordered: bool) -> None:
    several = ""
    if question.multiple:
        several = " (several: 1,3; the first counts most)" if is_ordered else " (several: 1,3)"
    _write(f"\n{place}  {question.text}{several}\n")
    for number, option in enumerate(question.options, 1):
        mark = "  <- this machine; Enter takes it" if option.id == prefilled else ""
        help_text = f"  ({option.help})" if option.help else ""
        _write(f"  {number:2}  {option.text}{help_text}{mark}\n")


def _choice(question: "Question", line: str) -> str | tuple[str, ...] | None:
    """Options by number or id; None when it cannot be read."""
    ids = [option.id for option in question.options]
    chosen = []
    for word in line.replace(",", " ").split():
        if word.isdigit() and 1 <= int(word) <= len(ids):
            chosen.append(ids[int(word) - 1])
        elif word in ids:
            chosen.append(word)
        else:
            return None
    if not chosen or (len(chosen) > 1 and not question.multiple):
        return None
    return tuple(dict.fromkeys(chosen)) if question.multiple else chosen[0]


def _read(prompt: str) -> str:
    # `input` would print it to standard output where that is a file or a pipe: into the answers.
    _write(prompt)
    return input()


def _write(text: str) -> None:
    """Questions go to standard error: standard output is for the answers alone."""
    sys.stderr.write(text)
    sys.stderr.flush()
