"""What was measured here: on the device that trains, on a fixed scale, with ties left as ties; and
what is to be made of a framework that does not run."""

import msgspec
import pytest

from rules import decide
from rules.model import Answers, MeasuredState, MeasuredTime, Measurements
from rules.speed import TIE_RATIO


def timed(framework, seconds, workload="mlp_train", device="nvidia_gpu", spread=0.005):
    return MeasuredTime(
        framework=framework,
        mode=f"{framework}/x",
        workload=workload,
        purpose="training",
        device=device,
        median_seconds=seconds,
        low_seconds=seconds * (1 - spread),
        high_seconds=seconds * (1 + spread),
        control_seconds=0.01,
    )


def part(result, framework, criterion="performance"):
    (ranked,) = [one for one in result.ranking if one.framework == framework]
    return next(one for one in ranked.contributions if one.criterion == criterion)


@pytest.fixture
def twins(knowledge, advice):
    """Two frameworks that are the same in everything but their measured times."""
    original = next(one for one in knowledge.frameworks if one.id == "pytorch")
    twin = msgspec.structs.replace(original, id="pytorch_twin", name="PyTorch's twin")
    base = msgspec.structs.replace(knowledge, frameworks=(*knowledge.frameworks, twin))

    def _twins(ratio):
        times = (timed("pytorch", 0.004), timed("pytorch_twin", 0.004 * ratio))
        return advice(base, measurements=Measurements(times=times), draws=2000)

    return _twins


@pytest.mark.parametrize("ratio", [1.0, 1.03, 1.09])
def test_a_tie_is_named_in_no_sentence_and_parts_nobody(twins, ratio):
    result = twins(ratio)
    assert part(result, "pytorch").weight > 0
    shares = {one.framework: one.top_share for one in result.ranking[:2]}
    assert set(shares) == {"pytorch", "pytorch_twin"}
    assert shares["pytorch"] == shares["pytorch_twin"]
    (why_not,) = [one for one in result.why_not if one.framework == "pytorch_twin"]
    assert why_not.against == ()
    assert why_not.in_favour == ()
    assert (
        why_not.sentence == "PyTorch's twin is level with PyTorch in everything that counts here."
    )
    assert why_not.draws_level_sentence == ""
    assert not [one for one in result.flips if one.challenger == "pytorch_twin"]
    assert result.verdict.kind == "close"


def test_a_difference_is_named(twins):
    result = twins(2.0)
    (why_not,) = [one for one in result.why_not if one.framework == "pytorch_twin"]
    assert why_not.against == ("performance",)
    assert "speed measured here" in why_not.sentence
    first, second = part(result, "pytorch"), part(result, "pytorch_twin")
    assert first.low > second.high


def test_no_interval_is_narrower_than_a_tie(advice):
    quiet = advice(measurements=Measurements(times=(timed("jax", 0.004, spread=0.0),)))
    noisy = advice(measurements=Measurements(times=(timed("jax", 0.004, spread=0.3),)))
    assert part(noisy, "jax").high - part(noisy, "jax").low > 0.1
    # Each doubling is a fifth of the scale.
    widths = part(quiet, "jax").high - part(quiet, "jax").low
    assert 2 ** (5 * widths) == pytest.approx(TIE_RATIO, rel=1e-4)
    assert part(quiet, "jax").value == part(noisy, "jax").value


def test_who_else_was_measured_changes_nobodys_value_or_draws(advice):
    alone = advice(measurements=Measurements(times=(timed("jax", 0.004),)))
    beside = advice(measurements=Measurements(times=(timed("jax", 0.004), timed("pytorch", 0.001))))
    assert part(alone, "jax") == part(beside, "jax")


def test_a_workload_that_one_lacks_keeps_its_full_range(advice):
    """Nobody gains by showing less: what was not measured is in the middle, from 0 to 1."""
    times = (timed("jax", 0.0015), timed("jax", 0.005, "cnn_train"), timed("pytorch", 0.0015))
    result = advice(measurements=Measurements(times=times))
    both, one = part(result, "jax"), part(result, "pytorch")
    assert (one.low, one.high) == (
        pytest.approx((part_low(times[2]) + 0) / 2, abs=0.02),
        pytest.approx((part_high(times[2]) + 1) / 2, abs=0.02),
    )
    assert one.high - one.low > both.high - both.low


