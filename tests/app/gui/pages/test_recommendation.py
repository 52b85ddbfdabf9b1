"""What somebody sees on the recommendation page, for each kind of verdict, and what they can do."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from app.gui.pages.recommendation import Page
from app.gui.recommendation.rows import flip_rows, group_flips
from app.gui.recommendation.verdict import ConflictNotice
from app.gui.recommendation.words import Lookup
from app.gui.widgets.basic import Badge
from app.gui.widgets.evidence import EvidenceBadge, EvidencePopup
from app.headline import nearest_flips

SIZES = [(808, 560), (2300, 1400)]


@pytest.fixture
def page(session, shown):
    return shown(Page(session))


@pytest.fixture
def show(page, give, at_rest):
    """Gives a recommendation to the shown page and waits until all of it is there."""

    def show(recommendation, baseline=None):
        give(recommendation, baseline)
        at_rest()
        page.complete()
        at_rest()
        return page

    return show


def texts(widget):
    return [
        one.text() for one in widget.findChildren(QLabel) if one.isVisible() and one.text().strip()
    ]


def said(widget):
    return "\n".join(texts(widget))


def ranking(page):
    return [row.framework for row in page.ranking.chart.rows()]


def test_without_answers_the_page_says_what_to_do(page, session, qtbot):
    assert "No answers yet" in said(page)
    with qtbot.waitSignal(session.show_step) as asked:
        qtbot.mouseClick(page.go_to_questions, Qt.MouseButton.LeftButton)
    assert asked.args == ["questions"]


@pytest.mark.parametrize(
    ("kind", "leave", "headline", "sure"),
    [
        ("clear", None, "Choose PyTorch", "A clear verdict"),
        ("close", None, "PyTorch, but it is close", "A close verdict"),
        ("insufficient", None, "Too early to say; so far PyTorch leads", "A insufficient verdict"),
        ("none", None, "No framework is left with these answers", "requirements alone"),
        (
            "clear",
            "classical",
            "You do not need deep learning: boosted trees will do",
            "before any score",
        ),
        (
            "clear",
            "runtime",
            "Nothing has to be trained: an inference runtime will do",
            "before any score",
        ),
    ],
)
def test_headline_and_doubt_are_said_in_words(show, recommend, kind, leave, headline, sure):
    page = show(recommend(kind, leave))
    assert page.verdict.headline.text() == headline
    assert sure in page.verdict.sure.text()


def test_the_share_and_how_it_was_made_are_one_click_away(show, recommend, qtbot):
    page = show(recommend())
    assert "9,300 of 10,000" not in said(page)
    qtbot.mouseClick(page.verdict.made.button, Qt.MouseButton.LeftButton)
    assert "9,300 of 10,000" in said(page)
    assert "93 %" in said(page)


def test_a_verdict_without_measured_scores_is_labelled_not_measured(show, recommend):
    assert "not measured" in texts(show(recommend()).verdict)


def test_measured_scores_are_labelled_and_compared_with_the_first_verdict(show, recommend, session):
    session.first_verdict = recommend()
    page = show(recommend(measured=True))
    assert "measured on this machine" in texts(page.verdict)
    assert "The first verdict, before measuring, was the same." in said(page.verdict)


def test_a_reason_opens_its_source_date_and_grade(show, recommend, qtbot):
    page = show(recommend())
    badge = page.why.findChildren(EvidenceBadge)[0]
    assert badge.text() == "official, 2026-10"
    qtbot.mouseClick(badge, Qt.MouseButton.LeftButton)
    popup = badge.findChild(EvidencePopup)
    assert "PyTorch on domain_fit: its makers say so." in said(popup)
    assert "https://example.org/facts, as of 2026-10" in said(popup)
    assert "Grade: official" in said(popup)
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    assert not popup.isVisible()


def test_every_criterion_of_the_first_has_its_sentence_and_badge(show, recommend, qtbot, at_rest):
    page = show(recommend())
    qtbot.mouseClick(page.why.all.button, Qt.MouseButton.LeftButton)
    at_rest()
    for sentence in ("Domain fit: The best anyone offers", "Ease: Poor"):
        assert sentence in texts(page.why)


def test_a_ruled_out_framework_shows_gate_reason_source_and_fix_and_is_not_ranked(
    show, recommend, at_rest
):
    page = show(recommend())
    page.why_not.choose("mxnet")
    at_rest()
    shown = said(page.why_not)
    assert "Apache MXNet was retired and gets no fixes." in shown
    assert "ruled out by: State of the project" in shown
    assert "What would help: Move to PyTorch; the plan says how." in shown
    assert page.why_not.findChildren(EvidenceBadge)[0].text() == "source, 2023-09"
    assert "mxnet" not in ranking(page)


def test_another_framework_is_compared_criterion_by_criterion(show, recommend, at_rest):
    page = show(recommend())
    page.why_not.choose("keras")
    at_rest()
    assert "Keras loses most on domain fit." in said(page.why_not)
    assert page.why_not.bars.isVisible()
    assert "Ease -0.150" in page.why_not.bars.accessibleDescription()


def test_choosing_a_bar_of_the_ranking_asks_why_not_that_one(show, recommend, qtbot):
    page = show(recommend())
    page.ranking.chart.setFocus()
    qtbot.keyClick(page.ranking.chart, Qt.Key.Key_Down)
    qtbot.keyClick(page.ranking.chart, Qt.Key.Key_Down)
    qtbot.keyClick(page.ranking.chart, Qt.Key.Key_Down)
    assert page.why_not.choice.currentData() == "jax"


def test_a_slider_asks_for_the_new_weight_and_the_ranking_follows(
    show, recommend, session, monkeypatch, qtbot
):
    asked = []
    monkeypatch.setattr(type(session), "set_importance", lambda self, *change: asked.append(change))
    first = recommend()
    page = show(first)
    # The page was made with the real method; make one that sees the replacement.
    page.what_if.importance_changed.disconnect()
    page.what_if.importance_changed.connect(session.set_importance)
    slider = page.what_if.sliders["people"]
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert asked == [("people", 1), ("people", 2)]
    show(recommend(importance={"people": 2}), baseline=first)
    assert ranking(page)[0] == "keras"
    assert "You moved 1 weight to get here." in texts(page.what_if)


def test_reset_brings_the_weights_and_the_ranking_of_the_answers_back(
    show, recommend, session, qtbot
):
    first = recommend()
    session._answers = first.answers
    page = show(first)
    before = ranking(page)
    qtbot.keyClick(page.what_if.sliders["people"], Qt.Key.Key_Right)
    assert session.answers.importance == {"people": 1}
    show(recommend(importance={"people": 1}), baseline=first)
    qtbot.mouseClick(page.what_if.reset, Qt.MouseButton.LeftButton)
    assert session.answers.importance == {}
    show(recommend(), baseline=first)
    assert ranking(page) == before
    assert page.what_if.sliders["people"].value() == 0
    assert not page.what_if.reset.isEnabled()


def test_a_flip_mark_stands_where_the_ranking_really_turns(recommend):
    """Just short of the mark the first stays first, just beyond it the challenger leads."""
    flip = next(one for one in group_flips(recommend()) if one.group == "people")
    assert flip.challenger == "keras"
    short = recommend(importance={"people": flip.position - 0.01}).ranking[0].framework
    beyond = recommend(importance={"people": flip.position + 0.01}).ranking[0].framework
    assert (short, beyond) == ("pytorch", "keras")


def test_flip_points_are_sentences_too(show, recommend):
    page = show(recommend())
    assert any("Keras would draw level" in text for text in texts(page.what_if))
    page.what_if.flips.open()
    assert "With twice the weight on ease, Keras would be level." in said(page.what_if)


def test_flip_points_stand_on_one_scale_with_their_words(show, recommend, knowledge):
    decided = recommend()
    page = show(decided)
    page.what_if.flips.open()
    points = page.what_if.flip_points
    assert points.isVisible()
    rows = flip_rows(decided, Lookup.of(knowledge))
    nearest = nearest_flips(decided)
    assert rows
    assert [(row.today, row.then) for row in rows] == [
        (one.weight, one.flips_at) for one in nearest[: len(rows)]
    ]
    assert points.accessibleDescription() == " ".join(row.sentence for row in rows)
    assert not points.grab().isNull()


def test_level_scores_share_a_rank_and_look_like_a_tie(show, recommend):
    page = show(recommend())
    rows = page.ranking.chart.rows()
    assert [(row.rank, row.tied) for row in rows] == [("1", False), ("2", False), ("3", False)]
    flip = next(one for one in group_flips(recommend()) if one.group == "people")
    show(recommend(importance={"people": flip.position - 0.05}))
    rows = page.ranking.chart.rows()
    assert [(row.rank, row.tied) for row in rows] == [("1–2", True), ("1–2", True), ("3", False)]


def test_the_table_behind_the_bars_is_one_click_away(show, recommend, qtbot):
    page = show(recommend())
    qtbot.mouseClick(page.contributions.more.button, Qt.MouseButton.LeftButton)
    shown = page.contributions._table.shown()
    assert shown[0] == ["Domain fit", "Fit", "0.400", "0.400", "0.300", "0.200"]


def test_without_measurements_the_page_says_that_speed_is_open(show, recommend):
    assert "Nothing has been measured" in said(show(recommend()).measured)


def test_measuring_without_a_valid_time_is_not_called_unmeasured(
    show, recommend, session, measured
):
    session.machine = msgspec.structs.replace(measured, measurements=measured.measurements[2:])
    assert "no training or inference time held" in said(show(recommend()).measured)


def test_measured_ratios_are_shown_with_intervals_and_only_valid_ones(
    show, recommend, session, measured
):
    session.machine = measured
    page = show(recommend(measured=True))
    chart = page.measured.chart
    assert chart.isVisible()
    assert "PyTorch, eager fastest" in chart.accessibleDescription()
    assert "Keras, torch 3.00×" in chart.accessibleDescription()
    assert "jax" not in chart.accessibleDescription()


def test_times_of_another_device_are_shown_and_said_not_to_count(
    show, recommend, session, measured
):
    session.machine = measured
    assert "do not count" in said(show(recommend()).measured)


def test_the_install_line_is_copied(show, recommend, qtbot):
    page = show(recommend())
    field = page.next.findChild(QLineEdit)
    assert field.text() == "pip install torch"
    copy = next(one for one in page.next.findChildren(QPushButton) if one.text() == "Copy")
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "pip install torch"
    assert copy.text() == "Copied"


def test_costs_and_next_steps_are_all_there(show, recommend):
    page = show(recommend())
    costs, after = said(page.costs), said(page.next)
    for sentence in (
        "From Apache MXNet to PyTorch",
        "medium effort",
        "Freeze the old environment.",
        "Releases are frequent.",
        "The newest Python has a capped release.",
    ):
        assert sentence in costs
    for sentence in ("ExecuTorch, for android", "1. Prove it", "The basics, Makers", "2027-05-21"):
        assert sentence in after


def test_a_warning_opens_what_it_rests_on_and_the_steps_say_whose_advice_they_are(show, recommend):
    advice = recommend()
    leader = msgspec.structs.replace(
        advice.ranking[0],
        warnings=("PyTorch on ease: its makers say so. Take another.", "Nobody has said this."),
    )
    page = show(msgspec.structs.replace(advice, ranking=(leader, *advice.ranking[1:])))
    assert "Nobody has said this." in texts(page.costs)
    badges = {one.text(): one for one in page.costs.findChildren(EvidenceBadge)}
    badges["official, 2026-10"].click()
    popup = badges["official, 2026-10"].findChild(EvidencePopup)
    assert "https://example.org/facts, as of 2026-10" in said(popup)
    popup.close()
    (steps,) = [one for one in page.next.findChildren(EvidenceBadge) if one.text() == "judgement"]
    steps.click()
    popup = steps.findChild(EvidencePopup)
    assert "are advice of ours" in said(popup)
    popup.close()


def test_with_nothing_left_the_gates_are_the_message(show, recommend):
    page = show(recommend("none"))
    assert "Apache MXNet was retired" in said(page.why_not)
    assert not page.ranking.isVisible()
    assert not page.verdict.starter.isVisible()


def test_after_an_exit_the_ranking_is_kept_for_who_wants_it_all_the_same(show, recommend, at_rest):
    page = show(recommend("clear", "classical"))
    assert "If you want deep learning all the same" in texts(page.ranking)
    assert "On small tables boosted trees match deep networks." in said(page.why)
    assert page.why.findChildren(EvidenceBadge)[0].text() == "reported, 2022-07"
    page.why_not.choose("pytorch")
    at_rest()
    assert "first of the frameworks" in said(page.why_not)


def test_a_conflict_is_repaired_with_one_click(show, recommend, session, qtbot):
    recommendation = recommend("close")
    session._answers = recommendation.answers
    page = show(recommendation)
    notice = page.findChild(ConflictNotice)
    assert "Does the TPU machine run Linux?" in said(notice)
    repair = next(one for one in notice.findChildren(QPushButton) if "set it so" in one.text())
    qtbot.mouseClick(repair, Qt.MouseButton.LeftButton)
    assert session.answers.answers["os"] == "linux"


def test_the_jump_bar_brings_a_part_into_sight(show, recommend, qtbot):
    page = show(recommend())
    jump = next(one for one in page.jumps if one.text() == "Next steps")
    qtbot.mouseClick(jump, Qt.MouseButton.LeftButton)
    assert page.column.verticalScrollBar().value() > 0
    assert not page.next.visibleRegion().isEmpty()


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(
    ("kind", "leave"),
    [("clear", None), ("close", None), ("none", None), ("clear", "runtime")],
    ids=str,
)
def test_nothing_is_cut_off(
    kind, leave, size, show, recommend, session, measured, layout_faults, unnamed, at_rest
):
    session.machine = measured
    page = show(recommend(kind, leave, measured=True))
    page.resize(*size)
    for part in (page.verdict.made, page.why.all, page.what_if.flips, page.contributions.more):
        part.open()
    at_rest()
    assert layout_faults(page) == []
    assert unnamed(page) == []


def test_badges_are_words_and_never_only_colours(show, recommend):
    assert all(badge.text() for badge in show(recommend()).findChildren(Badge))
