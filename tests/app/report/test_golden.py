"""The whole text of the writers, so that no change of it goes unseen.

When a change is meant: `python tests/app/report/test_golden.py` writes the files anew; look at the
difference as a reader before you commit it.
"""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from app import report as reports

GOLDEN = Path(__file__).parent / "golden"


def without_drawings(html: str) -> str:
    """The page less its styles and charts: those have tests of their own."""
    html = re.sub(r"<style>.*?</style>", "<style></style>", html, flags=re.DOTALL)
    return re.sub(r"<svg.*?</svg>", "<svg></svg>", html, flags=re.DOTALL)


def pdf_text(data: bytes) -> str:
    """Its words in the order of its tags' content, free of how lines and pages break."""
    text = subprocess.run(
        ["pdftotext", "-raw", "-nopgbrk", "-", "-"], input=data, check=True, capture_output=True
    ).stdout.decode()
    return "\n".join(line.strip() for line in text.splitlines()) + "\n"


TEXTS: dict[str, Callable[[reports.Report], str]] = {
    "report.md": reports.to_markdown,
    "report.html": lambda report: without_drawings(reports.to_html(report)),
    "report.json": lambda report: reports.to_json(report).decode(),
    "report.pdf.txt": lambda report: pdf_text(reports.to_pdf(report)),
    "one_page.md": lambda report: reports.to_markdown(report, True),
    "one_page.html": lambda report: without_drawings(reports.to_html(report, True)),
    "one_page.pdf.txt": lambda report: pdf_text(reports.to_pdf(report, True)),
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_is_what_was_agreed(report, name):
    if ".pdf" in name:
        pytest.importorskip("typst")
        if shutil.which("pdftotext") is None:
            pytest.skip("poppler-utils is not installed")
    assert TEXTS[name](report) == (GOLDEN / name).read_text(encoding="utf-8")


if __name__ == "__main__":
    import sys

    sys.path[:0] = [str(Path(__file__).parents[3]), str(Path(__file__).parent)]
    import conftest

    made = conftest.a_report()
    GOLDEN.mkdir(exist_ok=True)
    for name, text in TEXTS.items():
        (GOLDEN / name).write_text(text(made), encoding="utf-8")
