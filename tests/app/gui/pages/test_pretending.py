"""Pretending another machine or target: the advice follows, the answers stay pinned."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from app.gui.recommendation.pretend import Pretend
from rules.model import Answers

GIVEN = {
    "work": "scratch",
    "domain": ("vision",),
    "goal": "production",
    "train_where": "other_machine",
    "training_hardware": "nvidia_gpu",
    "os": "linux",
    "deployment": ("android", "ios"),
}


@pytest.fixture
def asked():
    return []


@pytest.fixture
def card(real_knowledge, shown, asked):
    card = Pretend()
    card.set_knowledge(real_knowledge)
    card.pretended.connect(lambda *change: asked.append(change))
    card.show_answers(Answers(answers=GIVEN), {}, "")
    return shown(card)


def test_what_was_answered_stands_first_and_is_chosen(card):
    hardware = card.choices["training_hardware"]
    assert hardware.currentText() == "As answered: An NVIDIA GPU"
    assert hardware.currentIndex() == 0
    assert {name for name, one in card.targets.items() if one.isChecked()} == {"android", "ios"}
    assert not card.back.isVisible()


def test_another_machine_is_one_choice(card, asked, qtbot):
    hardware = card.choices["training_hardware"]
    hardware.setFocus()
    hardware.setCurrentIndex(hardware.findData("tpu"))
    hardware.activated.emit(hardware.currentIndex())
    assert asked == [("training_hardware", "tpu")]
    card.show_answers(
        Answers(answers={**GIVEN, "training_hardware": "tpu"}),
        {"training_hardware": "nvidia_gpu"},
        "Choose PyTorch",
    )
    assert hardware.currentData() == "tpu"
    assert hardware.itemText(0) == "As answered: An NVIDIA GPU"
    assert card.told.text() == "Without pretending: Choose PyTorch."
    assert card.back.isVisible()
    hardware.setCurrentIndex(0)
    hardware.activated.emit(0)
    assert asked[1:] == [("training_hardware", "nvidia_gpu")]


def test_a_target_is_dropped_and_another_taken_by_one_click_each(card, asked, qtbot):
    qtbot.mouseClick(card.targets["ios"], Qt.MouseButton.LeftButton)
    qtbot.keyClick(card.targets["browser"], Qt.Key.Key_Space)
    assert asked == [
        ("deployment", ("android",)),
        ("deployment", ("android", "ios", "browser")),
    ]


def test_an_answer_that_is_open_is_said_to_be(card):
    card.show_answers(Answers(answers={"os": "unknown"}), {}, "")
    assert card.choices["os"].currentText() == "As answered: left open"
    assert not any(one.isChecked() for one in card.targets.values())


def test_the_wheel_scrolls_past_without_changing_anything(card, asked):
    hardware = card.choices["training_hardware"]
    wheel = QWheelEvent(
        QPointF(5, 5),
        QPointF(hardware.mapToGlobal(QPoint(5, 5))),
        QPoint(0, 0),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(hardware, wheel)
    assert hardware.currentIndex() == 0
    assert asked == []


def test_the_advice_follows_and_the_answers_come_back(loaded_window, loaded, settle, qtbot):
    for question, answer in GIVEN.items():
        loaded.set_answer(question, answer)
    settle(loaded)
    loaded_window.show_step("recommendation")
    page = loaded_window.page("recommendation")
    page.complete()
    settle(loaded)
    before = loaded.recommendation
    card = page.what_if.pretend
    hardware = card.choices["training_hardware"]
    hardware.setCurrentIndex(hardware.findData("tpu"))
    hardware.activated.emit(hardware.currentIndex())
    card.targets["ios"].click()
    settle(loaded)
    page.complete()
    assert loaded.answers.answers["training_hardware"] == "tpu"
    assert loaded.answers.answers["deployment"] == ("android",)
    assert loaded.recommendation.ranking != before.ranking
    assert card.told.text().startswith("Without pretending: ")
    assert "TPU" in loaded.what_if_label()
    # An answer given elsewhere is an answer, and not taken back with what was pretended.
    loaded.set_answer("deployment", ("server",))
    settle(loaded)
    page.complete()
    card.back.click()
    settle(loaded)
    assert loaded.answers.answers == {**GIVEN, "deployment": ("server",)}
    page.complete()
    assert not card.back.isVisibleTo(page)
