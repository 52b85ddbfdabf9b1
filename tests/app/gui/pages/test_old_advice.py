"""The recommendation page says what older guides advise for answers like these."""

import pytest
from PySide6.QtCore import Qt

from app.gui.widgets.basic import Text
from app.gui.widgets.evidence import EvidenceBadge

TPU = {"training_hardware": "tpu", "domain": ("llm",), "goal": "research", "work": "fine_tune"}


@pytest.fixture
def page(loaded_window, loaded, settle):
    for question, answer in TPU.items():
        loaded.set_answer(question, answer)
    settle(loaded)
    loaded_window.show_step("recommendation")
    page = loaded_window.page("recommendation")
    page.complete()
    settle(loaded)
    return page


def shown(card):
    return [label.text() for label in card.findChildren(Text) if label.isVisibleTo(card)]


def test_what_no_longer_holds_for_these_answers_is_told_first(page):
    said = shown(page.old_advice)
    assert page.old_advice.isVisibleTo(page)
    assert "Language models of billions of parameters on a TPU pod" in said
    assert any(one.startswith("Then: TensorFlow, whose native TPU support") for one in said)
    assert any(one.startswith("Now: Today the rules put JAX first") for one in said)


def test_every_piece_opens_its_sources(page):
    badges = page.old_advice.findChildren(EvidenceBadge)
    assert len(badges) == 4


def test_all_of_it_is_one_click_away(page, loaded_window, loaded, settle, qtbot):
    qtbot.mouseClick(page.old_advice.all, Qt.MouseButton.LeftButton)
    settle(loaded)
    browser = loaded_window.page("knowledge")
    assert browser.isVisible()
    assert browser.then_and_now.isVisible()
    assert browser.then_and_now.table.shown()


def test_it_follows_the_answers(page, loaded, settle):
    loaded.set_answer("training_hardware", "nvidia_gpu")
    loaded.set_answer("domain", ("tabular",))
    settle(loaded)
    page.complete()
    settle(loaded)
    assert "Language models of billions of parameters on a TPU pod" not in shown(page.old_advice)


def test_a_concept_can_be_asked_for_by_its_id(loaded_window, loaded, settle):
    loaded_window.show_step("knowledge")
    settle(loaded)
    loaded.view_wanted.emit("sharding")
    settle(loaded)
    assert loaded_window.page("knowledge").concepts.card.title.text() == "Sharding"
