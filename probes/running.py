"""Carries out a plan: starts workers, lets them take turns, ends them, gives the machine file.

One worker is busy at a time, ever. Everything runs in the caller's thread; what a worker does wrong
ends in a named state of its own items, and the run goes on. However it ends, no process is left.
"""

import importlib.metadata
import tempfile
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Literal

import msgspec
import psutil

from probes import findings, statistics, summary, trying
from probes.catalogue import load_catalogue
from probes.crew import Crew
from probes.environments import find_environments
from probes.hardware import detect_hardware
from probes.lock import LockCancelled, lock_path, machine_lock
from probes.messages import Checked, Done, Prepared, one_line
from probes.plan import (
    FIRST_CALL,
    IMPORT_TIME,
    Plan,
    PlannedCheck,
    PlannedImport,
    PlannedItem,
    PlannedWorker,
    needed_bytes,
    usual_check_seconds,
)
from probes.process import PROGRAM, Cancelled, Refused, WorkerLost
from probes.results import (
    CapabilityFinding,
    FrameworkFinding,
    Machine,
    Measurement,
    ProbeEvent,
    Status,
    legible,
)
from probes.roster import Roster, state_of_loss
from probes.summary import Memory
from probes.turns import Turn, failure_of, judged, place, take_turns

RESIDENT_BYTES = 1_300_000_000
"""What an imported framework with its prepared models takes, at most, on a processor."""
MEMORY_SHARE = 0.7
QUIET_SHARE = 0.05
QUIET_LOOK_SECONDS = 0.25
QUIET_PATIENCE_SECONDS = 3.0

EventKind = Literal[
    "log", "framework_started", "framework_done", "item_started", "item_done", "finished"
]


def look(pythons: Sequence[Path] = (), everywhere: bool = False) -> Machine:
    """Hardware and installed frameworks from what lies on disk; nothing found is executed."""
    start, started = time.monotonic(), _utc()
    hardware = detect_hardware()
    environments = find_environments(pythons, everywhere)
    machine = Machine(
        run_id=uuid.uuid4().hex,
        started_utc=started,
        finished_utc=_utc(),
        seconds=time.monotonic() - start,
        tier=None,
        program_version=program_version(),
        fingerprint=summary.fingerprint(hardware, environments),
        hardware=hardware,
        environments=environments,
        frameworks=tuple(findings.found_only(environments)),
        measurements=(),
    )
    return legible(machine)


def run(
    plan: Plan,
    on_event: Callable[[ProbeEvent], None],
    cancel: threading.Event,
    program: Path = PROGRAM,
) -> Machine:
    """Measure. Blocks; `on_event` is called from this thread, in order.

    When `cancel` is set the run ends within seconds and keeps what is done. No process is left
    behind however it ends, an exception from `on_event` or an interrupt included. `program` stands
    for the worker's main file in tests.
    """
    return _Run(plan, on_event, cancel).machine(program)


