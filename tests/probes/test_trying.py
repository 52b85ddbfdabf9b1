"""Capabilities tried in a run: what came of it stands with the framework, come what may."""

import msgspec
import pytest

from probes import plan, running
from probes.plan import PlannedCheck, make_plan
from probes.results import Environment, InstalledFramework

CAPABILITIES = ("mixed_precision", "save_and_load", "determinism")


def checks_of(*names, device="cpu"):
    return tuple(
        PlannedCheck(
            framework=name, mode=f"{name}/eager", capability=one, device=device, worker=name
        )
        for name in names
        for one in CAPABILITIES
    )


@pytest.fixture
def tried(dummy_plan, run_dummies, brisk):
    """Run a plan without workloads; gives state and note by framework and capability."""

    def _tried(behaviours, settings=None, device="cpu"):
        bare = msgspec.structs.replace(settings or brisk, workloads=())
        plan = dummy_plan(behaviours, bare, checks=checks_of(*behaviours, device=device))
        machine = run_dummies(plan)
        found = {
            (one.framework, each.capability): (each.state, each.note)
            for one in machine.frameworks
            for each in one.capabilities
        }
        return found, machine

    return _tried


def test_what_was_tried_stands_with_the_framework(tried):
    found, machine = tried({"alpha": {}, "omega": {}})
    assert set(found) == {(name, one) for name in ("alpha", "omega") for one in CAPABILITIES}
    assert set(found.values()) == {("works", "as one would hope")}
    assert machine.frameworks[0].capabilities[0].mode == "alpha/eager"
    assert machine.seconds_by_use["capabilities"] >= 0


def test_an_error_is_a_failure_with_its_words(tried):
    found, _ = tried({"alpha": {"check of mixed_precision": "error exception no bfloat16"}})
    assert found["alpha", "mixed_precision"] == ("fails", "no bfloat16")
    assert found["alpha", "save_and_load"][0] == "works"


def test_what_a_version_cannot_be_asked_has_no_finding(tried):
    found, _ = tried({"alpha": {"check of determinism": "error unsupported too old"}})
    assert ("alpha", "determinism") not in found
    assert len(found) == 2


@pytest.mark.parametrize(
    "behaviour", ["hang", "segfault", "leave", "binary", "half_line", 'with {"state": "splendid"}']
)
def test_a_worker_that_is_lost_fails_that_one_and_the_others_go_on(tried, behaviour):
    found, machine = tried({"alpha": {"check of save_and_load": behaviour}, "omega": {}})
    assert found["alpha", "mixed_precision"][0] == "works"
    assert found["alpha", "save_and_load"][0] == "fails"
    assert "process was lost" in found["alpha", "save_and_load"][1]
    assert ("alpha", "determinism") not in found
    assert sum(name == "omega" for name, _ in found) == 3
    assert [one.state for one in machine.frameworks] == ["works", "works"]


def test_where_no_operation_ran_on_the_device_the_processor_is_tried(tried):
    _, machine = tried({"alpha": {}}, device="nvidia_gpu")
    assert {each.device for each in machine.frameworks[0].capabilities} == {"cpu"}


def test_what_time_does_not_reach_is_noted(tried, brisk):
    found, machine = tried({"alpha": {}}, msgspec.structs.replace(brisk, deadline=0.0))
    assert found == {}
    assert "3 of 3 capabilities were not tried" in machine.notes[0]


def test_the_workloads_leave_time_for_what_is_tried_after_them(
    dummy_plan, run_dummies, brisk, monkeypatch
):
    ends = []
    measure = running._Run._measure_workload

    def _measure(self, items, deadline, own_end):
        ends.append(self._deadline - deadline)
        measure(self, items, deadline, own_end)

    monkeypatch.setattr(running._Run, "_measure_workload", _measure)
    planned = checks_of("alpha")
    usual = sum(plan.usual_check_seconds(one.capability) for one in planned)
    run_dummies(dummy_plan({"alpha": {}}, checks=planned))
    assert usual >= 3.0
    assert min(ends) == pytest.approx(usual, abs=0.01)


def test_quick_tries_nothing_and_standard_what_the_catalogue_names(hardware):
    here = Environment(
        python="/env/bin/python",
        python_version="3.11.7",
        kind="venv",
        frameworks=(
            InstalledFramework(
                framework="pytorch", distribution="torch", version="2", build=None, location="/env"
            ),
        ),
    )
    assert make_plan(hardware, [here], "quick").checks == ()
    standard = make_plan(hardware, [here], "standard").checks
    # Compiling is tried from here on, though its times are measured in deep only.
    assert ("pytorch/compiled", "dynamic_control_flow") in {
        (one.mode, one.capability) for one in standard
    }
    assert make_plan(hardware, [here], "standard", workloads=()).checks == ()
