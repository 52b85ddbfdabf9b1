"""The window as a process: it paints, leaves when told to, and leaves nothing behind."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

WINDOW = [sys.executable, "-m", "app", "gui"]


def test_the_window_paints_and_leaves(tmp_path):
    done = subprocess.run(
        [*WINDOW, "--exit-after-paint"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


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
        # Settings are read before the window; the handlers stand once knowledge is being read.
        watched = psutil.Process(process.pid)
        for _ in range(600):
            if process.poll() is not None or _handles(watched):
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


def _handles(process: psutil.Process) -> bool:
    """Whether the process has handlers of its own for signals (Linux tells; else assume)."""
    try:
        with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
            caught = next(line for line in status if line.startswith("SigCgt"))
    except (OSError, StopIteration):
        return False
    mask = int(caught.split()[1], 16)
    terminates = int(signal.SIGTERM)
    return bool(mask >> (terminates - 1) & 1)
