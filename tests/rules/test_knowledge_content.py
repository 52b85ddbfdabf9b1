"""What the shipped knowledge must hold, so that no page, plan or decision finds a hole in it."""

import itertools
import random
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

from rules import decide, load_answers, load_knowledge
from rules.model import (
    Answers,
    Conditions,
    Framework,
    Knowledge,
    Measurements,
    Persona,
    Profile,
    Stated,
)

TODAY = date(2026, 11, 21)
NEWEST_MONTH = "2026-11"
EXAMPLES = Path(__file__).resolve().parents[2] / "assets" / "examples"

LIVE = ("pytorch", "tensorflow", "keras", "jax", "paddlepaddle", "mindspore", "mlx", "tinygrad")
ENDED = ("mxnet", "oneflow", "theano", "caffe")
CRITERIA = {
    "fit": ("domain_fit", "model_supply", "flexibility"),
    "ship": ("deployment_fit", "production", "interoperability"),
    "run": ("performance", "hardware_fit", "scale_out"),
    "people": ("team_fit", "ease", "prototyping", "tooling", "community"),
    "future": ("longevity", "stability"),
    "cost": ("migration",),
}
QUESTIONS = {
    "work": "scratch fine_tune run_only",
    "domain": "vision language llm multimodal speech reinforcement_learning tabular time_series"
    " generative scientific probabilistic recommender graph ocr other",
    "goal": "learn research prototype production",
    "lifetime": "throwaway one_year five_years",
    "existing_code": "none pytorch tensorflow tensorflow1 keras jax paddlepaddle mindspore mlx"
    " tinygrad mxnet oneflow theano caffe",
    "train_where": "this_machine other_machine cloud",
    "training_hardware": "cpu nvidia_gpu old_nvidia_gpu amd_gpu intel_gpu apple_silicon tpu ascend",
    "os": "linux windows wsl2 macos_arm macos_intel",
    "python_version": "older 3.10 3.11 3.12 3.13 3.14 3.15",
    "training_scale": "single_device multi_device cluster",
    "deployment": "none server llm_server enterprise_pipeline android ios embedded"
    " microcontroller browser desktop",
    "team_experience": "beginner intermediate expert mixed",
    "team_background": "numpy pytorch keras tensorflow jax paddlepaddle cpp none",
    "data_size": "small medium large web_scale",
    "cloud": "none gcp aws azure alibaba baidu huawei",
    "constraints": "air_gapped permissive_licence regulated",
    "special_needs": "second_order dynamic_shapes federated differential_privacy quantum"
    " compression non_python_serving",
    "tracking": "none local team_self_hosted team_hosted",
}
DELIVERIES = (
    "onnxruntime openvino litert executorch tf_serving aot_inductor stablehlo onnxruntime_web"
)
TRACKERS = "tensorboard wandb mlflow"
EXITS = ("classical", "runtime")

OPEN_TARGETS = {
    ("mindspore", "enterprise_pipeline"),
    ("mlx", "enterprise_pipeline"),
    ("paddlepaddle", "llm_server"),
    ("paddlepaddle", "microcontroller"),
    ("tinygrad", "desktop"),
    ("tinygrad", "embedded"),
    ("tinygrad", "enterprise_pipeline"),
}
"""Where neither a way nor its absence has a source: no entry, no gate, and a low level."""

OPEN_CAPABILITIES = {("paddlepaddle", "training_device"): {"amd_gpu", "intel_gpu"}}
"""Likewise: the sources say neither yes nor no."""

WITHOUT_LAST_RELEASE = {
    "ai_edge_torch", "ai_platform", "elegy", "keras_nlp", "neptune", "objax", "paddle_js",
    "paddledetection", "pytorch_conda", "pytorch_mobile", "tensorflow_gpu", "tflite_support",
}  # fmt: skip
"""Parts or services without releases of their own, or whose last one no source dates."""


