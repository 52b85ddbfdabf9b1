"""A report or machine file from a stranger: a clear error or inert text, whatever stands in it."""

import random
import re
from copy import deepcopy
from datetime import date
from pathlib import Path

import msgspec
import pytest

import rules
from app import report as reports
from app.__main__ import main
from app.advice import advise
from app.report.compare import compare_machines, compare_reports, machine_lines, report_lines
from app.report.replay import lines, replay
from probes.results import MachineFileError, decode_machine, encode_machine

ROOT = Path(__file__).resolve().parents[3]
LONGEST_TEXT = 100_000
TOO_DEEP = b'{"schema": "framework-advisor/report/1", "title": ' + b"[" * 100_000


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


NASTY = (
    None,
    True,
    -1,
    0,
    1e308,
    -1e308,
    5e-324,
    10**18,
    2**63,
    "",
    "x" * 5000,
    "<script>alert(1)</script>",
    "\x1b]0;owned\x07\x1b[31mred",
    "#panic() $x$ `]#[",
    "9999-12-31",
    "0001-01-01",
    "pytorch",
    [],
    {},
    [[]],
    nested(500),
    ["a"] * 3,
    {"a": 1},
)


@pytest.fixture(scope="module")
def real():
    return rules.load_knowledge()


@pytest.fixture(scope="module")
def recorded():
    data = ROOT / "tests" / "data" / "machine_quick.json"
    return decode_machine(data.read_bytes(), data.name)


@pytest.fixture(scope="module")
def report(real, recorded):
    answers = rules.load_answers(ROOT / "assets" / "examples" / "student.yaml", real)
    decision = advise(real, answers, recorded, date(2026, 11, 21), draws=50)
    return reports.build(decision, real, recorded)


def places(value, path=()):
    """The path of every field, from the outermost in."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*path, index))


def damaged(plain, groups, chance):
    """The document with one field replaced, removed or added; and which."""
    document = deepcopy(plain)
    path = chance.choice(groups[chance.choice(list(groups))])
    place = document
    for step in path[:-1]:
        place = place[step]
    what = chance.random()
    if what < 0.15:
        del place[path[-1]]
    elif what < 0.25 and isinstance(place, dict):
        place["\x1b[2Jnew"] = chance.choice(NASTY)
    else:
        place[path[-1]] = chance.choice(NASTY)
    return path, msgspec.json.encode(document)


def in_groups(plain):
    """Paths by their beginning, so that long lists do not get all of the attention."""
    groups = {}
    for path in places(plain):
        groups.setdefault(path[:2], []).append(path)
    return groups


def is_inert(text):
    return all(sign.isprintable() or sign == "\n" for sign in text)


def look_at_damaged_reports(report, real, seed, count):
    plain = msgspec.json.decode(reports.to_json(report))
    groups, chance = in_groups(plain), random.Random(seed)
    seen = {"refused": 0, "told": 0}
    for _ in range(count):
        path, data = damaged(plain, groups, chance)
        try:
            read = reports.from_json(data, "r.json")
            result = replay(read, real)
            compared = [
                *report_lines(compare_reports(report, read, real)),
                *report_lines(compare_reports(read, report, real)),
            ]
        except reports.ReportError as refused:
            said = str(refused)
            seen["refused"] += 1
        else:
            said = "\n".join([*lines(result), *compared])
            seen["told"] += 1
            # A field that was left out and has a default is no change.
            assert result.found or read == report, f"{path}: changed, and nobody said so"
        assert is_inert(said), path
        assert len(said) < LONGEST_TEXT, path
    return seen


def test_a_damaged_report_is_refused_or_the_damage_is_told(report, real):
    seen = look_at_damaged_reports(report, real, seed=7, count=60)
    assert min(seen.values()) > 5


@pytest.mark.slow
def test_a_thousand_damaged_reports_are_refused_or_told(report, real):
    look_at_damaged_reports(report, real, seed=8, count=1000)


def look_at_damaged_machines(recorded, seed, count):
    plain = msgspec.json.decode(encode_machine(recorded))
    groups, chance = in_groups(plain), random.Random(seed)
    seen = {"refused": 0, "read": 0}
    for _ in range(count):
        path, data = damaged(plain, groups, chance)
        try:
            machine = decode_machine(data, "m.json")
        except MachineFileError as refused:
            said = str(refused)
            seen["refused"] += 1
        else:
            there = machine_lines(compare_machines(recorded, machine))
            said = "\n".join([*there, *machine_lines(compare_machines(machine, recorded))])
            seen["read"] += 1
        assert is_inert(said), path
        assert len(said) < LONGEST_TEXT, path
    return seen


def test_a_damaged_machine_file_is_refused_or_compares_inertly(recorded):
    seen = look_at_damaged_machines(recorded, seed=3, count=150)
    assert min(seen.values()) > 20


def test_broken_bytes_never_give_anything_but_our_error(report):
    whole, chance = reports.to_json(report), random.Random(5)
    for _ in range(60):
        at = chance.randrange(len(whole))
        data = bytearray(whole)
        kind = chance.randrange(3)
        if kind == 0:
            del data[at:]
        elif kind == 1:
            data[at] ^= 1 << chance.randrange(8)
        else:
            data[at:at] = chance.randbytes(8)
        try:
            said = reports.from_json(bytes(data), "r.json").schema
        except reports.ReportError as refused:
            said = str(refused)
        assert is_inert(said)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 100,
        b"[]",
        b"null",
        b'"framework-advisor/report/1"',
        b'{"schema": 1}',
        b'{"schema": "framework-advisor/report/99"}',
        b'{"schema": "framework-advisor/answers/1"}',
        b'{"schema": "\x1b[31m"}',
        "ÿþ{".encode("utf-16"),
        TOO_DEEP,
        b'{"schema": "framework-advisor/report/1", "title": 1e999}',
        b'{"schema": "framework-advisor/report/1", "title": NaN}',
    ],
    ids=range(13),
)
@pytest.mark.parametrize("command", ["replay", "compare"])
def test_what_is_no_report_is_one_clear_line(tmp_path, capsys, command, data):
    path = tmp_path / "r.json"
    path.write_bytes(data)
    files = [str(path)] * (2 if command == "compare" else 1)
    assert main([command, *files]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert str(path) in said.err
    assert is_inert(said.err)


def test_a_name_of_a_file_does_not_steer_the_terminal(tmp_path, capsys):
    path = tmp_path / "a\x1b[2Jb.json"
    path.write_text("{}")
    assert main(["replay", str(path)]) == 2
    assert is_inert(capsys.readouterr().err)


def test_a_file_without_an_end_is_refused_after_what_a_report_may_hold(tmp_path, capsys):
    path = tmp_path / "endless.json"
    with path.open("wb") as file:
        file.truncate(50 * 2**30)
    assert main(["replay", str(path)]) == 2
    assert "larger than" in capsys.readouterr().err


def test_a_report_that_asks_for_endless_draws_is_refused(report, real):
    plain = msgspec.json.decode(reports.to_json(report))
    plain["recommendation"]["made"]["draws"] = 10**7
    greedy = reports.from_json(msgspec.json.encode(plain), "r.json")
    with pytest.raises(reports.ReportError, match=re.escape("made.draws")):
        replay(greedy, real)
