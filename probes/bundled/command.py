"""The bundle's command line: `python3 probe.pyz --out machine.json`."""

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import msgspec

from probes.environments import find_environments
from probes.hardware import detect_hardware
from probes.plan import TIERS, Plan, make_plan
from probes.results import Hardware, Machine, ProbeEvent, ProbeRequestError, encode_machine
from probes.running import run
from probes.telling import event_line, missing

DONE, BAD_INPUT, IN_PART, CANCELLED = 0, 2, 3, 130

VISIBLE = {
    "cuda": "CUDA_VISIBLE_DEVICES",
    "rocm": "HIP_VISIBLE_DEVICES",
    "xpu": "ZE_AFFINITY_MASK",
    "npu": "ASCEND_RT_VISIBLE_DEVICES",
}
"""By the kind in `cuda:1`: what lets a framework see one device of several."""


def main(arguments: Sequence[str]) -> int:
    args = _parser().parse_args(arguments)
    hardware = detect_hardware()
    if args.list_accelerators:
        sys.stdout.write(json.dumps([one.identifier for one in hardware.accelerators]) + "\n")
        return DONE
    try:
        if args.accelerator is not None:
            hardware = _only(hardware, args.accelerator)
        plan = make_plan(
            hardware,
            find_environments(args.python, args.all),
            args.tier,
            args.frameworks,
            args.workloads,
        )
    except ProbeRequestError as error:
        sys.stderr.write(f"framework-advisor probe: {error}\n")
        return BAD_INPUT
    machine = _measured(plan, args.until_stdin_closes)
    data = encode_machine(machine)
    if str(args.out) == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        _write(args.out, data)
        sys.stderr.write(f"{args.out} written\n")
    return _outcome(machine, args.frameworks or ())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="probe.pyz",
        description="Measures the frameworks of this Python and writes a machine file, which "
        "Framework Advisor reads on any computer. Nothing is installed and nothing is sent.",
        epilog="Exit codes: 0 done, 2 bad input, 3 done in part, 130 cancelled.",
    )
    parser.add_argument("--tier", choices=TIERS, default="quick", help="how long (default: quick)")
    parser.add_argument("--frameworks", type=_words, metavar="A,B", help="only these")
    parser.add_argument("--workloads", type=_words, metavar="W,..", help="only these")
    parser.add_argument(
        "--python", action="append", default=[], type=Path, metavar="EXE",
        help="another interpreter to look into, beside this one",
    )  # fmt: skip
    parser.add_argument("--all", action="store_true", help="every environment that is found")
    parser.add_argument("--accelerator", metavar="cuda:0", help="only this accelerator")
    parser.add_argument(
        "--list-accelerators", action="store_true", help="print what the drivers see, as JSON"
    )
    parser.add_argument(
        "--until-stdin-closes", action="store_true",
        help="stop when standard input ends: for a program that starts this one",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, default=Path("machine.json"), metavar="FILE",
        help="the machine file to write (default: machine.json; - for standard output)",
    )  # fmt: skip
    return parser


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _only(hardware: Hardware, identifier: str) -> Hardware:
    """The hardware with one accelerator, which is then the only one that workers can see."""
    chosen = tuple(one for one in hardware.accelerators if one.identifier == identifier)
    if not chosen:
        there = ", ".join(one.identifier for one in hardware.accelerators) or "none"
        raise ProbeRequestError(f"no accelerator is called {identifier!r}; there are: {there}")
    kind, _, number = identifier.partition(":")
    if kind in VISIBLE:
        # CUDA's own order is by speed; ours is the driver's.
        os.environ["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"
        os.environ[VISIBLE[kind]] = number
    return msgspec.structs.replace(hardware, accelerators=chosen)


def _measured(plan: Plan, until_stdin_closes: bool) -> Machine:
    """Run it; the first signal to stop keeps what is done, a second one ends at once."""
    for refusal in plan.refusals:
        sys.stderr.write(f"{refusal}\n")
    cancel = threading.Event()

    def _on_signal(number: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        number = getattr(signal, name, None)
        # What the caller has had ignored stays so: `nohup` does that to SIGHUP.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _on_signal)
    if until_stdin_closes:
        threading.Thread(target=_watch_stdin, args=(cancel,), daemon=True).start()
    return run(plan, _print, cancel)


def _watch_stdin(cancel: threading.Event) -> None:
    """Whoever started this and is gone, killed perhaps, wants no more of it."""
    while os.read(0, 1024):
        pass
    cancel.set()


def _print(event: ProbeEvent) -> None:
    line = event_line(event)
    if line is not None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _outcome(machine: Machine, wanted: Sequence[str]) -> int:
    if machine.cancelled:
        sys.stderr.write("framework-advisor probe: cancelled; what was done is kept\n")
        return CANCELLED
    failed = list(missing(machine))
    for line in failed:
        sys.stderr.write(f"framework-advisor probe: missing: {line}\n")
    absent = set(wanted) - {one.framework for one in machine.frameworks}
    return IN_PART if failed or absent else DONE
