"""The models in JAX, as functions of their weights and the samples."""

from __future__ import annotations

from typing import Any, Callable

from ..workloads import HEAD_WIDTH, NORM_EPSILON


def logits(jax: Any, workload: Any) -> Callable[[Any, Any], Any]:
    """The function of a workload's model."""
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
