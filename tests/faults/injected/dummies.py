"""The program, with dummy workers in place of real ones; arguments as the program takes them."""

import sys
from pathlib import Path

from app.__main__ import main
from app.cli import probe

DUMMY = Path(__file__).parents[2] / "probes" / "dummy_worker.py"
run_real = probe.run_plan


def run_plan(*args):
    # Loaded only now, as the program does: a signal may come before.
    from probes import running, watching

    running.run.__defaults__ = (DUMMY,)
    running.QUIET_PATIENCE_SECONDS = 0.0
    watching.foreign_share = lambda *_: 0.0
    return run_real(*args)


if __name__ == "__main__":
    probe.run_plan = run_plan
    sys.exit(main())
