"""The machine page: what is here, what is wrong and how to mend it, measuring and its results."""

import json

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.gui.machine.measuring import MeasureCard
from app.gui.machine.results import machine_charts
from app.gui.pages.machine import Page
from app.gui.widgets.basic import Button
from app.gui.widgets.still_chart import StillChart
from app.theme import load_theme
from probes.results import CapabilityFinding, FrameworkFinding, ProbeEvent, encode_machine

SIZES = [(808, 560), (2300, 1400)]


@pytest.fixture
def page(session, shown, plan, monkeypatch):
    """The page over a session whose background does nothing by itself."""
    monkeypatch.setattr(session, "in_background", lambda *job: None)
    page = shown(Page(session))
    page.measuring.set_plan(plan)
    return page


@pytest.fixture
def put(session, at_rest):
    def put(machine):
        session.machine = machine
        session.machine_changed.emit()
        at_rest()

    return put


@pytest.fixture
def begun(page, put, looked, session, monkeypatch, qtbot, plan, at_rest):
    """The page while a probe runs that the test drives by its events."""
    put(looked)
    page.measuring.set_plan(plan)
    asked = []

    def start(*choice):
        session.probing = True
        asked.append(choice)

    monkeypatch.setattr(session, "start_probe", start)
    qtbot.mouseClick(page.measuring.start, Qt.MouseButton.LeftButton)
    assert asked == [("quick", None, (), None)]
    at_rest()
    return page


def said(widget):
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if one.isVisible())


def tell(session, kind, mode=None, workload=None, **more):
    session.probe_event.emit(
        ProbeEvent(
            kind=kind,
            done=more.pop("done", 1),
            total=6,
            framework=mode.partition("/")[0] if mode else None,
            mode=mode,
            workload=workload,
            **more,
        )
    )


def test_before_the_machine_was_looked_at_the_page_is_busy(page):
    assert "Reading the hardware" in said(page)
    assert not page.frameworks.isVisible()
    assert not page.results.isVisible()


def test_hardware_is_told_in_words(page, put, looked):
    put(looked)
    shown = said(page.hardware)
    for words in (
        "A Processor 9000",
        "2 usable of 4; a quota limits it",
        "24 GiB, 20 GiB free",
        "none that a driver shows",
        "Linux, Debian 12",
        "No NVIDIA driver answers.",
        "It is a virtual machine",
    ):
        assert words in shown


def test_frameworks_stand_in_a_table_with_state_and_place(page, put, looked):
    put(looked)
    rows = page.frameworks.table.shown()
    assert [row[:3] for row in rows] == [
        ["PyTorch", "2.13.0", "found, not tried"],
        ["Keras", "3.15.1", "found, not tried"],
        ["Apache MXNet", "1.9.1", "found, not tried"],
    ]
    assert rows[2][4] == "/opt/conda/envs/old/bin/python"


def test_the_table_is_sorted_filtered_and_copied(page, put, looked, qtbot):
    put(looked)
    table = page.frameworks.table
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert [row[0] for row in table.shown()] == ["Apache MXNet", "Keras", "PyTorch"]
    page.frameworks.filter.setText("conda")
    assert [row[0] for row in table.shown()] == ["Apache MXNet"]
    table.selectRow(0)
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("Apache MXNet\t1.9.1\t")


def test_figures_are_sorted_as_numbers_and_empty_ones_come_last(page, put, measured):
    put(measured)
    table = page.results.table
    table.sortByColumn(3, Qt.SortOrder.AscendingOrder)
    assert [row[3] for row in table.shown()] == ["4.000", "12.000", ""]


def test_a_broken_framework_is_a_finding_with_its_reason_and_fix(page, put, measured):
    put(measured)
    shown = said(page.frameworks)
    assert "Apache MXNet 1.9.1: cannot be used" in shown
    assert "numpy 1.24 removed numpy.bool" in shown
    assert "What to do, in a terminal:" in shown
    commands = [one.text() for one in page.frameworks.findChildren(QLineEdit)]
    assert "pip install 'numpy<1.24'" in commands
    assert not page.error.isVisible()


