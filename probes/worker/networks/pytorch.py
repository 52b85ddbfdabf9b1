"""The models in PyTorch, as modules."""

from __future__ import annotations

from typing import Any

from ..workloads import (
    BERT_KINDS,
    BERT_PLACES,
    CLASSES,
    HEAD_WIDTH,
    MLP_INPUTS,
    NORM_EPSILON,
    ROWS,
    WIDENING,
    Bottleneck,
    bottlenecks,
    classes_of,
    lstm_inputs,
)


def network(torch: Any, workload: Any) -> Any:
    """The module of a workload, its learnt parameters in the canonical order; None where the
    workload has none."""
    build = {
        "mlp": mlp,
        "cnn": cnn,
        "transformer": transformer,
        "lstm": lstm,
        "embedding": embedding,
        "resnet": resnet,
        "bert": bert,
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


def resnet(torch: Any, workload: Any) -> Any:
    nn, width = torch.nn, workload.width
    Module: Any = nn.Module

    def normed(inputs: int, outputs: int, kernel: int, stride: int = 1) -> list[Any]:
        convolution = nn.Conv2d(
            inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias=False
        )
        return [convolution, nn.BatchNorm2d(outputs, eps=NORM_EPSILON)]

    class Block(Module):  # type: ignore[misc]
        def __init__(self, one: Bottleneck) -> None:
            super().__init__()
            self.main = nn.Sequential(
                *normed(one.inputs, one.width, 1),
                nn.ReLU(),
                *normed(one.width, one.width, 3, one.stride),
                nn.ReLU(),
                *normed(one.width, one.outputs, 1),
            )
            self.shortcut = nn.Sequential()
            if one.projected:
                self.shortcut = nn.Sequential(*normed(one.inputs, one.outputs, 1, one.stride))

        def forward(self, x: Any) -> Any:
            return torch.relu(self.main(x) + self.shortcut(x))

    blocks = bottlenecks(workload)
    return nn.Sequential(
        *normed(3, width, 7, 2),
        nn.ReLU(),
        nn.MaxPool2d(3, stride=2, padding=1),
        *map(Block, blocks),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(blocks[-1].outputs, classes_of(workload)),
    )


def bert(torch: Any, workload: Any) -> Any:
    nn, width = torch.nn, workload.width
    heads = width // HEAD_WIDTH
    Module: Any = nn.Module

    class Tables(Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.tokens = nn.Embedding(workload.rows, width)
            self.places = nn.Embedding(BERT_PLACES, width)
            self.kinds = nn.Embedding(BERT_KINDS, width)

        def forward(self, ids: Any) -> Any:
            places = torch.arange(ids.shape[1], device=ids.device)
            kinds = torch.zeros_like(ids)
            return self.tokens(ids) + self.places(places) + self.kinds(kinds)

    class Block(Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.query = nn.Linear(width, width)
            self.key = nn.Linear(width, width)
            self.value = nn.Linear(width, width)
            self.output = nn.Linear(width, width)
            self.norm1 = nn.LayerNorm(width, eps=NORM_EPSILON)
            self.inner = nn.Linear(width, WIDENING * width)
            self.outer = nn.Linear(WIDENING * width, width)
            self.norm2 = nn.LayerNorm(width, eps=NORM_EPSILON)

        def attend(self, x: Any) -> Any:
            q, k, v = (
                project(x).unflatten(-1, (heads, HEAD_WIDTH)).transpose(1, 2)
                for project in (self.query, self.key, self.value)
            )
            mixed = nn.functional.scaled_dot_product_attention(q, k, v)
            return self.output(mixed.transpose(1, 2).flatten(-2))

        def forward(self, x: Any) -> Any:
            x = self.norm1(x + self.attend(x))
            inner = nn.functional.gelu(self.inner(x), approximate="tanh")
            return self.norm2(x + self.outer(inner))

    class Network(Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.tables = Tables()
            self.norm = nn.LayerNorm(width, eps=NORM_EPSILON)
            self.blocks = nn.Sequential(*(Block() for _ in range(workload.blocks[0])))
            self.pooler = nn.Linear(width, width)
            self.head = nn.Linear(width, classes_of(workload))

        def forward(self, ids: Any) -> Any:
            x = self.blocks(self.norm(self.tables(ids)))
            return self.head(torch.tanh(self.pooler(x[:, 0])))

    return Network()
