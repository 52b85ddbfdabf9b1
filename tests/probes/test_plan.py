"""The plan: pure, from environments to items."""

import msgspec
import pytest

from probes.catalogue import load_catalogue
from probes.plan import KNOWN_NETWORKS, SETTINGS, TIERS, make_plan, needed_bytes
from probes.results import (
    Accelerator,
    Environment,
    InstalledComponent,
    InstalledFramework,
    ProbeRequestError,
)

VERSIONS = {"pytorch": "2.13.0", "tensorflow": "2.21.0", "keras": "3.15.1", "jax": "0.10.2"}


def environment(*names, python="/env/bin/python", version="3.11.7", problem=None):
    return Environment(
        python=python,
        python_version=version,
        kind="venv",
        frameworks=tuple(
            InstalledFramework(
                framework=name, distribution=name, version=VERSIONS.get(name, "1.0"), build=None,
                location="/env",
            )
            for name in names
        ),
        problem=problem,
    )  # fmt: skip


def with_runtimes(found, *names):
    """The environment with components: those that are measured, and others."""
    components = tuple(
        InstalledComponent(component=name, distribution=name, version="1.0") for name in names
    )
    return msgspec.structs.replace(found, components=components)


def modes(plan):
    return list(dict.fromkeys(one.mode for one in plan.items))


def test_quick_measures_each_framework_in_its_common_modes(hardware):
    plan = make_plan(hardware, [environment("pytorch", "tensorflow", "keras", "jax")], "quick")
    assert sorted(modes(plan)) == [
        "jax/jit", "keras/jax", "keras/tensorflow", "keras/torch", "pytorch/eager",
        "tensorflow/eager", "tensorflow/graph",
    ]  # fmt: skip
    assert plan.refusals == ()
    assert 0 < plan.estimated_seconds <= SETTINGS["quick"].deadline


def test_all_of_tensorflow_shares_one_process(hardware):
    plan = make_plan(hardware, [environment("tensorflow", "keras", "jax")], "standard")
    by_worker = {}
    for one in plan.items:
        by_worker.setdefault(one.worker, set()).add(one.mode)
    assert {"tensorflow/eager", "tensorflow/graph", "tensorflow/xla", "keras/tensorflow"} in (
        by_worker.values()
    )
    assert {"keras/jax"} in by_worker.values()


def test_keras_alone_is_told_what_it_needs(hardware):
    plan = make_plan(hardware, [environment("keras")], "quick")
    assert plan.items == ()
    assert "none of the frameworks that it runs on" in plan.refusals[0]
    assert plan.unstarted[0].fix == "Install one of: jax, pytorch, tensorflow"


def test_a_chosen_framework_is_measured_on_what_lies_beside_it(hardware):
    plan = make_plan(hardware, [environment("keras", "jax")], "quick", ["keras"])
    assert modes(plan) == ["keras/jax"]


def test_only_modes_of_their_own_product_find_the_limits(hardware):
    plan = make_plan(hardware, [environment("tensorflow", "keras")], "quick")
    assert [one.mode for one in plan.items if one.workload == "matrix_product"] == [
        "tensorflow/graph"
    ]


def test_workloads_are_taken_in_the_order_asked_for(hardware):
    plan = make_plan(hardware, [environment("jax")], "quick", None, ["cnn_train", "mlp_train"])
    assert [one.workload for one in plan.items] == ["cnn_train", "mlp_train"]
    assert plan.derived == ()


def test_runtimes_are_measured_on_what_they_deliver_from_the_standard_tier_on(hardware):
    here = [with_runtimes(environment("jax"), "onnxruntime", "openvino", "litert", "tensorboard")]
    plan = make_plan(hardware, here, "standard")
    delivered = [one for one in plan.items if one.delivers]
    assert {(one.mode, one.workload) for one in delivered} == {
        ("onnxruntime", "inference_batch1"),
        ("openvino", "inference_batch1"),
        ("litert", "inference_batch1"),
    }
    assert {one.framework for one in plan.items if not one.delivers} == {"jax"}
    assert plan.refusals == ()


def test_a_runtime_costs_the_quick_tier_nothing(hardware):
    plan = make_plan(hardware, [with_runtimes(environment("jax"), "onnxruntime")], "quick")
    assert [[one.framework for one in each.imports] for each in plan.workers] == [["jax"]]
    assert plan.unstarted == ()


