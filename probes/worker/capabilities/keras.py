"""Keras on whichever backend this process has."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import numpy

from . import FAILS, WORKS, Check, Function, within


def small_model(keras: Any, policy: str) -> Any:
    return keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Dense(64, activation="relu", dtype=policy),
            keras.layers.Dense(10, dtype=policy),
            keras.layers.Activation("linear", dtype="float32"),
        ]
    )


def mixed_precision(keras: Any, place: Any) -> Check:
    random = numpy.random.RandomState(0)
    samples = random.randn(32, 64).astype("float32")
    labels = numpy.arange(32) % 10
    keras.utils.set_random_seed(0)
    plain, mixed = (small_model(keras, name) for name in ("float32", "mixed_bfloat16"))
    mixed.set_weights(plain.get_weights())
    losses = []
    for model in (plain, mixed):
        model.compile(
            optimizer=keras.optimizers.SGD(0.01),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
        losses.append(float(numpy.asarray(model.train_on_batch(samples, labels))))
    if mixed.layers[0].compute_dtype != "bfloat16":
        return Check(FAILS, "with mixed_bfloat16 it computes in " + mixed.layers[0].compute_dtype)
    if not all(bool(numpy.isfinite(one).all()) for one in mixed.get_weights()):
        return Check(FAILS, "in bfloat16 a weight is no number after one step")
    return within(losses[1], losses[0])


def save_and_load(keras: Any, place: Any) -> Check:
    samples = numpy.ones((2, 64), "float32")
    model = small_model(keras, "float32")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model.save(path)
        again = keras.models.load_model(path)
    # The same weights may run in another order of additions.
    apart = numpy.abs(model.predict_on_batch(samples) - again.predict_on_batch(samples)).max()
    if not apart < 1e-5:
        return Check(FAILS, "what is loaded is off by {:.1e}".format(apart))
    return Check(WORKS, "model.save and load_model (.keras) give the same output again")


CHECKS: dict[tuple[str, str], Function] = {
    ("mixed_precision", "*"): mixed_precision,
    ("save_and_load", "*"): save_and_load,
}
