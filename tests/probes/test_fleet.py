"""The fleet without a cluster: what is asked for, what a node's answer makes of it, groups, names;
and what runs on a node, with stand-ins for the bundle."""

import asyncio
import os
import sys
import threading

import dask.config
import distributed  # noqa: F401 - brings its part of dask's configuration
import psutil
import pytest

from probes import on_node
from probes.fleet import (
    FleetError,
    Node,
    Work,
    file_names,
    mismatch,
    node_of,
    one_per_host,
    outcome,
    parse_cluster,
    probe_fleet,
    with_groups,
)
from probes.results import FrameworkFinding, ProbeRequestError, encode_machine

# What is asked for

CLUSTERS = {
    "tcp://head:8786": ("address", (), None),
    "tls://10.0.0.1:8786": ("address", (), None),
    "local:3": ("local", (), 3),
    "ssh:alpha, beta": ("ssh", ("alpha", "beta"), 2),
    "slurm:4": ("slurm", (), 4),
    "slurm": ("slurm", (), 1),
}


@pytest.mark.parametrize(("text", "expected"), CLUSTERS.items())
def test_a_cluster_is_read(text, expected):
    found = parse_cluster(text)
    assert (found.kind, found.hosts, found.count) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("head:8786", "give tcp://HOST:PORT"),
        ("tcp://head", "give tcp://HOST:PORT"),
        ("local", "give a number of nodes"),
        ("local:0", "give a number of nodes"),
        ("local:many", "give a number of nodes"),
        ("ssh:", "name the hosts"),
    ],
)
def test_what_is_no_cluster_is_refused_with_an_example(text, message):
    with pytest.raises(ProbeRequestError, match=message):
        parse_cluster(text)


def test_options_are_numbers_lists_and_texts():
    given = ["cores=8", 'job_extra_directives=["--exclusive"]', "queue=gpu", "memory=64GB"]
    assert parse_cluster("slurm:2", given).options == {
        "cores": 8,
        "job_extra_directives": ["--exclusive"],
        "queue": "gpu",
        "memory": "64GB",
    }
    with pytest.raises(ProbeRequestError, match="write NAME=VALUE"):
        parse_cluster("slurm:2", ["exclusive"])
    with pytest.raises(ProbeRequestError, match="not for an address"):
        parse_cluster("tcp://head:8786", given)


# What came back


def answered(out=b"", code=0, errors="", how="ended"):
    return {"how": how, "code": code, "out": out, "errors": errors}


STATES = {
    "a traceback": (
        answered(code=1, errors="Traceback\n  ...\nOSError: no\n"),
        "failed",
        "OSError",
    ),
    "nothing": (answered(), "failed", "is empty"),
    "garbage": (answered(b"\x1b[2J hello"), "failed", "is not whole JSON"),
    "hung": (answered(how="timed_out"), "timed_out", "did not end within its limit"),
    "no answer": (TimeoutError(), "late", "no answer"),
    "gone": (OSError("Connection reset"), "lost", "Connection reset"),
    "not begun": (answered(how="not_started", errors="no folder"), "failed", "no folder"),
    "another error": (ValueError("odd"), "failed", "ValueError: odd"),
}


@pytest.mark.parametrize(("answer", "state", "reason"), STATES.values(), ids=STATES)
def test_a_node_without_a_machine_file_has_a_state_and_a_reason(answer, state, reason):
    found, said, machine = outcome(answer)
    assert (found, machine) == (state, None)
    assert reason in said
    assert said.isprintable()


@pytest.mark.parametrize(
    ("code", "cancelled", "state"),
    [(0, False, "measured"), (3, False, "in_part"), (130, True, "cancelled")],
)
def test_a_machine_file_is_kept_whatever_else_went_wrong(code, cancelled, state, machine_of):
    import msgspec

    machine = msgspec.structs.replace(machine_of(), cancelled=cancelled)
    answer = answered(
        encode_machine(machine), code, "framework-advisor probe: missing: mlp_train\n"
    )
    found, reason, kept = outcome(answer)
    assert (found, kept) == (state, machine)
    assert reason == {"measured": None, "in_part": "missing: mlp_train"}.get(
        state, "stopped; what was done is kept"
    )


def test_a_broken_framework_is_told_with_its_node(machine_of):
    import msgspec

    broken = FrameworkFinding(
        framework="pytorch", python="python", version="2.13.0", state="broken", reason="no library"
    )
    machine = msgspec.structs.replace(machine_of(), frameworks=(broken,))
    node, _ = node_of("a", None, answered(encode_machine(machine)))
    assert node.state == "measured"
    assert [(one.framework, one.state, one.reason) for one in node.frameworks] == [
        ("pytorch", "broken", "no library")
    ]


def of(name, control, group="g"):
    return Node(name=name, state="measured", group=group, control_seconds=control)


def test_a_node_over_a_tenth_below_its_groups_median_is_named_and_no_other():
    nodes = with_groups(
        [of("a", 0.0100), of("b", 0.0101), of("c", 0.0109), of("d", 0.0125), of("e", 0.0080)]
    )
    assert {one.name: one.below_group for one in nodes if one.below_group} == {"d": 0.192}


def test_nodes_are_held_against_their_own_hardware_alone():
    nodes = with_groups([of("a", 0.01), of("b", 0.01), of("slow kind", 0.05, "other")])
    assert [one.below_group for one in nodes] == [None, None, None]


def test_what_has_no_control_has_no_part_in_a_median():
    nodes = with_groups([of("a", 0.01), of("b", None), Node(name="c", state="lost")])
    assert [one.below_group for one in nodes] == [None, None, None]


