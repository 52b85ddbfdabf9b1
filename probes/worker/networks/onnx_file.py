"""Writes ONNX files, without the package of that name: a runtime is measured where it lies alone.

An ONNX file is one message in protocol buffers' wire format; the numbers of its fields are those of
onnx.proto (github.com/onnx/onnx), which never change. Knows no workload.
"""

from __future__ import annotations

import struct
from typing import Any, Iterable, Sequence

import numpy

FLOAT, INT64 = 1, 7
"""TensorProto.DataType."""
TYPES = {"float32": FLOAT, "int64": INT64}
ONE_FLOAT, ONE_INT, TEXT, INTS = 1, 2, 3, 7
"""AttributeProto.AttributeType."""


class Graph:
    """Nodes and weights in the order in which they are added."""

    def __init__(self, opset: int, ir_version: int) -> None:
        self._opset = opset
        self._ir_version = ir_version
        self._nodes: list[bytes] = []
        self._weights: list[bytes] = []
        self._names = 0

    def weight(self, array: Any) -> str:
        """Keep an array in the file; gives its name."""
        name = self._new_name()
        kind = TYPES[str(array.dtype)]
        little = array.astype(array.dtype.newbyteorder("<"))
        self._weights.append(
            b"".join(number(1, size) for size in array.shape)
            + number(2, kind)
            + text(8, name)
            + chunk(9, little.tobytes())
        )
        return name

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add an operation with one output; gives the output's name."""
        output = self._new_name()
        self._nodes.append(
            b"".join(text(1, name) for name in inputs)
            + text(2, output)
            + text(4, operator)
            + b"".join(chunk(5, attribute(*pair)) for pair in sorted(attributes.items()))
        )
        return output

    def _new_name(self) -> str:
        self._names += 1
        return "n{}".format(self._names)

    def file(
        self, given: str, given_shape: Sequence[int], result: str, result_shape: Sequence[int]
    ) -> bytes:
        """The file's bytes, with one float32 input and one float32 output."""
        graph = (
            b"".join(chunk(1, node) for node in self._nodes)
            + text(2, "network")
            + b"".join(chunk(5, weight) for weight in self._weights)
            + chunk(11, described(given, given_shape))
            + chunk(12, described(result, result_shape))
        )
        # The operators of ONNX itself have no domain.
        operators = number(2, self._opset)
        return number(1, self._ir_version) + chunk(7, graph) + chunk(8, operators)


def attribute(name: str, value: Any) -> bytes:
    """AttributeProto of a whole number, a float, a text or a list of whole numbers."""
    if isinstance(value, str):
        return text(1, name) + text(4, value) + number(20, TEXT)
    if isinstance(value, float):
        return text(1, name) + tag(2, 5) + struct.pack("<f", value) + number(20, ONE_FLOAT)
    if isinstance(value, int):
        return text(1, name) + number(3, value) + number(20, ONE_INT)
    return text(1, name) + b"".join(number(8, one) for one in value) + number(20, INTS)


def described(name: str, shape: Iterable[int]) -> bytes:
    """ValueInfoProto of a float32 tensor."""
    sizes = b"".join(chunk(1, number(1, size)) for size in shape)
    return text(1, name) + chunk(2, chunk(1, number(1, FLOAT) + chunk(2, sizes)))


def tag(field: int, wire_type: int) -> bytes:
    return varint(field << 3 | wire_type)


def number(field: int, value: int) -> bytes:
    return tag(field, 0) + varint(value)


def text(field: int, value: str) -> bytes:
    return chunk(field, value.encode("utf-8"))


def chunk(field: int, value: bytes) -> bytes:
    return tag(field, 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; a negative number as its two's complement of 64 bits."""
    value &= (1 << 64) - 1
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def shape_of(*sizes: int) -> Any:
    """A shape as an array of the type that ONNX wants for it."""
    return numpy.array(sizes, dtype=numpy.int64)
