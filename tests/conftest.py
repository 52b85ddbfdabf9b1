"""What every test gets: a home of its own, a window that paints unseen, and no leftovers."""

import os
import shutil
import signal
import subprocess
import threading
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# A shell's job in the background ignores Ctrl-C, and so would every program that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def fresh_home(tmp_path_factory, monkeypatch):
    """Settings, sessions and the probe lock of one test are not another's, nor the user's."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("FRAMEWORK_ADVISOR_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def no_leaked_threads():
    """A test that leaves a thread running fails, and says which."""
    before = set(threading.enumerate())
    yield
    left = [
        thread
        for thread in threading.enumerate()
        if thread not in before and thread.is_alive() and not thread.daemon
    ]
    assert not left, f"threads left running: {left}"


@pytest.fixture(scope="session")
def environment_with(tmp_path_factory):
    """Makes a virtual environment of a Python version with packages from PyPI, once for each; gives
    its folder. The test is skipped, with the reason, where either cannot be had."""
    made = {}

    def interpreter(version):
        found = sorted(Path.home().glob(f".pyenv/versions/{version}*/bin/python"))
        on_path = shutil.which(f"python{version}")
        found += [Path(on_path)] if on_path else []
        command = "import sys; print('{}.{}'.format(*sys.version_info))"
        for one in found:
            # One that is there may be a script that chooses among others, and has none.
            said = subprocess.run([one, "-c", command], capture_output=True, text=True, check=False)
            if said.stdout.strip() == version:
                return one
        pytest.skip(f"no Python {version} on this machine")

    def environment(version, *packages):
        if (version, packages) not in made:
            folder = tmp_path_factory.mktemp("environments") / f"python{version}"
            subprocess.run([interpreter(version), "-m", "venv", folder], check=True)
            command = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", *packages]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            said = done.stderr.strip().splitlines()
            made[version, packages] = folder, done.returncode and (said or ["no reason given"])[-1]
        folder, problem = made[version, packages]
        if problem:
            pytest.skip(f"{' and '.join(packages)} could not be installed: {problem}")
        return folder

    return environment


@pytest.fixture(scope="session")
def python38():
    """An interpreter of Python 3.8, wherever this machine keeps it."""
    candidates = sorted(Path.home().glob(".pyenv/versions/3.8*/bin/python"))
    on_path = shutil.which("python3.8")
    candidates += [Path(on_path)] if on_path else []
    for candidate in candidates:
        answer = subprocess.run(
            [candidate, "-c", "import sys; print(*sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.stdout.split() == ["3", "8"]:
            return candidate
    pytest.skip("no Python 3.8 on this machine")


def pytest_terminal_summary(terminalreporter):
    """What became of the faults that `tests/faults` injected, whichever process ran the tests."""
    passed = {one.nodeid for one in terminalreporter.stats.get("passed", ())}
    reports = [one for some in terminalreporter.stats.values() for one in some]
    counts = {
        one.nodeid: dict(one.user_properties)["faults"]
        for one in reports
        if getattr(one, "when", "") == "call" and "faults" in dict(one.user_properties)
    }
    if not counts:
        return
    injected = sum(one["injected"] for one in counts.values())
    survived = sum(one["injected"] for node, one in counts.items() if node in passed)
    lost = [name for one in counts.values() for name in one["lost"]]
    left = [name for one in counts.values() for name in one["left"]]
    terminalreporter.section("faults")
    terminalreporter.line(
        f"injected {injected}, survived {survived}, data lost {len(lost)}, "
        f"processes left {len(left)}"
    )
    for name in (*lost, *left):
        terminalreporter.line(f"  {name}")
