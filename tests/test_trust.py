"""What is trusted and what is not: the sentences of `app/TRUST.md` that no other test holds."""

import ast
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import pytest

from app import advice
from app.gui import opening
from app.processes import child_environment, run_child
from probes.process import Worker, WorkerLost, end_workers
from rules import load_knowledge

ROOT = Path(__file__).resolve().parents[1]
TRUST = (ROOT / "app" / "TRUST.md").read_text(encoding="utf-8")
FILES = [
    path.relative_to(ROOT).as_posix()
    for part in ("app", "rules", "probes")
    for path in sorted((ROOT / part).rglob("*.py"))
]
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


# No code out of data


def called(path: str) -> set[str]:
    """Dotted names that are called, and modules that are imported, as `import NAME`."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            found.add(ast.unparse(node.func))
            found |= {"shell=" for one in node.keywords if one.arg == "shell"}
        elif isinstance(node, ast.Import):
            found |= {f"import {one.name.partition('.')[0]}" for one in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(f"import {(node.module or '').partition('.')[0]}")
            found |= {f"{node.module}.{one.name}" for one in node.names}
    return found


CALLED = {path: called(path) for path in FILES}


def users_of(*names: str) -> set[str]:
    """The files that call or import one of the names; one with a dot at its end is a beginning."""
    return {
        path
        for path, found in CALLED.items()
        if any(one == name or (name[-1] == "." and one.startswith(name)) for one in found
               for name in names)
    }  # fmt: skip


def test_nothing_read_is_run_as_code():
    assert users_of("exec", "__import__", "import runpy", "import code", "import imp") == set()
    # Of its own annotations, which Python 3.8 cannot work out.
    assert users_of("eval", "compile") == {"probes/bundled/msgspec_standin.py"}


def test_nothing_is_unpickled():
    assert users_of("import pickle", "import marshal", "import shelve", "import joblib") == set()
    # Takes a module of ours along to a cluster, which is trusted; nothing that comes back is read.
    assert users_of("import cloudpickle") == {"probes/fleet.py"}


def test_no_shell_gets_what_somebody_wrote():
    assert users_of("shell=", "os.system", "os.popen", "os.spawn", "import pty") == set()
    assert users_of("subprocess.getoutput", "subprocess.getstatusoutput") == set()


def test_yaml_is_read_without_objects():
    loads = ("yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.full_load", "yaml.Loader")
    # Our own list of frameworks, with the safe loader.
    assert users_of(*loads) == {"probes/catalogue.py"}
    assert "Loader=yaml.CSafeLoader" in (ROOT / "probes" / "catalogue.py").read_text("utf-8")


def test_no_temporary_name_can_be_guessed_before_it_is_taken():
    assert users_of("tempfile.mktemp", "os.tempnam", "os.tmpnam") == set()


def listed(heading: str) -> set[str]:
    """The first column of the table under a heading of the page."""
    part = TRUST.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return {one[1] for line in part.splitlines() if (one := re.match(r"\| `([^`]+)`", line))}


def test_processes_are_started_by_the_modules_that_the_page_names():
    starts = ("subprocess.", "os.exec", "os.posix_spawn", "multiprocessing.", "pty.", "QProcess",
              "QProcess.", "asyncio.create_subprocess_exec", "os.startfile")  # fmt: skip
    assert users_of(*starts, "import multiprocessing") == listed("Who starts processes")


def test_the_network_is_for_the_modules_that_the_page_names():
    talks = ("import socket", "import ssl", "import http", "import ftplib", "import smtplib",
             "import requests", "import httpx", "import aiohttp", "import distributed",
             "urllib.request.", "urllib.request.urlopen", "import webbrowser", "QTcpSocket",
             "QNetworkAccessManager", "import websockets")  # fmt: skip
    assert users_of(*talks) == listed("Who talks over a network")


def test_only_one_place_hands_something_to_the_system_to_be_opened():
    assert users_of("QDesktopServices.", "os.startfile") == {"app/gui/opening.py"}


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "/etc/passwd", "smb://host/share", "javascript:alert(1)", "\\\\host\\x",
     "ssh://host", "vscode://x", "", "HTTPS", "data:text/html,x", " file:///x", "mailto:a@b.c"],
)  # fmt: skip
def test_an_address_of_a_stranger_is_opened_only_when_it_is_the_webs(monkeypatch, address):
    opened = []
    monkeypatch.setattr(opening.QDesktopServices, "openUrl", opened.append)
    opening.open_web_address(address)
    assert opened == []
    opening.open_web_address("https://example.org/a")
    assert [one.toString() for one in opened] == ["https://example.org/a"]


# What is found on disk


def lay_canary(folder: Path) -> tuple[Path, Path]:
    """An environment whose interpreter, `.pth` and packages all leave a trace when they are run;
    gives its interpreter and the trace."""
    trace = folder / "trace"
    site = folder / "lib" / "python3.11" / "site-packages"
    (site / "torch").mkdir(parents=True)
    (site / "torch-2.13.0.dist-info").mkdir()
    leave = f"open({str(trace)!r}, 'a').write('python')\n"
    (site / "canary.pth").write_text(f"import os; {leave}")
    for name in ("sitecustomize.py", "usercustomize.py", "torch/__init__.py"):
        (site / name).write_text(leave)
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.2\n")
    (folder / "bin").mkdir()
    for name in ("python", "python3", "python3.11", "conda", "pyenv", "uv", "pip"):
        program = folder / "bin" / name
        program.write_text(f"#!/bin/sh\necho {name} >> '{trace}'\nexec sleep 0\n")
        program.chmod(0o755)
    return folder / "bin" / "python", trace


@pytest.fixture
def canary(tmp_path):
    """A home in which everything that is looked through is the canary, and a PATH that has it
    first; gives the interpreter, its trace and the environment."""
    home = tmp_path / "home"
    python, trace = lay_canary(home / ".venv")
    for place in (".pyenv/versions/3.11.2", ".virtualenvs/x", "miniconda3", ".conda/envs/y"):
        (home / place).parent.mkdir(parents=True, exist_ok=True)
        (home / place).symlink_to(home / ".venv")
    environment = {
        **child_environment(),
        "HOME": str(home),
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
        "VIRTUAL_ENV": str(home / ".venv"),
        "CONDA_PREFIX": str(home / ".venv"),
        "QT_QPA_PLATFORM": "offscreen",
    }
    return python, trace, environment


QUIET = """
import sys
from pathlib import Path
from app import advice
from app.__main__ import main

