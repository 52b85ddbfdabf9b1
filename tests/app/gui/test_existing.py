"""I already use one: by hand or from the project's own files, to the advice to stay or to move."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QLabel

from app.gui.widgets.basic import Notice
from app.paths import ASSETS
from rules import load_answers

BANK = ASSETS / "examples" / "bank-tfx-estate.yaml"
LEAVER = ASSETS / "examples" / "retailer-leaving-mxnet.yaml"


def notices(window):
    return [one.text.text() for one in window.findChildren(Notice) if one.isVisible()]


def drop(window, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    window.dropEvent(
        QDropEvent(
            QPointF(10, 10),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )


@pytest.fixture
def requirements(tmp_path):
    path = tmp_path / "requirements.txt"
    path.write_text("mxnet-cu112==1.9.1\ngluoncv\ntorchserve\n??\n")
    return path


@pytest.fixture
def card(loaded_window, qtbot):
    """The card that the start page's entry opens."""
    start = loaded_window.page("start")
    qtbot.mouseClick(start.migrate, Qt.MouseButton.LeftButton)
    return start.existing


def current(window):
    return window.stack.currentWidget().step_id


def said(widget):
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if not one.isHidden())


def test_a_dropped_file_fills_the_answer_in_and_says_what_has_ended(
    loaded_window, loaded, qtbot, settle, requirements
):
    with qtbot.waitSignal(loaded.existing_read, timeout=30_000):
        drop(loaded_window, requirements)
    assert loaded.answers.answers == {"existing_code": ("mxnet",)}
    assert loaded.answers.existing_components == ("gluoncv", "torchserve")
    assert current(loaded_window) == "questions"
    (told,) = notices(loaded_window)
    assert told.splitlines() == [
        "requirements.txt asks for mxnet-cu112==1.9.1; known libraries beside: 2.",
        "Apache MXNet (requirements.txt:1) has been retired; instead: PyTorch.",
        "GluonCV (requirements.txt:2) has been retired; instead: timm.",
        "TorchServe (requirements.txt:3) has been retired; instead: Triton Inference Server.",
        "Not read: ?? (requirements.txt:4), is no requirement that this program can read.",
    ]
    settle(loaded)


