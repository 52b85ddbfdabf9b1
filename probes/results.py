"""The machine file, `framework-advisor/machine/1`: what a probe gives, as frozen structs.

Types only, open to all of the program; no reading of hardware, no statistics, no process here.
Times are in seconds, sizes in bytes, shares and relative errors plain numbers.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

SCHEMA = "framework-advisor/machine/1"
WRITE_AGAIN = "framework-advisor probe --out machine.json"
LARGEST_FILE_BYTES = 64 * 1024 * 1024
"""Four times what a deep probe of every framework writes."""
MOST_ENTRIES = 2_500_000
"""Three times those of a deep probe. Decoded, an entry of two bytes takes thirty or more: a file
within its limit of bytes could still fill the memory."""
LONGEST_SECONDS = 1e6
LARGEST_NUMBER = 1e24
MOST_MEMORY_BYTES = 2**50
"""A pebibyte: no process of today holds as much."""

Tier = Literal["quick", "standard", "deep"]
Device = Literal[
    "cpu", "nvidia_gpu", "old_nvidia_gpu", "amd_gpu", "intel_gpu", "apple_silicon", "tpu", "ascend"
]
FrameworkState = Literal["found", "works", "broken", "falls_back_to_cpu", "timed_out", "cancelled"]
"""`found` by its metadata and not started; a framework that is not installed has no entry."""
Status = Literal["valid", "invalid", "unstable", "failed", "timed_out", "skipped", "cancelled"]


class Result(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all that stands in a machine file."""


class Cpu(Result, frozen=True, kw_only=True):
    model: str
    microarchitecture: str | None
    flags: tuple[str, ...]
    """Only those that matter for linear algebra (avx2, avx512f, amx_tile, neon ...)."""
    physical_cores: int | None
    logical_cores: int
    usable_cores: float
    """Least of affinity, quota and count; a quota can make it a fraction."""
    quota_cores: float | None


class Accelerator(Result, frozen=True, kw_only=True):
    """What the driver sees; what a build supports and what ran stands with each framework."""

    device: Device
    vendor: str
    name: str
    memory_bytes: int | None
    driver: str | None
    compute_capability: str | None
    identifier: str
    """`cuda:0` and the like; never a serial number."""


class Hardware(Result, frozen=True, kw_only=True):
    cpu: Cpu
    memory_bytes: int
    available_memory_bytes: int
    accelerators: tuple[Accelerator, ...]
    accelerator_notes: tuple[str, ...]
    """Why nothing could be read, where that is so."""
    os: Literal["linux", "windows", "wsl2", "macos_arm", "macos_intel", "other"]
    os_version: str
    virtualised: bool | None
    on_battery: bool | None
    governor: str | None


class InstalledFramework(Result, frozen=True, kw_only=True):
    """A framework found by its metadata on disk, not started."""

    framework: str
    distribution: str
    version: str
    build: str | None
    """Local version tag (`cpu`, `cu130`, `rocm7`), where the metadata says."""
    location: str


class InstalledComponent(Result, frozen=True, kw_only=True):
    """A library, tool or runtime beside the frameworks, found by its metadata on disk."""

    component: str
    distribution: str
    version: str


class Environment(Result, frozen=True, kw_only=True):
    """An interpreter and what its folders hold."""

    python: str
    """Path of the interpreter."""
    python_version: str | None
    kind: Literal["this", "given", "venv", "conda", "pyenv", "uv", "system", "path", "other"]
    frameworks: tuple[InstalledFramework, ...]
    components: tuple[InstalledComponent, ...] = ()
    problem: str | None = None
    """Why it could not be read."""


class DeviceFinding(Result, frozen=True, kw_only=True):
    """Three separate findings for a framework and a device; the gap between them is advice."""

    device: Device
    driver_sees: bool | None
    build_supports: bool | None
    operation_ran: bool | None
    reason: str | None = None


