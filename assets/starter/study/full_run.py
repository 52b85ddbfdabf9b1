"""One full run of a project, from given first weights where there are any.

    python full_run.py SEED [WEIGHTS.npz NAME ...]

NAME is what the model is made with: a class or a function. The last line is that of train.py.
"""

import importlib
import json
import sys
from pathlib import Path

import train  # First of all: it may choose what the framework computes with.
import numpy as np
from config import Config


def layers(path: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """Kernel and bias of each layer."""
    with np.load(path) as arrays:
        return [
            (arrays[f"kernel{number}"], arrays[f"bias{number}"])
            for number in range(len(arrays.files) // 2)
        ]


def start_from(path: str, names: list[str]) -> None:
    """Have every model that is made from now on begin with these weights."""
    from first_weights import set_weights

    made = 0
    for place in ("train", "learner"):
        if not Path(f"{place}.py").is_file():
            continue
        module = importlib.import_module(place)
        for name in names:
            if make := getattr(module, name, None):

                def make_with_weights(*arguments, make=make, **named):
                    model = make(*arguments, **named)
                    set_weights(model, layers(path))
                    return model

                setattr(module, name, make_with_weights)
                made += 1
    if not made:
        raise SystemExit(f"neither train.py nor learner.py makes one of {', '.join(names)}")


seed, *weights = sys.argv[1:]
if weights:
    start_from(weights[0], weights[1:])
print(json.dumps(train.train(Config(seed=int(seed)))))
