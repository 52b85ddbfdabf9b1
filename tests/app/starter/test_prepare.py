"""A request becomes files, or one message that helps."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app import starter
from app.starter import Request, StarterError
from app.starter.catalogue import catalogue, combinations, run_key

DIGITS = {"framework": "pytorch", "task": "image_classification"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"framework": "pytroch"},
            "'pytroch' is no framework with a starter; did you mean 'pytorch'",
        ),
        ({"framework": "mxnet"}, "choose from pytorch, tensorflow"),
        ({"task": "image_clasification"}, "did you mean 'image_classification'"),
        ({"target": "sever"}, "did you mean 'server'"),
        ({"target": "server", "delivery": "onnx_runtime"}, "did you mean 'onnxruntime'"),
        ({"tracker": "tensorbord"}, "did you mean 'tensorboard'"),
        ({"size": "projekt"}, "did you mean 'project'"),
        ({"target": "llm_server"}, "nothing to train"),
        ({"target": "enterprise_pipeline"}, "no starter for it"),
        ({"target": "server", "delivery": "tf_serving"}, "PyTorch does not reach server through"),
        ({"delivery": "onnxruntime"}, "needs a target; add one of server, desktop"),
        ({"target": "server", "size": "short"}, "needs size 'project'"),
        ({"tracker": "mlflow", "size": "short"}, "needs size 'project'"),
        ({"variant": "lightening"}, "did you mean 'lightning'"),
        ({"variant": "transformers"}, "has no image_classification starter; it has text_class"),
        ({"variant": "lightning", "tracker": "mlflow"}, "without target and tracker"),
        ({"framework": "paddlepaddle", "variant": "lightning"}, "PaddlePaddle has no variants"),
        ({"search": "optunna"}, "did you mean 'optuna'"),
        ({"search": "optuna", "size": "short"}, "comes with size 'project'"),
        ({"search": "optuna", "variant": "lightning"}, "without another variant"),
        ({"search": "wandb"}, "the search 'wandb' needs tracker 'wandb'"),
        (
            {"framework": "classical", "task": "tabular", "search": "optuna"},
            "scikit-learn has no search for settings: it chooses its model by cross-validation",
        ),
        (
            {"framework": "keras", "task": "text_classification", "target": "microcontroller"},
            "larger than most microcontrollers' memory",
        ),
        ({"versions": {"torch": "2.13\n--index-url=x"}}, "is no version of torch"),
    ],
)
def test_a_request_that_cannot_be_met_says_why(changes: dict[str, object], message: str) -> None:
    request = Request(**{**DIGITS, **changes})
    with pytest.raises(StarterError, match=re.escape(message)):
        starter.prepare(request)
    problem = starter.request_problem(request)
    assert problem is not None
    assert message in problem


def test_a_target_alone_gets_the_frameworks_usual_delivery() -> None:
    project = starter.prepare(Request(**DIGITS, target="server"))
    assert project.request.delivery == "aot_inductor"
    assert "export.py" in project.files
    assert any("C++ compiler" in note for note in project.notes)


@pytest.mark.parametrize(
    ("request_", "files", "requires"),
    [
        (
            {"framework": "pytorch", "target": "server", "delivery": "onnxruntime"},
            {"export.py", "runtime.py", "serve.py", "Dockerfile", "requirements-serve.txt"},
            {"fastapi", "uvicorn", "httpx", "onnxruntime"},
        ),
        (
            {"framework": "pytorch", "target": "desktop", "delivery": "onnxruntime"},
            {"export.py", "runtime.py"},
            {"onnxruntime"},
        ),
        (
            {"framework": "keras", "target": "server", "delivery": "tf_serving"},
            {"export.py", "runtime.py", "Dockerfile"},
            set(),
        ),
        (
            {"framework": "keras", "target": "browser"},
            {"export.py", "runtime.py", "browser.py", "web/index.html", "web/package.json"},
            {"onnxruntime"},
        ),
        (
            {"framework": "tensorflow", "target": "microcontroller"},
            {"export.py", "runtime.py"},
            {"ai-edge-litert"},
        ),
        (
            {"framework": "pytorch", "target": "android"},
            {"export.py", "runtime.py"},
            {"executorch"},
        ),
    ],
)
def test_each_target_brings_what_it_needs(
    request_: dict[str, str], files: set[str], requires: set[str]
) -> None:
    plain = starter.prepare(Request(task=DIGITS["task"], framework=request_["framework"]))
    project = starter.prepare(Request(task=DIGITS["task"], **request_))
    assert set(project.files) - set(plain.files) == files
    named = {line.partition("==")[0] for line in project.requires}
    assert requires <= named
    assert ("fastapi" in named) == ("serve.py" in files)


def test_a_server_needs_no_more_than_what_loads_the_model() -> None:
    project = starter.prepare(Request(**DIGITS, target="server", delivery="onnxruntime"))
    lines = project.files["requirements-serve.txt"].splitlines()
    assert [line.partition("==")[0] for line in lines] == [
        "fastapi",
        "numpy",
        "onnxruntime",
        "uvicorn",
    ]
    assert "torch" not in project.files["runtime.py"] + project.files["serve.py"]
    assert any("Dockerfile has not been built" in note for note in project.notes)


def test_the_page_loads_nothing_from_another_host() -> None:
    page = starter.prepare(Request(**DIGITS, target="browser")).files["web/index.html"]
    assert "http://" not in page
    assert "https://" not in page
    assert '"./ort.wasm.bundle.min.mjs"' in page


def test_how_far_an_export_may_be_off_is_said_in_one_place() -> None:
    for target, tolerance in (("android", "0.0001"), ("microcontroller", "0.1")):
        project = starter.prepare(
            Request(framework="keras", task="image_classification", target=target)
        )
        said = [name for name, text in project.files.items() if "TOLERANCE = " in text]
        assert said == ["runtime.py"]
        assert f"TOLERANCE = {tolerance}\n" in project.files["runtime.py"]


def test_a_variant_changes_what_it_is_about_and_nothing_else() -> None:
    plain = starter.prepare(Request(**DIGITS)).files
    other = starter.prepare(Request(**DIGITS, variant="lightning"))
    code = {name for name in plain if name.endswith(".py") and plain[name] != other.files[name]}
    assert code == {"train.py"}
    assert any(line.startswith("lightning==") for line in other.requires)
    spread = starter.prepare(Request(**DIGITS, variant="two_processes"))
    assert "torchrun --standalone --nproc-per-node 2" in spread.files["README.md"]
    untried = starter.prepare(Request(**DIGITS, variant="transfer"))
    assert untried.executed.startswith("Not executed here: there was no build of torchvision")


def test_without_a_target_there_is_no_export_step() -> None:
    project = starter.prepare(Request(**DIGITS))
    assert "export.py" not in project.files
    assert "export" not in project.files["README.md"]
    assert "export" not in project.files["tests/test_project.py"]


def test_requirements_are_pinned_to_the_environment_at_hand() -> None:
    versions = {"torch": "2.15.0+cu132", "scikit_learn": "1.8.0"}
    project = starter.prepare(Request(**DIGITS, versions=versions))
    # A local label names one index's build: another machine could not install it.
    assert "torch==2.15.0" in project.requires
    assert "scikit-learn==1.8.0" in project.requires
    assert f"numpy=={catalogue().versions['numpy']}" in project.requires
    assert project.files["requirements.txt"].splitlines() == list(project.requires)
    assert all(re.fullmatch(r"[a-zA-Z0-9-]+==[0-9][0-9a-z.]*", line) for line in project.requires)


def test_keras_takes_a_backend_that_is_there() -> None:
    def backend(**versions: str) -> str:
        project = starter.prepare(
            Request(framework="keras", task="image_classification", versions=versions)
        )
        found = re.search(r'setdefault\("KERAS_BACKEND", "(\w+)"\)', project.files["model.py"])
        assert found is not None
        assert any(line.startswith(f"{found[1]}==") for line in project.requires)
        return found[1]

    assert backend() == "jax"
    assert backend(keras="3.15.1", torch="2.13.0") == "torch"
    assert backend(keras="3.15.1", torch="2.13.0", tensorflow="2.21.0") == "tensorflow"


def test_a_project_can_be_made_again_from_its_own_file(tmp_path: Path) -> None:
    for request in (
        Request(**DIGITS),
        Request(**DIGITS, target="server", delivery="onnxruntime", versions={"torch": "2.13.0"}),
        Request(**DIGITS, size="short", notebook=True),
        Request(**DIGITS, variant="two_processes"),
        Request(**DIGITS, target="desktop", tracker="mlflow", search="optuna"),
    ):
        project = starter.prepare(request)
        saved = tmp_path / "starter.yaml"
        saved.write_text(project.files["starter.yaml"], encoding="utf-8")
        assert starter.prepare(starter.load_request(saved)).files == project.files


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("schema: framework-advisor/starter/1\nframework: pytorch\n", "missing required field"),
        ("schema: framework-advisor/starter/1\nframwork: pytorch\n", "framwork"),
        ("schema: framework-advisor/starter/9\n", "expected 'framework-advisor/starter/1'"),
        ("schema: framework-advisor/starter/1\n- a list\n", r":2: expected `key: value`"),
    ],
)
def test_a_damaged_file_of_answers_is_refused(tmp_path: Path, text: str, message: str) -> None:
    saved = tmp_path / "starter.yaml"
    saved.write_text(text, encoding="utf-8")
    with pytest.raises(StarterError, match=message):
        starter.load_request(saved)
    with pytest.raises(StarterError, match="cannot be read"):
        starter.load_request(tmp_path / "nothing.yaml")


def test_a_notebook_holds_the_same_code_in_valid_cells() -> None:
    project = starter.prepare(Request(**DIGITS, size="short", notebook=True))
    notebook = json.loads(project.files["notebook.ipynb"])
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(ids) == len(set(ids)) >= 5
    for cell in notebook["cells"]:
        assert set(cell) == (
            {"id", "cell_type", "metadata", "source"}
            if cell["cell_type"] == "markdown"
            else {"id", "cell_type", "metadata", "source", "execution_count", "outputs"}
        )
    code = "".join("".join(cell["source"]) for cell in notebook["cells"] if "outputs" in cell)
    assert "class DigitNet" in code
    assert "argparse" not in code


def test_the_words_for_an_executed_project_come_from_the_run() -> None:
    executed = starter.prepare(Request(**DIGITS)).executed
    assert executed.startswith("Executed with Python 3.")
    assert "own tests passed" in executed
    other = starter.prepare(Request(**DIGITS, target="server", tracker="mlflow")).executed
    assert other.startswith("Not executed here")


def test_every_combination_is_clean_code(tmp_path: Path) -> None:
    """Compiles, passes the linter and the formatter, and carries no trace of a template."""
    known = catalogue()
    written = 0
    seen = set()
    for number, (framework, task, target, delivery, tracker, size) in enumerate(
        combinations(known)
    ):
        # A tracker's file is the same for all; once per framework will do.
        if tracker != "none" and target != "none":
            continue
        request = Request(
            framework=framework,
            task=task,
            target=target,
            delivery=delivery,
            tracker=tracker,
            size=size,
        )
        # Neither is the code of two targets that share a delivery's.
        if (key := run_key(request, known)) in seen:
            continue
        seen.add(key)
        project = starter.prepare(request)
        starter.write(project, tmp_path / f"{number:03d}-{framework}-{task}-{size}")
        written += 1
        for path, text in project.files.items():
            assert "{{" not in text, (request, path)
            assert "{%" not in text, (request, path)
            if path.endswith(".py"):
                compile(text, path, "exec")
                assert max(map(len, text.splitlines())) <= 100
        if size == "short":
            assert len(project.files["train.py"].splitlines()) <= 110
    assert written > 40
    # Each project is its own first party and brings the linter's settings; the single files have
    # none and get the same.
    settings = starter.prepare(Request(**DIGITS)).files["pyproject.toml"]
    (tmp_path / "pyproject.toml").write_text(settings, encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    done = subprocess.run(
        [*ruff, "check", "--no-cache", str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    formatted = subprocess.run(
        [*ruff, "format", "--no-cache", "--isolated", "--line-length=100", "--diff", str(tmp_path)],
        capture_output=True,
        text=True,
    )
    assert formatted.returncode == 0, formatted.stdout
