"""Several machines in one call, through dask.distributed: the bundle once per node and accelerator.

Every node gives a machine file of its own. Nothing is averaged across hosts: nodes are grouped by
the fingerprint of their hardware, and within a group a node whose control product is over a tenth
slower than the group's median is named. A node that is lost, late or broken has a state, and the
others' results stay.

A cluster is trusted: whoever owns its scheduler can run code here and there. `tcp://` and `local`
are tested; `ssh` has been run to the machine itself, and `slurm` with dask-jobqueue 0.9.0 and
stand-ins for sbatch and scancel: a real Slurm is untried by us.
"""

import asyncio
import contextlib
import json
import re
import threading
import time
import uuid
import warnings
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from probes import on_node, statistics, summary
from probes.messages import one_line
from probes.results import (
    FrameworkState,
    Machine,
    MachineFileError,
    ProbeRequestError,
    Result,
    decode_machine,
)

SCHEMA = "framework-advisor/fleet/1"
SLOWER_SHARE = 0.10
"""Below its group's median speed, beyond which a node is named: a bad one, or it throttles."""
DESCRIBE_SECONDS = 120.0
"""A shared disk may take its time over the first interpreter and its numpy."""
ANSWER_SECONDS = 60.0
"""What an answer may take beyond the limit that the node itself keeps."""
CANCEL_SECONDS = 15.0
CANCEL_AGAIN_SECONDS = 1.0
LOOK_SECONDS = 0.1

Kind = Literal["address", "local", "ssh", "slurm"]
NodeState = Literal[
    "measured", "in_part", "cancelled", "failed", "timed_out", "lost", "late", "absent",
    "version_mismatch",
]  # fmt: skip
"""`timed_out`: the probe hung and was ended there; `late`: no answer came; `lost`: the node went
away; `absent`: it was asked for and never joined; `version_mismatch`: it was not asked."""
DONE: tuple[NodeState, ...] = ("measured",)


class Cluster(Result, frozen=True, kw_only=True):
    """What was asked for with `--cluster`."""

    kind: Kind
    text: str
    hosts: tuple[str, ...] = ()
    count: int | None = None
    options: dict[str, Any] = msgspec.field(default_factory=dict)


class Work(Result, frozen=True, kw_only=True):
    """What each node is to do."""

    bundle: bytes
    arguments: tuple[str, ...]
    python: str | None
    """On the node; None: the interpreter that runs the dask worker."""
    limit: float
    """Seconds for one run of the bundle."""
    wait: float
    """Seconds for nodes to join."""


class NodeFramework(Result, frozen=True, kw_only=True):
    framework: str
    version: str | None
    state: FrameworkState
    reason: str | None


class Node(Result, frozen=True, kw_only=True):
    """One node with one accelerator, or with none."""

    name: str
    state: NodeState
    reason: str | None = None
    accelerator: str | None = None
    file: str | None = None
    """Of its machine file, beside the fleet's."""
    group: str | None = None
    """Fingerprint of the hardware alone."""
    hardware: str | None = None
    """In words."""
    control_seconds: float | None = None
    below_group: float | None = None
    """How far its control product's speed is below the group's median, where that is too far."""
    frameworks: tuple[NodeFramework, ...] = ()


class Fleet(Result, frozen=True, kw_only=True):
    """What came of one call."""

    schema: str = SCHEMA
    cluster: str
    nodes: tuple[Node, ...]
    cancelled: bool = False


class FleetError(ProbeRequestError):
    """A cluster that cannot be used; the text says which, why, and what to do."""


Answer = Mapping[str, Any]
Told = Callable[[str], None]


# What was asked for


