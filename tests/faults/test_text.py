"""Terminals and paths of every kind: locale C, Latin-1, spaces, quotes, Chinese, long names."""

import json
import os
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


@pytest.mark.slow
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "arguments",
    [
        ["knowledge", "show", "then-and-now"],
        ["knowledge", "show", "comparison"],
        ["starter", "--executed"],
        ["starter", "--framework", "jax", "--task", "tabular", "项目"],
        ["gui", "--exit-after-paint"],
    ],
    ids=lambda words: " ".join(words[:3]),
)
def test_every_command_does_its_work_in_every_locale(arguments, locale, fault, calm):
    calm(fault.run(*arguments, **LOCALES[locale]), 0)


@pytest.mark.slow
@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_written_is_the_same_in_every_locale(locale, fault, calm):
    for name, variables in (("here", {}), ("there", LOCALES[locale])):
        calm(fault.run(*RECOMMEND, "--out", f"{name}.json", "--out", f"{name}.html",
                       "--out", f"{name}.md", **variables), 0)  # fmt: skip
    for suffix in (".json", ".html", ".md"):
        here, there = (fault.folder / f"{name}{suffix}" for name in ("here", "there"))
        assert here.read_bytes() == there.read_bytes()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="names that Windows does not allow")
@pytest.mark.parametrize("name", FOLDERS)
def test_answers_and_reports_lie_wherever_the_user_likes(name, fault, calm):
    """In locale C too, in which Chinese names are bytes without a meaning."""
    folder = fault.folder / FOLDERS[name]
    folder.mkdir(parents=True)
    home = folder / "home"
    for at, variables in enumerate(({}, PLAIN_C)):
        home = folder / f"home {at}"
        here = {**variables, "FRAMEWORK_ADVISOR_HOME": home}
        answers, report = folder / "answers.yaml", folder / f"report {at}.json"
        calm(fault.run("ask", "--out", answers, given=b"1\nq\n", **here), 0)
        calm(fault.run("recommend", "--answers", answers, "--out", report, **here), 0)
        assert json.loads(report.read_bytes())["schema"] == "framework-advisor/report/1"
        calm(fault.run("replay", report, **here), 0)
        assert len(list((home / "data" / "history").glob("*-report-*.json"))) == 1


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="names that Windows does not allow")
@pytest.mark.parametrize("name", FOLDERS)
def test_a_starter_and_an_environment_lie_wherever_the_user_likes(name, fault, calm):
    folder = fault.folder / FOLDERS[name]
    folder.mkdir(parents=True)
    ended = fault.run("starter", "--framework", "jax", "--task", "tabular", "--run",
                      "--", folder / "project")  # fmt: skip
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
    os.makedirs(folder)
    made = os.path.join(folder, "environment")
    python = os.path.join(made, "bin", "python")
    venv.create(made, with_pip=False, symlinks=True)
    ended = fault.run("probe", "--python", python, "--frameworks", "jax",
                      "--workloads", "mlp_train", "--out", "m.json", **variables)  # fmt: skip
    calm(ended, 0, 2, 3)
    if ended.code != 2:
        json.loads((fault.folder / "m.json").read_bytes())
