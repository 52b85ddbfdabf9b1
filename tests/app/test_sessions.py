"""Sessions come back as they were, older files too; what cannot be used is named and left alone."""

import contextlib
import json
import os
import random
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from app.advice import advise
from app.installing.results import Target, Verification
from app.kept import MOST_KEPT, kept_folder, kept_sessions, let_old_ones_go, new_kept_path
from app.report import ReportError, build, to_json
from app.sessions import (
    LONGEST_NOTES,
    MOST_WHAT_IFS,
    SCHEMA,
    STEPS,
    VERSION,
    Session,
    SessionError,
    open_file,
    save_session,
)
from app.what_ifs import WhatIf, label_of
from probes.results import MachineFileError, decode_machine
from rules import load_knowledge
from rules.errors import InputError
from rules.model import Answers, Override

DATA = Path(__file__).resolve().parents[1] / "data"
ANSWERS = Answers(
    answers={
        "work": "scratch",
        "domain": ("vision", "language"),
        "goal": "research",
        "deployment": ("android",),
    },
    importance={"people": 2, "performance": -1},
    must_use=("pytorch", "keras"),
    exclude={"paddlepaddle": "no one here knows it: 谢谢"},
    override={"pytorch.ease.general": Override(level=2, reason="we tried")},
)


@pytest.fixture(scope="module")
def knowledge():
    return load_knowledge()


@pytest.fixture(scope="module")
def machine():
    return decode_machine((DATA / "machine_quick.json").read_bytes(), "machine_quick.json")


def what_if(label="Speed counts double", **changes):
    given = {
        "answers": msgspec.structs.replace(ANSWERS, importance={"run": 1}),
        "framework": "jax",
        "kind": "close",
        "top_share": 0.61,
    }
    return WhatIf(label=label, **{**given, **changes})


def session(**changes):
    return Session(**{"saved_utc": "2026-11-21T12:00:00+00:00", "answers": ANSWERS, **changes})


def test_everything_in_a_session_comes_back(knowledge, machine, tmp_path):
    path = tmp_path / "new folder" / "我的 'session'.json"
    notes = "<b>Not</b> markup.\n\tNor `this`; 中文 too."
    kept = (what_if(), what_if("nothing left", framework=None, kind="none", top_share=None))
    asked = Verification(
        state="no_wheel",
        summary="There is no wheel.",
        line="pip install jax",
        target=Target(platform="linux", python_version="3.15"),
        asked_utc="2026-11-21T12:00:00+00:00",
    )
    whole = {"what_ifs": kept, "notes": notes, "installation": asked}
    save_session(path, session(machine=machine, importance_before={"run": 1}, **whole))
    opened = open_file(path, knowledge)
    assert opened.is_session
    assert opened.answers == ANSWERS
    assert opened.machine == machine
    assert opened.what_ifs == kept
    assert opened.notes == notes
    assert opened.installation == asked
    assert opened.importance_before == {"run": 1}


def test_a_session_can_be_read_by_a_person(tmp_path):
    path = tmp_path / "mine.json"
    save_session(path, session())
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["schema"] == SCHEMA
    assert document["answers"]["answers"]["work"] == "scratch"
    assert path.read_text(encoding="utf-8").count("\n") > 20


@pytest.mark.parametrize("version", range(1, VERSION))
def test_a_recorded_session_of_each_older_version_is_read_and_left_as_it_is(version, knowledge):
    path = DATA / "sessions" / f"session_{version}.json"
    before = path.read_bytes()
    opened = open_file(path, knowledge)
    assert opened.answers == ANSWERS
    assert opened.machine.fingerprint == "932f1e99ac5c4c88"
    assert (opened.what_ifs, opened.notes) == ((), "")
    assert path.read_bytes() == before


def test_every_older_version_has_its_step_and_its_recorded_file():
    assert sorted(STEPS) == list(range(1, VERSION))
    recorded = sorted(path.name for path in (DATA / "sessions").iterdir())
    assert recorded == [f"session_{version}.json" for version in range(1, VERSION)]


