"""Real import errors, condensed to a cause and a fix."""

import pytest

from probes.import_errors import condense

CASES = {
    "cudnn": (
        "ImportError: libcudnn.so.8: cannot open shared object file: No such file or directory",
        "NVIDIA's library cudnn 8 is missing",
        "Install cudnn 8, or a build of thing for the processor alone",
    ),
    "shared library": (
        "ImportError: libgomp.so.1: cannot open shared object file: No such file or directory",
        "The shared library libgomp.so.1 is missing",
        "Install the system package that has libgomp.so.1",
    ),
    "glibc": (
        "ImportError: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found",
        "The system's C library is too old: GLIBC_2.34 is missing",
        "Use a newer operating system, or an older release of thing",
    ),
    "numpy 2": (
        "A module that was compiled using NumPy 1.x cannot be run in NumPy 2.4.6",
        "It was built for numpy 1, and numpy 2 is installed",
        '"/py" -m pip install "numpy<2"',
    ),
    "removed from numpy": (
        "AttributeError: module 'numpy' has no attribute 'bool'.",
        "It needs numpy.bool, which newer releases of numpy removed",
        '"/py" -m pip install "numpy<1.24"',
    ),
    "missing module": (
        "ModuleNotFoundError: No module named 'google.protobuf'",
        "The Python module google.protobuf is missing",
        '"/py" -m pip install google',
    ),
    "does not fit": (
        "ImportError: cannot import name 'linear_util' from 'jax' (/x/jax/__init__.py)",
        "jax has no linear_util: its release does not fit",
        '"/py" -m pip install --upgrade thing',
    ),
    "protobuf": (
        "TypeError: Descriptors cannot be created directly.",
        "The installed protobuf does not fit it",
        '"/py" -m pip install --upgrade thing protobuf',
    ),
    "old processor": (
        "it crashed (SIGILL, an instruction that this processor does not have)",
        "It was built for a newer processor than this one",
        "Use a build of thing without AVX",
    ),
    "symbol": (
        "ImportError: /x/lib.so: undefined symbol: _ZN3c10",
        "Two of its libraries do not fit together (undefined symbol _ZN3c10)",
        '"/py" -m pip install --force-reinstall thing',
    ),
}


@pytest.mark.parametrize(("message", "cause", "fix"), CASES.values(), ids=CASES)
def test_cause_and_fix(message, cause, fix):
    assert condense(message, None, "/py", "thing") == (cause, fix)


def test_what_nobody_knows_is_said_on_one_line_without_escape_sequences():
    condensed = condense("RuntimeError:\n  \x1b[31mno idea\x1b[0m \x07", None, "/py", "thing")
    assert condensed == ("RuntimeError: no idea", None)


def test_the_cause_may_stand_in_the_traceback():
    detail = "Traceback ...\nImportError: libcublas.so.12: cannot open shared object file"
    assert (
        condense("it failed", detail, "/py", "thing").cause
        == "NVIDIA's library cublas 12 is missing"
    )
