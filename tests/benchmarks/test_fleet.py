"""How long a cluster's workers are silent while a node is measured: a budget of one second.

A worker says every half second that it lives. A function that blocked its event loop would silence
it for as long as the probe takes.
"""

import contextlib
import threading
import time

import pytest

LOOK_SECONDS = 0.2
BEATS = 3
"""Of each worker, before anything is looked at: dask's first ones are a whole second apart."""
IDLE_SECONDS = 4.0


def last_beats(dask_scheduler=None) -> dict[str, float]:
    """When each worker was last heard of, by its address."""
    return {address: one.last_seen for address, one in dask_scheduler.workers.items()}


def longest_silence(dask_scheduler=None) -> float:
    """Seconds since the worker that is silent longest was last heard of."""
    from time import time

    return max(time() - one.last_seen for one in dask_scheduler.workers.values())


def wait_for_beats(client) -> None:
    beats: dict[str, set[float]] = {}
    while len(beats) < 3 or min(map(len, beats.values())) < BEATS:
        for address, seen in client.run_on_scheduler(last_beats).items():
            beats.setdefault(address, set()).add(seen)
        time.sleep(LOOK_SECONDS / 4)


@pytest.mark.frameworks
def test_the_heartbeats_of_workers_while_a_node_is_probed(record):
    distributed = pytest.importorskip("distributed")
    from probes.bundle import make_bundle
    from probes.fleet import Work, parse_cluster, probe_fleet

    work = Work(
        bundle=make_bundle(),
        arguments=("--frameworks", "pytorch", "--workloads", "mlp_train"),
        python=None,
        limit=240.0,
        wait=60.0,
    )
    idle, silences = [], []
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(
            distributed.LocalCluster(
                n_workers=3, threads_per_worker=1, memory_limit=0, dashboard_address=None
            )
        )
        client = stack.enter_context(distributed.Client(cluster))
        results = []
        wait_for_beats(client)
        end = time.monotonic() + IDLE_SECONDS
        while time.monotonic() < end:
            idle.append(client.run_on_scheduler(longest_silence))
            time.sleep(LOOK_SECONDS)

        def probe() -> None:
            # Through its address as any other's: one worker for this host.
            asked = parse_cluster(cluster.scheduler_address)
            results.append(probe_fleet(asked, work, print, threading.Event()))

        thread = threading.Thread(target=probe)
        thread.start()
        while thread.is_alive():
            silences.append(client.run_on_scheduler(longest_silence))
            thread.join(LOOK_SECONDS)
        assert len(client.scheduler_info()["workers"]) == 3
    ((fleet, _),) = results
    assert [one.state for one in fleet.nodes] == ["measured"]
    record(
        "heartbeats",
        [max(silences)],
        [max(silences) / max(idle)],
        f"with nothing measured {max(idle):.2f} s; looked at {len(silences)} times",
    )
