"""The what-ifs: against a plain loop, on what is open, on ages and on whose draws are whose."""

from datetime import date

import msgspec
import numpy as np
import pytest

from rules import decide
from rules.ages import half_width, months_past
from rules.evaluation import evaluator_for
from rules.explanation import share_words
from rules.model import Answers, Measurements
from rules.robustness import Sampler, shares
from rules.screen import as_read, conflicts
from rules.speed import speeds
from rules.weights import raw_weights

TODAY = date(2026, 11, 21)


@pytest.fixture
def sampler(knowledge):
    def _sampler(answers, count=4000, seed=1):
        given = as_read(answers, conflicts(knowledge, answers))
        measured = speeds(knowledge, Measurements(), given)
        return Sampler(evaluator_for(knowledge), measured, TODAY, count, seed), given

    return _sampler


def test_shares_are_what_counting_by_hand_gives():
    generator = np.random.default_rng(5)
    table = generator.random((4, 500)) * 0.1
    found = shares(list(table))
    for place in range(4):
        top = first = 0
        for draw in range(500):
            best = max(table[:, draw])
            top += table[place, draw] >= best - 0.02
            first += table[place, draw] == best
        assert found.top[place] == top / 500
        assert found.first[place] == first / 500


def test_near_twins_do_not_steal_each_others_top_share():
    generator = np.random.default_rng(5)
    one, other = generator.random(2000), generator.random(2000) - 0.1
    alone, pair = shares([one, other]), shares([one, one, other])
    assert pair.top[0] == pair.top[1] == alone.top[0]
    assert pair.first[0] + pair.first[1] == alone.first[0]


def test_drawn_weights_sum_to_one_and_stay_within_their_factors(knowledge, sampler, ordinary):
    drawn, given = sampler(ordinary)
    raw = raw_weights(knowledge, Answers(answers=ordinary), given, performance_counts=False)
    weights = drawn.weights(knowledge, raw)
    assert np.allclose(np.sum(list(weights.values()), axis=0), 1)
    assert "performance" not in weights
    groups = {one.id: one.group for one in knowledge.criteria}
    pairs = [("domain_fit", "model_supply"), ("team_fit", "ease")]
    for first, second in pairs:
        assert groups[first] == groups[second]
        ratio = weights[first] / weights[second] * (raw.criteria[second] / raw.criteria[first])
        assert ratio.min() >= 0.25
        assert ratio.max() <= 4
        # Both ends are reached: a factor of two each way, independently.
        assert ratio.min() < 0.35
        assert ratio.max() > 2.9


def test_draws_keep_to_the_spread_of_their_grade(knowledge, sampler, ordinary):
    drawn, given = sampler(ordinary)
    evaluator = evaluator_for(knowledge)
    checked = 0
    for framework in knowledge.frameworks:
        for criterion in knowledge.criteria:
            selection = evaluator.select(framework, criterion, given)
            if len(selection.facts) != 1 or len(selection.cases) != 1:
                continue
            (fact,) = selection.facts
            value = drawn.value(framework, criterion.id, dict(given))
            width = half_width(fact.grade, fact.as_of, fact.shelf_life, TODAY)
            if fact.grade == "unknown" or evaluator.derived_from(framework, criterion.id):
                continue
            assert np.abs(value.draws - fact.level / 4).max() <= width
            assert np.abs(value.draws - fact.level / 4).max() > 0.95 * width
            checked += 1
    assert checked > 50


@pytest.mark.parametrize(
    ("grade", "as_of", "shelf_life", "expected"),
    [
        ("official", "2026-11", "state", 0.125),
        ("reported", "2026-11", "state", 0.20),
        ("judgement", "2026-11", "state", 0.30),
        ("measured", "2026-11", "version", 0.125),
        ("official", "2026-08", "version", 0.125),
        ("official", "2026-07", "version", 0.225),
        ("official", "2026-02", "version", 0.225),
        ("official", "2026-01", "version", 0.325),
        ("official", "2025-11", "state", 0.125),
        ("official", "2025-10", "state", 0.225),
        ("official", "2024-11", "lasting", 0.125),
        ("official", "2024-10", "lasting", 0.225),
    ],
)
def test_what_is_past_its_shelf_life_widens_each_half_year(grade, as_of, shelf_life, expected):
    assert half_width(grade, as_of, shelf_life, TODAY) == pytest.approx(expected)