def silent_after(what):
    assert not Path(sys.argv[1]).exists(), what

assert main(["gui", "--exit-after-paint"]) == 0
silent_after("opening the window")
seen = advice.look(everywhere=True).environments
assert any("home" in one.python for one in seen), seen
silent_after("looking at the machine")
plan = advice.prepare_probe("quick", everywhere=True)
assert any("home" in one.python for one in plan.workers), plan
silent_after("planning a measurement")
assert main(["recommend", "--answers", "assets/examples/student.yaml"]) == 0
silent_after("recommending")
assert main(["knowledge", "list"]) == 0
silent_after("listing what is known")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the canary is a script")
def test_nothing_found_on_disk_is_run_before_the_user_starts_it(canary):
    _, trace, environment = canary
    done = subprocess.run(
        [sys.executable, "-c", QUIET, trace],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not trace.exists(), trace.read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="the canary is a script")
def test_the_canary_sings_when_it_is_run(canary, tmp_path):
    python, trace, environment = canary
    plan = advice.prepare_probe("quick", pythons=[python], elsewhere_only=True)
    assert [one.python for one in plan.workers] == [str(python)]
    worker = Worker(str(python), environment, tmp_path)
    try:
        with pytest.raises(WorkerLost):
            worker.hello(20.0, threading.Event())
    finally:
        end_workers([worker], ask=False)
    assert trace.read_text() == "python\n"


