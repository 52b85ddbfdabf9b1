"""The proof that a mode does the same work as the float64 reference, on the function to be timed.

It places inputs that the mode has never seen, takes the very steps that are timed, and compares
losses, gradient (from what one step did to the weights), updated weights, outputs, types and
counts. Then it looks at whether a step is over when its wait says so. Knows no framework.
"""

from __future__ import annotations

import math
import time
from typing import Any, Callable, Iterable, Iterator, NamedTuple, Sequence

import numpy

from . import reference, workloads
from .contract import NATIVE, Task
from .reference import Expected
from .timing import Window
from .workloads import Workload

TOLERANCE = 1e-4
NATIVE_TOLERANCE = 2e-2
"""Where a track lets TF32 or bfloat16 in; on a processor both tracks compute in float32."""
KINK_TOLERANCE = 5e-2
"""For gradient and update of a network with too many ReLUs to keep all of them off their kink: in
millions of numbers some lie within rounding of zero, and each that falls on the other side changes
the arrays below it. Seen with ResNet-50 on a processor: 0.018 in float32 throughout, 0.19 with
weights of TF32's precision. Losses, the gradient's norm and outputs hardly move, and are held to
the tolerance of all others."""
MANY_PARAMETERS = 10_000_000
"""From here on a network with ReLUs counts as one that has too many of them."""
LEAST_SHARE = 1e-4
"""Of a known network's whole gradient: an array that is less (the bias of attention's keys learns
nothing, since softmax does not see it) is compared against so much, not its own rounding."""
WORST = 1e30
"""Stands for an error that is no number or infinite, for which JSON has no word."""
LATE_SECONDS = 5e-4
LATE_SHARE = 1.0 / 3.0
"""A step counts as not waited for when, in the median, more than this share of its time (and more
than half a millisecond) was still to come after its wait returned. What is seen in the field is
some 98 percent; fetching what is there already costs under a percent, since a second fetch is
taken off."""


class Proof(NamedTuple):
    """The outcome, as it goes to the other side."""

    passed: bool
    max_rel_err: float
    tolerance: float
    losses: list[float]
    reference_losses: list[float]
    gradient_norm: float | None
    reference_gradient_norm: float | None
    parameter_count: int | None
    reason: str | None


class Trial(NamedTuple):
    """What was seen of a mode."""

    errors: dict[str, float]
    losses: list[float]
    gradient_norm: float | None
    parameter_count: int | None
    faults: list[str]
    first_call_seconds: float
    late: bool


def tolerance_of(track: str, device: str) -> float:
    """What rounding may explain."""
    return NATIVE_TOLERANCE if track == NATIVE and device != "cpu" else TOLERANCE


def near_kinks(workload: Workload) -> bool:
    """Whether no seed keeps all pre-activations off a ReLU's kink."""
    return workload.model == "resnet" and workloads.parameter_count(workload) >= MANY_PARAMETERS


def allowed(name: str, workload: Workload, tolerance: float) -> float:
    """What one of a trial's errors may come to."""
    bent = near_kinks(workload) and name in ("gradient", "update")
    return max(tolerance, KINK_TOLERANCE) if bent else tolerance


