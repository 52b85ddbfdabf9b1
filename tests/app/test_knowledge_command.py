"""`knowledge check`, `list` and `diff` as a person types them."""

import re
import shutil

import msgspec
import pytest

from app.__main__ import main
from rules import load_knowledge
from rules.checks import effects
from rules.loading import OWN, AnswersError

TODAY = ("--today", "2026-11-21")
RULE = (
    "gates:\n  - {id: house, name: Ours, kind: house_rule, frameworks: [pytorch], owner: the\n"
    "      platform team, as_of: 2026-10, reason: We keep one stack.}\n"
)


@pytest.fixture
def house(tmp_path):
    folder = tmp_path / "house"
    folder.mkdir()
    (folder / "rules.yaml").write_text(RULE)
    return folder


@pytest.fixture(scope="module")
def knowledge():
    return load_knowledge()


@pytest.fixture
def advisor(capsys):
    """Runs a command; gives exit code, standard output and standard error."""

    def _advisor(*arguments):
        capsys.readouterr()
        code = main(["knowledge", *map(str, arguments)])
        return code, *capsys.readouterr()

    return _advisor


@pytest.fixture
def no_personas(monkeypatch):
    """Deciding the personas takes most of the time, and other tests are about it."""

    def nobody(*_):
        raise AnswersError((), "not now")

    monkeypatch.setattr(effects, "first_nowhere", lambda knowledge, today: ())
    monkeypatch.setattr("rules.difference.decided", nobody)


def test_the_shipped_facts_have_no_mistake_and_what_is_due_is_told(advisor, no_personas):
    code, out, _ = advisor("check", *TODAY)
    assert code == 0
    *due, summary = out.splitlines()
    place = re.compile(r"\S+\.yaml:\d+: \S+: due for a recheck: of \d{4}-\d\d, \d+ months? past")
    assert all(place.match(line) for line in due)
    assert summary.endswith(f"no mistake, {len(due)} due for a recheck")


def test_facts_age_to_the_day_that_is_given(advisor, no_personas):
    def due(today):
        return int(re.search(r"(\d+) due", advisor("check", "--today", today)[1])[1])

    assert due("2026-11-21") < due("2028-01-01") < due("2031-01-01")


def test_months_to_come_are_mistakes(advisor, no_personas):
    code, out, _ = advisor("check", "--today", "2026-08-15")
    assert code == 2
    assert re.search(r"\.yaml:\d+: \S+: as_of is 2026-1\d, which is yet to come\n", out)


def test_every_mistake_is_a_line_and_the_exit_code_is_2(advisor, house):
    (house / "more.yaml").write_text(
        "phases:\n  - {id: a, title: T, text: T, when: {gaol: learn}}\n  - {id: b}\n"
    )
    code, out, error = advisor("check", "--knowledge", house, *TODAY)
    assert (code, error) == (2, "")
    assert [line.removeprefix(f"{house}/") for line in out.splitlines() if "more" in line] == [
        "more.yaml:2: phases: a: when.gaol is no question; did you mean 'goal'?",
        "more.yaml:3: phases[1]: lacks `title`",
    ]
    *_, summary, wait = out.splitlines()
    assert "2 mistakes" in summary
    assert wait.startswith("Contradictions, unreachable conditions and personas are checked once")


def test_files_are_named_as_seen_from_here(advisor, house, monkeypatch):
    (house / "more.yaml").write_text("phases: none\n")
    monkeypatch.chdir(house.parent)
    assert "house/more.yaml:1: phases: is a text" in advisor("check", "--knowledge", house)[1]


def test_frameworks_and_components_are_listed_in_columns(advisor, knowledge):
    code, out, _ = advisor("list")
    frameworks, components = out.removesuffix("\n").split("\n\n")
    assert code == 0
    assert [line.split()[0] for line in frameworks.splitlines()] == [
        one.id for one in knowledge.frameworks
    ]
    assert len(components.splitlines()) == len(knowledge.components)
    # The second column begins at the same place in every line.
    starts = {re.match(r"\S+ +", line).end() for line in frameworks.splitlines()}
    assert len(starts) == 1


@pytest.mark.parametrize(
    "name",
    ["frameworks", "components", "facts", "capabilities", "gates", "questions", "criteria",
     "personas", "statements"],
)  # fmt: skip
def test_every_list_has_a_line_for_each_entry(advisor, knowledge, name):
    code, out, _ = advisor("list", name)
    inside = name in ("facts", "capabilities")
    owners = knowledge.frameworks if inside else [knowledge]
    ids = [entry.id for owner in owners for entry in getattr(owner, name)]
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ids


