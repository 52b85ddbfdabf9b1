"""Writes sessions, reports, settings and history on and on, in processes that are killed; run as a
program by the tests.

`kill_writer.py FOLDER` writes to FOLDER/expected what whole files look like, says `ready`, and then
takes a line `KIND MILLISECONDS` for each process to start and to kill that long after it has begun.
Reports are rendered once, by the program's own writers; so a kill meets the writing more often than
the drawing.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec

from app import history
from app.advice import advise
from app.files import write_atomically
from app.report import build, check_path, write
from app.sessions import Session, save_session
from app.settings import Settings, save_settings
from app.what_ifs import try_out
from probes.results import decode_machine, encode_machine
from rules import load_answers, load_knowledge

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 21)
FORMATS = (".html", ".pdf", ".md", ".json")

Pair = tuple[Callable[[], object], Callable[[], object]]


def main(folder: Path) -> None:
    expected = folder / "expected"
    expected.mkdir()
    writers = dict(_writers(folder, expected))
    print("ready", flush=True)
    for line in sys.stdin:
        kind, milliseconds = line.split()
        _start_and_kill(writers[kind], float(milliseconds) / 1000)
        print("killed", flush=True)


def _start_and_kill(pair: Pair, seconds: float) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, b"!")
            while True:
                for one in pair:
                    one()
        finally:
            os._exit(1)  # a failure to write: the parent sees that nobody had to kill it
    os.read(reading, 1)
    os.close(reading)
    os.close(writing)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        sys.exit("the writer ended by itself")


def _writers(folder: Path, expected: Path):
    knowledge = load_knowledge()
    answers = load_answers(ROOT / "assets" / "examples" / "student.yaml", knowledge)
    machine = decode_machine((ROOT / "tests" / "data" / "machine_quick.json").read_bytes(), "")
    machines = (machine, msgspec.structs.replace(machine, run_id="another", cancelled=True))
    tried = try_out("Nothing changed", knowledge, answers, machine, TODAY)
    sessions = [
        Session(saved_utc=f"2026-11-2{at}", answers=answers, machine=one, what_ifs=(tried,) * at)
        for at, one in enumerate(machines)
    ]
    session = folder / "my session.json"
    yield (
        "session",
        _pair(expected, "session", session, lambda one: save_session(session, one), sessions),
    )
    yield (
        "settings",
        _pair(
            expected,
            "settings",
            Path(os.environ["FRAMEWORK_ADVISOR_HOME"]) / "config" / "settings.json",
            save_settings,
            [Settings(recent=("/a.yaml",) * at) for at in (1, 8)],
        ),
    )
    reports = [
        build(advise(knowledge, answers, one, TODAY), knowledge, one) for one in (machine, None)
    ]
    for suffix in FORMATS:
        path = folder / f"report{suffix}"
        yield (
            suffix,
            _pair(expected, suffix, path, lambda one, path=path: write(one, path), reports),
        )
    for at, one in enumerate(machines):
        (expected / f"history.{at}").write_bytes(encode_machine(one))
        _replace_in_history(one)
    yield "history", tuple(lambda one=one: _replace_in_history(one) for one in machines)


def _pair(expected: Path, kind: str, path: Path, save, contents) -> Pair:
    for at, one in enumerate(contents):
        save(one)
        (expected / f"{kind}.{at}").write_bytes(path.read_bytes())
    if kind in FORMATS:
        # What `write` does once a format has been rendered, which takes a hundred times as long.
        rendered = [(expected / f"{kind}.{at}").read_bytes() for at in range(len(contents))]
        return tuple(lambda one=one: _write_rendered(path, one) for one in rendered)
    return tuple(lambda one=one: save(one) for one in contents)


def _write_rendered(path: Path, data: bytes) -> None:
    check_path(path)
    write_atomically(path, data)


def _replace_in_history(machine) -> None:
    for entry in history.read_history().entries:
        if entry.measured == machine.finished_utc:
            history.delete(entry.id)
    history.add_machine(machine)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
