"""Work off the GUI thread: the latest wins, results come back here, and nothing stays behind."""

import threading

import pytest
from PySide6.QtCore import QThread

from app.gui.background import Background


@pytest.fixture
def background(qtbot):
    background = Background()
    yield background
    background.stop()


def test_a_result_arrives_in_the_thread_of_the_window(background, qtbot, qapp):
    got = []
    background.submit(
        "a", threading.get_ident, lambda ident: got.append((ident, QThread.currentThread()))
    )
    qtbot.waitUntil(lambda: bool(got))
    worked_in, arrived_in = got[0]
    assert worked_in != threading.get_ident()
    assert arrived_in is qapp.thread()


def test_of_waiting_jobs_under_one_key_only_the_latest_runs(background, qtbot):
    ran = []
    may_go_on = threading.Event()
    background.submit("first", may_go_on.wait, lambda _: None)
    for number in range(50):
        background.submit("draws", lambda number=number: ran.append(number), lambda _: None)
    may_go_on.set()
    qtbot.waitUntil(background.is_idle)
    assert ran == [49]


def test_a_held_key_waits_and_the_others_go_on(background, qtbot):
    ran = []
    background.hold("draws")
    background.submit("draws", lambda: ran.append("draws"), lambda _: None)
    background.submit("other", lambda: ran.append("other"), lambda _: None)
    qtbot.waitUntil(lambda: ran == ["other"])
    background.release("draws")
    qtbot.waitUntil(lambda: ran == ["other", "draws"])


def test_an_exception_is_told_with_its_key_and_the_next_job_runs(background, qtbot):
    got = []
    with qtbot.waitSignal(background.failed) as failed:
        background.submit("a", lambda: 1 / 0, got.append)
        background.submit("b", lambda: 7, got.append)
    assert failed.args[0] == "a"
    assert isinstance(failed.args[1], ZeroDivisionError)
    qtbot.waitUntil(lambda: got == [7])


def test_after_stop_no_thread_is_left_and_nothing_arrives(background, qtbot):
    got = []
    may_go_on = threading.Event()
    background.submit("a", may_go_on.wait, got.append)
    background.submit("b", lambda: 1, got.append)
    may_go_on.set()
    background.stop()
    qtbot.wait(10)
    assert got == []
    assert "background" not in {thread.name for thread in threading.enumerate()}


def test_what_has_to_reach_the_disk_is_done_even_when_the_end_comes_first(background):
    done = []
    may_go_on = threading.Event()
    background.submit("a", may_go_on.wait, lambda _: None)
    background.submit("draws", lambda: done.append("draws"), lambda _: None)
    background.submit("keep", lambda: done.append("keep"), lambda _: None, must_run=True)
    threading.Timer(0.05, may_go_on.set).start()
    background.stop()
    assert done == ["keep"]
