"""Why is my GPU unused, and which line mends it: findings against the real knowledge base."""

from pathlib import Path

import msgspec
import pytest

import rules
from app.ways_out import with_ways_out
from probes.results import Accelerator, FrameworkFinding, decode_machine

DATA = Path(__file__).resolve().parents[1] / "data" / "machine_quick.json"
PYTHON = "/env/bin/python"


@pytest.fixture(scope="module")
def knowledge():
    return rules.load_knowledge()


@pytest.fixture
def line(knowledge):
    """The fix that a framework's finding gets on a machine with a card that it leaves idle."""
    machine = decode_machine(DATA.read_bytes(), DATA.name)

    def found(framework, device="nvidia_gpu", os="linux", cause="cpu_build"):
        card = Accelerator(
            device=device,
            vendor="NVIDIA",
            name="a card",
            memory_bytes=None,
            driver=None,
            compute_capability=None,
            identifier="cuda:0",
        )
        finding = FrameworkFinding(
            framework=framework,
            python=PYTHON,
            version="1.0",
            state="falls_back_to_cpu",
            reason="this build has no CUDA",
            cause=cause,
            fix="Install a build for it",
        )
        hardware = msgspec.structs.replace(machine.hardware, accelerators=(card,), os=os)
        idle = msgspec.structs.replace(machine, hardware=hardware, frameworks=(finding,))
        return with_ways_out(idle, knowledge).frameworks[0].fix

    return found


def test_a_cpu_build_gets_the_line_with_the_interpreter_that_it_lies_in(line):
    fix = line("pytorch", os="windows")
    assert fix.startswith(f'"{PYTHON}" -m pip install --force-reinstall torch')
    assert "https://download.pytorch.org/whl/cu" in fix


def test_an_extra_needs_no_reinstallation(line):
    assert line("tensorflow") == f'"{PYTHON}" -m pip install "tensorflow[and-cuda]"'


def test_where_no_build_exists_for_the_system_the_way_round_is_told(line):
    assert "WSL2" in line("tensorflow", os="windows")


def test_an_old_card_gets_the_last_release_for_it(line):
    assert "torch==2.14.1" in line("pytorch", device="old_nvidia_gpu", cause="architecture")


@pytest.mark.parametrize("cause", ["driver_too_old", "no_driver", "out_of_memory"])
def test_what_another_build_does_not_mend_keeps_its_own_fix(line, cause):
    assert line("pytorch", cause=cause) == "Install a build for it"


def test_a_framework_that_nobody_knows_keeps_its_fix(line):
    assert line("abacus") == "Install a build for it"


def test_findings_that_work_are_left_alone(knowledge):
    machine = decode_machine(DATA.read_bytes(), DATA.name)
    assert with_ways_out(machine, knowledge) == machine
