"""What may stand in an install line, and what is refused before anything is asked."""

import pytest

from app.installing.choosing import of_framework, target_of
from app.installing.lines import parse_line
from app.installing.results import InstallError
from app.installing.targets import make_target, marker_environment, resolver_arguments
from rules import load_knowledge


def test_packages_and_indexes_are_read():
    line = parse_line(
        'pip install -U "jax[cuda13]" flax>=0.12 --index-url=https://a.example/x '
        "--extra-index-url https://b.example/y --pre"
    )
    assert line.requirements == ("jax[cuda13]", "flax>=0.12")
    assert line.names == ("jax", "flax")
    assert line.arguments()[2:] == (
        "--index-url", "https://a.example/x", "--extra-index-url", "https://b.example/y",
        "--upgrade", "--pre",
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# the maker's page has the line",
        "conda install pytorch",
        "pip install",
        "pip install torch; rm -rf /",
        "pip install torch && curl x",
        "pip install $(whoami)",
        "pip install -r requirements.txt",
        "pip install -e .",
        "pip install .",
        "pip install ../wheel.whl",
        "pip install git+https://example.org/x",
        "pip install 'x @ https://example.org/x.whl'",
        "pip install torch --no-binary :all:",
        "pip install torch --target /etc",
        "pip install torch --index-url file:///etc",
        "pip install torch --index-url ftp://example.org",
        "pip install torch --index-url",
        "pip install 'torch",
        "pip install " + "x " * 2000,
    ],
)
def test_anything_else_is_refused_with_a_word_on_it(text):
    with pytest.raises(InstallError):
        parse_line(text)


def test_passwords_in_addresses_are_not_kept():
    line = parse_line("pip install x --index-url https://me:secret@a.example/simple")
    assert "secret" not in line.text
    assert line.index == "https://me:secret@a.example/simple"


EXPECTED = ("no line that can be run", "more than one command", "only lines that begin with")


def test_every_install_line_of_the_knowledge_can_be_verified_or_is_none():
    knowledge = load_knowledge()
    lines = [one.command for each in knowledge.frameworks for one in each.install]
    lines += [one.command for one in knowledge.exit_installs]
    assert len(lines) > 15
    told = []
    for one in lines:
        try:
            assert parse_line(one).names
        except InstallError as error:
            told.append(str(error))
    # Pointers to a maker's page, npm, and two commands in one line say so.
    assert all(any(part in one for part in EXPECTED) for one in told), told
    assert len(told) < len(lines) / 4


def test_the_device_chooses_a_frameworks_line():
    knowledge = load_knowledge()
    chosen = of_framework(knowledge, "jax", {"os": "linux"}, "linux", "3.12", None, "nvidia_gpu")
    assert "cuda13" in chosen.line
    assert chosen.target.device == "nvidia_gpu"
    windows = of_framework(knowledge, "pytorch", {}, "windows", "3.12", None, "nvidia_gpu")
    assert "/whl/cu" in windows.line
    with pytest.raises(InstallError, match="no framework; there are"):
        of_framework(knowledge, "pytroch", {})


def test_another_platform_is_asked_for_with_its_tags_and_its_markers():
    target = make_target("windows", "3.12")
    assert marker_environment(target)["sys_platform"] == "win32"
    assert marker_environment(target)["python_full_version"] == "3.12.0"
    arguments = resolver_arguments(target)
    assert arguments == ("--python-version", "3.12", "--platform", "win_amd64")
    assert resolver_arguments(make_target()) == ()


@pytest.mark.parametrize("version", ["3", "2.7", "4.1", "3.x", "3.12.1.2", "3.12; x"])
def test_what_is_no_python_version_is_refused(version):
    with pytest.raises(InstallError):
        make_target("linux", version)


def test_the_answers_say_where_the_line_is_for():
    target = target_of({"os": "windows", "python_version": "3.12", "training_hardware": "cpu"})
    assert (target.platform, target.python_version, target.device) == ("windows", "3.12", "cpu")
    with pytest.raises(InstallError, match="--python-version"):
        target_of({"python_version": "older"})
    assert target_of({"os": "unknown"}) == make_target()
