"""A CUDA build against the driver that the machine file names; what pip said is recorded."""

from pathlib import Path

import msgspec
import pytest

from app.installing.choosing import of_framework, with_driver
from app.installing.drivers import checked_driver, driver_of
from app.installing.results import Build
from app.installing.targets import make_target
from app.installing.words import facts, headline
from probes.results import Accelerator, decode_machine
from rules import load_knowledge

MACHINE = Path(__file__).parents[2] / "data" / "machine_quick.json"


@pytest.fixture(scope="module")
def knowledge():
    return load_knowledge()


def machine(driver, device="nvidia_gpu", os="linux"):
    found = decode_machine(MACHINE.read_bytes(), "machine")
    card = Accelerator(
        device=device,
        vendor="NVIDIA",
        name="A card",
        memory_bytes=None,
        driver=driver,
        compute_capability="8.9",
        identifier="cuda:0",
    )
    hardware = msgspec.structs.replace(found.hardware, accelerators=(card,), os=os)
    return msgspec.structs.replace(found, hardware=hardware)


@pytest.fixture
def checked(judged, knowledge):
    """Gives what is said of a recorded answer, for a driver."""

    def checked(name, driver, floors=knowledge.driver_floors, **changes):
        found = msgspec.structs.replace(judged(name), **changes)
        target = msgspec.structs.replace(found.target, driver=driver)
        return checked_driver(msgspec.structs.replace(found, target=target), floors)

    return checked


@pytest.mark.parametrize(
    ("name", "driver", "state"),
    [
        ("cuda_build", "575.57.08", "driver_too_old"),
        ("cuda_build", "579.99", "driver_too_old"),
        ("cuda_build", "580.00", "verified"),
        ("cuda_build", "595.71.05", "verified"),
        ("cuda_12_build", "575.57.08", "verified"),
        ("cuda_12_build", "470.256.02", "driver_too_old"),
    ],
)
def test_a_build_is_verified_only_for_a_driver_that_is_new_enough(name, driver, state, checked):
    found = checked(name, driver)
    assert found.state == state
    assert driver in "\n".join((found.summary, *found.details))
    assert any("docs.nvidia.com" in one and "2026-09" in one for one in facts(found))


def test_a_driver_that_is_too_old_is_told_with_what_is_needed_and_what_to_do(checked):
    found = checked("cuda_build", "570.10")
    assert headline(found).startswith("Driver too old for this build (")
    assert found.summary == (
        "It resolves, but the driver is too old for this build: CUDA 13.5 build needs NVIDIA "
        "driver 580 or newer, and the machine has 570.10. Update the driver, or take a build for "
        "an older CUDA."
    )


@pytest.mark.parametrize("driver", [None, "unknown", "5_8_0?"])
def test_a_driver_that_is_not_known_is_said_to_be(driver, checked):
    found = checked("cuda_build", driver)
    assert "needs NVIDIA driver 580 or newer; the driver of the machine is not known." in (
        found.summary
    )


def test_a_cuda_that_nothing_is_known_of_is_said_to_be(checked):
    found = checked("cuda_build", "700", build=Build(accelerator="cuda", version="14.0"))
    assert "Which driver this CUDA 14.0 build needs is not known here." in found.summary
    assert "is not known here" in checked("cuda_build", "700", floors=()).summary


def test_what_has_no_cuda_or_is_not_verified_anyway_stays_as_it_is(knowledge, judged):
    for name in ("good", "cpu_wheel_on_windows", "unreachable_index", "conflicting_pin"):
        found = judged(name)
        assert checked_driver(found, knowledge.driver_floors) == found
    # A processor that gets such a build needs no driver for it.
    target = msgspec.structs.replace(judged("cuda_build").target, device="cpu", driver="470")
    found = msgspec.structs.replace(judged("cuda_build"), target=target)
    assert checked_driver(found, knowledge.driver_floors) == found


def test_the_driver_comes_from_the_machine_file_of_that_kind_of_machine(knowledge):
    assert driver_of(machine("570.10"), "old_nvidia_gpu") == "570.10"
    assert driver_of(machine("570.10"), "amd_gpu") is None
    assert driver_of(machine(None), "nvidia_gpu") is None
    assert driver_of(None, "nvidia_gpu") is None
    linux = make_target("linux", "3.12", device="nvidia_gpu")
    windows = make_target("windows", "3.12", device="nvidia_gpu")
    assert with_driver(linux, machine("570.10", os="wsl2")).driver == "570.10"
    assert with_driver(windows, machine("570.10")).driver is None
    given = {"os": "linux", "training_hardware": "nvidia_gpu"}
    chosen = of_framework(
        knowledge, "jax", given, "linux", "3.12", None, "nvidia_gpu", machine("570.10")
    )
    assert chosen.target.driver == "570.10"
    assert {one.major for one in chosen.floors} == {"11", "12", "13"}
