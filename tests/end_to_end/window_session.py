"""Parts of a session in the real window, by mouse and keyboard; run as a program.

`window_session.py answer` answers two questions, says `answered` and goes on until it is killed.
`window_session.py continue` continues what the start page offers and prints what came back.
`window_session.py display` answers while its screen shrinks and grows.
"""

import argparse
import json
import subprocess
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


def change_display(hand: Hand) -> dict[str, object]:
    hand.click("New advice")
    hand.until("the first question", lambda: asked() == "work")
    screen(hand, "--newmode", "small", 60, 800, 840, 900, 1000, 600, 603, 609, 640)
    screen(hand, "--addmode", "screen", "small")
    screen(hand, "--output", "screen", "--mode", "small")
    hand.until("the small screen", lambda: _screen_width() == 800)
    hand.keys("1", "Return")
    hand.until("the second question", lambda: asked() == "domain")
    hand.keys("1")
    hand.until("an answer to it", lambda: answered("domain"))
    screen(hand, "--output", "screen", "--mode", "1400x1000")
    hand.until("the large screen", lambda: _screen_width() == 1400)
    hand.keys("Return")
    hand.until("the third question", lambda: asked() == "goal")
    hand.click("Research")
    hand.until("the fourth question", lambda: asked() == "lifetime")
    answers = hand.ask(lambda: state().answers.answers)
    hand.keys("ctrl+q")
    return {"answers": answers}


def screen(hand: Hand, *words: object) -> None:
    subprocess.run(["xrandr", *map(str, words)], check=True)
    # Whatever Qt makes of the news has been made when this comes back.
    hand.ask(lambda: QApplication.processEvents())


def _screen_width() -> int:
    return QApplication.primaryScreen().geometry().width()


PARTS = {"answer": answer, "continue": go_on, "display": change_display}


def main(part: str) -> int:
    QApplication(sys.argv[:1])
    hand = Hand()
    outcome: dict[str, object] = {}

    def drive() -> None:
        try:
            hand.until("the window", lambda: QApplication.activeWindow() or window().isVisible())
            hand.xdotool("search", "--sync", "--name", "Framework Advisor", "windowfocus")
            hand.until("the knowledge", lambda: state().knowledge is not None)
            outcome.update(PARTS[part](hand) or {})
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
