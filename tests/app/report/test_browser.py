"""The page in a real browser: silent, alone, readable in light and dark, one sheet where asked."""

import base64
import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from tinyhtml5.parser import HTMLParser

import rules
from app import report as reports
from app.advice import advise, load_machine

sys.path.insert(0, str(Path(__file__).parent))
from browser import CHROMIUM, Tab, chromium

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = [
    # One close choice among many is in every run, the rest in the long one.
    pytest.param(path, id=path.stem, marks=() if path.stem == "student" else pytest.mark.slow)
    for path in sorted((ROOT / "assets" / "examples").glob("*.yaml"))
]
FORMS = [pytest.param(False, id="whole"), pytest.param(True, id="one page")]

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
needs_pdfinfo = pytest.mark.skipif(
    shutil.which("pdfinfo") is None, reason="poppler-utils is not installed"
)


@pytest.fixture(scope="module")
def tab(tmp_path_factory) -> Iterator[Tab]:
    with chromium(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


def written(report: reports.Report, folder: Path, one_page: bool) -> Path:
    path = folder / "report.html"
    reports.write(report, path, one_page)
    return path


@pytest.mark.parametrize("one_page", FORMS)
def test_it_parses_without_an_error_by_the_html_standard(report, one_page):
    parser = HTMLParser()
    parser.parse(reports.to_html(report, one_page))
    assert parser.errors == []


def test_the_parser_does_find_errors():
    parser = HTMLParser()
    parser.parse("<!DOCTYPE html><title>a</title><p><ul></p><b><i></b></i>")
    assert parser.errors


@needs_chromium
@pytest.mark.parametrize("one_page", FORMS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_without_a_complaint_and_asks_for_nothing(report, tab, tmp_path, one_page, scheme):
    path = written(report, tmp_path, one_page)
    tab.open(path, scheme)
    assert tab.complaints == []
    assert tab.requests == [path.as_uri()]
    # The theme's background, as `assets/themes` has it.
    background = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(245, 246, 248)", "dark": "rgb(15, 18, 22)"}[scheme]


@needs_chromium
@pytest.mark.parametrize("one_page", FORMS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_accessibility_check_finds_nothing(report, tab, tmp_path, one_page, scheme):
    package = importlib.util.find_spec("axe_core_python")
    assert package is not None
    assert package.submodule_search_locations
    axe = Path(package.submodule_search_locations[0]) / "axe.min.js"
    tab.open(written(report, tmp_path, one_page), scheme)
    # What is folded is checked too.
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    tab.evaluate(axe.read_text(encoding="utf-8"))
    # Structure is the same in both schemes; only colours differ.
    found = tab.evaluate(
        "axe.run()" if scheme == "light" else "axe.run({runOnly: ['color-contrast']})"
    )
    assert [
        (one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found["violations"]
    ] == []
    passed = {one["id"] for one in found["passes"]}
    assert "color-contrast" in passed
    if scheme == "light":
        assert {"heading-order", "document-title", "html-has-lang", "list"} <= passed


@needs_chromium
def test_nothing_is_wider_than_a_narrow_window(report, tab, tmp_path):
    tab.call(
        "Emulation.setDeviceMetricsOverride",
        width=400,
        height=800,
        deviceScaleFactor=1,
        mobile=False,
    )
    try:
        tab.open(written(report, tmp_path, False))
        assert tab.evaluate("document.documentElement.scrollWidth") <= 400
    finally:
        tab.call("Emulation.clearDeviceMetricsOverride")


@needs_chromium
@needs_pdfinfo
@pytest.mark.parametrize("example", EXAMPLES)
def test_the_one_page_form_of_each_example_prints_on_one_sheet(tab, tmp_path, example):
    knowledge = rules.load_knowledge()
    machine = load_machine(ROOT / "tests" / "data" / "machine_quick.json")
    answers = rules.load_answers(example, knowledge)
    decision = advise(knowledge, answers, machine, date(2026, 11, 21), draws=500)
    assert sheets_of(tab, reports.build(decision, knowledge, machine), tmp_path) == 1


@needs_chromium
@needs_pdfinfo
def test_a_printed_whole_report_shows_what_is_folded(report, tab, tmp_path):
    tab.open(written(report, tmp_path, False))
    printed = tmp_path / "printed.pdf"
    printed.write_bytes(base64.b64decode(tab.call("Page.printToPDF")["data"]))
    text = subprocess.run(
        ["pdftotext", "-raw", printed, "-"], check=True, capture_output=True, text=True
    ).stdout
    # A cell of the folded table of sources.
    assert "Keras is documented to do so." in " ".join(text.split())


def sheets_of(tab: Tab, report: reports.Report, folder: Path) -> int:
    tab.open(written(report, folder, True))
    printed = folder / "printed.pdf"
    data = tab.call("Page.printToPDF", preferCSSPageSize=True)["data"]
    printed.write_bytes(base64.b64decode(data))
    facts = subprocess.run(["pdfinfo", printed], check=True, capture_output=True, text=True).stdout
    assert re.search(r"Page size:\s+59[45].* x 84[12].*A4", facts)
    found = re.search(r"Pages:\s+(\d+)", facts)
    assert found
    return int(found[1])
