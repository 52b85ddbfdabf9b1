"""What is run in processes of its own: two workers at once, a first call with and without cache."""

import importlib.util
from types import SimpleNamespace

import psutil
import pytest

from probes.worker import apart, compile_cache, data_parallel, reference, workloads
from probes.worker.contract import Unsupported

RIGHT = (2.0, 1.5, 1.2)


def judged(losses=RIGHT, alone=(0.010, 0.010), together=0.010):
    return data_parallel.judged("both", list(losses), RIGHT, alone, together)


def test_two_workers_with_the_same_loss_curve_work_and_their_speed_is_told():
    found = judged(together=0.008)
    assert (found.state, found.seconds) == ("works", 0.008)
    assert (
        found.note
        == "both: the same loss curve, at 1.25 of the speed of one process with all cores"
    )


def test_two_workers_that_are_slower_than_one_work_in_part():
    found = judged(together=0.025)
    assert found.state == "in_part"
    assert "at 0.40 of the speed" in found.note


@pytest.mark.parametrize(
    "losses", [(2.0, 1.5, 1.21), (2.0, 1.5), (), (2.0, float("nan"), 1.2)], ids=repr
)
def test_two_workers_with_another_loss_curve_fail_however_fast_they_are(losses):
    found = judged(losses=losses, together=0.001)
    assert found.state == "fails"
    assert "not that of one worker" in found.note


def test_on_a_busy_machine_nothing_is_said_of_speed():
    found = judged(alone=(0.010, 0.020))
    assert (found.state, found.seconds) == ("works", None)
    assert "too busy" in found.note


def test_both_halves_make_the_whole_batch():
    workload = workloads.find("mlp_train")
    whole = workloads.input_sets(workload)[1].arrays()
    first, second = (one[1] for one in data_parallel.halves(workload))
    for both, left, right in zip(whole, first, second, strict=True):
        assert (both == [*left, *right]).all()


def test_a_cache_that_is_no_quicker_is_of_little_use():
    assert compile_cache.judged(20.0, 3.0).state == "works"
    assert compile_cache.judged(20.0, 3.0).note == (
        "first call of the MLP: 20.0 s with an empty cache on disk, 3.0 s with a filled one"
    )
    assert compile_cache.judged(20.0, 19.0).state == "in_part"


def test_where_nothing_is_kept_or_tried_it_is_not_asked():
    with pytest.raises(Unsupported, match="keeps nothing"):
        compile_cache.check("tensorflow/xla", "cpu")
    with pytest.raises(Unsupported, match="not tried for caffe"):
        data_parallel.check(SimpleNamespace(), "caffe", "eager", "cpu")
    with pytest.raises(Unsupported, match="on the processor only"):
        data_parallel.check(SimpleNamespace(), "pytorch", "eager", "nvidia_gpu")


@pytest.fixture
def stands_in(tmp_path, monkeypatch):
    """Puts a program of a line or two in the place of the worker's."""

    def _program(text):
        path = tmp_path / "program.py"
        path.write_text("import json, sys, time\n" + text, encoding="utf-8")
        monkeypatch.setattr(apart, "MAIN", str(path))

    return _program


def test_each_process_gives_its_last_line(stands_in):
    stands_in("print('noise'); print(json.dumps({'given': sys.argv[1:]}))")
    assert apart.run("module", [["0", "a"], ["1", "b"]], {}, 30) == [
        {"given": ["--run", "module", "0", "a"]},
        {"given": ["--run", "module", "1", "b"]},
    ]


def running_children():
    """Without those that have ended and that nobody asked about yet: they have no command line."""
    children = psutil.Process().children()
    return [one for one in children if one.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("raise OSError('no such device')", "no such device"),
        ("sys.exit(3)", "it ended with 3"),
        ("print('hello')", "nothing that can be read"),
        ("print('[1]')", "nothing that can be read"),
        ("", "nothing that can be read"),
        ("time.sleep(1000)", "more than 1 s"),
    ],
)
def test_a_process_that_does_not_do_it_is_told_and_none_is_left(stands_in, program, reason):
    stands_in(program)
    with pytest.raises(apart.Failed, match=reason):
        apart.run("module", [[], []], {}, 1 if "sleep" in program else 30)
    mine = [one for one in running_children() if apart.MAIN in one.cmdline()]
    assert mine == []


@pytest.mark.slow
@pytest.mark.frameworks
@pytest.mark.parametrize("framework", ["pytorch", "jax", "tensorflow", "paddlepaddle"])
def test_two_real_workers_learn_what_one_does(framework, monkeypatch, tmp_path):
    module = {"pytorch": "torch", "paddlepaddle": "paddle"}.get(framework, framework)
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    monkeypatch.setattr(data_parallel, "LIMIT_SECONDS", 300.0)
    # Paddle leaves a folder where it runs; a worker runs in one that goes with the probe.
    monkeypatch.chdir(tmp_path)
    losses, seconds = data_parallel.in_two(framework)
    right = reference.expected(workloads.find("mlp_train")).losses
    assert losses == pytest.approx(right, rel=1e-5)
    assert seconds > 0


@pytest.mark.slow
@pytest.mark.frameworks
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed")
def test_a_real_cache_is_filled_by_the_first_call_and_read_by_the_second():
    found = compile_cache.check("jax/jit", "cpu")
    assert found.state in ("works", "in_part"), found
    assert found.seconds > 0
