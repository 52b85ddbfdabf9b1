"""The small parts: option cards under mouse and keys, layouts that follow their width, icons."""

import sys

import pytest
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QTextDocument
from PySide6.QtWidgets import QPushButton, QWidget

from app.gui.style import apply_theme
from app.gui.widgets.basic import Card, Icon, pixmap, plain_tooltip
from app.gui.widgets.layouts import ColumnGrid, Flow
from app.gui.widgets.marks import marker_path
from app.gui.widgets.question_view import QuestionView, toggled
from app.gui.widgets.settled_card import how_much
from app.gui.widgets.table import LEAST_COLUMN, Cell, Column, Table
from app.paths import ASSETS
from app.report.as_html import GLYPHS
from app.theme import load_theme
from rules.model import Option, Question


def question(multiple=False):
    return Question(
        id="where",
        stage="core",
        text="Where will it run?",
        help="Every place that counts.",
        why="It can rule frameworks out.",
        topic="Place",
        multiple=multiple,
        options=tuple(
            Option(id=one, text=one.capitalize(), help=f"About {one}")
            for one in ("none", "server", "browser")
        ),
    )


@pytest.fixture
def shown(qtbot):
    def shown(multiple=False, first_counts_most=False):
        view = QuestionView(question(multiple), first_counts_most)
        qtbot.addWidget(view)
        view.resize(700, 400)
        with qtbot.waitActive(view):
            view.show()
            view.activateWindow()
        return view

    return shown


def test_a_click_anywhere_on_a_card_chooses_it(shown, qtbot):
    view = shown()
    card = view.options["server"]
    with qtbot.waitSignal(view.chosen) as chosen:
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton, pos=card.rect().bottomRight() * 0.9)
    assert chosen.args == ["server"]
    assert card.isChecked()


def test_digits_choose_and_arrows_move_the_choice(shown, qtbot):
    view = shown()
    got = []
    view.chosen.connect(got.append)
    view.initial_focus().setFocus()
    qtbot.keyClick(view.initial_focus(), Qt.Key.Key_2)
    qtbot.keyClick(view.options["server"], Qt.Key.Key_1)
    qtbot.keyClick(view.options["none"], Qt.Key.Key_Down)
    assert got == ["server", "none", "browser"]
    assert view.options["browser"].isChecked()


def test_a_digit_without_an_option_does_nothing(shown, qtbot):
    view = shown()
    got = []
    view.chosen.connect(got.append)
    qtbot.keyClick(view.initial_focus(), Qt.Key.Key_4)
    assert got == []


def test_several_are_kept_in_the_order_of_choice_and_the_first_is_marked(shown, qtbot):
    view = shown(multiple=True, first_counts_most=True)
    got = []
    view.chosen.connect(got.append)
    view.options["browser"].click()
    view.options["server"].click()
    assert got == [("browser",), ("browser", "server")]
    assert view.options["browser"]._face.badge.isVisible()
    assert not view.options["server"]._face.badge.isVisible()


@pytest.mark.parametrize(
    ("chosen", "option", "after"),
    [
        ((), "server", ("server",)),
        (("server",), "browser", ("server", "browser")),
        (("server", "browser"), "server", ("browser",)),
        (("server", "browser"), "none", ("none",)),
        (("none",), "server", ("server",)),
        (("none",), "none", ()),
    ],
)
def test_none_excludes_the_others(chosen, option, after):
    assert toggled(chosen, option) == after


def test_an_answer_that_is_taken_back_shows_as_no_choice(shown):
    view = shown()
    view.set_value("server")
    view.set_value(())
    assert not any(card.isChecked() for card in view.options.values())
    view.set_value("unknown")
    assert view.said_unknown.isVisible()


def test_a_screen_reader_hears_what_an_option_would_rule_out(shown):
    view = shown(multiple=True)
    view.set_effects({"browser": ("Rules out MLX", "MLX: Apple silicon only")})
    interface = QAccessible.queryAccessibleInterface(view.options["browser"])
    assert interface.text(QAccessible.Text.Name) == "Browser"
    assert "Rules out MLX" in interface.text(QAccessible.Text.Description)
    assert interface.role() == QAccessible.Role.CheckBox


def test_a_single_choice_is_announced_as_one(shown):
    interface = QAccessible.queryAccessibleInterface(shown().options["server"])
    assert interface.role() == QAccessible.Role.RadioButton


