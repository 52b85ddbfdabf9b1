"""The history as a person uses it in the window: listed, opened, compared, deleted, over time."""

import msgspec
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QAction

from app.history import add_machine, add_report, read_history
from app.paths import history_folder
from app.report import build, to_json
from probes.results import decode_machine


@pytest.fixture
def machines():
    """The recorded run and one with a newer PyTorch that takes a quarter longer."""
    from pathlib import Path

    path = Path(__file__).resolve().parents[2] / "data" / "machine_quick.json"
    before = decode_machine(path.read_bytes(), path.name)
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
    return before, after


@pytest.fixture
def dialog(loaded_window, loaded, settle, machines):
    """The history of two runs, and of a file that is none of ours."""
    for one in machines:
        add_machine(one)
    (history_folder() / "foreign.json").write_text("{")
    action = next(one for one in loaded_window.findChildren(QAction) if "History" in one.text())
    action.trigger()
    settle(loaded)
    yield loaded_window._history
    loaded_window._history.close()


def choose(dialog, *rows):
    model = dialog.table.model()
    dialog.table.clearSelection()
    for row in rows:
        dialog.table.selectionModel().select(
            model.index(row, 0),
            QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
        )


def test_runs_are_listed_and_what_cannot_be_read_is_named(dialog):
    newest, first = dialog.table.shown()
    assert newest[0] == "2026-12-21 11:26:36"
    assert first[:3] == ["2026-11-21 11:26:36", "run, quick", ""]
    assert "PyTorch 2.13.0+cpu" in first[3]
    assert first[4] == "AMD EPYC, 2 cores, 24 GiB, linux"
    assert dialog.left_out.isVisible()
    assert "foreign.json" in dialog.left_out.text.text()


def test_a_slower_upgrade_is_said_and_marked(dialog):
    texts = [dialog._slower.itemAt(at).widget().text() for at in range(dialog._slower.count())]
    slower = "PyTorch, eager CNN training on processor takes 1.25 times as long with 2.15.0"
    assert any(slower in one for one in texts), texts
    assert dialog.workload.findText("CNN training") >= 0
    dialog.workload.setCurrentIndex(dialog.workload.findData("cnn_train"))
    dialog.framework.setCurrentIndex(dialog.framework.findData("pytorch"))
    dialog._show_trends()
    assert dialog.chart.accessibleDescription() == (
        "PyTorch, eager · CNN training · processor: 2026-11-21  2.13.0+cpu 9.80 ms, "
        "2026-12-21  2.15.0 slower: 12.3 ms"
    )


def test_a_run_is_opened_as_the_machine_that_counts(dialog, loaded, loaded_window, qtbot, machines):
    choose(dialog, 1)
    with qtbot.waitSignal(loaded.file_opened):
        dialog.open_entry.click()
    assert loaded.machine == machines[0]


def test_a_report_is_opened_with_its_answers(dialog, loaded, qtbot, settle):
    loaded.set_answer("work", "scratch")
    loaded.set_notes("agreed on Monday")
    settle(loaded)
    given = loaded.recommendation.answers
    report = build(loaded.recommendation, loaded.knowledge, notes=loaded.notes)
    path = add_report(to_json(report))
    with qtbot.waitSignal(loaded.history_changed):
        loaded.add_report_to_history(report)
    settle(loaded)
    loaded.start_anew()
    row = next(at for at, one in enumerate(dialog.table.shown()) if one[1] == "report")
    choose(dialog, row)
    with qtbot.waitSignal(loaded.file_opened):
        dialog.open_entry.click()
    assert loaded.answers == given
    assert loaded.notes == "agreed on Monday"
    assert path.exists()
    settle(loaded)


def test_two_of_a_kind_are_compared_the_older_one_first(dialog, loaded, settle):
    choose(dialog, 0)
    assert not dialog.compare.isEnabled()
    choose(dialog, 0, 1)
    dialog.compare.click()
    settle(loaded)
    assert dialog.compared.isVisible()
    assert "pytorch/eager cnn_train on cpu: 9.80 ms -> 12.3 ms (1.25 x, differs)" in (
        dialog.compared.toPlainText()
    )


def test_deleting_asks_in_place_and_only_then_deletes(dialog, loaded, settle):
    assert not dialog.delete.isEnabled()
    choose(dialog, 0)
    dialog.delete.click()
    assert dialog.question.isVisible()
    assert len(read_history().entries) == 2
    dialog.really.click()
    settle(loaded)
    assert len(read_history().entries) == 1
    assert len(dialog.table.shown()) == 1
    assert not dialog.question.isVisible()


def test_what_goes_wrong_is_told_in_the_dialog(dialog, loaded, settle):
    choose(dialog, 0)
    dialog.delete.click()
    for path in history_folder().glob("*-machine-*"):
        path.unlink()
    dialog.really.click()
    settle(loaded)
    assert dialog.failure.isVisible()
    assert "not in the history" in dialog.failure.text.text()


def test_an_export_is_added_and_the_open_history_shows_it(dialog, loaded, qtbot, settle):
    loaded.set_answer("work", "scratch")
    settle(loaded)
    report = build(loaded.recommendation, loaded.knowledge)
    with qtbot.waitSignal(loaded.history_changed):
        loaded.add_report_to_history(report)
    settle(loaded)
    assert "report" in [one[1] for one in dialog.table.shown()]
    loaded.change_settings(keep_history=False)
    loaded.add_report_to_history(build(loaded.recommendation, loaded.knowledge, notes="other"))
    settle(loaded)
    assert len([one for one in read_history().entries if one.kind == "report"]) == 1


@pytest.mark.parametrize("width", [640, 1000])
def test_nothing_is_cut_off_and_everything_has_a_name(
    width, dialog, loaded, settle, layout_faults, unnamed
):
    dialog.resize(width, 800)
    choose(dialog, 0, 1)
    dialog.compare.click()
    dialog.delete.click()
    settle(loaded)
    assert layout_faults(dialog) == []
    assert unnamed(dialog) == []


def test_the_start_page_leads_to_it_once_there_is_one(
    loaded_window, loaded, machines, qtbot, settle
):
    start = loaded_window.page("start")
    add_machine(machines[0])
    start.refresh()
    rows = [start._files.itemAt(at).widget() for at in range(start._files.count())]
    (row,) = [one for one in rows if one.accessibleName() == "History"]
    row.click()
    settle(loaded)
    assert loaded_window._history.isVisible()
    loaded_window._history.close()


def test_tab_goes_through_the_history_as_it_is_read(dialog, qtbot):
    choose(dialog, 0, 1)
    dialog.delete.click()
    dialog.activateWindow()
    dialog.table.setFocus()
    seen = [dialog.table]
    for _ in range(12):
        qtbot.keyClick(seen[-1], Qt.Key.Key_Tab)
        seen.append(dialog.focusWidget())
    places = [one.mapTo(dialog, one.rect().topLeft()) for one in dict.fromkeys(seen)]
    rows = [at.y() // 20 for at in places]
    start = rows.index(min(rows))
    assert rows[start:] + rows[:start] == sorted(rows)
    assert {dialog.really, dialog.workload, dialog.framework} <= set(seen)
