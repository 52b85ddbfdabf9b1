"""The models as ONNX files, weights inside, for the runtimes that read one.

Images are channels-first, the layout that ONNX has.
"""

from __future__ import annotations

from typing import Any, Sequence

from ..workloads import CLASSES, sample_shape
from .onnx_file import Graph

INPUT = "samples"
OPSET, IR_VERSION = 13, 7
"""Of early 2021: old enough for every runtime in use, new enough for all that is needed."""


def network_file(workload: Any, parameters: Sequence[Any]) -> bytes | None:
    """The file of a workload's model with these weights (canonical order and layout); None where
    there is none."""
    build = {"cnn": cnn}.get(workload.model)
    if build is None:
        return None
    graph = Graph(OPSET, IR_VERSION)
    result = build(graph, [graph.weight(array) for array in parameters])
    shape = (workload.batch, *sample_shape(workload))
    return graph.file(INPUT, shape, result, (workload.batch, CLASSES))


def cnn(graph: Graph, w: list[str]) -> str:
    node = graph.node

    def convolve(x: str, number: int) -> str:
        return node("Relu", node("Conv", x, w[number], w[number + 1], pads=[1, 1, 1, 1]))

    def halve(x: str) -> str:
        return node("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])

    x = convolve(INPUT, 0)
    x = convolve(halve(x), 2)
    x = node("Add", x, convolve(x, 4))
    x = convolve(halve(x), 6)
    x = node("Add", x, convolve(x, 8))
    pooled = node("Flatten", node("GlobalAveragePool", x))
    return node("Gemm", pooled, w[10], w[11], transB=1)


def one_plus_one() -> bytes:
    """A file that adds one to one number: whether anything runs at all."""
    import numpy

    graph = Graph(OPSET, IR_VERSION)
    result = graph.node("Add", INPUT, graph.weight(numpy.ones(1, dtype=numpy.float32)))
    return graph.file(INPUT, (1,), result, (1,))
