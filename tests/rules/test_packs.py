"""A pack of a user's own: what it brings counts, what it replaces is said, nothing else moves."""

import json
import re
from pathlib import Path

import msgspec
import pytest

from app.__main__ import main
from rules import load_knowledge
from rules.entries import IDENTITY, element_types, entries
from rules.packs import file_type

ROOT = Path(__file__).resolve().parents[2]
STUDENT = ROOT / "assets" / "examples" / "student.yaml"
SOURCE = "source: us, as_of: 2026-10"


@pytest.fixture
def house(tmp_path):
    """Writes a pack's file; gives the pack."""

    def _house(text, name="rules.yaml", folder="house"):
        path = tmp_path / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return tmp_path / folder

    return _house


def readme_example():
    """The pack that the README shows."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.partition("## Your own facts and house rules")[2].partition("\n## ")[0]
    (block,) = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
    return block


def named(knowledge, framework):
    return next(one for one in knowledge.frameworks if one.id == framework)


def changed(before, after):
    """Identities of the entries that differ, those of frameworks left out."""
    old, new = dict(entries(before)), dict(entries(after))
    return {
        key for key in {**old, **new} if key[0] != "frameworks" and old.get(key) != new.get(key)
    }


def test_the_example_of_the_readme_does_what_it_says(house, knowledge, advice):
    pack = house(readme_example())
    packed = load_knowledge([pack])
    assert changed(knowledge, packed) == {
        ("gates", "house.one_stack"),
        ("facts", "jax.ease.general"),
        ("install", "pytorch", "os: linux"),
    }
    result = advice(base=packed)
    closed = {one.framework: one for one in result.ruled_out}
    assert closed["tensorflow"].gate == "house.one_stack"
    assert closed["keras"].reason == (
        "House rule of the platform team: We run and watch one training stack in production."
    )
    assert closed["keras"].as_of == "2026-10"
    assert closed["keras"].fix == "Ask the platform team for an exception."
    assert result.verdict.framework == "pytorch"
    assert "packages.example.org" in result.stack.install.command
    assert "jax.ease.general" in result.knowledge.overridden
    assert {one.framework for one in advice(base=packed, goal="learn").ruled_out} == {
        one.framework for one in advice(goal="learn").ruled_out
    }


def test_a_house_rule_is_in_the_recommendation_and_in_the_report(house, tmp_path, capsys):
    pack = house(readme_example().replace("    when: {goal: production}", ""))
    out = tmp_path / "report.md"
    options = ["recommend", "--answers", str(STUDENT), "--knowledge", str(pack)]
    assert main([*options, "--format", "json", "--out", str(out)]) == 0
    ruled_out = {one["framework"]: one for one in json.loads(capsys.readouterr().out)["ruled_out"]}
    assert ruled_out["keras"]["gate"] == "house.one_stack"
    assert ruled_out["keras"]["reason"].startswith("House rule of the platform team: ")
    assert "House rule of the platform team" in out.read_text(encoding="utf-8")
    assert main(options) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert re.search(r"Keras 3[^:]*: House rule of the platform team: We run", shown)


def test_any_gate_may_have_an_owner_who_is_named_before_our_reason(house, advice, knowledge):
    pack = house(
        "gates:\n  - {id: house.state, name: Only what is developed, kind: lifecycle,"
        " lifecycle: [maintenance], owner: the architects, reason: We start nothing on it.}\n"
    )
    closed = {one.framework: one for one in advice(base=load_knowledge([pack])).ruled_out}
    ours = named(knowledge, "tensorflow").lifecycle_reason
    assert closed["tensorflow"].reason == (
        f"House rule of the architects: We start nothing on it. {ours}"
    )


def test_the_example_has_no_mistake(house, capsys):
    assert main(["knowledge", "check", "--knowledge", str(house(readme_example()))]) == 0
    assert "house" not in capsys.readouterr().out


def test_one_fact_replaces_or_joins_those_of_its_framework(house, knowledge):
    fact = "  - {id: %s, criterion: ease, level: 4, grade: reported, reason: R., " + SOURCE + "}\n"
    pack = house("facts:\n" + fact % "mlx.ease.general" + fact % "mlx.ease.house")
    packed = load_knowledge([pack])
    before, after = named(knowledge, "mlx"), named(packed, "mlx")
    assert [one.id for one in after.facts] == [*(one.id for one in before.facts), "mlx.ease.house"]
    assert {one.id: one.level for one in after.facts}["mlx.ease.general"] == 4
    assert packed.overridden == ("mlx.ease.general",)
    assert packed.hash != knowledge.hash


def test_one_capability_opens_or_closes_a_gate(house, advice):
    pack = house(
        "capabilities:\n  - {id: mlx.training_device.nvidia, capability: training_device,"
        " state: none, when: {training_hardware: nvidia_gpu, goal: production}, grade: reported,"
        f" reason: Not on our cards., {SOURCE}}}\n"
    )
    closed = {one.framework: one for one in advice(base=load_knowledge([pack])).ruled_out}
    assert closed["mlx"].reason == "Not on our cards."


@pytest.mark.parametrize(
    ("name", "entry", "replaces"),
    [
        ("migrations", "{from_code: theano, to: any, effort: large, text: Ours., first_steps: [],"
         f" {SOURCE}}}", True),
        ("migrations", "{from_code: theano, to: mlx, effort: large, text: Ours., first_steps: [],"
         f" {SOURCE}}}", False),
        ("learning", "{framework: jax, level: expert, title: Our course, author: Us, link: inside,"
         " as_of: 2026-10}", False),
        ("risks", f"{{framework: jax, text: Ours., {SOURCE}}}", False),
        ("speed_scales", "{workload: mlp_train, best_ratio: 1, worst_ratio: 64, reason: Ours.}",
         None),
    ],
)  # fmt: skip
def test_what_has_no_id_is_the_same_by_what_it_is_about(house, knowledge, name, entry, replaces):
    packed = load_knowledge([house(f"{name}:\n  - {entry}\n")])
    difference = changed(knowledge, packed)
    assert [key[0] for key in difference] == [name]
    if replaces is not None:
        more = len(getattr(packed, name)) - len(getattr(knowledge, name))
        assert more == (0 if replaces else 1)
        assert bool(packed.overridden) == replaces


def test_a_packs_way_to_a_target_is_the_one_that_is_proposed(house, advice, knowledge):
    pack = house(
        "components:\n  - {id: house_server, name: Our server, kind: serving, lifecycle: active,"
        f" summary: Ours., {SOURCE}}}\n"
        "deliveries:\n  - {framework: pytorch, target: server, delivery: house_server,"
        f" steps: Hand it to the platform team., grade: reported, {SOURCE}}}\n"
    )
    (proposed,) = advice(base=load_knowledge([pack])).stack.delivery
    assert proposed.component == "house_server"
    assert proposed.text == "Hand it to the platform team."


def test_an_install_line_wins_over_ours_that_match_as_well(house, advice):
    pack = house(f"install:\n  - {{framework: pytorch, command: ours, {SOURCE}}}\n")
    packed = load_knowledge([pack])
    general = [one for one in named(packed, "pytorch").install if not one.when]
    assert [one.command for one in general] == ["ours"]
    assert "install: pytorch" in packed.overridden


def test_a_later_pack_wins_over_an_earlier(house):
    text = "gates:\n  - {id: retired, name: %s, kind: exclude, reason: R}\n"
    first, second = house(text % "One", folder="a"), house(text % "Two", folder="b")
    for packs, name in (([first, second], "Two"), ([second, first], "One")):
        gates = {gate.id: gate for gate in load_knowledge(packs).gates}
        assert gates["retired"].name == name


def test_a_pack_that_says_what_we_say_changes_nothing(house, knowledge):
    risk = next(one for one in knowledge.risks if not one.when)
    document = msgspec.json.encode({"risks": [risk]}).decode()  # JSON is YAML
    packed = load_knowledge([house(document)])
    assert packed.hash == knowledge.hash


def test_every_list_has_entries_that_can_be_told_apart(knowledge):
    for name, type_ in element_types().items():
        fields = IDENTITY.get(name, ("id",))
        assert set(fields) <= set(type_.__struct_fields__), name
    keys = [key for key, _ in entries(knowledge)]
    assert len(keys) == len(set(keys))


def test_the_schema_is_that_of_a_packs_file(capsys):
    assert main(["schema", "knowledge"]) == 0
    schema = json.loads(capsys.readouterr().out)
    file = schema["$defs"]["KnowledgeFile"]
    assert {"facts", "capabilities", "install", "gates", "frameworks"} <= set(file["properties"])
    assert not file.get("required")
    assert "owner" in schema["$defs"]["Gate"]["properties"]
    assert set(file["properties"]) == set(file_type().__struct_fields__)
