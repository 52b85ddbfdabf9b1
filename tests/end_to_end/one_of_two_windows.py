"""One of two windows that are open at the same time; run as a program, offscreen.

Says `open`; for each line `QUESTION OPTION THEME` it reads it answers so and says `kept` when that
is on the disk; closes at the end of its input.
"""

import argparse
import sys
import threading

from hand import Hand, state, window
from PySide6.QtWidgets import QApplication

from app.gui.launch import run_window


def drive(hand: Hand) -> None:
    try:
        hand.until("the window", lambda: window().isVisible())
        hand.until("the knowledge", lambda: state().knowledge is not None)
        print("open", flush=True)
        for line in sys.stdin:
            question, option, theme = line.split()
            hand.ask(lambda q=question, o=option: state().set_answer(q, o))
            hand.ask(lambda t=theme: state().change_settings(theme=t))
            hand.until("it to be kept", lambda: state().kept_path and state().is_idle())
            print("kept", flush=True)
    finally:
        hand.ask(lambda: window().close())


def main() -> int:
    QApplication(sys.argv[:1])
    hand = Hand()
    driver = threading.Thread(target=drive, args=(hand,), daemon=True)
    driver.start()
    status = run_window(argparse.Namespace(exit_after_paint=False, screenshots=None, file=None))
    driver.join()
    return status


if __name__ == "__main__":
    sys.exit(main())
