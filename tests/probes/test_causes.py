"""Why a device is idle, from what drivers and libraries really say."""

import pytest

from probes.causes import FIXES, cause_of
from probes.results import DeviceFinding

SAID = [
    ("driver_too_old", "CUDA driver version is insufficient for CUDA runtime version"),
    (
        "driver_too_old",
        "RuntimeError: The NVIDIA driver on your system is too old (found version 11040).",
    ),
    (
        "architecture",
        "RuntimeError: CUDA error: no kernel image is available for execution on the device",
    ),
    (
        "architecture",
        "Quadro K620 with CUDA capability sm_50 is not compatible with the current PyTorch "
        "installation.",
    ),
    ("library_missing", "RuntimeError: TensorFlow opened no GPU; a CUDA library is missing"),
    ("library_missing", "Could not load library libcudnn_cnn_infer.so.8"),
    ("out_of_memory", "OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 MiB"),
    (None, "something that nobody has seen before"),
    (None, None),
]


def seen(driver=True, build=True, ran=False, reason=None):
    return DeviceFinding(
        device="nvidia_gpu",
        driver_sees=driver,
        build_supports=build,
        operation_ran=ran,
        reason=reason,
    )


@pytest.mark.parametrize(("cause", "said"), SAID)
def test_words_of_drivers_and_libraries_have_a_cause(cause, said):
    assert cause_of(seen(reason=said)) == cause


def test_the_three_findings_come_before_the_words():
    assert cause_of(seen(build=False, ran=None, reason="no kernel image")) == "cpu_build"
    assert cause_of(seen(driver=False, ran=None)) == "no_driver"
    assert cause_of(seen(ran=True, reason="no kernel image")) is None


def test_what_no_other_build_mends_has_a_fix_of_its_own():
    assert set(FIXES) == {"no_driver", "driver_too_old", "library_missing", "out_of_memory"}
