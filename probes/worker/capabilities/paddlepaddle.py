"""PaddlePaddle, eager and as `paddle.jit.to_static` with one graph."""

from __future__ import annotations

import importlib
import os
import tempfile
import warnings
from typing import Any

import numpy

from .. import round_trip
from ..networks.paddlepaddle import network_of
from . import FAILS, IN_PART, LENGTHS, WORKS, Check, Function, within


def dynamic_control_flow(paddle: Any, place: Any) -> Check:
    def branch(x: Any) -> Any:
        if x.sum() > 0:
            y = x * 2.0
        else:
            y = x - 1.0
        return y

    compiled = paddle.jit.to_static(branch, full_graph=True)
    found = tuple(float(compiled(paddle.full([4], one)).sum()) for one in (1.0, -1.0))
    if found != (8.0, -8.0):
        return Check(FAILS, "a branch on data gave {} and {}, not 8 and -8".format(*found))
    return Check(WORKS, "Python's if on data becomes part of one graph")


def variable_shapes(paddle: Any, place: Any) -> Check:
    def function(x: Any) -> Any:
        return paddle.nn.functional.relu(x @ x.T).sum()

    counts = []
    for specification in (None, [paddle.static.InputSpec([None, 5])]):
        compiled = paddle.jit.to_static(function, full_graph=True, input_spec=specification)
        for length in LENGTHS:
            compiled(paddle.ones([length, 5]))
        counts.append(len(compiled.program_cache))
    count = len(LENGTHS)
    if counts[0] < count:
        return Check(WORKS, "{} lengths took {} programs".format(count, counts[0]))
    return Check(
        IN_PART,
        "a program for each of {} lengths; with an InputSpec that leaves the length open {}".format(
            *counts
        ),
    )


def mixed_precision(paddle: Any, place: Any) -> Check:
    random = numpy.random.RandomState(0)
    samples = paddle.to_tensor(random.randn(32, 64).astype("float32"))
    labels = paddle.to_tensor(numpy.arange(32) % 10)
    paddle.seed(0)
    nn = paddle.nn
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    losses = []
    for enabled in (False, True):
        with warnings.catch_warnings():
            # Where it has no effect it says so; here that is the finding.
            warnings.simplefilter("ignore")
            with paddle.amp.auto_cast(enable=enabled, dtype="bfloat16"):
                logits = model(samples)
                loss = nn.functional.cross_entropy(logits, labels)
        loss.backward()
        losses.append(float(loss))
    if logits.dtype != paddle.bfloat16:
        return Check(FAILS, "auto_cast has no effect here: the output stays float32")
    return within(losses[1], losses[0])


def save_and_load(paddle: Any, place: Any) -> Check:
    first, second = (paddle.nn.Linear(8, 4) for _ in range(2))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "weights.pdparams")
        paddle.save(first.state_dict(), path)
        second.set_state_dict(paddle.load(path))
    samples = paddle.ones([2, 8])
    if not bool((first(samples) == second(samples)).all()):
        return Check(FAILS, "what is loaded gives another output than what was saved")
    return Check(WORKS, "paddle.save and paddle.load give the same output again")


def export_inference_format(paddle: Any, place: Any) -> Check:
    workload, weights, samples = round_trip.model_and_samples()
    paddle.set_device("cpu")
    layer = network_of(paddle, workload)
    layer.eval()
    for own, given in zip(layer.parameters(), weights):
        own.set_value(given.T.copy() if given.ndim == 2 else given)
    before = layer(paddle.to_tensor(samples)).numpy()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model")

        def export() -> None:
            shape = [paddle.static.InputSpec(list(samples.shape), "float32", "samples")]
            paddle.jit.save(layer, path, input_spec=shape)

        def run(nothing: None) -> Any:
            inference = importlib.import_module(paddle.__name__ + ".inference")
            network = path + (".json" if os.path.exists(path + ".json") else ".pdmodel")
            config = inference.Config(network, path + ".pdiparams")
            config.disable_glog_info()
            predictor = inference.create_predictor(config)
            given = predictor.get_input_handle(predictor.get_input_names()[0])
            given.copy_from_cpu(samples)
            predictor.run()
            return predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu()

        return round_trip.tried(before, export, run, "in Paddle's format, run by Paddle Inference")


CHECKS: dict[tuple[str, str], Function] = {
    ("dynamic_control_flow", "static"): dynamic_control_flow,
    ("variable_shapes", "static"): variable_shapes,
    ("mixed_precision", "*"): mixed_precision,
    ("save_and_load", "*"): save_and_load,
    ("export_inference_format", "*"): export_inference_format,
}
