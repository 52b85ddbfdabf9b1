"""`knowledge show`: every view as text and as JSON; an id that nothing has gets a suggestion."""

import argparse
import json

import pytest

import rules
from app.cli import knowledge_show


@pytest.fixture(scope="module")
def knowledge():
    return rules.load_knowledge()


@pytest.fixture
def show(knowledge, capsys):
    def _show(*words):
        parser = argparse.ArgumentParser()
        knowledge_show.add_arguments(parser)
        arguments = parser.parse_args([*words, "--today", "2026-11-21"])
        assert knowledge_show.run(knowledge, arguments) == 0
        return capsys.readouterr().out

    return _show


@pytest.mark.parametrize("view", knowledge_show.VIEWS)
def test_every_view_is_text_that_fits_and_json_that_reads(show, view):
    text = show(view)
    assert text.strip()
    long = [line for line in text.splitlines() if len(line) > 100 and "https://" not in line]
    assert long == []
    assert json.loads(show(view, "--format", "json"))


def test_two_frameworks_stand_side_by_side(show):
    lines = show("comparison", "pytorch", "keras").splitlines()
    assert lines[0].split() == ["PyTorch", "Keras", "3"]
    execution = next(line for line in lines if line.startswith("Execution"))
    assert "Eager" in execution
    assert "backend" in execution


def test_many_frameworks_stand_below_one_another(show):
    lines = show("comparison").splitlines()
    assert lines[0] == "Made by"
    assert lines[1].split()[0] == "JAX"


def test_the_matrix_shows_our_stars_beside_the_articles(show):
    text = show("matrix")
    learning = next(line for line in text.splitlines() if line.startswith("Ease of learning"))
    assert "5 (4)" in learning
    assert "- (5)" in next(line for line in text.splitlines() if line.startswith("Speed"))


def test_claimed_shares_are_called_unsourced(show):
    lines = show("trend").splitlines()
    assert lines[0] == "Shares of a market that were printed without a source:"
    assert any("PyTorch 42 %" in line for line in lines)


def test_the_ecosystem_of_one_framework(show):
    text = show("ecosystem", "mxnet")
    assert "GluonCV" in text
    assert "TorchServe" not in text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("quantisation", "For the choice:"),
        ("Quantization", "For the choice:"),
        ("claim.tpu", "Then: TensorFlow is the natural choice for TPUs."),
        ("advice.guide.tpu", "Then: TensorFlow is the most natural choice."),
        ("pytorch", "Best at:"),
        ("pytorch.ease.beginner", "level"),
        ("ease", "pytorch.ease.general"),
        ("jax.ease.beginner", "level 0 when team_experience: beginner"),
        ("lightning", "name           PyTorch Lightning"),
        ("lightning", "packages       lightning, pytorch-lightning"),
        ("retired", "lifecycle  retired, stalled"),
        ("startup_llm_tuning", "answers  work: fine_tune; domain: llm; goal: production"),
        ("jax.training_device.cpu", "when        training_hardware: cpu"),
        ("work", "id: fine_tune; text: Adapt trained models"),
        ("ask.need_gpu", "Do I need a GPU?"),
        ("torchserve", "lifecycle      retired"),
        ("statement.trees", "TabArena"),
    ],
)
def test_an_entry_of_any_kind_can_be_shown(show, name, said):
    assert said in show(name)


def test_a_concept_names_what_it_bears_on_and_its_sources(show):
    text = show("xla_compiler")
    assert "See also:" in text
    assert "https://docs.jax.dev/en/latest/installation.html" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("comparision",), "did you mean 'comparison'?"),
        (("quantizaton",), "is nothing we know"),
        (("comparison", "pytorh"), "'pytorh' is no framework; did you mean 'pytorch'?"),
        (("matrix", "pytorch"), "only comparison and ecosystem take frameworks"),
    ],
)
def test_a_name_that_nothing_has_is_one_clear_message(show, words, said):
    with pytest.raises(rules.InputError, match="knowledge") as caught:
        show(*words)
    assert said in str(caught.value)
