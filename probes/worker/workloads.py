"""What is computed: sizes, seeds, inputs, weights, floating-point operations, bytes.

Inputs and weights come from numpy's frozen generator (`RandomState`), so that every framework on
every machine gets the same ones. A batch consists of few distinct samples, unevenly repeated: the
reference then costs a fraction of the batch, and half of a batch still differs from the whole.
Knows nothing of frameworks, devices or time.
"""

from __future__ import annotations

import functools
import hashlib
from typing import NamedTuple

import numpy

REVISION = 1
"""Raise it with any change of the numbers that a workload means; old times don't compare then."""

CLASSES = 10
CONTROL_SIZE = 1024


class Workload(NamedTuple):
    """One thing to compute. `model` says which mathematics, the rest which size."""

    id: str
    model: str
    """`product`, `triad`, `mlp` or `cnn`."""
    trains: bool
    purpose: str
    batch: int
    """Samples per step; for a product rows and columns, for a triad elements."""
    width: int
    """Hidden units of the MLP; channels of the CNN's first convolution."""
    distinct: int
    """Distinct samples in a batch."""
    seed: int
    """Of inputs and weights: one for which no pre-activation comes near zero in the proof."""
    learning_rate: float = 0.0
    sets: int = 3
    """Input sets that are cycled, so that no result can be kept from one step to the next."""
    steps: int = 5
    """Steps of the proof."""


MLP_INPUTS = 784
IMAGE = 32

WORKLOADS: dict[tuple[str, str], Workload] = {
    (workload.id, size): workload
    for size, workload in (
        ("cpu", Workload("matrix_product", "product", False, "limit", 1024, 0, 1024, 11, sets=2)),
        ("gpu", Workload("matrix_product", "product", False, "limit", 8192, 0, 8192, 11, sets=2)),
        ("cpu", Workload("triad", "triad", False, "limit", 16_777_216, 0, 16_777_216, 12, sets=2)),
        ("gpu", Workload("triad", "triad", False, "limit", 83_886_080, 0, 83_886_080, 12, sets=2)),
        ("cpu", Workload("mlp_train", "mlp", True, "training", 128, 512, 8, 1, 0.02)),
        ("gpu", Workload("mlp_train", "mlp", True, "training", 8192, 4096, 4, 3, 0.004)),
        ("cpu", Workload("cnn_train", "cnn", True, "training", 32, 16, 2, 333, 0.02)),
        ("gpu", Workload("cnn_train", "cnn", True, "training", 1024, 32, 2, 267, 0.003, steps=4)),
        ("cpu", Workload("inference_batch1", "cnn", False, "inference", 1, 16, 1, 21)),
        ("gpu", Workload("inference_batch1", "cnn", False, "inference", 1, 32, 1, 21)),
    )
}


def find(identifier: str, size: str = "cpu") -> Workload:
    """The workload of an id and a size; raises KeyError."""
    return WORKLOADS[identifier, size]


def version(workload: Workload) -> str:
    """Short hash of all that a workload means: sizes, seeds, steps, revision."""
    text = repr((REVISION, MLP_INPUTS, IMAGE, CLASSES, tuple(workload)))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:12]


@functools.lru_cache(maxsize=4)
def initial_parameters(workload: Workload) -> tuple[numpy.ndarray, ...]:
    """The weights, float32, in the canonical order and layout.

    Dense layers are (outputs, inputs), convolutions (outputs, inputs, height, width); a bias
    follows its weight. Biases are not zero, so that a forgotten one shows.
    """
    random = numpy.random.RandomState(workload.seed)
    parameters = []
    for shape in weight_shapes(workload):
        fan_in = int(numpy.prod(shape[1:]))
        parameters.append(random.normal(0.0, (2.0 / fan_in) ** 0.5, shape))
        parameters.append(random.normal(0.0, 0.1, shape[0]))
    return tuple(array.astype(numpy.float32) for array in parameters)


def weight_shapes(workload: Workload) -> list[tuple[int, ...]]:
    """Shapes of the weights without their biases."""
    width = workload.width
    if workload.model == "mlp":
        return [(width, MLP_INPUTS), (width, width), (CLASSES, width)]
    if workload.model == "cnn":
        channels = [(width, 3), (2 * width, width), (2 * width, 2 * width)]
        channels += [(4 * width, 2 * width), (4 * width, 4 * width)]
        return [(*pair, 3, 3) for pair in channels] + [(CLASSES, 4 * width)]
    return []


