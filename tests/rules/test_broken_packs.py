"""Folders of facts from strangers: whatever is wrong with one, a person gets one clear line, soon,
and nothing in it is run."""

import io
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from app.__main__ import main
from rules import InputError, load_knowledge
from rules.checks import effects
from rules.loading import OWN

ROOT = Path(__file__).resolve().parents[2]
GATE = "gates:\n  - {id: house, name: House, kind: exclude, reason: Ours.}\n"
RULE = "  - {id: a%d, name: A, kind: exclude, reason: R}\n"
PHASE = "  - {id: a%d, title: A phase, text: What to do.}\n"


@pytest.fixture
def house(tmp_path):
    folder = tmp_path / "house"
    folder.mkdir()
    return folder


def said_of(folder: Path) -> str:
    """What loading says of the folder: one line that names it, and no more than is readable."""
    with pytest.raises(InputError) as error:
        load_knowledge([folder])
    text = str(error.value)
    assert text.startswith(str(folder))
    assert text.isprintable()
    assert len(text) < 700
    return text.removeprefix(str(folder)).removeprefix("/")


def findings_on(folder: Path, capsys) -> list[str]:
    """What the check prints on the folder's files; it ends with exit 2."""
    capsys.readouterr()
    assert main(["knowledge", "check", "--knowledge", str(folder)]) == 2
    out, error = capsys.readouterr()
    assert "Traceback" not in out + error
    lines = [*out.splitlines(), *error.splitlines()]
    prefix = f"{folder}"
    return [
        line.removeprefix("framework-advisor: ").removeprefix(prefix).removeprefix("/")
        for line in lines
        if prefix in line
    ]


