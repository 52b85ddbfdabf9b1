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
    """`product`, `triad`, `mlp`, `cnn`, `transformer`, `lstm`, `embedding` or `pipeline`."""
    trains: bool
    purpose: str
    batch: int
    """Samples per step; for a product rows and columns, for a triad elements."""
    width: int
    """Hidden units of MLP and LSTM; channels of the CNN's first convolution; numbers that stand for
    one place of a transformer, or for one row of an embedding."""
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
PLACES = {"transformer": 128, "lstm": 64, "embedding": 128}
"""Length of a sample's sequence, or its count of ids."""
HEAD_WIDTH = 64
NORM_EPSILON = 1e-5
ROWS = 100_000
"""Of an embedding's table."""


def trained(
    model: str, batch: int, width: int, distinct: int, seed: int, rate: float, steps: int = 5
) -> Workload:
    """The training step of a model."""
    return Workload(
        model + "_train", model, True, "training", batch, width, distinct, seed, rate, steps=steps
    )


WORKLOADS: dict[tuple[str, str], Workload] = {
    (workload.id, size): workload
    for size, workload in (
        ("cpu", Workload("matrix_product", "product", False, "limit", 1024, 0, 1024, 11, sets=2)),
        ("gpu", Workload("matrix_product", "product", False, "limit", 8192, 0, 8192, 11, sets=2)),
        ("cpu", Workload("triad", "triad", False, "limit", 16_777_216, 0, 16_777_216, 12, sets=2)),
        ("gpu", Workload("triad", "triad", False, "limit", 83_886_080, 0, 83_886_080, 12, sets=2)),
        ("cpu", trained("mlp", 128, 512, 8, 1, 0.02)),
        ("gpu", trained("mlp", 8192, 4096, 4, 3, 0.004)),
        ("cpu", trained("cnn", 32, 16, 2, 333, 0.02)),
        ("gpu", trained("cnn", 1024, 32, 2, 267, 0.003, steps=4)),
        ("cpu", trained("transformer", 8, 256, 2, 5, 0.02)),
        ("gpu", trained("transformer", 64, 1024, 2, 5, 0.006, steps=3)),
        ("cpu", trained("lstm", 32, 128, 8, 6, 0.4)),
        ("gpu", trained("lstm", 256, 1024, 4, 6, 0.2, steps=3)),
        ("cpu", trained("embedding", 64, 64, 32, 7, 0.2)),
        ("gpu", trained("embedding", 4096, 256, 32, 7, 0.1)),
        ("cpu", Workload("inference_batch1", "cnn", False, "inference", 1, 16, 1, 21)),
        ("gpu", Workload("inference_batch1", "cnn", False, "inference", 1, 32, 1, 21)),
        ("cpu", Workload("input_pipeline", "pipeline", False, "overhead", 64, 0, 2048, 31, sets=2)),
    )
}


def find(identifier: str, size: str = "cpu") -> Workload:
    """The workload of an id and a size; raises KeyError."""
    return WORKLOADS[identifier, size]


def version(workload: Workload) -> str:
    """Short hash of all that a workload means: sizes, seeds, steps, revision."""
    text = repr((REVISION, MLP_INPUTS, IMAGE, CLASSES, tuple(workload)))
    if workload.model in PLACES:
        text += repr((PLACES[workload.model], HEAD_WIDTH, NORM_EPSILON, ROWS))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:12]


class Parameter(NamedTuple):
    """One array of weights: its shape, and the normal distribution that it begins with."""

    shape: tuple[int, ...]
    deviation: float
    mean: float = 0.0
    layout: str = "vector"
    """What frameworks lay out in different ways: `dense` and `recurrent` are (outputs, inputs) in
    canonical form, `convolution` (outputs, inputs, height, width); `table` and `vector` are the
    same everywhere."""


@functools.lru_cache(maxsize=4)
def initial_parameters(workload: Workload) -> tuple[numpy.ndarray, ...]:
    """The weights, float32, in the canonical order and layout.

    A bias follows its weight. Biases are not zero, so that a forgotten one shows.
    """
    random = numpy.random.RandomState(workload.seed)
    return tuple(
        random.normal(one.mean, one.deviation, one.shape).astype(numpy.float32)
        for one in parameters_of(workload)
    )


def parameters_of(workload: Workload) -> list[Parameter]:
    """What the model learns, in the canonical order; empty for what is no model."""
    width = workload.width
    if workload.model == "mlp":
        shapes = [(width, MLP_INPUTS), (width, width), (CLASSES, width)]
        return [one for shape in shapes for one in layer(shape)]
    if workload.model == "cnn":
        channels = [(width, 3), (2 * width, width), (2 * width, 2 * width)]
        channels += [(4 * width, 2 * width), (4 * width, 4 * width)]
        kernels = [one for pair in channels for one in layer((*pair, 3, 3), layout="convolution")]
        return [*kernels, *layer((CLASSES, 4 * width))]
    if workload.model == "transformer":
        norm = [Parameter((width,), 0.1, 1.0), Parameter((width,), 0.1)]
        # Without biases: that of the keys could not learn, since softmax does not see it.
        square, _ = layer((width, width), 1.0)
        inner = [*layer((4 * width, width), 1.0), *layer((width, 4 * width), 1.0)]
        return [*norm, *[square] * 4, *norm, *inner, *layer((CLASSES, width), 1.0)]
    if workload.model == "lstm":
        from_input, bias = layer((4 * width, lstm_inputs(workload)), 1.0, "recurrent")
        from_hidden, _ = layer((4 * width, width), 1.0, "recurrent")
        return [from_input, from_hidden, bias, *layer((CLASSES, width), 1.0)]
    if workload.model == "embedding":
        table = Parameter((ROWS, width), 0.1, layout="table")
        return [table, *layer((CLASSES, width), 1.0)]
    return []


