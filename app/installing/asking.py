"""Asks pip what a line would bring: a child with a time limit that nothing of is left behind.

What comes back is as it was said; `judging` reads it. pip gets no shell, builds nothing and runs
nothing of a package (`--only-binary=:all:`), and keeps its temporary files in a folder of ours.
"""

import importlib.util
import re
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Literal

import msgspec
from packaging.utils import canonicalize_name

from app.installing.lines import Line
from app.installing.results import InstallError, Target
from app.installing.targets import marker_environment, resolver_arguments
from app.interpreter import NONE_HERE, usual_interpreter
from app.processes import Ended, child_environment, run_child
from rules.texts import say

LIMIT_SECONDS = 180.0
START_SECONDS = 30.0
CONNECT_SECONDS = "30"
OLDEST_PYTHON = (3, 10)
"""That the program's own pip runs under."""
LARGEST_ANSWER_BYTES = 64 * 2**20
MOST_LINES = 2_000
PASSED_OVER_PER_PAGE = 6_000
"""Of the files on a project's page that do not fit; only the pages of what was asked for count."""

RUNNER = Path(__file__).with_name("pip_runner.py")
# They would change what is asked, or where the answer goes.
NOT_ASKED = ("DRY_RUN", "LOG", "NO_DEPS", "PREFIX", "QUIET", "REPORT", "REQUIRE_VIRTUALENV", "ROOT",
             "TARGET", "USER", "VERBOSE")  # fmt: skip
_PASSED_OVER = re.compile(r"\s*Skipping link: none of the wheel's tags .*\(from (\S+?)\)")
_NOISE = re.compile(
    r"^\s*(Found link |Looking up |Skipping link|Link requires|No cache entry|Request header|"
    r"Status code|Getting page|Fetched page|Found index url|Updating cache|Created |Removed |"
    r"Given no hashes|Fetching project page|Starting new|Resetting dropped|https?://\S+ \"|"
    r"Downloading |Lazy wheel is not|Obtaining dependency|Collecting |Processing |"
    r"Requirement already|Remote |\* |\d+ location|"
    r"Added |Entered |Initialized |Non-user |file: |WARNING: Location |"
    r"Reporter\.|Incremented |Cache entry|Current age|Freshness|The response|Ignoring unknown|"
    r"Will try|Pinning|checked \d+|Successfully|Link hash|Discarding|Opening|Installing build)"
)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What pip said: untrusted, not yet read."""

    returncode: int
    lines: tuple[str, ...]
    """Of its output, less what is said of files that fit and of connections."""
    report: bytes | None = None
    notes: bytes | None = None
    """What our runner adds: pip's version, sizes, what it refused to download."""
    installed: bytes | None = None
    """`pip inspect` of the environment that was asked for."""
    stopped: Literal["cancelled", "timed_out"] | None = None


def ask(
    line: Line,
    target: Target,
    cancel: threading.Event | None = None,
    limit_seconds: float = LIMIT_SECONDS,
    on_line: Callable[[str], None] = lambda line: None,
) -> Answer:
    """Let pip resolve a line. Raises InstallError where it cannot be started."""
    with tempfile.TemporaryDirectory(prefix="framework-advisor-") as folder:
        # As TMPDIR names it: what pip unpacks there goes with it, however pip ended.
        place = Path(folder)
        installed = None
        if target.python is not None:
            ended = _inspect(target.python, place, cancel, limit_seconds)
            if ended.stopped is not None or ended.returncode != 0:
                return Answer(returncode=ended.returncode, lines=ended.lines, stopped=ended.stopped)
            installed = _read(place / "installed.json")
        kept = _Kept(line.names)

        def on_each(text: str) -> None:
            kept.add(text)
            on_line(text)

        report, notes = place / "report.json", place / "notes.json"
        environment = "-"
        if not target.is_this_machine:
            environment = str(place / "environment.json")
            Path(environment).write_bytes(msgspec.json.encode(marker_environment(target)))
        ended = run_pip(
            target.python or usual_python(),
            [*_arguments(line, target), "--report", str(report)],
            place,
            on_each,
            cancel,
            limit_seconds,
            notes=notes,
            environment=environment,
        )
        return Answer(
            returncode=ended.returncode,
            lines=kept.lines(),
            report=_read(report),
            notes=_read(notes),
            installed=installed,
            stopped=ended.stopped,
        )


