"""The basic models in tinygrad, as functions of a list of weights in canonical form, its own."""

from __future__ import annotations

from typing import Any, Callable

from ..workloads import IMAGE


def logits(workload: Any) -> Callable[[list[Any], Any], Any]:
    """The function of a workload's model."""
    return {"mlp": mlp, "cnn": cnn}[workload.model]


def mlp(w: list[Any], samples: Any) -> Any:
    x = samples.linear(w[0].transpose(), w[1]).relu()
    x = x.linear(w[2].transpose(), w[3]).relu()
    return x.linear(w[4].transpose(), w[5])


def cnn(w: list[Any], images: Any) -> Any:
    def convolve(x: Any, number: int) -> Any:
        return x.conv2d(w[number], w[number + 1], padding=1).relu()

    x = convolve(images.reshape(-1, 3, IMAGE, IMAGE), 0)
    x = convolve(x.avg_pool2d(2), 2)
    x = x + convolve(x, 4)
    x = convolve(x.avg_pool2d(2), 6)
    x = x + convolve(x, 8)
    return x.mean((2, 3)).linear(w[10].transpose(), w[11])
