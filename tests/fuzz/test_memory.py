"""A file made to fill the memory is refused while the program stays small."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from formats import FORMATS, session, small_machine

MEGABYTES = 1_000
"""Beyond what the program has once it runs; 60 MB of entries of two bytes would take as much."""
SIZE = 60 * 2**20
SMALL = 8 * 2**20
"""Beyond the limits of all other formats."""


def filled(whole: bytes, field: str, opening: bytes, entry: bytes, closing: bytes) -> bytes:
    """A file with one field grown to what may just be read."""
    plain = msgspec.json.decode(whole)
    plain[field] = "HERE"
    inside = opening + b",".join([entry] * (SIZE // (len(entry) + 1))) + closing
    return msgspec.json.encode(plain).replace(b'"HERE"', inside)


def bombs():
    machine, report = small_machine(), FORMATS["report"].examples()[0]
    keys = b",".join(b'"%d":1' % number for number in range(5_000_000))
    grown = msgspec.json.encode({**msgspec.json.decode(machine), "seconds_by_use": "HERE"})
    return {
        "machine#texts": filled(machine, "notes", b"[", b'"ab"', b"]"),
        "machine#keys": grown.replace(b'"HERE"', b"{" + keys + b"}"),
        "machine#lists": filled(machine, "comparisons", b"[", b"[]", b"]"),
        "report#figures": filled(report, "notes", b"[", b"1", b"]"),
        "session#what-ifs": filled(session(), "what_ifs", b"[", b"{}", b"]"),
        "session#machine": filled(session(), "machine", b"[", b"1", b"]"),
        "any file#depth": b'{"schema":"framework-advisor/report/1","a":' + b"[" * SIZE,
        "history entry#depth": b'{"schema":"framework-advisor/report/1","a":' + b"[" * SIZE,
        "settings#depth": b"[" * SMALL,
        "starter.yaml#lines": b"a: b\n" * (SMALL // 5),
        "answers#lines": b"- \n" * (SMALL // 3),
        "pyproject.toml#lines": b"a=[\n" * (SMALL // 4),
    }


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits its memory as Linux does")
def test_no_file_fills_the_memory(tmp_path):
    made = bombs()
    for name, data in made.items():
        (tmp_path / f"{name}.bomb").write_bytes(data)
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("little_memory.py"), tmp_path, str(MEGABYTES)],
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    said = dict(line.partition(".bomb: ")[::2] for line in done.stdout.splitlines())
    assert set(said) == set(made)
    assert {name for name, outcome in said.items() if not outcome.startswith("refused")} == set()