def bomb(levels: int = 9) -> str:
    """Nine nines of nine: a billion and more once it is unrolled."""
    lines = ["a0: &a0 [lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines)


CONTENTS = {
    "a bracket that stays open": ("gates: [\n", "rules.yaml:2: is no valid YAML"),
    "a tab for indentation": ("gates:\n\t- a\n", "rules.yaml:2: is no valid YAML"),
    "a text where a list belongs": ("gates: none\n", "rules.yaml:1: gates: is a text"),
    "a list where a text belongs": (
        "gates:\n  - {id: [a], name: A, kind: exclude, reason: R}\n",
        "rules.yaml:2: gates[0].id: is a list; it has to be a text",
    ),
    "a level that is none": (
        "facts:\n  - id: jax.ease.x\n    criterion: ease\n    level: five\n    grade: reported\n"
        "    reason: R.\n    source: us\n    as_of: 2026-10\n",
        "rules.yaml:4: facts[0].level:",
    ),
    "a key that stands twice": (GATE + GATE, "rules.yaml:3: gates: stands here twice"),
    "an entry that stands twice": (
        GATE + "  - {id: house, name: B, kind: exclude, reason: R}\n",
        "rules.yaml:3: gates: house: stands here twice, first in",
    ),
    "an anchor": ("gates: &a []\n", "rules.yaml:1: uses an anchor or alias"),
    "an alias bomb": (bomb(), "rules.yaml:1: uses an anchor or alias"),
    "an alias as a key": ("*a : x\n", "rules.yaml:1: has a key that is no plain text"),
    "a merge key": ("gates:\n  <<: [x]\n", "rules.yaml:1: gates: is a mapping"),
    "a tag that would run code": (
        "gates: !!python/object/apply:os.system ['touch ran']\n",
        "rules.yaml:1: uses the tag tag:yaml.org,2002:python/object/apply:os.system",
    ),
    "a tag by a directive": (
        "%TAG ! tag:yaml.org,2002:python/\n---\ngates: !object/apply:os.system ['touch ran']\n",
        "rules.yaml:3: uses the tag",
    ),
    "a tag on a key": ("!!python/name:os.system a: b\n", "rules.yaml:1: has a key that is no"),
    "nesting of lists": ("gates: " + "[" * 60_000, "rules.yaml:1: is nested deeper than 20"),
    "nesting of mappings": ("gates: " + "{a: " * 60_000, "rules.yaml:1: is nested deeper than 20"),
    "nesting by dashes": ("gates:\n" + "- " * 60_000, "rules.yaml:2: is nested deeper than 20"),
    "nesting by indentation": (
        "\n".join(" " * depth + "a:" for depth in range(1_500)),
        "rules.yaml:22: is nested deeper than 20",
    ),
    "nesting of complex keys": ("? " * 60_000, "rules.yaml:1: has a key that is no plain text"),
    "more entries than anybody writes": (
        "phases: [" + "a, " * 300_000 + "]",
        "rules.yaml:1: holds more than 200000 entries",
    ),
    "a text without end": (
        f"gates:\n  - {{id: {'x' * 1_000_000}, name: A}}\n",
        "rules.yaml:2: holds a text of more than 20000 characters",
    ),
    "a name without end": (
        f"? {'x' * 1_000_000}\n: y\n",
        "rules.yaml:1: holds a name of more than 20000 characters",
    ),
    "more rules than a decision can go through": (
        "gates:\n" + "".join(RULE % number for number in range(201)),
        "rules.yaml:1: gates: holds more than 200 entries",
    ),
    "two documents": ("gates: []\n---\ngates: []\n", "rules.yaml:2: holds more than one document"),
    "nothing": ("", "rules.yaml: is no mapping of names to values"),
    "only comments": ("# a\n# b\n", "rules.yaml: is no mapping of names to values"),
    "a weight that is no number": (
        "groups:\n  - {id: fit, name: Fit, weight: nan}\n",
        "rules.yaml:2: groups: fit: weight is nan; it has to be a number above 0",
    ),
    "a weight without end": (
        "groups:\n  - id: fit\n    name: Fit\n    weight: 1e999\n",
        "rules.yaml:4: groups[0].weight: is a number out of range",
    ),
    "a month that is none": (
        "statements:\n  - {id: a.b, text: T, grade: official, source: us, as_of: 2026-13}\n",
        "rules.yaml:2: a.b: as_of is '2026-13'; write YYYY-MM",
    ),
    "an unknown list": ("gaets: []\n", "rules.yaml:1: gaets: is no list of a knowledge base; did"),
    "a fact of nobody": (
        "facts:\n  - {id: jaxx.ease.x, criterion: ease, level: 1, grade: reported, reason: R.,"
        " source: us, as_of: 2026-10}\n",
        "rules.yaml:2: jaxx.ease.x: 'jaxx' is no framework; did you mean 'jax'?",
    ),
    "a circle of successors is none of names": (
        "components:\n  - {id: jraph, name: J, kind: library, lifecycle: stalled, summary: S,"
        " successor: jraph2, source: us, as_of: 2026-10}\n",
        "rules.yaml:2: components: jraph: successor: 'jraph2' is no framework or component",
    ),
    "escape sequences for the terminal": (
        'gates:\n  - {id: "a\\e]0;owned\\a\\e[2J", name: A, kind: house_rule, reason: R}\n',
        "rules.yaml:2: holds the character U+001B, which steers a terminal; leave it out",
    ),
    "a return to the line's beginning in a name": (
        '"gates\\r": []\n',
        "rules.yaml:1: holds the character U+000D, which steers a terminal; leave it out",
    ),
    "a reversed direction of writing": (
        "gates:\n  - {id: a\u202eb, name: A, kind: exclude, reason: R}\n",
        "rules.yaml:2: holds the character U+202E, which steers a terminal; leave it out",
    ),
    "a NUL": ("gates: []\nversion: a\0b\n", "rules.yaml:2: is no valid YAML: the character U+0000"),
    "a control character": ("é: é\nb: \x07\n", "rules.yaml:2: is no valid YAML: the character U+"),
    "another encoding": (b"gates:\n  - caf\xe9\n", "rules.yaml:2: is not UTF-8 text"),
    "UTF-16": (GATE.encode("utf-16"), "rules.yaml:1: is not UTF-8 text"),
    "UTF-16 without a mark": (GATE.encode("utf-16-le"), "rules.yaml:1: is no valid YAML"),
    "half a surrogate": (b"a: \xed\xa0\x80\n", "rules.yaml:1: is not UTF-8 text"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "rules.yaml:1: is not UTF-8 text"),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_what_is_wrong_in_a_file_is_one_line_with_its_place(
    house, tmp_path, capsys, monkeypatch, name
):
    content, said = CONTENTS[name]
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    data = content if isinstance(content, bytes) else content.encode()
    (house / "rules.yaml").write_bytes(data)
    first = said_of(house)
    assert first.startswith(said)
    assert findings_on(house, capsys) == [first]
    assert os.listdir(here) == []  # nothing was run


@pytest.mark.parametrize(
    ("list_name", "entry", "code"),
    [
        (
            "capabilities",
            "{id: jax.deployment.a%d, capability: deployment, state: current, when:"
            " {deployment: server}, grade: reported, reason: R., source: us, as_of: 2026-10}",
            3,
        ),
        pytest.param(
            "components",
            "{id: a%d, name: A, kind: library, lifecycle: active, summary: S, successor: b,"
            " source: us, as_of: 2026-10}",
            2,
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_check_of_very_many_entries_ends(house, capsys, monkeypatch, list_name, entry, code):
    """Each would be compared with every other, or with every name; what is left out is said."""
    monkeypatch.setattr(effects, "first_nowhere", lambda knowledge, today: ())
    lines = "".join(f"  - {entry % number}\n" for number in range(1_600))
    (house / "rules.yaml").write_text(f"{list_name}:\n{lines}")
    assert main(["knowledge", "check", "--knowledge", str(house)]) == code
    out = capsys.readouterr().out
    assert out.count(str(house)) <= 500
    said = {2: "once these mistakes are mended", 3: "There is too much to check all of it"}
    assert said[code] in out.splitlines()[-1]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_files_of_any_editor_are_read(house, ending, mark):
    (house / "rules.yaml").write_bytes((mark + GATE).replace("\n", ending).encode())
    assert load_knowledge([house]).gates[-1].id == "house"


def test_every_mistake_is_named_at_once(house, capsys):
    (house / "frameworks").mkdir()
    (house / "frameworks" / "torch.yaml").write_text("id: pytorch\n")
    (house / "broken.yaml").write_text("gates: [\n")
    (house / "other.yaml").write_text(
        "gates:\n  - {id: a}\n  - {id: b, name: B, kind: exclude, reason: R, onwer: us}\n"
        "groups:\n  - {id: fit, name: Fit, weight: 0}\n"
    )
    assert [line.split(": ")[0] for line in findings_on(house, capsys)] == [
        "broken.yaml:2",
        "frameworks/torch.yaml:1",
        "other.yaml:2",
        "other.yaml:3",
        "other.yaml:5",
    ]


def test_what_could_not_be_read_is_not_called_unknown_besides(house, capsys):
    (house / "rules.yaml").write_text(
        "statements:\n  - {id: statement.house, text: T, grade: sure, source: us, as_of: 2026-10}\n"
        "exits:\n  - {id: classical, name: N, when: {domain: tabular}, reason: R,"
        " facts: [statement.house]}\n"
    )
    (line,) = findings_on(house, capsys)
    assert line.startswith("rules.yaml:2: statements[0].grade: sure is none of the values")


# Things in a folder that are no ordinary files.


class NeverRead(io.FileIO):
    def read(self, *_):
        raise AssertionError("was read")


def test_a_file_of_a_hundred_megabytes_is_refused_unread(house, monkeypatch):
    load_knowledge()  # ours is read, and kept
    monkeypatch.setattr(
        Path, "open", lambda path, mode: (NeverRead if "r" in mode else open)(path, mode)
    )
    with (house / "rules.yaml").open("wb") as file:
        file.truncate(100_000_000)
    assert said_of(house) == "rules.yaml: is larger than 4 MB"


def test_many_large_files_are_refused(house):
    for number in range(5):
        (house / f"{number}.yaml").write_bytes(b"#" * 3_900_000)
    assert said_of(house) == ": holds more than 16 MB"


def test_many_files_are_refused(house):
    for number in range(2_000):
        (house / f"{number}.yaml").touch()
    assert said_of(house) == ": holds more than 200 files"


def test_many_entries_in_many_files_are_refused(house):
    for file in range(6):
        lines = [PHASE % (file * 10_000 + number) for number in range(10_000)]
        (house / f"{file}.yaml").write_text("phases:\n" + "".join(lines))
    assert said_of(house) == "4.yaml: brings the folder's files to more than 200000 entries"


@pytest.mark.parametrize("inside", ["rules.yaml", "frameworks/jax.yaml"])
def test_a_link_out_of_the_folder_is_refused(house, tmp_path, inside):
    outside = tmp_path / "outside.yaml"
    outside.write_text("secret: of another user\n")
    (house / inside).parent.mkdir(exist_ok=True)
    (house / inside).symlink_to(outside)
    assert said_of(house) == f"{inside}: is a link that leads out of its folder"


def test_a_link_to_a_folder_outside_is_refused(house, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "jax.yaml").write_text("secret: of another user\n")
    (house / "frameworks").symlink_to(tmp_path / "outside")
    assert said_of(house) == "frameworks/jax.yaml: is a link that leads out of its folder"


def test_a_link_inside_the_folder_is_followed(house):
    (house / "parts").mkdir()
    (house / "parts" / "gates.txt").write_text(GATE)
    (house / "rules.yaml").symlink_to(house / "parts" / "gates.txt")
    assert load_knowledge([house]).gates[-1].id == "house"


def test_links_in_a_circle_are_refused(house):
    (house / "a.yaml").symlink_to(house / "b.yaml")
    (house / "b.yaml").symlink_to(house / "a.yaml")
    assert said_of(house).startswith("a.yaml: ")


def test_a_folder_that_contains_itself_is_read_once(house):
    (house / "rules.yaml").write_text(GATE)
    (house / "frameworks").symlink_to(house)
    assert said_of(house).startswith("frameworks/rules.yaml:1: gates: is no field here")


def test_a_pipe_a_folder_and_a_broken_link_are_refused(house, capsys):
    os.mkfifo(house / "a.yaml")
    (house / "b.yaml").mkdir()
    (house / "c.yaml").symlink_to(house / "nowhere")
    assert findings_on(house, capsys) == [
        "a.yaml: is a pipe or a device, not a file",
        "b.yaml: is a folder, not a file",
        "c.yaml: cannot be read: No such file or directory",
    ]


def test_a_file_without_permission_is_named(house, monkeypatch):
    (house / "rules.yaml").write_text(GATE)
    opened = Path.open

    def refuse(path, *args, **named):
        if path.name == "rules.yaml" and path.parent == house:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *args, **named)

    monkeypatch.setattr(Path, "open", refuse)
    assert said_of(house) == "rules.yaml: cannot be read: Permission denied"


def test_a_file_that_would_be_passed_over_is_named(house):
    (house / "rules.yaml").write_text(GATE)
    (house / "more.yml").write_text(GATE)
    assert said_of(house) == "more.yml: would not be read: names end in .yaml"


def test_a_files_name_cannot_steer_the_terminal(house, capsys):
    (house / "a\x1b[2J\nb.yaml").write_text("gates: [\n")
    with pytest.raises(InputError) as error:
        load_knowledge([house])
    assert str(error.value).isprintable()
    main(["knowledge", "check", "--knowledge", str(house)])
    assert "\x1b" not in "".join(capsys.readouterr())


def test_no_folder_and_an_empty_one_are_named(tmp_path, capsys):
    for folder, said in ((tmp_path / "nowhere", "is no folder"), (tmp_path, "holds no .yaml")):
        assert main(["knowledge", "check", "--knowledge", str(folder)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert said in line


# As a process of its own, with little memory.

MEMORY = 1_000_000_000
BOMBS = ("an alias bomb", "nesting of lists", "more entries than anybody writes", "a text without")


LITTLE_MEMORY = f"""
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
sys.argv[0] = "app"
runpy.run_module("app", run_name="__main__")
"""
"""Set in the new process itself: what forks this one would disturb the frameworks' threads."""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on memory is Linux's")
@pytest.mark.parametrize("name", ["large", pytest.param("many", marks=pytest.mark.slow), *BOMBS])
def test_the_program_stays_small_and_ends_with_exit_2(house, name):
    if name == "large":
        with (house / "rules.yaml").open("wb") as file:
            file.truncate(100_000_000)
    elif name == "many":
        for file in range(6):
            lines = [PHASE % (file * 10_000 + number) for number in range(10_000)]
            (house / f"{file}.yaml").write_text("phases:\n" + "".join(lines))
    else:
        (content,) = [text for key, (text, _) in CONTENTS.items() if key.startswith(name)]
        (house / "rules.yaml").write_text(content)
    result = subprocess.run(
        [sys.executable, "-c", LITTLE_MEMORY, "recommend", "--knowledge", str(house), "--answers",
         "assets/examples/student.yaml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"framework-advisor: {house}")
    assert result.stderr.count("\n") == 1


# Our own files, damaged at random.

SMALL = ("gates.yaml", "conflicts.yaml", "screen.yaml", "criteria.yaml", "frameworks/caffe.yaml")


def damaged(data: bytes, chance: random.Random) -> bytes:
    """One to three of: a flipped bit, a lost or doubled stretch, two lines swapped."""
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(data))
        end = place + chance.randint(1, 40)
        kind = chance.choice(["flip", "lose", "double", "swap"])
        if kind == "flip":
            flipped = data[place] ^ (1 << chance.randrange(8))
            data = data[:place] + bytes([flipped]) + data[place + 1 :]
        elif kind == "lose":
            data = data[:place] + data[end:]
        elif kind == "double":
            data = data[:end] + data[place:]
        else:
            lines = data.split(b"\n")
            one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
            lines[one], lines[other] = lines[other], lines[one]
            data = b"\n".join(lines)
        data = data or b" "
    return data


def loads_or_says_why(folder: Path, name: str, number: int) -> None:
    chance = random.Random(number)
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(damaged((OWN / name).read_bytes(), chance))
    said = ""
    try:
        load_knowledge([folder])
    except InputError as error:
        said = str(error)
    finally:
        path.unlink()
    assert said == "" or (said.isprintable() and "\n" not in said)


@seed(20261121)
@settings(
    max_examples=120,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(name=st.sampled_from(SMALL), number=st.integers(0, 2**32))
def test_a_damaged_file_is_read_or_refused(house, name, number):
    loads_or_says_why(house, name, number)


@pytest.mark.slow
@seed(20261121)
@settings(
    max_examples=5_000,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    name=st.sampled_from(sorted(str(path.relative_to(OWN)) for path in OWN.rglob("*.yaml"))),
    number=st.integers(0, 2**32),
)
def test_any_damaged_file_is_read_or_refused(house, name, number):
    loads_or_says_why(house, name, number)
