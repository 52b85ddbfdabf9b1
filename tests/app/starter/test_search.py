"""A project with a search for settings: what comes with it, and that it finds the better ones."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from app import starter
from app.starter import Request
from app.starter.catalogue import catalogue
from app.starter.execution import execute, searching

FRAMEWORKS = [name for name, one in catalogue().frameworks.items() if not one.no_search]
ASKED = [{"search": "optuna"}, {"search": "wandb", "tracker": "wandb"}]


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked["search"])
def test_a_search_comes_beside_the_project_and_changes_none_of_its_code(
    asked: dict[str, str],
) -> None:
    tracker = asked.get("tracker", "none")
    for framework in FRAMEWORKS:
        request = Request(framework=framework, task="tabular", tracker=tracker)
        plain = starter.prepare(request)
        project = starter.prepare(Request(framework=framework, task="tabular", **asked))
        changed = {name for name, text in plain.files.items() if project.files[name] != text}
        # A run's lineage names the packages, and there is one more.
        assert changed - {"tracking.py"} == {"README.md", "requirements.txt", "starter.yaml"}
        assert "tests/test_search.py" in set(project.files) - set(plain.files)
        assert any(line.startswith(f"{asked['search']}==") for line in project.requires)
        assert "## Search: " in project.files["README.md"]
        assert "## Search: " not in plain.files["README.md"]


@pytest.mark.parametrize("task", sorted({task for _, task in catalogue().pairs}))
def test_both_searches_try_the_same_and_judge_by_what_training_logs(task: str) -> None:
    settings = {}
    for asked in ASKED:
        project = starter.prepare(Request(framework=FRAMEWORKS[0], task=task, **asked))
        settings[asked["search"]] = project.files
    files = settings["wandb"]
    sweeps = [yaml.safe_load(files[f"sweeps/{name}.yaml"]) for name in ("random", "bayes")]
    hyperband = yaml.safe_load(files["sweeps/hyperband.yaml"])
    assert hyperband["early_terminate"] == {"type": "hyperband", "min_iter": 3, "eta": 3}
    usual = catalogue().tasks[task].variables["learning_rate"]
    for sweep in (*sweeps, hyperband):
        assert sweep["metric"]["name"] in files["train.py"]
        rate = sweep["parameters"].pop("learning-rate")
        assert rate["min"] == pytest.approx(usual / 10)
        assert rate["max"] == pytest.approx(usual * 10)
        for name, how in sweep["parameters"].items():
            setting = name.replace("-", "_")
            assert f"    {setting}: int = " in files["config.py"]
            assert (
                f'trial.suggest_categorical("{setting}", {how["values"]})'
                in (settings["optuna"]["search.py"])
            )


def test_the_searchs_code_is_clean(tmp_path: Path) -> None:
    """For each task, as the frameworks share it: passes linter and formatter, lines fit."""
    for task in sorted({task for _, task in catalogue().pairs}):
        for asked in ASKED:
            project = starter.prepare(Request(framework=FRAMEWORKS[0], task=task, **asked))
            starter.write(project, tmp_path / f"{task}-{asked['search']}")
            for name, text in project.files.items():
                assert "{{" not in text, name
                assert "{%" not in text, name
    (tmp_path / "pyproject.toml").write_text(project.files["pyproject.toml"], encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    for command in (
        ["check", "--no-cache"],
        ["format", "--no-cache", "--isolated", "--line-length=100", "--diff"],
    ):
        done = subprocess.run([*ruff, *command, str(tmp_path)], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.frameworks
@pytest.mark.parametrize(
    "request_",
    [one for one in searching(catalogue()) if one.search == "optuna"],
    ids=lambda one: one.framework,
)
def test_a_search_runs_and_finds_the_best_of_its_trials(request_: Request) -> None:
    installed = starter.installed_versions(Path(sys.executable))
    framework = catalogue().frameworks[request_.framework]
    if absent := [one for one in (*framework.requires, "optuna") if one not in installed]:
        pytest.skip(f"{', '.join(absent)} is not installed here")
    run = execute(request_, Path(sys.executable))
    assert run.passed, run.detail
    assert run.metrics["trials"] == 2
    assert 0 < run.metrics["best_validation_loss"] < run.metrics["first_loss"]
