"""A real scheduler and real workers on this machine, each with an environment of its own.

Each worker has an address of its own (127.0.0.x), so that each counts as a node; that they share a
machine is found out, and they take turns on it.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from pathlib import Path

import msgspec
import psutil
import pytest

import probes.fleet as fleet_module
from probes import on_node
from probes.fleet import Work, parse_cluster, probe_fleet
from probes.results import decode_machine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(sys.platform != "linux", reason="needs many loopback addresses"),
]
SITE = Path(sysconfig.get_path("purelib"))
PATIENCE_SECONDS = 240.0
"""For what takes seconds where nothing else runs."""
RUN = "ADVISOR_TEST_NODES"
"""Inherited by all that a test's nodes start: another test's are none of ours."""

SLOW_PRODUCT = """
import importlib.abc, importlib.machinery, sys, time

class Slowing(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    \"\"\"numpy's large product takes eight times as long: far more than a busy machine does to one
    node and not to the others, whose controls are medians.\"\"\"

    def find_spec(self, name, path, target=None):
        if name != "numpy":
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        self.loader, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        self.loader.exec_module(module)
        once = module.dot

        def slowly(*given, **more):
            begun = time.perf_counter()
            product = once(*given, **more)
            if product.size >= 1 << 20:
                time.sleep(7 * (time.perf_counter() - begun))
            return product

        module.dot = slowly

sys.meta_path.insert(0, Slowing())
"""


class Nodes:
    """A scheduler and workers; all are gone at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: dict[str, subprocess.Popen] = {}
        file = folder / "scheduler.json"
        self._start("scheduler", sys.executable, "distributed.cli.dask_scheduler",
                    "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                    "--scheduler-file", str(file))  # fmt: skip
        end = time.monotonic() + PATIENCE_SECONDS
        while not (file.exists() and file.read_text()):
            assert self.lives("scheduler"), self.log("scheduler")
            assert time.monotonic() < end
        self.address = json.loads(file.read_text())["address"]

    def add(
        self,
        name: str,
        python: Path | str = sys.executable,
        nanny: bool = False,
        **environment: str,
    ) -> None:
        host = f"127.0.0.{len(self.processes) + 1}"
        self._start(
            name, python, "distributed.cli.dask_worker", self.address, "--name", name,
            "--host", host, "--nthreads", "1", "--memory-limit", "0", "--no-dashboard",
            "--local-directory", str(self.folder), "--nanny" if nanny else "--no-nanny",
            **environment,
        )  # fmt: skip

    def _start(self, name, python, *arguments, **environment) -> None:
        ours = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [python, "-m", *arguments],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env={**ours, RUN: str(self.folder), **environment},
                start_new_session=True,
            )

    def lives(self, name: str) -> bool:
        """Whether it goes on for another moment."""
        try:
            self.processes[name].wait(0.1)
        except subprocess.TimeoutExpired:
            return True
        return False

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def kill(self, name: str) -> None:
        """As a power cut does: at once, with no word to anybody."""
        self.processes[name].kill()

    def end(self) -> None:
        """At once: asked to, a worker would look for a scheduler that has gone before it."""
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def nodes(tmp_path):
    started = Nodes(tmp_path)
    yield started
    started.end()
    assert not probes_left(started)


def probes_left(nodes: Nodes) -> list[int]:
    """Processes of bundles; those that lost their node end by themselves, soon."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        left = []
        for one in psutil.process_iter():
            try:
                variables = one.environ()
                ours = on_node.MARK in variables and variables.get(RUN) == str(nodes.folder)
                if ours and one.status() != psutil.STATUS_ZOMBIE:
                    left.append(one.pid)
            except psutil.Error:
                continue
        if not left or time.monotonic() > end:
            return left
        psutil.wait_procs([psutil.Process(pid) for pid in left if psutil.pid_exists(pid)], 0.5)


@pytest.fixture
def environment_of(tmp_path):
    """Makes an interpreter that has this one's packages, and frameworks as told."""

    def made(name: str, framework: str, broken: bool = False, slow: bool = False) -> Path:
        folder = tmp_path / name
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        site = next(folder.glob("lib/python*/site-packages"))
        (site / "packages.pth").write_text(f"{SITE}\n")
        (metadata,) = SITE.glob(f"{framework}-*.dist-info")
        shutil.copytree(metadata, site / metadata.name)
        if broken:
            (site / framework).mkdir()
            message = "libjax_common.so: cannot open shared object file: No such file or directory"
            (site / framework / "__init__.py").write_text(f"raise ImportError({message!r})\n")
        if slow:
            (site / "sitecustomize.py").write_text(SLOW_PRODUCT)
        return folder / "bin" / "python"

    return made


@pytest.mark.frameworks
def test_one_result_for_each_node_with_one_killed_one_broken_and_one_slowed(
    nodes, environment_of, tmp_path
):
    for name in ("alpha", "beta", "killed"):
        nodes.add(name, environment_of(name, "jax"))
    nodes.add("broken", environment_of("broken", "jax", broken=True))
    nodes.add("slowed", environment_of("slowed", "jax", slow=True))
    wait_for_workers(nodes, 5)
    out = tmp_path / "fleet"
    command = subprocess.Popen(
        [
            sys.executable, "-m", "app", "probe", "--cluster", nodes.address, "--out", out,
            "--frameworks", "jax", "--workloads", "inference_batch1",
        ],
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    said = []
    with command:
        for line in command.stderr:
            said.append(line)
            if line == "killed: measuring\n":
                threading.Thread(target=kill_when_measuring, args=(nodes, "killed")).start()
    fleet = json.loads((out / "fleet.json").read_text())
    by_name = {one["name"]: one for one in fleet["nodes"]}
    states = {name: one["state"] for name, one in by_name.items()}
    assert states == {
        "alpha": "measured",
        "beta": "measured",
        "broken": "measured",
        "killed": "lost",
        "slowed": "measured",
    }, "".join(said)
    assert command.returncode == 3
    assert any("missing: killed: lost" in line for line in said)
    assert [one["state"] for one in by_name["broken"]["frameworks"]] == ["broken"]
    assert "libjax_common.so" in by_name["broken"]["frameworks"][0]["reason"]
    # On a busy machine another may be named too, and never as the worst.
    below = {name: one["below_group"] for name, one in by_name.items() if one["below_group"]}
    assert below
    assert max(below, key=below.get) == "slowed"
    assert len({one["group"] for one in fleet["nodes"] if one["group"]}) == 1
    files = sorted(path.name for path in out.iterdir())
    assert files == ["alpha.json", "beta.json", "broken.json", "fleet.json", "slowed.json"]
    for name in ("alpha", "beta", "slowed"):
        machine = decode_machine((out / f"{name}.json").read_bytes(), name)
        (one,) = machine.measurements
        assert one.median_seconds is not None
        assert machine.environments[0].python == str(tmp_path / name / "bin" / "python")
    # Workers that went silent would have been dropped by the scheduler.
    assert "failed to heartbeat" not in nodes.log("scheduler").lower()


def wait_for_workers(nodes: Nodes, count: int) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while nodes.log("scheduler").count("Register worker") < count:
        assert nodes.lives("scheduler"), nodes.log("scheduler")
        assert time.monotonic() < end, nodes.log("scheduler")


def kill_when_measuring(nodes: Nodes, name: str) -> None:
    """Once its bundle runs."""
    worker = psutil.Process(nodes.processes[name].pid)
    while nodes.lives(name):
        for one in worker.children():
            try:
                if "--out" in one.cmdline():
                    nodes.kill(name)
                    return
            except psutil.Error:
                continue


BEHAVES = b"""
import os, sys, time
how = os.environ["NODE_BEHAVIOUR"]
if "OMP_NUM_THREADS" in os.environ:
    raise SystemExit("the nanny's one thread for tasks would be measured")
if "--list-accelerators" in sys.argv:
    print('["cuda:0", "cuda:1"]' if how == "two" else "[]")
elif how == "hangs":
    time.sleep(600)
elif how == "garbage":
    print("hello")
elif how == "breaks":
    raise SystemExit("no disk space")
else:
    import json
    with open(os.environ["NODE_MACHINE"]) as file:
        machine = json.load(file)
    if how == "waits":
        sys.stdin.read()
        machine["cancelled"] = True
    print(json.dumps(machine))
"""


@pytest.fixture
def machine_path(machine_of, tmp_path):
    from probes.results import encode_machine

    path = tmp_path / "given.json"
    path.write_bytes(encode_machine(machine_of()))
    return path


def work(**changes) -> Work:
    values = {"bundle": BEHAVES, "arguments": (), "python": None, "limit": 30.0, "wait": 60.0}
    return Work(**{**values, **changes})


def test_a_node_that_hangs_breaks_or_babbles_costs_the_others_nothing(
    nodes, machine_path, monkeypatch
):
    monkeypatch.setattr(on_node, "POLITE_SECONDS", 0.5)
    for how in ("good", "two", "hangs", "garbage", "breaks"):
        # The nanny sets the number of threads, to one.
        nodes.add(how, nanny=how == "good", NODE_BEHAVIOUR=how, NODE_MACHINE=str(machine_path))
    wait_for_workers(nodes, 5)
    fleet, machines = probe_fleet(
        parse_cluster(nodes.address), work(limit=8.0), print, threading.Event()
    )
    states = {(one.name, one.accelerator): one.state for one in fleet.nodes}
    assert states == {
        ("good", None): "measured",
        ("two", "cuda:0"): "measured",
        ("two", "cuda:1"): "measured",
        ("hangs", None): "timed_out",
        ("garbage", None): "failed",
        ("breaks", None): "failed",
    }
    assert sorted(machines) == ["good.json", "two-cuda-0.json", "two-cuda-1.json"]
    (broken,) = [one for one in fleet.nodes if one.name == "breaks"]
    assert "no disk space" in broken.reason


def test_cancelling_keeps_what_is_done_and_leaves_no_process(nodes, machine_path):
    for name in ("one", "other"):
        nodes.add(name, NODE_BEHAVIOUR="waits", NODE_MACHINE=str(machine_path))
    wait_for_workers(nodes, 2)
    cancel = threading.Event()

    def tell(line: str) -> None:
        if line.endswith(": measuring"):
            cancel.set()

    fleet, machines = probe_fleet(parse_cluster(nodes.address), work(), tell, cancel)
    assert fleet.cancelled
    assert {one.state for one in fleet.nodes} == {"cancelled"}
    # One was asked and kept what it had; the other's turn had not come.
    assert len(machines) == 1
    assert not probes_left(nodes)


def test_a_node_that_does_not_join_is_absent_and_the_others_are_measured(machine_path, monkeypatch):
    """Of two that a cluster was asked for, it brings one."""
    started = fleet_module._started

    def one_fewer(cluster):
        return started(msgspec.structs.replace(cluster, count=1))

    monkeypatch.setattr(fleet_module, "_started", one_fewer)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("NODE_BEHAVIOUR", "good")
    monkeypatch.setenv("NODE_MACHINE", str(machine_path))
    fleet, machines = probe_fleet(
        parse_cluster("local:2"), work(wait=1.0), print, threading.Event()
    )
    assert [(one.state, one.file is not None) for one in fleet.nodes] == [
        ("measured", True),
        ("absent", False),
    ]
    assert fleet.nodes[1].reason == "it did not join within 1 s"
    assert len(machines) == 1


@pytest.fixture
def other_python(tmp_path):
    """Another minor version of Python with the same dask: this one's packages, of which dask needs
    none that is compiled for one Python."""
    ours = ".".join(map(str, sys.version_info[:2]))
    found = sorted(Path.home().glob(".pyenv/versions/3.1*/bin/python"))
    others = [one for one in found if not one.parts[-3].startswith(f"{ours}.")]
    for python in others:
        folder = tmp_path / "other"
        subprocess.run([python, "-m", "venv", "--clear", "--without-pip", folder], check=True)
        site = next(folder.glob("lib/python*/site-packages"))
        (site / "packages.pth").write_text(f"{SITE}\n")
        other = folder / "bin" / "python"
        imports = [other, "-c", "import distributed.cli.dask_worker"]
        if subprocess.run(imports, capture_output=True, check=False).returncode == 0:
            return other
    pytest.skip(f"no other Python can have this dask here; tried {len(others)}")


def test_a_worker_of_another_python_is_not_asked_and_the_others_are(
    nodes, machine_path, other_python
):
    nodes.add("ours", NODE_BEHAVIOUR="good", NODE_MACHINE=str(machine_path))
    nodes.add("other", other_python)
    wait_for_workers(nodes, 2)
    fleet, _ = probe_fleet(parse_cluster(nodes.address), work(), print, threading.Event())
    states = {one.name: one.state for one in fleet.nodes}
    assert states == {"ours": "measured", "other": "version_mismatch"}
    (refused,) = [one.reason for one in fleet.nodes if one.name == "other"]
    assert refused.startswith("Python 3.")