def written(tmp_path, text):
    path = tmp_path / "given.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def changed(**changes):
    """A whole session with some parts replaced, as text."""
    document = json.loads(msgspec.json.encode(session(what_ifs=(what_if(),))))
    return json.dumps({**document, **changes})


def with_answers(**changes):
    return changed(answers={**json.loads(msgspec.json.encode(ANSWERS)), **changes})


def with_what_if(**changes):
    return changed(what_ifs=[{**json.loads(msgspec.json.encode(what_if())), **changes}])


@pytest.mark.parametrize("number", [str(VERSION + 1), "12", "9999"])
def test_a_file_of_a_newer_version_is_told_in_one_line_and_left_alone(number, knowledge, tmp_path):
    text = json.dumps(
        {"schema": f"framework-advisor/session/{number}", "answers": [], "colour": "red"}
    )
    for content in (text, changed(schema=f"framework-advisor/session/{number}")):
        path = written(tmp_path, content)
        with pytest.raises(SessionError, match=r"newer version") as caught:
            open_file(path, knowledge)
        assert str(path) in str(caught.value)
        assert f"session/{number}" in str(caught.value)
        assert SCHEMA in str(caught.value)
        assert path.read_text() == content


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (changed()[:-200], "cut short"),
        (changed(colour="red"), "colour"),
        (changed(answers=7), "answers"),
        (changed(answers=None), "answers"),
        (changed(notes=["no"]), "notes"),
        (changed(notes="x" * (LONGEST_NOTES + 1)), "notes"),
        (changed(saved_utc="x" * 100), "saved_utc"),
        (changed(what_ifs=[{"label": "empty"}]), "what_ifs"),
        (
            changed(what_ifs=[json.loads(msgspec.json.encode(what_if()))] * (MOST_WHAT_IFS + 1)),
            "what_ifs",
        ),
        (with_what_if(top_share=1.5), "top_share"),
        (with_what_if(kind="certain"), "certain"),
        (with_what_if(label=""), "label"),
        (with_what_if(label="x" * 300), "label"),
        (with_what_if(answers={"answers": {"goal": "lern"}}), "what_ifs[0].answers.goal: 'lern'"),
        (with_answers(answers={"goal": "lern"}), "'learn'"),
        (with_answers(answers={"gaol": "learn"}), "gaol"),
        (with_answers(importance={"fit": 9}), "fit"),
        (with_answers(importance={"fit": 10**400}), "importance"),
        (with_answers(must_use=["pytorh"]), "pytorch"),
        (with_answers(override={"pytorch.no.such": {"level": 1, "reason": "x"}}), "no.such"),
        (changed(importance_before={"fit": 9}), "importance_before"),
        (changed(importance_before={"fat": 1}), "importance_before"),
        (changed(importance_before=[]), "importance_before"),
        ('{"schema": "framework-advisor/session/1", "answers": 5}', "str"),
        ('{"schema": "framework-advisor/session/1", "answers": "a: [1"}', "answers"),
        ('{"schema": "framework-advisor/session/1", "answers": "answers: {goal: lern}"}', "learn"),
        ('{"schema": "framework-advisor/session/0"}', "no session format"),
        ('{"schema": "framework-advisor/session/two"}', "no session format"),
        ('{"schema": "framework-advisor/session/2", "answers": ' + "[" * 100_000, "given.json"),
        ('{"schema": "framework-advisor/session/2", "notes": "' + "x" * 5_000_000 + '"}', "larger"),
        (b'{"schema": "framework-advisor/session/2", "notes": "\xff\xfe"}', "given.json"),
        ('{"schema": "somebody-else/\\u001b[31m"}', "can be opened"),
    ],
)
def test_a_damaged_or_hostile_session_is_one_clear_line(text, told, knowledge, tmp_path):
    path = written(tmp_path, text)
    with pytest.raises(SessionError) as caught:
        open_file(path, knowledge)
    message = str(caught.value)
    assert told in message
    assert message.startswith(str(path))
    assert message.isprintable()
    assert len(message) < 1200


