"""The window as a person meets it: steps, files, notices, themes, and an end without leftovers."""

import errno
import json
import threading
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox

import app.sessions
import rules
from app.advice import advise
from app.gui import system_look
from app.gui.state import STEPS
from app.gui.tabbing import tab_stops
from app.gui.widgets.basic import Notice, QuietButton
from app.gui.window import MainWindow
from app.kept import kept_sessions
from app.paths import ASSETS
from app.report import build, write
from app.sessions import Session, save_session
from app.settings import load_settings

SCHEMA = "schema: framework-advisor/answers/1\n"
STUDENT = ASSETS / "examples" / "student.yaml"


def notices(window):
    return [one.text.text() for one in window.findChildren(Notice) if one.isVisible()]


def drop(window, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    window.dropEvent(
        QDropEvent(
            QPointF(10, 10),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )


def test_every_step_is_one_click_and_one_shortcut_away(window, qtbot):
    window.activateWindow()
    for number, step in enumerate(STEPS, start=1):
        qtbot.mouseClick(window.step_buttons[step], Qt.MouseButton.LeftButton)
        assert window.stack.currentWidget() is window.page(step)
        window.show_step("start")
        qtbot.keyClick(
            window, Qt.Key(Qt.Key.Key_0.value + number), Qt.KeyboardModifier.ControlModifier
        )
        assert window.stack.currentWidget() is window.page(step)
        assert window.step_buttons[step].isChecked()


def test_pages_are_made_when_they_are_first_shown(window):
    assert set(window.pages) == {"start"}
    window.show_step("settings")
    assert set(window.pages) == {"start", "settings"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SCHEMA + "answers: {domain: [visoin]}\n", "vision"),
        (SCHEMA + "answers: [\n", "bad.yaml:3"),
        ("schema: framework-advisor/answers/9\nanswers: {}\n", "framework-advisor/answers/9"),
        (SCHEMA + "answers: {colour: red}\n", "colour"),
        ('{"schema": "framework-advisor/machine/1", "run_id": ', "bad.yaml"),
        ('{"schema": "framework-advisor/session/99"}', "framework-advisor/session/99"),
        ('{"schema": "framework-advisor/session/1", "answers": ', "bad.yaml"),
        ('{"schema": "somebody-else/1"}', "somebody-else/1"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_place_and_the_window_goes_on(
    text, told, loaded_window, loaded, qtbot, settle, tmp_path
):
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    before = loaded.answers
    with qtbot.waitSignal(loaded.failed):
        drop(loaded_window, path)
    assert told in notices(loaded_window)[0]
    assert loaded.answers == before
    drop(loaded_window, STUDENT)
    with qtbot.waitSignal(loaded.recommendation_changed, timeout=30_000):
        pass
    settle(loaded)
    assert notices(loaded_window) == []
    assert loaded_window.stack.currentWidget().step_id == "recommendation"


def test_a_missing_file_is_told_with_its_name(loaded_window, loaded, qtbot, tmp_path):
    with qtbot.waitSignal(loaded.failed):
        loaded_window.open_path(tmp_path / "gone.yaml")
    assert "gone.yaml" in notices(loaded_window)[0]


def test_a_notice_can_be_dismissed(window, qtbot):
    window.show_failure("the disk is full")
    dismiss = window.findChild(Notice).findChild(QuietButton)
    qtbot.mouseClick(dismiss, Qt.MouseButton.LeftButton)
    assert notices(window) == []


def test_a_file_named_before_the_knowledge_is_there_is_opened_when_it_is(window, state, qtbot):
    state.open_file(STUDENT)
    with qtbot.waitSignal(state.file_opened, timeout=30_000):
        state.load_knowledge()
    assert state.answers.answers


def test_a_session_comes_back_as_it_was(loaded, qtbot, settle, tmp_path):
    loaded.set_answer("work", "scratch")
    loaded.set_answer("domain", ("vision", "language"))
    loaded.set_importance("performance", 2)
    path = tmp_path / "mine.json"
    with qtbot.waitSignal(loaded.file_saved):
        loaded.save_session(path)
    saved = loaded.answers
    loaded.start_anew()
    with qtbot.waitSignal(loaded.file_opened):
        loaded.open_file(path)
    assert loaded.answers == saved
    assert loaded.session_path == path
    assert str(path) == loaded.settings.recent[0]
    settle(loaded)


def test_a_folder_that_cannot_be_written_is_told_and_nothing_is_half_written(
    loaded_window, loaded, qtbot, tmp_path
):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be", encoding="utf-8")
    loaded.set_answer("work", "scratch")
    with qtbot.waitSignal(loaded.failed):
        loaded.save_session(blocked / "mine.json")
    assert "blocked" in notices(loaded_window)[0]
    assert loaded.session_path is None


def test_the_running_session_is_kept_without_being_asked(loaded, qtbot, settle, fresh_home):
    with qtbot.waitSignal(loaded.session_kept):
        loaded.set_answer("work", "fine_tune")
    (kept,) = kept_sessions()
    assert kept.parent == fresh_home / "data" / "sessions"
    assert "fine_tune" in kept.read_text(encoding="utf-8")


def test_answers_put_away_by_a_new_start_can_be_brought_back(loaded_window, loaded, qtbot, settle):
    loaded.set_answer("work", "fine_tune")
    before = loaded.answers
    loaded_window.page("start").new.click()
    assert loaded.answers.answers == {}
    assert loaded_window.stack.currentWidget().step_id == "questions"
    notice = next(one for one in loaded_window.findChildren(Notice) if one.isVisible())
    back = next(one for one in notice.findChildren(QuietButton) if "back" in one.text())
    qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    assert loaded.answers == before
    settle(loaded)


def test_every_example_can_be_opened_from_the_start_page(loaded, qtbot, settle):
    paths = sorted((ASSETS / "examples").glob("*.yaml"))
    assert len(paths) >= 8
    for path in paths:
        with qtbot.waitSignal(loaded.file_opened):
            loaded.open_file(path)
        assert loaded.answers.answers
    settle(loaded)


def test_the_theme_chosen_in_the_settings_counts_at_once_and_is_kept(window, state, settle):
    page = window.page("settings")
    page._themes["dark"].click()
    assert state.theme.name == "dark"
    settle(state)
    assert load_settings().theme == "dark"
    assert QApplication.palette().window().color().lightness() < 60


def test_colours_for_all_kinds_of_vision_can_be_chosen(window, state, settle):
    page = window.page("settings")
    page._colours["vision"].click()
    assert state.theme.name == "vision_light"
    page._themes["dark"].click()
    assert state.theme.name == "vision_dark"
    settle(state)
    assert (load_settings().theme, load_settings().colours) == ("dark", "vision")


def test_a_change_of_the_systems_look_is_followed_while_the_window_is_open(
    window, state, monkeypatch
):
    asks_for = ["contrast_dark"]
    monkeypatch.setattr("app.gui.window.theme_name", lambda settings: asks_for[0])
    hints = QGuiApplication.styleHints()
    hints.accessibility().contrastPreferenceChanged.emit(Qt.ContrastPreference.HighContrast)
    assert state.theme.name == "contrast_dark"
    asks_for[0] = "dark"
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert state.theme.name == "dark"
    assert QApplication.palette().window().color().name() == state.theme.tokens.background


@pytest.mark.parametrize(
    ("set_here", "system", "expected"),
    [
        (False, "NoPreference", False),
        (False, "ReducedMotion", True),
        (True, "NoPreference", True),
        (False, None, False),  # a Qt that does not tell
    ],
)
def test_nothing_moves_where_the_settings_or_the_system_ask_for_it(
    set_here, system, expected, state, monkeypatch
):
    told = {} if system is None else {"motionPreference": lambda: SimpleNamespace(name=system)}
    hints = SimpleNamespace(accessibility=lambda: SimpleNamespace(**told))
    monkeypatch.setattr(system_look.QGuiApplication, "styleHints", lambda: hints)
    state.change_settings(reduced_motion=set_here)
    assert state.reduced_motion is expected


def test_the_window_opens_as_large_as_it_was_left(window, state, settle):
    window.resize(1500, 900)
    window.close()
    assert state.settings.geometry
    assert load_settings().geometry == state.settings.geometry


def test_closing_leaves_no_thread(loaded_window, loaded):
    loaded.set_answer("work", "scratch")
    loaded_window.close()
    assert not {one.name for one in threading.enumerate()} & {"background", "probe"}


def test_an_answer_given_just_before_closing_is_not_lost(loaded_window, loaded):
    loaded.set_answer("work", "run_only")
    loaded_window.close()
    (kept,) = kept_sessions()
    assert "run_only" in kept.read_text(encoding="utf-8")


@pytest.fixture
def changed(loaded_window, loaded, qtbot, tmp_path):
    """A window whose session holds one answer more than its file, closed; and what it asks."""
    loaded.set_answer("work", "run_only")
    path = tmp_path / "mine.json"
    with qtbot.waitSignal(loaded.file_saved, timeout=30_000):
        loaded.save_session(path)
    loaded.set_answer("goal", "learn")
    loaded_window.close()
    assert loaded_window.isVisible()
    (question,) = loaded_window.findChildren(QMessageBox)
    assert question.text() == "Save the changes to mine.json?"
    yield path, {one.text(): one for one in question.buttons()}
    loaded_window.leave()


def held(path):
    return json.loads(path.read_bytes())["answers"]["answers"]


def test_a_named_session_is_saved_when_the_question_on_closing_is_answered_so(
    changed, loaded_window, qtbot
):
    path, buttons = changed
    buttons["Save and close"].click()
    qtbot.waitUntil(lambda: not loaded_window.isVisible())
    assert held(path) == {"work": "run_only", "goal": "learn"}


def test_closing_without_saving_leaves_the_file_and_keeps_the_session(changed, loaded_window):
    path, buttons = changed
    buttons["Close without saving"].click()
    assert not loaded_window.isVisible()
    assert held(path) == {"work": "run_only"}
    assert [held(one) for one in kept_sessions()] == [{"work": "run_only", "goal": "learn"}]


def test_who_keeps_working_is_asked_again_at_the_next_close(changed, loaded_window, qapp):
    path, buttons = changed
    buttons["Keep working"].click()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert loaded_window.isVisible()
    assert held(path) == {"work": "run_only"}
    assert loaded_window.findChildren(QMessageBox) == []
    loaded_window.close()
    loaded_window.close()  # twice is asked once
    (question,) = loaded_window.findChildren(QMessageBox)
    assert qapp.activeModalWidget() is question


def test_a_disk_that_refuses_to_save_keeps_the_window_open(
    changed, loaded_window, monkeypatch, qtbot
):
    path, buttons = changed

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(app.sessions, "save_session", full)
    buttons["Save and close"].click()
    told = [f"{path}: No space left on device"]
    qtbot.waitUntil(lambda: notices(loaded_window) == told)
    assert loaded_window.isVisible()
    assert held(path) == {"work": "run_only"}


def test_a_signal_closes_a_changed_session_without_a_question(loaded_window, loaded, changed):
    loaded_window.leave()
    assert not loaded_window.isVisible()
    assert [held(one) for one in kept_sessions()] == [{"work": "run_only", "goal": "learn"}]


def test_an_unchanged_named_session_closes_without_a_question(
    loaded_window, loaded, qtbot, tmp_path
):
    loaded.set_answer("work", "run_only")
    with qtbot.waitSignal(loaded.file_saved, timeout=30_000):
        loaded.save_session(tmp_path / "mine.json")
    loaded_window.close()
    assert not loaded_window.isVisible()


def test_escape_dismisses_a_notice(window, qtbot):
    window.show_failure("the disk is full")
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert notices(window) == []


def test_tab_goes_through_the_start_page_as_it_is_read(window, qtbot):
    page = window.page("start")
    stops = tab_stops(window)
    assert stops[0] is window.step_buttons["start"]
    assert stops[1:4] == [page.new, page.migrate, page.open]
    places = [one.mapTo(window, one.rect().topLeft()) for one in stops[1:]]
    assert [at.y() for at in places] == sorted(at.y() for at in places)
    window.activateWindow()
    page.new.setFocus()
    qtbot.keyClick(page.new, Qt.Key.Key_Tab)
    assert page.migrate.hasFocus()


MACHINE = Path(__file__).resolve().parents[2] / "data" / "machine_quick.json"


def answers_file(loaded, tmp_path):
    return STUDENT


def machine_file(loaded, tmp_path):
    return MACHINE


def session_file(loaded, tmp_path):
    path = tmp_path / "session.json"
    answers = rules.load_answers(STUDENT, loaded.knowledge)
    save_session(path, Session(saved_utc="2026-11-21", answers=answers))
    return path


def report_file(loaded, tmp_path):
    path = tmp_path / "report.json"
    answers = rules.load_answers(STUDENT, loaded.knowledge)
    advice = advise(loaded.knowledge, answers, None, loaded.today)
    write(build(advice, loaded.knowledge, None), path)
    return path


@pytest.mark.parametrize("make", [answers_file, machine_file, session_file, report_file])
def test_what_is_dropped_onto_the_window_is_opened(
    make, loaded_window, loaded, qtbot, settle, tmp_path
):
    path = make(loaded, tmp_path)
    with qtbot.waitSignal(loaded.file_opened, timeout=30_000):
        drop(loaded_window, path)
    settle(loaded)
    if make is machine_file:
        assert loaded.machine.tier == "quick"
        assert loaded_window.stack.currentWidget().step_id == "machine"
    else:
        assert loaded.answers.answers["goal"] == "learn"
        assert loaded_window.stack.currentWidget().step_id == "recommendation"


def test_files_that_are_dropped_together_are_all_opened(loaded_window, loaded, settle):
    drop(loaded_window, MACHINE, STUDENT)
    settle(loaded)
    assert loaded.machine.tier == "quick"
    assert loaded.answers.answers["goal"] == "learn"


def test_a_file_opened_over_answers_that_no_file_holds_offers_them_back(
    loaded_window, loaded, qtbot, settle
):
    loaded.set_answer("goal", "production")
    settle(loaded)
    drop(loaded_window, STUDENT)
    settle(loaded)
    assert loaded.answers.answers["goal"] == "learn"
    assert notices(loaded_window) == ["Your previous answers were put away."]
    back = next(one for one in loaded_window.findChildren(QuietButton) if "Bring" in one.text())
    qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    settle(loaded)
    assert loaded.answers.answers == {"goal": "production"}


def test_a_file_opened_over_what_another_file_holds_asks_nothing(loaded_window, loaded, settle):
    drop(loaded_window, STUDENT)
    settle(loaded)
    drop(loaded_window, ASSETS / "examples" / "tpu-research-lab.yaml")
    settle(loaded)
    assert notices(loaded_window) == []


def test_the_title_names_the_session_and_marks_what_its_file_does_not_hold(
    loaded_window, loaded, qtbot, settle, tmp_path
):
    path = tmp_path / "ours.json"
    loaded.set_answer("goal", "learn")
    assert not loaded_window.isWindowModified()
    with qtbot.waitSignal(loaded.file_saved):
        loaded.save_session(path)
    assert loaded_window.windowTitle() == "ours.json[*] - Framework Advisor"
    assert not loaded_window.isWindowModified()
    loaded.set_notes("ask the lead")
    assert loaded_window.isWindowModified()
    with qtbot.waitSignal(loaded.file_saved):
        loaded.save_session(path)
    assert not loaded_window.isWindowModified()
    loaded.set_answer("goal", "production")
    assert loaded_window.isWindowModified()
    loaded.set_answer("goal", "learn")
    assert not loaded_window.isWindowModified()
    loaded.start_anew()
    assert loaded_window.windowTitle() == "Framework Advisor"
    settle(loaded)


def test_a_window_left_on_a_screen_that_is_gone_opens_where_it_can_be_seen(
    window, state, qtbot, qapp
):
    window.move(9000, 7000)
    qapp.processEvents()
    geometry = b64encode(window.saveGeometry().data()).decode()
    state.settings = replace(state.settings, geometry=geometry)
    again = MainWindow(state)
    qtbot.addWidget(again)
    again.show()
    screens = [one.availableGeometry() for one in qapp.screens()]
    assert any(one.intersects(again.frameGeometry()) for one in screens)
    assert again.size().width() >= 1024


@pytest.mark.parametrize("geometry", ["", "bm90IGEgZ2VvbWV0cnk=", "not base64 at all", "ÄÖ"])
def test_a_geometry_that_makes_no_sense_is_passed_over(geometry, state, qtbot):
    state.settings = replace(state.settings, geometry=geometry)
    window = MainWindow(state)
    qtbot.addWidget(window)
    assert (window.width(), window.height()) == (1280, 800)
