"""The models in PaddlePaddle, as layers."""

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


def network_of(paddle: Any, workload: Any) -> Any:
    """The layer of a workload, its learnt parameters in the canonical order; None where the
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
    return None if build is None else build(paddle, workload)


def mlp(paddle: Any, workload: Any) -> Any:
    nn, width = paddle.nn, workload.width
    return nn.Sequential(
        nn.Linear(MLP_INPUTS, width),
        nn.ReLU(),
        nn.Linear(width, width),
        nn.ReLU(),
        nn.Linear(width, CLASSES),
    )


def cnn(paddle: Any, workload: Any) -> Any:
    nn, width = paddle.nn, workload.width
    Layer: Any = nn.Layer
    relu, halve = nn.functional.relu, nn.functional.avg_pool2d

    class Network(Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Conv2D(3, width, 3, padding=1)
            self.second = nn.Conv2D(width, 2 * width, 3, padding=1)
            self.third = nn.Conv2D(2 * width, 2 * width, 3, padding=1)
            self.fourth = nn.Conv2D(2 * width, 4 * width, 3, padding=1)
            self.fifth = nn.Conv2D(4 * width, 4 * width, 3, padding=1)
            self.head = nn.Linear(4 * width, CLASSES)

        def forward(self, images: Any) -> Any:
            x = relu(self.stem(images))
            x = relu(self.second(halve(x, 2)))
            x = x + relu(self.third(x))
            x = relu(self.fourth(halve(x, 2)))
            x = x + relu(self.fifth(x))
            return self.head(x.mean(axis=[2, 3]))

    return Network()


def transformer(paddle: Any, workload: Any) -> Any:
    nn, width = paddle.nn, workload.width
    heads = width // HEAD_WIDTH
    Layer: Any = nn.Layer
    functional = nn.functional

    class Network(Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.norm1 = nn.LayerNorm(width, epsilon=NORM_EPSILON)
            self.query = nn.Linear(width, width, bias_attr=False)
            self.key = nn.Linear(width, width, bias_attr=False)
            self.value = nn.Linear(width, width, bias_attr=False)
            self.output = nn.Linear(width, width, bias_attr=False)
            self.norm2 = nn.LayerNorm(width, epsilon=NORM_EPSILON)
            self.inner = nn.Linear(width, 4 * width)
            self.outer = nn.Linear(4 * width, width)
            self.head = nn.Linear(width, CLASSES)

        def attend(self, x: Any) -> Any:
            split = [x.shape[0], x.shape[1], heads, HEAD_WIDTH]
            q, k, v = (project(x).reshape(split) for project in (self.query, self.key, self.value))
            mixed = functional.scaled_dot_product_attention(q, k, v)
            return self.output(mixed.reshape(x.shape))

        def forward(self, x: Any) -> Any:
            x = x + self.attend(self.norm1(x))
            inner = functional.gelu(self.inner(self.norm2(x)), approximate=True)
            x = x + self.outer(inner)
            return self.head(x.mean(axis=1))

    return Network()


def lstm(paddle: Any, workload: Any) -> Any:
    nn, width = paddle.nn, workload.width
    Layer: Any = nn.Layer

    class Network(Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(lstm_inputs(workload), width)
            # It has two biases that are added to each other; others have one. So the second stays
            # zero: it is no optimizer's. (Left out of the layer, or told to need no gradient, it
            # makes the kernel of 3.3.1 crash or raise.)
            self.lstm.bias_hh_l0.set_value(paddle.zeros([4 * width]))
            self.unlearnt = [self.lstm.bias_hh_l0.name]
            self.head = nn.Linear(width, CLASSES)

        def forward(self, x: Any) -> Any:
            _, (hidden, _) = self.lstm(x)
            return self.head(hidden[-1])

    return Network()


def embedding(paddle: Any, workload: Any) -> Any:
    nn, width = paddle.nn, workload.width
    Layer: Any = nn.Layer

    class Network(Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Embedding(ROWS, width)
            self.head = nn.Linear(width, CLASSES)

        def forward(self, ids: Any) -> Any:
            return self.head(self.table(ids).sum(axis=1))

    return Network()


def resnet(paddle: Any, workload: Any) -> Any:
    nn, width = paddle.nn, workload.width
    Layer: Any = nn.Layer
    relu = nn.functional.relu

    def normed(inputs: int, outputs: int, kernel: int, stride: int = 1) -> list[Any]:
        convolution = nn.Conv2D(
            inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias_attr=False
        )
        return [convolution, nn.BatchNorm2D(outputs, epsilon=NORM_EPSILON)]

    class Block(Layer):  # type: ignore[misc]
        def __init__(self, one: Bottleneck) -> None:
            super().__init__()
            self.main = nn.Sequential(
                *normed(one.inputs, one.width, 1),
                nn.ReLU(),
                *normed(one.width, one.width, 3, one.stride),
                nn.ReLU(),
                *normed(one.width, one.outputs, 1),
            )
            self.shortcut = nn.Identity()
            if one.projected:
                self.shortcut = nn.Sequential(*normed(one.inputs, one.outputs, 1, one.stride))

        def forward(self, x: Any) -> Any:
            return relu(self.main(x) + self.shortcut(x))

    blocks = bottlenecks(workload)
    return nn.Sequential(
        *normed(3, width, 7, 2),
        nn.ReLU(),
        nn.MaxPool2D(3, stride=2, padding=1),
        *map(Block, blocks),
        nn.AdaptiveAvgPool2D(1),
        nn.Flatten(),
        nn.Linear(blocks[-1].outputs, classes_of(workload)),
    )


def bert(paddle: Any, workload: Any) -> Any:
    nn, width = paddle.nn, workload.width
    heads = width // HEAD_WIDTH
    Layer: Any = nn.Layer
    functional = nn.functional

    class Tables(Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.tokens = nn.Embedding(workload.rows, width)
            self.places = nn.Embedding(BERT_PLACES, width)
            self.kinds = nn.Embedding(BERT_KINDS, width)

        def forward(self, ids: Any) -> Any:
            places = paddle.arange(ids.shape[1])
            return self.tokens(ids) + self.places(places) + self.kinds(paddle.zeros_like(ids))

    class Block(Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.query = nn.Linear(width, width)
            self.key = nn.Linear(width, width)
            self.value = nn.Linear(width, width)
            self.output = nn.Linear(width, width)
            self.norm1 = nn.LayerNorm(width, epsilon=NORM_EPSILON)
            self.inner = nn.Linear(width, WIDENING * width)
            self.outer = nn.Linear(WIDENING * width, width)
            self.norm2 = nn.LayerNorm(width, epsilon=NORM_EPSILON)

        def attend(self, x: Any) -> Any:
            split = [x.shape[0], x.shape[1], heads, HEAD_WIDTH]
            q, k, v = (project(x).reshape(split) for project in (self.query, self.key, self.value))
            mixed = functional.scaled_dot_product_attention(q, k, v)
            return self.output(mixed.reshape(x.shape))

        def forward(self, x: Any) -> Any:
            x = self.norm1(x + self.attend(x))
            inner = functional.gelu(self.inner(x), approximate=True)
            return self.norm2(x + self.outer(inner))

    class Network(Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.tables = Tables()
            self.norm = nn.LayerNorm(width, epsilon=NORM_EPSILON)
            self.blocks = nn.Sequential(*(Block() for _ in range(workload.blocks[0])))
            self.pooler = nn.Linear(width, width)
            self.head = nn.Linear(width, classes_of(workload))

        def forward(self, ids: Any) -> Any:
            x = self.blocks(self.norm(self.tables(ids)))
            return self.head(paddle.tanh(self.pooler(x[:, 0])))

    return Network()
