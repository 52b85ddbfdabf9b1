"""What nobody holds any more goes in the GUI thread, between two events."""

import gc
import threading
import weakref

import pytest

from app.gui.collecting import Collecting


class Held:
    """Held by nothing but itself."""

    def __init__(self):
        self.me = self


@pytest.fixture
def collecting():
    gc.enable()  # as when the program starts
    made = Collecting()
    yield made
    made.stop()


def test_what_is_let_go_dies_in_the_gui_thread_whoever_let_it_go(collecting, qtbot):
    died_in = []

    def let_go():
        for _ in range(3 * gc.get_threshold()[0]):
            weakref.finalize(Held(), lambda: died_in.append(threading.current_thread()))

    thread = threading.Thread(target=let_go)
    thread.start()
    thread.join()
    assert died_in == []
    qtbot.waitUntil(lambda: bool(died_in), timeout=30_000)
    assert set(died_in) == {threading.main_thread()}


def test_afterwards_python_collects_by_itself_again(collecting):
    assert not gc.isenabled()
    collecting.stop()
    assert gc.isenabled()
