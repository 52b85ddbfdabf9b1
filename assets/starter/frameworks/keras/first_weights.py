"""Puts given weights into a model: inputs before outputs, channels last, as numpy has them."""

import keras
import numpy as np


def set_weights(model: keras.Model, layers: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """Kernel and bias of each layer, in order. Raises ValueError when the shapes do not agree."""
    mine = [one for one in model.layers if hasattr(one, "kernel")]
    for layer, (kernel, bias) in zip(mine, layers, strict=True):
        if len(layer.kernel.shape) == 2:
            kernel = kernel.reshape(-1, kernel.shape[-1])
        layer.set_weights([kernel, bias])