PYTHON = "/home/ada/vision/.venv/bin/python"
FORCED = '"/opt/conda/envs/old/bin/python" -m pip install --force-reinstall jax'


def finding(**more):
    return FrameworkFinding(
        framework="pytorch", python=PYTHON, version="2.13.0", **{"state": "works", **more}
    )


def test_an_idle_accelerator_is_told_with_its_cause_and_the_exact_line_to_copy(
    page, put, measured, qtbot
):
    idle = finding(
        state="falls_back_to_cpu",
        cause="cpu_build",
        reason="this build does not use the nvidia_gpu",
        fix=FORCED,
    )
    put(msgspec.structs.replace(measured, frameworks=(idle,)))
    shown = said(page.frameworks)
    assert "PyTorch 2.13.0: runs on the processor only" in shown
    assert "This build is made for the processor alone." in shown
    assert "nvidia_gpu" not in shown
    copy = next(
        one for one in page.frameworks.findChildren(Button) if FORCED in one.accessibleName()
    )
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == FORCED


def test_a_way_out_that_is_no_line_for_a_terminal_is_a_sentence(page, put, measured):
    idle = finding(state="falls_back_to_cpu", cause="no_driver", fix="Install the driver")
    put(msgspec.structs.replace(measured, frameworks=(idle,)))
    shown = said(page.frameworks)
    assert "The device has no driver that answers." in shown
    assert "What to do: Install the driver" in shown
    assert "in a terminal" not in shown


def test_what_was_tried_of_a_framework_stands_below_the_table_for_the_chosen_row(
    page, put, measured, at_rest
):
    tried = finding(
        capabilities=(
            CapabilityFinding(
                capability="variable_shapes",
                mode="pytorch/eager",
                device="cpu",
                state="in_part",
                note="The third length was compiled anew.",
            ),
        )
    )
    keras = FrameworkFinding(framework="keras", python=PYTHON, version="3.15.1", state="works")
    put(msgspec.structs.replace(measured, frameworks=(tried, keras)))
    table = page.frameworks.table
    for words in (
        "Tried on small examples",
        "Inputs of changing size",
        "PyTorch, eager, on the processor",
        "works in part: The third length was compiled anew.",
    ):
        assert words in said(page.frameworks)
    table.selectRow(1)
    at_rest()
    assert "Keras 3.15.1: works" in said(page.frameworks)
    assert "Tried on small examples" not in said(page.frameworks)
    table.selectRow(2)
    at_rest()
    assert "Found on the disk and not started." in said(page.frameworks)


def test_a_column_that_says_nothing_is_left_out(page, put, measured, looked):
    put(looked)
    assert page.frameworks.table.isColumnHidden(3)
    put(measured)
    assert not page.frameworks.table.isColumnHidden(3)


def test_medians_that_are_apart_in_rounds_that_disagree_are_not_called_level(page, put, measured):
    tie = msgspec.structs.replace(measured.comparisons[0], verdict="tie")
    put(msgspec.structs.replace(measured, comparisons=(tie,)))
    assert "3.00×, not settled" in page.results.chart.accessibleDescription()
    assert page.results.comparison_table.shown()[0][5] == "not settled"
    near = msgspec.structs.replace(tie, ratio=1.02)
    put(msgspec.structs.replace(measured, comparisons=(near,)))
    assert page.results.comparison_table.shown()[0][5] == "level"


def test_what_is_not_installed_is_neutral_and_has_its_install_line(page, put, looked):
    put(looked)
    assert "Not installed here: JAX. That neither helps nor hurts" in said(page.frameworks)
    page.frameworks.install.open()
    commands = [one.text() for one in page.frameworks.findChildren(QLineEdit)]
    assert "pip install jax" in commands
    assert "pip install mxnet" not in commands


def test_it_says_beforehand_whether_measuring_can_change_the_verdict(
    page, session, put, looked, recommend, monkeypatch
):
    jobs = {}
    monkeypatch.setattr(
        session, "in_background", lambda key, work, then: jobs.__setitem__(key, then)
    )
    session._answers = recommend().answers
    put(looked)
    jobs["matters"]((False, "Measuring can only confirm it."))
    assert "Measuring can only confirm it." in said(page.measuring)


