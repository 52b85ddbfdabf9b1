"""What holds for every page, in every theme, at the smallest and at a usual size."""

import pytest

from app.gui.state import STEPS
from app.gui.window import SMALLEST
from app.theme import load_theme

SIZES = [SMALLEST, (1280, 800), (2560, 1440)]


@pytest.fixture(params=["without answers", "with answers"])
def filled_window(request, loaded_window, loaded, settle):
    """The window before anything was answered, and with a decision on it."""
    if request.param == "with answers":
        loaded.set_answer("work", "scratch")
        loaded.set_answer("domain", ("vision",))
        loaded.set_answer("goal", "production")
    settle(loaded)
    return loaded_window


@pytest.mark.parametrize("step", STEPS)
def test_every_page_keeps_the_contract(step, window):
    window.show_step(step)
    page = window.page(step)
    assert page.step_id == step
    assert page.title
    assert page.isAncestorOf(page.initial_focus())


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("step", STEPS)
def test_nothing_is_cut_off_or_lies_over_something_else(
    step, size, filled_window, loaded, settle, layout_faults
):
    filled_window.resize(*size)
    filled_window.show_step(step)
    settle(loaded)
    assert layout_faults(filled_window) == []
    assert (filled_window.width(), filled_window.height()) == size


@pytest.mark.parametrize("step", STEPS)
def test_whatever_can_be_used_has_a_name_and_is_reached_by_tab(
    step, filled_window, loaded, settle, unnamed, unreachable
):
    filled_window.show_step(step)
    settle(loaded)
    assert unnamed(filled_window) == []
    assert unreachable(filled_window) == []


@pytest.mark.parametrize("step", STEPS)
def test_a_page_follows_a_change_of_theme_while_it_is_shown(step, loaded_window, loaded, settle):
    loaded_window.show_step(step)
    settle(loaded)
    light = loaded_window.grab().toImage()
    loaded.set_theme(load_theme("dark"))
    settle(loaded)
    dark = loaded_window.grab().toImage()
    corner = (light.width() - 20, light.height() - 4)
    assert light.pixelColor(*corner).lightness() > 200
    assert dark.pixelColor(*corner).lightness() < 60
