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


@pytest.mark.parametrize(
    ("wanted", "right"),
    [
        ("Half a year or newer", lambda months: months <= 6),
        ("Older than a year", lambda months: months > 12),
    ],
)
def test_facts_are_filtered_by_age(page, loaded, wanted, right):
    choose(page.age, wanted)
    months = [(2026 - int(as_of[:4])) * 12 + 11 - int(as_of[5:]) for as_of in column(page, 3)]
    assert months
    assert all(right(one) for one in months)


def test_what_is_due_for_a_recheck_can_be_listed_and_says_so(page, loaded):
    choose(page.age, "Due for a recheck")
    rows = page.table.shown()
    assert 0 < len(rows) < len(page._entries)
    assert "due for a recheck" in page._detail._due.text()
    choose(page.age, "Half a year or newer")
    choose(page.grade, "judgement")
    states = [one for one in page._entries.values() if one.shelf_life == "state"]
    fresh = {one.id for one in states} & set(column(page, 5))
    page.table.selectRow(column(page, 5).index(next(iter(fresh))))
    assert not page._detail._due.isVisible()


class TestOverride:
    FACT = "jax.flexibility.general"

    @pytest.fixture
    def fact(self, page, loaded, settle):
        """The page with a fact shown that the answers use."""
        from rules.model import Answers

        loaded.set_answers(Answers(answers={"goal": "research", "domain": ("vision",)}))
        settle(loaded)
        page.table.selectRow(column(page, 5).index(self.FACT))
        return page._detail.override

    def use(self, part, qtbot, level, reason):
        qtbot.mouseClick(part.part.button, Qt.MouseButton.LeftButton)
        part.level.setCurrentIndex(level)
        qtbot.keyClicks(part.reason, reason)
        qtbot.keyClick(part.reason, Qt.Key.Key_Return)

    def test_a_fact_counts_otherwise_and_its_effect_is_shown(
        self, fact, page, loaded, qtbot, settle
    ):
        before = {one.framework: one for one in loaded.recommendation.ranking}["jax"]
        self.use(fact, qtbot, 0, "We tried it")
        settle(loaded)
        own = loaded.answers.override[self.FACT]
        assert (own.level, own.reason) == (0, "We tried it")
        after = {one.framework: one for one in loaded.recommendation.ranking}["jax"]
        assert after.score < before.score
        assert f"score {before.score:.2f} to {after.score:.2f}" in fact.effect.text()
        assert "level 0 of 4: We tried it" in fact.counts.text()
        assert page.own.text() == "Facts that count otherwise for you: 1"
        qtbot.mouseClick(page.only_own, Qt.MouseButton.LeftButton)
        assert column(page, 5) == [self.FACT]

    def test_it_is_taken_back_alone_or_with_all_others(self, fact, page, loaded, qtbot, settle):
        ranking = loaded.recommendation.ranking
        self.use(fact, qtbot, 0, "We tried it")
        settle(loaded)
        qtbot.mouseClick(fact.back, Qt.MouseButton.LeftButton)
        settle(loaded)
        assert loaded.answers.override == {}
        assert loaded.recommendation.ranking == ranking
        assert not fact.counts.isVisible()
        assert not page.own.isVisible()
        loaded.set_override(self.FACT, 1, "so")
        loaded.set_override("jax.ease.general", 4, "so")
        qtbot.mouseClick(page.only_own, Qt.MouseButton.LeftButton)
        qtbot.mouseClick(page.reset, Qt.MouseButton.LeftButton)
        settle(loaded)
        assert loaded.answers.override == {}
        assert len(column(page, 5)) == len(page._entries)

    def test_without_a_reason_nothing_can_be_used(self, fact, loaded, qtbot):
        qtbot.mouseClick(fact.part.button, Qt.MouseButton.LeftButton)
        assert not fact.use.isEnabled()
        qtbot.keyClicks(fact.reason, "   ")
        qtbot.keyClick(fact.reason, Qt.Key.Key_Return)
        assert loaded.answers.override == {}

    def test_what_has_no_level_cannot_count_otherwise(self, fact, page):
        page.table.selectRow(column(page, 5).index("statement.trees"))
        assert not fact.isVisible()

    def test_report_and_session_list_it(self, fact, loaded, qtbot, settle, tmp_path):
        from app.report import build, to_markdown
        from app.sessions import open_file

        self.use(fact, qtbot, 0, "We tried it")
        settle(loaded)
        report = build(loaded.recommendation, loaded.knowledge, None)
        assert f"Override: {self.FACT}" in to_markdown(report)
        assert "We tried it" in to_markdown(report)
        with qtbot.waitSignal(loaded.file_saved):
            loaded.save_session(tmp_path / "session.json")
        opened = open_file(tmp_path / "session.json", loaded.knowledge)
        assert opened.answers.override[self.FACT].reason == "We tried it"

    @pytest.mark.parametrize("size", [(1024, 640), (1280, 800)])
    def test_nothing_is_cut_off(
        self, size, fact, loaded, loaded_window, page, qtbot, settle, layout_faults, unnamed
    ):
        loaded_window.resize(*size)
        self.use(fact, qtbot, 0, "We tried it and it was another matter in our case")
        settle(loaded)
        assert layout_faults(page) == []
        assert unnamed(page) == []
