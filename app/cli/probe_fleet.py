"""`probe --cluster`: one machine file for each node of a cluster, and a table of all."""

import argparse
import sys
from typing import TYPE_CHECKING

from app.cli.options import add_format

if TYPE_CHECKING:
    from probes.fleet import Fleet, Node

DONE, IN_PART, CANCELLED = 0, 3, 130
WAIT_SECONDS, QUEUE_SECONDS = 60.0, 900.0
"""For nodes to join: where they only have to start, and where a queue stands before them."""
GRACE_SECONDS = 180.0
"""Beyond a tier's deadline, for the last thing that was begun within it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cluster",
        metavar="C",
        help="measure every node of tcp://HOST:PORT (a dask scheduler), local:N, ssh:HOST,HOST or "
        "slurm:N; --out is then a folder, --python the interpreter on the nodes",
    )
    parser.add_argument(
        "--cluster-option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="handed to dask's SSHCluster or dask-jobqueue's SLURMCluster; may be repeated",
    )
    parser.add_argument(
        "--cluster-wait",
        type=float,
        metavar="SECONDS",
        help=f"how long nodes may take to join (default: {WAIT_SECONDS:.0f}, with slurm "
        f"{QUEUE_SECONDS:.0f})",
    )
    add_format(parser)


def run(args: argparse.Namespace) -> int:
    import msgspec

    import probes
    from app.cli.options import write_json
    from app.files import write_atomically
    from app.interrupts import cancelled_by_signals
    from probes.bundle import make_bundle
    from probes.fleet import Work, parse_cluster, probe_fleet
    from probes.plan import SETTINGS
    from probes.results import encode_machine

    cluster = parse_cluster(args.cluster, args.cluster_option)
    # A word that nobody knows is better told here than by every node.
    probes.make_plan(probes.detect_hardware(), (), args.tier, args.frameworks, args.workloads)
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
    work = Work(
        bundle=make_bundle(),
        arguments=bundle_arguments(args),
        python=str(args.python[0]) if args.python else None,
        limit=SETTINGS[args.tier].deadline + GRACE_SECONDS,
        wait=args.cluster_wait or (QUEUE_SECONDS if cluster.kind == "slurm" else WAIT_SECONDS),
    )
    with cancelled_by_signals() as cancel:
        fleet, machines = probe_fleet(cluster, work, _say, cancel)
    if args.out is not None:
        for name, machine in machines.items():
            write_atomically(args.out / name, encode_machine(machine))
        data = msgspec.json.format(msgspec.json.encode(fleet), indent=1) + b"\n"
        write_atomically(args.out / "fleet.json", data)
        _say(f"{args.out}: fleet.json and {len(machines)} machine files written")
    if args.format == "json":
        write_json(fleet)
    elif args.format == "text" or args.out is None:
        sys.stdout.write("\n".join(fleet_lines(fleet)) + "\n")
    return outcome(fleet)


def bundle_arguments(args: argparse.Namespace) -> tuple[str, ...]:
    """What each node's run is told: the tier, and what was chosen."""
    told = ["--tier", args.tier]
    for name, chosen in (("--frameworks", args.frameworks), ("--workloads", args.workloads)):
        if chosen is not None:
            told += [name, ",".join(chosen)]
    for python in args.python[1:]:
        told += ["--python", str(python)]
    return (*told, "--all") if args.all else tuple(told)


def outcome(fleet: "Fleet") -> int:
    """The exit code; whose result is missing is said on standard error."""
    if fleet.cancelled:
        _say("framework-advisor: cancelled; what was done is kept")
        return CANCELLED
    lacking = [one for one in fleet.nodes if one.state != "measured"]
    for one in lacking:
        _say(f"framework-advisor: missing: {_name(one)}: {_words(one)}")
    return IN_PART if lacking else DONE


def fleet_lines(fleet: "Fleet") -> list[str]:
    """The table by groups of equal hardware, for a person."""
    from app.cli.text import bullets, heading, table

    groups = dict.fromkeys(one.group for one in fleet.nodes if one.group is not None)
    lines = [heading(f"Nodes of {_inert(fleet.cluster)}")]
    for number, group in enumerate(groups, start=1):
        members = [one for one in fleet.nodes if one.group == group]
        lines += ["", f"Group {number}: {_inert(members[0].hardware or '')}"]
        header = ("node", "state", "control", "frameworks")
        lines += table((header, *(_row(one) for one in members)), right={2})
    others = [one for one in fleet.nodes if one.group is None]
    if others:
        lines += ["", "Without a result"]
        lines += table([(_name(one), _words(one)) for one in others])
    notes = [note for one in fleet.nodes for note in _notes(one)]
    return [*lines, *([""] if notes else []), *bullets(notes)]


def _row(node: "Node") -> tuple[str, ...]:
    control = "" if node.control_seconds is None else f"{node.control_seconds * 1e3:.2f} ms"
    frameworks = ", ".join(
        f"{one.framework} {one.version or '?'}"
        + ("" if one.state == "works" else f" ({one.state.replace('_', ' ')})")
        for one in node.frameworks
    )
    return _name(node), node.state.replace("_", " "), control, _inert(frameworks) or "none found"


def _notes(node: "Node") -> list[str]:
    said = []
    if node.below_group is not None:
        below = f"{node.below_group * 100:.0f} %"
        said.append(
            f"{_name(node)}: its control product runs {below} below the median of its group, on "
            "the same hardware: look at cooling, power limits and what else runs."
        )
    if node.group is not None and node.reason:
        said.append(f"{_name(node)}: {_inert(node.reason)}")
    said += [
        f"{_name(node)}: {_inert(one.framework)}: {_inert(one.reason)}"
        for one in node.frameworks
        if one.state != "works" and one.reason
    ]
    return said


def _name(node: "Node") -> str:
    return _inert(f"{node.name} {node.accelerator}" if node.accelerator else node.name)


def _words(node: "Node") -> str:
    state = node.state.replace("_", " ")
    return f"{state}: {_inert(node.reason)}" if node.reason else state


def _inert(text: str) -> str:
    """A node names itself as it likes: no sign of its may steer a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _say(text: str) -> None:
    sys.stderr.write(f"{_inert(text)}\n")
    sys.stderr.flush()
