"""Which machine counts: files of others beside this computer, chosen and compared in the window."""

import msgspec
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QFileDialog

from app.gui.machine.machines import MachinesCard
from probes.results import encode_machine


@pytest.fixture
def card(session, shown, looked, monkeypatch):
    """The card over a session with this computer, whose background answers at once."""
    monkeypatch.setattr(session, "in_background", lambda key, job, then: then(job()))
    session.set_machine(looked)
    return shown(MachinesCard(session))


@pytest.fixture
def files(measured, tmp_path):
    """Machine files of two nodes."""
    paths = []
    for number, model in enumerate(("EPYC 1", "EPYC 2")):
        hardware = measured.hardware
        machine = msgspec.structs.replace(
            measured,
            run_id=f"run {number}",
            finished_utc=f"2026-11-21T1{number}:00:00Z",
            hardware=msgspec.structs.replace(
                hardware, cpu=msgspec.structs.replace(hardware.cpu, model=model)
            ),
        )
        paths.append(tmp_path / f"node-{number}.json")
        paths[-1].write_bytes(encode_machine(machine))
    return paths


def choose(card, *rows):
    card.table.clearSelection()
    for row in rows:
        card.table.selectionModel().select(
            card.table.model().index(row, 0),
            QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
        )


def counts(card):
    return [row[1] for row in card.table.shown() if row[0]]


def test_with_this_computer_alone_there_is_nothing_to_choose(card):
    assert not card.table.isVisible()
    assert not card.count.isVisible()
    assert card.add.isVisible()


def test_files_of_others_are_added_and_none_counts_before_it_is_chosen(
    card, files, session, looked, monkeypatch, qtbot
):
    names = [str(path) for path in files]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: (names, ""))
    qtbot.mouseClick(card.add, Qt.MouseButton.LeftButton)
    rows = card.table.shown()
    assert [row[1] for row in rows] == ["This computer", "node-0.json", "node-1.json"]
    assert [row[2] for row in rows[1:]] == ["EPYC 1", "EPYC 2"]
    assert "Keras 3.15.1" in rows[1][-2]
    assert counts(card) == ["This computer"]
    assert session.machine is looked


def test_the_chosen_machine_counts_and_this_computer_can_be_had_back(
    card, files, session, looked, qtbot
):
    card.add_files(files)
    choose(card, 2)
    qtbot.mouseClick(card.count, Qt.MouseButton.LeftButton)
    assert session.machine.hardware.cpu.model == "EPYC 2"
    assert session.machine_file == "node-1.json"
    assert counts(card) == ["node-1.json"]
    choose(card, 0)
    qtbot.mouseClick(card.count, Qt.MouseButton.LeftButton)
    assert session.machine is looked
    assert session.machine_file is None


def test_what_counts_already_cannot_be_chosen_again(card, files):
    card.add_files(files)
    choose(card, 0)
    assert not card.count.isEnabled()
    assert not card.compare.isEnabled()
    choose(card, 1)
    assert card.count.isEnabled()
    assert card.compare.isEnabled()


def test_two_machines_are_compared_the_one_that_counts_first(card, files, qtbot):
    card.add_files(files)
    choose(card, 1)
    qtbot.mouseClick(card.compare, Qt.MouseButton.LeftButton)
    told = card.compared.toPlainText()
    assert told.startswith("This computer -> node-0.json\n")
    assert "hardware.cpu.model: A Processor 9000 -> EPYC 1" in told
    choose(card, 1, 2)
    qtbot.mouseClick(card.compare, Qt.MouseButton.LeftButton)
    assert card.compared.toPlainText().startswith("node-0.json -> node-1.json\n")


def test_a_file_that_is_none_is_named_and_the_others_are_added(card, files, tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    card.add_files([broken, files[0]])
    assert "broken.json" in card.error.text.text()
    assert card.error.isVisible()
    assert [row[1] for row in card.table.shown()] == ["This computer", "node-0.json"]


def test_the_same_file_added_twice_is_one_machine_and_measuring_here_renews_this_computer(
    card, files, session, measured
):
    card.add_files(files)
    card.add_files(files)
    session.set_machine(measured)
    assert [row[1] for row in card.table.shown()] == [
        "This computer",
        "node-0.json",
        "node-1.json",
    ]
    assert card.table.shown()[0][-1] == "2026-11-21 10:00"
