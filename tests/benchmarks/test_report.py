"""The report in all formats, from a real decision, after the charts' first import.

The first write of a process is apart from later ones: it sets the PDF with nothing kept from
before, and it is what a user waits for. So each first one has a process of its own. Beside it
stands the same report as a plain Jinja page: all that it says in nested lists, without charts.
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
PROCESSES, WRITES = 4, 4
PLAIN = """<!doctype html><title>Report</title>
{%- macro show(value) -%}
{%- if value is mapping -%}
<dl>{% for name, each in value.items() -%}
<dt>{{ name }}</dt><dd>{{ show(each) }}</dd>{% endfor %}</dl>
{%- elif value is string or value is number or value is none or value is boolean -%}{{ value }}
{%- else -%}<ul>{% for each in value %}<li>{{ show(each) }}</li>{% endfor %}</ul>{%- endif -%}
{%- endmacro -%}
{{ show(report) }}"""


@pytest.mark.parametrize(("machine", "form"), [("quick", "whole"), ("deep", "whole")])
def test_report_in_every_format_takes_at_most_three_seconds(record, machine, form):
    command = [sys.executable, str(Path(__file__)), machine, form]
    runs = [
        json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
        for _ in range(PROCESSES)
    ]
    first = [run["seconds"][0] for run in runs]
    later = [one for run in runs for one in run["seconds"][1:]]
    record(f"report_{machine}_first", first, [one["seconds"][0] / one["plain"] for one in runs])
    record(f"report_{machine}_later", later)
    if machine == "deep":
        record("report_html_megabytes", [runs[0]["html"] / 1e6])


def write_often(machine: str, form: str) -> dict:
    """Seconds of each write of all formats and of a plain page, and the bytes of the HTML."""
    import jinja2
    import msgspec

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
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(WRITES):
            before = time.perf_counter()
            document = report.build(decision, knowledge, measured)
            for suffix in report.SUFFIXES:
                report.write(document, Path(folder, f"report{suffix}"), form == "one page")
            seconds.append(time.perf_counter() - before)
        size = Path(folder, "report.html").stat().st_size
    before = time.perf_counter()
    plain = jinja2.Environment(autoescape=True).from_string(PLAIN)
    plain.render(report=msgspec.to_builtins(document))
    return {"seconds": seconds, "plain": time.perf_counter() - before, "html": size}


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    print(json.dumps(write_often(*sys.argv[1:])))
