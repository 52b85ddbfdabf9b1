"""`history`: what was measured and reported here, a workload over versions, and what to forget."""

import argparse
import sys
from typing import TYPE_CHECKING

from app.cli.options import add_format, write_json

if TYPE_CHECKING:
    from app.history import Entry, History
    from app.trends import Trend

DONE, BAD_INPUT, CANCELLED = 0, 2, 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="what is kept, the newest first")
    add_format(listed)
    show = actions.add_parser(
        "show", help="a workload over the versions of a framework, and what an upgrade made slower"
    )
    show.add_argument("--workload", metavar="W", help="only this workload (default: all)")
    show.add_argument("--framework", metavar="F", help="only this framework id")
    add_format(show)
    delete = actions.add_parser("delete", help="delete entries")
    delete.add_argument("id", nargs="+", metavar="ID", help="as `list` names it")
    forget = actions.add_parser("forget-all", help="delete everything that was kept")
    for one in (delete, forget):
        one.add_argument("--yes", action="store_true", help="do not ask")
    actions.add_parser("where", help="the folder")


def run(args: argparse.Namespace) -> int:
    from app.paths import history_folder

    if args.action == "where":
        sys.stdout.write(f"{history_folder()}\n")
        return DONE
    if args.action == "list":
        return _list(args)
    if args.action == "show":
        return _show(args)
    return _delete(args) if args.action == "delete" else _forget_all(args)


def _list(args: argparse.Namespace) -> int:
    from app.history import read_history
    from app.paths import history_folder

    history = read_history()
    if args.format == "json":
        write_json(history)
        return DONE
    if not history.entries and not history.left_out:
        sys.stdout.write(f"nothing is kept yet in {history_folder()}\n")
    sys.stdout.write("".join(f"{line}\n" for line in _list_lines(history)))
    return DONE


def _list_lines(history: "History") -> list[str]:
    lines = []
    for one in history.entries:
        lines.append(f"{one.id}\n    {_moment(one.when)}  {_about(one)}")
        if one.frameworks:
            versions = ", ".join(f"{name} {version}" for name, version in one.frameworks.items())
            lines.append(f"    {versions}")
    if history.left_out:
        lines += ["", "Left out, because they cannot be read:"]
        lines += [_inert(f"    {one.file}: {one.problem}") for one in history.left_out]
    return lines


def _about(entry: "Entry") -> str:
    where = f" on {entry.machine}" if entry.machine else ""
    if entry.kind == "machine":
        return f"{entry.tier or 'looked at, not measured'}{where}"
    share = f", among the best in {entry.top_share:.0%}" if entry.top_share is not None else ""
    return f"report: {entry.verdict or 'nothing is left'} ({entry.verdict_kind}{share}){where}"


def _show(args: argparse.Namespace) -> int:
    from app.history import HistoryError, read_history
    from app.trends import other_hardware, trends

    entries = read_history().entries
    everything = trends(entries)
    shown = [
        one
        for one in everything
        if args.workload in (None, one.workload) and args.framework in (None, one.framework)
    ]
    if args.format == "json":
        write_json(shown)
        return DONE
    if not shown:
        workloads = ", ".join(sorted({one.workload for one in everything})) or "none yet"
        frameworks = ", ".join(sorted({one.framework for one in everything})) or "none yet"
        raise HistoryError(
            f"no run of that is kept; workloads: {workloads}; frameworks: {frameworks}"
        )
    machines = other_hardware(shown)
    if machines:
        sys.stdout.write("Of different hardware, whose times do not compare:\n")
        sys.stdout.write("".join(f"    {one}\n" for one in machines) + "\n")
    for trend in shown:
        sys.stdout.write("\n".join(_trend_lines(trend, name_machine=bool(machines))) + "\n\n")
    return DONE


def _trend_lines(trend: "Trend", name_machine: bool) -> list[str]:
    from app.charts import duration
    from app.trends import regression_text

    track = "" if trend.track == "strict_fp32" else f", {trend.track}"
    lines = [f"{trend.mode} {trend.workload} on {trend.device}{track}"]
    if name_machine:
        lines.append(f"    ({trend.machine})")
    for point in trend.points:
        time = point.time
        lines.append(
            f"    {_moment(point.when)}  {point.version}: {duration(time.median_seconds)} "
            f"({duration(time.low_seconds)} to {duration(time.high_seconds)})"
        )
    lines += [f"    SLOWER: {regression_text(trend, one)}" for one in trend.regressions]
    return lines


def _delete(args: argparse.Namespace) -> int:
    from app.history import delete, path_of

    for entry in args.id:
        path_of(entry)  # all of them are looked for before the first goes
    if not _agreed(args.yes, f"Delete {', '.join(args.id)}?"):
        return CANCELLED
    for entry in dict.fromkeys(args.id):
        delete(entry)
    return DONE


def _forget_all(args: argparse.Namespace) -> int:
    from app.history import forget_all
    from app.paths import history_folder

    if not _agreed(args.yes, f"Delete everything that was kept in {history_folder()}?"):
        return CANCELLED
    count, strangers = forget_all()
    sys.stdout.write(f"{count} files deleted\n")
    if strangers:
        sys.stdout.write(_inert(f"left alone, not ours: {', '.join(strangers)}") + "\n")
    return DONE


def _agreed(is_sure: bool, question: str) -> bool:
    """Ask, where there is somebody to ask. Raises HistoryError where there is not."""
    from app.history import HistoryError

    if is_sure:
        return True
    if not sys.stdin.isatty():
        raise HistoryError("there is no terminal to ask in; say --yes to delete")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def _moment(when: str) -> str:
    """UTC, as it is kept; without the offset that is always the same."""
    return when.removesuffix("+00:00").replace("T", " ") + " UTC"


def _inert(text: str) -> str:
    """Names of files may be a stranger's: nothing in them may steer the terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
