"""The shipped knowledge, and answers to vary."""

from datetime import date

import msgspec
import pytest

from rules import decide, load_knowledge
from rules.model import Answers, Measurements

TODAY = date(2026, 11, 21)

ORDINARY = {
    "work": "scratch",
    "domain": ("vision",),
    "goal": "production",
    "lifetime": "one_year",
    "existing_code": ("none",),
    "train_where": "other_machine",
    "training_hardware": "nvidia_gpu",
    "os": "linux",
    "python_version": "3.12",
    "training_scale": "single_device",
    "deployment": ("server",),
    "team_experience": "intermediate",
    "team_background": ("numpy",),
}
"""A team with nothing special about it."""


@pytest.fixture(scope="session")
def ordinary():
    return dict(ORDINARY)


@pytest.fixture(scope="session")
def knowledge():
    return load_knowledge()


@pytest.fixture(scope="session")
def advice(knowledge):
    """Decide for the ordinary team with some answers changed; few draws, since most tests ask
    about the ranking."""

    def _advice(base=None, measurements=None, draws=400, document=None, **changes):
        answers = document or Answers(answers={**ORDINARY, **changes})
        return decide(
            base or knowledge, answers, measurements or Measurements(), TODAY, draws=draws
        )

    return _advice


@pytest.fixture(scope="session")
def without(knowledge):
    """The knowledge without the facts and capabilities whose id starts with one of the words."""

    def _without(*starts):
        frameworks, removed = [], []
        for framework in knowledge.frameworks:
            gone = [
                one.id
                for one in (*framework.facts, *framework.capabilities)
                if one.id.startswith(starts)
            ]
            removed += gone
            frameworks.append(
                msgspec.structs.replace(
                    framework,
                    facts=tuple(one for one in framework.facts if one.id not in gone),
                    capabilities=tuple(one for one in framework.capabilities if one.id not in gone),
                )
            )
        assert removed, f"nothing starts with {starts}"
        return msgspec.structs.replace(knowledge, frameworks=tuple(frameworks))

    return _without
