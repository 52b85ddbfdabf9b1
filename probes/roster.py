"""The workers that hold frameworks: who is there, who is lost, what came of each import.

Knows nothing of workloads and rounds, and tells nobody: what it finds is asked for.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from probes import findings, watching
from probes.crew import Crew
from probes.messages import Imported, one_line
from probes.plan import Plan, PlannedImport, PlannedWorker
from probes.process import Refused, Worker, WorkerLost
from probes.results import FrameworkFinding, Status
from probes.summary import Once

MOST_IMPORTS = 3


class Roster:
    """One for a run; `crew` starts and ends the processes."""

    def __init__(self, plan: Plan, crew: Crew, cancel: threading.Event) -> None:
        self.residents: dict[str, Worker] = {}
        """Workers that can be asked, by id."""
        self.lost: dict[str, tuple[Status, str]] = {}
        """Workers that are gone, with what that makes of their items."""
        self.imported: dict[tuple[str, str], Imported] = {}
        """By worker and framework."""
        self.tried: dict[tuple[str, PlannedImport], FrameworkFinding] = {}
        """By worker and import."""
        self.import_times: dict[tuple[str, PlannedImport], list[Once]] = defaultdict(list)
        self._plan = plan
        self._crew = crew
        self._cancel = cancel
        self._planned = {one.id: one for one in (*plan.workers, *plan.own_settings)}
        self._lost_at_work: set[str] = set()
        """Those of the lost that may be started once more."""
        self._revived: set[str] = set()
        self._cores = watching.usable_core_numbers()

    def enlist(self, planned: PlannedWorker) -> None:
        """Start a worker and import into it. What cannot be imported leaves the rest usable."""
        imports = planned.imports
        while imports:
            lost_at = self._try_imports(planned, imports)
            # A crash in a later import takes the earlier ones with it: once more without it.
            imports = imports[:lost_at] if lost_at else ()

    def _try_imports(self, planned: PlannedWorker, imports: Sequence[PlannedImport]) -> int | None:
        """Import in order; gives the place of the one that took the worker down, if one did."""
        worker: Worker | None = None
        at = 0
        try:
            worker = self._start(planned)
            for at, one in enumerate(imports):  # noqa: B007 - `at` is read below
                self._import_one(planned, worker, one)
        except WorkerLost as lost:
            if worker is not None:
                self._crew.end([worker], ask=False)
            finding = findings.of_loss(imports[at], planned.python, lost)
            for one in imports[at:]:
                self.tried[planned.id, one] = msgspec.structs.replace(
                    finding, framework=one.framework, version=one.version
                )
            self.lost[planned.id] = state_of_loss(lost, importing=True)
            return at
        self.lost.pop(planned.id, None)
        self.residents[planned.id] = worker
        return None

    def _start(self, planned: PlannedWorker) -> Worker:
        limit = self._plan.settings.hello_limit
        return self._crew.start(planned.python, limit, own_settings=planned.own_settings)

    def _import_one(self, planned: PlannedWorker, worker: Worker, one: PlannedImport) -> None:
        try:
            said, foreign_cpu = self._ask_import(worker, one)
        except Refused as refused:
            finding = findings.of_refusal(one, planned.python, refused.error)
        else:
            finding = findings.of_import(one, planned.python, said, self._plan.hardware)
            self.imported[planned.id, one.framework] = said
            if one == planned.imports[0]:
                if not planned.own_settings:
                    seen = Once(said.import_seconds, foreign_cpu)
                    self.import_times[planned.id, one].append(seen)
            else:
                # Of a second import in the same process much is loaded already.
                finding = msgspec.structs.replace(finding, import_seconds=None)
        self.tried[planned.id, one] = finding

    def _ask_import(self, worker: Worker, one: PlannedImport) -> tuple[Imported, float | None]:
        """Import, and the share that others used meanwhile."""
        more = {} if one.backend is None else {"backend": one.backend}
        limit = self._plan.settings.import_limit
        start = watching.now(worker, self._cores)
        with self._crew.book.using("import"):
            said = worker.ask(
                "import", Imported, limit, self._cancel, framework=one.framework, **more
            )
        end = watching.now(worker, self._cores)
        usable = self._plan.hardware.cpu.usable_cores
        return said, watching.foreign_share(start, end, usable)

    def revive(self, identifier: str) -> None:
        """Start a worker that was lost while measuring anew, once: its other work can still go."""
        if identifier not in self._lost_at_work:
            return
        self._lost_at_work.discard(identifier)
        planned = self._planned[identifier]
        try:
            worker = self._start(planned)
        except WorkerLost:
            return
        try:
            for one in planned.imports:
                if (identifier, one.framework) in self.imported:
                    self._ask_import(worker, one)
        except (WorkerLost, Refused):
            self._crew.end([worker], ask=False)
            return
        del self.lost[identifier]
        self.residents[identifier] = worker

    def part_with(self, identifier: str, status: Status, reason: str) -> None:
        """A worker is of no further use; the first time, it may be started anew."""
        self.lost[identifier] = (status, reason)
        if identifier not in self._revived:
            self._revived.add(identifier)
            self._lost_at_work.add(identifier)
        self._crew.end([self.residents.pop(identifier)], ask=False)

    def dismiss(self) -> None:
        """End all that are there."""
        self._crew.end(self.residents.values())
        self.residents.clear()

    def imported_bytes(self, identifier: str) -> int | None:
        """What a worker's process held when the last of its imports was done."""
        found = [
            said.resident_bytes
            for (worker, _), said in self.imported.items()
            if worker == identifier and said.resident_bytes is not None
        ]
        return max(found, default=None)

    def repeat_imports(self, deadline: float) -> None:
        """Import anew in fresh processes while time is left."""
        for _ in range(MOST_IMPORTS - 1):
            for (identifier, one), seen in self.import_times.items():
                longest = max(each.seconds for each in seen)
                if time.monotonic() + 1.5 * longest + 1.0 > deadline:
                    continue
                again = self._import_again(self._planned[identifier], one)
                if again is not None:
                    seen.append(again)

    def _import_again(self, planned: PlannedWorker, one: PlannedImport) -> Once | None:
        try:
            worker = self._start(planned)
        except WorkerLost:
            return None
        try:
            said, foreign_cpu = self._ask_import(worker, one)
            return Once(said.import_seconds, foreign_cpu)
        except (WorkerLost, Refused):
            return None
        finally:
            self._crew.end([worker], ask=False)


def state_of_loss(lost: WorkerLost, *, importing: bool) -> tuple[Status, str]:
    """What a lost worker makes of an item."""
    reason = one_line(lost.message)
    if importing:
        reason = f"while importing: {reason}"
    if lost.how == "timed_out":
        return "timed_out", reason
    if importing and lost.how == "exited":
        # A framework that cannot be imported is a finding, not a failure of the run.
        return "skipped", reason
    return "failed", reason
