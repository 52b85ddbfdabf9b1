"""`history` and what `probe` and `recommend` add to it: lists, trends, and deletion that asks."""

import io
import json
import os
import sys
from pathlib import Path

import msgspec
import pytest

from app.__main__ import main
from app.history import KEEP_VARIABLE, add_machine, read_history
from app.paths import history_folder
from app.settings import Settings, save_settings
from probes.results import decode_machine

DATA = Path(__file__).resolve().parents[1] / "data" / "machine_quick.json"
STUDENT = Path(__file__).resolve().parents[2] / "assets" / "examples" / "student.yaml"


@pytest.fixture
def two_versions():
    """The recorded run, and one with a newer PyTorch that takes a quarter longer."""
    before = decode_machine(DATA.read_bytes(), DATA.name)
    after = msgspec.structs.replace(
        before,
        run_id="after",
        finished_utc="2026-12-21T11:26:36+00:00",
        frameworks=tuple(
            msgspec.structs.replace(one, version="2.15.0") if one.framework == "pytorch" else one
            for one in before.frameworks
        ),
        measurements=tuple(
            msgspec.structs.replace(
                one,
                median_seconds=one.median_seconds * 1.25,
                ci95=tuple(each * 1.25 for each in one.ci95),
            )
            if one.framework == "pytorch" and one.ci95
            else one
            for one in before.measurements
        ),
    )
    return [add_machine(one).stem for one in (before, after)]


def said(capsys, *arguments, status=0):
    assert main(list(arguments)) == status
    return capsys.readouterr().out


def refused(capsys, *arguments):
    assert main(list(arguments)) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
    return told.err


def test_the_list_names_each_entry_with_its_versions_and_verdict(two_versions, capsys, tmp_path):
    out = tmp_path / "report.json"
    options = ["--today", "2026-11-21", "--out", str(out)]
    assert main(["recommend", "--answers", str(STUDENT), "--machine", str(DATA), *options]) == 0
    text = said(capsys, "history", "list")
    ids = [line for line in text.splitlines() if not line.startswith(" ")]
    assert [one for one in ids if "-machine-" in one] == two_versions[::-1]
    assert len(ids) == 3
    assert "2026-11-21 11:26:36 UTC  quick on AMD EPYC, 2 cores, 24 GiB, linux" in text
    assert "pytorch 2.13.0+cpu" in text
    assert "report: " in text
    document = json.loads(said(capsys, "history", "list", "--format", "json"))
    verdict = json.loads(out.read_text())["recommendation"]["verdict"]
    (report,) = [one for one in document["entries"] if one["kind"] == "report"]
    assert (report["verdict"], report["verdict_kind"]) == (verdict["framework"], verdict["kind"])


def test_the_report_in_the_history_is_the_one_that_was_written(capsys, tmp_path):
    outs = [tmp_path / "a.json", tmp_path / "a.md"]
    options = [part for out in outs for part in ("--out", str(out))]
    assert main(["recommend", "--answers", str(STUDENT), "--today", "2026-11-21", *options]) == 0
    (entry,) = read_history().entries
    assert (history_folder() / f"{entry.id}.json").read_bytes() == outs[0].read_bytes()


def test_a_redacted_report_is_kept_as_redacted(capsys, tmp_path):
    command = ["recommend", "--answers", str(STUDENT), "--machine", str(DATA), "--redact"]
    assert main([*command, "--out", str(tmp_path / "a.html")]) == 0
    (path,) = [one for one in history_folder().iterdir() if "-report-" in one.name]
    assert "/home/ada" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("switch", ["settings", "environment"])
def test_switched_off_nothing_is_kept(switch, capsys, tmp_path, monkeypatch):
    if switch == "settings":
        save_settings(Settings(keep_history=False))
    else:
        monkeypatch.setenv(KEEP_VARIABLE, "0")
    assert main(["recommend", "--answers", str(STUDENT), "--out", str(tmp_path / "a.json")]) == 0
    assert not history_folder().exists()


def test_a_history_that_cannot_be_written_is_told_and_the_report_is_there(
    capsys, tmp_path, fresh_home
):
    (fresh_home / "data").write_text("a file where the folder should be")
    out = tmp_path / "a.json"
    assert main(["recommend", "--answers", str(STUDENT), "--out", str(out)]) == 0
    assert "not added to the history" in capsys.readouterr().err
    assert out.exists()


def test_a_workload_over_versions_flags_the_upgrade(two_versions, capsys):
    text = said(capsys, "history", "show", "--workload", "cnn_train", "--framework", "pytorch")
    assert text.splitlines()[:4] == [
        "pytorch/eager cnn_train on cpu",
        "    2026-11-21 11:26:36 UTC  2.13.0+cpu: 9.80 ms (9.28 ms to 10.1 ms)",
        "    2026-12-21 11:26:36 UTC  2.15.0: 12.3 ms (11.6 ms to 12.6 ms)",
        "    SLOWER: pytorch/eager cnn_train on cpu takes 1.25 times as long with 2.15.0 as with "
        "2.13.0+cpu.",
    ]
    document = json.loads(said(capsys, "history", "show", "--format", "json"))
    assert {one["mode"] for one in document if one["regressions"]} == {"pytorch/eager"}


def test_a_workload_that_was_never_run_is_told_with_those_that_were(two_versions, capsys):
    message = refused(capsys, "history", "show", "--workload", "cnn_trian")
    assert "cnn_train" in message


def test_what_cannot_be_read_is_listed_as_such(two_versions, capsys):
    (history_folder() / "strange\x1b[31m.json").write_text("{")
    text = said(capsys, "history", "list")
    assert "Left out" in text
    assert "\x1b" not in text


def test_an_empty_history_says_where_it_would_be(capsys, fresh_home):
    assert str(fresh_home / "data" / "history") in said(capsys, "history", "list")
    assert said(capsys, "history", "where").strip() == str(fresh_home / "data" / "history")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_deleting_asks_and_takes_no_for_an_answer(two_versions, capsys, monkeypatch):
    first, second = two_versions
    for answer in ("n\n", "\n", ""):
        monkeypatch.setattr(sys, "stdin", Terminal(answer))
        said(capsys, "history", "delete", first, status=130)
    assert len(read_history().entries) == 2
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    said(capsys, "history", "delete", first)
    assert [one.id for one in read_history().entries] == [second]


def test_without_a_terminal_nothing_is_deleted_unasked(two_versions, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert "--yes" in refused(capsys, "history", "delete", two_versions[0])
    assert "--yes" in refused(capsys, "history", "forget-all")
    assert len(read_history().entries) == 2


def test_of_several_nothing_goes_where_one_is_unknown(two_versions, capsys):
    message = refused(capsys, "history", "delete", "--yes", two_versions[0], "../../settings")
    assert "not in the history" in message
    assert len(read_history().entries) == 2


def test_forget_all_empties_the_folder_and_leaves_what_is_not_ours(two_versions, capsys):
    (history_folder() / "mine.txt").write_text("mine")
    text = said(capsys, "history", "forget-all", "--yes")
    assert text == "2 files deleted\nleft alone, not ours: mine.txt\n"
    assert os.listdir(history_folder()) == ["mine.txt"]
