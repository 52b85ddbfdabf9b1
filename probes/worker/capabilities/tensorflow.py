"""TensorFlow, eager and as `tf.function`; traces are counted by what Python sees of them."""

from __future__ import annotations

import os
import tempfile
from functools import partial
from typing import Any

import numpy

from .. import round_trip
from ..networks.layouts import to_own
from ..networks.tensorflow import logits
from . import FAILS, IN_PART, LENGTHS, WORKS, Check, Function, within


def dynamic_control_flow(xla: bool, tf: Any, place: Any) -> Check:
    def branch(x: Any) -> Any:
        if tf.reduce_sum(x) > 0:
            x = x * 2.0
        else:
            x = x - 1.0
        while tf.reduce_sum(x) > 100.0:
            x = x / 2.0
        return tf.reduce_sum(x)

    with tf.device(place):
        compiled = tf.function(branch, jit_compile=xla)
        up, down, halved = (float(compiled(tf.fill([4], one))) for one in (1.0, -1.0, 100.0))
    if (up, down, halved) != (8.0, -8.0, 100.0):
        found = "{}, {} and {}".format(up, down, halved)
        return Check(FAILS, "if and while on data gave {}, not 8, -8 and 100".format(found))
    return Check(WORKS, "Python's if and while on data become part of one graph")


def variable_shapes(xla: bool, tf: Any, place: Any) -> Check:
    traces = []

    def function(x: Any) -> Any:
        traces.append(1)
        return tf.reduce_sum(tf.nn.relu(tf.matmul(x, x, transpose_b=True)))

    counts = []
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel("ERROR")
    try:
        for reduced in (False, True):
            del traces[:]
            compiled = tf.function(function, jit_compile=xla, reduce_retracing=reduced)
            with tf.device(place):
                for length in LENGTHS:
                    compiled(tf.ones((length, 5)))
            counts.append(len(traces))
    finally:
        logger.setLevel(level)
    count = len(LENGTHS)
    if counts[0] < count:
        return Check(WORKS, "{} lengths took {} traces".format(count, counts[0]))
    return Check(
        IN_PART,
        "traced anew for each of {} lengths; with reduce_retracing=True {} times".format(*counts),
    )


def mixed_precision(tf: Any, place: Any) -> Check:
    random = numpy.random.RandomState(0)
    samples = tf.constant(random.randn(32, 64).astype("float32"))
    labels = tf.constant(numpy.arange(32) % 10)
    with tf.device(place):
        weights = [
            tf.Variable((random.randn(*shape) / 8.0).astype("float32"))
            for shape in ((64, 64), (64, 10))
        ]
        losses = []
        for kind in (tf.float32, tf.bfloat16):
            with tf.GradientTape() as tape:
                first, second = (tf.cast(one, kind) for one in weights)
                inner = tf.nn.relu(tf.matmul(tf.cast(samples, kind), first))
                logits = tf.cast(tf.matmul(inner, second), tf.float32)
                loss = tf.reduce_mean(
                    tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
                )
            gradients = tape.gradient(loss, weights)
            losses.append(float(loss))
    if not all(bool(numpy.isfinite(one.numpy()).all()) for one in gradients):
        return Check(FAILS, "in bfloat16 a gradient is no number")
    return within(losses[1], losses[0])


def save_and_load(tf: Any, place: Any) -> Check:
    first, second = (tf.Variable(tf.random.normal((8, 4))) for _ in range(2))
    with tempfile.TemporaryDirectory() as folder:
        path = tf.train.Checkpoint(weights=first).write(os.path.join(folder, "weights"))
        tf.train.Checkpoint(weights=second).read(path).assert_consumed()
    if not bool(tf.reduce_all(first == second)):
        return Check(FAILS, "what is loaded is not what was saved")
    return Check(WORKS, "tf.train.Checkpoint gives the same weights again")


def exported(tf: Any) -> tuple[Any, Any, Any]:
    """A module with one function, an image for it, and what it makes of it."""
    workload, weights, samples = round_trip.model_and_samples()
    image = tf.constant(samples.transpose(0, 2, 3, 1).copy())
    module = tf.Module()
    module.weights = [tf.Variable(one) for one in to_own(workload, weights)]
    module.serve = tf.function(
        logits(tf, workload, module.weights),
        input_signature=[tf.TensorSpec(image.shape, tf.float32)],
    )
    return module, image, module.serve(image).numpy()


def export_saved_model(tf: Any, place: Any) -> Check:
    with tf.device("/CPU:0"), tempfile.TemporaryDirectory() as folder:
        module, image, before = exported(tf)

        def export() -> None:
            tf.saved_model.save(module, folder)

        def run(nothing: None) -> Any:
            # Kept in a name: what it loads lives only as long as it does.
            loaded = tf.saved_model.load(folder)
            return loaded.serve(image).numpy()

        return round_trip.tried(before, export, run, "as SavedModel, loaded again")


def export_litert(tf: Any, place: Any) -> Check:
    with tf.device("/CPU:0"):
        module, image, before = exported(tf)

        def export() -> bytes:
            concrete = [module.serve.get_concrete_function()]
            return bytes(
                tf.lite.TFLiteConverter.from_concrete_functions(concrete, module).convert()
            )

        def run(file: bytes) -> Any:
            return round_trip.runtime("litert")(file)(image.numpy())

        return round_trip.tried(before, export, run, "as a file for LiteRT, run by it")


CHECKS: dict[tuple[str, str], Function] = {
    ("dynamic_control_flow", "graph"): partial(dynamic_control_flow, False),
    ("dynamic_control_flow", "xla"): partial(dynamic_control_flow, True),
    ("variable_shapes", "graph"): partial(variable_shapes, False),
    ("variable_shapes", "xla"): partial(variable_shapes, True),
    ("mixed_precision", "*"): mixed_precision,
    ("save_and_load", "*"): save_and_load,
    ("export_saved_model", "*"): export_saved_model,
    ("export_litert", "*"): export_litert,
}
