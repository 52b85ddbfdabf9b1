"""The report page: preview, format, redaction, export and what can go wrong with it."""

import json

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel

from app.gui.pages.report import Page
from rules.model import Answers

SIZES = [(808, 560), (2300, 1400)]


@pytest.fixture
def page(session, shown, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return shown(Page(session))


@pytest.fixture
def ready(page, give, recommend, session, measured, qtbot):
    """The page with a recommendation, its preview shown."""
    session.machine = measured
    give(recommend())
    qtbot.waitUntil(lambda: bool(page.text.toPlainText()), timeout=30_000)
    return page


def said(widget):
    return "\n".join(read_out(one) for one in widget.findChildren(QLabel) if one.isVisible())


def read_out(label):
    """A path that is too long for its line is whole where a screen reader reads it."""
    return label.accessibleName() or label.text()


def exported(page, qtbot):
    """Wait for an export to end, well or badly."""
    qtbot.waitUntil(lambda: page.written.isVisible() or page.error.isVisible(), timeout=60_000)


def test_without_a_recommendation_the_page_says_what_to_do(page, session, qtbot):
    assert "Nothing to report yet" in said(page)
    with qtbot.waitSignal(session.show_step) as asked:
        qtbot.mouseClick(page.go_to_questions, Qt.MouseButton.LeftButton)
    assert asked.args == ["questions"]


def test_the_preview_shows_the_verdict_and_its_reasons(ready):
    shown = ready.text.toPlainText()
    assert "PyTorch" in shown
    assert "Apache MXNet was retired and gets no fixes." in shown


@pytest.mark.parametrize("suffix", [".html", ".md", ".json"])
def test_each_format_is_written(suffix, ready, tmp_path, qtbot):
    ready.formats[suffix].setChecked(True)
    assert ready.path.text() == str(tmp_path / f"framework-advisor-report{suffix}")
    qtbot.mouseClick(ready.export, Qt.MouseButton.LeftButton)
    exported(ready, qtbot)
    assert not ready.error.isVisible()
    content = (tmp_path / f"framework-advisor-report{suffix}").read_text(encoding="utf-8")
    starts = {".html": "<!doctype html>", ".md": "", ".json": "{"}
    assert content.lower().startswith(starts[suffix])
    assert "PyTorch" in content
    assert str(tmp_path) in said(ready)


def test_json_is_previewed_as_the_file_will_be(ready, qtbot):
    ready.formats[".json"].setChecked(True)
    qtbot.waitUntil(lambda: ready.code.toPlainText().startswith("{"), timeout=30_000)
    assert json.loads(ready.code.toPlainText())["schema"].startswith("framework-advisor/report/")


def test_redaction_takes_folders_out_of_what_is_written(ready, tmp_path, qtbot):
    ready.formats[".json"].setChecked(True)
    for redact, holds in ((False, True), (True, False)):
        ready.redact.setChecked(redact)
        ready.export.click()
        exported(ready, qtbot)
        content = (tmp_path / "framework-advisor-report.json").read_text(encoding="utf-8")
        assert ("/home/ada" in content) == holds


def test_enter_in_the_path_field_exports(ready, tmp_path, qtbot):
    ready.path.setText(str(tmp_path / "mine.md"))
    qtbot.keyClick(ready.path, Qt.Key.Key_Return)
    exported(ready, qtbot)
    assert (tmp_path / "mine.md").is_file()


def test_the_suffix_that_is_typed_decides_the_format(ready, tmp_path, qtbot):
    ready.path.clear()
    qtbot.keyClicks(ready.path, str(tmp_path / "record.md"))
    assert ready.suffix() == ".md"


def test_a_file_is_chosen_with_the_chooser(ready, tmp_path, monkeypatch):
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "chosen.json"), "")
    )
    ready._on_choose()
    assert ready.path.text() == str(tmp_path / "chosen.json")
    assert ready.suffix() == ".json"


@pytest.mark.parametrize("name", ["missing/report.html", "report.docx", "."])
def test_what_cannot_be_written_is_told_in_place_and_can_be_mended(name, ready, tmp_path, qtbot):
    ready.path.setText(str(tmp_path / name))
    ready.export.click()
    exported(ready, qtbot)
    assert str(tmp_path) in read_out(ready.error.text)
    assert list(tmp_path.iterdir()) == []
    ready.path.setText(str(tmp_path / "good.md"))
    ready.export.click()
    qtbot.waitUntil(lambda: ready.written.isVisible(), timeout=60_000)
    assert not ready.error.isVisible()