def test_the_plan_is_told_before_anything_starts(page, put, looked, plan, at_rest):
    put(looked)
    page.measuring.set_plan(plan)
    at_rest()
    shown = said(page.measuring)
    assert "6 measurements, about 60 s" in shown
    assert "JAX is not installed here." in shown


def test_with_no_framework_chosen_nothing_can_be_started(page, put, looked):
    put(looked)
    for box in page.measuring.boxes.values():
        box.setChecked(False)
    assert not page.measuring.start.isEnabled()
    assert "Choose at least one framework." in said(page.measuring)


def test_only_the_chosen_frameworks_and_tier_are_measured(
    page, put, looked, session, monkeypatch, qtbot
):
    put(looked)
    asked = []
    monkeypatch.setattr(session, "start_probe", lambda *choice: asked.append(choice))
    page.measuring.boxes["keras"].setChecked(False)
    page.measuring.standard.setChecked(True)
    qtbot.mouseClick(page.measuring.start, Qt.MouseButton.LeftButton)
    assert asked == [("standard", ["pytorch", "mxnet"], (), None)]


def test_workloads_are_the_tiers_until_they_are_chosen_by_hand(
    page, put, looked, plan, session, monkeypatch, qtbot, at_rest
):
    put(looked)
    page.measuring.set_plan(plan)
    page.measuring.workload_part.open()
    at_rest()
    boxes = page.measuring.workload_boxes
    assert page.measuring.workloads() is None
    planned = [name for name, box in boxes.items() if box.isChecked()]
    assert "lstm_train" not in planned
    qtbot.mouseClick(boxes["lstm_train"], Qt.MouseButton.LeftButton)
    assert page.measuring.workloads() == [*planned, "lstm_train"]
    asked = []
    monkeypatch.setattr(session, "start_probe", lambda *choice: asked.append(choice))
    qtbot.mouseClick(page.measuring.start, Qt.MouseButton.LeftButton)
    assert asked == [("quick", None, (), [*planned, "lstm_train"])]


def test_with_no_workload_nothing_can_be_started_and_another_tier_brings_them_back(
    page, put, looked, plan, at_rest
):
    put(looked)
    box = page.measuring.workload_boxes["cnn_train"]
    box.click()
    box.click()
    assert page.measuring.workloads() == []
    assert not page.measuring.start.isEnabled()
    at_rest()
    assert "Choose at least one workload." in said(page.measuring)
    page.measuring.deep.setChecked(True)
    assert page.measuring.tier() == "deep"
    assert page.measuring.workloads() is None
    assert page.measuring.start.isEnabled()


def test_what_a_stopped_run_left_out_is_measured_without_the_rest(
    page, put, measured, session, monkeypatch, qtbot, at_rest
):
    put(measured)
    assert not page.measuring.resume.isVisible()
    first, *rest = measured.measurements
    verdict = msgspec.structs.replace(first.verdict, status="cancelled")
    stopped = msgspec.structs.replace(
        measured,
        cancelled=True,
        measurements=(msgspec.structs.replace(first, verdict=verdict), *rest),
    )
    put(stopped)
    assert page.measuring.resume.text() == "Measure what is missing (1)"
    asked = []
    monkeypatch.setattr(
        session, "start_probe", lambda *choice, **more: asked.append((choice, more))
    )
    qtbot.mouseClick(page.measuring.resume, Qt.MouseButton.LeftButton)
    frameworks = tuple(dict.fromkeys(one.framework for one in stopped.measurements))
    assert asked == [(("quick", frameworks), {"workloads": (first.workload,)})]
    assert not page.measuring.resume.isVisible()


def test_what_was_measured_elsewhere_is_not_gone_on_with_here(page, put, measured, session):
    session.machine_file = "server.json"
    verdict = msgspec.structs.replace(measured.measurements[0].verdict, status="cancelled")
    one = msgspec.structs.replace(measured.measurements[0], verdict=verdict)
    put(msgspec.structs.replace(measured, measurements=(one,)))
    assert not page.measuring.resume.isVisible()


