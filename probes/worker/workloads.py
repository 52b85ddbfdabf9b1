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
    """`product`, `triad`, `mlp`, `cnn`, `transformer`, `lstm`, `embedding`, `pipeline`, `resnet` or
    `bert`."""
    trains: bool
    purpose: str
    batch: int
    """Samples per step; for a product rows and columns, for a triad elements."""
    width: int
    """Hidden units of MLP and LSTM; channels of a network's first convolution; numbers that stand
    for one place of a transformer, or for one row of an embedding."""
    distinct: int
    """Distinct samples in a batch."""
    seed: int
    """Of inputs and weights: one for which no pre-activation comes near zero in the proof."""
    learning_rate: float = 0.0
    sets: int = 3
    """Input sets that are cycled, so that no result can be kept from one step to the next."""
    steps: int = 5
    """Steps of the proof."""
    blocks: tuple[int, ...] = ()
    """Of a known network: how many blocks each of its stages has."""
    extent: int = 0
    """Of a known network: its images' height and width, or the length of its sequences."""
    rows: int = 0
    """Of its table of tokens."""


SHORT_FIELDS = 11
"""The fields up to `steps`, which all of a workload's meaning is in unless it has blocks."""
MLP_INPUTS = 784
IMAGE = 32
PLACES = {"transformer": 128, "lstm": 64, "embedding": 128}
"""Length of a sample's sequence, or its count of ids."""
HEAD_WIDTH = 64
NORM_EPSILON = 1e-5
ROWS = 100_000
"""Of an embedding's table."""
RESNET50 = (3, 4, 6, 3)
BERT_BASE = (12,)
WIDENING = 4
"""What leaves a bottleneck block is so many times as wide as its middle (He et al. 2015); so is the
inside of a transformer's block (Vaswani et al. 2017)."""
LAST_GAIN = 0.25
"""Mean gain of a bottleneck's last norm: sixteen blocks that add up keep numbers of one size."""
IMAGENET_CLASSES = 1000
BERT_ROWS, BERT_PLACES, BERT_KINDS = 30_522, 512, 2
"""Of the tables of tokens, places and kinds of sentence in BERT-base (Devlin et al. 2018)."""


def trained(
    model: str, batch: int, width: int, distinct: int, seed: int, rate: float, steps: int = 5
) -> Workload:
    """The training step of a model."""
    return Workload(
        model + "_train", model, True, "training", batch, width, distinct, seed, rate, steps=steps
    )


def resnet(batch: int, distinct: int, extent: int, rate: float) -> Workload:
    """A training step of ResNet-50."""
    one = trained("resnet", batch, 64, distinct, 41, rate, steps=2)
    return one._replace(id="resnet50_train", blocks=RESNET50, extent=extent)


def bert(batch: int, distinct: int, extent: int, rate: float) -> Workload:
    """A training step of BERT-base."""
    one = trained("bert", batch, 768, distinct, 42, rate, steps=3)
    return one._replace(id="bert_base_train", blocks=BERT_BASE, extent=extent, rows=BERT_ROWS)


def answering(workload: Workload, identifier: str) -> Workload:
    """The same network with one sample at a time, and nothing learnt."""
    return workload._replace(
        id=identifier,
        trains=False,
        purpose="inference",
        batch=1,
        distinct=1,
        learning_rate=0.0,
        steps=5,
    )


# Rates so low that rounding does not grow from step to step.
RESNETS = {"cpu": resnet(4, 2, 128, 0.001), "gpu": resnet(64, 2, 224, 0.001)}
BERTS = {"cpu": bert(4, 2, 32, 0.002), "gpu": bert(32, 2, 128, 0.002)}

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
        *RESNETS.items(),
        *BERTS.items(),
        *((size, answering(one, "resnet50_inference")) for size, one in RESNETS.items()),
        *((size, answering(one, "bert_base_inference")) for size, one in BERTS.items()),
    )
}


def find(identifier: str, size: str = "cpu") -> Workload:
    """The workload of an id and a size; raises KeyError."""
    return WORKLOADS[identifier, size]


def version(workload: Workload) -> str:
    """Short hash of all that a workload means: sizes, seeds, steps, revision."""
    fields = tuple(workload) if workload.blocks else tuple(workload)[:SHORT_FIELDS]
    text = repr((REVISION, MLP_INPUTS, IMAGE, CLASSES, fields))
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


def initial_parameters(workload: Workload) -> tuple[numpy.ndarray, ...]:
    """The weights, float32, in the canonical order and layout.

    A bias follows its weight. Biases are not zero, so that a forgotten one shows.
    """
    # Half a gigabyte that is kept would stand in the memory that a step is seen to need.
    return repeated_parameters(workload) if workload.blocks else drawn_parameters(workload)


@functools.lru_cache(maxsize=4)
def drawn_parameters(workload: Workload) -> tuple[numpy.ndarray, ...]:
    """Each number drawn for itself."""
    random = numpy.random.RandomState(workload.seed)
    return tuple(
        random.normal(one.mean, one.deviation, one.shape).astype(numpy.float32)
        for one in parameters_of(workload)
    )


def repeated_parameters(workload: Workload) -> tuple[numpy.ndarray, ...]:
    """Pieces of one block of numbers, each begun at another place: drawing a hundred million for
    themselves would take seconds, at each window's start."""
    random = numpy.random.RandomState(workload.seed)
    block = random.standard_normal(BLOCK).astype(numpy.float32)
    arrays = []
    for one in parameters_of(workload):
        array = numpy.resize(numpy.roll(block, -random.randint(BLOCK)), one.shape)
        array *= numpy.float32(one.deviation)
        array += numpy.float32(one.mean)
        arrays.append(array)
    return tuple(arrays)


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
    if workload.model == "resnet":
        return resnet_parameters(workload)
    if workload.model == "bert":
        return bert_parameters(workload)
    return []


