"""The running session outlives the program: kept soon, offered at the next start, never written
over; what-ifs and notes belong to it."""

import os
from contextlib import contextmanager

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from app.gui.state import State
from app.gui.widgets.basic import Notice
from app.gui.widgets.tiles import Tile
from app.kept import kept_folder, kept_sessions
from app.sessions import LONGEST_NOTES, MOST_WHAT_IFS, open_file
from rules.model import Answers


def content(state):
    (path,) = kept_sessions()
    return open_file(path, state.knowledge)


def offered(window):
    page = window.page("start")
    page.refresh()
    rows = [page._files.itemAt(at).widget() for at in range(page._files.count())]
    return [one for one in rows if isinstance(one, Tile)]


@pytest.fixture
def kept(qtbot):
    """Do something, then wait until the session is on the disk as it is by then."""

    @contextmanager
    def kept(state):
        yield
        qtbot.waitUntil(
            lambda: not state._keep_soon.isActive() and state._writer.is_idle(), timeout=30_000
        )

    return kept


@pytest.fixture
def next_start(loaded, qtbot):
    """A state as a later run of the program has it, with the knowledge of this one."""
    made = []

    def next_start():
        state = State(loaded.theme, today=loaded.today)
        state.knowledge = loaded.knowledge
        made.append(state)
        return state

    yield next_start
    for state in made:
        state.shutdown()


def test_a_kept_session_has_answers_what_ifs_and_notes(kept, loaded, qtbot, settle):
    with qtbot.waitSignal(loaded.what_ifs_changed, timeout=30_000):
        loaded.set_answer("work", "scratch")
        loaded.keep_what_if("From nothing")
    with kept(loaded):
        loaded.set_notes("Ask Lin about the 预算.")
    found = content(loaded)
    assert found.answers.answers == {"work": "scratch"}
    assert [(one.label, one.answers) for one in found.what_ifs] == [
        ("From nothing", loaded.answers)
    ]
    assert found.notes == "Ask Lin about the 预算."


def test_many_changes_in_a_row_are_written_once_and_the_last_one_counts(
    kept, loaded, qtbot, monkeypatch
):
    import app.sessions

    saves = []
    real = app.sessions.save_session

    def save_session(path, session):
        saves.append(session.answers.importance)
        real(path, session)

    monkeypatch.setattr(app.sessions, "save_session", save_session)
    with kept(loaded):
        for wish in (-2, -1, 1, 2, 1, -1):
            loaded.set_importance("people", wish)
            loaded.set_answer("work", "scratch")
    assert saves == [{"people": -1}]


def test_nothing_is_kept_of_a_window_in_which_nothing_was_said(loaded, settle):
    loaded.look()
    settle(loaded)
    loaded.shutdown()
    assert kept_sessions() == []


def test_the_next_start_offers_it_and_continues_in_a_file_of_its_own(
    kept, loaded, qtbot, settle, next_start
):
    with kept(loaded):
        loaded.set_answer("work", "scratch")
        loaded.set_notes("first")
    (before,) = kept_sessions()
    state = next_start()
    with qtbot.waitSignal(state.file_opened):
        state.open_file(before)
    assert (state.answers, state.notes) == (loaded.answers, "first")
    assert state.session_path is None
    assert state.settings.recent == ()
    state.shutdown()
    assert kept_sessions() == [before], "what was not changed is not kept twice"
    state = next_start()
    with qtbot.waitSignal(state.file_opened):
        state.open_file(before)
    with kept(state):
        state.set_notes("second")
    (after,) = kept_sessions()
    assert after != before
    assert open_file(after, loaded.knowledge).notes == "second"


def test_a_second_window_loses_nothing_of_the_first(kept, loaded, qtbot, next_start):
    with kept(loaded):
        loaded.set_notes("of the first window")
    (path,) = kept_sessions()
    second = next_start()
    with qtbot.waitSignal(second.file_opened):
        second.open_file(path)
    with kept(loaded):
        loaded.set_notes("and it goes on")
    with kept(second):
        second.set_notes("of the second window")
    notes = {open_file(one, loaded.knowledge).notes for one in kept_sessions()}
    assert notes == {"and it goes on", "of the second window"}


