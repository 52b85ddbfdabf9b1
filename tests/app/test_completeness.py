"""What a framework needs elsewhere in the program: each place that is missing is named."""

import dataclasses

import msgspec
import pytest

from app.completeness import TOKENS, missing, this_program
from probes.catalogue import ADAPTERS, FILE, KnownFramework
from rules.loading import OWN, load_base

PACK = """
id: tinynet
name: tinynet
maker: us
first_release: '2026'
latest_release: 0.1 (2026-11)
licence: MIT
homepage: https://example.org/tinynet
summary: A few layers over numpy.
lifecycle: active
lifecycle_reason: Released this month.
lifecycle_source: https://example.org/tinynet
lifecycle_as_of: 2026-11
niche: Made for a test.
best_at: Being small.
worst_at: Everything else.
"""


@pytest.fixture(scope="module")
def program():
    return this_program()


@pytest.fixture(scope="module")
def ours():
    return load_base()


def told(base, program):
    return [(error.file, error.message, wrong) for error, wrong in missing(base, program)]


def with_frameworks(program, frameworks):
    catalogue = msgspec.structs.replace(program.catalogue, frameworks=frameworks)
    return dataclasses.replace(program, catalogue=catalogue)


def test_every_framework_that_ships_has_all_its_places(ours, program):
    assert told(ours, program) == []


def test_a_framework_that_the_probes_do_not_know_is_named(ours, program):
    kept = tuple(one for one in program.catalogue.frameworks if one.id != "mlx")
    assert told(ours, with_frameworks(program, kept)) == [
        (str(FILE), "no entry for mlx: it is neither found nor measured", True)
    ]


def test_a_missing_adapter_is_named(ours, program):
    lines = told(
        ours, dataclasses.replace(program, adapters=program.adapters - {"mlx", "openvino"})
    )
    assert [(file, wrong) for file, _, wrong in lines] == [
        (str(ADAPTERS / "mlx.py"), True),
        (str(ADAPTERS / "openvino.py"), True),
    ]


def test_a_missing_colour_is_named_whole_or_in_part(ours, program):
    drawn = {name: tokens for name, tokens in program.drawn.items() if name != "mlx"}
    drawn["jax"] = drawn["jax"] - {"vision_dark", "marker"}
    assert told(ours, dataclasses.replace(program, drawn=drawn)) == [
        (str(TOKENS), "[frameworks.jax] lacks vision_dark, marker", True),
        (
            str(TOKENS),
            "no [frameworks.mlx]: it is drawn in grey, and like others without one",
            True,
        ),
    ]


def test_a_mode_that_speaks_and_is_not_measured_is_named_with_its_line(ours, program):
    frameworks = tuple(
        msgspec.structs.replace(one, modes=one.modes[1:]) if one.id == "mlx" else one
        for one in program.catalogue.frameworks
    )
    ((error, wrong),) = missing(ours, with_frameworks(program, frameworks))
    assert error.message == "speaking_modes: mlx/eager is no mode of mlx in frameworks.yaml"
    lines = (OWN / "frameworks" / "mlx.yaml").read_text(encoding="utf-8").splitlines()
    assert lines[error.line - 1].startswith("speaking_modes:")
    assert wrong


def test_what_is_found_and_drawn_without_any_knowledge_is_named(ours, program):
    added = KnownFramework(id="newnet", distributions=("newnet",))
    changed = dataclasses.replace(
        with_frameworks(program, (*program.catalogue.frameworks, added)),
        adapters=program.adapters | {"othernet"},
        drawn={**program.drawn, "thirdnet": frozenset()},
    )
    file = OWN / "frameworks" / "newnet.yaml"
    assert told(ours, changed) == [
        (str(file), "no such file: newnet is found, and nothing is known of it", True),
        (str(FILE), "no entry for othernet, which has an adapter", True),
        (str(TOKENS), "[frameworks.thirdnet] is the colour of nothing that is known", True),
    ]


def test_a_workload_without_a_scale_and_a_scale_without_a_workload_are_named(ours, program):
    timed = (program.timed - {"lstm_train"}) | {"linear_train"}
    file = OWN / "performance.yaml"
    missing_, unknown = told(ours, dataclasses.replace(program, timed=timed))
    assert missing_ == (
        str(file), "no scale for linear_train: its times would count for nothing", True
    )  # fmt: skip
    assert unknown[0] == str(file)
    assert unknown[1].startswith("lstm_train is no workload that is timed")
    assert unknown[2]


def test_a_packs_framework_is_told_what_it_does_without_and_is_no_mistake(tmp_path, program):
    (tmp_path / "frameworks").mkdir()
    file = tmp_path / "frameworks" / "tinynet.yaml"
    file.write_text(PACK)
    assert [(place, wrong) for place, _, wrong in told(load_base([tmp_path]), program)] == [
        *[(str(file), False)] * 3,
        (str(OWN / "learning.yaml"), False),
        (str(FILE), False),
        (str(TOKENS), False),
    ]
    file.write_text(PACK + "speaking_modes: {training: tinynet/eager}\n")
    *_, found, drawn = (wrong for _, _, wrong in told(load_base([tmp_path]), program))
    assert (found, drawn) == (True, False)


def test_what_a_live_framework_says_nothing_of_is_named(program):
    base = load_base()
    mute = [
        msgspec.structs.replace(one, facts=one.facts[1:], capabilities=(), install=())
        if one.id == "mlx"
        else one
        for one in base.knowledge.frameworks
    ]
    learning = tuple(one for one in base.knowledge.learning if one.framework != "mlx")
    knowledge = msgspec.structs.replace(base.knowledge, frameworks=tuple(mute), learning=learning)
    found = told(msgspec.structs.replace(base, knowledge=knowledge), program)
    assert [message for _, message, _ in found] == [
        "mlx: no fact without `when` for domain_fit",
        "mlx: no capability for deployment, platform, python, training_device",
        "mlx: no line under install",
        "nothing to learn mlx from",
    ]
    assert all(wrong for _, _, wrong in found)


def test_a_file_that_cannot_be_parsed_makes_nobody_an_orphan(tmp_path, program):
    (tmp_path / "broken.yaml").write_text("facts: [")
    assert told(load_base([tmp_path]), program) == []
