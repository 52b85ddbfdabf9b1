"""What is offered comes from the templates' folder, and says what has been executed."""

from pathlib import Path

import msgspec
import pytest

from app import starter
from app.cli.text import executed_table
from app.starter.catalogue import (
    TEMPLATES,
    Run,
    RunKey,
    catalogue,
    distinct_ways,
    executed_runs,
    run_key,
)
from app.starter.executed_page import page
from app.starter.execution import PAGE, covering, current, searching, with_run

FRAMEWORKS = ("pytorch", "tensorflow", "keras", "jax", "paddlepaddle")
WITHOUT = "classical"
"""The answer to those who need no deep learning: for tables alone."""


def key(run: Run) -> RunKey:
    return run_key(run, catalogue())


@pytest.fixture(scope="module")
def offers() -> starter.Offers:
    return starter.offers()


def test_each_task_is_offered_in_all_five_frameworks_in_both_sizes(offers: starter.Offers) -> None:
    assert [one.id for one in offers.frameworks] == [*FRAMEWORKS, WITHOUT]
    assert "image_classification" in [one.id for one in offers.tasks]
    offered = {(one.framework, one.task, one.size) for one in offers.combinations}
    for task in offers.tasks:
        for framework in FRAMEWORKS:
            assert (framework, task.id, "short") in offered
            assert (framework, task.id, "project") in offered
    assert {task for framework, task, _ in offered if framework == WITHOUT} == {"tabular"}


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
        assert one.executed == (run_key(one, catalogue()) in ran)
        assert one.reason.startswith("Executed with Python" if one.executed else "Not executed")


def test_the_table_of_runs_belongs_to_these_templates() -> None:
    """Fails when a template changed after its run: run `python -m app.starter.execution`."""
    runs = executed_runs()
    assert all(run.passed for run in runs)
    assert [key(run) for run in current(runs)] == [key(run) for run in runs]


def test_all_tasks_have_been_executed_in_all_five_frameworks_with_their_own_tests() -> None:
    told = {key(run): run for run in executed_runs()}
    for framework in FRAMEWORKS:
        for task in catalogue().tasks:
            for size in ("short", "project"):
                request = starter.Request(framework=framework, task=task, size=size)
                run = told[run_key(request, catalogue())]
                assert run.passed
                assert ("own tests passed" in run.detail) == (size == "project")
    assert len(FRAMEWORKS) * len(catalogue().tasks) == 35


def test_what_stands_to_be_executed_has_been() -> None:
    """Fails when something new was not run: run `python -m app.starter.execution --missing`."""
    ran = set(map(key, executed_runs()))
    requests = [starter.prepare(request).request for request in covering(catalogue())]
    assert [one for one in requests if run_key(one, catalogue()) not in ran] == []


def test_every_delivery_and_tracker_has_been_executed_with_every_framework_and_every_task() -> None:
    known = catalogue()
    runs = executed_runs()
    met = {(run.framework, run.delivery) for run in runs} | {
        (run.task, run.delivery) for run in runs
    }
    met |= {(run.framework, run.tracker) for run in runs} | {
        (run.task, run.tracker) for run in runs
    }
    for framework, task in known.pairs:
        for _, delivery in distinct_ways(known, framework, task):
            assert {(framework, delivery), (task, delivery)} <= met
        for tracker in known.trackers if framework != WITHOUT else ():
            assert {(framework, tracker), (task, tracker)} <= met
    for run in runs:
        if run.delivery is not None:
            usual = known.tolerance["usual"]
            assert run.metrics["export_difference"] <= known.tolerance.get(run.target, usual)


def test_the_page_of_what_was_executed_is_that_of_the_runs() -> None:
    """Fails when a column or a run is new: run `python -m app.starter.execution --missing`."""
    assert PAGE.read_text(encoding="utf-8") == page(executed_runs())


