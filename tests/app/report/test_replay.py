"""A report can be checked: the same again, or every difference by name."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

import rules
from app import report as reports
from app.__main__ import main
from app.advice import advise
from app.report.compare import compare_machines, compare_reports, machine_lines, report_lines
from app.report.replay import lines, replay
from probes.results import encode_machine
from rules.model import Answers

EXAMPLES = sorted((Path(__file__).resolve().parents[3] / "assets" / "examples").glob("*.yaml"))
TODAY = date(2026, 11, 21)
DRAWS = 200


@pytest.fixture(scope="module")
def real():
    return rules.load_knowledge()


def decided(real, answers, machine=None, redact=False, today=TODAY):
    decision = advise(real, answers, machine, today, draws=DRAWS)
    return reports.build(decision, real, machine, redact=redact)


@pytest.fixture
def student(real):
    return rules.load_answers(next(one for one in EXAMPLES if one.stem == "student"), real)


def stored(report, **edits):
    """The report as it comes back from its file, after some hand has edited it."""
    plain = msgspec.json.decode(msgspec.json.encode(report))
    for path, value in edits.items():
        *way, last = path.split("__")
        place = plain
        for step in way:
            place = place[int(step) if step.isdigit() else step]
        place[int(last) if last.isdigit() else last] = value
    return reports.from_json(msgspec.json.encode(plain), "report.json")


def fields(result, cause):
    return [one.difference.field for one in result.found if one.cause == cause]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_replays_to_the_same_recommendation(real, example):
    report = decided(real, rules.load_answers(example, real))
    result = replay(stored(report), real)
    assert result.identical
    assert result.found == ()
    assert result.recommendation == report.recommendation
    assert lines(result) == ["The same recommendation in every field."]


def test_a_report_with_measurements_replays_with_and_without_local_details(real, student, machine):
    for redact in (False, True):
        report = decided(real, student, machine, redact=redact)
        result = replay(stored(report), real)
        assert result.found == ()
        assert result.identical


@pytest.mark.parametrize(
    ("path", "value", "cause", "field"),
    [
        ("recommendation__ranking__0__score", 0.99, "result", "ranking[{leader}].score"),
        (
            "recommendation__ranking__0__contributions__0__weight",
            0.9,
            "result",
            "ranking[{leader}].contributions[domain_fit].weight",
        ),
        ("recommendation__verdict__top_share", 1.0, "result", "verdict.top_share"),
        ("facts__0__level", 0, "edited", "facts.{fact}"),
        ("machine__measurements__0__count", 99, "edited", "machine.measurements[0].count"),
        ("machine__hardware__cpu__logical_cores", 64, "edited", "machine.hardware.cpu"),
        ("recommendation__made__seed", 7, "edited", "made.seed"),
        ("recommendation__answers__importance", {"people": 2}, "edited", "answers.importance"),
        ("summary__what", "Choose Caffe", "edited", "summary.what"),
    ],
)
def test_a_tampered_field_is_named(real, student, machine, path, value, cause, field):
    report = decided(real, student, machine)
    tampered = stored(report, **{path: value})
    result = replay(tampered, real)
    names = fields(result, cause)
    wanted = field.format(
        leader=report.recommendation.ranking[0].framework, fact=report.facts[0].id
    )
    assert any(name.startswith(wanted) for name in names)
    assert result.statement != "The same recommendation in every field."


def test_an_edited_score_is_told_as_that_and_nothing_else(real, student):
    result = replay(stored(decided(real, student), recommendation__ranking__1__score=0.99), real)
    assert fields(result, "edited") == []
    second = result.recommendation.ranking[1].framework
    assert fields(result, "result") == [f"ranking[{second}].score"]


def test_a_ranking_put_in_another_order_is_seen(real, student):
    report = decided(real, student)
    plain = msgspec.json.decode(msgspec.json.encode(report))
    ranking = plain["recommendation"]["ranking"]
    ranking[0], ranking[1] = ranking[1], ranking[0]
    result = replay(msgspec.convert(plain, reports.Report), real)
    assert not result.same_ranking
    assert "ranking" in fields(result, "result")


def test_other_knowledge_is_told_apart_from_tampering(real, student):
    report = decided(real, student)
    changed = []
    for framework in real.frameworks:
        facts = [
            msgspec.structs.replace(fact, level=4 - fact.level)
            if fact.id == report.facts[0].id
            else fact
            for fact in framework.facts
        ]
        changed.append(msgspec.structs.replace(framework, facts=tuple(facts)))
    newer = msgspec.structs.replace(
        real, version="2099.1", hash="0" * 64, frameworks=tuple(changed)
    )
    result = replay(stored(report), newer)
    assert fields(result, "edited") == []
    assert fields(result, "knowledge") == ["knowledge.version", "knowledge.hash"]
    assert fields(result, "fact") == [f"facts.{report.facts[0].id}.level"]
    assert "edited" not in result.statement
    assert any(line.startswith("Facts that read differently") for line in lines(result))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("recommendation__made__draws", 10**12, "made.draws"),
        ("recommendation__made__draws", 0, "made.draws"),
        ("recommendation__made__seed", -1, "made.seed"),
        ("recommendation__made__today", "yesterday", "made.today"),
        ("recommendation__answers__answers", {"colour": "blue"}, "colour"),
        ("recommendation__answers__answers", {"goal": "fame"}, "fame"),
        ("recommendation__answers__must_use", ["torch"], "torch"),
    ],
)
def test_inputs_that_cannot_be_decided_on_are_an_error_with_their_name(
    real, student, path, value, message
):
    tampered = stored(decided(real, student), **{path: value})
    with pytest.raises(reports.ReportError, match=message):
        replay(tampered, real)


def test_an_absurd_time_is_refused_when_the_file_is_read(real, student, machine):
    report = decided(real, student, machine)
    with pytest.raises(reports.ReportError, match="median_seconds"):
        stored(report, machine__measurements__0__median_seconds=-1.0)


def with_answer(answers: Answers, **given) -> Answers:
    return msgspec.structs.replace(answers, answers={**answers.answers, **given})


def test_comparing_names_the_answer_that_moved_the_winner(real, student):
    first = decided(real, student)
    second = decided(
        real,
        with_answer(
            student,
            domain=("llm",),
            deployment=("llm_server",),
            team_experience="expert",
            team_background=("pytorch",),
            goal="production",
        ),
    )
    found = compare_reports(first, second, real)
    assert found.first_winner == first.recommendation.verdict.framework
    assert found.second_winner == second.recommendation.verdict.framework
    assert "answers.answers.deployment" in {one.field for one in found.changed}
    assert not any(one.field.startswith("facts") for one in found.changed)
    changed = {one.change for one in found.steps}
    assert {"answers.domain", "answers.deployment", "answers.goal"} <= changed
    for step in found.steps:
        name = step.change.removeprefix("answers.")
        alone = advise(
            real,
            with_answer(student, **{name: second.recommendation.answers.answers[name]}),
            None,
            TODAY,
            draws=DRAWS,
        )
        assert step.order == tuple(one.framework for one in alone.ranking)
    assert report_lines(found)[0] == found.statement


def test_comparing_a_report_with_itself_finds_nothing(real, student):
    report = decided(real, student)
    found = compare_reports(report, report, real)
    assert found.changed == ()
    assert found.steps == ()
    assert found.statement == "Both reports rest on the same inputs."


def test_comparing_dates_and_importance_is_named_too(real, student):
    first = decided(real, student)
    second = decided(
        real,
        msgspec.structs.replace(student, importance={"future": 2}),
        today=date(2028, 1, 1),
    )
    found = compare_reports(first, second, real)
    assert [one.change for one in found.steps] == ["answers.importance", "made.today"]


def test_comparing_machines_tells_a_real_difference_from_noise(machine):
    slower = msgspec.structs.replace(
        machine,
        fingerprint="0" * 64,
        measurements=tuple(
            msgspec.structs.replace(
                one,
                median_seconds=one.median_seconds * factor,
                ci95=(one.ci95[0] * factor, one.ci95[1] * factor),
            )
            for one, factor in zip(machine.measurements[:2], (1.5, 1.01), strict=True)
        ),
    )
    found = compare_machines(machine, slower)
    assert not found.same_machine
    assert [(one.mode, one.ratio, one.differs) for one in found.times] == [
        ("keras/jax", 1.5, True),
        ("pytorch/eager", 1.01, False),
    ]
    (alone,) = [
        one for one in found.unpaired if (one.mode, one.workload) == ("jax/jit", "mlp_train")
    ]
    assert alone.first == "900 µs"
    assert alone.second == "not measured"
    text = "\n".join(machine_lines(found))
    assert "slower in 1" in text
    assert "no difference that holds" in text


def test_times_of_another_definition_of_a_workload_are_not_compared(machine):
    other = msgspec.structs.replace(
        machine,
        measurements=tuple(
            msgspec.structs.replace(one, workload_version="another") for one in machine.measurements
        ),
    )
    found = compare_machines(machine, other)
    assert found.times == ()
    assert {one.second.partition(", ")[2] for one in found.unpaired if one.first[0].isdigit()} == {
        "of another definition of the workload"
    }


def test_each_difference_of_a_framework_is_told_whatever_folder_it_lies_in(machine):
    def moved(one, **changes):
        return msgspec.structs.replace(one, python="/elsewhere/python", **changes)

    first, *others = machine.frameworks
    gone = others.pop()
    frameworks = (
        moved(first, version="9.9", state="falls_back_to_cpu", reason="no driver"),
        *(moved(one) for one in others),
    )
    second = msgspec.structs.replace(
        machine,
        frameworks=frameworks,
        environments=(
            msgspec.structs.replace(machine.environments[0], python="/elsewhere/python"),
        ),
        measurements=tuple(moved(one) for one in machine.measurements if one.mode != "jax/jit"),
        control_seconds=machine.control_seconds * 2,
    )
    found = {
        one.field: (one.before, one.after) for one in compare_machines(machine, second).changed
    }
    name = f"frameworks.{first.framework}"
    assert found[f"{name}.version"] == (first.version, "9.9")
    assert found[f"{name}.state"] == ("works", "falls_back_to_cpu")
    assert found[f"{name}.reason"] == ("none", "no driver")
    assert found[f"frameworks.{gone.framework}"] == (
        f"{gone.version}, broken",
        "not installed",
    )
    assert found["frameworks.jax.modes"] == ("jax/jit", "(empty)")
    assert "control product" in found
    unchanged = {one.framework for one in others} - {"jax"}
    assert unchanged
    assert not [field for field in found for one in unchanged if f".{one}" in field]


def test_what_was_only_looked_at_differs_in_what_lies_on_the_disk_alone(machine):
    first, *others = machine.frameworks
    found = msgspec.structs.replace(
        first, state="found", threads=None, settings={}, devices=(), import_seconds=None
    )
    second = msgspec.structs.replace(machine, frameworks=(found, *others))
    changed = compare_machines(machine, second).changed
    assert [(one.field, one.before, one.after) for one in changed] == [
        (f"frameworks.{first.framework}.state", "works", "found")
    ]


@pytest.fixture
def files(tmp_path, real, student, machine):
    """Two reports and two machine files, as paths."""
    other = with_answer(student, domain=("llm",), goal="production")
    for name, report in (("a", decided(real, student)), ("b", decided(real, other))):
        (tmp_path / f"{name}.json").write_bytes(reports.to_json(report))
    for name in ("m", "n"):
        (tmp_path / f"{name}.json").write_bytes(encode_machine(machine))
    return tmp_path


def test_the_commands_give_json_for_other_programs(files, capsys):
    assert main(["replay", str(files / "a.json"), "--format", "json"]) == 0
    assert msgspec.json.decode(capsys.readouterr().out)["identical"] is True
    assert main(["compare", str(files / "a.json"), str(files / "b.json"), "--format", "json"]) == 0
    steps = msgspec.json.decode(capsys.readouterr().out)["steps"]
    assert {one["change"] for one in steps} == {"answers.domain", "answers.goal"}
    assert main(["compare", str(files / "m.json"), str(files / "n.json"), "--format", "json"]) == 0
    assert msgspec.json.decode(capsys.readouterr().out)["same_machine"] is True


def test_a_report_beside_a_machine_file_is_refused_by_name(files, capsys):
    assert main(["compare", str(files / "a.json"), str(files / "m.json")]) == 2
    assert str(files / "m.json") in capsys.readouterr().err
