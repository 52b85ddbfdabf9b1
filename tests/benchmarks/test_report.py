"""The report in all formats, from a real decision, after the charts' first import."""

import sys
from datetime import date
from pathlib import Path

import pytest

import rules
from app import report as reports
from app.advice import advise, load_machine

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "app" / "report"))
from deep import RECORDED, deep_machine

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("machine", ["quick", "deep"])
@pytest.mark.parametrize("one_page", [False, True], ids=["whole", "one page"])
def test_report_in_every_format_takes_at_most_three_seconds(benchmark, tmp_path, machine, one_page):
    knowledge = rules.load_knowledge()
    answers = rules.load_answers(ROOT / "assets" / "examples" / "student.yaml", knowledge)
    measured = deep_machine() if machine == "deep" else load_machine(RECORDED)
    decision = advise(knowledge, answers, measured, date(2026, 11, 21))
    reports.to_html(reports.build(decision, knowledge, measured))

    def write_all() -> None:
        document = reports.build(decision, knowledge, measured)
        for suffix in reports.SUFFIXES:
            reports.write(document, tmp_path / f"report{suffix}", one_page)

    # The first of these sets the PDF with nothing kept from an earlier one.
    benchmark.pedantic(write_all, rounds=5)
