"""Walks through the real window with the X server's own mouse and keyboard; run as a program.

Widgets are found by what a person sees (their accessible name), so that the walk knows where to
point; every click and key goes through xdotool. Prints what it saw as JSON on its last line.
"""

import argparse
import json
import queue
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from app.gui.launch import run_window

PATIENCE = 60.0
PROBE_PATIENCE = 240.0


class Hand(QObject):
    """Asks the window's thread and moves the X server's pointer and keys."""

    _asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._asked.connect(lambda job: job(), Qt.ConnectionType.QueuedConnection)

    def ask(self, function):
        """Call a function in the window's thread and give its result."""
        answers = queue.Queue()

        def job():
            try:
                answers.put((function(), None))
            except Exception as error:  # noqa: BLE001 - handed over to the asking thread
                answers.put((None, error))

        self._asked.emit(job)
        result, error = answers.get(timeout=PATIENCE)
        if error is not None:
            raise error
        return result

    def until(self, what, function, patience=PATIENCE):
        """Wait for a condition of the window; a walk cannot wait for signals it does not know."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            result = self.ask(function)
            if result:
                return result
            time.sleep(0.05)
        raise TimeoutError(f"waited in vain for: {what}; to be seen: {self.ask(visible_names)}")

    def xdotool(self, *words):
        subprocess.run(["xdotool", *map(str, words)], check=True)

    def click(self, name):
        x, y = self.until(f"a control named {name!r}", lambda: place_of(name))
        self.xdotool("mousemove", x, y, "click", 1)

    def keys(self, *names):
        for name in names:
            self.xdotool("key", name)

    def type(self, text):
        self.xdotool("type", "--delay", 5, text)


def window():
    return next(one for one in QApplication.topLevelWidgets() if one.inherits("QMainWindow"))


def name_of(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface is not None else ""


def visible_widgets():
    return [one for one in window().findChildren(QWidget) if one.isVisible()]


def visible_names():
    return [name for one in visible_widgets() if (name := name_of(one))]


def named(name):
    """The enabled widget with this name, or whose name starts with it."""
    widgets = [
        one
        for one in visible_widgets()
        if one.isEnabled() and one.focusPolicy() != Qt.FocusPolicy.NoFocus
    ]
    exact = [one for one in widgets if name_of(one) == name]
    return next(iter(exact or [one for one in widgets if name_of(one).startswith(name)]), None)


def place_of(name):
    """Where to click, once the widget is scrolled into view and has come to rest."""
    widget = named(name)
    if widget is None:
        return None
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(widget)
        parent = parent.parentWidget()
    middle = widget.mapToGlobal(QPoint(min(widget.width() // 2, 120), widget.height() // 2))
    return middle.x(), middle.y()


def state():
    return window().state


def answered(question):
    return question in state().answers.answers


def walk(hand: Hand, report: Path) -> dict[str, object]:
    """From the first question to an exported report."""
    seen: dict[str, object] = {}
    hand.until("the window", lambda: QApplication.activeWindow() or window().isVisible())
    hand.xdotool("search", "--sync", "--name", "Framework Advisor", "windowfocus")
    hand.until("the knowledge", lambda: state().knowledge is not None)
    hand.until("the machine card", lambda: state().machine is not None)
    hand.click("New advice")
    # Mouse: what it is about. Keyboard: the rest, by the numbers on the options.
    hand.click("Train models of our own")
    hand.until("an answer to the first question", lambda: answered("work"))
    hand.click("Next")
    for number, question in (("1", "domain"), ("1", "goal"), ("1", "lifetime"),
                             ("1", "existing_code"), ("1", "train_where")):  # fmt: skip
        hand.until(f"the question {question}", lambda q=question: q == asked())
        hand.keys(number)
        hand.until(f"an answer to {question}", lambda q=question: answered(q))
        hand.keys("Return")
    hand.until("the machine's own answers", lambda: asked() == "training_hardware")
    hand.keys("Return")
    for number, question in (("1", "training_scale"), ("1", "deployment"),
                             ("1", "team_experience"), ("1", "team_background")):  # fmt: skip
        hand.until(f"the question {question}", lambda q=question: q == asked())
        hand.keys(number)
        hand.until(f"an answer to {question}", lambda q=question: answered(q))
        hand.keys("Return")
    first = hand.until("a first verdict", lambda: state().recommendation)
    seen["first_verdict"] = first.verdict.framework
    hand.until("the recommendation page", lambda: "The recommendation" in visible_names())
    seen["says_not_measured"] = hand.until(
        "the label of an unmeasured verdict",
        lambda: any("not measured" in name.lower() for name in visible_names()),
    )
    hand.click("Measure on this machine")
    hand.click("Start measuring")
    hand.until("the measurement to begin", lambda: state().probing)
    hand.until("the measurement to end", lambda: not state().probing, PROBE_PATIENCE)
    machine = hand.until("a measured machine", lambda: state().machine)
    seen["tier"] = machine.tier
    seen["proven"] = sorted(
        {one.mode for one in machine.measurements if one.equal_work and one.equal_work.passed}
    )
    seen["works"] = sorted({one.framework for one in machine.frameworks if one.state == "works"})
    hand.keys("ctrl+6")
    hand.until("the report page", lambda: named("Export"))
    hand.click("File to write the report to")
    hand.keys("ctrl+a")
    hand.type(str(report))
    hand.click("Export")
    hand.until("the report", report.exists)
    hand.keys("ctrl+q")
    return seen


def asked():
    """Id of the question that stands there just now."""
    page = window().pages.get("questions")
    return page._flow.position if page is not None else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path)
    report = parser.parse_args().report
    QApplication(sys.argv[:1])
    hand = Hand()
    outcome: dict[str, object] = {}

    def drive() -> None:
        try:
            outcome.update(walk(hand, report))
        except Exception:  # noqa: BLE001 - whatever went wrong is what the test has to show
            outcome["error"] = traceback.format_exc()
            hand.ask(lambda: window().grab().save(str(report.with_suffix(".png"))))
            hand.ask(lambda: window().close())

    driver = threading.Thread(target=drive)
    driver.start()
    status = run_window(argparse.Namespace(exit_after_paint=False, screenshots=None, file=None))
    driver.join()
    print(json.dumps({"status": status, **outcome}))
    return 0 if "error" not in outcome else 1


if __name__ == "__main__":
    sys.exit(main())
