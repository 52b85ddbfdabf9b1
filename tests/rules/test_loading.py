"""Files from people: what is right is read as it was meant, what is wrong gets one clear line."""

import msgspec
import pytest
import yaml

from rules import InputError, dump_answers, load_answers, load_knowledge
from rules.model import Answers, Override

HEAD = "schema: framework-advisor/answers/1\n"


@pytest.fixture
def write(tmp_path):
    def _write(content, name="team.yaml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return _write


@pytest.fixture
def complaint(write, knowledge):
    """The message of the error that an answers file raises, without its folder."""

    def _complaint(content):
        path = write(content)
        with pytest.raises(InputError) as error:
            load_answers(path, knowledge)
        text = str(error.value)
        assert text.startswith(str(path))
        assert "\n" not in text
        return text.removeprefix(f"{path.parent}/")

    return _complaint


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("answers:\n  domian: [vision]\n",
         "team.yaml:3: answers.domian: is no question; did you mean 'domain'?"),
        ("answers:\n  work: scratch\n  domain: [text, vison]\n",
         "team.yaml:4: answers.domain[0]: 'text' is no option"),
        ("answers:\n  domain: [vision, langauge]\n",
         "answers.domain[1]: 'langauge' is no option; did you mean 'language'?"),
        ("answers:\n  goal: prodution\n",
         "team.yaml:3: answers.goal: 'prodution' is no option; did you mean 'production'?"),
        ("answers:\n  goal: [learn, research]\n",
         "answers.goal: takes one option; 2 were given"),
        ("answers:\n  deployment: [none, server]\n",
         "answers.deployment: 'none' excludes every other option"),
        ("answers:\n  domain: [unknown, vision]\n",
         "answers.domain: 'unknown' excludes every other option"),
        ("answers:\n  goal: learn\n  domain: {vision: yes}\n",
         "team.yaml:4: answers.domain: is a mapping of names to values; it has to be a text"),
        ("answers: [vision]\n", "team.yaml:2: answers: is a list; it has to be a mapping"),
        ("answer: {}\n", "team.yaml:2: answer: is no field of an answers file; did you mean"),
        ("must_use: [pytroch]\n",
         "team.yaml:2: must_use[0]: 'pytroch' is no framework; did you mean 'pytorch'?"),
        ("must_use: pytorch\n", "must_use: is a text; it has to be a list"),
        ("exclude:\n  kears: too slow\n", "team.yaml:3: exclude.kears: 'kears' is no framework"),
        ("importance:\n  fit: 1\n  eas: 1\n",
         "team.yaml:4: importance.eas: 'eas' is no group or criterion; did you mean 'ease'?"),
        ("importance:\n  ease: 3\n", "team.yaml:3: importance.ease: is 3; it goes from -2 to 2"),
        ("importance:\n  fit: 1\n  ease: high\n",
         "team.yaml:4: importance.ease: is a text; it has to be a whole number"),
        ("importance:\n  ease: .nan\n", "importance.ease: is a text; it has to be a whole number"),
        ("existing_components: [torchserv]\n", "is no component; did you mean 'torchserve'?"),
        ("override:\n  pytorch.ease.generl: {level: 2, reason: x}\n",
         "is no fact; did you mean 'pytorch.ease.general'?"),
        ("override:\n  pytorch.ease.general: {level: 7, reason: x}\n",
         "team.yaml:3: override.pytorch.ease.general.level: 7 is none of the values"),
        ("override:\n  pytorch.ease.general: {level: 2}\n",
         "team.yaml:3: override.pytorch.ease.general: lacks `reason`"),
        ("answers:\n  domain: [vision\n  goal: learn\n", "team.yaml:4: is no valid YAML:"),
        ("answers:\n\tgoal: learn\n", "team.yaml:3: is no valid YAML:"),
        ("answers:\n  goal: learn\n  goal: research\n",
         "team.yaml:4: answers.goal: stands here twice"),
        ("answers: &here\n  goal: learn\n", "team.yaml:2: uses an anchor or alias"),
        ("answers: !!python/object/apply:os.system [ls]\n", "team.yaml:2: uses the tag"),
        ("answers:\n  <<: {goal: learn}\n", "team.yaml:3: answers.<<:"),
        ("---\nanswers: {}\n", "team.yaml:2: holds more than one document"),
        ("answers: " + "[" * 100_000, "team.yaml:2: is nested deeper than 20 levels"),
        ("answers: [" + "a," * 250_000 + "a]", "team.yaml:2: holds more than 200000 entries"),
        ('answers:\n  "a\\nb\\e[31mc": x\n',
         "team.yaml:3: holds the character U+001B, which steers a terminal"),
        ('answers:\n  "' + "k" * 900 + '": x\n', "kkk ..."),
        ("answers:\n  goal: le\0arn\n", "is no valid YAML"),
    ],
)  # fmt: skip
def test_a_wrong_answers_file_is_named_by_line_and_field(complaint, body, said):
    assert said in complaint(HEAD + body)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("schema: framework-advisor/answers/2\n", "team.yaml:1: schema: is 'framework-advisor/ans"),
        ("answers: {}\n", "schema: is missing; an answers file begins with"),
        ("schema: [1]\n", "schema: is ['1']"),
        ("", "is no mapping of names to values"),
        ("just text", "is no mapping of names to values"),
        (HEAD.encode() + "answers:\n  goal: café\n".encode("latin-1"), "team.yaml:3: is not UTF-8"),
        (HEAD.encode("utf-16"), "is not UTF-8 text"),
        (b"x" * 4_000_001, "is larger than 4 MB"),
    ],
)
def test_what_is_no_answers_file_is_refused(complaint, content, said):
    assert said in complaint(content)


