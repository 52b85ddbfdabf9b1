"""The basic models in MindSpore, as cells."""

from __future__ import annotations

from typing import Any

from ..workloads import CLASSES, MLP_INPUTS


def network_of(ms: Any, workload: Any) -> Any:
    """The cell of a workload, its parameters in the canonical order; None where it has none."""
    build = {"mlp": mlp, "cnn": cnn}.get(workload.model)
    return None if build is None else build(ms, workload)


def mlp(ms: Any, workload: Any) -> Any:
    nn, width = ms.nn, workload.width
    return nn.SequentialCell(
        nn.Dense(MLP_INPUTS, width),
        nn.ReLU(),
        nn.Dense(width, width),
        nn.ReLU(),
        nn.Dense(width, CLASSES),
    )


def cnn(ms: Any, workload: Any) -> Any:
    nn, width = ms.nn, workload.width
    Cell: Any = nn.Cell

    def convolution(inputs: int, outputs: int) -> Any:
        return nn.Conv2d(inputs, outputs, 3, pad_mode="pad", padding=1, has_bias=True)

    class Network(Cell):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.stem = convolution(3, width)
            self.second = convolution(width, 2 * width)
            self.third = convolution(2 * width, 2 * width)
            self.fourth = convolution(2 * width, 4 * width)
            self.fifth = convolution(4 * width, 4 * width)
            self.head = nn.Dense(4 * width, CLASSES)
            self.relu = nn.ReLU()
            self.halve = nn.AvgPool2d(2, 2)

        def construct(self, images: Any) -> Any:
            x = self.relu(self.stem(images))
            x = self.relu(self.second(self.halve(x)))
            x = x + self.relu(self.third(x))
            x = self.relu(self.fourth(self.halve(x)))
            x = x + self.relu(self.fifth(x))
            return self.head(x.mean((2, 3)))

    return Network()
