"""Little memory, few files, few processes: a line that names it, and never a traceback."""

import signal
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="limits of a Unix shell"),
]
ROOT = Path(__file__).resolve().parents[2]
STUDENT = ROOT / "assets" / "examples" / "student.yaml"
RECOMMEND = ("recommend", "--answers", STUDENT, "--today", "2026-11-21")


@pytest.mark.parametrize("files", [8, 12, 20, 32])
def test_with_few_files_a_report_is_whole_or_there_is_none(files, fault, limited, calm):
    old = fault.folder / "report.json"
    old.write_bytes(b"old")
    ended = fault.run(*RECOMMEND, "--out", old, through=limited(f"-n {files}"))
    calm(ended, 0, 2)
    if ended.code == 2:
        fault.keeps(old, b"old")
    else:
        assert old.read_bytes().rstrip().endswith(b"}")
    fault.leaves_nothing_temporary()


@pytest.mark.parametrize(
    ("megabytes", "suffix"),
    [
        *((megabytes, ".json") for megabytes in (60, 100, 140, 180, 220, 300)),
        *((megabytes, ".pdf") for megabytes in (220, 300, 500, 800)),
    ],
)
def test_with_little_memory_a_report_is_whole_or_there_is_none(
    megabytes, suffix, fault, limited, calm
):
    old = fault.folder / f"report{suffix}"
    old.write_bytes(b"old")
    through = limited(f"-v {megabytes * 1024}")
    ended = fault.run(*RECOMMEND, "--out", old, through=through, OPENBLAS_NUM_THREADS="1")
    # Typst gives up with words of its own where it gets no memory, and takes the process along.
    calm(ended, 0, 2, *([-signal.SIGABRT] if suffix == ".pdf" else []))
    if ended.code:
        assert "memory" in ended.error
        fault.keeps(old, b"old")
    else:
        assert old.read_bytes().rstrip().endswith({".json": b"}", ".pdf": b"%%EOF"}[suffix])


def test_the_size_of_files_may_be_limited(fault, limited, message):
    old = fault.folder / "report.html"
    old.write_bytes(b"old")
    ended = fault.run(*RECOMMEND, "--out", old, through=limited("-f 8"))
    assert str(old) in message(ended)
    fault.keeps(old, b"old")
    fault.leaves_nothing_temporary()


PROBE = ("probe", "--frameworks", "jax", "--workloads", "mlp_train", "--out", "m.json")


@pytest.mark.parametrize("more", [0, 1, 2, 4, 8])
def test_with_few_processes_a_probe_says_so(more, fault, limited, stranger, calm):
    """The limit counts the processes of this user in a space of its own: the program's threads
    and its workers, which have none of their own here."""
    through = [*stranger, *limited(f"-u {1 + more}")]
    ended = fault.run(*PROBE, through=through, program="dummies")
    error = calm(ended, 0, 2, 3)
    assert error
    assert (fault.folder / "m.json").exists() == (ended.code != 2)


@pytest.mark.parametrize(
    ("limits", "program"), [("-n 16", "dummies"), ("-n 24", "dummies"), ("-v 600000", None)]
)
def test_a_worker_that_does_not_get_what_it_needs_is_a_finding(
    limits, program, fault, limited, calm
):
    """The memory is what a real framework does not get."""
    ended = fault.run(*PROBE, through=limited(limits), program=program)
    calm(ended, 0, 2, 3)
    assert (fault.folder / "m.json").exists() == (ended.code != 2)


@pytest.mark.parametrize("limits", ["-n 24", "-v 400000"])
def test_a_window_without_what_it_needs_ends(limits, fault, limited):
    ended = fault.run("gui", "--exit-after-paint", through=limited(limits))
    assert ended.code != 130
    assert "Traceback" not in ended.error
