"""Runs a module of this package in fresh processes: for what must be set before a framework starts,
and for what needs several of it. Each says one JSON object at its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any, Dict, Sequence

MAIN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "__main__.py")
SHOWN = 300


class Failed(Exception):
    """One of the processes did not do what it should; says why."""


def run(
    module: str, arguments: Sequence[Sequence[str]], variables: Dict[str, str], seconds: float
) -> list[dict[str, Any]]:
    """What each said, in order; one process for each list of arguments. Raises Failed.

    None is left behind, however it ends.
    """
    end = time.monotonic() + seconds
    processes = [
        subprocess.Popen(
            [sys.executable, "-X", "utf8", MAIN, "--run", module, *given],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **variables},
        )
        for given in arguments
    ]
    try:
        return [_answer(one, end - time.monotonic(), seconds) for one in processes]
    finally:
        for one in processes:
            one.kill()
            one.communicate()


def say(answer: dict[str, Any]) -> None:
    """What a process that was run so has to say: the last line of its standard output."""
    sys.stdout.write("\n" + json.dumps(answer) + "\n")
    sys.stdout.flush()


def _answer(process: subprocess.Popen[bytes], left: float, limit: float) -> dict[str, Any]:
    try:
        said, complained = process.communicate(timeout=max(0.1, left))
    except subprocess.TimeoutExpired:
        raise Failed("it took more than {:.0f} s".format(limit)) from None
    if process.returncode != 0:
        lines = complained.decode("utf-8", "replace").strip().splitlines()
        raise Failed((lines or ["it ended with {}".format(process.returncode)])[-1][:SHOWN])
    try:
        answer = json.loads(said.decode("utf-8").strip().splitlines()[-1])
    except (ValueError, IndexError):
        raise Failed("it said nothing that can be read") from None
    if not isinstance(answer, dict):
        raise Failed("it said nothing that can be read")
    return answer
