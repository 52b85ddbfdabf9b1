"""The models in PyTorch, as modules."""

from __future__ import annotations

from typing import Any

from ..workloads import CLASSES, HEAD_WIDTH, MLP_INPUTS, NORM_EPSILON, ROWS, lstm_inputs


def network(torch: Any, workload: Any) -> Any:
    """The module of a workload, its learnt parameters in the canonical order; None where the
    workload has none."""
    build = {
        "mlp": mlp,
        "cnn": cnn,
        "transformer": transformer,
        "lstm": lstm,
        "embedding": embedding,
    }.get(workload.model)
    return None if build is None else build(torch, workload)


def mlp(torch: Any, workload: Any) -> Any:
    nn, width = torch.nn, workload.width
    return nn.Sequential(
        nn.Linear(MLP_INPUTS, width),
        nn.ReLU(),
        nn.Linear(width, width),
        nn.ReLU(),
        nn.Linear(width, CLASSES),
    )


def cnn(torch: Any, workload: Any) -> Any:
    nn, width = torch.nn, workload.width
    Module: Any = nn.Module

    class Network(Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Conv2d(3, width, 3, padding=1)
            self.second = nn.Conv2d(width, 2 * width, 3, padding=1)
            self.third = nn.Conv2d(2 * width, 2 * width, 3, padding=1)
            self.fourth = nn.Conv2d(2 * width, 4 * width, 3, padding=1)
            self.fifth = nn.Conv2d(4 * width, 4 * width, 3, padding=1)
            self.head = nn.Linear(4 * width, CLASSES)

        def forward(self, images: Any) -> Any:
            relu, halve = torch.relu, nn.functional.avg_pool2d
            x = relu(self.stem(images))
            x = relu(self.second(halve(x, 2)))
            x = x + relu(self.third(x))
            x = relu(self.fourth(halve(x, 2)))
            x = x + relu(self.fifth(x))
            return self.head(x.mean(dim=(2, 3)))

    return Network()


def transformer(torch: Any, workload: Any) -> Any:
    nn, width = torch.nn, workload.width
    heads = width // HEAD_WIDTH
    Module: Any = nn.Module

    class Network(Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.norm1 = nn.LayerNorm(width, eps=NORM_EPSILON)
            self.query = nn.Linear(width, width, bias=False)
            self.key = nn.Linear(width, width, bias=False)
            self.value = nn.Linear(width, width, bias=False)
            self.output = nn.Linear(width, width, bias=False)
            self.norm2 = nn.LayerNorm(width, eps=NORM_EPSILON)
            self.inner = nn.Linear(width, 4 * width)
            self.outer = nn.Linear(4 * width, width)
            self.head = nn.Linear(width, CLASSES)

        def attend(self, x: Any) -> Any:
            q, k, v = (
                project(x).unflatten(-1, (heads, HEAD_WIDTH)).transpose(1, 2)
                for project in (self.query, self.key, self.value)
            )
            mixed = nn.functional.scaled_dot_product_attention(q, k, v)
            return self.output(mixed.transpose(1, 2).flatten(-2))

        def forward(self, x: Any) -> Any:
            x = x + self.attend(self.norm1(x))
            inner = nn.functional.gelu(self.inner(self.norm2(x)), approximate="tanh")
            x = x + self.outer(inner)
            return self.head(x.mean(dim=1))

    return Network()


def lstm(torch: Any, workload: Any) -> Any:
    nn, width = torch.nn, workload.width
    Module: Any = nn.Module

    class Network(Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(lstm_inputs(workload), width, batch_first=True)
            # It has two biases that are added to each other; others have one.
            nn.init.zeros_(self.lstm.bias_hh_l0)
            self.lstm.bias_hh_l0.requires_grad_(False)
            self.head = nn.Linear(width, CLASSES)

        def forward(self, x: Any) -> Any:
            _, (hidden, _) = self.lstm(x)
            return self.head(hidden[-1])

    return Network()


def embedding(torch: Any, workload: Any) -> Any:
    nn, width = torch.nn, workload.width
    return nn.Sequential(nn.EmbeddingBag(ROWS, width, mode="sum"), nn.Linear(width, CLASSES))
