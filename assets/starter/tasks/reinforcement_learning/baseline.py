"""Moves at random, in games with the same starts as the agent's."""

import json

from data import make_environment, random_policy
from metrics import evaluate

environment = make_environment()
print(json.dumps(evaluate(environment, random_policy(2, 0), 20)))
