"""A worker answers only when its own threads have come to rest."""

import sys
import threading

import pytest

from probes.worker.serve import REST_LIMIT, TICKS_STEP, come_to_rest, other_threads_run


class Machine:
    """A process whose threads spin on one core until `spins_until`."""

    def __init__(self, spins_until, tells=True):
        self.wall = self.cpu = 0.0
        self._spins_until = spins_until
        self._tells = tells

    def sleep(self, seconds):
        spinning = min(seconds, max(0.0, self._spins_until - self.wall))
        self.cpu += spinning
        self.wall += seconds

    def threads_run(self):
        return self.wall < self._spins_until if self._tells else None

    def rest(self):
        come_to_rest(lambda: self.wall, lambda: self.cpu, self.sleep, self.threads_run)
        return self.wall


def test_waits_until_the_spinning_is_over():
    assert 0.2 <= Machine(0.2).rest() < 0.21


def test_waits_by_the_processor_clock_where_the_system_tells_nothing_of_threads():
    assert 0.2 <= Machine(0.2, tells=False).rest() < 0.2 + 2 * TICKS_STEP


@pytest.mark.parametrize(("tells", "costs"), [(True, 0.0), (False, TICKS_STEP)])
def test_costs_a_quiet_process_one_look(tells, costs):
    assert Machine(0.0, tells).rest() == costs


@pytest.mark.parametrize("tells", [True, False])
def test_gives_up_on_what_never_rests(tells):
    assert REST_LIMIT <= Machine(1e9, tells).rest() < REST_LIMIT + 2 * TICKS_STEP


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the state of each thread")
def test_a_thread_that_spins_is_seen_and_one_that_waits_is_not():
    over, waiting = threading.Event(), threading.Event()

    def _spin():
        while not over.is_set():
            sum(range(1000))

    threads = [threading.Thread(target=waiting.wait), threading.Thread(target=_spin)]
    for one in threads:
        one.start()
    try:
        assert any(other_threads_run() for _ in range(1000))
        over.set()
        threads[1].join()
        assert any(other_threads_run() is False for _ in range(1000))
    finally:
        over.set()
        waiting.set()
        for one in threads:
            one.join()
