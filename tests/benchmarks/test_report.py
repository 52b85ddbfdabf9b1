"""The report in all formats, from a real decision, after the charts' first import."""

from datetime import date
from pathlib import Path

import rules
from app import report as reports
from app.advice import advise
from probes.results import decode_machine

ROOT = Path(__file__).resolve().parents[2]
MACHINE = ROOT / "tests" / "data" / "machine_quick.json"


def test_report_in_every_format_takes_at_most_three_seconds(benchmark, tmp_path):
    knowledge = rules.load_knowledge()
    answers = rules.load_answers(ROOT / "assets" / "examples" / "student.yaml", knowledge)
    machine = decode_machine(MACHINE.read_bytes(), MACHINE.name) if MACHINE.exists() else None
    decision = advise(knowledge, answers, machine, date(2026, 11, 21))
    reports.to_html(reports.build(decision, knowledge, machine))

    def write_all() -> None:
        document = reports.build(decision, knowledge, machine)
        for suffix in reports.SUFFIXES:
            reports.write(document, tmp_path / f"report{suffix}")

    benchmark.pedantic(write_all, rounds=5)
