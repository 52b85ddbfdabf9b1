"""What is said of a verification, in window, terminal and report alike. Plain text, in the
language that is spoken."""

from collections.abc import Iterator

from app.installing.builds import build_words
from app.installing.results import State, Verification
from rules.texts import say

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
        return say("nothing")
    if len(unknown) == len(verification.packages):
        return say("size unknown: the index does not say it")
    size = megabytes(verification.known_bytes)
    if unknown:
        some = ", ".join(unknown[:5])
        if len(unknown) > 5:
            some = say("{some} and others", some=some)
        return say("at least {size}; the size of {some} is unknown", size=size, some=some)
    return size


def headline(verification: Verification) -> str:
    """State, day and who was asked."""
    day = verification.asked_utc.replace("T", " ").removesuffix("+00:00")
    state = say(STATES[verification.state])
    state = f"{state[0].upper()}{state[1:]}"
    if not verification.resolver:
        return say("{state} ({day} UTC)", state=state, day=day)
    resolver = verification.resolver
    return say("{state} ({day} UTC, asked of {resolver})", state=state, day=day, resolver=resolver)


def facts(verification: Verification) -> Iterator[str]:
    """Sentence by sentence what is known beside the summary; the packages come apart."""
    yield from verification.details
    beside = [one.name for one in verification.libraries if one.package is not None]
    if beside and verification.packages:
        yield say("Asked about with the libraries of the stack: {names}.", names=", ".join(beside))
    for one in verification.libraries:
        if one.left_out is not None:
            yield say(
                "Not verified: {name}, {reason}.", name=one.name, reason=say(LEFT_OUT[one.left_out])
            )
    if verification.packages:
        yield say("To download: {size}.", size=download_words(verification))
        words = build_words(verification.build)
        yield f"{words[0].upper()}{words[1:]}."
    changed = [one for one in verification.packages if one.before is not None]
    if verification.target.python is not None:
        new = len(verification.packages) - len(changed)
        if not changed:
            yield say("It would add {new} and change 0 packages there.", new=new)
            return
        yield say(
            "It would add {new} and change {count} packages there: {changes}.",
            new=new,
            count=len(changed),
            changes=", ".join(
                say(
                    "{name} {before} to {after}",
                    name=one.name,
                    before=one.before,
                    after=one.version,
                )
                for one in changed
            ),
        )
