"""Walks through the real window from the first question to a report; run as a program.

`window_walk.py REPORT --by keys` touches no mouse, `--by mouse` no key, `--by both` takes turns.
Prints what it saw as JSON on its last line.
"""

import argparse
import json
import sys
import threading
import traceback
from pathlib import Path

from hand import Hand, answered, asked, named, state, visible_names, window
from PySide6.QtWidgets import QApplication

from app.gui.launch import run_window

PROBE_PATIENCE = 240.0
# What is answered, in the words of the options; a digit chooses the first by keyboard.
OPTIONS = {
    "work": "Train models of our own",
    "domain": "Images and video",
    "goal": "Learning or teaching",
    "lifetime": "Weeks or months",
    "existing_code": "Nothing",
    "train_where": "On this machine",
    "training_scale": "One device",
    "deployment": "Nowhere yet",
    "team_experience": "Beginners",
    "team_background": "NumPy and SciPy",
}
LEFT_OUT = ("TensorFlow", "Keras", "PaddlePaddle")
"""Of the five that are installed: two have time to prove equal work on a busy machine too."""
SEVERAL = ("domain", "existing_code", "deployment", "team_background")
"""Questions that take more than one answer."""


def walk(hand: Hand, report: Path, by: str) -> dict[str, object]:
    """From the first question to an exported report."""
    seen: dict[str, object] = {}
    hand.begin()
    press(hand, by, "New advice")
    for number, (question, option) in enumerate(OPTIONS.items()):
        if question == "training_scale":
            hand.until("the machine's own answers", lambda: asked() == "training_hardware")
            go_on(hand, by)
        hand.until(f"the question {question}", lambda q=question: q == asked())
        # Of both, the mouse has the first question and the keyboard the rest.
        answer(hand, "mouse" if by == "both" and not number else by, question, option)
    first = hand.until("a first verdict", lambda: state().recommendation)
    seen["first_verdict"] = first.verdict.framework
    hand.until("the recommendation page", lambda: "The recommendation" in visible_names())
    seen["says_not_measured"] = hand.until(
        "the label of an unmeasured verdict",
        lambda: any("not measured" in name.lower() for name in visible_names()),
    )
    press(hand, by, "Measure on this machine")
    hand.until("the frameworks to choose from", lambda: all(map(named, LEFT_OUT)))
    for framework in LEFT_OUT:
        press(hand, by, framework, key="space")
    press(hand, by, "Start measuring")
    hand.until("the measurement to begin", lambda: state().probing)
    hand.until("the measurement to end", lambda: not state().probing, PROBE_PATIENCE)
    machine = hand.until("a measured machine", lambda: state().machine)
    seen["tier"] = machine.tier
    seen["proven"] = sorted(
        {one.mode for one in machine.measurements if one.equal_work and one.equal_work.passed}
    )
    seen["works"] = sorted({one.framework for one in machine.frameworks if one.state == "works"})
    write_report(hand, by, report)
    hand.until("the report", report.exists)
    hand.until("the word that it is written", lambda: named("Open it"))
    seen |= {"clicks": hand.clicks, "presses": hand.presses, "turns": hand.turns}
    if by == "mouse":
        hand.choose_from_menu("File", "Quit")
    else:
        hand.keys("ctrl+q")
    return seen


def press(hand: Hand, by: str, name: str, key: str = "Return") -> None:
    """A button: by the mouse, or with Tab and a key."""
    if by == "keys":
        hand.tab_to(name)
        hand.keys(key)
    else:
        hand.click(name)


def answer(hand: Hand, by: str, question: str, option: str) -> None:
    """Answer and go on; after the one answer that a question takes, a click goes on by itself."""
    if by == "mouse":
        hand.click(option)
    else:
        hand.keys("1")
    hand.until(f"an answer to {question}", lambda: answered(question))
    if by == "mouse" and question not in SEVERAL:
        hand.until(f"the question after {question}", lambda: asked() != question)
    else:
        go_on(hand, by)


def go_on(hand: Hand, by: str) -> None:
    if by == "mouse":
        hand.until("a way on", lambda: named("Next") or named("See the recommendation"))
        hand.click(hand.ask(lambda: "Next" if named("Next") else "See the recommendation"))
    else:
        hand.keys("Return")


def write_report(hand: Hand, by: str, report: Path) -> None:
    """With the mouse alone the file has the name that is offered, in the folder of the process."""
    if by == "mouse":
        hand.click("Report")
        hand.until("the report page", lambda: named("Export"))
    else:
        hand.keys("ctrl+6")
        hand.until("the report page", lambda: named("Export"))
        if by == "keys":
            hand.tab_to("File to write the report to")
        else:
            hand.click("File to write the report to")
        hand.keys("ctrl+a")
        hand.type(str(report))
    press(hand, by, "Export")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("--by", choices=("both", "keys", "mouse"), default="both")
    args = parser.parse_args()
    QApplication([*sys.argv[:1], "-style", "fusion"])
    hand = Hand()
    outcome: dict[str, object] = {}

    def drive() -> None:
        try:
            outcome.update(walk(hand, args.report, args.by))
        except Exception:  # noqa: BLE001 - whatever went wrong is what the test has to show
            outcome["error"] = traceback.format_exc()
            hand.ask(lambda: window().grab().save(str(args.report.with_suffix(".png"))))
            hand.ask(lambda: window().close())

    driver = threading.Thread(target=drive)
    driver.start()
    status = run_window(argparse.Namespace(exit_after_paint=False, screenshots=None, file=None))
    driver.join()
    print(json.dumps({"status": status, **outcome}))
    return 0 if "error" not in outcome else 1


if __name__ == "__main__":
    sys.exit(main())
