"""The rounds of one workload: modes take turns, with controls and a watch around each window.

A, B, C, A, B, C: what drifts in a machine then hits everybody alike. A disturbed round is measured
once more at the end. Knows neither how a worker is started nor what is made of the numbers.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from probes import summary, watching
from probes.crew import Controls, Crew
from probes.messages import Done, Measured, Prepared, ProtocolError, equal_work
from probes.plan import PlannedItem, Settings
from probes.process import Refused, Worker, WorkerLost
from probes.results import Round, Status
from probes.statistics import Around
from probes.summary import Memory, RawRound

LEAST_STEP_SHARE = 0.5
"""Of a window's length that its single steps must add up to."""
USUAL_AROUND_SECONDS = 0.15
MOST_AGAIN = 0.5
"""Share of disturbed rounds beyond which none is measured again."""


class Turn:
    """One item that takes part."""

    def __init__(self, item: PlannedItem, worker: Worker, prepared: Prepared) -> None:
        self.item = item
        self.worker = worker
        self.prepared = prepared
        self.proof = equal_work(prepared.equal_work, item.track, prepared.purpose)
        self.raw: list[RawRound] = []
        self.memory = Memory()
        self.failure: tuple[Status, str] | None = None
        """Why it dropped out."""
        self.gone = False
        """Its worker was lost."""

    @property
    def takes_part(self) -> bool:
        return self.failure is None and not self.gone


def take_turns(
    turns: Sequence[Turn],
    settings: Settings,
    end: float,
    crew: Crew,
    usable_cores: float,
    cancel: threading.Event,
    on_round: Callable[[int], None],
    on_lost: Callable[[Turn, WorkerLost], None],
) -> None:
    """Measure all rounds into the turns. Raises Cancelled, and WorkerLost of the control alone.

    `end` is when the time of this workload is over: windows get shorter, then rounds get fewer, but
    never fewer than a median needs.
    """
    around = crew.around_seconds(USUAL_AROUND_SECONDS)
    window = window_seconds(settings, end - time.monotonic(), len(turns), around)
    cores = watching.usable_core_numbers()
    python = turns[0].item.python
    before = crew.controls(python, settings.hello_limit)

    def _window(turn: Turn, number: int, before: Controls) -> Controls:
        """One window; gives the controls after it."""
        try:
            start = watching.now(turn.worker, cores)
            with crew.book.using("measuring"):
                measured = turn.worker.ask(
                    "measure",
                    Measured,
                    settings.longest_window + settings.measure_grace,
                    cancel,
                    **place(turn.item),
                    seconds=window,
                    minimum_values=settings.minimum_values,
                    maximum_seconds=settings.longest_window,
                )
            end = watching.now(turn.worker, cores)
            elapsed = end.clock - start.clock
            warm_up = min(measured.warm_up_seconds, elapsed)
            crew.book.move("measuring", "warm_up", warm_up)
            beside = max(0.0, elapsed - measured.wall_seconds - warm_up)
            crew.book.move("measuring", "checks", beside)
            crew.windows += 1
            require_believable(measured, elapsed)
            turn.memory = turn.memory.and_window(measured)
        except Refused as refused:
            turn.failure = failure_of(refused)
            return crew.controls(python, settings.hello_limit)
        except ProtocolError as error:
            turn.failure = ("failed", str(error))
            return crew.controls(python, settings.hello_limit)
        except WorkerLost as lost:
            for other in turns:
                if other.worker is turn.worker:
                    other.gone = True
            on_lost(turn, lost)
            return crew.controls(python, settings.hello_limit)
        after = crew.controls(python, settings.hello_limit)
        turn.raw.append(
            RawRound(
                number=number,
                values=measured.values,
                around=Around(
                    control_before=before.product,
                    control_after=after.product,
                    small_before=before.small_operations,
                    small_after=after.small_operations,
                    foreign_cpu=watching.foreign_share(start, end, usable_cores),
                    cpu_per_wall=measured.cpu_seconds / measured.wall_seconds,
                ),
            )
        )
        return after

    for number in range(1, settings.rounds + 1):
        cost = len(turns) * (window + crew.around_seconds(USUAL_AROUND_SECONDS))
        if number > summary.SURE_ROUNDS and time.monotonic() + cost > end:
            break
        on_round(number)
        for turn in turns:
            if turn.takes_part:
                before = _window(turn, number, before)
    again = disturbed(turns)
    # What goes on all the time will go on, and time is better spent on the next workload.
    if len(again) <= MOST_AGAIN * sum(len(turn.raw) for turn in turns):
        for turn, number in again:
            if turn.takes_part and time.monotonic() < end:
                before = _window(turn, number, before)
    for turn in turns:
        if turn.takes_part:
            prove_again(turn, settings, crew, cancel, on_lost)


