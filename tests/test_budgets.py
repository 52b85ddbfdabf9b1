"""The table of budgets and the comparison of two of them; nothing is measured here."""

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent / "benchmarks"


@pytest.fixture
def budgets(tmp_path, monkeypatch):
    """The module, with a file of its own."""
    monkeypatch.syspath_prepend(FOLDER)
    import budgets

    monkeypatch.setattr(budgets, "FILE", tmp_path / "budgets.json")
    monkeypatch.setattr(budgets, "_commit", lambda: "0123456")
    return budgets


def line_of(budgets, name):
    all_ = budgets.load_budgets()
    found = budgets.table(budgets.read(), all_)
    return next(one for one in found.splitlines() if one.startswith(all_[name].what)), found


def test_each_budget_is_recorded_by_the_part_that_it_names(budgets):
    for one in budgets.load_budgets().values():
        text = (FOLDER / f"test_{one.part}.py").read_text(encoding="utf-8")
        stem = one.id.removesuffix("_" + one.id.rsplit("_", 1)[-1])
        assert any(f'"{name}' in text for name in (one.id, stem, stem.rsplit("_", 1)[0])), one.id
        assert one.at_most is None or one.at_least is None
        assert one.judged in ("median", "95th", "highest")


def test_a_budget_is_met_or_not_and_says_why(budgets):
    budgets.record("help", [2.0, 4.0, 9.0])
    budgets.record("finding", [0.7], [12.0], "on a slow disk")
    line, found = line_of(budgets, "help")
    assert "4 (2 to 9, n=3)" in line
    assert line.split("<= 5")[1].split()[0] == "met"
    line, found = line_of(budgets, "finding")
    assert "NOT MET" in line
    assert "12 x importlib.metadata" in line
    assert "no reason is written down yet" in found
    assert "on a slow disk" in found
    assert "1 met, 1 not met" in found


def test_the_highest_is_judged_where_no_value_may_be_over(budgets):
    one = budgets.Budget("a", "b", "c", "ms", at_most=50, judged="highest")
    assert not one.is_met([1.0, 2.0, 51.0])
    assert budgets.Budget("a", "b", "c", "ms", at_most=50).is_met([1.0, 2.0, 51.0])
    assert budgets.Budget("a", "b", "c", "%", at_least=90).is_met([95.0])
    assert budgets.Budget("a", "b", "c", "ms").is_met([95.0]) is None


def test_a_part_that_fails_takes_no_other_rows_with_it(budgets):
    budgets.record("help", [2.0])
    budgets.record("decision_student", [20.0])
    budgets.begin(["startup"])
    budgets.excuse("startup", "failures", "test_help: it fell over")
    _, found = line_of(budgets, "help")
    assert "FAILED: startup: test_help: it fell over" in found
    assert "not measured" in line_of(budgets, "help")[0]
    assert " 20 " in line_of(budgets, "decision_student")[0]
    assert budgets.main() == 1
    budgets.begin(["startup"])
    assert budgets.main() == 0


def test_what_is_no_budget_cannot_be_recorded(budgets):
    with pytest.raises(KeyError, match="speed"):
        budgets.record("speed", [1.0])


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ([5.6, 5.7, 5.8], "1.43 x; WORSE, NO LONGER MET"),
        ([2.0, 2.1, 2.2], "0.53 x; better"),
        ([4.05, 4.1, 4.2], "1.02 x"),
        ([3.0, 6.0, 9.0], "1.50 x; NO LONGER MET"),  # the values of the two overlap
    ],
)
def test_two_runs_are_compared(budgets, tmp_path, capsys, after, said):
    import compare

    paths = []
    for name, values in (("a", [3.9, 4.0, 4.1]), ("b", after)):
        row = {"values": values, "beside": [], "note": ""}
        paths.append(tmp_path / f"{name}.json")
        paths[-1].write_text(json.dumps({"rows": {"help": row}}))
    assert compare.main([str(one) for one in paths]) == 0
    assert capsys.readouterr().out.strip().endswith(said)


def test_a_file_that_is_not_there_is_told_with_how_to_call_it(budgets, tmp_path, capsys):
    import compare

    assert compare.main([str(tmp_path / "none.json")]) == 2
    assert "compare.py A.json B.json" in capsys.readouterr().err
