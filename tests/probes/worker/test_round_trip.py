"""A model that leaves its framework in a file runs from it and gives what it gave before."""

import numpy
import pytest

from probes.worker import round_trip
from probes.worker.capabilities import FAILS, IN_PART, WORKS

BEFORE = numpy.linspace(-1.0, 1.0, 10, dtype=numpy.float32)[None]


def ticking():
    """A clock that is five seconds on with each look."""
    seconds = iter(range(0, 100, 5))
    return lambda: float(next(seconds))


def raising(error):
    def function(*_):
        raise error

    return function


def test_the_same_output_again_works_with_its_error_and_the_exports_seconds():
    after = BEFORE * numpy.float32(1 + 2**-20)
    found = round_trip.tried(BEFORE, lambda: b"file", lambda file: after, "as ONNX", ticking())
    assert found.state == WORKS
    assert found.seconds == 5.0
    assert found.max_rel_err == pytest.approx(2**-20)
    assert found.note == "as ONNX: exported in 5 s, its output is off by 9.5e-07"


@pytest.mark.parametrize(
    "after",
    [BEFORE * 1.001, BEFORE[:, ::-1], BEFORE[:, :5], BEFORE * float("nan"), numpy.zeros(())],
    ids=["a per mille", "turned round", "half of it", "no number", "one number"],
)
def test_another_output_fails(after):
    found = round_trip.tried(BEFORE, lambda: None, lambda nothing: after, "as ONNX")
    assert found.state == FAILS
    assert found.max_rel_err > round_trip.TOLERANCE


def test_a_package_that_the_export_needs_is_named():
    error = ModuleNotFoundError("No module named 'onnxscript'", name="onnxscript")
    found = round_trip.tried(BEFORE, raising(error), lambda file: BEFORE, "as ONNX")
    assert found == (FAILS, "it needs onnxscript, which is not installed here", None, None)


def test_what_was_exported_and_could_not_be_run_says_so():
    error = ModuleNotFoundError("No module named 'onnxruntime'", name="onnxruntime")
    found = round_trip.tried(BEFORE, lambda: b"file", raising(error), "as ONNX", ticking())
    assert found.state == IN_PART
    assert found.note == "as ONNX: exported in 5 s, and not run: onnxruntime is not installed here"
    assert found.seconds == 5.0


def test_any_other_failure_is_the_findings_own():
    with pytest.raises(RuntimeError, match="no such operator"):
        round_trip.tried(BEFORE, raising(RuntimeError("no such operator")), None, "as ONNX")