def test_progress_shows_each_item_the_time_left_and_the_log(begun, session, measured):
    grid = begun.measuring.grid
    assert grid.status("pytorch/eager", "mlp_train_step") == "waiting"
    tell(
        session, "item_started", "pytorch/eager", "mlp_train_step", seconds_left=42.0, message="go"
    )
    assert grid.status("pytorch/eager", "mlp_train_step") == "running"
    assert "about 42 s left" in said(begun.measuring)
    assert "PyTorch, eager: mlp train step" in said(begun.measuring)
    assert begun.measuring.log.toPlainText() == "go"
    tell(
        session,
        "item_done",
        "pytorch/eager",
        "mlp_train_step",
        measurement=measured.measurements[0],
        done=3,
    )
    assert grid.status("pytorch/eager", "mlp_train_step") == "valid"
    assert (begun.measuring.bar.value(), begun.measuring.bar.maximum()) == (3, 6)


def test_nothing_moves_when_results_arrive(begun, session, measured, at_rest):
    at_rest()
    before = begun.measuring.grid.size()
    for one in measured.measurements:
        tell(session, "item_started", one.mode, one.workload)
        tell(session, "item_done", one.mode, one.workload, measurement=one)
    at_rest()
    assert begun.measuring.grid.size() == before


def test_cancel_answers_at_once_and_keeps_what_was_measured(
    begun, session, measured, monkeypatch, qtbot, at_rest
):
    cancelled = []
    begun.measuring.cancel_wanted.connect(lambda: cancelled.append(True))
    tell(session, "item_started", "pytorch/eager", "mlp_train_step")
    qtbot.mouseClick(begun.measuring.cancel, Qt.MouseButton.LeftButton)
    assert cancelled == [True]
    assert not begun.measuring.cancel.isEnabled()
    assert begun.measuring.cancel.text() == "Cancelling"
    assert begun.measuring.grid.status("pytorch/eager", "mlp_train_step") == "cancelled"
    # Events that were on their way when Cancel was clicked do not bring "running" back in words.
    tell(session, "item_started", "keras/torch", "mlp_train_step", seconds_left=20.0)
    assert "Ending the running measurement" in said(begun.measuring)

    session.probing = False
    session.machine = msgspec.structs.replace(measured, cancelled=True)
    session.probe_finished.emit()
    at_rest()
    assert "Cancelled. What was measured until then is kept below." in said(begun.measuring)
    assert len(begun.results.table.shown()) == 3
    assert begun.measuring.start.isVisible()


def test_cancel_reaches_the_running_probe(begun, session):
    begun.measuring.cancel.click()
    assert session._cancel.is_set()


def test_a_probe_that_fails_leaves_the_page_usable(begun, session):
    session.probing = False
    session.probe_finished.emit()
    assert begun.measuring.start.isEnabled()
    assert begun.measuring.start.isVisible()


def test_results_show_median_interval_error_and_verdict_with_reasons(page, put, measured):
    put(measured)
    rows = page.results.table.shown()
    assert rows[0] == [
        "PyTorch, eager",
        "mlp train step",
        "valid",
        "4.000",
        "3.600 – 4.400",
        "2.5e-06",
        "200.000",
        "processor",
        "",
    ]
    assert rows[2][2:5] == ["unstable", "", ""]
    assert rows[2][8] == "another program was busy"
    assert "One time is unstable and does not count: another program was busy." in said(
        page.results
    )
    assert page.results.comparison_table.shown()[0][5] == "PyTorch, eager is faster"


def test_a_machine_file_is_imported_and_named(
    page, session, measured, tmp_path, monkeypatch, at_rest
):
    path = tmp_path / "server.json"
    path.write_bytes(encode_machine(measured))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    page.open_file.click()
    at_rest()
    assert "From the file server.json" in said(page.hardware)
    assert session.machine == measured


@pytest.mark.parametrize(
    "content",
    [b"", b"{", json.dumps({"schema": "other/1"}).encode(), b'{"schema": "framework-advisor/ma'],
    ids=["empty", "no JSON", "foreign", "truncated"],
)
def test_a_bad_machine_file_is_told_in_place(page, content, tmp_path, session, put, looked):
    put(looked)
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    page.open_machine_file(path)
    assert page.error.isVisible()
    assert "bad.json" in page.error.text.text()
    assert session.machine is looked


