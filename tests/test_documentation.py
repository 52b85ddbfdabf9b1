"""What the documents tell to type is typed here; what cannot be is listed with its reason."""

import argparse
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from app.__main__ import COMMANDS, _parser, main

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "REVIEW.md")
PROGRAMS = {
    "make", "sudo", "py", "pip", "python3", "git", "xcode-select", ".ci/run", "framework-advisor",
}  # fmt: skip


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text):
    """Fenced blocks as (language, lines without the indent of a list)."""
    for indent, language, body in re.findall(r"^( *)```(\w*)\n(.*?)^ *```$", text, re.M | re.S):
        yield language, [line.removeprefix(indent) for line in body.splitlines()]


def is_command(words):
    while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
        words = words[1:]
    if not words or "─" in "".join(words):  # a drawing
        return False
    return (
        words[0] in PROGRAMS
        or words[0].startswith((".venv/bin/", ".venv\\"))
        or (words[0] in COMMANDS and len(words) > 1)
    )


def commands(text):
    """What the text tells to type, in its order, each once: lines of blocks, and in a sentence."""
    found = []
    for language, lines in blocks(text):
        if language:
            continue
        joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
        # Three spaces part a command from what is said about it.
        found += [re.split(r" {3,}", line.strip())[0] for line in joined.splitlines()]
    plain = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.M | re.S)
    found += [" ".join(one.split()) for one in re.findall(r"`([^`]+)`", plain)]
    found = [re.sub(r"\s+", " ", one) for one in found]
    return list(dict.fromkeys(one for one in found if is_command(one.split(" "))))


EVERY = list(dict.fromkeys(one for name in DOCUMENTS for one in commands(read(name))))
ADVISOR = ".venv/bin/framework-advisor "

TYPED = {
    ADVISOR + "ask --out answers.yaml": None,
    ADVISOR + "recommend --answers answers.yaml --machine machine.json "
    "--out report.html --out decision.md --out report.json": None,
    ADVISOR + "replay report.json": None,
    "replay --format json": "replay report.json --format json",
    ADVISOR + "knowledge check --knowledge house": None,
    ADVISOR + "knowledge check": "knowledge check",
    "framework-advisor knowledge check": "knowledge check",
    "knowledge check": "knowledge check",
    "framework-advisor knowledge show": "knowledge show comparison",
    "knowledge show": "knowledge show matrix",
    ADVISOR + "recommend --answers answers.yaml --knowledge house": None,
    "recommend --answers assets/examples/student.yaml": None,
    "recommend --existing FILE": "recommend --answers answers.yaml --existing requirements.txt",
    "recommend --machine FILE": "recommend --answers answers.yaml --machine machine.json",
    "compare A.json B.json": "compare report.json report.json",
    "starter --help": None,
    "starter --executed": None,
    "framework-advisor schema knowledge": None,
    "schema session": None,
    "framework-advisor history where": None,
    "history list": None,
    "history show --workload cnn_train --framework pytorch": None,
    "history delete": "history delete --help",
    "history forget-all": "history forget-all --yes",
    ADVISOR + "probe --make-bundle probe.pyz": None,
}
"""As it stands or, where it names no file, with one: typed in this order in one folder."""

SLOW = {
    ADVISOR + "knowledge diff house": None,
    "knowledge diff": ADVISOR + "knowledge diff house",
    ADVISOR + "probe --out machine.json": None,
    ADVISOR + "starter --framework keras --task image_classification my-project --run": None,
    "python3 probe.pyz --out machine.json": None,
}

ASKS_AN_INDEX = "asks a package index: tests/end_to_end/test_install.py does, with the real pip"
NEEDS_A_CLUSTER = "needs a cluster: tests/probes/test_fleet.py starts one of its own"
UNTYPED = {
    "sudo apt-get install -y *": "needs an administrator and changes the system",
    "xcode-select --install": "macOS only",
    "py -3.11 -m venv .venv": "Windows only",
    ".venv\\*": "Windows only",
    "python3": "the name of a program, not a command",
    "framework-advisor": "opens the window: tests/end_to_end/test_window.py does",
    "make *": "sets up, then calls what is tested by itself; that the target is there is tested",
    ".ci/run": "runs these tests",
    ADVISOR + "install verify --framework jax": ASKS_AN_INDEX,
    ADVISOR + "install verify --answers answers.yaml --platform windows --python-version 3.13":
        ASKS_AN_INDEX,
    ADVISOR + 'install verify --line "pip install torch" --python ../other/bin/python':
        ASKS_AN_INDEX,
    ADVISOR + "install create ~/try-jax --framework jax": ASKS_AN_INDEX,
    "install verify": ASKS_AN_INDEX,
    "install create": ASKS_AN_INDEX,
    "recommend --verify": ASKS_AN_INDEX,
    ".venv/bin/pip install -c constraints.txt -e .*": "installs into the environment in use",
    "probe --cluster": NEEDS_A_CLUSTER,
    ADVISOR + "probe --cluster tcp:*": NEEDS_A_CLUSTER,
    ADVISOR + "probe --cluster ssh:*": NEEDS_A_CLUSTER,
    ADVISOR + "probe --cluster slurm:*": NEEDS_A_CLUSTER,
    "FRAMEWORK_ADVISOR_LANGUAGE=ID .venv/bin/framework-advisor gui --screenshots DIR":
        "takes minutes: make screenshots does, and tests/app/gui/test_translation.py for languages",
    "PYTHONPATH=. .venv/bin/python tests/app/report/test_golden.py":
        "writes into the checkout: the tests of that file hold what it would write",
    ".venv/bin/python -m app.starter.execution --missing":
        "trains for hours and writes into the checkout: tests/app/starter/test_execution.py",
}  # fmt: skip
"""Patterns of what is not typed here, and why."""


