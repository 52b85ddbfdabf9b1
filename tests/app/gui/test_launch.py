"""The window as a process: it paints, leaves when told to, and leaves nothing behind."""

import argparse
import os
import signal
import subprocess
import sys

import psutil
import pytest

from app import system_libraries
from app.cli import gui
from app.display import needs_x11
from app.gui.crash_log import crash_folder, take_crash

WINDOW = [sys.executable, "-m", "app", "gui"]


def test_the_window_paints_and_leaves(tmp_path):
    done = subprocess.run(
        [*WINDOW, "--exit-after-paint"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_that_is_not_there_is_bad_input(tmp_path):
    for more in ([], ["--exit-after-paint"]):
        done = subprocess.run(
            [*WINDOW, str(tmp_path / "nope.json"), *more],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 2
        assert done.stderr.startswith("framework-advisor: ")
        assert "nope.json: there is no such file" in done.stderr


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("schema: framework-advisor/answers/1\nanswers: {goal: learn}\n", 0, ""),
        ("schema: framework-advisor/answers/1\nanswers: {goal: lern}\n", 2, "learn"),
    ],
    ids=["good", "bad"],
)
def test_a_file_is_opened_before_it_leaves(text, code, told, tmp_path):
    path = tmp_path / "answers.yaml"
    path.write_text(text)
    done = subprocess.run(
        [*WINDOW, str(path), "--exit-after-paint"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert told in done.stderr
    assert bool(done.stderr) == bool(told)


def test_a_missing_library_of_the_window_system_is_named_before_qt_is_asked(monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(system_libraries, "_loads", lambda library: "xcb-cursor" not in library)
    monkeypatch.setenv("DISPLAY", ":77")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    arguments = argparse.Namespace(exit_after_paint=False, screenshots=None, file=None)
    assert gui.run(arguments) == 2
    message = capsys.readouterr().err
    assert "sudo apt-get install -y libxcb-cursor0" in message
    assert len(message.splitlines()) == 1


def test_where_wayland_can_do_without_that_library_it_is_not_asked_for(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":77")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.delenv("QT_QPA_PLATFORM")
    assert not needs_x11()
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    assert needs_x11()


def test_qt_that_cannot_be_loaded_is_told_with_the_package_that_is_missing(monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(system_libraries, "_loads", lambda library: library != "libEGL.so.1")
    monkeypatch.setitem(sys.modules, "app.gui.launch", None)
    arguments = argparse.Namespace(exit_after_paint=False, screenshots=None, file=None)
    assert gui.run(arguments) == 2
    assert "sudo apt-get install -y libegl1" in capsys.readouterr().err


def test_before_the_first_paint_nothing_heavy_is_loaded():
    code = (
        "import argparse, sys\n"
        "from app.gui.launch import run_window\n"
        "arguments = argparse.Namespace(exit_after_paint=True, screenshots=None, file=None)\n"
        "status = run_window(arguments)\n"
        "heavy = {'numpy', 'yaml', 'matplotlib', 'rules.model', 'probes.results', 'app.advice'}\n"
        "print(status, sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "0 []\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda one: one.name)
def test_a_signal_closes_the_window_and_no_process_is_left(number, fresh_home):
    process = subprocess.Popen(WINDOW, stderr=subprocess.PIPE, text=True)
    children = []
    try:
        watched = psutil.Process(process.pid)
        for _ in range(600):
            if process.poll() is not None or _began():
                break
            psutil.wait_procs([watched], timeout=0.1)
        children = watched.children(recursive=True)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in stderr
    assert not [one for one in children if one.is_running() and one.status() != "zombie"]
    assert list(crash_folder().iterdir()) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads Linux' handlers")
def test_a_window_that_dies_leaves_what_it_was_at_for_the_next_start(fresh_home):
    process = subprocess.Popen(WINDOW, stderr=subprocess.DEVNULL)
    try:
        watched = psutil.Process(process.pid)
        for _ in range(600):
            if process.poll() is not None or _began():
                break
            psutil.wait_procs([watched], timeout=0.1)
        process.send_signal(signal.SIGSEGV)
        process.wait(30)
    finally:
        process.kill()
    assert process.returncode == -signal.SIGSEGV
    assert "app/gui/launch.py" in take_crash()


def _began() -> bool:
    """Whether the window has come so far that a crash would be told."""
    return crash_folder().is_dir() and any(crash_folder().iterdir())


def test_the_window_has_our_icon_at_every_size_that_taskbars_ask_for(qapp):
    from app.gui.launch import show_icon

    show_icon(qapp)
    sizes = {size.width() for size in qapp.windowIcon().availableSizes()}
    assert {16, 32, 48, 256} <= sizes