def parse_cluster(text: str, options: Sequence[str] = ()) -> Cluster:
    """Read `--cluster`. Raises ProbeRequestError."""
    kind, _, rest = text.partition(":")
    given = dict(_option(one) for one in options)
    if kind == "local":
        return Cluster(kind="local", text=text, count=_count(rest, text), options=given)
    if kind == "slurm":
        count = _count(rest, text) if rest else 1
        return Cluster(kind="slurm", text=text, count=count, options=given)
    if kind == "ssh":
        hosts = tuple(host.strip() for host in rest.split(",") if host.strip())
        if not hosts:
            raise ProbeRequestError(f"--cluster {text}: name the hosts, as in ssh:alpha,beta")
        return Cluster(kind="ssh", text=text, hosts=hosts, count=len(hosts), options=given)
    if re.fullmatch(r"(tcp|tls|ucx|ws|wss)://\S+:\d+", text):
        if given:
            raise ProbeRequestError("--cluster-option is for ssh and slurm, not for an address")
        return Cluster(kind="address", text=text)
    raise ProbeRequestError(
        f"--cluster {text}: give tcp://HOST:PORT of a scheduler, local:N, ssh:HOST,HOST or slurm:N"
    )


def _count(text: str, whole: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,3}", text):
        raise ProbeRequestError(f"--cluster {whole}: give a number of nodes, as in local:2")
    return int(text)


def _option(text: str) -> tuple[str, Any]:
    """`cores=8` as a number, a list or an object in JSON, everything else as text."""
    name, sign, value = text.partition("=")
    if not sign or not name.isidentifier():
        raise ProbeRequestError(f"--cluster-option {text}: write NAME=VALUE")
    try:
        return name, json.loads(value)
    except (ValueError, RecursionError):
        return name, value


# What came back


def outcome(answer: Answer | BaseException) -> tuple[NodeState, str | None, Machine | None]:
    """What a node's answer to a measurement makes of it."""
    if isinstance(answer, TimeoutError):
        return "late", "no answer came in time", None
    if isinstance(answer, OSError):
        return "lost", one_line(f"the connection to the node was lost: {answer}"), None
    if isinstance(answer, BaseException):
        return "failed", one_line(f"{type(answer).__name__}: {answer}"), None
    if answer["how"] == "timed_out":
        return "timed_out", "the probe did not end within its limit and was stopped", None
    last = _last_line(answer["errors"])
    if answer["how"] == "not_started":
        return "failed", f"it could not be started: {last}", None
    try:
        machine = decode_machine(answer["out"], "its machine file")
    except MachineFileError as error:
        said = last or one_line(str(error))
        return "failed", f"it ended with exit code {answer['code']}: {said}", None
    if machine.cancelled:
        return "cancelled", "stopped; what was done is kept", machine
    if answer["code"] == 0:
        return "measured", None, machine
    return "in_part", last, machine


def _last_line(text: str) -> str | None:
    lines = [line for line in text.splitlines() if line.strip()]
    return one_line(lines[-1].removeprefix("framework-advisor probe: ")) if lines else None


def node_of(
    name: str,
    accelerator: str | None,
    answer: Answer | BaseException,
) -> tuple[Node, Machine | None]:
    """One line of the table, and the machine file where there is one."""
    state, reason, machine = outcome(answer)
    node = Node(name=name, state=state, reason=reason, accelerator=accelerator)
    if machine is None:
        return node, None
    described = machine.hardware
    names = [one.name for one in described.accelerators]
    return (
        msgspec.structs.replace(
            node,
            group=summary.fingerprint(described, ()),
            hardware=", ".join(
                [f"{described.cpu.model}, {described.cpu.usable_cores:g} cores", *names]
            ),
            control_seconds=machine.control_seconds,
            frameworks=tuple(
                NodeFramework(
                    framework=one.framework,
                    version=one.version,
                    state=one.state,
                    reason=one.reason,
                )
                for one in machine.frameworks
            ),
        ),
        machine,
    )


