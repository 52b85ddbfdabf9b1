"""What is right: the workloads in plain numpy with float64, written out by hand.

Forward, loss, gradient and plain gradient descent, over the distinct samples of a batch weighted by
their share. Knows nothing of frameworks, devices or time; its own judge is a test against finite
differences.
"""

from __future__ import annotations

from typing import NamedTuple, Sequence

import numpy

from .workloads import InputSet, Workload, initial_parameters, input_sets


class Step(NamedTuple):
    """Loss, gradient, logits and nearness to a kink of one step."""

    loss: float
    gradients: list[numpy.ndarray]
    logits: numpy.ndarray
    margin: float
    """Least absolute value of anything that goes through a ReLU."""


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
    parameters = as_float64(initial_parameters(workload))
    steps = [cnn(parameters, entry) for entry in sets]
    return Expected(outputs=tuple(step.logits for step in steps))


TRIAD_FACTOR = 3.0


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
    for number in range(workload.steps):
        step = MODELS[workload.model](parameters, sets[number % len(sets)])
        losses.append(step.loss)
        margin = min(margin, step.margin)
        first = first or tuple(step.gradients)
        parameters = [
            value - workload.learning_rate * gradient
            for value, gradient in zip(parameters, step.gradients)
        ]
    return Expected(
        losses=tuple(losses),
        first_gradient=first,
        final_parameters=tuple(parameters),
        margin=margin,
    )


def as_float64(arrays: Sequence[numpy.ndarray]) -> list[numpy.ndarray]:
    return [array.astype(numpy.float64) for array in arrays]


def mlp(parameters: list[numpy.ndarray], inputs: InputSet) -> Step:
    """Dense layers with ReLU between them, mean cross-entropy."""
    activation = inputs.distinct[0].astype(numpy.float64)
    seen = []
    margin = float("inf")
    layers = list(zip(parameters[::2], parameters[1::2]))
    for number, (weight, bias) in enumerate(layers):
        seen.append(activation)
        activation = activation @ weight.T + bias
        if number < len(layers) - 1:
            margin = min(margin, float(numpy.abs(activation).min()))
            activation = numpy.maximum(activation, 0.0)
    logits = activation
    loss, gradient = cross_entropy(logits, inputs)
    gradients: list[numpy.ndarray] = []
    for (weight, _), before in zip(reversed(layers), reversed(seen)):
        gradients = [gradient.T @ before, gradient.sum(axis=0), *gradients]
        # The activation before this layer is positive exactly where its ReLU let through.
        gradient = (gradient @ weight) * (before > 0.0)
    return Step(loss, gradients, logits, margin)


def cnn(parameters: list[numpy.ndarray], inputs: InputSet) -> Step:
    """A small residual network: five 3x3 convolutions, two of them around a shortcut.

    conv, ReLU, halve, conv, ReLU, add(conv, ReLU), halve, conv, ReLU, add(conv, ReLU), mean over
    the image, dense. Halving is the mean of 2x2.
    """
    weights, biases = parameters[::2], parameters[1::2]
    activation = inputs.distinct[0].astype(numpy.float64)
    margin = float("inf")
    tape = []
    for number in range(5):
        halved = number in (1, 3)
        if halved:
            activation = halve(activation)
        columns = im2col(activation)
        before = convolve(columns, weights[number], biases[number], activation.shape)
        margin = min(margin, float(numpy.abs(before).min()))
        tape.append((columns, activation.shape, before > 0.0))
        after = numpy.maximum(before, 0.0)
        activation = activation + after if number in (2, 4) else after
    pooled = activation.mean(axis=(2, 3))
    logits = pooled @ weights[5].T + biases[5]
    loss, gradient = cross_entropy(logits, inputs)
    gradients: list[numpy.ndarray] = [gradient.T @ pooled, gradient.sum(axis=0)]
    area = activation.shape[2] * activation.shape[3]
    flowing = numpy.broadcast_to((gradient @ weights[5])[:, :, None, None] / area, activation.shape)
    for number in reversed(range(5)):
        columns, shape, passed = tape[number]
        inner = flowing * passed
        flat = inner.transpose(1, 0, 2, 3).reshape(inner.shape[1], -1)
        gradients = [
            (flat @ columns.T).reshape(weights[number].shape),
            flat.sum(axis=1),
            *gradients,
        ]
        back = col2im(weights[number].reshape(len(flat), -1).T @ flat, shape)
        flowing = flowing + back if number in (2, 4) else back
        if number in (1, 3):
            flowing = flowing.repeat(2, axis=2).repeat(2, axis=3) / 4.0
    return Step(loss, gradients, logits, margin)


MODELS = {"mlp": mlp, "cnn": cnn}


def cross_entropy(logits: numpy.ndarray, inputs: InputSet) -> tuple[float, numpy.ndarray]:
    """Mean cross-entropy over the batch and its gradient by the logits of the distinct samples."""
    labels, shares = inputs.distinct[1], inputs.shares()
    places = numpy.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    logarithms = shifted - numpy.log(numpy.exp(shifted).sum(axis=1, keepdims=True))
    loss = -float((shares * logarithms[places, labels]).sum())
    gradient = numpy.exp(logarithms)
    gradient[places, labels] -= 1.0
    return loss, gradient * shares[:, None]


def im2col(images: numpy.ndarray) -> numpy.ndarray:
    """(channels x 9, samples x height x width) of all 3x3 neighbourhoods, padded with zeros."""
    samples, channels, height, width = images.shape
    padded = numpy.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    columns = numpy.empty((channels, 3, 3, samples, height, width))
    for row in range(3):
        for column in range(3):
            window = padded[:, :, row : row + height, column : column + width]
            columns[:, row, column] = window.transpose(1, 0, 2, 3)
    return columns.reshape(channels * 9, -1)


def col2im(columns: numpy.ndarray, shape: tuple[int, ...]) -> numpy.ndarray:
    """The transpose of `im2col`: adds each neighbourhood back to where it was taken."""
    samples, channels, height, width = shape
    parts = columns.reshape(channels, 3, 3, samples, height, width)
    padded = numpy.zeros((samples, channels, height + 2, width + 2))
    for row in range(3):
        for column in range(3):
            part = parts[:, row, column].transpose(1, 0, 2, 3)
            padded[:, :, row : row + height, column : column + width] += part
    return padded[:, :, 1:-1, 1:-1]


def convolve(
    columns: numpy.ndarray, weight: numpy.ndarray, bias: numpy.ndarray, shape: tuple[int, ...]
) -> numpy.ndarray:
    """A 3x3 convolution (cross-correlation, as all frameworks mean it) from its columns."""
    samples, _, height, width = shape
    flat = weight.reshape(len(weight), -1) @ columns + bias[:, None]
    result: numpy.ndarray = flat.reshape(len(weight), samples, height, width)
    return result.transpose(1, 0, 2, 3)


def halve(images: numpy.ndarray) -> numpy.ndarray:
    """The mean of each 2x2 square."""
    samples, channels, height, width = images.shape
    squares = images.reshape(samples, channels, height // 2, 2, width // 2, 2)
    result: numpy.ndarray = squares.mean(axis=(3, 5))
    return result
