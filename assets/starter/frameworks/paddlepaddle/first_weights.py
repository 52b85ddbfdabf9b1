"""Puts given weights into a model: inputs before outputs, channels last, as numpy has them."""

import numpy as np
import paddle
from paddle import nn


@paddle.no_grad()
def set_weights(model: nn.Layer, layers: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """Kernel and bias of each layer, in order. Raises ValueError when the shapes do not agree."""
    kinds = (nn.Linear, nn.Conv1D, nn.Conv2D)
    mine = [one for one in model.sublayers() if isinstance(one, kinds)]
    for layer, (kernel, bias) in zip(mine, layers, strict=True):
        if isinstance(layer, nn.Linear):
            # What follows a convolution is flattened with the channels first here.
            places = range(kernel.ndim - 2)
            kernel = kernel.transpose(-2, *places, -1).reshape(-1, kernel.shape[-1])
        else:
            kernel = kernel.transpose(-1, -2, *range(kernel.ndim - 2))
        if tuple(layer.weight.shape) != kernel.shape or tuple(layer.bias.shape) != bias.shape:
            raise ValueError(f"{kernel.shape} does not fit {layer}")
        layer.weight.set_value(np.ascontiguousarray(kernel))
        layer.bias.set_value(bias)