# What a child gets

SHOWS_ITSELF = """
import json, os, sys
descriptors = {}
for name in os.listdir("/proc/self/fd"):
    try:
        descriptors[name] = os.readlink("/proc/self/fd/" + name)
    except OSError:
        pass
own = ["/proc/%d/fd" % os.getpid()]
seen = {name: place for name, place in descriptors.items() if place not in own}
told = {"descriptors": seen, "folder": os.getcwd(), "arguments": sys.argv[1:]}
with open(os.environ["TOLD"], "w") as file:
    json.dump(told, file)
"""


@pytest.fixture
def inheritable(tmp_path):
    """A file of ours that is open, and that a child would get if nobody took care."""
    descriptor = os.open(tmp_path / "secret", os.O_CREAT | os.O_RDWR)
    os.set_inheritable(descriptor, True)
    yield descriptor
    os.close(descriptor)


@on_linux
def test_a_worker_gets_its_three_streams_and_its_channel_alone(tmp_path, inheritable):
    program, told = tmp_path / "shows.py", tmp_path / "told.json"
    program.write_text(SHOWS_ITSELF)
    folder = tmp_path / "private"
    folder.mkdir()
    environment = {**os.environ, "TOLD": str(told)}
    worker = Worker(sys.executable, environment, folder, program)
    try:
        with pytest.raises(WorkerLost):
            worker.hello(20.0, threading.Event())
    finally:
        end_workers([worker], ask=False)
    seen = json.loads(told.read_text())
    channel = seen["arguments"][seen["arguments"].index("--fd") + 1]
    assert set(seen["descriptors"]) == {"0", "1", "2", channel}
    assert seen["descriptors"]["1"] == "/dev/null"
    assert seen["folder"] == str(folder)


@on_linux
def test_another_child_gets_its_three_streams_alone(tmp_path, inheritable):
    told = tmp_path / "told.json"
    environment = {**child_environment(), "TOLD": str(told)}
    ended = run_child([sys.executable, "-c", SHOWS_ITSELF], tmp_path, environment)
    assert ended.returncode == 0, ended.lines
    seen = json.loads(told.read_text())
    assert set(seen["descriptors"]) == {"0", "1", "2"}
    assert seen["descriptors"]["0"] == "/dev/null"


# What comes with the program


def required() -> dict[str, str]:
    """Distributions that the program itself needs, by their canonical names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = (re.match(r"[A-Za-z0-9._-]+", one)[0] for one in project["dependencies"])
    return {re.sub(r"[-_.]+", "-", name).lower(): name for name in names}


def licence_of(name: str) -> str:
    """As its metadata say: the expression, the field or the classifier."""
    metadata = importlib.metadata.metadata(name)
    said = [metadata.get("License-Expression") or "", (metadata.get("License") or "")[:60]]
    said += [one for one in metadata.get_all("Classifier") or [] if one.startswith("License ::")]
    return " ".join(said)


def licences() -> dict[str, str]:
    """Of the page: package to licence."""
    part = TRUST.partition("\n## What it is built on\n")[2].partition("\n## ")[0]
    rows = (re.match(r"\| `([^`]+)` \| [^|]+ \| ([^|]+) \|", line) for line in part.splitlines())
    return {row[1]: row[2].strip() for row in rows if row}


def test_the_page_names_every_package_that_the_program_needs_and_no_other():
    assert set(licences()) == set(required().values())


@pytest.mark.parametrize("name", sorted(required().values()))
def test_a_packages_licence_is_what_the_page_says(name):
    said = licence_of(name)
    first = licences()[name].split()[0].split("-")[0]
    assert first.lower() in said.lower(), said


def test_our_own_knowledge_names_only_web_addresses_to_open():
    links = [one.link for one in load_knowledge().learning]
    assert links
    assert all(one.startswith("https://") for one in links)
