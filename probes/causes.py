"""Why an accelerator that the driver sees is not used: one cause, from the three findings.

Pure. The words of drivers and libraries are matched, no framework is named; what is not recognised
has no cause, and its own words stand.
"""

import re

from probes.results import Cause, DeviceFinding

PATTERNS: tuple[tuple[Cause, str], ...] = (
    (
        "driver_too_old",
        r"driver (version )?(on your system )?is (too old|insufficient)|driver version is insuff"
        r"|driver is older than|forward compatibility was attempted|cudaErrorInsufficientDriver"
        r"|requires? a newer (NVIDIA |CUDA )?driver",
    ),
    (
        "architecture",
        r"no kernel image is available|not compatible with the current \w+ installation"
        r"|cudaErrorNoKernelImageForDevice|invalid device function|device kernel image is invalid"
        r"|unsupported gpu architecture|HSA_OVERRIDE_GFX|compute capability .* (too low|below)",
    ),
    (
        "library_missing",
        r"a CUDA library is missing|Cannot dlopen|cannot open shared object"
        r"|Could not load library|(cudnn|cublas|nccl|miopen).{0,40}(not found|missing|NOT_INIT)",
    ),
    ("out_of_memory", r"out of memory|OutOfMemory|RESOURCE_EXHAUSTED|failed to allocate"),
)
"""After the messages of CUDA's runtime API (docs.nvidia.com/cuda/cuda-runtime-api, group
CUDART_TYPES) and of the frameworks that pass them on."""

FIXES: dict[Cause, str] = {
    "no_driver": "Install the driver of the device, then look again",
    "driver_too_old": "Update the driver of the device, or install a build for an older one",
    "library_missing": "Install the missing library, or a build that brings its own",
    "out_of_memory": "Something else holds the device's memory: end it, then look again",
}
"""Where no other build is the way out."""


def cause_of(finding: DeviceFinding) -> Cause | None:
    """Why nothing ran on it; None where something did, or where the words are not known."""
    if finding.operation_ran:
        return None
    if finding.build_supports is False:
        return "cpu_build"
    if finding.driver_sees is False:
        return "no_driver"
    for cause, pattern in PATTERNS:
        if re.search(pattern, finding.reason or "", re.IGNORECASE):
            return cause
    return None
