"""The recorded answers of pip, judged."""

import importlib.util
from pathlib import Path

import pytest

from app.installing.judging import judge
from app.installing.lines import parse_line

_SPEC = importlib.util.spec_from_file_location("record", Path(__file__).with_name("record.py"))
assert _SPEC is not None
record = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(record)


@pytest.fixture(scope="session")
def judged():
    """Gives what is said of a recorded answer, by its name."""

    def judged(name):
        text, target, answer = record.read(name)
        return judge(parse_line(text), target, answer, "2026-11-21T18:00:00+00:00")

    return judged
