"""From a choice to a plan: whether to stay, what to replace, how needs are met, what to install."""

import itertools

import msgspec
import pytest

from rules.gates import BY_ANSWERS
from rules.model import Answers

LIVE = ("jax", "keras", "mindspore", "mlx", "paddlepaddle", "pytorch", "tensorflow", "tinygrad")
NEEDS = (
    "second_order",
    "dynamic_shapes",
    "federated",
    "differential_privacy",
    "quantum",
    "compression",
    "non_python_serving",
)


@pytest.fixture
def plan(advice):
    return lambda **changes: advice(**changes).plan


@pytest.fixture
def only(advice, ordinary):
    """The advice where one framework is all that may be used."""

    def _only(framework, **changes):
        answers = Answers(answers={**ordinary, **changes}, must_use=(framework,))
        return advice(document=answers)

    return _only


def titles(plan):
    return [phase.title for phase in plan.phases]


class TestStay:
    def test_where_the_code_comes_first_the_plan_begins_with_staying(self, plan):
        found = plan(existing_code=("pytorch",), team_background=("pytorch",))
        assert found.stay.framework == "pytorch"
        assert found.stay.because == "first"
        assert titles(found)[0] == "Stay with PyTorch"
        assert found.review_by in found.phases[0].text

    def test_a_lead_within_the_noise_does_not_pay_for_a_move(self, advice, ordinary):
        """Keras and TensorFlow share most of their ground: some weights put them side by side."""
        for people, ship in itertools.product(range(3), range(-2, 2)):
            found = advice(
                document=Answers(
                    answers={**ordinary, "existing_code": ("tensorflow",)},
                    exclude={"pytorch": "a contract"},
                    importance={"people": people, "ship": ship},
                )
            )
            leader, second = found.ranking[0], found.ranking[1]
            if leader.framework == "keras" and second.top_share > 0.5:
                break
        else:
            pytest.fail("no weights put them side by side")
        assert second.framework == "tensorflow"
        assert found.plan.stay.framework == "tensorflow"
        assert found.plan.stay.because == "level"
        assert titles(found.plan)[0] == "Stay with TensorFlow"
        assert "small effort" in found.plan.stay.text

    @pytest.mark.parametrize("code", ["mxnet", "tinygrad"])
    def test_a_clear_lead_is_no_reason_to_stay(self, advice, code):
        found = advice(existing_code=(code,))
        assert found.verdict.framework == "pytorch"
        assert found.plan.stay is None
        assert not [title for title in titles(found.plan) if title.startswith("Stay")]

    def test_nothing_there_is_nothing_to_stay_with(self, plan):
        assert plan().stay is None

    def test_what_one_gate_rules_out_is_not_left_before_its_way_out_was_weighed(self, advice):
        found = advice(existing_code=("tensorflow",), os="windows")
        out = next(one for one in found.ruled_out if one.framework == "tensorflow")
        assert out.source != BY_ANSWERS
        first = found.plan.phases[0]
        assert first.title == "Before you leave TensorFlow"
        assert out.fix in first.text
        assert "large effort" in first.text

    def test_what_the_answers_exclude_is_left_without_a_word(self, advice, ordinary):
        answers = {**ordinary, "existing_code": ("tensorflow",)}
        found = advice(document=Answers(answers=answers, exclude={"tensorflow": "a decision"}))
        assert not [title for title in titles(found.plan) if title.startswith("Before")]


class TestReplacements:
    def test_ended_components_in_use_are_named_with_successor_move_and_source(
        self, advice, ordinary
    ):
        answers = Answers(
            answers=ordinary, existing_components=("torchtext", "transformers", "torchserve")
        )
        found = advice(document=answers).plan.replacements
        assert [(one.component, one.lifecycle, one.successor) for one in found] == [
            ("torchtext", "retired", "Transformers"),
            ("torchserve", "retired", "Triton Inference Server"),
        ]
        for one in found:
            assert one.move
            assert one.source.startswith("https://")
            assert one.as_of

    def test_a_risk_of_a_component_is_said_only_where_it_is_in_use_or_proposed(
        self, advice, ordinary
    ):
        def told(**changes):
            return any("credential stealer" in one.text for one in advice(**changes).plan.risks)

        assert told()
        assert not told(team_experience="expert")
        in_use = Answers(
            answers={**ordinary, "team_experience": "expert"}, existing_components=("lightning",)
        )
        assert told(document=in_use)


