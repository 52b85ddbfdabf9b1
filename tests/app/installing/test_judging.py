"""What pip really said, recorded with `record.py`, becomes one state; none too good."""

import importlib.util
import json
from pathlib import Path

import msgspec
import pytest

from app.installing.asking import Answer
from app.installing.builds import build_of
from app.installing.judging import judge
from app.installing.lines import parse_line
from app.installing.results import Build, Target, Verification
from app.installing.targets import make_target, this_platform
from app.installing.verifying import encode
from app.installing.words import download_words, facts, headline
from rules.texts import speak

_SPEC = importlib.util.spec_from_file_location("record", Path(__file__).with_name("record.py"))
assert _SPEC is not None
record = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(record)
ASKED = "2026-11-21T18:00:00+00:00"


def judged(name: str, device: str | None = None, **changes: object) -> Verification:
    text, target, answer = record.read(name)
    if device is not None:
        target = msgspec.structs.replace(target, device=device)
    return judge(parse_line(text), target, msgspec.structs.replace(answer, **changes), ASKED)


def edited(name: str, edit, part: str = "report") -> Verification:
    """The recorded answer with its report (or notes) changed."""
    _, _, answer = record.read(name)
    content = json.loads(getattr(answer, part))
    edit(content)
    return judged(name, **{part: json.dumps(content).encode()})


RECORDED = [
    ("good", "verified", None),
    ("python_without_wheels", "no_wheel", None),
    ("platform_without_wheels", "no_wheel", None),
    ("only_a_pre_release", "no_wheel", None),
    ("conflicting_pin", "conflicts", None),
    ("unknown_package", "unknown_package", None),
    ("unknown_version", "unknown_package", None),
    ("cpu_wheel_on_windows", "cpu_only", None),
    ("wrong_index", "wrong_index", None),
    ("unreachable_index", "not_verified", "offline"),
    ("yanked", "yanked", None),
    ("yanked_dependency", "yanked", None),
    ("older_release_only", "verified", None),
]


@pytest.mark.parametrize(("name", "state", "cause"), RECORDED)
def test_each_recorded_answer_gets_its_state(name, state, cause):
    found = judged(name)
    assert (found.state, found.cause) == (state, cause)
    assert msgspec.json.decode(encode(found), type=Verification) == found


def test_a_good_line_tells_packages_versions_sizes_and_the_build():
    found = judged("good")
    assert [one.name for one in found.packages if one.requested] == ["jax", "optax"]
    assert {one.name: one.version for one in found.packages}["jaxlib"] == "0.10.2"
    assert found.build == Build(accelerator="cpu")
    assert found.unknown_sizes == ()
    assert found.known_bytes == sum(one.bytes for one in found.packages)
    assert download_words(found) == "142 MB"
    assert headline(found) == "Verified (2026-11-21 18:00:00 UTC, asked of pip 26.3)"


def test_a_size_that_no_index_tells_stays_unknown():
    def forget(notes):
        notes["sizes"] = {
            url: (None if "jaxlib" in url else n) for url, n in notes["sizes"].items()
        }

    found = edited("good", forget, "notes")
    assert found.unknown_sizes == ("jaxlib",)
    assert download_words(found).startswith("at least ")
    assert "the size of jaxlib is unknown" in download_words(found)


def test_the_missing_wheel_is_told_with_where_there_are_some():
    found = judged("python_without_wheels")
    assert "tensorflow==2.21.0" in found.summary
    assert "Linux, Python 3.10, 3.11, 3.12, 3.13" in found.details[0]
    assert "3.14" not in found.details[0]
    other = judged("platform_without_wheels")
    assert "macOS 14 or newer on an Intel processor" in other.summary
    assert "macOS on Apple silicon" in other.details[0]


