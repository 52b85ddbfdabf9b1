"""What the measuring program itself takes, and that two of them never measure at once: the real
program as real processes."""

import importlib.util
import subprocess
import sys

import psutil
import pytest

LIMIT_BYTES = 150_000_000

pytestmark = [
    pytest.mark.slow,
    pytest.mark.frameworks,
    pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed"),
]


class Program:
    """`framework-advisor probe` on one framework, watched at each line of its progress."""

    def __init__(self, out):
        self.lines, self.memory, self.children = [], [], []
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "app", "probe", "--tier", "quick", "--frameworks", "jax",
                "--workloads", "mlp_train,matrix_product", "--out", str(out),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        self._seen = psutil.Process(self._process.pid)

    def read_line(self):
        """The next line of progress, or an empty one at the end."""
        line = self._process.stderr.readline()
        if line:
            self.lines.append(line)
            self.memory.append(self._seen.memory_info().rss)
            self.children.append(self.workers())
        return line

    def workers(self):
        """How many processes it has just now."""
        return len(self._seen.children())

    def finish(self):
        while self.read_line():
            pass
        self._process.stderr.close()
        return self._process.wait(timeout=300)


def test_a_probe_takes_little_memory_itself_and_a_second_one_waits_for_it(tmp_path):
    first = Program(tmp_path / "first.json")
    while "Importing" not in first.read_line():
        assert first.lines[-1:], "it ended before it imported anything"
    second = Program(tmp_path / "second.json")
    while "Another program is measuring" not in second.read_line():
        assert second.lines[-1:], "it ended without waiting"
    # As long as the first one measures, the second has no worker.
    while "round 1 of" not in first.read_line():
        assert second.workers() == 0
    assert second.workers() == 0
    assert first.finish() == 0
    assert second.finish() == 0
    for program in (first, second):
        assert max(program.children) > 0
        assert len(program.memory) > 5
        print(f"at most {max(program.memory) / 1e6:.0f} MB")
        assert max(program.memory) < LIMIT_BYTES
