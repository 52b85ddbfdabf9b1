"""Two processes under paddle.DataParallel, which talk by gloo."""

from __future__ import annotations

import os
import time

from .. import apart, workloads
from ..contract import load_adapter
from ..networks.paddlepaddle import network_of
from . import LIMIT_SECONDS, WORKERS, WORKLOAD, free_ports, halves, trained

HOW = "two processes under paddle.DataParallel with gloo"
PROCESSES = WORKERS
MEETING = "meeting"


def main(arguments: list[str]) -> int:
    rank, folder = int(arguments[0]), arguments[1]
    ports = meet(rank, os.path.join(folder, MEETING))
    endpoints = ["127.0.0.1:{}".format(port) for port in ports]
    os.environ.update(
        PADDLE_TRAINER_ID=str(rank),
        PADDLE_TRAINERS_NUM=str(WORKERS),
        PADDLE_TRAINER_ENDPOINTS=",".join(endpoints),
        PADDLE_CURRENT_ENDPOINT=endpoints[rank],
        PADDLE_DISTRI_BACKEND="gloo",
    )
    adapter = load_adapter("paddlepaddle")
    adapter.import_framework(None)
    paddle = adapter.tried("cpu")[0]  # type: ignore[attr-defined]
    paddle.set_device("cpu")
    paddle.distributed.init_parallel_env()
    workload = workloads.find(WORKLOAD)
    module = network_of(paddle, workload)
    layouts = [one.layout for one in workloads.parameters_of(workload)]
    initial = workloads.initial_parameters(workload)
    for own, given, layout in zip(module.parameters(), initial, layouts):
        own.set_value(given.T.copy() if layout == "dense" else given)
    model = paddle.DataParallel(module)
    optimizer = paddle.optimizer.SGD(workload.learning_rate, parameters=model.parameters())
    own_half = [tuple(map(paddle.to_tensor, arrays)) for arrays in halves(workload)[rank]]

    def step(number: int) -> float:
        samples, labels = own_half[number]
        loss = paddle.nn.functional.cross_entropy(model(samples), labels)
        loss.backward()
        optimizer.step()
        optimizer.clear_grad()
        return float(loss.numpy())

    apart.say(trained(step, workload))
    return 0


def meet(rank: int, path: str) -> list[int]:
    """The ports of both: the first chooses and writes them down, the other reads them."""
    if rank == 0:
        ports = free_ports(WORKERS)
        with open(path + ".new", "w", encoding="ascii") as file:
            file.write(" ".join(map(str, ports)))
        os.replace(path + ".new", path)
        return ports
    end = time.monotonic() + LIMIT_SECONDS
    while not os.path.exists(path):
        if time.monotonic() > end:
            raise TimeoutError("the other process did not come")
        time.sleep(0.01)
    with open(path, encoding="ascii") as file:
        return [int(word) for word in file.read().split()]
