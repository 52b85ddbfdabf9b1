"""Sets an environment up in a folder of its own: installs, measures, runs a starter project.

Everything it makes lies in that folder, pip's temporary files too; only pip's ordinary cache of
downloads is shared. If a step fails or the person cancels, the folder is removed. `prepare` says
what will be done and refuses what cannot be; `create` does it.
"""

import contextlib
import os
import re
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from app import starter
from app.files import told, write_atomically
from app.installing import leftovers
from app.installing.asking import run_pip, usual_python
from app.installing.choosing import Chosen
from app.installing.leftovers import MARK, mark_of
from app.installing.lines import Line, parse_line, with_more
from app.installing.results import InstallError, Verification
from app.installing.targets import new_environment, target_words
from app.installing.verifying import verify_lines
from app.installing.words import download_words, megabytes
from app.processes import Ended, child_environment, run_child
from probes.results import Machine, ProbeEvent, ProbeRequestError, encode_machine
from rules.texts import say

ENVIRONMENT, PROJECT = ".venv", "starter"
LOG, MACHINE, INSTALLED = "install.log", "machine.json", "installed.txt"
TEMPORARY = ".tmp"
OURS = frozenset({ENVIRONMENT, PROJECT, LOG, MACHINE, INSTALLED, MARK, TEMPORARY})
VENV_SECONDS = 120.0
INSTALL_SECONDS = 3 * 3600.0
TAIL_LINES = 25
NEEDED_BY_PROBE = "numpy"
# Times what is downloaded. It lies in the folder while it is unpacked, and never gets smaller by
# that. TensorFlow, JAX and PaddlePaddle unpack to 3.4 to 4.2 times (measured, 2026-11); pip's cache
# may be on the same disk.
LEAST_SPACE, MOST_SPACE = 2, 6

StepId = Literal["environment", "install", "probe", "starter"]
StateId = Literal["done", "in_part", "failed", "cancelled"]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What will be made, and from what."""

    folder: Path
    python: str
    """The interpreter that the environment is made from."""
    chosen: Chosen
    lines: tuple[Line, ...]
    """Installed one after another; the first is the framework's own."""
    task: str | None
    """Of the starter project; None where there is none for the framework."""
    unfinished_since: str | None = None
    """The folder holds what a run left that was ended from outside; it is removed first."""

    @property
    def environment_python(self) -> Path:
        inside = ("Scripts", "python.exe") if sys.platform == "win32" else ("bin", "python")
        return self.folder.joinpath(ENVIRONMENT, *inside)


class Space(NamedTuple):
    """On the disk of the folder, in bytes."""

    least: int
    most: int
    free: int


class Progress(NamedTuple):
    step: StepId
    text: str
    share: float | None = None
    """Of the step's downloads, 0 to 1, where it is known."""


