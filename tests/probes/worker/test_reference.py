"""The float64 reference against judges of its own: finite differences, scipy, known numbers."""

import itertools
import pickle

import numpy
import pytest
import scipy.signal

from probes.worker import mathematics, reference, workloads

TRAINED = [key for key, workload in workloads.WORKLOADS.items() if workload.trains]
KNOWN_NETWORKS = [key for key in TRAINED if workloads.find(*key).blocks]


def small(identifier):
    workload = workloads.find(identifier)
    # A transformer needs a width that its heads share.
    width = 128 if workload.model in ("transformer", "bert") else 4
    short = {
        "resnet": {"blocks": (1, 2), "extent": 16},
        "bert": {"blocks": (2,), "extent": 5, "rows": 50},
    }
    return workload._replace(width=width, batch=12, distinct=3, **short.get(workload.model, {}))


@pytest.mark.parametrize("identifier", sorted({identifier for identifier, _ in TRAINED}))
def test_gradients_agree_with_finite_differences(identifier):
    workload = small(identifier)
    inputs = workloads.input_sets(workload)[0]
    parameters = mathematics.as_float64(workloads.initial_parameters(workload))
    model = mathematics.model_of(workload)
    gradients = model(parameters, inputs).gradients
    random = numpy.random.RandomState(0)
    # So small that hardly a ReLU changes side; where there is none, one that rounding spares.
    step = 1e-8 if workload.model in ("mlp", "cnn", "resnet") else 1e-5
    for number, gradient in enumerate(gradients):
        direction = random.standard_normal(gradient.shape)
        losses = []
        for sign in (1.0, -1.0):
            moved = list(parameters)
            moved[number] = parameters[number] + sign * step * direction
            losses.append(model(moved, inputs).loss)
        slope = (losses[0] - losses[1]) / (2.0 * step)
        assert slope == pytest.approx(float((gradient * direction).sum()), rel=1e-5)


def test_a_convolution_is_what_scipy_calls_a_correlation():
    random = numpy.random.RandomState(1)
    images, weight = random.standard_normal((2, 3, 6, 6)), random.standard_normal((4, 3, 3, 3))
    columns = mathematics.im2col(images)
    got = mathematics.convolve(columns, weight, images.shape)
    for sample in range(2):
        for channel in range(4):
            padded = numpy.pad(images[sample], ((0, 0), (1, 1), (1, 1)))
            right = scipy.signal.correlate(padded, weight[channel], mode="valid")[0]
            assert got[sample, channel] == pytest.approx(right)


