"""Two processes under DistributedDataParallel, which meet in a file and talk by gloo."""

from __future__ import annotations

import datetime
import os

from .. import apart, workloads
from ..contract import load_adapter
from ..networks.pytorch import network
from . import LIMIT_SECONDS, WORKERS, WORKLOAD, halves, trained

HOW = "two processes under DistributedDataParallel with gloo"
PROCESSES = WORKERS


def main(arguments: list[str]) -> int:
    rank, folder = int(arguments[0]), arguments[1]
    adapter = load_adapter("pytorch")
    adapter.import_framework(None)
    torch = adapter.tried("cpu")[0]  # type: ignore[attr-defined]
    torch.distributed.init_process_group(
        "gloo",
        init_method="file://" + os.path.join(folder, "meeting"),
        rank=rank,
        world_size=WORKERS,
        timeout=datetime.timedelta(seconds=LIMIT_SECONDS),
    )
    workload = workloads.find(WORKLOAD)
    module = network(torch, workload)
    with torch.no_grad():
        for own, given in zip(module.parameters(), workloads.initial_parameters(workload)):
            own.copy_(torch.from_numpy(given))
    model = torch.nn.parallel.DistributedDataParallel(module)
    optimizer = torch.optim.SGD(model.parameters(), lr=workload.learning_rate)
    own_half = [tuple(map(torch.from_numpy, arrays)) for arrays in halves(workload)[rank]]

    def step(number: int) -> float:
        samples, labels = own_half[number]
        loss = torch.nn.functional.cross_entropy(model(samples), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return float(loss.item())

    torch.distributed.barrier()
    apart.say(trained(step, workload))
    torch.distributed.destroy_process_group()
    return 0
