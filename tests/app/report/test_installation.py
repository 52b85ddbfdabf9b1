"""What a resolver said of the install line stands in every format, with its day, as it was said."""

from datetime import date

import msgspec
import pytest

import rules
from app import report as reports
from app.advice import advise
from app.installing.results import Build, Package, Target, Verification
from app.report.replay import replay
from rules.model import Answers

LINE = "python -m pip install keras jax"
ASKED = "2026-11-20T09:30:00+00:00"


def verification(**changes) -> Verification:
    given = {
        "state": "verified",
        "summary": "pip finds all of it for a new environment of Python 3.11 on this machine.",
        "line": LINE,
        "target": Target(platform="linux", python_version="3.11"),
        "resolver": "pip 26.3",
        "asked_utc": ASKED,
        "build": Build(accelerator="cpu"),
        "packages": (
            Package(name="jax", version="0.10.2", requested=True, bytes=3_200_000),
            Package(name="jaxlib", version="0.10.2", requested=False),
        ),
    }
    return Verification(**{**given, **changes})


@pytest.fixture
def built(recommended, knowledge, machine):
    def build(found, redact=False):
        return reports.build(recommended(), knowledge, machine, redact=redact, installation=found)

    return build


def test_every_format_tells_state_day_size_and_build(built):
    report = built(verification())
    for text in (reports.to_markdown(report), reports.to_html(report)):
        assert "Verified (2026-11-20 09:30:00 UTC, asked of pip 26.3)" in text
        assert "at least 3 MB; the size of jaxlib is unknown" in text
        assert "CPU build" in text
        assert "not tried on your machine" not in text
    assert report.summary.install.note.startswith("Verified (2026-11-20")
    read = reports.from_json(reports.to_json(report), "report.json")
    assert read.installation == verification()


@pytest.mark.parametrize(
    "state", ["conflicts", "no_wheel", "not_verified", "cpu_only", "cancelled"]
)
def test_what_is_not_verified_is_never_said_to_be(built, state):
    found = verification(state=state, summary="It did not.", packages=(), build=None)
    text = reports.to_markdown(built(found))
    assert "Verified (" not in text
    assert "It did not." in text


def test_the_outcome_of_another_line_is_left_out(built):
    report = built(verification(line="pip install torch"))
    assert report.installation is None
    assert "not tried on your machine" in reports.to_markdown(report)


def test_a_redacted_report_names_no_interpreter_and_quotes_no_installed_package(built):
    python = "/home/rosalind/env/bin/python"
    found = verification(
        state="conflicts",
        summary=f"It would break what is in {python}.",
        details=("house-secret 1.0 asks for jax<0.1",),
        target=Target(platform="linux", python_version="3.11", python=python),
    )
    report = built(found, redact=True)
    text = reports.to_json(report).decode() + reports.to_markdown(report)
    assert "rosalind" not in text
    assert "house-secret" not in text
    assert "(removed)" in report.installation.summary


@pytest.mark.parametrize("redact", [False, True])
def test_a_replay_stands_and_finds_an_edited_outcome(redact):
    knowledge = rules.load_knowledge()
    answers = Answers(answers={"work": "scratch", "domain": ("vision",), "goal": "production"})
    decided = advise(knowledge, answers, None, date(2026, 11, 21), draws=100)
    line = decided.stack.install.command
    found = verification(state="conflicts", summary="No.", line=line)
    report = reports.build(decided, knowledge, None, redact=redact, installation=found)
    assert replay(report, knowledge).found == ()
    forged = msgspec.structs.replace(report, installation=verification(line=line))
    edited = replay(forged, knowledge).found
    assert "installation" in [one.difference.field for one in edited if one.cause == "edited"]
