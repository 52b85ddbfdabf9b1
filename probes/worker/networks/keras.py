"""The models in Keras, of its layers; the same on each backend."""

from __future__ import annotations

from typing import Any

from ..workloads import (
    CLASSES,
    HEAD_WIDTH,
    IMAGE,
    MLP_INPUTS,
    NORM_EPSILON,
    PLACES,
    ROWS,
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
    }[workload.model]
    return build(keras, workload)


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
