"""The map of the decision as a person uses it: looks, compares, goes to a question."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from app.gui.style import token
from rules.model import Answers

GIVEN = {
    "work": "scratch",
    "domain": ("vision",),
    "goal": "production",
    "train_where": "cloud",
    "deployment": ("android",),
}


@pytest.fixture
def page(loaded_window, loaded, qtbot, settle):
    with qtbot.waitActive(loaded_window):
        loaded_window.activateWindow()
    loaded.set_answers(Answers(answers=GIVEN))
    loaded_window.show_step("questions")
    settle(loaded)
    page = loaded_window.page("questions")
    qtbot.mouseClick(page.map_button, Qt.MouseButton.LeftButton)
    settle(loaded)
    return page


def node(page, question):
    return next(one for one in page.map.canvas.nodes if one.question.id == question)


def test_the_map_takes_the_place_of_the_question_and_gives_it_back(page, loaded, qtbot, settle):
    assert page.map.isVisible()
    assert not page._scroll.isVisible()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert not page.map.isVisible()
    assert page._scroll.isVisible()


def test_a_click_opens_the_question(page, loaded, qtbot, settle):
    qtbot.mouseClick(node(page, "goal"), Qt.MouseButton.LeftButton)
    settle(loaded)
    assert page._flow.position == "goal"
    assert not page.map.isVisible()
    assert page._scroll.isVisible()


def test_keys_alone_go_through_the_map_and_open_a_question(page, loaded, qtbot, settle):
    node(page, "work").setFocus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
    assert QApplication.focusWidget() is node(page, "goal")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Up)
    assert QApplication.focusWidget() is node(page, "domain")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    settle(loaded)
    assert page._flow.position == "domain"
    assert isinstance(QApplication.focusWidget(), type(next(iter(page._view.options.values()))))


def test_both_paths_are_said_to_a_screen_reader(page):
    trained = node(page, "train_where")
    assert trained.accessibleName() == "6. Where it is trained: Your path: In a cloud"
    assert "takes for granted: On another machine of ours" in trained.accessibleDescription()
    assert "The article's path: An Android app" in node(page, "deployment").accessibleDescription()
    assert "Tables: Leads to: Classical" in node(page, "domain").accessibleDescription()


def test_the_same_stands_there_as_text(page, qtbot):
    qtbot.mouseClick(page.map.as_text, Qt.MouseButton.LeftButton)
    assert page.map.text.isVisible()
    text = page.map.text.toPlainText()
    for one in page.map.canvas.nodes:
        for sentence in one.sentences():
            assert sentence in text
    assert "Yours: " in text
    assert "TensorFlow Lite" in text


def test_the_article_nearest_to_the_answers_is_shown_until_another_is_chosen(page, loaded, settle):
    assert page.map.path().id == "advice.comparison.tree.devices"
    loaded.set_answer("deployment", ("server",))
    settle(loaded)
    assert page.map.path().id == "advice.comparison.tree.cloud"
    box = page.map.article
    box.setCurrentIndex(box.findData("advice.comparison.tree.science"))
    box.activated.emit(box.currentIndex())
    loaded.set_answer("deployment", ("android",))
    settle(loaded)
    assert page.map.path().id == "advice.comparison.tree.science"
    box.setCurrentIndex(0)
    box.activated.emit(0)
    assert page.map.path() is None
    assert "article" not in node(page, "domain").accessibleDescription()


def test_a_change_of_answers_is_drawn(page, loaded, settle):
    def chosen():
        return [one.id for one in node(page, "goal").chips if one.chosen]

    assert chosen() == ["production"]
    loaded.set_answer("goal", "research")
    settle(loaded)
    assert chosen() == ["research"]


def test_the_users_line_is_drawn_between_the_questions(page, loaded, settle, qapp):
    settle(loaded)
    canvas = page.map.canvas
    above, below = node(page, "goal").chosen_place(), node(page, "train_where").chosen_place()
    image = canvas.grab().toImage()
    accent = token(qapp.palette(), "accent")

    def accents(y):
        ratio = image.devicePixelRatio()
        row = [QColor(image.pixel(x, round(y * ratio))) for x in range(image.width())]
        return sum(one == accent for one in row)

    gap = QPointF(0, node(page, "goal").geometry().bottom() + 9)
    assert above.bottom() < gap.y() < below.top()
    assert accents(gap.y()) >= 2


@pytest.mark.parametrize("size", [(1024, 640), (1280, 800)])
def test_nothing_is_cut_off_and_everything_is_reached(
    size, page, loaded, loaded_window, settle, layout_faults, unnamed, unreachable
):
    loaded_window.resize(*size)
    settle(loaded)
    assert layout_faults(page) == []
    assert unnamed(page) == []
    assert unreachable(page) == []
