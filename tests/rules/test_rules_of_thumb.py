"""The rules that an expert would name come out of facts: take the facts away and they are gone."""

import pytest


def first(result):
    return result.verdict.framework


def score(result, framework):
    return next(one.score for one in result.ranking if one.framework == framework)


def lead(result, framework, over):
    return score(result, framework) - score(result, over)


def gate_of(result, framework):
    return {one.framework: one for one in result.ruled_out}.get(framework)


def test_by_default_pytorch_for_its_models(advice, without):
    result = advice(work="fine_tune", domain=("language",))
    assert first(result) == "pytorch"
    bare = advice(
        without("pytorch.model_supply", "pytorch.domain_fit"),
        work="fine_tune",
        domain=("language",),
    )
    assert score(bare, "pytorch") < score(result, "pytorch")


TPU = {"training_hardware": "tpu", "training_scale": "cluster", "team_background": ("jax",)}


def test_tpu_and_large_sharded_training_go_to_jax(advice, without):
    result = advice(**TPU, deployment=("none",), goal="research")
    assert first(result) == "jax"
    bare = advice(
        without("jax.hardware_fit.tpu", "jax.training_device.tpu", "jax.scale_out"),
        **TPU, deployment=("none",), goal="research",
    )  # fmt: skip
    assert lead(bare, "jax", "pytorch") < lead(result, "jax", "pytorch")


SCIENCE = {
    "domain": ("scientific",), "special_needs": ("second_order",), "goal": "research",
    "team_background": ("numpy",), "deployment": ("none",), "team_experience": "expert",
}  # fmt: skip


def test_heavy_scientific_differentiation_goes_to_jax(advice, without):
    result = advice(**SCIENCE)
    assert first(result) == "jax"
    bare = advice(without("jax.domain_fit.scientific", "jax.flexibility"), **SCIENCE)
    assert lead(bare, "jax", "pytorch") < lead(result, "jax", "pytorch")


BEGINNER = {
    "goal": "learn", "team_experience": "beginner", "team_background": ("none",),
    "deployment": ("android",), "training_hardware": "cpu", "lifetime": "throwaway",
}  # fmt: skip


def test_beginners_with_a_phone_in_mind_go_to_keras(advice, without):
    result = advice(**BEGINNER)
    assert first(result) == "keras"
    bare = advice(without("keras.ease", "keras.deployment_fit.android"), **BEGINNER)
    assert lead(bare, "keras", "pytorch") < lead(result, "keras", "pytorch")


@pytest.mark.parametrize("framework", ["tensorflow", "jax"])
def test_no_gpu_of_theirs_on_native_windows_and_wsl2_as_the_way_out(advice, without, framework):
    result = advice(os="windows")
    closed = gate_of(result, framework)
    assert closed.gate == "training_device"
    assert "WSL2" in closed.fix
    assert closed.source
    assert closed.as_of
    assert gate_of(advice(os="wsl2"), framework) is None
    bare = advice(without(f"{framework}.training_device"), os="windows")
    assert gate_of(bare, framework) is None


def test_windows_with_an_nvidia_card_is_pytorchs_and_the_cpu_wheel_is_warned_of(advice):
    result = advice(os="windows")
    assert first(result) == "pytorch"
    assert "download.pytorch.org" in result.stack.install.command
    assert any("CPU build" in risk.text for risk in result.plan.risks)


MAC = {"training_hardware": "apple_silicon", "os": "macos_arm", "deployment": ("desktop",)}


def test_a_macs_gpu_rules_out_tensorflow_and_jax(advice, without):
    result = advice(**MAC)
    assert first(result) == "pytorch"
    for framework in ("tensorflow", "jax"):
        assert gate_of(result, framework).gate == "training_device"
        bare = advice(without(f"{framework}.training_device"), **MAC)
        assert gate_of(bare, framework) is None


def test_local_language_models_on_a_mac_go_to_mlx(advice, without):
    answers = {**MAC, "domain": ("llm",), "work": "fine_tune", "goal": "prototype"}
    result = advice(**answers)
    assert first(result) == "mlx"
    bare = advice(without("mlx.domain_fit.llm", "mlx.model_supply.llm"), **answers)
    assert lead(bare, "mlx", "pytorch") < lead(result, "mlx", "pytorch")


def test_a_microcontroller_is_reached_by_way_of_litert(advice, without):
    answers = {"deployment": ("microcontroller",), "team_background": ("keras",)}
    result = advice(**answers)
    assert first(result) in ("keras", "tensorflow")
    assert result.stack.delivery[0].component.startswith("litert")
    assert gate_of(result, "mlx").gate == "deployment"
    bare = advice(without("mlx.deployment"), **answers)
    assert gate_of(bare, "mlx") is None


