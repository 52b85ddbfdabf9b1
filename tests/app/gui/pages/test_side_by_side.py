"""Any frameworks side by side, each cell with where it comes from."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.gui.recommendation.side_by_side import SideBySideCard, side_by_side
from app.gui.recommendation.words import Lookup
from app.gui.widgets.evidence import EvidenceBadge
from app.theme import load_theme


@pytest.fixture
def lookup(knowledge):
    return Lookup.of(knowledge)


@pytest.fixture
def rows(recommend, lookup, measured):
    def rows(*frameworks, machine=measured):
        found = side_by_side(recommend(), lookup, machine, frameworks)
        return {row.title: row.cells for row in found}

    return rows


def test_place_and_score_of_the_ranked_and_the_gate_of_who_is_out(rows):
    first, out = rows("pytorch", "mxnet")["For these answers"]
    assert first.text.startswith("Place 1, score 0.85 (")
    assert out.text == "Ruled out: Apache MXNet was retired and gets no fixes."
    assert out.statements[0].as_of == "2023-09"


def test_every_claim_names_source_date_and_grade(rows):
    found = rows("pytorch", "keras")
    for title in ("State", "Domain fit", "Ease"):
        for cell in found[title]:
            (statement,) = cell.statements
            assert statement.source.startswith("https://example.org/")
            assert statement.as_of == "2026-10"
            assert statement.grade.startswith("Grade: official")
    assert [cell.text for cell in found["Domain fit"]] == ["The best anyone offers", "Good"]


def test_the_state_is_a_word_and_its_reason(rows):
    assert [cell.text for cell in rows("pytorch", "mxnet")["State"]] == [
        "Active: It has releases.",
        "Retired: It has releases.",
    ]


def test_who_is_ruled_out_is_not_scored_and_that_is_said(rows):
    assert rows("pytorch", "mxnet")["Ease"][1].text == "Not scored: it is ruled out."


def test_measured_times_are_the_quickest_valid_ones_and_name_their_mode(rows):
    (title,) = [one for one in rows("pytorch", "keras", "jax") if "processor" in one]
    times = rows("pytorch", "keras", "jax")[title]
    assert [cell.text for cell in times] == [
        "4.00 ms (PyTorch, eager)",
        "12.0 ms (Keras, torch)",
        "No valid time.",
    ]
    assert "95 % interval 3.60 ms to 4.40 ms" in times[0].statements[0].text


def test_without_a_machine_and_with_unknown_names_there_is_still_a_table(rows):
    found = rows("pytorch", "nothing of that name", machine=None)
    assert all(len(cells) == 1 for cells in found.values())
    assert rows(machine=None)["State"] == ()


@pytest.fixture
def card(shown, recommend, lookup, measured):
    card = SideBySideCard(load_theme("light"))
    card.show_advice(recommend(), lookup, measured)
    return shown(card)


def texts(card):
    return [one.text() for one in card.findChildren(QLabel) if one.isVisible()]


def test_nothing_is_made_before_it_is_opened(card, qtbot, at_rest):
    assert card.findChildren(EvidenceBadge) == []
    qtbot.mouseClick(card.more.button, Qt.MouseButton.LeftButton)
    at_rest()
    assert card.chosen() == ["pytorch", "keras"]
    assert "The best anyone offers" in texts(card)


def test_any_other_is_one_click_away_and_four_are_the_most(card, qtbot, at_rest, unnamed):
    card.more.open()
    qtbot.mouseClick(card.buttons["mxnet"], Qt.MouseButton.LeftButton)
    at_rest()
    assert "Not scored: it is ruled out." in texts(card)
    qtbot.mouseClick(card.buttons["jax"], Qt.MouseButton.LeftButton)
    assert card.chosen() == ["pytorch", "keras", "jax", "mxnet"]
    for button in card.buttons.values():
        button.click()
    at_rest()
    assert card.chosen() == []
    assert "Nothing is chosen. Choose up to four to compare them." in texts(card)
    assert unnamed(card) == []


def test_the_table_stays_while_it_says_the_same(card, recommend, lookup, measured, at_rest):
    card.more.open()
    grid = card._grid
    card.show_advice(recommend(), lookup, measured)
    assert card._grid is grid
