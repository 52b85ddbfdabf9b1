"""For which device the packages of an answer were built, by their names, versions and addresses.

Pure. No framework is named: what tells is how the makers of compilers and drivers name their
packages, and the local version (`+cu126`) or the folder of the index that a wheel comes from.
"""

import re
from collections.abc import Iterable, Sequence

from app.installing.results import Accelerator, Build
from rules.texts import say

_PACKAGES: tuple[tuple[Accelerator, re.Pattern[str]], ...] = (
    # Not nvidia-ml-py, which only asks the driver.
    ("cuda", re.compile(r"nvidia-(?!ml-py)[a-z0-9-]+|cuda-[a-z]+|.+-cuda-?\d*(-.+)?|.+-cu\d+")),
    ("rocm", re.compile(r"rocm(-.+)?|.+-rocm-?\d*(-.+)?")),
    ("xpu", re.compile(r".+-xpu|intel-sycl-rt|onemkl-sycl-.+")),
    ("tpu", re.compile(r"libtpu.*|torch-xla")),
    ("cuda", re.compile(r".+-gpu")),
)
_RUNTIME = re.compile(r"nvidia-cuda-runtime(-cu\d+)?")
_IN_NAME = re.compile(r"(?:-cuda-?|-cu)(\d+)")
_LOCAL = re.compile(r"\+(?:[a-z0-9]+\.)*(cu\d+|rocm[\d.]*|xpu|cpu)")
_FOLDER = re.compile(r"/(cu\d{2,3}|rocm[\d.]*|xpu|cpu)(?=/)")
_ANY_MACHINE = re.compile(r"-none-any\.whl$")
_MAC = re.compile(r"-macosx_[^/]*\.whl$")

DEVICES: dict[str, Accelerator] = {
    "nvidia_gpu": "cuda",
    "old_nvidia_gpu": "cuda",
    "amd_gpu": "rocm",
    "intel_gpu": "xpu",
    "tpu": "tpu",
}
"""`training_hardware` -> what a build for it is named. The others use what the system has: there
the packages' names tell nothing."""
WORDS: dict[Accelerator, str] = {
    "cuda": "CUDA",
    "rocm": "ROCm",
    "xpu": "Intel XPU",
    "tpu": "TPU",
    "cpu": "CPU",
}


def build_of(packages: Sequence[tuple[str, str, str]], requested: Iterable[str]) -> Build | None:
    """Of (name, version, address) triples; None where they do not tell.

    Names are normalised. A CPU build is only told of a package that is compiled and that was asked
    for, or belongs to one by its name.
    """
    for _, version, address in packages:
        found = _LOCAL.search(version) or _FOLDER.search(address)
        if found:
            return _tagged(found[1])
    for accelerator, pattern in _PACKAGES:
        if any(pattern.fullmatch(name) for name, _, _ in packages):
            return Build(accelerator=accelerator, version=_version(accelerator, packages))
    names = tuple(requested)
    compiled = [
        address
        for name, _, address in packages
        if name.startswith(names) and not _ANY_MACHINE.search(address)
    ]
    # A wheel for a Mac may use its GPU, through the system's own interface.
    if compiled and not any(_MAC.search(address) for address in compiled):
        return Build(accelerator="cpu")
    return None


def _tagged(tag: str) -> Build:
    if tag.startswith("cu"):
        digits = tag[2:]
        return Build(accelerator="cuda", version=f"{digits[:-1]}.{digits[-1]}")
    if tag.startswith("rocm"):
        return Build(accelerator="rocm", version=tag[4:] or None)
    return Build(accelerator="xpu" if tag == "xpu" else "cpu")


def _version(accelerator: Accelerator, packages: Sequence[tuple[str, str, str]]) -> str | None:
    if accelerator != "cuda":
        return None
    for name, version, _ in packages:
        if _RUNTIME.fullmatch(name):
            return ".".join(version.split(".")[:2])
    tags = [found[1] for name, _, _ in packages if (found := _IN_NAME.search(name))]
    return tags[0] if tags else None


def build_words(build: Build | None) -> str:
    """For people."""
    if build is None:
        return say("the packages' names do not tell for which device they were built")
    if build.accelerator == "cpu":
        return say("CPU build: nothing in it is for an accelerator")
    kind = " ".join(one for one in (WORDS[build.accelerator], build.version) if one)
    return say("{kind} build", kind=kind)
