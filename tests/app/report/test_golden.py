"""The whole text of the writers, so that no change of it goes unseen.

When a change is meant: `python tests/app/report/test_golden.py` writes the files anew; look at the
difference as a reader before you commit it.
"""

import re
from pathlib import Path

import pytest

from app import report as reports

GOLDEN = Path(__file__).parent / "golden"


def without_drawings(html: str) -> str:
    """The page less its styles and charts: those have tests of their own."""
    html = re.sub(r"<style>.*?</style>", "<style></style>", html, flags=re.DOTALL)
    return re.sub(r"<svg.*?</svg>", "<svg></svg>", html, flags=re.DOTALL)


def texts(report: reports.Report) -> dict[str, str]:
    return {
        "report.md": reports.to_markdown(report),
        "report.html": without_drawings(reports.to_html(report)),
    }


@pytest.mark.parametrize("name", ["report.md", "report.html"])
def test_the_text_is_what_was_agreed(report, name):
    assert texts(report)[name] == (GOLDEN / name).read_text(encoding="utf-8")


if __name__ == "__main__":
    import sys

    sys.path[:0] = [str(Path(__file__).parents[3]), str(Path(__file__).parent)]
    import conftest

    made = conftest.a_report()
    GOLDEN.mkdir(exist_ok=True)
    for name, text in texts(made).items():
        (GOLDEN / name).write_text(text, encoding="utf-8")
