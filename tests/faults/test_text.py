"""Terminals and paths of every kind: locale C, Latin-1, spaces, quotes, Chinese, long names."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STUDENT = ROOT / "assets" / "examples" / "student.yaml"
RECOMMEND = ("recommend", "--answers", STUDENT, "--today", "2026-11-21")
PLAIN_C = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
LOCALES = {
    "C": PLAIN_C,
    "Latin-1": {"PYTHONIOENCODING": "latin-1"},
    "strict ASCII": {"PYTHONIOENCODING": "ascii:strict"},
    "a locale that is not there": {"LC_ALL": "xx_XX.UTF-16", "LANG": "zz"},
}
NAMES = ("report.json", "report.html", "report.md")
OUTS = tuple(word for name in NAMES for word in ("--out", name))
LONG = "/".join(["a name of forty characters, said in full"] * 8)
FOLDERS = {
    "spaces": "my own  folder",
    "quotes": 'it\'s "quoted" `here` $HOME',
    "Chinese": "深度学习 框架",
    "a line break": "two\nlines",
    "300 characters": LONG,
    "a percent sign and braces": "100% {name}",
    "a leading dash": "-rf",
}


@pytest.mark.parametrize(
    "locale", ["C", *(pytest.param(one, marks=pytest.mark.slow) for one in LOCALES if one != "C")]
)
def test_every_terminal_gets_the_recommendation(locale, fault, calm):
    ended = fault.run(*RECOMMEND, **LOCALES[locale])
    calm(ended, 0)
    assert len(ended.out.splitlines()) > 40


STARTER = ("starter", "--framework", "jax", "--task", "tabular")


@pytest.mark.slow
@pytest.mark.parametrize("locale", LOCALES)
def test_every_command_does_its_work_in_every_locale(locale, fault, calm):
    commands = [
        *("knowledge", "show", "then-and-now", "then"),
        *("knowledge", "show", "comparison", "then"),
        *(*STARTER, "项目", "then"),
        *("gui", "--exit-after-paint"),
    ]
    calm(fault.run(*commands, program="in_turn", **LOCALES[locale]), 0)
    assert (fault.folder / "项目" / "train.py").is_file()


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """What the reports are like in an ordinary terminal."""
    folder = tmp_path_factory.mktemp("expected")
    subprocess.run(
        [sys.executable, "-m", "app", *map(str, (*RECOMMEND, *OUTS))],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "FRAMEWORK_ADVISOR_HOME": str(folder / "home")},
        capture_output=True,
        check=True,
    )
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_written_is_the_same_in_every_locale(locale, expected, fault, calm):
    calm(fault.run(*RECOMMEND, *OUTS, **LOCALES[locale]), 0)
    for name in NAMES:
        assert (fault.folder / name).read_bytes() == (expected / name).read_bytes()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="names that Windows does not allow")
@pytest.mark.parametrize(
    ("name", "variables"),
    [*((name, {}) for name in FOLDERS), ("Chinese", PLAIN_C), ("300 characters", PLAIN_C)],
    ids=lambda value: value if isinstance(value, str) else "C" if value else "UTF-8",
)
def test_answers_reports_and_projects_lie_wherever_the_user_likes(name, variables, fault, calm):
    """In locale C too, in which Chinese names are bytes without a meaning."""
    folder = fault.folder / FOLDERS[name]
    folder.mkdir(parents=True)
    answers, report, project = folder / "answers.yaml", folder / "report.json", folder / "project"
    commands = [
        *("ask", "--out", answers, "then"),
        *("recommend", "--answers", answers, "--out", report, "then"),
        *("replay", report, "then"),
        *(*STARTER, "--", project),
    ]
    variables = {**variables, "FRAMEWORK_ADVISOR_HOME": folder / "home"}
    calm(fault.run(*commands, given=b"1\nq\n", program="in_turn", **variables), 0)
    assert json.loads(report.read_bytes())["schema"] == "framework-advisor/report/1"
    assert len(list((folder / "home" / "data" / "history").glob("*-report-*.json"))) == 1
    assert (project / "train.py").is_file()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="names that Windows does not allow")
@pytest.mark.parametrize("name", ["quotes", "Chinese", "300 characters"])
def test_a_starter_runs_wherever_the_user_likes(name, fault, calm):
    folder = fault.folder / FOLDERS[name]
    folder.mkdir(parents=True)
    ended = fault.run(*STARTER, "--run", "--", folder / "project")
    calm(ended, 0)
    assert "exit code 0" in ended.error


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="names that Windows does not allow")
def test_a_name_that_is_too_long_is_told_before_the_work(fault, message):
    ended = fault.run(*RECOMMEND, "--out", fault.folder / f"{'long' * 75}.json")
    assert "the name is too long; choose a shorter one" in message(ended)


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names without an encoding")
@pytest.mark.parametrize("variables", [{}, PLAIN_C], ids=["UTF-8", "C"])
def test_an_interpreter_in_a_folder_of_no_encoding_is_found_and_told(variables, fault, calm):
    """Bytes that are no UTF-8 reach the machine file, which is UTF-8, as something legible."""
    folder = os.fsdecode(os.fsencode(fault.folder) + b"/caf\xe9")
    made = fault.folder / "environment"
    venv.create(made, with_pip=False, symlinks=True)
    os.makedirs(folder)
    # Moved by hand: what makes environments cannot write such a name.
    os.rename(made, os.path.join(folder, "environment"))
    python = os.path.join(folder, "environment", "bin", "python")
    ended = fault.run("probe", "--python", python, "--frameworks", "jax", "--out", "m.json",
                      program="dummies", **variables)  # fmt: skip
    calm(ended, 0, 2, 3)
    if ended.code != 2:
        machine = json.loads((fault.folder / "m.json").read_bytes())
        assert any("caf" in one["python"] for one in machine["environments"])
