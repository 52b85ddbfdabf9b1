"""The pages for those who print or archive: whole, tagged, with the fonts that we ship."""

import html
import importlib.util
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import msgspec
import pytest

import rules
from app import report as reports
from app.advice import advise
from app.report.document import Table
from probes.results import Machine

FOLDER = Path(__file__).resolve().parents[3] / "assets" / "examples"
EXAMPLES = [
    # One close choice among many is in every run, the rest in the long one.
    pytest.param(path, id=path.stem, marks=() if path.stem == "student" else pytest.mark.slow)
    for path in sorted(FOLDER.glob("*.yaml"))
]

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="poppler-utils is not installed"
)


needs_typst = pytest.mark.skipif(
    importlib.util.find_spec("typst") is None, reason="typst is not installed"
)


def written(report, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(reports.to_pdf(report))
    return path


def output(*command: object) -> str:
    return subprocess.run(
        [str(part) for part in command], check=True, capture_output=True, text=True
    ).stdout


@needs_typst
def test_the_same_report_gives_the_same_bytes(report):
    assert reports.to_pdf(report) == reports.to_pdf(report)


@needs_typst
@needs_poppler
def test_its_text_is_the_reports_and_it_is_tagged(report, tmp_path):
    path = written(report, tmp_path)
    text = output("pdftotext", "-layout", path, "-")
    for said in (
        "Stay with Keras",
        "Holds in most of our what-ifs.",
        "python -m pip install keras jax",
        "Retired by the Apache Software Foundation.",
        "Made with, replay and review",
    ):
        assert said in text
    facts = output("pdfinfo", path)
    assert "Tagged:          yes" in facts
    assert "Stay with Keras" in facts


@needs_typst
@needs_poppler
def test_each_section_has_its_bookmark_and_each_page_its_number(report, tmp_path):
    path = written(report, tmp_path)
    marks = output("pdftohtml", "-xml", "-i", "-stdout", path)
    outline = re.findall(r"<item page=\"\d+\">(.*?)</item>", marks)
    titles = [html.unescape(one) for one in outline]
    assert [one.title for one in report.sections if one.title not in titles] == []
    assert titles[0] == "Stay with Keras"
    assert "Appendix: tables to check by" in titles
    pages = int(re.search(r"Pages:\s+(\d+)", output("pdfinfo", path))[1])
    assert pages > 5
    for page in (1, pages):
        text = output("pdftotext", "-f", page, "-l", page, path, "-")
        assert f"{page} / {pages}" in text


@needs_typst
@needs_poppler
def test_a_folded_table_is_in_the_appendix_and_is_named_with_its_page_where_it_belongs(
    report, tmp_path
):
    path = written(report, tmp_path)
    text = " ".join(output("pdftotext", "-raw", path, "-").split())
    folded = [
        block
        for one in report.sections
        for block in one.blocks
        if isinstance(block, Table) and block.folded
    ]
    assert len(folded) > 5
    for number, block in enumerate(folded, 1):
        found = re.search(rf"Table A{number}, page (\d+): {re.escape(block.caption)}", text)
        assert found, block.caption
        page = output("pdftotext", "-raw", "-f", found[1], "-l", found[1], path, "-")
        assert f"A{number} · " in page


@needs_typst
@pytest.mark.parametrize("one_page", [False, True], ids=["whole", "one page"])
def test_setting_it_gives_no_warning(report, one_page, monkeypatch):
    import typst

    given = []

    def compile_(*arguments, **options):
        data, warnings = typst.compile_with_warnings(*arguments, **options)
        given.append(warnings)
        return data

    monkeypatch.setattr(typst, "compile", compile_)
    reports.to_pdf(report, one_page)
    assert given == [[]]


@needs_typst
@needs_poppler
def test_the_charts_are_vectors(report, tmp_path):
    images = output("pdfimages", "-list", written(report, tmp_path)).splitlines()[2:]
    assert images == []


@needs_typst
@needs_poppler
@pytest.mark.parametrize("example", EXAMPLES)
def test_the_one_page_form_of_each_example_has_one_page(example, tmp_path):
    knowledge = rules.load_knowledge()
    answers = rules.load_answers(example, knowledge)
    decision = advise(knowledge, answers, None, date(2026, 11, 21), draws=500)
    path = tmp_path / "one.pdf"
    path.write_bytes(reports.to_pdf(reports.build(decision, knowledge), True))
    facts = output("pdfinfo", path)
    assert re.search(r"Pages:\s+1\n", facts)
    assert "(A4)" in facts
    assert "Tagged:          yes" in facts
    assert "framework-advisor replay REPORT.json" in output("pdftotext", path, "-")


@needs_typst
@needs_poppler
def test_texts_of_great_length_still_make_one_page(recommended, knowledge, machine, tmp_path):
    long = "words without end " * 200
    plan = recommended().plan
    wordy = msgspec.structs.replace(
        plan,
        phases=tuple(msgspec.structs.replace(one, text=long) for one in plan.phases),
        review_when=(long, long, long, long),
    )
    flips = tuple(msgspec.structs.replace(one, sentence=long) for one in recommended().flips) * 9
    decision = recommended(plan=wordy, flips=flips, why=(long, long, long))
    path = tmp_path / "one.pdf"
    path.write_bytes(reports.to_pdf(reports.build(decision, knowledge, machine), True))
    assert re.search(r"Pages:\s+1\n", output("pdfinfo", path))


@needs_typst
@needs_poppler
def test_chinese_text_is_set_in_the_font_we_ship_and_every_font_is_inside(report, tmp_path):
    plain = msgspec.to_builtins(report)
    plain["summary"]["why"] = [{"text": "选择一个有未来的深度学习框架"}]
    path = written(msgspec.convert(plain, reports.Report), tmp_path)
    assert "选择一个有未来的深度学习框架" in output("pdftotext", path, "-")
    fonts = output("pdffonts", path).splitlines()[2:]
    assert any("NotoSansCJKsc" in font for font in fonts)
    assert all(font.split()[-5] == "yes" for font in fonts)


@needs_typst
@needs_poppler
def test_markup_of_typst_in_a_text_is_text(report, tmp_path):
    plain = msgspec.to_builtins(report)
    hostile = '#panic("x") #read("/etc/passwd") $x$ *bold* @label <label> ]#['
    plain["summary"]["what"] = hostile
    plain["sections"][0]["blocks"][0]["line"]["text"] = hostile
    plain["summary"]["install"]["text"] = hostile
    text = output("pdftotext", written(msgspec.convert(plain, reports.Report), tmp_path), "-")
    assert " ".join(text.split()).count(hostile) == 3


@needs_typst
@needs_poppler
def test_with_local_details_removed_none_is_in_the_pages(recommended, knowledge, machine, tmp_path):
    plain = msgspec.to_builtins(machine)
    plain["hardware"]["cpu"]["model"] = "CANARY of berta"
    poisoned = msgspec.convert(plain, Machine)
    loud = reports.build(recommended(), knowledge, poisoned)
    assert "CANARY" in output("pdftotext", written(loud, tmp_path), "-")
    quiet = reports.build(recommended(), knowledge, poisoned, redact=True)
    text = output("pdftotext", written(quiet, tmp_path), "-")
    assert "CANARY" not in text
    assert "berta" not in text.lower()


def test_without_typst_it_says_what_to_install(report, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(reports.ReportError, match="pip install typst"):
        reports.to_pdf(report)
