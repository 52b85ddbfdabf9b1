"""How large a report gets when everything was measured; how long it takes is in the benchmarks."""

import itertools
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import rules
from app import report as reports
from app.advice import advise
from app.report.document import Chart, Table
from probes.results import decode_machine, encode_machine

sys.path.insert(0, str(Path(__file__).parent))
from deep import deep_machine

STUDENT = Path(__file__).resolve().parents[3] / "assets" / "examples" / "student.yaml"


@pytest.fixture(scope="module")
def deep() -> reports.Report:
    knowledge = rules.load_knowledge()
    machine = decode_machine(encode_machine(deep_machine()), "deep.json")
    answers = rules.load_answers(STUDENT, knowledge)
    decision = advise(knowledge, answers, machine, date(2026, 11, 21), draws=500)
    return reports.build(decision, knowledge, machine)


def test_the_page_of_a_deep_probe_is_at_most_one_and_a_half_megabytes(deep):
    assert len(deep.machine.measurements) > 90
    assert len(deep.machine.comparisons) > 500
    assert sum(len(one.values) for one in deep.machine.measurements) > 20_000
    assert len(reports.to_html(deep).encode()) <= 1_500_000


def test_its_json_is_read_back_within_the_limit(deep):
    data = reports.to_json(deep)
    assert len(data) < reports.LARGEST_BYTES / 3
    assert reports.from_json(data, "deep.json") == deep


def test_what_is_long_is_folded(deep):
    open_tables = [
        block
        for one in deep.sections
        for block in one.blocks
        if isinstance(block, Table) and not block.folded
    ]
    assert [one.caption for one in open_tables if len(one.rows) > 40] == []
    charts = [block for one in deep.sections for block in one.blocks if isinstance(block, Chart)]
    assert all(one.table.rows for one in charts)
    tables = itertools.chain(open_tables, (one.table for one in charts))
    # More columns than these cannot be read on a page that is not folded or turned.
    assert [one.caption for one in tables if len(one.columns) > 9] == []


@pytest.mark.slow
def test_the_pages_of_a_deep_probe_can_be_turned_by_hand(deep, tmp_path):
    pytest.importorskip("typst")
    if shutil.which("pdfinfo") is None:
        pytest.skip("poppler-utils is not installed")
    path = tmp_path / "deep.pdf"
    path.write_bytes(reports.to_pdf(deep))
    facts = subprocess.run(["pdfinfo", path], check=True, capture_output=True, text=True).stdout
    assert int(re.search(r"Pages:\s+(\d+)", facts)[1]) <= 50
    text = subprocess.run(
        ["pdftotext", "-raw", path, "-"], check=True, capture_output=True, text=True
    ).stdout
    # What is cut is said.
    pairs = len(deep.machine.comparisons)
    assert f"The other {pairs - 200} rows stand in the HTML, Markdown and JSON forms" in text
