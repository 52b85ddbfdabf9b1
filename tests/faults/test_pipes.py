"""A pipe where a file belongs, and readers that leave: no waiting for ever, no work lost, quiet."""

import os
import sys
from pathlib import Path

import pytest

from probes.results import decode_machine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes as Unix has them")
ROOT = Path(__file__).resolve().parents[2]
STUDENT = ROOT / "assets" / "examples" / "student.yaml"


@pytest.mark.parametrize(
    "arguments",
    [
        ["recommend", "--answers", "pipe"],
        ["recommend", "--answers", STUDENT, "--knowledge", "pack"],
        ["replay", "pipe"],
        *(
            pytest.param(words, marks=pytest.mark.slow)
            for words in (
                ["recommend", "--answers", STUDENT, "--machine", "pipe"],
                ["recommend", "--answers", STUDENT, "--existing", "pipe"],
                ["compare", "pipe", "pipe"],
            )
        ),
    ],
    ids=["answers", "pack", "report", "machine", "existing", "two reports"],
)
def test_a_pipe_is_refused_and_not_waited_for(arguments, fault, message):
    (fault.folder / "pack").mkdir()
    for name in ("pipe", "pack/rules.yaml"):
        os.mkfifo(fault.folder / name)
    said = message(fault.run(*arguments))
    assert "is a pipe or a device, not a file" in said or "pipe: is no file" in said


def reads_one_line(fault, *arguments, both=True):
    """The program with a reader of its output, and of its remarks, who leaves after a line."""
    process = fault.start(
        *arguments,
        through=["sh", "-c", 'exec "$@" 2>&1' if both else 'exec "$@"', "sh"],
        PYTHONUNBUFFERED=None,
    )
    process.stdout.readline()
    process.stdout.close()
    return fault.end(process)


def test_a_probe_of_whose_progress_one_line_is_read_writes_its_file(fault):
    """Of a framework that is not there, which is said first, and ends it in part."""
    ended = reads_one_line(fault, "probe", "--frameworks", "mlx", "--out", "machine.json")
    assert ended.code == 3
    decode_machine((fault.folder / "machine.json").read_bytes(), "it")


def test_output_of_which_one_line_is_read_ends_quietly(fault):
    ended = reads_one_line(fault, "knowledge", "show", "comparison", both=False)
    assert (ended.code, ended.error) == (0, "")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a device of Linux")
@pytest.mark.parametrize(
    "arguments", [["--version"], ["schema", "answers"]], ids=lambda one: one[0]
)
def test_output_onto_a_full_disk_is_one_message(arguments, fault, message):
    through = ["sh", "-c", 'exec "$@" > /dev/full', "sh"]
    said = message(fault.run(*arguments, through=through, PYTHONUNBUFFERED=None))
    assert "the disk is full" in said or "No space left" in said