def prove(
    task: Task,
    workload: Workload,
    expected: Expected,
    placed: list[Any],
    tolerance: float,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[Proof, float]:
    """Hold a task against its reference; gives the proof and the seconds of the first call."""

    def once() -> Trial:
        if workload.trains:
            reduced = tolerance > TOLERANCE
            return try_training(task, workload, expected, placed, reduced, clock)
        return try_outputs(task, workload, expected, placed, clock)

    trial = once()
    first_call_seconds = trial.first_call_seconds
    if trial.late:
        # On a busy machine an honest wait can look late once; one that does not wait always does.
        trial = trial._replace(late=once().late)
    faults = list(trial.faults)
    if trial.late:
        faults.append("the wait returns before the step is over")
    # The one that comes nearest to what it may be off by, or is the furthest beyond it.
    name, worst, tolerance = max(
        ((name, error, allowed(name, workload, tolerance)) for name, error in trial.errors.items()),
        key=lambda found: found[1] / found[2],
    )
    if worst > tolerance:
        faults.append("{} off by {:.1e}, allowed {:.0e}".format(name, worst, tolerance))
    count = trial.parameter_count
    if count is not None and count != workloads.parameter_count(workload):
        faults.append("{} parameters, not {}".format(count, workloads.parameter_count(workload)))
    reference_norm = norm(expected.first_gradient) if workload.trains else None
    proof = Proof(
        passed=not faults,
        max_rel_err=worst,
        tolerance=tolerance,
        losses=[loss for loss in trial.losses if math.isfinite(loss)],
        reference_losses=list(expected.losses),
        gradient_norm=trial.gradient_norm,
        reference_gradient_norm=reference_norm,
        parameter_count=count,
        reason="; ".join(faults) or None,
    )
    return proof, first_call_seconds


def try_training(
    task: Task,
    workload: Workload,
    expected: Expected,
    placed: list[Any],
    reduced: bool,
    clock: Callable[[], float],
) -> Trial:
    """Take the proof's steps and look at losses and weights after each.

    `reduced` is for a track that lets TF32 or bfloat16 in: these push single units over a ReLU's
    kink, so that only arrays as a whole can be compared, not their worst element.
    """
    apart = together if reduced else whole_apart if near_kinks(workload) else worst_apart
    initial = workloads.initial_parameters(workload)
    task.load(initial)
    faults = type_faults(task.parameters(), "weights")
    losses, waited, late = [], [], []
    parameters: Sequence[numpy.ndarray] = initial
    after_one = parameters
    for number in range(workload.steps):
        before = clock()
        result = task.step(placed[number % len(placed)])
        task.wait(result)
        over = clock()
        loss, parameters = numpy.asarray(task.numpy(result)), task.parameters()
        fetched = clock()
        task.numpy(result), task.parameters()
        late.append((fetched - over) - (clock() - fetched))
        waited.append(over - before)
        faults += type_faults([loss], "loss") + type_faults(parameters, "weights")
        losses.append(float(loss))
        if number == 0:
            after_one = parameters

    # From the timed step itself: a gradient asked for apart could be another one. One array at a
    # time: of a hundred million numbers a copy in float64 takes nearly a gigabyte.
    def gradient() -> Iterator[numpy.ndarray]:
        return differences(initial, after_one, workload.learning_rate)

    def should() -> Iterator[numpy.ndarray]:
        return differences(expected.final_parameters, initial)

    reference_norm = norm(expected.first_gradient)
    least = LEAST_SHARE if workload.blocks else 0.0
    gradient_norm = norm(gradient())
    errors = {
        "loss": worst_of(abs(a - b) / abs(b) for a, b in zip(losses, expected.losses)),
        "gradient": apart(
            past_rounding(gradient(), expected.first_gradient, initial, 1 / workload.learning_rate),
            expected.first_gradient,
            least * reference_norm,
        ),
        "gradient norm": worst_of([abs(gradient_norm - reference_norm) / reference_norm]),
        "update": apart(
            past_rounding(differences(parameters, initial), should(), initial, workload.steps),
            should(),
            least * norm(should()),
        ),
    }
    return Trial(
        errors=errors,
        losses=losses,
        gradient_norm=gradient_norm if math.isfinite(gradient_norm) else None,
        parameter_count=task.parameter_count(),
        faults=sorted(set(faults)),
        first_call_seconds=waited[0],
        late=came_late(waited[1:], late[1:]),
    )


def try_outputs(
    task: Task,
    workload: Workload,
    expected: Expected,
    placed: list[Any],
    clock: Callable[[], float],
) -> Trial:
    """Compare the output of every input set, then of the first again: inputs are arguments."""
    trained = bool(workloads.parameters_of(workload))
    if trained:
        task.load(workloads.initial_parameters(workload))
    waited, late, errors, faults = [], [], [], []
    for number in [*range(len(placed)), 0]:
        before = clock()
        result = task.step(placed[number])
        task.wait(result)
        over = clock()
        output = numpy.asarray(task.numpy(result))
        fetched = clock()
        task.numpy(result)
        late.append((fetched - over) - (clock() - fetched))
        waited.append(over - before)
        faults += type_faults([output], "output") + subnormal_faults(output)
        errors.append(output_error(output, number, workload, expected))
    return Trial(
        errors={"output": worst_of(errors)},
        losses=[],
        gradient_norm=None,
        parameter_count=task.parameter_count() if trained else None,
        faults=sorted(set(faults)),
        first_call_seconds=waited[0],
        late=came_late(waited[1:], late[1:]),
    )


def fault_of_window(
    task: Task, workload: Workload, expected: Expected, window: Window, tolerance: float
) -> str | None:
    """The fault if the very steps of a window did not give what was proven, else None.

    Of training the first step's loss is known, of anything else the last one's output.
    """
    last = numpy.asarray(task.numpy(window.last))
    fault = unusable(last)
    if fault:
        return fault
    if workload.trains:
        first = numpy.asarray(task.numpy(window.first))
        error = relative(first, numpy.asarray(expected.losses[0]))
    else:
        error = output_error(last, window.last_inputs, workload, expected)
    return "in the window the step was off by {:.1e}".format(error) if error > tolerance else None


def still_right(
    task: Task, workload: Workload, expected: Expected, placed: list[Any], tolerance: float
) -> str | None:
    """After all windows: the fault if the timed step no longer gives what was proven, else None."""
    if workload.trains:
        task.load(workloads.initial_parameters(workload))
    result = task.step(placed[0])
    task.wait(result)
    value = numpy.asarray(task.numpy(result))
    if workload.trains:
        error = relative(value, numpy.asarray(expected.losses[0]))
    else:
        error = output_error(value, 0, workload, expected)
    if error > tolerance:
        return "after the windows the step was off by {:.1e}".format(error)
    return None


def output_error(
    output: numpy.ndarray, number: int, workload: Workload, expected: Expected
) -> float:
    """Relative error of the output of one input set."""
    right = expected.outputs[number]
    if expected.rows is None:
        return relative(output, right)
    whole = (workload.batch, workload.batch)
    if output.shape != (whole if workload.model == "product" else whole[:1]):
        return WORST
    error = relative(output[expected.rows], right)
    if expected.projections:
        projected = output @ reference.probe_vector(workload.batch)
        error = worst_of([error, relative(projected, expected.projections[number])])
    return error


def unusable(result: Any) -> str | None:
    """Whether a result is no number: what ran away is not the work that was asked for."""
    return None if bool(numpy.isfinite(numpy.asarray(result)).all()) else "the result is no number"


def came_late(waited: list[float], late: list[float]) -> bool:
    """Whether a good part of the steps was still to come after their wait."""
    rest = float(numpy.median(late))
    return rest > LATE_SECONDS and rest > LATE_SHARE * (rest + float(numpy.median(waited)))


def type_faults(arrays: Sequence[numpy.ndarray], what: str) -> list[str]:
    """Float32 is what was asked for; anything else would be other work."""
    wrong = {str(array.dtype) for array in arrays if array.dtype != numpy.float32}
    return ["{} in {}, not float32".format(what, name) for name in sorted(wrong)]


def subnormal_faults(array: numpy.ndarray) -> list[str]:
    """Numbers too small to be normal take another time on each framework (some flush them)."""
    if array.dtype != numpy.float32:
        return []
    tiny = numpy.finfo(numpy.float32).tiny
    size = numpy.abs(array)
    return ["subnormal numbers"] if bool(((size > 0) & (size < tiny)).any()) else []


def differences(after: Any, before: Any, divisor: float = 1.0) -> Iterator[numpy.ndarray]:
    """(after - before) / divisor for each pair, float64; shapes that differ give infinities."""
    return (
        (a.astype(numpy.float64) - b.astype(numpy.float64)) / divisor
        if a.shape == b.shape
        else numpy.full(b.shape, numpy.inf)
        for a, b in zip(after, before)
    )


def past_rounding(
    seen: Iterable[numpy.ndarray],
    right: Iterable[numpy.ndarray],
    weights: Iterable[numpy.ndarray],
    units: float,
) -> Iterator[numpy.ndarray]:
    """What was seen, moved towards what is right by so many units in the weights' last place.

    A change is read off the weights, and float32 keeps no more of it: of a gain of 1 that moves by
    a ten-thousandth, half a thousandth of the step is lost.
    """
    return (
        a if a.shape != b.shape else b + shrunk(a - b, units * numpy.spacing(numpy.abs(weight)))
        for a, b, weight in zip(seen, right, weights)
    )


def shrunk(distance: numpy.ndarray, by: numpy.ndarray) -> numpy.ndarray:
    """Each number nearer to zero by so much, and no further than to it."""
    result: numpy.ndarray = numpy.sign(distance) * numpy.maximum(numpy.abs(distance) - by, 0.0)
    return result


def relative(seen: numpy.ndarray, right: numpy.ndarray, least: float = 0.0) -> float:
    """The larger of two relative errors: of the whole array, and of its worst element against the
    largest. The first shows a loss of precision everywhere, the second a single wrong number.
    `least` is the smallest size that errors are taken against."""
    if seen.shape != right.shape:
        return WORST
    distance = seen.astype(numpy.float64) - right
    least = max(least, 1e-150)
    whole = math.sqrt(float((distance**2).sum())) / max(norm([right]), least)
    worst = float(numpy.abs(distance).max()) / max(float(numpy.abs(right).max()), least)
    return worst_of([whole, worst])


def worst_apart(seen: Any, right: Any, least: float = 0.0) -> float:
    """The worst relative error of the arrays one by one."""
    return worst_of(relative(a, b, least) for a, b in zip(seen, right))


def whole_apart(seen: Any, right: Any, least: float = 0.0) -> float:
    """The worst relative error of the arrays, each as a whole."""
    return worst_of(together([a], [b], least) for a, b in zip(seen, right))


def together(seen: Any, right: Any, least: float = 0.0) -> float:
    """The relative error of all arrays as one vector."""
    distance = size = 0.0
    for a, b in zip(seen, right):
        distance += norm(differences([a], [b])) ** 2
        size += norm([b]) ** 2
    return worst_of([math.sqrt(distance) / max(math.sqrt(size), least, 1e-150)])


def worst_of(errors: Any) -> float:
    """The largest; what is no number or too large counts as the worst there is."""
    return max(
        (error if math.isfinite(error) and error < WORST else WORST for error in errors),
        default=WORST,
    )


def norm(arrays: Any) -> float:
    """Euclidean norm of all numbers together."""
    return math.sqrt(sum(float((array.astype(numpy.float64) ** 2).sum()) for array in arrays))