class Bottleneck(NamedTuple):
    """One block of a residual network: 1x1 to its width, 3x3 with its stride, 1x1 to four times its
    width, each followed by a norm; the stride where torchvision and NVIDIA's examples have it."""

    inputs: int
    width: int
    stride: int

    @property
    def outputs(self) -> int:
        return WIDENING * self.width

    @property
    def projected(self) -> bool:
        """Whether its shortcut needs a convolution of its own, as the first of each stage does."""
        return self.stride != 1 or self.inputs != self.outputs


def bottlenecks(workload: Workload) -> list[Bottleneck]:
    """The blocks of a residual network in order; each stage is twice as wide as the one before."""
    blocks, inputs = [], workload.width
    for stage, count in enumerate(workload.blocks):
        for number in range(count):
            stride = 2 if stage > 0 and number == 0 else 1
            blocks.append(Bottleneck(inputs, workload.width << stage, stride))
            inputs = blocks[-1].outputs
    return blocks


def resnet_parameters(workload: Workload) -> list[Parameter]:
    """Convolutions without bias, each with the gain and shift of its norm; then dense."""

    def normed(outputs: int, inputs: int, edge: int, gain: float = 1.0) -> list[Parameter]:
        kernel, _ = layer((outputs, inputs, edge, edge), layout="convolution")
        return [kernel, Parameter((outputs,), 0.1, gain), Parameter((outputs,), 0.1)]

    found = normed(workload.width, 3, 7)
    blocks = bottlenecks(workload)
    for one in blocks:
        found += normed(one.width, one.inputs, 1) + normed(one.width, one.width, 3)
        found += normed(one.outputs, one.width, 1, LAST_GAIN)
        if one.projected:
            found += normed(one.outputs, one.inputs, 1)
    return found + layer((classes_of(workload), blocks[-1].outputs), 1.0)


def bert_parameters(workload: Workload) -> list[Parameter]:
    """Tables and their norm; of each block the attention with its norm, then the dense layers with
    theirs; the pooler and the classifier."""
    width = workload.width
    norm = [Parameter((width,), 0.1, 1.0), Parameter((width,), 0.1)]
    tables = [
        Parameter((rows, width), 0.1, layout="table")
        for rows in (workload.rows, BERT_PLACES, BERT_KINDS)
    ]
    square = layer((width, width), 1.0)
    inner = layer((WIDENING * width, width), 1.0) + layer((width, WIDENING * width), 1.0)
    blocks = (4 * square + norm + inner + norm) * workload.blocks[0]
    return [*tables, *norm, *blocks, *square, *layer((classes_of(workload), width), 1.0)]


def classes_of(workload: Workload) -> int:
    """How many classes a model tells apart."""
    return IMAGENET_CLASSES if workload.model == "resnet" else CLASSES


def takes_images(workload: Workload) -> bool:
    """Whether the samples are images, which frameworks lay out in different ways."""
    return workload.model in ("cnn", "resnet")


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
        "resnet": (3, workload.extent, workload.extent),
        "bert": (workload.extent,),
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
    if workload.model in ("embedding", "bert"):
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
    rows_of_table = workload.rows or ROWS
    patterns = random.randint(0, rows_of_table, (CLASSES, *sample_shape(workload)))
    sets = []
    for _ in range(workload.sets):
        labels = numpy.arange(workload.distinct) % CLASSES
        others = random.randint(0, rows_of_table, (len(labels), *sample_shape(workload)))
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
    if workload.model == "bert":
        places = workload.extent
        dense = 2.0 * batch * places * 12 * width**2
        block = dense + 2.0 * 2.0 * batch * places**2 * width
        return [block * workload.blocks[0], 2.0 * batch * width * (width + CLASSES)], 0.0
    if workload.model == "resnet":
        return resnet_flops(workload)
    layers = []
    for number, one in enumerate(parameters_of(workload)[::2]):
        positions = 1
        if workload.model == "cnn" and len(one.shape) == 4:
            positions = (IMAGE, IMAGE // 2, IMAGE // 2, IMAGE // 4, IMAGE // 4)[number] ** 2
        layers.append(2.0 * batch * positions * float(numpy.prod(one.shape)))
    return layers, layers[0]


def resnet_flops(workload: Workload) -> tuple[list[float], float]:
    """Of each convolution and of the dense layer; of the first one alone."""
    edge = workload.extent // 2
    first = 2.0 * workload.batch * edge**2 * 49 * 3 * workload.width
    edge //= 2
    layers = [first]
    for one in bottlenecks(workload):
        after = edge // one.stride
        numbers = edge**2 * one.inputs * one.width
        numbers += after**2 * (9 * one.width**2 + one.width * one.outputs)
        numbers += after**2 * one.inputs * one.outputs if one.projected else 0
        layers.append(2.0 * workload.batch * numbers)
        edge = after
    head = bottlenecks(workload)[-1].outputs * classes_of(workload)
    return [*layers, 2.0 * workload.batch * head], first


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
    if workload.model in ("embedding", "bert"):
        rows = workload.rows or ROWS
        named = workload.distinct * sample_shape(workload)[0]
        numbers += (min(named, rows) - rows) * workload.width
    samples = 4.0 * workload.batch * float(numpy.prod(sample_shape(workload)))
    return samples + (3.0 if workload.trains else 1.0) * 4.0 * numbers