def test_a_file_that_cannot_be_read_says_why(tmp_path, knowledge):
    with pytest.raises(InputError, match=r"nowhere\.yaml: cannot be read: No such file"):
        load_answers(tmp_path / "nowhere.yaml", knowledge)
    with pytest.raises(InputError, match="is a folder, not a file"):
        load_answers(tmp_path, knowledge)


def test_values_are_read_as_they_were_written(write, knowledge):
    answers = load_answers(
        write(HEAD + "answers:\n  domain: vision\n  python_version: 3.10\n  deployment: none\n"
              "  goal: unknown\n  lifetime:\n  team_background: [jax, jax, numpy]\n"),
        knowledge,
    )  # fmt: skip
    assert answers.answers == {
        "domain": ("vision",),
        "python_version": "3.10",
        "deployment": ("none",),
        "goal": "unknown",
        "team_background": ("jax", "numpy"),
    }


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_files_of_any_editor_are_read(write, knowledge, start, end):
    text = (start + HEAD + "answers:\n  goal: learn\n").replace("\n", end)
    assert load_answers(write(text), knowledge).answers == {"goal": "learn"}


def test_an_empty_beginning_is_accepted(write, knowledge):
    assert load_answers(write(HEAD + "answers:\n"), knowledge).answers == {}


def test_what_is_written_is_read_back(write, knowledge, ordinary):
    answers = Answers(
        answers=ordinary,
        importance={"ease": 2, "fit": -1},
        must_use=("jax", "keras"),
        exclude={"mlx": "no Macs: not ours"},
        existing_components=("torchserve",),
        override={"pytorch.ease.general": Override(level=2, reason="We found it hard: 你好")},
    )
    assert load_answers(write(dump_answers(answers)), knowledge) == answers


# Packs of a user's own facts.

FACT = """
  - id: {id}
    criterion: {criterion}
    level: {level}
    grade: reported
    reason: We tried it.
    source: our own trial
    as_of: {as_of}
"""