SYSTEMS = """
    TensorFlow; PyTorch; Keras 3; JAX; Apache MXNet; PaddlePaddle; Theano; Caffe and Caffe2;
    OneFlow; MindSpore; MLX; tinygrad; TensorFlow Serving; TF Serving; TensorFlow Lite; TF Lite;
    LiteRT; TensorFlow.js; TF.js; TensorBoard; TFX; TensorFlow Extended; TF Transform; TF Data;
    TensorFlow Hub; TF Hub; TF Datasets; TF Probability; TF Federated; TF Quantum; Google Cloud AI
    Platform; TorchVision; TorchText; TorchAudio; TorchServe; TorchScript; PyTorch Mobile;
    ExecuTorch; Transformers; Hugging Face Transformers; PyTorch Lightning; Lightning; fastai;
    Fast.ai; Detectron2; Visdom; Weights & Biases; W&B; Weights and Biases; TensorRT; XLA; Flax;
    Haiku; Trax; tf-keras (Keras 2); KerasHub; Aesara; PyTensor; ONNX Runtime; OpenVINO;
    scikit-learn; XGBoost; LightGBM; CatBoost; TabPFN; MLflow; Optuna; ClearML; Aim; Neptune;
    vLLM; SGLang; TensorRT-LLM; Triton Inference Server; Ray Serve; BentoML; LitServe; MediaPipe;
    Core ML; Windows ML; Transformers.js; WebLLM; LiteRT.js; PaddleOCR; PaddleX; PaddleFormers;
    PaddleNLP; VisualDL; Equinox; Optax; Orbax; Grain; MaxText; NumPyro; Diffrax; BlackJAX;
    DeepSpeed; Accelerate; PEFT; TRL; Diffusers; timm; Ultralytics YOLO; MMDetection; PyTorch
    Geometric; DGL; MONAI; AutoGluon; TorchTPU; PyTorch/XLA; torch-npu; tensorflow-metal;
    jax-metal; torch-directml; mlx-lm; mlx-vlm; mlx-audio; TF Text; TF Model Optimization; TF
    Recommenders; TensorFlow Addons; TF-Agents; TensorFlow Decision Forests; YDF
"""
"""What four older articles name, by the names that they use, and what stands beside it or in its
place today."""


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


def sourced(knowledge: Knowledge) -> Iterator[tuple[str, str, str]]:
    """Every (what, source, month) in the base."""
    for framework in knowledge.frameworks:
        yield framework.id, framework.lifecycle_source, framework.lifecycle_as_of
        for fact in framework.facts:
            yield fact.id, fact.source, fact.as_of
        for capability in framework.capabilities:
            yield capability.id, capability.source, capability.as_of
        for line in framework.install:
            yield f"{framework.id}: {line.command}", line.source, line.as_of
        for name, stated in profile_of(framework):
            if stated is not None:
                yield f"{framework.id}: {name}", stated.source, stated.as_of
    for component in knowledge.components:
        yield component.id, component.source, component.as_of
        for date_of in (component.first_release, component.last_release):
            if date_of is not None:
                yield f"{component.id}: {date_of.text}", date_of.source, date_of.as_of
    for delivery in knowledge.deliveries:
        yield f"{delivery.framework} to {delivery.target}", delivery.source, delivery.as_of
    for migration in knowledge.migrations:
        yield f"{migration.from_code} to {migration.to}", migration.source, migration.as_of
    for risk in knowledge.risks:
        yield f"{risk.framework}: {risk.text}", risk.source, risk.as_of
    for told in (*knowledge.statements, *knowledge.claims, *knowledge.signals):
        yield told.id, told.source, told.as_of
    for resource in knowledge.learning:
        yield resource.title, resource.link, resource.as_of


def profile_of(framework: Framework) -> Iterator[tuple[str, Stated | None]]:
    for name in Profile.__struct_fields__:
        yield name, getattr(framework.profile, name)