def test_a_pytorch_team_reaches_phones_by_way_of_executorch(advice):
    result = advice(deployment=("ios", "android"), team_background=("pytorch",),
                    existing_code=("pytorch",))  # fmt: skip
    assert first(result) == "pytorch"
    assert {part.component for part in result.stack.delivery} == {"executorch"}


def test_the_browser_is_reached_by_way_of_onnx_runtime_web(advice):
    result = advice(deployment=("browser",))
    assert result.stack.delivery[0].component in ("onnxruntime_web",)


def test_tables_are_for_classical_methods_and_frameworks_stay_ranked(advice, knowledge):
    import msgspec

    result = advice(domain=("tabular",))
    assert result.screen.exit == "classical"
    assert result.verdict.kind == "clear"
    assert result.verdict.top_share is None
    assert result.ranking
    assert result.why
    bare = msgspec.structs.replace(knowledge, exits=())
    assert advice(bare, domain=("tabular",)).screen.exit is None


def test_running_finished_models_is_for_a_runtime(advice):
    result = advice(work="run_only")
    assert (result.screen.exit, result.verdict.framework) == ("runtime", "runtime")
    assert result.ranking


ASCEND = {
    "training_hardware": "ascend", "team_background": ("none",), "cloud": "huawei",
}  # fmt: skip


def test_ascend_is_for_the_three_that_drive_it(advice, without):
    result = advice(**ASCEND)
    assert {one.framework for one in result.ranking} == {"mindspore", "pytorch", "paddlepaddle"}
    assert gate_of(result, "tensorflow").gate == "training_device"
    assert gate_of(result, "jax").gate == "training_device"
    bare = advice(without("mindspore.hardware_fit.ascend"), **ASCEND)
    assert lead(bare, "mindspore", "pytorch") < lead(result, "mindspore", "pytorch")


def test_reading_documents_is_paddlepaddles_strength(advice, without):
    answers = {"domain": ("ocr",), "work": "fine_tune", "team_background": ("paddlepaddle",)}
    result = advice(**answers)
    assert first(result) == "paddlepaddle"
    bare = advice(
        without("paddlepaddle.domain_fit.ocr", "paddlepaddle.model_supply.ocr"), **answers
    )
    assert lead(bare, "paddlepaddle", "pytorch") < lead(result, "paddlepaddle", "pytorch")


def test_an_old_card_is_served_by_a_last_release_with_a_warning(advice, without):
    result = advice(training_hardware="old_nvidia_gpu")
    pytorch = next(one for one in result.ranking if one.framework == "pytorch")
    assert any("2.14" in warning for warning in pytorch.warnings)
    bare = advice(without("pytorch.training_device"), training_hardware="old_nvidia_gpu")
    assert not next(one for one in bare.ranking if one.framework == "pytorch").warnings


def test_an_intel_mac_has_no_current_packages_of_the_large_ones(advice, without):
    answers = {"os": "macos_intel", "training_hardware": "cpu"}
    result = advice(**answers)
    for framework in ("pytorch", "tensorflow", "jax", "mlx", "keras"):
        assert gate_of(result, framework) is not None
    bare = advice(without("pytorch.platform"), **answers)
    assert gate_of(bare, "pytorch") is None
    assert gate_of(bare, "keras") is None, "what Keras can use follows its backends"


def test_an_existing_tensorflow_estate_stays_where_it_is(advice, without):
    answers = {
        "existing_code": ("tensorflow",), "team_background": ("tensorflow",),
        "deployment": ("enterprise_pipeline",), "domain": ("recommender",),
        "lifetime": "five_years",
    }  # fmt: skip
    result = advice(**answers)
    assert first(result) == "tensorflow"
    assert result.plan.migration[0].effort == "none"
    bare = advice(without("tensorflow.migration", "tensorflow.deployment_fit"), **answers)
    assert lead(bare, "tensorflow", "pytorch") < lead(result, "tensorflow", "pytorch")


@pytest.mark.parametrize("framework", ["tensorflow", "paddlepaddle", "mindspore"])
def test_the_newest_python_rules_out_what_has_no_package_for_it(advice, without, framework):
    result = advice(python_version="3.15")
    assert gate_of(result, framework).gate == "python"
    assert first(result) == "pytorch"
    bare = advice(without(f"{framework}.python"), python_version="3.15")
    assert gate_of(bare, framework) is None
