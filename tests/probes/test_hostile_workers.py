"""Whatever a worker does: its own items end in a named state, the others' results stand."""

import json
import threading

import msgspec
import pytest

from probes.results import decode_machine, encode_machine

GOOD = {"alpha": {}, "omega": {}}

LOST_WITHOUT_WORDS = {
    "hang": "timed_out",
    "stubborn": "timed_out",
    "stop": "timed_out",
    "chatter": "timed_out",
    "half_line": "timed_out",
    "leave": "failed",
    "segfault": "failed",
    "out_of_memory": "failed",
    "half_line_and_leave": "failed",
    "binary": "failed",
    "long_line": "failed",
    "wrong_number": "failed",
    "deep": "failed",
    "shut": "failed",
    "leave_a_child_and_crash": "failed",
    "text hello there": "failed",
    'text {"type": "result"}': "failed",
    'text {"type": "result", "id": 1, "id": "one"}': "failed",
    "text []": "failed",
}


def statuses(machine, name):
    return [one.verdict.status for one in machine.measurements if one.framework == name]


def reasons(machine, name):
    return " ".join(
        reason
        for one in machine.measurements
        if one.framework == name
        for reason in one.verdict.reasons
    )


def finding(machine, name):
    return next(one for one in machine.frameworks if one.framework == name)


def assert_others_are_intact(machine):
    for name in GOOD:
        assert statuses(machine, name) == ["valid", "valid"], reasons(machine, name)
        for one in machine.measurements:
            if one.framework == name:
                assert one.median_seconds == pytest.approx(1e-4)
                assert [each.number for each in one.rounds] == [1, 2, 3]
    assert decode_machine(encode_machine(machine), "it") == machine


LATER = [("measure", behaviour) for behaviour in LOST_WITHOUT_WORDS]
LATER += [("prepare", "hang"), ("prepare", "segfault"), ("prepare", "text garbage")]


@pytest.mark.parametrize(("step", "behaviour"), LATER)
def test_a_worker_lost_while_measuring_costs_only_its_own_items(
    dummy_plan, run_dummies, step, behaviour
):
    machine = run_dummies(dummy_plan({"alpha": {}, "bad": {step: behaviour}, "omega": {}}))
    expected = LOST_WITHOUT_WORDS.get(behaviour, "failed")
    assert statuses(machine, "bad") == [expected, expected]
    assert finding(machine, "bad").state == "works"
    assert reasons(machine, "bad")
    assert_others_are_intact(machine)


@pytest.mark.parametrize(
    "behaviour",
    ["hang", "stubborn", "leave", "segfault", "out_of_memory", "leave_a_child_and_crash"],
)
def test_a_worker_lost_while_importing_is_a_finding(dummy_plan, run_dummies, behaviour):
    machine = run_dummies(dummy_plan({"alpha": {}, "bad": {"import": behaviour}, "omega": {}}))
    hangs = LOST_WITHOUT_WORDS[behaviour] == "timed_out"
    assert finding(machine, "bad").state == ("timed_out" if hangs else "broken")
    assert finding(machine, "bad").reason
    assert set(statuses(machine, "bad")) <= {"timed_out", "skipped", "failed"}
    assert_others_are_intact(machine)


@pytest.mark.parametrize(
    "behaviour",
    ["leave", "segfault", "text garbage", "binary", 'with {"protocol": 2}',
     'with {"foreign_modules": ["app"]}', 'with {"python": "' + "9" * 100 + '"}'],
)  # fmt: skip
def test_a_worker_without_a_proper_hello_is_a_finding(dummy_plan, run_dummies, behaviour):
    machine = run_dummies(dummy_plan({"alpha": {}, "bad": {"hello": behaviour}, "omega": {}}))
    assert finding(machine, "bad").state == "broken"
    assert_others_are_intact(machine)