def options(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def conditions(knowledge: Knowledge) -> Iterator[Conditions]:
    """Every condition under which the base says something else."""
    for framework in knowledge.frameworks:
        for entry in (*framework.facts, *framework.capabilities, *framework.install):
            yield entry.when
    for held in (
        *knowledge.weight_rules,
        *knowledge.gates,
        *knowledge.conflicts,
        *knowledge.exits,
        *knowledge.stack_rules,
        *knowledge.phases,
        *knowledge.risks,
    ):
        yield held.when
    for migration in knowledge.migrations:
        yield {"existing_code": migration.from_code}
    for delivery in knowledge.deliveries:
        yield {"deployment": delivery.target}


def answers_of(persona: Persona) -> Answers:
    return Answers(
        answers=persona.answers,
        importance=persona.importance,
        must_use=persona.must_use,
        exclude=persona.exclude,
    )


def moved(knowledge: Knowledge, number: int) -> Knowledge:
    """The base with every weight a fifth up or down, by a coin of its own."""
    coins = random.Random(number)

    def move(weight: float) -> float:
        return weight * coins.choice((0.8, 1.2))

    return msgspec.structs.replace(
        knowledge,
        groups=tuple(
            msgspec.structs.replace(each, weight=move(each.weight)) for each in knowledge.groups
        ),
        criteria=tuple(
            msgspec.structs.replace(each, weight=move(each.weight)) for each in knowledge.criteria
        ),
        hash=f"moved {number}",
    )


class TestNames:
    def test_every_framework_has_its_file(self, knowledge: Knowledge) -> None:
        assert {framework.id for framework in knowledge.frameworks} >= {*LIVE, *ENDED}

    def test_every_question_and_option_is_there(self, knowledge: Knowledge) -> None:
        options = {q.id: {option.id for option in q.options} for q in knowledge.questions}
        for question, expected in QUESTIONS.items():
            missing = set(expected.split()) - options.get(question, set())
            # "nothing of the kind" may be offered as an option besides
            assert not missing, f"{question} lacks {sorted(missing)}"

    def test_every_criterion_is_in_its_group(self, knowledge: Knowledge) -> None:
        found: dict[str, set[str]] = {}
        for criterion in knowledge.criteria:
            found.setdefault(criterion.group, set()).add(criterion.id)
        assert found == {group: set(leaves) for group, leaves in CRITERIA.items()}

    def test_deliveries_and_trackers_are_components(self, knowledge: Knowledge) -> None:
        components = {component.id for component in knowledge.components}
        named = {*DELIVERIES.split(), *TRACKERS.split()}
        named |= {delivery.delivery for delivery in knowledge.deliveries}
        named |= {rule.component for rule in knowledge.stack_rules}
        assert named <= components
        ways = {delivery.delivery for delivery in knowledge.deliveries}
        assert set(DELIVERIES.split()) <= ways


class TestFacts:
    def test_every_framework_is_known_by_every_criterion_without_any_answer(
        self, knowledge: Knowledge
    ) -> None:
        for framework in knowledge.frameworks:
            general = {fact.criterion for fact in framework.facts if not fact.when}
            for leaf in itertools.chain.from_iterable(CRITERIA.values()):
                assert leaf in general, f"{framework.id} has no general fact for {leaf}"

    @pytest.mark.parametrize(
        ("criterion", "question"),
        [
            ("hardware_fit", "training_hardware"),
            ("scale_out", "training_scale"),
            ("migration", "existing_code"),
        ],
    )
    def test_live_frameworks_have_a_fact_per_option(
        self, knowledge: Knowledge, criterion: str, question: str
    ) -> None:
        for framework in knowledge.frameworks:
            if framework.id not in LIVE:
                continue
            told: set[str] = set()
            for fact in framework.facts:
                if fact.criterion == criterion and set(fact.when) == {question}:
                    value = fact.when[question]
                    told |= {value} if isinstance(value, str) else set(value)
            missing = set(QUESTIONS[question].split()) - told
            assert not missing, f"{framework.id}.{criterion} says nothing on {sorted(missing)}"

    def test_reasons_are_whole_sentences(self, knowledge: Knowledge) -> None:
        for framework in knowledge.frameworks:
            for fact in (*framework.facts, *framework.capabilities):
                assert re.fullmatch(r"[A-Za-z0-9].*\.", fact.reason, re.DOTALL), fact.id

    def test_our_own_judgement_says_so(self, knowledge: Knowledge) -> None:
        for framework in knowledge.frameworks:
            for fact in (*framework.facts, *framework.capabilities):
                own = fact.source == "editorial"
                assert own == (fact.grade in ("judgement", "unknown")), fact.id

    def test_nobody_is_ruled_out_by_judgement(self, knowledge: Knowledge) -> None:
        for framework in knowledge.frameworks:
            for capability in framework.capabilities:
                if capability.state == "none":
                    assert capability.grade in ("official", "reported"), capability.id


class TestSources:
    def test_every_source_is_an_address_a_release_or_our_own(self, knowledge: Knowledge) -> None:
        for what, source, _ in sourced(knowledge):
            assert re.match(r"https://|PyPI: \S|npm: \S|editorial$", source), f"{what}: {source}"

    def test_no_source_is_a_package_registry_page(self, knowledge: Knowledge) -> None:
        hosts = re.compile(r"pypi\.org|pythonhosted|npmjs|anaconda\.(org|com)|crates\.io", re.I)
        for what, source, _ in sourced(knowledge):
            assert not hosts.search(source), f"{what}: {source}"

    def test_months_are_months_and_not_to_come(self, knowledge: Knowledge) -> None:
        for what, _, month in sourced(knowledge):
            assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", month), f"{what}: {month}"
            assert month <= NEWEST_MONTH, f"{what}: {month}"


class TestSystems:
    @pytest.mark.parametrize("name", [name.strip() for name in SYSTEMS.split(";")])
    def test_a_system_that_people_ask_for_is_there_by_its_name(
        self, knowledge: Knowledge, name: str
    ) -> None:
        known = {framework.name.casefold() for framework in knowledge.frameworks}
        for component in knowledge.components:
            known |= {one.casefold() for one in (component.name, *component.also_known_as)}
        assert " ".join(name.split()).casefold() in known

    def test_a_component_that_ended_says_when_it_was_last_released(
        self, knowledge: Knowledge
    ) -> None:
        for component in knowledge.components:
            if component.id in WITHOUT_LAST_RELEASE or component.lifecycle not in (
                "stalled",
                "retired",
            ):
                continue
            assert component.last_release is not None, component.id

    def test_other_names_name_one_component_only(self, knowledge: Knowledge) -> None:
        seen: dict[str, str] = {}
        for component in knowledge.components:
            for name in {one.casefold() for one in (component.name, *component.also_known_as)}:
                assert seen.setdefault(name, component.id) == component.id, name


class TestProfiles:
    def test_every_live_framework_tells_how_it_works(self, knowledge: Knowledge) -> None:
        for framework in knowledge.frameworks:
            if framework.id in LIVE:
                missing = {name for name, stated in profile_of(framework) if stated is None}
                assert missing <= {"origin", "cost"}, framework.id

    def test_an_ended_framework_tells_at_least_how_it_ran_and_who_made_it(
        self, knowledge: Knowledge
    ) -> None:
        for framework in knowledge.frameworks:
            if framework.id in ENDED:
                assert framework.profile.origin is not None
                assert framework.profile.execution is not None
                assert framework.profile.differentiation is not None

    def test_a_profile_rests_on_others_words_never_on_ours(self, knowledge: Knowledge) -> None:
        for framework in knowledge.frameworks:
            for name, stated in profile_of(framework):
                if stated is not None:
                    assert stated.source != "editorial", f"{framework.id}: {name}"
                    assert re.fullmatch(r"[A-Za-z0-9].*\.", stated.text, re.DOTALL)


class TestCapabilities:
    @pytest.mark.parametrize(
        ("capability", "question"),
        [
            ("training_device", "training_hardware"),
            ("platform", "os"),
            ("python", "python_version"),
        ],
    )
    def test_every_live_framework_says_current_capped_or_none_of_every(
        self, knowledge: Knowledge, capability: str, question: str
    ) -> None:
        for framework in knowledge.frameworks:
            if framework.id not in LIVE or any(
                capability in one.capabilities for one in framework.derived
            ):
                continue
            told = {
                option
                for entry in framework.capabilities
                if entry.capability == capability
                for option in options(entry.when.get(question, ()))
            }
            missing = set(QUESTIONS[question].split()) - told
            assert missing == OPEN_CAPABILITIES.get((framework.id, capability), set())

    def test_every_system_that_a_framework_runs_on_has_an_install_line(
        self, knowledge: Knowledge
    ) -> None:
        for framework in knowledge.frameworks:
            assert any(not line.when for line in framework.install), framework.id


class TestEnded:
    def test_an_ended_framework_says_since_when_and_where_to_go(self, knowledge: Knowledge) -> None:
        components = {component.id for component in knowledge.components}
        for framework in knowledge.frameworks:
            if framework.id in ENDED:
                assert framework.lifecycle in ("stalled", "retired")
                assert framework.lifecycle_reason
                assert framework.lifecycle_source
                assert framework.successor in (*LIVE, *components)

    def test_an_ended_component_says_how_to_move(self, knowledge: Knowledge) -> None:
        known = {*LIVE, *(component.id for component in knowledge.components)}
        for component in knowledge.components:
            if component.lifecycle in ("stalled", "retired"):
                assert component.successor in known, component.id
                assert component.move, component.id

    def test_a_successor_is_alive(self, knowledge: Knowledge) -> None:
        state = {component.id: component.lifecycle for component in knowledge.components}
        for component in knowledge.components:
            if component.successor in state:
                assert state[component.successor] in ("active", "maintenance"), component.id


class TestPlan:
    def test_every_code_can_stay_or_move_to_any_live_framework(self, knowledge: Knowledge) -> None:
        ways = {(m.from_code, m.to): m for m in knowledge.migrations}
        for code in QUESTIONS["existing_code"].split():
            assert (code, "any") in ways
            if code in LIVE:
                assert ways[code, code].effort == "none", f"{code} cannot stay where it is"
        assert ways["none", "any"].effort == "none"

    def test_every_level_of_experience_finds_something_to_learn_from(
        self, knowledge: Knowledge
    ) -> None:
        told: dict[str, set[str]] = {}
        for resource in knowledge.learning:
            told.setdefault(resource.framework, set()).add(resource.level)
        assert set(told) >= {*LIVE, *EXITS}
        for name in (*LIVE, "classical", "runtime"):
            assert told[name] == {"beginner", "intermediate", "expert"}, name

    def test_a_target_that_a_framework_reaches_has_a_way(self, knowledge: Knowledge) -> None:
        ways = {(delivery.framework, delivery.target) for delivery in knowledge.deliveries}
        for framework in knowledge.frameworks:
            for capability in framework.capabilities:
                if capability.capability != "deployment" or capability.state == "none":
                    continue
                assert "deployment" in capability.when, f"{capability.id}: names no target"
                for target in options(capability.when["deployment"]):
                    assert (framework.id, target) in ways, capability.id

    def test_every_target_has_a_way_or_a_sourced_none_or_is_known_to_be_open(
        self, knowledge: Knowledge
    ) -> None:
        """What nobody says anything of stays unknown, and this list says of whom."""
        told = {(delivery.framework, delivery.target) for delivery in knowledge.deliveries}
        told |= {
            (framework.id, target)
            for framework in knowledge.frameworks
            for capability in framework.capabilities
            if capability.capability == "deployment" and capability.state == "none"
            for target in options(capability.when["deployment"])
        }
        targets = set(QUESTIONS["deployment"].split()) - {"none"}
        open_ones = {(one, target) for one in LIVE for target in targets} - told
        assert open_ones == OPEN_TARGETS

    def test_no_option_changes_nothing(self, knowledge: Knowledge) -> None:
        used: set[tuple[str, str]] = set()
        for when in conditions(knowledge):
            for question, value in when.items():
                for option in (value,) if isinstance(value, str) else value:
                    used.add((question, option))
        for question in knowledge.questions:
            for option in question.options:
                assert (question.id, option.id) in used, f"{question.id}: {option.id}"


class TestPersonas:
    def test_there_are_enough_of_them(self, knowledge: Knowledge) -> None:
        assert len(knowledge.personas) >= 60
        assert sum(persona.default_is_wrong for persona in knowledge.personas) >= 25

    @pytest.mark.parametrize(
        "question", ["domain", "deployment", "special_needs", "training_hardware", "os", "work"]
    )
    def test_somebody_gives_every_answer_of(self, knowledge: Knowledge, question: str) -> None:
        given = {
            option
            for persona in knowledge.personas
            for option in options(persona.answers.get(question, ()))
        }
        assert given >= set(QUESTIONS[question].split())

    def test_somebody_comes_from_every_framework(self, knowledge: Knowledge) -> None:
        given = {
            option
            for persona in knowledge.personas
            for option in options(persona.answers.get("existing_code", ()))
        }
        assert given >= set(QUESTIONS["existing_code"].split())

    def test_every_live_framework_and_exit_is_first_for_somebody_or_says_its_niche(
        self, knowledge: Knowledge
    ) -> None:
        first = {name for persona in knowledge.personas for name in persona.expect.winner}
        niches = {framework.id for framework in knowledge.frameworks if framework.niche}
        assert {*LIVE, *EXITS} <= first | niches

    def test_every_answer_exists(self, knowledge: Knowledge) -> None:
        for persona in knowledge.personas:
            for question, value in persona.answers.items():
                for option in (value,) if isinstance(value, str) else value:
                    assert option in QUESTIONS[question].split(), f"{persona.id}: {option}"

    def test_the_default_is_called_wrong_only_where_it_is(self, knowledge: Knowledge) -> None:
        """PyTorch unless it is ruled out: wrong where PyTorch is left and another one wins, and
        where no framework is wanted at all."""
        for persona in knowledge.personas:
            left = "pytorch" not in persona.expect.ruled_out
            exits = set(persona.expect.winner) & set(EXITS)
            wrong = bool(left or exits) and "pytorch" not in persona.expect.winner
            assert persona.default_is_wrong == wrong, persona.id

    def test_nine_winners_in_ten_hold_when_all_weights_move_by_a_fifth(
        self, knowledge: Knowledge
    ) -> None:
        held = total = 0
        moved_bases = [moved(knowledge, number) for number in range(4)]
        for persona in knowledge.personas:
            answers = answers_of(persona)
            first = decide(knowledge, answers, Measurements(), TODAY, draws=10).ranking[:1]
            for base in moved_bases:
                now = decide(base, answers, Measurements(), TODAY, draws=10).ranking[:1]
                total += 1
                held += [each.framework for each in now] == [each.framework for each in first]
        assert held >= 0.9 * total, f"{held} of {total}"


class TestExamples:
    def test_there_are_enough_of_them(self) -> None:
        names = {path.name for path in EXAMPLES.glob("*.yaml")}
        assert "student.yaml" in names
        assert len(names) >= 8

    @pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
    def test_an_example_says_who_it_is_and_gets_advice(
        self, knowledge: Knowledge, path: Path
    ) -> None:
        assert path.read_text(encoding="utf-8").startswith("# ")
        answers = load_answers(path, knowledge)
        advice = decide(knowledge, answers, Measurements(), TODAY, draws=200)
        assert advice.verdict.framework is not None
        assert advice.conflicts == ()
