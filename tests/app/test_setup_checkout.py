"""Set-up says in one line what it cannot install itself, and goes on without a framework."""

import sys
from pathlib import Path

import pytest

from app import display, setup_checkout, system_libraries

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def missing(monkeypatch):
    """Pretend that these libraries cannot be loaded."""

    def _missing(*libraries):
        monkeypatch.setattr(system_libraries, "_loads", lambda library: library not in libraries)

    return _missing


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="system libraries of Linux")
def test_a_missing_library_is_named_in_one_line_to_copy(missing, monkeypatch):
    missing("libEGL.so.1", "libxcb-cursor.so.0")
    monkeypatch.setattr(setup_checkout, "is_real_window", lambda: True)
    line = setup_checkout._problem(needs_qt=True)
    assert "\n" not in line
    assert line.endswith("sudo apt-get install -y libegl1 libxcb-cursor0")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="system libraries of Linux")
def test_without_a_real_window_its_libraries_are_not_asked_for(missing):
    missing("libxcb-cursor.so.0")
    assert system_libraries.missing_packages(real_window=False) == ()


def test_with_no_display_qt_is_not_asked_for(missing):
    missing("libEGL.so.1")
    assert setup_checkout._problem(needs_qt=False) is None


def test_a_python_that_is_too_old_is_named_with_the_way_out(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 12, "final", 0))
    line = setup_checkout._problem(needs_qt=False)
    assert line == (
        f"Python 3.11 or newer is needed, and {sys.executable} is 3.10; name a newer one, for "
        "instance: make run PYTHON=python3.11"
    )


def test_a_missing_venv_is_named_with_its_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    line = setup_checkout._problem(needs_qt=False)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert line.endswith(f"sudo apt-get install -y python{version}-venv")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"QT_QPA_PLATFORM": "offscreen"}, True),
    ],
)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays of Linux")
def test_what_counts_as_a_display(monkeypatch, variables, expected):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert display.has_display() is expected


def test_one_framework_without_a_package_does_not_stop_the_others(monkeypatch, capsys, tmp_path):
    installed = []

    def pip(python, arguments, check):
        wanted = arguments[-1]
        if "frameworks" in wanted or wanted.startswith("paddlepaddle"):
            return False
        installed.append(wanted)
        return True

    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.touch()
    monkeypatch.setattr(setup_checkout, "_pip", pip)
    monkeypatch.setattr(setup_checkout, "_report_left_out", lambda python: None)
    monkeypatch.setattr(sys, "argv", ["setup", "--venv", str(tmp_path), "--extras", "frameworks"])
    assert setup_checkout.main() == 0
    assert any(one.startswith("jax") for one in installed)
    assert "going on without: paddlepaddle" in capsys.readouterr().err


def test_the_readme_gives_the_same_line_for_qt_as_set_up():
    packages = set(system_libraries._ALWAYS.values()) | set(system_libraries._REAL_WINDOW.values())
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    line = next(one for one in readme.splitlines() if one.startswith("sudo apt-get install"))
    assert packages <= set(line.split())