Cause = Literal[
    "cpu_build", "no_driver", "driver_too_old", "architecture", "library_missing", "out_of_memory"
]
"""Why an accelerator is not used. `cpu_build`: this build has nothing for it; `architecture`: it
has, but not for a device as old or as new as this one."""
Capability = Literal[
    "dynamic_control_flow", "variable_shapes", "mixed_precision", "save_and_load", "determinism",
    "export_onnx", "export_litert", "export_saved_model", "export_stablehlo", "export_program",
    "export_inference_format", "data_parallel", "compile_cache",
]  # fmt: skip
"""`export_` and a format: a model is sent out and back, and its output compared."""


class CapabilityFinding(Result, frozen=True, kw_only=True):
    """What people argue about, tried on a small example in one mode on one device."""

    capability: Capability
    mode: str
    device: Device
    state: Literal["works", "in_part", "fails"]
    """`in_part`: right, at a price or by another way than one would hope; the note says which."""
    note: str
    max_rel_err: float | None = None
    """Of a model that was exported and run from its file, against its output before."""
    seconds: float | None = None
    """Of the export."""


class FrameworkFinding(Result, frozen=True, kw_only=True):
    """A framework in an environment after it has been tried (or only found)."""

    framework: str
    python: str
    version: str | None
    state: FrameworkState
    reason: str | None = None
    """Cause in one line."""
    cause: Cause | None = None
    """With `falls_back_to_cpu`, where it is known."""
    fix: str | None = None
    detail: str | None = None
    """The end of the traceback or of stderr, for who wants to look."""
    import_seconds: float | None = None
    devices: tuple[DeviceFinding, ...] = ()
    threads: int | None = None
    capabilities: tuple[CapabilityFinding, ...] = ()
    settings: dict[str, str] = {}
    """What of the build and configuration bears on speed (blas, onednn, tf32, ...)."""


class EqualWork(Result, frozen=True, kw_only=True):
    """The proof that a mode did the same work as the float64 reference."""

    passed: bool
    max_rel_err: float
    tolerance: float
    losses: tuple[float, ...] = ()
    reference_losses: tuple[float, ...] = ()
    gradient_norm: float | None = None
    reference_gradient_norm: float | None = None
    parameter_count: int | None = None
    reason: str | None = None


class Round(Result, frozen=True, kw_only=True):
    """One window of one mode and workload, with what was watched around it."""

    number: int
    values: tuple[float, ...]
    """Seconds of single steps or calls, in order, none left out."""
    control_before_seconds: float
    control_after_seconds: float
    small_operations_before_seconds: float | None = None
    small_operations_after_seconds: float | None = None
    foreign_cpu: float | None
    """Share of the machine's usable cores that others used meanwhile."""
    cpu_per_wall: float | None
    flagged: bool = False
    reasons: tuple[str, ...] = ()


class Verdict(Result, frozen=True, kw_only=True):
    status: Status
    reasons: tuple[str, ...] = ()


class Measurement(Result, frozen=True, kw_only=True):
    """One mode doing one workload on one device. Not valid means no median counts."""

    framework: str
    mode: str
    workload: str
    workload_version: str
    """Hash of sizes, inputs and reference: measurements of different versions don't compare."""
    purpose: Literal["training", "inference", "overhead", "limit"]
    device: Device
    python: str
    track: Literal["strict_fp32", "native_default"] = "strict_fp32"
    delivers: bool = False
    """A way to run finished models and nothing else: shown beside the frameworks' own times, and
    counted for none."""
    flops: float | None = None
    bytes_moved: float | None = None
    median_seconds: float | None = None
    ci95: tuple[float, float] | None = None
    minimum_seconds: float | None = None
    interquartile_range_seconds: float | None = None
    percentiles: dict[str, float] = {}
    """`p90`, `p99` in seconds; of inference, and only where enough values stand behind them."""
    count: int = 0
    values: tuple[float, ...] = ()
    """All raw values in order, the flagged ones too; `rounds` tells them apart."""
    first_call_seconds: float | None = None
    rounds: tuple[Round, ...] = ()
    equal_work: EqualWork | None = None
    efficiency: float | None = None
    """Share of this machine's own measured limit."""
    peak_resident_bytes: int | None = None
    """The most memory the worker's process held, with all that had been prepared in it: while steps
    of this were timed, or up to then, as `peak_resident_scope` says. None where the system does not
    tell."""
    peak_resident_scope: Literal["item", "process"] | None = None
    """Whether the peak began with this item's windows, or with the process: it includes then what
    ran there before, and the proof of equal work."""
    imported_resident_bytes: int | None = None
    """What the process held when its imports were done, before any work."""
    peak_device_bytes: int | None = None
    """The most that the framework's own allocator had given out on an accelerator; with an
    allocator that cannot begin anew (JAX), of the process so far. Untried by us on any."""
    verdict: Verdict


