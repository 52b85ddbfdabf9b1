"""The tokens can be read on each other and told apart, in every theme."""

from itertools import combinations

import numpy as np
import pytest

from app.theme import THEMES, choose_theme, load_theme
from rules import load_knowledge

TEXT = 4.5
HIGH_CONTRAST_TEXT = 7.0
LINES = 3.0
APART = 0.08
"""In OKLab, where about 0.02 is just noticeable side by side; marks stand apart from each other."""
VISION = ("vision_light", "vision_dark")
LIVE = tuple(
    one.id for one in load_knowledge().frameworks if one.lifecycle in ("active", "maintenance")
)

# Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", IEEE TVCG 15 (2009), p. 1291: severity 1.0, applied to linear RGB.
SIMULATED = {
    "ordinary vision": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
# Ottosson, "A perceptual color space for image processing" (2020): linear sRGB to OKLab.
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def linear(colour: str) -> np.ndarray:
    """`#rrggbb` without sRGB's gamma, as WCAG 2.2 has it."""
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(first: str, second: str) -> float:
    weights = np.array([0.2126, 0.7152, 0.0722])
    low, high = sorted((float(weights @ linear(first)), float(weights @ linear(second))))
    return (high + 0.05) / (low + 0.05)


def distance(first: str, second: str, vision: str) -> float:
    """How far apart two colours are to somebody with that vision."""
    first_lab, second_lab = (
        TO_LAB @ np.cbrt(TO_CONES @ np.clip(SIMULATED[vision] @ linear(one), 0, 1))
        for one in (first, second)
    )
    return float(np.linalg.norm(first_lab - second_lab))


def text_contrast(theme: str) -> float:
    return HIGH_CONTRAST_TEXT if theme.startswith("contrast") else TEXT


def test_the_measures_themselves():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert distance("#000000", "#ffffff", "ordinary vision") == pytest.approx(1, abs=1e-6)
    # The classic pair of colours that a deuteranope mixes up.
    assert distance("#b06800", "#5c8200", "ordinary vision") > 0.1
    assert distance("#b06800", "#5c8200", "deuteranopia") < 0.06


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ink", ["text", "muted", "accent", "good", "warn", "bad"])
def test_text_can_be_read(theme, ink):
    tokens = load_theme(theme).tokens
    for ground in ("background", "surface", "raised"):
        found = contrast(getattr(tokens, ink), getattr(tokens, ground))
        assert found >= text_contrast(theme), ground


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ink", ["text", "muted", "accent"])
def test_text_on_what_is_chosen_can_be_read(theme, ink):
    tokens = load_theme(theme).tokens
    assert contrast(getattr(tokens, ink), tokens.accent_soft) >= text_contrast(theme)


@pytest.mark.parametrize("theme", THEMES)
def test_words_on_the_accent_can_be_read(theme):
    tokens = load_theme(theme).tokens
    assert contrast(tokens.accent_text, tokens.accent) >= text_contrast(theme)


@pytest.mark.parametrize("theme", THEMES)
def test_lines_that_matter_can_be_seen(theme):
    tokens = load_theme(theme).tokens
    for ground in ("background", "surface", "raised"):
        assert contrast(tokens.strong_line, getattr(tokens, ground)) >= LINES, ground


@pytest.mark.parametrize("theme", ["contrast_light", "contrast_dark"])
def test_in_high_contrast_every_line_can_be_seen(theme):
    tokens = load_theme(theme).tokens
    for ground in ("background", "surface", "raised"):
        assert contrast(tokens.line, getattr(tokens, ground)) >= LINES, ground


@pytest.mark.parametrize("theme", THEMES)
def test_every_framework_has_a_colour_that_can_be_seen(theme):
    loaded = load_theme(theme)
    for framework in loaded.frameworks:
        assert contrast(loaded.colour(framework), loaded.tokens.surface) >= LINES, framework


@pytest.mark.parametrize("theme", THEMES)
def test_frameworks_are_told_apart_by_shape_where_colour_does_not_reach(theme):
    """Colour is never the only carrier: each that can be recommended has a marker of its own."""
    loaded = load_theme(theme)
    assert len({loaded.marker(framework) for framework in LIVE}) == len(LIVE)
    assert len({loaded.colour(framework) for framework in LIVE}) == len(LIVE)


@pytest.mark.parametrize("vision", SIMULATED)
@pytest.mark.parametrize("theme", VISION)
def test_frameworks_keep_apart_for_all_kinds_of_colour_vision(theme, vision):
    loaded = load_theme(theme)
    # The retired ones are grey, all alike: that grey is no live framework's colour.
    for first, second in combinations((*LIVE, "mxnet"), 2):
        apart = distance(loaded.colour(first), loaded.colour(second), vision)
        assert apart >= APART, f"{first} and {second}: {apart:.3f}"


@pytest.mark.parametrize("vision", SIMULATED)
@pytest.mark.parametrize("theme", VISION)
def test_good_warn_and_bad_keep_apart_for_all_kinds_of_colour_vision(theme, vision):
    tokens = load_theme(theme).tokens
    for first, second in combinations((tokens.good, tokens.warn, tokens.bad), 2):
        assert distance(first, second, vision) >= APART


def test_what_was_set_outranks_the_system_and_what_was_left_open_follows_it():
    def chosen(ground, colours, is_dark=False, contrast=False):
        return choose_theme(ground, colours, system_is_dark=is_dark, system_wants_contrast=contrast)

    assert chosen("system", "system") == "light"
    assert chosen("system", "system", is_dark=True) == "dark"
    assert chosen("system", "system", contrast=True) == "contrast_light"
    assert chosen("light", "standard", is_dark=True, contrast=True) == "light"
    assert chosen("dark", "contrast") == "contrast_dark"
    assert chosen("system", "vision", is_dark=True, contrast=True) == "vision_dark"
    assert {
        chosen(ground, colours)
        for ground in ("light", "dark")
        for colours in ("standard", "contrast", "vision")
    } == set(THEMES)
