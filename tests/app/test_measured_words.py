"""Whatever can be measured or tried has a name for people, and each reason is one to translate."""

from pathlib import Path
from typing import get_args

import pytest

from app.measured_words import CAPABILITIES, STATES, capability_name, reason_text, workload_name
from probes.results import Capability, CapabilityFinding, decode_machine
from probes.statistics import Around, disturbances
from probes.worker.workloads import WORKLOADS
from rules.texts import speak

MACHINE = Path(__file__).resolve().parents[1] / "data" / "machine_quick.json"


@pytest.mark.parametrize("identifier", sorted({name for name, _ in WORKLOADS}))
def test_every_workload_has_a_name(identifier):
    assert workload_name(identifier) != identifier.replace("_", " ")
    assert "_" not in workload_name(identifier)


def test_names_of_workloads_differ():
    names = [workload_name(one) for one in {name for name, _ in WORKLOADS}]
    assert len(set(names)) == len(names)


def test_every_capability_and_each_of_its_states_has_a_name():
    assert set(CAPABILITIES) == set(get_args(Capability))
    assert set(STATES) == set(get_args(CapabilityFinding.__annotations__["state"]))


def test_what_a_newer_version_measured_is_told_in_the_words_of_its_id():
    assert workload_name("diffusion_train") == "diffusion train"
    assert capability_name("federated_rounds") == "Federated rounds"


@pytest.fixture
def marked():
    """A language that marks each sentence that it was asked for."""
    speak(lambda text, _: f"<{text}>")
    yield
    speak(None)


def test_every_recorded_reason_is_translated_with_its_figures(marked):
    times = [1.0, 1.0, 2.0, 2.0] * 4
    disturbed = Around(1.0, 1.5, 1.0, 2.0, 0.4, 0.5)
    reasons = [
        *disturbances(times, disturbed, best_cpu_per_wall=2.0),
        *disturbances(times, disturbed, usual_control=1.0, usual_small=1.0),
    ]
    machine = decode_machine(MACHINE.read_bytes(), MACHINE.name)
    reasons += [each for one in machine.measurements for each in one.verdict.reasons]
    assert len(reasons) > 40
    assert [one for one in reasons if not reason_text(one).startswith("<")] == []
    assert reason_text("3 of 5 rounds were undisturbed") == "<3 of 5 rounds were undisturbed>"
    assert reason_text("of mlp_train, one fresh process") == "<of mlp_train, one fresh process>"


def test_a_reason_of_a_newer_version_stays_as_it_was_written(marked):
    assert reason_text("the moon was full") == "the moon was full"
