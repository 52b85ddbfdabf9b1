"""The starter page: choosing, looking, saving without destroying anything, running and stopping."""

import sys
import textwrap
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app import starter
from app.gui.pages.starter import FILE, Page
from app.gui.starter.loss_curve import point_of

SIZES = [(808, 560), (2300, 1400)]


@pytest.fixture
def page(session, shown):
    page = shown(Page(session))
    yield page
    page.run_process.stop_and_wait()


@pytest.fixture
def here(looked):
    """A machine whose environments hold PyTorch in the interpreter of these tests."""
    environment = msgspec.structs.replace(looked.environments[0], python=sys.executable)
    return msgspec.structs.replace(looked, environments=(environment,))


@pytest.fixture
def project_that(page, session, here, tmp_path, monkeypatch, at_rest):
    """Saves a project whose train.py does what the test says."""

    def project_that(code):
        session.machine = here
        session.machine_changed.emit()
        choose(page.options.framework, "pytorch")
        page.write_to(tmp_path / "project", overwrite=False)
        (tmp_path / "project" / "train.py").write_text(textwrap.dedent(code))
        (tmp_path / "project" / "requirements.txt").write_text("")
        at_rest()

    return project_that


def choose(combo, identifier):
    at = combo.findData(identifier)
    assert at >= 0, f"{identifier} is not offered"
    combo.setCurrentIndex(at)
    combo.activated.emit(at)


def said(widget):
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if one.isVisible())


def test_the_recommended_framework_is_chosen_until_another_is(page, give, recommend):
    give(recommend(importance={"people": 2}))
    assert page.options.framework.currentData() == "keras"
    choose(page.options.framework, "jax")
    give(recommend())
    assert page.options.framework.currentData() == "jax"


def test_every_framework_offered_can_be_looked_at(page):
    for at in range(page.options.framework.count()):
        page.options.framework.setCurrentIndex(at)
        assert not page.problem.isVisible()
        assert page.code.toPlainText()


def test_the_preview_shows_the_file_that_is_chosen_in_the_tree(page):
    project = starter.prepare(page.options.request({}))
    item = page.files.findItems("README.md", Qt.MatchFlag.MatchExactly)[0]
    page.files.setCurrentItem(item)
    assert page.code.toPlainText() == project.files["README.md"].rstrip("\x00")


def test_the_opened_file_stays_open_when_the_framework_changes(page):
    item = page.files.findItems("model.py", Qt.MatchFlag.MatchExactly)[0]
    page.files.setCurrentItem(item)
    before = page.code.toPlainText()
    choose(page.options.framework, "jax")
    assert page.files.currentItem().data(0, FILE) == "model.py"
    assert page.code.toPlainText() != before


def test_it_says_whether_the_choice_has_been_executed(page, at_rest):
    at_rest()
    executed = page._project.executed
    assert executed in said(page)
    assert executed.startswith("Executed with" if page._project.was_executed else "Not executed")
    badge = "executed" if page._project.was_executed else "not executed here"
    assert page.executed.text() == badge


def test_a_target_without_a_starter_is_not_offered_and_says_why(page, at_rest):
    choose(page.options.framework, "pytorch")
    assert page.options.target.findData("llm_server") < 0
    page.options.missing.open()
    at_rest()
    assert "there is nothing to train" in said(page.options)


def test_save_writes_all_files(page, tmp_path, qtbot):
    page.folder.setText(str(tmp_path / "new" / "project"))
    qtbot.mouseClick(page.save, Qt.MouseButton.LeftButton)
    assert (tmp_path / "new" / "project" / "train.py").is_file()
    assert (tmp_path / "new" / "project" / "tests" / "test_project.py").is_file()
    assert f"in {tmp_path / 'new' / 'project'}." in said(page)


def test_enter_in_the_folder_field_saves(page, tmp_path, qtbot):
    page.folder.setText(str(tmp_path / "project"))
    qtbot.keyClick(page.folder, Qt.Key.Key_Return)
    assert (tmp_path / "project" / "train.py").is_file()