def test_files_are_named_after_nodes_without_path_or_clash():
    names = ["../../etc/passwd", "gpu 1", "GPU 1", "", "fleet", "a" * 300]
    nodes = [Node(name=name, state="measured") for name in names]
    nodes.append(Node(name="h", state="measured", accelerator="cuda:0"))
    assert file_names(nodes) == [
        "etc-passwd.json",
        "gpu-1.json",
        "GPU-1-2.json",
        "node.json",
        "fleet-2.json",
        f"{'a' * 100}.json",
        "h-cuda-0.json",
    ]


WORKERS = {
    "tcp://10.0.0.1:1": {"host": "10.0.0.1", "name": "tcp://10.0.0.1:1"},
    "tcp://10.0.0.1:2": {"host": "10.0.0.1", "name": "tcp://10.0.0.1:2"},
    "tcp://10.0.0.2:1": {"host": "10.0.0.2", "name": "gpu-box"},
    "tcp://10.0.0.3:1": {"host": "10.0.0.3", "name": 0},
}


def test_one_worker_of_each_host_is_asked():
    assert one_per_host(WORKERS, every=False) == [
        ("10.0.0.3-0", "tcp://10.0.0.3:1"),
        ("gpu-box", "tcp://10.0.0.2:1"),
        ("10.0.0.1", "tcp://10.0.0.1:1"),
    ]
    assert len(one_per_host(WORKERS, every=True)) == 4


def said(python, dask):
    return {"host": {"python": python}, "packages": {"distributed": dask}}


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        (said("3.11.2.final.0", "2026.8.0"), None),
        (said("3.12.1.final.0", "2026.8.0"), "Python 3.12 there, 3.11 here"),
        (said("3.11.7.final.0", "2024.1.0"), "distributed 2024.1.0 there, 2026.8.0 here"),
        (None, "does not say"),
    ],
)
def test_another_python_or_dask_is_not_asked(theirs, expected):
    found = mismatch(said("3.11.7.final.0", "2026.8.0"), theirs)
    assert (found is None) if expected is None else (expected in found)


def test_a_scheduler_that_is_not_there_is_one_clear_error():
    work = Work(bundle=b"", arguments=(), python=None, limit=1.0, wait=0.1)
    with pytest.raises(FleetError, match=r"tcp://127\.0\.0\.1:9"):
        probe_fleet(parse_cluster("tcp://127.0.0.1:9"), work, print, threading.Event())


# On a node


def run_on_node(program: str, limit=20.0, token="t", worker=None):
    return asyncio.run(on_node.measure(token, program.encode(), sys.executable, [], limit, worker))


def test_what_the_bundle_writes_comes_back_with_the_end_of_what_it_said():
    told = run_on_node("import sys; print('out'); sys.stderr.write('err'); sys.exit(3)")
    assert told == {"how": "ended", "code": 3, "out": b"out\n", "errors": "err"}


def test_a_bundle_over_its_limit_is_asked_to_end_and_may_still_tell_what_it_has():
    told = run_on_node("import sys; sys.stdin.read(); print('kept')", limit=0.2)
    assert (told["how"], told["out"]) == ("timed_out", b"kept\n")


def test_an_interpreter_that_is_not_there_is_told_and_no_lost_connection():
    told = asyncio.run(on_node.measure("t", b"", "/nowhere/python", [], 5.0))
    assert outcome(told)[0] == "failed"
    assert "/nowhere/python" in outcome(told)[1]


STUBBORN = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
time.sleep(600)
"""


def test_of_a_bundle_that_will_not_end_nothing_is_left(monkeypatch):
    monkeypatch.setattr(on_node, "POLITE_SECONDS", 0.1)
    token = f"stubborn-{os.getpid()}"
    assert run_on_node(STUBBORN, limit=0.5, token=token)["how"] == "timed_out"
    left = [one for one in psutil.process_iter() if marked(one).startswith(token)]
    psutil.wait_procs(left, timeout=5.0)
    assert not [one for one in left if one.is_running()]


def marked(process) -> str:
    try:
        return process.environ().get(on_node.MARK, "")
    except psutil.Error:
        return ""


def test_a_run_that_ends_takes_no_other_of_the_same_machine_with_it():
    async def both():
        waits = b"import sys; sys.stdin.read(); print('kept')"
        worker = type("Worker", (), {})()
        other = asyncio.create_task(
            on_node.measure("same", waits, sys.executable, [], 20.0, worker)
        )
        while not getattr(worker, on_node.ATTRIBUTE, {}):
            await asyncio.sleep(0)
        await on_node.measure("same", b"print('done')", sys.executable, [], 20.0)
        await on_node.cancel("same", worker)
        return await other

    assert asyncio.run(both())["out"] == b"kept\n"


def test_cancelling_ends_the_run_that_has_the_token_and_no_other():
    class Worker:
        pass

    async def both():
        worker = Worker()
        program = b"import sys; sys.stdin.read(); print('kept')"
        run = asyncio.create_task(
            on_node.measure("mine", program, sys.executable, [], 20.0, worker)
        )
        while not await on_node.cancel("mine", worker):
            await asyncio.sleep(0)
        return await run, await on_node.cancel("mine", worker)

    told, again = asyncio.run(both())
    assert (told["how"], told["out"]) == ("ended", b"kept\n")
    assert again is False


def test_what_the_nanny_sets_for_tasks_does_not_reach_the_bundle(monkeypatch):
    for name, value in dask.config.get("distributed.nanny.pre-spawn-environ").items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("MKL_NUM_THREADS", "7")
    variables = on_node.environment("t")
    assert "OMP_NUM_THREADS" not in variables
    assert "MALLOC_TRIM_THRESHOLD_" not in variables
    assert variables["MKL_NUM_THREADS"] == "7"  # the user's own
