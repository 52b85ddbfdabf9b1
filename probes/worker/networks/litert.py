"""The models as LiteRT files, weights inside, written with the schema that LiteRT ships.

No converter is needed, so that the runtime is measured where it lies alone: without TensorFlow,
whose import takes longer than everything that is timed here. Images are channels-last, the only
layout that its convolutions know.
"""

from __future__ import annotations

from typing import Any, Sequence

import numpy

from ..workloads import CLASSES, sample_shape

SCHEMA_VERSION = 3
IDENTIFIER = b"TFL3"
PADDING_SAME, PADDING_VALID = 0, 1
NO_ACTIVATION, RELU = 0, 1
FLOAT32, INT32 = 0, 2


class Graph:
    """Tensors and operators in the order in which they are added; a tensor is known by number."""

    def __init__(self, schema: Any) -> None:
        self._schema = schema
        self._tensors: list[Any] = []
        # The first buffer is empty, and is that of every tensor without contents.
        self._buffers: list[Any] = [schema.BufferT()]
        self._codes: list[Any] = []
        self._operators: list[Any] = []

    def tensor(self, shape: Sequence[int], kind: int = FLOAT32) -> int:
        """A tensor that is computed or given."""
        one = self._schema.TensorT()
        one.shape, one.type, one.buffer = list(shape), kind, 0
        one.name = "t{}".format(len(self._tensors))
        self._tensors.append(one)
        return len(self._tensors) - 1

    def weight(self, array: Any) -> int:
        """A tensor whose contents stand in the file."""
        number = self.tensor(array.shape, INT32 if array.dtype.kind == "i" else FLOAT32)
        buffer = self._schema.BufferT()
        little = numpy.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
        buffer.data = numpy.frombuffer(little.tobytes(), dtype=numpy.uint8)
        self._tensors[number].buffer = len(self._buffers)
        self._buffers.append(buffer)
        return number

    def shape(self, number: int) -> list[int]:
        return list(self._tensors[number].shape)

    def operator(
        self, name: str, kind: str, shape: Sequence[int], *inputs: int, **options: Any
    ) -> int:
        """Add an operator with the options of a kind (`Conv2D`, ...); gives its output."""
        schema = self._schema
        code = schema.OperatorCodeT()
        code.builtinCode = getattr(schema.BuiltinOperator, name)
        # Where old readers look; it has room for those below 127.
        code.deprecatedBuiltinCode = min(code.builtinCode, 127)
        self._codes.append(code)
        output = self.tensor(shape)
        one = schema.OperatorT()
        one.opcodeIndex, one.inputs, one.outputs = len(self._codes) - 1, list(inputs), [output]
        one.builtinOptionsType = getattr(schema.BuiltinOptions, kind + "Options")
        one.builtinOptions = getattr(schema, kind + "OptionsT")()
        for option, value in options.items():
            setattr(one.builtinOptions, option, value)
        self._operators.append(one)
        return output

    def file(self, flatbuffers: Any, given: int, result: int) -> bytes:
        """The file's bytes."""
        graph = self._schema.SubGraphT()
        graph.tensors, graph.operators = self._tensors, self._operators
        graph.inputs, graph.outputs, graph.name = [given], [result], "network"
        model = self._schema.ModelT()
        model.version, model.description = SCHEMA_VERSION, "network"
        model.operatorCodes, model.subgraphs, model.buffers = self._codes, [graph], self._buffers
        builder = flatbuffers.Builder(1 << 16)
        builder.Finish(model.Pack(builder), IDENTIFIER)
        return bytes(builder.Output())


def network_file(
    schema: Any, flatbuffers: Any, workload: Any, parameters: Sequence[Any]
) -> bytes | None:
    """The file of a workload's model with these weights (canonical order and layout); None where
    there is none."""
    build = {"cnn": cnn}.get(workload.model)
    if build is None:
        return None
    graph = Graph(schema)
    channels, *image = sample_shape(workload)
    given = graph.tensor([workload.batch, *image, channels])
    # (outputs, height, width, inputs) for a convolution; dense weights are canonical.
    own = [array.transpose(0, 2, 3, 1) if array.ndim == 4 else array for array in parameters]
    result = build(graph, given, [graph.weight(array) for array in own])
    return graph.file(flatbuffers, given, result)


def cnn(graph: Graph, given: int, w: list[int]) -> int:
    def convolve(x: int, number: int) -> int:
        shape = [*graph.shape(x)[:3], graph.shape(w[number])[0]]
        return graph.operator(
            "CONV_2D", "Conv2D", shape, x, w[number], w[number + 1],
            padding=PADDING_SAME, strideW=1, strideH=1, fusedActivationFunction=RELU,
        )  # fmt: skip

    def halve(x: int) -> int:
        count, height, width, channels = graph.shape(x)
        return graph.operator(
            "AVERAGE_POOL_2D", "Pool2D", [count, height // 2, width // 2, channels], x,
            padding=PADDING_VALID, strideW=2, strideH=2, filterWidth=2, filterHeight=2,
        )  # fmt: skip

    def add(x: int, y: int) -> int:
        return graph.operator("ADD", "Add", graph.shape(x), x, y)

    x = convolve(given, 0)
    x = convolve(halve(x), 2)
    x = add(x, convolve(x, 4))
    x = convolve(halve(x), 6)
    x = add(x, convolve(x, 8))
    count, _, _, channels = graph.shape(x)
    axes = graph.weight(numpy.array([1, 2], dtype=numpy.int32))
    mean = graph.operator("MEAN", "Reducer", [count, channels], x, axes, keepDims=False)
    return graph.operator("FULLY_CONNECTED", "FullyConnected", [count, CLASSES], mean, w[10], w[11])


def one_plus_one(schema: Any, flatbuffers: Any) -> bytes:
    """A file that adds one to one number: whether anything runs at all."""
    graph = Graph(schema)
    given = graph.tensor([1])
    one = graph.weight(numpy.ones(1, dtype=numpy.float32))
    return graph.file(flatbuffers, given, graph.operator("ADD", "Add", [1], given, one))
