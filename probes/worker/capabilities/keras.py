"""Keras on whichever backend this process has."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import numpy

from .. import round_trip
from ..networks.keras import model_of
from ..networks.layouts import to_own
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


def exported(keras: Any) -> tuple[Any, Any, Any]:
    """A model, an image for it, and what it makes of it."""
    workload, weights, samples = round_trip.model_and_samples()
    image = samples.transpose(0, 2, 3, 1).copy()
    model = model_of(keras, workload)
    for variable, array in zip(model.trainable_variables, to_own(workload, weights)):
        variable.assign(array.reshape(variable.shape))
    return model, image, numpy.asarray(model.predict_on_batch(image))


def export_onnx(keras: Any, place: Any) -> Check:
    model, image, before = exported(keras)

    def export() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.onnx")
            model.export(path, format="onnx", verbose=False)
            with open(path, "rb") as file:
                return file.read()

    def run(file: bytes) -> Any:
        return round_trip.runtime("onnxruntime")(file)(image)

    return round_trip.tried(before, export, run, "as ONNX, run by ONNX Runtime")


def export_litert(keras: Any, place: Any) -> Check:
    model, image, before = exported(keras)

    def export() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.tflite")
            model.export(path, format="litert", verbose=False)
            with open(path, "rb") as file:
                return file.read()

    def run(file: bytes) -> Any:
        return round_trip.runtime("litert")(file)(image)

    return round_trip.tried(before, export, run, "as a file for LiteRT, run by it")


def export_saved_model(keras: Any, place: Any) -> Check:
    model, image, before = exported(keras)
    with tempfile.TemporaryDirectory() as folder:

        def export() -> None:
            model.export(folder, format="tf_saved_model", verbose=False)

        def run(nothing: None) -> Any:
            served = keras.layers.TFSMLayer(folder, call_endpoint="serve")
            return keras.ops.convert_to_numpy(served(image))

        return round_trip.tried(before, export, run, "as SavedModel, loaded again")


CHECKS: dict[tuple[str, str], Function] = {
    ("mixed_precision", "*"): mixed_precision,
    ("save_and_load", "*"): save_and_load,
    ("export_onnx", "*"): export_onnx,
    ("export_litert", "tensorflow"): export_litert,
    ("export_saved_model", "tensorflow"): export_saved_model,
}