def test_a_folder_that_holds_something_is_left_alone_until_asked(page, tmp_path, qtbot):
    (tmp_path / "train.py").write_text("mine")
    (tmp_path / "notes.txt").write_text("mine too")
    page.folder.setText(str(tmp_path))
    page.save.click()
    assert (tmp_path / "train.py").read_text() == "mine"
    assert "is not empty" in said(page.save_error)
    qtbot.mouseClick(page.overwrite, Qt.MouseButton.LeftButton)
    assert (tmp_path / "train.py").read_text() != "mine"
    assert (tmp_path / "notes.txt").read_text() == "mine too"
    assert not page.save_error.isVisible()


def test_a_place_that_cannot_be_written_is_told_in_place(page, tmp_path):
    (tmp_path / "file").write_text("")
    page.folder.setText(str(tmp_path / "file" / "project"))
    page.save.click()
    assert str(tmp_path / "file") in said(page.save_error)
    assert not page.overwrite.isVisible()
    assert page.save.isEnabled()


def test_what_is_run_is_saved_first(page, session, here, tmp_path, monkeypatch, qtbot):
    session.machine = here
    session.machine_changed.emit()
    choose(page.options.framework, "pytorch")
    started = []
    monkeypatch.setattr(page.run_process, "start", lambda *where: started.append(where))
    page.folder.setText(str(tmp_path / "project"))
    assert page.run.text() == "Save and run"
    qtbot.mouseClick(page.run, Qt.MouseButton.LeftButton)
    assert (tmp_path / "project" / "train.py").is_file()
    assert started == [(tmp_path / "project", Path(sys.executable))]
    assert page.run.text() == "Run"


def test_what_cannot_be_saved_is_not_run(page, session, here, tmp_path, monkeypatch, qtbot):
    session.machine = here
    session.machine_changed.emit()
    choose(page.options.framework, "pytorch")
    started = []
    monkeypatch.setattr(page.run_process, "start", lambda *where: started.append(where))
    (tmp_path / "mine.txt").write_text("not to be touched")
    page.folder.setText(str(tmp_path))
    qtbot.mouseClick(page.run, Qt.MouseButton.LeftButton)
    assert started == []
    assert page.save_error.isVisible()
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]


def test_without_an_interpreter_it_says_what_to_do(page, tmp_path):
    page.write_to(tmp_path / "project", overwrite=False)
    assert not page.run.isEnabled()
    assert "No interpreter with this framework was found" in said(page)


def test_a_run_prints_live_and_ends_with_its_figures(page, project_that, session, qtbot):
    project_that("""
        print("epoch 1", flush=True)
        print('{"loss": 0.25, "accuracy": 0.9}')
    """)
    page.run.click()
    qtbot.waitUntil(lambda: not page.run_process.is_running(), timeout=60_000)
    assert "epoch 1" in page.log.toPlainText()
    assert "It runs" in page.outcome.text()
    assert "loss 0.25" in page.outcome.text()
    assert session.starter_outcome.metrics == {"loss": 0.25, "accuracy": 0.9}
    assert page.run.isEnabled()


def test_another_choice_says_which_files_it_changes_and_shows_their_lines(page, at_rest):
    choose(page.options.framework, "pytorch")
    choose(page.options.task, "tabular")
    before = dict(page._project.files)
    choose(page.options.framework, "jax")
    at_rest()
    after = page._project.files
    differing = {name for name in before if name in after and before[name] != after[name]}
    assert "train.py" in differing
    for name in differing:
        assert name in page.changed.text()
    marked = {
        item.text(0)
        for item in page.files.findItems(
            "changed", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive
        )
    }
    assert len(marked) == len(differing)
    assert page.code.toPlainText() == after["train.py"]
    page.only_changes.setChecked(True)
    lines = page.code.toPlainText().splitlines()
    assert "-import torch" in lines
    assert "+import jax" in lines
    page.only_changes.setChecked(False)
    assert page.code.toPlainText() == after["train.py"]


def test_before_a_choice_was_changed_there_is_no_difference_to_show(page, at_rest):
    at_rest()
    assert not page.changed.isVisible()
    assert not page.only_changes.isVisible()


