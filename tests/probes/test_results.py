"""Machine files: what was written is read back, and everything else is refused in words."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.results import (
    EqualWork,
    FrameworkFinding,
    Machine,
    MachineFileError,
    Measurement,
    Round,
    Verdict,
    decode_machine,
    encode_machine,
)


@pytest.fixture
def machine(hardware) -> Machine:
    round_ = Round(
        number=1, values=(0.002, 0.0021), control_before_seconds=0.01, control_after_seconds=0.01,
        foreign_cpu=0.0, cpu_per_wall=1.9,
    )  # fmt: skip
    measurement = Measurement(
        framework="jax",
        mode="jax/jit",
        workload="mlp_train",
        workload_version="abc",
        purpose="training",
        device="cpu",
        python="/env/bin/python",
        median_seconds=0.002,
        ci95=(0.0019, 0.0022),
        minimum_seconds=0.002,
        count=2,
        values=(0.002, 0.0021),
        rounds=(round_,),
        equal_work=EqualWork(passed=True, max_rel_err=1e-6, tolerance=1e-4),
        verdict=Verdict(status="valid"),
    )
    return Machine(
        run_id="1",
        started_utc="2026-11-21T10:00:00+00:00",
        finished_utc="2026-11-21T10:01:00+00:00",
        seconds=60.0,
        tier="quick",
        program_version="0.1.0",
        fingerprint="f",
        hardware=hardware,
        environments=(),
        frameworks=(
            FrameworkFinding(framework="jax", python="/env", version="0.10.2", state="works"),
        ),
        measurements=(measurement,),
        control_seconds=0.01,
    )


def test_what_was_written_is_read_back(machine):
    assert decode_machine(encode_machine(machine), "machine.json") == machine


def test_a_file_is_readable_by_a_person(machine):
    text = encode_machine(machine).decode()
    assert text.startswith('{\n "schema": "framework-advisor/machine/1",\n')
    assert text.endswith("}\n")


@given(share=st.floats(0.01, 0.99))
def test_a_file_that_was_cut_short_is_told(share):
    data = b'{"schema": "framework-advisor/machine/1", "run_id": "1", "notes": ["a", "b"]}'
    with pytest.raises(MachineFileError, match=r"^m\.json: is not whole JSON"):
        decode_machine(data[: max(1, int(share * len(data)))], "m.json")


FOREIGN = {
    "empty": (b"", "is empty"),
    "blank": (b" \n", "is empty"),
    "not text": (b"\xff\xfe\x00", "is not whole JSON"),
    "yaml": (b"schema: framework-advisor/machine/1\n", "is not whole JSON"),
    "a list": (b"[1]", "is JSON but no machine file"),
    "another JSON": (b'{"name": "x"}', "is JSON but no machine file"),
    "a number for the schema": (b'{"schema": 1}', "is JSON but no machine file"),
    "another kind": (
        b'{"schema": "framework-advisor/answers/1"}',
        "$.schema is 'framework-advisor/answers/1', this program reads "
        "'framework-advisor/machine/1'; this is another kind of file",
    ),
    "a later version": (
        b'{"schema": "framework-advisor/machine/2"}',
        "use the version of the program that wrote it",
    ),
    "too deep": (b'{"a": ' + b"[" * 100_000, "deep"),
}


@pytest.mark.parametrize(("data", "words"), FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_file_is_told_with_its_name(data, words):
    with pytest.raises(MachineFileError) as caught:
        decode_machine(data, "m.json")
    assert str(caught.value).startswith("m.json: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


WRONG = {
    "wrong type": (("hardware", "memory_bytes"), "lots", "$.hardware.memory_bytes"),
    "missing": (("hardware",), None, "$.hardware"),
    "unknown state": (("frameworks", 0, "state"), "great", "$.frameworks[0].state"),
    "unknown field": (("frameworks", 0, "stat"), "works", "stat"),
    "negative time": (
        ("measurements", 0, "median_seconds"), -1.0, "$.measurements[0].median_seconds",
    ),
    "no time at all": (
        ("measurements", 0, "median_seconds"), None, "$.measurements[0].median_seconds",
    ),
    "beyond all limits": (("measurements", 0, "values"), [1e30], "$.measurements[0].values[0]"),
    "more memory than there is": (
        ("measurements", 0, "peak_resident_bytes"), 2**60, "$.measurements[0].peak_resident_bytes",
    ),
    "an interval upside down": (
        ("measurements", 0, "ci95"), [2.0, 1.0], "$.measurements[0].ci95",
    ),
    "a control of nothing": (
        ("measurements", 0, "rounds", 0, "control_before_seconds"), 0.0,
        "$.measurements[0].rounds[0].control_before_seconds",
    ),
    "valid without a proof": (
        ("measurements", 0, "equal_work"), None, "$.measurements[0].equal_work",
    ),
    "valid with a failed proof": (
        ("measurements", 0, "equal_work", "passed"), False, "$.measurements[0].equal_work",
    ),
    "valid with too large an error": (
        ("measurements", 0, "equal_work", "max_rel_err"), 0.5, "$.measurements[0].equal_work",
    ),
    "no cores": (("hardware", "cpu", "usable_cores"), 0.0, "$.hardware.cpu.usable_cores"),
}  # fmt: skip


@pytest.mark.parametrize(("path", "value", "place"), WRONG.values(), ids=WRONG)
def test_a_wrong_value_is_told_with_its_place(machine, path, value, place):
    document = json.loads(encode_machine(machine))
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    with pytest.raises(MachineFileError) as caught:
        decode_machine(json.dumps(document).encode(), "m.json")
    assert str(caught.value).startswith("m.json: ")
    assert place in str(caught.value)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_what_is_no_number_is_refused(machine, number):
    data = encode_machine(machine).replace(b'"seconds": 60.0', f'"seconds": {number}'.encode())
    with pytest.raises(MachineFileError, match=r"^m\.json: "):
        decode_machine(data, "m.json")


def test_a_measurement_that_does_not_count_needs_no_proof(machine):
    skipped = msgspec.structs.replace(
        machine.measurements[0], equal_work=None, median_seconds=None, ci95=None, values=(),
        rounds=(), verdict=Verdict(status="skipped", reasons=("no time",)),
    )  # fmt: skip
    changed = msgspec.structs.replace(machine, measurements=(skipped,))
    assert decode_machine(encode_machine(changed), "m.json") == changed


RECORDED = Path(__file__).resolve().parents[1] / "data" / "machine_quick.json"


def test_a_recorded_file_of_five_frameworks_is_read():
    machine = decode_machine(RECORDED.read_bytes(), RECORDED.name)
    assert {one.framework for one in machine.frameworks} == {
        "pytorch", "tensorflow", "keras", "jax", "paddlepaddle",
    }  # fmt: skip
    proven = [one for one in machine.measurements if one.equal_work is not None]
    assert proven
    assert all(one.equal_work.passed and one.equal_work.max_rel_err <= 1e-4 for one in proven)
