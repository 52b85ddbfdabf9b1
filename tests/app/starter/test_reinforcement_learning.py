"""The environment of an agent, which needs no framework: built in, and a user's own."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from app import starter
from app.starter import Request
from app.starter.catalogue import Task, catalogue
from app.starter.execution import learned

gymnasium = pytest.importorskip("gymnasium")
TASK = "reinforcement_learning"


def data(folder: Path, environment: str = "CartPole-v1") -> ModuleType:
    request = Request(framework=next(iter(catalogue().frameworks)), task=TASK)
    text = starter.prepare(request).files["data.py"]
    assert text.count('ENVIRONMENT = "CartPole-v1"') == 1
    path = folder / "data.py"
    path.write_text(text.replace("CartPole-v1", environment), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("starter_environment", path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_the_same_seed_gives_the_same_game(tmp_path: Path) -> None:
    module = data(tmp_path)
    assert module.sizes() == (4, 2)
    games = [
        module.play(module.make_environment(), module.random_policy(2, seed=1), seed=2)
        for _ in range(2)
    ]
    assert games[0][0] == games[1][0] == len(games[0][1]) > 5
    np.testing.assert_array_equal(games[0][1], games[1][1])


def test_samples_to_compare_an_export_on_are_what_the_network_takes(tmp_path: Path) -> None:
    x = data(tmp_path).load_data(games=3).test.x
    assert x.dtype == np.float32
    assert x.shape == (len(x), 4)
    assert len(x) > 20


def test_an_own_environment_is_named_in_one_place(tmp_path: Path) -> None:
    assert data(tmp_path, "Acrobot-v1").sizes() == (6, 3)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ("FrozenLake-v1", r"must be a Box of shape \(n,\), not Discrete\(16\)"),
        ("Pendulum-v1", r"actions must be Discrete and start at 0, not Box"),
    ],
)
def test_an_environment_that_this_agent_cannot_play_is_refused(
    tmp_path: Path, environment: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        data(tmp_path, environment).sizes()


def test_where_targets_move_a_finite_loss_will_do() -> None:
    moving = catalogue().tasks[TASK]
    standing: Task = next(iter(catalogue().tasks.values()))
    assert learned(moving, {"first_loss": 0.1, "last_loss": 0.3})
    assert not learned(standing, {"first_loss": 0.1, "last_loss": 0.3})
    assert not learned(moving, {"first_loss": 0.1, "last_loss": float("nan")})
