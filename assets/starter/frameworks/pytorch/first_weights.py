"""Puts given weights into a model: inputs before outputs, channels last, as numpy has them."""

import numpy as np
import torch
from torch import nn


@torch.no_grad()
def set_weights(model: nn.Module, layers: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """Kernel and bias of each layer, in order. Raises ValueError when the shapes do not agree."""
    kinds = (nn.Linear, nn.Conv1d, nn.Conv2d)
    mine = [one for one in model.modules() if isinstance(one, kinds)]
    for layer, (kernel, bias) in zip(mine, layers, strict=True):
        if isinstance(layer, nn.Linear):
            # What follows a convolution is flattened with the channels first here.
            places = range(kernel.ndim - 2)
            kernel = kernel.transpose(-2, *places, -1).reshape(-1, kernel.shape[-1]).T
        else:
            kernel = kernel.transpose(-1, -2, *range(kernel.ndim - 2))
        if layer.weight.shape != kernel.shape or layer.bias.shape != bias.shape:
            raise ValueError(f"{kernel.shape} does not fit {layer}")
        layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(kernel)))
        layer.bias.copy_(torch.from_numpy(bias))