def test_a_pre_release_taken_for_want_of_a_release_is_not_verified_as_one():
    assert "2.22.0rc0" in judged("only_a_pre_release").summary
    _, target, answer = record.read("only_a_pre_release")
    for asked in ("pip install --pre tensorflow", "pip install tensorflow==2.22.0rc0"):
        assert judge(parse_line(asked), target, answer, ASKED).state == "verified"


def test_both_sides_of_a_conflict_are_named():
    assert judged("conflicting_pin").details == (
        "The user requested numpy<2",
        "jax 0.10.2 depends on numpy>=2.0",
    )


def test_the_cpu_wheel_is_only_wrong_where_an_accelerator_was_expected():
    found = judged("cpu_wheel_on_windows")
    assert "where one for CUDA was expected" in found.summary
    assert not any(one.name.startswith("nvidia") for one in found.packages)
    assert judged("cpu_wheel_on_windows", device="cpu").state == "verified"
    assert judged("good", device="nvidia_gpu").state == "cpu_only"


def test_packages_of_another_source_do_not_stand_for_an_index_that_was_not_there():
    for name in ("wrong_index", "unreachable_index"):
        _, _, answer = record.read(name)
        assert answer.returncode == 0  # pip found some torch in a folder
        assert judged(name).packages == ()


def test_what_would_be_downloaded_whole_is_said_and_not_verified():
    def refuse(notes):
        notes["refused"] = {"file": "big-1.0-py3-none-any.whl", "bytes": 900_000_000}

    found = edited("unknown_package", refuse, "notes")
    assert (found.state, found.cause) == ("not_verified", "would_download")
    assert "900 MB" in found.summary


@pytest.mark.parametrize(
    ("how", "state"), [("cancelled", "cancelled"), ("timed_out", "not_verified")]
)
def test_an_answer_that_was_stopped_verifies_nothing(how, state):
    assert judged("good", stopped=how).state == state


def test_an_answer_for_this_machine_is_none_for_another():
    def as_here(report):
        report["environment"]["sys_platform"] = "linux"

    found = edited("cpu_wheel_on_windows", as_here)
    assert (found.state, found.cause) == ("not_verified", "other_platform")


@pytest.mark.parametrize(
    "edit",
    [
        lambda report: report.update(version="2"),
        lambda report: report.pop("install"),
        lambda report: report.update(install=[]),
        lambda report: report["install"][0]["metadata"].update(name="x\x1b[31m"),
        lambda report: report["install"][0]["metadata"].update(name="a" * 5000),
        lambda report: report["install"][0]["metadata"].update(version="; rm -rf"),
        lambda report: report["install"][0].update(is_yanked="no"),
        lambda report: report.update(install=report["install"] * 400),
    ],
    ids=["version", "without", "empty", "name", "length", "odd version", "type", "count"],
)
def test_a_report_that_cannot_be_trusted_verifies_nothing(edit):
    found = edited("good", edit)
    assert (found.state, found.cause) == ("not_verified", "not_understood")
    assert found.packages == () or found.state != "verified"


@pytest.mark.parametrize("data", [b"", b"[" * 100_000, b"\xff\xfe", b'{"version": "1"}'])
def test_a_report_that_is_none_verifies_nothing(data):
    assert judged("good", report=data).state == "not_verified"


def test_an_error_that_nobody_knows_is_not_verified_and_quoted_without_control_signs():
    answer = Answer(returncode=2, lines=("ERROR: \x1b[31mhttps://me:secret@x/ went\tup",))
    target = make_target()
    found = judge(parse_line("pip install jax"), target, answer, ASKED)
    assert (found.state, found.cause) == ("not_verified", "not_understood")
    assert found.details == ("[31mhttps://x/ went up",)


def inspection(name: str, version: str, *requires: str) -> bytes:
    metadata = {"name": name, "version": version, "requires_dist": requires}
    return json.dumps({"installed": [{"metadata": metadata}], "environment": {}}).encode()