@pytest.mark.parametrize(
    "part", ['"machine": {"schema": "framework-advisor/machine/9"}', '"machine": 7']
)
def test_the_machine_in_a_session_is_checked_as_a_machine_file_is(part, knowledge, tmp_path):
    text = changed()[:-1].replace('"machine": null', part) + "}"
    path = written(tmp_path, text)
    with pytest.raises(MachineFileError, match="machine"):
        open_file(path, knowledge)


def test_a_machine_with_an_absurd_number_is_refused(knowledge, machine, tmp_path):
    path = tmp_path / "mine.json"
    save_session(path, session(machine=msgspec.structs.replace(machine, seconds=1e30)))
    with pytest.raises(MachineFileError, match="seconds"):
        open_file(path, knowledge)


def test_whatever_is_cut_or_flipped_it_is_a_session_or_a_clear_error(knowledge, tmp_path):
    save_session(tmp_path / "whole.json", session(what_ifs=(what_if(),), notes="a note"))
    whole = (tmp_path / "whole.json").read_bytes()
    dice = random.Random(20261121)
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        path = written(tmp_path, bytes(data[: dice.randint(1, len(data))]))
        with contextlib.suppress(SessionError, MachineFileError, InputError):
            assert isinstance(open_file(path, knowledge).answers, Answers)


def test_a_report_can_be_opened_to_go_on_from_its_inputs(knowledge, machine, tmp_path):
    kept = (what_if(),)
    recommendation = advise(knowledge, ANSWERS, machine, date(2026, 11, 21), draws=100)
    report = build(recommendation, knowledge, machine, what_ifs=kept * 200, notes="x" * 200_000)
    path = tmp_path / "report.json"
    path.write_bytes(to_json(report))
    opened = open_file(path, knowledge)
    assert opened.answers == recommendation.answers
    assert opened.machine == machine
    assert (opened.what_ifs, len(opened.notes)) == (kept * MOST_WHAT_IFS, LONGEST_NOTES)
    assert not opened.is_session
    path.write_bytes(to_json(report)[:-1000])
    with pytest.raises(ReportError, match=r"report\.json"):
        open_file(path, knowledge)


@pytest.mark.skipif(os.name == "nt", reason="pipes are files on POSIX")
def test_a_pipe_is_refused_and_not_waited_for(knowledge, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(OSError, match="not a file"):
            open_file(path, knowledge)


def test_a_full_disk_leaves_the_session_that_was_there(knowledge, tmp_path, monkeypatch):
    path = tmp_path / "mine.json"
    save_session(path, session(notes="old"))

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="the disk is full"):
        save_session(path, session(notes="new"))
    assert open_file(path, knowledge).notes == "old"


def test_a_label_says_what_was_changed(knowledge):
    after = msgspec.structs.replace(
        ANSWERS,
        importance={"people": 2, "run": 2},
        answers={**ANSWERS.answers, "deployment": ("ios",), "goal": "unknown"},
        must_use=(),
        exclude={},
    )
    label = label_of(knowledge, ANSWERS, after)
    group = next(one.name for one in knowledge.groups if one.id == "run")
    assert f"{group} counts four times" in label
    assert "counts as answered" in label
    assert ": iOS" in label or "iPhone" in label
    assert "not known" in label
    assert "any framework" in label
    assert label_of(knowledge, ANSWERS, ANSWERS) == "The answers as given"


# Kept without being asked


def test_every_run_keeps_its_own_and_the_last_ones_stay():
    paths = [new_kept_path(datetime(2026, 11, 21, 12, second, tzinfo=UTC)) for second in range(9)]
    for at, path in enumerate(paths):
        save_session(path, session(notes=str(at)))
        os.utime(path, ns=(at * 10**9, at * 10**9))
    (kept_folder() / "notes of my own.json").write_text("{}")
    assert kept_sessions() == paths[::-1]
    let_old_ones_go()
    assert kept_sessions() == paths[::-1][:MOST_KEPT]
    assert (kept_folder() / "notes of my own.json").exists()


def test_without_a_folder_nothing_is_kept():
    assert kept_sessions() == []
    let_old_ones_go()
