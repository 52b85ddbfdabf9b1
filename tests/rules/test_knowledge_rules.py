"""The rules of thumb of the field come out of facts: without its facts each one is gone.

No code knows a framework; so taking the entries out of the knowledge has to take the rule out of
the advice.
"""

from datetime import date

import msgspec
import pytest

from rules import decide, load_knowledge
from rules.model import Answers, Knowledge, Measurements
from rules.recommendation import Recommendation


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


def without(knowledge: Knowledge, *starts: str) -> Knowledge:
    """The base without the facts and capabilities whose id begins so."""
    frameworks = tuple(
        msgspec.structs.replace(
            framework,
            facts=tuple(fact for fact in framework.facts if not fact.id.startswith(starts)),
            capabilities=tuple(
                each for each in framework.capabilities if not each.id.startswith(starts)
            ),
        )
        for framework in knowledge.frameworks
    )
    return msgspec.structs.replace(knowledge, frameworks=frameworks, hash=" ".join(starts))


def advice(knowledge: Knowledge, persona_id: str) -> Recommendation:
    persona = next(each for each in knowledge.personas if each.id == persona_id)
    answers = Answers(answers=persona.answers, exclude=persona.exclude, must_use=persona.must_use)
    return decide(knowledge, answers, Measurements(), date(2026, 11, 21), draws=50)


def ruled_out(knowledge: Knowledge, persona_id: str) -> set[str]:
    return {each.framework for each in advice(knowledge, persona_id).ruled_out}


@pytest.mark.parametrize(
    ("persona_id", "winner", "facts"),
    [
        # what most people should take, unless something speaks against it
        (
            "mxnet_leaver",
            "pytorch",
            ("pytorch.domain_fit", "pytorch.model_supply", "pytorch.longevity"),
        ),
        # TPUs and heavy automatic differentiation
        ("tpu_vision_team", "jax", ("jax.hardware_fit.tpu",)),
        (
            "physics_differentiable",
            "jax",
            ("jax.domain_fit.scientific", "jax.model_supply.scientific", "jax.prototyping"),
        ),
        # beginners, teaching, mobile export
        ("student", "keras", ("keras.ease",)),
        ("android_beginner_team", "keras", ("keras.deployment_fit", "keras.production")),
        ("microcontroller_startup", "keras", ("keras.deployment_fit", "keras.production")),
        # language models on a Mac
        ("mac_local_llm", "mlx", ("mlx.domain_fit.llm",)),
        # Ascend, and documents in Chinese
        ("ascend_lab", "mindspore", ("mindspore.hardware_fit.ascend", "mindspore.migration")),
        ("document_ocr_china", "paddlepaddle", ("paddlepaddle.domain_fit.ocr",)),
        # an estate stays where it is
        ("tfx_bank", "tensorflow", ("tensorflow.migration.tensorflow",)),
        ("jax_estate", "jax", ("jax.migration.jax",)),
        ("paddle_estate", "paddlepaddle", ("paddlepaddle.migration.paddlepaddle",)),
    ],
)
def test_a_choice_rests_on_its_facts(
    knowledge: Knowledge, persona_id: str, winner: str, facts: tuple[str, ...]
) -> None:
    assert advice(knowledge, persona_id).verdict.framework == winner
    assert advice(without(knowledge, *facts), persona_id).verdict.framework != winner


@pytest.mark.parametrize(
    ("persona_id", "framework", "capability"),
    [
        # no GPU under native Windows
        ("windows_gamer_student", "tensorflow", "tensorflow.training_device.nvidia_windows"),
        ("windows_gamer_student", "jax", "jax.training_device.gpu_windows"),
        # no plug-ins of the past on a Mac's GPU
        ("mac_local_llm", "tensorflow", "tensorflow.training_device.apple"),
        ("mac_local_llm", "jax", "jax.training_device.apple"),
        # Intel Macs, for those that are there and for what rests on them
        ("intel_mac_vision", "pytorch", "pytorch.platform.macos_intel"),
        ("intel_mac_vision", "keras", "pytorch.platform.macos_intel"),
        # the newest Python
        ("newest_python", "tensorflow", "tensorflow.python.newer"),
        ("newest_python", "paddlepaddle", "paddlepaddle.python.newer"),
        ("newest_python", "mindspore", "mindspore.python.newer"),
        # TPUs and Ascend
        ("tpu_pretraining", "tensorflow", "tensorflow.training_device.tpu"),
        ("ascend_lab", "keras", "keras.training_device.ascend"),
    ],
)
def test_a_veto_rests_on_its_capability(
    knowledge: Knowledge, persona_id: str, framework: str, capability: str
) -> None:
    assert framework in ruled_out(knowledge, persona_id)
    assert framework not in ruled_out(without(knowledge, capability), persona_id)
