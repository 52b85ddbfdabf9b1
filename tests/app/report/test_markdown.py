"""The decision record as its reader sees it, and as a renderer would take it."""

import re

import msgspec
import pytest

from app import report as reports
from app.report.as_markdown import fenced, plain


def test_it_is_a_decision_record_in_the_madr_form(report):
    text = reports.to_markdown(report)
    headings = re.findall(r"^##? .*$", text, flags=re.MULTILINE)
    assert headings == [
        "# Stay with Keras",
        "## Context and Problem Statement",
        "## Decision Drivers",
        "## Considered Options",
        "## Decision Outcome",
        "## Pros and Cons of the Options",
        "## More Information",
    ]
    assert text.startswith("---\nstatus: proposed\ndate: 2026-11-21\n---\n")
    for said in (
        "* **Deployment:** Android app.",
        "* Apache MXNet (ruled out)",
        'Chosen option: "Keras", because of what follows. Holds in most of our what-ifs.',
        "### Confirmation",
        "Review by 2027-05-21.",
        "* Ruled out: Retired by the Apache Software Foundation.",
    ):
        assert said in text


def test_each_table_has_as_many_cells_in_every_row(report):
    text = reports.to_markdown(report)
    tables = re.findall(r"(?:^\|.*\|$\n?)+", text, flags=re.MULTILINE)
    assert len(tables) > 8
    for table in tables:
        widths = {len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}
        assert len(widths) == 1


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("a | b", r"a \| b"),
        ("*bold* and _soft_ first_rank_share", r"\*bold\* and \_soft\_ first_rank_share"),
        ("[x](javascript:alert(1))", r"\[x\](javascript&#58;alert(1))"),
        ("# no heading", r"\# no heading"),
        ("1. no list", r"1\. no list"),
        ("- no list", r"\- no list"),
        ("`code` ~~gone~~ $x$", r"\`code\` \~\~gone\~\~ \$x\$"),
        ("two\n\n# lines", "two # lines"),
        ("&amp; stays", "&amp;amp; stays"),
        ("https://example.org/a", "https://example.org/a"),
    ],
)
def test_markup_in_a_text_is_text(text, escaped):
    assert plain(text) == escaped


def test_a_fence_is_longer_than_what_it_holds():
    assert fenced("a ```` b") == "`````\na ```` b\n`````"


def test_hostile_answers_and_commands_stay_inert(report):
    plain_report = msgspec.to_builtins(report)
    hostile = "```\n# Owned\n<img src=x onerror=alert(1)> | x | [a](javascript:b)"
    plain_report["summary"]["what"] = hostile
    plain_report["summary"]["install"]["text"] = hostile
    plain_report["sections"][0]["blocks"][0]["line"]["text"] = hostile
    text = reports.to_markdown(msgspec.convert(plain_report, reports.Report))
    outside = re.sub(r"^(`{3,})\n.*?\n\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert "<img" not in outside
    assert "](javascript:" not in outside
    assert not re.search(r"^# Owned", outside, flags=re.MULTILINE)


def test_the_same_report_gives_the_same_text(report):
    assert reports.to_markdown(report) == reports.to_markdown(report)