def _arguments(line: Line, target: Target) -> list[str]:
    return [
        "install",
        "--dry-run",
        "--only-binary=:all:",
        # Reads dependencies out of a part of the file where an index has no PEP 658 metadata.
        "--use-feature=fast-deps",
        "--no-input",
        "--retries=1",
        f"--timeout={CONNECT_SECONDS}",
        "-vv",  # only then does pip say which addresses it could not reach
        # Asked for a new environment, what this interpreter has does not count.
        *(() if target.python is not None else ("--ignore-installed",)),
        *resolver_arguments(target),
        *line.arguments(),
    ]


def _inspect(
    python: str, place: Path, cancel: threading.Event | None, limit_seconds: float
) -> Ended:
    arguments = ["inspect", "--local", str(place / "installed.json")]
    return run_pip(python, arguments, place, cancel=cancel, limit_seconds=limit_seconds)


def run_pip(
    python: str,
    arguments: Iterable[str],
    place: Path,
    on_line: Callable[[str], None] = lambda line: None,
    cancel: threading.Event | None = None,
    limit_seconds: float | None = None,
    notes: Path | None = None,
    environment: str = "-",
) -> Ended:
    """Our pip, run by an interpreter and for its environment; temporary files go to `place`.

    Raises InstallError where it cannot be started.
    """
    command = [python, str(RUNNER), str(pip_folder()), str(notes or place / "notes.json"),
               environment, *arguments]  # fmt: skip
    try:
        return run_child(
            command,
            place,
            _environment(place),
            on_line,
            cancel,
            limit_seconds,
            most_lines=40,
            tied=True,
        )
    except OSError as error:
        raise InstallError(_cannot_be_started(python, error)) from error


def _cannot_be_started(python: str, error: OSError) -> str:
    reason = error.strerror or error
    return say("{python}: cannot be started: {reason}", python=python, reason=reason)


def usual_python() -> str:
    """The interpreter to take where nobody names one. Raises InstallError where there is none that
    the resolver runs under."""
    usual = usual_interpreter()
    if usual is None:
        raise InstallError(say(NONE_HERE))
    _require_recent(usual.path, usual.version)
    return usual.path


def interpreter_version(python: str) -> str:
    """Which Python that is, as `3.12`; starts it. Raises InstallError for what is none, or too
    old for the resolver."""
    question = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        ended = run_child(
            [python, "-I", "-c", question],
            Path(tempfile.gettempdir()),
            child_environment(),
            limit_seconds=START_SECONDS,
            most_lines=1,
        )
    except OSError as error:
        raise InstallError(_cannot_be_started(python, error)) from error
    said = ended.lines[-1] if ended.lines else ""
    found = re.fullmatch(r"(\d+)\.(\d+)", said)
    if ended.returncode != 0 or found is None:
        raise InstallError(say("{python}: does not work as a Python interpreter", python=python))
    _require_recent(python, said)
    return said


def _require_recent(python: str, version: str) -> None:
    if tuple(map(int, version.split("."))) < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        raise InstallError(
            say(
                "{python}: is Python {version}, and the resolver needs {oldest} or newer; ask for "
                "that Python without its environment: --python-version {version}",
                python=python,
                version=version,
                oldest=oldest,
            )
        )


def pip_folder() -> Path:
    """Where the program's own pip lies: recent, whatever the interpreter asked has."""
    found = importlib.util.find_spec("pip")
    if found is None or found.origin is None:
        raise InstallError(
            say("there is no pip beside this program; install it: python -m ensurepip --upgrade")
        )
    return Path(found.origin).parents[1]


def _environment(place: Path) -> dict[str, str]:
    kept = child_environment()
    for name in NOT_ASKED:
        kept.pop(f"PIP_{name}", None)
    return {
        **kept,
        "TMPDIR": str(place),
        "TEMP": str(place),
        "TMP": str(place),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "COLUMNS": "200",
        "NO_COLOR": "1",
    }


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_ANSWER_BYTES + 1)
    except OSError:
        return None
    return data if len(data) <= LARGEST_ANSWER_BYTES else None


class _Kept:
    """The lines that tell why, of the many that pip says on the way."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        self._told = False
        self._said: deque[str] = deque(maxlen=MOST_LINES)
        self._passed_over: deque[str] = deque(maxlen=PASSED_OVER_PER_PAGE * len(names))

    def add(self, line: str) -> None:
        self._told = self._told or line.startswith("Exception information:")
        if self._told:
            return  # pip's own stack, which nobody reads
        if found := _PASSED_OVER.match(line):
            page = canonicalize_name(
                found[1].rstrip("/").removesuffix("/index.html").split("/")[-1]
            )
            if page in self._names:
                self._passed_over.append(line)
        elif not _NOISE.match(line):
            self._said.append(line)

    def lines(self) -> tuple[str, ...]:
        return (*self._passed_over, *self._said)
