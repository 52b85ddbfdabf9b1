"""What is said of a verification, in window, terminal and report alike. Plain text."""

from collections.abc import Iterator

from app.installing.builds import build_words
from app.installing.results import State, Verification

STATES: dict[State, str] = {
    "verified": "verified",
    "conflicts": "conflicts",
    "no_wheel": "no package for this Python or platform",
    "unknown_package": "unknown package",
    "yanked": "withdrawn by its makers",
    "wrong_index": "wrong index",
    "cpu_only": "wrong build for the device",
    "driver_too_old": "driver too old for this build",
    "not_verified": "not verified",
    "cancelled": "cancelled, not verified",
}
GOOD: tuple[State, ...] = ("verified",)
RESOLVED: tuple[State, ...] = ("verified", "cpu_only", "driver_too_old")
"""pip found all of it, whether or not it fits the device."""
OPEN: tuple[State, ...] = ("not_verified", "cancelled")
"""Nothing is known for or against it."""


LEFT_OUT = {
    "own_environment": "which belongs into an environment or onto a machine of its own",
    "no_package": "which has no package of its own",
}


def megabytes(count: int) -> str:
    """As indexes and pip count: a MB is a million bytes."""
    if count >= 10**9:
        return f"{count / 1e9:.1f} GB"
    return f"{count / 1e6:.0f} MB" if count >= 10**6 else f"{max(count, 1) / 1e3:.0f} kB"


def download_words(verification: Verification) -> str:
    """How much there is to download, as far as it is known."""
    unknown = verification.unknown_sizes
    if not verification.packages:
        return "nothing"
    if len(unknown) == len(verification.packages):
        return "size unknown: the index does not say it"
    size = megabytes(verification.known_bytes)
    if unknown:
        some = ", ".join(unknown[:5]) + (" and others" if len(unknown) > 5 else "")
        return f"at least {size}; the size of {some} is unknown"
    return size


def headline(verification: Verification) -> str:
    """State, day and who was asked."""
    day = verification.asked_utc.replace("T", " ").removesuffix("+00:00")
    asked = f", asked of {verification.resolver}" if verification.resolver else ""
    return f"{STATES[verification.state].capitalize()} ({day} UTC{asked})"


def facts(verification: Verification) -> Iterator[str]:
    """Sentence by sentence what is known beside the summary; the packages come apart."""
    yield from verification.details
    beside = [one.name for one in verification.libraries if one.package is not None]
    if beside and verification.packages:
        yield f"Asked about with the libraries of the stack: {', '.join(beside)}."
    for one in verification.libraries:
        if one.left_out is not None:
            yield f"Not verified: {one.name}, {LEFT_OUT[one.left_out]}."
    if verification.packages:
        yield f"To download: {download_words(verification)}."
        words = build_words(verification.build)
        yield f"{words[0].upper()}{words[1:]}."
    changed = [one for one in verification.packages if one.before is not None]
    if verification.target.python is not None:
        new = len(verification.packages) - len(changed)
        yield (
            f"It would add {new} and change {len(changed)} packages there"
            + (": " if changed else ".")
            + ", ".join(f"{one.name} {one.before} to {one.version}" for one in changed)
            + ("." if changed else "")
        )
