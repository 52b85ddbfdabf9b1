"""What is offered comes from the templates' folder, and says what has been executed."""

from pathlib import Path

import pytest

from app import starter
from app.starter.catalogue import TEMPLATES, catalogue, executed_runs
from app.starter.execution import covering, key
from app.starter.project import fingerprint

FRAMEWORKS = ("pytorch", "tensorflow", "keras", "jax", "paddlepaddle")


@pytest.fixture(scope="module")
def offers() -> starter.Offers:
    return starter.offers()


def test_each_task_is_offered_in_all_five_frameworks_in_both_sizes(offers: starter.Offers) -> None:
    assert [one.id for one in offers.frameworks] == list(FRAMEWORKS)
    assert "image_classification" in [one.id for one in offers.tasks]
    offered = {(one.framework, one.task, one.size) for one in offers.combinations}
    for task in offers.tasks:
        for framework in FRAMEWORKS:
            assert (framework, task.id, "short") in offered
            assert (framework, task.id, "project") in offered


def test_a_target_without_a_starter_says_why(offers: starter.Offers) -> None:
    for framework in FRAMEWORKS:
        assert "nothing to train" in offers.unavailable[framework]["llm_server"]
        assert "no starter for it" in offers.unavailable[framework]["enterprise_pipeline"]
        for target, reason in offers.unavailable[framework].items():
            assert len(reason) > 30, (framework, target)
    possible = {(one.framework, one.target) for one in offers.combinations}
    for framework in FRAMEWORKS:
        for target in offers.targets:
            named = target.id in offers.unavailable[framework]
            assert ((framework, target.id) in possible) != named


def test_an_offer_is_executed_only_when_the_table_of_runs_has_it(offers: starter.Offers) -> None:
    ran = {key(run) for run in executed_runs() if run.passed}
    assert ran
    for one in offers.combinations:
        combination = (one.framework, one.task, one.delivery, one.tracker, one.size)
        assert one.executed == (combination in ran)
        assert one.reason.startswith("Executed with Python" if one.executed else "Not executed")


def test_the_table_of_runs_belongs_to_these_templates() -> None:
    """Fails when a template changed after its run: run `python -m app.starter.execution`."""
    runs = {key(run): run for run in executed_runs()}
    for request in covering(catalogue()):
        project = starter.prepare(request)
        run = runs.get(
            (
                request.framework,
                request.task,
                project.request.delivery,
                request.tracker,
                request.size,
            )
        )
        assert run is not None, request
        assert run.passed, run.detail
        as_run = starter.prepare(
            starter.Request(
                framework=run.framework,
                task=run.task,
                target=run.target,
                delivery=run.delivery,
                tracker=run.tracker,
                size=run.size,
                versions=run.versions,
            )
        )
        assert fingerprint(as_run) == run.fingerprint, request


def test_what_was_tested_is_what_the_constraints_pin() -> None:
    pins = dict(
        line.split("==")
        for line in (Path(__file__).parents[3] / "constraints.txt").read_text().splitlines()
        if "==" in line and not line.startswith("#")
    )
    ours = catalogue().versions
    both = ours.keys() & pins.keys()
    assert {"torch", "tensorflow", "keras", "jax", "flax", "paddlepaddle", "numpy"} <= both
    assert {name: ours[name] for name in both} == {name: pins[name] for name in both}


def test_no_framework_is_named_outside_the_templates() -> None:
    code = Path(starter.__file__).parent
    names = {path.name for path in (TEMPLATES / "frameworks").iterdir()}
    assert set(FRAMEWORKS) == names
    for path in code.glob("*.py"):
        text = path.read_text(encoding="utf-8").lower()
        for name in {*names, "torch", "paddle", "flax"}:
            assert name not in text.split(), path.name
            assert f'"{name}"' not in text, path.name
