"""Whatever can be measured or tried has a name for people."""

from typing import get_args

import pytest

from app.measured_words import CAPABILITIES, STATES, capability_name, workload_name
from probes.results import Capability, CapabilityFinding
from probes.worker.workloads import WORKLOADS


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