def part_low(time):
    return scaled(time.high_seconds)


def part_high(time):
    return scaled(time.low_seconds)


def scaled(seconds):
    """The scale of `mlp_train` by hand: 0.15 of the control is 1, five doublings more are 0."""
    import math

    return 1 - math.log2(seconds / 0.01 / 0.15) / 5


@pytest.mark.parametrize("device", ["cpu", "amd_gpu"])
def test_times_of_another_class_of_device_are_shown_and_weigh_nothing(advice, device):
    result = advice(measurements=Measurements(times=(timed("jax", 0.001, device=device),)))
    assert part(result, "jax").weight == 0
    assert "does not count" in part(result, "jax").sentence
    assert [one.score for one in result.ranking] == [one.score for one in advice().ranking]


BROKEN = Measurements(
    states=(MeasuredState(framework="pytorch", status="broken", reason="libcudart is missing"),)
)


def state_of(result, framework="pytorch"):
    gates = {one.framework: one for one in result.ruled_out}
    ranked = {one.framework: one for one in result.ranking}
    return gates.get(framework), ranked.get(framework)


def test_what_does_not_run_here_is_mended_by_installing_it_anew_and_loses_nothing(advice):
    result = advice(measurements=BROKEN, train_where="this_machine")
    gate, ranked = state_of(result)
    assert gate is None
    (warning,) = ranked.warnings
    assert warning.startswith(
        "It is installed on this machine and does not run: libcudart is missing."
    )
    assert "installing it anew into an environment of its own should mend it" in warning
    plain = advice(train_where="this_machine")
    assert [one.score for one in result.ranking] == [one.score for one in plain.ranking]
    assert result.verdict == plain.verdict


def test_what_does_not_run_here_does_not_count_for_who_trains_elsewhere(advice):
    result = advice(measurements=BROKEN, train_where="cloud", constraints=("air_gapped",))
    gate, ranked = state_of(result)
    assert gate is None
    assert "You train elsewhere" in ranked.warnings[0]


def test_behind_an_air_gap_what_does_not_run_here_is_ruled_out_with_the_way_out(advice):
    result = advice(
        measurements=BROKEN, train_where="this_machine", constraints=("air_gapped", "regulated")
    )
    gate, ranked = state_of(result)
    assert ranked is None
    assert gate.gate == "broken_here"
    assert "libcudart is missing" in gate.reason
    assert "without internet" in gate.reason
    assert gate.source == "measured on this machine"
    assert "from a machine with internet" in gate.fix
    assert result.verdict.framework != "pytorch"


def test_what_is_merely_not_installed_is_neither_ruled_out_nor_warned_of(advice):
    states = (MeasuredState(framework="pytorch", status="not_installed"),)
    air_gapped = advice(
        measurements=Measurements(states=states),
        train_where="this_machine",
        constraints=("air_gapped",),
    )
    gate, ranked = state_of(air_gapped)
    assert gate is None
    assert ranked.warnings == ()


def test_where_nothing_is_known_of_packages_nothing_is_promised(without, advice):
    base = without("pytorch.platform", "pytorch.python", "pytorch.training_device")
    result = advice(base, measurements=BROKEN, train_where="this_machine")
    _, ranked = state_of(result)
    assert "Whether installing it anew would mend that is not known." in ranked.warnings[0]


def test_an_open_question_that_would_let_it_back_in_says_so(knowledge, ordinary):
    """How often an open question changes the winner counts what does not run here, too."""
    from datetime import date

    given = {**ordinary, "train_where": "this_machine"}
    whole, broken = (
        decide(knowledge, Answers(answers=given), one, date(2026, 11, 21), draws=5)
        for one in (Measurements(), BROKEN)
    )
    assert whole.open_questions["constraints"] == 0
    assert broken.open_questions["constraints"] == pytest.approx(1 / 3, abs=1e-5)
