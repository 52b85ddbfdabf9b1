"""pip is asked as a child: with our pip, a time limit, and nothing left behind; no network here."""

import http.server
import io
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.installing import asking
from app.installing.asking import interpreter_version
from app.installing.results import InstallError
from app.installing.targets import make_target
from app.installing.verifying import verify

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def nothing_left(tmp_path, monkeypatch):
    """What a child makes, it makes in our temporary folder, and that goes."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    before = set(psutil.Process().children(recursive=True))
    yield
    assert list(place.iterdir()) == []
    assert not set(psutil.Process().children(recursive=True)) - before


@pytest.fixture
def no_other_source(monkeypatch):
    """The user's own indexes and proxies do not answer here."""
    for name in list(os.environ):
        if name.startswith("PIP_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")


def wheel(name: str, version: str, requires: str = "", padding: int = 0) -> bytes:
    file = io.BytesIO()
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(file, "w") as archive:
        needed = f"Requires-Dist: {requires}\n" if requires else ""
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needed}"
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
        archive.writestr(f"{name}.py", b"\0" * padding)
    return file.getvalue()


@pytest.fixture
def index(no_other_source) -> Iterator[tuple[str, dict[str, bytes], list[str]]]:
    """A package index on this machine that knows neither ranges nor metadata files."""
    files: dict[str, bytes] = {}
    fetched: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.answer(with_body=False)

        def do_GET(self):
            self.answer(with_body=True)

        def answer(self, with_body):
            name = self.path.strip("/").split("/")[-1]
            if name.endswith(".whl"):
                body, kind = files[name], "application/octet-stream"
                if with_body:
                    fetched.append(name)
            else:
                links = [one for one in files if one.startswith(f"{name.replace('-', '_')}-")]
                body = "".join(f'<a href="/{one}">{one}</a>' for one in links).encode()
                kind = "text/html"
                if not links:
                    self.send_error(404)
                    return
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if with_body:
                self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/simple", files, fetched
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_line_is_resolved_with_sizes_and_large_packages_are_not_fetched_to_read_them(index):
    address, files, fetched = index
    files["small_thing-1.0-py3-none-any.whl"] = small = wheel("small_thing", "1.0")
    found = verify(f"pip install small-thing --index-url {address}", make_target())
    assert (found.state, found.resolver) == ("verified", f"pip {_our_pip()}")
    assert [(one.name, one.bytes) for one in found.packages] == [("small_thing", len(small))]
    fetched.clear()
    files["large_thing-1.0-py3-none-any.whl"] = wheel("large_thing", "1.0", padding=21 * 10**6)
    found = verify(f"pip install large-thing --index-url {address}", make_target())
    assert (found.state, found.cause) == ("not_verified", "would_download")
    assert "large_thing-1.0" in found.summary
    assert fetched == []


@pytest.mark.slow
def test_markers_are_read_as_on_the_platform_that_was_asked_for(index):
    address, files, _ = index
    files["thing-1.0-py3-none-any.whl"] = wheel(
        "thing", "1.0", "other; sys_platform == 'win32' and python_version == '3.13'"
    )
    files["other-2.0-py3-none-any.whl"] = wheel("other", "2.0")
    line = f"pip install thing --index-url {address}"
    there = verify(line, make_target("windows", "3.13"))
    assert [one.name for one in there.packages] == ["thing", "other"]
    assert [one.name for one in verify(line, make_target("macos_arm", "3.13")).packages] == [
        "thing"
    ]


@pytest.mark.slow
def test_an_environment_is_asked_with_what_is_in_it(index):
    address, files, _ = index
    # The environment of these tests has numpy, and packages that ask for a recent one.
    files["numpy-0.1-py3-none-any.whl"] = wheel("numpy", "0.1")
    target = make_target(python=sys.executable)
    found = verify(f"pip install numpy==0.1 --index-url {address}", target)
    assert found.state == "conflicts"
    assert any("would get 0.1" in one for one in found.details)
    assert found.packages[0].before is not None


def test_without_a_network_nothing_is_verified_or_said_to_be_unknown(no_other_source, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    found = verify("pip install jax", make_target())
    assert (found.state, found.cause) == ("not_verified", "offline")
    assert found.packages == ()


def fake_pip(tmp_path: Path, monkeypatch, code: str) -> None:
    """A package with the name of pip in the place where ours is looked for."""
    (tmp_path / "fake" / "pip" / "_internal").mkdir(parents=True)
    (tmp_path / "fake" / "pip" / "__init__.py").write_text(f"__version__ = '1'\n{code}")
    monkeypatch.setattr(asking, "pip_folder", lambda: tmp_path / "fake")


def test_a_resolver_that_hangs_is_ended_with_its_children(tmp_path, monkeypatch):
    fake_pip(
        tmp_path,
        monkeypatch,
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print('waiting', flush=True)\n"
        "time.sleep(600)\n",
    )
    cancel = threading.Event()
    found = verify("pip install x", make_target(), cancel=cancel, on_line=lambda line: cancel.set())
    assert found.state == "cancelled"
    found = verify("pip install x", make_target(), limit_seconds=0.0)
    assert (found.state, found.cause) == ("not_verified", "timed_out")


@pytest.mark.parametrize(
    "code", ["raise SystemExit(0)", "raise RuntimeError('gone')", "import os; os._exit(7)"]
)
def test_a_resolver_that_breaks_or_says_nothing_verifies_nothing(tmp_path, monkeypatch, code):
    fake_pip(tmp_path, monkeypatch, code)
    found = verify("pip install x", make_target())
    assert (found.state, found.cause) == ("not_verified", "not_understood")


def test_a_killed_program_takes_the_resolver_with_it(tmp_path, monkeypatch):
    said = "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)\n"
    fake_pip(tmp_path, monkeypatch, said)
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from app.installing import asking\n"
        "from app.installing.targets import make_target\n"
        "from app.installing.verifying import verify\n"
        "asking.pip_folder = lambda: Path(sys.argv[1])\n"
        "verify('pip install x', make_target(), on_line=lambda line: print(line, flush=True))\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "fake")],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
    )
    with parent:
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    psutil.wait_procs([child], timeout=30)
    assert not child.is_running()


def test_without_a_pip_it_is_said_how_to_get_one(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    found = verify("pip install x", make_target())
    assert (found.state, found.cause) == ("not_verified", "no_resolver")
    assert "ensurepip" in found.summary


def test_an_interpreter_that_is_none_is_refused(tmp_path):
    assert interpreter_version(sys.executable) == "{}.{}".format(*sys.version_info[:2])
    with pytest.raises(InstallError, match="cannot be started"):
        interpreter_version(str(tmp_path / "python"))
    script = tmp_path / "no-python"
    script.write_text("#!/bin/sh\necho 3.7\n")
    script.chmod(0o755)
    with pytest.raises(InstallError, match=r"--python-version 3\.7"):
        interpreter_version(str(script))


def _our_pip() -> str:
    import pip

    return pip.__version__