class InputSet(NamedTuple):
    """The distinct samples of one set, float32 (labels int64), and which of them each row is."""

    distinct: tuple[numpy.ndarray, ...]
    rows: numpy.ndarray | None

    def arrays(self) -> tuple[numpy.ndarray, ...]:
        """The inputs of one step, in full."""
        if self.rows is None:
            return self.distinct
        return tuple(array[self.rows] for array in self.distinct)

    def shares(self) -> numpy.ndarray:
        """Share of each distinct sample in the batch, float64."""
        if self.rows is None:
            return numpy.ones(1)
        counts = numpy.bincount(self.rows, minlength=len(self.distinct[0]))
        return counts / float(len(self.rows))


def input_sets(workload: Workload) -> list[InputSet]:
    """The inputs: for a product two matrices, for a triad two vectors, else samples and labels."""
    random = numpy.random.RandomState(workload.seed + 1_000_003)
    if workload.model in ("product", "triad"):
        count = workload.batch
        shape: tuple[int, ...] = (count, count) if workload.model == "product" else (count,)
        return [
            InputSet((float32_normal(random, shape), float32_normal(random, shape)), None)
            for _ in range(workload.sets)
        ]
    shape = (MLP_INPUTS,) if workload.model == "mlp" else (3, IMAGE, IMAGE)
    # Samples are a class's own pattern and noise: what one set teaches lowers the loss on the next,
    # so that the curve falls at every step, and a skipped update shows.
    patterns = random.normal(0.0, 1.0, (CLASSES, *shape))
    sets = []
    for _ in range(workload.sets):
        labels = numpy.arange(workload.distinct) % CLASSES
        samples = 0.8 * patterns[labels] + 0.6 * random.normal(0.0, 1.0, (len(labels), *shape))
        rows = uneven_rows(workload.distinct, workload.batch)
        sets.append(InputSet((samples.astype(numpy.float32), labels.astype(numpy.int64)), rows))
    return sets


def uneven_rows(distinct: int, batch: int) -> numpy.ndarray:
    """Which sample each row is: no half (first, last, even, odd) is made up as the whole is.

    Early samples fill the first half, and odd rows change to the next sample later than even ones.
    """
    place = numpy.arange(batch) / float(batch)
    place[1::2] **= 4
    return (place * distinct).astype(numpy.int64)


BLOCK = 1_048_573
"""A prime, so that a repeated block of numbers never lines up with the rows of a matrix."""


def float32_normal(random: numpy.random.RandomState, shape: tuple[int, ...]) -> numpy.ndarray:
    """Standard normal numbers; large arrays repeat a block: drawing all would take seconds."""
    size = int(numpy.prod(shape))
    block = random.standard_normal(size if size <= 2 * BLOCK else BLOCK).astype(numpy.float32)
    return numpy.resize(block, shape)


def parameter_count(workload: Workload) -> int:
    """Trainable numbers of the model."""
    return sum(int(numpy.prod(shape)) + shape[0] for shape in weight_shapes(workload))


def flops(workload: Workload) -> float:
    """Floating-point operations of one step, a multiplication and an addition counted as two.

    Training counts three passes' worth less the gradient of the first layer's input, which no one
    computes; activations, loss and update are left out (under two percent here).
    """
    if workload.model == "product":
        return 2.0 * workload.batch**3
    if workload.model == "triad":
        return 2.0 * workload.batch
    layers = []
    for number, shape in enumerate(weight_shapes(workload)):
        positions = 1
        if workload.model == "cnn" and len(shape) == 4:
            positions = (IMAGE, IMAGE // 2, IMAGE // 2, IMAGE // 4, IMAGE // 4)[number] ** 2
        layers.append(2.0 * workload.batch * positions * float(numpy.prod(shape)))
    return 3.0 * sum(layers) - layers[0] if workload.trains else sum(layers)


def bytes_moved(workload: Workload) -> float:
    """Least traffic with memory of one step: every input read once, every result written once.

    A training step reads each weight forwards and backwards and writes it.
    """
    if workload.model == "product":
        return 3.0 * 4 * workload.batch**2
    if workload.model == "triad":
        return 3.0 * 4 * workload.batch
    sample = MLP_INPUTS if workload.model == "mlp" else 3 * IMAGE * IMAGE
    weights = 4.0 * parameter_count(workload)
    return 4.0 * workload.batch * sample + (3.0 if workload.trains else 1.0) * weights