def test_a_folder_that_is_not_writable_is_told_in_place(ready, tmp_path, monkeypatch, qtbot):
    def refuse(path, data):
        raise PermissionError(13, "Permission denied", str(path))

    # Root may write anywhere, so the refusal is the file system's only by proxy.
    monkeypatch.setattr("app.report.writing.write_atomically", refuse)
    ready.export.click()
    exported(ready, qtbot)
    assert "Permission denied" in ready.error.text.text()
    assert ready.export.isEnabled()


def test_while_a_round_runs_nothing_is_drawn_and_the_page_says_why(ready, session, give, recommend):
    session.probing = True
    give(recommend())
    assert not ready.export.isEnabled()
    assert "when the measurement has ended" in said(ready)
    session.probing = False
    session.probe_finished.emit()
    assert ready.export.isEnabled()


def test_what_is_pretended_stays_out_of_the_report_and_the_page_says_so(
    ready, session, give, recommend, tmp_path, qtbot, monkeypatch
):
    assert "pretending" not in said(ready)
    given = recommend()
    asked = []
    monkeypatch.setattr("app.advice.advise", lambda *inputs: asked.append(inputs) or given)
    session.set_answer("work", "scratch")
    session.pretend("work", "fine_tune")
    pretended = Answers(answers={"work": "fine_tune"})
    give(msgspec.structs.replace(given, answers=pretended))
    assert "You are pretending other answers" in said(ready)
    ready.formats[".json"].setChecked(True)
    ready.export.click()
    exported(ready, qtbot)
    assert {one[1].answers["work"] for one in asked} == {"scratch"}
    written = json.loads((tmp_path / "framework-advisor-report.json").read_text(encoding="utf-8"))
    assert written["recommendation"]["answers"] == json.loads(msgspec.json.encode(given.answers))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_is_cut_off(size, ready, tmp_path, qtbot, at_rest, layout_faults, unnamed):
    missing = tmp_path.joinpath(*["a-folder-of-a-very-long-name"] * 12, "report.html")
    ready.path.setText(str(missing))
    ready.export.click()
    exported(ready, qtbot)
    ready.resize(*size)
    at_rest()
    assert layout_faults(ready) == []
    assert unnamed(ready) == []
    assert "…" in ready.error.text.text()
    assert str(missing.parent) in ready.error.text.toolTip()


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_where_a_report_was_written_is_told_in_however_long_a_path(
    size, ready, tmp_path, qtbot, at_rest, layout_faults
):
    folder = tmp_path.joinpath(*["a-folder-of-a-very-long-name"] * 12)
    folder.mkdir(parents=True)
    ready.path.setText(str(folder / "record.md"))
    ready.export.click()
    exported(ready, qtbot)
    ready.resize(*size)
    at_rest()
    assert layout_faults(ready) == []
    assert "…" in ready.written.text()
    assert f"Written to {folder / 'record.md'}." == ready.written.toolTip()


def test_one_page_is_previewed_and_written_in_its_short_form(ready, tmp_path, qtbot):
    ready.formats[".md"].setChecked(True)
    whole = ready.text.toPlainText()
    assert "Pros and Cons of the Options" in whole
    ready.one_page.setChecked(True)
    qtbot.waitUntil(lambda: "How to check this" in ready.text.toPlainText(), timeout=30_000)
    assert "Pros and Cons of the Options" not in ready.text.toPlainText()
    qtbot.mouseClick(ready.export, Qt.MouseButton.LeftButton)
    exported(ready, qtbot)
    content = (tmp_path / "framework-advisor-report.md").read_text(encoding="utf-8")
    assert "### How to check this" in content
    assert len(content) < len(whole) / 2


def test_json_is_whole_and_the_page_says_so(ready, tmp_path, qtbot):
    ready.one_page.setChecked(True)
    ready.formats[".json"].setChecked(True)
    assert not ready.one_page.isEnabled()
    assert "JSON is always whole" in said(ready)
    qtbot.mouseClick(ready.export, Qt.MouseButton.LeftButton)
    exported(ready, qtbot)
    written = json.loads((tmp_path / "framework-advisor-report.json").read_text(encoding="utf-8"))
    assert written["sections"]
    assert written["one_page"]
    ready.formats[".html"].setChecked(True)
    assert ready.one_page.isEnabled()
    assert "JSON is always whole" not in said(ready)