def test_given_answers_stay_and_the_difference_is_told(
    loaded_window, loaded, qtbot, settle, requirements
):
    before = load_answers(BANK, loaded.knowledge)
    loaded.set_answers(before)
    with qtbot.waitSignal(loaded.existing_read, timeout=30_000):
        loaded_window.open_path(requirements)
    assert loaded.answers.answers == before.answers
    assert (
        "your answers say TensorFlow 2, and requirements.txt names Apache MXNet; your answers count"
        in (notices(loaded_window)[0])
    )
    assert current(loaded_window) == "recommendation"
    settle(loaded)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("requirements.txt", b"\xff\xfe\x00", "is not UTF-8 text"),
        ("requirements.txt", b"-r ../secret.txt\n", "outside of this file's folder"),
        ("pyproject.toml", b"[project\n", "pyproject.toml:1: is no valid TOML"),
        ("environment.yml", b"name: x\n", "lists no dependencies"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_changes_nothing(
    loaded_window, loaded, qtbot, settle, tmp_path, name, content, told
):
    path = tmp_path / name
    path.write_bytes(content)
    before = loaded.answers
    with qtbot.waitSignal(loaded.failed, timeout=30_000):
        drop(loaded_window, path)
    assert told in notices(loaded_window)[0]
    assert loaded.answers == before
    settle(loaded)


def test_a_file_named_before_the_knowledge_is_there_is_read_when_it_is(
    window, state, qtbot, settle, requirements
):
    window.open_path(requirements)
    with qtbot.waitSignal(state.existing_read, timeout=30_000):
        state.load_knowledge()
    assert state.answers.answers == {"existing_code": ("mxnet",)}
    settle(state)


def test_the_entry_of_its_own_takes_several_and_goes_on_with_the_questions(
    loaded_window, loaded, card, qtbot, settle
):
    assert not card.go.isEnabled()
    qtbot.mouseClick(card.choices["keras"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(card.choices["tensorflow1"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(card.go, Qt.MouseButton.LeftButton)
    assert loaded.answers.answers["existing_code"] == ("tensorflow1", "keras")
    assert current(loaded_window) == "questions"
    # What was chosen once is not chosen again for the next one.
    assert not card.go.isEnabled()
    settle(loaded)


def test_the_entry_of_its_own_reads_a_file(
    loaded_window, loaded, card, qtbot, settle, requirements, monkeypatch
):
    monkeypatch.setattr(
        QFileDialog, "getOpenFileName", lambda *_args, **_options: (str(requirements), "")
    )
    with qtbot.waitSignal(loaded.existing_read, timeout=30_000):
        qtbot.mouseClick(card.file, Qt.MouseButton.LeftButton)
    assert loaded.answers.answers == {"existing_code": ("mxnet",)}
    assert not loaded_window.page("start").migrate.isChecked()
    settle(loaded)


def test_what_was_chosen_by_hand_counts_before_what_the_file_says(
    loaded_window, loaded, card, qtbot, settle, requirements, monkeypatch
):
    monkeypatch.setattr(
        QFileDialog, "getOpenFileName", lambda *_args, **_options: (str(requirements), "")
    )
    qtbot.mouseClick(card.choices["pytorch"], Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(loaded.existing_read, timeout=30_000):
        qtbot.mouseClick(card.file, Qt.MouseButton.LeftButton)
    assert loaded.answers.answers == {"existing_code": ("pytorch",)}
    assert "your answers say PyTorch" in notices(loaded_window)[0]
    settle(loaded)


def test_a_way_out_tells_what_becomes_of_the_code(stay_or_move, tmp_path):
    path = tmp_path / "answers.yaml"
    path.write_text(
        "schema: framework-advisor/answers/1\n"
        "answers: {work: run_only, deployment: [server], existing_code: [tensorflow1]}\n"
    )
    shown = said(stay_or_move(path))
    assert "What becomes of the code you have" in shown
    assert "TensorFlow 1" in shown
    assert "Nothing has to be rewritten" in shown


@pytest.fixture
def stay_or_move(loaded_window, loaded, settle):
    """The card on the recommendation page, for an answers file."""

    def _show(path):
        loaded.set_answers(load_answers(path, loaded.knowledge))
        settle(loaded)
        loaded_window.show_step("recommendation")
        settle(loaded)
        return loaded_window.page("recommendation").stay_or_move

    return _show


def test_who_should_move_reads_where_to_at_what_cost_and_why_it_cannot_stay(stay_or_move):
    card = stay_or_move(LEAVER)
    shown = said(card)
    assert card.isVisible()
    assert "Move to PyTorch" in shown
    assert "From Apache MXNet to PyTorch" in shown
    assert "medium effort" in shown
    assert "Why it cannot stay: The Apache foundation" in shown
    assert "Replace GluonCV by timm" in shown


def test_who_should_stay_reads_that_first(stay_or_move):
    card = stay_or_move(BANK)
    assert "Stay with TensorFlow" in said(card)
    assert "nothing has to move" in said(card)


def test_a_fresh_start_has_nothing_to_stay_with(stay_or_move):
    assert not stay_or_move(ASSETS / "examples" / "student.yaml").isVisible()


def test_the_steps_are_one_click_away(stay_or_move, loaded_window, qtbot, qapp):
    card = stay_or_move(LEAVER)
    bar = loaded_window.page("recommendation").column.verticalScrollBar()
    bar.setValue(0)
    qtbot.mouseClick(card.steps, Qt.MouseButton.LeftButton)
    assert bar.value() > 0


def test_the_entry_opened_before_the_knowledge_is_there_fills_when_it_is(window, state, qtbot):
    start = window.page("start")
    qtbot.mouseClick(start.migrate, Qt.MouseButton.LeftButton)
    assert start.existing.choices == {}
    assert not start.existing.file.isEnabled()
    with qtbot.waitSignal(state.knowledge_loaded, timeout=30_000):
        state.load_knowledge()
    assert "mxnet" in start.existing.choices
    assert start.existing.file.isEnabled()


def test_each_special_need_is_answered_on_the_page(loaded_window, loaded, settle):
    loaded.set_answers(
        load_answers(
            ASSETS / "examples" / "physicists-differentiable-simulator.yaml", loaded.knowledge
        )
    )
    settle(loaded)
    loaded_window.show_step("recommendation")
    settle(loaded)
    shown = said(loaded_window.page("recommendation").next)
    assert "Your special needs" in shown
    assert "Second or higher derivatives" in shown


class TestOverride:
    def test_a_fact_counts_as_its_person_says_until_it_is_taken_back(self, loaded, settle):
        fact = next(one for each in loaded.knowledge.frameworks for one in each.facts)
        level = 0 if fact.level else 4
        loaded.set_answer("work", "fine_tune")
        loaded.set_override(fact.id, level, "  tried here  ")
        assert loaded.answers.override[fact.id].level == level
        assert loaded.answers.override[fact.id].reason == "tried here"
        settle(loaded)
        assert fact.id in loaded.recommendation.knowledge.overridden
        loaded.clear_override(fact.id)
        assert loaded.answers.override == {}
        settle(loaded)
        assert loaded.recommendation.knowledge.overridden == ()

    @pytest.mark.parametrize(
        ("fact_id", "level", "reason", "told"),
        [
            ("nobody.knows.this", 2, "why not", "is no fact"),
            (None, 5, "why not", "5 is no level"),
            (None, 2, "  ", "say why"),
        ],
    )
    def test_what_cannot_be_is_refused(self, loaded, settle, fact_id, level, reason, told):
        fact = next(one for each in loaded.knowledge.frameworks for one in each.facts)
        with pytest.raises(ValueError, match=told):
            loaded.set_override(fact_id or fact.id, level, reason)
        assert loaded.answers.override == {}
        settle(loaded)