class Comparison(Result, frozen=True, kw_only=True):
    """Two modes on one workload, called on paired rounds."""

    workload: str
    device: Device
    first: str
    """Mode ids."""
    second: str
    ratio: float
    """Median of the paired ratios, second over first: above 1 the first is faster."""
    verdict: Literal["first_faster", "second_faster", "tie"]


class Machine(Result, frozen=True, kw_only=True):
    """A machine file."""

    schema: str = SCHEMA
    run_id: str
    started_utc: str
    finished_utc: str
    seconds: float
    tier: Tier | None
    """None where nothing was measured."""
    program_version: str
    fingerprint: str
    """Hash of the hardware and of the versions, without names of people, hosts or paths."""
    hardware: Hardware
    environments: tuple[Environment, ...]
    frameworks: tuple[FrameworkFinding, ...]
    runtimes: tuple[FrameworkFinding, ...] = ()
    """Of what finished models are delivered to; `framework` is the component's id."""
    measurements: tuple[Measurement, ...]
    comparisons: tuple[Comparison, ...] = ()
    control_seconds: float | None = None
    """Median time of the control product over all rounds."""
    control_flops: float | None = None
    peak_flops_per_second: float | None = None
    peak_bytes_per_second: float | None = None
    seconds_by_use: dict[str, float] = {}
    """What the run's time went to: import, first call, measuring, and the rest by its kind."""
    notes: tuple[str, ...] = ()
    cancelled: bool = False

    @property
    def tried(self) -> tuple[FrameworkFinding, ...]:
        """Findings of all that can be measured: frameworks, then runtimes."""
        return self.frameworks + self.runtimes


class ProbeEvent(Result, frozen=True, kw_only=True):
    """What a running probe tells its caller, in order, from the caller's own thread."""

    kind: Literal[
        "log", "framework_started", "framework_done", "item_started", "item_done", "finished"
    ]
    """An item is one mode with one workload; `framework_done` carries its finding."""
    done: int
    total: int
    """Units of work finished and planned, for a progress bar; `total` never grows."""
    seconds_left: float | None = None
    framework: str | None = None
    mode: str | None = None
    workload: str | None = None
    message: str = ""
    """One line for a person."""
    finding: FrameworkFinding | None = None
    measurement: Measurement | None = None
    """With `item_done`: as good as it is by now; the machine file holds the final one."""


class ProbeRequestError(ValueError):
    """A probe was asked for something that nobody knows; the text names it and the nearest id."""


class MachineFileError(ValueError):
    """A machine file that cannot be used; the text names file, place and what to do."""


def legible(machine: Machine) -> Machine:
    """The same with paths that are no Unicode (bytes of another encoding) spelt out as `\\udce9`,
    since a machine file is UTF-8."""
    try:
        msgspec.json.encode(machine)
    except UnicodeEncodeError:
        return msgspec.convert(_spelt_out(msgspec.to_builtins(machine)), Machine)
    return machine


def _spelt_out(plain: Any) -> Any:
    if isinstance(plain, str):
        return plain.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(plain, dict):
        return {_spelt_out(name): _spelt_out(one) for name, one in plain.items()}
    if isinstance(plain, (list, tuple)):
        return [_spelt_out(one) for one in plain]
    return plain


