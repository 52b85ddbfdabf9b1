"""Measured work under this machine's own measured limits."""

from pathlib import Path

import pytest

from probes.results import decode_machine
from probes.roofline import rooflines

RECORDED = Path(__file__).resolve().parents[1] / "data" / "machine_quick.json"


@pytest.fixture
def limit(timed):
    def made(workload, flops, bytes_moved, seconds, **changes):
        return timed(
            "alpha/eager", seconds, workload=workload, purpose="limit", flops=flops,
            bytes_moved=bytes_moved, minimum_seconds=seconds, **changes,
        )  # fmt: skip

    return made


@pytest.fixture
def work(timed):
    def made(flops, bytes_moved, seconds, **changes):
        return timed("alpha/eager", seconds, flops=flops, bytes_moved=bytes_moved, **changes)

    return made


@pytest.fixture
def product(limit):
    return limit("matrix_product", 2e9, 1e7, 0.01)


@pytest.fixture
def triad(limit):
    return limit("triad", 2e6, 1.2e7, 0.001)


def test_what_was_reached_is_a_share_of_the_lower_limit(product, triad, work, machine_of):
    (roof,) = rooflines(
        machine_of(
            product, triad, work(1e9, 1e6, 0.01), work(1e7, 1e7, 0.002, workload="embedding")
        )
    )
    assert roof.flops_per_second == pytest.approx(2e11)
    assert roof.bytes_per_second == pytest.approx(1.2e10)
    computing, memory = roof.reached
    assert (computing.intensity, computing.bound) == (1000.0, "computing")
    assert computing.share == pytest.approx(1e11 / 2e11)
    assert (memory.intensity, memory.bound) == (1.0, "memory")
    assert memory.share == pytest.approx(5e9 / 1.2e10)


def test_without_a_triad_computing_is_the_only_limit_that_is_known(product, work, machine_of):
    (roof,) = rooflines(machine_of(product, work(1e7, 1e7, 0.002)))
    assert roof.bytes_per_second is None
    assert (roof.limit(1e-3), roof.reached[0].bound) == (roof.flops_per_second, "computing")


def test_each_device_has_its_own_limits(product, limit, work, machine_of):
    there = {"device": "nvidia_gpu"}
    found = rooflines(
        machine_of(
            product,
            work(1e9, 1e6, 0.01),
            limit("matrix_product", 2e12, 1e9, 0.1, **there),
            work(1e9, 1e6, 0.001, **there),
        )
    )
    assert [(one.device, one.flops_per_second) for one in found] == [
        ("cpu", pytest.approx(2e11)),
        ("nvidia_gpu", pytest.approx(2e13)),
    ]


def test_without_limits_or_without_work_of_known_size_there_is_no_roof(
    product, triad, work, machine_of
):
    assert rooflines(machine_of()) == ()
    assert rooflines(machine_of(product, triad)) == ()
    assert rooflines(machine_of(work(1e9, 1e6, 0.01))) == ()
    for unknown in (work(None, 1e6, 0.01), work(1e9, None, 0.01)):
        assert rooflines(machine_of(product, unknown)) == ()
    assert rooflines(machine_of(product, work(1e9, 1e6, 0.01, track="native_default"))) == ()


def test_the_share_is_the_efficiency_that_stands_in_the_machine_file():
    recorded = decode_machine(RECORDED.read_bytes(), RECORDED.name)
    (roof,) = rooflines(recorded)
    assert len(roof.reached) == 24
    for one in roof.reached:
        assert one.share == pytest.approx(one.measurement.efficiency)
