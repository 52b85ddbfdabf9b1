"""Who asks why not another framework also learns what would have to be otherwise."""

import msgspec
from PySide6.QtWidgets import QLabel

from app.gui.recommendation.reasons import WhyNotCard
from app.gui.recommendation.words import Lookup
from app.theme import load_theme

LEVEL = "Keras would draw level at level 4 of domain fit."


def test_what_would_draw_it_level_stands_below_what_it_loses_by(
    recommend, knowledge, shown, at_rest
):
    advice = recommend()
    why_not = tuple(
        msgspec.structs.replace(one, draws_level_sentence=LEVEL)
        if one.framework == "keras"
        else one
        for one in advice.why_not
    )
    card = shown(WhyNotCard(load_theme("light")))
    card.show_advice(msgspec.structs.replace(advice, why_not=why_not), Lookup.of(knowledge))
    card.choose("keras")
    at_rest()
    texts = [one.text() for one in card.findChildren(QLabel) if one.isVisible()]
    loses = next(text for text in texts if "Keras loses most on domain fit." in text)
    assert texts.index(LEVEL) == texts.index(loses) + 1
    card.choose("jax")
    at_rest()
    assert LEVEL not in [one.text() for one in card.findChildren(QLabel) if one.isVisible()]
