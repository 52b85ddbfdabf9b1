"""Files: the right format by name, whole or not at all, and one clear line when it cannot be."""

import json
import os
import random
from pathlib import Path

import pytest

from app import report as reports
from app.__main__ import main


@pytest.mark.parametrize(
    ("suffix", "start"),
    [(".html", b"<!DOCTYPE html>"), (".md", b"---\n"), (".json", b"{\n"), (".pdf", b"%PDF")],
)
def test_the_suffix_chooses_the_format(report, tmp_path, suffix, start):
    if suffix == ".pdf":
        pytest.importorskip("typst")
    path = tmp_path / f"report{suffix}"
    reports.write(report, path)
    assert path.read_bytes().startswith(start)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("report.docx", "'.docx'; use .html, .pdf, .md, .json"),
        ("report", "''; use .html, .pdf, .md, .json"),
        ("missing/report.html", "cannot be written: the folder does not exist"),
        ("folder.html", "cannot be written: is a folder"),
    ],
)
def test_what_cannot_be_written_is_said_in_one_line_before_anything_is(
    report, tmp_path, name, message
):
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(reports.ReportError, match=message) as caught:
        reports.write(report, tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.html"]


def test_a_refusing_file_system_leaves_the_old_file(report, tmp_path, monkeypatch):
    path = tmp_path / "report.md"
    path.write_text("old")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(reports.ReportError, match="the disk is full"):
        reports.write(report, path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_json_gives_back_the_same_report_and_the_same_pages(report):
    data = reports.to_json(report)
    again = reports.from_json(data, "report.json")
    assert again == report
    assert reports.to_json(again) == data
    assert reports.to_html(again) == reports.to_html(report)
    assert reports.to_markdown(again) == reports.to_markdown(report)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a report in JSON"),
        (b"{", "not a report in JSON"),
        (b"[" * 100_000, "not a report in JSON"),
        (b"\xff\xfe", "not a report in JSON"),
        (b'{"schema": "framework-advisor/machine/1"}', "'framework-advisor/machine/1' is not"),
        (b'{"schema": "framework-advisor/report/2"}', "'framework-advisor/report/2' is not"),
        (b'{"schema": "framework-advisor/report/1"}', "damaged report: .*missing required field"),
    ],
)
def test_a_foreign_or_damaged_file_is_named(data, message):
    with pytest.raises(reports.ReportError, match=message) as caught:
        reports.from_json(data, "theirs.json")
    assert str(caught.value).startswith("theirs.json: ")


def test_a_wrong_type_names_its_place(report):
    data = reports.to_json(report).replace(b'"draws": 10000', b'"draws": "many"')
    with pytest.raises(reports.ReportError, match=r"draws"):
        reports.from_json(data, "report.json")


def test_an_unknown_key_is_refused(report):
    data = reports.to_json(report).replace(b'"redacted": false', b'"redacted": false, "extra": 1')
    with pytest.raises(reports.ReportError, match="extra"):
        reports.from_json(data, "report.json")


def test_a_file_damaged_anywhere_is_a_report_or_a_clear_error(report):
    whole = reports.to_json(report)
    chance = random.Random(20261121)
    messages = []
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(data))
            damage = chance.choice((b"", b"\x00", b"9" * 40, b"[" * 2000, b'"', b"-1e999", b"null"))
            data[place : place + chance.randint(0, 8)] = damage
        try:
            reports.from_json(bytes(data), "theirs.json")
        except reports.ReportError as error:
            messages.append(str(error))
    assert len(messages) > 100
    assert all(one.startswith("theirs.json: ") and len(one) < 500 for one in messages)
    assert all(one.isprintable() for one in messages)


def test_summary_on_the_command_line_gives_one_page_and_a_whole_json(tmp_path, capsys):
    student = Path(__file__).resolve().parents[3] / "assets" / "examples" / "student.yaml"
    outs = {suffix: tmp_path / f"report{suffix}" for suffix in (".md", ".html", ".json")}
    options = [part for out in outs.values() for part in ("--out", str(out))]
    command = ["recommend", "--answers", str(student), "--today", "2026-11-21", "--summary"]
    assert main([*command, *options]) == 0
    assert capsys.readouterr().out == ""
    markdown = outs[".md"].read_text(encoding="utf-8")
    assert "### How to check this" in markdown
    assert "### Sources" not in markdown
    assert len(markdown.splitlines()) < 150
    assert 'id="sources"' not in outs[".html"].read_text(encoding="utf-8")
    report = reports.from_json(outs[".json"].read_bytes(), "report.json")
    assert "sources" in [one.id for one in report.sections]


def test_the_schema_of_a_report_names_every_part(capsys, report):
    assert main(["schema", "report"]) == 0
    schema = json.loads(capsys.readouterr().out)
    properties = schema["$defs"]["Report"]["properties"]
    assert set(json.loads(reports.to_json(report))) == set(properties)
    tags = {
        one["properties"]["type"]["const"]
        if "const" in one["properties"]["type"]
        else one["properties"]["type"]["enum"][0]
        for name, one in schema["$defs"].items()
        if name in ("Paragraph", "Bullets", "Subheading", "Command", "Table", "Chart")
    }
    assert tags == {"paragraph", "bullets", "subheading", "command", "table", "chart"}