class TestNeeds:
    @pytest.mark.parametrize("framework", LIVE)
    def test_each_special_need_gets_its_own_answer(self, only, knowledge, framework):
        changes = {"special_needs": NEEDS}
        if framework == "mlx":
            changes |= {"training_hardware": "apple_silicon", "os": "macos_arm", "deployment": ()}
        found = only(framework, **changes)
        assert found.verdict.framework == framework
        assert [one.need for one in found.plan.needs] == list(NEEDS)
        levels = {
            need: fact.level
            for one in knowledge.frameworks
            if one.id == framework
            for fact in one.facts
            if "special_needs" in fact.when
            for need in NEEDS
            if need in fact.when["special_needs"]
        }
        for one in found.plan.needs:
            assert one.title
            assert one.text.endswith(".")
            assert (one.answer == "unknown") == (one.source is None)
            if one.need in levels:
                assert one.answer == ("no", "hardly", "with_effort", "yes", "yes")[levels[one.need]]

    def test_the_part_that_meets_a_need_is_named_and_in_the_stack(self, advice):
        found = advice(special_needs=("federated", "second_order"))
        federated, second = found.plan.needs
        assert (federated.answer, federated.component) == ("yes", "Flower")
        assert second.component is None
        assert "flower" in {part.component for part in found.stack.training}

    def test_what_nobody_recorded_is_called_unknown(self, only):
        (need,) = only(
            "mindspore", special_needs=("quantum",), training_hardware="ascend"
        ).plan.needs
        assert (need.answer, need.source) == ("unknown", None)
        assert "MindSpore" in need.text


TABLES = {"domain": ("tabular",), "data_size": "medium"}


class TestExits:
    def test_tables_are_told_what_to_install_and_nothing_of_networks(self, advice):
        found = advice(**TABLES)
        assert found.verdict.framework == "classical"
        assert found.stack.install.command == "pip install scikit-learn xgboost"
        assert "Trees first, then the question again" in titles(found.plan)
        assert not {"Overfit a few samples", "Probe the other machine"} & set(titles(found.plan))

    @pytest.mark.parametrize(
        ("deployment", "command"),
        [
            ("llm_server", "pip install vllm"),
            ("server", "pip install onnxruntime-gpu"),
            ("ios", "pip install coremltools"),
            ("android", "pip install ai-edge-litert"),
            ("browser", "npm install onnxruntime-web"),
        ],
    )
    def test_finished_models_are_told_the_runtime_of_their_target(
        self, advice, deployment, command
    ):
        found = advice(work="run_only", deployment=(deployment,), os="linux")
        assert found.verdict.framework == "runtime"
        assert found.stack.install.command == command
        assert not any("untrained" in phase.text for phase in found.plan.phases)

    def test_nobody_is_offered_openvino_for_a_phone(self, advice):
        found = advice(work="run_only", deployment=("ios",), training_hardware="cpu")
        parts = {part.component for part in (*found.stack.serving, *found.stack.delivery)}
        assert parts == {"coremltools"}

    def test_existing_networks_are_not_rewritten_for_an_exit(self, plan):
        (move,) = plan(work="run_only", existing_code=("tensorflow",)).migration
        assert (move.to, move.effort) == ("runtime", "small")
        (move,) = plan(**TABLES, existing_code=("pytorch",)).migration
        assert (move.to, move.effort) == ("classical", "medium")


