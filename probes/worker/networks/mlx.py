"""The models in MLX, as functions of a list of weights: dense ones in canonical form, which is its
own, and convolutions as (outputs, height, width, inputs)."""

from __future__ import annotations

from typing import Any, Callable, Sequence

from ..workloads import HEAD_WIDTH, NORM_EPSILON, parameters_of


def to_own(workload: Any, arrays: Sequence[Any]) -> list[Any]:
    """From the canonical layout."""
    return [
        array.transpose(0, 2, 3, 1) if one.layout == "convolution" else array
        for array, one in zip(arrays, parameters_of(workload))
    ]


def to_canonical(workload: Any, arrays: Sequence[Any]) -> list[Any]:
    return [
        array.transpose(0, 3, 1, 2) if one.layout == "convolution" else array
        for array, one in zip(arrays, parameters_of(workload))
    ]


def logits(mx: Any, nn: Any, workload: Any) -> Callable[[list[Any], Any], Any]:
    """The function of a workload's model."""
    build = {
        "mlp": mlp,
        "cnn": cnn,
        "transformer": transformer,
        "lstm": lstm,
        "embedding": embedding,
    }[workload.model]
    return build(mx, nn)


def mlp(mx: Any, nn: Any) -> Callable[[list[Any], Any], Any]:
    def model(w: list[Any], x: Any) -> Any:
        x = nn.relu(mx.addmm(w[1], x, w[0].T))
        x = nn.relu(mx.addmm(w[3], x, w[2].T))
        return mx.addmm(w[5], x, w[4].T)

    return model


def cnn(mx: Any, nn: Any) -> Callable[[list[Any], Any], Any]:
    halve = nn.AvgPool2d(2, 2)

    def model(w: list[Any], x: Any) -> Any:
        def convolve(x: Any, number: int) -> Any:
            return nn.relu(mx.conv2d(x, w[number], padding=1) + w[number + 1])

        x = convolve(x, 0)
        x = convolve(halve(x), 2)
        x = x + convolve(x, 4)
        x = convolve(halve(x), 6)
        x = x + convolve(x, 8)
        return mx.addmm(w[11], x.mean((1, 2)), w[10].T)

    return model


def transformer(mx: Any, nn: Any) -> Callable[[list[Any], Any], Any]:
    def model(w: list[Any], x: Any) -> Any:
        count, places, width = x.shape

        def split(x: Any, weight: Any) -> Any:
            heads = (x @ weight.T).reshape(count, places, -1, HEAD_WIDTH)
            return heads.transpose(0, 2, 1, 3)

        normed = mx.fast.layer_norm(x, w[0], w[1], NORM_EPSILON)
        q, k, v = (split(normed, weight) for weight in w[2:5])
        mixed = mx.fast.scaled_dot_product_attention(q, k, v, scale=HEAD_WIDTH**-0.5)
        x = x + mixed.transpose(0, 2, 1, 3).reshape(count, places, width) @ w[5].T
        inner = mx.fast.layer_norm(x, w[6], w[7], NORM_EPSILON)
        inner = nn.gelu_approx(mx.addmm(w[9], inner, w[8].T))
        x = x + mx.addmm(w[11], inner, w[10].T)
        return mx.addmm(w[13], x.mean(1), w[12].T)

    return model


def lstm(mx: Any, nn: Any) -> Callable[[list[Any], Any], Any]:
    def model(w: list[Any], x: Any) -> Any:
        # What comes from the inputs needs no turn of its own: all places at once.
        from_input = mx.addmm(w[2], x, w[0].T)
        hidden = cell = mx.zeros((x.shape[0], w[1].shape[1]))
        for place in range(x.shape[1]):
            given = mx.addmm(from_input[:, place], hidden, w[1].T)
            i, f, g, o = mx.split(given, 4, axis=-1)
            cell = mx.sigmoid(f) * cell + mx.sigmoid(i) * mx.tanh(g)
            hidden = mx.sigmoid(o) * mx.tanh(cell)
        return mx.addmm(w[4], hidden, w[3].T)

    return model


def embedding(mx: Any, nn: Any) -> Callable[[list[Any], Any], Any]:
    def model(w: list[Any], ids: Any) -> Any:
        return mx.addmm(w[2], w[0][ids].sum(1), w[1].T)

    return model
