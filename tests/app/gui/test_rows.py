"""Rows of a card keep what still holds, and make only what is new."""

import pytest
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit

from app.gui.widgets.basic import Text
from app.gui.widgets.rows import Bullets, Row, Rows, text_row


@pytest.fixture
def rows(qtbot):
    rows = Rows()
    qtbot.addWidget(rows)
    rows.show()
    return rows


@pytest.fixture
def made():
    """Which rows were made, in order; gives rows that say so."""
    made = []

    class Made(list):
        def row(self, said):
            def make():
                made.append(said)
                return Text(said)

            return Row(said, make)

        def rows(self, *said):
            return [self.row(one) for one in said]

    found = Made()
    found.made = made
    return found


def shown(rows):
    labels = [one for one in rows.findChildren(QLabel) if one.isVisibleTo(rows)]
    return [one.text() for one in sorted(labels, key=lambda one: one.y())]


def test_only_what_is_new_is_made(rows, made):
    rows.show_rows(made.rows("a", "b", "c"))
    rows.show_rows(made.rows("a", "c", "d"))
    rows.show_rows(made.rows("a", "c", "d"))
    assert made.made == ["a", "b", "c", "d"]


@pytest.mark.parametrize("after", ["", "a", "cab", "dcba", "xaybz", "aab", "bb"])
def test_rows_stand_in_the_order_that_was_asked_for(rows, made, after, qapp):
    rows.show_rows(made.rows(*"abc"))
    rows.show_rows(made.rows(*after))
    qapp.processEvents()
    assert shown(rows) == list(after)


def test_a_row_that_stays_keeps_the_keyboard(rows, made, qtbot, qapp):
    fields = []

    def field():
        fields.append(QLineEdit())
        return fields[-1]

    rows.show_rows([*made.rows("a"), Row("field", field)])
    qtbot.waitExposed(rows)
    rows.activateWindow()
    qapp.processEvents()
    fields[0].setFocus()
    rows.show_rows([*made.rows("b"), Row("field", field), *made.rows("c")])
    assert len(fields) == 1
    assert rows.focusWidget() is fields[0]


def test_a_row_may_be_a_layout(rows, qapp):
    def make():
        row = QHBoxLayout()
        row.addWidget(Text("one"))
        return row

    rows.show_rows([Row("layout", make), text_row("two", "note")])
    qapp.processEvents()
    assert set(shown(rows)) == {"one", "two"}


def test_sentences_use_the_labels_of_those_before(qtbot):
    bullets = Bullets()
    qtbot.addWidget(bullets)
    bullets.show()
    bullets.show_sentences(["one", "two", "three"])
    labels = bullets.findChildren(QLabel)
    bullets.show_sentences(["four"])
    bullets.show_sentences(["five", "six"])
    assert bullets.findChildren(QLabel) == labels
    texts = [one.text() for one in labels if one.isVisible() and one.text() != "•"]
    assert texts == ["five", "six"]