def test_a_kept_file_of_a_newer_version_is_told_and_never_written_over(
    kept, loaded_window, loaded, qtbot
):
    kept_folder().mkdir(parents=True)
    newer = kept_folder() / "20261121T120000-aaaaaa.json"
    text = '{"schema": "framework-advisor/session/9", "colours": {}}'
    newer.write_text(text, encoding="utf-8")
    (row,) = offered(loaded_window)
    with qtbot.waitSignal(loaded.failed) as failed:
        row.click()
    assert "newer version" in failed.args[0]
    with kept(loaded):
        loaded.set_answer("work", "scratch")
    assert newer.read_text(encoding="utf-8") == text
    assert len(kept_sessions()) == 2


def test_the_start_page_offers_the_latest_first_and_not_the_running_one(
    kept, loaded_window, loaded, qtbot
):
    kept_folder().mkdir(parents=True)
    for second in range(5):
        path = kept_folder() / f"20261120T12000{second}-aaaaaa.json"
        path.write_text("{}", encoding="utf-8")
        os.utime(path, (second * 86_400, second * 86_400))
    names = [one.accessibleName() for one in offered(loaded_window)]
    assert names == ["Continue where you left off", "Earlier", "Earlier"]
    assert "1970-01-05" in offered(loaded_window)[0].accessibleDescription()
    with kept(loaded):
        loaded.set_answer("work", "scratch")
    assert "1970-01-05" in offered(loaded_window)[0].accessibleDescription()


def test_what_a_new_start_puts_away_stays_kept_and_comes_back_whole(kept, loaded, qtbot):
    with qtbot.waitSignal(loaded.what_ifs_changed, timeout=30_000):
        loaded.set_answer("work", "fine_tune")
        loaded.set_notes("mine")
        loaded.keep_what_if("as it is")
    before = (loaded.answers, loaded.what_ifs, loaded.notes)
    with kept(loaded):
        loaded.start_anew()
    assert (loaded.answers.answers, loaded.what_ifs, loaded.notes) == ({}, (), "")
    found = content(loaded)
    assert (found.answers, found.what_ifs, found.notes) == before
    loaded.bring_back()
    assert (loaded.answers, loaded.what_ifs, loaded.notes) == before


def test_a_file_opened_over_unsaved_answers_leaves_them_kept(kept, loaded, qtbot, tmp_path):
    path = tmp_path / "other.yaml"
    path.write_text("schema: framework-advisor/answers/1\nanswers: {work: run_only}\n")
    loaded.set_answer("work", "fine_tune")
    with kept(loaded), qtbot.waitSignal(loaded.file_opened):
        loaded.open_file(path)
    assert loaded.answers.answers == {"work": "run_only"}
    assert content(loaded).answers.answers == {"work": "fine_tune"}


