"""The pages for those who print or archive: whole, tagged, with the fonts that we ship."""

import importlib.util
import shutil
import subprocess
import sys

import msgspec
import pytest

from app import report as reports
from probes.results import Machine

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
        "Choose Keras",
        "Holds in most of our what-ifs.",
        "python -m pip install keras jax",
        "Retired by the Apache Software Foundation.",
        "Made with, replay and review",
    ):
        assert said in text
    facts = output("pdfinfo", path)
    assert "Tagged:          yes" in facts
    assert "Choose Keras" in facts


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
