"""A worker as a real process, and the oldest Python that it must run under."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

MAIN = Path(__file__).resolve().parents[3] / "probes" / "worker" / "__main__.py"


class WorkerProcess:
    """Speaks the protocol with a worker: one command, its reply."""

    def __init__(self, python, environment=None, cwd=None):
        read_end, write_end = os.pipe()
        self.process = subprocess.Popen(
            [python, "-X", "utf8", str(MAIN), "--fd", str(write_end)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(write_end,),
            env={**os.environ, **(environment or {})},
            cwd=cwd,
        )
        os.close(write_end)
        self.replies = os.fdopen(read_end, encoding="utf-8")
        self.hello = json.loads(self.replies.readline())
        self.number = 0

    def ask(self, do, **parameters):
        self.number += 1
        command = {"id": self.number, "do": do, **parameters}
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        self.process.stdin.flush()
        reply = json.loads(self.replies.readline())
        assert reply["id"] == self.number
        return reply

    def close(self):
        self.process.stdin.close()
        self.replies.close()
        printed = self.process.stdout.read()
        self.process.stdout.close()
        try:
            return self.process.wait(30), printed
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


@pytest.fixture
def start_worker():
    """Starts workers; all are gone at the end."""
    workers = []

    def start(python=sys.executable, environment=None, cwd=None):
        workers.append(WorkerProcess(str(python), environment, cwd))
        return workers[-1]

    yield start
    for worker in workers:
        if worker.process.stdout and not worker.process.stdout.closed:
            worker.close()
