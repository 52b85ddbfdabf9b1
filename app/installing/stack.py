"""What a stack puts beside the framework, and what of it can be installed with it. Pure.

Training, data and tracking live in the framework's environment, unless the knowledge says that a
package pins others; delivery and serving have machines and environments of their own.
"""

from app.installing.results import Library
from rules.recommendation import Part, Stack


def libraries_of(stack: Stack) -> tuple[Library, ...]:
    """Each component once, in the order of the stack."""
    found: dict[str, Library] = {}
    for part in (*stack.training, *stack.data, *stack.tracking):
        found.setdefault(part.component, _library(part, part.apart))
    for part in (*stack.delivery, *stack.serving):
        found.setdefault(part.component, _library(part, True))
    return tuple(found.values())


def _library(part: Part, is_apart: bool) -> Library:
    # The first name is the one to install; the others are older names of the same thing.
    package = part.packages[0] if part.packages else None
    if package is None:
        return Library(name=part.name, purpose=part.text, left_out="no_package")
    if is_apart:
        return Library(name=part.name, purpose=part.text, left_out="own_environment")
    return Library(name=part.name, purpose=part.text, package=package)