def test_a_runtime_can_be_asked_for_and_is_tried_where_all_is(hardware):
    here = [with_runtimes(environment("jax"), "onnxruntime")]
    chosen = make_plan(hardware, here, "standard", ["onnxruntime"])
    assert modes(chosen) == ["onnxruntime"]
    assert chosen.workers[0].imports[0].distribution == "onnxruntime"
    tried = make_plan(hardware, here, "quick", None, ())
    assert [one.imports[0].framework for one in tried.workers] == ["jax", "onnxruntime"]
    missing = make_plan(hardware, here, "quick", ["openvino"])
    assert missing.refusals == ("openvino is not installed in any environment that was looked at",)


def test_a_framework_s_own_delivery_is_measured_on_inference_alone(hardware):
    plan = make_plan(hardware, [environment("pytorch")], "deep")
    delivered = {one.workload for one in plan.items if one.mode == "pytorch/aot_inductor"}
    assert delivered == {"inference_batch1", "resnet50_inference", "bert_base_inference"}


def test_known_networks_are_measured_in_the_deep_tier_last_and_in_one_mode_of_a_kind(hardware):
    here = [environment("pytorch", "tensorflow", "jax")]
    assert not {one.workload for one in make_plan(hardware, here, "standard").items}.intersection(
        KNOWN_NETWORKS
    )
    deep = [one for one in make_plan(hardware, here, "deep").items if one.track == "strict_fp32"]
    assert tuple(dict.fromkeys(one.workload for one in deep))[-4:] == KNOWN_NETWORKS
    assert {one.mode for one in deep if one.workload == "resnet50_train"} == {
        "pytorch/eager",
        "pytorch/compiled",
        "tensorflow/graph",
        "jax/jit",
    }


def test_known_networks_say_how_much_memory_they_need():
    assert all(needed_bytes(one) > 1e8 for one in KNOWN_NETWORKS)
    assert needed_bytes("bert_base_train") > 3 * 4 * 109_482_240
    assert needed_bytes("mlp_train") == 0.0


def test_without_workloads_frameworks_are_only_tried(hardware):
    plan = make_plan(hardware, [environment("jax", "mindspore")], "quick", None, ())
    assert plan.items == ()
    assert [[one.framework for one in worker.imports] for worker in plan.workers] == [
        ["jax"],
        ["mindspore"],
    ]


def test_the_same_release_is_measured_once_but_tried_everywhere(hardware):
    here = [environment("jax"), environment("jax", python="/other/bin/python")]
    measured = make_plan(hardware, here, "quick")
    assert {one.python for one in measured.items} == {"/env/bin/python"}
    assert "the same release is measured in /env/bin/python" in measured.refusals[0]
    tried = make_plan(hardware, here, "quick", None, ())
    assert [one.python for one in tried.workers] == ["/env/bin/python", "/other/bin/python"]


def test_another_release_is_measured_too(hardware):
    other = environment("jax", python="/other/bin/python")
    newer = msgspec.structs.replace(other.frameworks[0], version="0.12.0")
    here = [environment("jax"), msgspec.structs.replace(other, frameworks=(newer,))]
    plan = make_plan(hardware, here, "quick")
    assert {one.python for one in plan.items} == {"/env/bin/python", "/other/bin/python"}


@pytest.mark.parametrize(
    ("found", "word"),
    [
        (environment("jax", version="3.7.16"), "Python 3.7.16 is older than 3.8"),
        (environment("jax", problem="its interpreter is gone: /x"), "its interpreter is gone"),
    ],
)
def test_what_cannot_be_started_is_refused_with_the_reason(hardware, found, word):
    plan = make_plan(hardware, [found], "quick")
    assert plan.items == ()
    assert plan.workers == ()
    assert word in plan.unstarted[0].reason
    assert any(word in refusal for refusal in plan.refusals)


def test_what_is_not_installed_is_refused(hardware):
    plan = make_plan(hardware, [environment("jax")], "quick", ["jax", "mxnet"])
    assert plan.refusals == ("mxnet is not installed in any environment that was looked at",)


