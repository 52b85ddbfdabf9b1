"""An import error in one line: what is the cause, and what mends it.

Patterns are tried in order over the message and the end of the traceback; what matches none is said
as it came. No pattern names a framework: the causes are the loader's, numpy's and pip's.
"""

import re
from typing import NamedTuple

from probes.messages import one_line


class Condensed(NamedTuple):
    cause: str
    fix: str | None


class Pattern(NamedTuple):
    """`cause` and `fix` may use the groups of `match`, and {python} and {distribution}."""

    match: str
    cause: str
    fix: str | None


PATTERNS = (
    Pattern(
        r"lib(?P<name>cudnn|cublas|cudart|nccl|cufft|curand|cusolver|cusparse|nvinfer)\w*"
        r"\.so\.?(?P<version>[\d.]*): cannot open shared object file",
        "NVIDIA's library {name} {version} is missing",
        "Install {name} {version}, or a build of {distribution} for the processor alone",
    ),
    Pattern(
        r"(?P<name>lib[\w.+-]+\.so[\w.]*): cannot open shared object file",
        "The shared library {name} is missing",
        "Install the system package that has {name}",
    ),
    Pattern(
        r"version [`'](?P<name>GLIBC(?:XX)?_[\d.]+)['`] not found",
        "The system's C library is too old: {name} is missing",
        "Use a newer operating system, or an older release of {distribution}",
    ),
    Pattern(
        r"DLL load failed while importing (?P<name>\w+)",
        "A DLL that {name} needs is missing",
        "Install the Microsoft Visual C++ Redistributable, 64-bit, then try again",
    ),
    Pattern(
        r"compiled using NumPy 1\.x cannot be run in|numpy\.core\.multiarray failed to import"
        r"|numpy\.dtype size changed|_ARRAY_API not found",
        "It was built for numpy 1, and numpy 2 is installed",
        '"{python}" -m pip install "numpy<2"',
    ),
    Pattern(
        r"module ['\"]numpy['\"] has no attribute ['\"](?P<name>\w+)['\"]",
        "It needs numpy.{name}, which newer releases of numpy removed",
        '"{python}" -m pip install "numpy<1.{numpy_minor}"',
    ),
    Pattern(
        r"Descriptors cannot be created directly|google\.protobuf.*(?:cannot import|incompatible)"
        r"|Detected incompatible Protobuf",
        "The installed protobuf does not fit it",
        '"{python}" -m pip install --upgrade {distribution} protobuf',
    ),
    Pattern(
        r"Illegal instruction|SIGILL|(?:AVX\w*|FMA) instructions[^.]*(?:not|aren't) available",
        "It was built for a newer processor than this one",
        "Use a build of {distribution} without AVX",
    ),
    Pattern(
        r"undefined symbol: (?P<name>\S+)",
        "Two of its libraries do not fit together (undefined symbol {name})",
        '"{python}" -m pip install --force-reinstall {distribution}',
    ),
    Pattern(
        r"No module named ['\"](?P<name>[\w.]+)['\"]",
        "The Python module {name} is missing",
        '"{python}" -m pip install {module}',
    ),
    Pattern(
        r"cannot import name ['\"](?P<name>\w+)['\"] from ['\"](?P<origin>[\w.]+)['\"]",
        "{origin} has no {name}: its release does not fit",
        '"{python}" -m pip install --upgrade {distribution}',
    ),
    Pattern(
        r"failed to map segment|cannot allocate memory|MemoryError",
        "There is too little memory to load it",
        "Close other programs and try again",
    ),
)

REMOVED_FROM_NUMPY = {
    "bool": 24, "int": 24, "float": 24, "complex": 24, "object": 24, "str": 24, "typeDict": 21,
    "long": 24, "unicode": 24,
}  # fmt: skip
"""Names that numpy dropped, by the minor release of numpy 1 that no longer has them."""


def condense(message: str, detail: str | None, python: str, distribution: str) -> Condensed:
    """Cause and fix of an import that failed."""
    text = f"{message}\n{detail or ''}"
    for pattern in PATTERNS:
        found = re.search(pattern.match, text, re.IGNORECASE | re.DOTALL)
        if not found:
            continue
        words = {name: value.rstrip(".") for name, value in found.groupdict(default="").items()}
        name = words.get("name", "")
        words |= {
            "python": python,
            "distribution": distribution,
            "module": name.partition(".")[0],
            "numpy_minor": str(REMOVED_FROM_NUMPY.get(name, 24)),
        }
        cause = one_line(pattern.cause.format(**words))
        return Condensed(cause, None if pattern.fix is None else pattern.fix.format(**words))
    return Condensed(one_line(message), None)