class Created(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended."""

    state: StateId
    summary: str
    """For a person: what there is now, or what failed and that nothing is left."""
    folder: Path
    machine: Machine | None = None
    outcome: starter.Outcome | None = None
    tail: tuple[str, ...] = ()
    """The last lines of the step that failed."""


class _Failed(Exception):
    def __init__(self, text: str, tail: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.tail = tail


class _Cancelled(Exception):
    pass


# What will be done


def prepare(folder: Path, chosen: Chosen) -> Plan:
    """What setting up would do; nothing is made. Raises InstallError with what is against it.

    The environment is made from the interpreter of the target, or from the program's own.
    """
    folder = Path(os.path.abspath(folder))
    target = chosen.target
    if not target.is_this_machine:
        raise InstallError(
            say(
                "the line is for {place}, and an environment can only be made of an interpreter "
                "that is here: name one with --python",
                place=target_words(target),
            )
        )
    python = target.python or usual_python()
    since = _left_unfinished(folder)
    if since is None:
        _require_free(folder)
    line = with_more(parse_line(chosen.line), chosen.packages)
    task = starter.task_for(chosen.framework, chosen.domain) if chosen.framework else None
    return Plan(
        folder=folder,
        python=python,
        chosen=chosen,
        lines=_with_needed(line, chosen.framework, task),
        task=task,
        unfinished_since=since,
    )


def _with_needed(
    lines: tuple[Line, ...], framework: str | None, task: str | None
) -> tuple[Line, ...]:
    """The lines, and what the probe and the starter project need besides."""
    wanted = ["pip", NEEDED_BY_PROBE]
    if framework is not None and task is not None:
        request = starter.Request(framework=framework, task=task)
        wanted += [one.partition("==")[0] for one in starter.prepare(request).requires]
    there = {name for one in lines[:-1] for name in one.names}
    last = with_more(lines[-1], [one for one in wanted if one not in there])
    return (*lines[:-1], *last)


def _require_free(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise InstallError(
            say("{folder}: is no folder; choose one that is new or empty", folder=folder)
        )
    try:
        if folder.exists() and any(folder.iterdir()):
            raise InstallError(
                say("{folder}: is not empty; choose a folder that is new or empty", folder=folder)
            )
        parent = next(one for one in folder.parents if one.exists())
    except OSError as error:
        raise InstallError(_cannot_be_read(folder, error)) from error
    if not os.access(folder if folder.exists() else parent, os.W_OK):
        raise InstallError(
            say("{folder}: writing there is not permitted; choose another folder", folder=parent)
        )


def _cannot_be_read(folder: Path, error: OSError) -> str:
    return say("{folder}: cannot be read: {reason}", folder=folder, reason=error.strerror)


def _left_unfinished(folder: Path) -> str | None:
    """When the run began that left this folder behind; None where there is no such thing."""
    mark = mark_of(folder)
    if mark is None:
        return None
    if mark.is_going():
        raise InstallError(
            say("{folder}: is being set up by another run of this program", folder=folder)
        )
    others = {one.name for one in folder.iterdir()} - OURS
    if others:
        raise InstallError(
            say(
                "{folder}: was left unfinished on {day}, and holds other things too ({names}); "
                "look through it and remove it yourself",
                folder=folder,
                day=mark.begun_utc,
                names=", ".join(sorted(others)[:3]),
            )
        )
    return mark.begun_utc


def what_it_brings(
    plan: Plan,
    cancel: threading.Event | None = None,
    on_line: Callable[[str], None] = lambda line: None,
) -> Verification:
    """Ask the resolver about all that will be installed, so that it can be said first.

    What several lines bring is given as one, with the first line that does not resolve deciding.
    """
    target = new_environment(plan.chosen.target)
    there = msgspec.structs.replace(plan.chosen, target=target)
    return verify_lines(plan.lines, there, cancel, on_line=on_line)


def space_for(plan: Plan, brings: Verification) -> Space:
    """What setting up needs on the disk of the folder, and what there is."""
    known = brings.known_bytes
    there = next(one for one in (plan.folder, *plan.folder.parents) if one.exists())
    try:
        free = shutil.disk_usage(there).free
    except OSError as error:
        raise InstallError(_cannot_be_read(there, error)) from error
    return Space(LEAST_SPACE * known, MOST_SPACE * known, free)


def require_space(plan: Plan, brings: Verification) -> Space:
    """The same. Raises InstallError where the least that is needed is not free."""
    space = space_for(plan, brings)
    if space.free < space.least:
        raise InstallError(
            say(
                "{folder}: its disk has {free} free, and setting up needs at least {least} there, "
                "for a download of {size} and what it unpacks to; free some, or choose a folder on "
                "another disk",
                folder=plan.folder,
                free=megabytes(space.free),
                least=megabytes(space.least),
                size=download_words(brings),
            )
        )
    return space


def space_words(space: Space) -> str:
    """What it needs there, and whether that may be too much."""
    said = say(
        "On the disk of the folder it needs {least} to {most}; {free} are free.",
        least=megabytes(space.least),
        most=megabytes(space.most),
        free=megabytes(space.free),
    )
    return f"{said} {say('That may not be enough.')}" if space.free < space.most else said


def pip_cache() -> str:
    """Where pip keeps what it has downloaded, for this user; it is shared with every other pip."""
    import importlib

    try:
        appdirs = importlib.import_module("pip._internal.utils.appdirs")
        return str(os.environ.get("PIP_CACHE_DIR") or appdirs.user_cache_dir("pip"))
    except (ImportError, AttributeError):
        return "pip's own cache"


# Doing it


def create(
    plan: Plan,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    cancel: threading.Event | None = None,
    known_bytes: int = 0,
) -> Created:
    """Carry a plan out. If anything fails or `cancel` is set, nothing of it is left.

    `known_bytes`: what is to be downloaded, for the share in the progress.
    """
    stop = cancel or threading.Event()
    made = _begin(plan)
    try:
        run = _Run(plan, on_progress, stop, known_bytes)
    except BaseException:
        _remove(plan.folder, made)
        raise
    finished: Created | None = None
    try:
        run.make_environment()
        run.install()
        machine, unmeasured = run.probe()
        outcome = run.start()
        finished = _finished(plan, machine, outcome, unmeasured)
        leftovers.end(plan.folder)
        return finished
    except _Cancelled:
        finished = None
        return Created(
            state="cancelled",
            summary=say("Cancelled: {what_is_left}", what_is_left=_nothing_left(plan)),
            folder=plan.folder,
        )
    except (_Failed, starter.StarterError, InstallError, OSError) as error:
        finished = None
        return Created(
            state="failed",
            summary=f"{_reason(error)} {_nothing_left(plan)}",
            folder=plan.folder,
            tail=error.tail if isinstance(error, _Failed) else (),
        )
    finally:
        run.close()
        if finished is None:
            _remove(plan.folder, made)
        else:
            shutil.rmtree(plan.folder / TEMPORARY, ignore_errors=True)


def _nothing_left(plan: Plan) -> str:
    return say("{folder} was removed, and nothing else was touched.", folder=plan.folder)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        error = told(error, Path(error.filename or LOG))
        return f"{error.filename}: {error.strerror}."
    text = str(error)
    return text if text.endswith(".") else f"{text}."


def _finished(
    plan: Plan, machine: Machine | None, outcome: "starter.Outcome | None", unmeasured: str
) -> Created:
    parts = [say("The environment is in {folder}.", folder=plan.folder / ENVIRONMENT)]
    if machine is not None:
        parts.append(say("It was measured ({file}).", file=MACHINE))
    if outcome is not None:
        seconds = f"{outcome.seconds:.0f}"
        parts.append(
            say(
                "The starter project in {folder} ran in {seconds} s.",
                folder=PROJECT,
                seconds=seconds,
            )
        )
    elif plan.task is None:
        parts.append(say("There is no starter project for it."))
    return Created(
        state="in_part" if unmeasured else "done",
        summary=" ".join([*parts, *([unmeasured] if unmeasured else [])]),
        folder=plan.folder,
        machine=machine,
        outcome=outcome,
    )


def _begin(plan: Plan) -> list[Path]:
    """Make the folder; gives the folders that were made, the innermost first."""
    if plan.unfinished_since is not None:
        _empty(plan.folder)
    made = []
    one = plan.folder
    while not one.exists():
        made.append(one)
        one = one.parent
    plan.folder.mkdir(parents=True, exist_ok=True)
    try:
        leftovers.begin(plan.folder)
        (plan.folder / TEMPORARY).mkdir()
    except OSError:
        _remove(plan.folder, made)
        raise
    return made


def _remove(folder: Path, made: list[Path]) -> None:
    """Take away what was made, and leave an empty folder that was there before."""
    _empty(folder)
    for one in made:
        with contextlib.suppress(OSError):  # somebody has put something in meanwhile
            one.rmdir()


def _empty(folder: Path) -> None:
    for name in sorted(OURS - {MARK}):
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    # Last: while it is there, what is left can be told for what it is.
    leftovers.end(folder)


class _Run:
    """The steps of one run, with the log that all of them write to."""

    def __init__(
        self,
        plan: Plan,
        on_progress: Callable[[Progress], None],
        cancel: threading.Event,
        known_bytes: int,
    ) -> None:
        self._plan = plan
        self._on_progress = on_progress
        self._cancel = cancel
        self._known_bytes = known_bytes
        self._log = (plan.folder / LOG).open("w", encoding="utf-8")

    def close(self) -> None:
        # On a full disk the last lines are lost; that must not keep the folder from being removed.
        with contextlib.suppress(OSError):
            self._log.close()

    def make_environment(self) -> None:
        folder = self._plan.folder / ENVIRONMENT
        self._say("environment", say("making {folder}", folder=folder))
        # Without pip: what lies in Python's own package for it is old, and Debian leaves it out.
        ended = run_child(
            [
                self._plan.python,
                "-m",
                "venv",
                "--without-pip",
                str(self._plan.folder / ENVIRONMENT),
            ],
            self._plan.folder,
            child_environment(),
            self._write,
            self._cancel,
            VENV_SECONDS,
            most_lines=TAIL_LINES,
            tied=True,
        )
        self._require(ended, say("The environment could not be made."))

    def install(self) -> None:
        downloads = _Downloads(self._known_bytes)
        for line in self._plan.lines:
            self._say("install", f"pip install {' '.join((*line.requirements, *line.added))}")

            def on_line(text: str) -> None:
                share = downloads.share_after(text)
                if not text.startswith("Progress "):
                    self._write(text)
                told = text.strip()
                if share is not None or told.startswith(("Downloading", "Installing", "Using")):
                    words = downloads.words if text.startswith("Progress ") else told
                    self._on_progress(Progress("install", words, share))

            ended = run_pip(
                str(self._plan.environment_python),
                ["install", "--progress-bar=raw", "--no-input", "--only-binary=:all:",
                 "--no-warn-script-location", *line.arguments()],
                self._plan.folder / TEMPORARY,
                on_line,
                self._cancel,
                INSTALL_SECONDS,
            )  # fmt: skip
            self._require(ended, say("{line} failed.", line=repr(line.text)))
        listed: list[str] = []
        ended = run_pip(
            str(self._plan.environment_python),
            ["freeze", "--all"],
            self._plan.folder / TEMPORARY,
            listed.append,
            self._cancel,
            VENV_SECONDS,
        )
        self._require(ended, say("What was installed could not be listed."))
        write_atomically(self._plan.folder / INSTALLED, ("\n".join(listed) + "\n").encode())

    def probe(self) -> tuple[Machine | None, str]:
        """The machine file; or why there is none."""
        from app import advice

        framework = self._plan.chosen.framework
        if framework not in advice.framework_distributions():
            return None, ""
        self._say("probe", say("measuring {framework} for about a minute", framework=framework))

        def on_event(event: ProbeEvent) -> None:
            if event.kind != "item_started":
                self._say("probe", event.message, event.done / event.total if event.total else None)

        try:
            plan = advice.prepare_probe(
                "quick", [framework], [self._plan.environment_python], elsewhere_only=True
            )
            machine = advice.measure(plan, on_event, self._cancel)
        except ProbeRequestError as error:
            return None, say("It was not measured: {reason}", reason=error)
        self._check_cancel()
        found = [one for one in machine.frameworks if one.framework == framework]
        if not found or found[0].state in ("broken", "timed_out"):
            why = found[0].reason if found else say("it was not found in the environment")
            raise _Failed(
                say(
                    "{framework} was installed, but does not work: {reason}.",
                    framework=framework,
                    reason=why or say("no reason given"),
                )
            )
        write_atomically(self._plan.folder / MACHINE, encode_machine(machine))
        return machine, ""

    def start(self) -> "starter.Outcome | None":
        framework, task = self._plan.chosen.framework, self._plan.task
        if framework is None or task is None:
            return None
        python = self._plan.environment_python
        self._say("starter", say("writing and running the starter project {task}", task=task))
        request = starter.Request(
            framework=framework, task=task, versions=starter.installed_versions(python)
        )
        folder = starter.write(starter.prepare(request), self._plan.folder / PROJECT)

        def on_line(text: str) -> None:
            self._say("starter", text)

        outcome = starter.run(folder, python, True, on_line, self._cancel)
        self._check_cancel()
        if outcome.returncode != 0:
            raise _Failed(
                say("The starter project failed its smoke test."), outcome.tail[-TAIL_LINES:]
            )
        return outcome

    def _require(self, ended: Ended, problem: str) -> None:
        self._check_cancel()
        if ended.stopped == "timed_out":
            raise _Failed(f"{problem} {say('It took too long.')}", ended.lines[-TAIL_LINES:])
        if ended.returncode != 0:
            raise _Failed(problem, ended.lines[-TAIL_LINES:])

    def _check_cancel(self) -> None:
        if self._cancel.is_set():
            raise _Cancelled

    def _say(self, step: StepId, text: str, share: float | None = None) -> None:
        self._write(text)
        self._on_progress(Progress(step, text, share))

    def _write(self, text: str) -> None:
        self._log.write(text.rstrip() + "\n")
        self._log.flush()


class _Downloads:
    """How far the downloads are, from pip's raw progress lines: `Progress 5 of 12`, in bytes."""

    def __init__(self, known_bytes: int) -> None:
        self._all = known_bytes
        self._before = 0
        self._now = 0
        self.words = ""

    def share_after(self, text: str) -> float | None:
        found = re.fullmatch(r"Progress (\d{1,15}) of (\d{1,15})", text.strip())
        if found is None:
            return None
        now = int(found[1])
        if now < self._now:  # the next file
            self._before += self._now
        self._now = now
        done = self._before + now
        if not self._all:
            self.words = say("downloaded {done} MB", done=f"{done / 1e6:.0f}")
            return None
        self.words = say(
            "downloaded {done} MB of {all} MB",
            done=f"{done / 1e6:.0f}",
            all=f"{self._all / 1e6:.0f}",
        )
        return min(1.0, done / self._all)
