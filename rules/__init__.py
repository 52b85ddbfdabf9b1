"""What we know and how we decide: pure functions over frozen structs and YAML data."""

from rules.decision import decide
from rules.errors import InputError
from rules.loading import dump_answers, load_answers, load_knowledge
from rules.speed import telling_workloads
from rules.weights import performance_weight

__all__ = [
    "InputError",
    "decide",
    "dump_answers",
    "load_answers",
    "load_knowledge",
    "performance_weight",
    "telling_workloads",
]
