"""A disk that is full or cannot be written, a user without a home: said in a line, nothing lost."""

import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="mounts and users are Linux' own"
)
ROOT = Path(__file__).resolve().parents[2]
STUDENT = ROOT / "assets" / "examples" / "student.yaml"
MACHINE = ROOT / "tests" / "data" / "machine_quick.json"
SUFFIXES = (".html", ".pdf", ".md", ".json")
RECOMMEND = ("recommend", "--answers", STUDENT, "--machine", MACHINE, "--today", "2026-11-21")


@pytest.fixture
def outs(tmp_path):
    """A folder with a report of each kind from before, and the options that replace them."""
    folder = tmp_path / "reports"
    folder.mkdir()
    paths = [folder / f"report{suffix}" for suffix in SUFFIXES]
    for path in paths:
        path.write_bytes(b"old")
    return folder, paths, [word for path in paths for word in ("--out", path)]


@pytest.mark.slow
@pytest.mark.parametrize("kilobytes", [24, 120, 400])
def test_a_disk_that_fills_up_while_reports_are_written(kilobytes, fault, mounted, message, outs):
    """The disk lives as long as the process: it is looked at from inside."""
    folder, paths, options = outs
    seen = fault.folder / "seen"
    seen.mkdir()
    through = mounted(
        f"mount -t tmpfs -o size={kilobytes}k none '{folder}'",
        *(f"printf old > '{path}'" for path in paths),
        f'trap \'cp -r "{folder}/." "{seen}"\' EXIT',
        '"$@"',
        "exit",
    )
    ended = fault.run(*RECOMMEND, *options, through=through)
    assert "the disk is full; free some space or choose another folder" in message(ended)
    begun = [(seen / path.name).read_bytes() for path in paths]
    whole = {".html": b"</html>", ".pdf": b"%%EOF", ".md": b"", ".json": b"}"}
    for path, data in zip(paths, begun, strict=True):
        if data != b"old" and not data.rstrip().endswith(whole[path.suffix]):
            fault.record.lost.append(path.name)
    assert not fault.record.lost
    assert b"old" in begun
    assert sorted(one.name for one in seen.iterdir()) == sorted(one.name for one in paths)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["starter", "--framework", "jax", "--task", "tabular", "full/project"], "full/project"),
        (["probe", "--make-bundle", "full/probe.pyz"], "full/probe.pyz"),
        (["install", "create", "full/new", "--line", "pip install six", "--yes"], "full/new"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_does_not_fit_on_the_disk_is_not_begun(arguments, told, fault, mounted, calm):
    (fault.folder / "full").mkdir()
    seen = fault.folder / "seen"
    through = mounted(
        "mount -t tmpfs -o size=4k none full",
        f"trap 'ls -A full > \"{seen}\"' EXIT",
        '"$@"',
        "exit",
    )
    ended = fault.run(*arguments, through=through)
    error = calm(ended, 2, 3)
    assert told in error
    assert seen.read_text() == ""


@pytest.mark.slow
def test_with_a_full_disk_for_temporary_files_nothing_crashes(fault, mounted, calm):
    through = mounted(
        f"mount -t tmpfs -o size=16k none '{fault.temporary}'",
        f"head -c 16384 /dev/zero > '{fault.temporary}/full' || true",
    )
    ended = fault.run("probe", "--frameworks", "jax", "--workloads", "mlp_train", "--out", "m.json",
                      through=through)  # fmt: skip
    calm(ended, 0, 2, 3)


@pytest.mark.slow
def test_a_home_that_can_only_be_read_keeps_no_history_and_says_so(fault, mounted, calm):
    through = mounted(f"mount -t tmpfs -o ro none '{fault.home}'")
    ended = fault.run(*RECOMMEND, "--out", "report.json", through=through)
    error = calm(ended, 0)
    assert "not added to the history" in error
    assert "the disk can only be read" in error
    assert (fault.folder / "report.json").read_bytes().rstrip().endswith(b"}")


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [["history", "list"], ["history", "forget-all", "--yes"], ["gui", "--exit-after-paint"]],
    ids=lambda words: words[0] + words[1],
)
def test_with_a_home_that_can_only_be_read_the_rest_works(arguments, fault, mounted, calm):
    through = mounted(f"mount -t tmpfs -o ro none '{fault.home}'")
    calm(fault.run(*arguments, through=through), 0)


NOWHERE = {"HOME": None, "FRAMEWORK_ADVISOR_HOME": None, "XDG_CONFIG_HOME": None,
           "XDG_DATA_HOME": None}  # fmt: skip


def test_without_any_home_the_recommendation_is_made_all_the_same(fault, stranger, calm):
    ended = fault.run(*RECOMMEND, "--out", "report.json", through=stranger, **NOWHERE)
    error = calm(ended, 0)
    assert error.count("framework-advisor: ") == 1
    assert "not added to the history: home folder: there is none for this user; set HOME" in error
    assert [one.name for one in fault.folder.iterdir() if one.name == "~"] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments", [["history", "list"], ["gui", "--exit-after-paint"]], ids=lambda one: one[0]
)
def test_what_needs_a_home_says_so(arguments, fault, stranger, message):
    ended = fault.run(*arguments, through=stranger, **NOWHERE)
    assert "home folder: there is none for this user; set HOME" in message(ended)


@pytest.mark.slow
def test_without_any_home_the_machine_is_looked_at(fault, stranger, calm):
    calm(fault.run("probe", "--frameworks", "mlx", through=stranger, **NOWHERE), 3)
    calm(fault.run("knowledge", "check", through=stranger, **NOWHERE), 0)


def test_without_a_folder_for_temporary_files_a_probe_says_which_variable_helps(
    fault, mounted, message
):
    # What lies there stays to be read: the checkout may be in one of them.
    folders = ("/tmp", "/var/tmp")
    through = mounted(
        *(f"mount --bind {one} {one} && mount -o remount,bind,ro {one}" for one in folders),
        "cd /proc",
    )
    ended = fault.run(
        "probe", "--frameworks", "jax", through=through, at=ROOT, TMPDIR="/nonexistent"
    )
    assert "temporary files" in message(ended)
    assert "TMPDIR" in message(ended)
