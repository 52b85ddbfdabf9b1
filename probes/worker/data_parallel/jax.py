"""Two processor devices of one process; the batch is sharded over them, the weights are on both."""

from __future__ import annotations

from typing import Any

import numpy

from .. import apart, workloads
from ..contract import load_adapter
from ..networks.jax import logits
from ..networks.layouts import to_own
from . import WORKERS, WORKLOAD, trained

HOW = "two processor devices of one process, the batch sharded over them"
PROCESSES = 1


def main(arguments: list[str]) -> int:
    adapter = load_adapter("jax")
    adapter.import_framework(None)
    jax = adapter.tried("cpu")[0]  # type: ignore[attr-defined]
    devices = jax.devices("cpu")
    if len(devices) < WORKERS:
        raise RuntimeError("this release opens {} device for the processor".format(len(devices)))
    mesh = jax.sharding.Mesh(numpy.array(devices[:WORKERS]), ("data",))
    spread = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("data"))
    everywhere = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())
    workload = workloads.find(WORKLOAD)
    model = logits(jax, workload)

    def loss_of(weights: Any, samples: Any, labels: Any) -> Any:
        logarithms = jax.nn.log_softmax(model(weights, samples))
        return -jax.numpy.take_along_axis(logarithms, labels[:, None], axis=1).mean()

    def update(weights: Any, samples: Any, labels: Any) -> Any:
        loss, gradients = jax.value_and_grad(loss_of)(weights, samples, labels)
        rate = workload.learning_rate
        return [one - rate * back for one, back in zip(weights, gradients)], loss

    compiled = jax.jit(update, donate_argnums=0)
    initial = to_own(workload, workloads.initial_parameters(workload))
    state = [jax.device_put([jax.numpy.asarray(one) for one in initial], everywhere)]
    sets = [
        tuple(jax.device_put(array, spread) for array in entry.arrays())
        for entry in workloads.input_sets(workload)
    ]

    def step(number: int) -> float:
        state[0], loss = compiled(state[0], *sets[number])
        return float(jax.block_until_ready((state[0], loss))[1])

    apart.say(trained(step, workload))
    return 0
