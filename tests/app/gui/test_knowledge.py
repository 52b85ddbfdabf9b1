"""The knowledge browser: every fact can be found, and says where it comes from."""

import pytest
from PySide6.QtCore import Qt

from app.gui.pages.knowledge import entries


@pytest.fixture
def page(loaded_window, loaded, settle):
    loaded_window.show_step("knowledge")
    settle(loaded)
    return loaded_window.page("knowledge")


def column(page, number):
    return [row[number] for row in page.table.shown()]


def choose(box, text):
    box.setCurrentIndex(box.findText(text))


def test_every_sourced_sentence_of_the_base_is_in_the_table(page, loaded):
    knowledge = loaded.knowledge
    expected = {one.id for framework in knowledge.frameworks for one in framework.facts}
    expected |= {one.id for framework in knowledge.frameworks for one in framework.capabilities}
    expected |= {one.id for one in knowledge.statements}
    assert set(column(page, 5)) == expected


def test_filters_work_together(page, loaded):
    choose(page.framework, "JAX")
    choose(page.grade, "official")
    assert set(column(page, 0)) == {"JAX"}
    assert set(column(page, 2)) == {"official"}
    wanted = [
        one
        for one in entries(loaded.knowledge)
        if (one.framework, one.grade) == ("jax", "official")
    ]
    assert len(column(page, 0)) == len(wanted)


def test_searching_narrows_what_is_shown_and_shows_the_first_found(page, qtbot):
    qtbot.keyClicks(page.search, "tpu")
    rows = page.table.shown()
    assert rows
    assert all("tpu" in " ".join(row).lower() for row in rows)
    assert page._detail._reason.text() == rows[0][4]


def test_nothing_found_is_said_with_what_to_do(page, qtbot):
    qtbot.keyClicks(page.search, "no fact says this")
    assert page.table.shown() == []
    assert "Search for less" in page._detail._reason.text()
    page.search.clear()
    assert page._detail._reason.text() == page.table.shown()[0][4]


def test_a_fact_says_source_month_grade_and_when_it_holds(page, loaded):
    entry = next(
        one for one in entries(loaded.knowledge) if one.when and one.source.startswith("https://")
    )
    row = column(page, 5).index(entry.id)
    page.table.selectRow(row)
    detail = page._detail
    assert detail._reason.text() == entry.reason
    assert entry.as_of in detail._source.text()
    assert entry.source in detail._source.text().replace("\u200b", "")
    assert detail._badge.text() == entry.grade
    assert entry.when in detail._when.text()
    assert detail.open.isVisible()


def test_the_state_of_every_framework_has_its_own_part(page, loaded, qtbot):
    qtbot.mouseClick(page.tabs.button(1), Qt.MouseButton.LeftButton)
    shown = [label.text() for label in page._frameworks.findChildren(type(page._detail.title))]
    assert {one.name for one in loaded.knowledge.frameworks} <= set(shown)
    qtbot.mouseClick(page.tabs.button(2), Qt.MouseButton.LeftButton)
    assert len(page._components.shown()) == len(loaded.knowledge.components)
