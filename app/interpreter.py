"""The Python that runs what this program does not run itself: pip, new environments, projects.

Installed as a package, the program takes the one it runs under. A bundle's own can run nothing but
the bundle; it takes the one that a shell would, the first on PATH, and does without where there is
none.
"""

import functools
import sys
from typing import NamedTuple


class Interpreter(NamedTuple):
    path: str
    version: str
    """As `3.11`."""


NONE_HERE = (
    "this program brings no Python that others can use, and there is none on PATH; name one with "
    "--python"
)


def is_bundle() -> bool:
    """Whether this program lies in a bundle, with an interpreter that runs nothing else."""
    return bool(getattr(sys, "frozen", False))


def usual_interpreter() -> Interpreter | None:
    """The interpreter to take where nobody names one; None where there is none. Starts nothing."""
    if not is_bundle():
        return Interpreter(sys.executable, f"{sys.version_info.major}.{sys.version_info.minor}")
    return _of_shell()


@functools.cache
def _of_shell() -> Interpreter | None:
    # The use case reads environments; it is imported where there is no other way to know.
    from app import advice

    for one in advice.environments():
        if one.python_version is not None and one.problem is None:
            return Interpreter(one.python, ".".join(one.python_version.split(".")[:2]))
    return None
