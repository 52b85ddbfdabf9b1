"""Tables on paper: widths by what columns hold, long words that may break, and how many rows."""

import pytest

from app.report.printing import MOST_ROWS, printed_table


def table(*rows, titles=("What", "Value"), numeric=(False, True)):
    return {
        "caption": "A table",
        "columns": [
            {"title": title, "numeric": is_numeric}
            for title, is_numeric in zip(titles, numeric, strict=True)
        ],
        "rows": [[{"strong": "", "text": text, "framework": None} for text in row] for row in rows],
    }


def test_a_column_gets_its_longest_word_and_a_figure_stays_on_one_line():
    words, figures = printed_table(table(("two words", "1.25 ms"), ("a", "3 ms")))["wants"]
    assert words == {"least": 6, "longest": 9, "usual": 7.5}
    assert figures == {"least": 9, "longest": 7, "usual": 9}


def test_a_table_without_rows_is_as_wide_as_its_titles():
    words, figures = printed_table(table())["wants"]
    assert (words["longest"], figures["longest"]) == (4, 5)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("2026-11-21", "2026-11-21"),
        ("https://example.org/a/page", "https:/\u200b/\u200bexample.\u200borg/\u200ba/\u200bpage"),
        ("a site-packages word", "a site-packages word"),
    ],
)
def test_only_long_words_may_break(text, printed):
    ((cell, _),) = printed_table(table((text, "1")))["rows"]
    assert cell["text"] == printed


def test_a_figure_never_breaks():
    ((_, cell),) = printed_table(table(("a", "1_000_000_000_000_000_000")))["rows"]
    assert cell["text"] == "1_000_000_000_000_000_000"


def test_rows_past_what_is_printed_are_counted():
    printed = printed_table(table(*[("a", "1")] * (MOST_ROWS + 3)))
    assert (len(printed["rows"]), printed["left"]) == (MOST_ROWS, 3)
    assert printed_table(table(("a", "1")))["left"] == 0
