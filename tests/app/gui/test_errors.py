"""A mistake of ours ends in one dialog with text to copy, and the window stays."""

import sys
import threading

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.gui.errors import ErrorDialog, ErrorHook, details_of


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    hook = ErrorHook(window)
    hook.install()
    yield window
    hook.remove()


def raised(text):
    try:
        raise RuntimeError(text)
    except RuntimeError as error:
        return error


def test_the_dialog_shows_what_happened_and_copies_it(window, qtbot, capsys):
    error = raised("the drawer is stuck")
    sys.excepthook(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: bool(window.findChildren(ErrorDialog)))
    dialog = window.findChild(ErrorDialog)
    assert "the drawer is stuck" in dialog.details.toPlainText()
    dialog._on_copy()
    assert "the drawer is stuck" in QGuiApplication.clipboard().text()
    assert "the drawer is stuck" in capsys.readouterr().err
    dialog.accept()
    assert window.isVisible()


def test_a_second_mistake_opens_no_second_dialog(window, qtbot, capsys):
    for text in ("first", "second"):
        error = raised(text)
        sys.excepthook(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: bool(window.findChildren(ErrorDialog)))
    qtbot.wait(10)
    assert len(window.findChildren(ErrorDialog)) == 1
    window.findChild(ErrorDialog).accept()


def test_a_mistake_in_another_thread_is_shown_too(window, qtbot, capsys):
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(window.findChildren(ErrorDialog)))
    assert "ZeroDivisionError" in window.findChild(ErrorDialog).details.toPlainText()
    window.findChild(ErrorDialog).accept()


def test_the_details_do_not_tell_whose_computer_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    details = details_of(raised(f"cannot read {tmp_path}/secret.txt"))
    assert str(tmp_path) not in details
    assert "~/secret.txt" in details
