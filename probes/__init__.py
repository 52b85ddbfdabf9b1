"""What this machine is and can do: hardware, installed frameworks, measurements.

Names are loaded when they are asked for: whoever only wants the types of a machine file pays for
neither psutil nor numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from probes.environments import find_environments
    from probes.hardware import detect_hardware
    from probes.plan import Plan, make_plan
    from probes.running import look, run

_HOMES = {
    "detect_hardware": "probes.hardware",
    "find_environments": "probes.environments",
    "look": "probes.running",
    "Plan": "probes.plan",
    "make_plan": "probes.plan",
    "run": "probes.running",
}

__all__ = ["Plan", "detect_hardware", "find_environments", "look", "make_plan", "run"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