def test_a_fact_from_the_future_is_not_older_than_new():
    assert months_past("2027-03", "version", TODAY) == 0


def test_an_open_question_is_one_draw_for_all_that_depends_on_it(knowledge, sampler, ordinary):
    """With the device open, two that lack the same devices rise and fall in the same draws."""
    answers = {name: value for name, value in ordinary.items() if name != "training_hardware"}
    frameworks = {one.id: one for one in knowledge.frameworks}

    def together(answers, first, second):
        drawn, given = sampler(answers)
        pair = [
            drawn.value(frameworks[name], "hardware_fit", dict(given)).draws
            for name in (first, second)
        ]
        return np.corrcoef(pair)[0, 1]

    assert together(answers, "tensorflow", "jax") > 0.5
    # One of them drives Ascend and hardly anything else, the other everything else.
    assert together(answers, "mindspore", "tinygrad") < -0.2
    for pair in (("tensorflow", "jax"), ("mindspore", "tinygrad")):
        assert abs(together(ordinary, *pair)) < 0.1


def test_each_draw_has_the_value_of_the_answer_that_it_takes(knowledge, sampler, ordinary):
    """With the device open, a draw that takes a device lies where that device's facts put it."""
    answers = {name: value for name, value in ordinary.items() if name != "training_hardware"}
    drawn, given = sampler(answers)
    taken = drawn._option("training_hardware")
    (asked,) = [one for one in knowledge.questions if one.id == "training_hardware"]
    apart = 0
    for framework in knowledge.frameworks:
        mixed = drawn.value(framework, "hardware_fit", given).draws
        for place, option in enumerate(asked.options):
            closed, closed_given = sampler({**answers, "training_hardware": option.id})
            alone = closed.value(framework, "hardware_fit", closed_given).draws
            some = mixed[taken == place]
            assert alone.min() - 0.01 <= some.min() <= some.max() <= alone.max() + 0.01
            apart += mixed.max() > alone.max() + 0.1
    assert apart > 20


def test_an_open_question_makes_the_verdict_less_sure(knowledge, ordinary):
    def leader(answers):
        result = decide(knowledge, Answers(answers=answers), Measurements(), TODAY, draws=3000)
        return result.ranking[0]

    open_ = {**ordinary, "domain": "unknown", "training_hardware": "unknown"}
    sure, unsure = leader(ordinary), leader(open_)
    assert unsure.high - unsure.low > sure.high - sure.low


def test_more_draws_and_other_seeds_tell_the_same(knowledge, ordinary):
    """The shares are estimates; with ten thousand draws two seeds agree within two points."""
    answers = Answers(answers={**ordinary, "deployment": ("android",)})
    first, second = (
        decide(knowledge, answers, Measurements(), TODAY, seed=seed) for seed in (1, 2)
    )
    others = {one.framework: one for one in second.ranking}
    for one in first.ranking:
        assert one.score == others[one.framework].score
        assert one.top_share == pytest.approx(others[one.framework].top_share, abs=0.02)


def test_scaling_all_weights_changes_nothing(knowledge, ordinary):
    scaled = msgspec.structs.replace(
        knowledge,
        groups=tuple(
            msgspec.structs.replace(one, weight=one.weight * 4) for one in knowledge.groups
        ),
    )
    answers = Answers(answers=ordinary)
    before, after = (
        decide(base, answers, Measurements(), TODAY, draws=200) for base in (knowledge, scaled)
    )
    assert before.ranking == after.ranking


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (1.0, "nearly all"),
        (0.97, "nearly all"),
        (0.9, "in most"),
        (0.6, "more than half"),
        (0.5, "about half"),
        (0.3, "less than half"),
        (0.1, "few"),
    ],
)
def test_a_share_is_told_in_words(share, words):
    assert words in share_words(share)
