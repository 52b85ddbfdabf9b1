"""The models in Keras, of its layers; the same on each backend."""

from __future__ import annotations

import itertools
from typing import Any

from ..workloads import (
    BERT_KINDS,
    BERT_PLACES,
    CLASSES,
    HEAD_WIDTH,
    IMAGE,
    MLP_INPUTS,
    NORM_EPSILON,
    PLACES,
    ROWS,
    WIDENING,
    bottlenecks,
    classes_of,
    lstm_inputs,
)

# The weights are loaded; drawing others first costs seconds on a compiling backend.
BLANK = {"kernel_initializer": "zeros"}


def model_of(keras: Any, workload: Any) -> Any:
    """The model of a workload, its trainable variables in the canonical order."""
    build = {
        "mlp": mlp,
        "cnn": cnn,
        "transformer": transformer,
        "lstm": lstm,
        "embedding": embedding,
        "resnet": resnet,
        "bert": bert,
    }[workload.model]
    return build(keras, workload)


def variables_of(model: Any, workload: Any) -> list[Any]:
    """What a model learns, in the canonical order.

    Keras lists the layers of a graph by their depth in it, which puts those of a shortcut between
    those beside it; here a layer's name begins with its number.
    """
    if workload.model != "resnet":
        return list(model.trainable_variables)
    layers = [one for one in model.layers if one.trainable_variables]
    layers.sort(key=lambda one: int(one.name.rpartition("_")[2]))
    return [variable for one in layers for variable in one.trainable_variables]


def mlp(keras: Any, workload: Any) -> Any:
    layers, width = keras.layers, workload.width
    return keras.Sequential(
        [
            keras.Input((MLP_INPUTS,)),
            layers.Dense(width, activation="relu", **BLANK),
            layers.Dense(width, activation="relu", **BLANK),
            layers.Dense(CLASSES, **BLANK),
        ]
    )


def cnn(keras: Any, workload: Any) -> Any:
    layers, width = keras.layers, workload.width

    def convolution(channels: int) -> Any:
        return layers.Conv2D(
            channels, 3, padding="same", activation="relu", data_format="channels_last", **BLANK
        )

    def halve() -> Any:
        return layers.AveragePooling2D(2, data_format="channels_last")

    images = keras.Input((IMAGE, IMAGE, 3))
    x = convolution(width)(images)
    x = convolution(2 * width)(halve()(x))
    x = layers.Add()([x, convolution(2 * width)(x)])
    x = convolution(4 * width)(halve()(x))
    x = layers.Add()([x, convolution(4 * width)(x)])
    x = layers.GlobalAveragePooling2D(data_format="channels_last")(x)
    return keras.Model(images, layers.Dense(CLASSES, **BLANK)(x))


def transformer(keras: Any, workload: Any) -> Any:
    layers, width = keras.layers, workload.width

    def gelu(x: Any) -> Any:
        return keras.activations.gelu(x, approximate=True)

    samples = keras.Input((PLACES["transformer"], width))
    normed = layers.LayerNormalization(epsilon=NORM_EPSILON)(samples)
    attention = layers.MultiHeadAttention(width // HEAD_WIDTH, HEAD_WIDTH, use_bias=False, **BLANK)
    x = layers.Add()([samples, attention(normed, normed)])
    inner = layers.LayerNormalization(epsilon=NORM_EPSILON)(x)
    inner = layers.Dense(4 * width, activation=gelu, **BLANK)(inner)
    x = layers.Add()([x, layers.Dense(width, **BLANK)(inner)])
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(samples, layers.Dense(CLASSES, **BLANK)(x))


def lstm(keras: Any, workload: Any) -> Any:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((PLACES["lstm"], lstm_inputs(workload))),
            layers.LSTM(workload.width, recurrent_initializer="zeros", **BLANK),
            layers.Dense(CLASSES, **BLANK),
        ]
    )


def embedding(keras: Any, workload: Any) -> Any:
    layers = keras.layers
    ids = keras.Input((PLACES["embedding"],), dtype="int32")
    rows = layers.Embedding(ROWS, workload.width, embeddings_initializer="zeros")(ids)
    return keras.Model(ids, layers.Dense(CLASSES, **BLANK)(keras.ops.sum(rows, axis=1)))


def resnet(keras: Any, workload: Any) -> Any:
    layers = keras.layers
    numbers = itertools.count()

    def around(x: Any, width: int) -> Any:
        return layers.ZeroPadding2D(width, data_format="channels_last")(x) if width else x

    def normed(x: Any, outputs: int, kernel: int, stride: int = 1) -> Any:
        x = layers.Conv2D(
            outputs, kernel, strides=stride, use_bias=False, data_format="channels_last",
            name="convolution_{}".format(next(numbers)), **BLANK,
        )(around(x, kernel // 2))  # fmt: skip
        name = "norm_{}".format(next(numbers))
        return layers.BatchNormalization(momentum=0.9, epsilon=NORM_EPSILON, name=name)(x)

    relu = keras.ops.relu
    images = keras.Input((workload.extent, workload.extent, 3))
    x = relu(normed(images, workload.width, 7, 2))
    x = layers.MaxPooling2D(3, strides=2, data_format="channels_last")(around(x, 1))
    for one in bottlenecks(workload):
        main = relu(normed(x, one.width, 1))
        main = relu(normed(main, one.width, 3, one.stride))
        main = normed(main, one.outputs, 1)
        x = relu(main + (normed(x, one.outputs, 1, one.stride) if one.projected else x))
    x = layers.GlobalAveragePooling2D(data_format="channels_last")(x)
    head = layers.Dense(classes_of(workload), name="head_{}".format(next(numbers)), **BLANK)
    return keras.Model(images, head(x))


def bert(keras: Any, workload: Any) -> Any:
    layers, width = keras.layers, workload.width
    Layer: Any = layers.Layer

    def table(rows: int) -> Any:
        return layers.Embedding(rows, width, embeddings_initializer="zeros")

    class Tables(Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.tokens, self.places = table(workload.rows), table(BERT_PLACES)
            self.kinds = table(BERT_KINDS)

        def build(self, shape: Any) -> None:
            for one in (self.tokens, self.places, self.kinds):
                one.build(shape)

        def call(self, ids: Any) -> Any:
            places = keras.ops.arange(workload.extent)
            return self.tokens(ids) + self.places(places) + self.kinds(keras.ops.zeros_like(ids))

    def gelu(x: Any) -> Any:
        return keras.activations.gelu(x, approximate=True)

    def norm(x: Any) -> Any:
        return layers.LayerNormalization(epsilon=NORM_EPSILON)(x)

    ids = keras.Input((workload.extent,), dtype="int32")
    x = norm(Tables()(ids))
    for _ in range(workload.blocks[0]):
        attention = layers.MultiHeadAttention(width // HEAD_WIDTH, HEAD_WIDTH, **BLANK)
        x = norm(x + attention(x, x))
        inner = layers.Dense(WIDENING * width, activation=gelu, **BLANK)(x)
        x = norm(x + layers.Dense(width, **BLANK)(inner))
    pooled = layers.Dense(width, activation="tanh", **BLANK)(x[:, 0])
    return keras.Model(ids, layers.Dense(classes_of(workload), **BLANK)(pooled))