def with_groups(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Name those that are slower than their group: by the speed of the control product."""
    nodes = tuple(nodes)
    speeds: dict[str, list[float]] = defaultdict(list)
    for one in nodes:
        if one.group is not None and one.control_seconds:
            speeds[one.group].append(1.0 / one.control_seconds)
    return tuple(_judged(one, speeds.get(one.group or "", [])) for one in nodes)


def _judged(node: Node, speeds: Sequence[float]) -> Node:
    if not node.control_seconds or len(speeds) < 2:
        return node
    below = 1.0 - 1.0 / node.control_seconds / statistics.median(speeds)
    if below <= SLOWER_SHARE:
        return node
    return msgspec.structs.replace(node, below_group=round(below, 4))


def file_names(nodes: Sequence[Node]) -> list[str]:
    """One for each, whatever the nodes call themselves: no path, no sign that a shell reads."""
    taken: set[str] = {"fleet.json"}
    names = []
    for one in nodes:
        parts = [one.name] if one.accelerator is None else [one.name, one.accelerator]
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", "-".join(parts)).strip(".-")[:100] or "node"
        name, number = f"{stem}.json", 2
        while name.lower() in taken:
            name, number = f"{stem}-{number}.json", number + 1
        taken.add(name.lower())
        names.append(name)
    return names


# Running


def probe_fleet(
    cluster: Cluster, work: Work, tell: Told, cancel: threading.Event
) -> tuple[Fleet, dict[str, Machine]]:
    """Measure on every node; the fleet and its machine files by name. Blocks.

    When `cancel` is set, nodes are told to stop and what they have done is kept. Raises FleetError
    where there is no cluster to use.
    """
    try:
        import cloudpickle
        import distributed  # noqa: F401 - an extra: missing is an expected state
    except ImportError:
        raise FleetError(
            "measuring on several machines needs dask.distributed, the extra `fleet` of this "
            "program: pip install distributed asyncssh"
        ) from None
    # Nothing of ours is installed on a node.
    cloudpickle.register_pickle_by_value(on_node)
    try:
        found = asyncio.run(_Fleet(cluster, work, tell, cancel).measured())
    finally:
        cloudpickle.unregister_pickle_by_value(on_node)
    nodes = [node for node, _ in found]
    names = file_names(nodes)
    machines = {name: m for name, (_, m) in zip(names, found, strict=True) if m is not None}
    named = [
        msgspec.structs.replace(node, file=name if name in machines else None)
        for name, node in zip(names, nodes, strict=True)
    ]
    fleet = Fleet(cluster=cluster.text, nodes=with_groups(named), cancelled=cancel.is_set())
    return fleet, machines


Found = list[tuple[Node, Machine | None]]


class _Fleet:
    """One call: made for one use of `measured`."""

    def __init__(self, cluster: Cluster, work: Work, tell: Told, cancel: threading.Event) -> None:
        self._cluster = cluster
        self._work = work
        self._tell = tell
        self._cancel = cancel
        self._token = uuid.uuid4().hex
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """By machine: workers that share one take turns on it."""

    async def measured(self) -> Found:
        async with _connected(self._cluster, self._work.wait) as self._client:
            workers = await self._joined()
            addresses = [address for _, address, _ in workers]
            tasks = [asyncio.create_task(self._node(*worker)) for worker in workers]
            others = [asyncio.create_task(self._watch(addresses))]
            try:
                found = [one for several in await asyncio.gather(*tasks) for one in several]
            finally:
                for task in (*others, *tasks):
                    task.cancel()
        absent = (self._cluster.count or 0) - len(workers)
        found += [
            (
                Node(
                    name=f"node {len(workers) + number}",
                    state="absent",
                    reason=f"it did not join within {self._work.wait:.0f} s",
                ),
                None,
            )
            for number in range(1, absent + 1)
        ]
        return found

    async def _joined(self) -> list[tuple[str, str, str | None]]:
        """Name and address of one worker for each node, with the reason not to ask it."""
        wanted = self._cluster.count or 1
        self._tell(f"Waiting for {wanted} node{'s' if wanted > 1 else ''}")
        end = time.monotonic() + self._work.wait
        while True:
            info = await self._client.scheduler.identity(n_workers=-1)
            enough = len(info["workers"]) >= wanted
            if enough or self._cancel.is_set() or time.monotonic() > end:
                break
            await asyncio.sleep(LOOK_SECONDS)
        workers = one_per_host(info["workers"], every=self._cluster.kind == "local")
        if not workers and not self._cancel.is_set():
            raise FleetError(
                f"{self._cluster.text}: no node has joined within {self._work.wait:.0f} s; "
                + (
                    "start a worker on each: dask worker SCHEDULER --nthreads 1 --memory-limit 0"
                    if self._cluster.kind == "address"
                    else "--cluster-wait SECONDS waits longer"
                )
            )
        versions = await self._client.get_versions()
        return [
            (name, address, mismatch(versions["client"], versions["workers"].get(address)))
            for name, address in workers
        ]

    async def _node(self, name: str, address: str, problem: str | None) -> Found:
        if problem is not None:
            self._tell(f"{name}: not asked: {problem}")
            return [(Node(name=name, state="version_mismatch", reason=problem), None)]
        work = self._work
        told = await self._ask(
            address, DESCRIBE_SECONDS + ANSWER_SECONDS,
            on_node.describe, work.bundle, work.python, DESCRIBE_SECONDS,
        )  # fmt: skip
        try:
            if isinstance(told, BaseException):
                raise told
            accelerators = [None, *json.loads(told["out"])]
        except Exception as error:  # noqa: BLE001 - whatever a node says or fails with is its state
            answer = error if isinstance(told, BaseException) else {**told, "out": b""}
            return [self._told(node_of(name, None, answer))]
        found = []
        async with self._turns[str(told["machine"])]:
            for accelerator in accelerators[1:] or accelerators:
                found.append(await self._measure(name, address, accelerator))
        return found

    async def _measure(
        self, name: str, address: str, accelerator: str | None
    ) -> tuple[Node, Machine | None]:
        if self._cancel.is_set():
            node = Node(name=name, state="cancelled", reason="stopped before it was measured")
            return msgspec.structs.replace(node, accelerator=accelerator), None
        work = self._work
        self._tell(f"{name}: measuring" + (f" {accelerator}" if accelerator else ""))
        chosen = [] if accelerator is None else ["--accelerator", accelerator]
        answer = await self._ask(
            address, work.limit + on_node.POLITE_SECONDS + ANSWER_SECONDS,
            on_node.measure, self._token, work.bundle, work.python,
            [*work.arguments, *chosen], work.limit,
        )  # fmt: skip
        return self._told(node_of(name, accelerator, answer))

    async def _ask(
        self,
        address: str,
        seconds: float,
        function: Callable[..., Coroutine[Any, Any, Any]],
        *arguments: Any,
    ) -> Answer | BaseException:
        """Call on one worker. `run` goes past the queue, and two equal calls are never merged."""
        call = self._client.run(function, *arguments, workers=[address], on_error="return")
        try:
            answers = await asyncio.wait_for(call, seconds)
        except Exception as error:  # noqa: BLE001 - a scheduler that fails leaves the others' results
            return error
        answer: Answer | BaseException = answers[address]
        return answer

    async def _watch(self, addresses: Sequence[str]) -> None:
        """Once cancelled, tell the nodes; each answers then with what it has."""
        while not self._cancel.is_set():
            await asyncio.sleep(LOOK_SECONDS)
        self._tell("Stopping the nodes")
        while True:
            # Again and again until all have answered: one may not have begun when it was told.
            await asyncio.gather(
                *(self._ask(one, CANCEL_SECONDS, on_node.cancel, self._token) for one in addresses)
            )
            await asyncio.sleep(CANCEL_AGAIN_SECONDS)

    def _told(self, pair: tuple[Node, Machine | None]) -> tuple[Node, Machine | None]:
        node = pair[0]
        reason = f": {node.reason}" if node.reason else ""
        self._tell(f"{node.name}: {node.state.replace('_', ' ')}{reason}")
        return pair


def one_per_host(workers: Mapping[str, Any], every: bool) -> list[tuple[str, str]]:
    """Name and address of the workers to ask, in a fixed order: the first of each host."""
    found: dict[str, tuple[str, str]] = {}
    for address in sorted(workers, key=lambda one: (str(workers[one].get("name")), one)):
        host = str(workers[address].get("host") or address)
        given = str(workers[address].get("name"))
        if "://" in given:
            name = host  # what dask calls a worker without a name of its own
        else:
            name = f"{host}-{given}" if given.isdigit() else given
        found.setdefault(address if every else host, (name, address))
    return list(found.values())


def mismatch(ours: Mapping[str, Any], theirs: Mapping[str, Any] | None) -> str | None:
    """Why a worker cannot be sent a function: another Python or another dask than here."""
    if theirs is None:
        return "it does not say which versions it has"
    here, there = _versions(ours), _versions(theirs)
    differing = [
        f"{name} {there[name]} there, {here[name]} here"
        for name in here
        if here[name] != there[name]
    ]
    return "; ".join(differing) or None


def _versions(said: Mapping[str, Any]) -> dict[str, str]:
    """Code goes over by value, which one minor version of Python does not read from another."""
    python = ".".join(str(dict(said.get("host", {})).get("python", "?")).split(".")[:2])
    return {"Python": python, "distributed": str(said.get("packages", {}).get("distributed"))}


@contextlib.asynccontextmanager
async def _connected(cluster: Cluster, wait: float) -> AsyncIterator[Any]:
    """A client of the cluster, which is started where it has to be and ended with it."""
    import distributed
    from distributed.versions import VersionMismatchWarning

    connect: Any = distributed.Client
    async with contextlib.AsyncExitStack() as stack:
        try:
            target: Any = cluster.text
            if cluster.kind != "address":
                target = await stack.enter_async_context(_started(cluster))
            with warnings.catch_warnings():
                # What differs is told of each node, and only where it matters.
                warnings.simplefilter("ignore", VersionMismatchWarning)
                client = await stack.enter_async_context(
                    connect(
                        target, asynchronous=True, timeout=min(wait, 30.0), set_as_default=False
                    )
                )
        except ImportError as error:
            raise FleetError(f"{cluster.text}: {error}; install it beside this program") from None
        except (OSError, TimeoutError, TypeError, ValueError) as error:
            raise FleetError(f"{cluster.text}: {one_line(str(error))}") from error
        yield client


def _started(cluster: Cluster) -> Any:
    """One thread and no memory limit for each worker: the nanny is not to step in."""
    if cluster.kind == "local":
        import distributed

        start: Any = distributed.LocalCluster
        return start(
            n_workers=cluster.count, threads_per_worker=1, processes=True, memory_limit=0,
            dashboard_address=None, asynchronous=True, **cluster.options,
        )  # fmt: skip
    if cluster.kind == "ssh":
        from distributed import SSHCluster

        # The first entry holds the scheduler alone: named once more it is measured too.
        return SSHCluster(
            [cluster.hosts[0], *cluster.hosts],
            worker_options={"nthreads": 1, "memory_limit": 0},
            scheduler_options={"dashboard": False},
            asynchronous=True,
            **cluster.options,
        )
    from dask_jobqueue import SLURMCluster

    defaults = {
        "cores": 1,
        "processes": 1,
        "memory": "8GB",
        "worker_extra_args": ["--memory-limit", "0"],
        "scheduler_options": {"dashboard_address": ":0"},
    }
    started = SLURMCluster(asynchronous=True, **{**defaults, **cluster.options})
    started.scale(jobs=cluster.count)
    return started