def prove_again(
    turn: Turn,
    settings: Settings,
    crew: Crew,
    cancel: threading.Event,
    on_lost: Callable[[Turn, WorkerLost], None],
) -> None:
    """Once the windows of an item are done: a step that no longer does the work spoils them all."""
    try:
        with crew.book.using("checks"):
            turn.worker.ask("prove_again", Done, settings.measure_grace, cancel, **place(turn.item))
    except Refused as refused:
        turn.failure = failure_of(refused)
    except WorkerLost as lost:
        turn.gone = True
        on_lost(turn, lost)


def window_seconds(
    settings: Settings, seconds_left: float, turns: int, around_seconds: float
) -> float:
    """Length of a window such that all rounds fit, within the tier's bounds."""
    share = seconds_left / (settings.rounds * turns) - around_seconds
    return min(settings.window, max(settings.shortest_window, share))


def disturbed(turns: Iterable[Turn]) -> list[tuple[Turn, int]]:
    """Rounds to measure once more, in the order they were taken."""
    everybody = list(turns)
    control, small = summary.usual_controls(raw for turn in everybody for raw in turn.raw)
    again = [
        (turn, one.number)
        for turn in everybody
        for one in summary.judged_rounds(turn.raw, control, small)
        if one.flagged
    ]
    return sorted(again, key=lambda pair: pair[1])


def judged(turns: Sequence[Turn]) -> list[tuple[Turn, tuple[Round, ...]]]:
    """Each turn's rounds with their flags."""
    control, small = summary.usual_controls(raw for turn in turns for raw in turn.raw)
    return [(turn, summary.judged_rounds(turn.raw, control, small)) for turn in turns]


def require_believable(measured: Measured, elapsed: float) -> None:
    """Hold what a worker says against our own clock. Raises ProtocolError."""
    total = sum(measured.values)
    if measured.wall_seconds > 1.02 * elapsed + 0.01 or total > 1.02 * measured.wall_seconds + 0.01:
        raise ProtocolError(
            f"its times add up to {total:.2f} s, its window to {measured.wall_seconds:.2f} s, "
            f"and {elapsed:.2f} s have passed"
        )
    if total < LEAST_STEP_SHARE * measured.wall_seconds:
        raise ProtocolError(
            f"its single times add up to {total:.2f} s of a window of {measured.wall_seconds:.2f} s"
        )


def failure_of(refused: Refused) -> tuple[Status, str]:
    """State and reason of an item whose worker refused it."""
    error = refused.error
    if error.kind == "unsupported":
        return "skipped", error.message
    if error.kind == "wrong":
        return "invalid", f"not the same work: {error.message}"
    if error.kind == "memory":
        return "failed", f"out of memory: {error.message}"
    return "failed", error.message


def place(item: PlannedItem) -> dict[str, Any]:
    """What tells a worker which of its prepared tasks is meant."""
    return {
        "mode": item.mode,
        "workload": item.workload,
        "device": item.device,
        "track": item.track,
    }
