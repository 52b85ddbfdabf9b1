"""What a lead reads in the terminal: the order, what was decided by hand, and what has ended."""

import itertools
from datetime import date

import pytest

from app.advice import advise
from app.cli.recommendation_text import recommendation_text
from app.cli.text import WIDTH
from app.existing import read_existing
from rules import load_answers, load_knowledge
from rules.existing import prefill_existing
from rules.model import Answers, Override

TODAY = date(2026, 11, 21)
BASE = {
    "work": "fine_tune",
    "domain": ("vision",),
    "goal": "production",
    "lifetime": "five_years",
    "train_where": "other_machine",
    "training_hardware": "nvidia_gpu",
    "os": "linux",
    "training_scale": "single_device",
    "deployment": ("server",),
    "team_experience": "intermediate",
    "team_background": ("numpy",),
}


@pytest.fixture(scope="module")
def knowledge():
    return load_knowledge()


@pytest.fixture
def text(knowledge):
    def _text(answers, **given):
        recommendation = advise(knowledge, answers, None, TODAY, draws=200)
        return recommendation_text(recommendation, knowledge, **given)

    return _text


def headings(text):
    lines = text.splitlines()
    return [
        above
        for above, below in itertools.pairwise(lines)
        if below and set(below) == {"-"} and len(below) == len(above)
    ]


def section(text, title):
    """The lines under a heading as one text, so that line breaks do not matter."""
    rest = text.partition(f"{title}\n{'-' * len(title)}\n")[2]
    return " ".join(rest.partition("\n\n")[0].split())


def test_the_order_is_what_how_sure_why_what_would_change_it_and_what_next(text):
    shown = text(Answers(answers={**BASE, "existing_code": ("mxnet",), "special_needs": "quantum"}))
    found = headings(shown)
    assert found[0] == "Choose PyTorch"
    assert found[1:] == [
        "Why",
        "Ranking",
        "Why not the others",
        "Ruled out",
        "What would change it",
        "Stack",
        "Install",
        "Your special needs",
        "What next",
        "Moving from Apache MXNet to PyTorch: medium effort",
        "Risks",
        "To learn it",
        "Look again",
    ]
    assert "Quantum circuits in the model: yes." in section(shown, "Your special needs")
    assert "By 2027-05-21" in section(shown, "Look again")


def test_the_retired_take_a_line_unless_they_are_what_there_is(text):
    shown = section(text(Answers(answers={**BASE, "existing_code": ("mxnet",)})), "Ruled out")
    assert "Apache MXNet: The Apache foundation moved MXNet to its Attic" in shown
    assert "Stalled or retired, so never for new work: Caffe and Caffe2, OneFlow and Theano." in (
        shown
    )


def test_what_was_decided_by_hand_is_said_before_the_reasons(text, knowledge):
    fact = next(fact for one in knowledge.frameworks if one.id == "jax" for fact in one.facts)
    shown = text(
        Answers(
            answers={**BASE, "existing_code": ("none",)},
            must_use=("jax", "keras"),
            exclude={"tinygrad": "too young"},
            override={fact.id: Override(level=0, reason="we tried it")},
            importance={"people": 2},
        )
    )
    decided = section(shown, "You decided")
    assert "Only JAX and Keras 3 may be used." in decided
    assert "tinygrad is excluded: too young." in decided
    assert f"The fact {fact.id} counts as level 0, not {fact.level}: we tried it." in decided
    assert "+2." in decided
    assert headings(shown).index("You decided") < headings(shown).index("Why")
    out = section(shown, "Ruled out")
    assert "MindSpore, MLX, PaddlePaddle, PyTorch and TensorFlow: Your answers say" in out
    # Of two decisions the one with a reason of its own is told.
    assert "tinygrad: too young. Way out: Take it out of `exclude`. (your answers)" in out


def test_requirements_are_told_with_what_has_ended_and_only_once(text, knowledge, tmp_path):
    path = tmp_path / "requirements.txt"
    path.write_text("tensorflow==1.15\ntorchserve\n!!what\n")
    existing = read_existing(path, knowledge)
    answers = Answers(answers=BASE, existing_components=("torchtext",))
    filled = prefill_existing(knowledge, answers, existing)
    shown = text(filled.answers, existing=existing, disagreements=filled.disagreements)
    told = section(shown, "What requirements.txt says")
    assert "TensorFlow: tensorflow==1.15 (requirements.txt:1)" in told
    assert "TensorFlow below 2 is retired (tensorflow==1.15, requirements.txt:1)" in told
    assert "TorchServe is retired (torchserve, requirements.txt:2)" in told
    assert "Instead: Triton Inference Server." in told
    assert "Not read: !!what (requirements.txt:3)" in told
    assert shown.count("TorchServe is retired") == 1
    assert "torchtext is retired" in section(shown, "To replace")
    assert any(one.startswith("Moving from TensorFlow 1 to ") for one in headings(shown))


def test_requirements_of_no_framework_say_so(text, knowledge, tmp_path):
    path = tmp_path / "requirements.txt"
    path.write_text("requests\n")
    shown = text(Answers(answers=BASE), existing=read_existing(path, knowledge))
    assert "names no framework and no library" in section(shown, "What requirements.txt says")


def test_a_way_out_is_not_told_why_not_the_others(text):
    given = {"existing_code": ("tensorflow",), "special_needs": ("quantum",)}
    shown = text(Answers(answers={**BASE, "work": "run_only", **given}))
    assert "Moving from TensorFlow to an inference runtime: small effort" in headings(shown)
    assert "Nothing is recorded on this for an inference runtime" in " ".join(shown.split())
    assert headings(shown)[0] == "Nothing has to be trained: an inference runtime will do"
    assert "Why not the others" not in headings(shown)
    assert "If you want to train all the same" in headings(shown)


def test_nothing_left_is_told_with_its_way_out(text):
    shown = text(Answers(answers=BASE, must_use=("mxnet",)))
    assert headings(shown)[0] == "No framework is left with these answers"
    told = " ".join(shown.split())
    assert "what has to be used is ruled out. Apache MXNet: " in told
    assert "Move to PyTorch. Or allow another" in told
    assert "What next" not in headings(shown)


def test_no_line_is_too_wide_and_no_figure_leaves_its_sign(text, knowledge):
    from app.paths import ASSETS

    for path in sorted((ASSETS / "examples").glob("*.yaml")):
        for line in text(load_answers(path, knowledge)).splitlines():
            assert len(line) <= WIDTH or "http" in line or line.startswith("    "), line
            assert not line.lstrip().startswith("% "), line
