"""The page that a lead forwards: whole, inert, accessible, and the same every time."""

import itertools
import re
from collections import Counter
from html.parser import HTMLParser

import msgspec

from app import report as reports
from app.report.document import Chart
from rules.recommendation import Verdict

VOID = {"meta", "br", "hr", "link", "img", "input"}
HOSTILE = (
    "</style></title><script>alert(1)</script><img src=x onerror=alert(1)>\"' `{{7*7}} ${x} &lt;"
)


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, in order, and that they nest."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def charts_in(report: reports.Report) -> int:
    return sum(isinstance(block, Chart) for one in report.sections for block in one.blocks)


def test_the_first_screen_says_what_how_sure_why_and_what_next(report):
    html = reports.to_html(report)
    first = " ".join(re.sub(r"<[^>]*>", " ", html[html.index("<h1") : html.index("<nav")]).split())
    for said in (
        "Stay with Keras",
        "Holds in most of our what-ifs.",
        "The shortest documented way to an Android app.",
        "Run the starter project.",
        "python -m pip install keras jax",
        "2027-05-21",
    ):
        assert said in first


def test_nothing_is_fetched_and_nothing_runs(report):
    html = reports.to_html(report)
    page = Page(html)
    assert not page.all("script", "link", "img", "iframe", "object", "embed", "base", "form")
    for tag, attributes in page.elements:
        assert not any(name.startswith("on") or name in ("src", "srcset") for name in attributes)
        address = attributes.get("href") or "#"
        assert address.startswith("#") or (tag == "a" and address.startswith("https://"))
    style = html[html.index("<style>") : html.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


def test_headings_landmarks_tables_and_pictures_are_there_for_a_screen_reader(report):
    page = Page(reports.to_html(report))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    for landmark in ("header", "nav", "main", "footer"):
        assert len(page.all(landmark)) == 1
    tables = len(page.all("table"))
    assert tables > 8
    assert len(page.all("caption")) == tables
    assert all(heading.get("scope") in ("col", "row") for heading in page.all("th"))
    pictures = page.all("svg")
    assert len(pictures) == charts_in(report) >= 5
    assert all(one["role"] == "img" and len(one["aria-label"] or "") > 30 for one in pictures)
    assert len(page.all("figcaption")) == len(page.all("figure")) == len(pictures)
    assert page.all("html")[0]["lang"] == "en"


def test_no_id_stands_twice_and_every_reference_has_its_target(report):
    page = Page(reports.to_html(report))
    ids = Counter(attributes["id"] for _, attributes in page.elements if "id" in attributes)
    assert [name for name, count in ids.items() if count > 1] == []
    wanted = set()
    for _, attributes in page.elements:
        if (attributes.get("href") or "").startswith("#"):
            wanted.add((attributes["href"] or "")[1:])
        wanted |= set((attributes.get("aria-labelledby") or "").split())
        wanted |= set(re.findall(r"url\(#([^)]+)\)", attributes.get("clip-path") or ""))
    assert wanted <= set(ids)


def test_dark_and_print_are_the_same_drawing_in_other_colours(report):
    html = reports.to_html(report)
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html
    drawings = html[html.index("<svg") : html.rindex("</svg>")]
    assert re.findall(r"#[0-9a-fA-F]{6}\b", drawings) == []
    used = set(re.findall(r"var\(--([a-z-]+)\)", html))
    assert used <= set(re.findall(r"--([a-z-]+):#", html))


def test_hostile_text_in_every_field_stays_text(recommended, knowledge, machine):
    def poisoned(value):
        if isinstance(value, str):
            return value + HOSTILE
        if isinstance(value, dict):
            return {key: poisoned(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [poisoned(inner) for inner in value]
        return value

    report = reports.build(recommended(), knowledge, machine)
    plain = msgspec.to_builtins(report)
    for part in ("title", "summary", "names", "sections", "record", "program_version"):
        before = plain[part]
        plain[part] = poisoned(before)
        _restore_closed_choices(before, plain[part])
    hostile = msgspec.convert(plain, reports.Report)
    html = reports.to_html(hostile)
    page = Page(html)
    assert not page.all("script", "img")
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert all(
        not (one.get("href") or "").lower().startswith(("javascript", "data"))
        for one in page.all("a")
    )
    assert "alert(1)" in page.text
    assert "{{7*7}}" in page.text


CLOSED = {"tone", "type", "name", "outcome", "sure_tone", "framework", "id", "grade"}


def _restore_closed_choices(before, after):
    """Fields that are no free text: a decoder refuses anything else in them."""
    if isinstance(before, dict):
        for key, value in before.items():
            if key in CLOSED and (value is None or isinstance(value, str)):
                after[key] = value
            else:
                _restore_closed_choices(value, after[key])
    elif isinstance(before, list | tuple):
        for one, other in zip(before, after, strict=True):
            _restore_closed_choices(one, other)


def test_a_script_address_is_no_link(report):
    sections = msgspec.to_builtins(report)
    for row in (
        row
        for section in sections["sections"]
        if section["id"] == "sources"
        for row in section["blocks"][1]["rows"]
    ):
        row[-1]["link"] = "javascript:alert(1)"
    html = reports.to_html(msgspec.convert(sections, reports.Report))
    assert "javascript:" not in html


def test_the_same_report_gives_the_same_bytes_and_a_small_file(report):
    html = reports.to_html(report)
    assert html == reports.to_html(report)
    assert len(html.encode()) < 400_000


def test_a_report_without_a_machine_says_so_and_draws_no_times(recommended, knowledge):
    report = reports.build(recommended(machine=None), knowledge)
    page = Page(reports.to_html(report))
    assert "Not measured: rests on your answers" in page.text
    assert "Nothing was measured." in page.text
    assert len(page.all("svg")) == charts_in(report) >= 4
    assert "measurements" not in [one["id"] for one in page.all("section") if "id" in one]


def test_nothing_left_is_a_page_that_names_the_ways_out(recommended, knowledge):
    nothing = recommended(
        verdict=Verdict(framework=None, kind="none", top_share=None, reason="All are ruled out."),
        ranking=(),
        why=(),
        why_not=(),
        flips=(),
        conflicts=(),
        stack=None,
        plan=None,
    )
    page = Page(reports.to_html(reports.build(nothing, knowledge)))
    assert "No framework is left with these answers" in page.text
    assert "Move to PyTorch. Retired by the Apache Software Foundation." in page.text
    assert len(page.all("svg")) == 1
