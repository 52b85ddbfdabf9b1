"""Parses arguments and starts a command; imports no Qt, no matplotlib, no framework."""

import argparse
import importlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from app import VERSION
from app.interrupts import interrupted_by_signals

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

DONE, BAD_INPUT, IN_PART, CANCELLED = 0, 2, 3, 130

# Command -> one line of help. Each is a module of app.cli with `add_arguments(parser)` and
# `run(args) -> int`; only the one that is asked for is imported, so that `--help` stays quick.
COMMANDS = {
    "ask": "answer the questionnaire in the terminal",
    "probe": "measure the frameworks that are installed here",
    "recommend": "recommend a framework for an answers file",
    "starter": "write a starter project",
    "replay": "recompute a report and say whether it still holds",
    "compare": "show what differs between two reports or machine files",
    "history": "list what was measured and reported here; a workload over versions",
    "knowledge": "check, list, show or compare the facts",
    "install": "ask whether an install line resolves, or set an environment up",
    "doctor": "say what is here, what runs, what does not and why",
    "schema": "print the JSON Schema of a file format",
    "gui": "open the window",
}


EPILOG = """\
First steps:
  framework-advisor ask --out answers.yaml
  framework-advisor probe --out machine.json
  framework-advisor recommend --answers answers.yaml --machine machine.json --out report.html

Exit codes: 0 done, 2 bad input, 3 done in part, 130 cancelled.
"""


class Parser(argparse.ArgumentParser):
    """Bad input is one line, which names the page of all options and does not print it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=Formatter, **options)

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {message}; see: {self.prog} --help\n")


class Formatter(argparse.HelpFormatter):
    """One column for every help text; a text with line breaks of its own keeps them."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=24)
        # argparse forgets that commands are indented, and breaks the line behind the longest.
        self._action_max_length = 22

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code (0 done, 2 bad input, 3 in part, 130 cancelled)."""
    _print_whatever_comes()
    with interrupted_by_signals() as was_interrupted:
        try:
            code = _run(list(sys.argv[1:] if arguments is None else arguments), was_interrupted)
        except SystemExit as ended:  # --help, --version, a refusal
            raise SystemExit(_printed(ended.code)) from None
        return int(_printed(code) or DONE)


def _print_whatever_comes() -> None:
    """A terminal that knows no umlauts gets them as escapes, as on standard error, and no crash."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    if isinstance(sys.stderr, io.TextIOWrapper) and sys.stderr is sys.__stderr__:
        unread = io.BufferedWriter(_MayBeUnread(sys.stderr.fileno(), "w", closefd=False))
        sys.stderr = io.TextIOWrapper(
            unread, sys.stderr.encoding, "backslashreplace", line_buffering=True
        )


class _MayBeUnread(io.FileIO):
    """Where progress and remarks go: once their reader has left (`2>&1 | head -1`) they go
    nowhere, and the work that they tell of goes on."""

    def write(self, data: "ReadableBuffer") -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            return len(memoryview(data))


def _run(given: Sequence[str], was_interrupted: Callable[[], bool]) -> int:
    try:
        parser = _parser(given)
        args = parser.parse_args(given)
        name = args.command or "start"
        code = int(importlib.import_module(f"app.cli.{name}").run(args))
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        _say("cancelled")
        return CANCELLED
    except BrokenPipeError:
        return DONE  # the reader of our output has gone (`| head`)
    except MemoryError:
        # Said without another import, for which there may be no room either.
        _say("there is not enough memory for this")
        return BAD_INPUT
    except Exception as error:
        if was_interrupted():
            _say("cancelled")
            return CANCELLED
        from app.cli.errors import expected_message

        message = expected_message(error)
        if message is None:
            raise
        _say(message)
        return BAD_INPUT


def _printed(code: str | int | None) -> str | int | None:
    """The exit code, once what was printed has gone out; the interpreter's exit has nothing left
    to say about it."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if code == DONE and not isinstance(error, BrokenPipeError):
            _say(f"standard output: {error.strerror}")
            return BAD_INPUT
    return code


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    parser = Parser(
        prog="framework-advisor",
        description="Which deep-learning framework to choose, why, how sure that is, and what to "
        "do next. Without a command it opens the window, or does the same job in the "
        "terminal where there is no display.",
        epilog=EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"framework-advisor {VERSION}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    asked = next((word for word in given if not word.startswith("-")), None)
    if asked is not None and asked not in COMMANDS:
        parser.error(f"{asked!r} is no command{_meant(asked)}")
    for name, summary in COMMANDS.items():
        description = f"{summary[0].upper()}{summary[1:]}."
        command = commands.add_parser(name, help=summary, description=description)
        if name == asked:
            importlib.import_module(f"app.cli.{name}").add_arguments(command)
    return parser


def _meant(word: str) -> str:
    import difflib

    near = difflib.get_close_matches(word, COMMANDS, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(COMMANDS)}"


def _say(message: str) -> None:
    # A message may quote a stranger's file: nothing in it may steer the terminal.
    inert = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in message)
    sys.stderr.write(f"framework-advisor: {inert}\n")


if __name__ == "__main__":
    sys.exit(main())
