"""What a decision costs: beside a plain numpy loop that draws as much, and as it grows."""

import time
from datetime import date

import msgspec
import numpy as np
import pytest

import rules
from rules.model import Answers, Measurements
from rules.questionnaire import settled

TODAY = date(2026, 11, 21)
DRAWS = 10_000


@pytest.fixture(scope="module")
def knowledge():
    return rules.load_knowledge()


@pytest.fixture(scope="module")
def answers(knowledge):
    persona = next(one for one in knowledge.personas if not one.must_use)
    return Answers(answers=persona.answers)


def plain_draws(frameworks: int, criteria: int) -> None:
    """The arithmetic alone: scores of every framework in every draw, and who is near the best."""
    generator = np.random.default_rng(1)
    values = generator.random((frameworks, criteria, DRAWS))
    weights = np.exp(generator.uniform(-0.7, 0.7, (criteria, DRAWS)))
    weights /= weights.sum(axis=0)
    scores = np.einsum("fcd,cd->fd", values, weights)
    (scores >= scores.max(axis=0) - 0.02).mean(axis=1)
    np.percentile(scores, [5, 95], axis=1)


def processor_seconds(call) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def ratios(first, second, pairs=15):
    first(), second()
    return [processor_seconds(first) / processor_seconds(second) for _ in range(pairs)]


def test_a_decision_beside_its_bare_arithmetic(knowledge, answers, report_ratio, benchmark):
    def decide():
        rules.decide(knowledge, answers, Measurements(), TODAY, draws=DRAWS)

    bare = len(knowledge.frameworks), len(knowledge.criteria)
    report_ratio(
        "decision / plain numpy loop of the same draws",
        ratios(decide, lambda: plain_draws(*bare)),
        "none (at most 40 ms)",
    )
    benchmark(decide)


def test_what_is_settled(knowledge, answers, benchmark):
    benchmark(lambda: settled(knowledge, answers, TODAY))


def test_what_is_settled_after_one_answer(knowledge, benchmark):
    benchmark(lambda: settled(knowledge, Answers(answers={"work": "scratch"}), TODAY))


def test_the_cost_is_linear_in_draws_and_in_frameworks(knowledge, answers, report_ratio):
    def decide(base, draws):
        return lambda: rules.decide(base, answers, Measurements(), TODAY, draws=draws)

    report_ratio(
        "decision, 80,000 draws / 40,000",
        ratios(decide(knowledge, 80_000), decide(knowledge, 40_000), pairs=7),
        "2",
    )
    twice = msgspec.structs.replace(
        knowledge,
        frameworks=tuple(
            msgspec.structs.replace(
                one,
                id=f"{one.id}{copy}",
                facts=tuple(
                    msgspec.structs.replace(fact, id=f"{fact.id}{copy}") for fact in one.facts
                ),
            )
            for copy in ("", "_b")
            for one in knowledge.frameworks
        ),
    )
    report_ratio(
        "decision, every framework twice / once",
        ratios(decide(twice, DRAWS), decide(knowledge, DRAWS), pairs=7),
        "2",
    )


def test_loading_the_knowledge(benchmark):
    from rules.loading import OWN
    from rules.packs import assembled, read_folder

    benchmark(lambda: assembled(read_folder(OWN)))
