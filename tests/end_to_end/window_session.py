"""Two halves of a session in the real window, by mouse and keyboard; run as a program.

`window_session.py answer` answers two questions, says `answered` and goes on until it is killed.
`window_session.py continue` continues what the start page offers and prints what came back.
"""

import argparse
import json
import sys
import threading
import traceback

from hand import Hand, answered, asked, state, visible_names, window
from PySide6.QtWidgets import QApplication

from app.gui.launch import run_window


def answer(hand: Hand) -> None:
    hand.click("New advice")
    hand.click("Train models of our own")
    hand.until("an answer to the first question", lambda: answered("work"))
    hand.until("the second question", lambda: asked() == "domain")
    hand.keys("1")
    hand.until("an answer to the second question", lambda: answered("domain"))
    print("answered", flush=True)
    threading.Event().wait()


def go_on(hand: Hand) -> dict[str, object]:
    hand.until("the offer", lambda: "Continue where you left off" in visible_names())
    hand.click("Continue where you left off")
    hand.until("the answers", lambda: bool(state().answers.answers))
    answers = hand.ask(lambda: state().answers.answers)
    hand.keys("ctrl+q")
    return {"answers": answers}


def main(part: str) -> int:
    QApplication(sys.argv[:1])
    hand = Hand()
    outcome: dict[str, object] = {}

    def drive() -> None:
        try:
            hand.until("the window", lambda: QApplication.activeWindow() or window().isVisible())
            hand.xdotool("search", "--sync", "--name", "Framework Advisor", "windowfocus")
            hand.until("the knowledge", lambda: state().knowledge is not None)
            outcome.update((answer if part == "answer" else go_on)(hand) or {})
        except Exception:  # noqa: BLE001 - whatever went wrong is what the test has to show
            outcome["error"] = traceback.format_exc()
            hand.ask(lambda: window().close())

    driver = threading.Thread(target=drive, daemon=True)
    driver.start()
    status = run_window(argparse.Namespace(exit_after_paint=False, screenshots=None, file=None))
    driver.join()
    print(json.dumps({"status": status, **outcome}))
    return 0 if "error" not in outcome else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