LIES = {
    "no values": {"values": []},
    "a negative time": {"values": [-1.0]},
    "a time of nothing": {"values": [0.0]},
    "a time beyond all limits": {"values": [1e30]},
    "text for a number": {"values": ["1e-4"]},
    "not a number, spelled out": {"values": ["nan"]},
    "more than has passed": {"values": [50.0], "wall_seconds": 50.0},
    "steps longer than their window": {"values": [0.5], "wall_seconds": 2e-3},
    "steps that do not fill their window": {"values": [1e-9], "wall_seconds": 2e-3},
    "no window": {"wall_seconds": 0.0},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_times_that_cannot_be_are_refused(dummy_plan, run_dummies, lie):
    bad = {"measure": "with " + json.dumps(lie)}
    machine = run_dummies(dummy_plan({"alpha": {}, "bad": bad, "omega": {}}))
    assert set(statuses(machine, "bad")) == {"failed"}
    assert all(one.median_seconds is None for one in machine.measurements if one.framework == "bad")
    assert_others_are_intact(machine)


def test_not_a_number_as_json_knows_none_is_garbage(dummy_plan, run_dummies):
    text = 'text {"type": "result", "id": 4, "values": [NaN], "cpu_seconds": 1, "wall_seconds": 1}'
    machine = run_dummies(dummy_plan({"alpha": {}, "bad": {"measure": text}, "omega": {}}))
    assert set(statuses(machine, "bad")) == {"failed"}
    assert "protocol" in reasons(machine, "bad")
    assert_others_are_intact(machine)


WRONG_WORK = {
    "it says so": {"passed": False, "reason": "loss off by 1e-2"},
    "its error is too large": {"max_rel_err": 2e-4},
    "its tolerance is too large": {"max_rel_err": 5e-2, "tolerance": 1.0},
    "another loss curve": {"losses": [2.0, 1.5, 1.3]},
    "no loss curve": {"losses": [], "reference_losses": []},
    "an error that is no number": {"max_rel_err": "nan", "gradient_norm": "inf"},
    "a rising loss": {"losses": [1.0, 2.0], "reference_losses": [1.0, 2.0]},
}


@pytest.mark.parametrize("wrong", WRONG_WORK.values(), ids=WRONG_WORK)
def test_no_time_counts_without_equal_work(dummy_plan, run_dummies, wrong):
    proof = {
        "passed": True, "max_rel_err": 1e-6, "tolerance": 1e-4, "losses": [2.0, 1.5, 1.2],
        "reference_losses": [2.0, 1.5, 1.2], **wrong,
    }  # fmt: skip
    bad = {"prepare": "with " + json.dumps({"equal_work": proof})}
    machine = run_dummies(dummy_plan({"alpha": {}, "bad": bad, "omega": {}}))
    one = next(
        one for one in machine.measurements if (one.framework, one.workload) == ("bad", "mlp_train")
    )
    assert one.verdict.status == "invalid"
    assert one.median_seconds is None
    assert one.values == ()
    assert_others_are_intact(machine)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("unsupported", "skipped"),
        ("wrong", "invalid"),
        ("memory", "failed"),
        ("exception", "failed"),
    ],
)
@pytest.mark.parametrize("step", ["prepare", "measure"])
def test_a_refusal_is_told_in_the_workers_words(dummy_plan, run_dummies, step, kind, expected):
    bad = {step: f"error {kind} such is life"}
    machine = run_dummies(dummy_plan({"alpha": {}, "bad": bad, "omega": {}}))
    assert statuses(machine, "bad") == [expected, expected]
    assert "such is life" in reasons(machine, "bad")
    assert_others_are_intact(machine)


def test_an_import_error_is_a_finding_with_cause_and_fix(dummy_plan, run_dummies):
    error = "error import libcudnn.so.8: cannot open shared object file: No such file"
    machine = run_dummies(dummy_plan({"alpha": {}, "bad": {"import": error}, "omega": {}}))
    found = finding(machine, "bad")
    assert found.state == "broken"
    assert found.reason == "NVIDIA's library cudnn 8 is missing"
    assert found.fix is not None
    assert statuses(machine, "bad") == ["skipped", "skipped"]
    assert_others_are_intact(machine)


@pytest.mark.parametrize("step", ["import", "prepare", "measure"])
@pytest.mark.parametrize("behaviour", ["print_a_lot", "leave_a_child"])
def test_noise_and_grandchildren_do_no_harm(dummy_plan, run_dummies, step, behaviour):
    machine = run_dummies(dummy_plan({"alpha": {}, "bad": {step: behaviour}, "omega": {}}))
    assert statuses(machine, "bad") == ["valid", "valid"]
    assert_others_are_intact(machine)


@pytest.mark.parametrize("behaviour", ["stubborn", "chatter", "leave"])
def test_a_worker_that_does_not_quit_is_ended(dummy_plan, run_dummies, behaviour):
    machine = run_dummies(dummy_plan({"alpha": {}, "bad": {"quit": behaviour}, "omega": {}}))
    assert statuses(machine, "bad") == ["valid", "valid"]
    assert_others_are_intact(machine)


@pytest.mark.parametrize("behaviour", ["hang", "segfault"])
def test_a_worker_lost_after_its_measurement_keeps_it_and_starts_anew(
    dummy_plan, run_dummies, behaviour
):
    machine = run_dummies(dummy_plan({"alpha": {}, "bad": {"drop": behaviour}, "omega": {}}))
    assert statuses(machine, "bad") == ["valid", "valid"]
    assert_others_are_intact(machine)


def test_an_interpreter_that_cannot_be_started_is_a_finding(dummy_plan, run_dummies, tmp_path):
    plan = dummy_plan({"alpha": {}, "bad": {}, "omega": {}})
    (tmp_path / "interpreters" / "bad" / "python").unlink()
    machine = run_dummies(plan)
    assert finding(machine, "bad").state == "broken"
    assert "cannot be started" in finding(machine, "bad").reason
    assert_others_are_intact(machine)


@pytest.mark.parametrize(
    ("step", "behaviour"),
    [("hello", "hang"), ("import", "hang"), ("prepare", "hang"), ("measure", "stubborn")],
)
def test_cancel_answers_at_once_and_keeps_what_is_done(
    dummy_plan, run_dummies, brisk, step, behaviour
):
    """`bad` is the last in the plan: what the others did before it stays."""
    limits = {"hello_limit": 300.0, "import_limit": 300.0, "prepare_limit": 300.0}
    patient = msgspec.structs.replace(brisk, measure_grace=300.0, **limits)
    cancel = threading.Event()
    plan = dummy_plan({"alpha": {}, "bad": {step: behaviour}}, patient)
    timer = threading.Timer(1.0, cancel.set)
    timer.start()
    try:
        machine = run_dummies(plan, cancel=cancel)
    finally:
        timer.cancel()
        timer.join()
    assert machine.cancelled
    assert machine.seconds < 300.0
    assert set(statuses(machine, "bad")) == {"cancelled"}
    assert decode_machine(encode_machine(machine), "it") == machine


def test_an_exception_from_the_listener_leaves_no_process(dummy_plan, run_dummies):
    def _listener(event):
        if event.kind == "item_done":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_dummies(dummy_plan(GOOD), _listener)