@pytest.mark.parametrize(
    ("frameworks", "workloads", "message"),
    [
        (["pytorhc"], None, "no framework has the id 'pytorhc'; did you mean 'pytorch'?"),
        (None, ["mlp_trian"], "no workload has the id 'mlp_trian'; did you mean 'mlp_train'?"),
        (["zzz"], None, "no framework has the id 'zzz'; known are pytorch"),
    ],
)
def test_an_unknown_id_is_an_error_that_names_the_nearest(hardware, frameworks, workloads, message):
    with pytest.raises(ProbeRequestError, match=None) as caught:
        make_plan(hardware, [], "quick", frameworks, workloads)
    assert message in str(caught.value)


def test_an_accelerator_comes_before_the_processor(hardware):
    card = Accelerator(
        device="nvidia_gpu", vendor="NVIDIA", name="H200", memory_bytes=None, driver=None,
        compute_capability="9.0", identifier="cuda:0",
    )  # fmt: skip
    plan = make_plan(
        msgspec.structs.replace(hardware, accelerators=(card, card)), [environment("jax")], "quick"
    )
    assert [one.device for one in plan.items if one.workload == "mlp_train"] == [
        "nvidia_gpu",
        "cpu",
    ]


def test_the_catalogue_is_sound():
    catalogue = load_catalogue()
    ids = {one.id for one in catalogue.frameworks}
    for framework in catalogue.frameworks:
        for mode in framework.modes:
            assert mode.id.startswith(f"{framework.id}/")
            assert set(mode.needs) <= ids
            assert mode.tier in TIERS
    for runtime in catalogue.runtimes:
        assert [mode.id for mode in runtime.modes] == [runtime.id]
        assert all(mode.delivers and not mode.limit for mode in runtime.modes)
    components = [one.id for one in catalogue.all_components()]
    assert len(components) == len(set(components))
    assert {one.id for one in catalogue.runtimes} <= set(components)
    for one in (*catalogue.frameworks, *catalogue.runtimes):
        for name in (*one.distributions, *one.builds):
            assert name == name.lower().replace("_", "-")


def test_what_tells_most_is_measured_before_the_tiers_others(hardware):
    plan = make_plan(
        hardware, [environment("pytorch")], "quick", first=("transformer_train", "mlp_train")
    )
    order = list(dict.fromkeys(one.workload for one in plan.items))
    assert order[:2] == ["transformer_train", "mlp_train"]
    assert set(SETTINGS["quick"].workloads) <= set(order)


def test_a_workload_that_nobody_knows_cannot_come_first(hardware):
    with pytest.raises(ProbeRequestError, match="transformer_train"):
        make_plan(hardware, [environment("pytorch")], "quick", first=("transformer",))


def test_what_takes_many_seconds_is_tried_in_the_deep_tier_only(hardware):
    found = {
        tier: {one.capability for one in make_plan(hardware, [environment("pytorch")], tier).checks}
        for tier in ("standard", "deep")
    }
    assert found["deep"] - found["standard"] == {"data_parallel", "compile_cache"}


def test_each_framework_loads_data_once_and_on_the_processor(hardware):
    card = Accelerator(
        device="nvidia_gpu", vendor="NVIDIA", name="T4", memory_bytes=None, driver="580",
        compute_capability="7.5", identifier="cuda:0",
    )  # fmt: skip
    with_card = msgspec.structs.replace(hardware, accelerators=(card,))
    plan = make_plan(with_card, [environment("pytorch", "tensorflow")], "standard")
    loads = [(one.mode, one.device) for one in plan.items if one.workload == "input_pipeline"]
    assert loads == [("pytorch/eager", "cpu"), ("tensorflow/graph", "cpu")]


def test_deep_measures_each_framework_once_more_with_its_own_settings(hardware):
    found = environment("pytorch", "tensorflow", "keras", "jax")
    plan = make_plan(hardware, [found], "deep")
    own = [one for one in plan.items if one.track == "native_default"]
    assert [(one.mode, one.workload, one.device) for one in own] == [
        ("pytorch/eager", "mlp_train", "cpu"), ("tensorflow/graph", "mlp_train", "cpu"),
        ("keras/jax", "mlp_train", "cpu"), ("jax/jit", "mlp_train", "cpu"),
    ]  # fmt: skip
    assert [one.worker for one in own] == [one.id for one in plan.own_settings]
    assert all(one.own_settings and len(one.imports) == 1 for one in plan.own_settings)
    assert not any(one.own_settings for one in plan.workers)
    for tier in ("quick", "standard"):
        assert make_plan(hardware, [found], tier).own_settings == ()
    assert make_plan(hardware, [found], "deep", workloads=["cnn_train"]).own_settings == ()
