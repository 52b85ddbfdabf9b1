"""A worker answers only when its own threads have come to rest."""

from probes.worker.serve import REST_LIMIT, come_to_rest


class Clocks:
    """A process whose threads spin on one core until `spins_until`."""

    def __init__(self, spins_until):
        self.wall = self.cpu = 0.0
        self._spins_until = spins_until

    def sleep(self, seconds):
        spinning = min(seconds, max(0.0, self._spins_until - self.wall))
        self.cpu += spinning
        self.wall += seconds

    def rest(self):
        come_to_rest(lambda: self.wall, lambda: self.cpu, self.sleep)
        return self.wall


def test_waits_until_the_spinning_is_over():
    assert 0.2 <= Clocks(0.2).rest() < 0.22


def test_costs_a_quiet_process_one_look():
    assert Clocks(0.0).rest() < 0.01


def test_gives_up_on_what_never_rests():
    assert REST_LIMIT <= Clocks(1e9).rest() < REST_LIMIT + 0.02