def test_a_batch_of_repeated_samples_counts_as_the_full_batch():
    workload = small("mlp_train")
    inputs = workloads.input_sets(workload)[0]
    full = workloads.InputSet(inputs.arrays(), numpy.arange(workload.batch))
    parameters = mathematics.as_float64(workloads.initial_parameters(workload))
    short, long = mathematics.mlp(parameters, inputs), mathematics.mlp(parameters, full)
    assert short.loss == pytest.approx(long.loss, rel=1e-12)
    for one, other in zip(short.gradients, long.gradients, strict=True):
        assert one == pytest.approx(other, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize(
    ("identifier", "size"),
    [
        pytest.param(*key, marks=[pytest.mark.slow] * (key[1] == "gpu"))
        for key in TRAINED
        if key not in KNOWN_NETWORKS
    ],
)
def test_the_proofs_problem_cannot_mistake_rounding_for_an_error(identifier, size):
    expected = reference.expected(workloads.find(identifier, size))
    assert expected.margin > 1e-5
    assert all(
        later < 0.99 * earlier
        for earlier, later in zip(expected.losses, expected.losses[1:], strict=False)
    )


@pytest.mark.slow
@pytest.mark.parametrize("identifier", ["resnet50_train", "bert_base_train"])
def test_the_loss_of_a_known_network_falls_at_each_step_of_its_proof(identifier):
    losses = reference.expected(workloads.find(identifier)).losses
    assert all(later < 0.99 * earlier for earlier, later in itertools.pairwise(losses))


def test_known_networks_have_as_many_parameters_as_their_authors_say():
    # torchvision counts 25,557,032 for ResNet-50. BERT-base without its classifier has 109,482,240.
    assert workloads.parameter_count(workloads.find("resnet50_train")) == 25_557_032
    classifier = 768 * workloads.CLASSES + workloads.CLASSES
    encoder = workloads.parameter_count(workloads.find("bert_base_train")) - classifier
    assert encoder == 109_482_240


def test_resnet50_takes_the_operations_that_its_table_says():
    # 4.09 billion multiplications and additions for an image of 224 x 224, two operations each.
    one = workloads.find("resnet50_inference")._replace(extent=224)
    assert workloads.flops(one) == pytest.approx(2 * 4.09e9, rel=0.001)


@pytest.mark.parametrize(("identifier", "size"), list(workloads.WORKLOADS))
def test_no_half_of_a_batch_is_made_up_as_the_whole(identifier, size):
    workload = workloads.find(identifier, size)
    # A pipeline gives each sample once, which its own proof counts.
    if workload.batch == 1 or workload.model in ("product", "triad", "pipeline"):
        return
    rows = workloads.uneven_rows(workload.distinct, workload.batch)

    def share(part):
        return numpy.bincount(part, minlength=workload.distinct) / len(part)

    whole = share(rows)
    assert (whole > 0).all()
    half = len(rows) // 2
    for part in (rows[:half], rows[half:], rows[::2], rows[1::2]):
        assert numpy.abs(share(part) - whole).max() > 0.05


@pytest.mark.parametrize(
    ("identifier", "size"),
    [
        pytest.param(*key, marks=[pytest.mark.slow] * (key[0] not in ("mlp_train", "cnn_train")))
        for key in TRAINED
        if key[1] == "cpu" and key not in KNOWN_NETWORKS
    ],
)
def test_a_window_of_many_steps_stays_in_normal_numbers(identifier, size):
    workload = workloads.find(identifier, size)
    expected = reference.expected(workload._replace(steps=100))
    assert numpy.isfinite(expected.losses).all()
    assert 1e-30 < min(expected.losses) < 1.0


# Whoever changes what a workload means sees this fail, and raises the revision.
MEANING = {
    "mlp_train": ("7be3cf576bf5", 669_706, (2.708823, 1.331692, 0.60018, 0.190768, 0.142004)),
    "cnn_train": ("83b595fb7f38", 70_410, (4.573129, 1.260403, 0.873153, 0.725771, 0.697017)),
    "transformer_train": (
        "4bfdc3578c33",
        791_306,
        (1.956523, 1.194962, 0.999661, 0.719087, 0.59923),
    ),
    "lstm_train": ("929451b4f5a8", 100_106, (2.245087, 1.978351, 1.657298, 1.25262, 1.135256)),
    "embedding_train": (
        "ca7bb35d392b",
        6_400_650,
        (3.155399, 1.088169, 0.55853, 0.188082, 0.141277),
    ),
}


@pytest.mark.parametrize("identifier", sorted(MEANING))
def test_a_workload_means_what_its_version_says(identifier):
    workload = workloads.find(identifier)
    version, count, losses = MEANING[identifier]
    assert workloads.version(workload) == version
    assert workloads.parameter_count(workload) == count
    assert reference.expected(workload).losses == pytest.approx(losses, abs=1e-6)


def test_versions_tell_workloads_apart():
    versions = [workloads.version(workload) for workload in workloads.WORKLOADS.values()]
    assert len(set(versions)) == len(versions)


def test_floating_point_operations_are_counted_by_hand_for_the_mlp():
    # 128 samples, 784-512-512-10: forward, weight gradients, and the inputs' of two layers.
    forward = 2 * 128 * (784 * 512 + 512 * 512 + 512 * 10)
    without_first = 2 * 128 * (512 * 512 + 512 * 10)
    assert workloads.flops(workloads.find("mlp_train")) == 2 * forward + without_first
    assert workloads.flops(workloads.find("matrix_product")) == 2 * 1024**3


def test_floating_point_operations_are_counted_by_hand_for_the_block():
    # 8 samples of 128 places; four square products, two of a width of 1024, and two of attention.
    dense = 2 * 8 * 128 * (4 * 256 * 256 + 2 * 256 * 1024)
    attention = 2 * (2 * 8 * 128 * 128 * 256)
    head = 2 * 8 * 256 * 10
    assert workloads.flops(workloads.find("transformer_train")) == 3 * (dense + attention + head)


def test_an_embedding_moves_the_rows_that_it_names_and_no_more():
    moved = workloads.bytes_moved(workloads.find("embedding_train"))
    ids = 64 * 128 * 4
    named_rows = 32 * 128 * 64
    assert moved == ids + 3 * 4 * (named_rows + 64 * 10 + 10)


@pytest.mark.parametrize(
    "workload",
    [
        workloads.find("mlp_train")._replace(width=16),
        workloads.find("inference_batch1"),
        workloads.find("matrix_product")._replace(batch=96),
    ],
    ids=lambda one: one.id,
)
def test_a_reference_comes_out_of_its_file_as_it_went_in(workload, tmp_path):
    right = reference.expected(workload)
    reference.write(str(tmp_path / "file"), right)
    read = reference.read(str(tmp_path / "file"))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert read.losses == right.losses
    for name in reference.ARRAYS:
        for one, other in zip(getattr(right, name), getattr(read, name), strict=True):
            numpy.testing.assert_array_equal(one, other)
    numpy.testing.assert_array_equal(read.rows, right.rows)


@pytest.mark.parametrize("damage", ["cut", "pickle", "missing"])
def test_a_file_that_is_no_reference_is_refused(damage, tmp_path):
    path = tmp_path / "file"
    if damage == "cut":
        reference.write(str(path), reference.expected(workloads.find("inference_batch1")))
        path.write_bytes(path.read_bytes()[:-100])
    elif damage == "pickle":
        path.write_bytes(pickle.dumps([1, 2, 3]))
    with pytest.raises((OSError, ValueError)):
        reference.read(str(path))
