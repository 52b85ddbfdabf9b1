"""Whether a model that leaves a framework in a file gives the same output where the file is run.

Knows no framework: it gets the model's output before, and a function that exports, opens and runs.
"""

from __future__ import annotations

import time
from typing import Any, Callable

import numpy

from . import equal_work, workloads
from .capabilities import FAILS, IN_PART, WORKS, Check
from .contract import load_adapter, one_line
from .delivery import Call

WORKLOAD = "inference_batch1"
TOLERANCE = 1e-4


def model_and_samples() -> tuple[Any, tuple[Any, ...], Any]:
    """The workload whose model is sent round, its weights, and one image (channels first)."""
    workload = workloads.find(WORKLOAD)
    samples = workloads.input_sets(workload)[0].arrays()[0]
    return workload, workloads.initial_parameters(workload), samples


def tried(
    before: Any,
    export: Callable[[], Any],
    run: Callable[[Any], Any],
    words: str,
    clock: Callable[[], float] = time.perf_counter,
) -> Check:
    """Export, then open and run what came of it; `words` say what was done: `as ..., run by ...`.

    The seconds are the export's. A package that is missing is a finding: a plain install of a
    framework does not bring all that its export needs.
    """
    start = clock()
    try:
        exported = export()
    except ImportError as error:
        return Check(FAILS, "it needs {}, which is not installed here".format(missing(error)))
    seconds = clock() - start
    done = "{}: exported in {:.2g} s".format(words, seconds)
    try:
        after = run(exported)
    except ImportError as error:
        note = "{}, and not run: {} is not installed here".format(done, missing(error))
        return Check(IN_PART, note, seconds=seconds)
    error_seen = equal_work.relative(numpy.asarray(after), numpy.asarray(before))
    state = WORKS if error_seen <= TOLERANCE else FAILS
    note = "{}, its output is off by {:.1e}".format(done, error_seen)
    return Check(state, note, max_rel_err=error_seen, seconds=seconds)


def missing(error: ImportError) -> str:
    return error.name or one_line(error)


def runtime(identifier: str) -> Callable[[bytes], Call]:
    """What opens a file in a runtime that lies beside the framework; raises ImportError."""
    adapter: Any = load_adapter(identifier)
    adapter.import_framework(None)
    opened: Callable[[bytes], Call] = adapter.open_file
    return opened