@pytest.mark.parametrize(("width", "columns"), [(200, 1), (612, 2), (900, 3), (4000, 3)])
def test_the_grid_has_as_many_equal_columns_as_fit(width, columns, qtbot):
    holder = QWidget()
    qtbot.addWidget(holder)
    grid = ColumnGrid(holder, column_width=280, spacing=12, most_columns=3)
    for _ in range(5):
        grid.addWidget(QPushButton("x"))
    places = grid.arrange(width)
    assert sum(place.top() == 0 for place in places) == columns
    assert max(place.right() for place in places) == width - 1
    widths = [place.width() for place in places]
    assert max(widths) - min(widths) <= 1


def test_the_flow_wraps_where_the_width_ends(qtbot):
    holder = QWidget()
    qtbot.addWidget(holder)
    flow = Flow(holder, spacing=10)
    for _ in range(3):
        thing = QWidget()
        thing.setFixedSize(100, 20)
        flow.addWidget(thing)
    assert flow.arrange(220)[2] == QRect(0, 30, 100, 20)
    assert flow.heightForWidth(400) == 20


@pytest.mark.parametrize("path", sorted((ASSETS / "icons").glob("*.svg")), ids=lambda one: one.stem)
def test_every_icon_is_drawn_in_the_colour_asked_for(path, qapp):
    picture = pixmap(path.stem, "#c5303a", 24, 2.0).toImage()
    assert picture.size().toTuple() == (48, 48)
    asked = QColor("#c5303a")
    inked = [
        picture.pixelColor(x, y)
        for x in range(48)
        for y in range(48)
        if picture.pixelColor(x, y).alpha() == 255
    ]
    assert inked
    for ink in inked:
        # Blending of half-covered pixels may round by one.
        assert abs(ink.red() - asked.red()) <= 1
        assert abs(ink.green() - asked.green()) <= 1
        assert abs(ink.blue() - asked.blue()) <= 1


def test_an_icon_follows_the_theme(qapp, qtbot):
    apply_theme(qapp, load_theme("light"))
    card = Card("x")
    mark = Icon("good", "good")
    card.body.addWidget(mark)
    qtbot.addWidget(card)
    card.show()
    light = mark.pixmap().toImage()
    apply_theme(qapp, load_theme("dark"))
    assert mark.pixmap().toImage() != light


@pytest.mark.parametrize(
    ("share", "words"), [(0.7, "most answers"), (0.5, "half"), (0.1, "a few"), (1.0, "100%")]
)
def test_shares_are_said_in_words(share, words, qapp):
    assert words in how_much(share)


def test_void_calls_into_qt_do_not_lose_none(qtbot):
    """PySide6 6.12.0 loses a reference to None with each of them and dies below Python 3.12."""
    widget = QWidget()
    qtbot.addWidget(widget)
    before = sys.getrefcount(None)
    for _ in range(1_000):
        widget.update()
    assert abs(sys.getrefcount(None) - before) < 100


def test_each_marker_of_the_theme_has_a_shape_of_its_own_in_widgets_and_a_sign_in_texts():
    marks = {name: mark.marker for name, mark in load_theme("light").frameworks.items()}
    del marks["classical"]  # drawn as the other way out is, and never beside it
    shapes = [
        [
            (round(point.x, 3), round(point.y, 3))
            for point in (path.elementAt(at) for at in range(path.elementCount()))
        ]
        for path in (marker_path(one, QPointF(0, 0), 1) for one in marks.values())
    ]
    assert len({tuple(shape) for shape in shapes}) == len(shapes)
    assert len({GLYPHS[one] for one in marks.values()}) == len(marks)


@pytest.mark.parametrize("text", ["<b>one</b>.py", "a\nb <img src='x'>"])
def test_a_name_that_looks_like_markup_is_read_as_it_is_in_a_tooltip(text, qtbot):
    table = Table("Files", (Column("File"),))
    qtbot.addWidget(table)
    table.set_rows([(Cell(text),)])
    shown = QTextDocument()
    shown.setHtml(table.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole))
    assert shown.toPlainText() == text
    assert plain_tooltip("pip install jax") == "pip install jax"


def test_a_narrow_table_gives_up_width_of_words_and_none_of_figures(qtbot):
    table = Table("Times", (Column("What"), Column("Seconds", figures=True), Column("Why")))
    qtbot.addWidget(table)
    table.set_rows([[Cell("one of many words " * 3), Cell("1,234,567.890"), Cell("words " * 9)]])
    table.resize(900, 200)
    table.show()
    wide = [table.columnWidth(at) for at in range(3)]
    table.resize(420, 200)
    narrow = [table.columnWidth(at) for at in range(3)]
    assert sum(narrow) <= table.viewport().width() < sum(wide)
    assert narrow[1] == wide[1] >= table.sizeHintForColumn(1)
    assert LEAST_COLUMN <= narrow[0] < wide[0]