class _Run:
    """The state of one run; made for one call of `machine`."""

    def __init__(
        self, plan: Plan, on_event: Callable[[ProbeEvent], None], cancel: threading.Event
    ) -> None:
        self._plan = plan
        self._on_event = on_event
        self._cancel = cancel
        self._start = time.monotonic()
        self._deadline = self._start + plan.settings.deadline
        self._done = 0
        self._measured: dict[PlannedItem, Measurement] = {}
        self._capabilities: dict[tuple[str, str], list[CapabilityFinding]] = defaultdict(list)
        """By worker and framework."""
        self._groups: dict[tuple[str, str], int] = {}
        self._notes: list[str] = []

    def machine(self, program: Path) -> Machine:
        """Do it all and give the machine file."""
        started = _utc()
        cancelled = False
        with tempfile.TemporaryDirectory(
            prefix="framework-advisor-", ignore_cleanup_errors=True
        ) as folder:
            self._crew = crew = Crew(Path(folder), self._plan.threads, self._cancel, program)
            self._roster = Roster(self._plan, crew, self._cancel)
            try:
                with machine_lock(lock_path(), self._cancel.wait, self._on_lock_wait):
                    # Waiting for another program is not this tier's time.
                    self._deadline = time.monotonic() + self._plan.settings.deadline
                    try:
                        self._measure()
                    finally:
                        crew.end_all()
            except (Cancelled, LockCancelled):
                cancelled = True
        return self._assembled(started, cancelled)

    # What is done, in order

    def _measure(self) -> None:
        groups = self._resident_groups()
        for number, group in enumerate(groups):
            for planned in group:
                self._import(planned)
            ids = {one.id for one in group}
            items = [one for one in self._plan.items if one.worker in ids]
            self._groups.update({(one.python, one.mode): number for one in items})
            if items:
                self._wait_for_quiet()
            left = [
                list(members)
                for _, members in groupby(items, lambda one: (one.workload, one.device, one.track))
            ]
            # Each group of workers gets its part of the time that is left.
            end = time.monotonic() + (self._deadline - time.monotonic()) / (len(groups) - number)
            # Windows grow into the time there is: what is tried after them has its part set aside.
            checks = [one for one in self._plan.checks if one.worker in ids]
            end -= sum(usual_check_seconds(one.capability) for one in checks)
            for at, members in enumerate(left):
                now = time.monotonic()
                self._measure_workload(members, end, now + (end - now) / (len(left) - at))
            self._try_capabilities(ids)
            if number + 1 < len(groups) or self._plan.own_settings:
                self._roster.dismiss()
        for planned in self._plan.own_settings:
            self._measure_own_settings(planned)
        if IMPORT_TIME in self._plan.derived and self._plan.items:
            self._roster.repeat_imports(self._deadline)

    def _measure_own_settings(self, planned: PlannedWorker) -> None:
        """One framework by itself, without the thread plan."""
        items = [one for one in self._plan.items if one.worker == planned.id]
        if time.monotonic() < self._deadline:
            self._import(planned)
        else:
            self._done += 1
            for item in items:
                self._finish(item, summary.without_times(item, "skipped", self._time_is_over()))
            return
        self._measure_workload(items, self._deadline, self._deadline)
        self._roster.dismiss()

    def _time_is_over(self) -> str:
        settings = self._plan.settings
        return f"the {settings.deadline:.0f} s of the {self._plan.tier} tier were over"

    def _resident_groups(self) -> list[tuple[PlannedWorker, ...]]:
        """Workers in groups that memory holds together."""
        room = self._plan.hardware.available_memory_bytes * MEMORY_SHARE / RESIDENT_BYTES
        size = max(1, int(room))
        workers = self._plan.workers
        groups = [workers[at : at + size] for at in range(0, len(workers), size)]
        if len(groups) > 1:
            self._notes.append(
                f"Memory holds {size} frameworks at once: they were measured in {len(groups)} "
                "groups, and only those of one group took turns and are compared."
            )
        return groups

    def _import(self, planned: PlannedWorker) -> None:
        names = " and ".join(_name(one) for one in planned.imports)
        again = " again, with its own settings" if planned.own_settings else ""
        self._emit("framework_started", planned.imports[0].framework, f"Importing {names}{again}")
        self._roster.enlist(planned)
        self._done += 1
        for one in planned.imports:
            finding = self._roster.tried[planned.id, one]
            self._emit("framework_done", one.framework, _said(one, finding), finding=finding)

    def _wait_for_quiet(self) -> None:
        """Give others a moment to finish; what goes on after it is seen by each round."""
        with self._crew.book.using("waiting"):
            end = time.monotonic() + QUIET_PATIENCE_SECONDS
            psutil.cpu_percent()
            while True:
                if self._cancel.wait(QUIET_LOOK_SECONDS):
                    raise Cancelled
                if psutil.cpu_percent() / 100 <= QUIET_SHARE:
                    return
                if time.monotonic() > end:
                    self._say("Other programs are busy; disturbed rounds will be left out.")
                    return

    def _measure_workload(
        self, items: Sequence[PlannedItem], deadline: float, own_end: float
    ) -> None:
        """Prove equal work for each item, then measure those that passed in turns.

        Nothing is begun after `deadline`; after `own_end` it is the next workload's time.
        """
        for worker in dict.fromkeys(item.worker for item in items):
            if time.monotonic() < deadline:
                self._roster.revive(worker)
        turns = [turn for item in items if (turn := self._prepare(item, deadline)) is not None]
        # Whoever is gone by now cannot take part.
        turns = [turn for turn in turns if turn.item.worker not in self._roster.lost]
        if turns:
            try:
                take_turns(
                    turns,
                    self._plan.settings,
                    own_end,
                    self._crew,
                    self._plan.hardware.cpu.usable_cores,
                    self._cancel,
                    lambda number: self._say_round(turns[0].item, number),
                    lambda turn, lost: self._lose(turn.item, lost),
                )
            except Cancelled:
                self._keep(turns)
                raise
            except (WorkerLost, Refused) as problem:
                reason = f"the control cannot be measured: {one_line(str(problem))}"
                for turn in turns:
                    if len(turn.raw) < summary.SURE_ROUNDS:
                        turn.failure = turn.failure or ("failed", reason)
            self._keep(turns)
        for item in items:
            if item not in self._measured:
                status, reason = self._roster.lost.get(
                    item.worker, ("failed", "its worker was lost")
                )
                self._finish(item, summary.without_times(item, status, reason))

    def _prepare(self, item: PlannedItem, deadline: float) -> Turn | None:
        """Let a worker build an item and prove equal work; None where it cannot take part."""
        self._emit("item_started", item.framework, f"{item.mode}: {item.workload}", item=item)
        why_not = self._why_not(item, deadline)
        if why_not is not None:
            self._finish(item, summary.without_times(item, *why_not))
            return None
        worker, settings = self._roster.residents[item.worker], self._plan.settings
        size = "cpu" if item.device == "cpu" else "gpu"
        right = self._crew.reference(
            item.workload, size, item.python, settings.hello_limit, settings.prepare_limit
        )
        try:
            with self._crew.book.using("proof"):
                prepared = worker.ask(
                    "prepare", Prepared, settings.prepare_limit, self._cancel,
                    **place(item), size=size, reference=right,
                )  # fmt: skip
        except Refused as refused:
            self._finish(item, summary.without_times(item, *failure_of(refused)))
            return None
        except WorkerLost as lost:
            self._lose(item, lost)
            return None
        self._crew.book.move("proof", "build", prepared.build_seconds)
        self._crew.book.move("proof", "first_call", prepared.first_call_seconds)
        turn = Turn(item, worker, prepared)
        if not turn.proof.passed:
            self._finish(item, summary.measurement(item, prepared, (), 0))
            return None
        return turn

    def _why_not(self, item: PlannedItem, deadline: float) -> tuple[Status, str] | None:
        """Why an item is not begun."""
        if item.worker in self._roster.lost:
            return self._roster.lost[item.worker]
        said = self._roster.imported.get((item.worker, item.framework))
        if said is None:
            return "skipped", "it cannot be imported; its finding has the reason"
        device = next((one for one in said.devices if one.device == item.device), None)
        if device is None or not device.operation_ran:
            reason = "no reason given" if device is None else device.reason or "no reason given"
            return "skipped", f"it cannot use {item.device}: {one_line(reason)}"
        if time.monotonic() > deadline:
            return "skipped", self._time_is_over()
        memory, needed = psutil.virtual_memory(), needed_bytes(item.workload)
        if memory.available < needed:
            return (
                "skipped",
                f"it needs about {needed / 1e9:.1f} GB of free memory, and "
                f"{memory.available / 1e9:.1f} GB are",
            )
        return None

    def _lose(self, item: PlannedItem, lost: WorkerLost) -> None:
        """A worker is of no further use: its item has failed, and what else it held is gone."""
        status, reason = state_of_loss(lost, importing=False)
        self._finish(item, summary.without_times(item, status, reason))
        self._part_with(item, lost)

    def _part_with(self, item: PlannedItem, lost: WorkerLost) -> None:
        status, reason = state_of_loss(lost, importing=False)
        words = f"its process was lost with {item.mode}, {item.workload}: {reason}"
        self._roster.part_with(item.worker, status, words)

    def _keep(self, turns: Sequence[Turn]) -> None:
        """Make measurements of what the turns have."""
        for turn, rounds in judged(turns):
            if turn.item in self._measured:
                continue
            if turn.failure is not None:
                status, reason = turn.failure
                one = summary.failed_later(turn.item, turn.prepared, rounds, status, reason)
            elif rounds:
                one = summary.measurement(
                    turn.item, turn.prepared, rounds, self._plan.settings.rounds
                )
            else:
                continue
            held = self._roster.imported_bytes(turn.item.worker)
            self._finish(turn.item, summary.with_memory(one, turn.memory, held))
            self._forget(turn)

    def _forget(self, turn: Turn) -> None:
        """Let the worker give back the memory of an item."""
        if turn.item.worker not in self._roster.residents or self._cancel.is_set():
            return
        try:
            turn.worker.ask(
                "drop", Done, self._plan.settings.measure_grace, self._cancel, **place(turn.item)
            )
        except WorkerLost as lost:
            self._part_with(turn.item, lost)
        except Refused:
            pass

    def _try_capabilities(self, workers: set[str]) -> None:
        """What people argue about, in the workers that are there, while time is left."""
        left = [one for one in self._plan.checks if one.worker in workers]
        for number, one in enumerate(left):
            said = self._roster.imported.get((one.worker, one.framework))
            if one.worker not in self._roster.residents or said is None:
                continue
            if time.monotonic() > self._deadline:
                self._notes.append(
                    f"{len(left) - number} of {len(left)} capabilities were not tried: the "
                    f"{self._plan.settings.deadline:.0f} s of the {self._plan.tier} tier were over."
                )
                return
            ran = {each.device for each in said.devices if each.operation_ran}
            self._try_capability(trying.on_device(one, ran))

    def _try_capability(self, one: PlannedCheck) -> None:
        self._say(f"{one.mode}: {one.capability.replace('_', ' ')}")
        limit = self._plan.settings.check_limit
        try:
            with self._crew.book.using("capabilities"):
                found = trying.try_capability(
                    one, self._roster.residents[one.worker], limit, self._cancel
                )
        except WorkerLost as lost:
            words = f"its process was lost: {lost.message}"
            self._roster.part_with(one.worker, "failed", words)
            found = trying.finding(one, Checked(state="fails", note=words))
        if found is not None:
            self._capabilities[one.worker, one.framework].append(found)

    # What is told

    def _on_lock_wait(self) -> None:
        self._say("Another program is measuring on this machine; waiting for it to finish.")

    def _say_round(self, item: PlannedItem, number: int) -> None:
        self._say(f"{item.workload}: round {number} of {self._plan.settings.rounds}")

    def _say(self, message: str) -> None:
        self._emit("log", None, message)

    def _finish(self, item: PlannedItem, one: Measurement) -> None:
        self._measured[item] = one
        self._done += 1
        words: str = one.verdict.status
        if one.median_seconds is not None:
            words = f"{one.median_seconds * 1000:.2f} ms, {words}"
        elif one.verdict.reasons:
            words = f"{words}: {one.verdict.reasons[0]}"
        self._emit(
            "item_done",
            item.framework,
            f"{item.mode}: {item.workload}: {words}",
            item=item,
            measurement=one,
        )

    def _emit(
        self,
        kind: EventKind,
        framework: str | None,
        message: str,
        *,
        item: PlannedItem | None = None,
        finding: FrameworkFinding | None = None,
        measurement: Measurement | None = None,
    ) -> None:
        left = self._plan.estimated_seconds - (time.monotonic() - self._start)
        plan = self._plan
        total = len(plan.workers) + len(plan.own_settings) + len(plan.items)
        self._on_event(
            ProbeEvent(
                kind=kind,
                done=self._done,
                total=total,
                seconds_left=0.0 if self._done == total else max(1.0, left),
                framework=framework,
                mode=None if item is None else item.mode,
                workload=None if item is None else item.workload,
                message=message,
                finding=finding,
                measurement=measurement,
            )
        )

    # What comes out

    def _assembled(self, started: str, cancelled: bool) -> Machine:
        plan, crew = self._plan, self._crew
        for item in plan.items:
            if item not in self._measured:
                reason = "stopped before it was done"
                self._measured[item] = summary.without_times(item, "cancelled", reason)
        fastest_control = min(crew.control_values, default=None)
        found = summary.limits(self._measured.values(), fastest_control)
        windows = [summary.with_limits(self._measured[item], found) for item in plan.items]
        tried = list(self._findings())
        runtimes = {one.id for one in load_catalogue().runtimes}
        measurements = [*windows, *self._overheads(windows)]
        here = found.get("cpu")
        seconds = time.monotonic() - self._start
        self._notes += summary.disturbance_notes(windows)
        self._notes += summary.thread_notes(windows, plan.threads)
        self._notes += summary.own_settings_notes(windows)
        machine = Machine(
            run_id=uuid.uuid4().hex,
            started_utc=started,
            finished_utc=_utc(),
            seconds=seconds,
            tier=plan.tier if plan.items else None,
            program_version=program_version(),
            fingerprint=summary.fingerprint(plan.hardware, plan.environments),
            hardware=plan.hardware,
            environments=plan.environments,
            frameworks=tuple(one for one in tried if one.framework not in runtimes),
            runtimes=tuple(one for one in tried if one.framework in runtimes),
            measurements=tuple(measurements),
            comparisons=tuple(summary.comparisons(windows, self._groups)),
            control_seconds=statistics.median(crew.control_values) if crew.control_values else None,
            control_flops=summary.CONTROL_FLOPS if crew.control_values else None,
            peak_flops_per_second=None if here is None else here.flops_per_second,
            peak_bytes_per_second=None if here is None else here.bytes_per_second,
            seconds_by_use={use: round(spent, 3) for use, spent in crew.book.seconds.items()},
            notes=tuple(self._notes),
            cancelled=cancelled,
        )
        self._emit("finished", None, "Stopped" if cancelled else "Finished")
        return legible(machine)

    def _overheads(self, windows: Sequence[Measurement]) -> list[Measurement]:
        """Import times and first calls, where they were asked for."""
        made = []
        if IMPORT_TIME in self._plan.derived:
            planned = {each.id: each for each in self._plan.workers}
            for (identifier, one), seen in self._roster.import_times.items():
                python = planned[identifier].python
                mode = one.framework if one.backend is None else f"{one.framework}/{one.backend}"
                took = summary.overhead(IMPORT_TIME, one.framework, mode, python, seen, one.version)
                said = self._roster.imported[identifier, one.framework]
                made.append(summary.with_memory(took, Memory(), said.resident_bytes))
        if FIRST_CALL in self._plan.derived:
            made += summary.first_calls(windows)
        return made

    def _findings(self) -> Iterator[FrameworkFinding]:
        """One for each framework and environment, in the order of the plan."""
        tried: dict[tuple[str, str], list[tuple[PlannedImport, FrameworkFinding]]] = {}
        for planned in self._plan.workers:
            for one in planned.imports:
                finding = self._roster.tried.get((planned.id, one)) or findings.cancelled(
                    one, planned.python
                )
                tried_here = tuple(self._capabilities[planned.id, one.framework])
                finding = msgspec.structs.replace(finding, capabilities=tried_here)
                tried.setdefault((planned.python, one.framework), []).append((one, finding))
        for several in tried.values():
            yield findings.merged(several)
        for unstarted in self._plan.unstarted:
            yield findings.not_started(unstarted)


def _said(planned: PlannedImport, finding: FrameworkFinding) -> str:
    """One line on a framework that was tried."""
    words = finding.state.replace("_", " ")
    if finding.import_seconds is not None:
        words += f", imported in {finding.import_seconds:.1f} s"
    if finding.reason:
        words += f": {finding.reason}"
    version = f" {finding.version}" if finding.version else ""
    return f"{planned.framework}{version}{_backend(planned)} {words}"


def _name(planned: PlannedImport) -> str:
    return planned.framework + _backend(planned)


def _backend(planned: PlannedImport) -> str:
    return f" on {planned.backend}" if planned.backend else ""


def program_version() -> str:
    try:
        return importlib.metadata.version("framework-advisor")
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _utc() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
