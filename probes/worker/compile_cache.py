"""How long a first call takes when nothing was compiled before, and when a cache on disk is filled.

Both in a process of its own with a folder of its own, so that no measurement finds its work done.
"""

from __future__ import annotations

import tempfile
import time

from . import apart, workloads
from .capabilities import FAILS, IN_PART, WORKS, Check
from .contract import KeepsWhatItCompiled, Unsupported, load_adapter

CAPABILITY = "compile_cache"
WORKLOAD = "mlp_train"
LIMIT_SECONDS = 100.0
"""Of each of both; `torch.compile` takes 20 s here, and as much again where the disk is slow."""
ALWAYS = {
    # JAX keeps nothing that took less than a second, unless it is told to.
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}
GAIN = 0.75
"""Of the cold time; a cache that leaves more is of little use."""


def check(mode: str, device: str) -> Check:
    """The first call twice, the second time with what the first one left on disk."""
    framework, _, variant = mode.partition("/")
    adapter = load_adapter(framework)
    caches = (
        adapter.compile_caches.get(variant) if isinstance(adapter, KeepsWhatItCompiled) else None
    )
    if caches is None:
        raise Unsupported("{} keeps nothing that it compiled".format(mode))
    with tempfile.TemporaryDirectory() as folder:
        variables = {**dict.fromkeys(caches, folder), **ALWAYS}
        try:
            cold, warm = (
                float(
                    apart.run("compile_cache", [[mode, device]], variables, LIMIT_SECONDS)[0][
                        "seconds"
                    ]
                )
                for _ in range(2)
            )
        except apart.Failed as failed:
            return Check(FAILS, str(failed))
    return judged(cold, warm)


def judged(cold: float, warm: float) -> Check:
    """What both times say."""
    words = (
        "first call of the MLP: {:.1f} s with an empty cache on disk, {:.1f} s with a filled one"
    )
    state = WORKS if warm <= GAIN * cold else IN_PART
    return Check(state, words.format(cold, warm), seconds=cold)


def main(arguments: list[str]) -> int:
    """Prepare the workload in a mode and take one step."""
    mode, device = arguments
    framework, _, variant = mode.partition("/")
    adapter = load_adapter(framework)
    adapter.import_framework(None)
    workload = workloads.find(WORKLOAD)
    task = adapter.prepare(workload, variant, device)
    task.load(workloads.initial_parameters(workload))
    inputs = task.place(workloads.input_sets(workload)[0].arrays())
    before = time.perf_counter()
    task.wait(task.step(inputs))
    apart.say({"seconds": time.perf_counter() - before})
    return 0
