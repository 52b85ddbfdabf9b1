"""PyTorch. What is compiled is caught by a backend of our own, which counts graphs and runs them
as they are: no C++ compiler is needed, and nothing is timed."""

from __future__ import annotations

import os
import tempfile
from typing import Any, Callable

from .. import round_trip
from ..networks.pytorch import network
from . import FAILS, IN_PART, LENGTHS, WORKS, Check, Function, traced, within


def caught(torch: Any, function: Callable[[Any], Any]) -> tuple[Callable[[Any], Any], list[int]]:
    """The function under torch.compile, and a list that grows with each graph."""
    graphs: list[int] = []

    def backend(graph: Any, inputs: Any) -> Any:
        graphs.append(1)
        return graph.forward

    torch.compiler.reset()
    return torch.compile(function, backend=backend), graphs


def dynamic_control_flow(torch: Any, place: Any) -> Check:
    def branch(x: Any) -> Any:
        if x.sum() > 0:
            return x * 2.0
        return x - 1.0

    compiled, graphs = caught(torch, branch)
    up = float(compiled(torch.full((4,), 1.0, device=place)).sum())
    pieces = len(graphs)
    down = float(compiled(torch.full((4,), -1.0, device=place)).sum())
    if (up, down) != (8.0, -8.0):
        return Check(FAILS, "a branch on data gave {} and {}, not 8 and -8".format(up, down))
    if pieces == 1:
        return Check(WORKS, "a branch on data is right, in one graph")
    return Check(
        IN_PART,
        "right, but the graph breaks at a branch on data: {} pieces with Python between them; "
        "torch.cond keeps it whole".format(pieces),
    )


def variable_shapes(torch: Any, place: Any) -> Check:
    def function(x: Any) -> Any:
        return torch.relu(x @ x.T).sum()

    compiled, graphs = caught(torch, function)
    for length in LENGTHS:
        compiled(torch.ones((length, 5), device=place))
    return traced(len(graphs), "mark the dimension as dynamic")


def mixed_precision(torch: Any, place: Any) -> Check:
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10)
    ).to(place)
    samples = torch.randn(32, 64).to(place)
    labels = (torch.arange(32) % 10).to(place)
    losses = []
    for enabled in (False, True):
        with torch.autocast(place, dtype=torch.bfloat16, enabled=enabled):
            logits = model(samples)
            loss = torch.nn.functional.cross_entropy(logits, labels)
        model.zero_grad()
        loss.backward()
        losses.append(float(loss))
    if logits.dtype != torch.bfloat16:
        return Check(FAILS, "under autocast the output stays {}".format(logits.dtype))
    if not all(bool(torch.isfinite(one.grad).all()) for one in model.parameters()):
        return Check(FAILS, "under autocast a gradient is no number")
    return within(losses[1], losses[0])


def save_and_load(torch: Any, place: Any) -> Check:
    first, second = (torch.nn.Linear(8, 4).to(place) for _ in range(2))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "weights.pt")
        torch.save(first.state_dict(), path)
        second.load_state_dict(torch.load(path, weights_only=True))
    samples = torch.ones((2, 8), device=place)
    if not bool((first(samples) == second(samples)).all()):
        return Check(FAILS, "what is loaded gives another output than what was saved")
    return Check(WORKS, "torch.save and torch.load(weights_only=True) give the same output again")


def exported(torch: Any) -> tuple[Any, Any, Any]:
    """A model on the processor, an image for it, and what it makes of it."""
    workload, weights, samples = round_trip.model_and_samples()
    module = network(torch, workload).eval()
    image = torch.from_numpy(samples)
    with torch.no_grad():
        for own, given in zip(module.parameters(), weights):
            own.copy_(torch.from_numpy(given))
        return module, image, module(image).numpy()


def export_onnx(torch: Any, place: Any) -> Check:
    module, image, before = exported(torch)

    def export() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.onnx")
            torch.onnx.export(
                module, (image,), path, dynamo=True, external_data=False, verbose=False
            )
            with open(path, "rb") as file:
                return file.read()

    def run(file: bytes) -> Any:
        return round_trip.runtime("onnxruntime")(file)(image.numpy())

    return round_trip.tried(before, export, run, "as ONNX, run by ONNX Runtime")


def export_program(torch: Any, place: Any) -> Check:
    module, image, before = exported(torch)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.pt2")

        def export() -> None:
            torch.export.save(torch.export.export(module, (image,)), path)

        def run(nothing: None) -> Any:
            with torch.no_grad():
                return torch.export.load(path).module()(image).numpy()

        return round_trip.tried(before, export, run, "as a program of torch.export, loaded again")


CHECKS: dict[tuple[str, str], Function] = {
    ("dynamic_control_flow", "compiled"): dynamic_control_flow,
    ("variable_shapes", "compiled"): variable_shapes,
    ("mixed_precision", "*"): mixed_precision,
    ("save_and_load", "*"): save_and_load,
    ("export_onnx", "*"): export_onnx,
    ("export_program", "*"): export_program,
}