def encode_machine(machine: Machine) -> bytes:
    """The machine file's bytes: indented JSON, keys in the order of the structs."""
    return msgspec.json.format(msgspec.json.encode(machine), indent=1) + b"\n"


def decode_machine(data: bytes, name: str) -> Machine:
    """Decode and check a machine file; `name` is said in the error.

    Raises MachineFileError for a truncated or foreign file, an unknown schema version, a wrong type
    or an absurd number.
    """
    if len(data) > LARGEST_FILE_BYTES:
        raise MachineFileError(
            f"{name}: is larger than any machine file; give one that probe wrote"
        )
    if data.count(b",") > MOST_ENTRIES:
        raise MachineFileError(
            f"{name}: holds more entries than any machine file; give one that probe wrote"
        )
    if not data.strip():
        raise MachineFileError(f"{name}: is empty; write it again with: {WRITE_AGAIN}")
    try:
        head = msgspec.json.decode(data, type=_Head)
    except msgspec.ValidationError:
        raise MachineFileError(
            f"{name}: is JSON but no machine file: it has no text `schema`; "
            f"write one with: {WRITE_AGAIN}"
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MachineFileError(
            f"{name}: is not whole JSON ({_inert(error)}); perhaps it was cut short. "
            f"Copy it again or write it again with: {WRITE_AGAIN}"
        ) from None
    except RecursionError:
        raise MachineFileError(f"{name}: is nested too deep to be a machine file") from None
    if head.schema != SCHEMA:
        raise MachineFileError(
            f"{name}: $.schema is {head.schema[:80]!r}, this program reads {SCHEMA!r}; "
            + (
                "use the version of the program that wrote it, or measure again"
                if head.schema.startswith(SCHEMA.rpartition("/")[0])
                else "this is another kind of file"
            )
        )
    try:
        machine = msgspec.json.decode(data, type=Machine)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MachineFileError(
            f"{name}: {_inert(error)}; it was changed by hand or written by another version: "
            f"measure again with: {WRITE_AGAIN}"
        ) from None
    for place, problem in _faults(machine):
        raise MachineFileError(f"{name}: {place} {problem}; measure again with: {WRITE_AGAIN}")
    return machine


class _Head(msgspec.Struct):
    schema: str


def _inert(error: Exception) -> str:
    """A decoder quotes names from the file: no sign of theirs may steer a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in str(error))[:500]


def _faults(machine: Machine) -> Iterator[tuple[str, str]]:
    """What no probe could have written: place and problem."""
    yield from _outside("$", _fields(machine, "seconds"), 0.0, LONGEST_SECONDS)
    yield from _outside("$", _fields(machine, "control_seconds"), 0.0, LONGEST_SECONDS, open_=True)
    yield from _outside(
        "$",
        _fields(machine, "control_flops", "peak_flops_per_second", "peak_bytes_per_second"),
        0.0,
        LARGEST_NUMBER,
        open_=True,
    )
    hardware = machine.hardware
    yield from _outside(
        "$.hardware",
        _fields(hardware, "memory_bytes", "available_memory_bytes"),
        0.0,
        LARGEST_NUMBER,
    )
    yield from _outside(
        "$.hardware.cpu",
        _fields(hardware.cpu, "physical_cores", "logical_cores", "usable_cores", "quota_cores"),
        0.0,
        1e6,
        open_=True,
    )
    for name in ("frameworks", "runtimes"):
        for number, finding in enumerate(getattr(machine, name)):
            place = f"$.{name}[{number}]"
            yield from _outside(place, _fields(finding, "import_seconds"), 0.0, LONGEST_SECONDS)
            yield from _outside(place, _fields(finding, "threads"), 0.0, 1e6)
    for number, measurement in enumerate(machine.measurements):
        yield from _measurement_faults(f"$.measurements[{number}]", measurement)
    for number, comparison in enumerate(machine.comparisons):
        yield from _outside(
            f"$.comparisons[{number}]", _fields(comparison, "ratio"), 0.0, 1e12, open_=True
        )


def _measurement_faults(place: str, measurement: Measurement) -> Iterator[tuple[str, str]]:
    yield from _outside(
        place, _fields(measurement, "flops", "bytes_moved", "efficiency"), 0.0, LARGEST_NUMBER
    )
    times = _fields(measurement, "median_seconds", "minimum_seconds")
    yield from _outside(place, times, 0.0, LONGEST_SECONDS, open_=True)
    spread = _fields(measurement, "interquartile_range_seconds", "first_call_seconds")
    yield from _outside(place, spread, 0.0, LONGEST_SECONDS)
    percentiles = tuple((f"percentiles.{at}", one) for at, one in measurement.percentiles.items())
    yield from _outside(place, percentiles, 0.0, LONGEST_SECONDS, open_=True)
    yield from _values_outside(place, measurement.values)
    if measurement.ci95 is not None:
        low, high = measurement.ci95
        if not 0.0 < low <= high <= LONGEST_SECONDS:
            yield f"{place}.ci95", f"is {low:g} to {high:g}, which is no interval of seconds"
    sizes = ("peak_resident_bytes", "imported_resident_bytes", "peak_device_bytes")
    yield from _outside(place, _fields(measurement, *sizes), 0.0, MOST_MEMORY_BYTES, open_=True)
    if measurement.count < 0:
        yield f"{place}.count", f"is {measurement.count}"
    for number, one in enumerate(measurement.rounds):
        at = f"{place}.rounds[{number}]"
        controls = _fields(
            one,
            "control_before_seconds",
            "control_after_seconds",
            "small_operations_before_seconds",
            "small_operations_after_seconds",
        )
        yield from _outside(at, controls, 0.0, LONGEST_SECONDS, open_=True)
        yield from _outside(at, _fields(one, "foreign_cpu", "cpu_per_wall"), 0.0, 1e6)
        yield from _values_outside(at, one.values)
    if measurement.verdict.status == "valid":
        yield from _proof_faults(place, measurement)


def _proof_faults(place: str, measurement: Measurement) -> Iterator[tuple[str, str]]:
    """A time that counts has a median, an interval that holds it, and a proof of equal work."""
    if measurement.median_seconds is None:
        yield f"{place}.median_seconds", "is missing though the verdict is `valid`"
    if measurement.purpose == "overhead":
        return
    proof = measurement.equal_work
    if proof is None or not proof.passed or not 0.0 <= proof.max_rel_err <= proof.tolerance <= 0.1:
        yield f"{place}.equal_work", "does not prove equal work though the verdict is `valid`"


def _fields(owner: msgspec.Struct, *names: str) -> tuple[tuple[str, float | None], ...]:
    """The named fields with their values, for a range check."""
    return tuple((name, getattr(owner, name)) for name in names)


def _outside(
    place: str,
    fields: Iterable[tuple[str, float | None]],
    low: float,
    high: float,
    *,
    open_: bool = False,
) -> Iterator[tuple[str, str]]:
    """The fields that have a value outside the range; `open_`: `low` itself is outside too."""
    for name, value in fields:
        if value is not None and not (low < value <= high if open_ else low <= value <= high):
            yield f"{place}.{name}", f"is {value:g}, which no probe can have measured"


def _values_outside(place: str, values: tuple[float, ...]) -> Iterator[tuple[str, str]]:
    """Raw values that are no seconds."""
    # To name each of some ten thousand values takes four times as long as to decode them.
    if not values or (min(values) > 0.0 and max(values) <= LONGEST_SECONDS):
        return
    named = ((f"values[{at}]", value) for at, value in enumerate(values))
    yield from _outside(place, named, 0.0, LONGEST_SECONDS, open_=True)


def is_machine_file(data: bytes) -> bool:
    """Whether the bytes say of themselves that they are a machine file, of whatever version."""
    return SCHEMA.rpartition("/")[0].encode() in data[:200]
