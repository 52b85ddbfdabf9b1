"""From raw rounds to measurements, limits and comparisons."""

import msgspec
import pytest

from probes import summary
from probes.messages import Prepared, SaidEqualWork
from probes.plan import PlannedItem
from probes.results import Environment, InstalledFramework, Verdict
from probes.statistics import Around
from probes.summary import RawRound

CALM = Around(0.010, 0.010, 0.005, 0.005, 0.0, 2.0)
LOSSES = (2.0, 1.5)
PREPARED = Prepared(
    equal_work=SaidEqualWork(
        passed=True, max_rel_err=1e-6, tolerance=1e-4, losses=LOSSES, reference_losses=LOSSES
    ),
    first_call_seconds=0.5,
    flops=4e8,
    bytes_moved=1e6,
    workload_version="abc",
    purpose="training",
)


def item(mode="jax/jit", workload="mlp_train") -> PlannedItem:
    return PlannedItem(
        framework=mode.partition("/")[0],
        mode=mode,
        workload=workload,
        device="cpu",
        python="/env/bin/python",
        worker=mode,
    )


def raw(number: int, seconds: float, **around) -> RawRound:
    values = tuple(seconds * share for share in (1.0, 1.01, 0.99, 1.0))
    return RawRound(number=number, values=values, around=CALM._replace(**around))


def measured(rounds: list[RawRound], prepared=PREPARED, **changes):
    judged = summary.judged_rounds(rounds, *summary.usual_controls(rounds))
    return summary.measurement(item(**changes), prepared, judged, wanted_rounds=3)


def test_calm_rounds_make_a_valid_measurement():
    one = measured([raw(1, 0.002), raw(2, 0.0021), raw(3, 0.0019)])
    assert one.verdict.status == "valid"
    assert one.median_seconds == pytest.approx(0.002)
    assert one.ci95[0] <= one.median_seconds <= one.ci95[1]
    assert one.count == 12
    assert one.first_call_seconds == 0.5


def test_a_disturbed_round_is_kept_and_left_out():
    one = measured([raw(1, 0.002), raw(2, 0.009, foreign_cpu=0.4), raw(3, 0.002)])
    assert one.verdict.status == "valid"
    assert one.median_seconds == pytest.approx(0.002)
    assert [each.flagged for each in one.rounds] == [False, True, False]
    assert one.count == 8
    assert len(one.values) == 12
    assert one.verdict.reasons[0] == "1 of 3 rounds were left out"


def test_with_too_few_calm_rounds_it_is_unstable():
    one = measured([raw(1, 0.002), raw(2, 0.009, foreign_cpu=0.4), raw(3, 0.009, foreign_cpu=0.4)])
    assert one.verdict.status == "unstable"
    assert "1 of 3 rounds were undisturbed" in one.verdict.reasons


def test_a_slow_control_flags_the_rounds_beside_it():
    rounds = [raw(1, 0.002), raw(2, 0.002, control_after=0.02), raw(3, 0.002)]
    judged = summary.judged_rounds(rounds, *summary.usual_controls(rounds))
    assert [one.flagged for one in judged] == [False, True, False]


def test_losing_cores_flags_a_round():
    rounds = [raw(1, 0.002), raw(2, 0.002, cpu_per_wall=1.0), raw(3, 0.002)]
    judged = summary.judged_rounds(rounds, *summary.usual_controls(rounds))
    assert [one.flagged for one in judged] == [False, True, False]


def limit(mode, seconds, status="valid"):
    prepared = msgspec.structs.replace(PREPARED, purpose="limit", flops=2e9, bytes_moved=1e7)
    foreign = 0.0 if status == "valid" else 0.9
    rounds = [raw(number, seconds, foreign_cpu=foreign) for number in (1, 2, 3)]
    return measured(rounds, prepared, mode=mode, workload="matrix_product")


def test_efficiency_is_against_the_best_product_of_anybody():
    found = summary.limits([limit("jax/jit", 0.005), limit("pytorch/eager", 0.010)], 0.02)
    # The quickest of the single times, one percent below the median.
    assert found["cpu"].flops_per_second == pytest.approx(2e9 / (0.99 * 0.005))
    one = summary.with_limits(measured([raw(n, 0.002) for n in (1, 2, 3)]), found)
    assert one.efficiency == pytest.approx(4e8 / (2e9 / (0.99 * 0.005)) / 0.002)


def test_what_is_faster_than_the_machine_is_invalid():
    found = summary.limits([limit("jax/jit", 0.005)], 0.02)
    one = summary.with_limits(measured([raw(n, 0.0001) for n in (1, 2, 3)]), found)
    assert one.verdict.status == "invalid"
    assert "measured limit" in one.verdict.reasons[0]


def test_a_disturbed_product_is_no_limit_to_judge_by():
    found = summary.limits([limit("jax/jit", 0.05, "unstable")], 0.02)
    assert not found["cpu"].sure
    one = summary.with_limits(measured([raw(n, 0.0001) for n in (1, 2, 3)]), found)
    assert one.verdict.status == "valid"


def test_modes_are_compared_on_paired_rounds():
    fast = measured([raw(1, 0.002), raw(2, 0.003), raw(3, 0.002)])
    slow = measured([raw(1, 0.004), raw(2, 0.006), raw(3, 0.004)], mode="pytorch/eager")
    (one,) = summary.comparisons([fast, slow], {})
    assert (one.first, one.second, one.verdict) == ("jax/jit", "pytorch/eager", "first_faster")
    assert one.ratio == pytest.approx(2.0)


