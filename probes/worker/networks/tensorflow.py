"""The models in TensorFlow, as functions of the samples over a list of variables."""

from __future__ import annotations

from typing import Any, Callable

from ..workloads import HEAD_WIDTH, NORM_EPSILON, bottlenecks

MOMENTUM = 0.1
"""Share of a batch in a norm's running averages, as elsewhere by default."""


def logits(tf: Any, workload: Any, variables: list[Any]) -> Callable[[Any], Any]:
    """The function of a workload's model; the list may be filled later."""
    if workload.model == "resnet":
        return resnet(tf, variables, workload)
    if workload.model == "bert":
        return bert(tf, variables, workload)
    build = {
        "mlp": mlp,
        "cnn": cnn,
        "transformer": transformer,
        "lstm": lstm,
        "embedding": embedding,
    }[workload.model]
    return build(tf, variables)


def mlp(tf: Any, w: list[Any]) -> Callable[[Any], Any]:
    def model(samples: Any) -> Any:
        x = tf.nn.relu(tf.matmul(samples, w[0]) + w[1])
        x = tf.nn.relu(tf.matmul(x, w[2]) + w[3])
        return tf.matmul(x, w[4]) + w[5]

    return model


def cnn(tf: Any, w: list[Any]) -> Callable[[Any], Any]:
    def convolve(x: Any, number: int) -> Any:
        product = tf.nn.conv2d(x, w[number], strides=1, padding="SAME")
        return tf.nn.relu(tf.nn.bias_add(product, w[number + 1]))

    def halve(x: Any) -> Any:
        return tf.nn.avg_pool2d(x, 2, 2, "VALID")

    def model(images: Any) -> Any:
        x = convolve(images, 0)
        x = convolve(halve(x), 2)
        x = x + convolve(x, 4)
        x = convolve(halve(x), 6)
        x = x + convolve(x, 8)
        return tf.matmul(tf.reduce_mean(x, axis=[1, 2]), w[10]) + w[11]

    return model


def transformer(tf: Any, w: list[Any]) -> Callable[[Any], Any]:
    def norm(x: Any, number: int) -> Any:
        mean, variance = tf.nn.moments(x, axes=[-1], keepdims=True)
        return tf.nn.batch_normalization(x, mean, variance, w[number + 1], w[number], NORM_EPSILON)

    def attend(x: Any) -> Any:
        count, places, width = x.shape

        def split(weight: Any) -> Any:
            heads = tf.reshape(tf.matmul(x, weight), (count, places, -1, HEAD_WIDTH))
            return tf.transpose(heads, (0, 2, 1, 3))

        q, k, v = (split(weight) for weight in w[2:5])
        shares = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) / HEAD_WIDTH**0.5)
        mixed = tf.transpose(tf.matmul(shares, v), (0, 2, 1, 3))
        return tf.matmul(tf.reshape(mixed, (count, places, width)), w[5])

    def model(x: Any) -> Any:
        x = x + attend(norm(x, 0))
        inner = tf.nn.gelu(tf.matmul(norm(x, 6), w[8]) + w[9], approximate=True)
        x = x + tf.matmul(inner, w[10]) + w[11]
        return tf.matmul(tf.reduce_mean(x, axis=1), w[12]) + w[13]

    return model


def lstm(tf: Any, w: list[Any]) -> Callable[[Any], Any]:
    def turn(state: Any, given: Any) -> Any:
        hidden, cell = state
        i, f, g, o = tf.split(given + tf.matmul(hidden, w[1]), 4, axis=-1)
        cell = tf.sigmoid(f) * cell + tf.sigmoid(i) * tf.tanh(g)
        return tf.sigmoid(o) * tf.tanh(cell), cell

    def model(x: Any) -> Any:
        # What comes from the inputs needs no turn of its own: all places at once.
        from_input = tf.transpose(tf.matmul(x, w[0]) + w[2], (1, 0, 2))
        blank = tf.zeros((x.shape[0], w[1].shape[0]))
        hidden, _ = tf.scan(turn, from_input, initializer=(blank, blank))
        return tf.matmul(hidden[-1], w[3]) + w[4]

    return model


def embedding(tf: Any, w: list[Any]) -> Callable[[Any], Any]:
    def model(ids: Any) -> Any:
        return tf.matmul(tf.reduce_sum(tf.gather(w[0], ids), axis=1), w[1]) + w[2]

    return model


def resnet(tf: Any, w: list[Any], workload: Any) -> Callable[[Any], Any]:
    widths = [workload.width]
    for one in bottlenecks(workload):
        widths += [one.width, one.width, one.outputs] + [one.outputs] * one.projected
    averages = [
        (tf.Variable(tf.zeros(n), trainable=False), tf.Variable(tf.ones(n), trainable=False))
        for n in widths
    ]

    def model(images: Any) -> Any:
        weights, kept = iter(w), iter(averages)

        def normed(x: Any, stride: int = 1) -> Any:
            kernel, gain, shift = next(weights), next(weights), next(weights)
            half = int(kernel.shape[0]) // 2
            around = [[0, 0], [half, half], [half, half], [0, 0]]
            x = tf.nn.conv2d(x, kernel, strides=stride, padding=around)
            mean, variance = next(kept)
            norm = tf.compat.v1.nn.fused_batch_norm
            if not workload.trains:
                given = {"mean": mean, "variance": variance, "is_training": False}
                return norm(x, gain, shift, epsilon=NORM_EPSILON, **given)[0]
            x, seen, spread = norm(x, gain, shift, epsilon=NORM_EPSILON)
            mean.assign_add(MOMENTUM * (seen - mean))
            variance.assign_add(MOMENTUM * (spread - variance))
            return x

        x = tf.nn.relu(normed(images, 2))
        x = tf.nn.max_pool2d(tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]), 3, 2, "VALID")
        for one in bottlenecks(workload):
            main = tf.nn.relu(normed(x))
            main = tf.nn.relu(normed(main, one.stride))
            main = normed(main)
            x = tf.nn.relu(main + (normed(x, one.stride) if one.projected else x))
        return tf.matmul(tf.reduce_mean(x, axis=[1, 2]), next(weights)) + next(weights)

    return model


def bert(tf: Any, w: list[Any], workload: Any) -> Callable[[Any], Any]:
    def model(ids: Any) -> Any:
        weights = iter(w)

        def norm(x: Any) -> Any:
            gain, shift = next(weights), next(weights)
            mean, variance = tf.nn.moments(x, axes=[-1], keepdims=True)
            return tf.nn.batch_normalization(x, mean, variance, shift, gain, NORM_EPSILON)

        def dense(x: Any) -> Any:
            return tf.matmul(x, next(weights)) + next(weights)

        def attend(x: Any) -> Any:
            count, places, width = x.shape
            inside = (count, places, -1, HEAD_WIDTH)
            q, k, v = (tf.transpose(tf.reshape(dense(x), inside), (0, 2, 1, 3)) for _ in range(3))
            shares = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) / HEAD_WIDTH**0.5)
            mixed = tf.transpose(tf.matmul(shares, v), (0, 2, 1, 3))
            return dense(tf.reshape(mixed, (count, places, width)))

        tokens, places, kinds = next(weights), next(weights), next(weights)
        x = norm(tf.gather(tokens, ids) + places[: ids.shape[1]] + kinds[0])
        for _ in range(workload.blocks[0]):
            x = norm(x + attend(x))
            x = norm(x + dense(tf.nn.gelu(dense(x), approximate=True)))
        return dense(tf.tanh(dense(x[:, 0])))

    return model
