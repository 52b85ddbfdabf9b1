"""How long a cluster's workers are silent while a node is measured: a budget of one second.

A worker says every half second that it lives. A function that blocked its event loop would silence
it for as long as the probe takes.
"""

import contextlib
import threading

import pytest

LAG_BUDGET_SECONDS = 1.0
LOOK_SECONDS = 0.2


def longest_silence(dask_scheduler=None) -> float:
    """Seconds since the worker that is silent longest was last heard of."""
    from time import time

    return max(time() - one.last_seen for one in dask_scheduler.workers.values())


@pytest.mark.frameworks
def test_the_heartbeats_of_workers_while_a_node_is_probed(report_ratio):
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
    silences = []
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(
            distributed.LocalCluster(
                n_workers=3, threads_per_worker=1, memory_limit=0, dashboard_address=None
            )
        )
        client = stack.enter_context(distributed.Client(cluster))
        results = []

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
    report_ratio(
        "longest silence of a dask worker during a probe, over 1 s",
        [max(silences) / LAG_BUDGET_SECONDS],
        "at most 1",
    )