def test_the_loss_is_drawn_as_it_is_printed(page, project_that, qtbot):
    project_that("""
        print("reading data", flush=True)
        print("epoch   1  loss 0.5700  validation loss 0.7124", flush=True)
        print("epoch   2  loss 0.3334  validation loss 0.5127", flush=True)
        print('{"first_loss": 0.57, "last_loss": 0.33}')
    """)
    assert not page.curve.isVisible()
    page.run.click()
    qtbot.waitUntil(lambda: not page.run_process.is_running(), timeout=60_000)
    assert page.curve.isVisible()
    assert page.curve.points == [(1, 0.57, 0.7124), (2, 0.3334, 0.5127)]
    assert page.curve.accessibleName() == "Training loss, 2 values: first 0.57, last 0.333"
    page.run.click()
    qtbot.waitUntil(lambda: not page.run_process.is_running(), timeout=60_000)
    assert len(page.curve.points) == 2


@pytest.mark.parametrize(
    ("line", "point"),
    [
        ("step   2000  loss 1.25e-01  mean return 35.0", (2000, 0.125, None)),
        ("epoch 3  loss nan  validation loss 0.5", (3, None, 0.5)),
        ("Epoch 4  loss: 0.5  val_loss: 0.75", (4, 0.5, 0.75)),
        ("epoch 5", None),
        ("the loss is 0.4", None),
        ('{"loss": 0.25}', None),
    ],
)
def test_a_line_that_tells_no_loss_is_no_point(line, point):
    assert point_of(line) == point


def test_a_run_that_fails_says_so_and_shows_its_last_words(page, project_that, qtbot):
    project_that("raise SystemExit('no such data')")
    page.run.click()
    qtbot.waitUntil(lambda: not page.run_process.is_running(), timeout=60_000)
    assert "exit status 1" in page.outcome.text()
    assert "no such data" in page.log.toPlainText()


def test_stop_ends_a_run_that_would_not_end(page, project_that, qtbot):
    project_that("""
        import time
        print("started", flush=True)
        while True:
            time.sleep(0.05)
    """)
    page.run.click()
    qtbot.waitUntil(lambda: "started" in page.log.toPlainText(), timeout=60_000)
    qtbot.mouseClick(page.stop, Qt.MouseButton.LeftButton)
    assert not page.stop.isEnabled()
    qtbot.waitUntil(lambda: not page.run_process.is_running(), timeout=60_000)
    assert page.outcome.text() == "Stopped."
    assert page.run.isEnabled()


def test_an_interpreter_that_is_gone_is_told_in_place(page, project_that, qtbot):
    project_that("")
    page.python.setItemData(0, "/nowhere/python")
    page.run.click()
    qtbot.waitUntil(lambda: not page.run_process.is_running(), timeout=60_000)
    assert "/nowhere/python" in page.outcome.text()


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_is_cut_off(size, page, tmp_path, at_rest, layout_faults, unnamed):
    (tmp_path / "mine").write_text("")
    page.write_to(tmp_path, overwrite=False)
    page.options.missing.open()
    page.resize(*size)
    at_rest()
    assert layout_faults(page) == []
    assert unnamed(page) == []


def test_no_project_is_written_before_save(page, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    choose(page.options.framework, "keras")
    assert list(Path.cwd().iterdir()) == []


def test_a_search_is_offered_where_its_tracker_and_size_allow_it(page):
    def offered():
        return [page.options.search.itemData(at) for at in range(page.options.search.count())]

    choose(page.options.framework, "jax")
    assert offered() == ["none", "optuna"]
    choose(page.options.tracker, "wandb")
    assert offered() == ["none", "optuna", "wandb"]
    choose(page.options.search, "wandb")
    assert not page.problem.isVisible()
    assert page.files.findItems("sweep.py", Qt.MatchFlag.MatchStartsWith)
    assert "## Search: Weights & Biases sweep" in page._project.files["README.md"]
    choose(page.options.tracker, "none")
    assert page.options.search.currentData() == "none"
    assert not page.files.findItems("sweep.py", Qt.MatchFlag.MatchStartsWith)
    choose(page.options.extent, "short")
    assert offered() == ["none"]
    assert not page.options.search.isVisible()
