"""JAX under `jax.jit`; traces are counted by what Python sees of them."""

from __future__ import annotations

import importlib
import os
import tempfile
from typing import Any

import numpy

from .. import round_trip
from ..networks.jax import logits
from ..networks.layouts import to_own
from . import FAILS, IN_PART, LENGTHS, WORKS, Check, Function, traced, within


def dynamic_control_flow(jax: Any, place: Any) -> Check:
    def branch(x: Any) -> Any:
        if x.sum() > 0:
            return x * 2.0
        return x - 1.0

    def with_cond(x: Any) -> Any:
        return jax.lax.cond(x.sum() > 0, lambda: x * 2.0, lambda: x - 1.0)

    given = [jax.device_put(numpy.full(4, one, "float32"), place) for one in (1.0, -1.0)]
    found = tuple(float(jax.jit(with_cond)(one).sum()) for one in given)
    if found != (8.0, -8.0):
        return Check(FAILS, "jax.lax.cond gave {} and {}, not 8 and -8".format(*found))
    try:
        jax.jit(branch)(given[0])
    except jax.errors.ConcretizationTypeError as error:
        return Check(
            IN_PART,
            "Python's if on data is refused ({}); jax.lax.cond, scan and while_loop do it".format(
                type(error).__name__
            ),
        )
    return Check(WORKS, "a branch on data is right")


def variable_shapes(jax: Any, place: Any) -> Check:
    traces = []

    def function(x: Any) -> Any:
        traces.append(1)
        return jax.nn.relu(x @ x.T).sum()

    compiled = jax.jit(function)
    for length in LENGTHS:
        compiled(jax.device_put(numpy.ones((length, 5), "float32"), place))
    return traced(len(traces), "pad to a few lengths")


def mixed_precision(jax: Any, place: Any) -> Check:
    random = numpy.random.RandomState(0)
    samples = jax.device_put(random.randn(32, 64).astype("float32"), place)
    labels = numpy.arange(32) % 10
    weights = [
        jax.device_put((random.randn(*shape) / 8.0).astype("float32"), place)
        for shape in ((64, 64), (64, 10))
    ]

    def loss_of(weights: Any, kind: Any) -> Any:
        first, second = (one.astype(kind) for one in weights)
        logits = (jax.nn.relu(samples.astype(kind) @ first) @ second).astype("float32")
        return -jax.nn.log_softmax(logits)[numpy.arange(32), labels].mean()

    losses = []
    for kind in ("float32", "bfloat16"):
        step = jax.jit(jax.value_and_grad(lambda given, kind=kind: loss_of(given, kind)))
        loss, gradients = step(weights)
        losses.append(float(loss))
    if not all(bool(numpy.isfinite(one).all()) for one in gradients):
        return Check(FAILS, "in bfloat16 a gradient is no number")
    return within(losses[1], losses[0])


def save_and_load(jax: Any, place: Any) -> Check:
    weights = jax.random.normal(jax.random.key(0), (8, 4))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "weights.npz")
        numpy.savez(path, weights=weights)
        with numpy.load(path, allow_pickle=False) as file:
            again = jax.device_put(file["weights"], place)
    if not bool((again == weights).all()):
        return Check(FAILS, "what is loaded is not what was saved")
    return Check(
        IN_PART, "JAX has no format of its own; as plain arrays (numpy.savez) they come back equal"
    )


def export_stablehlo(jax: Any, place: Any) -> Check:
    workload, weights, samples = round_trip.model_and_samples()
    given = [jax.device_put(one, place) for one in to_own(workload, weights)]
    image = jax.device_put(samples.transpose(0, 2, 3, 1).copy(), place)
    function = jax.jit(logits(jax, workload))
    before = jax.device_get(function(given, image))

    def export() -> bytes:
        from_module = importlib.import_module(jax.__name__ + ".export")
        return bytes(from_module.export(function)(given, image).serialize())

    def run(file: bytes) -> Any:
        from_module = importlib.import_module(jax.__name__ + ".export")
        return jax.device_get(from_module.deserialize(bytearray(file)).call(given, image))

    return round_trip.tried(before, export, run, "as StableHLO of jax.export, loaded again")


CHECKS: dict[tuple[str, str], Function] = {
    ("dynamic_control_flow", "*"): dynamic_control_flow,
    ("variable_shapes", "*"): variable_shapes,
    ("mixed_precision", "*"): mixed_precision,
    ("save_and_load", "*"): save_and_load,
    ("export_stablehlo", "*"): export_stablehlo,
}
