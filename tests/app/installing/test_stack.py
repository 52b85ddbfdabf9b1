"""What the stack puts beside the framework is asked about and installed with it, or named."""

import msgspec
import pytest

from app.installing import verifying
from app.installing.choosing import Chosen, of_framework
from app.installing.lines import Line, parse_line, with_more
from app.installing.results import InstallError, Library, Package, Verification
from app.installing.stack import libraries_of
from app.installing.targets import make_target
from app.installing.verifying import verify_chosen
from app.installing.words import facts
from rules import load_knowledge
from rules.planning import stack

INDEX = "https://a.example/whl/cpu"


@pytest.fixture(scope="module")
def knowledge():
    return load_knowledge()


@pytest.fixture
def resolver(monkeypatch):
    """Answers from a list of states, and keeps what it was asked."""
    asked: list[Line] = []
    states: list[str] = []

    def ask(line, target, framework, cancel, limit, on_line):
        asked.append(line)
        own = line.own_names[0]
        return Verification(
            state=states.pop(0),
            summary="What pip said.",
            line=line.text,
            target=target,
            asked_utc="",
            packages=(
                Package(name=own, version="1.0", requested=True, bytes=10),
                Package(name="shared", version="2.0+cpu", requested=False, bytes=1),
            ),
        )

    monkeypatch.setattr(verifying, "_verify", ask)

    def answers(*given):
        states[:] = given
        asked.clear()
        return asked

    return answers


def chosen(knowledge, framework="jax", **given):
    return of_framework(knowledge, framework, {"os": "linux", **given}, "linux", "3.12")


def test_each_part_of_the_stack_is_installed_with_the_line_or_has_a_reason_not_to(knowledge):
    given = {
        "domain": ("tabular",),
        "tracking": "local",
        "deployment": ("server",),
        "goal": "production",
        "team_experience": "expert",
    }
    found = {one.name: one for one in libraries_of(stack(knowledge, "pytorch", given))}
    by_reason = {
        reason: {one.package for one in found.values() if one.left_out == reason}
        for reason in (None, "own_environment", "no_package")
    }
    assert by_reason[None] == {"tensorboard"}
    assert found["AutoGluon"].left_out == "own_environment"
    assert found["DataLoader of PyTorch"].left_out == "no_package"
    assert by_reason["own_environment"] == by_reason["no_package"] == {None}
    assert all(one.purpose for one in found.values())


def test_the_line_is_asked_about_with_its_libraries(knowledge, resolver):
    asked = resolver("verified")
    found = verify_chosen(chosen(knowledge))
    assert set(asked[0].names) == {"jax", "flax", "optax", "grain"}
    assert (found.state, found.line) == ("verified", chosen(knowledge).line)
    assert any("Flax (NNX), Optax, Grain" in one for one in facts(found))
    asked = resolver("verified")
    alone = verify_chosen(chosen(knowledge).framework_only())
    assert "grain" not in asked[0].names
    assert alone.libraries == ()


def test_a_part_without_a_package_is_named_as_not_verified(knowledge, resolver):
    resolver("verified")
    found = verify_chosen(chosen(knowledge, "tensorflow"))
    assert "Not verified: tf.data, which has no package of its own." in facts(found)


def test_libraries_that_do_not_resolve_keep_all_of_it_from_being_verified(knowledge, resolver):
    asked = resolver("conflicts", "verified")
    found = verify_chosen(chosen(knowledge))
    assert found.state == "conflicts"
    assert found.details[0] == "Without the libraries of the stack, the line is: verified."
    assert asked[1].added == ()
    resolver("not_verified", "not_verified")
    assert verify_chosen(chosen(knowledge)).state == "not_verified"
    asked = resolver("cancelled")
    assert verify_chosen(chosen(knowledge)).state == "cancelled"
    assert len(asked) == 1


def with_index(*packages):
    line = f"pip install torch --index-url {INDEX}"
    library = {"name": "X", "purpose": "For x."}
    libraries = [{**library, "package": one} for one in packages]
    return Chosen(
        line=line,
        target=make_target(),
        libraries=tuple(msgspec.convert(libraries, list[Library])),
    )


def test_libraries_beside_a_line_with_an_index_do_not_change_what_that_brings(resolver):
    asked = resolver("verified", "verified")
    found = verify_chosen(with_index("timm", "lightning"))
    assert asked[0].names == ("torch",)
    assert asked[1].requirements == ("timm", "lightning")
    assert asked[1].added == ("torch==1.0", "shared==2.0+cpu")
    assert asked[1].extra_indexes == (INDEX,)
    assert [one.name for one in found.packages] == ["torch", "shared", "timm"]
    assert found.known_bytes == 21
    resolver("verified", "conflicts")
    found = verify_chosen(with_index("timm"))
    assert found.state == "conflicts"
    assert found.details[0].startswith("The line itself resolves")
    asked = resolver("wrong_index")
    assert verify_chosen(with_index("timm")).state == "wrong_index"
    assert len(asked) == 1


def test_what_is_added_tells_nothing_of_the_build():
    (line,) = with_more(parse_line("pip install tinygrad"), ["numpy", "TinyGrad"])
    assert line.own_names == ("tinygrad",)
    assert line.names == ("tinygrad", "numpy")
    assert line.arguments() == ("tinygrad", "numpy")


@pytest.mark.parametrize("name", ["; rm -rf /", "--target=/etc", "x @ https://a.example/x.whl"])
def test_a_stranger_s_package_that_is_no_name_is_refused(name):
    with pytest.raises(InstallError):
        with_more(parse_line("pip install jax"), [name])
