"""Sets up a checkout's own virtual environment; run by the Makefile with the system's Python.

Standard library only, since nothing is installed yet. Goes on without a framework that has no
wheel for this Python or platform, and says so.
"""

# Annotations unread, so that a Python that is too old comes as far as the line that says so.
from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from app.display import has_display, is_real_window
from app.system_libraries import install_line, missing_packages

ROOT = Path(__file__).resolve().parents[1]
OLDEST_PYTHON = (3, 11)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m app.setup_checkout", description=__doc__)
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv")
    parser.add_argument("--extras", default="", help="comma-separated: frameworks, dev")
    parser.add_argument("--torch-index", default="", help="an index to take PyTorch from")
    args = parser.parse_args()
    extras = [extra for extra in args.extras.split(",") if extra]

    problem = _problem(needs_qt="dev" in extras or has_display())
    if problem:
        say(problem)
        return 2
    python = args.venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        say(f"making {args.venv.name}")
        subprocess.run([sys.executable, "-m", "venv", str(args.venv)], check=True)
    if args.torch_index and "frameworks" in extras:
        # First and alone: PyTorch's index holds old copies of other packages too.
        _pip(python, ["torch", "--index-url", args.torch_index], check=True)
    base = [extra for extra in extras if extra != "frameworks"]
    target = str(ROOT) + (f"[{','.join(base)}]" if base else "")
    if "frameworks" in extras:
        _report_left_out(python)
        everything = f"{ROOT}[{','.join(extras)}]"
        if _pip(python, ["-e", everything], check=False):
            return 0
        say("not all at once; now one after another, going on without what has no wheel here")
    _pip(python, ["-e", target], check=True)
    if "frameworks" in extras:
        for requirement in _requirements("frameworks"):
            if not _pip(python, [requirement], check=False):
                say(f"going on without: {requirement}")
    return 0


def _problem(needs_qt: bool) -> str | None:
    """What make cannot install itself, in one line to copy; None when all is there."""
    version = ".".join(map(str, sys.version_info[:2]))
    if sys.version_info[:2] < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        return (
            f"Python {oldest} or newer is needed, and {sys.executable} is {version}; name a newer "
            f"one, for instance: make run PYTHON=python{oldest}"
        )
    try:
        import ensurepip  # noqa: F401  Debian splits it off, and venv fails halfway without it
        import venv  # noqa: F401
    except ImportError:
        return f"Python's venv is missing; run: sudo apt-get install -y python{version}-venv"
    packages = missing_packages(real_window=is_real_window()) if needs_qt else ()
    if packages:
        return f"Qt's system libraries are missing; run: {install_line(packages)}"
    return None


def _requirements(extra: str) -> list[str]:
    import tomllib  # Python 3.11's own; a module of older ones would fail before it is named

    with (ROOT / "pyproject.toml").open("rb") as file:
        return list(tomllib.load(file)["project"]["optional-dependencies"][extra])


def _report_left_out(python: Path) -> None:
    """Name the frameworks whose environment marker does not hold for this Python."""
    code = (
        "import sys\n"
        "from pip._vendor.packaging.requirements import Requirement\n"
        "for line in sys.argv[1:]:\n"
        "    one = Requirement(line)\n"
        "    if one.marker and not one.marker.evaluate():\n"
        "        print(one.name)\n"
    )
    result = subprocess.run(
        [str(python), "-c", code, *_requirements("frameworks")],
        capture_output=True,
        text=True,
        check=False,
    )
    for name in result.stdout.split():
        say(f"left out: {name} has no wheel for this Python or platform; the program works without")


def _pip(python: Path, arguments: list[str], check: bool) -> bool:
    command = [
        str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "-c", str(ROOT / "constraints.txt"), *arguments,
    ]  # fmt: skip
    what = " ".join(arguments).replace(str(ROOT), ".")
    say(f"pip install {what}: some minutes, in which pip says nothing")
    return subprocess.run(command, check=check).returncode == 0


def say(message: str) -> None:
    sys.stderr.write(f"set-up: {message}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failed:
        say(f"failed: {' '.join(map(str, failed.cmd))}")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
