"""Still charts in the window: drawn when looked at, elsewhere, and never while a round runs."""

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from app.gui.widgets.still_chart import ChartFold, StillChart
from app.gui.widgets.table import Table
from app.report.document import Chart, Column, Line
from app.report.document import Table as Figures
from app.theme import load_theme

WIDTH, HEIGHT = 720, 300


def a_chart(subject="cpu"):
    table = Figures(
        caption=f"Figures of {subject}",
        columns=(Column(title="Mode"), Column(title="Share", numeric=True)),
        rows=((Line(text="jax/jit"), Line(text="72 %")),),
    )
    return Chart(
        name="roofline", subject=subject, caption=f"About {subject}", alt="In words.", table=table
    )


def a_picture():
    """As large as a figure of matplotlib's is."""
    from matplotlib.figure import Figure

    from app.charts import to_png

    return to_png(Figure(figsize=(WIDTH / 96, HEIGHT / 96)))


@pytest.fixture
def fold(qtbot):
    fold = ChartFold("Limits")
    qtbot.addWidget(fold)
    fold.resize(800, 600)
    fold.show()
    return fold


def answer(fold, pictures, may_draw=lambda: True, theme="light"):
    """What the page does: draw in the job, show what came."""
    left = iter(pictures)
    fold.show_drawn(fold.job(lambda *_: next(left), load_theme(theme), may_draw)())
    QApplication.processEvents()  # new widgets are shown only then


def said(fold):
    return [one.text() for one in fold.findChildren(QLabel) if one.isVisible()]


def test_nothing_is_drawn_before_it_is_looked_at(fold, qtbot):
    with qtbot.assertNotEmitted(fold.wanted):
        fold.set_charts([a_chart()])
    with qtbot.waitSignal(fold.wanted):
        fold.open()
    assert said(fold) == ["Being drawn..."]


def test_what_was_drawn_stands_with_its_words_and_figures(fold, qtbot):
    fold.set_charts([a_chart()])
    fold.open()
    answer(fold, [a_picture()])
    (picture,) = fold.findChildren(StillChart)
    assert picture.is_drawn()
    assert picture.accessibleName() == "In words."
    assert fold.findChild(Table).shown() == [["jax/jit", "72 %"]]
    assert said(fold) == []
    with qtbot.assertNotEmitted(fold.wanted):
        fold.open(False)
        fold.open()


def test_of_several_each_has_its_caption(fold):
    fold.set_charts([a_chart("cpu"), a_chart("nvidia_gpu")])
    fold.open()
    answer(fold, [a_picture(), None])
    assert said(fold) == ["About cpu", "About nvidia_gpu"]
    assert [one.isVisible() for one in fold.findChildren(StillChart)] == [True, False]


def test_a_picture_shrinks_with_its_page_and_never_grows(qtbot):
    picture = StillChart("In words.")
    qtbot.addWidget(picture)
    assert picture.heightForWidth(500) == 0
    picture.set_picture(a_picture(), 1.0)
    assert picture.heightForWidth(WIDTH * 2) == HEIGHT
    assert picture.heightForWidth(WIDTH // 2) == HEIGHT // 2
    assert picture.minimumSizeHint().width() < 200
    picture.resize(360, 150)
    picture.show()
    assert not picture.grab().isNull()


def test_while_a_round_runs_it_waits_and_says_so(fold, qtbot):
    fold.set_charts([a_chart(), a_chart("gpu")])
    fold.open()
    asked = iter([True, False])
    drawn = []
    job = fold.job(lambda *_: drawn.append(1), load_theme("light"), lambda: next(asked))
    fold.show_drawn(job())
    assert drawn == [1]
    assert said(fold) == ["Drawn when the measuring is over; nothing may disturb it."]
    with qtbot.waitSignal(fold.wanted):
        fold.ask()


def test_another_theme_draws_anew_and_only_what_is_open(fold, qtbot):
    fold.set_charts([a_chart()])
    fold.open()
    answer(fold, [a_picture()])
    with qtbot.waitSignal(fold.wanted):
        fold.forget()
    answer(fold, [a_picture()], theme="dark")
    fold.open(False)
    with qtbot.assertNotEmitted(fold.wanted):
        fold.forget()
    with qtbot.waitSignal(fold.wanted):
        fold.open()


def test_pictures_of_what_is_no_longer_shown_are_left_out(fold):
    fold.set_charts([a_chart()])
    fold.open()
    late = fold.job(lambda *_: a_picture(), load_theme("light"), lambda: True)
    fold.set_charts([a_chart("gpu")])
    fold.show_drawn(late())
    assert fold.findChildren(StillChart) == []


def test_without_charts_there_is_nothing_to_open(fold):
    fold.set_charts([])
    assert not fold.isVisible()
