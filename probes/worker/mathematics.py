"""The workloads' models in plain numpy with float64, forward and backward, written out by hand.

Each takes the canonical parameters and an input set, and gives loss, gradients and logits. Knows
nothing of frameworks, devices or time; its own judge is a test against finite differences. Deep
networks are put together from operations that give their output and the way back through them.
"""

from __future__ import annotations

import functools
from typing import Any, Callable, NamedTuple, Sequence, Tuple

import numpy

from .workloads import HEAD_WIDTH, NORM_EPSILON, InputSet, Workload, bottlenecks

Back = Callable[[numpy.ndarray], numpy.ndarray]
"""From the gradient by an operation's output to that by its input."""
Operation = Callable[[numpy.ndarray], Tuple[numpy.ndarray, Back]]


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


class Pass:
    """One way through a network and back: takes the parameters one after the other, in the order in
    which operations are applied, and keeps their gradients."""

    def __init__(self, parameters: Sequence[numpy.ndarray], inputs: InputSet) -> None:
        self._parameters = parameters
        self._inputs = inputs
        self._taken = 0
        self._margin = float("inf")
        self._gradients: list[numpy.ndarray] = [numpy.zeros(0)] * len(parameters)

    def taught(self, network: Operation) -> Step:
        """The network on the samples, and its loss taken back through it."""
        samples = self._inputs.distinct[0]
        whole = samples.dtype.kind == "i"
        logits, back = network(samples if whole else samples.astype(numpy.float64))
        loss, gradient = cross_entropy(logits, self._inputs)
        back(gradient)
        return Step(loss, self._gradients, logits, self._margin)

    def _take(
        self, count: int
    ) -> tuple[list[numpy.ndarray], Callable[[list[numpy.ndarray]], None]]:
        """The next parameters, and where their gradients go."""
        start, self._taken = self._taken, self._taken + count

        def keep(gradients: list[numpy.ndarray]) -> None:
            self._gradients[start : start + count] = gradients

        return list(self._parameters[start : start + count]), keep

    def convolution(self, stride: int = 1, bias: bool = False) -> Operation:
        """A cross-correlation, as all frameworks mean it, padded by half its kernel."""

        def operation(x: numpy.ndarray) -> tuple[numpy.ndarray, Back]:
            (weight, *shift), keep = self._take(1 + bias)
            columns = im2col(x, weight.shape[2], stride)
            result = convolve(columns, weight, x.shape, stride)

            def back(flowing: numpy.ndarray) -> numpy.ndarray:
                flat = channels_first(flowing)
                own = [(flat @ columns.T).reshape(weight.shape)]
                keep(own + [flat.sum(axis=1)] * bias)
                return col2im(
                    weight.reshape(len(weight), -1).T @ flat, x.shape, weight.shape[2], stride
                )

            return (result + shift[0][:, None, None] if bias else result), back

        return operation

    def batch_norm(self, averages: bool) -> Operation:
        """Batch normalisation (Ioffe & Szegedy 2015). With `averages` by those that were kept,
        which are zero and one before any training; else by the batch's own."""

        def operation(x: numpy.ndarray) -> tuple[numpy.ndarray, Back]:
            (gain, shift), keep = self._take(2)
            _, _, height, width = x.shape
            flat = channels_first(x)
            if averages:
                unit, way = flat / (1.0 + NORM_EPSILON) ** 0.5, None
            else:
                weights = self._inputs.shares().repeat(height * width) / (height * width)
                unit, way = standardise(flat, weights)

            def back(flowing: numpy.ndarray) -> numpy.ndarray:
                inner = channels_first(flowing)
                keep([(inner * unit).sum(axis=1), inner.sum(axis=1)])
                inner = inner * gain[:, None]
                through = inner / (1.0 + NORM_EPSILON) ** 0.5 if way is None else way(inner)
                return samples_first(through, x.shape)

            return samples_first(unit * gain[:, None] + shift[:, None], x.shape), back

        return operation

    def layer_norm(self, x: numpy.ndarray) -> tuple[numpy.ndarray, Back]:
        """Layer normalisation over the last axis (Ba et al. 2016)."""
        (gain, shift), keep = self._take(2)
        unit, way = standardise(x, numpy.array(1.0 / x.shape[-1]))

        def back(flowing: numpy.ndarray) -> numpy.ndarray:
            axes = tuple(range(flowing.ndim - 1))
            keep([(flowing * unit).sum(axis=axes), flowing.sum(axis=axes)])
            return way(flowing * gain)

        return unit * gain + shift, back

    def dense(self, bias: bool = True) -> Operation:
        """Over all places of all samples."""

        def operation(x: numpy.ndarray) -> tuple[numpy.ndarray, Back]:
            (weight, *shift), keep = self._take(1 + bias)

            def back(flowing: numpy.ndarray) -> numpy.ndarray:
                flat = flowing.reshape(-1, flowing.shape[-1])
                keep([flat.T @ x.reshape(-1, x.shape[-1])] + [flat.sum(axis=0)] * bias)
                result: numpy.ndarray = flowing @ weight
                return result

            return (x @ weight.T + shift[0] if bias else x @ weight.T), back

        return operation

    def relu(self, x: numpy.ndarray) -> tuple[numpy.ndarray, Back]:
        self._margin = min(self._margin, float(numpy.abs(x).min()))
        return numpy.maximum(x, 0.0), lambda flowing: flowing * (x > 0.0)

    def tables(self, ids: numpy.ndarray) -> tuple[numpy.ndarray, Back]:
        """What stands for each token, its place and the first kind of sentence, added up."""
        (tokens, places, kinds), keep = self._take(3)
        count = ids.shape[1]

        def back(flowing: numpy.ndarray) -> numpy.ndarray:
            own = [numpy.zeros_like(tokens), numpy.zeros_like(places), numpy.zeros_like(kinds)]
            numpy.add.at(own[0], ids, flowing)
            own[1][:count] = flowing.sum(axis=0)
            own[2][0] = flowing.sum(axis=(0, 1))
            keep(own)
            return flowing

        return tokens[ids] + places[:count] + kinds[0], back

    def attention(self, head_width: int, bias: bool) -> Operation:
        """Attention of each place to all (Vaswani et al. 2017), with its four dense layers."""

        def operation(x: numpy.ndarray) -> tuple[numpy.ndarray, Back]:
            count, places, width = x.shape
            inside = (count, places, width // head_width, head_width)
            (q, from_q), (k, from_k), (v, from_v) = (self.dense(bias)(x) for _ in range(3))
            q, k, v = (one.reshape(inside).transpose(0, 2, 1, 3) for one in (q, k, v))
            scores = q @ k.transpose(0, 1, 3, 2) / head_width**0.5
            shares = numpy.exp(scores - scores.max(axis=-1, keepdims=True))
            shares /= shares.sum(axis=-1, keepdims=True)

            def merged(one: numpy.ndarray) -> numpy.ndarray:
                return one.transpose(0, 2, 1, 3).reshape(x.shape)

            result, from_output = self.dense(bias)(merged(shares @ v))

            def back(flowing: numpy.ndarray) -> numpy.ndarray:
                to_mixed = from_output(flowing).reshape(inside).transpose(0, 2, 1, 3)
                to_shares = to_mixed @ v.transpose(0, 1, 3, 2)
                inner = (to_shares * shares).sum(axis=-1, keepdims=True)
                to_scores = shares * (to_shares - inner) / head_width**0.5
                return (
                    from_q(merged(to_scores @ k))
                    + from_k(merged(to_scores.transpose(0, 1, 3, 2) @ q))
                    + from_v(merged(shares.transpose(0, 1, 3, 2) @ to_mixed))
                )

            return result, back

        return operation


def chain(*operations: Operation) -> Operation:
    """One after the other."""

    def operation(x: numpy.ndarray) -> tuple[numpy.ndarray, Back]:
        ways = []
        for one in operations:
            x, way = one(x)
            ways.append(way)

        def back(flowing: numpy.ndarray) -> numpy.ndarray:
            for way in reversed(ways):
                flowing = way(flowing)
            return flowing

        return x, back

    return operation


def added(main: Operation, shortcut: Operation | None = None) -> Operation:
    """The sum of both on the same input; without a shortcut the input itself (He et al. 2015)."""

    def operation(x: numpy.ndarray) -> tuple[numpy.ndarray, Back]:
        one, back_one = main(x)
        if shortcut is None:
            return x + one, lambda flowing: flowing + back_one(flowing)
        other, back_other = shortcut(x)
        return one + other, lambda flowing: back_one(flowing) + back_other(flowing)

    return operation


def cnn(parameters: list[numpy.ndarray], inputs: InputSet) -> Step:
    """A small residual network: five 3x3 convolutions, two of them around a shortcut.

    conv, ReLU, halve, conv, ReLU, add(conv, ReLU), halve, conv, ReLU, add(conv, ReLU), mean over
    the image, dense. Halving is the mean of 2x2.
    """
    way = Pass(parameters, inputs)

    def convolved() -> Operation:
        return chain(way.convolution(bias=True), way.relu)

    stage = chain(halve, convolved(), added(convolved()))
    return way.taught(chain(convolved(), stage, stage, image_mean, way.dense()))


def resnet(parameters: list[numpy.ndarray], inputs: InputSet, workload: Workload) -> Step:
    """ResNet with bottlenecks (He et al. 2015), batch norm behind each convolution.

    7x7 with stride 2, norm, ReLU, the largest of 3x3 with stride 2, the blocks, mean over the
    image, dense.
    """
    way = Pass(parameters, inputs)

    def normed(stride: int = 1) -> Operation:
        return chain(way.convolution(stride), way.batch_norm(averages=not workload.trains))

    layers = [normed(2), way.relu, largest]
    for one in bottlenecks(workload):
        main = chain(normed(), way.relu, normed(one.stride), way.relu, normed())
        layers += [added(main, normed(one.stride) if one.projected else None), way.relu]
    return way.taught(chain(*layers, image_mean, way.dense()))


def transformer(
    parameters: list[numpy.ndarray], inputs: InputSet, head_width: int = HEAD_WIDTH
) -> Step:
    """One encoder block with the norms in front (Xiong et al. 2020), mean over places, dense.

    x + attention(norm(x)), then x + dense(gelu(dense(norm(x)))); the attention without biases, GELU
    in its tanh form.
    """
    way = Pass(parameters, inputs)
    attend = chain(way.layer_norm, way.attention(head_width, bias=False))
    feed = chain(way.layer_norm, way.dense(), gelu_operation, way.dense())
    return way.taught(chain(added(attend), added(feed), mean_of_places, way.dense()))


def bert(parameters: list[numpy.ndarray], inputs: InputSet, head_width: int = HEAD_WIDTH) -> Step:
    """BERT's encoder (Devlin et al. 2018) with pooler and classifier, without dropout.

    The norms stand behind: norm(x + attention(x)), then norm(x + dense(gelu(dense(x)))); GELU in
    its tanh form, as in its authors' code. The first place's state goes through the pooler.
    """
    way = Pass(parameters, inputs)
    blocks = (len(parameters) - AROUND_BLOCKS) // IN_A_BLOCK
    attend = added(way.attention(head_width, bias=True))
    feed = added(chain(way.dense(), gelu_operation, way.dense()))
    layers = [attend, way.layer_norm, feed, way.layer_norm] * blocks
    pooled = chain(first_place, way.dense(), squashed, way.dense())
    return way.taught(chain(way.tables, way.layer_norm, *layers, pooled))


AROUND_BLOCKS, IN_A_BLOCK = 9, 16
"""Parameters of BERT's tables, their norm, the pooler and the classifier; of each of its blocks."""


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


def channels_first(images: numpy.ndarray) -> numpy.ndarray:
    """(channels, samples x height x width)."""
    return images.transpose(1, 0, 2, 3).reshape(images.shape[1], -1)


def samples_first(flat: numpy.ndarray, shape: tuple[int, ...]) -> numpy.ndarray:
    """The other way round."""
    samples, channels, height, width = shape
    return flat.reshape(channels, samples, height, width).transpose(1, 0, 2, 3)


def edges(shape: tuple[int, ...], kernel: int, stride: int) -> tuple[int, int]:
    """Height and width after a kernel that is odd, with half of it as padding on each side."""
    return (shape[2] - 1) // stride + 1, (shape[3] - 1) // stride + 1


def windows(shape: tuple[int, ...], kernel: int, stride: int) -> list[tuple[int, int, Any]]:
    """Row and column of each of a kernel's places, and what it sees of the padded images."""
    height, width = edges(shape, kernel, stride)
    return [
        (
            row,
            column,
            (
                slice(None),
                slice(None),
                slice(row, row + stride * (height - 1) + 1, stride),
                slice(column, column + stride * (width - 1) + 1, stride),
            ),
        )
        for row in range(kernel)
        for column in range(kernel)
    ]


def padded(images: numpy.ndarray, kernel: int, value: float = 0.0) -> numpy.ndarray:
    half = kernel // 2
    around = ((0, 0), (0, 0), (half, half), (half, half))
    return numpy.pad(images, around, constant_values=value)


def im2col(images: numpy.ndarray, kernel: int = 3, stride: int = 1) -> numpy.ndarray:
    """(channels x kernel x kernel, samples x height x width) of all neighbourhoods, padded with
    zeros."""
    samples, channels = images.shape[:2]
    wide = padded(images, kernel)
    columns = numpy.empty((channels, kernel, kernel, samples, *edges(images.shape, kernel, stride)))
    for row, column, window in windows(images.shape, kernel, stride):
        columns[:, row, column] = wide[window].transpose(1, 0, 2, 3)
    return columns.reshape(channels * kernel**2, -1)


def col2im(
    columns: numpy.ndarray, shape: tuple[int, ...], kernel: int = 3, stride: int = 1
) -> numpy.ndarray:
    """The transpose of `im2col`: adds each neighbourhood back to where it was taken."""
    samples, channels, height, width = shape
    parts = columns.reshape(channels, kernel, kernel, samples, *edges(shape, kernel, stride))
    half = kernel // 2
    wide = numpy.zeros((samples, channels, height + 2 * half, width + 2 * half))
    for row, column, window in windows(shape, kernel, stride):
        wide[window] += parts[:, row, column].transpose(1, 0, 2, 3)
    return wide[:, :, half : half + height, half : half + width]


def convolve(
    columns: numpy.ndarray, weight: numpy.ndarray, shape: tuple[int, ...], stride: int = 1
) -> numpy.ndarray:
    """A convolution (cross-correlation, as all frameworks mean it) from its columns."""
    flat = weight.reshape(len(weight), -1) @ columns
    return samples_first(flat, (shape[0], len(weight), *edges(shape, weight.shape[2], stride)))


def halve(images: numpy.ndarray) -> tuple[numpy.ndarray, Back]:
    """The mean of each 2x2 square."""
    samples, channels, height, width = images.shape
    squares = images.reshape(samples, channels, height // 2, 2, width // 2, 2)
    return (
        squares.mean(axis=(3, 5)),
        lambda flowing: flowing.repeat(2, axis=2).repeat(2, axis=3) / 4.0,
    )


def largest(images: numpy.ndarray) -> tuple[numpy.ndarray, Back]:
    """The largest of each 3x3 square, with stride 2."""
    seen = windows(images.shape, 3, 2)
    wide = padded(images, 3, -numpy.inf)
    chosen = numpy.stack([wide[window] for _, _, window in seen]).argmax(axis=0)

    def back(flowing: numpy.ndarray) -> numpy.ndarray:
        result = numpy.zeros(wide.shape)
        for number, (_, _, window) in enumerate(seen):
            result[window] += flowing * (chosen == number)
        return result[:, :, 1:-1, 1:-1]

    result = numpy.full(chosen.shape, -numpy.inf)
    for _, _, window in seen:
        result = numpy.maximum(result, wide[window])
    return result, back


def image_mean(images: numpy.ndarray) -> tuple[numpy.ndarray, Back]:
    """The mean over height and width."""
    area = images.shape[2] * images.shape[3]

    def back(flowing: numpy.ndarray) -> numpy.ndarray:
        return numpy.broadcast_to(flowing[:, :, None, None] / area, images.shape)

    return images.mean(axis=(2, 3)), back


def mean_of_places(x: numpy.ndarray) -> tuple[numpy.ndarray, Back]:
    def back(flowing: numpy.ndarray) -> numpy.ndarray:
        return numpy.broadcast_to(flowing[:, None, :] / x.shape[1], x.shape)

    return x.mean(axis=1), back


def first_place(x: numpy.ndarray) -> tuple[numpy.ndarray, Back]:
    def back(flowing: numpy.ndarray) -> numpy.ndarray:
        result = numpy.zeros(x.shape)
        result[:, 0] = flowing
        return result

    return x[:, 0], back


def squashed(x: numpy.ndarray) -> tuple[numpy.ndarray, Back]:
    """The hyperbolic tangent."""
    result = numpy.tanh(x)
    return result, lambda flowing: flowing * (1.0 - result**2)


def gelu_operation(x: numpy.ndarray) -> tuple[numpy.ndarray, Back]:
    result, slope = gelu(x)
    return result, lambda flowing: flowing * slope


def standardise(x: numpy.ndarray, weights: numpy.ndarray) -> tuple[numpy.ndarray, Back]:
    """Numbers with mean 0 and variance 1 along the last axis, whose weights add up to 1; a single
    weight is that of each."""
    centred = x - (x * weights).sum(axis=-1, keepdims=True)
    variance = (centred**2 * weights).sum(axis=-1, keepdims=True)
    inverse = 1.0 / numpy.sqrt(variance + NORM_EPSILON)
    unit = centred * inverse

    def back(flowing: numpy.ndarray) -> numpy.ndarray:
        level = weights * flowing.sum(axis=-1, keepdims=True)
        along = weights * unit * (flowing * unit).sum(axis=-1, keepdims=True)
        result: numpy.ndarray = inverse * (flowing - level - along)
        return result

    return unit, back


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


MODELS: dict[str, Callable[..., Step]] = {
    "mlp": mlp,
    "cnn": cnn,
    "transformer": transformer,
    "lstm": lstm,
    "embedding": embedding,
    "resnet": resnet,
    "bert": bert,
}


def model_of(workload: Workload) -> Callable[[list[numpy.ndarray], InputSet], Step]:
    """The mathematics of a workload, from parameters and inputs."""
    model = MODELS[workload.model]
    return functools.partial(model, workload=workload) if workload.model == "resnet" else model


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