def test_only_what_took_turns_is_compared():
    fast = measured([raw(n, 0.002) for n in (1, 2, 3)])
    slow = measured([raw(n, 0.004) for n in (1, 2, 3)], mode="pytorch/eager")
    groups = {("/env/bin/python", "jax/jit"): 0, ("/env/bin/python", "pytorch/eager"): 1}
    assert summary.comparisons([fast, slow], groups) == []


def test_a_disturbed_round_is_paired_with_nobody():
    fast = measured([raw(1, 0.002), raw(2, 0.002), raw(3, 0.020, foreign_cpu=0.5)])
    slow = measured([raw(n, 0.004) for n in (1, 2, 3)], mode="pytorch/eager")
    (one,) = summary.comparisons([fast, slow], {})
    assert one.verdict == "first_faster"
    assert one.ratio == pytest.approx(2.0)


def test_percentiles_are_of_inference_and_need_enough_values():
    inference = msgspec.structs.replace(PREPARED, purpose="inference")
    assert measured([raw(n, 0.002) for n in (1, 2, 3)], inference).percentiles == {}
    many = [
        msgspec.structs.replace(raw(n, 0.002), values=(0.002,) * 180 + (0.004,) * 20)
        for n in (1, 2, 3)
    ]
    one = measured(many, inference)
    assert set(one.percentiles) == {"p90"}
    assert measured(many).percentiles == {}
    longer = [msgspec.structs.replace(one, values=one.values * 2) for one in many]
    assert measured(longer, inference).percentiles["p99"] == pytest.approx(0.004)


def test_first_calls_are_of_the_first_training_step():
    one = measured([raw(n, 0.002) for n in (1, 2, 3)])
    (first,) = summary.first_calls([one, msgspec.structs.replace(one, first_call_seconds=9.0)])
    assert (first.workload, first.median_seconds) == ("first_call", 0.5)
    assert first.purpose == "overhead"


def test_a_disturbed_import_counts_only_where_there_is_no_better_and_then_for_nothing():
    def _import_time(*seen):
        return summary.overhead("import_time", "jax", "jax", "/env", seen, "1.0")

    mixed = _import_time(summary.Once(0.4, 0.0), summary.Once(2.0, 0.5))
    assert (mixed.verdict.status, mixed.median_seconds) == ("valid", 0.4)
    assert mixed.verdict.reasons[1] == "1 of 2 were disturbed by other programs"
    assert mixed.values == (0.4, 2.0)
    assert _import_time(summary.Once(2.0, 0.5)).verdict.status == "unstable"


def test_much_disturbance_is_said_with_what_to_do():
    calm = measured([raw(n, 0.002) for n in (1, 2, 3)])
    noisy = measured([raw(n, 0.002, foreign_cpu=0.5) for n in (1, 2, 3)])
    assert summary.disturbance_notes([calm]) == []
    (note,) = summary.disturbance_notes([calm, noisy])
    assert note.startswith("3 of 6 rounds were disturbed")


def test_the_thread_plan_is_checked_by_processor_time():
    lazy = limit("paddlepaddle/eager", 0.01)
    rounds = tuple(msgspec.structs.replace(one, cpu_per_wall=1.0) for one in lazy.rounds)
    notes = summary.thread_notes([msgspec.structs.replace(lazy, rounds=rounds)], 2)
    assert notes == ["paddlepaddle/eager used 1.0 cores where 2 were planned."]
    assert summary.thread_notes([lazy], 2) == []


def test_the_fingerprint_knows_versions_but_no_paths(hardware):
    def _environment(python: str, version: str) -> Environment:
        installed = InstalledFramework(
            framework="jax", distribution="jax", version=version, build=None, location=python
        )
        return Environment(
            python=python, python_version="3.11", kind="venv", frameworks=(installed,)
        )

    mine = summary.fingerprint(hardware, [_environment("/home/me/env", "1.0")])
    assert mine == summary.fingerprint(hardware, [_environment("/home/you/env", "1.0")])
    assert mine != summary.fingerprint(hardware, [_environment("/home/me/env", "1.1")])
    more = msgspec.structs.replace(hardware, available_memory_bytes=1)
    assert mine == summary.fingerprint(more, [_environment("/home/me/env", "1.0")])


def test_what_own_settings_change_is_told_where_it_is_a_tenth_and_sure(timed):
    ours = timed("alpha/eager", 0.010, 0.001)

    def _notes(median, spread=0.001, **changes):
        own = timed("alpha/eager", median, spread, track="native_default", **changes)
        return summary.own_settings_notes([ours, own])

    assert _notes(0.018) == [
        "With its own settings alpha/eager takes 1.80 times as long for mlp_train as with the "
        "thread plan (? cores, not ?)."
    ]
    assert len(_notes(0.005)) == 1
    assert _notes(0.0105, 0.0) == []
    assert _notes(0.013, 0.003) == []
    assert _notes(0.018, verdict=Verdict(status="unstable")) == []
    assert _notes(0.018, device="nvidia_gpu") == []


def test_a_first_call_counts_only_where_its_windows_were_not_all_disturbed(timed):
    calm = timed("alpha/eager", 0.010)
    busy = timed(
        "omega/eager", 0.010, verdict=Verdict(status="unstable", reasons=("0 of 3 rounds",))
    )
    own = timed("other/eager", 0.010, track="native_default")
    found = {one.mode: one.verdict for one in summary.first_calls([calm, busy, own])}
    assert {mode: one.status for mode, one in found.items()} == {
        "alpha/eager": "valid",
        "omega/eager": "unstable",
    }
    assert found["omega/eager"].reasons == ("of mlp_train, one fresh process", "0 of 3 rounds")
