"""The models in JAX, as functions of their weights and the samples."""

from __future__ import annotations

from typing import Any, Callable

from ..workloads import HEAD_WIDTH, NORM_EPSILON, bottlenecks

Model = Callable[[Any, Any, Any], Any]
"""From weights, running averages and samples to logits and new averages."""
MOMENTUM = 0.1
"""Share of a batch in a norm's running averages, as elsewhere by default."""


def network(jax: Any, workload: Any) -> Model:
    """The function of a workload's model."""
    if workload.model == "resnet":
        return resnet(jax, workload)
    model = logits(jax, workload)
    return lambda w, averages, samples: (model(w, samples), averages)


def averages_of(jax: Any, workload: Any) -> list[Any]:
    """The running averages that a model begins with: of each norm mean and variance."""
    widths = [width for width in norm_widths(workload) for _ in range(2)]
    return [
        (jax.numpy.ones if number % 2 else jax.numpy.zeros)(width)
        for number, width in enumerate(widths)
    ]


def norm_widths(workload: Any) -> list[int]:
    """Of the norms that keep averages, in the order in which they are passed."""
    if workload.model != "resnet":
        return []
    widths = [workload.width]
    for one in bottlenecks(workload):
        widths += [one.width, one.width, one.outputs] + [one.outputs] * one.projected
    return widths


def logits(jax: Any, workload: Any) -> Callable[[Any, Any], Any]:
    """The function of a model that keeps no averages."""
    if workload.model == "bert":
        return bert(jax, workload)
    build = {
        "mlp": mlp,
        "cnn": cnn,
        "transformer": transformer,
        "lstm": lstm,
        "embedding": embedding,
    }[workload.model]
    return build(jax)


def mlp(jax: Any) -> Callable[[Any, Any], Any]:
    relu = jax.nn.relu

    def model(w: Any, samples: Any) -> Any:
        x = relu(samples @ w[0] + w[1])
        x = relu(x @ w[2] + w[3])
        return x @ w[4] + w[5]

    return model


def cnn(jax: Any) -> Callable[[Any, Any], Any]:
    def convolve(x: Any, w: Any, number: int) -> Any:
        product = jax.lax.conv_general_dilated(
            x, w[number], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        return jax.nn.relu(product + w[number + 1])

    def halve(x: Any) -> Any:
        count, height, width, channels = x.shape
        return x.reshape(count, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))

    def model(w: Any, images: Any) -> Any:
        x = convolve(images, w, 0)
        x = convolve(halve(x), w, 2)
        x = x + convolve(x, w, 4)
        x = convolve(halve(x), w, 6)
        x = x + convolve(x, w, 8)
        return x.mean(axis=(1, 2)) @ w[10] + w[11]

    return model


def transformer(jax: Any) -> Callable[[Any, Any], Any]:
    def norm(x: Any, gain: Any, shift: Any) -> Any:
        return jax.nn.standardize(x, epsilon=NORM_EPSILON) * gain + shift

    def attend(x: Any, query: Any, key: Any, value: Any, output: Any) -> Any:
        split = (*x.shape[:2], -1, HEAD_WIDTH)
        q, k, v = ((x @ w).reshape(split) for w in (query, key, value))
        return jax.nn.dot_product_attention(q, k, v).reshape(x.shape) @ output

    def model(w: Any, x: Any) -> Any:
        x = x + attend(norm(x, w[0], w[1]), *w[2:6])
        inner = jax.nn.gelu(norm(x, w[6], w[7]) @ w[8] + w[9], approximate=True)
        x = x + inner @ w[10] + w[11]
        return x.mean(axis=1) @ w[12] + w[13]

    return model


def lstm(jax: Any) -> Callable[[Any, Any], Any]:
    sigmoid, tanh = jax.nn.sigmoid, jax.numpy.tanh

    def model(w: Any, x: Any) -> Any:
        # What comes from the inputs needs no turn of its own: all places at once.
        from_input = (x @ w[0] + w[2]).transpose(1, 0, 2)

        def turn(state: Any, given: Any) -> Any:
            hidden, cell = state
            i, f, g, o = jax.numpy.split(given + hidden @ w[1], 4, axis=-1)
            cell = sigmoid(f) * cell + sigmoid(i) * tanh(g)
            return (sigmoid(o) * tanh(cell), cell), None

        blank = jax.numpy.zeros((x.shape[0], w[1].shape[0]))
        (hidden, _), _ = jax.lax.scan(turn, (blank, blank), from_input)
        return hidden @ w[3] + w[4]

    return model


def embedding(jax: Any) -> Callable[[Any, Any], Any]:
    def model(w: Any, ids: Any) -> Any:
        return w[0][ids].sum(axis=1) @ w[1] + w[2]

    return model


def resnet(jax: Any, workload: Any) -> Model:
    np = jax.numpy

    def model(w: Any, averages: Any, images: Any) -> Any:
        weights, before, after = iter(w), iter(averages), []

        def normed(x: Any, stride: int = 1) -> Any:
            kernel, gain, shift = next(weights), next(weights), next(weights)
            half = kernel.shape[0] // 2
            x = jax.lax.conv_general_dilated(
                x, kernel, (stride, stride), [(half, half)] * 2,
                dimension_numbers=("NHWC", "HWIO", "NHWC"),
            )  # fmt: skip
            mean, variance = next(before), next(before)
            if workload.trains:
                seen, spread = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
                after.extend(
                    [mean + MOMENTUM * (seen - mean), variance + MOMENTUM * (spread - variance)]
                )
                mean, variance = seen, spread
            return (x - mean) * (gain * jax.lax.rsqrt(variance + NORM_EPSILON)) + shift

        x = jax.nn.relu(normed(images, 2))
        x = jax.lax.reduce_window(
            x, -np.inf, jax.lax.max, (1, 3, 3, 1), (1, 2, 2, 1), ((0, 0), (1, 1), (1, 1), (0, 0))
        )
        for one in bottlenecks(workload):
            main = jax.nn.relu(normed(x))
            main = jax.nn.relu(normed(main, one.stride))
            main = normed(main)
            x = jax.nn.relu(main + (normed(x, one.stride) if one.projected else x))
        return x.mean(axis=(1, 2)) @ next(weights) + next(weights), after

    return model


def bert(jax: Any, workload: Any) -> Callable[[Any, Any], Any]:
    def model(w: Any, ids: Any) -> Any:
        weights = iter(w)

        def norm(x: Any) -> Any:
            return jax.nn.standardize(x, epsilon=NORM_EPSILON) * next(weights) + next(weights)

        def dense(x: Any) -> Any:
            return x @ next(weights) + next(weights)

        def attend(x: Any) -> Any:
            split = (*x.shape[:2], -1, HEAD_WIDTH)
            q, k, v = (dense(x).reshape(split) for _ in range(3))
            return dense(jax.nn.dot_product_attention(q, k, v).reshape(x.shape))

        tokens, places, kinds = next(weights), next(weights), next(weights)
        x = norm(tokens[ids] + places[: ids.shape[1]] + kinds[0])
        for _ in range(workload.blocks[0]):
            x = norm(x + attend(x))
            x = norm(x + dense(jax.nn.gelu(dense(x), approximate=True)))
        return dense(jax.numpy.tanh(dense(x[:, 0])))

    return model
