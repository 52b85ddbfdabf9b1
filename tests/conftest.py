"""What every test gets: a home of its own, a window that paints unseen, and no leftovers."""

import os
import threading

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def fresh_home(tmp_path_factory, monkeypatch):
    """Settings, sessions and the probe lock of one test are not another's, nor the user's."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("FRAMEWORK_ADVISOR_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def no_leaked_threads():
    """A test that leaves a thread running fails, and says which."""
    before = set(threading.enumerate())
    yield
    left = [
        thread
        for thread in threading.enumerate()
        if thread not in before and thread.is_alive() and not thread.daemon
    ]
    assert not left, f"threads left running: {left}"