def test_a_full_disk_is_told_once_with_the_way_out_and_its_end_is_noticed(
    kept, loaded_window, loaded, qtbot, monkeypatch
):
    real = os.fsync

    def refuse(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    told = []
    loaded.failed.connect(told.append)
    with qtbot.waitSignal(loaded.failed):
        loaded.set_answer("work", "scratch")
    notice = next(one for one in loaded_window.findChildren(Notice) if one.isVisible())
    assert "the disk is full" in notice.text.text()
    assert "Save session as" in notice.text.text()
    loaded.set_answer("work", "run_only")
    loaded._keep_now()
    qtbot.waitUntil(loaded._writer.is_idle, timeout=30_000)
    monkeypatch.setattr(os, "fsync", real)
    with kept(loaded):
        loaded.set_answer("work", "fine_tune")
    assert len(told) == 1
    assert content(loaded).answers.answers == {"work": "fine_tune"}


def test_a_last_change_before_closing_is_kept_even_while_a_report_is_drawn(kept, loaded, qtbot):
    import threading

    drawn = threading.Event()
    loaded.in_background("report-write", lambda: drawn.wait(30), lambda _: None)
    with kept(loaded):
        loaded.set_answer("work", "scratch")
    drawn.set()
    loaded.set_notes("the very last")
    loaded.shutdown()
    assert content(loaded).notes == "the very last"


# What-ifs


def test_a_what_if_keeps_its_answers_and_what_came_out(loaded, qtbot, settle):
    loaded.set_answer("work", "scratch")
    loaded.set_answer("deployment", ("android",))
    loaded.consider()
    loaded.set_importance("people", 2)
    tried = loaded.answers
    with qtbot.waitSignal(loaded.what_ifs_changed, timeout=30_000):
        loaded.keep_what_if()
    settle(loaded)
    (kept,) = loaded.what_ifs
    group = next(one.name for one in loaded.knowledge.groups if one.id == "people")
    assert kept.label == f"{group} counts four times"
    assert kept.answers == tried
    verdict = loaded.recommendation.verdict
    assert (kept.framework, kept.kind) == (verdict.framework, verdict.kind)
    loaded.rename_what_if(0, "  People first  ")
    loaded.rename_what_if(0, "   ")
    assert loaded.what_ifs[0].label == "People first"
    loaded.set_importance("people", 0)
    loaded.use_what_if(0)
    assert loaded.answers == tried
    loaded.remove_what_if(0)
    assert loaded.what_ifs == ()


def test_a_session_keeps_so_many_what_ifs_and_says_so(loaded, qtbot):
    loaded.set_answer("work", "scratch")
    with qtbot.waitSignal(loaded.what_ifs_changed, timeout=30_000):
        loaded.keep_what_if("one")
    loaded.what_ifs *= MOST_WHAT_IFS
    with qtbot.waitSignal(loaded.failed) as failed:
        loaded.keep_what_if("one too many")
    assert str(MOST_WHAT_IFS) in failed.args[0]
    assert len(loaded.what_ifs) == MOST_WHAT_IFS


@pytest.fixture
def recommending(loaded_window, loaded, settle):
    """The recommendation page over some answers."""
    loaded.set_answers(Answers(answers={"work": "scratch", "domain": ("vision",), "goal": "learn"}))
    settle(loaded)
    loaded_window.show_step("recommendation")
    settle(loaded)
    return loaded_window.page("recommendation")


def test_a_what_if_is_kept_renamed_used_and_removed_on_the_page(
    recommending, loaded, settle, qtbot
):
    kept = recommending.what_if.kept
    assert kept.label.text() == "The answers as given"
    recommending.what_if.sliders["people"].setValue(2)
    settle(loaded)
    group = next(one.name for one in loaded.knowledge.groups if one.id == "people")
    assert kept.label.text() == f"{group} counts four times"
    qtbot.mouseClick(kept.keep, Qt.MouseButton.LeftButton)
    settle(loaded)
    (line,) = kept.lines
    assert line.text() == f"{group} counts four times"
    outcome = kept.outcome(loaded.what_ifs[0], recommending._lookup)
    assert outcome in [one.text() for one in kept.findChildren(QLabel)]
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "People first")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert loaded.what_ifs[0].label == "People first"
    assert kept.lines == [line], "what was typed in stays where it is"
    recommending.what_if.reset.click()
    settle(loaded)
    assert loaded.answers.importance == {}
    button(kept, "Use the answers of").click()
    settle(loaded)
    assert loaded.answers.importance == {"people": 2}
    assert recommending.what_if.sliders["people"].value() == 2
    button(kept, "Remove").click()
    settle(loaded)
    assert (loaded.what_ifs, kept.lines) == ((), [])


def button(parent, name):
    found = [one for one in parent.findChildren(QPushButton) if one.isVisible()]
    return next(one for one in found if one.accessibleName().startswith(name))


def test_a_name_of_ones_own_is_not_replaced_while_it_is_typed(recommending, loaded, settle, qtbot):
    kept = recommending.what_if.kept
    kept.label.selectAll()
    qtbot.keyClicks(kept.label, "Mine: <b>x</b>")
    recommending.what_if.sliders["fit"].setValue(-1)
    settle(loaded)
    assert kept.label.text() == "Mine: <b>x</b>"
    qtbot.keyClick(kept.label, Qt.Key.Key_Return)
    settle(loaded)
    assert [one.label for one in loaded.what_ifs] == ["Mine: <b>x</b>"]


def test_notes_and_what_ifs_stand_in_the_report(recommending, loaded_window, loaded, settle, qtbot):
    with qtbot.waitSignal(loaded.what_ifs_changed, timeout=30_000):
        loaded.keep_what_if("As it was")
    loaded_window.show_step("report")
    page = loaded_window.page("report")
    settle(loaded)
    qtbot.keyClicks(page.notes, "Ask Lin.")
    assert loaded.notes == "Ask Lin."
    qtbot.waitUntil(lambda: page._report.notes == "Ask Lin.", timeout=30_000)
    assert [one.label for one in page._report.what_ifs] == ["As it was"]
    loaded.set_notes("from a file")
    assert page.notes.toPlainText() == "from a file"
    settle(loaded)
    loaded_window.show_step("start")  # a preview of that much text would take its time
    page.notes.setPlainText("x" * (LONGEST_NOTES + 5))
    assert loaded.notes == "x" * LONGEST_NOTES
