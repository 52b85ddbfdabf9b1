"""A worker whose mode FRAMEWORK/slowed is its eager mode (or `jit`) with steps a quarter longer.

Started in the place of the worker's own main file; all else is the real worker.
"""

import importlib
import runpy
import sys
import time
from pathlib import Path

WORKER = Path(__file__).resolve().parents[2] / "probes" / "worker"
FACTOR = 1.25
TRUE_VARIANT = {"jax": "jit"}


class Slowed:
    """A task that spins for a quarter of each step's own time after it."""

    def __init__(self, task):
        self._task = task
        self._began = 0.0

    def __getattr__(self, name):
        return getattr(self._task, name)

    def step(self, inputs):
        self._began = time.perf_counter()
        return self._task.step(inputs)

    def wait(self, result):
        self._task.wait(result)
        own = time.perf_counter() - self._began
        while time.perf_counter() - self._began < FACTOR * own:
            pass


def slowed(load_adapter):
    """The worker's way to adapters, with the slowed mode added to each."""

    def load(framework):
        adapter = load_adapter(framework)
        prepare = adapter.prepare

        def prepare_slowed(workload, variant, device):
            if variant != "slowed":
                return prepare(workload, variant, device)
            return Slowed(prepare(workload, TRUE_VARIANT.get(framework, "eager"), device))

        adapter.prepare = prepare_slowed
        return adapter

    return load


def main():
    package = runpy.run_path(str(WORKER / "__main__.py"))["load_package"]()
    serve = importlib.import_module(package + ".serve")
    serve.load_adapter = slowed(serve.load_adapter)
    return serve.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