def test_an_entry_stays_on_its_line(advisor, house):
    statement = {"id": "s.house", "text": "one\ntwo", "grade": "official"}
    document = {"statements": [{**statement, "source": "us", "as_of": "2026-10"}]}
    (house / "rules.yaml").write_bytes(msgspec.json.encode(document))
    _, out, _ = advisor("list", "statements", "--knowledge", house)
    assert re.search(r"\ns\.house +official +2026-10 +one two\n", out)


def test_filters_leave_what_they_say(advisor, knowledge):
    jax = next(one for one in knowledge.frameworks if one.id == "jax")
    official = [one.id for one in jax.facts if one.grade == "official"]
    _, out, _ = advisor("list", "facts", "--framework", "jax", "--grade", "official")
    assert [line.split()[0] for line in out.splitlines()] == official != []
    _, stale, _ = advisor("list", "--stale", *TODAY)
    _, checked, _ = advisor("list", "--stale", "--today", "2015-01-01")
    assert re.fullmatch(r"(\S+ .* due for \d+ months? .*\n|\n)+", stale)
    assert checked == "nothing of the kind\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gtes"], "knowledge list: 'gtes' is no list; did you mean 'gates'?"),
        (["--framework", "jaxx"], "--framework: 'jaxx' is no framework; did you mean 'jax'?"),
        (["gates", "--stale"], "--stale: goes with facts and capabilities, not with gates"),
        (["frameworks", "--grade", "official"], "--grade: goes with facts and capabilities and"),
    ],
)
def test_a_list_that_cannot_be_is_one_line(advisor, arguments, said):
    code, out, error = advisor("list", *arguments)
    assert (code, out) == (2, "")
    assert error.startswith(f"framework-advisor: {said}")
    assert error.count("\n") == 1


def test_a_pack_is_compared_with_our_facts(advisor, house, monkeypatch):
    monkeypatch.setattr("rules.difference.MAX_PERSONAS", 25)
    own = effects.decided
    monkeypatch.setattr(
        "rules.difference.decided", lambda *given: own(*given, draws=effects.FEW_DRAWS)
    )
    code, out, _ = advisor("diff", house, *TODAY)
    assert code == 0
    head, body = out.split("\n\n", 1)
    assert re.fullmatch(
        rf"-  our facts +facts \S+  hash \w{{12}}\n\+  our facts with {house}  facts \S+  hash"
        r" \w{12}",
        head,
    )
    assert body.startswith("gates\n  + house: We keep one stack.\n      bears on other advice for ")
    assert re.search(r"\d+ of \d+ personas get another advice:\n  \w+ +pytorch \(", body)


def test_two_versions_are_compared_and_the_way_back_is_the_reverse(advisor, tmp_path, no_personas):
    newer = tmp_path / "newer"
    shutil.copytree(OWN, newer)
    path = newer / "base.yaml"
    path.write_text(path.read_text().replace("version: ", "version: x"))
    (newer / "more.yaml").write_text("phases:\n  - {id: more, title: More, text: What to do.}\n")
    there, back = advisor("diff", OWN, newer, *TODAY)[1], advisor("diff", newer, OWN, *TODAY)[1]
    assert re.match(rf"-  {OWN} +facts \d\S+ +hash \w{{12}}\n\+  {newer} +facts x\d", there)
    assert "\nphases\n  + more: What to do.\n" in there
    assert "\nphases\n  - more: What to do.\n" in back


def test_the_same_says_so(advisor, house):
    code, out, _ = advisor("diff", house, house)
    assert code == 0
    assert out.endswith("\nThey say the same.\n")


def test_a_long_text_of_a_stranger_is_cut_and_stays_on_its_line(advisor, house, no_personas):
    phase = {"id": "a", "title": "T", "text": "one\ntwo " + "many words " * 100}
    (house / "rules.yaml").write_bytes(msgspec.json.encode({"phases": [phase]}))
    code, out, _ = advisor("diff", house)
    assert code == 0
    (line,) = [one for one in out.splitlines() if one.startswith("  + a: one two many words")]
    assert line.endswith(" ...")
    assert len(line) < 220


def test_what_cannot_be_compared_is_one_line(advisor, house, tmp_path):
    code, _, error = advisor("diff", house, house, house)
    assert (code, error.count("\n")) == (2, 1)
    code, _, error = advisor("diff", tmp_path / "nowhere")
    assert (code, error) == (2, f"framework-advisor: {tmp_path}/nowhere: is no folder of facts\n")
