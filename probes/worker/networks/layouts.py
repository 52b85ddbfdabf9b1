"""Between the canonical layout of weights and that of TensorFlow, JAX and Keras: inputs first."""

from __future__ import annotations

from typing import Any, Sequence

from ..workloads import parameters_of


def to_own(workload: Any, arrays: Sequence[Any]) -> list[Any]:
    """(inputs, outputs) and (height, width, inputs, outputs)."""
    return [
        array.transpose(2, 3, 1, 0)
        if one.layout == "convolution"
        else array.T
        if one.layout in ("dense", "recurrent")
        else array
        for array, one in zip(arrays, parameters_of(workload))
    ]


def to_canonical(workload: Any, arrays: Sequence[Any]) -> list[Any]:
    """(outputs, inputs) and (outputs, inputs, height, width)."""
    return [
        array.transpose(3, 2, 0, 1)
        if one.layout == "convolution"
        else array.reshape(one.shape[1], one.shape[0]).T
        if one.layout in ("dense", "recurrent")
        else array.reshape(one.shape)
        for array, one in zip(arrays, parameters_of(workload))
    ]
