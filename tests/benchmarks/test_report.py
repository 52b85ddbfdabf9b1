"""The report in all formats, from a real decision, after the charts' first import.

The first write of a process is apart from later ones: it sets the PDF with nothing kept from
before, and it is what a user waits for. So each first one has a process of its own.
"""

import json
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROCESSES, WRITES = 3, 4


@pytest.mark.parametrize("machine", ["quick", "deep"])
@pytest.mark.parametrize("form", ["whole", "one page"])
def test_report_in_every_format_takes_at_most_three_seconds(report_ratio, machine, form):
    command = [sys.executable, str(Path(__file__)), machine, form]
    runs = [
        json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
        for _ in range(PROCESSES)
    ]
    for number, clock in enumerate(("CPU", "wall")):
        what = f"report, {machine}, {form}, all formats"
        first = [run[0][number] for run in runs]
        later = [one[number] for run in runs for one in run[1:]]
        report_ratio(f"{what}, first write, {clock} seconds", first, "at most 3 s")
        report_ratio(f"{what}, later writes, {clock} seconds", later, "at most 3 s")


def write_often(machine: str, form: str) -> list[tuple[float, float]]:
    """Seconds of the processor and of the clock, for each write of all formats."""
    import rules
    from app import charts, report
    from app.advice import advise, load_machine
    from app.theme import load_theme

    sys.path.insert(0, str(ROOT / "tests" / "app" / "report"))
    from deep import RECORDED, deep_machine

    knowledge = rules.load_knowledge()
    answers = rules.load_answers(ROOT / "assets" / "examples" / "student.yaml", knowledge)
    measured = deep_machine() if machine == "deep" else load_machine(RECORDED)
    decision = advise(knowledge, answers, measured, date(2026, 11, 21))
    # The charts' first import, with all that a first drawing imports.
    charts.to_svg(charts.ranking_figure(decision, load_theme("light"), {}))
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(WRITES):
            processor, clock = time.process_time(), time.perf_counter()
            document = report.build(decision, knowledge, measured)
            for suffix in report.SUFFIXES:
                report.write(document, Path(folder, f"report{suffix}"), form == "one page")
            found.append((time.process_time() - processor, time.perf_counter() - clock))
    return found


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    print(json.dumps(write_often(*sys.argv[1:])))
