"""The workloads' models in plain numpy with float64, forward and backward, written out by hand.

Each takes the canonical parameters and an input set, and gives loss, gradients and logits. Knows
nothing of frameworks, devices or time; its own judge is a test against finite differences.
"""

from __future__ import annotations

from typing import Callable, NamedTuple, Sequence

import numpy

from .workloads import HEAD_WIDTH, NORM_EPSILON, InputSet

Arrays = Sequence[numpy.ndarray]


class Step(NamedTuple):
    """Loss, gradient, logits and nearness to a kink of one step."""

    loss: float
    gradients: list[numpy.ndarray]
    logits: numpy.ndarray
    margin: float
    """Least absolute value of anything that goes through a ReLU."""


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


def transformer(
    parameters: list[numpy.ndarray], inputs: InputSet, head_width: int = HEAD_WIDTH
) -> Step:
    """One encoder block with the norms in front (Xiong et al. 2020), mean over places, dense.

    x + attention(norm(x)), then x + dense(gelu(dense(norm(x)))); the attention without biases, GELU
    in its tanh form.
    """
    gain1, shift1, wq, wk, wv, wo, gain2, shift2, w1, b1, w2, b2, wh, bh = parameters
    x0 = inputs.distinct[0].astype(numpy.float64)
    count, places, width = x0.shape
    heads = width // head_width

    def split(x: numpy.ndarray) -> numpy.ndarray:
        return x.reshape(count, places, heads, head_width).transpose(0, 2, 1, 3)

    def merge(x: numpy.ndarray) -> numpy.ndarray:
        return x.transpose(0, 2, 1, 3).reshape(count, places, width)

    norm1, tape1 = normalise(x0, gain1, shift1)
    q, k, v = (split(norm1 @ weight.T) for weight in (wq, wk, wv))
    scores = q @ k.transpose(0, 1, 3, 2) / head_width**0.5
    shares = numpy.exp(scores - scores.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    mixed = merge(shares @ v)
    x1 = x0 + mixed @ wo.T
    norm2, tape2 = normalise(x1, gain2, shift2)
    inner = norm2 @ w1.T + b1
    active, slope = gelu(inner)
    x2 = x1 + active @ w2.T + b2
    pooled = x2.mean(axis=1)
    logits = pooled @ wh.T + bh

    loss, gradient = cross_entropy(logits, inputs)
    head = [gradient.T @ pooled, gradient.sum(axis=0)]
    flowing = numpy.broadcast_to((gradient @ wh)[:, None, :] / places, x2.shape)
    second = dense_gradients(flowing, active)
    back = (flowing @ w2) * slope
    first = dense_gradients(back, norm2)
    back, norm2_gradients = normalise_back(back @ w1, gain2, tape2)
    flowing = flowing + back
    output, _ = dense_gradients(flowing, mixed)
    back = split(flowing @ wo)
    to_v = merge(shares.transpose(0, 1, 3, 2) @ back)
    to_shares = back @ v.transpose(0, 1, 3, 2)
    to_scores = shares * (to_shares - (to_shares * shares).sum(axis=-1, keepdims=True))
    to_scores /= head_width**0.5
    to_q, to_k = merge(to_scores @ k), merge(to_scores.transpose(0, 1, 3, 2) @ q)
    projections = [dense_gradients(to, norm1)[0] for to in (to_q, to_k, to_v)]
    _, norm1_gradients = normalise_back(to_q @ wq + to_k @ wk + to_v @ wv, gain1, tape1)
    gradients = [
        *norm1_gradients,
        *projections,
        output,
        *norm2_gradients,
        *first,
        *second,
        *head,
    ]
    return Step(loss, gradients, logits, float("inf"))


def lstm(parameters: list[numpy.ndarray], inputs: InputSet) -> Step:
    """A long short-term memory (Hochreiter & Schmidhuber 1997, with a forget gate), then dense.

    Gates in the order input, forget, cell, output; one bias; the last hidden state counts.
    """
    from_input, from_hidden, bias, wh, bh = parameters
    x = inputs.distinct[0].astype(numpy.float64)
    count, places, _ = x.shape
    width = from_hidden.shape[1]
    hidden, cell = numpy.zeros((count, width)), numpy.zeros((count, width))
    tape = []
    for place in range(places):
        gates = x[:, place] @ from_input.T + hidden @ from_hidden.T + bias
        i, f, o = (sigmoid(gates[:, n * width : (n + 1) * width]) for n in (0, 1, 3))
        g = numpy.tanh(gates[:, 2 * width : 3 * width])
        before = hidden, cell
        cell = f * cell + i * g
        squashed = numpy.tanh(cell)
        hidden = o * squashed
        tape.append((*before, i, f, g, o, squashed))
    logits = hidden @ wh.T + bh

    loss, gradient = cross_entropy(logits, inputs)
    head = [gradient.T @ hidden, gradient.sum(axis=0)]
    to_hidden, to_cell = gradient @ wh, numpy.zeros((count, width))
    to_input_weight, to_hidden_weight, to_bias = (numpy.zeros_like(one) for one in parameters[:3])
    for place in reversed(range(places)):
        hidden, cell, i, f, g, o, squashed = tape[place]
        to_cell = to_cell + to_hidden * o * (1.0 - squashed**2)
        to_gates = numpy.concatenate(
            [
                to_cell * g * i * (1.0 - i),
                to_cell * cell * f * (1.0 - f),
                to_cell * i * (1.0 - g**2),
                to_hidden * squashed * o * (1.0 - o),
            ],
            axis=1,
        )
        to_input_weight += to_gates.T @ x[:, place]
        to_hidden_weight += to_gates.T @ hidden
        to_bias += to_gates.sum(axis=0)
        to_hidden, to_cell = to_gates @ from_hidden, to_cell * f
    gradients = [to_input_weight, to_hidden_weight, to_bias, *head]
    return Step(loss, gradients, logits, float("inf"))


def embedding(parameters: list[numpy.ndarray], inputs: InputSet) -> Step:
    """The sum of a sample's rows of a table, then dense."""
    table, wh, bh = parameters
    ids = inputs.distinct[0]
    summed = table[ids].sum(axis=1)
    logits = summed @ wh.T + bh
    loss, gradient = cross_entropy(logits, inputs)
    to_table = numpy.zeros_like(table)
    # An id that stands twice is learnt from twice.
    numpy.add.at(to_table, ids, (gradient @ wh)[:, None, :])
    return Step(loss, [to_table, gradient.T @ summed, gradient.sum(axis=0)], logits, float("inf"))


MODELS: dict[str, Callable[[list[numpy.ndarray], InputSet], Step]] = {
    "mlp": mlp,
    "cnn": cnn,
    "transformer": transformer,
    "lstm": lstm,
    "embedding": embedding,
}


def dense_gradients(back: numpy.ndarray, before: numpy.ndarray) -> list[numpy.ndarray]:
    """Gradients of weight and bias of a dense layer over all places of all samples."""
    flat = back.reshape(-1, back.shape[-1])
    return [flat.T @ before.reshape(-1, before.shape[-1]), flat.sum(axis=0)]


def normalise(
    x: numpy.ndarray, gain: numpy.ndarray, shift: numpy.ndarray
) -> tuple[numpy.ndarray, tuple[numpy.ndarray, numpy.ndarray]]:
    """Layer normalisation over the last axis (Ba et al. 2016), and what its way back needs."""
    centred = x - x.mean(axis=-1, keepdims=True)
    inverse = 1.0 / numpy.sqrt((centred**2).mean(axis=-1, keepdims=True) + NORM_EPSILON)
    unit = centred * inverse
    return unit * gain + shift, (unit, inverse)


def normalise_back(
    back: numpy.ndarray, gain: numpy.ndarray, tape: tuple[numpy.ndarray, numpy.ndarray]
) -> tuple[numpy.ndarray, list[numpy.ndarray]]:
    """Gradient by the input, and those of gain and shift."""
    unit, inverse = tape
    axes = tuple(range(back.ndim - 1))
    own = [(back * unit).sum(axis=axes), back.sum(axis=axes)]
    inner = back * gain
    mean = inner.mean(axis=-1, keepdims=True)
    along = unit * (inner * unit).mean(axis=-1, keepdims=True)
    return inverse * (inner - mean - along), own


def gelu(x: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The tanh form of GELU (Hendrycks & Gimpel 2016) and its slope."""
    factor = (2.0 / numpy.pi) ** 0.5
    bent = numpy.tanh(factor * (x + 0.044715 * x**3))
    slope = 0.5 * (1.0 + bent)
    slope = slope + 0.5 * x * (1.0 - bent**2) * factor * (1.0 + 3 * 0.044715 * x**2)
    return 0.5 * x * (1.0 + bent), slope


def sigmoid(x: numpy.ndarray) -> numpy.ndarray:
    result: numpy.ndarray = 1.0 / (1.0 + numpy.exp(-x))
    return result