def reason(command):
    """Why a command is not typed; none where it must be."""
    return next((why for one, why in UNTYPED.items() if fnmatchcase(command, one)), None)


def words_of(command):
    """The program's arguments in a command of the documents."""
    words = shlex.split(command)
    return words[1:] if words[0].endswith("framework-advisor") else words


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where a reader stands: our assets, the README's house rules, a machine file."""
    (tmp_path / "assets").symlink_to(ROOT / "assets")
    (tmp_path / "house").mkdir()
    house = next(lines for _, lines in blocks(read("README.md")) if lines[0].startswith("gates:"))
    (tmp_path / "house" / "rules.yaml").write_text("\n".join(house), encoding="utf-8")
    shutil.copy(ROOT / "tests" / "data" / "machine_quick.json", tmp_path / "machine.json")
    (tmp_path / "requirements.txt").write_text("torch\nmxnet\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_no_command_is_new_without_being_typed_here_or_listed_with_a_reason():
    assert [one for one in EVERY if one not in {**TYPED, **SLOW} and not reason(one)] == []
    assert [one for one in (*TYPED, *SLOW) if one not in EVERY] == []
    unused = [one for one in UNTYPED if not any(fnmatchcase(each, one) for each in EVERY)]
    assert unused == []


def test_what_the_documents_tell_to_type_works(folder, monkeypatch, capsys):
    once = dict.fromkeys(tuple(words_of(TYPED[one] or one)) for one in EVERY if one in TYPED)
    for words in once:
        # Somebody who takes the first answer each time.
        monkeypatch.setattr(sys, "stdin", io.StringIO("1\n" * 60))
        try:
            code = main(list(words))
        except SystemExit as end:  # a page of help
            code = end.code
        out = capsys.readouterr()
        assert code == 0, (words, out.err)
        assert out.out or out.err or "--out" in words, words
    for name in ("answers.yaml", "report.html", "decision.md", "report.json", "probe.pyz"):
        assert (folder / name).stat().st_size > 100, name


@pytest.mark.slow
@pytest.mark.frameworks
@pytest.mark.timeout(900)
@pytest.mark.parametrize("command", dict.fromkeys(typed or one for one, typed in SLOW.items()))
def test_what_takes_long_works_too(folder, command):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    program = [sys.executable, "-m", "app"]
    if command.startswith("python3 "):
        subprocess.run(
            [*program, "probe", "--make-bundle", "probe.pyz"], check=True, env=environment
        )
        typed = [sys.executable, *words_of(command)[1:]]
        environment.pop("PYTHONPATH")
    else:
        typed = [*program, *words_of(command)]
    done = subprocess.run(typed, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout or "--out" in command or "exit code 0" in done.stderr
    assert (folder / "my-project").exists() == ("my-project" in command)


@pytest.mark.parametrize("command", [one for one in EVERY if one.startswith("make ")])
def test_make_has_each_target_that_is_named(command):
    done = subprocess.run(
        ["make", "--dry-run", *command.split()[1:]], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize(
    "command", [one for one in EVERY if one.startswith(ADVISOR) and reason(one)]
)
def test_what_is_not_typed_has_options_that_there_are(command):
    words = words_of(command)
    assert _parser(words).parse_args(words).command == words[0]


def test_the_table_of_commands_is_that_of_the_program():
    table = read("README.md").split("\n## Commands\n")[1].split("\n\n")[0]
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|", table, re.M))
    assert rows.pop("framework-advisor")
    assert set(rows) == set(COMMANDS)
    for name, said in rows.items():
        for option in re.findall(r"--[a-z-]+", said):
            assert option in help_of(name), f"{name} has no {option}"


def help_of(name):
    """Its help and that of its actions, or of the command that the option is said to belong to."""
    parser = _parser([name])
    commands = next(one for one in parser._actions if isinstance(one, argparse._SubParsersAction))
    command = commands.choices[name]
    nested = [
        each.format_help()
        for one in command._actions
        if isinstance(one, argparse._SubParsersAction)
        for each in one.choices.values()
    ]
    return "\n".join([command.format_help(), *nested])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_file_that_a_document_names_is_there(name):
    top = {path.name for path in ROOT.iterdir()} | {"tests"}
    for one in re.findall(r"`([\w.]+/[\w./-]*)`|\(([\w/.-]+\.png)\)", read(name)):
        path = one[0] or one[1]
        if path.split("/")[0] in top - {"build"} and not re.search(r"[A-Z]{2}", path):
            assert (ROOT / path).exists(), path
