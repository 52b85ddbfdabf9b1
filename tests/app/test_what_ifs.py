"""What-ifs that people try: what a changed answer is, and what is remembered of what came out."""

from datetime import date

import msgspec
import pytest

from app.advice import advise
from app.headline import headline
from app.what_ifs import PRETENDED, WhatIf, try_out, with_option
from rules import load_knowledge
from rules.model import Answers

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def knowledge():
    return load_knowledge()


@pytest.mark.parametrize(
    ("given", "option", "wanted", "expected"),
    [
        (("android", "ios"), "ios", False, ("android",)),
        (("android",), "browser", True, ("android", "browser")),
        (("ios",), "ios", False, ("none",)),
        (("none",), "ios", True, ("ios",)),
        (("unknown",), "ios", True, ("ios",)),
        ("unknown", "ios", False, ("none",)),
        (None, "server", True, ("server",)),
        (("server",), "server", True, ("server",)),
        (("server",), "none", True, ("none",)),
    ],
    ids=str,
)
def test_a_target_more_or_less_leaves_an_answer_that_holds(given, option, wanted, expected):
    assert with_option(given, option, wanted) == expected


def test_what_can_be_pretended_is_asked_by_the_knowledge(knowledge):
    assert set(PRETENDED) <= {one.id for one in knowledge.questions}


def test_what_came_out_is_kept_in_the_words_that_were_shown(knowledge):
    answers = Answers(answers={"work": "scratch", "goal": "learn", "deployment": ("none",)})
    kept = try_out("To learn", knowledge, answers, None, TODAY)
    names = {one.id: one.name for one in (*knowledge.exits, *knowledge.frameworks)}
    assert kept.headline == headline(advise(knowledge, answers, None, TODAY), names)


def test_what_was_kept_without_words_can_still_be_read():
    old = b'{"label":"x","answers":{"answers":{}},"framework":"jax","kind":"close","top_share":0.5}'
    assert msgspec.json.decode(old, type=WhatIf).headline == ""
    long = msgspec.json.encode({**msgspec.json.decode(old), "headline": "x" * 301})
    with pytest.raises(msgspec.ValidationError, match="headline"):
        msgspec.json.decode(long, type=WhatIf)
