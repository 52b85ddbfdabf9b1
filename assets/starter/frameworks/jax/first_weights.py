"""Puts given weights into a model: inputs before outputs, channels last, as numpy has them."""

import jax.numpy as jnp
import numpy as np
from flax import nnx


def set_weights(model: nnx.Module, layers: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """Kernel and bias of each layer, in order. Raises ValueError when the shapes do not agree."""
    mine = [one for one in vars(model).values() if isinstance(one, nnx.Linear | nnx.Conv)]
    for layer, (kernel, bias) in zip(mine, layers, strict=True):
        if isinstance(layer, nnx.Linear):
            kernel = kernel.reshape(-1, kernel.shape[-1])
        if layer.kernel.shape != kernel.shape or layer.bias.shape != bias.shape:
            raise ValueError(f"{kernel.shape} does not fit {layer}")
        layer.kernel[...] = jnp.asarray(kernel)
        layer.bias[...] = jnp.asarray(bias)