def test_a_missing_machine_file_is_told_in_place(page, tmp_path):
    page.open_machine_file(tmp_path / "nowhere.json")
    assert "nowhere.json" in page.error.text.text()


def test_the_machine_file_is_saved_and_reads_back(page, put, measured, tmp_path, monkeypatch):
    put(measured)
    path = tmp_path / "machine.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    page.results.save.click()
    assert path.read_bytes() == encode_machine(measured)


def test_a_folder_that_cannot_be_written_is_told_in_place(
    page, put, measured, tmp_path, monkeypatch
):
    put(measured)
    path = tmp_path / "missing" / "machine.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    page.results.save.click()
    assert page.error.isVisible()
    assert str(path) in page.error.text.text()


def test_looking_again_cannot_throw_measured_times_away(page, put, measured):
    put(measured)
    assert not page.look_again.isEnabled()
    assert not page.everywhere.isEnabled()


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("state_of_it", ["looked at", "measuring", "measured"])
def test_nothing_is_cut_off(
    state_of_it, size, page, session, put, looked, measured, plan, layout_faults, unnamed,
    at_rest,
):  # fmt: skip
    put(measured if state_of_it == "measured" else looked)
    page.measuring.set_plan(plan)
    if state_of_it == "measuring":
        page.measuring.begin()
        tell(session, "item_started", "keras/torch", "mlp_train_step", seconds_left=300.0)
    page.frameworks.install.open()
    page.frameworks.environments.open()
    page.resize(*size)
    at_rest()
    assert layout_faults(page) == []
    assert unnamed(page) == []


def test_limits_memory_and_break_even_are_drawn_when_they_are_opened(
    page, put, grown, session, monkeypatch, at_rest
):
    jobs = []
    monkeypatch.setattr(session, "in_background", lambda *job: jobs.append(job))
    put(grown(("pytorch/eager", "pytorch/compiled", "jax/jit"), ("mlp_train", "cnn_train")))
    assert not [key for key, *_ in jobs if key.startswith("charts")]
    job, then = next((job, then) for key, job, then in jobs if key == "machine charts")
    then(job())
    for fold, pictures in zip(page.results.folds.values(), (1, 1, 2), strict=True):
        fold.open()
        *_, (_, job, then) = jobs
        then(job())
        at_rest()
        charts = fold.findChildren(StillChart)
        assert [chart.is_drawn() for chart in charts] == [True] * pictures
        assert all(chart.accessibleName() for chart in charts)


def test_no_chart_is_drawn_while_something_is_measured(
    page, put, grown, session, monkeypatch, at_rest
):
    put(grown())
    page.results.set_charts(machine_charts(session.machine))
    jobs = []
    monkeypatch.setattr(session, "in_background", lambda *job: jobs.append(job))
    session.probing = True
    fold = page.results.folds["memory"]
    fold.open()
    at_rest()
    assert not [key for key, *_ in jobs if key.startswith("charts")]
    assert "Drawn when the measuring is over" in said(fold)
    session.probing = False
    session.probe_finished.emit()
    assert [key for key, *_ in jobs if key.startswith("charts")]


def test_a_machine_without_such_figures_offers_no_empty_charts(page, put, measured):
    put(measured)
    assert [fold.isVisible() for fold in page.results.folds.values()] == [False] * 3


class Searched(QWidget):
    """A window that counts how often a place for the focus was looked for."""

    searches = 0

    def focusNextPrevChild(self, forward):
        self.searches += 1
        return super().focusNextPrevChild(forward)


def test_the_focus_goes_from_start_to_cancel_and_back_without_a_search(qtbot, qapp):
    window = Searched()
    qtbot.addWidget(window)
    card = MeasureCard(load_theme("light"), window)
    card.set_frameworks({"jax": "JAX"})
    QVBoxLayout(window).addWidget(card)
    window.show()
    window.activateWindow()
    card.start.setFocus()
    qtbot.waitUntil(card.start.hasFocus)
    card.begin()
    assert qapp.focusWidget() is card.cancel
    card.finish(cancelled=False)
    assert qapp.focusWidget() is card.start
    assert window.searches == 0