def layer(shape: tuple[int, ...], gain: float = 2.0, layout: str = "dense") -> list[Parameter]:
    """A weight that keeps the size of what goes through it (He et al. 2015), and its bias."""
    deviation = (gain / int(numpy.prod(shape[1:]))) ** 0.5
    return [Parameter(shape, deviation, layout=layout), Parameter(shape[:1], 0.1)]


def lstm_inputs(workload: Workload) -> int:
    """Numbers that stand for one place of an LSTM's sequence."""
    return workload.width // 2


def sample_shape(workload: Workload) -> tuple[int, ...]:
    """Of one sample; an embedding's sample is a row of ids."""
    return {
        "mlp": (MLP_INPUTS,),
        "cnn": (3, IMAGE, IMAGE),
        "transformer": (PLACES["transformer"], workload.width),
        "lstm": (PLACES["lstm"], lstm_inputs(workload)),
        "embedding": (PLACES["embedding"],),
        "pipeline": (3, IMAGE, IMAGE),
    }[workload.model]


CHANGED_BY = (0.25, 0.5)
"""What is taken off a sample's numbers, and what they are multiplied with: exact in binary."""


def changed(sample: numpy.ndarray, number: int) -> numpy.ndarray:
    """A sample as the input pipeline is to give it: shifted, scaled, and the odd ones mirrored."""
    shift, scale = numpy.float32(CHANGED_BY[0]), numpy.float32(CHANGED_BY[1])
    result: numpy.ndarray = (sample - shift) * scale
    # Other frameworks take no array that runs backwards.
    return numpy.ascontiguousarray(result[..., ::-1]) if number % 2 else result


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
    if workload.model == "embedding":
        return id_sets(workload, random)
    shape = sample_shape(workload)
    if workload.model == "pipeline":
        count = workload.distinct
        numbers = numpy.arange(count, dtype=numpy.int64)
        return [
            InputSet((float32_normal(random, (count, *shape)), numbers), None)
            for _ in range(workload.sets)
        ]
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


def id_sets(workload: Workload, random: numpy.random.RandomState) -> list[InputSet]:
    """Ids of rows: most of a class's own, the rest anything."""
    patterns = random.randint(0, ROWS, (CLASSES, *sample_shape(workload)))
    sets = []
    for _ in range(workload.sets):
        labels = numpy.arange(workload.distinct) % CLASSES
        others = random.randint(0, ROWS, (len(labels), *sample_shape(workload)))
        ids = numpy.where(random.uniform(size=others.shape) < 0.7, patterns[labels], others)
        rows = uneven_rows(workload.distinct, workload.batch)
        sets.append(InputSet((ids.astype(numpy.int64), labels.astype(numpy.int64)), rows))
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
    return sum(int(numpy.prod(one.shape)) for one in parameters_of(workload))


def flops(workload: Workload) -> float:
    """Floating-point operations of one step, a multiplication and an addition counted as two.

    Training counts three passes' worth less the gradient of the first layer's input, which no one
    computes; activations, norms, loss and update are left out (under two percent here, but for an
    embedding, which hardly computes).
    """
    if workload.model == "product":
        return 2.0 * workload.batch**3
    if workload.model == "triad":
        return 2.0 * workload.batch
    if workload.model == "pipeline":
        return 2.0 * workload.distinct * float(numpy.prod(sample_shape(workload)))
    layers, first = forward_flops(workload)
    return 3.0 * sum(layers) - first if workload.trains else sum(layers)


def forward_flops(workload: Workload) -> tuple[list[float], float]:
    """Of each layer's forward pass, and of those whose input needs no gradient."""
    batch, width = workload.batch, workload.width
    if workload.model == "transformer":
        places = PLACES["transformer"]
        dense = 2.0 * batch * places * (4 + 8) * width**2
        attention = 2.0 * 2.0 * batch * places**2 * width
        # The norm in front learns, so that every input needs its gradient.
        return [dense, attention, 2.0 * batch * width * CLASSES], 0.0
    if workload.model == "lstm":
        from_input = 2.0 * batch * PLACES["lstm"] * 4 * width * lstm_inputs(workload)
        from_hidden = 2.0 * batch * PLACES["lstm"] * 4 * width**2
        return [from_input, from_hidden, 2.0 * batch * width * CLASSES], from_input
    if workload.model == "embedding":
        return [float(batch * PLACES["embedding"] * width), 2.0 * batch * width * CLASSES], 0.0
    layers = []
    for number, one in enumerate(parameters_of(workload)[::2]):
        positions = 1
        if workload.model == "cnn" and len(one.shape) == 4:
            positions = (IMAGE, IMAGE // 2, IMAGE // 2, IMAGE // 4, IMAGE // 4)[number] ** 2
        layers.append(2.0 * batch * positions * float(numpy.prod(one.shape)))
    return layers, layers[0]


def bytes_moved(workload: Workload) -> float:
    """Least traffic with memory of one step: every input read once, every result written once.

    A training step reads each weight forwards and backwards and writes it; of an embedding's table
    only the rows that the batch names.
    """
    if workload.model == "product":
        return 3.0 * 4 * workload.batch**2
    if workload.model == "triad":
        return 3.0 * 4 * workload.batch
    if workload.model == "pipeline":
        return 2.0 * 4 * workload.distinct * float(numpy.prod(sample_shape(workload)))
    numbers = parameter_count(workload)
    if workload.model == "embedding":
        named = workload.distinct * PLACES["embedding"]
        numbers += (min(named, ROWS) - ROWS) * workload.width
    samples = 4.0 * workload.batch * float(numpy.prod(sample_shape(workload)))
    return samples + (3.0 if workload.trains else 1.0) * 4.0 * numbers