@pytest.fixture
def pack(write, knowledge):
    """A folder with one framework's file, its facts replaced by one."""

    def _pack(id="tinygrad.ease.general", criterion="ease", level=4, as_of="2026-11"):
        framework = next(one for one in knowledge.frameworks if one.id == "tinygrad")
        document = msgspec.to_builtins(framework)
        document["facts"] = [
            fact for fact in document["facts"] if fact["id"] != "tinygrad.ease.general"
        ]
        facts = yaml.safe_load(FACT.format(id=id, criterion=criterion, level=level, as_of=as_of))
        document["facts"] += facts
        path = write(yaml.safe_dump(document), "house/frameworks/tinygrad.yaml")
        return path.parents[1]

    return _pack


def test_a_pack_replaces_by_id_and_says_what(pack, knowledge):
    packed = load_knowledge([pack()])
    assert packed.overridden == ("tinygrad",)
    assert packed.hash != knowledge.hash
    facts = {one.id: one for framework in packed.frameworks for one in framework.facts}
    assert facts["tinygrad.ease.general"].level == 4
    assert [one.id for one in packed.frameworks] == [one.id for one in knowledge.frameworks]


def test_a_pack_can_add_a_gate_of_the_house(write, knowledge):
    path = write(
        "gates:\n  - {id: house, name: House rule, kind: lifecycle, lifecycle: [maintenance],"
        " reason: We start nothing on what is only maintained.}\n",
        "house/rules.yaml",
    )
    packed = load_knowledge([path.parent])
    assert [gate.id for gate in packed.gates] == [*(gate.id for gate in knowledge.gates), "house"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"criterion": "eas"}, "'eas' is no criterion; did you mean 'ease'?"),
        ({"level": 5}, "5 is none of the values it can have"),
        ({"as_of": "November"}, "as_of is 'November'; write YYYY-MM"),
        ({"id": "pytorch.ease.general"}, "pytorch.ease.general: this id stands twice"),
    ],
)
def test_a_wrong_fact_in_a_pack_is_named(pack, change, said):
    with pytest.raises(InputError) as error:
        load_knowledge([pack(**change)])
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fcts: []\n", "rules.yaml:1: fcts: is no list of a knowledge base"),
        ("groups:\n  - {id: fit, name: Fit, weight: .nan}\n", "weight"),
        ("groups:\n  - {id: fit, name: Fit, weight: nan}\n", "weight is nan; it has to be"),
        ("groups:\n  - {id: fit, name: Fit, weight: inf}\n", "weight is inf; it has to be"),
        ("groups:\n  - {id: fit, name: Fit, weight: 0}\n", "weight is 0.0; it has to be"),
        ("groups:\n  - {id: fit, name: Fit, wieght: 1}\n", "groups[0].wieght: is no field here"),
        ("weight_rules:\n  - {id: x, when: {goal: lern}, target: fit, factor: 2, reason: r}\n",
         "when.goal: 'lern' is no option; did you mean 'learn'?"),
        ("weight_rules:\n  - {id: x, when: {gaol: learn}, target: fit, factor: 2, reason: r}\n",
         "when.gaol is no question; did you mean 'goal'?"),
        ("weight_rules:\n  - {id: x, when: {domain: llm}, target: domain_fit, factor: 2,"
         " reason: r}\n",
         "domain moves the weight of domain_fit and selects its facts"),
        ("a: &a [x]\nb: [*a, *a]\n", "rules.yaml:1: uses an anchor or alias"),
        ("gates: {a: b}\n", "rules.yaml:1: gates: is a mapping of names to values; it has to be"),
    ],
)  # fmt: skip
def test_a_broken_pack_is_refused_with_its_place(write, text, said):
    folder = write(text, "house/rules.yaml").parent
    with pytest.raises(InputError) as error:
        load_knowledge([folder])
    assert said in str(error.value)


def test_a_link_out_of_the_pack_is_refused(write, tmp_path):
    outside = write("gates: []\n", "outside.yaml")
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "rules.yaml").symlink_to(outside)
    with pytest.raises(InputError, match="link that leads out of its folder"):
        load_knowledge([tmp_path / "house"])


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(InputError, match="is no folder of facts"):
        load_knowledge([tmp_path / "nowhere"])
    with pytest.raises(InputError, match=r"holds no \.yaml files"):
        load_knowledge([tmp_path])
