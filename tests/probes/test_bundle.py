"""The one-file bundle: what goes into it, its stand-ins against the originals, and it running."""

import ast
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import msgspec
import psutil
import pytest

import probes
from probes.bundle import LEFT_OUT, for_older_pythons, make_bundle
from probes.bundled import msgspec_standin, psutil_standin
from probes.messages import Hello, Imported, Measured, Prepared, ProtocolError, decode
from probes.results import decode_machine

PACKAGE = Path(probes.__file__).parent
NEEDS_LINUX = pytest.mark.skipif(not os.path.exists("/proc/stat"), reason="no /proc here")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("bundle") / "probe.pyz"
    path.write_bytes(make_bundle())
    return path


@pytest.fixture(scope="module")
def unpacked(bundle) -> Path:
    folder = bundle.parent / "unpacked"
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    return folder


def run_bundle(python, bundle, *arguments, cwd, **environment):
    return subprocess.run(
        [python, bundle, *arguments],
        cwd=cwd,
        env={**os.environ, "FRAMEWORK_ADVISOR_HOME": str(cwd), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


# What goes into it


def test_the_same_program_gives_the_same_file_twice(bundle):
    assert make_bundle() == bundle.read_bytes()


def test_the_worker_goes_along_as_it_is_and_nothing_of_the_fleet_does(bundle):
    with zipfile.ZipFile(bundle) as archive:
        names = set(archive.namelist())
        serve = archive.read("probes/worker/serve.py")
    assert serve == (PACKAGE / "worker" / "serve.py").read_bytes()
    assert {"__main__.py", "probes/running.py", "probes/frameworks.yaml"} <= names
    assert not {"probes/fleet.py", "probes/bundle.py", "probes/on_node.py"} & names
    assert not [name for name in names if name.startswith(("app", "rules"))]


OLDER = {
    "annotations become text": (
        '"""Doc."""\n\ndef f(one: int | None) -> tuple[str, ...]: ...\n',
        '"""Doc."""\nfrom __future__ import annotations\n\n'
        "def f(one: int | None) -> tuple[str, ...]: ...\n",
    ),
    "an alias becomes its text": (
        'Kind = Literal[\n    "a",\n    "b",\n]\n',
        'from __future__ import annotations\nKind = \'Literal[ "a", "b", ]\'\n\n\n\n',
    ),
    "a strict zip becomes a plain one": (
        "x = [a for a in zip(one, 'ü', strict=True)]\n",
        "from __future__ import annotations\nx = [a for a in zip(one, 'ü')]\n",
    ),
}


@pytest.mark.parametrize(("source", "expected"), OLDER.values(), ids=OLDER)
def test_a_module_is_made_ready_for_older_pythons(source, expected):
    assert for_older_pythons(source) == expected


def names_used(package: str) -> set[str]:
    """`psutil.x` and `msgspec.json.x` in the modules that go along."""
    found = set()
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            # What is called on the way, as in `Process().name`, has the name as well.
            text = re.sub(r"\([^()]*(\(\))?[^()]*\)", "", text)
            if text.startswith(f"{package}.") and path.name not in LEFT_OUT:
                found.add(text.partition(".")[2])
    return found


@pytest.mark.parametrize(
    ("package", "stand_in"), [("psutil", psutil_standin), ("msgspec", msgspec_standin)]
)
def test_the_stand_in_has_every_name_that_is_used(package, stand_in):
    used = names_used(package)
    assert len(used) > 3
    for name in used:
        one = stand_in
        for part in name.split("."):
            assert hasattr(one, part), name
            one = getattr(one, part)


# msgspec's stand-in

GOOD = {
    Hello: {"protocol": 1, "python": "3.8.18", "pid": 12, "foreign_modules": []},
    Imported: {
        "import_seconds": 1, "version": "2.0", "build": None, "settings": {"blas": "mkl"},
        "devices": [
            {"device": "cpu", "driver_sees": None, "build_supports": True, "operation_ran": True}
        ],
    },
    Measured: {"values": [0.1, 0.2], "cpu_seconds": 0.3, "wall_seconds": 0.3},
    Prepared: {
        "equal_work": {"passed": False, "max_rel_err": "nan", "tolerance": 1e-4, "losses": [2, 1]},
        "first_call_seconds": 0.5, "workload_version": "ab-1", "purpose": "training",
    },
}  # fmt: skip
CHANGES = [
    (Hello, {}),
    (Hello, {"protocol": "1"}),
    (Hello, {"protocol": True}),
    (Hello, {"python": "three"}),
    (Hello, {"python": "3" * 50}),
    (Hello, {"foreign_modules": ["a"] * 21}),
    (Hello, {"foreign_modules": None}),
    (Hello, {"later": "ignored"}),
    (Imported, {}),
    (Imported, {"import_seconds": -1.0}),
    (Imported, {"import_seconds": None}),
    (Imported, {"devices": [{"device": "toaster"}]}),
    (Imported, {"devices": {}}),
    (Imported, {"settings": {"a": 1}}),
    (Imported, {"threads": 0}),
    (Imported, {"threads": 2.5}),
    (Imported, {"build": 3}),
    (Measured, {}),
    (Measured, {"values": []}),
    (Measured, {"values": [0.1, 0.0]}),
    (Measured, {"values": [0.1, "0.2"]}),
    (Measured, {"peak_resident_bytes": 0}),
    (Measured, {"peak_resident_scope": "galaxy"}),
    (Prepared, {}),
    (Prepared, {"equal_work": {"passed": 1, "max_rel_err": 0.0, "tolerance": 0.1}}),
    (Prepared, {"equal_work": {"passed": True, "max_rel_err": "huge", "tolerance": 0.1}}),
    (Prepared, {"workload_version": "no blanks"}),
    (Prepared, {"purpose": "fun"}),
]
DECODES = """
import json, sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/standins", sys.argv[1] + "/where_missing"]
import typing
from probes import messages
import msgspec
said = []
for name, line in json.load(sys.stdin):
    try:
        one = messages.decode(line.encode(), getattr(messages, name))
    except messages.ProtocolError:
        said.append(None)
    else:
        said.append(json.loads(msgspec.json.encode(one)))
print(json.dumps(said))
"""


def test_a_workers_words_are_taken_and_refused_as_msgspec_does(unpacked):
    lines = [(wanted, json.dumps({**GOOD[wanted], **change})) for wanted, change in CHANGES]
    lines += [(Hello, "[]"), (Hello, "nonsense"), (Measured, '{"values": [NaN]}')]
    ended = subprocess.run(
        [sys.executable, "-I", "-c", DECODES, unpacked],
        input=json.dumps([(wanted.__name__, line) for wanted, line in lines]),
        capture_output=True,
        text=True,
        check=True,
    )
    for (wanted, line), theirs in zip(lines, json.loads(ended.stdout), strict=True):
        try:
            ours = msgspec.to_builtins(decode(line.encode(), wanted))
        except ProtocolError:
            ours = None
        assert theirs == json.loads(json.dumps(ours)), line


def test_a_struct_of_the_stand_in_is_frozen_compared_and_replaced_by_its_values():
    class One(msgspec_standin.Struct, frozen=True, kw_only=True):
        name: str
        more: dict = {}  # noqa: RUF012

    one = One(name="a")
    assert one == One(name="a")
    assert one != One(name="b")
    assert one.more is not One(name="a").more
    assert msgspec_standin.structs.replace(one, name="b") == One(name="b")
    assert msgspec_standin.json.encode({"x": [one, 2.0, None]}) == (
        b'{"x":[{"name":"a","more":{}},2.0,null]}'
    )
    with pytest.raises(AttributeError):
        one.name = "b"
    with pytest.raises(TypeError, match="needs name"):
        One()
    with pytest.raises(TypeError, match="has no size"):
        One(name="a", size=1)


# psutil's stand-in


@NEEDS_LINUX
def test_the_machine_is_read_as_psutil_reads_it():
    assert psutil_standin.virtual_memory().total == psutil.virtual_memory().total
    assert psutil_standin.cpu_count() == psutil.cpu_count()
    assert psutil_standin.cpu_count(logical=False) == psutil.cpu_count(logical=False)
    ours, theirs = psutil_standin.cpu_times(percpu=True), psutil.cpu_times(percpu=True)
    assert len(ours) == len(theirs)
    assert ours[0]._fields == theirs[0]._fields
    assert ours[0].user == pytest.approx(theirs[0].user, abs=5.0)
    assert 0.0 <= psutil_standin.cpu_percent() <= 100.0


@NEEDS_LINUX
def test_a_process_is_read_as_psutil_reads_it():
    ours, theirs = psutil_standin.Process(), psutil.Process()
    assert ours.environ() == theirs.environ()
    assert ours.cpu_affinity() == theirs.cpu_affinity()
    assert sum(ours.cpu_times()[:4]) == pytest.approx(sum(theirs.cpu_times()[:4]), abs=1.0)
    assert ours.is_running()
    assert os.getpid() in {one.pid for one in psutil_standin.process_iter()}


@NEEDS_LINUX
def test_a_process_that_is_killed_is_seen_to_end():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with child:
        process = psutil_standin.Process(child.pid)
        assert child.pid in {one.pid for one in psutil_standin.Process().children()}
        process.kill()
        gone, alive = psutil_standin.wait_procs([process], timeout=10.0)
        assert (gone, alive) == ([process], [])
        child.stdin.close()
    with pytest.raises(psutil_standin.NoSuchProcess):
        psutil_standin.Process(child.pid)


# Running it


@NEEDS_LINUX
def test_a_machine_file_of_the_bundle_tells_the_same_machine_as_the_program(bundle, tmp_path):
    ended = run_bundle(
        sys.executable, bundle, "--frameworks", "mxnet", "--workloads", "mlp_train", cwd=tmp_path
    )
    assert ended.returncode == 3, ended.stderr
    assert "mxnet is not installed" in ended.stderr
    here = probes.look()
    machine = decode_machine((tmp_path / "machine.json").read_bytes(), "machine.json")
    assert machine.fingerprint == here.fingerprint
    assert machine.program_version == here.program_version
    assert machine.environments == here.environments
    assert msgspec.structs.replace(machine.hardware, available_memory_bytes=0) == (
        msgspec.structs.replace(here.hardware, available_memory_bytes=0)
    )


@NEEDS_LINUX
def test_a_python_38_with_nothing_but_numpy_writes_a_machine_file(bundle, tmp_path, python38):
    (tmp_path / "numpy.py").write_text("")
    ended = run_bundle(python38, bundle, "--out", "-", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert ended.returncode == 0, ended.stderr
    machine = decode_machine(ended.stdout.encode(), "standard output")
    assert machine.environments[0].python_version.startswith("3.8")
    assert machine.measurements == ()


def test_a_python_without_numpy_is_told_what_to_do(bundle, tmp_path, python38):
    ended = run_bundle(python38, bundle, cwd=tmp_path)
    assert ended.returncode == 2
    assert "needs numpy in this Python" in ended.stderr
    assert "Traceback" not in ended.stderr


MISTAKES = {
    "unknown framework": (["--frameworks", "pytorhc"], "did you mean 'pytorch'"),
    "unknown accelerator": (["--accelerator", "cuda:99"], "no accelerator is called 'cuda:99'"),
}


@NEEDS_LINUX
@pytest.mark.parametrize(("arguments", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line(arguments, message, bundle, tmp_path):
    ended = run_bundle(sys.executable, bundle, *arguments, cwd=tmp_path)
    assert ended.returncode == 2
    assert message in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert not (tmp_path / "machine.json").exists()


def test_an_archive_that_was_cut_short_does_not_run(bundle, tmp_path):
    cut = tmp_path / "cut.pyz"
    cut.write_bytes(bundle.read_bytes()[:10_000])
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(cut.read_bytes()))
    assert run_bundle(sys.executable, cut, cwd=tmp_path).returncode != 0