def test_what_is_installed_and_would_break_is_a_conflict():
    there = inspection("old-thing", "1.0", "numpy<2", "scipy; extra == 'more'")
    found = judged("good", installed=there)
    assert found.state == "conflicts"
    assert found.details == ("old-thing 1.0 asks for numpy<2, and would get 2.4.6.",)
    assert judged("good", installed=inspection("old-thing", "1.0", "numpy>2")).state == "verified"


def test_what_would_change_in_an_environment_is_listed():
    text, target, answer = record.read("good")
    there = Target(platform=target.platform, python_version="3.11", python="/env/bin/python")
    answer = msgspec.structs.replace(answer, installed=inspection("numpy", "2.0.0"))
    found = judge(parse_line(text), there, answer, ASKED)
    assert {one.name: one.before for one in found.packages if one.before} == {"numpy": "2.0.0"}
    assert "It would add 7 and change 1 packages there: numpy 2.0.0 to 2.4.6." in facts(found)


def test_an_older_release_is_taken_with_a_word_on_the_newer_one():
    found = judged("older_release_only")
    assert found.packages[0].version == "0.7.0"
    assert "oneflow 0.9.0 is newer" in found.details[0]


ANY, LINUX = "x-1-py3-none-any.whl", "x-1-cp312-cp312-manylinux_2_28_x86_64.whl"


@pytest.mark.parametrize(
    ("packages", "accelerator", "version"),
    [
        ([("torch", "2.15.0+cu130", LINUX)], "cuda", "13.0"),
        ([("torch", "2.15.0+cpu", LINUX)], "cpu", None),
        ([("torch", "2.15.0+rocm7.1", LINUX)], "rocm", "7.1"),
        ([("paddlepaddle-gpu", "3.3.1", f"https://i/cu126/{LINUX}")], "cuda", "12.6"),
        ([("jax", "1", ANY), ("jax-cuda13-plugin", "1", LINUX)], "cuda", "13"),
        ([("torch", "1", LINUX), ("nvidia-cuda-runtime-cu12", "12.8.90", ANY)], "cuda", "12.8"),
        ([("jax", "1", ANY), ("libtpu", "0.1", LINUX)], "tpu", None),
        ([("jax", "1", ANY), ("jaxlib", "1", LINUX)], "cpu", None),
        ([("torch", "1", "torch-1-cp312-cp312-win_amd64.whl")], "cpu", None),
        # A Mac's GPU is reached through the system, and pure Python through anything.
        ([("torch", "1", "torch-1-cp312-cp312-macosx_14_0_arm64.whl")], None, None),
        ([("tinygrad", "1", ANY)], None, None),
        # The driver's tool is no build for its card.
        ([("nvidia-ml-py", "13", ANY), ("tinygrad", "1", ANY)], None, None),
        # Nor is a compiled package that nobody asked for.
        ([("tinygrad", "1", ANY), ("numpy", "2", LINUX)], None, None),
    ],
)
def test_the_device_of_a_build_is_told_by_names_versions_and_folders(
    packages, accelerator, version
):
    found = build_of(packages, ["torch", "tinygrad", "jax", "paddlepaddle-gpu"])
    expected = Build(accelerator=accelerator, version=version) if accelerator else None
    assert found == expected


def test_targets_name_what_they_assume():
    found = make_target("windows", "3.12")
    assert (found.platform, found.is_this_machine) == ("windows", this_platform() == "windows")
    assert make_target("wsl2", "3.12").platform == "linux"


@pytest.fixture
def spoken():
    """Another language: each sentence in angle brackets."""
    speak(lambda text, _: f"<{text}>")
    yield
    speak(None)


@pytest.mark.parametrize("name", [name for name, _, _ in RECORDED])
def test_what_is_said_is_in_the_language_that_is_spoken(name, spoken):
    found = judged(name)
    assert headline(found).startswith("<<")
    assert found.summary.startswith("<")
    own = list(facts(found))[len(found.details) :]
    assert [one for one in own if not one.startswith("<")] == []
