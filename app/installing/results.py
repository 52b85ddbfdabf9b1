"""What a resolver said of an install line, as frozen structs; types only, open to all of `app`.

`framework-advisor/installation/1` is the JSON of one `Verification`.
"""

from typing import Annotated, Literal

import msgspec

SCHEMA: Literal["framework-advisor/installation/1"] = "framework-advisor/installation/1"
LONGEST_TEXT = 2_000
MOST_PACKAGES = 2_000
LARGEST_BYTES = 10**13

State = Literal[
    "verified",
    "conflicts",
    "no_wheel",
    "unknown_package",
    "yanked",
    "wrong_index",
    "cpu_only",
    "driver_too_old",
    "not_verified",
    "cancelled",
]
Cause = Literal[
    "offline", "timed_out", "no_resolver", "would_download", "other_platform", "not_understood"
]
PlatformId = Literal["linux", "windows", "macos_arm", "macos_intel"]
Accelerator = Literal["cuda", "rocm", "xpu", "tpu", "cpu"]

Text = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]
Bytes = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_BYTES)]


class InstallError(ValueError):
    """Nothing was asked or made; the text says what, where and what to do."""


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what is kept in sessions and reports."""


class Target(Part, frozen=True, kw_only=True):
    """Where the line is to be run."""

    platform: PlatformId
    python_version: Annotated[str, msgspec.Meta(pattern=r"^3\.\d{1,2}(\.\d{1,2})?$")]
    python: Text | None = None
    """The interpreter whose environment it was asked for; None means a new environment."""
    is_this_machine: bool = True
    """False: asked for the wheels of another platform or Python, from here."""
    device: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    """The `training_hardware` that must do the work, where it is known."""
    driver: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    """Of that device on that machine, as `580.82`, where it is known."""


class Build(Part, frozen=True, kw_only=True):
    """For which device the compiled parts were made."""

    accelerator: Accelerator
    version: Annotated[str, msgspec.Meta(max_length=20)] | None = None


class Package(Part, frozen=True, kw_only=True):
    """One package that the line would bring."""

    name: Text
    version: Text
    requested: bool
    """Named in the line itself."""
    bytes: Bytes | None = None
    """To download; None where no index says it."""
    before: Text | None = None
    """The version that is there now and would be replaced."""
    yanked: bool = False


class Library(Part, frozen=True, kw_only=True):
    """A part of the stack beside the framework."""

    name: Text
    purpose: Text
    """What it is for, in one sentence."""
    package: Text | None = None
    """Asked about and installed with the line; None: not verified, for the reason below."""
    left_out: Literal["own_environment", "no_package"] | None = None


class Verification(Part, frozen=True, kw_only=True):
    """What came of asking, and when. Only `verified` says that the line resolves and fits."""

    schema: Literal["framework-advisor/installation/1"] = SCHEMA
    state: State
    cause: Cause | None = None
    """Why it could not be verified."""
    summary: Text
    """One or two sentences for a person: what was found, what to do."""
    details: Annotated[tuple[Text, ...], msgspec.Meta(max_length=40)] = ()
    line: Text
    framework: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    target: Target
    resolver: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    """Its name and version."""
    asked_utc: Annotated[str, msgspec.Meta(max_length=40)]
    build: Build | None = None
    """None where the answer does not tell."""
    packages: Annotated[tuple[Package, ...], msgspec.Meta(max_length=MOST_PACKAGES)] = ()
    libraries: Annotated[tuple[Library, ...], msgspec.Meta(max_length=40)] = ()
    """Of the stack: those with a package were asked about together with the line."""

    @property
    def known_bytes(self) -> int:
        """The sizes that are known, together."""
        return sum(one.bytes for one in self.packages if one.bytes is not None)

    @property
    def unknown_sizes(self) -> tuple[str, ...]:
        """The packages whose size no index says."""
        return tuple(one.name for one in self.packages if one.bytes is None)
