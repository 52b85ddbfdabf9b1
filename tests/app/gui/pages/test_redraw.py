"""A redraw of the recommendation page touches what changed and what is in sight, nothing else."""

import msgspec
import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from app.gui.pages.recommendation import Page


@pytest.fixture
def page(session, shown, give, recommend, at_rest):
    page = shown(Page(session))
    give(recommend())
    page.complete()
    at_rest()
    return page


@pytest.fixture
def new_widgets(page, at_rest):
    """How many widgets came into the page by doing something."""

    def count(act):
        before = set(page.findChildren(QWidget))
        act()
        page.complete()
        at_rest()
        return len(set(page.findChildren(QWidget)) - before)

    return count


def test_the_same_advice_again_makes_no_widget(new_widgets, give, recommend):
    assert new_widgets(lambda: give(recommend())) == 0


def test_a_moved_weight_moves_bars_and_words_and_makes_no_widget(
    page, new_widgets, give, recommend
):
    first = recommend()
    # A sentence more needs its label the first time.
    give(recommend(importance={"people": 0.3}), first)
    page.complete()
    score = page.ranking.chart.rows()[0].score
    # As far as the order of the first two stays: another leader is told with other reasons.
    assert new_widgets(lambda: give(recommend(importance={"people": 0.4}), first)) == 0
    assert page.ranking.chart.rows()[0].score != score
    assert page.what_if.moved.text() == "You moved 1 weight to get here."


def test_another_reason_makes_its_own_row_alone(new_widgets, give, recommend, page):
    advice = recommend()
    other = msgspec.structs.replace(advice, why=(*advice.why, "It is also said to be so."))
    assert new_widgets(lambda: give(other)) == 1


def test_what_is_out_of_sight_waits_and_is_there_when_it_is_looked_at(
    page, give, recommend, at_rest
):
    page.column.verticalScrollBar().setValue(0)
    at_rest()
    assert page.costs.visibleRegion().isEmpty()
    advice = recommend()
    plan = msgspec.structs.replace(advice.plan, risks=())
    quiet = msgspec.structs.replace(advice, plan=plan)
    give(quiet)
    at_rest()
    risks = [one for one in page.costs.findChildren(QWidget) if one.property("role") == "body"]
    assert any("Releases are frequent." in one.text() for one in risks)
    page.column.verticalScrollBar().setValue(page.column.verticalScrollBar().maximum())
    page._jump_to(page.costs)
    at_rest()
    said = [one.text() for one in page.costs.findChildren(QWidget) if hasattr(one, "text")]
    assert "Releases are frequent." not in said


def test_the_rest_follows_by_itself(page, give, recommend, qtbot):
    give(recommend("close"))
    assert page._due
    qtbot.waitUntil(lambda: not page._due, timeout=20_000)


def test_a_hidden_page_shows_nothing_until_it_is_shown(page, give, recommend, at_rest):
    page.hide()
    before = page.verdict.headline.text()
    give(recommend("none"))
    at_rest()
    assert page.verdict.headline.text() == before
    page.show()
    at_rest()
    assert page.verdict.headline.text() == "No framework is left with these answers"


class _Paints(QObject):
    def __init__(self, parent):
        super().__init__(parent)
        self.count = 0

    def eventFilter(self, watched, event):
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_the_ranking_is_painted_before_anything_else_is_laid_out(page, give, recommend, at_rest):
    page._jump_to(page.ranking)
    at_rest()
    paints = _Paints(page)
    page.ranking.chart.installEventFilter(paints)
    give(recommend(importance={"people": 0.4}))
    # No event has been handled since.
    assert paints.count == 1
