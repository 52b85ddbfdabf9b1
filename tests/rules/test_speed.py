"""Which measured times count: those of work that is alike, on the device that trains."""

import pytest

import rules
from rules.model import Answers, MeasuredTime, Measurements
from rules.speed import speeds


@pytest.fixture(scope="module")
def knowledge():
    return rules.load_knowledge()


def measured(*workloads, device="cpu"):
    return Measurements(
        times=tuple(
            MeasuredTime(
                framework="pytorch",
                mode="pytorch/eager",
                workload=workload,
                purpose="training",
                device=device,
                median_seconds=0.01,
                low_seconds=0.009,
                high_seconds=0.011,
                control_seconds=0.01,
            )
            for workload in workloads
        )
    )


@pytest.mark.parametrize(
    ("domain", "counts"),
    [
        ("vision", {"mlp_train", "cnn_train"}),
        ("language", {"mlp_train", "transformer_train"}),
        ("time_series", {"mlp_train", "transformer_train", "lstm_train"}),
        ("recommender", {"mlp_train", "embedding_train"}),
        ("tabular", {"mlp_train"}),
    ],
)
def test_times_count_for_work_that_is_alike(knowledge, domain, counts):
    everything = ("mlp_train", "cnn_train", "transformer_train", "lstm_train", "embedding_train")
    given = {"domain": (domain,), "training_hardware": "cpu"}
    assert set(speeds(knowledge, measured(*everything), given).workloads) == counts


def test_times_of_other_work_alone_do_not_make_speed_count(knowledge):
    given = {"domain": ("language",), "training_hardware": "cpu"}
    found = speeds(knowledge, measured("cnn_train"), given)
    assert not found.counts
    assert found.by_framework == {}


def test_the_workloads_that_tell_something_follow_the_first_and_further_domains(knowledge):
    answers = Answers(answers={"domain": ("language", "vision")})
    telling = rules.telling_workloads(knowledge, answers)
    assert {"mlp_train", "cnn_train", "transformer_train", "inference_batch1"} == set(telling)
    assert "cnn_train" not in rules.telling_workloads(
        knowledge, Answers(answers={"domain": ("language",)})
    )


def test_without_a_domain_the_work_that_is_in_everything_tells(knowledge):
    assert rules.telling_workloads(knowledge, Answers()) == ("mlp_train", "inference_batch1")
