"""A run that died tells the next one why; one that ended as it should leaves nothing."""

import os
import signal
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from app.gui.crash_log import CrashLog, crash_folder, take_crash
from app.gui.errors import ErrorDialog
from app.gui.widgets.basic import Notice

DIES = """
import ctypes, os
from app.gui.crash_log import CrashLog
log = CrashLog()
log.begin()
log.note("an error that was shown before")
def here_it_happened():
    {how}
here_it_happened()
"""


def run_that_dies(how):
    return subprocess.run(
        [sys.executable, "-c", DIES.format(how=how)], capture_output=True, check=False
    )


@pytest.mark.skipif(os.name == "nt", reason="the names of signals are another matter there")
@pytest.mark.parametrize(
    ("how", "number"),
    [("ctypes.string_at(0)", signal.SIGSEGV), ("os.abort()", signal.SIGABRT)],
)
def test_what_a_run_was_at_when_it_died_is_told_once(how, number):
    assert run_that_dies(how).returncode == -number
    told = take_crash()
    assert "here_it_happened" in told
    assert "an error that was shown before" in told
    assert take_crash() == ""
    assert list(crash_folder().iterdir()) == []


def test_a_run_that_ends_as_it_should_leaves_nothing():
    log = CrashLog()
    log.begin()
    log.note("an error that was shown")
    assert list(crash_folder().iterdir())
    log.end()
    assert list(crash_folder().iterdir()) == []


def test_the_file_of_another_open_window_is_left_alone():
    crash_folder().mkdir(parents=True)
    other = crash_folder() / f"{os.getppid()}.txt"
    other.write_text("still running")
    (crash_folder() / "notes.txt").write_text("not ours")
    assert take_crash() == ""
    assert other.read_text() == "still running"
    assert (crash_folder() / "notes.txt").exists()


def test_a_run_that_was_killed_outright_had_no_time_to_tell():
    run_that_dies("os.kill(os.getpid(), 9)")
    assert take_crash().strip() == "an error that was shown before"


def test_the_home_folder_is_left_out(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    crash_folder().mkdir(parents=True)
    (crash_folder() / "999999999.txt").write_text(f'File "{tmp_path}/secret/place.py", line 1')
    assert take_crash() == 'File "~/secret/place.py", line 1'


def test_a_disk_that_takes_nothing_does_not_hinder_the_start(monkeypatch, tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    monkeypatch.setenv("FRAMEWORK_ADVISOR_HOME", str(tmp_path))
    log = CrashLog()
    log.begin()
    log.note("nowhere to go")
    log.end()
    assert take_crash() == ""


def test_the_next_start_offers_it_with_text_to_copy(window, qtbot):
    window.show_crash("the stacks of all threads")
    notice = next(one for one in window.findChildren(Notice) if one.isVisible())
    assert "ended unexpectedly" in notice.text.text()
    show = next(one for one in notice.findChildren(QPushButton) if "what happened" in one.text())
    qtbot.mouseClick(show, Qt.MouseButton.LeftButton)
    dialog = next(one for one in window.findChildren(ErrorDialog) if one.isVisible())
    assert dialog.details.toPlainText() == "the stacks of all threads"
    copy = next(one for one in dialog.findChildren(QPushButton) if "Copy" in one.text())
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "the stacks of all threads"
    dialog.accept()


def test_the_next_start_names_what_was_being_set_up(window):
    window.show_left_over([("/env/jax", "2026-11-21T10:00:00+00:00")])
    notice = next(one for one in window.findChildren(Notice) if one.isVisible())
    assert "/env/jax (2026-11-21T10:00:00+00:00)" in notice.text.text()
