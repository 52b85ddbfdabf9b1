"""The command line as a user meets it: documents, exit codes, one clear message for bad input."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "assets" / "examples").glob("*.yaml"))
MACHINE = ROOT / "tests" / "data" / "machine_quick.json"
TODAY = ["--today", "2026-11-21"]


def advisor(*arguments, cwd=ROOT, **environment):
    return subprocess.run(
        [sys.executable, "-m", "app", *map(str, arguments)],
        capture_output=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        timeout=120,
        check=False,
    )


def bad_input(*arguments, cwd=ROOT):
    """Run and give the message, having checked that it is one line, exit 2 and nothing printed."""
    result = advisor(*arguments, cwd=cwd)
    message = result.stderr.decode()
    assert result.returncode == 2, message
    assert result.stdout == b""
    assert "Traceback" not in message
    assert len(message.strip().splitlines()) == 1, message
    return message


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_gets_the_documented_document_and_nothing_else(example):
    result = advisor("recommend", "--answers", example, "--format", "json", *TODAY)
    assert result.returncode == 0, result.stderr.decode()
    document = json.loads(result.stdout)
    assert document["schema"] == "framework-advisor/recommendation/1"
    assert {
        "made", "verdict", "screen", "ranking", "ruled_out", "conflicts", "stack", "plan", "flips",
        "answers", "knowledge", "machine",
    } <= set(document)  # fmt: skip
    ranked = {entry["framework"] for entry in document["ranking"]}
    assert not ranked & {entry["framework"] for entry in document["ruled_out"]}
    for entry in document["ranking"]:
        assert sum(one["points"] for one in entry["contributions"]) == pytest.approx(
            entry["score"], abs=1e-4
        )


def test_there_are_at_least_eight_examples_and_each_says_who_it_is():
    assert len(EXAMPLES) >= 8
    for example in EXAMPLES:
        assert example.read_text(encoding="utf-8").lstrip().startswith("#")


def test_the_same_inputs_give_the_same_bytes_wherever_they_are_read(tmp_path):
    answers = ROOT / "assets" / "examples" / "student.yaml"
    command = ["recommend", "--answers", answers, "--machine", MACHINE, "--format", "json", *TODAY]
    first = advisor(*command, PYTHONHASHSEED="1")
    assert first.returncode == 0, first.stderr.decode()
    second = advisor(
        *command, cwd=tmp_path, PYTHONHASHSEED="77", LC_ALL="C", LANG="C", TZ="Asia/Tokyo"
    )
    assert first.stdout == second.stdout


def test_a_measured_machine_is_named_in_the_document():
    answers = ROOT / "assets" / "examples" / "student.yaml"
    result = advisor("recommend", "--answers", answers, "--machine", MACHINE, "--format", "json")
    assert json.loads(result.stdout)["machine"] is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("schema: framework-advisor/answers/1\nanswers: {goall: learn}\n", ["goall", "goal", ":2"]),
        (
            "schema: framework-advisor/answers/1\nanswers:\n  work: scratch\n  goal: lern\n",
            ["lern", "learn", ":4"],
        ),
        (
            "schema: framework-advisor/answers/1\nanswers: {}\nmust_use: [pytorh]\n",
            ["pytorh", "pytorch", ":3"],
        ),
        ("schema: framework-advisor/answers/1\nanswers: [1, 2]\n", ["answers", ":2"]),
        ("schema: framework-advisor/answers/9\nanswers: {}\n", ["answers/9", "answers/1"]),
        ("answers: {work: scratch\n", ["answers.yaml"]),
        ("schema: framework-advisor/answers/1\nanswers: {}\nimportance: {fit: 7}\n", ["fit", ":3"]),
    ],
    ids=["question", "option", "framework", "type", "schema", "syntax", "importance"],
)
def test_bad_answers_are_named_with_file_line_field_and_the_nearest_id(tmp_path, text, expected):
    path = tmp_path / "answers.yaml"
    path.write_text(text, encoding="utf-8")
    message = bad_input("recommend", "--answers", path)
    assert "answers.yaml" in message
    for part in expected:
        assert part in message


def test_a_missing_and_an_unreadable_file_are_named(tmp_path):
    assert "nowhere.yaml" in bad_input("recommend", "--answers", tmp_path / "nowhere.yaml")
    assert str(tmp_path) in bad_input("recommend", "--answers", tmp_path)


def test_contradictory_answers_are_named_and_not_an_error(tmp_path):
    path = tmp_path / "answers.yaml"
    path.write_text(
        "schema: framework-advisor/answers/1\n"
        "answers: {train_where: cloud, training_hardware: tpu, os: windows}\n"
    )
    result = advisor("recommend", "--answers", path, "--format", "json", *TODAY)
    assert result.returncode == 0, result.stderr.decode()
    (conflict, *_) = json.loads(result.stdout)["conflicts"]
    assert set(conflict["answers"]) == {"training_hardware", "os"}
    assert conflict["question"].endswith("?")


@pytest.mark.parametrize("damage", ["truncated", "foreign", "version", "not_json"])
def test_a_damaged_machine_file_is_named(tmp_path, damage):
    data = MACHINE.read_bytes()
    path = tmp_path / "machine.json"
    path.write_bytes(
        {
            "truncated": data[: len(data) // 2],
            "foreign": b'{"hello": 1}',
            "version": data.replace(b"framework-advisor/machine/1", b"framework-advisor/machine/9"),
            "not_json": b"\x80\x02 this is no JSON",
        }[damage]
    )
    answers = ROOT / "assets" / "examples" / "student.yaml"
    message = bad_input("recommend", "--answers", answers, "--machine", path)
    assert "machine.json" in message


def test_an_output_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    answers = ROOT / "assets" / "examples" / "student.yaml"
    out = tmp_path / "missing" / "report.html"
    assert "missing" in bad_input("recommend", "--answers", answers, "--out", out)
    assert ".docx" in bad_input("recommend", "--answers", answers, "--out", tmp_path / "a.docx")
    assert list(tmp_path.iterdir()) == []


def test_reports_are_written_and_standard_output_stays_empty(tmp_path):
    answers = ROOT / "assets" / "examples" / "student.yaml"
    outs = [tmp_path / f"report.{suffix}" for suffix in ("html", "md", "json")]
    options = [part for out in outs for part in ("--out", out)]
    result = advisor("recommend", "--answers", answers, "--machine", MACHINE, *options)
    assert result.returncode == 0, result.stderr.decode()
    assert result.stdout == b""
    assert all(out.stat().st_size > 1000 for out in outs)


@pytest.mark.parametrize(
    "format_name", ["answers", "machine", "recommendation", "report", "knowledge", "session"]
)
def test_every_format_has_a_schema(format_name):
    result = advisor("schema", format_name)
    assert "$ref" in json.loads(result.stdout) or "properties" in json.loads(result.stdout)


def test_the_questionnaire_in_the_terminal_writes_an_answers_file(tmp_path):
    out = tmp_path / "answers.yaml"
    result = subprocess.run(
        [sys.executable, "-m", "app", "ask", "--out", str(out)],
        input=b"1\n?\n1,2\nb\n1\nnonsense\nq\n",
        capture_output=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr.decode()
    assert advisor("recommend", "--answers", out, "--format", "json").returncode == 0
    assert "work: scratch" in out.read_text()


def test_a_starter_for_an_unknown_framework_says_what_was_meant(tmp_path):
    message = bad_input(
        "starter", "--framework", "pytorh", "--task", "image_classification", tmp_path / "x"
    )
    assert "pytorch" in message
    assert not (tmp_path / "x").exists()


def test_an_unknown_command_is_one_message_with_exit_2():
    assert "did you mean 'recommend'?" in bad_input("recomend")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["recommend"], "required: --answers; see: framework-advisor recommend --help"),
        (["probe", "--tier", "fast"], "'fast' (choose from"),
        (["knowledge", "lst"], "'lst' (choose from"),
        (
            ["probe", "--frameworks", "mlx", "--python", "nowhere/python"],
            "nowhere/python: there is no interpreter",
        ),
    ],
)
def test_an_option_that_cannot_be_taken_is_one_message(arguments, expected):
    assert expected in bad_input(*arguments)


def test_a_framework_that_was_to_be_measured_and_is_not_here_is_done_in_part():
    result = advisor("probe", "--frameworks", "mlx")
    assert result.returncode == 3
    assert b"mlx is not installed" in result.stderr


def test_a_starter_that_is_written_but_cannot_run_is_done_in_part(tmp_path):
    python = tmp_path / "bare" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", python.parents[1]], check=True)
    out = tmp_path / "project"
    request = ["--framework", "jax", "--task", "tabular", "--python", python]
    result = advisor("starter", *request, "--run", out)
    assert result.returncode == 3
    assert b"written, but not run" in result.stderr
    assert (out / "train.py").is_file()


def test_requirements_fill_the_existing_code_in_and_name_what_has_ended(tmp_path):
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("mxnet-cu112==1.9.1\ngluoncv\n??\n")
    answers = tmp_path / "answers.yaml"
    answers.write_text(
        "schema: framework-advisor/answers/1\nanswers: {work: fine_tune, domain: [vision]}\n"
    )
    report = tmp_path / "report.json"
    result = advisor(
        *["recommend", "--answers", answers, "--existing", requirements, *TODAY],
        *["--format", "json", "--out", report],
    )
    assert result.returncode == 0, result.stderr.decode()
    document = json.loads(result.stdout)
    assert document["answers"]["answers"]["existing_code"] == ["mxnet"]
    assert document["answers"]["existing_components"] == ["gluoncv"]
    assert [one["component"] for one in document["plan"]["replacements"]] == ["gluoncv"]
    assert document["plan"]["migration"][0]["from_code"] == "mxnet"
    # Standard output holds the recommendation and nothing else; what was read is told beside it.
    told = result.stderr.decode()
    assert "GluonCV is retired (gluoncv, requirements.txt:2)" in told
    assert "Not read: ?? (requirements.txt:3)" in told
    replayed = advisor("replay", report)
    assert replayed.returncode == 0, replayed.stderr.decode()


def test_requirements_that_cannot_be_read_are_bad_input(tmp_path):
    student = ROOT / "assets" / "examples" / "student.yaml"
    outside = tmp_path / "inner" / "requirements.txt"
    outside.parent.mkdir()
    outside.write_text("-r ../secret.txt\n")
    message = bad_input("recommend", "--answers", student, "--existing", outside)
    assert "requirements.txt:1" in message
    assert "outside of this file's folder" in message
    assert "missing.txt" in bad_input(
        "recommend", "--answers", student, "--existing", tmp_path / "missing.txt"
    )
