"""Believable teams get what a reader would sign, and what is better than a rule of thumb."""

from datetime import date

import pytest

from rules import decide, load_knowledge
from rules.loading import check_answers
from rules.model import Answers, Measurements

KNOWLEDGE = load_knowledge()
TODAY = date(2026, 11, 21)
THE_USUAL_ADVICE = "pytorch"
WRONG_FOR = [one for one in KNOWLEDGE.personas if one.default_is_wrong]


def decided(persona):
    answers = Answers(
        answers=persona.answers,
        importance=persona.importance,
        must_use=persona.must_use,
        exclude=persona.exclude,
    )
    return decide(KNOWLEDGE, check_answers(answers, KNOWLEDGE), Measurements(), TODAY)


@pytest.mark.parametrize("persona", KNOWLEDGE.personas, ids=lambda one: one.id)
def test_persona(persona):
    result = decided(persona)
    verdict = result.verdict
    if persona.expect.winner:
        assert verdict.framework in persona.expect.winner
    else:
        assert verdict.framework is None
    if persona.expect.kind:
        assert verdict.kind in persona.expect.kind
    assert set(persona.expect.ruled_out) <= {one.framework for one in result.ruled_out}
    assert persona.reason


@pytest.mark.parametrize("persona", WRONG_FOR, ids=lambda one: one.id)
def test_the_usual_advice_is_wrong_for(persona):
    """ "PyTorch unless it is ruled out" would say PyTorch, or the first that is left."""
    result = decided(persona)
    ranked = [one.framework for one in result.ranking]
    usual = THE_USUAL_ADVICE if THE_USUAL_ADVICE in ranked else None
    assert result.verdict.framework != usual
    assert THE_USUAL_ADVICE not in persona.expect.winner


def test_the_usual_advice_is_wrong_often_enough_to_matter():
    assert len(WRONG_FOR) >= 12


def test_small_changes_of_weights_keep_nine_winners_of_ten():
    kept = total = 0
    for persona in KNOWLEDGE.personas:
        before = decided(persona)
        if before.screen.exit is not None or not before.ranking:
            continue
        total += 1
        kept += before.ranking[0].first_rank_share >= 0.5
    assert kept >= 0.9 * total
