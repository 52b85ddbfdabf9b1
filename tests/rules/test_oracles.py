"""Other people's programs as oracles: the same matrix, weights and draws, the same answer.

pymcdm (MIT) ranks by the weighted sum and by three other methods; pySensMCDA (MIT) counts shares.
Neither is shipped. The other methods judge relative to who is compared, which is why the program
does not use them; how often they name the same winner is printed (`-s`).
"""

from datetime import date

import numpy as np
import pytest
from pymcdm.methods import PROMETHEE_II, TOPSIS, WPM, WSM
from pysensmcda.smaa import rank_acceptability, simulate

from rules import decide, load_knowledge
from rules.conditions import options_of
from rules.evaluation import evaluator_for
from rules.gates import ruled_out
from rules.loading import check_answers
from rules.model import Answers, Measurements
from rules.robustness import WITHIN_OF_BEST, Sampler, draw
from rules.screen import as_read, conflicts
from rules.speed import speeds
from rules.weights import raw_weights

TODAY = date(2026, 11, 21)
KNOWLEDGE = load_knowledge()


def as_they_are(column, cost):
    """No normalisation: our values are on absolute scales already."""
    assert not cost
    return column


WEIGHTED_SUM = WSM(as_they_are)
OTHERS = {
    "TOPSIS": TOPSIS(as_they_are),
    "PROMETHEE II": PROMETHEE_II("usual"),
    "weighted product": WPM(as_they_are),
}


def preferences(method, matrix, weights):
    # Their validation only warns, of what is dominated.
    return method(matrix, weights, np.ones(len(weights)), validation=False)


def answers_of(persona):
    answers = Answers(
        answers=persona.answers,
        importance=persona.importance,
        must_use=persona.must_use,
        exclude=persona.exclude,
    )
    return check_answers(answers, KNOWLEDGE)


def matrix_of(result):
    """Options x criteria and the weights, without the criteria that weigh nothing."""
    counting = [place for place, one in enumerate(result.ranking[0].contributions) if one.weight]
    matrix = [[one.contributions[place].value for place in counting] for one in result.ranking]
    weights = [result.ranking[0].contributions[place].weight for place in counting]
    return np.array(matrix), np.array(weights)


@pytest.fixture(scope="module")
def decided():
    """Every persona that leaves at least two to choose from."""
    results = {
        one.id: decide(KNOWLEDGE, answers_of(one), Measurements(), TODAY, draws=10)
        for one in KNOWLEDGE.personas
    }
    return {name: result for name, result in results.items() if len(result.ranking) > 1}


def test_the_weighted_sum_is_pymcdms(decided):
    assert len(decided) > 50
    for result in decided.values():
        matrix, weights = matrix_of(result)
        theirs = preferences(WEIGHTED_SUM, matrix, weights)
        ours = np.array([one.score for one in result.ranking])
        # Values and weights are rounded to six digits on the way out.
        assert np.abs(theirs - ours).max() < 2e-5
        apart = np.abs(np.diff(ours)) > 4e-5
        assert (np.diff(theirs)[apart] < 0).all(), "another order"


def test_other_methods_and_how_often_they_name_the_same_winner(decided):
    """A figure for people who ask, and no quality of ours: those methods rank otherwise."""
    agree = dict.fromkeys(OTHERS, 0)
    apart = {name: [] for name in OTHERS}
    for persona, result in decided.items():
        matrix, weights = matrix_of(result)
        for name, method in OTHERS.items():
            values = np.maximum(matrix, 1e-3) if name == "weighted product" else matrix
            if np.argmax(preferences(method, values, weights)) == 0:
                agree[name] += 1
            else:
                apart[name].append(persona)
    print(f"\nSame winner as the weighted sum, of {len(decided)} personas:")
    for name, count in agree.items():
        print(f"  {name:17} {count:3}  apart: {', '.join(apart[name]) or 'none'}")
    assert all(count > len(decided) / 2 for count in agree.values())


@pytest.mark.parametrize("method", OTHERS)
def test_whoever_is_best_in_everything_wins_by_every_method(decided, method):
    generator = np.random.default_rng(20261121)
    for result in decided.values():
        matrix, weights = matrix_of(result)
        place = generator.integers(len(matrix))
        matrix[place] = np.minimum(matrix.max(axis=0) + 0.01, 1.0)
        others = np.arange(len(matrix)) != place
        matrix[others] = np.minimum(matrix[others], 0.97)
        for rank in (WEIGHTED_SUM, OTHERS[method]):
            assert np.argmax(preferences(rank, np.maximum(matrix, 1e-3), weights)) == place


def drawn(answers, count):
    """Our own draws: weights (draws x criteria) and values (draws x options x criteria)."""
    given = as_read(answers.answers, conflicts(KNOWLEDGE, answers.answers))
    measured = speeds(KNOWLEDGE, Measurements(), given)
    closed = ruled_out(KNOWLEDGE, answers, given)
    left = [one for one in KNOWLEDGE.frameworks if one.id not in closed]
    evaluator = evaluator_for(KNOWLEDGE)
    raw = raw_weights(KNOWLEDGE, answers, given, performance_counts=measured.counts)
    sampler = Sampler(evaluator, measured, TODAY, count, seed=20261121)
    what_ifs = draw(sampler, KNOWLEDGE, left, raw, given)
    names = list(what_ifs.drawn_weights)
    weights = np.array([what_ifs.drawn_weights[one] for one in names]).T
    values = np.array(
        [[by[one].draws for one in names] for by in what_ifs.values.values()]
    ).transpose(2, 0, 1)
    return list(what_ifs.values), weights, values


@pytest.mark.parametrize(
    "persona", ["student", "tpu_vision_team", "mxnet_leaver", "android_beginner_team"]
)
@pytest.mark.parametrize("is_open", [False, True], ids=["all answered", "some open"])
def test_shares_are_pysensmcdas_on_the_same_draws(persona, is_open):
    """Exactly: not by other draws of the same kind, but counted anew from these."""
    answers = answers_of(next(one for one in KNOWLEDGE.personas if one.id == persona))
    if is_open:
        given = {
            name: value
            for name, value in answers.answers.items()
            if name not in ("domain", "team_experience")
        }
        answers = Answers(answers=given)
        assert not options_of(given, "domain")
    count = 600
    ours = decide(KNOWLEDGE, answers, Measurements(), TODAY, draws=count)
    names, weights, values = drawn(answers, count)
    theirs = simulate(
        WEIGHTED_SUM,
        values[0],
        np.ones(weights.shape[1]),
        weights=weights,
        matrix_samples=values,
        reverse_ranking=True,
    )
    assert theirs.n_samples == count
    first = rank_acceptability(theirs)[:, 0]
    best = theirs.preferences.max(axis=1, keepdims=True)
    top = (theirs.preferences >= best - WITHIN_OF_BEST).mean(axis=0)
    shares = {one.framework: (one.first_rank_share, one.top_share) for one in ours.ranking}
    for place, name in enumerate(names):
        assert shares[name] == (round(first[place], 6), round(top[place], 6))
