"""The browser's views: what is compared, starred, dated, answered and explained."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.gui.knowledge.stars import StarButton
from app.gui.widgets.concept_text import ConceptPopup, ConceptText
from app.gui.widgets.evidence import EvidenceBadge, EvidencePopup
from app.gui.widgets.question_view import QuestionView
from rules.views import then_and_now_for

COMPONENTS, COMPARE, STARS, TIMELINE, USE, THEN_AND_NOW, CONCEPTS = range(2, 9)


@pytest.fixture
def browser(loaded_window, loaded, settle):
    """The knowledge page, and a way to a tab."""
    loaded_window.show_step("knowledge")
    settle(loaded)
    page = loaded_window.page("knowledge")

    def at(tab):
        page.show_tab(tab)
        settle(loaded)
        return page

    return at


def texts(widget, kind):
    return [one.text() for one in widget.findChildren(kind) if one.isVisible()]


def popup_of(kind):
    return next(one for one in QApplication.topLevelWidgets() if isinstance(one, kind))


class TestComponents:
    def test_they_can_be_narrowed_by_framework_kind_and_state(self, browser, loaded):
        panel = browser(COMPONENTS).components
        panel.framework.setCurrentText("PyTorch")
        panel.kind.setCurrentText("serving")
        panel.lifecycle.setCurrentText("retired")
        assert [row[5] for row in panel.table.shown()] == ["torchserve"]

    def test_an_ended_one_names_its_way_out_and_the_articles_that_named_it(self, browser):
        panel = browser(COMPONENTS).components
        ids = [row[5] for row in panel.table.shown()]
        panel.table.selectRow(ids.index("torchserve"))
        assert "Older articles (number 1, 2) named it for:" in panel.detail._worth.text()
        assert panel.detail._fix.text().startswith("Way out: ")
        assert panel.detail._source.text()

    def test_nothing_of_a_kind_is_said(self, browser):
        panel = browser(COMPONENTS).components
        panel.framework.setCurrentText("tinygrad")
        panel.kind.setCurrentText("tracker")
        assert panel.table.shown() == []
        assert panel.detail.title.text() == "Nothing found"


class TestCompare:
    def test_two_frameworks_stand_side_by_side_and_every_cell_opens_its_source(
        self, browser, qtbot, loaded, settle
    ):
        panel = browser(COMPARE).compare
        for name in panel.chosen():
            panel.buttons[name].click()
        assert "Nothing is chosen" in panel._hint.text()
        for name in ("pytorch", "jax"):
            qtbot.mouseClick(panel.buttons[name], Qt.MouseButton.LeftButton)
        assert set(panel.chosen()) == {"jax", "pytorch"}
        settle(loaded)
        badges = [one for one in panel.findChildren(EvidenceBadge) if one.isVisible()]
        assert len(badges) > 30
        badges[0].click()
        popup = popup_of(EvidencePopup)
        assert popup.title.text().endswith(": Made by")
        popup.close()

    def test_no_more_than_four_can_be_chosen(self, browser):
        panel = browser(COMPARE).compare
        for name in panel.chosen():
            panel.buttons[name].click()
        for name in ("pytorch", "jax", "keras", "mlx"):
            panel.buttons[name].click()
        free = [name for name, button in panel.buttons.items() if button.isEnabled()]
        assert set(free) == {"pytorch", "jax", "keras", "mlx"}


class TestStars:
    def test_a_cell_says_our_stars_the_articles_and_opens_the_facts(self, browser, loaded):
        panel = browser(STARS).stars
        cells = panel.findChildren(StarButton)
        learning = next(
            one for one in cells if one.accessibleName().startswith("PyTorch: Ease of learning")
        )
        assert learning.accessibleName() == (
            "PyTorch: Ease of learning: 5 of 5 stars; the article gave 4"
        )
        learning.click()
        popup = popup_of(EvidencePopup)
        assert popup.title.text() == "PyTorch: Ease of learning"
        popup.close()

    def test_speed_is_not_measured(self, browser):
        cells = browser(STARS).stars.findChildren(StarButton)
        speed = [one.accessibleName() for one in cells if ": Speed" in one.accessibleName()]
        assert len(speed) == 8
        assert all("not measured here" in one for one in speed)

    def test_the_stars_can_follow_the_answers(self, browser, loaded, settle):
        panel = browser(STARS).stars
        assert not panel.mine.isEnabled()
        loaded.set_answer("training_hardware", "tpu")
        settle(loaded)
        panel.mine.setChecked(True)
        settle(loaded)
        assert "MLX" in panel._out.text()


class TestTimeline:
    def test_events_can_be_narrowed_to_a_framework_and_a_kind(self, browser):
        panel = browser(TIMELINE).timeline
        everything = len(panel.table.shown())
        panel.framework.setCurrentText("Apache MXNet")
        panel.kind.setCurrentText("Last release")
        rows = panel.table.shown()
        assert 0 < len(rows) < everything
        assert any("1.9.1 (2022-05)" in row[3] for row in rows)

    def test_an_event_says_what_old_advice_says_and_where_it_comes_from(self, browser):
        panel = browser(TIMELINE).timeline
        panel.framework.setCurrentText("PaddlePaddle")
        panel.kind.setCurrentText("First release")
        assert "article 2 says 2017" in panel.detail._worth.text()
        assert panel.detail._source.text()

    def test_nothing_of_a_kind_is_said(self, browser):
        panel = browser(TIMELINE).timeline
        panel.framework.setCurrentText("MLX")
        panel.kind.setCurrentText("Last release")
        assert panel.table.shown() == []
        assert panel.detail.title.text() == "Nothing found"

    def test_lives_are_told_to_those_who_do_not_see_them(self, browser):
        assert "Theano from 2008, retired" in browser(TIMELINE).timeline.lines.accessibleName()


class TestUse:
    def test_claimed_shares_are_marked_as_without_a_source(self, browser, loaded):
        panel = browser(USE).use
        shown = texts(panel, type(panel.findChildren(EvidenceBadge)[0]))
        assert len(shown) == len(loaded.knowledge.signals)
        everything = " ".join(one.text() for one in panel.findChildren(ConceptText.__base__))
        assert "no source" in everything
        assert "PyTorch 42 %" in everything


class TestThenAndNow:
    def test_every_leaf_and_claim_is_there(self, browser, loaded):
        panel = browser(THEN_AND_NOW).then_and_now
        knowledge = loaded.knowledge
        told = (*knowledge.advice, *knowledge.tool_rows, *knowledge.claims)
        assert {row[4] for row in panel.table.shown()} == {one.id for one in told}

    def test_a_leaf_says_then_now_and_why_with_sources(self, browser, loaded):
        panel = browser(THEN_AND_NOW).then_and_now
        ids = [row[4] for row in panel.table.shown()]
        panel.table.selectRow(ids.index("advice.guide.tpu"))
        said = [one.plain() for one in panel.detail.findChildren(ConceptText)]
        assert "TensorFlow is the most natural choice." in said
        assert any("Keras 3 first" in one for one in said)
        assert panel.detail._badge.text() == "changed"
        assert panel.detail.findChildren(EvidenceBadge)

    def test_only_what_no_longer_holds_can_be_shown(self, browser):
        panel = browser(THEN_AND_NOW).then_and_now
        panel.which.setCurrentIndex(1)
        outcomes = {row[0] for row in panel.table.shown()}
        assert outcomes <= {"changed", "holds in part", "not so", "out of date", "no source"}

    def test_what_concerns_my_answers_follows_them(self, browser, loaded, settle):
        panel = browser(THEN_AND_NOW).then_and_now
        panel.which.setCurrentIndex(2)
        assert panel.table.shown() == []
        assert (
            "No old advice concerns this choice"
            in panel.detail.findChildren(type(panel.detail.title))[-1].text()
            or panel.detail.title.text() == "Nothing to show"
        )
        loaded.set_answer("training_hardware", "tpu")
        settle(loaded)
        mine = then_and_now_for(loaded.knowledge, loaded.answers, loaded.today)
        assert {row[4] for row in panel.table.shown()} == {one.id for one in mine}
        assert "claim.tpu" in {one.id for one in mine}


class TestConcepts:
    def test_a_concept_can_be_searched_and_says_what_it_means_for_the_choice(self, browser, qtbot):
        panel = browser(CONCEPTS).concepts
        qtbot.keyClicks(panel.search, "bfloat16")
        assert panel.card.title.text() == "Mixed precision"
        said = [one.plain() for one in panel.card.findChildren(ConceptText)]
        assert any(one.startswith("On recent accelerators") for one in said)

    def test_a_term_in_a_text_leads_to_its_concept(self, browser, qapp):
        panel = browser(CONCEPTS).concepts
        panel.show_concept("gradient")
        assert panel.card.title.text() == "Gradient"
        label = next(
            one for one in panel.card.findChildren(ConceptText) if "loss" in one.concepts()
        )
        label.linkActivated.emit("loss")
        qapp.processEvents()
        assert panel.card.title.text() == "Loss"

    def test_a_concept_does_not_link_to_itself(self, browser):
        panel = browser(CONCEPTS).concepts
        panel.show_concept("loss")
        for label in panel.card.findChildren(ConceptText):
            assert "loss" not in label.concepts()

    def test_questions_people_ask_are_answered_with_sources(self, browser):
        panel = browser(CONCEPTS).concepts
        panel.show_concept("ask.tensorflow_dead")
        assert panel.card.title.text() == "Is TensorFlow dead?"
        assert panel.card.findChildren(EvidenceBadge)

    def test_nothing_found_is_said(self, browser, qtbot):
        panel = browser(CONCEPTS).concepts
        qtbot.keyClicks(panel.search, "no such thing")
        assert panel.card.title.text() == "Nothing found"


class TestTermsInPlace:
    @pytest.fixture
    def question(self, loaded, qtbot):
        def show(name):
            found = next(one for one in loaded.knowledge.questions if one.id == name)
            view = QuestionView(found, False, loaded.knowledge)
            qtbot.addWidget(view)
            view.show()
            qtbot.waitExposed(view)
            return view

        return show

    def test_help_and_reason_link_their_terms(self, question):
        assert question("training_scale").why.concepts() == ("sharding",)
        assert "fine_tuning" in question("work").help.concepts()

    def test_terms_of_the_options_are_explained_below_them(self, question):
        view = question("special_needs")
        assert {"quantisation", "federated_learning"} <= set(view.terms.concepts())
        assert not question("lifetime").terms.isVisible()

    def test_a_term_opens_with_the_keyboard_and_closes_with_escape(self, question, qtbot):
        label = question("training_scale").why
        label.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.keyClick(label, Qt.Key.Key_Tab)
        qtbot.keyClick(label, Qt.Key.Key_Return)
        popup = popup_of(ConceptPopup)
        assert popup.title.text() == "Sharding"
        qtbot.keyClick(popup, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: not popup.isVisible())

    def test_a_text_without_terms_takes_no_focus(self, loaded, qtbot):
        label = ConceptText("Nothing to explain here.", loaded.knowledge)
        qtbot.addWidget(label)
        assert label.focusPolicy() == Qt.FocusPolicy.NoFocus

    def test_a_text_is_never_read_as_markup(self, loaded, qtbot):
        label = ConceptText("<b>loss</b> & <i>", loaded.knowledge)
        qtbot.addWidget(label)
        assert "&lt;b&gt;" in label.text()
        assert "&lt;/b&gt; &amp; &lt;i&gt;" in label.text()
        assert label.plain() == "<b>loss</b> & <i>"
        assert label.accessibleName() == label.plain()


SIZES = ((1024, 640), (1280, 800), (2560, 1440))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_is_cut_off_in_any_view(
    size, browser, loaded_window, loaded, settle, layout_faults
):
    loaded_window.resize(*size)
    for tab in range(1, 9):
        browser(tab)
        settle(loaded)
        assert layout_faults(loaded_window) == [], f"tab {tab}"
