"""The questionnaire as a person walks it: by keys, by mouse, back and forth."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton

from app.gui.widgets.basic import Note, Notice
from app.gui.widgets.confirm_card import ConfirmMachine
from app.gui.widgets.question_view import QuestionView
from probes.results import Cpu, Environment, Hardware, Machine
from rules.model import Answers

CORE = [
    "work",
    "domain",
    "goal",
    "lifetime",
    "existing_code",
    "train_where",
    "training_scale",
    "deployment",
    "team_experience",
    "team_background",
]


@pytest.fixture
def machine():
    """A Linux machine without an accelerator on which nothing was measured."""
    cpu = Cpu(
        model="Test CPU 9000",
        microarchitecture=None,
        flags=(),
        physical_cores=2,
        logical_cores=2,
        usable_cores=2.0,
        quota_cores=None,
    )
    hardware = Hardware(
        cpu=cpu,
        memory_bytes=2**34,
        available_memory_bytes=2**33,
        accelerators=(),
        accelerator_notes=(),
        os="linux",
        os_version="Debian 12",
        virtualised=None,
        on_battery=None,
        governor=None,
    )
    environment = Environment(python="/py", python_version="3.11.7", kind="this", frameworks=())
    return Machine(
        run_id="test",
        started_utc="2026-11-21T10:00:00Z",
        finished_utc="2026-11-21T10:00:00Z",
        seconds=0.0,
        tier=None,
        program_version="0",
        fingerprint="f",
        hardware=hardware,
        environments=(environment,),
        frameworks=(),
        measurements=(),
    )


@pytest.fixture
def page(loaded_window, loaded, qtbot, settle):
    with qtbot.waitActive(loaded_window):
        loaded_window.activateWindow()
    loaded_window.show_step("questions")
    settle(loaded)
    return loaded_window.page("questions")


def shown_id(page):
    return page._flow.question.id


def press(qtbot, key, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(QApplication.focusWidget(), key, modifier)


def test_the_core_questions_are_answered_by_keys_alone_and_end_in_the_first_verdict(
    page, loaded, loaded_window, qtbot, settle
):
    walked = []
    while loaded_window.stack.currentWidget() is page:
        assert len(walked) < 20
        walked.append(shown_id(page))
        press(qtbot, Qt.Key.Key_1)
        press(qtbot, Qt.Key.Key_Return)
        settle(loaded)
    machine_questions = ["training_hardware", "os", "python_version"]
    assert [one for one in walked if one not in machine_questions] == CORE
    assert loaded_window.stack.currentWidget().step_id == "recommendation"
    assert loaded.recommendation is not None
    assert loaded.recommendation.machine is None


def test_a_click_on_the_one_answer_goes_on_and_a_key_waits(page, loaded, qtbot, settle):
    assert "a click goes on" in page._place.text()
    qtbot.mouseClick(page._view.options["fine_tune"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown_id(page) == "domain")
    assert loaded.answers.answers["work"] == "fine_tune"
    assert "several answers possible" in page._place.text()
    qtbot.mouseClick(page._view.options["vision"], Qt.MouseButton.LeftButton)
    settle(loaded)
    assert shown_id(page) == "domain"
    page.go_on()
    press(qtbot, Qt.Key.Key_2)
    settle(loaded)
    assert shown_id(page) == "goal"
    assert loaded.answers.answers["goal"] == "research"
    page.go_back()
    page.go_back()
    assert shown_id(page) == "work"
    assert page._view.options["fine_tune"].isChecked()
    # The answer that is chosen already is as good a click.
    qtbot.mouseClick(page._view.options["fine_tune"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown_id(page) == "lifetime")


def test_the_last_answer_before_the_verdict_waits_for_its_button(page, loaded, qtbot, settle):
    given = dict.fromkeys(CORE, "unknown")
    loaded.set_answers(Answers(answers={**given, "train_where": "cloud"}))
    page.go_to("team_experience")
    settle(loaded)
    assert page._next.text() == "See the recommendation"
    qtbot.mouseClick(page._view.options["expert"], Qt.MouseButton.LeftButton)
    settle(loaded)
    assert page.isVisible()
    assert shown_id(page) == "team_experience"


def test_enter_without_a_choice_says_that_nobody_knows(page, loaded, qtbot, settle):
    press(qtbot, Qt.Key.Key_Return)
    settle(loaded)
    assert loaded.answers.answers == {"work": "unknown"}
    assert shown_id(page) == "domain"


def test_back_leads_where_one_came_from_and_keeps_what_was_said(page, loaded, qtbot, settle):
    press(qtbot, Qt.Key.Key_2)
    press(qtbot, Qt.Key.Key_Return)
    press(qtbot, Qt.Key.Key_1)
    assert shown_id(page) == "domain"
    press(qtbot, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert shown_id(page) == "work"
    assert page._view.options["fine_tune"].isChecked()
    assert loaded.answers.answers["domain"] == ("vision",)
    assert not page._back.isEnabled()
    settle(loaded)


def test_every_question_is_one_click_away_in_the_list(page, loaded, qtbot, settle):
    for row_id, row in page._list._rows.items():
        qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
        assert shown_id(page) == row_id
        assert row.isChecked()
    settle(loaded)


def test_what_cannot_change_anything_is_skipped_said_in_the_list_and_still_open_to_an_answer(
    page, loaded, qtbot, settle
):
    page._view.options["run_only"].click()
    press(qtbot, Qt.Key.Key_Return)
    settle(loaded)
    row = page._list._rows["team_background"]
    assert "cannot change anything any more" in row.accessibleName()
    assert "An inference runtime" in row.toolTip()
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    assert shown_id(page) == "team_background"
    page._view.options["jax"].click()
    settle(loaded)
    assert "JAX" in row.accessibleName()
    assert "cannot" not in row.accessibleName()


def test_an_option_says_whom_it_would_rule_out_and_choosing_it_does(page, loaded, qtbot, settle):
    page.go_to("deployment")
    settle(loaded)
    card = page._view.options["android"]
    assert "MLX" in card.accessibleDescription()
    assert "MLX" in card.toolTip()
    qtbot.mouseClick(page._view.reasons.button, Qt.MouseButton.LeftButton)
    shown = "\n".join(one.text() for one in page._view.reasons.findChildren(Note))
    assert card.toolTip() in shown
    card.click()
    settle(loaded)
    assert "mlx" in {one.framework for one in loaded.settled.ruled_out}
    assert "MLX" in page._settled.changed.text()
    assert page._settled.isVisible()


def test_the_ranking_is_closed_until_asked_for(page, loaded, qtbot, settle):
    press(qtbot, Qt.Key.Key_1)
    settle(loaded)
    assert not page._settled.ranking.isVisible()
    qtbot.mouseClick(page._settled.ranking_button, Qt.MouseButton.LeftButton)
    assert [row.framework for row in page._settled.ranking.rows()] == [
        one.framework for one in loaded.recommendation.ranking
    ]


def test_with_the_ranking_open_the_last_answer_says_what_it_did_to_the_first_place(
    page, loaded, qtbot, settle
):
    card = page._settled
    qtbot.mouseClick(card.ranking_button, Qt.MouseButton.LeftButton)
    loaded.set_answer("goal", "production")
    settle(loaded)
    assert loaded.recommendation.ranking[0].framework == "pytorch"
    loaded.set_answer("lifetime", "one_year")
    settle(loaded)
    assert card._ranking_note.text().startswith("The last answer left PyTorch in front.")
    loaded.set_answer("domain", ("scientific",))
    loaded.set_answer("train_where", "cloud")
    settle(loaded)
    loaded.set_answer("training_hardware", "tpu")
    settle(loaded)
    assert loaded.recommendation.ranking[0].framework == "jax"
    assert card._ranking_note.text().startswith("The last answer put JAX in front of PyTorch.")


def test_contradictory_answers_are_shown_and_mended_with_one_click(page, loaded, qtbot, settle):
    loaded.set_answer("train_where", "other_machine")
    loaded.set_answer("training_hardware", "tpu")
    loaded.set_answer("os", "windows")
    settle(loaded)
    conflict = next(one for one in loaded.settled.conflicts if one.set)
    notice = next(one for one in page.findChildren(Notice) if conflict.question in one.text.text())
    repair = notice.findChildren(QPushButton)[0]
    qtbot.mouseClick(repair, Qt.MouseButton.LeftButton)
    settle(loaded)
    assert loaded.answers.answers["os"] == conflict.set["os"]
    assert conflict.id not in {one.id for one in loaded.settled.conflicts}


def test_what_the_machine_answers_stands_on_one_card_with_its_origin(
    page, loaded, qtbot, settle, machine
):
    loaded.set_machine(machine)
    loaded.set_answer("train_where", "this_machine")
    page.go_to("training_hardware")
    settle(loaded)
    assert isinstance(page._view, ConfirmMachine)
    texts = " ".join(one.text() for one in page._view.findChildren(Note))
    assert "Test CPU 9000" in texts
    assert "Debian 12" in texts
    assert "/py" in texts
    qtbot.mouseClick(page._next, Qt.MouseButton.LeftButton)
    settle(loaded)
    answers = loaded.answers.answers
    assert (answers["training_hardware"], answers["os"]) == ("cpu", "linux")
    assert answers["python_version"] == "3.11"
    assert shown_id(page) not in ("training_hardware", "os", "python_version")
    page.go_back()
    assert isinstance(page._view, ConfirmMachine)


def test_what_the_machine_answers_can_be_changed_by_hand(page, loaded, qtbot, settle, machine):
    loaded.set_machine(machine)
    loaded.set_answer("train_where", "this_machine")
    page.go_to("os")
    page._view.change_wanted.emit("os")
    assert isinstance(page._view, QuestionView)
    page._view.options["windows"].click()
    page.go_on()
    settle(loaded)
    assert loaded.answers.answers["os"] == "windows"


def test_the_list_tells_what_was_read_from_the_machine_and_what_somebody_said(
    page, loaded, settle, machine
):
    def told():
        return page._list._rows["os"].accessibleName()

    loaded.set_machine(machine)
    loaded.set_answer("train_where", "this_machine")
    settle(loaded)
    assert told().endswith("Linux, read from the machine")
    loaded.set_answer("os", "windows")
    settle(loaded)
    assert told().endswith(": Windows")


def test_for_another_machine_nothing_is_filled_in(page, loaded, qtbot, settle, machine):
    loaded.set_machine(machine)
    loaded.set_answer("train_where", "cloud")
    page.go_to("training_hardware")
    settle(loaded)
    assert isinstance(page._view, QuestionView)
    assert "os" not in loaded.answers.answers


def test_in_a_narrow_window_what_is_settled_takes_the_place_of_the_question(
    page, loaded_window, loaded, qtbot, settle
):
    loaded_window.resize(1024, 640)
    settle(loaded)
    assert not page._settled.isVisible()
    qtbot.mouseClick(page._side_button, Qt.MouseButton.LeftButton)
    assert page._settled.isVisible()
    assert not page._view.isVisible()
    qtbot.mouseClick(page._close_side, Qt.MouseButton.LeftButton)
    assert page._view.isVisible()


def test_answers_from_a_file_show_on_the_question_that_is_open(page, loaded, qtbot, settle):
    loaded.set_answer("work", "run_only")
    assert page._view.options["run_only"].isChecked()
    loaded.start_anew()
    assert shown_id(page) == "work"
    assert not any(card.isChecked() for card in page._view.options.values())
    settle(loaded)