class TestInstall:
    @pytest.mark.parametrize(
        ("answers", "said"),
        [
            ({"os": "windows", "training_hardware": "nvidia_gpu"}, "whl/cu130"),
            ({"os": "windows", "training_hardware": "cpu"}, "CPU build"),
            ({"os": "windows", "training_hardware": "amd_gpu"}, "AMD's install page"),
            ({"os": "windows", "training_hardware": "intel_gpu"}, "whl/xpu"),
            ({"os": "linux", "training_hardware": "cpu"}, "whl/cpu"),
            ({"os": "linux", "training_hardware": "amd_gpu"}, "whl/rocm"),
            ({"os": "linux", "training_hardware": "old_nvidia_gpu"}, "torch==2.14.1"),
            ({"os": "windows", "training_hardware": "old_nvidia_gpu"}, "torch==2.14.1"),
            ({"os": "linux", "training_hardware": "ascend"}, '"torch==2.14.0" "torch-npu==2.14.0"'),
            ({"os": "wsl2", "training_hardware": "nvidia_gpu"}, "CUDA 13.2"),
            ({"os": "macos_arm", "training_hardware": "apple_silicon"}, "MPS"),
        ],
    )
    def test_pytorchs_line_fits_the_platform(self, only, answers, said):
        found = only("pytorch", **answers, deployment=("none",))
        assert found.stack is not None, found.verdict.reason
        install = found.stack.install
        assert said in f"{install.command} {install.note}"

    @pytest.mark.parametrize("hardware", ["cpu", "nvidia_gpu"])
    def test_keras_for_phones_comes_with_the_backend_that_exports_to_them(self, only, hardware):
        found = only("keras", deployment=("android",), training_hardware=hardware)
        assert "tensorflow" in found.stack.install.command
        assert "KERAS_BACKEND=tensorflow" in found.stack.install.note

    @pytest.mark.parametrize("framework", LIVE)
    def test_everybody_has_something_to_learn_from(self, knowledge, only, framework):
        for experience in ("beginner", "intermediate", "expert", "mixed"):
            changes = {"team_experience": experience, "deployment": ("none",)}
            if framework == "mlx":
                changes |= {"training_hardware": "apple_silicon", "os": "macos_arm"}
            found = only(framework, **changes)
            assert found.plan.learning, (framework, experience)

    def test_sharded_training_is_not_what_one_device_is_told_to_learn(self, plan):
        learnt = plan(team_experience="expert").learning
        assert learnt
        assert not [one for one in learnt if "sharded" in one.title]


@pytest.fixture(scope="module")
def plans(knowledge, advice):
    """Persona and recommendation by the persona's id."""
    found = {}
    for persona in knowledge.personas:
        answers = Answers(
            answers=persona.answers,
            importance=persona.importance,
            must_use=persona.must_use,
            exclude=persona.exclude,
        )
        found[persona.id] = (persona, advice(document=answers, draws=50))
    return found


class TestOverPersonas:
    def test_every_choice_has_an_install_line_learning_and_a_review(self, plans):
        for name, (_, found) in plans.items():
            if found.verdict.framework is None:
                assert found.plan is None
                continue
            assert found.stack.install is not None, name
            assert found.plan.learning, name
            assert found.plan.phases[-1].title == "Review the choice", name
            assert found.plan.review_by in ("2027-02-21", "2027-05-21"), name

    def test_every_target_has_a_way_and_every_code_a_move(self, plans):
        for name, (persona, found) in plans.items():
            if found.plan is None:
                continue
            targets = [one for one in persona.answers.get("deployment", ()) if one != "none"]
            assert [part.for_target for part in found.stack.delivery] == targets, name
            codes = [one for one in persona.answers.get("existing_code", ()) if one != "none"]
            assert [one.from_code for one in found.plan.migration] == codes, name
            assert all(one.first_steps for one in found.plan.migration), name

    def test_no_part_of_a_stack_has_ended(self, plans, knowledge):
        ended = {one.id for one in knowledge.components if one.lifecycle in ("stalled", "retired")}
        for name, (_, found) in plans.items():
            if found.stack is not None:
                parts = msgspec.to_builtins(found.stack)
                used = {
                    part["component"]
                    for group in ("training", "data", "delivery", "serving", "tracking")
                    for part in parts[group]
                }
                assert not used & ended, name


def test_the_install_line_names_the_libraries_of_the_stack_but_not_what_needs_its_own_place(advice):
    seen = advice(domain=("vision",), team_experience="intermediate").stack.install
    assert seen.command.startswith("pip install torch torchvision")
    assert seen.note.endswith("Then the stack's libraries: pip install lightning timm")
    tables = advice(domain=("time_series",), work="scratch", team_experience="expert").stack
    assert "autogluon" in {part.component for part in tables.training}
    assert "autogluon" not in (tables.install.note or "")


def test_an_expert_who_is_new_to_a_framework_gets_more_to_read_than_one_who_knows_it(advice):
    levels = [
        {one.level for one in advice(team_experience="expert", team_background=known).plan.learning}
        for known in (("numpy",), ("pytorch",))
    ]
    assert levels == [{"intermediate", "expert"}, {"expert"}]
