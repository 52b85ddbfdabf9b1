"""What a decision costs, beside a plain numpy loop that draws as much and a library's count."""

import functools
import time
from datetime import date

import msgspec
import numpy as np
import pytest
import yaml
from pymcdm.methods import WSM
from pysensmcda.smaa import rank_acceptability, simulate

import rules
from rules.loading import OWN
from rules.model import Answers, Measurements
from rules.packs import assembled, read_folder
from rules.questionnaire import Flow, option_effects, settled

TODAY = date(2026, 11, 21)
DRAWS = 10_000
FULL = {
    "work": "scratch",
    "domain": ("vision",),
    "existing_code": ("pytorch",),
    "training_hardware": "nvidia_gpu",
    "os": "linux",
    "python_version": "3.12",
    "deployment": ("server",),
    "team_background": ("numpy",),
    "constraints": ("regulated",),
    "special_needs": ("dynamic_shapes",),
}
"""Where the first option is not what is meant."""


@pytest.fixture(scope="module")
def knowledge():
    return rules.load_knowledge()


@pytest.fixture(scope="module")
def answers(knowledge):
    persona = next(one for one in knowledge.personas if not one.must_use)
    return Answers(answers=persona.answers)


@pytest.fixture(scope="module")
def whole(knowledge):
    """Nobody ruled out and every question answered: the size that the budget names."""
    assert (len(knowledge.frameworks), len(knowledge.criteria)) == (12, 17)
    ungated = msgspec.structs.replace(knowledge, gates=())
    given = {one.id: FULL.get(one.id, one.options[0].id) for one in knowledge.questions}

    def decide():
        result = rules.decide(ungated, Answers(answers=given), Measurements(), TODAY, draws=DRAWS)
        assert len(result.ranking) == 12

    return decide


def plain_draws(frameworks: int, criteria: int) -> None:
    """The arithmetic alone: scores of every framework in every draw, and who is near the best."""
    generator = np.random.default_rng(1)
    values = generator.random((frameworks, criteria, DRAWS))
    weights = np.exp(generator.uniform(-0.7, 0.7, (criteria, DRAWS)))
    weights /= weights.sum(axis=0)
    scores = np.einsum("fcd,cd->fd", values, weights)
    (scores >= scores.max(axis=0) - 0.02).mean(axis=1)
    np.percentile(scores, [5, 95], axis=1)


@functools.cache
def drawn(frameworks: int, criteria: int):
    generator = np.random.default_rng(1)
    weights = generator.random((DRAWS, criteria))
    weights /= weights.sum(axis=1, keepdims=True)
    return weights, generator.random((DRAWS, frameworks, criteria))


def pysensmcda_counts(frameworks: int, criteria: int) -> None:
    """The shares of ranks by pySensMCDA, from draws that are made already."""
    weights, values = drawn(frameworks, criteria)
    found = simulate(
        WSM(lambda column, cost: column),
        values[0],
        np.ones(criteria),
        weights=weights,
        matrix_samples=values,
        reverse_ranking=True,
    )
    rank_acceptability(found)


def seconds_of(call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def in_turn(first, second, pairs):
    """Milliseconds of the first, and its ratios to the second."""
    first(), second()
    both = [(seconds_of(first), seconds_of(second)) for _ in range(pairs)]
    return [one * 1e3 for one, _ in both], [one / other for one, other in both]


def test_twelve_frameworks_seventeen_criteria_ten_thousand_draws(whole, record):
    record("decision_whole", *in_turn(whole, lambda: plain_draws(12, 17), 25))


def test_the_same_beside_pysensmcda(whole, record):
    record("decision_pysensmcda", in_turn(whole, lambda: pysensmcda_counts(12, 17), 5)[1])


def test_a_decision_of_a_student(knowledge, answers, record):
    bare = len(knowledge.frameworks), len(knowledge.criteria)

    def decide():
        rules.decide(knowledge, answers, Measurements(), TODAY, draws=DRAWS)

    record("decision_student", *in_turn(decide, lambda: plain_draws(*bare), 25))


def test_a_decision_with_every_question_open(knowledge, record):
    """The dearest one: each value is a mixture over all that may be answered."""

    def decide():
        rules.decide(knowledge, Answers(), Measurements(), TODAY, draws=DRAWS)

    record("decision_open", *in_turn(decide, lambda: plain_draws(12, 17), 10))


def test_each_step_of_the_questionnaire(knowledge, record):
    """From nothing answered to all: next question, what is settled, effects of the options."""
    flow, found = Flow.start(knowledge, Answers()), {}
    while flow.question is not None:
        option = flow.question.options[0].id
        name, before = flow.position, flow

        def step(before=before, option=option):
            after = before.answer((option,) if before.question.multiple else option)
            settled(knowledge, after.answers, TODAY)
            if after.position is not None:
                option_effects(knowledge, after.answers, after.position, TODAY)
            return after

        step()
        found[name] = min(seconds_of(step) for _ in range(5)) * 1e3
        flow = step()
    record("questionnaire_step", found.values(), note=f"slowest: {max(found, key=found.get)}")


def test_loading_the_knowledge(record):
    def load():
        assembled(read_folder(OWN))

    def bare():
        for path in sorted(OWN.rglob("*.yaml")):
            list(yaml.parse(path.read_bytes(), Loader=yaml.CSafeLoader))

    record("knowledge_load", *in_turn(load, bare, 7))
