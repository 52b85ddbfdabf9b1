"""One answer changed: who must gain on whom. Scores are compared, so no threshold hides a drift."""

from datetime import date

import pytest

from rules import decide, load_knowledge
from rules.model import Answers, Knowledge, Measurements

Changed = dict[str, str | tuple[str, ...]]

BASE: Changed = {
    "work": "scratch",
    "domain": ("vision",),
    "goal": "production",
    "lifetime": "one_year",
    "existing_code": ("none",),
    "train_where": "other_machine",
    "training_hardware": "nvidia_gpu",
    "os": "linux",
    "python_version": "3.12",
    "training_scale": "single_device",
    "deployment": ("server",),
    "team_experience": "intermediate",
    "team_background": ("numpy",),
}

PAIRS: list[tuple[Changed, str, str]] = [
    ({"training_hardware": "tpu"}, "jax", "pytorch"),
    ({"training_hardware": "ascend"}, "mindspore", "pytorch"),
    ({"training_hardware": "apple_silicon", "os": "macos_arm"}, "mlx", "pytorch"),
    ({"training_hardware": "old_nvidia_gpu"}, "tinygrad", "pytorch"),
    ({"training_hardware": "amd_gpu"}, "pytorch", "tensorflow"),
    ({"os": "windows"}, "pytorch", "keras"),
    ({"domain": ("scientific",)}, "jax", "keras"),
    ({"domain": ("probabilistic",)}, "jax", "pytorch"),
    ({"domain": ("ocr",)}, "paddlepaddle", "pytorch"),
    ({"domain": ("llm",)}, "pytorch", "tensorflow"),
    ({"domain": ("graph",)}, "pytorch", "keras"),
    ({"existing_code": ("tensorflow",)}, "tensorflow", "pytorch"),
    ({"existing_code": ("keras",)}, "keras", "jax"),
    ({"existing_code": ("jax",)}, "jax", "pytorch"),
    ({"existing_code": ("oneflow",)}, "pytorch", "keras"),
    ({"deployment": ("microcontroller",)}, "keras", "pytorch"),
    ({"deployment": ("android",)}, "tensorflow", "pytorch"),
    ({"deployment": ("ios",)}, "pytorch", "jax"),
    ({"deployment": ("browser",)}, "keras", "tensorflow"),
    ({"deployment": ("enterprise_pipeline",)}, "tensorflow", "pytorch"),
    ({"deployment": ("llm_server",)}, "pytorch", "keras"),
    ({"team_experience": "beginner"}, "keras", "pytorch"),
    ({"team_experience": "expert"}, "jax", "keras"),
    ({"team_background": ("tensorflow",)}, "tensorflow", "pytorch"),
    ({"team_background": ("jax",)}, "jax", "pytorch"),
    ({"special_needs": ("second_order",)}, "jax", "pytorch"),
    ({"special_needs": ("dynamic_shapes",)}, "pytorch", "jax"),
    ({"special_needs": ("compression",)}, "keras", "jax"),
    ({"training_scale": "cluster"}, "jax", "keras"),
    ({"work": "fine_tune"}, "pytorch", "jax"),
    ({"goal": "learn"}, "keras", "jax"),
    ({"lifetime": "five_years"}, "pytorch", "tensorflow"),
]


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


def lead(knowledge: Knowledge, answers: Changed, who: str, over: str) -> float:
    advice = decide(
        knowledge, Answers(answers=answers), Measurements(), date(2026, 11, 21), draws=10
    )
    scores = {each.framework: each.score for each in advice.ranking}
    return scores[who] - scores[over]


@pytest.mark.parametrize(
    ("change", "who", "over"),
    PAIRS,
    ids=[f"{next(iter(change.values()))}: {who} on {over}" for change, who, over in PAIRS],
)
def test_an_answer_moves_the_lead_the_right_way(
    knowledge: Knowledge, change: Changed, who: str, over: str
) -> None:
    before = lead(knowledge, BASE, who, over)
    after = lead(knowledge, {**BASE, **change}, who, over)
    assert after > before + 0.001
