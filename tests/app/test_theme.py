"""The tokens can be read on each other, in every theme."""

import pytest

from app.theme import load_theme

TEXT = 4.5
LINES = 3.0


def luminance(colour: str) -> float:
    """WCAG 2.2 relative luminance of `#rrggbb`."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_the_measure_of_contrast_itself():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["background", "surface", "raised"])
@pytest.mark.parametrize("ink", ["text", "muted", "accent", "good", "warn", "bad"])
def test_text_can_be_read(theme, ground, ink):
    tokens = load_theme(theme).tokens
    assert contrast(getattr(tokens, ink), getattr(tokens, ground)) >= TEXT


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ink", ["text", "muted"])
def test_text_on_what_is_chosen_can_be_read(theme, ink):
    tokens = load_theme(theme).tokens
    assert contrast(getattr(tokens, ink), tokens.accent_soft) >= TEXT


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_on_the_accent_can_be_read(theme):
    tokens = load_theme(theme).tokens
    assert contrast(tokens.accent_text, tokens.accent) >= TEXT


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["background", "surface", "raised"])
def test_lines_that_matter_can_be_seen(theme, ground):
    tokens = load_theme(theme).tokens
    assert contrast(tokens.strong_line, getattr(tokens, ground)) >= LINES


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_framework_has_a_colour_that_can_be_seen(theme):
    loaded = load_theme(theme)
    for framework in loaded.frameworks:
        assert contrast(loaded.colour(framework), loaded.tokens.surface) >= LINES, framework
