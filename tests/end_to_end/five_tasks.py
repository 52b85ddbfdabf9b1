"""Five things that people come for, each tried from a cold start with the mouse; run as a program.

`five_tasks.py TASK` starts the real window, does one task as somebody does who has never seen it,
and prints how many clicks, keys and turns of the wheel it took and how long, as JSON on its last
line. What came of it stands in `five_tasks.md` beside this file.
"""

import argparse
import json
import sys
import threading
import time
import traceback
from pathlib import Path

import msgspec
from hand import Hand, asked, name_of, named, state, visible_widgets, window
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from window_walk import OPTIONS, answer, go_on

from app.gui.launch import run_window
from probes.results import decode_machine, encode_machine

DATA = Path(__file__).resolve().parents[1] / "data"
CAUSE = "This build is made for the processor alone."
FIX = "pip install torch --index-url https://download.pytorch.org/whl/cu130"
EXAMPLE = "A student"
CHALLENGER = "JAX"


def get_a_verdict(hand: Hand) -> object:
    """Answer what is asked, and read what to choose."""
    hand.click("New advice")
    for question, option in OPTIONS.items():
        if question == "training_scale":
            hand.until("the machine's own answers", lambda: asked() == "training_hardware")
            go_on(hand, "mouse")
        hand.until(f"the question {question}", lambda q=question: q == asked())
        answer(hand, "mouse", question, option)
    return hand.until("the verdict", lambda: in_sight("Choose ") or in_sight("Too close to call"))


def learn_why_the_gpu_is_unused(hand: Hand) -> object:
    """Open what was measured on another machine, and read cause and way out."""
    path = Path.cwd() / "server.json"
    path.write_bytes(encode_machine(with_an_idle_gpu()))
    hand.click("Open a file")
    hand.until("the chooser", lambda: QApplication.activeModalWidget())
    # There is no window manager on this screen to give it the keyboard.
    hand.xdotool("search", "--sync", "--name", "Open answers", "windowfocus", "--sync")
    hand.until("its field", lambda: isinstance(QApplication.focusWidget(), QLineEdit))
    hand.type(str(path))
    hand.keys("Return")
    hand.until("the machine page", lambda: state().machine_file == path.name)
    return scroll_to(hand, lambda: in_sight(CAUSE) and in_sight(FIX))


def find_out_what_would_make_jax_win(hand: Hand) -> object:
    """From an example's verdict to what would have to be otherwise."""
    hand.click(EXAMPLE)
    hand.until("the verdict", lambda: state().recommendation and named("Why not"))
    hand.click("Why not")
    hand.until("the choice", lambda: named("Framework to ask about"))
    hand.click("Framework to ask about")
    at = hand.until("the entry", lambda: popup_place(CHALLENGER))
    hand.xdotool("mousemove", *at, "click", 1)
    hand.clicks += 1
    return scroll_to(hand, lambda: in_sight(f"{CHALLENGER} would draw level"))


def save_and_run_starter_code(hand: Hand) -> object:
    """From an example's verdict to a project that has run."""
    hand.click(EXAMPLE)
    hand.until("the verdict", lambda: state().recommendation and named("Starter code"))
    hand.click("Starter code")
    hand.until("the page", lambda: named("Save and run"))
    hand.click("Save and run")
    return hand.until("the end of the run", lambda: in_sight("It runs"), 200)


def send_a_report(hand: Hand) -> object:
    """From an example's verdict to a file to send."""
    hand.click(EXAMPLE)
    hand.until("the verdict", lambda: state().recommendation and named("Report"))
    hand.click("Report")
    hand.until("the page", lambda: named("Export"))
    hand.click("Export")
    hand.until("the report", lambda: named("Open it"))
    return [one.name for one in Path.cwd().glob("framework-advisor-report.*")]


TASKS = {
    one.__name__: one
    for one in (
        get_a_verdict,
        learn_why_the_gpu_is_unused,
        find_out_what_would_make_jax_win,
        save_and_run_starter_code,
        send_a_report,
    )
}


def with_an_idle_gpu():
    """A machine file whose PyTorch was built for the processor alone."""
    machine = decode_machine((DATA / "machine_quick.json").read_bytes(), "")
    frameworks = tuple(
        msgspec.structs.replace(one, state="falls_back_to_cpu", cause="cpu_build", fix=FIX)
        if one.framework == "pytorch"
        else one
        for one in machine.frameworks
    )
    return msgspec.structs.replace(machine, frameworks=frameworks)


def in_sight(words: str) -> str:
    """A text of the window that has these words and can be read without scrolling."""
    for one in visible_widgets():
        text = one.text() if isinstance(one, QLabel | QLineEdit) else name_of(one)
        if words in text and _can_be_read(one):
            return text
    return ""


def _can_be_read(widget: QWidget) -> bool:
    return widget.visibleRegion().boundingRect().height() >= min(widget.height(), 16)


def scroll_to(hand: Hand, function) -> object:
    """Turn the wheel over the page until it is there to read."""
    for _ in range(100):
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            if found := hand.ask(function):
                return found
            time.sleep(0.05)
        middle = hand.ask(lambda: window().stack.mapToGlobal(window().stack.rect().center()))
        right = hand.ask(lambda: window().stack.width() // 2 - 24)
        hand.xdotool("mousemove", middle.x() + right, middle.y(), "click", 5)
        hand.turns += 1
    raise TimeoutError("nothing of it comes into sight")


def popup_place(text: str):
    """Where an entry of the open combo box stands."""
    popup = QApplication.activePopupWidget()
    box = named("Framework to ask about")
    if popup is None or box is None:
        return None
    view = box.view()
    at = box.findText(text)
    middle = view.viewport().mapToGlobal(view.visualRect(box.model().index(at, 0)).center())
    return middle.x(), middle.y()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=TASKS)
    task = TASKS[parser.parse_args().task]
    begun = time.monotonic()
    QApplication([*sys.argv[:1], "-style", "fusion"])
    hand = Hand()
    outcome: dict[str, object] = {}

    def drive() -> None:
        try:
            hand.begin()
            outcome["found"] = task(hand)
            outcome["seconds"] = round(time.monotonic() - begun, 1)
            outcome.update(clicks=hand.clicks, keys=hand.presses, turns=hand.turns)
        except Exception:  # noqa: BLE001 - whatever went wrong is what the test has to show
            outcome["error"] = traceback.format_exc()
            hand.ask(lambda: window().grab().save(str(Path.cwd() / "window.png")))
        finally:
            hand.ask(lambda: window().close())

    driver = threading.Thread(target=drive)
    driver.start()
    run_window(argparse.Namespace(exit_after_paint=False, screenshots=None, file=None))
    driver.join()
    print(json.dumps(outcome))
    return 0 if "error" not in outcome else 1


if __name__ == "__main__":
    sys.exit(main())
