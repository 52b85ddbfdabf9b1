"""Whatever stands in a file, a pipe or an answer of a stranger: it is read, or refused in the one
way that its reader promises. What once was neither lies in `tests/data/fuzz` and is read first."""

import random
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from formats import FORMATS, as_plain
from made_up import as_json, damaged_bytes, damaged_data, same

CORPUS = Path(__file__).parents[1] / "data" / "fuzz"
LONGEST_MESSAGE = 6_000
NUMBER = st.integers(0, 2**32)


def bounded(examples):
    """The same cases in every run."""

    def decorate(test):
        limits = settings(
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        return seed(20261121)(limits(test))

    return decorate


def read_or_refused(name: str, data: bytes, folder: Path):
    """The value; None where it was refused as promised. Everything else that is raised, raises."""
    form = FORMATS[name]
    path = folder / "given.file"
    try:
        value = form.read(data, path)
    except form.errors as refused:
        said = str(refused)
        assert "\n" not in said
        assert said.isprintable() or name == "message in the bundle", said
        assert len(said) < LONGEST_MESSAGE
        assert said.startswith(str(path)) or not form.names_file, said
        return None
    if form.write is not None:
        again = form.read(form.write(value), path)
        assert same(again, value)
    return value


def slug(name: str) -> str:
    return name.replace(" ", "-").replace("'", "")


@pytest.mark.parametrize("name", FORMATS)
def test_whole_examples_are_read(name, tmp_path):
    for data in FORMATS[name].examples():
        form = FORMATS[name]
        form.read(data, tmp_path / "given.file")


def corpus():
    return sorted(path for path in CORPUS.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", corpus(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_once_broke_a_reader_is_refused_or_read(path, tmp_path):
    name = next(one for one in FORMATS if slug(one) == path.parent.name)
    read_or_refused(name, path.read_bytes(), tmp_path)


def damaged(name: str, number: int) -> bytes:
    """An example with damage to its bytes, or to its data where it has a shape."""
    dice = random.Random(number)
    form = FORMATS[name]
    data = dice.choice(form.examples())
    if not form.has_shape or dice.random() < 0.4:
        return damaged_bytes(data, dice)
    return as_json(damaged_data(as_plain(data), dice))


@pytest.mark.parametrize("name", FORMATS)
@bounded(15)
@given(number=NUMBER)
def test_damaged_files_are_refused_or_read(name, number, tmp_path):
    read_or_refused(name, damaged(name, number), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
@bounded(150)
@given(number=NUMBER)
def test_many_damaged_files_are_refused_or_read(name, number, tmp_path):
    read_or_refused(name, damaged(name, number), tmp_path)


MADE_UP = [name for name, form in FORMATS.items() if form.made_up is not None]


def write_and_read(name: str, value, folder: Path) -> None:
    form = FORMATS[name]
    data = msgspec.json.encode(value) if name != "answers" else form.write(value)
    read_or_refused(name, data, folder)


@pytest.mark.parametrize("name", MADE_UP)
@bounded(10)
@given(chosen=st.data())
def test_any_value_of_the_right_shape_comes_back_the_same_or_is_refused(name, chosen, tmp_path):
    write_and_read(name, chosen.draw(FORMATS[name].made_up()), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", MADE_UP)
@bounded(60)
@given(chosen=st.data())
def test_many_values_of_the_right_shape_come_back_the_same(name, chosen, tmp_path):
    write_and_read(name, chosen.draw(FORMATS[name].made_up()), tmp_path)