def test_what_is_executed_covers_every_template_of_a_framework() -> None:
    known = catalogue()
    requests = list(covering(known))
    for name, framework in known.frameworks.items():
        mine = [request for request in requests if request.framework == name]
        deliveries = {way for ways in framework.targets.values() for way in ways}
        assert {one.delivery for one in mine} - {None} == deliveries
        for task in known.tasks:
            if (name, task) not in known.pairs:
                continue
            sizes = {one.size for one in mine if one.task == task}
            assert sizes == {"short", "project"}
    assert {one.tracker for one in requests} == set(known.trackers)
    for name, framework in known.frameworks.items():
        searched = {one.search for one in searching(known) if one.framework == name}
        assert searched == (set() if framework.no_search else set(known.searches) - {"none"})


def test_a_search_says_whether_it_has_been_executed() -> None:
    ran = {key(run) for run in executed_runs() if run.passed}
    every = starter.search_offers()
    assert {one.search for one in every} == {"optuna", "wandb"}
    assert {one.framework for one in every} == set(FRAMEWORKS)
    assert all(one.tracker == "wandb" for one in every if one.search == "wandb")
    for one in every:
        assert one.executed == (run_key(one, catalogue()) in ran)
        assert one.reason.startswith("Executed with Python" if one.executed else "Not executed")


def test_a_variant_says_whether_it_has_been_executed_or_why_not() -> None:
    ran = {key(run) for run in executed_runs() if run.passed}
    every = starter.variant_offers()
    assert {"two_processes", "lightning", "transformers", "transfer"} == {o.variant for o in every}
    for one in every:
        assert one.executed == (run_key(one, catalogue()) in ran)
        assert one.reason.startswith("Executed with Python" if one.executed else "Not executed")
    untried = [one for one in every if one.framework == "pytorch" and one.variant == "transfer"]
    assert [one.executed for one in untried] == [False]
    assert "without CUDA" in untried[0].reason


def test_two_targets_with_the_same_code_share_a_run_and_a_server_is_code_of_its_own() -> None:
    def of(target: str, delivery: str) -> RunKey:
        return run_key(
            starter.Request(framework="keras", task="tabular", target=target, delivery=delivery),
            catalogue(),
        )

    assert of("android", "litert") == of("embedded", "litert") != of("microcontroller", "litert")
    assert of("server", "onnxruntime") != of("desktop", "onnxruntime")


def test_a_new_run_takes_the_place_of_the_earlier_one() -> None:
    first, *rest = executed_runs()
    newer = msgspec.structs.replace(first, seconds=first.seconds + 1)
    assert with_run([first, *rest], newer) == [newer, *rest]
    other = msgspec.structs.replace(first, tracker="zzz")
    assert set(map(key, with_run([first, *rest], other))) == set(map(key, [first, *rest, other]))


def test_a_run_of_older_templates_leaves_the_table() -> None:
    first = executed_runs()[0]
    older = msgspec.structs.replace(first, fingerprint="0" * 16)
    assert current([first, older]) == [first]


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
    assert {*FRAMEWORKS, WITHOUT} == names
    for path in code.glob("*.py"):
        text = path.read_text(encoding="utf-8").lower()
        for name in {*names, "torch", "paddle", "flax"}:
            assert name not in text.split(), path.name
            assert f'"{name}"' not in text, path.name


def test_the_printed_table_calls_executed_what_the_runs_hold_and_nothing_else() -> None:
    every = (*starter.offers().combinations, *starter.variant_offers())
    *rows, _, summary = executed_table(every).splitlines()
    ran = {key(run) for run in executed_runs() if run.passed}
    assert [" Executed with Python " in row for row in rows[1:]] == [
        run_key(one, catalogue()) in ran for one in every
    ]
    told = sum(" Executed with Python " in row for row in rows)
    assert summary == f"{told} of {len(every)} executed."
    assert all("  no: Not executed here: " in row for row in rows[1:] if " Executed " not in row)
