"""What is right: loss curves, gradients and outputs of each workload in float64.

Plain gradient descent on the models of `mathematics.py`, over the distinct samples of a batch
weighted by their share. Knows nothing of frameworks, devices or time.
"""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy

from .mathematics import as_float64, model_of
from .workloads import CHANGED_BY, InputSet, Workload, initial_parameters, input_sets


class Expected(NamedTuple):
    """What a workload must give; each mode is held against it."""

    losses: tuple[float, ...] = ()
    first_gradient: tuple[numpy.ndarray, ...] = ()
    final_parameters: tuple[numpy.ndarray, ...] = ()
    outputs: tuple[numpy.ndarray, ...] = ()
    """One for each input set; where `rows` is given, only those of it."""
    rows: numpy.ndarray | None = None
    projections: tuple[numpy.ndarray, ...] = ()
    """Of a product: each whole output times `probe_vector`, which costs a square, not a cube, and
    in which a wrong number anywhere shows (Freivalds 1977)."""
    margin: float = float("inf")


def expected(workload: Workload) -> Expected:
    """Compute the reference of a workload."""
    sets = input_sets(workload)
    if workload.trains:
        return expected_training(workload, sets)
    rows = checked_rows(workload)
    if workload.model == "product":
        outputs, projections = [], []
        probe = probe_vector(workload.batch)
        for entry in sets:
            left, right = entry.distinct
            right = right.astype(numpy.float64)
            outputs.append(left[rows].astype(numpy.float64) @ right)
            projections.append(left.astype(numpy.float64) @ (right @ probe))
        return Expected(outputs=tuple(outputs), rows=rows, projections=tuple(projections))
    if workload.model == "triad":
        outputs = [
            left[rows].astype(numpy.float64) + TRIAD_FACTOR * right[rows].astype(numpy.float64)
            for left, right in (entry.distinct for entry in sets)
        ]
        return Expected(outputs=tuple(outputs), rows=rows)
    if workload.model == "pipeline":
        return Expected(outputs=tuple(map(expected_fingerprints, sets)))
    parameters = as_float64(initial_parameters(workload))
    steps = [model_of(workload)(parameters, entry) for entry in sets]
    return Expected(outputs=tuple(step.logits for step in steps))


TRIAD_FACTOR = 3.0
ARRAYS = ("first_gradient", "final_parameters", "outputs", "projections")
"""What of a reference is arrays, in the order in which a file holds them."""


def write(path: str, reference: Expected) -> None:
    """Keep a reference in a file, whole or not at all: arrays one after the other, in numpy's own
    format, so that nothing is executed when it is read."""
    rows = () if reference.rows is None else (reference.rows,)
    counts = [len(getattr(reference, name)) for name in ARRAYS]
    unfinished = path + ".new"
    with open(unfinished, "wb") as file:
        numpy.save(file, numpy.array([len(rows), *counts]), allow_pickle=False)
        numpy.save(file, numpy.array(reference.losses, dtype=numpy.float64), allow_pickle=False)
        for array in (*rows, *(one for name in ARRAYS for one in getattr(reference, name))):
            numpy.save(file, array, allow_pickle=False)
    os.replace(unfinished, path)


def read(path: str) -> Expected:
    """A reference from its file; raises OSError, ValueError."""
    with open(path, "rb") as file:
        with_rows, *counts = numpy.load(file, allow_pickle=False).tolist()
        losses = tuple(numpy.load(file, allow_pickle=False).tolist())
        rows = numpy.load(file, allow_pickle=False) if with_rows else None
        first_gradient, final_parameters, outputs, projections = (
            tuple(numpy.load(file, allow_pickle=False) for _ in range(count)) for count in counts
        )
    return Expected(losses, first_gradient, final_parameters, outputs, rows, projections)


def expected_fingerprints(entry: InputSet) -> numpy.ndarray:
    """Of each sample, changed as the pipeline is to change it, its fingerprint."""
    samples = entry.distinct[0].astype(numpy.float64)
    shift, scale = CHANGED_BY
    samples = (samples - shift) * scale
    samples[1::2] = samples[1::2, ..., ::-1]
    return fingerprints(samples)


def fingerprints(samples: numpy.ndarray) -> numpy.ndarray:
    """Of each sample one number that any change of its numbers or their order changes, float64."""
    flat = samples.reshape(len(samples), -1).astype(numpy.float64)
    result: numpy.ndarray = flat @ probe_vector(flat.shape[1])
    return result


def checked_rows(workload: Workload) -> numpy.ndarray:
    """The rows of an output that are compared: float64 for all of a large one would take longer
    than all else. They are spread over the whole, so that a part left out shows."""
    most = {"product": 64, "triad": 65_536}
    count = min(workload.batch, most.get(workload.model, workload.batch))
    return numpy.linspace(0, workload.batch - 1, count).astype(numpy.int64)


def probe_vector(size: int) -> numpy.ndarray:
    """A fixed vector of random numbers, float64."""
    return numpy.random.RandomState(3).standard_normal(size)


def expected_training(workload: Workload, sets: list[InputSet]) -> Expected:
    """Loss curve, first gradient and final parameters of plain gradient descent."""
    parameters = as_float64(initial_parameters(workload))
    losses = []
    first: tuple[numpy.ndarray, ...] = ()
    margin = float("inf")
    # A hundred million numbers take a gigabyte less so. Half a unit in the last place is lost, and
    # the comparison allows one for each step.
    kept = numpy.float32 if workload.blocks else numpy.float64
    for number in range(workload.steps):
        step = model_of(workload)(parameters, sets[number % len(sets)])
        losses.append(step.loss)
        margin = min(margin, step.margin)
        first = first or tuple(one.astype(kept, copy=False) for one in step.gradients)
        parameters = [
            value - workload.learning_rate * gradient
            for value, gradient in zip(parameters, step.gradients)
        ]
    return Expected(
        losses=tuple(losses),
        first_gradient=first,
        final_parameters=tuple(one.astype(kept, copy=False) for one in parameters),
        margin=margin,
    )
